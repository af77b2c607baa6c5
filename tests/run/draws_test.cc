/// What the engine draws is what the scenario says: quantiles, correlations, noise, paths, views.
///
/// The seed is fixed, so that each test passes or fails for good. Each is a test at 0.1 %
/// (two-sided), some sixty in all: at 16,000 trials a wrong law fails by far, and a right one fails
/// under some seeds (the first one tried, 11, puts a view 4.2 standard deviations off; over 4,000
/// seeds that count has the mean and the variance that it should have).

#include <doctest/doctest.h>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/triangular.hpp>
#include <cmath>
#include <functional>
#include <map>

#include "reduce/rank_correlation.h"
#include "run/sample.h"
#include "support/rounding.h"
#include "support/scenarios.h"

using namespace fabcast;
namespace bm = boost::math;

namespace {

constexpr size_t trials = 16'000;
constexpr uint64_t seed = 12;
static_assert(trials % block_lanes == 0);
constexpr double z_of_0_1_percent = 3.2905;  ///< normal quantile of 0.9995

/// Each trial's value of a row in each of the asked months.
struct Draws {
  std::vector<std::vector<double>> by_month;
  const std::vector<double>& first() const { return by_month[0]; }
};

/// Draws rows of a scenario's inputs as the pipeline does.
std::vector<Draws> draw(const Compiled& compiled, const std::vector<int>& rows,
                        const std::vector<int>& months = {0}) {
  const InputsPlan& plan = compiled.model.inputs;
  TrialBlock block(compiled.model.rows.count);
  std::vector<Draws> draws(rows.size(), {std::vector<std::vector<double>>(months.size())});
  const Sampler philox(seed);
  NoiseNormals noise(plan, compiled.model.months);
  for (uint64_t first = 0; first < trials; first += block_lanes) {
    block.clear();
    draw_inputs(plan, {&philox, first}, block);
    noise.draw({&philox, first});
    for (int month = 0, asked = 0; month <= months.back(); ++month) {
      inputs_of_month(plan, noise, month, block);
      if (month != months[static_cast<size_t>(asked)]) continue;
      for (size_t r = 0; r < rows.size(); ++r) {
        auto& column = draws[r].by_month[static_cast<size_t>(asked)];
        column.insert(column.end(), block[rows[r]], block[rows[r]] + block_lanes);
      }
      ++asked;
    }
  }
  return draws;
}

const std::string head = "[scenario]\nmonths = 2024-01 .. 2025-12\n";

/// One value drawn as a key without a unit and with hardly a range.
std::vector<double> drawn(const std::string& value) {
  const Compiled compiled =
      compiled_text(head + "[node.n]\n[fab.f]\nnode = n\nplan = " + value + " wafers/month\n");
  return draw(compiled, {compiled.model.fabs[0].keys.plan.row})[0].first();
}

/// Largest distance between the sample's distribution function and the law's, in units of the
/// critical value of Kolmogorov and Smirnov at 0.1 %: 1.9495 / sqrt(N).
double kolmogorov_smirnov(std::vector<double> values, const std::function<double(double)>& cdf) {
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double p = cdf(values[i]), rank = static_cast<double>(i);
    distance = std::max({distance, p - rank / n, (rank + 1) / n - p});
  }
  return distance * std::sqrt(n) / 1.9495;
}

/// Distance of a count from N p in standard deviations.
double binomial_z(size_t hits, double p) {
  const double n = static_cast<double>(trials);
  return std::abs(static_cast<double>(hits) - n * p) / std::sqrt(n * p * (1 - p));
}

template <class Predicate>
size_t count(const std::vector<double>& values, const Predicate& predicate) {
  return static_cast<size_t>(std::count_if(values.begin(), values.end(), predicate));
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double mx = mean(x), my = mean(y);
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
  }
  return xy / std::sqrt(xx * yy);
}

/// Distance of a sample correlation from the stated one, in standard deviations (Fisher's z).
double fisher_z(double sample, double stated) {
  return std::abs(std::atanh(sample) - std::atanh(stated)) *
         std::sqrt(static_cast<double>(trials) - 3);
}

std::vector<double> logs(std::vector<double> values) {
  for (double& value : values) value = std::log(value);
  return values;
}

}  // namespace

