#include "reduce/counts.h"

#include <doctest/doctest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <random>
#include <vector>

using namespace fabcast;

namespace {
constexpr NormalReach z_of_95_percent{1.9599639845400545}, z_of_99_percent{2.5758293035489004};
}

TEST_CASE("Wilson intervals are the published ones") {
  // Newcombe (1998), table I, method 3, 95 %.
  struct Row {
    uint64_t hits, trials;
    double low, high;
  };
  for (const Row& row : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605},
                         Row{0, 20, 0.0, 0.1611}, Row{1, 29, 0.0061, 0.1718}}) {
    CAPTURE(row.hits);
    const Interval x = wilson(row.hits, row.trials, z_of_95_percent);
    CHECK(std::abs(x.low - row.low) < 0.00005);
    CHECK(std::abs(x.high - row.high) < 0.00005);
    // Misses mirror hits.
    const Interval mirror = wilson(row.trials - row.hits, row.trials, z_of_95_percent);
    CHECK(mirror.low == doctest::Approx(1 - x.high).epsilon(1e-12));
    CHECK(mirror.high == doctest::Approx(1 - x.low).epsilon(1e-12));
  }
}

TEST_CASE("Wilson intervals at the ends") {
  CHECK(wilson(0, 0, z_of_90_percent).low == 0);
  CHECK(wilson(0, 0, z_of_90_percent).high == 1);
  CHECK(wilson(0, 7, z_of_90_percent).low == 0);
  CHECK(wilson(7, 7, z_of_90_percent).high == 1);
  CHECK(wilson(7, 7, z_of_90_percent).low > 0.6);
  for (uint64_t hits = 0; hits <= 50; ++hits) {
    const Interval narrow = wilson(hits, 50, z_of_90_percent);
    const Interval wide = wilson(hits, 50, z_of_99_percent);
    const double share = static_cast<double>(hits) / 50;
    CHECK((wide.low <= narrow.low && narrow.low <= share));
    CHECK((share <= narrow.high && narrow.high <= wide.high));
  }
  CHECK(wilson_of_share(0.25, 200, z_of_90_percent).low == wilson(50, 200, z_of_90_percent).low);
  CHECK(wilson_of_share(0.25, 200, z_of_90_percent).high == wilson(50, 200, z_of_90_percent).high);
}

TEST_CASE("90 % Wilson intervals hold the true probability about 90 % of the time") {
  std::mt19937_64 random(1);
  for (const double p : {0.02, 0.3, 0.5, 0.9}) {
    std::binomial_distribution<uint64_t> binomial(400, p);
    int covered = 0;
    for (int i = 0; i < 4000; ++i) {
      const Interval x = wilson(binomial(random), 400, z_of_90_percent);
      covered += x.low <= p && p <= x.high;
    }
    // Counts are whole, so coverage swings by some 2 % around 90 % (Brown, Cai and DasGupta 2001).
    CHECK(covered > 4000 * 0.87);
    CHECK(covered < 4000 * 0.93);
  }
}

TEST_CASE("the cell of a quantile") {
  const std::vector<uint64_t> cells{0, 2, 0, 7, 1};
  CHECK(quantile_cell(cells, 0.01) == 1);
  CHECK(quantile_cell(cells, 0.20) == 1);
  CHECK(quantile_cell(cells, 0.21) == 3);
  CHECK(quantile_cell(cells, 0.90) == 3);
  CHECK(quantile_cell(cells, 1.00) == 4);
  // Sums of weights, where the first double above one would be another whole number.
  constexpr uint64_t unit = uint64_t{1} << 55;
  const std::vector<uint64_t> weights{0, 2 * unit, 1, 7 * unit, unit};
  CHECK(quantile_cell(weights, 0.01) == 1);
  CHECK(quantile_cell(weights, 0.21) == 3);
  CHECK(quantile_cell(weights, 0.90) == 3);
  CHECK(quantile_cell(weights, 1.00) == 4);
  CHECK(!quantile_cell(std::vector<uint64_t>(3), 0.5));
  CHECK(!quantile_cell({}, 0.5));
}

