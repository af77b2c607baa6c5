#include "reduce/counts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fabcast {

Interval wilson(uint64_t hits, uint64_t trials, NormalReach reach) {
  const auto n = static_cast<double>(trials);
  return wilson_of_share(static_cast<double>(hits) / n, n, reach);
}

Interval wilson_of_share(double share, double trials, NormalReach reach) {
  if (!(trials > 0)) return {0, 1};
  const double n = trials;
  const double z = reach.z;
  const double middle = share + z * z / (2 * n);
  const double side = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {share <= 0 ? 0 : std::max(0.0, (middle - side) / scale),
          share >= 1 ? 1 : std::min(1.0, (middle + side) / scale)};
}

double effective_sample_size(std::span<const uint32_t> weights) {
  double sum = 0, squares = 0;
  for (const uint32_t weight : weights) {
    const auto w = static_cast<double>(weight);
    sum += w;
    squares += w * w;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

Interval weighted_wilson(double hits, double total, double hits_squared, double total_squared,
                         NormalReach reach) {
  if (!(total > 0)) return {0, 1};
  const double p = hits / total, miss = 1 - p;
  const double misses_squared = std::max(0.0, total_squared - hits_squared);
  const double squares = miss * miss * hits_squared + p * p * misses_squared;
  const bool both = p > 0 && miss > 0 && squares > 0;
  const double n = (both ? p * miss / squares : 1 / total_squared) * total * total;
  return wilson_of_share(p, n, reach);
}

std::optional<size_t> quantile_cell(std::span<const uint64_t> cells, double level) {
  const auto all = std::accumulate(cells.begin(), cells.end(), uint64_t{0});
  const double asked = level * static_cast<double>(all);
  uint64_t reached = 0;
  for (size_t cell = 0; cell < cells.size(); ++cell) {
    reached += cells[cell];
    if (reached > 0 && static_cast<double>(reached) >= asked) return cell;
  }
  return {};
}

}  // namespace fabcast
