#pragma once
/// A comparison on one screen, and as JSON for programs.

#include <string>

#include "results/run_result.h"

namespace fabcast {

/// Each scenario's means, and below them the paired differences to the first with their 90 %
/// intervals, within 100 columns.
std::string compare_summary(const RunResult& result, bool colour);

std::string compare_json(const RunResult& result);

}  // namespace fabcast
