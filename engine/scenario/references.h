#pragma once
/// What one part of a scenario says of another by name: entities, bins, views, sources.

#include "scenario/spec.h"
#include "scenario/spec_index.h"

namespace fabcast {

/// Every name that a section or value refers to must exist; the nearest one is suggested.
void check_references(const ScenarioSpec& spec, const SpecIndex& index, Diagnostics& diagnostics);

}  // namespace fabcast
