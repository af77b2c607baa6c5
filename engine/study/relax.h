#pragma once
/// What relaxing a constraint is worth: the gain from one percent more of each resource, on the
/// same draws.

#include "study/prepare.h"

namespace fabcast {

/// relax.csv: for wafers (plans and tools), memory (imports and DRAM wafers), packaging and orders,
/// each raised by 1 % over the whole run, the gain in cumulative NPUs by product, family and
/// country at each year's end, with its 90 % interval. What is there before the first month is not
/// raised. It is an experiment of the scenario language itself: an event `scale 1.01` from the
/// first month on.
Table relaxed(const RunRequest& request, Progress progress);

/// How many scenarios that runs, for progress.
inline constexpr size_t relaxed_scenarios = 5;

}  // namespace fabcast
