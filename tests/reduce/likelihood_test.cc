#include "reduce/likelihood.h"

#include <doctest/doctest.h>

#include <bit>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

using namespace fabcast;

namespace {

constexpr double normal_dof = 1e9;

/// Trials whose logarithm is normal(mean, sd) at the middles of equally probable strata.
std::vector<double> lognormal_strata(size_t trials, double mean, double sd) {
  const boost::math::normal normal(mean, sd);
  std::vector<double> x(trials);
  for (size_t t = 0; t < trials; ++t) {
    x[t] = std::exp(boost::math::quantile(
        normal, (static_cast<double>(t) + 0.5) / static_cast<double>(trials)));
  }
  return x;
}

/// Values of several observations of one variable: (trials x observations).
std::vector<double> repeated(const std::vector<double>& x, size_t observations) {
  std::vector<double> rows;
  for (const double value : x) rows.insert(rows.end(), observations, value);
  return rows;
}

struct Moments {
  double mean, sd;
};
Moments moments_of_logs(const std::vector<double>& x, std::span<const double> weights) {
  double sum = 0, first = 0, second = 0;
  for (size_t t = 0; t < x.size(); ++t) {
    sum += weights[t];
    first += weights[t] * std::log(x[t]);
  }
  for (size_t t = 0; t < x.size(); ++t) {
    second += weights[t] * std::pow(std::log(x[t]) - first / sum, 2);
  }
  return {first / sum, std::sqrt(second / sum)};
}

std::vector<double> weights_of(const ObservationModel& model, const std::vector<double>& x) {
  const size_t n = model.observations.size();
  return TrialLikelihoods(model, repeated(x, n), x.size()).weights(std::vector<bool>(n, true));
}

double log_likelihood_of(const ObservationModel& model, std::vector<double> x) {
  std::vector<const double*> columns;
  for (const double& value : x) columns.push_back(&value);
  double out = -1;
  log_likelihood(model, 1, columns, &out);
  return out;
}

double largest_difference(std::span<const double> a, std::span<const double> b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::fabs(a[i] - b[i]));
  return largest;
}

}  // namespace

TEST_CASE("the likelihood of one observation is Student's t in the logarithm") {
  const ObservationModel model{{{812e3, std::log(1.2), 0}}, {1}, 4};
  CHECK(log_likelihood_of(model, {812e3}) == 0);
  // z = 1: -5/2 ln(1 + 1/4); too high is as bad as too low by the same factor.
  CHECK(log_likelihood_of(model, {812e3 * 1.2}) ==
        doctest::Approx(-2.5 * std::log(1.25)).epsilon(1e-13));
  CHECK(log_likelihood_of(model, {812e3 / 1.2}) ==
        doctest::Approx(-2.5 * std::log(1.25)).epsilon(1e-13));
  // A factor of 1.2^6 is forgiven more than by the normal law, whose logarithm would be -18.
  CHECK(log_likelihood_of(model, {812e3 * std::pow(1.2, 6)}) ==
        doctest::Approx(-2.5 * std::log(10)).epsilon(1e-13));
  const ObservationModel normal{{{812e3, std::log(1.2), 0}}, {1}, normal_dof};
  CHECK(log_likelihood_of(normal, {812e3 * std::pow(1.2, 6)}) ==
        doctest::Approx(-18).epsilon(1e-7));
}

TEST_CASE("nothing made, and a share of nothing, count as a millionth of a millionth") {
  const ObservationModel model{{{50, 0.2, 0}}, {0}, 4};
  const double least = log_likelihood_of(model, {50e-12});
  const double z = std::log(1e-12) / 0.2;
  CHECK(least == doctest::Approx(-2.5 * std::log1p(z * z / 4)).epsilon(1e-13));
  for (const double x : {0.0, -0.0, -3.0, 1e-300, 49e-12, std::nan("")}) {
    CAPTURE(x);
    CHECK(log_likelihood_of(model, {x}) == least);
    CHECK(ratio_to_observed(x, 50) == least_share_of_observed);
  }
  CHECK(log_likelihood_of(model, {51e-12}) > least);
  CHECK(std::isfinite(log_likelihood_of(model, {std::numeric_limits<double>::infinity()})));
  // Where no trial comes near, the nearest still weighs 1.
  const std::vector<double> weights = weights_of({{{50, 1e-4, 0}}, {0}, normal_dof}, {0, 1, 2});
  CHECK(weights[2] == 1);
  CHECK((weights[0] >= 0 && weights[0] < 1e-300));
}

