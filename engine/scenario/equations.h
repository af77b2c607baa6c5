#pragma once
/// The equation in which a key stands, for `explain` and the key reference: short, in the names of
/// keys and of model.md.

#include <span>
#include <string_view>

#include "scenario/schema.h"

namespace fabcast {

/// Keys that stand in one equation.
struct Equation {
  std::string_view keys;  ///< "fab.plan tool.*": full keys, or all others of a section
  std::string_view text;
};

/// In the order in which a key looks for its own: the first that names it.
std::span<const Equation> equations();

/// Empty where the key stands in none: names, choices of people, groups of a report.
std::string_view equation_of(const SectionRow& section, const KeyRow& row);

}  // namespace fabcast
