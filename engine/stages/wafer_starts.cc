#include "stages/wafer_starts.h"

#include <algorithm>

namespace fabcast {

FABCAST_KERNEL
void wafer_starts(int lanes, In capacity, In utilisation, Out starts) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) starts[t] = capacity[t] * utilisation[t];
}

FABCAST_KERNEL
void share_divisor(int lanes, std::span<const Real* const> shares, Out divisor) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) divisor[t] = 0;
  for (const Real* share : shares) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) divisor[t] += share[t];
  }
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) divisor[t] = std::max(divisor[t], Real(1));
}

FABCAST_KERNEL
void starts_by_share(int lanes, In starts, In share, In divisor, Out claimed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) claimed[t] = starts[t] * share[t] / divisor[t];
}

FABCAST_KERNEL
void starts_by_priority(int lanes, In cap, Out left, Out claimed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    claimed[t] = std::min(left[t], cap[t]);
    left[t] -= claimed[t];
  }
}

}  // namespace fabcast
