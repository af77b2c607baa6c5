#include "simd/math.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "base/lanes.h"

using namespace fabcast;

namespace {

constexpr int points = 400'000;

/// Distance from the exact value in units of its last place.
template <class T>
double ulp_error(T value, long double exact) {
  const T rounded = static_cast<T>(exact);
  const T next = std::nextafter(std::fabs(rounded), std::numeric_limits<T>::infinity());
  const long double unit = static_cast<long double>(next) - std::fabs(rounded);
  return static_cast<double>(std::fabs(static_cast<long double>(value) - exact) / unit);
}

/// Largest error of `f` against `exact` over `points` arguments argument(s), s in [0, 1), as the
/// precision rounds them.
template <class T, class F, class Exact, class Argument>
double worst_ulp_in(F f, Exact exact, Argument argument) {
  double worst = 0;
  for (int i = 0; i < points; ++i) {
    const T x = static_cast<T>(argument(i / static_cast<double>(points)));
    worst = std::max(worst, ulp_error<T>(f(x), exact(static_cast<double>(x))));
  }
  return worst;
}
template <class F, class Exact, class Argument>
double worst_ulp(F f, Exact exact, Argument argument) {
  return worst_ulp_in<double>(f, exact, argument);
}

auto line(double low, double high) {
  return [=](double s) { return low + (high - low) * s; };
}
auto powers(double low, double high) {
  return [=](double s) { return std::exp(std::log(low) + (std::log(high) - std::log(low)) * s); };
}

double simd_exp(double x) { return simd::exp(x); }
double simd_expm1_over(double x) { return simd::expm1_over(x); }
double simd_log(double x) { return simd::log(x); }
double simd_log1p(double x) { return simd::log1p(x); }

float float_exp(float x) { return simd::exp(x); }
float float_expm1_over(float x) { return simd::expm1_over(x); }
float float_log(float x) { return simd::log(x); }
float float_log1p(float x) { return simd::log1p(x); }

long double exact_expm1_over(double x) {
  return x == 0 ? 1.0L : std::expm1(static_cast<long double>(x)) / x;
}

FABCAST_KERNEL
void float_lanes(int which, int lanes, const float* __restrict in, float* __restrict out) {
  switch (which) {
    case 0:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) out[t] = simd::exp(in[t]);
      return;
    case 1:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) out[t] = simd::log(in[t]);
      return;
    case 2:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) out[t] = simd::log1p(in[t]);
      return;
    default:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) out[t] = simd::expm1_over(in[t]);
  }
}

const boost::math::normal_distribution<long double> standard_normal;

}  // namespace

TEST_CASE("exp stays within one unit in the last place over its whole range") {
  const auto exact = [](double x) { return std::exp(static_cast<long double>(x)); };
  CHECK(worst_ulp(simd_exp, exact, line(-708, 709)) < 0.9);
  CHECK(worst_ulp(simd_exp, exact, line(-1, 1)) < 0.9);
  CHECK(worst_ulp(simd_exp, exact, powers(1e-300, 1e-3)) < 0.9);
  CHECK(simd::exp(0.0) == 1.0);
  CHECK(simd::exp(-0.0) == 1.0);
}

TEST_CASE("exp clamps its argument instead of overflowing") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(simd::exp(1e6) == simd::exp(709.0));
  CHECK(simd::exp(infinity) == simd::exp(709.0));
  CHECK(simd::exp(-infinity) == simd::exp(-708.0));
  CHECK(std::isfinite(simd::exp(709.0)));
  CHECK(simd::exp(-708.0) >= std::numeric_limits<double>::min());
}

TEST_CASE("expm1_over is accurate on both sides of zero and at zero") {
  CHECK(simd::expm1_over(0.0) == 1.0);
  CHECK(simd::expm1_over(-0.0) == 1.0);
  CHECK(worst_ulp(simd_expm1_over, exact_expm1_over, line(-2, 2)) < 2);
  CHECK(worst_ulp(simd_expm1_over, exact_expm1_over, line(-700, 700)) < 2);
  CHECK(worst_ulp(simd_expm1_over, exact_expm1_over, powers(1e-300, 1)) < 2);
  const auto negative = [](double s) { return -powers(1e-300, 1)(s); };
  CHECK(worst_ulp(simd_expm1_over, exact_expm1_over, negative) < 2);
}

