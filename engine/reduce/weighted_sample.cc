#include "reduce/weighted_sample.h"

#include <algorithm>
#include <limits>

#include "base/lanes.h"
#include "simd/eight.h"

namespace fabcast {
namespace {

using Vector = simd::Eight<double>;
using Weights = simd::Eight<uint32_t>;
using Wide = simd::Eight<uint64_t>;
constexpr size_t lanes = simd::eight;

struct Lanes {
  Vector deviation = {}, square = {}, weighted_deviation = {}, weighted_square = {};
  Vector lowest = Vector{} + std::numeric_limits<double>::infinity(), highest = -lowest;
};

FABCAST_INLINE void add_lanes(const Vector& x, const Weights& weights, double shift, Lanes& sums) {
  // The bits of 2^20 + w / 2^32, exact: older processors do not convert unsigned numbers.
  static_assert(weight_unit == 0x1p32);
  const Wide bits = __builtin_convertvector(weights, Wide) | 0x4130000000000000;
  const Vector w = reinterpret_cast<Vector>(bits) - 0x1p20;
  const Vector none = {}, far = none + std::numeric_limits<double>::infinity();
  const Vector d = w > none ? x - shift : none;
  const Vector wd = w * d;
  sums.deviation += wd;
  sums.square += wd * d;
  sums.weighted_deviation += w * wd;
  sums.weighted_square += wd * wd;
  const Vector low = w > none ? x : far, high = w > none ? x : -far;
  sums.lowest = low < sums.lowest ? low : sums.lowest;
  sums.highest = high > sums.highest ? high : sums.highest;
}

}  // namespace

FABCAST_KERNEL
WeightedSums weighted_sums_of(std::span<const double> values, std::span<const uint32_t> weights,
                              double shift) {
  const size_t whole = values.size() / lanes * lanes;
  Lanes sums;
  for (size_t i = 0; i < whole; i += lanes) {
    Vector x;
    Weights w;
    simd::take_eight(values.data() + i, x);
    simd::take_eight(weights.data() + i, w);
    add_lanes(x, w, shift, sums);
  }
  if (whole < values.size()) {
    Vector x = {};
    Weights w = {};
    for (size_t i = whole; i < values.size(); ++i) {
      x[i - whole] = values[i];
      w[i - whole] = weights[i];
    }
    add_lanes(x, w, shift, sums);
  }
  for (size_t next = 1; next < lanes; next *= 2) {
    for (size_t lane = 0; lane < lanes; lane += 2 * next) {
      sums.deviation[lane] += sums.deviation[lane + next];
      sums.square[lane] += sums.square[lane + next];
      sums.weighted_deviation[lane] += sums.weighted_deviation[lane + next];
      sums.weighted_square[lane] += sums.weighted_square[lane + next];
      sums.lowest[lane] = std::min(sums.lowest[lane], sums.lowest[lane + next]);
      sums.highest[lane] = std::max(sums.highest[lane], sums.highest[lane + next]);
    }
  }
  return {sums.deviation[0],       sums.square[0], sums.weighted_deviation[0],
          sums.weighted_square[0], sums.lowest[0], sums.highest[0]};
}

double squares_of(std::span<const uint32_t> weights) {
  double sum = 0;
  for (const uint32_t weight : weights) {
    const double w = weight / weight_unit;
    sum += w * w;
  }
  return sum;
}

SampleReader::SampleReader(std::span<const double> sorted, std::span<const uint32_t> weights)
    : sorted_(sorted), weight_before_{0}, squares_before_{0} {
  for (const uint32_t weight : weights) {
    const auto w = static_cast<double>(weight);
    weight_before_.push_back(weight_before_.back() + w);
    squares_before_.push_back(squares_before_.back() + w * w);
  }
}

MassPoint SampleReader::at(double mass) const {
  if (mass < 0) return {sorted_.front(), 0};
  if (mass >= weight()) return {sorted_.back(), squares()};
  const auto above = std::upper_bound(weight_before_.begin(), weight_before_.end(), mass);
  const auto step = static_cast<size_t>(above - weight_before_.begin()) - 1;
  const double part =
      (mass - weight_before_[step]) / (weight_before_[step + 1] - weight_before_[step]);
  const double squares =
      squares_before_[step] + part * (squares_before_[step + 1] - squares_before_[step]);
  const bool later = mass >= middle(step);
  if (later ? step + 1 == sorted_.size() : step == 0) return {sorted_[step], squares};
  const size_t from = later ? step : step - 1;
  const double low = sorted_[from], high = sorted_[from + 1];
  const double between = (mass - middle(from)) / (middle(from + 1) - middle(from));
  return {low == high ? low : (1 - between) * low + between * high, squares};
}

}  // namespace fabcast
