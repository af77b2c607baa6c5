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

// Before each lane loop. Lanes never depend on one another.
#define FABCAST_LANES _Pragma("omp simd")

}  // namespace fabcast
