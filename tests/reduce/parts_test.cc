/// Series that are reduced in parts, each written and read again, against all at once.

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

#include "reduce/series.h"

using namespace fabcast;

namespace {

using Rows = std::vector<std::vector<double>>;  ///< [series][trial]
using Weights = std::vector<uint32_t>;          ///< [trial]; empty: each weighs 1
constexpr uint64_t block = 256;

struct Sample {
  Rows rows;
  Weights weights;
  uint64_t trials() const { return rows[0].size(); }
  SeriesReducer reducer() const {
    return {rows.size(), trials(), weights.empty() ? Weighted::no : Weighted::yes};
  }
  std::span<const uint32_t> weights_of(uint64_t first, uint64_t n) const {
    return weights.empty() ? std::span<const uint32_t>{} : std::span(weights).subspan(first, n);
  }
  void keep(SeriesReducer& to, uint64_t first, uint64_t last) const {
    for (size_t s = 0; s < rows.size(); ++s) {
      to.keep(s, first, std::span(rows[s]).subspan(first, last - first));
    }
    if (!weights.empty()) to.keep_weights(first, weights_of(first, last - first));
  }
  void count(SeriesReducer& to, uint64_t first_block, uint64_t last_block) const {
    auto tally = to.tally();
    for (uint64_t b = first_block; b < last_block; ++b) {
      const uint64_t first = b * block, n = std::min(block, trials() - first);
      for (size_t s = 0; s < rows.size(); ++s) {
        tally.count(s, std::span(rows[s]).subspan(first, n), weights_of(first, n));
      }
      tally.end_block(b);
    }
    to.merge(std::move(tally));
  }
};

/// Continuous, with a floor, whole numbers, one value alone, an infinity in one trial.
Sample sample(uint64_t trials, bool weighted) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  Sample made{Rows(5, std::vector<double>(trials)), {}};
  for (uint64_t t = 0; t < trials; ++t) {
    const double z = normal(random);
    made.rows[0][t] = std::exp(z);
    made.rows[1][t] = std::max(0.0, z);
    made.rows[2][t] = std::floor(10 * z);
    made.rows[3][t] = 42;
    made.rows[4][t] = t + 1 == trials ? INFINITY : z;
    if (weighted) made.weights.push_back(static_cast<uint32_t>(random() % 1000));
  }
  return made;
}

std::vector<uint64_t> bits(const SeriesReducer& reducer, size_t series) {
  std::vector<uint64_t> out{std::bit_cast<uint64_t>(reducer.effective_sample_size())};
  for (size_t s = 0; s < series; ++s) {
    const SeriesStatistics x = reducer.statistics(s);
    for (const double value : {x.mean, x.sd, x.mean_se}) {
      out.push_back(std::bit_cast<uint64_t>(value));
    }
    for (const auto& row : {x.quantile, x.low, x.high}) {
      for (const double value : row) out.push_back(std::bit_cast<uint64_t>(value));
    }
  }
  return out;
}

template <class Pass>
std::string written(Pass pass) {
  StateStream stream;
  pass(stream);
  return stream.bytes();
}

}  // namespace

TEST_CASE("parts: counted apart and added in any order, the bits of all at once") {
  for (const bool weighted : {false, true}) {
    CAPTURE(weighted);
    const Sample all = sample(20'000, weighted);
    const uint64_t blocks = (all.trials() + block - 1) / block;
    SeriesReducer whole = all.reducer();
    const uint64_t pilot = whole.pilot_trials() / block;
    all.keep(whole, 0, whole.pilot_trials());
    whole.end_pilot();
    all.count(whole, pilot, blocks);

    for (const std::vector<uint64_t>& ends :
         {std::vector<uint64_t>{blocks}, {pilot + 1, blocks}, {pilot, pilot, 31, 33, 50, blocks}}) {
      std::vector<std::string> parts;
      std::string bins;
      uint64_t first = pilot;
      for (const uint64_t end : ends) {
        SeriesReducer part = all.reducer();
        all.keep(part, 0, part.pilot_trials());
        part.end_pilot();
        const std::string of_part = written([&](StateStream& s) { part.pass_pilot(s); });
        CHECK((bins.empty() || bins == of_part));
        bins = of_part;
        part.forget_pilot();
        all.count(part, first, end);
        parts.push_back(written([&](StateStream& s) { part.pass_counted(s); }));
        first = end;
      }
      for (uint64_t seed = 0; seed < 4; ++seed) {
        SeriesReducer sum = all.reducer();
        StateStream pilot_bytes(bins);
        sum.pass_pilot(pilot_bytes);
        pilot_bytes.end();
        std::shuffle(parts.begin(), parts.end(), std::mt19937_64(seed));
        for (const std::string& part : parts) {
          StateStream stream(part);
          sum.pass_counted(stream);
          stream.end();
        }
        CHECK(bits(sum, all.rows.size()) == bits(whole, all.rows.size()));
      }
    }
    // A part that is added twice is found out.
    SeriesReducer part = all.reducer();
    all.keep(part, 0, part.pilot_trials());
    part.end_pilot();
    part.forget_pilot();
    all.count(part, pilot, blocks);
    const std::string bytes = written([&](StateStream& s) { part.pass_counted(s); });
    StateStream again(bytes);
    CHECK_THROWS_AS(part.pass_counted(again), std::logic_error);
  }
}

TEST_CASE("parts: kept apart, the bits of all at once") {
  for (const bool weighted : {false, true}) {
    CAPTURE(weighted);
    const Sample all = sample(1'000, weighted);
    SeriesReducer whole = all.reducer();
    REQUIRE(whole.all_kept());
    all.keep(whole, 0, 1'000);
    whole.end_pilot();
    SeriesReducer sum = all.reducer();
    for (const auto& [first, last] : {std::pair{512, 1000}, {0, 256}, {256, 512}, {512, 512}}) {
      SeriesReducer part = all.reducer();
      all.keep(part, static_cast<uint64_t>(first), static_cast<uint64_t>(last));
      const auto pass = [&](SeriesReducer& of, StateStream& stream) {
        of.pass_kept(stream, static_cast<uint64_t>(first), static_cast<uint64_t>(last));
      };
      const std::string bytes = written([&](StateStream& s) { pass(part, s); });
      StateStream stream(bytes);
      pass(sum, stream);
      stream.end();
    }
    sum.end_pilot();
    CHECK(bits(sum, all.rows.size()) == bits(whole, all.rows.size()));
  }
}

TEST_CASE("parts: more bins than there are, or sums of no block, are refused") {
  const Sample all = sample(5'000, false);
  SeriesReducer part = all.reducer();
  all.keep(part, 0, part.pilot_trials());
  part.end_pilot();
  std::string bins = written([&](StateStream& s) { part.pass_pilot(s); });
  bins[0] = 9;  // steps of the first series' search
  SeriesReducer other = all.reducer();
  StateStream stream(bins);
  CHECK_THROWS_AS(other.pass_pilot(stream), DamagedState);
  OrderedSum sum;
  StateStream sums(std::string_view("\x01\x40\x00", 3));  // a part of level 64
  CHECK_THROWS_AS(sum.pass(sums, 0), DamagedState);
}
