#pragma once
/// A comparison on one screen, and as JSON for programs.

#include <string>

#include "report/terminal.h"
#include "results/run_result.h"

namespace fabcast {

/// Each scenario's means, and below them the paired differences to the first with their 90 %
/// intervals, as many measures side by side as the screen has room for.
std::string compare_summary(const RunResult& result, const Screen& screen);

std::string compare_json(const RunResult& result);

}  // namespace fabcast
