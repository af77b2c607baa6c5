#include "run/runner.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>

#include "reduce/rank_correlation.h"
#include "results/run_result.h"
#include "run/fold.h"
#include "run/pipeline.h"

namespace fabcast {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Most trials over which inputs are rank-correlated with the headline: enough for +-0.03.
constexpr uint64_t most_correlated_trials = 4096;

/// What all threads write to, each its own trials.
struct Shared {
  const RunOptions& options;
  SeriesReducer& reducer;
  size_t periods;
  std::vector<double>& kept;     ///< (trials x kept series x periods)
  std::vector<double> headline;  ///< (headline x correlated trials), last period
  std::vector<double> inputs;    ///< (uncertain inputs x correlated trials)
  uint64_t correlated;
};

/// One thread: a block, its pipeline, its folds and tallies.
class Worker {
 public:
  Worker(const Compiled& compiled, const RunOutcome& outcome, Shared& shared)
      : model_(compiled.model),
        shared_(shared),
        block_(compiled.model.rows.count),
        pipeline_(compiled.model, block_),
        fold_(compiled.model, outcome.series, outcome.periods),
        questions_(outcome.questions, outcome.series, compiled.model.months),
        binding_(outcome.binding, compiled.model.months),
        series_(outcome.series.size()),
        batch_(outcome.series.size() * outcome.periods.size() * batch_trials) {}

  /// Where the main pass counts; none while the pilot keeps.
  void count_into(SeriesReducer::Tally* tally) { tally_ = tally; }

  void run_batch(uint64_t batch) {
    const uint64_t first = batch * batch_trials;
    const uint64_t trials = std::min<uint64_t>(batch_trials, shared_.options.trials - first);
    for (in_batch_ = 0; in_batch_ < trials; in_batch_ += block_lanes) {
      run_block(first + in_batch_, std::min<uint64_t>(block_lanes, trials - in_batch_));
    }
    for (size_t period = 0; period < shared_.periods; ++period) {
      for (size_t series = 0; series < series_; ++series) {
        const size_t index = period * series_ + series;
        for (uint64_t in_batch = 0; in_batch < trials; in_batch += block_lanes) {
          const std::span<const double> values(column(series, period, in_batch / block_lanes),
                                               std::min<uint64_t>(block_lanes, trials - in_batch));
          if (tally_) {
            tally_->count(index, values);
          } else {
            shared_.reducer.keep(index, first + in_batch, values);
          }
        }
      }
    }
    if (tally_) tally_->end_block(batch);
  }

  const QuestionTally& questions() const { return questions_; }
  const BindingTally& binding() const { return binding_; }

