/// fabcast backtest FILE

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/notes.h"
#include "cli/options.h"
#include "cli/session.h"
#include "report/directory.h"
#include "report/terminal.h"
#include "study/score.h"

namespace fabcast::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string scheme_heading(BacktestScheme scheme) {
  return scheme_name(scheme) + (scheme == BacktestScheme::leave_one_out
                                    ? ": forecast from all other observations"
                                    : ": forecast from earlier periods alone");
}

/// Each observation with its forecast, then the scores.
std::string backtest_text(const PreparedScenario& scenario, const ScoredScenario& scored,
                          bool colour) {
  const auto bold = [&](const std::string& text) {
    return colour ? fmt::format("\x1b[1m{}\x1b[0m", text) : text;
  };
  const Provenance& from = scored.result.provenance;
  std::string out = bold(from.title) + "\n";
  out += fmt::format("{} observations; {} trials, {}, {:.1f} s; weighted by all: {} trials count\n",
                     scored.input.observations.size(), from.trials, from.seed_text(), from.seconds,
                     short_number(scored.result.effective_trials));
  for (const BacktestSummary& summary : scored.backtest.summaries) {
    out += "\n" + bold(scheme_heading(summary.scheme)) + "\n" +
           fmt::format("  {:49}{:>9}{:>9}{:>9}{:>9}{:>6}{:>8}\n", "", "observed", "P5", "P50",
                       "P95", "PIT", "CRPS");
    for (const BacktestScore& score : scored.backtest.scores) {
      if (score.scheme != summary.scheme) continue;
      const BacktestObservation& seen = scored.input.observations[score.observation];
      const ObservationPlan& plan = scenario.observations.plans[score.observation];
      const std::string name = fmt::format(
          "{:.34} ({:.12})", fmt::format("{} {} {}", seen.variable, seen.entity, seen.period),
          plan.observer);
      out += fmt::format("  {:49}{:>9}{:>9}{:>9}{:>9}{:>6.2f}{:>7.0f}%\n", name,
                         short_number(seen.value), short_number(score.quantile.front()),
                         short_number(score.quantile[3]), short_number(score.quantile.back()),
                         score.pit, 100 * score.model.crps_relative);
    }
    out += fmt::format(
        "  covered by the central 50 %: {:.0f} %, 80 %: {:.0f} %, 90 %: {:.0f} % of {}\n",
        100 * summary.coverage[0], 100 * summary.coverage[1], 100 * summary.coverage[2],
        summary.count);
    const auto rival = [&](const char* name, const RivalComparison& with) {
      if (with.count == 0) return fmt::format("  {}: no observation has one\n", name);
      return fmt::format("  CRPS in logs on {} with a {}: {:.3f}, of the rival {:.3f}\n",
                         with.count, name, with.model.crps_log, with.rival.crps_log);
    };
    out += rival("last value", summary.last_value) + rival("trend", summary.trend);
  }
  return out + "  CRPS: in percent of what was observed; lower is better.\n";
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string backtest_json(const ScoredScenario& scored) {
  Json schemes = Json::array();
  for (const BacktestSummary& summary : scored.backtest.summaries) {
    Json observations = Json::array();
    for (const BacktestScore& score : scored.backtest.scores) {
      if (score.scheme != summary.scheme) continue;
      const BacktestObservation& seen = scored.input.observations[score.observation];
      observations.push_back({{"variable", seen.variable},
                              {"entity", seen.entity},
                              {"period", seen.period},
                              {"observed", seen.value},
                              {"p05", number(score.quantile.front())},
                              {"p50", number(score.quantile[3])},
                              {"p95", number(score.quantile.back())},
                              {"pit", number(score.pit)},
                              {"crps", number(score.model.crps)},
                              {"ess", number(score.ess)}});
    }
    schemes.push_back({{"scheme", scheme_name(summary.scheme)},
                       {"count", summary.count},
                       {"coverage_50", number(summary.coverage[0])},
                       {"coverage_80", number(summary.coverage[1])},
                       {"coverage_90", number(summary.coverage[2])},
                       {"crps_relative", number(summary.crps_relative)},
                       {"crps_log", number(summary.crps_log)},
                       {"observations", observations}});
  }
  const Provenance& from = scored.result.provenance;
  const Json json{{"scenario", from.scenario},
                  {"seed", from.seed},
                  {"sampler", from.sampler},
                  {"trials", from.trials},
                  {"effective_trials", number(scored.result.effective_trials)},
                  {"schemes", schemes}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int backtest_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options("fabcast backtest FILE [OPTIONS]",
                  "Scores a scenario against its own [observe]: each observation is forecast from "
                  "the others, and from earlier ones, and compared with two plain rivals.",
                  "fabcast backtest observed-2026-05 --trials 20k --out results/backtest");
  options.positional("file", 1);
  add_run_options(options);
  options.add("Results").add_options()("out,o",
                                       po::value<std::string>()->default_value("results/backtest"),
                                       "directory of the results");
  add_format_option(options, false);
  if (!options.parse(arguments)) return 0;
  const WriteOptions write = write_options(options, false);
  const std::vector<std::string> files = options.list("file");
  if (files.empty()) throw InputError("no scenario file; usage: fabcast backtest FILE");
  const bool json = options.has("json"), quiet = options.has("quiet") || json;
  RunRequest request = run_request(options, "fabcast backtest", arguments);
  request.scenario.path = files[0];
  const PreparedScenario scenario(request);
  if (!quiet) print_notes(scenario.spec, scenario.diagnostics);
  note_signals();
  const std::string out = options.get<std::string>("out");
  ResultDirectory directory(out, write.force);
  if (!quiet) print_rounded_trials(options, request);
  ScoredScenario scored;
  const bool done = with_progress(request.trials, quiet, request.command,
                                  [&](const Progress& progress, const NextRun&) {
                                    scored = score_scenario(scenario, progress);
                                  });
  if (!done) return 128 + stop_signal();
  print_warnings(scored.result);
  write_results(scored.result, directory, write);
  if (json) {
    fmt::print("{}", backtest_json(scored));
  } else if (!quiet) {
    fmt::print("{}\nResults: {}/{}\n", backtest_text(scenario, scored, colour_on(1)), out,
               file_names(scored.result, write));
  }
  return 0;
}

}  // namespace fabcast::cli
