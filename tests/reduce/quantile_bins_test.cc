#include "reduce/quantile_bins.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace fabcast;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

struct Bins {
  std::array<double, most_bins> tree{};
  BinRule rule;
  std::array<uint32_t, most_bins> counts{};
  double lowest = inf, highest = -inf;

  explicit Bins(std::vector<double> pilot) {
    std::sort(pilot.begin(), pilot.end());
    rule = make_bins(pilot, edge_ranks(pilot.size()), tree);
  }
  void count(const std::vector<double>& values) {
    count_in_bins(values, tree.data(), rule, counts.data());
    for (const double x : values) {
      lowest = std::min(lowest, x);
      highest = std::max(highest, x);
    }
  }
  BinReader reader() const { return {tree.data(), counts.data(), rule, lowest, highest}; }
  /// Finite edges, ascending.
  std::vector<double> edges() const {
    const BinReader all = reader();
    std::vector<double> finite(all.edges().begin(), all.edges().end());
    std::erase(finite, inf);
    return finite;
  }
};

std::vector<double> normals(size_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> out(n);
  for (double& x : out) x = normal(random);
  return out;
}

}  // namespace

TEST_CASE("edges are dense around the reported quantiles and fit into the bins") {
  const auto ranks = edge_ranks(2048);
  CHECK(ranks.size() < most_bins);
  CHECK(std::is_sorted(ranks.begin(), ranks.end()));
  for (const double q : reported_quantiles) {
    const double error = std::sqrt(q * (1 - q) * 2048);
    const auto near = std::count_if(ranks.begin(), ranks.end(), [&](double rank) {
      return std::abs(rank - 2047 * q) <= 4.5 * error;
    });
    CHECK(near >= 25);
  }
}

TEST_CASE("values are counted between the edges, on an edge above it") {
  std::mt19937_64 random(3);
  for (const size_t different : {1, 2, 3, 7, 20, 60, 127, 128, 2000}) {
    CAPTURE(different);
    std::vector<double> pilot(2048);
    for (double& x : pilot) x = 0.1 * static_cast<double>(random() % different) - 1;
    if (different == 2000) {  // continuous, but for one value that comes three times
      pilot = normals(2048, 4);
      pilot[7] = pilot[8];
      CHECK(Bins(pilot).rule.zones);  // twice a float may
      pilot[9] = pilot[8];
    }
    Bins bins(pilot);
    CHECK(!bins.rule.zones);
    const auto edges = bins.edges();
    auto values = normals(1003, 5);  // not a multiple of what is searched together
    values.insert(values.end(), edges.begin(), edges.end());
    for (const double edge : edges) values.push_back(std::nextafter(edge, -inf));
    values.push_back(-inf);
    bins.count(values);
    std::array<uint32_t, most_bins> expected{};
    for (const double x : values) {
      ++expected[static_cast<size_t>(std::upper_bound(edges.begin(), edges.end(), x) -
                                     edges.begin())];
    }
    CHECK(bins.counts == expected);
  }
}

TEST_CASE("a continuous pilot makes zones: values are counted in computed bins") {
  Bins bins(normals(2048, 4));
  REQUIRE(bins.rule.zones);
  const auto edges = bins.edges();
  CHECK(edges.size() == bins_of(bins.rule) - 1);
  CHECK(std::is_sorted(edges.begin(), edges.end()));
  auto values = normals(1003, 5);  // not a multiple of what is placed together
  values.insert(values.end(), {-inf, inf, -1e300, 1e300, -50, 50});
  bins.count(values);
  std::array<uint32_t, most_bins> expected{};
  for (const double x : values) {
    ++expected[static_cast<size_t>(std::upper_bound(edges.begin(), edges.end(), x) -
                                   edges.begin())];
  }
  CHECK(bins.counts == expected);
  // Around each quantile a bin is 9 standard errors of the pilot over 34, in probability; the
  // pilot's own errors of the zone's ends are beside that.
  for (const double q : reported_quantiles) {
    const double z = boost::math::quantile(boost::math::normal(), q);
    const auto above = std::upper_bound(edges.begin(), edges.end(), z);
    REQUIRE((above != edges.begin() && above != edges.end()));
    const double in_bin = boost::math::cdf(boost::math::normal(), *above) -
                          boost::math::cdf(boost::math::normal(), *(above - 1));
    CHECK(in_bin < 1.5 * 9.0 / 34 * std::sqrt(q * (1 - q) / 2048));
  }
  // What is not a number is counted below everything.
  const uint32_t lowest = bins.counts[0];
  bins.count({std::nan("")});
  CHECK(bins.counts[0] == lowest + 1);
}

