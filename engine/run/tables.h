#pragma once
/// From what a run counted to the tables that reports are written from.

#include "results/run_result.h"
#include "run/runner.h"

namespace fabcast {

Table summary_table(const std::string& scenario, const RunOutcome& outcome);
Table binding_table(const std::string& scenario, const Compiled& compiled,
                    const RunOutcome& outcome);
Table questions_table(const std::string& scenario, const Model& model, const RunOutcome& outcome);
/// `headline`: the series of RunOptions::headline, for the names of the correlation columns.
Table inputs_table(const std::string& scenario, const Compiled& compiled, const RunOutcome& outcome,
                   const std::vector<size_t>& headline);
/// When each question first holds: its distribution by month, with "not by the end".
Table crossings_table(const std::string& scenario, const Model& model, const RunOutcome& outcome);
/// How the headline is distributed: the value reached with each chance of 1 to 99 %.
Table exceedance_table(const std::string& scenario, const RunOutcome& outcome);
/// Sources that the scenario names, below those that the table has.
void add_sources(const ScenarioSpec& spec, Table& table);
/// The headline given each view.
Table views_table(const std::string& scenario, const RunOutcome& outcome,
                  const std::vector<size_t>& headline);

/// Each observation beside what the trials say of it, before and after they are weighted, and the
/// effective number of trials without it.
struct ObservationsResult {
  Table table;
  /// Where too few trials agree with what was observed, or none comes near it.
  std::vector<std::string> warnings;
};
ObservationsResult observations_result(const std::string& scenario, const RunOutcome& outcome,
                                       const ObservationPlans& observations);
/// Below this effective number of trials a run warns.
inline constexpr double least_effective_trials = 100;

/// Takes the kept trials out of the outcome: they may be most of the memory.
KeptTrials kept_trials(RunOutcome& outcome, const std::vector<size_t>& kept_series);

/// Home-made products that the headline is about, at most six: those that it names, then those of
/// its families, then, where it is about the country, segments or pods, the others; within each by
/// what they ship.
std::vector<std::string> headline_products(const Compiled& compiled, const RunOutcome& outcome,
                                           const std::vector<size_t>& headline);

/// The wafer of the first of these products' die; none where there is no such product.
std::vector<WaferFigure> main_wafers(const std::string& scenario, const Compiled& compiled,
                                     const RunOutcome& outcome,
                                     const std::vector<std::string>& products);

/// "variable entity" of a series.
std::string series_name(const Series& series);

}  // namespace fabcast
