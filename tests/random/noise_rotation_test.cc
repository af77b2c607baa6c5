#include "random/noise_rotation.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace fabcast;

namespace {

/// y(m) of innovations xi, as the model makes log noise of sigma 1.
std::vector<double> path(const std::vector<double>& xi, double rho) {
  std::vector<double> y;
  for (size_t m = 0; m < xi.size(); ++m) {
    y.push_back(m == 0 ? xi[0] : rho * y.back() + std::sqrt(1 - rho * rho) * xi[m]);
  }
  return y;
}

}  // namespace

TEST_CASE("noise rotation: a path made of it has the AR(1) covariance, the first components most") {
  for (const int months : {1, 2, 12, 60}) {
    for (const double rho : {0.0, 0.5, 0.7, 0.95}) {
      CAPTURE(months);
      CAPTURE(rho);
      const auto n = static_cast<size_t>(months);
      const std::vector<double> v = noise_rotation(months, rho);
      std::vector<std::vector<double>> response;  // of the path to z_k
      for (size_t k = 0; k < n; ++k) {
        std::vector<double> xi(n);
        for (size_t m = 0; m < n; ++m) xi[m] = v[m * n + k];
        response.push_back(path(xi, rho));
      }
      for (size_t a = 0; a < n; ++a) {
        for (size_t b = 0; b < n; ++b) {
          double covariance = 0, product = 0;
          for (size_t k = 0; k < n; ++k) {
            covariance += response[k][a] * response[k][b];
            product += v[a * n + k] * v[b * n + k];
          }
          const double lag = std::abs(static_cast<double>(a) - static_cast<double>(b));
          REQUIRE(covariance == doctest::Approx(std::pow(rho, lag)).epsilon(1e-9));
          REQUIRE(product == doctest::Approx(a == b ? 1 : 0).epsilon(1e-9));
        }
      }
      if (rho == 0) continue;
      double before = HUGE_VAL;
      for (size_t k = 0; k < n; ++k) {
        double size = 0;
        for (const double y : response[k]) size += y * y;
        REQUIRE(size <= before * (1 + 1e-9));
        before = size;
      }
    }
  }
}

TEST_CASE("noise rotation: the first component of a long memory moves all months one way") {
  const std::vector<double> v = noise_rotation(24, 0.9);
  std::vector<double> xi(24);
  for (size_t m = 0; m < 24; ++m) xi[m] = v[m * 24];
  double sum = 0, squares = 0;
  for (const double y : path(xi, 0.9)) {
    CHECK(y > 0);
    sum += y;
    squares += y * y;
  }
  // More than a third of the path's variance, 24, in one of 24 normals.
  CHECK(squares > 8);
  CHECK(sum > 0);
}