TEST_CASE("log stays within one unit in the last place over all normal doubles") {
  const auto exact = [](double x) { return std::log(static_cast<long double>(x)); };
  CHECK(worst_ulp(simd_log, exact, powers(2.3e-308, 1.7e308)) < 1);
  CHECK(worst_ulp(simd_log, exact, line(0.5, 2)) < 1);
  CHECK(worst_ulp(simd_log, exact, line(0.999, 1.001)) < 1);
  CHECK(simd::log(1.0) == 0.0);
  CHECK(simd::log(std::numeric_limits<double>::min()) ==
        doctest::Approx(-708.3964185322641).epsilon(1e-15));
}

TEST_CASE("log1p keeps every digit near zero and far from it") {
  const auto exact = [](double x) { return std::log1p(static_cast<long double>(x)); };
  CHECK(worst_ulp(simd_log1p, exact, powers(1e-300, 1e-5)) < 1);
  const auto negative = [](double s) { return -powers(1e-300, 0.999999)(s); };
  CHECK(worst_ulp(simd_log1p, exact, negative) < 1);
  CHECK(worst_ulp(simd_log1p, exact, line(-0.9999, 3)) < 1);
  CHECK(worst_ulp(simd_log1p, exact, powers(1e-5, 1e300)) < 1);
  CHECK(simd::log1p(0.0) == 0.0);
}

TEST_CASE("in single precision, too, over the whole range") {
  const auto exact_exp = [](double x) { return std::exp(static_cast<long double>(x)); };
  const auto exact_log = [](double x) { return std::log(static_cast<long double>(x)); };
  const auto exact_log1p = [](double x) { return std::log1p(static_cast<long double>(x)); };
  const auto minus = [](auto argument) { return [=](double s) { return -argument(s); }; };
  for (const auto& range : {line(-87, 88), line(-1, 1)}) {
    CHECK(worst_ulp_in<float>(float_exp, exact_exp, range) < 1.0);
    CHECK(worst_ulp_in<float>(float_expm1_over, exact_expm1_over, range) < 2);
  }
  CHECK(worst_ulp_in<float>(float_exp, exact_exp, powers(1e-37, 1e-3)) < 1.0);
  CHECK(worst_ulp_in<float>(float_expm1_over, exact_expm1_over, powers(1e-30, 1)) < 2);
  CHECK(worst_ulp_in<float>(float_expm1_over, exact_expm1_over, minus(powers(1e-30, 1))) < 2);
  CHECK(worst_ulp_in<float>(float_log, exact_log, powers(1.2e-38, 3.4e38)) < 1);
  CHECK(worst_ulp_in<float>(float_log, exact_log, line(0.5, 2)) < 1);
  CHECK(worst_ulp_in<float>(float_log, exact_log, line(0.999, 1.001)) < 1);
  CHECK(worst_ulp_in<float>(float_log1p, exact_log1p, powers(1e-37, 1e-5)) < 1);
  CHECK(worst_ulp_in<float>(float_log1p, exact_log1p, minus(powers(1e-37, 0.9999))) < 1);
  CHECK(worst_ulp_in<float>(float_log1p, exact_log1p, line(-0.9999, 3)) < 1);
  CHECK(worst_ulp_in<float>(float_log1p, exact_log1p, powers(1e-5, 1e37)) < 1);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(simd::exp(0.0f) == 1.0f);
  CHECK(simd::exp(infinity) == simd::exp(88.0f));
  CHECK(simd::exp(-infinity) == simd::exp(-87.0f));
  CHECK(std::isfinite(simd::exp(88.0f)));
  CHECK(simd::exp(-87.0f) >= std::numeric_limits<float>::min());
  CHECK(simd::expm1_over(0.0f) == 1.0f);
  CHECK(simd::log(1.0f) == 0.0f);
  CHECK(simd::log1p(0.0f) == 0.0f);
}

