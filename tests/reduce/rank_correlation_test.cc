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