TEST_CASE("every form of value has the distribution that it states") {
  // 90 % intervals: sd of the normal (of the logs) is the width over 2 x 1.645.
  const double z95 = 1.6448536269514722;
  const bm::lognormal interval(0.5 * std::log(3.0 * 8.0), std::log(8.0 / 3.0) / (2 * z95));
  // PERT is a beta of shapes 1 + 4 (m - a)/(b - a) and 1 + 4 (b - m)/(b - a).
  const auto beta = [](double p, double q, double a, double b, double x) {
    return bm::cdf(bm::beta_distribution<>(p, q), std::clamp((x - a) / (b - a), 0.0, 1.0));
  };
  const struct {
    std::string value;
    std::function<double(double)> cdf;
  } cases[] = {
      {"3 to 8", [&](double x) { return bm::cdf(interval, std::max(x, 0.0)); }},
      {"lognormal(3, 8)", [&](double x) { return bm::cdf(interval, std::max(x, 0.0)); }},
      {"uniform(3, 8)", [](double x) { return (x - 3) / 5; }},
      {"triangular(3, 4, 8)",
       [](double x) {
         return bm::cdf(bm::triangular_distribution<>(3, 4, 8), std::clamp(x, 3.0, 8.0));
       }},
      {"pert(3, 4, 8)", [&](double x) { return beta(1.8, 4.2, 3, 8, x); }},
      {"beta(2, 5, 1, 3)", [&](double x) { return beta(2, 5, 1, 3, x); }},
      // Cut, and rescaled: what is left has all the probability.
      {"normal(5, 2) within [4, 9]",
       [](double x) {
         const bm::normal law(5, 2);
         return (bm::cdf(law, x) - bm::cdf(law, 4)) / (bm::cdf(law, 9) - bm::cdf(law, 4));
       }},
      {"3 to 8 within [ , 6]",
       [&](double x) { return bm::cdf(interval, x) / bm::cdf(interval, 6); }},
      {"normal(50, 2) within [0, ]", [](double x) { return bm::cdf(bm::normal(50, 2), x); }},
      {"metalog(10%: 30, 50%: 40, 90%: 50)",  // symmetric of three terms: logistic
       [](double x) { return 1 / (1 + std::exp(-(x - 40) * std::log(9.0) / 10)); }},
  };
  for (const auto& c : cases) {
    CAPTURE(c.value);
    const auto values = drawn(c.value);
    CHECK(kolmogorov_smirnov(values, c.cdf) < 1);
    // A law two hundredths of its width off is told from it.
    const double shift = 0.02 * (*std::max_element(values.begin(), values.end()) -
                                 *std::min_element(values.begin(), values.end()));
    CHECK(kolmogorov_smirnov(values,
                             [&](double x) { return std::clamp(c.cdf(x - shift), 0.0, 1.0); }) > 1);
  }
}

TEST_CASE("stated quantiles are met: binomial tests") {
  struct Quantile {
    double at, probability;
  };
  const struct {
    const char* value;
    std::vector<Quantile> quantiles;
  } cases[] = {
      {"4k to 9k", {{4000, 0.05}, {6000, 0.5}, {9000, 0.95}}},
      {"metalog(5%: 2, 50%: 4, 95%: 9) within [0, ]", {{2, 0.05}, {4, 0.5}, {9, 0.95}}},
      {"metalog(10%: 2, 30%: 3, 70%: 6, 90%: 9)", {{2, 0.1}, {3, 0.3}, {6, 0.7}, {9, 0.9}}},
      {"discrete(620: 1, 710: 3)", {{620, 0.25}, {709.9, 0.25}}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.value);
    const auto values = drawn(c.value);
    for (const Quantile& q : c.quantiles) {
      CAPTURE(q.probability);
      CHECK(binomial_z(count(values, [&](double x) { return x <= q.at; }), q.probability) <
            z_of_0_1_percent);
    }
  }
  const auto two = drawn("discrete(620: 1, 710: 3)");
  CHECK(count(two, [](double x) { return x == 620 || x == 710; }) == trials);
  const auto cut = drawn("3 to 8 within [4, 6]");
  CHECK(count(cut, [](double x) { return 4 <= x && x <= 6; }) == trials);
  CHECK(count(cut, [](double x) { return x == 4 || x == 6; }) == 0);  // cut, not clamped
}

