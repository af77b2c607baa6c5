#include "run/runner.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>

#include "reduce/rank_correlation.h"
#include "results/run_result.h"
#include "run/fold.h"
#include "run/pipeline.h"
#include "simd/columns.h"

namespace fabcast {

namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t blocks_of_a_batch = batch_trials / block_lanes;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Most trials over which inputs are rank-correlated with the headline: enough for +-0.03.
constexpr uint64_t most_correlated_trials = 4096;

/// Trials that are looked at beforehand for how likely the likeliest are.
constexpr uint64_t trials_of_reference = 1024;

ResultColumns choose_columns(const RunOutcome& outcome, const std::vector<size_t>& headline,
                             Detail detail) {
  ResultColumns result;
  const size_t periods = outcome.periods.size();
  result.place.assign(outcome.series.size() * periods, -1);
  if (detail == Detail::none) return result;
  for (size_t p = 0; p < periods; ++p) {
    const bool is_year = outcome.periods[p].last.count - outcome.periods[p].first.count == 11;
    for (size_t s = 0; s < outcome.series.size(); ++s) {
      const bool is_headline = std::find(headline.begin(), headline.end(), s) != headline.end();
      if (detail == Detail::years_and_headline && !is_year && !is_headline) continue;
      result.place[s * periods + p] = static_cast<int>(result.columns.size());
      result.columns.push_back({s, p});
    }
  }
  return result;
}

/// Columns of two outcomes that are of one variable, entity and period.
std::vector<std::pair<int, int>> pair_columns(const RunOutcome& own, const RunOutcome& first) {
  std::vector<int> twin(own.series.size(), -1);
  for (size_t s = 0; s < own.series.size(); ++s) {
    for (size_t f = 0; f < first.series.size() && twin[s] < 0; ++f) {
      if (own.series[s].variable == first.series[f].variable &&
          own.series[s].entity == first.series[f].entity) {
        twin[s] = static_cast<int>(f);
      }
    }
  }
  std::vector<std::pair<int, int>> pairs;
  for (size_t c = 0; c < own.columns.columns.size(); ++c) {
    const auto [series, period] = own.columns.columns[c];
    if (twin[series] < 0) continue;
    const int place =
        first.columns.place[static_cast<size_t>(twin[series]) * first.periods.size() + period];
    if (place >= 0) pairs.emplace_back(static_cast<int>(c), place);
  }
  return pairs;
}

/// What all threads share of one scenario, each writing its own trials.
struct Shared {
  Shared(const ScenarioRun& asked, const RunOptions& options, RunOutcome& made)
      : scenario(asked),
        model(asked.compiled->model),
        outcome(made),
        weighted(options.observations.plans.empty() ? Weighted::no : Weighted::yes),
        correlated(std::min(options.trials, most_correlated_trials)),
        reducer(std::max<size_t>(made.columns.columns.size(), 1), options.trials, weighted),
        headline(asked.headline.size() * correlated),
        inputs(model.inputs.uncertain.size() * correlated) {
    if (!made.paired.columns.empty()) {
      differences.emplace(made.paired.columns.size(), options.trials, weighted);
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
        of_view.emplace_back(columns, options.trials, Weighted::yes);
      }
    }
  }

  const ScenarioRun& scenario;
  const Model& model;
  RunOutcome& outcome;
  Weighted weighted;
  uint64_t correlated;
  SeriesReducer reducer;
  std::optional<SeriesReducer> differences;
  std::deque<SeriesReducer> of_view;  ///< reducers do not move
  std::vector<size_t> first_view;     ///< by view group, among the views of all
  size_t views = 0;
  std::vector<double> headline;  ///< (headline x correlated trials), last period
  std::vector<double> inputs;    ///< (uncertain inputs x correlated trials)

  template <class Each>
  void each_reducer(const Each& each) {
    each(reducer);
    if (differences) each(*differences);
    for (SeriesReducer& view : of_view) each(view);
  }
};

