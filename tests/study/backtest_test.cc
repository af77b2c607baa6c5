#include "study/backtest.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <random>
#include <stdexcept>

#include "random/streams.h"
#include "report/csv.h"

using namespace fabcast;

namespace {

constexpr double normal_dof = 1e9;

/// One observation of "npus.shipped all" over a year.
BacktestObservation of_year(int year, double value, double sigma = 0.2, int observer = 0) {
  return {"npus.shipped", "all",     std::to_string(year), "npus",
          "idc-2026",     12 * year, 12 * year + 11,       value,
          sigma,          observer};
}

/// `observers` without a shared error.
BacktestInput input_of(std::vector<BacktestObservation> observations, std::vector<double> predicted,
                       double dof, size_t observers = 1) {
  BacktestInput input;
  for (const BacktestObservation& x : observations) {
    input.model.observations.push_back({x.value, x.sigma, x.observer});
  }
  input.model.observer_correlation.assign(observers, 0.0);
  input.model.dof = dof;
  input.trials = predicted.size() / observations.size();
  input.observations = std::move(observations);
  input.predicted = std::move(predicted);
  input.seed = 1;
  return input;
}

BacktestScore score_of(const BacktestResult& result, BacktestScheme scheme, size_t observation) {
  for (const BacktestScore& score : result.scores) {
    if (score.scheme == scheme && score.observation == observation) return score;
  }
  throw std::out_of_range("no such score");
}

double phi(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * M_PI); }
double cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// ln x1 = a, ln x2 = a + b, both normal.
struct TwoYears {
  double mean = 1, sd = 0.6, growth = 0.3, growth_sd = 0.1;

  template <class Random>
  std::vector<double> sample(size_t trials, Random& random) const {
    std::normal_distribution<double> normal;
    std::vector<double> rows;
    for (size_t t = 0; t < trials; ++t) {
      const double a = mean + sd * normal(random);
      rows.push_back(std::exp(a));
      rows.push_back(std::exp(a + growth + growth_sd * normal(random)));
    }
    return rows;
  }
};

/// Forecasts of the second year given the first, in worlds of which each is one of the trials.
/// `stated`: the first observation's sigma as the likelihood has it, over the true one.
struct Calibration {
  double chi_square;  ///< of the PIT in 20 bins of equal probability: 19 degrees of freedom
  int covered_90;
};
constexpr int replications = 400;
Calibration calibration(double stated) {
  constexpr size_t trials = 1500;
  constexpr double dof = 4, sigma = 0.3, sigma_next = 0.05;
  std::mt19937_64 random(11);
  const std::vector<double> prior = TwoYears{1, 0.8, 0.3, 0.1}.sample(trials, random);
  std::uniform_int_distribution<size_t> pick(0, trials - 1);
  std::student_t_distribution<double> student(dof);
  std::vector<int> bins(20);
  int covered = 0;
  for (int r = 0; r < replications; ++r) {
    const size_t truth = pick(random);
    const double first = prior[2 * truth] * std::exp(sigma * student(random));
    const double next = prior[2 * truth + 1] * std::exp(sigma_next * student(random));
    const BacktestResult result = backtest(input_of(
        {of_year(2024, first, sigma * stated), of_year(2025, next, sigma_next)}, prior, dof));
    const BacktestScore& score = score_of(result, BacktestScheme::rolling_origin, 1);
    ++bins[std::min(static_cast<size_t>(score.pit * 20), size_t{19})];
    covered += score.covered[2];
  }
  double chi_square = 0;
  constexpr double expected = replications / 20.0;
  for (const int count : bins) chi_square += (count - expected) * (count - expected) / expected;
  return {chi_square, covered};
}

}  // namespace

TEST_CASE("simulation-based calibration: PITs are uniform, unless the likelihood is wrong") {
  const double critical =
      boost::math::quantile(boost::math::complement(boost::math::chi_squared(19), 1e-3));
  const Calibration right = calibration(1);
  CHECK(right.chi_square < critical);
  // 360 of 400 expected, standard deviation 6.
  CHECK(std::abs(right.covered_90 - 360) < 20);
  // A first year taken for four times as sure as it is: forecasts too narrow.
  const Calibration wrong = calibration(0.25);
  CHECK(wrong.chi_square > critical);
  CHECK(wrong.covered_90 < 340);
}

