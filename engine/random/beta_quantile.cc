#include "random/beta_quantile.h"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace fabcast {

namespace {

// Double throughout: Boost.Math's promotion to long double costs four times the time for digits
// that no draw keeps.
using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

/// x and 1 - x at u, on [0, 1], each to full relative accuracy where it is the smaller.
struct UnitQuantile {
  double x, from_high;
};

UnitQuantile unit_quantile(double alpha, double beta, double u, double upper) {
  if (u <= 0.5) {
    const double x = boost::math::ibeta_inv(alpha, beta, u, Policy());
    return {x, 1 - x};
  }
  const double from_high = boost::math::ibeta_inv(beta, alpha, upper, Policy());
  return {1 - from_high, from_high};
}

struct Knot {
  double x, slope, curvature;  ///< x, dx/dz, d2x/dz2
};

/// x' = phi(z) / f(x), x'' = -x' (z + x' f'(x)/f(x)), f the density on [0, 1].
Knot knot_at(double alpha, double beta, double z) {
  using boost::math::lgamma;
  const UnitQuantile at = unit_quantile(alpha, beta, simd::normal_cdf(z), simd::normal_cdf(-z));
  const double log_beta =
      lgamma(alpha, Policy()) + lgamma(beta, Policy()) - lgamma(alpha + beta, Policy());
  const double log_density =
      (alpha - 1) * std::log(at.x) + (beta - 1) * std::log(at.from_high) - log_beta;
  constexpr double log_sqrt_two_pi = 0.91893853320467274;
  const double slope = std::exp(-0.5 * z * z - log_sqrt_two_pi - log_density);
  const double log_density_slope = (alpha - 1) / at.x - (beta - 1) / at.from_high;
  return {at.x, slope, -slope * (z + slope * log_density_slope)};
}

}  // namespace

double ScaledBeta::quantile(double u, double upper) const {
  const UnitQuantile at = unit_quantile(alpha, beta, u, upper);
  return u <= 0.5 ? low + (high - low) * at.x : high - (high - low) * at.from_high;
}

double ScaledBeta::cdf(double value) const {
  if (value <= low) return 0;
  if (value >= high) return 1;
  return boost::math::ibeta(alpha, beta, (value - low) / (high - low), Policy());
}

ScaledBeta beta_of(const Distribution& d) {
  if (d.family == Family::beta) return {d.a, d.b, d.c, d.d};
  const double width = d.c - d.a;
  return {1 + 4 * (d.b - d.a) / width, 1 + 4 * (d.c - d.b) / width, d.a, d.c};
}

std::vector<double> beta_table(const ScaledBeta& beta) {
  constexpr int most_intervals = 1024;
  constexpr double tolerance = 1e-10;
  for (int intervals = 128; intervals <= most_intervals; intervals *= 2) {
    const double h = -2 * beta_table_low / intervals;
    std::vector<double> table(static_cast<size_t>(intervals) * beta_table_terms);
    bool close = true;
    Knot left = knot_at(beta.alpha, beta.beta, beta_table_low);
    for (int i = 0; i < intervals && close; ++i) {
      const double z = beta_table_low + h * i;
      const Knot right = knot_at(beta.alpha, beta.beta, z + h);
      const double rise = right.x - left.x;
      const double v0 = h * left.slope, v1 = h * right.slope;
      const double a0 = h * h * left.curvature, a1 = h * h * right.curvature;
      double* c = &table[static_cast<size_t>(i) * beta_table_terms];
      c[0] = left.x;
      c[1] = v0;
      c[2] = 0.5 * a0;
      c[3] = 10 * rise - 6 * v0 - 4 * v1 - 1.5 * a0 + 0.5 * a1;
      c[4] = -15 * rise + 8 * v0 + 7 * v1 + 1.5 * a0 - a1;
      c[5] = 6 * rise - 3 * (v0 + v1) - 0.5 * (a0 - a1);
      // Off the middle, where errors of the two slopes would cancel. Written so that a NaN (a
      // density that under- or overflows) is not close.
      const double between = z + 0.3 * h;
      const double exact = unit_quantile(beta.alpha, beta.beta, simd::normal_cdf(between),
                                         simd::normal_cdf(-between))
                               .x;
      close =
          std::fabs(simd::polynomial(0.3, c[0], c[1], c[2], c[3], c[4], c[5]) - exact) < tolerance;
      left = right;
    }
    if (!close) continue;
    const double width = beta.high - beta.low;
    for (size_t i = 0; i < table.size(); ++i)
      table[i] = table[i] * width + (i % beta_table_terms == 0 ? beta.low : 0);
    return table;
  }
  return {};
}

}  // namespace fabcast