/// Values of a batch, by scenario: (periods, blocks of the batch, series, block_lanes).
class BatchValues {
 public:
  void size_for(size_t series, size_t periods) {
    series_ = series;
    if (values_.size() < series * periods * batch_trials) {
      values_.resize(series * periods * batch_trials);
    }
  }
  double* column(size_t series, size_t period, size_t block) {
    return values_.data() + ((period * blocks_of_a_batch + block) * series_ + series) * block_lanes;
  }
  size_t series() const { return series_; }

 private:
  size_t series_ = 0;
  std::vector<double> values_;
};

/// One thread's part of one scenario.
struct Lane {
  Lane(Shared& of, const ObservationPlans& observations, TrialBlock& block)
      : shared(of),
        pipeline(of.model, block),
        fold(of.model, of.outcome.series, of.outcome.periods),
        questions(of.outcome.questions, of.outcome.series, of.model.months, of.views),
        binding(of.outcome.binding, of.model.months),
        asked(of.scenario.asked, of.outcome.series),
        observed(asked_of(observations), of.outcome.series),
        view_trials(of.views),
        paired_questions(of.outcome.paired.questions),
        paired_asked(of.scenario.asked.size()) {}

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
  // Where the main pass counts; none while the pilot keeps.
  std::optional<SeriesReducer::Tally> tally, differences;
  std::vector<SeriesReducer::Tally> of_view;
};

/// One thread: a block, and its part of each scenario.
class Worker {
 public:
  Worker(std::vector<std::unique_ptr<Shared>>& scenarios, const RunOptions& options,
         const WeightScale& scale)
      : options_(options), scale_(scale), block_(most_rows(scenarios)) {
    for (auto& shared : scenarios) {
      static const ObservationPlans none;
      lanes_.push_back(
          std::make_unique<Lane>(*shared, lanes_.empty() ? options.observations : none, block_));
    }
    const Lane& first = *lanes_[0];
    first_holds_.resize(first.shared.outcome.questions.size() * batch_trials);
    first_asked_.resize(options.difference_bounds.size() * batch_trials);
    weights_.resize(is_weighted() ? batch_trials : 0);
    view_codes_.resize(first.shared.first_view.size());
  }

  void begin_counting() {
    for (auto& lane : lanes_) {
      lane->tally.emplace(lane->shared.reducer.tally());
      if (lane->shared.differences) lane->differences.emplace(lane->shared.differences->tally());
      for (SeriesReducer& view : lane->shared.of_view) lane->of_view.push_back(view.tally());
    }
  }
  void end_counting() {
    for (auto& lane : lanes_) {
      lane->shared.reducer.merge(std::move(*lane->tally));
      if (lane->differences) lane->shared.differences->merge(std::move(*lane->differences));
      for (size_t v = 0; v < lane->of_view.size(); ++v) {
        lane->shared.of_view[v].merge(std::move(lane->of_view[v]));
      }
    }
  }

  void run_batch(uint64_t batch) {
    first_trial_ = batch * batch_trials;
    trials_ = std::min<uint64_t>(batch_trials, options_.trials - first_trial_);
    for (size_t s = 0; s < lanes_.size(); ++s) {
      Lane& lane = *lanes_[s];
      BatchValues& values = s == 0 ? first_values_ : other_values_;
      values.size_for(lane.shared.outcome.series.size(), lane.shared.outcome.periods.size());
      for (uint64_t at = 0; at < trials_; at += block_lanes) run_block(lane, s == 0, values, at);
      count(lane, values, batch);
      if (s > 0) count_differences(lane, batch);
    }
  }

  /// The largest log likelihood of a block's trials, from the months up to the last observed.
  double likeliest(uint64_t first) {
    Lane& lane = *lanes_[0];
    lane.pipeline.begin({options_.seed, first});
    int last = 0;
    for (size_t i = 0; i < lane.observed.size(); ++i) {
      last = std::max(last, lane.observed.asked(i).last);
    }
    for (int month = 0; month <= last; ++month) {
      lane.pipeline.month(month);
      for (size_t i = 0; i < lane.observed.size(); ++i) lane.observed.month(i, month, block_);
    }
    const uint64_t trials = std::min<uint64_t>(block_lanes, options_.trials - first);
    double likelihood[block_lanes];
    log_likelihoods(lane, likelihood);
    return *std::max_element(likelihood, likelihood + trials);
  }

