#include "run/runner.h"

#include <fmt/core.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>

#include "base/first_error.h"
#include "base/hash.h"
#include "reduce/rank_correlation.h"
#include "results/run_result.h"
#include "run/cores.h"
#include "run/worker.h"

namespace fabcast {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Trials that are looked at beforehand for how likely the likeliest are.
constexpr uint64_t trials_of_reference = 1024;

ResultColumns choose_columns(const RunOutcome& outcome, const ScenarioRun& scenario,
                             Detail detail) {
  ResultColumns result;
  const size_t periods = outcome.periods.size();
  result.place.assign(outcome.series.size() * periods, -1);
  if (detail == Detail::none) return result;
  if (detail == Detail::chosen) {
    for (const ResultColumns::Column& column : scenario.columns) {
      int& place = result.place[column.series * periods + column.period];
      if (place >= 0) continue;
      place = static_cast<int>(result.columns.size());
      result.columns.push_back(column);
    }
    return result;
  }
  const std::vector<size_t>& headline = scenario.headline;
  std::vector<bool> is_stock;
  for (const Series& series : outcome.series) {
    const auto variable = static_cast<size_t>(series.variable);
    is_stock.push_back(output_variables()[variable].kind == OutputKind::stock);
  }
  for (size_t p = 0; p < periods; ++p) {
    const Period& period = outcome.periods[p];
    const bool is_year = period.last.count - period.first.count == 11;
    size_t last_quarter = p;  // of the year
    for (size_t q = 0; q < p; ++q) {
      if (outcome.periods[q].last == period.last) last_quarter = q;
    }
    for (size_t s = 0; s < outcome.series.size(); ++s) {
      const bool is_headline = std::find(headline.begin(), headline.end(), s) != headline.end();
      if (detail == Detail::years_and_headline && !is_year && !is_headline) continue;
      int& place = result.place[s * periods + p];
      // A stock's year is its last quarter: counted once. Not where scenarios are paired, column by
      // column.
      if (is_stock[s] && detail == Detail::all) place = result.place[s * periods + last_quarter];
      if (place >= 0) continue;
      place = static_cast<int>(result.columns.size());
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

/// Has the workers do their work on batches, handed out one at a time.
void run_batches(void (Worker::*work)(uint64_t batch),
                 std::vector<std::unique_ptr<Worker>>& workers, TrialSpan batches, uint64_t all,
                 size_t scenarios, const RunOptions& options, std::atomic<uint64_t>& done) {
  std::atomic<bool> stopped = false;
  FirstError error;  // memory may run short
  const int threads = static_cast<int>(workers.size());
#pragma omp parallel num_threads(threads)
  {
    Worker& worker = *workers[static_cast<size_t>(omp_get_thread_num())];
#pragma omp for schedule(dynamic, 1)
    for (uint64_t batch = batches.first; batch < batches.last; ++batch) {
      if (stopped || error.failed()) continue;
      error.run([&] { (worker.*work)(batch); });
      const uint64_t trials = std::min<uint64_t>(done += batch_trials * scenarios, all);
      // One thread reports, so that the callback needs no lock.
      if (options.progress && omp_get_thread_num() == 0 && !options.progress(trials)) {
        stopped = true;
      }
    }
  }
  error.rethrow();
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

/// Those of some trials whose values of what was observed are kept.
TrialSpan predicted_of(TrialSpan own, const RunOptions& options) {
  const uint64_t last = options.keep_predicted ? own.last : most_predicted_trials;
  return {std::min(own.first, last), std::min(own.last, last)};
}

/// Questions that two scenarios ask by one name.
std::vector<PairedOutcome::Question> pair_questions(const RunOutcome& own,
                                                    const RunOutcome& first) {
  std::vector<PairedOutcome::Question> pairs;
  const TrialSum none(own.replicates);
  for (size_t q = 0; q < own.questions.size(); ++q) {
    for (size_t f = 0; f < first.questions.size(); ++f) {
      if (own.questions[q].name != first.questions[f].name) continue;
      pairs.push_back({static_cast<int>(q), static_cast<int>(f), none, none});
      break;
    }
  }
  return pairs;
}

RunOutcome outcome_of(const ScenarioRun& scenario, const RunOptions& options, TrialSpan own,
                      const RunOutcome* first) {
  const Model& model = scenario.compiled->model;
  RunOutcome outcome;
  outcome.trials = options.trials;
  outcome.replicates = options.replicates();
  const TrialSum none(outcome.replicates);
  outcome.all = none;
  outcome.series = output_series(*scenario.compiled);
  outcome.periods = reporting_periods(model.first, Month{model.first.count + model.months - 1});
  outcome.columns = choose_columns(outcome, scenario, options.detail);
  outcome.questions = scenario.questions;
  outcome.binding = plan_binding(*scenario.compiled);
  outcome.binding_counts = BindingTally(outcome.binding, model.months, outcome.replicates);
  outcome.own = own;
  outcome.kept.assign(own.size() * scenario.kept_series.size() * outcome.periods.size(), 0);
  outcome.kept_inputs.assign(own.size() * scenario.kept_inputs.size(), 0);
  const size_t observations = options.observations.plans.size();
  if (first) {
    outcome.paired.columns = pair_columns(outcome, *first);
    outcome.paired.questions = pair_questions(outcome, *first);
    outcome.paired.asked.assign(options.difference_bounds.size(), none);
  } else if (observations > 0) {
    outcome.weights.resize(own.size());
    outcome.predicted.resize(predicted_of(own, options).size() * observations);
  }
  if (options.distributions) {
    const auto months = [&](size_t p) {
      return outcome.periods[p].last.count - outcome.periods[p].first.count + 1;
    };
    int longest = 0;
    for (size_t p = 0; p < outcome.periods.size(); ++p) longest = std::max(longest, months(p));
    for (size_t series : scenario.headline) {
      for (size_t p = 0; p < outcome.periods.size(); ++p) {
        if (months(p) == longest) outcome.distributions.push_back({series, p, {}});
      }
    }
  }
  for (size_t g = 0; g < model.inputs.view_groups.size(); ++g) {
    for (const std::string& view : scenario.compiled->names.views[g].views) {
      outcome.views.push_back({scenario.compiled->names.views[g].group, view, none, 0, {}});
    }
  }
  outcome.question_counts.assign(
      outcome.questions.size(),
      QuestionCount(model.months, outcome.views.size(), outcome.replicates));
  return outcome;
}

/// Sums over threads.
void add_up(size_t index, Shared& shared, const std::vector<std::unique_ptr<Worker>>& workers) {
  RunOutcome& outcome = shared.outcome;
  for (const auto& worker : workers) {
    const ScenarioPart& part = worker->part(index);
    outcome.binding_counts.add(part.binding);
    outcome.all.add(part.all);
    for (size_t v = 0; v < outcome.views.size(); ++v) {
      outcome.views[v].trials.add(part.view_trials[v]);
    }
    for (size_t q = 0; q < part.paired_questions.size(); ++q) {
      outcome.paired.questions[q].only_own.add(part.paired_questions[q].only_own);
      outcome.paired.questions[q].only_first.add(part.paired_questions[q].only_first);
    }
    for (size_t i = 0; i < outcome.paired.asked.size(); ++i) {
      outcome.paired.asked[i].add(part.paired_asked[i]);
    }
    for (size_t q = 0; q < outcome.question_counts.size(); ++q) {
      outcome.question_counts[q].add(part.questions.counts()[q]);
    }
  }
}

/// Ends the pilots of what keeps every trial, or of the others.
void end_pilots(Shared& shared, bool kept, int threads) {
  shared.each_reducer([&](SeriesReducer& reducer) {
    if (reducer.all_kept() == kept) reducer.end_pilot(threads);
  });
}

/// Whether there are trials after the pilot.
bool has_pilot(const RunOptions& options) {
  return pilot_batches(options.trials) < batches_of({}, options.trials).last;
}

/// Statistics of what was counted. `weights`: of the first trials, empty where each weighs 1.
void finish(Shared& shared, const RunOptions& options, std::span<const uint32_t> weights) {
  RunOutcome& outcome = shared.outcome;
  outcome.exact_quantiles = options.has_exact_quantiles() || shared.reducer.all_kept();
  for (size_t c = 0; c < outcome.columns.columns.size(); ++c) {
    outcome.statistics.push_back(shared.reducer.statistics(c));
  }
  for (size_t c = 0; c < outcome.paired.columns.size(); ++c) {
    outcome.paired.differences.push_back(shared.differences->statistics(c));
  }
  std::vector<double> percents;
  for (size_t i = 1; i <= distribution_points; ++i) {
    percents.push_back(static_cast<double>(i) / (distribution_points + 1));
  }
  for (size_t c = 0; c < outcome.distributions.size(); ++c) {
    outcome.distributions[c].values = shared.distributions->values_below(c, percents);
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
  if (correlated == 0) return;
  const auto early = weights.empty() ? weights : weights.first(correlated);
  const auto ranks = [&](std::span<const double> values) {
    return early.empty() ? average_ranks(values) : average_ranks(values, early);
  };
  std::vector<std::vector<double>> headline_ranks;
  for (size_t h = 0; h < shared.scenario.headline.size(); ++h) {
    headline_ranks.push_back(ranks({&shared.headline[h * correlated], correlated}));
  }
  const size_t inputs = correlated > 0 ? shared.model.inputs.uncertain.size() : 0;
  for (size_t i = 0; i < inputs; ++i) {
    const std::span<double> drawn(&shared.inputs[i * correlated], correlated);
    const std::vector<double> of_input = ranks(drawn);
    for (const std::vector<double>& headline : headline_ranks) {
      outcome.rank_correlations.push_back(early.empty()
                                              ? correlation_of_ranks(of_input, headline)
                                              : correlation_of_ranks(of_input, headline, early));
    }
    const auto middle = drawn.begin() + static_cast<std::ptrdiff_t>(correlated / 2);
    std::nth_element(drawn.begin(), middle, drawn.end());
    outcome.input_medians.push_back(*middle);
  }
  outcome.correlated_trials = correlated;
}

}  // namespace

constexpr std::array<std::string_view, 3> names_of_quantiles{"auto", "exact", "binned"};

std::string_view quantiles_name(Quantiles quantiles) {
  return names_of_quantiles[static_cast<size_t>(quantiles)];
}

std::optional<Quantiles> quantiles_named(std::string_view name) {
  const auto found = std::find(names_of_quantiles.begin(), names_of_quantiles.end(), name);
  if (found == names_of_quantiles.end()) return std::nullopt;
  return static_cast<Quantiles>(found - names_of_quantiles.begin());
}

int thread_count(int asked) { return asked > 0 ? asked : usable_cores(); }

uint64_t run_memory_bytes(const std::vector<ScenarioRun>& scenarios, const RunOptions& options,
                          const Shard& shard) {
  const TrialSpan own = trials_of(shard, options.trials);
  const auto threads = static_cast<uint64_t>(thread_count(options.threads));
  const Weighted weighted = options.observations.plans.empty() ? Weighted::no : Weighted::yes;
  uint64_t bytes = 0, most_block = 0, most_batch = 0;
  for (size_t s = 0; s < scenarios.size(); ++s) {
    const Compiled& compiled = *scenarios[s].compiled;
    RunOptions one;
    one.trials = 1;
    one.detail = options.detail;
    one.distributions = options.distributions;
    const RunOutcome outcome = outcome_of(
        {&compiled, {}, scenarios[s].headline, {}, {}, {}, scenarios[s].columns}, one, {}, nullptr);
    const size_t series = outcome.series.size(), periods = outcome.periods.size();
    const size_t columns = outcome.columns.columns.size();
    most_block = std::max<uint64_t>(most_block, static_cast<uint64_t>(compiled.model.rows.count));
    most_batch = std::max<uint64_t>(most_batch, batch_trials * series * periods);
    bytes += (s > 0 ? 2 : 1) * SeriesReducer::memory_bytes(
                                   columns, options.trials, static_cast<int>(threads), weighted,
                                   options.replicates(), SeriesReducer::most_exact_trials,
                                   options.has_exact_quantiles());
    const size_t distributions = outcome.distributions.size();
    bytes += SeriesReducer::memory_bytes(distributions, options.trials, static_cast<int>(threads),
                                         weighs_distributions(options, distributions), {},
                                         SeriesReducer::most_kept_of(distributions));
    if (options.by_view) {
      const size_t views = outcome.views.size(), of_view = scenarios[s].headline.size() * periods;
      bytes += views * SeriesReducer::memory_bytes(
                           of_view, options.trials, static_cast<int>(threads), Weighted::yes,
                           options.replicates(), SeriesReducer::most_kept_of(of_view * views));
    }
    bytes += threads * sizeof(Real) * column_stride * 4 * series;  // sums of quarters and years
    if (options.sampler != SamplerKind::philox) {
      bytes += threads * NoiseNormals::memory_bytes(compiled.model.inputs, compiled.model.months);
    }
    bytes += sizeof(double) * own.size() * scenarios[s].kept_series.size() * periods;
    bytes += sizeof(double) * own.size() * scenarios[s].kept_inputs.size();
  }
  const uint64_t batches = scenarios.size() > 1 ? 2 : 1;
  bytes += threads * sizeof(Real) * (column_stride * most_block + batches * most_batch);
  const size_t observations = options.observations.plans.size();
  if (observations > 0) {
    bytes += own.size() * sizeof(uint32_t) +
             predicted_of(own, options).size() * observations * sizeof(double);
  }
  return bytes;
}

namespace {

/// Scenarios being run, wholly or a shard of them: the pilot, then the main pass.
class Simulation {
 public:
  Simulation(const std::vector<ScenarioRun>& scenarios, const RunOptions& options,
             const Shard& shard)
      : options_(options),
        shard_(shard),
        sampler_(options.sampler, options.seed, options.replicates(), options.draw_plan),
        // More threads than batches would idle.
        threads_(static_cast<int>(std::clamp<uint64_t>(
            (trials_to_run(shard, options.trials) + batch_trials - 1) / batch_trials, 1,
            static_cast<uint64_t>(thread_count(options.threads))))) {
    const TrialSpan own = trials_of(shard, options.trials);
    outcomes_.reserve(scenarios.size());
    for (const ScenarioRun& scenario : scenarios) {
      outcomes_.push_back(
          outcome_of(scenario, options, own, outcomes_.empty() ? nullptr : &outcomes_[0]));
      outcomes_.back().threads = threads_;
      shared_.push_back(std::make_unique<Shared>(scenario, options, outcomes_.back()));
    }
    make_workers();
  }
  Simulation(const Simulation&) = delete;  // workers refer to what it holds

  bool is_weighted() const { return !options_.observations.plans.empty(); }
  void scale_weights(double reference) { scale_ = WeightScale(reference); }
  double likeliest_first() { return reference_likelihood(*workers_[0], options_); }
  /// Whether weights of what was run were cut.
  bool cuts() const { return is_weighted() && scale_.cuts(likeliest()); }
  double likeliest() const {
    double largest = -HUGE_VAL;
    for (const auto& worker : workers_) largest = std::max(largest, worker->largest_likelihood());
    return largest;
  }

  void run_batches_of(TrialSpan batches, void (Worker::*work)(uint64_t) = &Worker::run_batch) {
    run_batches(work, workers_, batches, trials_to_run(shard_, options_.trials) * outcomes_.size(),
                outcomes_.size(), options_, done_);
  }
  /// Places the bins in which the main pass counts.
  void end_pilot() {
    for (auto& each : shared_) end_pilots(*each, false, threads_);
  }
  /// After the main pass: of what keeps every trial.
  void end_kept() {
    for (auto& each : shared_) end_pilots(*each, true, threads_);
  }
  /// Counts nothing of what was run until now.
  void forget() {
    workers_.clear();
    make_workers();
  }
  void count(TrialSpan batches) {
    for (auto& worker : workers_) worker->begin_counting();
    run_batches_of(batches);
    for (auto& worker : workers_) worker->end_counting();
  }
  /// Before the pilot: exact quantiles of few series need no trial run again.
  void search_while_counting() {
    if (!options_.has_exact_quantiles()) return;
    for (auto& each : shared_) each->search_while_counting();
  }
  /// Where quantiles are exact: runs every trial again, and again, until all ranks are found.
  /// Whether any did.
  bool search_ranks() {
    bool any = false;
    for (; options_.has_exact_quantiles() && plan_search(); any = true) {
      if (options_.next_pass) {
        options_.next_pass(options_.trials * outcomes_.size());
        done_ = 0;
      }
      for (auto& worker : workers_) worker->begin_search();
      run_batches_of(batches_of({}, options_.trials), &Worker::search_batch);
      for (auto& worker : workers_) worker->end_search();
    }
    return any;
  }
  void add_up_threads() {
    for (size_t s = 0; s < shared_.size(); ++s) add_up(s, *shared_[s], workers_);
  }
  std::vector<RunOutcome> finished() {
    for (auto& each : shared_) finish(*each, options_, outcomes_[0].weights);
    return std::move(outcomes_);
  }

  Shared& shared(size_t scenario) { return *shared_[scenario]; }
  int threads() const { return threads_; }

 private:
  bool plan_search() {
    bool any = false;
    for (auto& each : shared_) any |= each->plan_search(threads_);
    return any;
  }
  void make_workers() {
    for (int t = 0; t < threads_; ++t) {
      workers_.push_back(std::make_unique<Worker>(shared_, options_, sampler_, scale_));
    }
  }

  const RunOptions& options_;
  Shard shard_;
  Sampler sampler_;
  int threads_;
  std::vector<RunOutcome> outcomes_;
  std::vector<std::unique_ptr<Shared>> shared_;
  WeightScale scale_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<uint64_t> done_ = 0;
};

/// The dimensions in their order, as text.
std::string identity_of(const std::shared_ptr<const DrawPlan>& plan) {
  std::string text;
  for (size_t d = 0; plan && d < plan->dimensions(); ++d) {
    const DrawName& draw = plan->draws()[d];
    text += fmt::format("{} {} {}\n", static_cast<int>(draw.purpose), draw.stream, draw.index);
  }
  return text;
}

/// One attempt. `reference`: the log likelihood by which weights are scaled, of the first trials
/// where there is none yet; nothing is made, and it becomes that of the likeliest trial, where that
/// was cut.
std::optional<std::vector<RunOutcome>> attempt(const std::vector<ScenarioRun>& scenarios,
                                               const RunOptions& options,
                                               std::optional<double>& reference) {
  auto start = Clock::now();
  Simulation run(scenarios, options, {});
  if (run.is_weighted()) run.scale_weights(reference ? *reference : run.likeliest_first());
  const auto ends = [&](Stage stage) {
    if (options.clock) options.clock->lap(stage);
  };
  if (options.clock) options.clock->start();
  run.search_while_counting();
  const uint64_t pilot = pilot_batches(options.trials);
  run.run_batches_of({0, pilot});
  run.end_pilot();
  ends(Stage::quantiles);
  PhaseTimes seconds;
  seconds.pilot = seconds_since(start);

  start = Clock::now();
  const uint64_t batches = batches_of({}, options.trials).last;
  if (pilot < batches) run.count({pilot, batches});
  run.end_kept();
  ends(Stage::counting);
  seconds.main = seconds_since(start);
  if (run.cuts()) {
    reference = run.likeliest();
    return std::nullopt;
  }

  start = Clock::now();
  if (run.search_ranks()) seconds.quantiles = seconds_since(start);

  start = Clock::now();
  run.add_up_threads();
  std::vector<RunOutcome> outcomes = run.finished();
  ends(Stage::quantiles);
  seconds.statistics = seconds_since(start);
  for (RunOutcome& outcome : outcomes) outcome.seconds = seconds;
  return outcomes;
}

/// Passes a sum; what is read is added.
template <class Sum>
void pass_sum(StateStream& stream, Sum& sum) {
  if (!stream.reads()) return sum.pass(stream);
  Sum part = sum;
  part.pass(stream);
  sum.add(part);
}

/// Passes a shard's trials of rows that are made of `columns` values a trial. `rows_of`: whose rows
/// they are; `own`: the shard's.
template <class Value>
void pass_rows(StateStream& stream, std::vector<Value>& rows, TrialSpan rows_of, TrialSpan own,
               size_t columns) {
  const TrialSpan both{std::max(rows_of.first, own.first), std::min(rows_of.last, own.last)};
  if (both.first >= both.last) return;
  stream.pass(
      std::span(rows).subspan((both.first - rows_of.first) * columns, both.size() * columns));
}

/// Passes trials of what keeps them all.
void pass_kept(StateStream& stream, Shared& shared, TrialSpan own) {
  shared.each_reducer([&](SeriesReducer& reducer) {
    if (reducer.all_kept()) reducer.pass_kept(stream, own.first, own.last);
  });
}

/// Passes what a shard came to; what is read is added to all. Of a pilot this is what was counted
/// after it.
void pass_counts(StateStream& stream, Shared& shared, const RunOptions& options, TrialSpan own) {
  RunOutcome& outcome = shared.outcome;
  pass_kept(stream, shared, own);
  shared.each_reducer([&](SeriesReducer& reducer) {
    if (!reducer.all_kept()) reducer.pass_counted(stream);
  });
  for (QuestionCount& count : outcome.question_counts) pass_sum(stream, count);
  pass_sum(stream, outcome.binding_counts);
  pass_sum(stream, outcome.all);
  for (ViewOutcome& view : outcome.views) pass_sum(stream, view.trials);

  const size_t kept = shared.scenario.kept_series.size() * outcome.periods.size();
  pass_rows(stream, outcome.kept, outcome.own, own, kept);
  pass_rows(stream, outcome.kept_inputs, outcome.own, own, shared.scenario.kept_inputs.size());
  if (!options.observations.plans.empty()) {
    pass_rows(stream, outcome.weights, outcome.own, own, 1);
    pass_rows(stream, outcome.predicted, predicted_of(outcome.own, options),
              predicted_of(own, options), options.observations.plans.size());
  }
  for (auto* early : {&shared.headline, &shared.inputs}) {
    for (size_t row = 0; row < early->size(); row += shared.correlated) {
      const TrialSpan both{std::min(own.first, shared.correlated),
                           std::min(own.last, shared.correlated)};
      stream.pass(std::span(*early).subspan(row + both.first, both.size()));
    }
  }
}

void pass_pilot(StateStream& stream, Shared& shared) {
  shared.each_reducer([&](SeriesReducer& reducer) {
    if (!reducer.all_kept()) reducer.pass_pilot(stream);
  });
}

/// What a pilot came to, and of what all shards must agree on.
struct PilotState {
  std::string bins, sha256;
};

PilotState run_pilot(Simulation& run, const RunOptions& options) {
  const uint64_t pilot = pilot_batches(options.trials);
  run.run_batches_of({0, pilot});
  run.end_pilot();
  StateStream bins, kept;
  pass_pilot(bins, run.shared(0));
  pass_kept(kept, run.shared(0), {0, pilot * batch_trials});
  PilotState state;
  state.bins = bins.bytes();
  state.sha256 = sha256(state.bins + kept.bytes() + identity_of(options.draw_plan));
  return state;
}

}  // namespace

std::vector<RunOutcome> run_models(const std::vector<ScenarioRun>& scenarios,
                                   const RunOptions& options) {
  if (options.by_view && scenarios.size() > 1) {
    throw std::logic_error("statistics given each view are of one scenario");
  }
  if (options.quantiles == Quantiles::exact && !options.observations.plans.empty() &&
      has_pilot(options)) {
    throw std::logic_error("exact quantiles of weighted trials that are not all kept");
  }
  if (options.clock && options.threads != 1) throw std::logic_error("a clock is of one thread");
  // The first trials may miss how likely the likeliest are: then all run again, on that scale.
  std::optional<double> reference = options.weights_from;
  auto outcomes = attempt(scenarios, options, reference);
  if (!outcomes) outcomes = attempt(scenarios, options, reference);
  return std::move(*outcomes);
}

double scale_of_weights(double likeliest_first, double likeliest) {
  return WeightScale(likeliest_first).cuts(likeliest) ? likeliest : likeliest_first;
}

ShardCounts run_shard(const ScenarioRun& scenario, const RunOptions& options, const Shard& shard) {
  const auto start = Clock::now();
  const std::vector<ScenarioRun> alone{scenario};
  Simulation run(alone, options, shard);
  ShardCounts counts;
  counts.threads = run.threads();
  if (run.is_weighted()) {
    counts.likeliest_first = run.likeliest_first();
    counts.weights_from = options.weights_from.value_or(counts.likeliest_first);
    run.scale_weights(counts.weights_from);
  }
  TrialSpan own = batches_of(shard, options.trials);
  StateStream stream;
  if (has_pilot(options)) {
    PilotState pilot = run_pilot(run, options);
    counts.pilot_sha256 = pilot.sha256;
    run.shared(0).each_reducer([](SeriesReducer& reducer) {
      if (!reducer.all_kept()) reducer.forget_pilot();
    });
    counts.seconds.pilot = seconds_since(start);
    if (shard.index == 1) {
      counts.state = std::move(pilot.bins);
      own.first = pilot_batches(options.trials);
    } else {
      run.forget();
    }
    run.count(own);
  } else {
    if (options.draw_plan) counts.pilot_sha256 = sha256(identity_of(options.draw_plan));
    run.run_batches_of(own);
  }
  if (run.is_weighted()) counts.likeliest = run.likeliest();
  run.add_up_threads();
  pass_counts(stream, run.shared(0), options, trials_of(shard, options.trials));
  counts.state += stream.bytes();
  counts.seconds.main = seconds_since(start) - counts.seconds.pilot;
  return counts;
}

std::string pilot_sha256(const ScenarioRun& scenario, const RunOptions& options) {
  if (!has_pilot(options)) return options.draw_plan ? sha256(identity_of(options.draw_plan)) : "";
  const std::vector<ScenarioRun> alone{scenario};
  Simulation run(alone, options, {});
  return run_pilot(run, options).sha256;
}

RunOutcome merge_shards(const ScenarioRun& scenario, const RunOptions& options, uint64_t count,
                        const std::function<std::string(uint64_t index)>& state_of) {
  const auto add_up = [&](Shared& shared) {
    for (uint64_t index = 1; index <= count; ++index) {
      const std::string state = state_of(index);
      StateStream stream(state);
      if (index == 1 && has_pilot(options)) pass_pilot(stream, shared);
      pass_counts(stream, shared, options, trials_of({index, count}, options.trials));
      stream.end();
    }
    end_pilots(shared, true, thread_count(options.threads));
  };
  if (options.has_exact_quantiles()) {
    const std::vector<ScenarioRun> alone{scenario};
    Simulation run(alone, options, {});
    add_up(run.shared(0));
    run.search_ranks();
    return std::move(run.finished()[0]);
  }
  RunOutcome outcome = outcome_of(scenario, options, trials_of({}, options.trials), nullptr);
  Shared shared(scenario, options, outcome);
  add_up(shared);
  finish(shared, options, outcome.weights);
  return outcome;
}

}  // namespace fabcast
