/// Trials weighted by what was observed, in whole runs: against conjugate and counted answers.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/csv.h"
#include "run/tables.h"
#include "support/line.h"
#include "support/ran.h"
#include "support/scenarios.h"

using namespace fabcast;
using namespace fabcast::testing;

namespace {

/// One line that starts its plan: 12 times the plan a year. An exponential cycle time compiles
/// fastest; starts do not know it.
std::string line_with(const std::string& plan, const std::string& dof = "1e9") {
  return "[scenario]\nmonths = 2025-01 .. 2025-12\nheadline = wafer.starts L\nobservation_dof = " +
         dof + "\n[node.n]\ncycle_time_cv = 100 %\n[fab.L]\nnode = n\nplan = " + plan +
         R"( wafers/month
utilisation = 100 %
[die.d]
width  = 10 mm
height = 10 mm
[claim.L.d]
share = 100 %
)";
}

/// One that is seen: its starts are kept.
struct Seen : Ran {
  explicit Seen(const std::string& text, uint64_t trials, uint64_t seed = 1, int threads = 2)
      : Ran("seen.scn", text, request(trials, seed, threads)) {}
  const SeriesStatistics& starts() const {
    const int series = scenario.find("wafer.starts", "L");
    return outcome.of(static_cast<size_t>(series), outcome.periods.size() - 1);
  }

 private:
  static RunRequest request(uint64_t trials, uint64_t seed, int threads) {
    RunRequest asked;
    asked.trials = trials;
    asked.seed = seed;
    asked.threads = threads;
    asked.keep = {"wafer.starts L"};
    return asked;
  }
};

/// Prior of ln of the year's starts, of a plan lognormal(600, 1500); observed 14k +- 20 %.
struct Conjugate {
  double mean = std::log(12) + (std::log(600) + std::log(1500)) / 2;
  double sd = std::log(1500.0 / 600) / (2 * 1.6448536269514722);
  double seen = std::log(14e3), sigma = std::log(1.2);

  /// Of `n` independent observations of the same value.
  double posterior_sd(double n = 1) const {
    return 1 / std::sqrt(1 / (sd * sd) + n / (sigma * sigma));
  }
  double posterior_mean(double n = 1) const {
    return std::pow(posterior_sd(n), 2) * (mean / (sd * sd) + n * seen / (sigma * sigma));
  }
  /// ln of the mean over the prior of the likelihood, e^(-z^2/2), to the power of `n`.
  double log_evidence(double n) const {
    const double v = sigma * sigma / n, d = seen - mean;
    return 0.5 * std::log(v / (v + sd * sd)) - d * d / (2 * (v + sd * sd));
  }
  double share_of_trials() const { return std::exp(2 * log_evidence(1) - log_evidence(2)); }
};

const std::string uncertain = line_with("lognormal(600, 1500)");
const std::string seen_once = "[observe]\nwafer.starts L 2025 = 14k wafers +- 20 % by idc\n";

/// Mean and standard deviation of ln x over weighted trials, with the standard errors of each
/// (delta method for ratios of weighted sums).
struct Moments {
  double mean = 0, sd = 0, mean_se = 0, sd_se = 0;
};
Moments moments_of_log(const std::vector<double>& x, const std::vector<double>& w) {
  Moments m;
  double all = 0, variance = 0, mean_squares = 0, variance_squares = 0;
  for (size_t t = 0; t < x.size(); ++t) {
    all += w[t];
    m.mean += w[t] * std::log(x[t]);
  }
  m.mean /= all;
  for (size_t t = 0; t < x.size(); ++t) {
    variance += w[t] * std::pow(std::log(x[t]) - m.mean, 2) / all;
  }
  for (size_t t = 0; t < x.size(); ++t) {
    const double square = std::pow(std::log(x[t]) - m.mean, 2);
    mean_squares += w[t] * w[t] * square;
    variance_squares += w[t] * w[t] * std::pow(square - variance, 2);
  }
  m.sd = std::sqrt(variance);
  m.mean_se = std::sqrt(mean_squares) / all;
  m.sd_se = std::sqrt(variance_squares) / all / (2 * m.sd);
  return m;
}

