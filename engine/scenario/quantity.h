#pragma once
/// Numbers of a dimension as people read and write them.

#include <string>

#include "scenario/schema.h"

namespace fabcast {

/// A canonical value with its unit, six digits: "12k wafers/month", "15 %". Reads back in scenario
/// syntax.
std::string quantity_text(double value, Dimension dimension);

/// "0 to 10M wafers/month", "0 or more tools": the allowed range of a numeric key.
std::string range_text(const KeyRow& row);

/// The unit that messages and tables show: "%" for shares, else unit_name().
std::string_view shown_unit(Dimension dimension);

/// Whether the key counts whole things: cores, dies in a package, months of lag, ranks.
bool takes_whole_numbers(const KeyRow& row);

}  // namespace fabcast
