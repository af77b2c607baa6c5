#pragma once
/// The metalog's quantile function (Keelin 2016, doi:10.1287/deca.2016.0338).

#include <algorithm>
#include <array>
#include <span>

#include "simd/math.h"

namespace fabcast {

inline constexpr size_t metalog_terms = 10;  ///< most terms of the basis

/// Coefficients of Keelin's basis; absent terms are zero.
using MetalogCoefficients = std::array<double, metalog_terms>;

inline MetalogCoefficients metalog_coefficients(std::span<const double> terms) {
  MetalogCoefficients all{};
  std::copy_n(terms.begin(), std::min(terms.size(), metalog_terms), all.begin());
  return all;
}

/// M(u) = s(q) + t(q) ln(u/(1-u)), q = u - 1/2: a1, a4, a5, a7, a9 are the coefficients of s and
/// a2, a3, a6, a8, a10 those of t, in ascending powers of q. `upper` is 1 - u.
FABCAST_INLINE double metalog(const MetalogCoefficients& a, double u, double upper) {
  const double q = u - 0.5;
  const double s = simd::polynomial(q, a[0], a[3], a[4], a[6], a[8]);
  const double t = simd::polynomial(q, a[1], a[2], a[5], a[7], a[9]);
  return s + t * simd::log(u / upper);
}

/// t at an end of (0, 1): M(u) ~ slope * ln(u/(1-u)) there. What grows as exp(M) has a finite mean
/// where the slope is below 1, and a finite variance where it is below 1/2.
inline double metalog_tail_slope(const MetalogCoefficients& a, double q) {
  return simd::polynomial(q, a[1], a[2], a[5], a[7], a[9]);
}

}  // namespace fabcast