 private:
  void run_block(uint64_t first, uint64_t trials) {
    first_ = first;
    trials_ = trials;
    pipeline_.begin({shared_.options.seed, first_});
    fold_.begin();
    questions_.begin();
    for (int month = 0; month < model_.months; ++month) {
      pipeline_.month(month);
      fold_.month(month, block_, {column(0, 0, in_batch_ / block_lanes), series_ * batch_trials});
      questions_.month(month, block_);
      binding_.month(month, static_cast<int>(trials_), block_);
    }
    questions_.end(static_cast<int>(trials_));
    keep_outputs();
    keep_inputs();
  }
  /// Values of a series in a period, of one block of the batch.
  double* column(size_t series, size_t period, size_t block) {
    constexpr size_t blocks = batch_trials / block_lanes;
    return batch_.data() + ((period * blocks + block) * series_ + series) * block_lanes;
  }
  void keep_outputs() {
    const size_t row = shared_.options.kept_series.size() * shared_.periods;
    for (size_t place = 0; place < shared_.options.kept_series.size(); ++place) {
      for (size_t period = 0; period < shared_.periods; ++period) {
        const double* values =
            column(shared_.options.kept_series[place], period, in_batch_ / block_lanes);
        const size_t column = place * shared_.periods + period;
        for (size_t t = 0; t < trials_; ++t) {
          shared_.kept[(first_ + t) * row + column] = values[t] + 0.0;
        }
      }
    }
    for (size_t place = 0; place < shared_.options.headline.size(); ++place) {
      keep_early(
          shared_.headline, place,
          column(shared_.options.headline[place], shared_.periods - 1, in_batch_ / block_lanes));
    }
  }
  /// Copies the values of trials that are rank-correlated.
  void keep_early(std::vector<double>& table, size_t row, const double* values) const {
    for (size_t t = 0; t < trials_ && first_ + t < shared_.correlated; ++t) {
      table[row * shared_.correlated + first_ + t] = values[t];
    }
  }
  /// An input is represented by its value, before noise, at its last anchor that is uncertain.
  void keep_inputs() {
    if (first_ >= shared_.correlated) return;
    for (size_t i = 0; i < model_.inputs.uncertain.size(); ++i) {
      const InputPlan& input = model_.inputs.uncertain[i];
      keep_early(shared_.inputs, i, block_[input.anchor_rows + last_uncertain(input)]);
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

  const Model& model_;
  Shared& shared_;
  TrialBlock block_;
  Pipeline pipeline_;
  PeriodFold fold_;
  QuestionTally questions_;
  BindingTally binding_;
  SeriesReducer::Tally* tally_ = nullptr;
  size_t series_;
  std::vector<double> batch_;        ///< (periods, blocks of the batch, series, block_lanes)
  uint64_t first_ = 0, trials_ = 0;  ///< of the block
  uint64_t in_batch_ = 0;            ///< the block's first trial within the batch
};

/// Runs batches [first, last) over the workers, handed out one at a time.
void run_batches(std::vector<std::unique_ptr<Worker>>& workers, uint64_t first, uint64_t last,
                 const RunOptions& options, std::atomic<uint64_t>& done) {
  std::atomic<bool> stopped = false;
  const int threads = static_cast<int>(workers.size());
#pragma omp parallel num_threads(threads)
  {
    Worker& worker = *workers[static_cast<size_t>(omp_get_thread_num())];
#pragma omp for schedule(dynamic, 1)
    for (uint64_t batch = first; batch < last; ++batch) {
      if (stopped) continue;
      worker.run_batch(batch);
      const uint64_t trials = std::min<uint64_t>(done += batch_trials, options.trials);
      // One thread reports, so that the callback needs no lock.
      if (options.progress && omp_get_thread_num() == 0 && !options.progress(trials)) {
        stopped = true;
      }
    }
  }
  if (stopped) throw Interrupted("interrupted; nothing was written");
}

}  // namespace

int thread_count(int asked) { return asked > 0 ? asked : std::max(1, omp_get_num_procs()); }

uint64_t run_memory_bytes(const Compiled& compiled, const RunOptions& options) {
  const std::vector<Series> series = output_series(compiled);
  const Month last{compiled.model.first.count + compiled.model.months - 1};
  const size_t periods = reporting_periods(compiled.model.first, last).size();
  const int threads = thread_count(options.threads);
  const uint64_t block = sizeof(double) * column_stride *
                         (static_cast<uint64_t>(compiled.model.rows.count) + 4 * series.size());
  const uint64_t batch = sizeof(double) * batch_trials * series.size() * periods;
  const uint64_t kept = sizeof(double) * options.trials * options.kept_series.size() * periods;
  return SeriesReducer::memory_bytes(series.size() * periods, options.trials, threads) +
         static_cast<uint64_t>(threads) * (block + batch) + kept;
}

RunOutcome run_model(const Compiled& compiled, const std::vector<QuestionPlan>& questions,
                     const RunOptions& options) {
  const Model& model = compiled.model;
  RunOutcome outcome;
  outcome.trials = options.trials;
  outcome.series = output_series(compiled);
  outcome.periods = reporting_periods(model.first, Month{model.first.count + model.months - 1});
  outcome.questions = questions;
  outcome.binding = plan_binding(compiled);
  outcome.binding_counts = BindingTally(outcome.binding, model.months);
  const size_t all = outcome.series.size() * outcome.periods.size();
  const uint64_t batches = (options.trials + batch_trials - 1) / batch_trials;
  // More threads than batches would idle.
  outcome.threads = static_cast<int>(
      std::min<uint64_t>(static_cast<uint64_t>(thread_count(options.threads)), batches));

  auto start = Clock::now();
  SeriesReducer reducer(std::max<size_t>(all, 1), options.trials);
  outcome.kept.assign(options.trials * options.kept_series.size() * outcome.periods.size(), 0);
  const uint64_t correlated = std::min(options.trials, most_correlated_trials);
  Shared shared{options,
                reducer,
                outcome.periods.size(),
                outcome.kept,
                std::vector<double>(options.headline.size() * correlated),
                std::vector<double>(model.inputs.uncertain.size() * correlated),
                correlated};
  std::vector<std::unique_ptr<Worker>> workers;
  for (int t = 0; t < outcome.threads; ++t) {
    workers.push_back(std::make_unique<Worker>(compiled, outcome, shared));
  }

  // The pilot places the bins in which the main pass counts.
  std::atomic<uint64_t> done = 0;
  const uint64_t pilot_batches = (reducer.pilot_trials() + batch_trials - 1) / batch_trials;
  run_batches(workers, 0, pilot_batches, options, done);
  reducer.end_pilot(outcome.threads);
  outcome.seconds.pilot = seconds_since(start);

  start = Clock::now();
  if (pilot_batches < batches) {
    std::vector<SeriesReducer::Tally> tallies;
    for (auto& worker : workers) {
      (void)worker;
      tallies.push_back(reducer.tally());
    }
    for (size_t t = 0; t < workers.size(); ++t) workers[t]->count_into(&tallies[t]);
    run_batches(workers, pilot_batches, batches, options, done);
    for (auto& tally : tallies) reducer.merge(std::move(tally));
  }
  outcome.seconds.main = seconds_since(start);

  start = Clock::now();
  outcome.question_counts.resize(questions.size());
  for (size_t q = 0; q < questions.size(); ++q) {
    QuestionCount& sum = outcome.question_counts[q];
    sum.first_reached.assign(static_cast<size_t>(model.months) + 1, 0);
    for (const auto& worker : workers) {
      const QuestionCount& part = worker->questions().counts()[q];
      sum.hits += part.hits;
      for (size_t m = 0; m < sum.first_reached.size(); ++m) {
        sum.first_reached[m] += part.first_reached[m];
      }
    }
  }
  for (const auto& worker : workers) outcome.binding_counts.add(worker->binding());
  for (size_t s = 0; s < outcome.series.size(); ++s) {
    for (size_t p = 0; p < outcome.periods.size(); ++p) {
      outcome.statistics.push_back(reducer.statistics(p * outcome.series.size() + s));
    }
  }
  std::vector<std::vector<double>> headline_ranks;
  for (size_t h = 0; h < options.headline.size(); ++h) {
    headline_ranks.push_back(average_ranks({&shared.headline[h * correlated], correlated}));
  }
  for (size_t i = 0; i < model.inputs.uncertain.size(); ++i) {
    const std::vector<double> ranks = average_ranks({&shared.inputs[i * correlated], correlated});
    for (const std::vector<double>& headline : headline_ranks) {
      outcome.rank_correlations.push_back(correlation_of_ranks(ranks, headline));
    }
  }
  outcome.correlated_trials = correlated;
  outcome.seconds.statistics = seconds_since(start);
  return outcome;
}

}  // namespace fabcast
