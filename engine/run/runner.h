#pragma once
/// Runs compiled scenarios: blocks of trials over threads, folded into statistics. Several
/// scenarios run on the same draws, batch by batch, so that each can be compared with the first
/// trial by trial.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/compile.h"
#include "random/sampler.h"
#include "reduce/series.h"
#include "run/binding.h"
#include "run/kept_inputs.h"
#include "run/outputs.h"
#include "run/questions.h"
#include "run/shard.h"
#include "run/weights.h"

namespace fabcast {

class StageClock;

/// Which (series, period) statistics are of; periods outermost, or as they were chosen.
struct ResultColumns {
  struct Column {
    size_t series, period;
  };
  std::vector<Column> columns;
  std::vector<int> place;  ///< (series x periods): index into columns, -1 where there is none
};

/// One scenario of a run.
struct ScenarioRun {
  const Compiled* compiled = nullptr;
  std::vector<QuestionPlan> questions;
  std::vector<size_t> headline;                     ///< series of the summary
  std::vector<size_t> kept_series;                  ///< indices of series whose trials are kept
  std::vector<Asked> asked;                         ///< of RunOptions::difference_bounds, one each
  std::vector<KeptInput> kept_inputs = {};          ///< draws that are kept
  std::vector<ResultColumns::Column> columns = {};  ///< of Detail::chosen
};

/// Of which periods statistics are made.
enum class Detail {
  none,               ///< no statistics
  all,                ///< every series, every quarter and year
  chosen,             ///< ScenarioRun::columns alone, and no rank correlations
  years_and_headline  ///< years of every series, quarters too of the headline
};

/// How quantiles are found beyond the trials that are all kept (reduce/series.h).
enum class Quantiles {
  automatic,  ///< exact up to most_exact_by_default trials that are not weighted
  exact,      ///< order statistics, for which all trials run again; not of weighted ones
  binned      ///< read off counts
};
inline constexpr uint64_t most_exact_by_default = 20'480;  ///< 20k in whole replicates, too
std::string_view quantiles_name(Quantiles quantiles);      ///< "auto", "exact", "binned"
std::optional<Quantiles> quantiles_named(std::string_view name);

struct RunOptions {
  uint64_t trials = 10'000;
  uint64_t seed = 1;
  SamplerKind sampler = SamplerKind::philox;  ///< of others `trials` come in replicates_of(trials)
  /// Of samplers but Philox, which need one (study/draw_plan.h).
  std::shared_ptr<const DrawPlan> draw_plan;
  int threads = 0;  ///< 0: all cores that the process may use
  Detail detail = Detail::all;
  /// Of the first scenario: trials weigh in all scenarios what they weigh in it.
  ObservationPlans observations;
  bool by_view = false;        ///< headline statistics given each view; of one scenario alone
  bool distributions = false;  ///< of the headline by year: outcome.distributions
  Quantiles quantiles = Quantiles::automatic;
  bool keep_predicted = false;           ///< what observations are compared with, of every trial
  std::vector<Bound> difference_bounds;  ///< asked of each scenario's difference to the first
  /// The log likelihood by which weights are scaled; nothing: of the first trials, and where that
  /// cuts weights, of the likeliest trial.
  std::optional<double> weights_from;
  /// Called now and then with trials done, of all scenarios together, never by two threads at once;
  /// false stops the run.
  std::function<bool(uint64_t done)> progress;
  /// Called where all trials run again, with their number: those done start from 0 again. Without
  /// it they are not reported.
  std::function<void(uint64_t trials)> next_pass;
  StageClock* clock = nullptr;  ///< of a run on one thread: where its time goes

