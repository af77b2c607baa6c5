#pragma once
/// Rules that join several keys: what one key means for another.

#include "scenario/spec.h"
#include "scenario/spec_index.h"

namespace fabcast {

/// Refuses scenarios whose keys contradict one another. Says nothing about values that could not
/// be read or names that do not exist; those have been told.
void check_rules(const ScenarioSpec& spec, const SpecIndex& index, Diagnostics& diagnostics);

}  // namespace fabcast
