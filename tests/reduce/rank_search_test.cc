#include "reduce/rank_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>

#include "reduce/series.h"

using namespace fabcast;

namespace {

using Rows = std::vector<std::vector<double>>;  ///< [series][trial]
constexpr size_t block = 256;

/// Ranks that the seven quantiles of n values and their intervals take, and the ends.
std::vector<uint64_t> ranks_of(size_t n) {
  std::vector<uint64_t> ranks{0, n - 1};
  const auto size = static_cast<double>(n);
  for (const double q : reported_quantiles) {
    const double reach = 1.645 * std::sqrt(size * q * (1 - q));
    for (const double rank :
         {std::floor((size - 1) * q), std::floor((size - 1) * q) + 1,
          std::floor(size * q - 0.5 - reach), std::ceil(size * q - 0.5 + reach)}) {
      ranks.push_back(static_cast<uint64_t>(std::clamp(rank, 0.0, size - 1)));
    }
  }
  return ranks;
}

/// Bins from the first values of each row, counts of all: what a first pass comes to.
struct FirstPass {
  explicit FirstPass(const Rows& rows, size_t pilot = 2048)
      : tables(rows.size()), counts(rows.size()) {
    for (size_t s = 0; s < rows.size(); ++s) {
      std::vector<double> sorted(rows[s].begin(), rows[s].begin() + static_cast<ptrdiff_t>(pilot));
      std::sort(sorted.begin(), sorted.end());
      tables[s].resize(most_bins);
      rules.push_back(
          make_bins(sorted, edge_ranks(pilot), std::span(tables[s]).first<most_bins>()));
      counts[s].resize(bins_of(rules[s]));
      count_in_bins(std::span<const double>(rows[s]), tables[s].data(), rules[s], counts[s].data());
    }
  }
  void ask(RankSearch& search, const Rows& rows, size_t s) const {
    const auto [lowest, highest] = std::minmax_element(rows[s].begin(), rows[s].end());
    search.ask(s, ranks_of(rows[s].size()),
               {tables[s].data(), rules[s], counts[s], *lowest + 0.0, *highest + 0.0});
  }
  Rows tables;
  std::vector<BinRule> rules;
  std::vector<std::vector<uint32_t>> counts;
};

void run_pass(RankSearch& search, const Rows& rows, int threads) {
  std::vector<RankSearch::Pass> passes;
  for (int t = 0; t < threads; ++t) passes.push_back(search.pass());
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (size_t first = static_cast<size_t>(t) * block; first < rows[0].size();
           first += static_cast<size_t>(threads) * block) {
        for (size_t s = 0; s < rows.size(); ++s) {
          if (!search.looks_at(s)) continue;
          const std::span<const double> row(rows[s]);
          passes[static_cast<size_t>(t)].take(
              s, row.subspan(first, std::min(block, row.size() - first)));
        }
      }
    });
  }
  for (std::thread& one : running) one.join();
  for (RankSearch::Pass& pass : passes) search.merge(std::move(pass));
}

/// Searches, and checks each rank against the sorted values. Returns how many passes it took.
int search_all_ranks(const Rows& rows, uint64_t most_kept, int threads = 1) {
  const FirstPass first(rows);
  RankSearch search(rows.size());
  for (size_t s = 0; s < rows.size(); ++s) first.ask(search, rows, s);
  while (search.plan(most_kept, threads)) {
    REQUIRE(search.passes() < 30);
    run_pass(search, rows, threads);
  }
  for (size_t s = 0; s < rows.size(); ++s) {
    CAPTURE(s);
    std::vector<double> sorted = rows[s];
    std::sort(sorted.begin(), sorted.end());
    for (const uint64_t rank : ranks_of(sorted.size())) {
      CAPTURE(rank);
      CHECK(search.value(s, rank) == sorted[rank]);
    }
  }
  return search.passes();
}

std::vector<double> draw(size_t n, uint64_t seed, const std::function<double(double)>& of_normal) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(n);
  for (double& value : values) value = of_normal(normal(random));
  return values;
}

