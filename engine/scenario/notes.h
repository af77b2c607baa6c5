#pragma once
/// What a right scenario may not have meant: nothing is refused.

#include <string>
#include <vector>

#include "scenario/spec.h"

namespace fabcast {

struct Note {
  SourcePosition at;
  std::string text;
};

/// Lines that nothing claims; products that nothing limits or that add no compute.
std::vector<Note> scenario_notes(const ScenarioSpec& spec);

}  // namespace fabcast
