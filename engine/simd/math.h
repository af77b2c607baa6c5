#pragma once
/// Elementary functions for lane loops: branch-free, free of calls, in float and double, so that
/// the compiler turns a loop over them into vector code at whatever width the target has. Each is
/// one fixed sequence of IEEE operations, so it gives the same bits at every width, alone or in a
/// lane.
///
///   FABCAST_LANES
///   for (int t = 0; t < n; ++t) out[t] = simd::exp(in[t]);
///
/// Build with -ffp-contract=off (the same bits) and -fno-math-errno -fno-trapping-math (vectors).
/// Errors are the largest seen in tests/simd/math_test.cc against long double or Boost.Math, in
/// units in the last place (ulp) of float or double.

#include <bit>
#include <cmath>
#include <cstdint>

#include "base/lanes.h"

namespace fabcast::simd {

#define FABCAST_INLINE [[gnu::always_inline]] inline

/// a b + c: in float fused, in double rounded twice. The draws of inputs are made in double, and
/// have been the same bits since before there was anything fused.
FABCAST_INLINE float multiply_add(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
FABCAST_INLINE double multiply_add(double a, double b, double c) { return a * b + c; }

/// a b + c, rounded once. For kernels: a processor without fused multiply-adds takes a call for it.
FABCAST_INLINE float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
FABCAST_INLINE double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }

/// c0 + c1 x + c2 x^2 + …, by Horner's rule.
template <class T>
FABCAST_INLINE T polynomial(T, T c0) {
  return c0;
}
template <class T, class... More>
FABCAST_INLINE T polynomial(T x, T c0, T c1, More... more) {
  return multiply_add(x, polynomial(x, c1, more...), c0);
}

namespace detail {

/// What the two precisions differ in.
template <class T>
struct Precision;

template <>
struct Precision<double> {
  using Bits = uint64_t;
  static constexpr int mantissa_bits = 52;
  static constexpr double exponent_bias = 1023;
  static constexpr Bits sqrt_half = 0x3fe6a09e667f3bcd;
  static constexpr double ln2_high = 0x1.62e42feep-1;  ///< cut: n * ln2_high is exact
  static constexpr double ln2_low = 0x1.a39ef35793c76p-33;
  static constexpr double least_exp = -708, most_exp = 709;
  /// (e^r - 1 - r) / r^2, Chebyshev fit on |r| < 0.347; error below 0.003 ulp of e^r.
  FABCAST_INLINE static double exp_tail(double r) {
    return polynomial(r, 0.5, 0.1666666666666667, 0.04166666666666667, 0.008333333333326084,
                      0.0013888888888883711, 0.0001984126987500228, 2.480158732567746e-05,
                      2.755725517000089e-06, 2.755727347871858e-07, 2.5105312729622103e-08,
                      2.09147553258932e-09);
  }
  /// (ln((1+s)/(1-s)) / s - 2) / s^2 in z = s^2: fdlibm's.
  FABCAST_INLINE static double log_tail(double z) {
    return polynomial(z, 6.666666666666735130e-01, 3.999999999940941908e-01,
                      2.857142874366239149e-01, 2.222219843214978396e-01, 1.818357216161805012e-01,
                      1.531383769920937332e-01, 1.479819860511658591e-01);
  }
};

template <>
struct Precision<float> {
  using Bits = uint32_t;
  static constexpr int mantissa_bits = 23;
  static constexpr float exponent_bias = 127;
  static constexpr Bits sqrt_half = 0x3f3504f3;
  static constexpr float ln2_high = 0x1.62e4p-1f;
  static constexpr float ln2_low = 0x1.7f7d1cp-20f;
  static constexpr float least_exp = -87, most_exp = 88;
  /// Chebyshev fit on |r| < 0.347; error below 0.03 ulp of e^r.
  FABCAST_INLINE static float exp_tail(float r) {
    return polynomial(r, 0.5f, 0.166665761f, 0.0416665535f, 0.00836333308f, 0.0013926376f);
  }
  /// fdlibm's for single precision.
  FABCAST_INLINE static float log_tail(float z) {
    return polynomial(z, 0xaaaaaa.0p-24f, 0xccce13.0p-25f, 0x91e9ee.0p-25f, 0xf89e26.0p-26f);
  }
};

template <class T>
using Bits = typename Precision<T>::Bits;

template <class T>
FABCAST_INLINE Bits<T> bits_of(T x) {
  return std::bit_cast<Bits<T>>(x);
}
template <class T>
FABCAST_INLINE T real_of(Bits<T> bits) {
  return std::bit_cast<T>(bits);
}

/// 2^mantissa_bits: from here on, to its double, numbers lie one apart.
template <class T>
inline constexpr T whole_from = static_cast<T>(Bits<T>{1} << Precision<T>::mantissa_bits);

/// Added to and taken from a small number it rounds to the nearest whole one, which then stands, as
/// two's complement, in the low bits of the sum.
template <class T>
inline constexpr T round_magic = whole_from<T> + whole_from<T> / 2;

/// e^x = 2^n (1 + e), e = expm1(r), r = x - n ln 2 in [-0.347, 0.347].
template <class T>
struct ReducedExp {
  T n;
  T r_high, r_low;   ///< r = r_high - r_low
  T tail;            ///< e^r - 1 - r
  Bits<T> exponent;  ///< n as an exponent, to be added to a number's bits
};

template <class T>
FABCAST_INLINE ReducedExp<T> reduce_exp(T x) {
  using P = Precision<T>;
  x = x < P::least_exp ? P::least_exp : x;
  x = x > P::most_exp ? P::most_exp : x;
  constexpr T per_ln2 = static_cast<T>(0x1.71547652b82fep0);
  const T shifted = x * per_ln2 + round_magic<T>;
  const T n = shifted - round_magic<T>;
  const T r_high = x - n * P::ln2_high;
  const T r_low = n * P::ln2_low;
  const T r = r_high - r_low;
  return {n, r_high, r_low, r * r * P::exp_tail(r), bits_of(shifted) << P::mantissa_bits};
}

/// ln((1 + f) 2^k + c 2^k), 1 + f in [sqrt(1/2), sqrt(2)], c a small correction: fdlibm's
/// s = f/(2+f), ln(1+f) = f - (f^2/2 - s (f^2/2 + R(s^2))), its R and its order of summing.
template <class T>
FABCAST_INLINE T log_of_reduced(T f, T k, T c) {
  using P = Precision<T>;
  const T s = f / (2 + f);
  const T z = s * s;
  const T half_square = T(0.5) * f * f;
  const T r = z * P::log_tail(z);
  return k * P::ln2_high + (f - (half_square - (s * (half_square + r) + (k * P::ln2_low + c))));
}

/// x = mantissa * 2^k, mantissa in [sqrt(1/2), sqrt(2)), for a positive normal x.
template <class T>
struct SplitReal {
  T mantissa, k;
};

template <class T>
FABCAST_INLINE SplitReal<T> split(T x) {
  using P = Precision<T>;
  const Bits<T> one = bits_of(T(1));
  constexpr Bits<T> mantissa_mask = (Bits<T>{1} << P::mantissa_bits) - 1;
  const Bits<T> from_sqrt_half = bits_of(x) - P::sqrt_half + one;
  // The biased exponent in the low bits of 2^mantissa_bits: a whole number without a conversion.
  const T biased = real_of<T>((from_sqrt_half >> P::mantissa_bits) | bits_of(whole_from<T>));
  return {real_of<T>((from_sqrt_half & mantissa_mask) + P::sqrt_half),
          biased - (whole_from<T> + P::exponent_bias)};
}

}  // namespace detail

/// e^x, x clamped to [-708, 709], in float to [-87, 88]. Error below 0.85 ulp, in float 0.9.
template <class T>
FABCAST_INLINE T exp(T x) {
  FABCAST_COUNTS(exp);
  const auto e = detail::reduce_exp(x);
  const T mantissa = 1 + (e.r_high + (e.tail - e.r_low));
  return detail::real_of<T>(detail::bits_of(mantissa) + e.exponent);
}

/// (e^x - 1) / x, and 1 at x = 0: the mean of e^(sx) over s in [0, 1]. e^x is clamped as in exp().
/// Error below 1.7 ulp, in float 1.8.
template <class T>
FABCAST_INLINE T expm1_over(T x) {
  FABCAST_COUNTS(expm1_over);
  const auto e = detail::reduce_exp(x);
  // n = 0: r is x, and (e^r - 1)/r = 1 + (e^r - 1 - r)/r cancels nothing.
  const T safe = x == 0 ? T(1) : x;
  const T scale = detail::real_of<T>(detail::bits_of(T(1)) + e.exponent);
  const T far = scale * (e.r_high + (e.tail - e.r_low)) + (scale - 1);
  const T near = e.tail;
  return (e.n == 0 ? near : far) / safe + (e.n == 0 ? T(1) : T(0));
}

/// ln x of a positive normal x. Error below 0.85 ulp, in float 0.9.
template <class T>
FABCAST_INLINE T log(T x) {
  FABCAST_COUNTS(log);
  const auto parts = detail::split(x);
  return detail::log_of_reduced<T>(parts.mantissa - 1, parts.k, 0);
}

/// ln(1 + x), x > -1; keeps every digit near 0. Error below 0.78 ulp, in float 0.9.
template <class T>
FABCAST_INLINE T log1p(T x) {
  FABCAST_COUNTS(log1p);
  const T u = 1 + x;
  const auto parts = detail::split(u);
  // What rounding took from 1 + x, over u. Where u needs no scaling, x itself is used instead.
  const T lost = (u >= 2 ? 1 - (u - x) : x - (u - 1)) / u;
  const T f = parts.k == 0 ? x : parts.mantissa - 1;
  return detail::log_of_reduced<T>(f, parts.k, parts.k == 0 ? T(0) : lost);
}

/// Phi^-1(u), for u and its complement 1 - u, both in (0, 1): the smaller one is what carries the
/// tail. Wichura (1988), algorithm AS 241 PPND16, doi:10.2307/2347330. Relative error below 7e-16.
FABCAST_INLINE double normal_quantile(double u, double complement) {
  FABCAST_COUNTS(normal_quantile);
  const bool lower = u < complement;
  const double smaller = lower ? u : complement;
  const double q = 0.5 - smaller;  // exact where it is small, which u - 0.5 of a rounded u is not
  const double tail = std::sqrt(-log(smaller));
  const bool central = smaller >= 0.075;
  const bool far = tail > 5.0;
  // All three regions, then one choice: lanes do not branch.
  const double r_centre = 0.180625 - q * q;
  const double a =
      polynomial(r_centre, 3.3871328727963666080e0, 1.3314166789178437745e2,
                 1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4,
                 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3);
  const double b =
      polynomial(r_centre, 1.0, 4.2313330701600911252e1, 6.8718700749205790830e2,
                 5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
                 2.8729085735721942674e4, 5.2264952788528545610e3);
  const double r_middle = tail - 1.6;
  const double c =
      polynomial(r_middle, 1.42343711074968357734e0, 4.63033784615654529590e0,
                 5.76949722146069140550e0, 3.64784832476320460504e0, 1.27045825245236838258e0,
                 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4);
  const double d =
      polynomial(r_middle, 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
                 6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
                 5.47593808499534494600e-4, 1.05075007164441684324e-9);
  const double r_far = tail - 5.0;
  const double e =
      polynomial(r_far, 6.65790464350110377720e0, 5.46378491116411436990e0,
                 1.78482653991729133580e0, 2.96560571828504891230e-1, 2.65321895265761230930e-2,
                 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7);
  const double f =
      polynomial(r_far, 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
                 1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
                 1.42151175831644588870e-7, 2.04426310338993978564e-15);
  const double numerator = central ? q * a : (far ? e : c);
  const double ratio = numerator / (central ? b : (far ? f : d));
  return lower ? -ratio : ratio;
}

FABCAST_INLINE double normal_quantile(double u) { return normal_quantile(u, 1.0 - u); }

/// Phi(z) = P(N(0,1) <= z), to full relative accuracy in the lower tail; |z| is cut at 37.
/// Phi(-x) = exp(-x^2/2) g(x) / (1 + x/2), g a Chebyshev fit in (x-6)/(x+6). Relative error below
/// 4e-15 for |z| <= 8.3, 6e-14 at 37.
FABCAST_INLINE double normal_cdf(double z) {
  FABCAST_COUNTS(normal_cdf);
  const double magnitude = std::fabs(z);
  const double x = magnitude > 37.0 ? 37.0 : magnitude;
  const double t = (x - 6.0) / (x + 6.0);
  const double g = polynomial(
      t, 0.2591172572977874, -0.10411104788139484, 0.07282145900645025, -0.04313971328939645,
      0.020340817651289592, -0.006231036381332354, -0.00038940012115414914, 0.0022002141107759477,
      -0.0018209457037798996, 0.0009611016869569219, -0.0003443108673390673, 6.59318980448314e-05,
      8.64276747565049e-06, -1.0433769799763896e-05, 2.4446028840675074e-06, 5.334743552533551e-07,
      -4.4285982027099233e-07, 3.099785105282871e-08, 5.388066595175904e-08,
      -1.2439138631096433e-08, -6.2621199643060766e-09, 1.7014899355909493e-09,
      7.160723541452586e-10);
  const double lower = exp(-0.5 * x * x) * g / (1.0 + 0.5 * x);
  return z < 0.0 ? lower : 1.0 - lower;
}

}  // namespace fabcast::simd
