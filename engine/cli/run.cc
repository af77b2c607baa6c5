/// fabcast run FILE…

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "base/comma_list.h"
#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/notes.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/shard.h"
#include "fabcast.h"
#include "report/directory.h"
#include "report/run_json.h"
#include "report/terminal.h"

namespace fabcast::cli {

namespace {

/// The input whose ranks go most with the first headline variable's; "" where none varies.
std::string leading_input(const Table& inputs) {
  constexpr size_t first = 6;  // of the correlations: one column a headline variable
  if (inputs.columns.size() <= first) return "";
  std::string key;
  double most = 0;
  for (const auto& row : inputs.rows) {
    const double size = std::abs(number_in(row[first]));
    if (!(size > most)) continue;
    most = size;
    key = text_in(row[inputs.column("key")]);
  }
  return key;
}

/// What to type next, about this scenario and what goes most with its results.
std::string next_commands(const RunResult& result, const std::string& file) {
  const bool is_baseline = stem_of(file) == "baseline";
  const std::string key = leading_input(result.inputs);
  std::string text = fmt::format("Next:    fabcast compare baseline {}\n",
                                 is_baseline ? "servicing-ban" : quoted(file));
  if (key.empty()) return text + fmt::format("         fabcast check {}\n", quoted(file));
  text +=
      fmt::format("         fabcast explain {}   # goes most with the first row\n", quoted(key));
  return text + fmt::format("         fabcast run {} --set '{} = VALUE'\n", quoted(file), key);
}

}  // namespace

int run_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options(
      "fabcast run FILE… [OPTIONS]",
      "Simulates each scenario, prints a one-screen summary and writes its results.",
      "fabcast run baseline --trials 10k --set 'fab.SN2.line_yield = 90 %' --out results/try");
  options.positional("file", -1);
  add_run_options(options);
  add_quantiles_option(options);
  add_precision_options(options);
  options.add("Results").add_options()(
      "out,o", po::value<std::string>(),
      "directory of the results (default results/NAME); with several files, the folder that holds "
      "one directory for each")(
      "keep-trials", po::value<std::vector<std::string>>(),
      "write each trial's values of these: 'VARIABLE ENTITY' or VARIABLE, comma-separated")(
      "keep-inputs", "write what each trial drew, month by month, too: drawn.csv")(
      "relax", "write what 1 % more of each resource is worth, too (relax.csv): five runs more")(
      "by-view", "write the headline given each view, too: views.csv");
  add_format_option(options, true);
  add_shard_options(options);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> files = options.list("file");
  if (files.empty()) throw InputError("no scenario file; usage: fabcast run FILE…");
  const bool json = options.has("json"), quiet = options.has("quiet") || json;

  RunRequest request = run_request(options, "fabcast run", arguments);
  read_precision_of(options, request);
  request.by_view = options.has("by-view");
  for (const std::string& list : options.list("keep-trials")) {
    const std::vector<std::string_view> names = comma_list(list);
    if (names.empty()) {
      throw InputError(
          "--keep-trials names nothing; give 'VARIABLE ENTITY', see fabcast list variables");
    }
    request.keep.insert(request.keep.end(), names.begin(), names.end());
  }
  const WriteOptions write = write_options(options, true);
  request.keep_inputs = options.has("keep-inputs");
  if (write.npy && request.keep.empty() && !request.keep_inputs) {
    throw InputError(
        "--format npy is of kept trials; add --keep-trials 'VARIABLE ENTITY' or --keep-inputs");
  }
  read_shard_options(options, request);

  note_signals();

  // All is looked at before the first is run, so that a mistake in the last costs nothing.
  std::map<std::string, std::string> file_of;  // by directory
  std::vector<std::string> directories;
  std::vector<PreparedRun> prepared;
  for (const std::string& file : files) {
    request.scenario.path = file;
    prepared.emplace_back(request);
    if (request.by_view && prepared.back().spec().views.empty()) {
      throw InputError(fmt::format("--by-view: {} has no [view]", escaped(file)));
    }
    std::string out = options.has("out") ? options.get<std::string>("out") : "results";
    if (files.size() > 1 || !options.has("out")) out += '/' + stem_of(file) + shard_suffix(request);
    const auto [other, is_new] = file_of.emplace(out, file);
    if (!is_new) {
      throw InputError(
          fmt::format("'{}' and '{}' would both be written to '{}'; run them one by "
                      "one, each with its --out",
                      escaped(other->second), escaped(file), escaped(out)));
    }
    directories.push_back(out);
    if (!quiet) print_notes(prepared.back().spec(), prepared.back().diagnostics());
  }
  // Held from here on: a run that ends finds its place as it was.
  std::vector<std::unique_ptr<ResultDirectory>> held;
  for (const std::string& out : directories) {
    held.push_back(std::make_unique<ResultDirectory>(out, write.force));
  }

  if (!quiet) print_rounded_trials(options, request);

  std::string all_json;
  int status = 0;
  for (size_t f = 0; f < files.size(); ++f) {
    const std::string &file = files[f], &out = directories[f];
    if (request.shard) {
      const int stopped = shard_to(prepared[f], *held[f], request, out, quiet);
      if (stopped != 0) return stopped;
      held[f].reset();
      continue;
    }
    const bool relax = options.has("relax");
    RunResult result;
    const bool done = with_progress(
        request.trials, quiet, request.command, [&](const Progress& progress, const NextRun& next) {
          result = run(prepared[f], progress, next);
          if (!relax) return;
          const uint64_t trials = result.provenance.trials;
          next(trials * relaxed_scenarios);
          result.further.push_back(relaxed(prepared[f], trials, progress));
        });
    if (!done) return 128 + stop_signal();
    print_warnings(result);
    write_results(result, *held[f], write);
    held[f].reset();
    status = std::max(status, status_of(result));
    if (json) {
      all_json += (all_json.empty() ? "" : ",") + summary_json(result);
      continue;
    }
    if (quiet) continue;
    const Screen shown = screen();
    fmt::print("{}\n{}{}", terminal_summary(result, shown),
               results_line(out, file_names(result, write), shown), next_commands(result, file));
  }
  if (json) fmt::print("{}", files.size() == 1 ? all_json : "{\"runs\": [" + all_json + "]}\n");
  return status;
}

}  // namespace fabcast::cli
