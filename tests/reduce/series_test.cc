#include "reduce/series.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>

using namespace fabcast;

namespace {

using Rows = std::vector<std::vector<double>>;  ///< [series][trial]
constexpr uint64_t block = 256;

void keep_pilot(SeriesReducer& reducer, const Rows& rows) {
  for (size_t s = 0; s < rows.size(); ++s) {
    reducer.keep(s, 0, std::span(rows[s]).first(reducer.pilot_trials()));
  }
  reducer.end_pilot();
}

void count_block(SeriesReducer::Tally& tally, const Rows& rows, uint64_t index) {
  const uint64_t first = index * block;
  const uint64_t trials = std::min(block, rows[0].size() - first);
  for (size_t s = 0; s < rows.size(); ++s) {
    tally.count(s, std::span(rows[s]).subspan(first, trials));
  }
  tally.end_block(index);
}

/// Every series at once, blocks in order, one tally.
std::vector<SeriesStatistics> reduce(const Rows& rows) {
  SeriesReducer reducer(rows.size(), rows[0].size());
  keep_pilot(reducer, rows);
  if (rows[0].size() > reducer.pilot_trials()) {
    auto tally = reducer.tally();
    for (uint64_t b = reducer.pilot_trials() / block; b * block < rows[0].size(); ++b) {
      count_block(tally, rows, b);
    }
    reducer.merge(std::move(tally));
  }
  std::vector<SeriesStatistics> out;
  for (size_t s = 0; s < rows.size(); ++s) out.push_back(reducer.statistics(s));
  return out;
}

std::vector<uint64_t> bits(const SeriesStatistics& x) {
  std::vector<uint64_t> out;
  const auto add = [&](double value) { out.push_back(std::bit_cast<uint64_t>(value)); };
  for (const double value : {x.mean, x.sd, x.mean_se}) add(value);
  for (const auto& row : {x.quantile, x.low, x.high}) std::for_each(row.begin(), row.end(), add);
  return out;
}

double sample_quantile(const std::vector<double>& sorted, double q) {
  const double h = static_cast<double>(sorted.size() - 1) * q;
  const auto i = static_cast<size_t>(h);
  const double next = sorted[std::min(i + 1, sorted.size() - 1)];
  return sorted[i] + (h - std::floor(h)) * (next - sorted[i]);
}

std::vector<double> draw(size_t n, uint64_t seed, const std::function<double(double)>& of_normal) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> out(n);
  for (double& x : out) x = of_normal(normal(random));
  return out;
}

double identity(double z) { return z; }
double lognormal(double z) { return std::exp(z); }
double uniform(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

}  // namespace

TEST_CASE("up to 4,096 trials: the statistics of the sample") {
  SUBCASE("whole numbers 1 to 101, shuffled") {
    std::vector<double> values(101);
    std::iota(values.begin(), values.end(), 1);
    std::shuffle(values.begin(), values.end(), std::mt19937_64(1));
    const auto x = reduce({values})[0];
    CHECK(x.mean == 51);
    CHECK(x.sd == doctest::Approx(std::sqrt(101.0 * 102 / 12)).epsilon(1e-15));
    CHECK(x.mean_se == doctest::Approx(x.sd / std::sqrt(101.0)).epsilon(1e-15));
    CHECK(x.quantile[0] == 6);
    CHECK(x.quantile[3] == 51);
    CHECK(x.quantile[6] == 96);
    // 101 / 2 + 0.5 -+ 1.645 sqrt(101 / 4) = 42.73 .. 59.27
    CHECK(x.low[3] == 42);
    CHECK(x.high[3] == 60);
  }
  SUBCASE("NumPy's default quantile") {  // numpy.quantile([1, 2, 4, 8, 16], …)
    const auto x = reduce({{16, 1, 8, 2, 4}})[0];
    CHECK(x.quantile[0] == doctest::Approx(1.2).epsilon(1e-15));
    CHECK(x.quantile[1] == doctest::Approx(1.4).epsilon(1e-15));
    CHECK(x.quantile[2] == 2);
    CHECK(x.quantile[6] == doctest::Approx(14.4).epsilon(1e-15));
    CHECK(x.low[6] == 8);  // 4.75 + 0.5 - 0.80 = 4.45, the fourth
    CHECK(x.high[6] == 16);
  }
  SUBCASE("one trial has no spread") {
    const auto x = reduce({{3.5}})[0];
    CHECK(x.mean == 3.5);
    CHECK(std::isnan(x.sd));
    CHECK(std::isnan(x.mean_se));
    CHECK(x.quantile[0] == 3.5);
    CHECK(x.high[6] == 3.5);
  }
}

