#include "run/worker.h"

#include "simd/columns.h"

namespace fabcast {

namespace {

/// A column of values of a batch.
class OfBatch {
 public:
  OfBatch(const BatchValues& values, size_t series, size_t period, uint64_t trials)
      : trials_(trials) {
    values.gather(series, period, values_);
  }
  std::span<const Real> span() const { return {values_, trials_}; }

 private:
  alignas(64) Real values_[batch_trials];
  uint64_t trials_;
};

/// The same in double, where statistics know no other.
class Doubles {
 public:
  explicit Doubles(std::span<const Real> values) : trials_(values.size()) {
    widen(static_cast<int>(trials_), values.data(), values_);
  }
  std::span<const double> span() const { return {values_, trials_}; }

 private:
  alignas(64) double values_[batch_trials];
  uint64_t trials_;
};

}  // namespace

Worker::Worker(std::vector<std::unique_ptr<Shared>>& scenarios, const RunOptions& options,
               const Sampler& sampler, const WeightScale& scale)
    : options_(options), sampler_(sampler), scale_(scale), block_(most_rows(scenarios)) {
  for (auto& shared : scenarios) {
    static const ObservationPlans none;
    parts_.push_back(std::make_unique<ScenarioPart>(
        *shared, parts_.empty() ? options.observations : none, block_));
  }
  const ScenarioPart& first = *parts_[0];
  first_holds_.resize(first.shared.outcome.questions.size() * batch_trials);
  first_asked_.resize(options.difference_bounds.size() * batch_trials);
  weights_.resize(is_weighted() ? batch_trials : 0);
  view_codes_.resize(first.shared.first_view.size());
}

void Worker::begin_counting() {
  for (auto& part : parts_) {
    part->each_tally([](SeriesReducer& reducer, std::optional<SeriesReducer::Tally>& tally) {
      if (!reducer.all_kept()) tally.emplace(reducer.tally());
    });
  }
  begin_search();
}

void Worker::end_counting() {
  for (auto& part : parts_) {
    part->each_tally([](SeriesReducer& reducer, std::optional<SeriesReducer::Tally>& tally) {
      if (tally) reducer.merge(std::move(*tally));
      tally.reset();
    });
  }
  end_search();
}

void Worker::begin_search() {
  for (auto& part : parts_) {
    if (part->shared.searched) part->ranks.emplace(part->shared.reducer.search().pass());
    if (part->shared.differences_searched) {
      part->difference_ranks.emplace(part->shared.differences->search().pass());
    }
  }
}

void Worker::end_search() {
  for (auto& part : parts_) {
    if (part->ranks) part->shared.reducer.search().merge(std::move(*part->ranks));
    if (part->difference_ranks) {
      part->shared.differences->search().merge(std::move(*part->difference_ranks));
    }
    part->ranks.reset();
    part->difference_ranks.reset();
  }
}

void Worker::begin_batch(uint64_t batch) {
  first_trial_ = batch * batch_trials;
  trials_ = std::min<uint64_t>(batch_trials, options_.trials - first_trial_);
}

void Worker::search_batch(uint64_t batch) {
  begin_batch(batch);
  const bool differences = std::any_of(parts_.begin(), parts_.end(), [](const auto& part) {
    return part->difference_ranks.has_value();
  });
  for (size_t s = 0; s < parts_.size(); ++s) {
    ScenarioPart& part = *parts_[s];
    BatchValues& values = s == 0 ? first_values_ : other_values_;
    if (!part.ranks && !part.difference_ranks && !(s == 0 && differences)) continue;
    values.size_for(part.shared.outcome.series.size(), part.shared.outcome.periods.size());
    for (uint64_t at = 0; at < trials_; at += block_lanes) simulate(part, values, at);
    if (part.ranks) search(part, values);
    if (part.difference_ranks) search_differences(part);
  }
}

void Worker::simulate(ScenarioPart& part, BatchValues& values, uint64_t at) {
  part.pipeline.begin({&sampler_, first_trial_ + at});
  part.fold.begin();
  for (int month = 0; month < part.shared.model.months; ++month) {
    part.pipeline.month(month);
    part.fold.month(month, block_, values.of_block(at));
  }
}

void Worker::search(ScenarioPart& part, BatchValues& values) {
  const RankSearch& search = part.shared.reducer.search();
  const auto& columns = part.shared.outcome.columns.columns;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (!search.looks_at(c)) continue;
    const OfBatch column(values, columns[c].series, columns[c].period, trials_);
    part.ranks->take(c, column.span());
  }
}