/// The mistakes that an observation is refused with.
std::string mistakes(const std::string& observation) {
  try {
    Seen(uncertain + "[observe]\n" + observation + "\n", 1);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("conditioning: a normal observation of a lognormal, against the conjugate answer") {
  const Conjugate exact;
  const Seen ran(uncertain + "[question]\nq = wafer.starts L >= 14k wafers at 2025\n" + seen_once,
                 20'000);
  const Moments got = moments_of_log(ran.kept("wafer.starts L 2025"), ran.kept("weight"));
  CAPTURE(got.mean_se);
  CAPTURE(got.sd_se);
  // Four standard errors: false in 6 of 100,000 checks. The prior's are 30 of them away.
  CHECK(std::abs(got.mean - exact.posterior_mean()) < 4 * got.mean_se);
  CHECK(std::abs(got.sd - exact.posterior_sd()) < 4 * got.sd_se);
  CHECK(std::abs(exact.mean - exact.posterior_mean()) > 30 * got.mean_se);
  CHECK(std::abs(exact.sd - exact.posterior_sd()) > 30 * got.sd_se);

  // Effective trials: N E[w]^2 / E[w^2], within 3 %.
  const double trials = 20'000 * exact.share_of_trials();
  CHECK(ran.result.effective_trials == doctest::Approx(trials).epsilon(0.03));
  CHECK(ran.result.weighted);
  CHECK(ran.number("questions", 0, "trials") == 20'000);
  CHECK(ran.number("questions", 0, "ess") == ran.result.effective_trials);
  CHECK(ran.number("observations", 0, "ess") == ran.result.effective_trials);
  CHECK(ran.number("observations", 0, "ess_without") == doctest::Approx(20'000));
  CHECK(ran.result.warnings.empty());

  // The chance of what was observed or more, by its weighted interval, about 1.3 % wide; a reach of
  // 4/1.645 of its half is false in 6 of 100,000.
  const double z = (exact.seen - exact.posterior_mean()) / exact.posterior_sd();
  const double p = 0.5 * std::erfc(z / std::sqrt(2));
  const double low = ran.number("questions", 0, "lo"), high = ran.number("questions", 0, "hi");
  CHECK(high - low < 0.03);
  CHECK(std::abs(ran.number("questions", 0, "estimate") - p) < 4 / 1.645 * (high - low) / 2);

  // Quantiles before and after, within 2 % (medians have standard errors of 0.25 %).
  CHECK(ran.number("observations", 0, "observed") == 14e3);
  CHECK(ran.number("observations", 0, "prior_p05") == doctest::Approx(12 * 600).epsilon(0.02));
  CHECK(ran.number("observations", 0, "prior_p95") == doctest::Approx(12 * 1500).epsilon(0.02));
  for (const auto& [column, reach] :
       {std::pair("p05", -1.6448536), {"p50", 0.0}, {"p95", 1.6448536}}) {
    CHECK(ran.number("observations", 0, column) ==
          doctest::Approx(std::exp(exact.posterior_mean() + reach * exact.posterior_sd()))
              .epsilon(0.02));
  }
}

TEST_CASE("conditioning: the interval of a weighted median covers as it says") {
  // Of 200 seeds 180 should cover, with a standard deviation of 4.2: 17 either way is 4 of them,
  // false in 6 of 100,000 runs. 600 trials are kept whole, 4,400 are counted in bins.
  const Conjugate exact;
  const double median = std::exp(exact.posterior_mean()) / 4;
  std::string quarter = uncertain;  // of which the months cost a fourth
  quarter.replace(quarter.find("2025-12"), 7, "2025-03");
  const TemporaryFolder folder;
  RunRequest request;
  request.scenario.path = folder.write(
      "seen.scn", quarter + "[observe]\nwafer.starts L 2025Q1 = 3.5k wafers +- 20 %\n");
  const PreparedScenario scenario(request);
  const auto starts = static_cast<size_t>(scenario.find("wafer.starts", "L"));
  for (const uint64_t trials : {600, 4400}) {
    CAPTURE(trials);
    int covers = 0;
    double width = 0;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
      RunOptions options = scenario.options();
      options.trials = trials;
      options.seed = seed;
      options.threads = 1;
      const RunOutcome outcome = run_models({scenario.run}, options)[0];
      const SeriesStatistics& told = outcome.of(starts, 0);
      covers += told.low[3] <= median && median <= told.high[3];
      width += (told.high[3] - told.low[3]) / 200;
    }
    CAPTURE(covers);
    CHECK((163 <= covers && covers <= 197));
    // Of a median, 2 x 1.645 sqrt(pi/2) sd / sqrt(n), n about a half of the trials.
    CHECK(width < 0.1 * median);
  }
}

TEST_CASE("conditioning: what one observer tells three times counts once, three observers thrice") {
  const Conjugate exact;
  const auto told = [](const char* first, const char* second, const char* third) {
    return fmt::format(
        "[observe]\nwafer.starts L 2025 = 14k wafers +- 20 % by {}\n"
        "wafer.starts L 2025-01..2025-12 = 14k wafers +- 20 % by {}\n"
        "wafer.starts L 2025Q1..2025Q4 = 14k wafers +- 20 % by {}\n",
        first, second, third);
  };
  const Seen once(uncertain + seen_once, 4000);
  const Seen thrice(uncertain + told("idc", "idc", "idc"), 4000);
  const Seen three(uncertain + told("idc", "ft", "csis"), 4000);
  const Seen apart(uncertain + told("idc", "idc", "idc") + "[observer.idc]\ncorrelation = 0\n",
                   4000);
  // Equal but for the rounding of the weights, to 1 in 2^18.
  CHECK(thrice.starts().mean == doctest::Approx(once.starts().mean).epsilon(1e-7));
  CHECK(thrice.starts().sd == doctest::Approx(once.starts().sd).epsilon(1e-6));
  CHECK(thrice.result.effective_trials ==
        doctest::Approx(once.result.effective_trials).epsilon(1e-6));
  for (size_t q = 0; q < 7; ++q) {
    CHECK(thrice.starts().quantile[q] == doctest::Approx(once.starts().quantile[q]).epsilon(1e-5));
  }
  // Left out alone, a third of an observer's word costs nothing.
  CHECK(thrice.number("observations", 0, "ess_without") ==
        doctest::Approx(once.result.effective_trials).epsilon(1e-6));
  for (const Seen* ran : {&three, &apart}) {
    const Moments got = moments_of_log(ran->kept("wafer.starts L 2025"), ran->kept("weight"));
    CHECK(std::abs(got.mean - exact.posterior_mean(3)) < 4 * got.mean_se);
    CHECK(std::abs(got.sd - exact.posterior_sd(3)) < 4 * got.sd_se);
    CHECK(std::abs(exact.posterior_mean(1) - exact.posterior_mean(3)) > 10 * got.mean_se);
  }
}

TEST_CASE("conditioning: kept trials have a weight of mean 1, and say what the summary says") {
  for (const uint64_t trials : {700, 4700}) {  // kept whole, and counted in bins
    CAPTURE(trials);
    const Seen ran(uncertain + seen_once, trials);
    CHECK(ran.result.trials.columns.at(0) == "weight");
    const std::vector<double> weight = ran.kept("weight");
    REQUIRE(weight.size() == trials);
    double all = 0;
    for (double w : weight) all += w;
    CHECK(all / static_cast<double>(trials) == doctest::Approx(1).epsilon(1e-12));
    CHECK(*std::max_element(weight.begin(), weight.end()) > 1.2);
    size_t compared = 0;
    const Table& summary = ran.table("summary");
    for (const auto& row : summary.rows) {
      if (text_in(row[1]) != "wafer.starts" || text_in(row[2]) != "L") continue;
      const auto x = ran.kept("wafer.starts L " + text_in(row[4]));
      double sum = 0;
      for (size_t t = 0; t < trials; ++t) sum += weight[t] * x[t];
      CHECK(number_in(row[summary.column("mean")]) == doctest::Approx(sum / all).epsilon(1e-12));
      ++compared;
    }
    CHECK(compared == 5);
  }
}

TEST_CASE("conditioning: two values whose weights are worked out in the head") {
  // A plan of 500 or 1,000, tools for 750: the year starts 6,000 or 9,000. Observed 9k +- 50 %: for
  // 6,000 z = ln(2/3)/ln(3/2) = -1, and with one degree of freedom the likelihood is
  // (1 + z^2)^-1 = 1/2.
  const std::string two = line_with("discrete(500: 1, 1000: 1)", "1") + R"(
[tool.L.immersion]
imported     = 1.5 tools
availability = 50 %
throughput   = 100 wafer passes/hour
passes       = 73.0485 passes/wafer      # 730.485 hours a month: 500 wafers a tool
[question]
reach = wafer.starts L >= 4499 wafers by 2025-12
year  = wafer.starts L >= 8999 wafers at 2025
[observe]
wafer.starts L 2025 = 9k wafers +- 50 %
)";
  for (const uint64_t trials : {1000, 5000}) {
    CAPTURE(trials);
    const Seen ran(two, trials);
    const std::vector<double> x = ran.kept("wafer.starts L 2025"), w = ran.kept("weight");
    double few = 0, many = 0;
    for (size_t t = 0; t < trials; ++t) {
      few += x[t] == doctest::Approx(6000);
      many += x[t] == doctest::Approx(9000);
      REQUIRE(w[t] / w[0] == doctest::Approx(x[t] == doctest::Approx(x[0]) ? 1.0
                                             : x[t] > x[0]                 ? 2.0
                                                                           : 0.5)
                                 .epsilon(1e-5));
    }
    REQUIRE(few + many == static_cast<double>(trials));
    REQUIRE(few > 100);
    REQUIRE(many > 100);
    // Weights round to 1 in 2^18.
    const double share = many / (many + few / 2);
    const double ess = std::pow(many + few / 2, 2) / (many + few / 4);
    CHECK(ran.result.effective_trials == doctest::Approx(ess).epsilon(1e-5));
    CHECK(ran.starts().mean == doctest::Approx(6000 + 3000 * share).epsilon(1e-5));
    // 750 a month come to 4,500 in June, 500 in September.
    const Table& crossings = ran.table("crossings");
    double sum = 0;
    for (const auto& row : crossings.rows) {
      REQUIRE(text_in(row[1]) == "reach");  // `at` a period has no month
      const std::string& month = text_in(row[2]);
      const double expected = month == "2025-06" ? share : month == "2025-09" ? 1 - share : 0;
      CAPTURE(month);
      CHECK(number_in(row[3]) == doctest::Approx(expected).epsilon(1e-5));
      sum += number_in(row[3]);
      CHECK(number_in(row[4]) == doctest::Approx(sum));
    }
    CHECK(crossings.rows.size() == 13);
    CHECK(sum == doctest::Approx(1));
    CHECK(text_in(crossings.rows.back()[2]) == "later");
    CHECK(ran.number("questions", 0, "estimate") == 1);
    CHECK(ran.number("questions", 1, "estimate") == doctest::Approx(share).epsilon(1e-5));
    CHECK(text_in(ran.table("questions").rows[0][9]) == (share > 0.5 ? "2025-06" : "2025-09"));
    // Tools bind where the plan is 1,000, in every month.
    size_t months = 0;
    const Table& binding = ran.table("binding");
    for (const auto& row : binding.rows) {
      if (text_in(row[1]) != "fab") continue;
      CAPTURE(text_in(row[3]));
      CHECK(number_in(row[5]) ==
            doctest::Approx(text_in(row[3]) == "immersion" ? share : 1 - share).epsilon(1e-5));
      ++months;
    }
    CHECK(months == 2 * (12 + 4 + 1));
  }
}

TEST_CASE("conditioning: the same bytes for any number of threads") {
  const std::string text = uncertain + "[question]\nq = wafer.starts L >= 7k wafers by 2025-12\n" +
                           seen_once + "wafer.capacity L 2025Q1 = 1k wafers/month +- 40 %\n";
  std::vector<std::vector<std::string>> texts;
  const TemporaryFolder folder;
  for (int threads : {1, 2, 3}) {
    RunRequest request;
    request.scenario.path = folder.write("seen.scn", text);
    request.trials = 5000;
    request.threads = threads;
    request.keep = {"wafer.starts"};
    const PreparedScenario scenario(request);
    RunOutcome outcome = run_models({scenario.run}, scenario.options())[0];
    const RunResult result = result_of(scenario, outcome);
    texts.emplace_back();
    for (const Table* table : result.tables()) texts.back().push_back(csv_text(*table));
    texts.back().push_back(csv_text(result.trials));
  }
  CHECK(texts[0].size() == 9);
  CHECK(texts[0] == texts[1]);
  CHECK(texts[0] == texts[2]);
}

TEST_CASE("conditioning: where nothing agrees with an observation the run says which") {
  const TemporaryFolder folder;
  // The year starts 12k: 1 wafer, told to 1 %, lies hundreds of standard errors away.
  const std::string impossible =
      "[observe]\nwafer.capacity L 2025 = 1k wafers/month +- 60 %\n"
      "wafer.starts L 2025 = 100 wafers +- 1 %\n";
  folder.write("seen.scn", uncertain + impossible);
  const ProgramRun run = run_program(folder.path(), "run seen.scn -n 1000 --out r");
  CHECK(run.status == 0);
  CHECK(has(run.errors, "warning: only "));
  CHECK(
      has(run.errors, "of 1000 trials count after conditioning; 'wafer.starts L 2025' costs most"));
  CHECK(tree_of(folder.path()).contains("r/observations.csv"));
  CHECK_FALSE(has(read_text(folder.file("r/summary.csv")), "nan"));

  folder.write("good.scn", uncertain + seen_once);
  const ProgramRun good = run_program(folder.path(), "run good.scn -n 1000 --json --out g");
  CHECK(good.status == 0);
  CHECK(good.errors == "");
  CHECK(nlohmann::json::parse(good.output)["trials"] == 1000);
}

TEST_CASE("conditioning: a wrong observation is refused with its place and a remedy") {
  CHECK(mistakes("wafer.starts L 2025 = 14k wafers +- 20 %") == "");
  const std::string place = "seen.scn:17:1: ";
  CHECK(has(mistakes("wafer.strts L 2025 = 14k wafers +- 20 %"), place));
  CHECK(has(mistakes("wafer.strts L 2025 = 14k wafers +- 20 %"), "did you mean 'wafer.starts'?"));
  CHECK(has(mistakes("wafer.starts LL 2025 = 14k wafers +- 20 %"), place));
  CHECK(has(mistakes("wafer.starts LL 2025 = 14k wafers +- 20 %"), "did you mean 'L'?"));
  CHECK(has(mistakes("wafer.starts L 2025 = 14k tools +- 20 %"), "seen.scn:17:23: "));
  CHECK(has(mistakes("wafer.starts L 2025 = 14k tools +- 20 %"),
            "'tools' is not a unit of wafer.starts"));
  CHECK(has(mistakes("wafer.starts L 2026 = 14k wafers +- 20 %"), "2026 is not simulated"));
  CHECK(has(mistakes("wafer.starts L 2025 = 14k wafers"), "has no error"));
}

TEST_CASE("conditioning: no weight is cut, also where the first trials miss what is likeliest") {
  // An observation that one trial in thousands agrees with.
  const std::string text =
      plain_line + "[observe]\nwafer.capacity L 2025Q1 = 12345 wafers/month +- 0.02 %\n";
  const std::vector<std::string> sets{"scenario.months = 2025-01 .. 2025-03",
                                      "fab.L.plan = 1k to 10k wafers/month"};
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario_text("test", text, sets, diagnostics);
  const Compiled model = compiled(spec, diagnostics);
  size_t again = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    RunOptions options;
    options.trials = 6000;
    options.seed = seed;
    options.observations = plan_observations(spec, model, output_series(model), diagnostics);
    const RunOutcome outcome = run_model(model, {}, options);
    const uint32_t largest = *std::max_element(outcome.weights.begin(), outcome.weights.end());
    CHECK(largest < 1u << 24);
    // Run again on the scale of the likeliest trial, which then weighs 2^18.
    const auto first_end = outcome.weights.begin() + 1024;
    const uint32_t of_first = *std::max_element(outcome.weights.begin(), first_end);
    again += largest == 1u << 18 && of_first < 1u << 12;
  }
  CHECK(again > 0);  // the case that is meant came up
}
