/// Quantiles of a run of many trials, exact ones (reduce/rank_search.h) and those that are read off
/// bins (reduce/quantile_bins.h): every one of the baseline against the trials themselves.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/scenarios.h"

using namespace fabcast;

namespace {

/// How far from rank (n - 1) q a value lies in the sorted trials, in standard errors of that rank.
/// What differs in its last digits alone is equal.
double errors_off(const std::vector<double>& sorted, double q, double value) {
  const double n = static_cast<double>(sorted.size()), slack = count_slack * std::abs(value);
  const auto rank_of = [&](auto at) { return static_cast<double>(at - sorted.begin()); };
  const double first = rank_of(std::lower_bound(sorted.begin(), sorted.end(), value - slack)) - 1;
  const double last = rank_of(std::upper_bound(sorted.begin(), sorted.end(), value + slack));
  const double asked = (n - 1) * q;
  return std::max({first - asked, asked - last, 0.0}) / std::sqrt(n * q * (1 - q));
}

/// check(sorted trials, statistics) of every column of the baseline.
template <class Check>
void each_column_of_baseline(const RunOptions& options, bool exact, Check check) {
  const Compiled model = compiled_library("baseline.scn");
  const std::vector<Series> series = output_series(model);
  const size_t n = options.trials;
  constexpr size_t parts = 4;  // all trials of all series at once would take a gigabyte
  for (size_t part = 0; part < parts; ++part) {
    std::vector<size_t> kept;
    for (size_t s = part; s < series.size(); s += parts) kept.push_back(s);
    const RunOutcome outcome = run_model(model, {}, options, kept);
    REQUIRE(outcome.exact_quantiles == exact);
    const size_t periods = outcome.periods.size(), row = kept.size() * periods;
    std::vector<double> sorted(n);
    for (size_t column = 0; column < row; ++column) {
      for (size_t t = 0; t < n; ++t) sorted[t] = outcome.kept[t * row + column];
      std::sort(sorted.begin(), sorted.end());
      const size_t of = kept[column / periods];
      CAPTURE(series[of].entity);
      CAPTURE(static_cast<int>(series[of].variable));
      CAPTURE(outcome.periods[column % periods].text());
      check(sorted, outcome.of(of, column % periods));
    }
  }
}

}  // namespace

TEST_CASE("exact quantiles of the baseline are those of its trials, and so are their intervals") {
  RunOptions options;
  options.trials = 5000;
  size_t checked = 0;
  each_column_of_baseline(options, true, [&](const auto& sorted, const SeriesStatistics& told) {
    const auto n = static_cast<double>(sorted.size());
    const auto at = [&](double rank) {
      return sorted[static_cast<size_t>(std::clamp(rank, 0.0, n - 1))];
    };
    for (size_t i = 0; i < reported_quantiles.size(); ++i) {
      const double q = reported_quantiles[i], h = (n - 1) * q;
      CAPTURE(q);
      const double exact = std::lerp(at(std::floor(h)), at(std::floor(h) + 1), h - std::floor(h));
      CHECK(told.quantile[i] == doctest::Approx(exact).epsilon(1e-14));
      const double reach = 1.6448536269514722 * std::sqrt(n * q * (1 - q));
      CHECK(told.low[i] == at(std::floor(n * q - 0.5 - reach)));
      CHECK(told.high[i] == at(std::ceil(n * q - 0.5 + reach)));
      ++checked;
    }
  });
  CHECK(checked > 100'000);
}

TEST_CASE("exact quantiles of differences are those of the trials' differences") {
  const Compiled base = compiled_library("baseline.scn"), act = compiled_library("match-act.scn");
  RunOptions options;
  options.trials = 5000;
  options.detail = Detail::years_and_headline;
  std::vector<ScenarioRun> runs;
  for (const Compiled* each : {&base, &act}) {
    ScenarioRun run{each, {}, {}, {}, {}};
    const std::vector<Series> series = output_series(*each);
    for (size_t s = 0; s < series.size(); ++s) {
      const auto& variable = output_variables()[static_cast<size_t>(series[s].variable)];
      if (std::string(variable.name) == "npus.deployed" && series[s].entity == "national") {
        run.kept_series.push_back(s);
      }
    }
    REQUIRE(run.kept_series.size() == 1);
    runs.push_back(run);
  }
  const std::vector<RunOutcome> outcomes = run_models(runs, options);
  const RunOutcome &first = outcomes[0], &own = outcomes[1];
  REQUIRE(own.exact_quantiles);
  REQUIRE(own.seconds.quantiles > 0);  // too many values to keep in one pass
  const size_t periods = own.periods.size();
  size_t checked = 0;
  for (size_t c = 0; c < own.paired.columns.size(); ++c) {
    const auto column = own.columns.columns[static_cast<size_t>(own.paired.columns[c].first)];
    if (column.series != runs[1].kept_series[0]) continue;
    std::vector<double> sorted;
    for (size_t t = 0; t < options.trials; ++t) {
      sorted.push_back(own.kept[t * periods + column.period] -
                       first.kept[t * periods + column.period]);
    }
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < reported_quantiles.size(); ++i) {
      const double h = 4999 * reported_quantiles[i];
      const auto below = static_cast<size_t>(h);
      const double exact = std::lerp(sorted[below], sorted[below + 1], h - std::floor(h));
      CHECK(own.paired.differences[c].quantile[i] == doctest::Approx(exact).epsilon(1e-12));
      ++checked;
    }
  }
  CHECK(checked == 5 * reported_quantiles.size());  // by year
}

TEST_CASE(
    "binned quantiles of the baseline lie where those of its trials do, and so do their "
    "intervals") {
  RunOptions options;
  options.trials = 2 * SeriesReducer::most_exact_trials;
  options.quantiles = Quantiles::binned;
  size_t quantiles = 0;
  double squares = 0;
  each_column_of_baseline(options, false, [&](const auto& sorted, const SeriesStatistics& told) {
    for (size_t i = 0; i < reported_quantiles.size(); ++i) {
      const double q = reported_quantiles[i];
      CAPTURE(q);
      const double off = errors_off(sorted, q, told.quantile[i]);
      CHECK(off < 0.5);
      const double between = (static_cast<double>(sorted.size()) - 1) * q;
      const double exact =
          std::lerp(sorted[static_cast<size_t>(between)], sorted[static_cast<size_t>(between) + 1],
                    between - std::floor(between));
      const double slack = count_slack * std::abs(exact);
      CHECK(told.low[i] <= exact + slack);
      CHECK(told.high[i] >= exact - slack);
      squares += off * off;
      ++quantiles;
    }
  });
  CHECK(quantiles > 100'000);
  CHECK(std::sqrt(squares / static_cast<double>(quantiles)) < 0.05);
}