void Worker::search_differences(ScenarioPart& part) {
  const RankSearch& search = part.shared.differences->search();
  alignas(64) Real values[batch_trials];
  for (size_t c = 0; c < part.shared.outcome.paired.columns.size(); ++c) {
    if (search.looks_at(c)) part.difference_ranks->take(c, difference(part, c, values));
  }
}

std::span<const Real> Worker::difference(const ScenarioPart& part, size_t pair, Real* out) const {
  const RunOutcome& outcome = part.shared.outcome;
  const RunOutcome& first = parts_[0]->shared.outcome;
  const auto [own, of_first] = outcome.paired.columns[pair];
  const auto column = outcome.columns.columns[static_cast<size_t>(own)];
  const auto first_column = first.columns.columns[static_cast<size_t>(of_first)];
  other_values_.gather(column.series, column.period, out);
  const OfBatch before(first_values_, first_column.series, first_column.period, trials_);
  add_scaled(static_cast<int>(trials_), before.span().data(), -1, out);
  return {out, trials_};
}

void Worker::run_batch(uint64_t batch) {
  begin_batch(batch);
  // A batch that is counted lies in one replicate.
  const uint64_t replicate = replicates().of(first_trial_);
  for (auto& part : parts_) {
    for (auto* tally : {&part->tally, &part->differences}) {
      if (*tally) (*tally)->of_replicate(replicate);
    }
    for (auto& view : part->of_view) {
      if (view) view->of_replicate(replicate);
    }
  }
  for (size_t s = 0; s < parts_.size(); ++s) {
    ScenarioPart& part = *parts_[s];
    BatchValues& values = s == 0 ? first_values_ : other_values_;
    values.size_for(part.shared.outcome.series.size(), part.shared.outcome.periods.size());
    for (uint64_t at = 0; at < trials_; at += block_lanes) run_block(part, s == 0, values, at);
    count(part, values, batch);
    if (s > 0) count_differences(part, batch);
    ends(Stage::counting);
  }
}

double Worker::likeliest(uint64_t first) {
  ScenarioPart& part = *parts_[0];
  part.pipeline.begin({&sampler_, first});
  int last = 0;
  for (size_t i = 0; i < part.observed.size(); ++i) {
    last = std::max(last, part.observed.asked(i).last);
  }
  for (int month = 0; month <= last; ++month) {
    part.pipeline.month(month);
    for (size_t i = 0; i < part.observed.size(); ++i) part.observed.month(i, month, block_);
  }
  const uint64_t trials = std::min<uint64_t>(block_lanes, options_.trials - first);
  double likelihood[block_lanes];
  log_likelihoods(part, likelihood);
  return *std::max_element(likelihood, likelihood + trials);
}

int Worker::most_rows(const std::vector<std::unique_ptr<Shared>>& scenarios) {
  int rows = 1;
  for (const auto& shared : scenarios) rows = std::max(rows, shared->model.rows.count);
  return rows;
}

void Worker::log_likelihoods(const ScenarioPart& part, double* out) const {
  std::vector<double> values;
  std::vector<const double*> predicted;
  for (size_t i = 0; i < part.observed.size(); ++i) {
    values.insert(values.end(), part.observed.value(i), part.observed.value(i) + block_lanes);
  }
  for (size_t i = 0; i < part.observed.size(); ++i) predicted.push_back(&values[i * block_lanes]);
  log_likelihood(options_.observations.model, block_lanes, predicted, out);
}