TEST_CASE("moments keep their digits far from zero") {
  for (const size_t trials : {3000, 9000}) {
    const auto values = draw(trials, 2, [](double z) { return 1e9 + 1e-3 * z; });
    long double sum = 0, square = 0;
    for (const double x : values) sum += x;
    const long double mean = sum / trials;
    for (const double x : values) square += (x - mean) * (x - mean);
    const auto x = reduce({values})[0];
    CHECK(x.mean == doctest::Approx(static_cast<double>(mean)).epsilon(1e-15));
    CHECK(x.sd ==
          doctest::Approx(static_cast<double>(std::sqrt(square / (trials - 1)))).epsilon(1e-10));
  }
}

TEST_CASE("a constant series is exactly its constant, without spread or negative zero") {
  for (const size_t trials : {2, 4096, 10000}) {
    for (const double constant : {0.1, -1e300, 0.0, -0.0}) {
      const auto x = reduce({std::vector<double>(trials, constant)})[0];
      const SeriesStatistics expected = [&] {
        SeriesStatistics e;
        e.mean = constant + 0.0;
        e.sd = e.mean_se = 0;
        e.quantile.fill(constant + 0.0);
        e.low = e.high = e.quantile;
        return e;
      }();
      CHECK(bits(x) == bits(expected));
    }
  }
}

TEST_CASE("the same bits for any order of blocks and any number of threads") {
  constexpr size_t trials = 20001;  // the last block is cut
  Rows rows;
  rows.push_back(draw(trials, 1, identity));
  rows.push_back(draw(trials, 2, lognormal));
  rows.push_back(draw(trials, 3, [](double z) { return z < 0.5 ? 0.0 : z; }));
  rows.push_back(draw(trials, 4, [](double z) { return std::round(100 * z); }));
  const auto expected = reduce(rows);
  constexpr uint64_t first = SeriesReducer::pilot_of_more / block, last = trials / block + 1;
  const auto check = [&](SeriesReducer& reducer) {
    for (size_t s = 0; s < rows.size(); ++s) {
      CHECK(bits(reducer.statistics(s)) == bits(expected[s]));
    }
  };

  SUBCASE("one tally, blocks backwards") {
    SeriesReducer reducer(rows.size(), trials);
    keep_pilot(reducer, rows);
    auto tally = reducer.tally();
    for (uint64_t b = last; b-- > first;) count_block(tally, rows, b);
    reducer.merge(std::move(tally));
    check(reducer);
  }
  SUBCASE("blocks shuffled over three tallies, merged backwards") {
    std::vector<uint64_t> order(last - first);
    std::iota(order.begin(), order.end(), first);
    std::mt19937_64 random(5);
    for (int repeat = 0; repeat < 5; ++repeat) {
      std::shuffle(order.begin(), order.end(), random);
      SeriesReducer reducer(rows.size(), trials);
      keep_pilot(reducer, rows);
      std::vector<SeriesReducer::Tally> tallies;
      for (int t = 0; t < 3; ++t) tallies.push_back(reducer.tally());
      for (const uint64_t b : order) count_block(tallies[random() % 3], rows, b);
      for (int t = 3; t-- > 0;) reducer.merge(std::move(tallies[static_cast<size_t>(t)]));
      check(reducer);
    }
  }
  SUBCASE("threads, in the pilot too") {
    for (const size_t threads : {2, 3, 8}) {
      SeriesReducer reducer(rows.size(), trials);
      std::vector<std::thread> pool;
      const uint64_t pilot_blocks = reducer.pilot_trials() / block;
      for (size_t t = 0; t < threads; ++t) {
        pool.emplace_back([&, t] {
          for (uint64_t b = t; b < pilot_blocks; b += threads) {
            for (size_t s = 0; s < rows.size(); ++s) {
              reducer.keep(s, b * block, std::span(rows[s]).subspan(b * block, block));
            }
          }
        });
      }
      for (auto& thread : pool) thread.join();
      pool.clear();
      reducer.end_pilot(static_cast<int>(threads));
      std::vector<SeriesReducer::Tally> tallies;
      for (size_t t = 0; t < threads; ++t) tallies.push_back(reducer.tally());
      for (size_t t = 0; t < threads; ++t) {
        pool.emplace_back([&, t] {
          for (uint64_t b = first + t; b < last; b += threads) count_block(tallies[t], rows, b);
        });
      }
      for (auto& thread : pool) thread.join();
      for (auto& tally : tallies) reducer.merge(std::move(tally));
      check(reducer);
    }
  }
}

