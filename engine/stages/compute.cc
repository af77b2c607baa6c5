#include "stages/compute.h"

#include <algorithm>

namespace fabcast {

FABCAST_KERNEL
void installed_parts(int lanes, std::span<const double* const> deployed,
                     std::span<const double> survival, Out installed) {
  // Past the lifetime nothing is left.
  size_t ages = std::min(deployed.size(), survival.size());
  while (ages > 0 && survival[ages - 1] == 0) --ages;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) installed[t] = 0;
  size_t age = 0;
  for (; age + 4 <= ages; age += 4) {  // four at a time: the sum is fetched once for them
    const double* __restrict c0 = deployed[age], * __restrict c1 = deployed[age + 1];
    const double* __restrict c2 = deployed[age + 2], * __restrict c3 = deployed[age + 3];
    const double a0 = survival[age], a1 = survival[age + 1], a2 = survival[age + 2],
                 a3 = survival[age + 3];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      installed[t] = installed[t] + a0 * c0[t] + a1 * c1[t] + a2 * c2[t] + a3 * c3[t];
    }
  }
  for (; age < ages; ++age) {
    const double* __restrict cohort = deployed[age];
    const double alive = survival[age];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) installed[t] += alive * cohort[t];
  }
}

FABCAST_KERNEL
void installed_parts(int lanes, std::span<const double* const> deployed, const SurvivalColumns& in,
                     Out installed) {
  const double* __restrict failure_rate = in.failure_rate;
  const double* __restrict wear_out = in.wear_out;
  const double* __restrict lifetime = in.lifetime_months;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) installed[t] = 0;
  for (size_t cohort = 0; cohort < deployed.size(); ++cohort) {
    const double age = static_cast<double>(cohort);
    const double years = age / months_per_year;
    const double* __restrict parts = deployed[cohort];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double alive = simd::exp(survival_log(years, failure_rate[t], wear_out[t]));
      installed[t] += (age < lifetime[t] ? alive : 0.0) * parts[t];
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
  constexpr double longest = 1e6;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double flop_per_month =
        installed_pflops[t] * 1e15 * share[t] * utilisation[t] * seconds_per_month;
    months[t] = std::min(flop[t] / std::max(flop_per_month, 1e-300), longest);
  }
}

}  // namespace fabcast
