/// fabcast bench [FILE]

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/session.h"
#include "reduce/series.h"
#include "run/stage_clock.h"
#include "simd/isa.h"
#include "study/bench.h"
#include "study/floor.h"

namespace fabcast::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string bench_json(const PreparedScenario& scenario, const BenchResult& found) {
  Json stages = Json::array(), scaling = Json::array(), census = Json::array();
  for (const StageTime& stage : found.stages) {
    stages.push_back({{"name", stage.name}, {"ns_per_trial_month", stage.ns_per_trial_month}});
  }
  for (const ThreadTime& one : found.threads) {
    scaling.push_back(
        {{"threads", one.threads}, {"trials_per_s", one.trials_per_s}, {"speed_up", one.speed_up}});
  }
  for (size_t i = 0; i < operation_count; ++i) {
    census.push_back({{"name", operation_names[i]},
                      {"per_trial", found.census.each[i]},
                      {"ns", found.rates.each[i]}});
  }
  const Json json{{"scenario", scenario.spec.name},
                  {"trials", found.trials},
                  {"months", found.months},
                  {"columns", found.columns},
                  {"stages", stages},
                  {"ns_per_trial", found.ns_per_trial},
                  {"pipeline_ns_per_trial", found.pipeline_ns_per_trial},
                  {"trials_per_s", found.trials_per_s},
                  {"floor_ns_per_trial", found.floor_ns_per_trial},
                  {"ratio_to_floor", found.ratio_to_floor()},
                  {"pipeline_ratio_to_floor", found.pipeline_ratio_to_floor()},
                  {"threads", found.threads.back().threads},
                  {"scaling", scaling},
                  {"operations", census},
                  {"compile_s", found.compile_s},
                  {"precision", lane_precision()},
                  {"isa", isa_that_runs()}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string bench_text(const PreparedScenario& scenario, const BenchResult& found) {
  std::string out = fmt::format(
      "{}: {} months, {} trials, statistics of {} columns; {} lanes, {}\n"
      "Least of {} rounds.\n",
      scenario.spec.name, found.months, found.trials, found.columns, lane_precision(),
      isa_that_runs(), bench_rounds);
  if (isa_that_runs() != isa_of_processor()) {
    out += fmt::format("  this build has no kernels for {}, which the processor has\n",
                       isa_of_processor());
  }

  double whole = 0;
  for (const StageTime& stage : found.stages) whole += stage.ns_per_trial_month;
  out += fmt::format("\n{:<20}{:>16}{:>10}   processor time\n", "stage, one thread",
                     "ns/trial-month", "share");
  for (const StageTime& stage : found.stages) {
    out += fmt::format("  {:<18}{:>16.1f}{:>9.1f}%\n", stage.name, stage.ns_per_trial_month,
                       100 * stage.ns_per_trial_month / whole);
  }
  out += fmt::format("  {:<18}{:>16.1f}\n", "all", whole);
  const double quantiles_s =
      1e-9 * found.stages[static_cast<size_t>(Stage::quantiles)].ns_per_trial_month *
      static_cast<double>(found.trials) * found.months;
  constexpr uint64_t kept = SeriesReducer::most_exact_trials;
  out +=
      fmt::format("  quantiles: {:.2f} s, {}\n", quantiles_s,
                  found.trials > kept
                      ? "once a run; the rest grows with its trials"
                      : fmt::format("growing with trials, for up to {} are kept and sorted", kept));

  out += fmt::format("\n{:<20}{:>16}{:>10}   by the clock on the wall\n", "threads", "trials/s",
                     "speed-up");
  for (const ThreadTime& one : found.threads) {
    out += fmt::format("  {:<18}{:>16.0f}{:>10.2f}\n", one.threads, one.trials_per_s, one.speed_up);
  }

  out += fmt::format("\n{:<20}{:>16}{:>10}{:>14}   processor time\n", "operation", "a trial",
                     "ns each", "us a trial");
  for (size_t i = 0; i < operation_count; ++i) {
    if (found.census.each[i] == 0) continue;
    out += fmt::format("  {:<18}{:>16.0f}{:>10.2f}{:>14.2f}\n", operation_names[i],
                       found.census.each[i], found.rates.each[i],
                       1e-3 * found.census.each[i] * found.rates.each[i]);
  }
  const auto line = [&](const char* what, double ns, double ratio) {
    out += fmt::format("  {:<44}{:>14.2f}{:>8.2f} x\n", what, 1e-3 * ns, ratio);
  };
  line("floor: their sum", found.floor_ns_per_trial, 1);
  line("draws and stages, one thread", found.pipeline_ns_per_trial,
       found.pipeline_ratio_to_floor());
  line("whole run, one thread", found.ns_per_trial, found.ratio_to_floor());
  out +=
      "  The floor leaves out additions and multiplications, those of sums over\n"
      "  defects too, comparisons, and the loads and stores of columns.\n";
  out += fmt::format("\nReading, checking and compiling the scenario: {:.0f} ms\n",
                     1e3 * found.compile_s);
  return out;
}

}  // namespace

int bench_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options("fabcast bench [FILE] [OPTIONS]",
                  "What a run of a scenario (the baseline) costs on this machine: time by stage, "
                  "trials a second by number of threads, and the distance from the floor, which is "
                  "what the normals, exponentials, logarithms, divisions and square roots of a "
                  "trial would cost alone. Nothing is written.",
                  "fabcast bench servicing-ban --trials 16k");
  options.positional("file", 1);
  options.add("Simulation")
      .add_options()("trials,n", po::value<std::string>()->default_value("10k"),
                     "histories of each run")("seed", po::value<std::string>()->default_value("1"),
                                              "seed of all draws")(
          "threads", po::value<std::string>()->default_value("0"),
          "most threads; 0: all cores that this process may use")(
          "set", po::value<std::vector<std::string>>(),
          "KEY=VALUE over the file, any scenario syntax; may be repeated");
  options.add("On the screen")
      .add_options()("quiet,q", "no progress bar")("json", "print one JSON object");
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> files = options.list("file");
  RunRequest request = run_request(options, "fabcast bench", arguments);
  request.scenario.path = files.empty() ? "baseline" : files[0];
  note_signals();
  BenchResult found;
  const bool quiet = options.has("quiet") || options.has("json");
  const uint64_t trials = bench_trials(request.trials, request.threads);
  PreparedScenario scenario(request);
  const bool done =
      with_progress(trials, quiet, request.command, [&](const Progress& progress, const NextRun&) {
        scenario.request.progress = progress;
        found = bench_scenario(scenario);
      });
  if (!done) return 128 + stop_signal();
  fmt::print("{}", options.has("json") ? bench_json(scenario, found) : bench_text(scenario, found));
  return 0;
}

}  // namespace fabcast::cli