TEST_CASE("repeated values and whole numbers give the exact sample quantile at N = 100,000") {
  constexpr size_t trials = 100000;
  const std::vector<std::function<double(double)>> shapes{
      [](double z) { return std::floor(30 + 5 * z); },       // a few dozen whole numbers
      [](double z) { return std::round(60 * z); },           // more whole numbers than bins
      [](double z) { return 0.1 * std::round(10 * z); },     // steps that are not whole
      [](double z) { return z > 1 ? 1.0 : 0.0; },            // an event
      [](double z) { return z < 1.7 ? 0.0 : std::exp(z); },  // mostly zero: every quantile is
      [](double z) { return std::min(z, -1.7); },            // mostly at a cap
  };
  for (size_t shape = 0; shape < shapes.size(); ++shape) {
    CAPTURE(shape);
    auto values = draw(trials, 20 + shape, shapes[shape]);
    const auto x = reduce({values})[0];
    std::sort(values.begin(), values.end());
    // The capped shapes lie on the repeated value from the first or up to the last quantile but
    // one.
    for (size_t i = shape == 5 ? 1 : 0; i < reported_quantiles.size(); ++i) {
      CHECK(x.quantile[i] == sample_quantile(values, reported_quantiles[i]));
    }
  }
}

TEST_CASE("error of interpolated quantiles at N = 100,000, against the Monte Carlo error") {
  constexpr size_t trials = 100000, replications = 60;
  struct Shape {
    const char* name;
    double (*of_normal)(double);
  };
  for (const Shape& shape :
       {Shape{"normal", identity}, Shape{"lognormal", lognormal}, Shape{"uniform", uniform}}) {
    std::array<double, 7> exact_square{}, binned_square{}, difference{}, difference_square{};
    for (size_t r = 0; r < replications; ++r) {
      auto values = draw(trials, 1000 + r, shape.of_normal);
      const auto x = reduce({values})[0];
      std::sort(values.begin(), values.end());
      for (size_t i = 0; i < 7; ++i) {
        const double q = reported_quantiles[i];
        const double z = boost::math::quantile(boost::math::normal(), q);
        const double truth = shape.of_normal(z);
        // Monte Carlo standard error of the sample quantile: sqrt(q (1 - q) / N) / density.
        const double slope = (shape.of_normal(z + 1e-5) - shape.of_normal(z - 1e-5)) / 2e-5;
        const double error =
            std::sqrt(q * (1 - q) / trials) * slope / boost::math::pdf(boost::math::normal(), z);
        const double exact = (sample_quantile(values, q) - truth) / error;
        const double binned = (x.quantile[i] - truth) / error;
        exact_square[i] += exact * exact;
        binned_square[i] += binned * binned;
        difference[i] += binned - exact;
        difference_square[i] += (binned - exact) * (binned - exact);
      }
    }
    for (size_t i = 0; i < 7; ++i) {
      const double shift = difference[i] / replications;
      const double apart = std::sqrt(difference_square[i] / replications);
      const double ratio = std::sqrt(binned_square[i] / exact_square[i]);
      INFO(shape.name << " " << reported_quantiles[i] << ": shift " << shift << ", apart " << apart
                      << ", ratio of errors " << ratio);
      CHECK(std::abs(shift) < 0.03);
      CHECK(std::abs(ratio - 1) < 0.03);
      CHECK(apart < 0.08);
    }
  }
}

