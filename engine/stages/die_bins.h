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
/// In double the relative error of every bin is below 1e-9 for n <= 64, alpha >= 0.01 and D0 A <=
/// 20 (under Bose-Einstein, n_layers D0 A <= 20); beyond, it grows slowly.

#include <span>
#include <vector>

#include "base/lanes.h"
#include "stages/bin_plan.h"

namespace fabcast {

template <class T>
struct BinColumns {
  const T* die_area_cm2;     ///< whole die, > 0
  const T* core_area_share;  ///< part of the die's area that all its cores take, 0 to 1
  const T* d0_per_cm2;       ///< >= 0; per critical layer under bose_einstein
  const T* alpha;            ///< > 0; read under negative_binomial alone
};

/// out[b]: the part of dies that end in bin b and in no better one. With scope `pair`, of dies
/// whose package ends in bin b. `scratch`: plan.scratch_rows columns, `out`: a column a bin.
void bin_yields(const BinPlan& plan, int lanes, const BinColumns<float>& in,
                std::span<float* const> scratch, std::span<float* const> out);
void bin_yields(const BinPlan& plan, int lanes, const BinColumns<double>& in,
                std::span<double* const> scratch, std::span<double* const> out);

/// The same for one die: the part of dies in each bin, best bin first.
std::vector<double> bin_fractions(const BinPlan& plan, double die_area_cm2, double core_area_share,
                                  double d0_per_cm2, double alpha);

}  // namespace fabcast
