#include "reduce/scores.h"

#include <doctest/doctest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>

using namespace fabcast;

namespace {

using Values = std::vector<double>;

WeightedSample equally(const Values& values) {
  return WeightedSample(values, Values(values.size(), 1.0));
}

/// f of a standard normal at the middles of n equally probable strata.
Values strata(size_t n, const std::function<double(double)>& f) {
  const boost::math::normal normal;
  Values out(n);
  for (size_t i = 0; i < n; ++i) {
    out[i] =
        f(boost::math::quantile(normal, (static_cast<double>(i) + 0.5) / static_cast<double>(n)));
  }
  return out;
}

double phi(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * M_PI); }
double cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// Gneiting and Raftery (2007), eq. 21, in the sign of a loss.
double crps_of_normal(double mean, double sd, double y) {
  const double z = (y - mean) / sd;
  return sd * (z * (2 * cdf(z) - 1) + 2 * phi(z) - 1 / std::sqrt(M_PI));
}

/// Baran and Lerch (2015), doi:10.1002/qj.2521.
double crps_of_lognormal(double mean, double sd, double y) {
  const double z = (std::log(y) - mean) / sd;
  return y * (2 * cdf(z) - 1) -
         2 * std::exp(mean + sd * sd / 2) * (cdf(z - sd) + cdf(sd / std::sqrt(2.0)) - 1);
}

}  // namespace

TEST_CASE("CRPS by hand") {
  // Of a point: the error.
  CHECK(equally({3}).crps(5) == 2);
  CHECK(equally({3}).crps(2.5) == 0.5);
  CHECK(equally({3}).crps(3) == 0);
  // Half at 0, half at 1: F = 1/2 between.
  CHECK(equally({1, 0}).crps(0) == 0.25);
  CHECK(equally({1, 0}).crps(0.5) == 0.25);
  CHECK(equally({1, 0}).crps(3) == 2.25);
  CHECK(equally({1, 0}).crps(-1) == 1.25);
  // 1/4 at 0, 3/4 at 4, seen 1: 1 * 1/16 + 3 * 9/16.
  CHECK(WeightedSample(Values{4, 0}, Values{3, 1}).crps(1) == 28.0 / 16);
  // A value without weight is none.
  CHECK(WeightedSample(Values{4, -9, 0, 7}, Values{3, 0, 1, 0}).crps(1) == 28.0 / 16);
  CHECK(WeightedSample(Values{4, -9, 0, 7}, Values{3, 0, 1, 0}).crps(-5) == 5 + 4 * 9.0 / 16);
}

TEST_CASE("CRPS is E|X - y| - E|X - X'| / 2") {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(-1, 3);
  std::exponential_distribution<double> exponential;
  Values values(40), weights(40);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = std::round(4 * uniform(random)) / 4;  // with ties
    weights[i] = exponential(random);
  }
  double all = 0, apart = 0;
  for (size_t i = 0; i < 40; ++i) {
    all += weights[i];
    for (size_t j = 0; j < 40; ++j) {
      apart += weights[i] * weights[j] * std::fabs(values[i] - values[j]);
    }
  }
  const WeightedSample sample(values, weights);
  for (const double y : {-2.0, -0.3, 0.25, 1.1, 3.5}) {
    double error = 0;
    for (size_t i = 0; i < 40; ++i) error += weights[i] * std::fabs(values[i] - y);
    CHECK(sample.crps(y) == doctest::Approx(error / all - apart / all / all / 2).epsilon(1e-12));
  }
}

TEST_CASE("CRPS of the normal and of the lognormal law") {
  constexpr size_t n = 100'000;
  constexpr double mean = 0.4, sd = 0.5;
  const auto line = [](double z) { return mean + sd * z; };
  const auto power = [&](double z) { return std::exp(line(z)); };
  const WeightedSample normal = equally(strata(n, line));
  const WeightedSample lognormal = equally(strata(n, power));
  for (const double z : {-3.0, -0.7, 0.0, 0.9, 2.5}) {
    CAPTURE(z);
    CHECK(std::fabs(normal.crps(line(z)) - crps_of_normal(mean, sd, line(z))) < 1e-4);
    CHECK(std::fabs(lognormal.crps(power(z)) - crps_of_lognormal(mean, sd, power(z))) < 1e-4);
  }
  // Drawn from one law and weighted to another: N(0, 1) by the density of N(mean, sd) over its own.
  std::mt19937_64 random(3);
  std::normal_distribution<double> standard;
  Values values(n), weights(n);
  for (size_t i = 0; i < n; ++i) {
    values[i] = standard(random);
    weights[i] = phi((values[i] - mean) / sd) / sd / phi(values[i]);
  }
  const WeightedSample weighted(values, weights);
  for (const double z : {-2.0, 0.0, 1.0}) {
    // Of n draws the CRPS errs by less than sd / sqrt(ess), the ess being n / 1.8 or more.
    CHECK(std::fabs(weighted.crps(line(z)) - crps_of_normal(mean, sd, line(z))) <
          4 * sd / std::sqrt(n / 1.8));
  }
}

