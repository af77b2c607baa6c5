#pragma once
/// Bins of partly good dies (model.md, section 7). A die has n identical cores of area a_c each and
/// an uncore of area a_u that must work; a bin asks for at least k good cores. Defects are shared
/// within a die: cores fail together where defects cluster.
///
/// What is computed is p_j, the chance that the uncore and exactly j = n - m cores work, for every
/// j that a bin needs. The textbook sum, sum over s of (-1)^(s-j) C(n,s) C(s,j) f(a_u + s a_c),
/// alternates and loses every digit. Two forms that add positive terms alone replace it:
///
/// Gamma mixtures (negative binomial; Seeds: alpha = 1; Bose-Einstein: alpha = n_layers). The sum
/// is the m-th finite difference of (1 + A D/alpha)^-alpha, which is its m-th derivative averaged
/// over S, a sum of m uniforms on [0, 1]:
///   p_j = f(A) C(n,m) (alpha)_m v^m E[(1 - v S)^-(alpha+m)],   v = D a_c / (alpha + D A) <= 1/n,
/// (x)_m = x (x+1) … (x+m-1), A the whole die. Around the mean m/2 of S, whose distribution is
/// symmetric, only even powers are left:
///   E = (1 - v m/2)^-(alpha+m) sum_i (alpha+m)_2i mu_2i/(2i)! w^2i,   w = v / (1 - v m/2),
/// mu_2i the central moments of S, known once the design is. No constant of it depends on alpha.
///
/// Mixtures of Poissons over a fixed density (Poisson: one point; Murphy: Gauss-Legendre on both
/// sides of his triangle; Moore: the trapezoidal rule in log Z, D = D0/(2 Z^2) with Z half-normal):
///   p_j = sum of weight C(n,j) e^(-D (a_u + j a_c)) (1 - e^(-D a_c))^m.
///
/// Relative error of every bin below 1e-9 for n <= 64, alpha >= 0.01 and D0 A <= 50.

#include <span>
#include <vector>

#include "base/lanes.h"
#include "stages/die_yield.h"

namespace fabcast {

inline constexpr int most_cores = 64;

/// Whose good cores a bin counts, in the order of the choices of the key die.*.bin_scope: one die's,
/// or those of the two dies of a package together. Dies whose uncore fails are never paired.
enum class BinScope { die, pair };

struct BinDesign {
  int cores = 1;               ///< of one die, 1 to 64
  std::vector<int> min_cores;  ///< of each bin, best bin first: strictly falling
  BinScope scope = BinScope::die;
  YieldModel model = YieldModel::negative_binomial;
  double critical_layers = 10;  ///< of bose_einstein
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
  /// Gamma mixtures: series[m][i] = (mu_2i+2 / (2i+2)!) / (mu_2i / (2i)!) of a sum of m uniforms,
  /// as many as the accuracy needs.
  std::vector<std::vector<double>> series;
  /// Murphy: densities relative to D0, and their weights.
  std::vector<double> node, weight;
};

/// Throws InputError, with every mistake of the design.
BinPlan plan_bins(BinDesign design);

struct BinColumns {
  const double* die_area_cm2;     ///< whole die, > 0
  const double* core_area_share;  ///< part of the die's area that all its cores take, 0 to 1
  const double* d0_per_cm2;       ///< >= 0; per critical layer under bose_einstein
  const double* alpha;            ///< > 0; read under negative_binomial alone
};

/// out[b]: the part of dies that end in bin b and in no better one. With scope `pair`, of dies whose
/// package ends in bin b. `scratch`: plan.scratch_rows columns, `out`: a column a bin.
void bin_yields(const BinPlan& plan, int lanes, const BinColumns& in,
                std::span<double* const> scratch, std::span<double* const> out);

/// The same for one die: the part of dies in each bin, best bin first.
std::vector<double> bin_fractions(const BinPlan& plan, double die_area_cm2, double core_area_share,
                                  double d0_per_cm2, double alpha);

}  // namespace fabcast