TEST_CASE("normal prior and errors: forecasts in closed form") {
  constexpr size_t trials = 200'000;
  constexpr double sigma = 0.25, sigma_next = 0.15, seen = 1.6, seen_next = 2.35;
  const TwoYears model;
  std::mt19937_64 random(5);
  const BacktestInput input = input_of(
      {of_year(2024, std::exp(seen), sigma), of_year(2025, std::exp(seen_next), sigma_next)},
      model.sample(trials, random), normal_dof);
  const BacktestResult result = backtest(input);
  REQUIRE(result.scores.size() == 4);

  /// ln y normal(mean, sd), observed at ln y = z.
  const auto check = [&](const BacktestScore& score, double mean, double sd, double at) {
    const double se = 1 / std::sqrt(score.ess);
    const double z = (at - mean) / sd;
    CHECK(std::fabs(score.pit - cdf(z)) < 4 * 0.5 * se);
    const boost::math::normal standard;
    for (size_t q = 0; q < backtest_levels.size(); ++q) {
      CAPTURE(q);
      const double level = backtest_levels[q];
      const double quantile = boost::math::quantile(standard, level);
      // Asymptotic standard error of a quantile.
      const double error = sd * std::sqrt(level * (1 - level)) / phi(quantile) * se;
      CHECK(std::fabs(std::log(score.quantile[q]) - (mean + sd * quantile)) < 4 * error);
    }
    // Gneiting and Raftery (2007), eq. 21.
    const double of_log = sd * (z * (2 * cdf(z) - 1) + 2 * phi(z) - 1 / std::sqrt(M_PI));
    CHECK(std::fabs(score.model.crps_log - of_log) < 4 * sd * se);
    // Baran and Lerch (2015).
    const double y = std::exp(at);
    const double crps = y * (2 * cdf(z) - 1) - 2 * std::exp(mean + sd * sd / 2) *
                                                   (cdf(z - sd) + cdf(sd / std::sqrt(2.0)) - 1);
    const double sd_of_y = std::exp(mean + sd * sd / 2) * std::sqrt(std::expm1(sd * sd));
    CHECK(std::fabs(score.model.crps - crps) < 4 * sd_of_y * se);
    CHECK(score.model.crps_relative == doctest::Approx(score.model.crps / y).epsilon(1e-14));
    for (size_t p = 0; p < central_levels.size(); ++p) {
      const double side = boost::math::quantile(standard, central_levels[p].high);
      REQUIRE(std::fabs(std::fabs(z) - side) > 0.05);  // else chance decides
      CHECK(score.covered[p] == (std::fabs(z) < side));
    }
  };
  const double variance = model.sd * model.sd, growth = model.growth_sd * model.growth_sd;
  SUBCASE("of the first year by the prior") {
    const BacktestScore score = score_of(result, BacktestScheme::rolling_origin, 0);
    CHECK(score.ess == doctest::Approx(trials).epsilon(1e-12));
    check(score, model.mean, std::sqrt(variance + sigma * sigma), seen);
  }
  SUBCASE("of the second year given the first") {
    const double precision = 1 / variance + 1 / (sigma * sigma);
    const double mean = (model.mean / variance + seen / (sigma * sigma)) / precision + model.growth;
    const double sd = std::sqrt(1 / precision + growth + sigma_next * sigma_next);
    check(score_of(result, BacktestScheme::rolling_origin, 1), mean, sd, seen_next);
    // All others are the first year: the same forecast, from the same draws.
    const BacktestScore other = score_of(result, BacktestScheme::leave_one_out, 1);
    CHECK(other.quantile == score_of(result, BacktestScheme::rolling_origin, 1).quantile);
  }
  SUBCASE("of the first year given the second") {
    const double error =
        growth + sigma_next * sigma_next;  // of seen_next - growth as a measure of a
    const double precision = 1 / variance + 1 / error;
    const double mean = (model.mean / variance + (seen_next - model.growth) / error) / precision;
    check(score_of(result, BacktestScheme::leave_one_out, 0), mean,
          std::sqrt(1 / precision + sigma * sigma), seen);
  }
}

