#include "random/correlation.h"

#include <fmt/core.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace fabcast {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double least_eigenvalue = 1e-8;

MatrixXd matrix_of(int n, const std::vector<CorrelationPair>& pairs) {
  MatrixXd r = MatrixXd::Identity(n, n);
  for (const CorrelationPair& pair : pairs) r(pair.i, pair.j) = r(pair.j, pair.i) = pair.r;
  return r;
}

/// The nearest matrix (Frobenius) whose eigenvalues are all at least `least`.
MatrixXd with_eigenvalues_at_least(const MatrixXd& matrix, double least) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix);
  const VectorXd raised = solver.eigenvalues().cwiseMax(least);
  return solver.eigenvectors() * raised.asDiagonal() * solver.eigenvectors().transpose();
}

/// Higham (2002), algorithm 3.3: project in turn on the positive semidefinite matrices, with
/// Dykstra's correction, and on those of unit diagonal.
MatrixXd nearest_correlation(const MatrixXd& asked) {
  constexpr int most_steps = 10'000;
  constexpr double tolerance = 1e-12;
  MatrixXd unit = asked, correction = MatrixXd::Zero(asked.rows(), asked.cols());
  for (int step = 0; step < most_steps; ++step) {
    const MatrixXd corrected = unit - correction;
    const MatrixXd definite = with_eigenvalues_at_least(corrected, least_eigenvalue);
    correction = definite - corrected;
    const MatrixXd before = unit;
    unit = definite;
    unit.diagonal().setOnes();
    if ((unit - before).norm() <= tolerance * unit.norm()) break;
  }
  // The last projection set the diagonal, which may have cost the floor a little; raising once
  // more and scaling to unit diagonal gives a correlation matrix that has both.
  const MatrixXd definite = with_eigenvalues_at_least(unit, least_eigenvalue);
  const VectorXd scale = definite.diagonal().cwiseSqrt().cwiseInverse();
  MatrixXd nearest = scale.asDiagonal() * definite * scale.asDiagonal();
  nearest.diagonal().setOnes();
  return nearest;
}

/// The smallest eigenvalue is v' R v = 1 + sum of 2 v_i v_j r_ij over the pairs, v its eigenvector:
/// pairs by how far they pull it down, until they make nine tenths of the fall.
std::vector<size_t> pulling_down(const VectorXd& vector,
                                 const std::vector<CorrelationPair>& pairs) {
  std::vector<double> pull;
  double fall = 0;
  for (const CorrelationPair& pair : pairs) {
    // Pulls that differ only by rounding are equal, so that messages do not change.
    pull.push_back(std::round(-vector(pair.i) * vector(pair.j) * pair.r * 1e9));
    fall += std::max(pull.back(), 0.0);
  }
  std::vector<size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return pull[a] > pull[b]; });
  double held = 0;
  size_t kept = 0;
  while (kept < order.size() && held < 0.9 * fall) held += pull[order[kept++]];
  order.resize(kept);
  return order;
}

}  // namespace

CopulaFactor copula_factor(int n, const std::vector<CorrelationPair>& pairs, bool nearest) {
  CopulaFactor factor;
  factor.n = n;
  for (size_t p = 0; p < pairs.size(); ++p) {
    const CorrelationPair& pair = pairs[p];
    if (pair.i < 0 || pair.j < 0 || pair.i >= n || pair.j >= n || pair.i == pair.j ||
        !(std::fabs(pair.r) <= 1)) {
      factor.problem = fmt::format(
          "the correlation {} between inputs {} and {} of {} is not one between two different "
          "inputs and from -1 to 1",
          pair.r, pair.i, pair.j, n);
      factor.at_fault = {p};
      return factor;
    }
  }
  if (n == 0) return factor;

  const MatrixXd asked = matrix_of(n, pairs);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(asked);
  factor.smallest_eigenvalue = solver.eigenvalues()(0);
  MatrixXd used = asked;
  if (factor.smallest_eigenvalue < least_eigenvalue) {
    factor.at_fault = pulling_down(solver.eigenvectors().col(0), pairs);
    if (!nearest) {
      factor.problem = fmt::format(
          "the correlations contradict one another: their matrix has the eigenvalue {:.4g}, and "
          "must have none below {}",
          factor.smallest_eigenvalue, least_eigenvalue);
      return factor;
    }
    used = nearest_correlation(asked);
    factor.repaired = true;
    factor.largest_change = (used - asked).cwiseAbs().maxCoeff();
  }
  const Eigen::LLT<MatrixXd> cholesky(used);
  if (cholesky.info() != Eigen::Success) {
    factor.problem = "the correlation matrix has no Cholesky factor; weaken the correlations";
    return factor;
  }
  const MatrixXd lower = cholesky.matrixL();
  factor.lower.resize(static_cast<size_t>(n) * static_cast<size_t>(n));
  Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      factor.lower.data(), n, n) = lower;
  return factor;
}

}  // namespace fabcast
