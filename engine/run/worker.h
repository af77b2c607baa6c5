#pragma once
/// One thread of a run: takes batches of trials through every scenario and counts what they come
/// to.

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "run/fold.h"
#include "run/pipeline.h"
#include "run/runner.h"

namespace fabcast {

/// Most trials over which inputs are rank-correlated with the headline: enough for +-0.03.
inline constexpr uint64_t most_correlated_trials = 4096;

/// Trials that are not all kept are read off bins that lie everywhere, as those of weighted trials
/// do.
inline Weighted weighs_distributions(const RunOptions& options, size_t distributions) {
  const bool all_kept = options.trials <= SeriesReducer::most_kept_of(distributions);
  return all_kept && options.observations.plans.empty() ? Weighted::no : Weighted::yes;
}

/// What all threads share of one scenario, each writing its own trials.
struct Shared {
  Shared(const ScenarioRun& asked, const RunOptions& options, RunOutcome& made)
      : scenario(asked),
        model(asked.compiled->model),
        outcome(made),
        weighted(options.observations.plans.empty() ? Weighted::no : Weighted::yes),
        correlated(options.detail == Detail::chosen
                       ? 0
                       : std::min(options.trials, most_correlated_trials)),
        reducer(std::max<size_t>(made.columns.columns.size(), 1), options.trials, weighted,
                options.replicates()),
        headline(asked.headline.size() * correlated),
        inputs(model.inputs.uncertain.size() * correlated) {
    if (!made.paired.columns.empty()) {
      differences.emplace(made.paired.columns.size(), options.trials, weighted,
                          options.replicates());
    }
    if (!made.distributions.empty()) {
      distributions.emplace(made.distributions.size(), options.trials,
                            weighs_distributions(options, made.distributions.size()), Replicates{},
                            SeriesReducer::most_kept_of(made.distributions.size()));
    }
    size_t place = 0;
    for (const ViewGroupPlan& group : model.inputs.view_groups) {
      first_view.push_back(place);
      place += group.cumulative_weight.size();
    }
    views = place;
    if (options.by_view) {
      const size_t columns = std::max<size_t>(asked.headline.size() * made.periods.size(), 1);
      for (size_t v = 0; v < views; ++v) {
        of_view.emplace_back(columns, options.trials, Weighted::yes, options.replicates(),
                             SeriesReducer::most_kept_of(columns * views));
      }
    }
  }

  const ScenarioRun& scenario;
  const Model& model;
  RunOutcome& outcome;
  Weighted weighted;
  uint64_t correlated;  ///< trials
  SeriesReducer reducer;
  std::optional<SeriesReducer> differences;
  std::optional<SeriesReducer> distributions;  ///< each trial weighs 1 where none is weighted
  std::deque<SeriesReducer> of_view;           ///< reducers do not move
  std::vector<size_t> first_view;              ///< by view group, among the views of all
  size_t views = 0;
  bool searched = false, differences_searched = false;  ///< by the pass that is planned
  std::vector<double> headline;  ///< (headline x correlated trials), last period
  std::vector<double> inputs;    ///< (uncertain inputs x correlated trials)

  template <class Each>
  void each_reducer(const Each& each) {
    each(reducer);
    if (differences) each(*differences);
    if (distributions) each(*distributions);
    for (SeriesReducer& view : of_view) each(view);
  }

  /// Before the pilot ends: ranks are looked for in the pass that counts, where values are few.
  void search_while_counting() {
    for (SeriesReducer* each : {&reducer, differences ? &*differences : nullptr}) {
      if (each && outcome.trials <= SeriesReducer::most_kept_of(each->series())) {
        each->search_while_counting();
      }
    }
    searched = reducer.searches_at_once();
    differences_searched = differences && differences->searches_at_once();
  }