std::span<const uint32_t> Worker::weights_from(uint64_t at, uint64_t trials) const {
  return weights_.empty() ? std::span<const uint32_t>{} : std::span(weights_).subspan(at, trials);
}

void Worker::run_block(ScenarioPart& part, bool is_first, BatchValues& values, uint64_t at) {
  const uint64_t first = first_trial_ + at;
  const int trials = static_cast<int>(std::min<uint64_t>(block_lanes, trials_ - at));
  part.pipeline.begin({&sampler_, first}, options_.clock);
  part.fold.begin();
  part.questions.begin();
  part.binding.begin(first);
  keep_draws(part, first, trials, -1);
  for (int month = 0; month < part.shared.model.months; ++month) {
    part.pipeline.month(month, options_.clock);
    part.fold.month(month, block_, values.of_block(at));
    ends(Stage::fold);
    part.questions.month(month, block_);
    part.binding.month(month, trials, is_weighted(), block_);
    keep_draws(part, first, trials, month);
    for (size_t i = 0; i < part.asked.size(); ++i) part.asked.month(i, month, block_);
    for (size_t i = 0; i < part.observed.size(); ++i) part.observed.month(i, month, block_);
    ends(Stage::questions);
  }
  if (is_first && is_weighted()) weigh(part, at, trials);
  count_block(part, is_first, at, trials);
  keep_outputs(part, values, at, trials);
  keep_early_inputs(part, at, trials);
  ends(Stage::questions);
}

void Worker::weigh(ScenarioPart& part, uint64_t at, int trials) {
  double likelihood[block_lanes];
  log_likelihoods(part, likelihood);
  largest_likelihood_ =
      std::max(largest_likelihood_, *std::max_element(likelihood, likelihood + trials));
  scale_.weigh({likelihood, static_cast<size_t>(trials)},
               std::span(weights_).subspan(at, static_cast<size_t>(trials)));
  RunOutcome& outcome = part.shared.outcome;
  if (!outcome.own.has(first_trial_ + at)) return;
  const uint64_t first = first_trial_ + at - outcome.own.first;
  std::copy_n(weights_.begin() + static_cast<std::ptrdiff_t>(at), trials,
              outcome.weights.begin() + static_cast<std::ptrdiff_t>(first));
  const size_t n = part.observed.size(), kept = outcome.predicted.size() / n;
  for (size_t i = 0; i < n; ++i) {
    const Real* value = part.observed.value(i);
    for (size_t t = 0; t < static_cast<size_t>(trials) && first + t < kept; ++t) {
      outcome.predicted[(first + t) * n + i] = value[t];
    }
  }
}

void Worker::count_block(ScenarioPart& part, bool is_first, uint64_t at, int trials) {
  const Shared& shared = part.shared;
  BlockTrials counted{trials,       weights_from(at, static_cast<uint64_t>(trials)),
                      {},           shared.first_view,
                      replicates(), first_trial_ + at};
  for (size_t g = 0; g < shared.first_view.size(); ++g) {
    counted.view_of.push_back(block_[shared.model.inputs.view_rows + static_cast<int>(g)]);
  }
  part.questions.end(counted);
  part.binding.end(counted);
  for (int t = 0; t < trials; ++t) {
    const uint32_t weight = counted.weight(t);
    const uint64_t replicate = counted.replicate(t);
    part.all.add(weight, replicate);
    for (size_t g = 0; g < counted.view_of.size(); ++g) {
      const auto view = static_cast<size_t>(counted.view_of[g][t]);
      part.view_trials[shared.first_view[g] + view].add(weight, replicate);
      if (is_first && options_.by_view) {
        view_codes_[g][at + static_cast<size_t>(t)] = static_cast<uint8_t>(view);
      }
    }
    const size_t place = at + static_cast<size_t>(t);
    for (size_t q = 0; is_first && q < shared.outcome.questions.size(); ++q) {
      first_holds_[q * batch_trials + place] = part.questions.holds(q, t);
    }
    for (PairedOutcome::Question& pair : part.paired_questions) {
      const bool own = part.questions.holds(static_cast<size_t>(pair.own), t);
      const bool first = first_holds_[static_cast<size_t>(pair.first) * batch_trials + place];
      if (own && !first) pair.only_own.add(weight, replicate);
      if (first && !own) pair.only_first.add(weight, replicate);
    }
    for (size_t i = 0; i < part.asked.size(); ++i) {
      double& before = first_asked_[i * batch_trials + place];
      if (is_first) {
        before = part.asked.value(i)[t];
      } else {
        const auto [sign, least] = options_.difference_bounds[i];
        if (sign * (static_cast<double>(part.asked.value(i)[t]) - before) >= least)
          part.paired_asked[i].add(weight, replicate);
      }
    }
  }
}