TEST_CASE("a forecast by hand: its draws are those of the observation's stream") {
  const double sigma = std::log(1.5);
  const BacktestInput input = input_of({of_year(2025, 12, sigma)}, {10, 20, 0, 5}, 3);
  const BacktestScore score = score_of(backtest(input), BacktestScheme::leave_one_out, 0);
  CHECK(score.ess == 4);
  std::vector<double> y(4);
  draw_uniforms(1, Purpose::observation, stream_of("observe.npus.shipped all 2025"), 0, 0, y);
  double below = 0;
  for (size_t t = 0; t < 4; ++t) {
    const double x = input.predicted[t] == 0 ? 12e-12 : input.predicted[t];
    y[t] = x * std::exp(sigma * student_t_quantile(y[t], 3));
    below += student_t_cdf(std::log(12 / x) / sigma, 3) / 4;
  }
  CHECK(score.pit == doctest::Approx(below).epsilon(1e-13));
  const WeightedSample sample(y, std::vector<double>(4, 1.0));
  CHECK(score.model.crps == doctest::Approx(sample.crps(12)).epsilon(1e-12));
  CHECK(score.model.crps_relative == doctest::Approx(sample.crps(12) / 12).epsilon(1e-12));
  for (size_t q = 0; q < backtest_levels.size(); ++q) {
    CHECK(score.quantile[q] == doctest::Approx(sample.quantile(backtest_levels[q])).epsilon(1e-12));
  }
  // Another seed, other draws.
  BacktestInput other = input;
  other.seed = 2;
  CHECK(score_of(backtest(other), BacktestScheme::leave_one_out, 0).quantile != score.quantile);
}

TEST_CASE("the rolling origin uses what had ended; leaving one out uses all others") {
  // A year, its fourth quarter, and the next year's first quarter, each by an observer of its own.
  std::vector<BacktestObservation> observations{of_year(2024, 1, 0.1, 0), of_year(2024, 2, 0.1, 1),
                                                of_year(2025, 3, 0.1, 2)};
  observations[1].period = "2024Q4";
  observations[1].first_month += 9;
  observations[2].period = "2025Q1";
  observations[2].last_month -= 9;
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> lognormal(0.5, 1);
  std::vector<double> predicted(3 * 2000);
  for (double& x : predicted) x = lognormal(random);
  const BacktestInput input = input_of(observations, predicted, 4, 3);
  const BacktestResult result = backtest(input);
  const TrialLikelihoods likelihoods(input.model, predicted, 2000);
  const auto ess = [&](const std::vector<bool>& used) {
    return effective_sample_size(likelihoods.weights(used));
  };
  const auto rolling = BacktestScheme::rolling_origin, out = BacktestScheme::leave_one_out;
  CHECK(score_of(result, rolling, 0).ess == 2000);
  CHECK(score_of(result, rolling, 1).ess == 2000);  // its quarter is in the year
  CHECK(score_of(result, rolling, 2).ess == ess({true, true, false}));
  CHECK(score_of(result, out, 0).ess == ess({false, true, true}));
  CHECK(score_of(result, out, 1).ess == ess({true, false, true}));
  CHECK(score_of(result, out, 2).ess == ess({true, true, false}));
  CHECK(ess({true, true, false}) < 500);
}

TEST_CASE("three copies by one observer at rho = 1 forecast as one does") {
  std::mt19937_64 random(9);
  const std::vector<double> prior = TwoYears().sample(3000, random);
  BacktestInput one = input_of({of_year(2024, 3), of_year(2025, 5)}, prior, 4);
  std::vector<double> rows;
  for (size_t t = 0; t < 3000; ++t) {
    rows.insert(rows.end(), {prior[2 * t], prior[2 * t], prior[2 * t], prior[2 * t + 1]});
  }
  BacktestInput three = input_of(
      {of_year(2024, 3), of_year(2024, 3), of_year(2024, 3), of_year(2025, 5, 0.2, 1)}, rows, 4, 2);
  three.model.observer_correlation = {1, 1};
  const BacktestScore a = score_of(backtest(one), BacktestScheme::rolling_origin, 1);
  const BacktestScore b = score_of(backtest(three), BacktestScheme::rolling_origin, 3);
  CHECK(b.ess == doctest::Approx(a.ess).epsilon(1e-12));
  CHECK(b.pit == doctest::Approx(a.pit).epsilon(1e-12));
  CHECK(b.model.crps == doctest::Approx(a.model.crps).epsilon(1e-12));
  CHECK(b.model.crps_log == doctest::Approx(a.model.crps_log).epsilon(1e-12));
}

