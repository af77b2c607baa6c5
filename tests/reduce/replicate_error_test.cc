/// Errors by replicates: by hand, and of series in replicates.

#include "reduce/replicate_error.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "reduce/likelihood.h"
#include "reduce/series.h"

using namespace fabcast;

TEST_CASE("replicates: Student's t, and the normal of one") {
  CHECK(reach_of_90_percent({}).z == z_of_90_percent.z);
  for (uint64_t count = 2; count <= 16; ++count) {
    CHECK(reach_of_90_percent({count, 4}).z ==
          doctest::Approx(student_t_quantile(0.95, static_cast<double>(count - 1))).epsilon(1e-12));
  }
  CHECK_THROWS_AS(reach_of_90_percent({17, 4}), std::logic_error);
}

TEST_CASE("replicates: the error of a ratio by hand") {
  // Ratio 18/6 = 3; off by 3 - 3, 5 - 3, 4 - 6, 6 - 6: sqrt(4/3 x 8) / 6.
  const std::vector<double> parts{3, 5, 4, 6}, wholes{1, 1, 2, 2};
  CHECK(error_of_ratio(parts, wholes) == doctest::Approx(std::sqrt(4.0 / 3 * 8) / 6));
  // Equal wholes: the standard error of the mean of 0.3, 0.5, 0.4, 0.6 is 0.1291 / 2.
  const std::vector<double> tens(4, 10.0);
  CHECK(error_of_ratio(parts, tens) == doctest::Approx(std::sqrt(0.05 / 3) / 2).epsilon(1e-12));
}

TEST_CASE("replicates: the interval of a share") {
  const Replicates eight{8, 100};
  // As many independent trials as have the error: 0.3 x 0.7 / 0.01^2 = 2,100.
  const Interval made = interval_of_share(0.3, 0.01, eight, 800);
  const Interval expected = wilson_of_share(0.3, 2100, {1.894578605090007});
  CHECK(made.low == doctest::Approx(expected.low).epsilon(1e-12));
  CHECK(made.high == doctest::Approx(expected.high).epsilon(1e-12));
  // Replicates that agree are no more certain than whole counts are.
  const Interval agreed = interval_of_share(0.3, 0, eight, 800);
  CHECK(agreed.high - agreed.low ==
        doctest::Approx(2 * 1.894578605090007 * std::sqrt(8.0 / 12) / 800).epsilon(1e-3));
  CHECK(interval_of_share(0, 0, eight, 800).low == 0);
  CHECK(interval_of_share(0, 0, eight, 800).high ==
        doctest::Approx(wilson_of_share(0, 800, {1.894578605090007}).high));
}

namespace {

struct Sample {
  Replicates replicates;
  std::vector<double> values;
  std::vector<uint32_t> weights;  ///< empty: each weighs 1
};

/// Values of which each replicate has a shift of its own, so that trials are not independent.
Sample sample(uint64_t trials, bool weighted) {
  Sample made{replicates_of(trials), {}, {}};
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  for (uint64_t r = 0; r < made.replicates.count; ++r) {
    const double shift = 0.05 * normal(random);
    for (uint64_t p = 0; p < made.replicates.points; ++p) {
      made.values.push_back(shift + normal(random));
      if (weighted) made.weights.push_back(static_cast<uint32_t>(random() % 1000));
    }
  }
  return made;
}

/// Blocks of 256, from the last to the first, over so many tallies in turn.
SeriesStatistics reduced(const Sample& of, size_t tallies) {
  const auto trials = of.values.size();
  SeriesReducer reducer(1, trials, of.weights.empty() ? Weighted::no : Weighted::yes,
                        of.replicates);
  const size_t pilot = reducer.pilot_trials();
  reducer.keep(0, 0, std::span(of.values).first(pilot));
  if (!of.weights.empty()) reducer.keep_weights(0, std::span(of.weights).first(pilot));
  reducer.end_pilot();
  if (!reducer.all_kept()) {
    std::vector<SeriesReducer::Tally> counting;
    for (size_t t = 0; t < tallies; ++t) counting.push_back(reducer.tally());
    for (size_t block = trials / 256; block-- > pilot / 256;) {
      SeriesReducer::Tally& tally = counting[block % tallies];
      tally.of_replicate(of.replicates.of(block * 256));
      const auto weights = of.weights.empty() ? std::span<const uint32_t>{}
                                              : std::span(of.weights).subspan(block * 256, 256);
      tally.count(0, std::span(of.values).subspan(block * 256, 256), weights);
      tally.end_block(block);
    }
    for (auto& tally : counting) reducer.merge(std::move(tally));
  }
  return reducer.statistics(0);
}

}  // namespace

