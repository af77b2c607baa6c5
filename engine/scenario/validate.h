#pragma once
/// Rules that join several keys: what one key means for another.

#include "scenario/spec.h"
#include "scenario/spec_index.h"

namespace fabcast {

/// Takes out the claims of a reserved line that are not its designer's and stand in files below the
/// one that reserves it: they take nothing. Those that stand beside it are check_rules' to refuse.
void leave_out_foreign_claims(ScenarioSpec& spec);

/// Tells what sections lack; where one is new, the older one whose name it may have been meant for.
void check_required(const ScenarioSpec& spec, Diagnostics& diagnostics);

/// Refuses scenarios whose keys contradict one another. Says nothing about values that could not
/// be read or names that do not exist; those have been told.
void check_rules(const ScenarioSpec& spec, const SpecIndex& index, Diagnostics& diagnostics);

}  // namespace fabcast