TEST_CASE("whole weights are repetitions") {
  const Values values{5, 1, 3, 3, 8}, weights{2, 1, 3, 0, 4};
  const WeightedSample weighted(values, weights);
  const WeightedSample repeated = equally({8, 5, 3, 8, 1, 3, 8, 5, 3, 8});
  for (const double y : {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0, 9.0}) {
    CAPTURE(y);
    CHECK(weighted.crps(y) == doctest::Approx(repeated.crps(y)).epsilon(1e-14));
    CHECK(weighted.pit(y) == repeated.pit(y));
  }
  for (int i = 1; i <= 40; ++i) CHECK(weighted.quantile(i / 40.0) == repeated.quantile(i / 40.0));
  // Weights count relative to their sum.
  const WeightedSample scaled(values, Values{1, 0.5, 1.5, 0, 2});
  CHECK(scaled.crps(2) == weighted.crps(2));
  CHECK(scaled.pit(3) == weighted.pit(3));
  CHECK(scaled.quantile(0.5) == weighted.quantile(0.5));
}

TEST_CASE("PIT counts half of what is equal") {
  const WeightedSample sample(Values{1, 2, 2, 4}, Values{1, 2, 3, 4});
  CHECK(sample.pit(0.5) == 0);
  CHECK(sample.pit(1) == 0.05);
  CHECK(sample.pit(1.5) == 0.1);
  CHECK(sample.pit(2) == doctest::Approx(0.35).epsilon(1e-15));
  CHECK(sample.pit(3) == 0.6);
  CHECK(sample.pit(4) == 0.8);
  CHECK(sample.pit(5) == 1);
  // Its mean over the sample itself is 1/2.
  CHECK(0.1 * sample.pit(1) + 0.5 * sample.pit(2) + 0.4 * sample.pit(4) ==
        doctest::Approx(0.5).epsilon(1e-15));
}

TEST_CASE("quantiles and central intervals") {
  Values values(20);
  for (size_t i = 0; i < 20; ++i) values[i] = static_cast<double>((i * 7) % 20) + 1;  // 1 to 20
  const WeightedSample sample = equally(values);
  CHECK(sample.quantile(0.05) == 1);
  CHECK(sample.quantile(0.051) == 2);
  CHECK(sample.quantile(0.5) == 10);
  CHECK(sample.quantile(1) == 20);
  const double low[]{5, 2, 1}, high[]{15, 18, 19};
  for (size_t p = 0; p < central_levels.size(); ++p) {
    const Interval interval = sample.central_interval(central_levels[p]);
    CHECK(interval.low == low[p]);
    CHECK(interval.high == high[p]);
    CHECK(central_levels[p].high - central_levels[p].low ==
          doctest::Approx(central_levels[p].probability));
    CHECK(covers(interval, interval.low));
    CHECK(covers(interval, interval.high));
    CHECK(!covers(interval, interval.low - 1e-9));
    CHECK(!covers(interval, interval.high + 1e-9));
  }
  // By weight: 10 % at 1, 90 % at 2.
  const WeightedSample two(Values{2, 1}, Values{9, 1});
  CHECK(two.quantile(0.1) == 1);
  CHECK(two.quantile(0.11) == 2);
  const boost::math::normal normal;
  const WeightedSample wide = equally(strata(100'000, [](double z) { return z; }));
  for (const double level : {0.05, 0.3, 0.95}) {
    CHECK(std::fabs(wide.quantile(level) - boost::math::quantile(normal, level)) < 1e-4);
  }
}

TEST_CASE("what is no weighted sample is refused") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(WeightedSample(Values{}, Values{}), std::invalid_argument);
  CHECK_THROWS_AS(WeightedSample(Values{1, 2}, Values{1}), std::invalid_argument);
  CHECK_THROWS_AS(WeightedSample(Values{1, inf}, Values{1, 1}), std::invalid_argument);
  CHECK_THROWS_AS(WeightedSample(Values{1, std::nan("")}, Values{1, 1}), std::invalid_argument);
  CHECK_THROWS_AS(WeightedSample(Values{1, 2}, Values{1, -1}), std::invalid_argument);
  CHECK_THROWS_AS(WeightedSample(Values{1, 2}, Values{1, std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(WeightedSample(Values{1, 2}, Values{1, inf}), std::invalid_argument);
  CHECK_THROWS_AS(WeightedSample(Values{1, 2}, Values{0, 0}), std::invalid_argument);
  const WeightedSample good(Values{1, 2}, Values{1, 1});
  CHECK_THROWS_AS(good.quantile(0), std::invalid_argument);
  CHECK_THROWS_AS(good.quantile(1.01), std::invalid_argument);
  CHECK_THROWS_AS(good.quantile(std::nan("")), std::invalid_argument);
}
