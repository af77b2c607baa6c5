#pragma once
/// The hot loop's own figures on this machine: time by stage, by number of threads, and the
/// distance from the floor.

#include <string>
#include <vector>

#include "run/census.h"
#include "study/prepare.h"

namespace fabcast {

struct StageTime {
  std::string name;
  double ns_per_trial_month;
};

struct ThreadTime {
  int threads;          ///< as run: no more than there are batches of trials
  double trials_per_s;  ///< by the clock on the wall
  double speed_up;      ///< against one thread
};

inline constexpr int bench_rounds = 3;

struct BenchResult {
  uint64_t trials = 0;
  int months = 0;
  size_t columns = 0;               ///< series times periods of which statistics are made
  std::vector<StageTime> stages;    ///< on one thread, in order (run/stage_clock.h)
  std::vector<ThreadTime> threads;  ///< 1, 2, 4, … and as many as asked, while there are trials
  double compile_s = 0;             ///< reading, checking and compiling the scenario
  /// Of the processor (thread_seconds()): whole run on one thread, without files.
  double ns_per_trial = 0;
  double pipeline_ns_per_trial = 0;  ///< draws and stages alone
  double trials_per_s = 0;           ///< on as many threads as asked
  PerOperation census, rates;        ///< operations of a trial; nanoseconds of one
  double floor_ns_per_trial = 0;

  double ratio_to_floor() const { return ns_per_trial / floor_ns_per_trial; }
  double pipeline_ratio_to_floor() const { return pipeline_ns_per_trial / floor_ns_per_trial; }
};

/// Runs the scenario with statistics of every series, as `fabcast run` does, in `bench_rounds`
/// rounds: in each the rates of the floor, one run under a clock and one for each number of
/// threads, so that a drift of the machine meets all of them. Of everything the least of the rounds
/// counts, since whatever disturbs a run makes it longer. Observations are not weighed. Progress is
/// told of all runs together; their trials: bench_trials(). Throws Interrupted, std::bad_alloc.
BenchResult bench_scenario(const PreparedScenario& scenario);

/// Trials of all runs of bench_scenario.
uint64_t bench_trials(uint64_t trials, int threads);

}  // namespace fabcast
