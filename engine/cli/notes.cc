#include "cli/notes.h"

#include <fmt/core.h>

#include "scenario/notes.h"
#include "scenario/read_file.h"

namespace fabcast::cli {

void print_notes(const ScenarioSpec& spec, const Diagnostics& diagnostics) {
  for (const Note& note : scenario_notes(spec)) {
    fmt::print(stderr, "note: {}:{}: {}\n", base_name(diagnostics.file_name(note.at.file)),
               note.at.line, note.text);
  }
}

}  // namespace fabcast::cli