TEST_CASE("rivals: the last value and the trend, of the same quantity over periods as long") {
  // 100, 200 and twice 2024, 300 and 1200, geometric mean 600; a quarter and another entity aside.
  std::vector<BacktestObservation> observations{of_year(2025, 900), of_year(2022, 100),
                                                of_year(2024, 300), of_year(2023, 200),
                                                of_year(2024, 1200)};
  BacktestObservation quarter = of_year(2024, 77);
  quarter.first_month += 9;
  BacktestObservation entity = of_year(2024, 78), variable = of_year(2024, 79);
  entity.entity = "ascend";
  variable.variable = "npus.deployed";
  observations.insert(observations.end(), {quarter, entity, variable});
  const size_t n = observations.size();
  const BacktestResult result =
      backtest(input_of(observations, std::vector<double>(n * 10, 500.0), 4));
  for (const auto scheme : {BacktestScheme::leave_one_out, BacktestScheme::rolling_origin}) {
    const auto of = [&](size_t i) { return score_of(result, scheme, i); };
    // 2022: nothing before.
    CHECK(std::isnan(of(1).last_value.crps));
    CHECK(std::isnan(of(1).trend.crps_log));
    // 2023: 100 before, no trend from one.
    CHECK(of(3).last_value.crps == doctest::Approx(100).epsilon(1e-13));
    CHECK(of(3).last_value.crps_relative == doctest::Approx(0.5).epsilon(1e-13));
    CHECK(of(3).last_value.crps_log == doctest::Approx(std::log(2)).epsilon(1e-13));
    CHECK(std::isnan(of(3).trend.crps));
    // 2024: 200; 100, 200, so 400. The other one of 2024 is no help.
    CHECK(of(2).last_value.crps == doctest::Approx(100).epsilon(1e-13));
    CHECK(of(2).trend.crps == doctest::Approx(100).epsilon(1e-12));
    CHECK(of(4).trend.crps == doctest::Approx(800).epsilon(1e-12));
    CHECK(of(4).trend.crps_log == doctest::Approx(std::log(3)).epsilon(1e-12));
    // 2025: 600. Least squares in doublings of 100: (0, 0), (1, 1), (2, log2 3), (2, log2 12),
    // whose slope is (sum of t y - n mean mean) / (sum of t^2 - n mean^2).
    CHECK(of(0).last_value.crps == doctest::Approx(300).epsilon(1e-13));
    const double y2 = std::log2(3), y3 = std::log2(12), mean = (1 + y2 + y3) / 4;
    const double slope = (1 + 2 * y2 + 2 * y3 - 4 * 1.25 * mean) / (9 - 4 * 1.25 * 1.25);
    const double trend = 100 * std::exp2(mean + slope * (3 - 1.25));
    CHECK(of(0).trend.crps == doctest::Approx(trend - 900).epsilon(1e-12));
    for (size_t i = 5; i < n; ++i) CHECK(std::isnan(of(i).last_value.crps));
  }
  // Several figures of one year are no trend, whatever rounding makes of their mean month.
  for (size_t several = 2; several < 16; ++several) {
    std::vector<BacktestObservation> of_one_year(several, of_year(2024, 3));
    of_one_year[0].value = 4;
    of_one_year.push_back(of_year(2025, 5));
    const BacktestScore score =
        score_of(backtest(input_of(of_one_year, std::vector<double>(several + 1, 5.0), 4)),
                 BacktestScheme::rolling_origin, several);
    CHECK(!std::isnan(score.last_value.crps));
    CHECK(std::isnan(score.trend.crps));
  }
}