TEST_CASE("the effective number of trials") {
  CHECK(effective_sample_size({}) == 0);
  CHECK(effective_sample_size(std::vector<uint32_t>(5)) == 0);
  CHECK(effective_sample_size(std::vector<uint32_t>(70, 0xffffffff)) == 70);
  CHECK(effective_sample_size(std::vector<uint32_t>{0, 9, 0}) == 1);
  CHECK(effective_sample_size(std::vector<uint32_t>{3, 1}) == 1.6);
  CHECK(effective_sample_size(std::vector<uint32_t>{3u << 30, 1u << 30, 0}) == 1.6);
}

TEST_CASE("a weighted proportion of equal weights has Wilson's interval") {
  for (const double unit : {1.0, 0x1p20, 0.3}) {
    for (const uint64_t hits : {0, 1, 15, 147, 148}) {
      CAPTURE(hits);
      const auto h = static_cast<double>(hits);
      const Interval x = weighted_wilson(h * unit, 148 * unit, h * unit * unit, 148 * unit * unit,
                                         z_of_90_percent);
      const Interval expected = wilson(hits, 148, z_of_90_percent);
      CHECK(x.low == doctest::Approx(expected.low).epsilon(1e-12));
      CHECK(x.high == doctest::Approx(expected.high).epsilon(1e-12));
    }
  }
  CHECK(weighted_wilson(0, 0, 0, 0, z_of_90_percent).low == 0);
  CHECK(weighted_wilson(0, 0, 0, 0, z_of_90_percent).high == 1);
  // No hit: as many trials as are effective. Weights 3 and 1, 50 times each.
  CHECK(weighted_wilson(0, 200, 0, 500, z_of_90_percent).high ==
        doctest::Approx(wilson(0, 80, z_of_90_percent).high).epsilon(1e-12));
  CHECK(weighted_wilson(200, 200, 500, 500, z_of_90_percent).high == 1);
  CHECK(weighted_wilson(200, 200, 500, 500, z_of_90_percent).low ==
        doctest::Approx(wilson(80, 80, z_of_90_percent).low).epsilon(1e-12));
  // 10 hits of weight 3 and 90 misses of weight 1 vary as p (1 - p) / n with p = 1/4 and
  // n = p (1 - p) total^2 / ((1 - p)^2 90 + p^2 90) = 48, fewer than the 80 that are effective.
  const Interval heavy = weighted_wilson(30, 120, 90, 180, z_of_90_percent);
  const Interval expected = wilson(12, 48, z_of_90_percent);
  CHECK(heavy.low == doctest::Approx(expected.low).epsilon(1e-12));
  CHECK(heavy.high == doctest::Approx(expected.high).epsilon(1e-12));
}

TEST_CASE("90 % intervals of weighted proportions hold the true probability 90 % of the time") {
  // Draws of N(0, 1) weighted into N(1, 1): the event x > c weighs more than the others.
  constexpr int trials = 1000, replications = 1500;
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal;
  for (const double p : {0.2, 0.7, 0.9}) {  // at 0.5 the two below agree
    CAPTURE(p);
    const double c = 1 - boost::math::quantile(boost::math::normal(), p);
    int covered = 0, covered_by_ess = 0;
    for (int r = 0; r < replications; ++r) {
      double hits = 0, total = 0, hits_squared = 0, total_squared = 0;
      for (int t = 0; t < trials; ++t) {
        const double x = normal(random), w = std::exp(x);
        total += w;
        total_squared += w * w;
        if (x > c) {
          hits += w;
          hits_squared += w * w;
        }
      }
      const auto holds = [p](const Interval& x) { return x.low <= p && p <= x.high; };
      covered += holds(weighted_wilson(hits, total, hits_squared, total_squared, z_of_90_percent));
      covered_by_ess +=
          holds(wilson_of_share(hits / total, total * total / total_squared, z_of_90_percent));
    }
    INFO(covered << " " << covered_by_ess);
    // Four standard errors of a share seen in so many replications.
    const double error = 4 * std::sqrt(0.9 * 0.1 / replications);
    const double share = static_cast<double>(covered) / replications;
    CHECK(std::abs(share - 0.9) < error);
    // The test tells it from Wilson's at the effective number of trials.
    const double by_ess = static_cast<double>(covered_by_ess) / replications;
    CHECK(std::abs(by_ess - 0.9) > error);
  }
}
