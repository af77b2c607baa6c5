#pragma once
/// Trials are lanes: a column holds one number per trial of a block, trial fastest.

#include <algorithm>
#include <limits>

namespace fabcast {

/// A lane's number. In single precision (FABCAST_FLOAT_LANES) the same formulas take half the
/// memory and fit twice as many lanes into a vector, but what is left of large numbers taken from
/// one another, a small buyer's share of a long backlog or the NPUs that wait for a whole pod, has
/// too few digits: bench/README.md, "Precision". What is summed over trials is summed in double.
#ifdef FABCAST_FLOAT_LANES
using Real = float;
#else
using Real = double;
#endif

/// What a sum may lack of a whole or an asked number, relative, and still count as that number:
/// what rounding can take of it. More would be a bias: the chance to reach a number grows with it.
inline constexpr Real count_slack = std::max(Real(1e-9), 4 * std::numeric_limits<Real>::epsilon());

/// Trials of a block: enough that a stage's many short loops are worth their calls, few enough that
/// a block of a few thousand columns stays near, in L2 or not far beyond, from month to month
/// (bench/README.md).
inline constexpr int block_lanes = 1024 / static_cast<int>(sizeof(Real));

/// Trials of a batch, the unit that threads are handed and statistics count: several blocks, since
/// a series' edges and counts are fetched once for all of them.
inline constexpr int batch_trials = 256;
static_assert(batch_trials % block_lanes == 0);

/// Numbers from one column to the next, whole cache lines. Not a power of two: equal lanes of many
/// columns would otherwise fight for the same cache set.
inline constexpr int column_stride = block_lanes + 64 / static_cast<int>(sizeof(Real));

using In = const Real* __restrict;  ///< a column that a stage reads
using Out = Real* __restrict;       ///< a column that a stage writes

// Before the definition of a function of lane loops, a kernel: compiled once for each level of
// processor (x86-64-v3: AVX2, v4: AVX-512, both with fused multiply-adds), and the loader picks.
// What a kernel calls in a lane is always_inline (simd/math.h) or small. All levels give the same
// bits: nothing is contracted or reordered, and where a multiply-add is fused it is asked for by
// name, so that a processor without it computes the same, slowly. Sanitizers start before the
// loader has picked, and need none of it. With FABCAST_ONE_LEVEL a kernel has the level that the
// compiler was asked for (tests/run/levels_test.cc).
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(FABCAST_ONE_LEVEL) && !defined(FABCAST_COUNT_OPERATIONS)
#define FABCAST_LEVELS "default", "arch=x86-64-v3", "arch=x86-64-v4"
#define FABCAST_CLONES  // simd/isa.cc tells which of them runs
#define FABCAST_KERNEL [[gnu::target_clones(FABCAST_LEVELS)]]
#else
#define FABCAST_KERNEL
#endif

}  // namespace fabcast

#ifdef FABCAST_COUNT_OPERATIONS
// The test build that counts what runs in lanes, for the operation census (run/census.h).
#include "census/counting.h"
#else
// Before each lane loop. Lanes never depend on one another.
#define FABCAST_LANES _Pragma("omp simd")
// First in a function that the census counts.
#define FABCAST_COUNTS(operation)
#endif
