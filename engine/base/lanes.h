#pragma once
/// Trials are lanes: a column holds one double per trial of a block, trial fastest.

namespace fabcast {

/// Trials of a block: as few as keep a vector loop worth its call, for a block of a few thousand
/// columns must stay in L2 from month to month.
inline constexpr int block_lanes = 64;

/// Trials of a batch, the unit that threads are handed and statistics count: several blocks, since
/// a series' edges and counts are fetched once for all of them.
inline constexpr int batch_trials = 256;
static_assert(batch_trials % block_lanes == 0);

/// Doubles from one column to the next. Not a power of two: equal lanes of many columns would
/// otherwise fight for the same cache set.
inline constexpr int column_stride = block_lanes + 8;

using In = const double* __restrict;  ///< a column that a stage reads
using Out = double* __restrict;       ///< a column that a stage writes

// Before the definition of a function of lane loops, a kernel: compiled once for each width of
// vectors, and the loader picks. What a kernel calls in a lane is always_inline (simd/math.h) or
// small. All widths give the same bits, since nothing is contracted or reordered. Sanitizers start
// before the loader has picked, and need none of it.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FABCAST_KERNEL [[gnu::target_clones("default", "avx2", "avx512f")]]
#else
#define FABCAST_KERNEL
#endif

// Before each lane loop. Lanes never depend on one another.
#define FABCAST_LANES _Pragma("omp simd")

}  // namespace fabcast
