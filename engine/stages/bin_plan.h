#pragma once
/// The plan of a die's bins, made when a scenario is read: which bins a design can have, and all of
/// die_bins.h that no trial changes.

#include <span>
#include <string>
#include <vector>

#include "simd/math.h"
#include "stages/die_yield.h"

namespace fabcast {

inline constexpr int most_cores = 64;

/// Whose good cores a bin counts: one die's, or those of the two dies of a package together. Dies
/// whose uncore fails are never paired.
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

// What the plan and the kernels of die_bins.cc must agree on.

inline constexpr size_t terms_per_pass = 4;  ///< of the sums over defects

/// The sum for dies without a good core converges as u^N. Above this u, such dies are common, and
/// what the others leave of the dies with a working uncore gives their part just as well.
inline constexpr double most_u_of_sum = 0.99;

// Moore's mixture: D = D0/(2 Z^2), Z = e^t, by the trapezoidal rule in t up to e^(-Z^2/2) = 2e-18.
inline constexpr double moore_highest_log = 2.2;
// At the lowest Z the defects expected where none may be: e^-45 = 3e-20, and two more for each bad
// core, for bins of many bad cores live in that tail.
inline constexpr double moore_last_exponent = 45;
inline constexpr double moore_exponent_per_core = 2;
inline constexpr double moore_least_defects = 1e-30;

/// Lowest log Z for a mean number of defects where none may be.
template <class T>
FABCAST_INLINE T moore_lowest_log(T defects, T exponent) {
  const T least = T(moore_least_defects);
  return T(0.5) * simd::log((defects > least ? defects : least) / (2 * exponent));
}

inline double moore_exponent(const BinPlan& plan) {
  return moore_last_exponent + moore_exponent_per_core * (plan.design.cores - plan.fewest);
}

}  // namespace fabcast
