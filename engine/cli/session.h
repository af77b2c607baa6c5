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

/// --trials, --seed, --sampler, --threads, --set, --force, --quiet, --json.
void add_run_options(Options& options);
/// --quantiles.
void add_quantiles_option(Options& options);
/// --precision; and --of beside it.
void add_precision_option(Options& options);
void add_precision_options(Options& options);
/// Read them into a request, after run_request.
void read_precision(const Options& options, RunRequest& request);
void read_precision_of(const Options& options, RunRequest& request);
/// Reads the options of all runs; `command`: "fabcast run". The scenario's file stays to be filled
/// in. Tells on standard error of trials that a sampler rounds up.
RunRequest run_request(const Options& options, const std::string& command,
                       const Arguments& arguments);

/// Tells, once nothing is left to refuse, that a sampler made other trials of those asked.
void print_rounded_trials(const Options& options, const RunRequest& request);

/// A command as it is typed for the shell.
std::string command_text(const std::string& command, const Arguments& arguments);

/// The first Ctrl-C, or TERM, is noted, the second ends the program.
void note_signals();
/// The signal that came, 0: none.
int stop_signal();

bool colour_on(int file);
/// Standard output: colour and sparklines on a terminal that shows them, and its width.
Screen screen();

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
                   const std::function<void(const Progress&, const NextRun&)>& work);

/// Does work of so many trials under a progress bar, or where it is told of the next run, of as
/// many as that has. False where a signal ended it: then nothing is written, and the command to run
/// it again has been told.
bool with_progress(uint64_t trials, bool quiet, const std::string& command,
                   const std::function<void(const Progress&, const NextRun&)>& work);

/// Exit status of results: 0, or 7 where they miss the precision that was asked.
int status_of(const RunResult& result);

/// "scenarios/baseline.scn" -> "baseline"
std::string stem_of(const std::string& file);

/// --format; `trials`: of a command that keeps trials, which npy is of.
void add_format_option(Options& options, bool trials);
/// Reads it and --force. Throws InputError.
WriteOptions write_options(const Options& options, bool trials);

/// --format of `fabcast report`: reports alone.
WriteOptions report_options(const Options& options);
/// "report.xlsx, report.html"
std::string report_names(const WriteOptions& written);

/// "summary.csv, binding.csv, …, run.json, report.xlsx"
std::string file_names(const RunResult& result, const WriteOptions& written);
/// "Results: DIR/summary.csv, binding.csv, …" of such names, a long line going on below.
std::string results_line(const std::string& directory, const std::string& names,
                         const Screen& screen);

/// An argument as it is typed for the shell.
std::string quoted(const std::string& argument);

/// Warnings of a result on standard error.
void print_warnings(const RunResult& result);

}  // namespace fabcast::cli
