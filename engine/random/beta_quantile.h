#pragma once
/// Quantiles of the beta families (beta, PERT). The exact inverse costs about a microsecond, so
/// columns of draws read a table instead.

#include <vector>

#include "random/distribution.h"
#include "simd/math.h"

namespace fabcast {

/// Beta(alpha, beta) stretched to [low, high].
struct ScaledBeta {
  double alpha, beta, low, high;

  double quantile(double u, double upper) const;  ///< `upper` is 1 - u
  double cdf(double value) const;
};

/// The beta that a pert or beta distribution is, truncation left out.
ScaledBeta beta_of(const Distribution& distribution);

/// A table of x(z) = quantile(Phi(z)) on beta_table_low <= z <= -beta_table_low: even intervals,
/// six coefficients each, of the quintic that meets x, x' and x'' at both ends. As few intervals,
/// from 128, as keep a point of each within 1e-10 of the width; empty where 1024 do not (very small
/// shapes).
std::vector<double> beta_table(const ScaledBeta& beta);

inline constexpr double beta_table_low = -8.5;  ///< Phi is 1e-17 here: no uniform draw is smaller
inline constexpr size_t beta_table_terms = 6;

/// x(z) from the table; z is cut at its ends.
FABCAST_INLINE double beta_from_table(const double* table, int intervals, double z) {
  // Intervals are a power of two, so that this is as exact as dividing them.
  double position = (z - beta_table_low) * (intervals * (1 / (-2 * beta_table_low)));
  position = position < 0.0 ? 0.0 : position;
  position = position > intervals ? static_cast<double>(intervals) : position;
  int interval = static_cast<int>(position);
  interval = interval < intervals ? interval : intervals - 1;
  const double t = position - interval;
  const double* c = table + static_cast<size_t>(interval) * beta_table_terms;
  return simd::polynomial(t, c[0], c[1], c[2], c[3], c[4], c[5]);
}

}  // namespace fabcast
