/// fabcast compare FILE FILE…

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/notes.h"
#include "cli/options.h"
#include "cli/session.h"
#include "report/compare_terminal.h"
#include "report/directory.h"
#include "study/compare.h"

namespace fabcast::cli {

namespace {

/// What --ask asked, of each scenario.
std::string asked_text(const RunResult& result) {
  std::string text;
  for (const Table& table : result.further) {
    if (table.name != "asked") continue;
    for (const auto& row : table.rows) {
      const auto percent = [&](const char* column) {
        return 100 * number_in(row[table.column(column)]);
      };
      text += fmt::format("\n{} less {}: {}: {:.1f} % ({:.1f} to {:.1f})",
                          text_in(row[table.column("scenario")]),
                          text_in(row[table.column("base")]), text_in(row[table.column("text")]),
                          percent("estimate"), percent("lo"), percent("hi"));
    }
  }
  return text.empty() ? text : text + "\n";
}

}  // namespace

int compare_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options(
      "fabcast compare FILE FILE… [OPTIONS]",
      "Simulates scenarios on the same draws and compares each with the first, trial by "
      "trial: paired differences and ratios with their own intervals.",
      "fabcast compare baseline servicing-ban hbm-relief --trials 10k --out results/controls");
  options.positional("file", -1);
  add_run_options(options);
  add_quantiles_option(options);
  add_precision_options(options);
  options.add("Results").add_options()("out,o",
                                       po::value<std::string>()->default_value("results/compare"),
                                       "directory of the results")(
      "ask", po::value<std::vector<std::string>>(),
      "a question of the difference to the first scenario: 'npus.cumulative national <= -100k at "
      "2028'; may be repeated");
  add_format_option(options, false);
  if (!options.parse(arguments)) return 0;
  const WriteOptions write = write_options(options, false);
  CompareRequest request;
  request.paths = options.list("file");
  if (request.paths.size() < 2) {
    throw InputError("two scenario files at least; usage: fabcast compare FILE FILE…");
  }
  const bool json = options.has("json"), quiet = options.has("quiet") || json;
  request.run = run_request(options, "fabcast compare", arguments);
  read_precision_of(options, request.run);
  request.asked = options.list("ask");
  const PairedStudy study(request);
  if (!quiet) {
    for (const auto& scenario : study.scenarios()) {
      print_notes(scenario->spec, scenario->diagnostics);
    }
    for (const std::string& note : study.notes()) fmt::print(stderr, "note: {}\n", note);
  }
  note_signals();
  const std::string out = options.get<std::string>("out");
  ResultDirectory directory(out, write.force);
  if (!quiet) print_rounded_trials(options, request.run);
  RunResult compared;
  const bool done = with_progress(
      request.run.trials * request.paths.size(), quiet, request.run.command,
      [&](const Progress& progress, const NextRun& next) { compared = study.run(progress, next); });
  if (!done) return 128 + stop_signal();
  print_warnings(compared);
  write_results(compared, directory, write);
  if (json) {
    fmt::print("{}", compare_json(compared));
  } else if (!quiet) {
    const Screen shown = screen();
    fmt::print("{}{}\n{}", compare_summary(compared, shown), asked_text(compared),
               results_line(out, file_names(compared, write), shown));
  }
  return status_of(compared);
}

}  // namespace fabcast::cli