TEST_CASE("the 90 % intervals hold the true quantile as often as the binomial says") {
  struct Case {
    size_t trials, replications;
  };
  for (const auto& [trials, replications] : {Case{200, 4000}, Case{5000, 1000}}) {  // kept; counted
    CAPTURE(trials);
    Rows rows;
    for (size_t r = 0; r < replications; ++r) rows.push_back(draw(trials, 5000 + r, identity));
    const auto statistics = reduce(rows);
    for (size_t i = 0; i < 7; ++i) {
      const double q = reported_quantiles[i];
      CAPTURE(q);
      const double truth = boost::math::quantile(boost::math::normal(), q);
      const auto covered = std::count_if(statistics.begin(), statistics.end(), [&](const auto& x) {
        return x.low[i] <= truth && truth <= x.high[i];
      });
      // Coverage of order statistics l and u: P(l <= B < u), B binomial.
      const double n = static_cast<double>(trials), reach = 1.6449 * std::sqrt(n * q * (1 - q));
      const boost::math::binomial below(n, q);
      const double expected =
          boost::math::cdf(below, std::min(n, std::ceil(n * q + 0.5 + reach)) - 1) -
          boost::math::cdf(below, std::max(1.0, std::floor(n * q + 0.5 - reach)) - 1);
      CHECK(expected >= 0.9);
      CHECK(expected < 0.95);
      // Four standard errors of a share seen in so many replications.
      const auto seen = static_cast<double>(replications);
      CHECK(std::abs(static_cast<double>(covered) / seen - expected) <
            4 * std::sqrt(0.9 * 0.1 / seen));
    }
  }
}

TEST_CASE("a pilot that misleads gives wide answers, not wrong ones") {
  constexpr size_t trials = 20000;
  std::vector<double> values(trials);
  for (size_t t = 0; t < trials; ++t) {
    values[t] = t < SeriesReducer::pilot_of_more ? std::sin(static_cast<double>(t))
                                                 : 100.0 + static_cast<double>(t);
  }
  const auto x = reduce({values})[0];
  CHECK(x.quantile[6] > 1);
  CHECK(x.high[6] <= 100.0 + trials);
  CHECK(std::is_sorted(x.quantile.begin(), x.quantile.end()));
  for (size_t i = 0; i < 7; ++i) {
    CHECK(x.low[i] <= x.quantile[i]);
    CHECK(x.quantile[i] <= x.high[i]);
  }
}

TEST_CASE("a NaN or an infinity anywhere leaves the series without statistics, others untouched") {
  constexpr size_t trials = 6000;
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    for (const size_t at : {size_t{3}, trials - 1}) {
      Rows rows{draw(trials, 1, identity), draw(trials, 1, identity)};
      rows[0][at] = bad;
      const auto x = reduce(rows);
      for (const double value : {x[0].mean, x[0].sd, x[0].mean_se, x[0].quantile[3], x[0].low[0]}) {
        CHECK(std::isnan(value));
      }
      CHECK(bits(x[1]) == bits(reduce({rows[1]})[0]));
    }
  }
}

TEST_CASE("misuse is refused") {
  CHECK_THROWS_AS(SeriesReducer(1, 0), std::invalid_argument);
  CHECK_THROWS_AS(SeriesReducer(1, uint64_t{1} << 32), std::invalid_argument);
  const Rows rows{draw(6000, 1, identity), draw(6000, 2, identity)};
  SeriesReducer reducer(2, 6000);
  CHECK_THROWS_AS(reducer.keep(0, 2048, std::span(rows[0]).first(1)), std::logic_error);
  CHECK_THROWS_AS(reducer.keep(2, 0, std::span(rows[0]).first(1)), std::logic_error);
  CHECK_THROWS_AS(reducer.tally(), std::logic_error);
  keep_pilot(reducer, rows);
  auto tally = reducer.tally();
  tally.count(0, std::span(rows[0]).subspan(2048, 256));  // and forgets series 1
  tally.end_block(8);
  reducer.merge(std::move(tally));
  CHECK_NOTHROW(reducer.statistics(0));
  CHECK_THROWS_AS(reducer.statistics(1), std::logic_error);
}

TEST_CASE("12,000 series over 100,000 trials on 2 threads stay below 250 MB") {
  CHECK(SeriesReducer::memory_bytes(12000, 100000, 2) < 250'000'000);
  CHECK(SeriesReducer::memory_bytes(12000, 10'000'000, 2) < 250'000'000);
}
