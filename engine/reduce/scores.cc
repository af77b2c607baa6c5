#include "reduce/scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace fabcast {

WeightedSample::WeightedSample(std::span<const double> values, std::span<const double> weights) {
  if (values.size() != weights.size())
    throw std::invalid_argument("a weighted sample needs one weight for each value");
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) throw std::invalid_argument("a sample's value is not finite");
    if (!(std::isfinite(weights[i]) && weights[i] >= 0))
      throw std::invalid_argument("a sample's weight is negative or not finite");
  }
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // Stable, so that weights of equal values are added in one order everywhere.
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return values[a] < values[b]; });
  double sum = 0;
  for (const size_t i : order) {
    sum += weights[i];
    values_.push_back(values[i]);
    cumulative_.push_back(sum);
  }
  if (!(sum > 0)) throw std::invalid_argument("no weight of a sample is positive");
}

double WeightedSample::quantile(double level) const {
  if (!(level > 0 && level <= 1)) throw std::invalid_argument("a quantile's level is in (0, 1]");
  const auto reached =
      std::lower_bound(cumulative_.begin(), cumulative_.end(), level * cumulative_.back());
  return values_[static_cast<size_t>(reached - cumulative_.begin())];
}

double WeightedSample::pit(double y) const {
  const auto weight_of = [&](auto end) {
    return end == values_.begin() ? 0.0
                                  : cumulative_[static_cast<size_t>(end - values_.begin()) - 1];
  };
  const auto [first, last] = std::equal_range(values_.begin(), values_.end(), y);
  return (weight_of(first) + weight_of(last)) / 2 / cumulative_.back();
}

double WeightedSample::crps(double y) const {
  // Outside the sample F is 0 or 1, and on the wrong side of y the integrand is 1.
  double sum = std::max(0.0, values_.front() - y) + std::max(0.0, y - values_.back());
  for (size_t i = 0; i + 1 < values_.size(); ++i) {
    const double from = values_[i], to = values_[i + 1];
    const double f = cumulative_[i] / cumulative_.back();
    const double split = std::clamp(y, from, to);
    sum += f * f * (split - from) + (1 - f) * (1 - f) * (to - split);
  }
  return sum;
}

}  // namespace fabcast
