#include "reduce/ordered_sum.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>

using namespace fabcast;

namespace {

/// Values whose sum in doubles depends on the order.
std::vector<double> part(uint64_t index) {
  return {std::sin(static_cast<double>(index)) * std::ldexp(1.0, static_cast<int>(index % 40)),
          1.0 / static_cast<double>(index + 1)};
}

}  // namespace

TEST_CASE("an ordered sum has the same bits for any order of its parts") {
  for (const uint64_t count : {1, 2, 3, 64, 101}) {
    std::vector<uint64_t> order(count);
    std::iota(order.begin(), order.end(), 5);  // an index need not start at zero
    OrderedSum ascending;
    for (const uint64_t i : order) ascending.add(i, part(i));
    std::mt19937_64 random(count);
    for (int repeat = 0; repeat < 20; ++repeat) {
      std::shuffle(order.begin(), order.end(), random);
      OrderedSum shuffled;
      for (const uint64_t i : order) shuffled.add(i, part(i));
      CHECK(shuffled.total() == ascending.total());
    }
  }
}

TEST_CASE("an ordered sum takes parts from several threads") {
  constexpr uint64_t count = 400;
  OrderedSum alone, together;
  for (uint64_t i = 0; i < count; ++i) alone.add(i, part(i));
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = t; i < count; i += 3) together.add(i, part(i));
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(together.total() == alone.total());
}

TEST_CASE("an ordered sum adds what it was given, and refuses an index that waits") {
  OrderedSum sum;
  CHECK(sum.total().empty());
  sum.add(0, {1, 10});
  sum.add(2, {4, 40});
  CHECK_THROWS_AS(sum.add(2, {4, 40}), std::logic_error);
  sum.add(1, {2, 20});
  CHECK(sum.total() == std::vector<double>{7, 70});
}
