#include "reduce/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace fabcast {

namespace {

/// Indices in ascending order of their values, NaNs last.
std::vector<size_t> ascending(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto numbers_end =
      std::partition(order.begin(), order.end(), [&](size_t i) { return !std::isnan(values[i]); });
  std::sort(order.begin(), numbers_end, [&](size_t a, size_t b) { return values[a] < values[b]; });
  return order;
}

/// The last place in `order` of the values equal to that of place `first`.
size_t last_equal(std::span<const double> values, std::span<const size_t> order, size_t first) {
  size_t last = first;
  while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
  return last;
}

/// Pearson's correlation of ranks whose mean is known, each pair counted `weight_of(i)` times.
template <class WeightOf>
double correlation_about(double mean, std::span<const double> x, std::span<const double> y,
                         WeightOf weight_of) {
  if (x.size() != y.size()) throw std::logic_error("rank correlation of columns unequal in length");
  double xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double w = weight_of(i);
    const double dx = x[i] - mean, dy = y[i] - mean;
    xx += w * (dx * dx);
    yy += w * (dy * dy);
    xy += w * (dx * dy);
  }
  if (xx == 0 || yy == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

double above_zero(std::span<const uint32_t> weights) {
  return static_cast<double>(weights.size()) -
         static_cast<double>(std::count(weights.begin(), weights.end(), 0u));
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  const std::vector<size_t> order = ascending(values);
  std::vector<double> ranks(values.size());
  for (size_t first = 0; first < order.size();) {
    const size_t last = last_equal(values, order, first);
    for (size_t i = first; i <= last; ++i) {
      ranks[order[i]] = 1 + static_cast<double>(first + last) / 2;
    }
    first = last + 1;
  }
  return ranks;
}

std::vector<double> average_ranks(std::span<const double> values,
                                  std::span<const uint32_t> weights) {
  if (values.size() != weights.size()) {
    throw std::logic_error("ranks of values and weights unequal in number");
  }
  const std::vector<size_t> order = ascending(values);
  const double n = above_zero(weights);
  const auto all =
      static_cast<double>(std::accumulate(weights.begin(), weights.end(), uint64_t{0}));
  std::vector<double> ranks(values.size());
  uint64_t below = 0;
  for (size_t first = 0; first < order.size();) {
    const size_t last = last_equal(values, order, first);
    uint64_t equal = 0;
    for (size_t i = first; i <= last; ++i) equal += weights[order[i]];
    const double middle = static_cast<double>(below) + static_cast<double>(equal) / 2;
    for (size_t i = first; i <= last; ++i) {
      ranks[order[i]] = (all > 0 ? n * middle / all : 0) + 0.5;
    }
    below += equal;
    first = last + 1;
  }
  return ranks;
}

double correlation_of_ranks(std::span<const double> x, std::span<const double> y) {
  // Ranks 1 to n have this mean, ties included.
  const double mean = (static_cast<double>(x.size()) + 1) / 2;
  return correlation_about(mean, x, y, [](size_t) { return 1.0; });
}

double correlation_of_ranks(std::span<const double> x, std::span<const double> y,
                            std::span<const uint32_t> weights) {
  if (x.size() != weights.size()) {
    throw std::logic_error("rank correlation of columns and weights unequal in length");
  }
  // The weighted mean of M, half of each weight in its own, is W / 2.
  const double mean = (above_zero(weights) + 1) / 2;
  return correlation_about(mean, x, y, [&](size_t i) { return static_cast<double>(weights[i]); });
}

double rank_correlation(std::span<const double> x, std::span<const double> y) {
  return correlation_of_ranks(average_ranks(x), average_ranks(y));
}

}  // namespace fabcast