TEST_CASE("summaries: means and shares of the scores") {
  std::mt19937_64 random(13);
  std::lognormal_distribution<double> lognormal(0, 0.4);
  std::vector<BacktestObservation> observations;
  for (const double value : {1.0, 1.4, 0.3, 1.1}) {
    observations.push_back(of_year(2020 + static_cast<int>(observations.size()), value));
  }
  std::vector<double> predicted(4 * 500);
  for (double& x : predicted) x = lognormal(random);
  const BacktestResult result = backtest(input_of(observations, predicted, 4));
  REQUIRE(result.summaries.size() == 2);
  for (const BacktestSummary& summary : result.summaries) {
    CHECK(summary.count == 4);
    std::vector<BacktestScore> scores;
    for (size_t i = 0; i < 4; ++i) scores.push_back(score_of(result, summary.scheme, i));
    double relative = 0, logs = 0;
    for (const BacktestScore& score : scores) {
      relative += score.model.crps_relative / 4;
      logs += score.model.crps_log / 4;
    }
    CHECK(summary.crps_relative == doctest::Approx(relative).epsilon(1e-14));
    CHECK(summary.crps_log == doctest::Approx(logs).epsilon(1e-14));
    for (size_t p = 0; p < 3; ++p) {
      uint64_t covered = 0;
      for (const BacktestScore& score : scores) covered += score.covered[p];
      CHECK(summary.coverage[p] == static_cast<double>(covered) / 4);
      CHECK(summary.coverage_interval[p].low == wilson(covered, 4, z_of_90_percent).low);
      CHECK(summary.coverage_interval[p].high == wilson(covered, 4, z_of_90_percent).high);
    }
    CHECK(!scores[2].covered[2]);  // 0.3 is out of reach
    CHECK(summary.coverage[2] <= 0.75);
    // The last value has forecasts of three, the trend of two.
    CHECK(summary.last_value.count == 3);
    CHECK(summary.last_value.rival.crps_relative ==
          doctest::Approx((0.4 / 1.4 + 1.1 / 0.3 + 0.8 / 1.1) / 3).epsilon(1e-13));
    CHECK(summary.last_value.model.crps_relative ==
          doctest::Approx((scores[1].model.crps_relative + scores[2].model.crps_relative +
                           scores[3].model.crps_relative) /
                          3)
              .epsilon(1e-13));
    CHECK(summary.trend.count == 2);
    CHECK(
        summary.trend.rival.crps_log ==
        doctest::Approx((scores[2].trend.crps_log + scores[3].trend.crps_log) / 2).epsilon(1e-13));
    CHECK(
        summary.trend.model.crps_log ==
        doctest::Approx((scores[2].model.crps_log + scores[3].model.crps_log) / 2).epsilon(1e-13));
  }
}