TEST_CASE("normal_quantile follows Boost.Math from 2^-53 to 1 - 2^-53") {
  const auto relative = [](double u) {
    const long double exact = quantile(standard_normal, static_cast<long double>(u));
    return static_cast<double>(std::fabs((simd::normal_quantile(u) - exact) / exact));
  };
  double worst = 0;
  for (int i = 0; i < 20'000; ++i) {
    const double s = (i + 0.5) / 20'000;
    worst = std::max({worst, relative(s), relative(std::pow(0x1p-53, s)),
                      relative(1 - std::pow(0x1p-53, s)), relative(0.075 + 1e-9 * (s - 0.5))});
  }
  CHECK(worst < 1e-15);
  CHECK(simd::normal_quantile(0.5) == 0.0);
  // Wichura (1988), table of checks: P = 0.25, 0.001, 1e-20.
  CHECK(simd::normal_quantile(0.25) == doctest::Approx(-0.6744897501960817).epsilon(1e-15));
  CHECK(simd::normal_quantile(0.001) == doctest::Approx(-3.090232306167814).epsilon(1e-15));
  CHECK(simd::normal_quantile(1e-20) == doctest::Approx(-9.262340089798408).epsilon(1e-15));
}

TEST_CASE("normal_quantile is odd about one half and never falls") {
  double before = -10;
  for (int i = 1; i < 4096; ++i) {
    const double u = i / 4096.0;
    CHECK(simd::normal_quantile(u) == -simd::normal_quantile(1 - u));
    CHECK(simd::normal_quantile(u) > before);
    before = simd::normal_quantile(u);
  }
}

TEST_CASE("normal_cdf keeps relative accuracy in the lower tail") {
  double worst_near = 0, worst_far = 0, round_trip = 0;
  for (int i = 0; i < points / 4; ++i) {
    const double s = i / (points / 4.0);
    const auto relative = [](double z) {
      const long double exact = std::erfc(-z / std::sqrt(2.0L)) / 2;
      return static_cast<double>(std::fabs((simd::normal_cdf(z) - exact) / exact));
    };
    worst_near = std::max({worst_near, relative(-8.3 * s), relative(8.3 * s)});
    worst_far = std::max(worst_far, relative(-37 * s));
    const double u = 1e-15 + s * 0.999;
    round_trip =
        std::max(round_trip, std::fabs(simd::normal_cdf(simd::normal_quantile(u)) / u - 1));
  }
  CHECK(worst_near < 4e-15);
  CHECK(worst_far < 6e-14);
  CHECK(round_trip < 3e-14);
  CHECK(simd::normal_cdf(0.0) == 0.5);
  CHECK(simd::normal_cdf(50.0) == 1.0);
  CHECK(simd::normal_cdf(-50.0) < 1e-290);
}

TEST_CASE("a lane gives the same bits as a lone call") {
  constexpr int lanes = 1003;  // no multiple of any vector width
  std::vector<double> u(lanes), looped(lanes);
  for (int t = 0; t < lanes; ++t) u[static_cast<size_t>(t)] = (t + 0.5) / lanes;
  const double* in = u.data();
  double* out = looped.data();
  const auto same = [&](auto f) {
    int different = 0;
    for (size_t t = 0; t < lanes; ++t) different += looped[t] != f(u[t]);
    return different == 0;
  };
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) out[t] = simd::exp(in[t]);
  CHECK(same(simd_exp));
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) out[t] = simd::log(in[t]);
  CHECK(same(simd_log));
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) out[t] = simd::normal_quantile(in[t]);
  CHECK(same([](double x) { return simd::normal_quantile(x); }));
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) out[t] = simd::normal_cdf(in[t]);
  CHECK(same([](double x) { return simd::normal_cdf(x); }));

  // Float functions are fused where the processor can and by library calls where it cannot.
  std::vector<float> x(lanes), fused(lanes);
  for (int t = 0; t < lanes; ++t)
    x[static_cast<size_t>(t)] = static_cast<float>(u[static_cast<size_t>(t)]);
  for (const auto which : {0, 1, 2, 3}) {
    float_lanes(which, lanes, x.data(), fused.data());
    int different = 0;
    for (size_t t = 0; t < lanes; ++t) {
      const float alone = which == 0   ? simd::exp(x[t])
                          : which == 1 ? simd::log(x[t])
                          : which == 2 ? simd::log1p(x[t])
                                       : simd::expm1_over(x[t]);
      different += fused[t] != alone;
    }
    CHECK(different == 0);
  }
}
