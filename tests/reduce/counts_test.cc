#include "reduce/counts.h"

#include <doctest/doctest.h>

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
  CHECK(!quantile_cell(std::vector<uint64_t>(3), 0.5));
  CHECK(!quantile_cell({}, 0.5));
}
