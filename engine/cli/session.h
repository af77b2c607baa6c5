#pragma once
/// What the commands that simulate have in common: their options, progress, Ctrl-C.

#include <cstdint>
#include <functional>
#include <string>

#include "cli/commands.h"
#include "cli/options.h"
#include "fabcast.h"

namespace fabcast::cli {

/// --trials, --seed, --threads, --set, --force, --quiet, --json.
void add_run_options(Options& options);
/// Reads them; `command`: "fabcast run". The scenario's file stays to be filled in.
RunRequest run_request(const Options& options, const std::string& command,
                       const Arguments& arguments);

/// The first Ctrl-C, or TERM, is noted, the second ends the program.
void note_signals();
/// The signal that came, 0: none.
int stop_signal();

bool colour_on(int file);

/// What a progress bar counts: trials, or parts of so many trials each, of which some were done
/// before.
struct Counted {
  uint64_t trials = 0;
  const char* unit = "trials";
  uint64_t of_unit = 1;
  uint64_t done_before = 0;  ///< units
};

/// Does work under a progress bar. False where a signal ended it: then `again` has been told.
bool with_progress(const Counted& counted, bool quiet, const std::string& again,
                   const std::function<void(const Progress&)>& work);

/// Does work of so many trials under a progress bar. False where a signal ended it: then nothing is
/// written, and the command to run it again has been told.
bool with_progress(uint64_t trials, bool quiet, const std::string& command,
                   const std::function<void(const Progress&)>& work);

/// "scenarios/baseline.scn" -> "baseline"
std::string stem_of(const std::string& file);

/// "summary.csv, binding.csv, …, run.json"
std::string file_names(const RunResult& result);

/// Warnings of a result on standard error.
void print_warnings(const RunResult& result);

}  // namespace fabcast::cli
