#include "reduce/counts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fabcast {

Interval wilson(uint64_t hits, uint64_t trials, NormalReach reach) {
  return wilson_of_share(static_cast<double>(hits) / static_cast<double>(trials), trials, reach);
}

Interval wilson_of_share(double share, uint64_t trials, NormalReach reach) {
  if (trials == 0) return {0, 1};
  const auto n = static_cast<double>(trials);
  const double z = reach.z;
  const double middle = share + z * z / (2 * n);
  const double side = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {share <= 0 ? 0 : std::max(0.0, (middle - side) / scale),
          share >= 1 ? 1 : std::min(1.0, (middle + side) / scale)};
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
