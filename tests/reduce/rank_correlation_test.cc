#include "reduce/rank_correlation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <stdexcept>

using namespace fabcast;

TEST_CASE("equal values share the mean of their ranks") {
  CHECK(average_ranks(std::vector<double>{10, 30, 20}) == std::vector<double>{1, 3, 2});
  CHECK(average_ranks(std::vector<double>{5, 1, 5, 5, 0}) == std::vector<double>{4, 2, 4, 4, 1});
  CHECK(average_ranks(std::vector<double>{-0.0, 0.0}) == std::vector<double>{1.5, 1.5});
  CHECK(average_ranks(std::vector<double>{}).empty());
  CHECK(average_ranks(std::vector<double>{std::nan(""), 2, 1})[0] == 3);
}

TEST_CASE("rank correlation: known values") {
  const std::vector<double> x{1, 2, 3, 4, 5, 6};
  CHECK(rank_correlation(x, std::vector<double>{1, 4, 9, 16, 25, 1e9}) == 1);
  CHECK(rank_correlation(x, std::vector<double>{6, 5, 4, 3, 2, -100}) == -1);
  // IQ and hours of television, the worked example of most textbooks: rho = -29/165.
  const std::vector<double> iq{106, 86, 100, 101, 99, 103, 97, 113, 112, 110};
  const std::vector<double> hours{7, 0, 27, 50, 28, 29, 20, 12, 6, 17};
  CHECK(rank_correlation(iq, hours) == doctest::Approx(-29.0 / 165).epsilon(1e-14));
  // Ties: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4 have covariance 4.5 and variances 4.5, 5.
  CHECK(rank_correlation(std::vector<double>{1, 2, 2, 3}, std::vector<double>{1, 2, 3, 4}) ==
        doctest::Approx(4.5 / std::sqrt(4.5 * 5)).epsilon(1e-14));
}

TEST_CASE("rank correlation: laws") {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> x(5000), y(5000), z(5000);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = normal(random);
    y[i] = 0.6 * x[i] + 0.8 * normal(random);
    z[i] = std::exp(3 * y[i]);
  }
  CHECK(rank_correlation(x, x) == 1);
  CHECK(rank_correlation(x, y) == rank_correlation(y, x));
  CHECK(rank_correlation(x, z) == rank_correlation(x, y));  // any increasing function
  // Normal pairs: rho_S = 6/pi asin(rho / 2); standard error about 0.011.
  CHECK(std::abs(rank_correlation(x, y) - 6 / 3.14159265358979 * std::asin(0.3)) < 0.04);
  CHECK(std::isnan(rank_correlation(x, std::vector<double>(5000, 1.0))));
  CHECK_THROWS_AS(rank_correlation(x, std::vector<double>(3)), std::logic_error);
}

TEST_CASE("weighted ranks: half of the weight of equal values, and all of the lower ones") {
  const std::vector<double> x{5, 1, 5, 5, 0};
  // n M / W + 1/2, W = 12: M is 6 + 6 / 2 for 5, 2 + 4 / 2 for 1, 1 for 0.
  const std::vector<uint32_t> weights{1, 4, 2, 3, 2};
  CHECK(average_ranks(x, weights) == std::vector<double>{5 * 9.0 / 12 + 0.5, 5 * 4.0 / 12 + 0.5,
                                                         5 * 9.0 / 12 + 0.5, 5 * 9.0 / 12 + 0.5,
                                                         5 * 1.0 / 12 + 0.5});
  CHECK(average_ranks(std::vector<double>{std::nan(""), 2, 1}, std::vector<uint32_t>{1, 1, 1}) ==
        std::vector<double>{3, 2, 1});
  CHECK(average_ranks({}, {}).empty());
  CHECK_THROWS_AS(average_ranks(x, std::vector<uint32_t>(4)), std::logic_error);
}

TEST_CASE("weighted rank correlation: equal weights, subsets, trials that count several times") {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal;
  std::vector<double> x, y, x_in, y_in, x_many, y_many;
  std::vector<uint32_t> in, many;
  for (int t = 0; t < 3000; ++t) {
    x.push_back(std::round(10 * normal(random)));  // with ties
    y.push_back(0.05 * x.back() + normal(random));
    many.push_back(static_cast<uint32_t>(random() % 4));
    for (uint32_t k = 0; k < many.back(); ++k) {
      x_many.push_back(x.back());
      y_many.push_back(y.back());
    }
    in.push_back(many.back() == 1);
    if (in.back() == 1) {
      x_in.push_back(x.back());
      y_in.push_back(y.back());
    }
  }
  const auto weighted = [](const auto& a, const auto& b, const auto& w) {
    return correlation_of_ranks(average_ranks(a, w), average_ranks(b, w), w);
  };
  for (const uint32_t unit : {1u, 777u, 1u << 20}) {
    const std::vector<uint32_t> equal(3000, unit);
    CHECK(average_ranks(x, equal) == average_ranks(x));
    CHECK(weighted(x, y, equal) == doctest::Approx(rank_correlation(x, y)).epsilon(1e-14));
  }
  CHECK(weighted(x, y, in) == rank_correlation(x_in, y_in));
  CHECK(weighted(x, y, many) == doctest::Approx(rank_correlation(x_many, y_many)).epsilon(1e-13));
  CHECK(std::abs(rank_correlation(x_many, y_many) - rank_correlation(x, y)) > 1e-4);
  CHECK(weighted(x, x, many) == doctest::Approx(1).epsilon(1e-14));
  CHECK(std::isnan(weighted(x, y, std::vector<uint32_t>(3000))));
  CHECK_THROWS_AS(correlation_of_ranks(x, y, std::vector<uint32_t>(2)), std::logic_error);
}