TEST_CASE("correlations are met in ranks and in normal scores, and others are none") {
  const std::string text = head + R"(
[yardstick.y]
fp4         = 1 to 9
fp8         = 2 to 30
fp16        = uniform(1, 2)
memory_size = 5 to 7
bandwidth   = 3 to 4
[correlate]
yardstick.y.fp4 ~ yardstick.y.fp8 = 0.7
yardstick.y.fp8 ~ yardstick.y.fp16 = 0.5
yardstick.y.memory_size ~ yardstick.y.fp4 = -0.4
)";
  const Compiled compiled = compiled_text(text);
  const YardstickKeys& y = compiled.model.yardsticks[0];
  const auto draws =
      draw(compiled, {y.fp4.row, y.fp8.row, y.fp16.row, y.memory_size.row, y.bandwidth.row});
  const struct {
    size_t first, second;
    double r;
  } pairs[] = {{0, 1, 0.7}, {1, 2, 0.5}, {0, 2, 0}, {0, 3, -0.4}, {1, 3, 0}, {0, 4, 0}, {1, 4, 0}};
  for (const auto& pair : pairs) {
    CAPTURE(pair.first);
    CAPTURE(pair.second);
    const auto &a = draws[pair.first].first(), &b = draws[pair.second].first();
    // Spearman of a Gaussian copula: 6/pi asin(r/2); the spread of its Fisher z is 1.06 times that
    // of Pearson's at most (Fieller, Hartley and Pearson 1957).
    const double spearman = correlation_of_ranks(average_ranks(a), average_ranks(b));
    CHECK(fisher_z(spearman, 6 / M_PI * std::asin(pair.r / 2)) < 1.06 * z_of_0_1_percent);
    // Logs of a lognormal are its normal scores.
    if (pair.first != 2 && pair.second != 2) {
      CHECK(fisher_z(correlation(logs(a), logs(b)), pair.r) < z_of_0_1_percent);
    }
  }
  // Correlating moves no marginal.
  CHECK(binomial_z(count(draws[1].first(), [](double x) { return x <= 2; }), 0.05) <
        z_of_0_1_percent);
}

TEST_CASE("noise has mean 1, its sigma and its autocorrelation, from the first month on") {
  const Compiled compiled = compiled_text(
      head + "[node.n]\n[fab.f]\nnode = n\nplan = 1000 wafers/month noise 20 % rho 0.6\n");
  const auto draws = draw(compiled, {compiled.model.fabs[0].keys.plan.row}, {0, 1, 2, 12, 23})[0];
  const double n = static_cast<double>(trials), sigma = 0.2;
  for (const auto& month : draws.by_month) {
    // Variance of a lognormal factor of mean 1: exp(sigma^2) - 1.
    const double se = std::sqrt((std::exp(sigma * sigma) - 1) / n);
    CHECK(std::abs(mean(month) / 1000 - 1) < z_of_0_1_percent * se);
    const auto log_factor = logs(month);
    const double centre = mean(log_factor);
    double squares = 0;
    for (double x : log_factor) squares += (x - centre) * (x - centre);
    // Chi-squared with N - 1 degrees, nearly normal here: sd of its mean is sqrt(2/N).
    CHECK(std::abs(squares / (n - 1) / (sigma * sigma) - 1) < z_of_0_1_percent * std::sqrt(2 / n));
    CHECK(std::abs(centre - (std::log(1000.0) - sigma * sigma / 2)) <
          z_of_0_1_percent * sigma / std::sqrt(n));
  }
  const auto r = [&](size_t a, size_t b) {
    return correlation(logs(draws.by_month[a]), logs(draws.by_month[b]));
  };
  CHECK(fisher_z(r(0, 1), 0.6) < z_of_0_1_percent);
  CHECK(fisher_z(r(1, 2), 0.6) < z_of_0_1_percent);
  CHECK(fisher_z(r(0, 2), 0.36) < z_of_0_1_percent);
  CHECK(fisher_z(r(3, 4), std::pow(0.6, 11)) < z_of_0_1_percent);
}

TEST_CASE("noise stops at the range of its key") {
  const Compiled compiled = compiled_text(
      head + "[node.n]\n[fab.f]\nnode = n\nplan = 1 wafers/month\nutilisation = 90 % noise 30 %\n");
  const auto values = draw(compiled, {compiled.model.fabs[0].keys.utilisation.row}, {5})[0].first();
  CHECK(count(values, [](double x) { return x > 1 || x <= 0; }) == 0);
  // 0.9 exp(0.3 z - 0.045) >= 1 where z >= 0.5012: 30.81 %.
  const double p = bm::cdf(bm::complement(bm::normal(), (std::log(1 / 0.9) + 0.045) / 0.3));
  CHECK(binomial_z(count(values, [](double x) { return x == 1; }), p) < z_of_0_1_percent);
}

