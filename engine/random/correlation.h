#pragma once
/// Correlation matrices of the Gaussian copula.

#include <string>
#include <vector>

namespace fabcast {

struct CorrelationPair {
  int i, j;
  double r;
};

/// Lower Cholesky factor L of a correlation matrix R = L L^T, row-major n x n.
struct CopulaFactor {
  int n = 0;
  std::vector<double> lower;       ///< (n x n), zeros above the diagonal
  bool repaired = false;           ///< the nearest correlation matrix was taken
  double smallest_eigenvalue = 1;  ///< of the matrix as asked
  double largest_change = 0;       ///< of any entry, where repaired
  std::string problem;             ///< empty: usable. Else a sentence for the user.
  std::vector<size_t> at_fault;    ///< the pairs that pull that eigenvalue down, the worst first
};

/// R from pairs (ones on the diagonal, zero where no pair is given). Not positive definite: with
/// `nearest`, the nearest correlation matrix (Higham 2002, doi:10.1093/imanum/22.3.329, alternating
/// projections with Dykstra's correction, smallest eigenvalue kept >= 1e-8); without, `problem`.
CopulaFactor copula_factor(int n, const std::vector<CorrelationPair>& pairs, bool nearest);

}  // namespace fabcast