TEST_CASE("repeated values are read back exactly") {
  SUBCASE("few different values") {
    std::vector<double> values;
    for (int i = 0; i < 3000; ++i) values.push_back(0.1 * (i % 90));
    Bins bins(values);
    bins.count(values);
    std::sort(values.begin(), values.end());
    for (size_t rank = 0; rank < values.size(); ++rank) {
      REQUIRE(bins.reader().value_at_rank(rank) == values[rank]);
    }
  }
  SUBCASE("a heavy value among many others, zero included") {
    for (const double heavy : {0.0, 0.1, -3.5}) {
      auto values = normals(2048, 9);
      for (size_t i = 0; i < 700; ++i) values[i] = heavy;
      Bins bins(values);
      bins.count(values);
      std::sort(values.begin(), values.end());
      for (size_t rank = 0; rank < values.size(); ++rank) {
        const double read = bins.reader().value_at_rank(rank);
        REQUIRE((read == heavy) == (values[rank] == heavy));
      }
    }
  }
  SUBCASE("a floor under a continuous series, of any weight") {
    for (const size_t at_floor : {2, 100, 700, 1400}) {
      for (const double floor : {0.0, -2.5}) {
        CAPTURE(at_floor);
        auto values = normals(2048, 14);
        for (double& x : values) x = floor + std::exp(x);
        for (size_t i = 0; i < at_floor; ++i) values[i] = floor;
        Bins bins(values);
        REQUIRE(bins.rule.zones);
        values.push_back(floor - 7);  // the pilot saw no such value
        values.push_back(std::nextafter(floor, -inf));
        bins.count(values);
        std::sort(values.begin(), values.end());
        const auto reader = bins.reader();
        for (size_t rank = 0; rank < values.size(); ++rank) {
          const double read = reader.value_at_rank(rank);
          REQUIRE((read == floor) == (values[rank] == floor));
          REQUIRE((read < floor) == (values[rank] < floor));
        }
        for (const double q : reported_quantiles) {
          const auto rank = static_cast<size_t>(q * 2047);
          const size_t reach = 8;  // a bin holds 9 pilot errors over 34: some five values
          CHECK(reader.value_at_rank(rank) >= values[rank - reach]);
          CHECK(reader.value_at_rank(rank) <= values[rank + reach]);
        }
      }
    }
  }
  SUBCASE("one value counted many times is what as many counts of it are") {
    for (const bool continuous : {true, false}) {
      Bins one(continuous ? normals(2048, 15) : std::vector<double>(2048, 3.0)), many = one;
      for (const double x : {-4.0, 0.1, 3.0, std::nan("")}) {
        count_in_bins(x, 5, one.tree.data(), one.rule, one.counts.data());
        many.count(std::vector<double>(5, x));
      }
      CHECK(one.counts == many.counts);
    }
  }
  SUBCASE("more whole numbers than bins: whole, and exact near a reported quantile") {
    auto values = normals(2048, 10);
    for (double& x : values) x = std::round(60 * x);
    Bins bins(values);
    CHECK(bins.rule.multiples);
    bins.count(values);
    std::sort(values.begin(), values.end());
    for (size_t rank = 0; rank < values.size(); ++rank) {
      const double read = bins.reader().value_at_rank(rank);
      REQUIRE(read == std::round(read));
    }
    for (const double q : reported_quantiles) {
      const auto rank = static_cast<size_t>(q * 2047);
      CHECK(bins.reader().value_at_rank(rank) == values[rank]);
    }
  }
  SUBCASE("one heavy whole number, such as no pods, among more than bins") {
    for (const double heavy : {0.0, 384.0}) {
      auto values = normals(2048, 16);
      for (double& x : values) x = std::round(heavy + 100 + 60 * std::abs(x));
      for (size_t i = 0; i < 290; ++i) values[7 * i] = heavy;
      Bins bins(values);
      REQUIRE(bins.rule.multiples);
      bins.count(values);
      std::sort(values.begin(), values.end());
      for (size_t rank = 0; rank < values.size(); ++rank) {
        REQUIRE((bins.reader().value_at_rank(rank) == heavy) == (values[rank] == heavy));
      }
    }
  }
  SUBCASE("few whole numbers: what the pilot did not see is not taken for one of them") {
    std::vector<double> values(2048, 0.0);
    Bins bins(values);
    values.clear();
    for (int i = 0; i < 2000; ++i) values.push_back(0.3 + 0.0001 * i);
    bins.count(values);
    for (const size_t rank : {0, 700, 1400, 1999}) {
      CHECK(bins.reader().value_at_rank(rank) == doctest::Approx(values[rank]).epsilon(1e-3));
    }
  }
}