  Replicates replicates() const {
    return sampler == SamplerKind::philox ? Replicates{} : replicates_of(trials);
  }
  bool has_exact_quantiles() const {
    return quantiles == Quantiles::exact ||
           (quantiles == Quantiles::automatic && trials <= most_exact_by_default &&
            observations.plans.empty());
  }
};

/// Seconds by phase.
struct PhaseTimes {
  double draw_plan = 0, pilot = 0, main = 0, quantiles = 0, statistics = 0;
};

/// Results given one view.
struct ViewOutcome {
  std::string group, view;
  TrialSum trials;                           ///< that follow it
  double effective = 0;                      ///< number of trials
  std::vector<SeriesStatistics> statistics;  ///< (headline x periods), where by_view was asked
};

/// Shares of trials below the values of a HeadlineDistribution: every percent.
inline constexpr size_t distribution_points = 99;

/// How a series of the headline is distributed over trials in one period.
struct HeadlineDistribution {
  size_t series, period;
  std::vector<double> values;  ///< below which 1 %, 2 %, … 99 % of the trials lie
};

/// A scenario against the first one, trial by trial.
struct PairedOutcome {
  std::vector<std::pair<int, int>> columns;   ///< of this scenario and of the first
  std::vector<SeriesStatistics> differences;  ///< this less the first, by columns
  struct Question {
    int own, first;                 ///< index of the question in each
    TrialSum only_own, only_first;  ///< trials in which it holds in one alone
  };
  std::vector<Question> questions;
  std::vector<TrialSum> asked;  ///< trials in which difference_bounds hold
};

struct RunOutcome {
  std::vector<Series> series;
  std::vector<Period> periods;
  ResultColumns columns;
  std::vector<SeriesStatistics> statistics;  ///< by columns
  std::vector<QuestionPlan> questions;
  std::vector<QuestionCount> question_counts;
  std::vector<BindingPlan> binding;
  BindingTally binding_counts{{}, 0};
  /// Spearman correlation of each uncertain input with each headline series in its last period,
  /// over the first `correlated_trials` trials; (inputs x headline).
  std::vector<double> rank_correlations;
  uint64_t correlated_trials = 0;
  std::vector<double> input_medians;  ///< by uncertain input, as correlated, over the same trials
  uint64_t trials = 0;
  bool exact_quantiles = false;     ///< of statistics
  Replicates replicates;            ///< in which they come
  TrialSpan own;                    ///< whose values are kept: all, but of a shard
  std::vector<double> kept;         ///< (own trials x kept series x periods)
  std::vector<double> kept_inputs;  ///< (own trials x kept inputs)
  TrialSum all;                     ///< weight of all trials
  std::vector<uint32_t> weights;    ///< by own trial; empty: each weighs 1
  std::vector<double> predicted;    ///< (predicted trials x observations), of the first of all
  std::vector<ViewOutcome> views;   ///< of all groups
  std::vector<HeadlineDistribution> distributions;
  PairedOutcome paired;  ///< empty for the first scenario
  int threads = 1;
  PhaseTimes seconds;

  bool has(size_t series_index, size_t period) const {
    return columns.place[series_index * periods.size() + period] >= 0;
  }
  const SeriesStatistics& of(size_t series_index, size_t period) const {
    return statistics[static_cast<size_t>(columns.place[series_index * periods.size() + period])];
  }
  /// Effective number of trials: all where none is weighted.
  double effective_trials() const { return all.effective(); }
  /// Standard errors to each side of a mean's 90 % interval.
  double reach() const { return reach_of_90_percent(replicates).z; }
};

/// Trials over which observations are weighed one against another, unless all are kept.
inline constexpr uint64_t most_predicted_trials = 65'536;

/// All scenarios have the same months. Throws std::logic_error for a number of trials that is not
/// of whole replicates and for points without a plan, Interrupted where `progress` said so,
/// std::bad_alloc where memory is short.
std::vector<RunOutcome> run_models(const std::vector<ScenarioRun>& scenarios,
                                   const RunOptions& options);

/// What one shard of a run came to.
struct ShardCounts {
  std::string state;  ///< for merge_shards
  /// Of what all shards must agree on: what the pilot came to, and the plan of draws; "" where
  /// there is neither.
  std::string pilot_sha256;
  /// Log likelihoods: by which weights are scaled, of the likeliest of the first trials and of the
  /// likeliest of all; 0 without observations.
  double weights_from = 0, likeliest_first = 0, likeliest = 0;
  int threads = 1;
  PhaseTimes seconds;
};

/// Runs the shard of one scenario alone. Throws as run_models.
ShardCounts run_shard(const ScenarioRun& scenario, const RunOptions& options, const Shard& shard);

/// ShardCounts::pilot_sha256 of this run, as this program makes it.
std::string pilot_sha256(const ScenarioRun& scenario, const RunOptions& options);

/// Adds up what `count` shards came to: what run_models makes of the same scenario and options.
/// `state_of(i)` gives the state of shard i, which is asked for once, from 1 on. Throws
/// DamagedState where one is not what such a shard wrote.
RunOutcome merge_shards(const ScenarioRun& scenario, const RunOptions& options, uint64_t count,
                        const std::function<std::string(uint64_t index)>& state_of);

/// By which log likelihood a whole run scales its weights, once the likeliest of all trials is
/// known.
double scale_of_weights(double likeliest_first, double likeliest);

/// Bytes that run_models needs at most; run_shard of a shard.
uint64_t run_memory_bytes(const std::vector<ScenarioRun>& scenarios, const RunOptions& options,
                          const Shard& shard = {});

/// Threads that `asked` (0: all cores that the process may use) comes to on this machine.
int thread_count(int asked);

}  // namespace fabcast
