#include "reduce/sort.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <utility>

using namespace fabcast;

TEST_CASE("a sorter sorts as std::sort does") {
  std::mt19937_64 random(7);
  ValueSorter sorter;
  for (const size_t n : {0, 1, 2, 3, 100, 2048}) {
    std::vector<double> values(n);
    for (double& x : values)
      x = std::ldexp(static_cast<double>(random() % 2001) - 1000, random() % 60);
    auto expected = values;
    std::sort(expected.begin(), expected.end());
    sorter.sort(values);
    CHECK(values == expected);
  }
}

TEST_CASE("a sorter takes infinities, subnormals, signed zeros and NaNs") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  std::vector<double> values{1, -inf, 0.0, inf, -0.0, 5e-324, -5e-324, std::nan(""), -1};
  ValueSorter sorter;
  sorter.sort(values);
  CHECK(std::isnan(values.back()));
  values.pop_back();
  CHECK(values == std::vector<double>{-inf, -1, -5e-324, -0.0, 0.0, 5e-324, 1, inf});
  CHECK(std::signbit(values[3]));
  CHECK(!std::signbit(values[4]));
}

TEST_CASE("what goes along is sorted with the values, equal ones in their order") {
  std::mt19937_64 random(8);
  ValueSorter sorter;
  for (const size_t n : {0, 1, 2, 100, 2048}) {
    std::vector<double> values(n);
    std::vector<uint32_t> along(n);
    std::vector<std::pair<double, uint32_t>> expected;
    for (size_t i = 0; i < n; ++i) {
      values[i] = static_cast<double>(random() % (n < 1000 ? 2 : 2001)) + 2;
      along[i] = static_cast<uint32_t>(i);
      expected.push_back({values[i], along[i]});
    }
    std::sort(expected.begin(), expected.end());
    sorter.sort(values, along);
    for (size_t i = 0; i < n; ++i) {
      CHECK(values[i] == expected[i].first);
      CHECK(along[i] == expected[i].second);
    }
  }
  std::vector<double> two{2, 1};
  std::vector<uint32_t> one{1};
  CHECK_THROWS_AS(sorter.sort(two, one), std::logic_error);
}