  /// Whether another pass looks for ranks, in any of its series.
  bool plan_search(int threads) {
    const bool own = !outcome.columns.columns.empty() && reducer.plan_search(threads);
    const bool of_differences = differences && differences->plan_search(threads);
    searched = own;
    differences_searched = of_differences;
    return own || of_differences;
  }
};

/// Values of a batch, by scenario: (periods, blocks of the batch, series, block_lanes), as months
/// write them: a block's series of a period side by side.
class BatchValues {
 public:
  void size_for(size_t series, size_t periods) {
    series_ = series;
    if (values_.size() < series * periods * batch_trials) {
      values_.resize(series * periods * batch_trials);
    }
  }
  /// Of the block that begins at the batch's trial `at`.
  Real* column(size_t series, size_t period, uint64_t at) {
    return values_.data() + ((period * blocks + at / block_lanes) * series_ + series) * block_lanes;
  }
  PeriodColumns of_block(uint64_t at) {
    return {column(0, 0, at), series_ * batch_trials, block_lanes};
  }
  /// Copies a series' values of all trials of the batch.
  void gather(size_t series, size_t period, Real* out) const {
    const Real* from = values_.data() + (period * blocks * series_ + series) * block_lanes;
    for (size_t block = 0; block < blocks; ++block, from += series_ * block_lanes) {
      std::copy_n(from, block_lanes, out + block * block_lanes);
    }
  }

 private:
  static constexpr size_t blocks = batch_trials / block_lanes;
  size_t series_ = 0;
  std::vector<Real> values_;
};

/// One thread's part of one scenario.
struct ScenarioPart {
  ScenarioPart(Shared& of, const ObservationPlans& observations, TrialBlock& block)
      : shared(of),
        pipeline(of.model, block),
        fold(of.model, of.outcome.series, of.outcome.periods),
        questions(of.outcome.questions, of.outcome.series, of.model.months, of.views,
                  of.outcome.replicates),
        binding(of.outcome.binding, of.model.months, of.outcome.replicates),
        asked(of.scenario.asked, of.outcome.series),
        observed(asked_of(observations), of.outcome.series),
        view_trials(of.views, TrialSum(of.outcome.replicates)),
        all(of.outcome.replicates),
        paired_questions(of.outcome.paired.questions),
        paired_asked(of.scenario.asked.size(), TrialSum(of.outcome.replicates)),
        of_view(of.of_view.size()) {}

  static std::vector<Asked> asked_of(const ObservationPlans& observations) {
    std::vector<Asked> asked;
    for (const ObservationPlan& plan : observations.plans) asked.push_back(plan.asked);
    return asked;
  }

  Shared& shared;
  Pipeline pipeline;
  PeriodFold fold;
  QuestionTally questions;
  BindingTally binding;
  Probes asked, observed;  ///< observed: of the first scenario alone
  std::vector<TrialSum> view_trials;
  TrialSum all;
  std::vector<PairedOutcome::Question> paired_questions;
  std::vector<TrialSum> paired_asked;
  // Where the main pass counts; none while the pilot keeps, and of what keeps every trial.
  std::optional<SeriesReducer::Tally> tally, differences, distributions;
  std::vector<std::optional<SeriesReducer::Tally>> of_view;
  // Of a pass that looks for ranks.
  std::optional<RankSearch::Pass> ranks, difference_ranks;

  template <class Each>
  void each_tally(const Each& each) {
    each(shared.reducer, tally);
    if (shared.differences) each(*shared.differences, differences);
    if (shared.distributions) each(*shared.distributions, distributions);
    for (size_t v = 0; v < of_view.size(); ++v) each(shared.of_view[v], of_view[v]);
  }
};

/// One thread: a block, and its part of each scenario.
class Worker {
 public:
  Worker(std::vector<std::unique_ptr<Shared>>& scenarios, const RunOptions& options,
         const Sampler& sampler, const WeightScale& scale);

  void begin_counting();
  void end_counting();

  void run_batch(uint64_t batch);

  /// A pass that looks for ranks in trials that have been counted: their values, and nothing else.
  void begin_search();
  void search_batch(uint64_t batch);
  void end_search();