TEST_CASE("observations of one observer share a design effect") {
  // Two by observer 0, one by 1, none by 2, three by 3.
  const ObservationModel model{
      {{1, 1, 0}, {1, 1, 3}, {1, 1, 0}, {1, 1, 1}, {1, 1, 3}, {1, 1, 3}}, {0.5, 1, 1, 0.25}, 4};
  const double two = 1 / 1.5, three = 1 / 1.5;
  CHECK(observation_shares(model, std::vector<bool>(6, true)) ==
        std::vector<double>{two, three, two, 1, three, three});
  // Of those left out nothing is counted.
  CHECK(observation_shares(model, {true, true, false, true, false, true}) ==
        std::vector<double>{1, 1 / 1.25, 0, 1, 0, 1 / 1.25});
  // The sum over all, by the formula: l(z) at z = 1, 2, 3 with shares.
  const ObservationModel groups{{{1, 1, 0}, {1, 0.5, 0}, {1, 1, 1}}, {0.6, 1}, 3};
  const auto l = [](double z) { return -2 * std::log1p(z * z / 3); };
  const double e = std::exp(1.0);
  CHECK(log_likelihood_of(groups, {e, e, e * e * e}) ==
        doctest::Approx((l(1) + l(2)) / 1.6 + l(3)).epsilon(1e-13));
}

TEST_CASE("one likelihood, whatever the block: lane by lane, whole, and kept by observation") {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> lognormal(0, 2);
  const ObservationModel model{
      {{1.5, 0.3, 0}, {0.7, 0.1, 1}, {3e5, 1.2, 0}, {2, 0.5, 0}}, {0.7, 0}, 5.5};
  constexpr size_t trials = 203, n = 4;
  std::vector<double> rows(trials * n), columns(rows.size());
  for (size_t t = 0; t < trials; ++t) {
    for (size_t i = 0; i < n; ++i) {
      rows[t * n + i] = t % 17 == 3 ? 0 : model.observations[i].value * lognormal(random);
      columns[i * trials + t] = rows[t * n + i];
    }
  }
  const auto from = [&](size_t first) {
    std::vector<const double*> at;
    for (size_t i = 0; i < n; ++i) at.push_back(&columns[i * trials + first]);
    return at;
  };
  std::vector<double> whole(trials), by_lane(trials);
  log_likelihood(model, trials, from(0), whole.data());
  for (size_t t = 0; t < trials; ++t) log_likelihood(model, 1, from(t), &by_lane[t]);
  for (size_t t = 0; t < trials; ++t) {
    CHECK(std::bit_cast<uint64_t>(whole[t]) == std::bit_cast<uint64_t>(by_lane[t]));
    CHECK(whole[t] <= 0);
  }
  // By all: the weight of each trial is that of the kernel.
  const std::vector<double> weights =
      TrialLikelihoods(model, rows, trials).weights(std::vector<bool>(n, true));
  const double best = *std::max_element(whole.begin(), whole.end());
  for (size_t t = 0; t < trials; ++t) {
    CHECK(weights[t] == doctest::Approx(std::exp(whole[t] - best)).epsilon(1e-12));
  }
  CHECK(*std::max_element(weights.begin(), weights.end()) == 1);
}

