#pragma once
/// CSV by RFC 4180: UTF-8, '.' decimal, '\n', a header row, shortest round-trip numbers.

#include <functional>
#include <string>
#include <string_view>

#include "results/run_result.h"

namespace fabcast {

/// A text as a CSV field. One that a spreadsheet would take for a formula (=, +, -, @ or their
/// full-width forms first, also after spaces; tab or a line end first) gets an apostrophe before
/// it, also where it begins with apostrophes of its own; numbers are not texts and keep their sign.
/// Quoted where it holds a comma, semicolon, tab, quote or line end.
std::string csv_field(std::string_view text);

/// The text of such a field, its quotes already read: without the apostrophe that was put before
/// it.
std::string_view csv_unguarded(std::string_view field);

/// A number as a CSV field; NaN and infinities are empty.
std::string csv_number(double value);

std::string csv_text(const Table& table);

/// trial,COLUMN,… one row a trial, in trial order; handed to `write` piece by piece, since all of
/// it may be larger than the trials themselves.
void csv_text(const KeptTrials& trials, const std::function<void(std::string_view piece)>& write);
std::string csv_text(const KeptTrials& trials);

}  // namespace fabcast