TEST_CASE("multiples of a step, such as spares of whole pods, are read back as multiples") {
  constexpr double step = 81.92;
  std::mt19937_64 random(20);
  // A sum of so many steps, which rounds this way or that.
  const auto sum_of = [&](double pods) {
    double sum = 0;
    while (pods > 0) {
      const double built = std::min(pods, static_cast<double>(random() % 7));
      sum += built * step;
      pods -= built;
    }
    return sum;
  };
  const auto check_reading = [](std::vector<double> values) {
    Bins bins(values);
    REQUIRE(bins.rule.multiples);
    bins.count(values);
    std::sort(values.begin(), values.end());
    for (const double q : reported_quantiles) {
      CAPTURE(q);
      const auto rank = static_cast<size_t>(q * 2047);
      CHECK(bins.reader().value_at_rank(rank) == doctest::Approx(values[rank]).epsilon(1e-9));
    }
    for (size_t rank = 0; rank < values.size(); ++rank) {
      const double read = bins.reader().value_at_rank(rank) / step;
      REQUIRE(read == doctest::Approx(std::round(read)).epsilon(1e-9));
      REQUIRE(read >= values.front() / step - 1e-9);
      REQUIRE(read <= values.back() / step + 1e-9);
    }
    return values;
  };
  SUBCASE("of either sign, more doubles than multiples") {
    for (const double middle : {80.0, 0.0, -80.0}) {
      auto values = normals(2048, 17);
      for (double& x : values) {
        const double pods = std::round(middle + std::clamp(40 * x, -70.0, 70.0));
        x = pods < 0 ? -sum_of(-pods) : sum_of(pods);
      }
      values = check_reading(values);
      const auto different = [](auto first, auto last) { return std::unique(first, last) - first; };
      auto pods = values;
      for (double& x : pods) x = std::round(x / step);
      CHECK(different(values.begin(), values.end()) > different(pods.begin(), pods.end()));
    }
  }
  SUBCASE("a heavy one, of which hardly two copies are the same double") {
    auto values = normals(2048, 21);
    for (size_t i = 0; i < values.size(); ++i) {
      const bool heavy = i % 14 == 0;
      const double last_digits = 1e-15 * static_cast<double>(3 + random() % 40'000);
      values[i] = heavy ? 10 * step * (1 + last_digits) : step * std::round(300 + 40 * values[i]);
    }
    check_reading(values);
  }
  SUBCASE("other values that come later are read within their range") {
    auto pilot = normals(2048, 24);
    for (double& x : pilot) x = std::round(600 * x);
    for (const double apart : {0.0001, 0.02, 0.37}) {
      Bins bins(pilot);
      REQUIRE(bins.rule.multiples);
      std::vector<double> values;
      for (int i = 0; i < 1000; ++i) values.push_back(5.4 + apart * i);
      bins.count(values);
      for (uint64_t rank = 0; rank < values.size(); ++rank) {
        REQUIRE(bins.reader().value_at_rank(rank) >= values.front());
        REQUIRE(bins.reader().value_at_rank(rank) <= values.back());
      }
    }
  }
}

TEST_CASE("what is no multiple of a step is not taken for one") {
  std::mt19937_64 random(22);
  const auto checked = [](std::vector<double> values, bool thrice) {
    for (size_t i = 0; thrice && i < 3; ++i) values[i] = values[3];  // no zones, then
    Bins bins(values);
    CHECK(!bins.rule.multiples);
    bins.count(values);
    std::sort(values.begin(), values.end());
    for (const double q : reported_quantiles) {
      const auto rank = static_cast<size_t>(q * 2047);
      CHECK(bins.reader().value_at_rank(rank) >= values[rank - 8]);
      CHECK(bins.reader().value_at_rank(rank) <= values[rank + 8]);
    }
  };
  auto values = normals(2048, 23);
  SUBCASE("a range that is narrow beside the values") {
    for (double& x : values) x = 1e6 * (1 + 1e-11 * x);
    checked(values, true);
  }
  SUBCASE("some last digits of one number") {
    for (double& x : values) x = 100 + 1e-14 * static_cast<double>(random() % 300);
    checked(values, false);
  }
  SUBCASE("equal steps that do not begin at zero") {
    for (double& x : values) x = 1000.3 + 0.17 * std::round(60 * x);
    Bins bins(values);
    CHECK(!bins.rule.multiples);
  }
  SUBCASE("a few values off") {
    for (double& x : values) x = 81.92 * std::round(60 * x);
    values[5] += 3;
    Bins bins(values);
    CHECK(!bins.rule.multiples);
  }
}

TEST_CASE("a quantile next to which density changes much is read as finely as others") {
  // A cap that most trials reach within a hundredth, and few trials far below it: P5 is where the
  // two meet. And the same the other way round, at P90.
  for (const bool below : {true, false}) {
    auto values = normals(2048, 18);
    const auto spread = normals(2048, 19);
    for (size_t i = 0; i < values.size(); ++i) {
      const bool far = i % 100 < (below ? 4 : 9);
      values[i] = far ? 100 * std::abs(spread[i]) + 5 : 0.5 * values[i];
      if (below) values[i] = -values[i];
    }
    Bins bins(values);
    bins.count(values);
    std::sort(values.begin(), values.end());
    for (const double q : reported_quantiles) {
      CAPTURE(q);
      const auto rank = static_cast<size_t>(q * 2047);
      const size_t reach = 8;
      CHECK(bins.reader().value_at_rank(rank) >= values[rank - reach]);
      CHECK(bins.reader().value_at_rank(rank) <= values[rank + reach]);
    }
  }
}

TEST_CASE("order statistics in the open tails lie between the last edge and the extreme") {
  Bins bins(normals(2048, 11));
  const auto edges = bins.edges();
  std::vector<double> low, high;  // a pilot that misled: all else lies beyond its edges
  for (int i = 0; i < 10000; ++i) {
    low.push_back(-1000 - i);
    high.push_back(2000 + i);
  }
  bins.count(low);
  bins.count(high);
  const auto reader = bins.reader();
  CHECK(reader.count() == 20000);
  CHECK(reader.value_at_rank(0) == -10999);
  CHECK(reader.value_at_rank(19999) == 11999);
  CHECK(reader.value_at_rank(9999) <= edges[2]);  // the first two are of a floor: there is none
  CHECK(reader.value_at_rank(10000) >= edges.back());
  double last = -inf;
  for (uint64_t rank = 0; rank < 20000; rank += 100) {
    CHECK(reader.value_at_rank(rank) >= last);
    last = reader.value_at_rank(rank);
  }
}

TEST_CASE("a pilot with an infinity or a NaN gets no edge, huge values do") {
  for (const double bad : {inf, -inf, std::nan("")}) {
    auto pilot = normals(2048, 12);
    pilot[5] = bad;
    std::vector<double> sorted = pilot;
    std::sort(sorted.begin(), sorted.end() - 1);
    if (std::isnan(bad)) {
      std::erase_if(sorted, [](double x) { return std::isnan(x); });
      sorted.push_back(bad);
    } else {
      std::sort(sorted.begin(), sorted.end());
    }
    std::array<double, most_bins> tree{};
    CHECK(make_bins(sorted, edge_ranks(sorted.size()), tree).steps == 0);
  }
  auto huge = normals(2048, 13);
  for (double& x : huge) x = x > 0 ? 1.7e308 - x * 1e300 : -1.7e308 - x * 1e300;
  Bins bins(huge);
  bins.count(huge);
  CHECK(std::isfinite(bins.reader().value_at_rank(1024)));
  CHECK(!bins.rule.zones);  // too wide to be cut evenly: searched
  CHECK(bins.rule.steps == 8);
}

TEST_CASE("edges of a weighted pilot lie at equal steps of both masses") {
  std::vector<uint32_t> weights(2048, 9);
  auto ranks = weighted_ranks(weights);
  REQUIRE(ranks.size() < most_bins);
  const auto steps = static_cast<double>(ranks.size() + 1);
  for (size_t k = 1; k <= ranks.size(); ++k) {  // of 2,048 values from -1/2 to 2,047 1/2
    CHECK(ranks[k - 1] == doctest::Approx(static_cast<double>(k) / steps * 2048 - 0.5));
  }
  CHECK(weighted_ranks(std::vector<uint32_t>(2048)) == ranks);
  // All weight in the upper quarter: a quarter of one half and the other lie there.
  std::fill(weights.begin(), weights.begin() + 1536, 0);
  ranks = weighted_ranks(weights);
  CHECK(std::is_sorted(ranks.begin(), ranks.end()));
  const auto upper = std::count_if(ranks.begin(), ranks.end(), [](double r) { return r >= 1536; });
  CHECK(std::abs(static_cast<double>(upper) - 0.625 * steps) <= 1);
  // All in one value: one half of the edges lies around it.
  std::fill(weights.begin(), weights.end(), 0);
  weights[100] = 7;
  ranks = weighted_ranks(weights);
  const auto near =
      std::count_if(ranks.begin(), ranks.end(), [](double r) { return std::abs(r - 100) <= 1; });
  CHECK(static_cast<double>(near) > 0.48 * steps);
  for (const size_t at : {0, 2047}) {  // at an end they stay within the pilot
    std::fill(weights.begin(), weights.end(), 0);
    weights[at] = 7;
    ranks = weighted_ranks(weights);
    CHECK(ranks.front() >= 0);
    CHECK(ranks.back() <= 2047);
  }
  CHECK(weighted_ranks(std::vector<uint32_t>{3}) == std::vector<double>(ranks.size(), 0.0));
}

TEST_CASE("weighted trials: values repeated as often as edges lie apart have bins of their own") {
  auto values = normals(2048, 18);
  for (size_t i = 0; i < 220; ++i) values[i] = values[i / 11 * 11];
  std::sort(values.begin(), values.end());
  const std::vector<uint32_t> weights(2048, 1);
  std::array<double, most_bins> tree;
  const BinRule rule = make_searched_bins(values, weighted_ranks(weights), tree);
  std::vector<BinMass> bins(most_bins);
  count_in_bins(values, weights, 0, tree.data(), rule, bins.data());
  const MassReader reader(tree.data(), bins.data(), 0, rule, values.front(), values.back());
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    if (values[i] != values[i + 1]) continue;
    CHECK(reader.at(static_cast<double>(i) + 0.5).value == values[i]);
  }
}

