#pragma once
/// The program as a user meets it: run through the shell, in a folder of the test's own.

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include "scenario/helpers.h"

namespace fabcast::testing {

/// What a command came to.
struct ProgramRun {
  int status;  ///< exit status
  std::string output, errors;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The scenario that is worked out by hand (tests/run/hand_test.cc).
inline std::string hand_scenario() { return corpus + "good/hand.scn"; }

/// Runs `fabcast ARGUMENTS` in a folder, with the source tree's library. Arguments are written for
/// the shell; `environment` as "NAME=value NAME=value"; `program`: another build of it.
inline ProgramRun run_program(const std::string& folder, const std::string& arguments,
                              const std::string& environment = "",
                              const std::string& program = FABCAST_PROGRAM) {
  const TemporaryFolder streams;  // apart, so that the folder holds what the program writes alone
  const std::string command =
      "cd '" + folder + "' && FABCAST_SCENARIOS='" FABCAST_SOURCE_FOLDER "/scenarios' " +
      environment + " '" + program + "' " + arguments + " >'" + streams.file("output") + "' 2>'" +
      streams.file("errors") + "' </dev/null";
  const int status = std::system(command.c_str());
  if (!WIFEXITED(status)) throw std::runtime_error("killed: " + command);
  return {WEXITSTATUS(status), read_text(streams.file("output")),
          read_text(streams.file("errors"))};
}

/// Every file below a folder with its content, and every folder: what a command left or changed.
inline std::map<std::string, std::string> tree_of(const std::string& folder) {
  std::map<std::string, std::string> tree;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    tree[std::filesystem::relative(entry.path(), folder)] =
        entry.is_regular_file() ? read_text(entry.path()) : "";
  }
  return tree;
}

}  // namespace fabcast::testing