TEST_CASE("paths run straight between dates, in logs where the key multiplies, and flat outside") {
  const std::string line = "[node.n]\n[fab.f]\nnode = n\n";
  const std::vector<int> months{0, 2, 5, 8, 14, 20, 23};
  const auto path = [&](const std::string& key, const std::string& value, bool is_plan) {
    const Compiled compiled = compiled_text(
        head + line + (is_plan ? "" : "plan = 1 wafers/month\n") + key + " = " + value);
    const FabKeys& keys = compiled.model.fabs[0].keys;
    return draw(compiled, {is_plan ? keys.plan.row : keys.utilisation.row}, months)[0];
  };
  // Known values. From March 2024 (month 2) to September 2025 (month 20).
  const auto known = path("plan", "2024-03: 100 | 2025-09: 800 wafers/month\n", true);
  const auto straight = path("utilisation", "2024-03: 20 % | 2025-09: 80 %\n", false);
  const auto from_nothing = path("plan", "2024-03: 0 | 2025-09: 900 wafers/month\n", true);
  for (size_t m = 0; m < months.size(); ++m) {
    CAPTURE(months[m]);
    const double way = std::clamp((months[m] - 2) / 18.0, 0.0, 1.0);
    CHECK(known.by_month[m][0] ==
          doctest::Approx(100 * std::pow(8, way)).epsilon(testing::lane_rounding));
    CHECK(straight.by_month[m][0] ==
          doctest::Approx(0.2 + 0.6 * way).epsilon(testing::lane_rounding));
    CHECK(from_nothing.by_month[m][0] ==
          doctest::Approx(900 * way).epsilon(testing::lane_rounding));
  }
  // Drawn values: one draw a trial, so that a trial high at one date is as high at the next.
  const auto uncertain =
      path("plan", "2024-03: 50 to 200 | 2025-09: uniform(600, 1000) wafers/month\n", true);
  const auto level =
      path("utilisation", "2024-03: uniform(10, 30) % | 2025-09: uniform(60, 90) %\n", false);
  const bm::lognormal early(std::log(100.0), std::log(4.0) / (2 * 1.6448536269514722));
  double worst = 0, worst_linear = 0, worst_quantile = 0;
  for (size_t t = 0; t < trials; ++t) {
    const double before = uncertain.by_month[1][t], after = uncertain.by_month[5][t];
    worst_quantile =
        std::max(worst_quantile, std::abs(bm::cdf(early, before) - (after - 600) / 400));
    const double low = level.by_month[1][t], high = level.by_month[5][t];
    worst_quantile = std::max(worst_quantile, std::abs((low - 0.1) / 0.2 - (high - 0.6) / 0.3));
    for (size_t m = 0; m < months.size(); ++m) {
      const double way = std::clamp((months[m] - 2) / 18.0, 0.0, 1.0);
      worst = std::max(
          worst, std::abs(uncertain.by_month[m][t] / (before * std::pow(after / before, way)) - 1));
      worst_linear =
          std::max(worst_linear, std::abs(level.by_month[m][t] - low - (high - low) * way));
    }
  }
  CHECK(worst < testing::lane_rounding);
  CHECK(worst_linear < testing::lane_rounding);
  CHECK(worst_quantile < testing::lane_rounding);
}

TEST_CASE("views are chosen with their weights, go together in a group and apart between groups") {
  const Compiled compiled = compiled_text(head + R"(
[view]
low  = 3
mid  = 1
high = 1
[view.other]
yes = 0.25
no  = 0.75
[yardstick.y]
fp4         = low: 1 / mid: 2 / high: uniform(3, 4)
fp8         = low: uniform(10, 11) / mid: 20 / high: uniform(30, 40)
fp16        = yes: 1 / no: 2
memory_size = yes: uniform(5, 6) / no: uniform(7, 8)
)");
  const YardstickKeys& y = compiled.model.yardsticks[0];
  const auto draws = draw(compiled, {y.fp4.row, y.fp8.row, y.fp16.row, y.memory_size.row});
  size_t low = 0, mid = 0, high = 0, yes = 0, low_and_yes = 0, apart = 0;
  for (size_t t = 0; t < trials; ++t) {
    const double a = draws[0].first()[t], b = draws[1].first()[t];
    const double c = draws[2].first()[t], d = draws[3].first()[t];
    const bool is_low = a == 1, is_mid = a == 2, is_yes = c == 1;
    low += is_low;
    mid += is_mid;
    high += !is_low && !is_mid;
    yes += is_yes;
    low_and_yes += is_low && is_yes;
    // The views' values lie apart, so that each tells its view.
    apart += is_low != (b < 15) || is_mid != (b == 20) || is_yes != (d < 6.5);
  }
  CHECK(apart == 0);
  CHECK(binomial_z(low, 0.6) < z_of_0_1_percent);
  CHECK(binomial_z(mid, 0.2) < z_of_0_1_percent);
  CHECK(binomial_z(high, 0.2) < z_of_0_1_percent);
  CHECK(binomial_z(yes, 0.25) < z_of_0_1_percent);
  CHECK(binomial_z(low_and_yes, 0.6 * 0.25) < z_of_0_1_percent);
}
