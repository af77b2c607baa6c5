#pragma once
/// A scenario scored against its own observations.

#include <string>

#include "study/backtest.h"
#include "study/prepare.h"

namespace fabcast {

struct ScoredScenario {
  BacktestInput input;
  BacktestResult backtest;
  RunResult result;  ///< backtest.csv, backtest-summary.csv, inputs.csv and where they come from
};

/// Runs the scenario and forecasts each of its observations from others. Throws InputError where it
/// has none, Interrupted, std::bad_alloc.
ScoredScenario score_scenario(const PreparedScenario& scenario, Progress progress);

}  // namespace fabcast
