#pragma once
/// Expectations over a standard normal, by quadrature.

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>

namespace fabcast {

inline constexpr double normal_end = 37;  ///< |z| beyond has probability below 1e-299

/// Integral of f(z) phi(z) dz from z_low to z_high (cut at +-normal_end): panels of unit width,
/// each by adaptive Gauss-Kronrod to a relative 1e-12.
template <class F>
double normal_expectation(F f, double z_low = -normal_end, double z_high = normal_end) {
  constexpr double inverse_sqrt_two_pi = 0.3989422804014327;
  constexpr unsigned deepest = 12;
  const auto weighted = [&](double z) {
    return f(z) * (inverse_sqrt_two_pi * std::exp(-0.5 * z * z));
  };
  z_low = std::fmax(z_low, -normal_end);
  z_high = std::fmin(z_high, normal_end);
  double sum = 0;
  for (double from = z_low; from < z_high;) {
    const double to = std::fmin(z_high, std::floor(from) + 1);
    sum += boost::math::quadrature::gauss_kronrod<double, 15>::integrate(weighted, from, to,
                                                                         deepest, 1e-12);
    from = to;
  }
  return sum;
}

}  // namespace fabcast