  const Lane& lane(size_t scenario) const { return *lanes_[scenario]; }

 private:
  static int most_rows(const std::vector<std::unique_ptr<Shared>>& scenarios) {
    int rows = 1;
    for (const auto& shared : scenarios) rows = std::max(rows, shared->model.rows.count);
    return rows;
  }
  bool is_weighted() const { return !options_.observations.plans.empty(); }

  void log_likelihoods(const Lane& lane, double* out) const {
    std::vector<const double*> predicted;
    for (size_t i = 0; i < lane.observed.size(); ++i) predicted.push_back(lane.observed.value(i));
    log_likelihood(options_.observations.model, block_lanes, predicted, out);
  }
  /// Weights of the batch's trials from `at` on, empty where each weighs 1.
  std::span<const uint32_t> weights_from(uint64_t at, uint64_t trials) const {
    return weights_.empty() ? std::span<const uint32_t>{} : std::span(weights_).subspan(at, trials);
  }

  void run_block(Lane& lane, bool is_first, BatchValues& values, uint64_t at) {
    const uint64_t first = first_trial_ + at;
    const int trials = static_cast<int>(std::min<uint64_t>(block_lanes, trials_ - at));
    lane.pipeline.begin({options_.seed, first});
    lane.fold.begin();
    lane.questions.begin();
    lane.binding.begin();
    for (int month = 0; month < lane.shared.model.months; ++month) {
      lane.pipeline.month(month);
      lane.fold.month(month, block_,
                      {values.column(0, 0, at / block_lanes), values.series() * batch_trials});
      lane.questions.month(month, block_);
      lane.binding.month(month, trials, is_weighted(), block_);
      for (size_t i = 0; i < lane.asked.size(); ++i) lane.asked.month(i, month, block_);
      for (size_t i = 0; i < lane.observed.size(); ++i) lane.observed.month(i, month, block_);
    }
    if (is_first && is_weighted()) weigh(lane, at, trials);
    count_block(lane, is_first, at, trials);
    keep_outputs(lane, values, at, trials);
    keep_inputs(lane, at, trials);
  }

  void weigh(Lane& lane, uint64_t at, int trials) {
    double likelihood[block_lanes];
    log_likelihoods(lane, likelihood);
    scale_.weigh({likelihood, static_cast<size_t>(trials)},
                 std::span(weights_).subspan(at, static_cast<size_t>(trials)));
    const uint64_t first = first_trial_ + at;
    RunOutcome& outcome = lane.shared.outcome;
    std::copy_n(weights_.begin() + static_cast<std::ptrdiff_t>(at), trials,
                outcome.weights.begin() + static_cast<std::ptrdiff_t>(first));
    const size_t n = lane.observed.size(), kept = outcome.predicted.size() / n;
    for (size_t i = 0; i < n; ++i) {
      const double* value = lane.observed.value(i);
      for (size_t t = 0; t < static_cast<size_t>(trials) && first + t < kept; ++t) {
        outcome.predicted[(first + t) * n + i] = value[t];
      }
    }
  }