TEST_CASE("squared weights are summed without overflow, exactly up to a million trials") {
  CHECK(square_shift(1) == 0);
  CHECK(square_shift(1 << 20) == 0);
  CHECK(square_shift((1 << 20) + 1) == 1);
  CHECK(square_shift(0xffffffff) == 6);
  for (const uint64_t trials : {uint64_t{5000}, uint64_t{1} << 21, uint64_t{0xffffffff}}) {
    const BinMass largest = mass_of((1 << 22) - 1, square_shift(trials));
    CHECK(largest.square <= std::numeric_limits<uint64_t>::max() / trials);
  }
  CHECK(mass_of(0xffffffff, 0).weight == 0xffffffff);
  CHECK(mass_of(0xffffffff, 0).square == uint64_t{0xffffffff} * 0xffffffff);
  CHECK(mass_of(0xffffffff, 6).square == (uint64_t{1} << 52) - (1 << 21));
  CHECK(mass_of(5, 1).square == 6);  // 25 / 4, rounded
  CHECK(mass_of(13, 1).square == 42);
  CHECK(mass_of(1, 0).square == 1);
}

TEST_CASE("weighted values are counted between the edges, and read back") {
  std::mt19937_64 random(16);
  for (const size_t different : {1, 2, 60, 127, 128, 2000}) {
    for (const int shift : {0, 3}) {
      CAPTURE(different);
      CAPTURE(shift);
      auto values = normals(2047, 17);  // not a multiple of what is searched together
      if (different < 2000) {
        for (double& x : values) x = 0.1 * static_cast<double>(random() % different) - 1;
      }
      std::sort(values.begin(), values.end());
      std::vector<uint32_t> weights;
      for (size_t i = 0; i < values.size(); ++i) {
        weights.push_back(static_cast<uint32_t>(1 + random() % (1 << 20)));
      }
      std::array<double, most_bins> tree;
      const BinRule rule = make_searched_bins(values, weighted_ranks(weights), tree);
      CHECK(!rule.zones);
      std::vector<BinMass> bins(most_bins), expected(most_bins), one_by_one(most_bins);
      count_in_bins(values, weights, shift, tree.data(), rule, bins.data());
      const BinEdges edges(tree.data(), rule, values.front(), values.back());
      for (size_t i = 0; i < values.size(); ++i) {
        const auto above = std::upper_bound(edges.inner().begin(), edges.inner().end(), values[i]);
        BinMass& bin = expected[static_cast<size_t>(above - edges.inner().begin())];
        bin.weight += weights[i];
        bin.square += mass_of(weights[i], shift).square;
        count_in_bins(values[i], mass_of(weights[i], shift), tree.data(), rule, one_by_one.data());
      }
      for (size_t b = 0; b < most_bins; ++b) {
        CHECK(bins[b].weight == expected[b].weight);
        CHECK(bins[b].square == expected[b].square);
        CHECK(one_by_one[b].weight == expected[b].weight);
        CHECK(one_by_one[b].square == expected[b].square);
      }
      const MassReader reader(tree.data(), bins.data(), shift, rule, values.front(), values.back());
      double below = 0, squares = 0, last = -inf;
      for (size_t i = 0; i < values.size(); ++i) {
        const double w = weights[i];
        const MassPoint point = reader.at(below + w / 2);
        REQUIRE(point.value >= last);
        last = point.value;
        if (different <= 127) {
          REQUIRE(point.value == values[i]);
        } else {  // within its bin: 1/224 of mass at most where weights are alike, some ten values
          const double last_digit = 1e-15 * std::abs(point.value);  // of a multiple of 0.1
          REQUIRE(point.value >= values[i < 20 ? 0 : i - 20] - last_digit);
          REQUIRE(point.value <= values[std::min(i + 20, values.size() - 1)] + last_digit);
        }
        // Squares below: to within the largest dozen of those in the bin.
        if (different == 2000) REQUIRE(std::abs(point.squares - squares - w * w / 2) < 12 * 0x1p40);
        below += w;
        squares += w * w;
      }
      CHECK(static_cast<double>(reader.weight()) == below);
      CHECK(reader.squares() == doctest::Approx(squares).epsilon(1e-6));
      CHECK(reader.at(-1).value == values.front());
      CHECK(reader.at(-1).squares == 0);
      CHECK(reader.at(below).value == values.back());
      CHECK(reader.at(2 * below).squares == reader.squares());
    }
  }
}

