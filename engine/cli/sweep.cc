/// fabcast sweep FILE --vary KEY=a:b:n

#include "study/sweep.h"

#include <fmt/core.h>

#include <optional>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/notes.h"
#include "cli/options.h"
#include "cli/session.h"
#include "report/directory.h"
#include "report/sweep_terminal.h"
#include "report/terminal.h"
#include "scenario/document.h"

namespace fabcast::cli {

namespace {

/// The design that the options ask for; mistakes are thrown, all at once.
DesignRequest design_of(const Options& options, uint64_t seed) {
  DesignRequest design;
  std::string mistakes;
  design.vary = options.list("vary");
  design.seed = seed;
  if (options.has("points")) design.points_path = options.get<std::string>("points");
  const bool has_file = !design.points_path.empty();
  if (design.vary.empty() && !has_file) {
    mistakes += "nothing is varied; give --vary KEY=a:b:n or --points FILE.csv\n";
  }
  if (has_file && !design.vary.empty()) {
    mistakes += "--points and --vary both say what is varied; keep one of them\n";
  }
  if (has_file && options.has("design")) {
    mistakes += "--design is of --vary; a file of --points is a design already\n";
  }
  const std::string kind = options.has("design") ? options.get<std::string>("design") : "grid";
  constexpr std::pair<const char*, DesignKind> kinds[] = {{"grid", DesignKind::grid},
                                                          {"oat", DesignKind::oat},
                                                          {"lhs", DesignKind::lhs},
                                                          {"sobol", DesignKind::sobol}};
  bool known = false;
  for (const auto& [name, value] : kinds) {
    if (kind != name) continue;
    design.kind = value;
    known = true;
  }
  if (!known) {
    mistakes += fmt::format("--design: '{}' is not a design; give grid, oat, lhs or sobol\n",
                            escaped(kind));
  }
  const bool draws = design.kind == DesignKind::lhs || design.kind == DesignKind::sobol;
  if (draws && !options.has("samples")) {
    mistakes += fmt::format("--design {} needs a number of points; give --samples N\n", kind);
  }
  if (!draws && known && options.has("samples")) {
    mistakes += "--samples is of --design lhs and sobol; others have their points from --vary\n";
  }
  if (options.has("samples")) {
    try {
      design.samples =
          whole_number("--samples", options.get<std::string>("samples"), 1, most_points);
    } catch (const InputError& error) {
      mistakes += std::string(error.what()) + '\n';
    }
  }
  if (has_file) design.kind = DesignKind::points;
  if (!mistakes.empty()) throw InputError(mistakes);
  return design;
}

std::string duration_text(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", std::max(1.0, seconds));
  if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

void print_plan(const Sweep& sweep) {
  const SweepEstimate estimate = sweep.estimate();
  const size_t scenarios = sweep.scenarios().size();
  const bool is_most = sweep.finds_trials();  // --precision says how many when they are run
  fmt::print("{} point{}{}, {}\n", sweep.points(), sweep.points() == 1 ? "" : "s",
             scenarios == 1 ? "" : fmt::format(" of {} scenarios each", scenarios),
             is_most ? fmt::format("at most {} trials each", sweep.trials())
                     : fmt::format("{} trials in all", sweep.trials_in_all()));
  fmt::print("{}about {} on {} thread{} (from {} trials), {:.0f} MB of memory\n",
             is_most ? "at most " : "", duration_text(estimate.seconds), estimate.threads,
             estimate.threads == 1 ? "" : "s", estimate.pilot_trials,
             static_cast<double>(estimate.bytes) / 1e6);
  fmt::print("Point 1:\n");
  for (const std::string& line : sweep.sets(0)) fmt::print("  --set '{}'\n", line);
}

}  // namespace

int sweep_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options(
      "fabcast sweep FILE --vary KEY=a:b:n [OPTIONS]",
      "Simulates a scenario under many values of some keys, on the same draws at every point: one "
      "row a point.",
      "fabcast sweep baseline --vary 'dram.*.wafers*=0.5:2:4' --trials 4k --out results/dram");
  options.positional("file", 1);
  add_run_options(options);
  add_quantiles_option(options);
  add_precision_option(options);
  options.add().add_options()("out,o", po::value<std::string>()->default_value("results/sweep"),
                              "directory of the results")(
      "vary", po::value<std::vector<std::string>>(),
      "KEY=a:b:n (n values evenly), KEY=log:a:b:n, KEY=v,v,v (any scenario syntax) or "
      "KEY*=factors (f,f,f or a:b:n, on the value that stands); may be repeated")(
      "design", po::value<std::string>(),
      "grid (the default: all combinations, the last key fastest), oat (the scenario as it stands, "
      "then each key alone), lhs (Latin hypercube) or sobol; the last two draw from ranges a:b")(
      "samples", po::value<std::string>(), "points of lhs and sobol; of sobol best a power of 2")(
      "points", po::value<std::string>(),
      "a CSV file of points in place of --vary: keys (KEY, KEY*) in its first line; an empty cell "
      "leaves the key as it stands")("scenarios",
                                     po::value<std::vector<std::string>>()->multitoken(),
                                     "several files in place of one: each at every point")(
      "of", po::value<std::vector<std::string>>(),
      "report this beside the headline: 'VARIABLE [ENTITY]'; with --precision also what is to be "
      "tight at every point: 'VARIABLE [ENTITY] PERIOD STATISTIC' or the name of a question; may "
      "be "
      "repeated")("quarters", "report quarters, too, not years alone")(
      "dry-run", "tell how many points, and about how long; write nothing")(
      "resume", "go on with a sweep that was interrupted");
  add_format_option(options, false);
  if (!options.parse(arguments)) return 0;
  SweepRequest request;
  request.paths = options.list("file");
  for (const std::string& path : options.list("scenarios")) request.paths.push_back(path);
  if (request.paths.empty()) {
    throw InputError("no scenario file; usage: fabcast sweep FILE --vary KEY=a:b:n");
  }
  if (options.has("file") && options.has("scenarios")) {
    throw InputError("give one FILE, or several as --scenarios A B C");
  }
  const WriteOptions write = write_options(options, false);
  const bool json = options.has("json"), quiet = options.has("quiet") || json;
  request.run = run_request(options, "fabcast sweep", arguments);
  read_precision(options, request.run);
  std::string mistakes;
  for (const std::string& of : options.list("of")) {
    // A variable's name has a dot; a wrong one is told with the nearest.
    const bool is_variable = of.find('.') < of.find(' ') && tokens_of(of).size() <= 2;
    const bool is_asked = request.run.precision.is_asked();
    if (!names_statistic(of) || (!is_asked && is_variable)) {
      request.run.of.push_back(of);
    } else if (is_asked) {
      request.run.precision.of.push_back(of);
    } else {
      mistakes += fmt::format(
          "--of: '{}' names a statistic, as a precision does; add --precision 1%, "
          "or give 'VARIABLE [ENTITY]'\n",
          escaped(of));
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);
  request.design = design_of(options, request.run.seed);
  request.quarters = options.has("quarters");
  note_signals();
  std::optional<Sweep> read;
  const bool is_read =
      with_progress(Counted{1, "points read"}, quiet, "to run it again: " + request.run.command,
                    [&](const Progress& progress, const NextRun& next) {
                      read.emplace(request, progress, next);
                    });
  if (!is_read) return 128 + stop_signal();
  Sweep& sweep = *read;
  if (!quiet) {
    for (const auto& scenario : sweep.scenarios()) {
      print_notes(scenario->spec, scenario->diagnostics);
    }
  }
  if (options.has("dry-run")) {
    print_plan(sweep);
    return 0;
  }
  const std::string out = options.get<std::string>("out");
  ResultDirectory directory(out, write.force);
  const bool resumes = options.has("resume");
  PointJournal journal(directory.beside("journal"), sweep.identity(), sweep.cases(), resumes,
                       options.has("force"));
  if (!quiet) print_rounded_trials(options, request.run);
  const std::string go_on = "to go on: " + request.run.command + (resumes ? "" : " --resume");
  if (sweep.finds_trials()) {
    if (!journal.found()) {
      FoundTrials found;
      const bool is_found =
          with_progress(Counted{sweep.cases() * least_precise_trials}, quiet, go_on,
                        [&](const Progress& progress, const NextRun& next) {
                          found = sweep.find_trials(progress, next);
                        });
      if (!is_found) return 128 + stop_signal();
      journal.add(found);
    }
    sweep.take(*journal.found());
  }
  const uint64_t before = journal.done().size();
  if (resumes && !quiet) {
    fmt::print(stderr, "{} of {} points are done\n", before, sweep.cases());
  }
  RunResult swept;
  try {
    const bool done = with_progress(
        Counted{(sweep.cases() - before) * sweep.trials(), "points", sweep.trials(), before}, quiet,
        go_on,
        [&](const Progress& progress, const NextRun&) { swept = sweep.run(&journal, progress); });
    if (!done) return 128 + stop_signal();
    print_warnings(swept);
    write_results(swept, directory, write);
  } catch (...) {  // memory ran short, or the disk is full
    if (journal.holds_something()) {
      fmt::print(stderr, "points that are done are kept; {}\n", go_on);
    }
    throw;
  }
  journal.remove();
  if (json) {
    fmt::print("{}", sweep_json(swept));
  } else if (!quiet) {
    fmt::print("{}\nResults: {}/{}\n", sweep_summary(swept, colour_on(1)), out,
               file_names(swept, write));
  }
  return status_of(swept);
}

}  // namespace fabcast::cli