  /// Whole weights: questions, binding, views.
  void count_block(Lane& lane, bool is_first, uint64_t at, int trials) {
    const Shared& shared = lane.shared;
    BlockTrials counted{
        trials, weights_from(at, static_cast<uint64_t>(trials)), {}, shared.first_view};
    for (size_t g = 0; g < shared.first_view.size(); ++g) {
      counted.view_of.push_back(block_[shared.model.inputs.view_rows + static_cast<int>(g)]);
    }
    lane.questions.end(counted);
    lane.binding.end(counted);
    for (int t = 0; t < trials; ++t) {
      const uint32_t weight = counted.weight(t);
      lane.all.add(weight);
      for (size_t g = 0; g < counted.view_of.size(); ++g) {
        const auto view = static_cast<size_t>(counted.view_of[g][t]);
        lane.view_trials[shared.first_view[g] + view].add(weight);
        if (is_first && options_.by_view) {
          view_codes_[g][at + static_cast<size_t>(t)] = static_cast<uint8_t>(view);
        }
      }
      const size_t place = at + static_cast<size_t>(t);
      for (size_t q = 0; is_first && q < shared.outcome.questions.size(); ++q) {
        first_holds_[q * batch_trials + place] = lane.questions.holds(q, t);
      }
      for (PairedOutcome::Question& pair : lane.paired_questions) {
        const bool own = lane.questions.holds(static_cast<size_t>(pair.own), t);
        const bool first = first_holds_[static_cast<size_t>(pair.first) * batch_trials + place];
        if (own && !first) pair.only_own.add(weight);
        if (first && !own) pair.only_first.add(weight);
      }
      for (size_t i = 0; i < lane.asked.size(); ++i) {
        double& before = first_asked_[i * batch_trials + place];
        if (is_first) {
          before = lane.asked.value(i)[t];
        } else {
          const auto [sign, least] = options_.difference_bounds[i];
          if (sign * (lane.asked.value(i)[t] - before) >= least) lane.paired_asked[i].add(weight);
        }
      }
    }
  }

  /// Values of the batch into statistics: kept by the pilot, counted after it.
  void count(Lane& lane, BatchValues& values, uint64_t batch) {
    Shared& shared = lane.shared;
    const auto& columns = shared.outcome.columns.columns;
    for (size_t c = 0; c < columns.size(); ++c) {
      for (uint64_t at = 0; at < trials_; at += block_lanes) {
        const uint64_t n = std::min<uint64_t>(block_lanes, trials_ - at);
        take(shared.reducer, lane.tally, c, at,
             {values.column(columns[c].series, columns[c].period, at / block_lanes), n},
             weights_from(at, n));
      }
    }
    end_block(shared.reducer, lane.tally, weights_from(0, trials_), batch);
    if (options_.by_view) count_views(lane, values, batch);
  }

  void count_views(Lane& lane, BatchValues& values, uint64_t batch) {
    Shared& shared = lane.shared;
    std::vector<uint32_t> weights(trials_);
    for (size_t g = 0; g < shared.first_view.size(); ++g) {
      const size_t end = g + 1 < shared.first_view.size() ? shared.first_view[g + 1] : shared.views;
      for (size_t v = shared.first_view[g]; v < end; ++v) {
        for (size_t t = 0; t < trials_; ++t) {
          const bool holds = view_codes_[g][t] == v - shared.first_view[g];
          weights[t] = holds ? (weights_.empty() ? 1 : weights_[t]) : 0;
        }
        std::optional<SeriesReducer::Tally> none;
        SeriesReducer::Tally* tally = lane.of_view.empty() ? nullptr : &lane.of_view[v];
        for (size_t h = 0; h < shared.scenario.headline.size(); ++h) {
          for (size_t p = 0; p < shared.outcome.periods.size(); ++p) {
            const size_t column = h * shared.outcome.periods.size() + p;
            for (uint64_t at = 0; at < trials_; at += block_lanes) {
              const uint64_t n = std::min<uint64_t>(block_lanes, trials_ - at);
              const std::span<const double> of_block(
                  values.column(shared.scenario.headline[h], p, at / block_lanes), n);
              if (tally) {
                tally->count(column, of_block, std::span(weights).subspan(at, n));
              } else {
                shared.of_view[v].keep(column, first_trial_ + at, of_block);
              }
            }
          }
        }
        if (tally) {
          tally->end_block(batch);
        } else {
          shared.of_view[v].keep_weights(first_trial_, weights);
        }
      }
    }
  }