  /// The largest log likelihood of a block's trials, from the months up to the last observed.
  double likeliest(uint64_t first);

  /// The largest log likelihood of all trials that it ran.
  double largest_likelihood() const { return largest_likelihood_; }

  const ScenarioPart& part(size_t scenario) const { return *parts_[scenario]; }

 private:
  static int most_rows(const std::vector<std::unique_ptr<Shared>>& scenarios);
  bool is_weighted() const { return !options_.observations.plans.empty(); }

  void ends(Stage stage) const {
    if (options_.clock) options_.clock->lap(stage);
  }

  void log_likelihoods(const ScenarioPart& part, double* out) const;
  /// Weights of the batch's trials from `at` on, empty where each weighs 1.
  std::span<const uint32_t> weights_from(uint64_t at, uint64_t trials) const;

  void begin_batch(uint64_t batch);
  void run_block(ScenarioPart& part, bool is_first, BatchValues& values, uint64_t at);
  /// The periods' values of a block, and nothing else.
  void simulate(ScenarioPart& part, BatchValues& values, uint64_t at);

  void weigh(ScenarioPart& part, uint64_t at, int trials);

  /// Whole weights: questions, binding, views.
  void count_block(ScenarioPart& part, bool is_first, uint64_t at, int trials);

  /// Values of the batch into statistics: kept by the pilot, counted after it.
  void count(ScenarioPart& part, BatchValues& values, uint64_t batch);

  void count_views(ScenarioPart& part, BatchValues& values, uint64_t batch);

  void count_distributions(ScenarioPart& part, BatchValues& values, uint64_t batch);

  void count_differences(ScenarioPart& part, uint64_t batch);

  void search(ScenarioPart& part, BatchValues& values);
  void search_differences(ScenarioPart& part);

  /// The batch's differences of a pair of columns, of other_values_ to first_values_.
  std::span<const Real> difference(const ScenarioPart& part, size_t pair, Real* out) const;

  /// Values of all trials of the batch into the statistics of a column.
  void take(SeriesReducer& reducer, std::optional<SeriesReducer::Tally>& tally, size_t column,
            std::span<const Real> values, std::span<const uint32_t> weights) const;
  void end_block(SeriesReducer& reducer, std::optional<SeriesReducer::Tally>& tally,
                 std::span<const uint32_t> weights, uint64_t batch) const;

  void keep_outputs(ScenarioPart& part, BatchValues& values, uint64_t at, int trials) const;
  /// What is asked of the draws of a block that begins with trial `first`.
  void keep_draws(ScenarioPart& part, uint64_t first, int trials, int month) const;
  /// Copies the values of trials that are rank-correlated.
  static void keep_early(const Shared& shared, std::vector<double>& table, size_t row,
                         const Real* values, uint64_t first, int trials);
  /// An input is represented by its value, before noise, at its last anchor that is uncertain.
  void keep_early_inputs(ScenarioPart& part, uint64_t at, int trials);
  static int last_uncertain(const InputPlan& input);

  Replicates replicates() const { return parts_[0]->shared.outcome.replicates; }

  const RunOptions& options_;
  const Sampler& sampler_;
  const WeightScale& scale_;
  TrialBlock block_;
  std::vector<std::unique_ptr<ScenarioPart>> parts_;  ///< by scenario
  BatchValues first_values_, other_values_;
  std::vector<uint32_t> weights_;  ///< of the batch's trials; empty: each weighs 1
  std::vector<std::array<uint8_t, batch_trials>> view_codes_;  ///< by view group
  std::vector<uint8_t> first_holds_;       ///< (questions of the first scenario x batch_trials)
  std::vector<double> first_asked_;        ///< (asked x batch_trials)
  uint64_t first_trial_ = 0, trials_ = 0;  ///< of the batch
  double largest_likelihood_ = -HUGE_VAL;
};

}  // namespace fabcast
