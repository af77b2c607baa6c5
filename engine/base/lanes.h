#pragma once
/// Trials are lanes: a column holds one double per trial of a block, trial fastest.

namespace fabcast {

/// Trials of a block. 256 columns of doubles stay in L2 together with what a month touches.
inline constexpr int block_lanes = 256;

/// Doubles from one column to the next. Not a power of two: equal lanes of many columns would
/// otherwise fight for the same cache set.
inline constexpr int column_stride = block_lanes + 8;

using In = const double* __restrict;  ///< a column that a stage reads
using Out = double* __restrict;       ///< a column that a stage writes

// Before each lane loop. Lanes never depend on one another.
#define FABCAST_LANES _Pragma("omp simd")

}  // namespace fabcast
