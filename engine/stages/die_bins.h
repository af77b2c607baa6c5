#pragma once
/// Bins of partly good dies (model.md, section 7). A die has n identical cores of area a_c each and
/// an uncore of area a_u that must work; a bin asks for at least k good cores. Defects are shared
/// within a die: cores fail together where defects cluster.
///
/// The textbook sum for p_j, the chance that the uncore and exactly j = n - m cores work,
/// C(n,j) sum over i of (-1)^i C(m,i) f(a_u + (j+i) a_c), alternates and loses every digit. Two
/// forms that add positive terms alone replace it.
///
/// Gamma mixtures (negative binomial; Seeds: alpha = 1; Bose-Einstein: alpha = n_layers): the
/// number N of defects on a die is negative binomial; all must fall on cores; q_N(bin) is the
/// chance that N defects on cores leave as many good ones as the bin takes:
///   P(bin) = f(A) sum over N of (alpha)_N / N! u^N q_N(bin),   u = D A_cores / (alpha + D A),
/// (alpha)_N = alpha (alpha+1) … (alpha+N-1), A the whole die. q_N is known once the design is, and
/// falls as ((n-k)/n)^N.
///
/// Mixtures of Poissons over a fixed density (Poisson: one point; Murphy: Gauss-Legendre on both
/// sides of his triangle; Moore: the trapezoidal rule in log Z, D = D0/(2 Z^2) with Z half-normal):
///   p_j = sum of weight C(n,j) e^(-D (a_u + j a_c)) (1 - e^(-D a_c))^m.
///
/// Relative error of every bin below 1e-9 for n <= 64, alpha >= 0.01 and D0 A <= 20 (under
/// Bose-Einstein, n_layers D0 A <= 20); beyond, it grows slowly.

#include <span>
#include <string>
#include <vector>

#include "base/lanes.h"
#include "stages/die_yield.h"

namespace fabcast {

inline constexpr int most_cores = 64;

/// Whose good cores a bin counts, in the order of the choices of the key die.*.bin_scope: one
/// die's, or those of the two dies of a package together. Dies whose uncore fails are never paired.
enum class BinScope { die, pair };

struct BinDesign {
  int cores = 1;               ///< of one die, 1 to 64
  std::vector<int> min_cores;  ///< of each bin, best bin first: strictly falling
  BinScope scope = BinScope::die;
  YieldModel model = YieldModel::negative_binomial;
  double critical_layers = 10;  ///< of bose_einstein
};

/// What is wrong with the bins of a design.
struct BinMistake {
  size_t bin;  ///< index of the bin at fault
  std::string message, remedy;
};
/// `names`, one a bin, say which is meant ("bin 'full'"). The one home of the rules of bins.
std::vector<BinMistake> bin_mistakes(const BinDesign& design, std::span<const std::string> names);

/// q_N, N = 0, 1, …, and the row to which the sum is added.
struct DefectSum {
  int target;
  std::vector<double> chances;  ///< as many as the accuracy needs, in whole passes of the kernel
};

/// What no trial changes. Made by plan_bins().
struct BinPlan {
  BinDesign design;
  int fewest = 0;        ///< good cores of a die that any bin still takes
  int scratch_rows = 0;  ///< columns that bin_yields() needs to work in

  /// (n over m) for m = 0, 1, … bad cores.
  std::vector<double> choices;
  /// bin_of[j]: the bin of j good cores (of a die or a pair), -1 where none takes it.
  std::vector<int> bin_of;
  std::vector<DefectSum> sums;  ///< gamma mixtures
  /// Murphy: densities relative to D0, and their weights.
  std::vector<double> node, weight;
  int moore_nodes = 0;
};

/// Throws InputError, with every mistake of the design.
BinPlan plan_bins(BinDesign design);

struct BinColumns {
  const double* die_area_cm2;     ///< whole die, > 0
  const double* core_area_share;  ///< part of the die's area that all its cores take, 0 to 1
  const double* d0_per_cm2;       ///< >= 0; per critical layer under bose_einstein
  const double* alpha;            ///< > 0; read under negative_binomial alone
};

/// out[b]: the part of dies that end in bin b and in no better one. With scope `pair`, of dies
/// whose package ends in bin b. `scratch`: plan.scratch_rows columns, `out`: a column a bin.
void bin_yields(const BinPlan& plan, int lanes, const BinColumns& in,
                std::span<double* const> scratch, std::span<double* const> out);

/// The same for one die: the part of dies in each bin, best bin first.
std::vector<double> bin_fractions(const BinPlan& plan, double die_area_cm2, double core_area_share,
                                  double d0_per_cm2, double alpha);

}  // namespace fabcast
