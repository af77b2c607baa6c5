#pragma once
/// Installed compute, retirement, training time (model.md, section 13).

#include <cmath>
#include <span>

#include "base/calendar.h"
#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {

/// Logarithm of survival_fraction.
template <class T>
FABCAST_INLINE T survival_log(T years, T failure_rate_per_year, T wear_out_per_year2) {
  return -failure_rate_per_year * years - T(0.5) * wear_out_per_year2 * years * years;
}

/// Part of a cohort that still runs at an age: exp(-h0 a - h1 a^2 / 2), 0 from the lifetime on.
/// Hazard h0 + h1 a per year, age in years.
inline double survival_fraction(double years, double failure_rate_per_year,
                                double wear_out_per_year2) {
  return std::exp(survival_log(years, failure_rate_per_year, wear_out_per_year2));
}

/// Installed parts: sum over cohorts of deployed(month) x survival(age). `deployed`: the cohorts
/// from the newest (age 0) to the oldest; `survival`: by age in months.
void installed_parts(int lanes, std::span<const Real* const> deployed,
                     std::span<const double> survival, Out installed);

/// The same from the month before, where of all parts the same part `alive` is left after a month:
/// installed = alive x installed + deployed.
void installed_parts(int lanes, Real alive, In deployed, Out installed);

struct SurvivalColumns {
  In failure_rate;     ///< per year
  In wear_out;         ///< per year^2
  In lifetime_months;  ///< whole
};

/// The same where a trial draws how long parts live.
void installed_parts(int lanes, std::span<const Real* const> deployed, const SurvivalColumns& in,
                     Out installed);

/// total = installed x each.
void installed_measure(int lanes, In installed, In each, Out total);

/// Months to train: flop / (installed PFLOPS x 1e15 x share x utilisation x seconds of a month), at
/// most 1e6 months (no compute).
void training_months(int lanes, In flop, In installed_pflops, In share, In utilisation, Out months);

}  // namespace fabcast
