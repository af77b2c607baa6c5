#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>

#include "reduce/counts.h"
#include "reduce/series.h"

using namespace fabcast;

namespace {

using Rows = std::vector<std::vector<double>>;  ///< [series][trial]
using Weights = std::vector<uint32_t>;          ///< [trial]
constexpr uint64_t block = 256;
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double z_90 = 1.6448536269514722;

void keep_pilot(SeriesReducer& reducer, const Rows& rows, const Weights& weights) {
  for (size_t s = 0; s < rows.size(); ++s) {
    reducer.keep(s, 0, std::span(rows[s]).first(reducer.pilot_trials()));
  }
  reducer.keep_weights(0, std::span(weights).first(reducer.pilot_trials()));
  reducer.end_pilot();
}

void count_block(SeriesReducer::Tally& tally, const Rows& rows, const Weights& weights,
                 uint64_t index) {
  const uint64_t first = index * block;
  const uint64_t trials = std::min(block, weights.size() - first);
  for (size_t s = 0; s < rows.size(); ++s) {
    tally.count(s, std::span(rows[s]).subspan(first, trials),
                std::span(weights).subspan(first, trials));
  }
  tally.end_block(index);
}

struct Reduced {
  std::vector<SeriesStatistics> series;
  double ess;
};

Reduced read(const SeriesReducer& reducer, size_t series) {
  Reduced out{{}, reducer.effective_sample_size()};
  for (size_t s = 0; s < series; ++s) out.series.push_back(reducer.statistics(s));
  return out;
}

/// Every series at once, blocks in order, one tally.
Reduced reduced(const Rows& rows, const Weights& weights) {
  SeriesReducer reducer(rows.size(), weights.size(), Weighted::yes);
  keep_pilot(reducer, rows, weights);
  if (weights.size() > reducer.pilot_trials()) {
    auto tally = reducer.tally();
    for (uint64_t b = reducer.pilot_trials() / block; b * block < weights.size(); ++b) {
      count_block(tally, rows, weights, b);
    }
    reducer.merge(std::move(tally));
  }
  return read(reducer, rows.size());
}

SeriesStatistics reduce(const std::vector<double>& values, const Weights& weights) {
  return reduced({values}, weights).series[0];
}

SeriesStatistics reduce_unweighted(const std::vector<double>& values) {
  SeriesReducer reducer(1, values.size());
  reducer.keep(0, 0, std::span(values).first(reducer.pilot_trials()));
  reducer.end_pilot();
  if (values.size() > reducer.pilot_trials()) {
    auto tally = reducer.tally();
    tally.count(0, std::span(values).subspan(reducer.pilot_trials()));
    tally.end_block(1);
    reducer.merge(std::move(tally));
  }
  return reducer.statistics(0);
}

std::vector<uint64_t> bits(const SeriesStatistics& x) {
  std::vector<uint64_t> out;
  const auto add = [&](double value) { out.push_back(std::bit_cast<uint64_t>(value)); };
  for (const double value : {x.mean, x.sd, x.mean_se}) add(value);
  for (const auto& row : {x.quantile, x.low, x.high}) std::for_each(row.begin(), row.end(), add);
  return out;
}

std::vector<double> draw(size_t n, uint64_t seed, const std::function<double(double)>& of_normal) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> out(n);
  for (double& x : out) x = of_normal(normal(random));
  return out;
}

double identity(double z) { return z; }

/// Weights that make draws of N(0, 1) into ones of N(mu, 1): exp(mu x - mu^2 / 2).
Weights tilted(const std::vector<double>& draws, double mu) {
  Weights out;
  for (const double x : draws) {
    out.push_back(static_cast<uint32_t>(std::lround(0x1p16 * std::exp(mu * x - mu * mu / 2))));
  }
  return out;
}

/// |a / b - 1| below `part`: doctest's Approx allows as much of 1 besides, too much for small b.
bool close(double a, double b, double part) { return std::abs(a - b) <= part * std::abs(b); }

double normal_quantile(double q) { return boost::math::quantile(boost::math::normal(), q); }
double normal_cdf(double x) { return boost::math::cdf(boost::math::normal(), x); }