void Worker::count(ScenarioPart& part, BatchValues& values, uint64_t batch) {
  Shared& shared = part.shared;
  const auto& columns = shared.outcome.columns.columns;
  for (size_t c = 0; c < columns.size(); ++c) {
    const OfBatch column(values, columns[c].series, columns[c].period, trials_);
    take(shared.reducer, part.tally, c, column.span(), weights_from(0, trials_));
    if (part.ranks) part.ranks->take(c, column.span());
  }
  end_block(shared.reducer, part.tally, weights_from(0, trials_), batch);
  if (shared.distributions) count_distributions(part, values, batch);
  if (options_.by_view) count_views(part, values, batch);
}

void Worker::count_distributions(ScenarioPart& part, BatchValues& values, uint64_t batch) {
  static constexpr std::array<uint32_t, batch_trials> ones = [] {
    std::array<uint32_t, batch_trials> weights{};
    weights.fill(1);
    return weights;
  }();
  SeriesReducer& reducer = *part.shared.distributions;
  std::span<const uint32_t> weights;
  if (reducer.weighted())
    weights = std::span(is_weighted() ? weights_.data() : ones.data(), trials_);
  const auto& columns = part.shared.outcome.distributions;
  for (size_t c = 0; c < columns.size(); ++c) {
    const OfBatch column(values, columns[c].series, columns[c].period, trials_);
    take(reducer, part.distributions, c, column.span(), weights);
  }
  end_block(reducer, part.distributions, weights, batch);
}

