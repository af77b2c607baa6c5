#pragma once
/// Runs a compiled scenario: blocks of trials over threads, folded into statistics.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/compile.h"
#include "reduce/series.h"
#include "run/binding.h"
#include "run/outputs.h"
#include "run/questions.h"

namespace fabcast {

struct RunOptions {
  uint64_t trials = 10'000;
  uint64_t seed = 1;
  int threads = 0;                  ///< 0: all cores that the process may use
  std::vector<size_t> kept_series;  ///< indices of series whose trials are kept
  std::vector<size_t> headline;     ///< series with which inputs are rank-correlated
  /// Called now and then with trials done, never by two threads at once; false stops the run.
  std::function<bool(uint64_t done)> progress;
};

/// Seconds by phase.
struct PhaseTimes {
  double pilot = 0, main = 0, statistics = 0;
};

struct RunOutcome {
  std::vector<Series> series;
  std::vector<Period> periods;
  std::vector<SeriesStatistics> statistics;  ///< (series x periods), period fastest
  std::vector<QuestionPlan> questions;
  std::vector<QuestionCount> question_counts;
  std::vector<BindingPlan> binding;
  BindingTally binding_counts{{}, 0};
  /// Spearman correlation of each uncertain input with each headline series in its last period,
  /// over the first `correlated_trials` trials; (inputs x headline).
  std::vector<double> rank_correlations;
  uint64_t correlated_trials = 0;
  std::vector<double> kept;  ///< (trials x kept series x periods)
  uint64_t trials = 0;
  int threads = 1;
  PhaseTimes seconds;

  const SeriesStatistics& of(size_t series_index, size_t period) const {
    return statistics[series_index * periods.size() + period];
  }
};

/// Throws Interrupted where `progress` said so, std::bad_alloc where memory is short.
RunOutcome run_model(const Compiled& compiled, const std::vector<QuestionPlan>& questions,
                     const RunOptions& options);

/// Bytes that run_model needs at most.
uint64_t run_memory_bytes(const Compiled& compiled, const RunOptions& options);

/// Threads that `asked` (0: all) comes to on this machine.
int thread_count(int asked);

}  // namespace fabcast