TEST_CASE("values in single precision fall into the bins of the same values in double") {
  const auto rounded = [](std::vector<double> values) {
    for (double& x : values) x = static_cast<double>(static_cast<float>(x));
    return values;
  };
  std::vector<double> pilot = rounded(normals(2048, 5)), values = rounded(normals(20'000, 6));
  // Continuous; above a floor of zeros; whole numbers, whose bins are searched.
  for (const int kind : {0, 1, 2}) {
    CAPTURE(kind);
    for (auto* all : {&pilot, &values}) {
      for (double& x : *all) x = kind == 0 ? x : kind == 1 ? std::max(x, 0.0) : std::floor(40 * x);
    }
    Bins bins(pilot);
    CHECK(bins.rule.zones == (kind < 2));
    bins.count(values);
    const std::vector<float> floats(values.begin(), values.end());
    std::array<uint32_t, most_bins> counts{};
    count_in_bins(std::span<const float>(floats), bins.tree.data(), bins.rule, counts.data());
    int64_t moved = 0, all = 0;
    for (size_t b = 0; b < most_bins; ++b) {
      moved += std::abs(int64_t{counts[b]} - int64_t{bins.counts[b]});
      all += counts[b];
    }
    CHECK(all == 20'000);
    // A value within an epsilon or so of an edge may be placed beside it.
    CHECK(moved <= (kind < 2 ? 4 : 0));
    CHECK(counts[1] == bins.counts[1]);  // the floor
  }
}
