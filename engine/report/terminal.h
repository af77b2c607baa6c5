#pragma once

#include <string>

#include "results/run_result.h"

namespace fabcast {

/// The one-screen summary: the headline by year, what binds, the questions. Plain text; `colour`
/// adds ANSI bold and dim.
std::string terminal_summary(const RunResult& result, bool colour);

/// A text in an ANSI style ("1": bold, "2": dim) where `colour` is on.
std::string styled(const std::string& text, const char* code, bool colour);

/// A number in at most 6 characters with k, M, bn: "812k", "1.25M", "0.094", "16".
std::string short_number(double value);

}  // namespace fabcast
