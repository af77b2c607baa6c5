#pragma once
/// Notes on a scenario, to standard error.

#include "base/diagnostics.h"
#include "scenario/spec.h"

namespace fabcast::cli {

/// "note: qingdao.scn:7: nothing claims fab.QD1: …", one a line.
void print_notes(const ScenarioSpec& spec, const Diagnostics& diagnostics);

}  // namespace fabcast::cli