TEST_CASE("replicates: a series' errors are those of its replicates, kept or counted") {
  for (const bool weighted : {false, true}) {
    for (const uint64_t trials : {64, 1000, 4096, 5000, 40'000}) {
      CAPTURE(weighted);
      CAPTURE(trials);
      const Sample of = sample(trials, weighted);
      const SeriesStatistics made = reduced(of, 1);
      const auto [count, n] = of.replicates;
      const auto weight = [&](size_t t) { return weighted ? of.weights[t] : 1.0; };
      std::vector<double> sums(count), wholes(count);
      double sum = 0, whole = 0;
      for (size_t t = 0; t < of.values.size(); ++t) {
        sums[t / n] += weight(t) * of.values[t];
        wholes[t / n] += weight(t);
        sum += weight(t) * of.values[t];
        whole += weight(t);
      }
      CHECK(made.mean == doctest::Approx(sum / whole).epsilon(1e-12));
      CHECK(made.mean_se == doctest::Approx(error_of_ratio(sums, wholes)).epsilon(1e-9));
      // Shifts make it far wider than independent trials would, 0.016 of 4,096 in each replicate.
      if (trials == 40'000) CHECK(made.mean_se > 2 / std::sqrt(static_cast<double>(trials)));
      for (size_t i = 0; i < reported_quantiles.size(); ++i) {
        CAPTURE(i);
        // The share below the quantile itself, as each replicate has it; trials to either side
        // rank by its error.
        std::vector<double> below(count);
        std::vector<std::pair<double, double>> sorted;
        for (size_t t = 0; t < of.values.size(); ++t) {
          if (of.values[t] < made.quantile[i]) below[t / n] += weight(t);
          sorted.emplace_back(of.values[t], weight(t));
        }
        std::sort(sorted.begin(), sorted.end());
        const double error = error_of_ratio(below, wholes);
        const double reach = reach_of_90_percent(of.replicates).z * error;
        const auto value_at = [&](double share) {
          double reached = 0;
          for (const auto& [value, w] : sorted) {
            if ((reached += w) >= share * whole) return value;
          }
          return sorted.back().first;
        };
        // A threshold beside the quantile has about its error, of which so few replicates tell a
        // third more or less.
        const double q = reported_quantiles[i];
        const double slack = 0.4 * reach + 3 / static_cast<double>(of.values.size());
        if (trials < 4096) continue;
        CHECK(made.low[i] >= value_at(q - reach - slack));
        CHECK(made.low[i] <= value_at(q - reach + slack));
        CHECK(made.high[i] >= value_at(q + reach - slack));
        CHECK(made.high[i] <= value_at(q + reach + slack));
      }
    }
  }
}

TEST_CASE("replicates: the same bits for any number of tallies") {
  for (const bool weighted : {false, true}) {
    const Sample of = sample(20'000, weighted);
    const SeriesStatistics one = reduced(of, 1), three = reduced(of, 3);
    CHECK(one.mean == three.mean);
    CHECK(one.mean_se == three.mean_se);
    CHECK(one.quantile == three.quantile);
    CHECK(one.low == three.low);
    CHECK(one.high == three.high);
  }
}

TEST_CASE("replicates: what is the same in all trials has no error, a repeated value its own") {
  Sample of = sample(5000, false);
  for (double& value : of.values) value = 42;
  const SeriesStatistics same = reduced(of, 1);
  CHECK(same.mean_se == 0);
  CHECK(same.low[3] == 42);
  CHECK(same.high[3] == 42);
  // 60 % are 0: the median too, whatever the others do.
  std::mt19937_64 random(4);
  for (double& value : of.values)
    value = random() % 10 < 6 ? 0 : 1 + static_cast<double>(random() % 9);
  const SeriesStatistics floor = reduced(of, 1);
  CHECK(floor.quantile[3] == 0);
  CHECK(floor.low[3] == 0);
  CHECK(floor.high[3] == 0);
  CHECK(floor.high[4] > 0);
}
