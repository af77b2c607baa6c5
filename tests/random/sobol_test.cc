/// Sobol' points against published ones and Boost's, their nets, and their scrambling.

#include "random/sobol.h"

#include <doctest/doctest.h>

#include <bit>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

using namespace fabcast;

namespace {

/// Coordinates as they are, or scrambled by a seed.
struct Points {
  SobolPoints points;
  int seed = -1;
  explicit Points(size_t dimensions, int scrambled_by = -1)
      : points(dimensions), seed(scrambled_by) {}
  uint32_t at(uint64_t index, size_t dimension) const {
    const uint32_t x = points.at(index, dimension);
    return seed < 0 ? x : owen_scrambled(x, scrambling_key(static_cast<uint64_t>(seed), dimension));
  }
};

/// The first `bits` bits.
uint64_t cell(uint32_t coordinate, int bits) { return uint64_t{coordinate} >> (32 - bits); }

}  // namespace

TEST_CASE("Sobol' points: the first ten of Joe and Kuo's program, from 0 on") {
  // sobol.cc of web.maths.unsw.edu.au/~fkuo/sobol with new-joe-kuo-6.21201, three dimensions.
  const double published[10][3] = {{0, 0, 0},
                                   {0.5, 0.5, 0.5},
                                   {0.75, 0.25, 0.25},
                                   {0.25, 0.75, 0.75},
                                   {0.375, 0.375, 0.625},
                                   {0.875, 0.875, 0.125},
                                   {0.625, 0.125, 0.875},
                                   {0.125, 0.625, 0.375},
                                   {0.1875, 0.3125, 0.9375},
                                   {0.6875, 0.8125, 0.4375}};
  const SobolPoints points(3);
  for (size_t i = 0; i < 10; ++i) {
    for (size_t d = 0; d < 3; ++d) CHECK(points.at(i, d) * 0x1p-32 == published[i][d]);
  }
}

TEST_CASE("Sobol' points: Boost's in every dimension, one later, and at any index alone") {
  for (const size_t dimensions : {size_t{1}, size_t{2}, size_t{7}, SobolPoints::most_dimensions}) {
    CAPTURE(dimensions);
    const SobolPoints ours(dimensions);
    boost::random::sobol_engine<uint32_t, 32> theirs(dimensions);
    for (uint64_t i = 1; i < 70; ++i) {
      for (size_t d = 0; d < dimensions; ++d) REQUIRE(ours.at(i, d) == theirs());
    }
  }
  // The last of all 2^32 points: x is a permutation of the index, so of Gray code 2^31.
  const SobolPoints points(1);
  CHECK(points.at(SobolPoints::most_points - 1, 0) == 1);
  CHECK_THROWS_AS(SobolPoints(0), std::out_of_range);
  CHECK_THROWS_AS(SobolPoints(SobolPoints::most_dimensions + 1), std::out_of_range);
}

TEST_CASE("Sobol' points: 2^m points are a net, as they are and scrambled") {
  constexpr size_t dimensions = 40;
  for (const int seed : {-1, 1, 2}) {
    CAPTURE(seed);
    const Points points(dimensions, seed);
    for (int m = 0; m <= 10; ++m) {
      CAPTURE(m);
      const uint64_t n = uint64_t{1} << m;
      for (const uint64_t first : {uint64_t{0}, 5 * n}) {
        for (size_t d = 0; d < dimensions; ++d) {
          std::set<uint64_t> intervals;
          for (uint64_t i = first; i < first + n; ++i) {
            intervals.insert(m == 0 ? 0 : cell(points.at(i, d), m));
          }
          REQUIRE(intervals.size() == n);
        }
        for (int a = 1; a < m; ++a) {
          std::set<uint64_t> boxes;
          for (uint64_t i = first; i < first + n; ++i) {
            boxes.insert(cell(points.at(i, 0), a) << 32 | cell(points.at(i, 1), m - a));
          }
          REQUIRE(boxes.size() == n);
        }
      }
    }
  }
}

