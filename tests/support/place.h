#pragma once
/// A user's folder with scenarios, and the commands that are given in it.

#include <doctest/doctest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "support/program.h"

namespace fabcast::testing {

/// A file's name and content.
using NamedText = std::pair<std::string, std::string>;

/// hand.scn with half the packaging: of the 1,600 NPUs a month that are shipped, which packaging
/// holds (tests/run/hand_test.cc), 800 are left.
inline NamedText half_packaging(const std::string& title = "Half the packaging") {
  return {"half.scn", "extends = hand.scn\n[scenario]\ntitle = " + title +
                          "\n[event.e]\ndate = 2025-01\n"
                          "effect = packaging.hall.capacity multiply 0.5\n"};
}

/// hand.scn with uncertain packaging.
inline NamedText unsure_packaging() {
  return {"unsure.scn",
          "extends = hand.scn\n[packaging.hall]\ncapacity = 1k to 2k packages/month\n"};
}

struct Place {
  TemporaryFolder folder;
  std::string command;  ///< before the arguments of each

  /// Holds hand.scn and `files`.
  explicit Place(std::string common = "", std::initializer_list<NamedText> files = {})
      : command(std::move(common)) {
    folder.write("hand.scn", read_text(hand_scenario()));
    for (const auto& [name, text] : files) folder.write(name, text);
  }
  ProgramRun operator()(const std::string& arguments, const std::string& environment = "") const {
    return run_program(folder.path(), command + arguments, environment);
  }
  /// The same of what must end well.
  void run_well(const std::string& arguments) const {
    const ProgramRun run = (*this)(arguments);
    CAPTURE(arguments);
    CAPTURE(run.errors);
    REQUIRE(run.status == 0);
  }
  std::map<std::string, std::string> tree() const { return tree_of(folder.path()); }
  std::string file(const std::string& name) const { return read_text(folder.file(name)); }
};

}  // namespace fabcast::testing
