#pragma once

#include <span>
#include <string>

#include "results/run_result.h"

namespace fabcast {

/// What the summary is shown on.
struct Screen {
  bool colour = false;   ///< ANSI bold and dim
  bool blocks = false;   ///< Unicode blocks: sparklines
  size_t columns = 100;  ///< of its lines, from 80 on
};

/// The one-screen summary: the headline by year, with a sparkline of its medians by quarter where
/// the screen has blocks, what binds, the questions.
std::string terminal_summary(const RunResult& result, const Screen& screen);

/// Values as blocks of eight heights over 0, the highest full; over the lowest where one is below
/// 0. "▁▂▄█". A blank where there is no number.
std::string sparkline(std::span<const double> values);

/// What --precision asked for and reached, the widest first; "" where it asked for nothing.
std::string precision_text(const RunResult& result);

/// A text in an ANSI style ("1": bold, "2": dim) where `colour` is on.
std::string styled(const std::string& text, const char* code, bool colour);

/// A number in at most 6 characters with k, M, bn: "812k", "1.25M", "0.094", "16".
std::string short_number(double value);

}  // namespace fabcast
