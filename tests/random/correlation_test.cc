#include "random/correlation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "random/streams.h"

using namespace fabcast;

namespace {

/// (L L^T)(i, j)
double product(const CopulaFactor& factor, int i, int j) {
  double sum = 0;
  for (int k = 0; k < factor.n; ++k)
    sum += factor.lower[static_cast<size_t>(i * factor.n + k)] *
           factor.lower[static_cast<size_t>(j * factor.n + k)];
  return sum;
}

}  // namespace

TEST_CASE("the factor gives back the matrix that was asked for") {
  const std::vector<CorrelationPair> pairs{{0, 1, 0.7}, {1, 3, -0.4}, {2, 3, 0.25}};
  const CopulaFactor factor = copula_factor(4, pairs, false);
  CHECK(factor.problem.empty());
  CHECK_FALSE(factor.repaired);
  CHECK(factor.largest_change == 0);
  REQUIRE(factor.lower.size() == 16);
  for (int i = 0; i < 4; ++i) {
    CHECK(product(factor, i, i) == doctest::Approx(1).epsilon(1e-14));
    for (int j = i + 1; j < 4; ++j) {
      double asked = 0;
      for (const auto& pair : pairs)
        if (pair.i == i && pair.j == j) asked = pair.r;
      CHECK(product(factor, i, j) == doctest::Approx(asked).epsilon(1e-14));
      CHECK(factor.lower[static_cast<size_t>(i * 4 + j)] == 0);
    }
  }
}

TEST_CASE("no correlations give the identity") {
  const CopulaFactor factor = copula_factor(3, {}, false);
  CHECK(factor.lower == std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  CHECK(factor.smallest_eigenvalue == doctest::Approx(1));
  CHECK(copula_factor(0, {}, false).problem.empty());
}

TEST_CASE("an impossible matrix is refused with its eigenvalue and the pairs at fault") {
  // 0 and 1 agree, 1 and 2 agree, 0 and 2 oppose one another; 3 has no part in it.
  const std::vector<CorrelationPair> pairs{{0, 1, 0.9}, {1, 2, 0.9}, {0, 2, -0.9}};
  const CopulaFactor factor = copula_factor(4, pairs, false);
  CHECK_FALSE(factor.problem.empty());
  CHECK(factor.problem.find("-0.8") != std::string::npos);
  CHECK(factor.smallest_eigenvalue == doctest::Approx(-0.8).epsilon(1e-12));
  CHECK(factor.at_fault == std::vector<size_t>{0, 1, 2});
  CHECK(factor.lower.empty());
  // A pair of no consequence is not named, nor one that holds the eigenvalue up; the worst is
  // first.
  const CopulaFactor mixed = copula_factor(
      6, {{3, 4, 0.5}, {0, 1, 0.6}, {1, 2, 0.95}, {0, 2, -0.95}, {2, 3, 0.01}, {4, 5, -0.5}},
      false);
  CHECK(mixed.at_fault.size() == 3);
  CHECK((mixed.at_fault[0] == 2 || mixed.at_fault[0] == 3));
  CHECK(mixed.at_fault.back() == 1);
}

TEST_CASE("a pair out of range, with itself or beyond 1 is refused") {
  CHECK_FALSE(copula_factor(2, {{0, 2, 0.5}}, false).problem.empty());
  CHECK_FALSE(copula_factor(2, {{1, 1, 0.5}}, false).problem.empty());
  CHECK_FALSE(copula_factor(2, {{0, 1, 1.5}}, true).problem.empty());
  CHECK_FALSE(copula_factor(2, {{0, 1, std::nan("")}}, true).problem.empty());
}

TEST_CASE("the nearest correlation matrix is Higham's published one") {
  // Higham (2002), section 4: A = [1 1 0; 1 1 1; 0 1 1] has its nearest at 0.7607 and 0.1573.
  const CopulaFactor factor = copula_factor(3, {{0, 1, 1}, {1, 2, 1}}, true);
  CHECK(factor.problem.empty());
  CHECK(factor.repaired);
  CHECK(factor.smallest_eigenvalue == doctest::Approx(1 - std::sqrt(2.0)).epsilon(1e-12));
  CHECK(std::fabs(product(factor, 0, 1) - 0.7607) < 5e-5);
  CHECK(std::fabs(product(factor, 1, 2) - 0.7607) < 5e-5);
  CHECK(std::fabs(product(factor, 0, 2) - 0.1573) < 5e-5);
  CHECK(factor.largest_change == doctest::Approx(1 - product(factor, 0, 1)).epsilon(1e-9));
  for (int i = 0; i < 3; ++i) CHECK(product(factor, i, i) == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("draws through the factor are correlated as asked") {
  const std::vector<CorrelationPair> pairs{{0, 1, 0.7}, {0, 2, -0.3}, {1, 2, 0.1}};
  const CopulaFactor factor = copula_factor(3, pairs, false);
  constexpr size_t draws = 200'000;
  std::vector<std::vector<double>> z(3, std::vector<double>(draws)), x = z;
  for (size_t j = 0; j < 3; ++j)
    draw_normals(7, Purpose::input, stream_of("draws"), static_cast<uint32_t>(j), 0, z[j]);
  for (size_t i = 0; i < 3; ++i)
    for (size_t t = 0; t < draws; ++t)
      for (size_t k = 0; k <= i; ++k) x[i][t] += factor.lower[i * 3 + k] * z[k][t];
  for (const auto& pair : pairs) {
    const auto &first = x[static_cast<size_t>(pair.i)], &second = x[static_cast<size_t>(pair.j)];
    double s1 = 0, s2 = 0, s11 = 0, s22 = 0, s12 = 0;
    for (size_t t = 0; t < draws; ++t) {
      s1 += first[t];
      s2 += second[t];
      s11 += first[t] * first[t];
      s22 += second[t] * second[t];
      s12 += first[t] * second[t];
    }
    const double n = draws;
    const double r = (n * s12 - s1 * s2) / std::sqrt((n * s11 - s1 * s1) * (n * s22 - s2 * s2));
    // Fisher: (atanh r - atanh rho) sqrt(n - 3) is standard normal; 3.29 is one in a thousand.
    CHECK(std::fabs(std::atanh(r) - std::atanh(pair.r)) * std::sqrt(n - 3) < 3.29);
  }
}
