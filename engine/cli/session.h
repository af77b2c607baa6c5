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

/// `csv,npy` of --format as options; mistakes are thrown.
WriteOptions formats(const std::string& list);

/// A command as it is typed for the shell.
std::string command_text(const std::string& command, const Arguments& arguments);

/// The first Ctrl-C, or TERM, is noted, the second ends the program.
void note_signals();
/// The signal that came, 0: none.
int stop_signal();

bool colour_on(int file);

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