/// Shapes that outputs have, and worse ones.
Rows shapes(size_t n) {
  const std::vector<std::function<double(double)>> all{
      [](double z) { return z; },
      [](double z) { return std::exp(3 * z); },
      [](double z) { return -1e6 * std::exp(z); },
      [](double z) { return std::max(0.0, z - 0.5); },          // mostly nothing
      [](double z) { return std::min(z, 0.3); },                // a cap
      [](double z) { return std::floor(10 * std::exp(z)); },    // whole numbers
      [](double z) { return 0.1 * std::floor(20 * z); },        // steps, rounded
      [](double z) { return std::floor(1e4 * z); },             // many of them
      [](double) { return 7.0; },                               // known
      [](double z) { return z > 0 ? 1.0 : 0.0; },               // a milestone
      [](double z) { return std::round(z * 1e15) * 1e-15; },    // close ones
      [](double z) { return z < 1 ? z * 1e-300 : 1e300 * z; },  // all magnitudes
  };
  Rows rows;
  for (size_t s = 0; s < all.size(); ++s) rows.push_back(draw(n, s + 1, all[s]));
  return rows;
}

}  // namespace

TEST_CASE("ranks: found exactly by one pass more where what lies in their bins may be kept") {
  for (const size_t n : {4097, 20000, 100000}) {
    CAPTURE(n);
    CHECK(search_all_ranks(shapes(n), 12 * n) == 1);
  }
}

TEST_CASE("ranks: found by finer cuts where little may be kept, with any number of threads") {
  const Rows rows = shapes(50000);
  const int passes = search_all_ranks(rows, 12 * 500);
  CHECK(passes > 1);
  CHECK(passes < 6);
  for (const int threads : {2, 3, 8}) CHECK(search_all_ranks(rows, 12 * 500, threads) == passes);
}

TEST_CASE("ranks: next to nothing may be kept") {
  CHECK(search_all_ranks(shapes(10000), 12 * 40) < 25);
  CHECK(search_all_ranks(shapes(10000), 0) < 30);
}

TEST_CASE("ranks: a bracket that the pilot misplaced is found out and mended") {
  // The pilot are the lowest values: every quantile lies in the bin above all of its brackets.
  const size_t n = 50000;
  Rows rows;
  for (const auto& shape :
       {std::function<double(double)>([](double z) { return z; }),
        std::function<double(double)>([](double z) { return std::exp(4 * z); }),
        std::function<double(double)>([](double z) { return std::floor(z); })}) {
    rows.push_back(draw(n, 9, shape));
    std::sort(rows.back().begin(), rows.back().end());
  }
  const FirstPass first(rows);
  for (size_t s = 0; s < 2; ++s)
    CHECK(*std::max_element(first.counts[s].begin(), first.counts[s].end()) > 0.9 * n);
  CHECK(search_all_ranks(rows, 3 * n) == 1);  // kept, though they are nearly all
  const int passes = search_all_ranks(rows, 3 * n / 20);
  CHECK(passes > 1);
  CHECK(passes < 5);
  for (std::vector<double>& row : rows) std::reverse(row.begin(), row.end());
  CHECK(search_all_ranks(rows, 3 * n / 20) > 1);
}

TEST_CASE(
    "ranks: values beyond the pilot's, too large to count by ones or rounded sums of a step") {
  const size_t n = 50000;
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal;
  Rows rows(3, std::vector<double>(n));
  for (size_t t = 0; t < n; ++t) {
    const bool in_pilot = t < 2048;
    rows[0][t] = in_pilot ? normal(random) : 1e16 + 2 * static_cast<double>(random() % 4);
    // 0.1 four times or more: sums of as many tenths differ in their last digits.
    const auto tenths = in_pilot ? random() % 200 : 200 + random() % 100;
    for (uint64_t part = 0; part < 4; ++part) {
      rows[1][t] += 0.1 * static_cast<double>(tenths / 4) + (part < tenths % 4 ? 0.1 : 0.0);
    }
    rows[2][t] = in_pilot ? normal(random) : -1e-310 * static_cast<double>(random() % 1000);
  }
  CHECK(search_all_ranks({rows[0]}, 1000) < 10);
  CHECK(search_all_ranks({rows[1]}, 3000) < 6);
  CHECK(search_all_ranks({rows[2]}, 1000) < 20);
}

