#include "study/score.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>

#include "run/tables.h"
#include "study/draw_plan.h"

namespace fabcast {

namespace {

BacktestInput input_of(const PreparedScenario& scenario, RunOutcome& outcome) {
  const ObservationPlans& observations = scenario.observations;
  BacktestInput input;
  for (size_t i = 0; i < observations.plans.size(); ++i) {
    const ObservationPlan& plan = observations.plans[i];
    const Observation& seen = observations.model.observations[i];
    input.observations.push_back({plan.variable, plan.entity, plan.period.text(), plan.unit,
                                  fmt::format("{}", fmt::join(plan.sources, " ")),
                                  plan.period.first.count, plan.period.last.count, seen.value,
                                  seen.sigma, seen.observer});
  }
  input.predicted = std::move(outcome.predicted);
  input.trials = scenario.request.trials;
  input.model = observations.model;
  input.seed = scenario.request.seed;
  input.threads = outcome.threads;
  return input;
}

}  // namespace

ScoredScenario score_scenario(const PreparedScenario& scenario, Progress progress) {
  const auto start = std::chrono::steady_clock::now();
  if (scenario.observations.plans.empty()) {
    throw InputError(fmt::format(
        "{} has no observations to be scored against; add a section [observe], or score "
        "`fabcast backtest observed-2026-05`",
        escaped(scenario.spec.name)));
  }
  RunOptions options = scenario.options();
  options.progress = std::move(progress);
  options = with_draw_plan({scenario.run}, options);
  options.detail = Detail::none;
  options.keep_predicted = true;
  options.by_view = false;
  ScenarioRun run = scenario.run;
  run.headline.clear();
  run.kept_series.clear();
  check_memory({run}, options);
  std::vector<RunOutcome> outcomes = run_models({run}, options);

  ScoredScenario scored;
  scored.result.effective_trials = outcomes[0].effective_trials();
  scored.result.weighted = true;
  ObservationsResult seen =
      observations_result(scenario.spec.name, outcomes[0], scenario.observations);
  scored.result.warnings = std::move(seen.warnings);
  scored.result.inputs = inputs_table(scenario.spec.name, scenario.compiled, outcomes[0], {});
  scored.input = input_of(scenario, outcomes[0]);
  scored.backtest = backtest(scored.input);
  scored.result.further.push_back(backtest_table(scored.input, scored.backtest));
  scored.result.further.push_back(backtest_summary_table(scored.backtest));
  scored.result.further.push_back(std::move(seen.table));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  scored.result.provenance = provenance_of({&scenario}, outcomes, seconds.count());
  return scored;
}

}  // namespace fabcast