TEST_CASE("a lognormal prior and a normal likelihood: the posterior in closed form") {
  constexpr size_t trials = 200'000;
  constexpr double mean = 1, sd = 0.6, sigma = 0.25, seen = 1.7;
  const std::vector<double> x = lognormal_strata(trials, mean, sd);
  const double observed = std::exp(seen);
  const double precision = 1 / (sd * sd) + 1 / (sigma * sigma);
  const Moments posterior{(mean / (sd * sd) + seen / (sigma * sigma)) / precision,
                          1 / std::sqrt(precision)};

  const ObservationModel one{{{observed, sigma, 0}}, {1}, normal_dof};
  const std::vector<double> weights = weights_of(one, x);
  const Moments weighted = moments_of_logs(x, weights);
  // Strata leave no Monte Carlo error; what remains are their width and the finite dof.
  CHECK(std::fabs(weighted.mean - posterior.mean) < 1e-5);
  CHECK(std::fabs(weighted.sd - posterior.sd) < 1e-5);
  // E[w]^2 / E[w^2] of w = exp(-z^2/2) under the prior.
  const auto expectation = [&](double s) {  // of exp(-(u - seen)^2 / (2 s^2))
    const double v = sd * sd + s * s;
    return s / std::sqrt(v) * std::exp(-(mean - seen) * (mean - seen) / (2 * v));
  };
  const double share = std::pow(expectation(sigma), 2) / expectation(sigma / std::sqrt(2.0));
  CHECK(effective_sample_size(weights) == doctest::Approx(trials * share).epsilon(1e-5));

  SUBCASE("a random sample of the prior, within its Monte Carlo error") {
    std::mt19937_64 random(2);
    std::lognormal_distribution<double> prior(mean, sd);
    std::vector<double> sample(trials);
    for (double& value : sample) value = prior(random);
    const std::vector<double> w = weights_of(one, sample);
    const Moments of_sample = moments_of_logs(sample, w);
    const double se = posterior.sd / std::sqrt(effective_sample_size(w));
    CHECK(std::fabs(of_sample.mean - posterior.mean) < 4 * se);
    CHECK(std::fabs(of_sample.sd - posterior.sd) < 4 * se);
  }
  SUBCASE("copies by one observer at rho = 1 count once") {
    for (const size_t copies : {2, 3}) {
      const ObservationModel same{
          std::vector<Observation>(copies, {observed, sigma, 0}), {1}, normal_dof};
      CHECK(largest_difference(weights_of(same, x), weights) < 1e-12);
    }
  }
  SUBCASE("at rho = 0, and by two observers, two are one with half the variance") {
    const double both = 1 / (sd * sd) + 2 / (sigma * sigma);
    for (const ObservationModel& two :
         {ObservationModel{{{observed, sigma, 0}, {observed, sigma, 0}}, {0}, normal_dof},
          ObservationModel{{{observed, sigma, 0}, {observed, sigma, 1}}, {1, 1}, normal_dof}}) {
      CHECK(std::fabs(moments_of_logs(x, weights_of(two, x)).sd - 1 / std::sqrt(both)) < 1e-5);
    }
  }
  SUBCASE("two different figures of one observer at rho = 1 count as their mean") {
    const ObservationModel two{
        {{std::exp(seen - 0.3), sigma, 0}, {std::exp(seen + 0.3), sigma, 0}}, {1}, normal_dof};
    const Moments of_two = moments_of_logs(x, weights_of(two, x));
    CHECK(std::fabs(of_two.mean - posterior.mean) < 1e-5);
    CHECK(std::fabs(of_two.sd - posterior.sd) < 1e-5);
  }
}

TEST_CASE("leaving one out: the others weigh as if it had not been stated") {
  const std::vector<double> x = lognormal_strata(5000, 0, 1);
  // The third is narrow, and by the observer of the first.
  const std::vector<Observation> three{{1.1, 0.3, 0}, {0.9, 0.5, 1}, {2.5, 0.02, 0}};
  const ObservationModel model{three, {0.8, 0.8}, 4};
  const LeaveOneOut weighted = leave_one_out(TrialLikelihoods(model, repeated(x, 3), x.size()));
  CHECK(weighted.weights == weights_of(model, x));
  CHECK(weighted.ess == effective_sample_size(weighted.weights));
  REQUIRE(weighted.ess_without.size() == 3);
  for (size_t out = 0; out < 3; ++out) {
    CAPTURE(out);
    ObservationModel others = model;
    others.observations.erase(others.observations.begin() + static_cast<long>(out));
    const std::vector<double> fresh = weights_of(others, x);
    CHECK(largest_difference(weighted.without(out), fresh) < 1e-14);
    CHECK(weighted.ess_without[out] ==
          doctest::Approx(effective_sample_size(fresh)).epsilon(1e-12));
  }
  CHECK(costliest_observation(weighted) == 2);
  CHECK(weighted.ess_without[2] > 5 * weighted.ess);

  SUBCASE("without the only one: the prior") {
    const LeaveOneOut alone =
        leave_one_out(TrialLikelihoods({{{1.1, 0.3, 0}}, {1}, 4}, x, x.size()));
    CHECK(alone.ess_without[0] == 5000);
    CHECK(costliest_observation(alone) == 0);
  }
  SUBCASE("no observation: the prior") {
    const LeaveOneOut none = leave_one_out(TrialLikelihoods({{}, {}, 4}, {}, 7));
    CHECK(none.weights == std::vector<double>(7, 1.0));
    CHECK(none.ess == 7);
    CHECK(!costliest_observation(none));
  }
}