  void count_differences(Lane& lane, uint64_t batch) {
    Shared& shared = lane.shared;
    if (!shared.differences) return;
    const auto& own = shared.outcome.columns.columns;
    const auto& first = lanes_[0]->shared.outcome.columns.columns;
    const auto& pairs = shared.outcome.paired.columns;
    alignas(64) double difference[block_lanes];
    for (size_t c = 0; c < pairs.size(); ++c) {
      const auto of_own = own[static_cast<size_t>(pairs[c].first)];
      const auto of_first = first[static_cast<size_t>(pairs[c].second)];
      for (uint64_t at = 0; at < trials_; at += block_lanes) {
        const uint64_t n = std::min<uint64_t>(block_lanes, trials_ - at);
        copy_column(block_lanes,
                    other_values_.column(of_own.series, of_own.period, at / block_lanes),
                    difference);
        add_scaled(block_lanes,
                   first_values_.column(of_first.series, of_first.period, at / block_lanes), -1,
                   difference);
        take(*shared.differences, lane.differences, c, at, {difference, n}, weights_from(at, n));
      }
    }
    end_block(*shared.differences, lane.differences, weights_from(0, trials_), batch);
  }

  void take(SeriesReducer& reducer, std::optional<SeriesReducer::Tally>& tally, size_t column,
            uint64_t at, std::span<const double> values, std::span<const uint32_t> weights) const {
    if (tally) {
      tally->count(column, values, weights);
    } else {
      reducer.keep(column, first_trial_ + at, values);
    }
  }
  void end_block(SeriesReducer& reducer, std::optional<SeriesReducer::Tally>& tally,
                 std::span<const uint32_t> weights, uint64_t batch) const {
    if (tally) {
      tally->end_block(batch);
    } else if (!weights.empty()) {
      reducer.keep_weights(first_trial_, weights);
    }
  }

  void keep_outputs(Lane& lane, BatchValues& values, uint64_t at, int trials) const {
    Shared& shared = lane.shared;
    const auto& kept = shared.scenario.kept_series;
    const size_t periods = shared.outcome.periods.size(), row = kept.size() * periods;
    const uint64_t first = first_trial_ + at;
    for (size_t place = 0; place < kept.size(); ++place) {
      for (size_t period = 0; period < periods; ++period) {
        const double* from = values.column(kept[place], period, at / block_lanes);
        const size_t column = place * periods + period;
        for (size_t t = 0; t < static_cast<size_t>(trials); ++t) {
          shared.outcome.kept[(first + t) * row + column] = from[t] + 0.0;
        }
      }
    }
    for (size_t place = 0; place < shared.scenario.headline.size(); ++place) {
      keep_early(shared, shared.headline, place,
                 values.column(shared.scenario.headline[place], periods - 1, at / block_lanes),
                 first, trials);
    }
  }
  /// Copies the values of trials that are rank-correlated.
  static void keep_early(const Shared& shared, std::vector<double>& table, size_t row,
                         const double* values, uint64_t first, int trials) {
    for (size_t t = 0; t < static_cast<size_t>(trials) && first + t < shared.correlated; ++t) {
      table[row * shared.correlated + first + t] = values[t];
    }
  }
  /// An input is represented by its value, before noise, at its last anchor that is uncertain.
  void keep_inputs(Lane& lane, uint64_t at, int trials) {
    Shared& shared = lane.shared;
    if (first_trial_ + at >= shared.correlated) return;
    for (size_t i = 0; i < shared.model.inputs.uncertain.size(); ++i) {
      const InputPlan& input = shared.model.inputs.uncertain[i];
      keep_early(shared, shared.inputs, i, block_[input.anchor_rows + last_uncertain(input)],
                 first_trial_ + at, trials);
    }
  }
  static int last_uncertain(const InputPlan& input) {
    const auto known = [](const AnchorPlan& anchor) {
      return anchor.by_view.size() == 1 && anchor.by_view[0].before.family == Family::constant &&
             anchor.by_view[0].weight == 0;
    };
    int last = static_cast<int>(input.anchors.size()) - 1;
    while (last > 0 && known(input.anchors[static_cast<size_t>(last)])) --last;
    return last;
  }

