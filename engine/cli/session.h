#pragma once
/// What the commands that simulate have in common: their options, progress, Ctrl-C.

#include <cstdint>
#include <functional>
#include <string>

#include "cli/commands.h"
#include "cli/options.h"
#include "fabcast.h"
#include "report/terminal.h"

namespace fabcast::cli {

/// --trials, --seed, --threads, --set, --force, --quiet, --json.
void add_run_options(Options& options);
/// --precision and --of.
void add_precision_options(Options& options);
/// Reads them; `command`: "fabcast run". The scenario's file stays to be filled in.
RunRequest run_request(const Options& options, const std::string& command,
                       const Arguments& arguments);

/// The first Ctrl-C, or TERM, is noted, the second ends the program.
void note_signals();
/// The signal that came, 0: none.
int stop_signal();

bool colour_on(int file);
/// Standard output: colour and sparklines on a terminal that shows them, and its width.
Screen screen();

/// Does work of so many trials under a progress bar, or where it is told of the next run, of as
/// many as that has. False where a signal ended it: then nothing is written, and the command to run
/// it again has been told.
bool with_progress(uint64_t trials, bool quiet, const std::string& command,
                   const std::function<void(const Progress&, const NextRun&)>& work);

/// Exit status of results: 0, or 7 where they miss the precision that was asked.
int status_of(const RunResult& result);

/// "scenarios/baseline.scn" -> "baseline"
std::string stem_of(const std::string& file);

/// "summary.csv, binding.csv, …, run.json"
std::string file_names(const RunResult& result);
/// "Results: DIR/summary.csv, binding.csv, …", a long line going on below.
std::string results_line(const std::string& directory, const RunResult& result,
                         const Screen& screen);

/// An argument as it is typed for the shell.
std::string quoted(const std::string& argument);

/// Warnings of a result on standard error.
void print_warnings(const RunResult& result);

}  // namespace fabcast::cli
