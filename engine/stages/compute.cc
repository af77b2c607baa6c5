#include "stages/compute.h"

#include <algorithm>
#include <limits>

namespace fabcast {

FABCAST_KERNEL
void installed_parts(int lanes, std::span<const Real* const> deployed,
                     std::span<const double> survival, Out installed) {
  // Past the lifetime nothing is left.
  size_t ages = std::min(deployed.size(), survival.size());
  while (ages > 0 && survival[ages - 1] == 0) --ages;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) installed[t] = 0;
  size_t age = 0;
  for (; age + 4 <= ages; age += 4) {  // four at a time: the sum is fetched once for them
    const Real* __restrict c0 = deployed[age], * __restrict c1 = deployed[age + 1];
    const Real* __restrict c2 = deployed[age + 2], * __restrict c3 = deployed[age + 3];
    const auto alive = [&](size_t i) { return static_cast<Real>(survival[age + i]); };
    const Real a0 = alive(0), a1 = alive(1), a2 = alive(2), a3 = alive(3);
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      installed[t] = installed[t] + a0 * c0[t] + a1 * c1[t] + a2 * c2[t] + a3 * c3[t];
    }
  }
  for (; age < ages; ++age) {
    const Real* __restrict cohort = deployed[age];
    const Real alive = static_cast<Real>(survival[age]);
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) installed[t] += alive * cohort[t];
  }
}

FABCAST_KERNEL
void installed_parts(int lanes, Real alive, In deployed, Out installed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) installed[t] = alive * installed[t] + deployed[t];
}

FABCAST_KERNEL
void installed_parts(int lanes, std::span<const Real* const> deployed, const SurvivalColumns& in,
                     Out installed) {
  const Real* __restrict failure_rate = in.failure_rate;
  const Real* __restrict wear_out = in.wear_out;
  const Real* __restrict lifetime = in.lifetime_months;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) installed[t] = 0;
  for (size_t cohort = 0; cohort < deployed.size(); ++cohort) {
    const Real age = static_cast<Real>(cohort);
    const Real years = age / Real(months_per_year);
    const Real* __restrict parts = deployed[cohort];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const Real alive = simd::exp(survival_log(years, failure_rate[t], wear_out[t]));
      installed[t] += (age < lifetime[t] ? alive : Real(0)) * parts[t];
    }
  }
}

FABCAST_KERNEL
void installed_measure(int lanes, In installed, In each, Out total) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) total[t] = installed[t] * each[t];
}

FABCAST_KERNEL
void training_months(int lanes, In flop, In installed_pflops, In share, In utilisation,
                     Out months) {
  constexpr Real longest = 1e6, least = std::numeric_limits<Real>::min();
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real flop_per_month =
        installed_pflops[t] * Real(1e15) * share[t] * utilisation[t] * Real(seconds_per_month);
    months[t] = std::min(flop[t] / std::max(flop_per_month, least), longest);
  }
}

}  // namespace fabcast