TEST_CASE("ranks: one that is believed in another bin, or in a smaller one, is found next to it") {
  const size_t n = 20000;
  const Rows rows{draw(n, 3, [](double z) { return z; })};
  std::vector<double> sorted = rows[0];
  std::sort(sorted.begin(), sorted.end());
  constexpr uint64_t asked = n / 2;
  for (const uint64_t there : {0, 1}) {  // in its own bin, up to the rank or to what is before it
    FirstPass first(rows);
    std::vector<uint32_t>& counts = first.counts[0];
    size_t bin = 0;
    uint64_t before = 0;
    while (before + counts[bin] <= asked) before += counts[bin++];
    const auto left = static_cast<uint32_t>(asked - before + there);
    counts[bin + 1] += counts[bin] - left;
    counts[bin] = left;
    for (const uint64_t most_kept : {uint64_t{25}, uint64_t{40}, uint64_t{60}, uint64_t{n}}) {
      CAPTURE(there);
      CAPTURE(most_kept);
      RankSearch search(1);
      search.ask(0, {asked},
                 {first.tables[0].data(), first.rules[0], counts, sorted[0], sorted.back()});
      while (search.plan(most_kept)) {
        REQUIRE(search.passes() < 30);
        run_pass(search, rows, 1);
      }
      CHECK(search.value(0, asked) == sorted[asked]);
      CHECK(search.passes() <= 3);
    }
  }
}

TEST_CASE("ranks: bins that were counted wrong are found out") {
  // As where the pilot's values have more digits than the others': some fall into the next bin.
  const size_t n = 20000;
  const Rows rows{draw(n, 3, [](double z) { return z; })};
  std::vector<double> sorted = rows[0];
  std::sort(sorted.begin(), sorted.end());
  for (const int wrong : {1, 30}) {
    FirstPass first(rows);
    std::vector<uint32_t>& counts = first.counts[0];
    for (size_t b = 0; b + 1 < counts.size(); b += 2) {
      const uint32_t moved = std::min<uint32_t>(static_cast<uint32_t>(wrong), counts[b]);
      counts[b] -= moved;
      counts[b + 1] += moved;
    }
    RankSearch search(1);
    first.ask(search, rows, 0);
    while (search.plan(n)) {
      REQUIRE(search.passes() < 30);
      run_pass(search, rows, 1);
    }
    if (wrong > 1) CHECK(search.passes() > 1);
    for (const uint64_t rank : ranks_of(n)) CHECK(search.value(0, rank) == sorted[rank]);
  }
}

TEST_CASE("ranks: values in single precision") {
  const size_t n = 10000;
  Rows rows{draw(n, 5, [](double z) { return static_cast<double>(static_cast<float>(z)); })};
  const FirstPass first(rows);
  RankSearch search(1);
  first.ask(search, rows, 0);
  const std::vector<float> singles(rows[0].begin(), rows[0].end());
  while (search.plan(n)) {
    RankSearch::Pass pass = search.pass();
    pass.take(0, std::span<const float>(singles));
    search.merge(std::move(pass));
  }
  std::sort(rows[0].begin(), rows[0].end());
  for (const uint64_t rank : ranks_of(n)) CHECK(search.value(0, rank) == rows[0][rank]);
}

