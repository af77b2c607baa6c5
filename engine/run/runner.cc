#include "run/runner.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>

#include "reduce/rank_correlation.h"
#include "results/run_result.h"
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
  outcome.columns = choose_columns(outcome, scenario, options.detail);
  outcome.questions = scenario.questions;
  outcome.binding = plan_binding(*scenario.compiled);
  outcome.binding_counts = BindingTally(outcome.binding, model.months);
  outcome.kept.assign(options.trials * scenario.kept_series.size() * outcome.periods.size(), 0);
  outcome.kept_inputs.assign(options.trials * scenario.kept_inputs.size(), 0);
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
      outcome.views.push_back({scenario.compiled->names.views[g].group, view, {}, 0, {}});
    }
  }
  return outcome;
}

/// Sums over threads, and statistics out of them.
void finish(size_t index, Shared& shared, const std::vector<std::unique_ptr<Worker>>& workers,
            std::span<const uint32_t> weights) {
  RunOutcome& outcome = shared.outcome;
  outcome.question_counts = workers[0]->part(index).questions.counts();
  for (size_t w = 0; w < workers.size(); ++w) {
    const ScenarioPart& part = workers[w]->part(index);
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
    if (w > 0) add_question_counts(part.questions.counts(), outcome.question_counts);
  }
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
    one.distributions = options.distributions;
    const RunOutcome outcome = outcome_of(
        {&compiled, {}, scenarios[s].headline, {}, {}, {}, scenarios[s].columns}, one, nullptr);
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
    bytes += SeriesReducer::memory_bytes(outcome.distributions.size(), options.trials,
                                         static_cast<int>(threads), Weighted::yes);
    if (options.by_view) {
      bytes += outcome.views.size() *
               SeriesReducer::memory_bytes(scenarios[s].headline.size() * periods, options.trials,
                                           static_cast<int>(threads), Weighted::yes);
    }
    bytes += threads * sizeof(double) * column_stride * 4 * series;  // sums of quarters and years
    bytes += sizeof(double) * options.trials * scenarios[s].kept_series.size() * periods;
    bytes += sizeof(double) * options.trials * scenarios[s].kept_inputs.size();
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

namespace {

/// One attempt. `reference`: the log likelihood by which weights are scaled, of the first trials
/// where there is none yet; nothing is made, and it becomes that of the likeliest trial, where that
/// was cut.
std::optional<std::vector<RunOutcome>> attempt(const std::vector<ScenarioRun>& scenarios,
                                               const RunOptions& options,
                                               std::optional<double>& reference) {
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
    scale = WeightScale(reference ? *reference : reference_likelihood(*workers[0], options));
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
  double largest = -HUGE_VAL;
  for (const auto& worker : workers) largest = std::max(largest, worker->largest_likelihood());
  if (!options.observations.plans.empty() && scale.cuts(largest)) {
    reference = largest;
    return std::nullopt;
  }

  start = Clock::now();
  for (size_t s = 0; s < scenarios.size(); ++s) {
    finish(s, *shared[s], workers, outcomes[0].weights);
  }
  seconds.statistics = seconds_since(start);
  for (RunOutcome& outcome : outcomes) outcome.seconds = seconds;
  return outcomes;
}

}  // namespace

std::vector<RunOutcome> run_models(const std::vector<ScenarioRun>& scenarios,
                                   const RunOptions& options) {
  if (options.by_view && scenarios.size() > 1) {
    throw std::logic_error("statistics given each view are of one scenario");
  }
  // The first trials may miss how likely the likeliest are: then all run again, on that scale.
  std::optional<double> reference;
  auto outcomes = attempt(scenarios, options, reference);
  if (!outcomes) outcomes = attempt(scenarios, options, reference);
  return std::move(*outcomes);
}

}  // namespace fabcast
