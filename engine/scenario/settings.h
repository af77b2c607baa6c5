#pragma once
/// The lines of one section, read as its schema rows ask.

#include "scenario/document.h"
#include "scenario/spec.h"

namespace fabcast {

/// Settings in schema order, with defaults; unknown, ill-formed and out-of-range ones are told. A
/// setting whose value could not be read is there, with no value, so that nothing else is said
/// about it. Required keys that are not there are check_required's to tell.
Section read_section(const DocumentSection& lines, Diagnostics& diagnostics);

/// The value in `raw`; nothing but an empty `value` where it is ill-formed.
Setting read_setting(const KeyRow& row, const KeyLine& line, Diagnostics& diagnostics);

/// The schema's own value where nobody gives one. Only for rows that have one.
Setting default_setting(const KeyRow& row, SourcePosition section_at);

/// Whether the key takes any text, for people.
bool is_free_text(const KeyRow& row);

/// "2024-01 .. 2028-12", "2024Q1 .. 2028Q4", "2024 .. 2028"; empty and told where it is not that or
/// longer than 600 months.
std::optional<Period> read_months(std::string_view words, SourcePosition at,
                                  Diagnostics& diagnostics);

}  // namespace fabcast
