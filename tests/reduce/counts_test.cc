#include "reduce/counts.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

using namespace fabcast;

TEST_CASE("Wilson intervals are the published ones") {
  // Newcombe (1998), table I, method 3, 95 %.
  struct Row {
    uint64_t hits, trials;
    double low, high;
  };
  for (const Row& row : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605},
                         Row{0, 20, 0.0, 0.1611}, Row{1, 29, 0.0061, 0.1718}}) {
    CAPTURE(row.hits);
    const Interval x = wilson(row.hits, row.trials, 0.95);
    CHECK(std::abs(x.low - row.low) < 0.00005);
    CHECK(std::abs(x.high - row.high) < 0.00005);
    // Misses mirror hits.
    const Interval mirror = wilson(row.trials - row.hits, row.trials, 0.95);
    CHECK(mirror.low == doctest::Approx(1 - x.high).epsilon(1e-12));
    CHECK(mirror.high == doctest::Approx(1 - x.low).epsilon(1e-12));
  }
}

TEST_CASE("Wilson intervals at the ends") {
  CHECK(wilson(0, 0, 0.9).low == 0);
  CHECK(wilson(0, 0, 0.9).high == 1);
  CHECK(wilson(0, 7, 0.9).low == 0);
  CHECK(wilson(7, 7, 0.9).high == 1);
  CHECK(wilson(7, 7, 0.9).low > 0.6);
  for (uint64_t hits = 0; hits <= 50; ++hits) {
    const Interval narrow = wilson(hits, 50, 0.90), wide = wilson(hits, 50, 0.99);
    const double share = static_cast<double>(hits) / 50;
    CHECK((wide.low <= narrow.low && narrow.low <= share));
    CHECK((share <= narrow.high && narrow.high <= wide.high));
  }
  CHECK(wilson(3, 50, z_of_90_percent).low ==
        doctest::Approx(wilson(3, 50, 0.9).low).epsilon(1e-14));
  CHECK(wilson(3, 50, z_of_90_percent).high ==
        doctest::Approx(wilson(3, 50, 0.9).high).epsilon(1e-14));
  CHECK(wilson_of_share(0.25, 200, 0.9).low == wilson(50, 200, 0.9).low);
}

TEST_CASE("90 % Wilson intervals hold the true probability about 90 % of the time") {
  std::mt19937_64 random(1);
  for (const double p : {0.02, 0.3, 0.5, 0.9}) {
    std::binomial_distribution<uint64_t> binomial(400, p);
    int covered = 0;
    for (int i = 0; i < 4000; ++i) {
      const Interval x = wilson(binomial(random), 400, 0.9);
      covered += x.low <= p && p <= x.high;
    }
    // Counts are whole, so coverage swings by some 2 % around 90 % (Brown, Cai and DasGupta 2001).
    CHECK(covered > 4000 * 0.87);
    CHECK(covered < 4000 * 0.93);
  }
}

TEST_CASE("events are counted by code and merged by addition") {
  EventCounter left(5), right(5);
  left.add_codes(1, 3, std::vector<double>{0, 1, 2, 2, 3, -1, 0.5, std::nan(""), 1e300});
  right.add(0, 7);
  right.add_codes(1, 3, std::vector<double>{1, 1});
  left.merge(right);
  CHECK(left.hits(0) == 7);
  CHECK(left.hits(1) == 1);
  CHECK(left.hits(2) == 3);
  CHECK(left.hits(3) == 2);
  CHECK(left.hits(4) == 0);
  CHECK_THROWS_AS(left.merge(EventCounter(4)), std::logic_error);
}

TEST_CASE("first months: counts, never, and quantiles that may be never") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  FirstMonthCounter counter(2, 12), other(2, 12);
  counter.add(1, std::vector<double>{0, 3, 3, 11});
  other.add(1, std::vector<double>{12, -1, inf, std::nan(""), 5, 3});
  counter.merge(other);
  CHECK(counter.trials(0) == 0);
  CHECK(counter.trials(1) == 10);
  CHECK(counter.never(1) == 4);
  CHECK(counter.hits(1, 3) == 3);
  CHECK(counter.reached_by(1, 2) == 1);
  CHECK(counter.reached_by(1, 3) == 4);
  CHECK(counter.reached_by(1, 11) == 6);
  CHECK(counter.reached_by(1, 500) == 6);
  CHECK(counter.quantile(1, 0.05) == 0);
  CHECK(counter.quantile(1, 0.10) == 0);
  CHECK(counter.quantile(1, 0.11) == 3);
  CHECK(counter.quantile(1, 0.50) == 5);
  CHECK(counter.quantile(1, 0.60) == 11);
  CHECK(!counter.quantile(1, 0.95));
  CHECK(!counter.quantile(0, 0.05));
  CHECK_THROWS_AS(counter.merge(FirstMonthCounter(2, 11)), std::logic_error);
  // Equal in size, not in shape.
  CHECK_THROWS_AS(FirstMonthCounter(6, 1).merge(FirstMonthCounter(4, 2)), std::logic_error);
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