  const RunOptions& options_;
  const WeightScale& scale_;
  TrialBlock block_;
  std::vector<std::unique_ptr<Lane>> lanes_;  ///< by scenario
  BatchValues first_values_, other_values_;
  std::vector<uint32_t> weights_;  ///< of the batch's trials; empty: each weighs 1
  std::vector<std::array<uint8_t, batch_trials>> view_codes_;  ///< by view group
  std::vector<uint8_t> first_holds_;       ///< (questions of the first scenario x batch_trials)
  std::vector<double> first_asked_;        ///< (asked x batch_trials)
  uint64_t first_trial_ = 0, trials_ = 0;  ///< of the batch
};

/// Runs batches [first, last) over the workers, handed out one at a time.
void run_batches(std::vector<std::unique_ptr<Worker>>& workers, uint64_t first, uint64_t last,
                 size_t scenarios, const RunOptions& options, std::atomic<uint64_t>& done) {
  std::atomic<bool> stopped = false;
  const int threads = static_cast<int>(workers.size());
  const uint64_t all = options.trials * scenarios;
#pragma omp parallel num_threads(threads)
  {
    Worker& worker = *workers[static_cast<size_t>(omp_get_thread_num())];
#pragma omp for schedule(dynamic, 1)
    for (uint64_t batch = first; batch < last; ++batch) {
      if (stopped) continue;
      worker.run_batch(batch);
      const uint64_t trials = std::min<uint64_t>(done += batch_trials * scenarios, all);
      // One thread reports, so that the callback needs no lock.
      if (options.progress && omp_get_thread_num() == 0 && !options.progress(trials)) {
        stopped = true;
      }
    }
  }
  if (stopped) throw Interrupted("interrupted; nothing was written");
}

/// How likely the likeliest of the first trials are; the same for any number of threads.
double reference_likelihood(Worker& worker, const RunOptions& options) {
  double most = -HUGE_VAL;
  const uint64_t trials = std::min(options.trials, trials_of_reference);
  for (uint64_t first = 0; first < trials; first += block_lanes) {
    most = std::max(most, worker.likeliest(first));
  }
  return most;
}

/// Questions that two scenarios ask by one name.
std::vector<PairedOutcome::Question> pair_questions(const RunOutcome& own,
                                                    const RunOutcome& first) {
  std::vector<PairedOutcome::Question> pairs;
  for (size_t q = 0; q < own.questions.size(); ++q) {
    for (size_t f = 0; f < first.questions.size(); ++f) {
      if (own.questions[q].name != first.questions[f].name) continue;
      pairs.push_back({static_cast<int>(q), static_cast<int>(f), {}, {}});
      break;
    }
  }
  return pairs;
}

RunOutcome outcome_of(const ScenarioRun& scenario, const RunOptions& options,
                      const RunOutcome* first) {
  const Model& model = scenario.compiled->model;
  RunOutcome outcome;
  outcome.trials = options.trials;
  outcome.series = output_series(*scenario.compiled);
  outcome.periods = reporting_periods(model.first, Month{model.first.count + model.months - 1});
  outcome.columns = choose_columns(outcome, scenario.headline, options.detail);
  outcome.questions = scenario.questions;
  outcome.binding = plan_binding(*scenario.compiled);
  outcome.binding_counts = BindingTally(outcome.binding, model.months);
  outcome.kept.assign(options.trials * scenario.kept_series.size() * outcome.periods.size(), 0);
  const size_t observations = options.observations.plans.size();
  if (first) {
    outcome.paired.columns = pair_columns(outcome, *first);
    outcome.paired.questions = pair_questions(outcome, *first);
    outcome.paired.asked.resize(options.difference_bounds.size());
  } else if (observations > 0) {
    outcome.weights.resize(options.trials);
    const uint64_t kept =
        options.keep_predicted ? options.trials : std::min(options.trials, most_predicted_trials);
    outcome.predicted.resize(kept * observations);
  }
  for (size_t g = 0; g < model.inputs.view_groups.size(); ++g) {
    for (const std::string& view : scenario.compiled->names.views[g].views) {
      outcome.views.push_back({scenario.compiled->names.views[g].group, view, {}, 0, {}});
    }
  }
  return outcome;
}

