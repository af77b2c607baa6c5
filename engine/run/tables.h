#pragma once
/// From what a run counted to the tables that reports are written from.

#include "results/run_result.h"
#include "run/runner.h"
#include "scenario/spec.h"

namespace fabcast {

Table summary_table(const std::string& scenario, const RunOutcome& outcome);
Table binding_table(const std::string& scenario, const Compiled& compiled,
                    const RunOutcome& outcome);
Table questions_table(const std::string& scenario, const ScenarioSpec& spec,
                      const RunOutcome& outcome);
/// `headline`: the series of RunOptions::headline, for the names of the correlation columns.
Table inputs_table(const std::string& scenario, const Compiled& compiled, const RunOutcome& outcome,
                   const std::vector<size_t>& headline);
KeptTrials kept_trials(const RunOutcome& outcome, const std::vector<size_t>& kept_series);

/// "variable entity" of a series.
std::string series_name(const Series& series);

}  // namespace fabcast