/// Values of weight in ascending order, and the weight up to each, it included.
struct Sample {
  std::vector<std::pair<double, double>> steps;

  Sample(const std::vector<double>& values, const Weights& weights) {
    for (size_t t = 0; t < values.size(); ++t) {
      if (weights[t] > 0) steps.push_back({values[t], weights[t]});
    }
    std::sort(steps.begin(), steps.end());
    for (size_t i = 1; i < steps.size(); ++i) steps[i].second += steps[i - 1].second;
  }
  /// The value of the step into which a share q of the weight falls.
  double quantile(double q) const {
    const double asked = std::clamp(q, 0.0, 1.0) * steps.back().second;
    const auto step =
        std::upper_bound(steps.begin(), steps.end(), asked,
                         [](double mass, const auto& next) { return mass < next.second; });
    return step == steps.end() ? steps.back().first : step->first;
  }
};

/// Linear between the middles of steps of equal weight, i + 1/2 of N: "type 5".
double type_5(const std::vector<double>& sorted, double q) {
  const auto n = static_cast<double>(sorted.size());
  const double h = std::clamp(n * q - 0.5, 0.0, n - 1);
  const auto i = static_cast<size_t>(h);
  const double next = sorted[std::min(i + 1, sorted.size() - 1)];
  return sorted[i] + (h - std::floor(h)) * (next - sorted[i]);
}

/// Every statistic is that of the values alone, each weighing the same; quantiles and intervals
/// beyond 4,096 trials to `accuracy` standard errors of probability.
void check_alike(const SeriesStatistics& x, std::vector<double> values, bool counted,
                 double accuracy) {
  const SeriesStatistics expected = reduce_unweighted(values);
  std::sort(values.begin(), values.end());
  CHECK(close(x.mean, expected.mean, 1e-13));
  CHECK(close(x.sd, expected.sd, 1e-12));
  CHECK(close(x.mean_se, expected.mean_se, 1e-12));
  const auto n = static_cast<double>(values.size());
  for (size_t i = 0; i < 7; ++i) {
    const double q = reported_quantiles[i], se = std::sqrt(q * (1 - q) / n);
    CAPTURE(q);
    struct Read {
      double value, q;
    };
    for (const Read& read :
         {Read{x.quantile[i], q}, Read{x.low[i], q - z_90 * se}, Read{x.high[i], q + z_90 * se}}) {
      if (counted) {
        CHECK(read.value >= type_5(values, read.q - accuracy * se));
        CHECK(read.value <= type_5(values, read.q + accuracy * se));
      } else {
        CHECK(read.value == doctest::Approx(type_5(values, read.q)).epsilon(1e-11));
      }
    }
    // The ranks of unweighted trials are apart from these by up to half, ends of intervals by up
    // to three halves, for they are rounded outward.
    CHECK(std::abs(x.quantile[i] - expected.quantile[i]) <=
          type_5(values, q + 0.5 / n + accuracy * se) -
              type_5(values, q - 0.5 / n - accuracy * se));
    CHECK(expected.low[i] >= type_5(values, q - (z_90 + accuracy) * se - 1.5 / n));
    CHECK(expected.low[i] <= type_5(values, q - (z_90 - accuracy) * se + 0.5 / n));
    CHECK(expected.high[i] >= type_5(values, q + (z_90 - accuracy) * se - 0.5 / n));
    CHECK(expected.high[i] <= type_5(values, q + (z_90 + accuracy) * se + 1.5 / n));
  }
}

}  // namespace