/// Sums over threads, and statistics out of them.
void finish(size_t index, Shared& shared, const std::vector<std::unique_ptr<Worker>>& workers,
            std::span<const uint32_t> weights) {
  RunOutcome& outcome = shared.outcome;
  outcome.question_counts = workers[0]->lane(index).questions.counts();
  for (size_t w = 0; w < workers.size(); ++w) {
    const Lane& lane = workers[w]->lane(index);
    outcome.binding_counts.add(lane.binding);
    outcome.all.add(lane.all);
    for (size_t v = 0; v < outcome.views.size(); ++v) {
      outcome.views[v].trials.add(lane.view_trials[v]);
    }
    for (size_t q = 0; q < lane.paired_questions.size(); ++q) {
      outcome.paired.questions[q].only_own.add(lane.paired_questions[q].only_own);
      outcome.paired.questions[q].only_first.add(lane.paired_questions[q].only_first);
    }
    for (size_t i = 0; i < outcome.paired.asked.size(); ++i) {
      outcome.paired.asked[i].add(lane.paired_asked[i]);
    }
    if (w > 0) add_question_counts(lane.questions.counts(), outcome.question_counts);
  }
  for (size_t c = 0; c < outcome.columns.columns.size(); ++c) {
    outcome.statistics.push_back(shared.reducer.statistics(c));
  }
  for (size_t c = 0; c < outcome.paired.columns.size(); ++c) {
    outcome.paired.differences.push_back(shared.differences->statistics(c));
  }
  for (size_t v = 0; v < outcome.views.size(); ++v) {
    ViewOutcome& view = outcome.views[v];
    view.effective = view.trials.effective();
    if (shared.of_view.empty()) continue;
    const size_t columns = shared.scenario.headline.size() * outcome.periods.size();
    for (size_t c = 0; c < columns; ++c) {
      view.statistics.push_back(shared.of_view[v].statistics(c));
    }
  }
  const uint64_t correlated = shared.correlated;
  const auto early = weights.empty() ? weights : weights.first(correlated);
  const auto ranks = [&](std::span<const double> values) {
    return early.empty() ? average_ranks(values) : average_ranks(values, early);
  };
  std::vector<std::vector<double>> headline_ranks;
  for (size_t h = 0; h < shared.scenario.headline.size(); ++h) {
    headline_ranks.push_back(ranks({&shared.headline[h * correlated], correlated}));
  }
  for (size_t i = 0; i < shared.model.inputs.uncertain.size(); ++i) {
    const std::vector<double> of_input = ranks({&shared.inputs[i * correlated], correlated});
    for (const std::vector<double>& headline : headline_ranks) {
      outcome.rank_correlations.push_back(early.empty()
                                              ? correlation_of_ranks(of_input, headline)
                                              : correlation_of_ranks(of_input, headline, early));
    }
  }
  outcome.correlated_trials = correlated;
}

}  // namespace

int thread_count(int asked) { return asked > 0 ? asked : std::max(1, omp_get_num_procs()); }

