#include "reduce/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace fabcast {

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto numbers_end =
      std::partition(order.begin(), order.end(), [&](size_t i) { return !std::isnan(values[i]); });
  std::sort(order.begin(), numbers_end, [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (size_t i = first; i <= last; ++i) {
      ranks[order[i]] = 1 + static_cast<double>(first + last) / 2;
    }
    first = last + 1;
  }
  return ranks;
}

double correlation_of_ranks(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) throw std::logic_error("rank correlation of columns unequal in length");
  // Ranks 1 to n have this mean, ties included.
  const double mean = (static_cast<double>(x.size()) + 1) / 2;
  double xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - mean, dy = y[i] - mean;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (xx == 0 || yy == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

double rank_correlation(std::span<const double> x, std::span<const double> y) {
  return correlation_of_ranks(average_ranks(x), average_ranks(y));
}

}  // namespace fabcast
