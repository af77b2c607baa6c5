#include "random/metalog.h"

#include <fmt/core.h>

#include <Eigen/Dense>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "random/distribution.h"

namespace fabcast {

namespace {

/// The basis functions at u: M(u) = sum a_k * basis_k(u).
MetalogCoefficients basis_at(double u) {
  MetalogCoefficients basis;
  for (size_t k = 0; k < metalog_terms; ++k) {
    MetalogCoefficients unit{};
    unit[k] = 1;
    basis[k] = metalog(unit, u, 1 - u);
  }
  return basis;
}

/// The value on the unbounded line of which the metalog is linear in its coefficients.
double on_the_line(double value, double low, double high) {
  if (std::isfinite(low) && std::isfinite(high)) return simd::log((value - low) / (high - value));
  if (std::isfinite(low)) return simd::log(value - low);
  if (std::isfinite(high)) return -simd::log(high - value);
  return value;
}

/// A quantile function must rise. Looked at on a grid even in the logit: strictly from probability
/// 1e-6 to 1 - 1e-6, and beyond, to the last draw that 53 bits can make, up to rounding.
void require_rising(const MetalogCoefficients& a) {
  constexpr int steps = 8000;
  constexpr double last_logit = 36.7;    // of 1 - 2^-53
  constexpr double tail_logit = 13.816;  // of 1 - 1e-6
  double scale = 0;
  for (const double coefficient : a) scale = std::max(scale, std::fabs(coefficient));
  const auto share = [](double logit) { return 1 / (1 + std::exp(-logit)); };
  double before = 0, worst = 0, worst_at = 0;
  for (int i = 0; i <= steps; ++i) {
    const double logit = last_logit * (2.0 * i / steps - 1);
    const double value = metalog(a, share(logit), share(-logit));
    const double rise = value - before + (std::fabs(logit) > tail_logit ? 1e-12 * scale : 0);
    if (i > 0 && rise <= 0 && (worst_at == 0 || rise < worst)) {
      worst = rise;
      worst_at = share(logit);
    }
    before = value;
  }
  if (worst_at == 0) return;
  throw std::invalid_argument(
      fmt::format("these quantiles make no metalog: the curve through them falls near probability "
                  "{:.3g} %; give fewer quantiles, move them nearer to a smooth curve, or bound it",
                  100 * worst_at));
}

}  // namespace

Distribution make_metalog(std::span<const double> probabilities, std::span<const double> values,
                          double low, double high) {
  const size_t n = probabilities.size();
  if (n != values.size() || n < 3) {
    throw std::invalid_argument(
        fmt::format("a metalog needs at least 3 quantiles, not {}; give e.g. 10%: 3, 50%: 5, "
                    "90%: 9",
                    std::min(n, values.size())));
  }
  if (!(low < high)) {
    throw std::invalid_argument(fmt::format(
        "the bounds {} and {} are not in ascending order; give the lower one first", low, high));
  }
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t i, size_t j) { return probabilities[i] < probabilities[j]; });
  for (size_t i = 0; i < n; ++i) {
    const double p = probabilities[order[i]], value = values[order[i]];
    if (!(p > 0 && p < 1)) {
      throw std::invalid_argument(
          fmt::format("the probability {} % does not lie between 0 and 100 %", 100 * p));
    }
    if (!std::isfinite(value) || !(value > low) || !(value < high)) {
      throw std::invalid_argument(fmt::format(
          "the quantile {} does not lie inside the bounds {} and {}", value, low, high));
    }
    if (i == 0) continue;
    const double p_before = probabilities[order[i - 1]], value_before = values[order[i - 1]];
    if (p == p_before) {
      throw std::invalid_argument(
          fmt::format("the probability {} % is given twice; give it once", 100 * p));
    }
    if (!(value > value_before)) {
      throw std::invalid_argument(
          fmt::format("the quantile {} at {} % is not above {} at {} %; quantiles must rise with "
                      "their probabilities",
                      value, 100 * p, value_before, 100 * p_before));
    }
  }

  const auto rows = static_cast<Eigen::Index>(n);
  Eigen::MatrixXd basis(rows, static_cast<Eigen::Index>(metalog_terms));
  Eigen::VectorXd line(rows);
  for (Eigen::Index i = 0; i < rows; ++i) {
    const size_t at = order[static_cast<size_t>(i)];
    const MetalogCoefficients row = basis_at(probabilities[at]);
    for (size_t k = 0; k < metalog_terms; ++k) basis(i, static_cast<Eigen::Index>(k)) = row[k];
    line(i) = on_the_line(values[at], low, high);
  }
  // As many terms as quantiles. Seven quantiles that are symmetric about the median leave those
  // seven terms singular (four are odd, three even): then one term more, of least norm.
  size_t terms = std::min(n, metalog_terms);
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> solver;
  for (;; ++terms) {
    solver.compute(basis.leftCols(static_cast<Eigen::Index>(terms)));
    if (terms == metalog_terms || solver.rank() == rows) break;
  }
  const Eigen::VectorXd solution = solver.solve(line);

  Distribution made;
  made.family = Family::metalog;
  made.c = low;
  made.d = high;
  made.x.assign(solution.data(), solution.data() + terms);
  require_rising(metalog_coefficients(made.x));
  return made;
}

}  // namespace fabcast