uint64_t run_memory_bytes(const std::vector<ScenarioRun>& scenarios, const RunOptions& options) {
  const auto threads = static_cast<uint64_t>(thread_count(options.threads));
  const Weighted weighted = options.observations.plans.empty() ? Weighted::no : Weighted::yes;
  uint64_t bytes = 0, most_block = 0, most_batch = 0;
  for (size_t s = 0; s < scenarios.size(); ++s) {
    const Compiled& compiled = *scenarios[s].compiled;
    RunOptions one;
    one.trials = 1;
    one.detail = options.detail;
    const RunOutcome outcome =
        outcome_of({&compiled, {}, scenarios[s].headline, {}, {}}, one, nullptr);
    const size_t series = outcome.series.size(), periods = outcome.periods.size();
    const size_t columns = outcome.columns.columns.size();
    most_block = std::max<uint64_t>(most_block, static_cast<uint64_t>(compiled.model.rows.count));
    most_batch = std::max<uint64_t>(most_batch, batch_trials * series * periods);
    bytes +=
        SeriesReducer::memory_bytes(columns, options.trials, static_cast<int>(threads), weighted);
    if (s > 0) {
      bytes +=
          SeriesReducer::memory_bytes(columns, options.trials, static_cast<int>(threads), weighted);
    }
    if (options.by_view) {
      bytes += outcome.views.size() *
               SeriesReducer::memory_bytes(scenarios[s].headline.size() * periods, options.trials,
                                           static_cast<int>(threads), Weighted::yes);
    }
    bytes += threads * sizeof(double) * column_stride * 4 * series;  // sums of quarters and years
    bytes += sizeof(double) * options.trials * scenarios[s].kept_series.size() * periods;
  }
  const uint64_t batches = scenarios.size() > 1 ? 2 : 1;
  bytes += threads * sizeof(double) * (column_stride * most_block + batches * most_batch);
  const size_t observations = options.observations.plans.size();
  if (observations > 0) {
    const uint64_t kept =
        options.keep_predicted ? options.trials : std::min(options.trials, most_predicted_trials);
    bytes += options.trials * sizeof(uint32_t) + kept * observations * sizeof(double);
  }
  return bytes;
}

std::vector<RunOutcome> run_models(const std::vector<ScenarioRun>& scenarios,
                                   const RunOptions& options) {
  auto start = Clock::now();
  const uint64_t batches = (options.trials + batch_trials - 1) / batch_trials;
  // More threads than batches would idle.
  const int threads = static_cast<int>(
      std::min<uint64_t>(static_cast<uint64_t>(thread_count(options.threads)), batches));
  std::vector<RunOutcome> outcomes;
  outcomes.reserve(scenarios.size());
  std::vector<std::unique_ptr<Shared>> shared;
  for (const ScenarioRun& scenario : scenarios) {
    outcomes.push_back(outcome_of(scenario, options, outcomes.empty() ? nullptr : &outcomes[0]));
    outcomes.back().threads = threads;
    shared.push_back(std::make_unique<Shared>(scenario, options, outcomes.back()));
  }
  WeightScale scale;
  std::vector<std::unique_ptr<Worker>> workers;
  for (int t = 0; t < threads; ++t) {
    workers.push_back(std::make_unique<Worker>(shared, options, scale));
  }
  if (!options.observations.plans.empty()) {
    scale = WeightScale(reference_likelihood(*workers[0], options));
  }

  // The pilot places the bins in which the main pass counts.
  std::atomic<uint64_t> done = 0;
  const uint64_t pilot_batches =
      (shared[0]->reducer.pilot_trials() + batch_trials - 1) / batch_trials;
  run_batches(workers, 0, pilot_batches, scenarios.size(), options, done);
  for (auto& each : shared) {
    each->each_reducer([&](SeriesReducer& reducer) { reducer.end_pilot(threads); });
  }
  PhaseTimes seconds;
  seconds.pilot = seconds_since(start);

  start = Clock::now();
  if (pilot_batches < batches) {
    for (auto& worker : workers) worker->begin_counting();
    run_batches(workers, pilot_batches, batches, scenarios.size(), options, done);
    for (auto& worker : workers) worker->end_counting();
  }
  seconds.main = seconds_since(start);

  start = Clock::now();
  for (size_t s = 0; s < scenarios.size(); ++s) {
    finish(s, *shared[s], workers, outcomes[0].weights);
  }
  seconds.statistics = seconds_since(start);
  for (RunOutcome& outcome : outcomes) outcome.seconds = seconds;
  return outcomes;
}

}  // namespace fabcast
