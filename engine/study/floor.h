#pragma once
/// The component-sum floor of a trial: what its dear operations would cost at this machine's best
/// rates, one after another on one thread. Additions, multiplications and moving columns come on
/// top, so no run reaches it; the distance says how much is not arithmetic of that kind.

#include <string_view>

#include "run/census.h"

namespace fabcast {

/// Of the kernels' lanes: "double" or "float".
std::string_view lane_precision();

/// Nanoseconds that one of each operation takes, in the precision of the lanes: loops of the
/// kernels' own kind over columns in the first-level cache. The least of many short tries, since
/// whatever disturbs a try makes it longer.
PerOperation measure_rates();

/// Nanoseconds: the sum of operations times their rates.
double component_sum(const PerOperation& census, const PerOperation& rates);

}  // namespace fabcast