TEST_CASE("equal weights of any unit give the statistics without weights") {
  for (const size_t trials : {1000, 4096, 20000}) {
    const auto values = draw(trials, trials, [](double z) { return 5 + std::exp(z); });
    const auto one = reduce(values, Weights(trials, 1));
    check_alike(one, values, trials > 4096, 0.4);
    for (const uint32_t unit : {uint32_t{1} << 20, uint32_t{777}}) {
      CAPTURE(unit);
      const auto x = reduce(values, Weights(trials, unit));
      CHECK(close(x.mean, one.mean, 1e-14));
      CHECK(close(x.mean_se, one.mean_se, 1e-12));
      for (size_t i = 0; i < 7; ++i) {
        CHECK(x.quantile[i] == doctest::Approx(one.quantile[i]).epsilon(1e-11));
        CHECK(x.low[i] == doctest::Approx(one.low[i]).epsilon(1e-11));
        CHECK(x.high[i] == doctest::Approx(one.high[i]).epsilon(1e-11));
      }
    }
  }
}

TEST_CASE("weighted trials: the same bits for any order of blocks and any number of threads") {
  constexpr size_t trials = 20001;  // the last block is cut
  Rows rows;
  rows.push_back(draw(trials, 1, identity));
  rows.push_back(draw(trials, 2, [](double z) { return std::exp(z); }));
  rows.push_back(draw(trials, 3, [](double z) { return z < 0.5 ? 0.0 : z; }));
  rows.push_back(draw(trials, 4, [](double z) { return std::round(100 * z); }));
  Weights weights = tilted(rows[0], 0.7);
  for (size_t t = 0; t < trials; t += 5) weights[t] = 0;
  const Reduced expected = reduced(rows, weights);
  constexpr uint64_t first = SeriesReducer::pilot_of_more / block, last = trials / block + 1;
  const auto check = [&](const Reduced& x) {
    CHECK(x.ess == expected.ess);
    for (size_t s = 0; s < rows.size(); ++s) {
      CHECK(bits(x.series[s]) == bits(expected.series[s]));
    }
  };

  SUBCASE("blocks shuffled over three tallies, merged backwards") {
    std::vector<uint64_t> order(last - first);
    std::iota(order.begin(), order.end(), first);
    std::mt19937_64 random(5);
    for (int repeat = 0; repeat < 5; ++repeat) {
      std::shuffle(order.begin(), order.end(), random);
      SeriesReducer reducer(rows.size(), trials, Weighted::yes);
      keep_pilot(reducer, rows, weights);
      std::vector<SeriesReducer::Tally> tallies;
      for (int t = 0; t < 3; ++t) tallies.push_back(reducer.tally());
      for (const uint64_t b : order) count_block(tallies[random() % 3], rows, weights, b);
      for (int t = 3; t-- > 0;) reducer.merge(std::move(tallies[static_cast<size_t>(t)]));
      check(read(reducer, rows.size()));
    }
  }
  SUBCASE("threads, in the pilot too") {
    for (const size_t threads : {2, 3, 8}) {
      SeriesReducer reducer(rows.size(), trials, Weighted::yes);
      std::vector<std::thread> pool;
      for (size_t t = 0; t < threads; ++t) {
        pool.emplace_back([&, t] {
          for (uint64_t b = t; b < first; b += threads) {
            for (size_t s = 0; s < rows.size(); ++s) {
              reducer.keep(s, b * block, std::span(rows[s]).subspan(b * block, block));
            }
            reducer.keep_weights(b * block, std::span(weights).subspan(b * block, block));
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
          for (uint64_t b = first + t; b < last; b += threads) {
            count_block(tallies[t], rows, weights, b);
          }
        });
      }
      for (auto& thread : pool) thread.join();
      for (auto& tally : tallies) reducer.merge(std::move(tally));
      check(read(reducer, rows.size()));
    }
  }
  SUBCASE("weights twice as large") {
    for (uint32_t& weight : weights) weight *= 2;
    check(reduced(rows, weights));
  }
}

TEST_CASE(
    "draws of N(0, 1) weighted into N(1, 1): moments, quantiles, and how uncertain they are") {
  constexpr size_t trials = 100000;
  const auto values = draw(trials, 7, identity);
  const Weights weights = tilted(values, 1);
  const Reduced read = reduced({values}, weights);
  const SeriesStatistics& x = read.series[0];
  const double e = std::exp(1.0), n = trials;
  // For the draws E w^2 = e, and weighted by w^2 they are N(2, 1).
  CHECK(close(read.ess, n / e, 0.05));
  CHECK(close(read.ess, effective_sample_size(weights), 1e-12));
  CHECK(std::abs(x.mean - 1) < 4 * x.mean_se);
  // E w^2 (x - 1)^2 = 2 e: a count of effective trials would tell 1 / sqrt 2 of this.
  CHECK(close(x.mean_se, std::sqrt(2 * e / n), 0.1));
  // Var sd = E w^2 ((x - 1)^2 - 1)^2 / (4 N), of N(2, 1): 6 e / (4 N).
  CHECK(std::abs(x.sd - 1) < 4 * std::sqrt(6 * e / (4 * n)));
  for (size_t i = 0; i < 7; ++i) {
    const double q = reported_quantiles[i], truth = 1 + normal_quantile(q);
    CAPTURE(q);
    const double below = normal_cdf(truth - 2);
    const double se = std::sqrt(e * ((1 - q) * (1 - q) * below + q * q * (1 - below)) / n);
    CHECK(std::abs(normal_cdf(x.quantile[i] - 1) - q) < 4 * se);
    // The width of the interval in probability: at 5 % a third of what effective trials would tell,
    // at 95 % twice.
    const double width = normal_cdf(x.high[i] - 1) - normal_cdf(x.low[i] - 1);
    CHECK(close(width, 2 * z_90 * se, 0.1));
  }
}

TEST_CASE("90 % intervals of weighted trials hold the truth 90 % of the time") {
  struct Case {
    size_t trials, replications;
  };
  for (const auto& [trials, replications] : {Case{2000, 1000}, Case{6000, 400}}) {  // kept; counted
    CAPTURE(trials);
    int mean = 0, p50 = 0, p90 = 0;       // intervals that hold
    int mean_by_ess = 0, p90_by_ess = 0;  // those that effective trials would give
    const double truth_90 = 1 + normal_quantile(0.9);
    for (size_t r = 0; r < replications; ++r) {
      const auto values = draw(trials, 9000 + r, identity);
      const auto [series, ess] = reduced({values}, tilted(values, 1));
      const SeriesStatistics& x = series[0];
      mean += std::abs(x.mean - 1) <= z_90 * x.mean_se;
      mean_by_ess += std::abs(x.mean - 1) <= z_90 * x.sd / std::sqrt(ess);
      p50 += x.low[3] <= 1 && 1 <= x.high[3];
      p90 += x.low[5] <= truth_90 && truth_90 <= x.high[5];
      p90_by_ess +=
          std::abs(normal_cdf(x.quantile[5] - 1) - 0.9) <= z_90 * std::sqrt(0.9 * 0.1 / ess);
    }
    // Four standard errors of a share seen in so many replications.
    const auto seen = static_cast<double>(replications);
    const double error = 4 * std::sqrt(0.9 * 0.1 / seen);
    INFO(mean << " " << p50 << " " << p90 << " " << mean_by_ess << " " << p90_by_ess);
    CHECK(std::abs(mean / seen - 0.9) < error);
    CHECK(std::abs(p50 / seen - 0.9) < error);
    CHECK(std::abs(p90 / seen - 0.9) < error);
    // The test tells them apart: weights go with the values here.
    CHECK(mean_by_ess / seen < 0.9 - error);
    CHECK(p90_by_ess / seen < 0.9 - error);
  }
}

TEST_CASE("weights of 0 and 1 give the statistics of the subset alone") {
  for (const size_t trials : {3000, 40000}) {
    const bool counted = trials > 4096;
    for (const bool from_pilot : {true, false}) {
      if (!counted && !from_pilot) continue;
      CAPTURE(trials);
      CAPTURE(from_pilot);
      auto values = draw(trials, 21, [](double z) { return 3 + z; });
      auto whole = draw(trials, 22, [](double z) { return std::floor(30 + 5 * z); });
      std::vector<double> subset, whole_subset;
      Weights weights;
      std::mt19937_64 random(23);
      for (size_t t = 0; t < trials; ++t) {
        const bool in = random() % 3 == 0 && (from_pilot || t >= SeriesReducer::pilot_of_more);
        weights.push_back(in);
        if (in) {
          values[t] += 0.5;  // not as the others are
          subset.push_back(values[t]);
          whole_subset.push_back(whole[t]);
        } else if (random() % 4 == 0) {  // nothing of these may be seen
          const std::array<double, 4> odd{inf, -inf, std::nan(""), 1e9};
          values[t] = odd[random() % 4];
        }
      }
      const Reduced read = reduced({values, whole}, weights);
      CHECK(read.ess == doctest::Approx(static_cast<double>(subset.size())).epsilon(1e-14));
      check_alike(read.series[0], subset, counted, 0.4);
      const auto& x = read.series[1];
      std::sort(whole_subset.begin(), whole_subset.end());
      for (size_t i = 0; i < 7; ++i) {
        CHECK(x.quantile[i] == type_5(whole_subset, reported_quantiles[i]));
      }
    }
  }
}

TEST_CASE("ends of a weighted series are those of trials of weight") {
  for (const size_t trials : {100, 9000}) {
    auto values = draw(trials, 31, identity);
    Weights weights(trials, 0);
    for (size_t t = 0; t < 6; ++t) {  // so few that intervals reach the ends
      weights[trials - 1 - t] = 5;
      values[trials - 1 - t] = 0.1 * static_cast<double>(t);
    }
    const auto x = reduce(values, weights);
    CHECK(x.low[0] == 0);
    CHECK(x.high[6] == 0.5);
    CHECK(x.mean == doctest::Approx(0.25).epsilon(1e-14));
    CHECK(x.sd == doctest::Approx(std::sqrt(0.035)).epsilon(1e-12));
  }
}

TEST_CASE("repeated values and whole numbers give the weighted sample's quantile exactly") {
  constexpr size_t trials = 60000;
  const std::vector<std::function<double(double)>> shapes{
      [](double z) { return std::floor(30 + 5 * z); },       // a few dozen whole numbers
      [](double z) { return std::round(15 * z); },           // more of them
      [](double z) { return 0.1 * std::round(10 * z); },     // steps that are not whole
      [](double z) { return z > 1 ? 1.0 : 0.0; },            // an event
      [](double z) { return z < 2.7 ? 0.0 : std::exp(z); },  // mostly zero: every quantile is
      [](double z) { return std::min(z, -0.7); },            // mostly at a cap
  };
  const auto draws = draw(trials, 41, identity);
  const Weights weights = tilted(draws, 1);
  for (size_t shape = 0; shape < shapes.size(); ++shape) {
    CAPTURE(shape);
    std::vector<double> values;
    for (const double z : draws) values.push_back(shapes[shape](z));
    const auto x = reduce(values, weights);
    const Sample sample(values, weights);
    for (size_t i = shape == 5 ? 1 : 0; i < 7; ++i) {
      CHECK(x.quantile[i] == sample.quantile(reported_quantiles[i]));
    }
  }
}

TEST_CASE("error of quantiles read off weighted bins at N = 100,000") {
  constexpr size_t trials = 100000, replications = 30;
  std::array<double, 7> exact_square{}, binned_square{}, difference{}, difference_square{};
  for (size_t r = 0; r < replications; ++r) {
    const auto values = draw(trials, 600 + r, identity);
    const Weights weights = tilted(values, 1);
    const auto x = reduce(values, weights);
    const Sample sample(values, weights);
    for (size_t i = 0; i < 7; ++i) {
      const double q = reported_quantiles[i], truth = 1 + normal_quantile(q);
      const double error = (x.high[i] - x.low[i]) / (2 * z_90);
      const double exact = (sample.quantile(q) - truth) / error;
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
    INFO(reported_quantiles[i] << ": shift " << shift << ", apart " << apart << ", ratio of errors "
                               << ratio);
    CHECK(std::abs(shift) < 0.1);
    CHECK(apart < 0.2);
    CHECK(std::abs(ratio - 1) < 0.05);
  }
}

TEST_CASE("few heavy trials in the pilot leave bins for the others") {
  // One in a hundred trials weighs, all near 5: the pilot holds some twenty of them.
  constexpr size_t trials = 100000;
  auto values = draw(trials, 51, identity);
  Weights weights(trials, 0);
  std::vector<double> subset;
  for (size_t t = 0; t < trials; t += 100) {
    weights[t] = uint32_t{1} << 20;
    values[t] = 5 + 0.1 * values[t];
    subset.push_back(values[t]);
  }
  check_alike(reduce(values, weights), subset, true, 0.4);
}

TEST_CASE("weighted moments keep their digits, a constant series is its constant") {
  for (const size_t trials : {3000, 9000}) {
    const auto draws = draw(trials, 2, identity);
    Weights weights = tilted(draws, 1);
    std::vector<double> values;
    for (size_t t = 0; t < trials; ++t) {
      if (t % 3 > 0) weights[t] = 0;  // most trials lie elsewhere, but do not count
      values.push_back(t % 3 > 0 ? -1e15 : 1e9 + 1e-3 * draws[t]);
    }
    long double all = 0, sum = 0, square = 0, all_square = 0, of_mean = 0;
    for (size_t t = 0; t < trials; ++t) {
      all += weights[t];
      all_square += static_cast<long double>(weights[t]) * weights[t];
      sum += weights[t] * (static_cast<long double>(values[t]) - 1e9L);
    }
    const long double mean = 1e9L + sum / all;
    for (size_t t = 0; t < trials; ++t) {
      const long double d = values[t] - 1e9L - sum / all;
      square += weights[t] * d * d;
      of_mean += weights[t] * d * d * weights[t];
    }
    const long double ess = all * all / all_square, correction = ess / (ess - 1);
    const auto x = reduce(values, weights);
    CHECK(close(x.mean, static_cast<double>(mean), 1e-15));
    CHECK(close(x.sd, static_cast<double>(std::sqrt(correction * square / all)), 1e-9));
    CHECK(close(x.mean_se, static_cast<double>(std::sqrt(correction * of_mean) / all), 1e-9));
    for (const double constant : {0.1, -1e300, -0.0}) {
      auto y = reduce(std::vector<double>(trials, constant), weights);
      SeriesStatistics expected;
      expected.mean = constant + 0.0;
      expected.quantile.fill(constant + 0.0);
      expected.low = expected.high = expected.quantile;
      CHECK(bits(y) == bits(expected));
    }
  }
}

TEST_CASE("no weight leaves no statistics, one trial of weight no spread") {
  for (const size_t trials : {50, 9000}) {
    const auto values = draw(trials, 61, identity);
    Weights weights(trials, 0);
    const Reduced none = reduced({values}, weights);
    CHECK(none.ess == 0);
    const auto& x = none.series[0];
    for (const double value : {x.mean, x.sd, x.mean_se, x.quantile[3], x.low[0], x.high[6]}) {
      CHECK(std::isnan(value));
    }
    weights.back() = 12;
    const auto one = reduce(values, weights);
    CHECK(one.mean == doctest::Approx(values.back()).epsilon(1e-14));
    CHECK(std::isnan(one.sd));
    CHECK(std::isnan(one.mean_se));
    for (size_t i = 0; i < 7; ++i) {
      CHECK(one.low[i] == values.back());
      CHECK(one.quantile[i] == values.back());
      CHECK(one.high[i] == values.back());
    }
  }
}

TEST_CASE("a NaN or an infinity in a trial of weight leaves the series without statistics") {
  constexpr size_t trials = 6000;
  const Weights weights(trials, 3);
  for (const double bad : {std::nan(""), inf, -inf}) {
    for (const size_t at : {size_t{3}, trials - 1}) {
      Rows rows{draw(trials, 1, identity), draw(trials, 1, identity)};
      rows[0][at] = bad;
      const Reduced read = reduced(rows, weights);
      const auto& x = read.series[0];
      for (const double value : {x.mean, x.sd, x.mean_se, x.quantile[3], x.low[0]}) {
        CHECK(std::isnan(value));
      }
      CHECK(bits(read.series[1]) == bits(reduce(rows[1], weights)));
    }
  }
}

TEST_CASE("distributions: kept trials tell them by the rule of quantiles, bins to half a percent") {
  const size_t n = 50'000;
  const Rows rows{draw(n, 8, [](double z) { return std::exp(z); })};
  std::vector<double> sorted = rows[0], shares;
  std::sort(sorted.begin(), sorted.end());
  for (int percent = 1; percent < 100; ++percent) shares.push_back(percent / 100.0);

  SeriesReducer keeper(1, n, Weighted::no, {}, n);
  keeper.keep(0, 0, rows[0]);
  keeper.end_pilot();
  const std::vector<double> exact = keeper.values_below(0, shares);
  CHECK(exact[4] == keeper.statistics(0).quantile[0]);
  CHECK(exact[49] == keeper.statistics(0).quantile[3]);
  CHECK(exact[94] == keeper.statistics(0).quantile[6]);
  for (size_t i = 0; i < shares.size(); ++i) {
    const double h = static_cast<double>(n - 1) * shares[i];
    const auto below = static_cast<size_t>(h);
    CHECK(exact[i] ==
          doctest::Approx(std::lerp(sorted[below], sorted[below + 1], h - std::floor(h)))
              .epsilon(1e-14));
  }

  const Weights ones(n, 1);
  SeriesReducer binned(1, n, Weighted::yes);
  keep_pilot(binned, rows, ones);
  auto tally = binned.tally();
  for (uint64_t b = binned.pilot_trials() / block; b * block < n; ++b) {
    count_block(tally, rows, ones, b);
  }
  binned.merge(std::move(tally));
  const std::vector<double> told = binned.values_below(0, shares);
  for (size_t i = 0; i < shares.size(); ++i) {
    CAPTURE(i);
    const auto rank = std::lower_bound(sorted.begin(), sorted.end(), told[i]) - sorted.begin();
    CHECK(std::abs(static_cast<double>(rank) / static_cast<double>(n) - shares[i]) < 0.005);
  }
}

TEST_CASE("misuse of weights is refused") {
  constexpr size_t trials = 6000;
  const Rows rows{draw(trials, 1, identity), draw(trials, 2, identity)};
  const Weights weights(trials, 7);
  const auto values = std::span(rows[0]).subspan(2048, block);
  SeriesReducer without(1, trials);
  CHECK_THROWS_AS(without.keep_weights(0, std::span(weights).first(1)), std::logic_error);
  CHECK_THROWS_AS(without.values_below(0, std::array{0.5}), std::logic_error);
  without.keep(0, 0, std::span(rows[0]).first(2048));
  without.end_pilot();
  auto plain = without.tally();
  CHECK_THROWS_AS(plain.count(0, values, std::span(weights).first(block)), std::logic_error);

  SeriesReducer reducer(2, trials, Weighted::yes);
  CHECK_THROWS_AS(reducer.keep_weights(2048, std::span(weights).first(1)), std::logic_error);
  keep_pilot(reducer, rows, weights);
  auto tally = reducer.tally();
  CHECK_THROWS_AS(tally.count(0, values), std::logic_error);
  CHECK_THROWS_AS(tally.count(0, values, std::span(weights).first(block - 1)), std::logic_error);
  tally.count(0, values, std::span(weights).first(block));  // and forgets series 1
  tally.end_block(8);
  reducer.merge(std::move(tally));
  CHECK_NOTHROW(reducer.statistics(0));
  CHECK_THROWS_AS(reducer.statistics(1), std::logic_error);
  // Sums of squares would overflow.
  CHECK_THROWS_AS(reduce(rows[0], Weights(trials, uint32_t{1} << 31)), std::logic_error);
  CHECK_NOTHROW(reduce(rows[0], Weights(trials, uint32_t{1} << 22)));
}

TEST_CASE("weights cost 30 MB more for 12,000 series over 100,000 trials on 2 threads") {
  const uint64_t without = SeriesReducer::memory_bytes(12000, 100000, 2);
  const uint64_t with = SeriesReducer::memory_bytes(12000, 100000, 2, Weighted::yes);
  CHECK(with > without);
  CHECK(with < 280'000'000);
}