void Worker::count_views(ScenarioPart& part, BatchValues& values, uint64_t batch) {
  Shared& shared = part.shared;
  std::vector<uint32_t> weights(trials_);
  for (size_t g = 0; g < shared.first_view.size(); ++g) {
    const size_t end = g + 1 < shared.first_view.size() ? shared.first_view[g + 1] : shared.views;
    for (size_t v = shared.first_view[g]; v < end; ++v) {
      for (size_t t = 0; t < trials_; ++t) {
        const bool holds = view_codes_[g][t] == v - shared.first_view[g];
        weights[t] = holds ? (weights_.empty() ? 1 : weights_[t]) : 0;
      }
      std::optional<SeriesReducer::Tally>& tally = part.of_view[v];
      for (size_t h = 0; h < shared.scenario.headline.size(); ++h) {
        for (size_t p = 0; p < shared.outcome.periods.size(); ++p) {
          const size_t column = h * shared.outcome.periods.size() + p;
          const OfBatch of_headline(values, shared.scenario.headline[h], p, trials_);
          const Doubles doubles(of_headline.span());
          if (tally) {
            tally->count(column, doubles.span(), weights);
          } else {
            shared.of_view[v].keep(column, first_trial_, doubles.span());
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

void Worker::count_differences(ScenarioPart& part, uint64_t batch) {
  Shared& shared = part.shared;
  if (!shared.differences) return;
  alignas(64) Real values[batch_trials];
  for (size_t c = 0; c < shared.outcome.paired.columns.size(); ++c) {
    const std::span<const Real> column = difference(part, c, values);
    take(*shared.differences, part.differences, c, column, weights_from(0, trials_));
    if (part.difference_ranks) part.difference_ranks->take(c, column);
  }
  end_block(*shared.differences, part.differences, weights_from(0, trials_), batch);
}

void Worker::take(SeriesReducer& reducer, std::optional<SeriesReducer::Tally>& tally, size_t column,
                  std::span<const Real> values, std::span<const uint32_t> weights) const {
  if (tally && weights.empty()) return tally->count(column, values);
  const Doubles doubles(values);
  if (tally) {
    tally->count(column, doubles.span(), weights);
  } else {
    reducer.keep(column, first_trial_, doubles.span());
  }
}

void Worker::end_block(SeriesReducer& reducer, std::optional<SeriesReducer::Tally>& tally,
                       std::span<const uint32_t> weights, uint64_t batch) const {
  if (tally) {
    tally->end_block(batch);
  } else if (!weights.empty()) {
    reducer.keep_weights(first_trial_, weights);
  }
}

void Worker::keep_outputs(ScenarioPart& part, BatchValues& values, uint64_t at, int trials) const {
  Shared& shared = part.shared;
  const auto& kept = shared.scenario.kept_series;
  const size_t periods = shared.outcome.periods.size(), row = kept.size() * periods;
  const uint64_t first = first_trial_ + at;
  const TrialSpan own = shared.outcome.own;
  for (size_t place = 0; own.has(first) && place < kept.size(); ++place) {
    for (size_t period = 0; period < periods; ++period) {
      const Real* from = values.column(kept[place], period, at);
      const size_t column = place * periods + period;
      for (size_t t = 0; t < static_cast<size_t>(trials); ++t) {
        shared.outcome.kept[(first - own.first + t) * row + column] =
            static_cast<double>(from[t]) + 0.0;
      }
    }
  }
  for (size_t place = 0; place < shared.scenario.headline.size(); ++place) {
    keep_early(shared, shared.headline, place,
               values.column(shared.scenario.headline[place], periods - 1, at), first, trials);
  }
}

void Worker::keep_draws(ScenarioPart& part, uint64_t first, int trials, int month) const {
  const std::vector<KeptInput>& kept = part.shared.scenario.kept_inputs;
  RunOutcome& outcome = part.shared.outcome;
  if (kept.empty() || !outcome.own.has(first)) return;
  keep_inputs(kept, month, block_, trials,
              &outcome.kept_inputs[(first - outcome.own.first) * kept.size()]);
}

void Worker::keep_early(const Shared& shared, std::vector<double>& table, size_t row,
                        const Real* values, uint64_t first, int trials) {
  for (size_t t = 0; t < static_cast<size_t>(trials) && first + t < shared.correlated; ++t) {
    table[row * shared.correlated + first + t] = values[t];
  }
}

void Worker::keep_early_inputs(ScenarioPart& part, uint64_t at, int trials) {
  Shared& shared = part.shared;
  if (first_trial_ + at >= shared.correlated) return;
  for (size_t i = 0; i < shared.model.inputs.uncertain.size(); ++i) {
    const InputPlan& input = shared.model.inputs.uncertain[i];
    keep_early(shared, shared.inputs, i, block_[input.anchor_rows + last_uncertain(input)],
               first_trial_ + at, trials);
  }
}

int Worker::last_uncertain(const InputPlan& input) {
  const auto known = [](const AnchorPlan& anchor) {
    return anchor.by_view.size() == 1 && anchor.by_view[0].before.family == Family::constant &&
           anchor.by_view[0].weight == 0;
  };
  int last = static_cast<int>(input.anchors.size()) - 1;
  while (last > 0 && known(input.anchors[static_cast<size_t>(last)])) --last;
  return last;
}

}  // namespace fabcast