TEST_CASE("tables hold the scores under their names") {
  const BacktestInput input =
      input_of({of_year(2024, 800, std::log(1.2)), of_year(2025, 1000, std::log(1.5))},
               {700, 900, 800, 1100, 900, 1300}, 4);
  const BacktestResult result = backtest(input);
  const Table table = backtest_table(input, result);
  CHECK(csv_text(table).starts_with(
      "scheme,variable,entity,period,unit,source,observed,relative_error,ess,p05,p10,p25,p50,p75,"
      "p90,p95,pit,covered_50,covered_80,covered_90,crps,crps_relative,crps_last_value,crps_trend,"
      "crps_log,crps_log_last_value,crps_log_trend\n"
      "leave-one-out,npus.shipped,all,2024,npus,idc-2026,800,0.2,"));
  REQUIRE(table.rows.size() == 4);
  for (size_t r = 0; r < 4; ++r) {
    const BacktestScore& score = result.scores[r];
    REQUIRE(table.rows[r].size() == table.columns.size());
    const auto number = [&](const char* name) {
      return number_in(table.rows[r][table.column(name)]);
    };
    CHECK(text_in(table.rows[r][0]) == (r < 2 ? "leave-one-out" : "rolling-origin"));
    CHECK(text_in(table.rows[r][table.column("period")]) == (r % 2 == 0 ? "2024" : "2025"));
    CHECK(number("relative_error") == (r % 2 == 0 ? 0.2 : 0.5));
    CHECK(number("ess") == score.ess);
    CHECK(number("p05") == score.quantile[0]);
    CHECK(number("p25") == score.quantile[2]);
    CHECK(number("p95") == score.quantile[6]);
    CHECK(number("pit") == score.pit);
    CHECK(number("covered_50") == score.covered[0]);
    CHECK(number("covered_90") == score.covered[2]);
    CHECK(number("crps") == score.model.crps);
    CHECK(number("crps_relative") == score.model.crps_relative);
    CHECK(number("crps_log") == score.model.crps_log);
    if (r % 2 == 1) {
      CHECK(number("crps_last_value") == score.last_value.crps);
      CHECK(number("crps_last_value") == doctest::Approx(200).epsilon(1e-13));
      CHECK(number("crps_log_last_value") == score.last_value.crps_log);
    }
    CHECK(std::isnan(number("crps_trend")));
    CHECK(std::isnan(number("crps_log_trend")));
  }

  const Table summary = backtest_summary_table(result);
  CHECK(csv_text(summary).starts_with(
      "scheme,observations,covered_50,covered_50_lo,covered_50_hi,covered_80,covered_80_lo,"
      "covered_80_hi,covered_90,covered_90_lo,covered_90_hi,crps_relative,crps_log,"
      "last_value_observations,last_value_crps_relative,last_value_crps_relative_model,"
      "last_value_crps_log,last_value_crps_log_model,trend_observations,trend_crps_relative,"
      "trend_crps_relative_model,trend_crps_log,trend_crps_log_model\nleave-one-out,2,"));
  REQUIRE(summary.rows.size() == 2);
  for (size_t r = 0; r < 2; ++r) {
    const BacktestSummary& x = result.summaries[r];
    REQUIRE(summary.rows[r].size() == summary.columns.size());
    const auto number = [&](const char* name) {
      return number_in(summary.rows[r][summary.column(name)]);
    };
    CHECK(number("covered_80") == x.coverage[1]);
    CHECK(number("covered_80_lo") == x.coverage_interval[1].low);
    CHECK(number("covered_80_hi") == x.coverage_interval[1].high);
    CHECK(number("crps_log") == x.crps_log);
    CHECK(number("last_value_observations") == 1);
    CHECK(number("last_value_crps_relative") == x.last_value.rival.crps_relative);
    CHECK(number("last_value_crps_relative_model") == x.last_value.model.crps_relative);
    CHECK(number("last_value_crps_log_model") == x.last_value.model.crps_log);
    CHECK(number("trend_observations") == 0);
    CHECK(std::isnan(number("trend_crps_relative")));
  }
}

TEST_CASE("what does not belong together is refused; nothing observed is no forecast") {
  const BacktestInput good = input_of({of_year(2024, 3), of_year(2025, 5)}, {3, 5, 4, 6}, 4);
  CHECK_NOTHROW(backtest(good));
  const auto refused = [&](auto change) {
    BacktestInput bad = good;
    change(bad);
    CHECK_THROWS_AS(backtest(bad), std::invalid_argument);
  };
  refused([](BacktestInput& x) { x.model.observations[1].value = 6; });
  refused([](BacktestInput& x) { x.model.observations[1].sigma = 0.3; });
  refused([](BacktestInput& x) { x.observations[1].observer = 1; });
  refused([](BacktestInput& x) { x.observations.pop_back(); });
  refused([](BacktestInput& x) { x.predicted.pop_back(); });
  refused([](BacktestInput& x) { x.trials = 3; });
  refused([](BacktestInput& x) { x.model.dof = 0; });

  BacktestInput none;
  none.trials = 5;
  none.model.dof = 4;
  const BacktestResult result = backtest(none);
  CHECK(result.scores.empty());
  REQUIRE(result.summaries.size() == 2);
  CHECK(result.summaries[0].count == 0);
  CHECK(std::isnan(result.summaries[0].coverage[0]));
  CHECK(result.summaries[0].coverage_interval[0].high == 1);
  CHECK(std::isnan(result.summaries[0].crps_log));
}