TEST_CASE("Sobol' points: without point 0 they are no net") {
  const SobolPoints points(1);
  std::set<uint64_t> intervals;
  for (uint64_t i = 1; i <= 16; ++i) intervals.insert(cell(points.at(i, 0), 4));
  CHECK(intervals.size() < 16);
}

TEST_CASE("scrambling: nested, one to one, another for each dimension and seed") {
  std::set<std::pair<uint32_t, uint32_t>> keys;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    for (size_t d = 0; d < 100; ++d) {
      keys.insert({scrambling_key(seed, d).add, scrambling_key(seed, d).multiply});
    }
  }
  CHECK(keys.size() == 10'000);
  // Two coordinates that share their first k bits, and not the next, share as many when scrambled.
  for (const ScramblingKey key : {scrambling_key(0, 0), scrambling_key(1, 7)}) {
    for (int k = 0; k < 32; ++k) {
      const uint32_t x = 0x5bd1e995, y = x ^ (0x80000000u >> k);
      CHECK(std::countl_zero(owen_scrambled(x, key) ^ owen_scrambled(y, key)) == k);
    }
  }
}

TEST_CASE("scrambling: a point is uniform over seeds, and so is the one after it given the first") {
  // Chi squared over 64 cells (63 degrees of freedom): false at 1 in 100,000 beyond 118.6, one of
  // the 24 statistics here in 4,000 runs of other seeds. The seeds are fixed.
  constexpr int cells = 64, seeds = 64'000;
  const SobolPoints points(3);
  const auto chi_squared = [&](auto&& cell_of) {
    std::vector<int> count(cells);
    for (int seed = 0; seed < seeds; ++seed) ++count[cell_of(static_cast<uint64_t>(seed))];
    const double expected = double{seeds} / cells;
    double sum = 0;
    for (const int each : count) sum += (each - expected) * (each - expected) / expected;
    return sum;
  };
  for (size_t d = 0; d < 3; ++d) {
    for (const uint64_t index : {0, 1, 2, 5}) {
      CAPTURE(index);
      CHECK(chi_squared([&](uint64_t seed) {
              return cell(owen_scrambled(points.at(index, d), scrambling_key(seed, d)), 6);
            }) < 118.6);
      // Points 2 i and 2 i + 1 lie in opposite halves of a pair: within its half the second is as
      // likely anywhere as the first. Three bits of each.
      CHECK(chi_squared([&](uint64_t seed) {
              const ScramblingKey key = scrambling_key(seed, d);
              const uint32_t a = owen_scrambled(points.at(2 * index, d), key);
              const uint32_t b = owen_scrambled(points.at(2 * index + 1, d), key);
              return cell(a, 3) << 3 | (cell(b, 4) & 7);
            }) < 118.6);
    }
  }
}

TEST_CASE("scrambling: means of smooth functions are as tight as Owen's theory has it") {
  // Variance of the mean of a smooth function over scrambled nets falls like n^-3 (log n)^(s - 1),
  // that of independent points like n^-1. Of (x - 0.3)^2 + x y over 256 points, 200 scramblings.
  const SobolPoints points(2);
  double sum = 0, squares = 0;
  constexpr int scramblings = 200, n = 256;
  for (uint64_t seed = 0; seed < scramblings; ++seed) {
    double mean = 0;
    for (uint64_t i = 0; i < n; ++i) {
      const double x = unit_of(owen_scrambled(points.at(i, 0), scrambling_key(seed, 0)));
      const double y = unit_of(owen_scrambled(points.at(i, 1), scrambling_key(seed, 1)));
      mean += ((x - 0.3) * (x - 0.3) + x * y) / n;
    }
    sum += mean;
    squares += mean * mean;
  }
  const double mean = sum / scramblings;
  const double sd = std::sqrt(squares / scramblings - mean * mean);
  const double truth = 0.37 / 3 + 0.25;                             // (0.7^3 + 0.3^3) / 3 + 1/4
  CHECK(std::abs(mean - truth) < 4 * sd / std::sqrt(scramblings));  // 1 in 16,000
  CHECK(sd < 0.35 / std::sqrt(n) / 50);                             // sd of the function: 0.35
}