TEST_CASE("ranks: misuse is refused") {
  const Rows rows = shapes(5000);
  const FirstPass first(rows);
  RankSearch search(rows.size());
  first.ask(search, rows, 0);
  REQUIRE(search.plan(100'000));
  CHECK(search.looks_at(0));
  CHECK_FALSE(search.looks_at(1));  // not asked of
  CHECK_THROWS_AS(search.value(0, 2500), std::logic_error);
  RankSearch::Pass pass = search.pass();
  pass.take(0, std::span<const double>(rows[0]).first(4000));
  search.merge(std::move(pass));
  CHECK_THROWS_WITH_AS(search.plan(100'000), "series 0 was given 4000 of 5000 values",
                       std::logic_error);
  std::vector<uint64_t> many(65);
  std::iota(many.begin(), many.end(), 0);
  RankSearch of_many(1);
  CHECK_THROWS_AS(
      of_many.ask(0, many, {first.tables[0].data(), first.rules[0], first.counts[0], 0, 1}),
      std::logic_error);
  RankSearch beyond(1);
  CHECK_THROWS_AS(
      beyond.ask(0, {5000}, {first.tables[0].data(), first.rules[0], first.counts[0], 0, 1}),
      std::logic_error);
}

TEST_CASE("series: exact quantiles are those of all values, as if each were kept") {
  Rows rows = shapes(9000);
  rows.push_back(draw(9000, 20, [](double z) { return z > 3 ? INFINITY : z; }));
  SeriesReducer keeper(rows.size(), rows[0].size(), Weighted::no, {}, rows[0].size());
  REQUIRE(keeper.all_kept());
  for (size_t s = 0; s < rows.size(); ++s) keeper.keep(s, 0, rows[s]);
  keeper.end_pilot();
  CHECK_FALSE(keeper.plan_search());
  for (const bool at_once : {false, true}) {
    CAPTURE(at_once);
    SeriesReducer reducer(rows.size(), rows[0].size());
    CHECK_THROWS_AS(reducer.search(), std::logic_error);
    if (at_once) reducer.search_while_counting();
    REQUIRE_FALSE(reducer.all_kept());
    for (size_t s = 0; s < rows.size(); ++s) {
      reducer.keep(s, 0, std::span(rows[s]).first(reducer.pilot_trials()));
    }
    reducer.end_pilot();
    auto tally = reducer.tally();
    std::optional<RankSearch::Pass> pass;
    if (at_once) pass.emplace(reducer.search().pass());
    for (size_t first = reducer.pilot_trials(); first < rows[0].size(); first += block) {
      for (size_t s = 0; s < rows.size(); ++s) {
        const auto part = std::span<const double>(rows[s]).subspan(
            first, std::min(block, rows[s].size() - first));
        tally.count(s, part);
        if (pass) pass->take(s, part);
      }
      tally.end_block(first / block);
    }
    reducer.merge(std::move(tally));
    if (pass) reducer.search().merge(std::move(*pass));
    int passes = 0;
    for (; reducer.plan_search(2); ++passes) run_pass(reducer.search(), rows, 2);
    CHECK(passes == (at_once ? 0 : 1));
    for (size_t s = 0; s < rows.size(); ++s) {
      CAPTURE(s);
      const SeriesStatistics found = reducer.statistics(s), exact = keeper.statistics(s);
      if (std::isnan(exact.mean)) {
        CHECK(std::isnan(found.quantile[3]));
        continue;
      }
      CHECK(found.quantile == exact.quantile);
      CHECK(found.low == exact.low);
      CHECK(found.high == exact.high);
      CHECK(found.mean == doctest::Approx(exact.mean));
    }
  }
  SeriesReducer weighted(1, 9000, Weighted::yes);
  CHECK_THROWS_AS(weighted.plan_search(), std::logic_error);
  CHECK_FALSE(SeriesReducer(0, 9000).plan_search());
  // What is kept while all else is there is counted beside it.
  const auto memory = [](bool searches) {
    return SeriesReducer::memory_bytes(1600, 5000, 1, Weighted::no, {}, 4096, searches);
  };
  CHECK(memory(true) >= memory(false) + 1600 * 5000 * sizeof(double));
}