TEST_CASE("effective sample sizes") {
  CHECK(effective_sample_size(std::vector<double>(10, 0.1)) == doctest::Approx(10).epsilon(1e-15));
  CHECK(effective_sample_size(std::vector<double>{0, 3, 0}) == 1);
  CHECK(effective_sample_size(std::vector<double>{1, 2, 3}) == 36.0 / 14);
}

TEST_CASE("Student's t") {
  // Upper 2.5 % points of every printed table.
  CHECK(student_t_quantile(0.975, 1) == doctest::Approx(12.7062047361747).epsilon(1e-13));
  CHECK(student_t_quantile(0.975, 4) == doctest::Approx(2.77644510519779).epsilon(1e-13));
  CHECK(student_t_quantile(0.975, 30) == doctest::Approx(2.04227245630124).epsilon(1e-13));
  // Closed forms at 1 and 2 degrees of freedom, far into the tail.
  for (const double z : {-1e6, -30.0, -1.0, -1e-3, 0.0, 0.4, 7.0}) {
    CAPTURE(z);
    const double cauchy = z < 0 ? std::atan(-1 / z) / M_PI : 0.5 + std::atan(z) / M_PI;
    CHECK(student_t_cdf(z, 1) == doctest::Approx(cauchy).epsilon(1e-13));
    const double root = std::sqrt(2 + z * z);
    const double two = z < 0 ? 1 / (root * (root - z)) : 1 - 1 / (root * (root + z));
    CHECK(student_t_cdf(z, 2) == doctest::Approx(two).epsilon(1e-13));
  }
  const boost::math::normal normal;
  for (int i = 1; i < 1000; ++i) {
    const double u = i / 1000.0;
    for (const double dof : {0.8, 1.0, 2.0, 3.0, 4.0, 7.3, 30.0, 1e4, normal_dof}) {
      CHECK(student_t_cdf(student_t_quantile(u, dof), dof) == doctest::Approx(u).epsilon(3e-13));
    }
    CHECK(std::fabs(student_t_quantile(u, normal_dof) - boost::math::quantile(normal, u)) < 1e-8);
  }
  // The least and the largest uniform that is drawn.
  CHECK(std::isfinite(student_t_quantile(0x1p-53, 0.5)));
  CHECK(student_t_quantile(1 - 0x1p-53, 4) ==
        doctest::Approx(-student_t_quantile(0x1p-53, 4)).epsilon(1e-12));
}

TEST_CASE("what is no model of observations is refused") {
  const ObservationModel good{{{1, 1, 0}}, {1}, 4};
  const std::vector<bool> used{true};
  CHECK_NOTHROW(observation_shares(good, used));
  const auto refused = [&](auto change) {
    ObservationModel bad = good;
    change(bad);
    CHECK_THROWS_AS(observation_shares(bad, used), std::invalid_argument);
    const double x = 1;
    const double* column = &x;
    double out;
    CHECK_THROWS_AS(log_likelihood(bad, 1, {&column, 1}, &out), std::invalid_argument);
    CHECK_THROWS_AS(TrialLikelihoods(bad, {&x, 1}, 1), std::invalid_argument);
  };
  for (const double wrong : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    refused([&](ObservationModel& m) { m.observations[0].value = wrong; });
    refused([&](ObservationModel& m) { m.observations[0].sigma = wrong; });
    refused([&](ObservationModel& m) { m.dof = wrong; });
  }
  for (const double wrong : {-0.1, 1.1, std::nan("")}) {
    refused([&](ObservationModel& m) { m.observer_correlation[0] = wrong; });
  }
  refused([](ObservationModel& m) { m.observations[0].observer = 1; });
  refused([](ObservationModel& m) { m.observations[0].observer = -1; });
  CHECK_THROWS_AS(observation_shares(good, {true, true}), std::invalid_argument);
  double out;
  CHECK_THROWS_AS(log_likelihood(good, 1, {}, &out), std::invalid_argument);
  const std::vector<double> x(3, 1.0);
  CHECK_THROWS_AS(TrialLikelihoods(good, x, 2), std::invalid_argument);
  CHECK_THROWS_AS(TrialLikelihoods(good, {}, 0), std::invalid_argument);
}
