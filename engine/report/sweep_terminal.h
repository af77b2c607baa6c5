#pragma once
/// A sweep on one screen, and as JSON for programs.

#include <string>

#include "results/run_result.h"

namespace fabcast {

/// A line a point and scenario: where one key is varied, P5, P50 and P95 of what was asked for
/// first; else medians of as many values as fit 100 columns. Where there are many points, the first
/// of them.
std::string sweep_summary(const RunResult& result, bool colour);

std::string sweep_json(const RunResult& result);

}  // namespace fabcast
