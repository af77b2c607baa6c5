/// fabcast run FILE…

#include <fmt/core.h>

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

int run_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options(
      "fabcast run FILE… [OPTIONS]",
      "Simulates each scenario, prints a one-screen summary and writes its results.",
      "fabcast run baseline --trials 10k --set 'fab.SN2.line_yield = 90 %' --out results/try");
  options.positional("file", -1);
  add_run_options(options);
  options.add().add_options()("out,o", po::value<std::string>(),
                              "directory of the results (default results/NAME); with several "
                              "files, the folder that holds one directory for each")(
      "format", po::value<std::string>()->default_value("csv"),
      "of the kept trials: csv, npy (with the names in trials.columns.txt) or csv,npy")(
      "keep-trials", po::value<std::vector<std::string>>(),
      "write each trial's values of these: 'VARIABLE ENTITY' or VARIABLE, comma-separated")(
      "relax", "write what 1 % more of each resource is worth, too (relax.csv): five runs more")(
      "by-view", "write the headline given each view, too: views.csv");
  add_shard_options(options);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> files = options.list("file");
  if (files.empty()) throw InputError("no scenario file; usage: fabcast run FILE…");
  const bool json = options.has("json"), quiet = options.has("quiet") || json;

  RunRequest request = run_request(options, "fabcast run", arguments);
  request.by_view = options.has("by-view");
  for (const std::string& list : options.list("keep-trials")) {
    const std::vector<std::string_view> names = comma_list(list);
    if (names.empty()) {
      throw InputError(
          "--keep-trials names nothing; give 'VARIABLE ENTITY', see fabcast list variables");
    }
    request.keep.insert(request.keep.end(), names.begin(), names.end());
  }
  WriteOptions write = formats(options.get<std::string>("format"));
  if (write.npy && request.keep.empty()) {
    throw InputError("--format npy is of kept trials; add --keep-trials 'VARIABLE ENTITY'");
  }
  write.force = options.has("force");
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

  std::string all_json;
  for (size_t f = 0; f < files.size(); ++f) {
    const std::string &file = files[f], &out = directories[f];
    if (request.shard) {
      const int status = shard_to(prepared[f], *held[f], request, out, quiet);
      if (status != 0) return status;
      held[f].reset();
      continue;
    }
    const bool relax = options.has("relax");
    RunResult result;
    const bool done = with_progress(
        request.trials * (relax ? 1 + relaxed_scenarios : 1), quiet, request.command,
        [&](const Progress& progress) {
          result = run(prepared[f], progress);
          if (!relax) return;
          result.further.push_back(
              relaxed(prepared[f], [&](uint64_t more) { return progress(request.trials + more); }));
        });
    if (!done) return 128 + stop_signal();
    print_warnings(result);
    write_results(result, *held[f], write);
    held[f].reset();
    if (json) {
      all_json += (all_json.empty() ? "" : ",") + summary_json(result);
      continue;
    }
    if (quiet) continue;
    fmt::print(
        "{}\nResults: {}/{}\n"
        "Next:    fabcast check {}\n"
        "         fabcast explain fab.plan\n"
        "         fabcast run {} --set 'KEY = VALUE'\n",
        terminal_summary(result, colour_on(1)), out, file_names(result), file, file);
  }
  if (json) fmt::print("{}", files.size() == 1 ? all_json : "{\"runs\": [" + all_json + "]}\n");
  return 0;
}

}  // namespace fabcast::cli
