#pragma once
/// Scenarios for tests: loaded, compiled, run; mistakes are thrown with their text.

#include <string>
#include <vector>

#include "model/compile.h"
#include "run/runner.h"
#include "scenario/load.h"

namespace fabcast {

inline Compiled compiled(const ScenarioSpec& spec, Diagnostics& diagnostics) {
  diagnostics.throw_if_any();
  Compiled result = compile(spec, diagnostics);
  diagnostics.throw_if_any();
  return result;
}

inline Compiled compiled_library(const std::string& file,
                                 const std::vector<std::string>& sets = {}) {
  Diagnostics diagnostics;
  const ScenarioSpec spec =
      load_scenario({std::string(FABCAST_SOURCE_FOLDER "/scenarios/") + file, sets}, diagnostics);
  return compiled(spec, diagnostics);
}

inline Compiled compiled_text(const std::string& text, const std::vector<std::string>& sets = {}) {
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario_text("test", text, sets, diagnostics);
  return compiled(spec, diagnostics);
}

/// One scenario, run alone.
inline RunOutcome run_model(const Compiled& compiled, const std::vector<QuestionPlan>& questions,
                            const RunOptions& options, const std::vector<size_t>& kept_series = {},
                            const std::vector<size_t>& headline = {}) {
  return std::move(run_models({{&compiled, questions, headline, kept_series, {}}}, options)[0]);
}

/// A text with its questions, run.
struct TextRun {
  Compiled model;
  RunOutcome outcome;

  /// Statistics of "variable", "entity" in the period "2026Q3".
  const SeriesStatistics& of(const std::string& variable, const std::string& entity,
                             const std::string& period) const {
    const int series = find_series(outcome.series, variable, entity);
    for (size_t p = 0; series >= 0 && p < outcome.periods.size(); ++p) {
      if (outcome.periods[p].text() == period) return outcome.of(static_cast<size_t>(series), p);
    }
    throw std::out_of_range("no " + variable + " " + entity + " in " + period);
  }
  double mean(const std::string& variable, const std::string& entity,
              const std::string& period) const {
    return of(variable, entity, period).mean;
  }
};

inline TextRun run_text(const std::string& text, RunOptions options = {},
                        const std::vector<std::string>& sets = {}) {
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario_text("test", text, sets, diagnostics);
  TextRun run{compiled(spec, diagnostics), {}};
  const auto questions = plan_questions(spec, run.model, output_series(run.model), diagnostics);
  diagnostics.throw_if_any();
  run.outcome = run_model(run.model, questions, options);
  return run;
}

}  // namespace fabcast
