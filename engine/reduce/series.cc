#include "reduce/series.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "base/first_error.h"
#include "base/lanes.h"
#include "reduce/counts.h"
#include "reduce/replicate_error.h"
#include "reduce/sort.h"
#include "reduce/weighted_sample.h"
#include "simd/eight.h"

namespace fabcast {
namespace {

constexpr double z_90 = z_of_90_percent.z;

struct Sums {
  double deviation, square, lowest, highest;
};

/// By hand, since GCC's own vectors of the loop below take three times as long at -O3.
using Vector = simd::Eight<double>;
constexpr size_t lanes = simd::eight;

/// Sum of x - shift and of its square over the values, lowest and highest value. Eight sums side by
/// side, added in a fixed order: the same bits on every machine.
template <class T>
FABCAST_KERNEL Sums sums_of(std::span<const T> values, double shift) {
  const T* x = values.data();
  const size_t whole = values.size() / lanes * lanes;
  Vector deviation = {}, square = {};
  Vector lowest = Vector{} + static_cast<double>(x[0]), highest = lowest;
  for (size_t i = 0; i < whole; i += lanes) {
    simd::Eight<T> of_type;
    simd::take_eight(x + i, of_type);
    const Vector v = __builtin_convertvector(of_type, Vector);
    const Vector d = v - shift;
    deviation += d;
    square += d * d;
    lowest = v < lowest ? v : lowest;
    highest = v > highest ? v : highest;
  }
  for (size_t i = whole; i < values.size(); ++i) {
    const size_t lane = i - whole;
    const double value = static_cast<double>(x[i]), d = value - shift;
    deviation[lane] += d;
    square[lane] += d * d;
    lowest[lane] = std::min(lowest[lane], value);
    highest[lane] = std::max(highest[lane], value);
  }
  for (size_t next = 1; next < lanes; next *= 2) {
    for (size_t lane = 0; lane < lanes; lane += 2 * next) {
      deviation[lane] += deviation[lane + next];
      square[lane] += square[lane + next];
      lowest[lane] = std::min(lowest[lane], lowest[lane + next]);
      highest[lane] = std::max(highest[lane], highest[lane + next]);
    }
  }
  return {deviation[0], square[0], lowest[0], highest[0]};
}

/// Values that a pass of a search may keep: twice as many as the pilot did, which some 100,000
/// trials come to.
constexpr uint64_t most_searched(uint64_t series) {
  return 2 * series * SeriesReducer::pilot_of_more;
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

SeriesStatistics no_statistics() {
  SeriesStatistics out{nan, nan, nan, {}, {}, {}};
  for (auto* row : {&out.quantile, &out.low, &out.high}) row->fill(nan);
  return out;
}

/// below[i] += how many of the values are less than thresholds[i].
template <class T>
FABCAST_KERNEL void count_below(std::span<const T> values, const double* thresholds,
                                uint64_t* below) {
  const T* x = values.data();
  const int n = static_cast<int>(values.size());
  for (size_t i = 0; i < reported_quantiles.size(); ++i) {
    const double threshold = thresholds[i];
    int count = 0;
#pragma omp simd reduction(+ : count)
    for (int t = 0; t < n; ++t) count += static_cast<double>(x[t]) < threshold ? 1 : 0;
    below[i] += static_cast<uint64_t>(count);
  }
}

/// The same of their weights.
void weigh_below(std::span<const double> values, std::span<const uint32_t> weights,
                 const double* thresholds, uint64_t* below) {
  for (size_t i = 0; i < reported_quantiles.size(); ++i) {
    uint64_t weight = 0;
    for (size_t t = 0; t < values.size(); ++t) {
      weight += values[t] < thresholds[i] ? weights[t] : 0;
    }
    below[i] += weight;
  }
}

/// The threshold below which next to q of the weight lies: a repeated value has one at either end.
/// `weight_below(i)`: that of the first i of the sorted values.
template <class WeightBelow>
double threshold_near(std::span<const double> sorted, double q, WeightBelow weight_below) {
  if (sorted.empty()) return 0;
  const auto asked = q * static_cast<double>(weight_below(sorted.size()));
  size_t low = 0, high = sorted.size() - 1;  // the first value up to which more than that lies
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (static_cast<double>(weight_below(middle + 1)) > asked) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const double value = sorted[low];
  const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
  const auto below = static_cast<double>(weight_below(static_cast<size_t>(first - sorted.begin())));
  const auto with = static_cast<double>(weight_below(static_cast<size_t>(last - sorted.begin())));
  return asked - below <= with - asked
             ? value
             : std::nextafter(value, std::numeric_limits<double>::infinity());
}

/// The quantile of n values that is linear between order statistics: "type 7".
template <class ValueAt>
double between_ranks(uint64_t n, double q, ValueAt value_at) {
  const double rank = static_cast<double>(n - 1) * q;
  const auto floor = static_cast<uint64_t>(rank);
  const double below = value_at(floor), above = value_at(std::min(floor + 1, n - 1));
  const double part = rank - static_cast<double>(floor);
  return below == above ? below : (1 - part) * below + part * above;
}

/// Quantiles and their intervals from anything that tells the value of a rank (from 0), and how far
/// the rank of the i-th quantile may be off.
template <class ValueAtRank, class ReachOf>
void read_quantiles(uint64_t n, ValueAtRank value_at_rank, ReachOf reach_of,
                    SeriesStatistics& out) {
  const auto count = static_cast<double>(n);
  const auto value_at = [&](double rank) {
    return value_at_rank(static_cast<uint64_t>(std::clamp(rank, 0.0, count - 1))) + 0.0;
  };
  for (size_t i = 0; i < reported_quantiles.size(); ++i) {
    const double q = reported_quantiles[i];
    out.quantile[i] = between_ranks(n, q, [&](uint64_t rank) { return value_at_rank(rank) + 0.0; });
    // Ranks from 0 here: N q - 0.5 is the middle.
    const double reach = reach_of(i);
    out.low[i] = value_at(std::floor(count * q - 0.5 - reach));
    out.high[i] = value_at(std::ceil(count * q - 0.5 + reach));
  }
}

/// The same of a weighted distribution; `reaches`: in weight, none where trials are independent.
template <class Reader>
void read_weighted_quantiles(const Reader& reader, std::span<const double> reaches,
                             SeriesStatistics& out) {
  const auto weight = static_cast<double>(reader.weight());
  for (size_t i = 0; i < reported_quantiles.size(); ++i) {
    const double q = reported_quantiles[i];
    const MassPoint point = reader.at(q * weight);
    const double above = std::max(0.0, reader.squares() - point.squares);
    const double reach = reaches.empty()
                             ? z_90 * std::sqrt((1 - q) * (1 - q) * point.squares + q * q * above)
                             : reaches[i];
    out.quantile[i] = point.value + 0.0;
    out.low[i] = reader.at(q * weight - reach).value + 0.0;
    out.high[i] = reader.at(q * weight + reach).value + 0.0;
  }
}

}  // namespace

SeriesCounts::SeriesCounts(size_t counts, size_t masses, size_t series, Replicates replicates)
    : counts_(counts),
      masses_(masses),
      weight_of_(replicates.are_many() ? replicates.count : 0),
      below_(replicates.are_many() ? replicates.count * series * reported_quantiles.size() : 0),
      lowest_(series, std::numeric_limits<double>::infinity()),
      highest_(series, -std::numeric_limits<double>::infinity()) {}

void SeriesCounts::add(const SeriesCounts& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  for (size_t i = 0; i < masses_.size(); ++i) masses_[i] += other.masses_[i];
  weight_ += other.weight_;
  for (size_t r = 0; r < weight_of_.size(); ++r) weight_of_[r] += other.weight_of_[r];
  for (size_t i = 0; i < below_.size(); ++i) below_[i] += other.below_[i];
  for (size_t s = 0; s < lowest_.size(); ++s) {
    lowest_[s] = std::min(lowest_[s], other.lowest_[s]);
    highest_[s] = std::max(highest_[s], other.highest_[s]);
  }
}

void SeriesCounts::pass(StateStream& stream) {
  stream.pass(std::span(counts_));
  for (BinMass& mass : masses_) {
    stream.pass(mass.weight);
    stream.pass(mass.square);
  }
  stream.pass(weight_);
  stream.pass(std::span(weight_of_));
  stream.pass(std::span(below_));
  stream.pass(std::span(lowest_));
  stream.pass(std::span(highest_));
}

SeriesReducer::SeriesReducer(size_t series, uint64_t trials, Weighted weighted,
                             Replicates replicates, uint64_t most_kept)
    : series_(series),
      trials_(trials),
      pilot_trials_(trials <= most_kept ? trials : pilot_of_more),
      weighted_(weighted),
      replicates_(replicates),
      block_sums_(replicates.count) {
  if (trials == 0 || trials > std::numeric_limits<uint32_t>::max()) {
    throw std::invalid_argument(fmt::format("statistics of {} trials: 1 to 2^32 - 1", trials));
  }
  if (replicates.are_many() && replicates.trials() != trials) {
    throw std::invalid_argument(
        fmt::format("{} trials, and {} in replicates", trials, replicates.trials()));
  }
  pilot_.resize(series * pilot_trials_);
  if (weighted == Weighted::yes) pilot_weights_.resize(pilot_trials_);
}

uint64_t SeriesReducer::memory_bytes(size_t series, uint64_t trials, int threads, Weighted weighted,
                                     Replicates replicates, uint64_t most_kept, bool searches) {
  const bool weights = weighted == Weighted::yes;
  const uint64_t pilot = trials <= most_kept ? trials : pilot_of_more;
  const uint64_t kept = series * pilot * sizeof(double);
  const uint64_t sums = weights ? 4 : 2;
  // The pilot's sums and all, ends and the shift.
  const uint64_t of_replicates =
      replicates.are_many() ? replicates.count * series * reported_quantiles.size() * 8 : 0;
  const uint64_t moments =
      series * ((2 * replicates.count + 1) * sums + 3) * sizeof(double) + of_replicates;
  if (pilot == trials) return kept + moments + (weights ? series * pilot * sizeof(uint32_t) : 0);
  const uint64_t trees = series * most_bins * sizeof(double);
  const uint64_t counts = series * most_bins * (weights ? sizeof(BinMass) : sizeof(uint32_t));
  // A thread's counts, ends and sums, and two blocks' sums waiting to be added.
  const uint64_t a_thread = counts + series * (3 * sums + 2) * sizeof(double) + of_replicates;
  const auto tallies = static_cast<uint64_t>(threads) * a_thread;
  if (searches && trials <= most_kept_of(series)) {  // beside the others
    return trees + counts + moments + std::max(kept, tallies) +
           RankSearch::memory_bytes(series, series * trials, threads);
  }
  const uint64_t search =
      searches ? RankSearch::memory_bytes(series, most_searched(series), threads) : 0;
  return trees + counts + moments + std::max({kept, tallies, search});
}

void SeriesReducer::keep(size_t series, uint64_t first_trial, std::span<const double> values) {
  if (series >= series_ || first_trial + values.size() > pilot_trials_) {
    throw std::logic_error(
        fmt::format("series {}, trials from {}: outside the pilot", series, first_trial));
  }
  double* out = pilot_.data() + series * pilot_trials_ + first_trial;
  // Adding zero makes -0 a +0: they are equal, but not the same bytes.
  for (size_t i = 0; i < values.size(); ++i) out[i] = values[i] + 0.0;
}

void SeriesReducer::keep_weights(uint64_t first_trial, std::span<const uint32_t> weights) {
  if (!weighted() || first_trial + weights.size() > pilot_trials_) {
    throw std::logic_error(
        fmt::format("weights of trials from {}: not weighted, or outside the pilot", first_trial));
  }
  std::copy(weights.begin(), weights.end(),
            pilot_weights_.begin() + static_cast<std::ptrdiff_t>(first_trial));
}

void SeriesReducer::make_room() {
  shift_.resize(series_);
  lowest_.resize(series_);
  highest_.resize(series_);
  pilot_sums_.resize(width() * replicates_.count);
  if (replicates_.are_many()) {
    thresholds_.resize(series_ * reported_quantiles.size());
    below_.resize(thresholds_.size() * replicates_.count);
    weight_of_.resize(replicates_.count);
  }
  if (all_kept()) {
    if (weighted()) sorted_weights_.resize(series_ * pilot_trials_);
    return;
  }
  trees_.resize(series_ * most_bins);
  rules_.resize(series_);
  if (weighted()) {
    masses_.resize(series_ * most_bins);
  } else {
    counts_.resize(series_ * most_bins);
  }
}

void SeriesReducer::end_plain_pilot(size_t s, const std::vector<double>& ranks,
                                    std::vector<double>& sorted, ValueSorter& sorter) {
  const std::span<double> kept = pilot_of(s);
  std::copy(kept.begin(), kept.end(), sorted.begin());
  sorter.sort(sorted);
  shift_[s] = sorted[sorted.size() / 2];
  for (size_t i = 0; i < reported_quantiles.size() && replicates_.are_many(); ++i) {
    thresholds_[s * reported_quantiles.size() + i] =
        threshold_near(sorted, reported_quantiles[i], [](size_t values) { return values; });
  }
  each_part_of_pilot([&](uint64_t replicate, size_t first, size_t trials) {
    const std::span<const double> part = kept.subspan(first, trials);
    const Sums sums = sums_of<double>(part, shift_[s]);
    double* out = pilot_sums_.data() + replicate * width() + 2 * s;
    out[0] = sums.deviation;
    out[1] = sums.square;
    lowest_[s] = first == 0 ? sums.lowest : std::min(lowest_[s], sums.lowest);
    highest_[s] = first == 0 ? sums.highest : std::max(highest_[s], sums.highest);
    if (!replicates_.are_many()) return;
    count_below(part, thresholds_of(s), below_.data() + first_threshold(s, replicate));
  });
  if (all_kept()) {
    std::copy(sorted.begin(), sorted.end(), kept.begin());
  } else {
    rules_[s] = make_bins(sorted, ranks, tree_of(s));
    count_in_bins(kept, tree_of(s).data(), rules_[s], counts_.data() + s * most_bins);
  }
}

template <class Each>
void SeriesReducer::each_part_of_pilot(Each each) const {
  const uint64_t points = replicates_.are_many() ? replicates_.points : pilot_trials_;
  for (uint64_t first = 0; first < pilot_trials_; first += points) {
    each(first / points, first, std::min(points, pilot_trials_ - first));
  }
}

void SeriesReducer::end_pilot(int threads) {
  make_room();
  std::vector<double> ranks;
  if (weighted()) {
    weight_ = std::accumulate(pilot_weights_.begin(), pilot_weights_.end(), uint64_t{0});
  } else if (!all_kept()) {
    ranks = edge_ranks(pilot_trials_);
  }
  each_part_of_pilot([&](uint64_t replicate, size_t first, size_t trials) {
    double& last = pilot_sums_[(replicate + 1) * width() - 1];
    last = static_cast<double>(trials);
    if (!weighted()) return;
    const auto weights = std::span<const uint32_t>(pilot_weights_).subspan(first, trials);
    last = squares_of(weights);
    if (!replicates_.are_many()) return;
    weight_of_[replicate] = std::accumulate(weights.begin(), weights.end(), uint64_t{0});
  });
  FirstError error;
#pragma omp parallel num_threads(std::max(1, threads))
  {
    std::vector<double> sorted;
    std::vector<uint32_t> sorted_weights;
    ValueSorter sorter;
    error.run([&] {
      sorted.resize(pilot_trials_);
      sorted_weights.resize(weighted() ? pilot_trials_ : 0);
    });
#pragma omp for schedule(static)
    for (size_t s = 0; s < series_; ++s) {
      error.run([&] {
        if (weighted()) {
          end_weighted_pilot(s, sorted, sorted_weights, sorter);
        } else {
          end_plain_pilot(s, ranks, sorted, sorter);
        }
      });
    }
  }
  error.rethrow();
  if (searches_at_once_) {
    search_ = std::make_unique<RankSearch>(series_);
    search_->plan_to_keep_all(trials_);
    RankSearch::Pass pass = search_->pass();
    for (size_t s = 0; s < series_; ++s) pass.take(s, std::span<const double>(pilot_of(s)));
    search_->merge(std::move(pass));
  }
  if (!all_kept()) std::vector<double>().swap(pilot_);
  add_up();
}

void SeriesReducer::add_up() {
  replicate_sums_ = pilot_sums_;
  for (size_t r = 0; r < block_sums_.size(); ++r) {
    const std::vector<double> counted = block_sums_[r].total();
    for (size_t i = 0; i < counted.size(); ++i) replicate_sums_[r * width() + i] += counted[i];
  }
  const auto end_of_first = replicate_sums_.begin() + static_cast<std::ptrdiff_t>(width());
  total_sums_.assign(replicate_sums_.begin(), end_of_first);
  for (size_t r = 1; r < block_sums_.size(); ++r) {
    for (size_t i = 0; i < width(); ++i) total_sums_[i] += replicate_sums_[r * width() + i];
  }
}

void SeriesReducer::end_weighted_pilot(size_t series, std::vector<double>& sorted,
                                       std::vector<uint32_t>& sorted_weights, ValueSorter& sorter) {
  const std::span<double> kept = pilot_of(series);
  // What counts, or at least places bins: values that are no numbers and weigh nothing do neither.
  sorted.clear();
  sorted_weights.clear();
  for (size_t t = 0; t < kept.size(); ++t) {
    const uint32_t weight = pilot_weights_[t];
    if (weight == 0 && (all_kept() || !std::isfinite(kept[t]))) continue;
    sorted.push_back(kept[t]);
    sorted_weights.push_back(weight);
  }
  sorter.sort(sorted, sorted_weights);
  // The median by weight; of the unweighted pilot where nothing weighs.
  uint64_t below = 0;
  size_t middle = weight_ > 0 ? 0 : sorted.size() / 2;
  while (weight_ > 0 && 2 * (below += sorted_weights[middle]) <= weight_) ++middle;
  shift_[series] = sorted.empty() ? 0 : sorted[middle];
  if (replicates_.are_many()) {
    std::vector<uint64_t> weight_before(sorted.size() + 1);
    std::partial_sum(sorted_weights.begin(), sorted_weights.end(), weight_before.begin() + 1,
                     [](uint64_t sum, uint64_t weight) { return sum + weight; });
    for (size_t i = 0; i < reported_quantiles.size(); ++i) {
      thresholds_[series * reported_quantiles.size() + i] = threshold_near(
          sorted, reported_quantiles[i], [&](size_t values) { return weight_before[values]; });
    }
  }
  each_part_of_pilot([&](uint64_t replicate, size_t first, size_t trials) {
    const std::span<const double> part = kept.subspan(first, trials);
    const auto weights = std::span<const uint32_t>(pilot_weights_).subspan(first, trials);
    const WeightedSums sums = weighted_sums_of(part, weights, shift_[series]);
    double* out = pilot_sums_.data() + replicate * width() + 4 * series;
    out[0] = sums.deviation;
    out[1] = sums.square;
    out[2] = sums.weighted_deviation;
    out[3] = sums.weighted_square;
    lowest_[series] = first == 0 ? sums.lowest + 0.0 : std::min(lowest_[series], sums.lowest + 0.0);
    highest_[series] =
        first == 0 ? sums.highest + 0.0 : std::max(highest_[series], sums.highest + 0.0);
    if (!replicates_.are_many()) return;
    weigh_below(part, weights, thresholds_of(series),
                below_.data() + first_threshold(series, replicate));
  });
  if (all_kept()) {
    std::copy(sorted.begin(), sorted.end(), kept.begin());
    std::copy(sorted_weights.begin(), sorted_weights.end(),
              sorted_weights_.begin() + static_cast<std::ptrdiff_t>(series * pilot_trials_));
  } else if (!sorted.empty()) {
    rules_[series] = make_searched_bins(sorted, weighted_ranks(sorted_weights), tree_of(series));
    count_in_bins(kept, pilot_weights_, square_shift(trials_), tree_of(series).data(),
                  rules_[series], masses_.data() + series * most_bins);
  }
}

SeriesReducer::Tally::Tally(SeriesReducer& reducer)
    : SeriesCounts(reducer.counts_.size(), reducer.masses_.size(), reducer.series_,
                   reducer.replicates_),
      reducer_(&reducer),
      sums_(reducer.width()) {
  if (reducer.trees_.empty() && reducer.series_ > 0) {
    throw std::logic_error("nothing to count: the pilot has not ended or kept every trial");
  }
}

void SeriesReducer::Tally::count(size_t series, std::span<const double> values,
                                 std::span<const uint32_t> weights) {
  const bool weighted = reducer_->weighted();
  if (weights.size() != (weighted ? values.size() : 0)) {
    throw std::logic_error(
        fmt::format("{} values were given with {} weights", values.size(), weights.size()));
  }
  if (values.empty()) return;
  if (!weighted) return count_alike(series, values);
  prefetch(series + 1);
  count_weighted(series, values, weights);
}

void SeriesReducer::Tally::count(size_t series, std::span<const float> values) {
  if (reducer_->weighted()) throw std::logic_error("values without weights");
  if (!values.empty()) count_alike(series, values);
}

template <class T>
void SeriesReducer::Tally::count_alike(size_t series, std::span<const T> values) {
  prefetch(series + 1);
  const Sums sums = sums_of(values, reducer_->shift_[series]);
  sums_[2 * series] += sums.deviation;
  sums_[2 * series + 1] += sums.square;
  lowest_[series] = std::min(lowest_[series], sums.lowest + 0.0);
  highest_[series] = std::max(highest_[series], sums.highest + 0.0);
  if (series == 0) sums_.back() += static_cast<double>(values.size());
  const double* table = reducer_->tree_of(series).data();
  const BinRule rule = reducer_->rules_[series];
  uint32_t* counts = counts_.data() + series * most_bins;
  if (sums.lowest == sums.highest) {  // a product not launched yet, a known number
    count_in_bins(sums.lowest, static_cast<uint32_t>(values.size()), table, rule, counts);
  } else {
    count_in_bins(values, table, rule, counts);
  }
  if (!below_.empty()) count_below(values, reducer_->thresholds_of(series), below_of(series));
}

void SeriesReducer::Tally::count_weighted(size_t series, std::span<const double> values,
                                          std::span<const uint32_t> weights) {
  if (series == 0) {
    const uint64_t weight = std::accumulate(weights.begin(), weights.end(), uint64_t{0});
    weight_ += weight;
    if (!weight_of_.empty()) weight_of_[replicate_] += weight;
    sums_.back() += squares_of(weights);
  }
  const WeightedSums sums = weighted_sums_of(values, weights, reducer_->shift_[series]);
  double* out = sums_.data() + 4 * series;
  out[0] += sums.deviation;
  out[1] += sums.square;
  out[2] += sums.weighted_deviation;
  out[3] += sums.weighted_square;
  lowest_[series] = std::min(lowest_[series], sums.lowest + 0.0);
  highest_[series] = std::max(highest_[series], sums.highest + 0.0);
  const double* tree = reducer_->tree_of(series).data();
  const BinRule rule = reducer_->rules_[series];
  const int shift = square_shift(reducer_->trials_);
  BinMass* masses = masses_.data() + series * most_bins;
  if (sums.lowest == sums.highest) {
    BinMass all;
    for (const uint32_t weight : weights) all += mass_of(weight, shift);
    count_in_bins(sums.lowest, all, tree, rule, masses);
  } else {
    count_in_bins(values, weights, shift, tree, rule, masses);
  }
  if (below_.empty()) return;
  weigh_below(values, weights, reducer_->thresholds_of(series), below_of(series));
}

void SeriesReducer::Tally::prefetch(size_t series) const {
  if (series >= lowest_.size()) return;
  constexpr size_t cache_line = 64;
  const auto fetch = [&](const void* row, size_t bytes) {
    for (size_t at = 0; at < bytes; at += cache_line) {
      __builtin_prefetch(static_cast<const char*>(row) + at);
    }
  };
  const size_t bins = bins_of(reducer_->rules_[series]);
  if (!reducer_->rules_[series].zones) {
    fetch(reducer_->tree_of(series).data(), bins * sizeof(double));
  }
  if (masses_.empty()) {
    fetch(counts_.data() + series * most_bins, bins * sizeof(uint32_t));
  } else {
    fetch(masses_.data() + series * most_bins, bins * sizeof(BinMass));
  }
}

void SeriesReducer::Tally::end_block(uint64_t block_index) {
  std::vector<double> next(sums_.size());
  std::swap(next, sums_);
  reducer_->block_sums_[replicate_].add(block_index, std::move(next));
}

void SeriesReducer::merge(Tally&& tally) {
  const Tally taken = std::move(tally);
  add(taken);
  add_up();
}

void SeriesReducer::pass_pilot(StateStream& stream) {
  if (all_kept()) throw std::logic_error("every trial is kept: there is no pilot to pass");
  if (stream.reads()) make_room();
  for (BinRule& rule : rules_) {
    stream.pass(rule.steps);
    stream.pass(rule.multiples);
    stream.pass(rule.zones);
    if (rule.steps >= std::bit_width(most_bins)) throw DamagedState("more bins than there are");
  }
  stream.pass(std::span(trees_));
  stream.pass(std::span(shift_));
  stream.pass(std::span(thresholds_));
  stream.pass(std::span(pilot_sums_));
  SeriesCounts::pass(stream);
  if (!stream.reads()) return;
  std::vector<double>().swap(pilot_);
  add_up();
}

void SeriesReducer::forget_pilot() {
  SeriesCounts::operator=(Tally(*this));
  std::fill(pilot_sums_.begin(), pilot_sums_.end(), 0);
}

void SeriesReducer::pass_counted(StateStream& stream) {
  if (!stream.reads()) {
    SeriesCounts::pass(stream);
    for (OrderedSum& sums : block_sums_) sums.pass(stream, width());
    return;
  }
  Tally part(*this);
  part.pass(stream);
  for (OrderedSum& sums : block_sums_) sums.pass(stream, width());
  merge(std::move(part));
}

void SeriesReducer::pass_kept(StateStream& stream, uint64_t first, uint64_t last) {
  if (!all_kept() || first > last || last > trials_) {
    throw std::logic_error(fmt::format("trials {} to {} are not kept", first, last));
  }
  const uint64_t trials = last - first;
  for (size_t s = 0; s < series_; ++s) stream.pass(pilot_of(s).subspan(first, trials));
  if (weighted()) stream.pass(std::span(pilot_weights_).subspan(first, trials));
}

double SeriesReducer::effective_sample_size() const {
  const double last = total_sums_.back();
  if (!weighted()) return last;
  const double weight = static_cast<double>(weight_) / weight_unit;
  return weight > 0 ? weight * weight / last : 0;
}

std::vector<double> SeriesReducer::replicate_weights() const {
  std::vector<double> weights;
  for (size_t r = 0; r < replicates_.count; ++r) {
    weights.push_back(weighted() ? static_cast<double>(weight_of_[r]) / weight_unit
                                 : replicate_sums_[(r + 1) * width() - 1]);
  }
  return weights;
}

double SeriesReducer::error_of_mean(size_t deviation) const {
  std::vector<double> deviations;
  for (size_t r = 0; r < replicates_.count; ++r) {
    deviations.push_back(replicate_sums_[r * width() + deviation]);
  }
  return error_of_ratio(deviations, replicate_weights());
}

std::array<double, 7> SeriesReducer::errors_of_shares(size_t series) const {
  const std::vector<double> wholes = replicate_weights();
  const double rounding = rounding_of_share(replicates_, effective_sample_size());
  std::array<double, 7> errors{};
  std::vector<double> below(replicates_.count);
  for (size_t i = 0; i < errors.size(); ++i) {
    for (size_t r = 0; r < replicates_.count; ++r) {
      below[r] = static_cast<double>(below_[first_threshold(series, r) + i]);
      if (weighted()) below[r] /= weight_unit;
    }
    errors[i] = std::max(error_of_ratio(below, wholes), rounding);
  }
  return errors;
}

template <class ValueAtRank>
SeriesStatistics SeriesReducer::plain_statistics(size_t series, ValueAtRank value_at_rank) const {
  SeriesStatistics out;
  const double n = total_sums_.back();
  const double deviation = total_sums_[2 * series];
  const double square = total_sums_[2 * series + 1];
  out.mean = shift_[series] + deviation / n + 0.0;
  out.sd = n > 1 ? std::sqrt(std::max(0.0, square - deviation * deviation / n) / (n - 1)) : nan;
  out.mean_se = out.sd / std::sqrt(n);
  if (!std::isfinite(out.mean)) return no_statistics();
  std::array<double, 7> errors{};
  if (replicates_.are_many()) {
    out.mean_se = error_of_mean(2 * series);
    errors = errors_of_shares(series);
  }
  const auto reach_of = [&](size_t i) {
    const double q = reported_quantiles[i];
    return replicates_.are_many() ? reach_of_90_percent(replicates_).z * n * errors[i]
                                  : z_90 * std::sqrt(n * q * (1 - q));
  };
  read_quantiles(static_cast<uint64_t>(n), value_at_rank, reach_of, out);
  return out;
}

SeriesStatistics SeriesReducer::statistics(size_t series) const {
  if (weighted()) return weighted_statistics(series);
  if (search_) {
    return plain_statistics(series, [&](uint64_t rank) { return search_->value(series, rank); });
  }
  if (all_kept()) {
    const double* sorted = pilot_.data() + series * pilot_trials_;
    return plain_statistics(series, [&](uint64_t rank) { return sorted[rank]; });
  }
  const BinReader reader = bins_of_series(series);
  return plain_statistics(series, [&](uint64_t rank) { return reader.value_at_rank(rank); });
}

BinReader SeriesReducer::bins_of_series(size_t series) const {
  const BinReader reader(trees_.data() + series * most_bins, counts_.data() + series * most_bins,
                         rules_[series], lowest_[series], highest_[series]);
  if (static_cast<double>(reader.count()) != total_sums_.back()) {
    throw std::logic_error(fmt::format("series {} was given {} of {} trials", series,
                                       reader.count(), total_sums_.back()));
  }
  return reader;
}

bool SeriesReducer::plan_search(int threads) {
  if (all_kept()) return false;
  if (weighted()) throw std::logic_error("ranks of trials that are weighted");
  if (!search_ || !counts_.empty()) begin_search(threads);
  return search_->plan(most_searched(series_), threads);
}

void SeriesReducer::begin_search(int threads) {
  if (!search_) search_ = std::make_unique<RankSearch>(series_);
  FirstError error;
#pragma omp parallel for schedule(static) num_threads(std::max(1, threads))
  for (size_t s = 0; s < series_; ++s) {
    error.run([&] {
      bins_of_series(s);  // whether it was given every trial
      std::vector<uint64_t> ranks;
      plain_statistics(s, [&](uint64_t rank) {
        ranks.push_back(rank);
        return 0.0;
      });
      const std::span counts(counts_.data() + s * most_bins, bins_of(rules_[s]));
      search_->ask(s, std::move(ranks),
                   {tree_of(s).data(), rules_[s], counts, lowest_[s], highest_[s]});
    });
  }
  error.rethrow();
  std::vector<uint32_t>().swap(counts_);
}

SeriesStatistics SeriesReducer::weighted_statistics(size_t series) const {
  SeriesStatistics out;
  const double* sums = total_sums_.data() + 4 * series;
  const double weight = static_cast<double>(weight_) / weight_unit;
  const double squares = total_sums_.back();
  const double mean = sums[0] / weight;  // of deviations
  out.mean = shift_[series] + mean + 0.0;
  if (!std::isfinite(out.mean)) return no_statistics();
  const double ess = effective_sample_size();
  const double correction = ess > 1 ? ess / (ess - 1) : nan;
  const double variance = std::max(0.0, sums[1] - mean * sums[0]) / weight;
  out.sd = std::sqrt(variance * correction);
  const double of_mean = std::max(0.0, sums[3] - mean * (2 * sums[2] - mean * squares));
  out.mean_se = std::sqrt(of_mean * correction) / weight;
  std::vector<double> reaches;
  if (replicates_.are_many()) {
    out.mean_se = error_of_mean(4 * series);
    for (const double error : errors_of_shares(series)) {
      reaches.push_back(reach_of_90_percent(replicates_).z * error * static_cast<double>(weight_));
    }
  }
  read_weighted(series, [&](const auto& reader) { read_weighted_quantiles(reader, reaches, out); });
  return out;
}

template <class Read>
void SeriesReducer::read_weighted(size_t series, Read read) const {
  if (all_kept()) {
    const auto kept = pilot_trials_ - static_cast<uint64_t>(std::count(pilot_weights_.begin(),
                                                                       pilot_weights_.end(), 0u));
    const size_t row = series * pilot_trials_;
    read(SampleReader({pilot_.data() + row, kept}, {sorted_weights_.data() + row, kept}));
    return;
  }
  const int shift = square_shift(trials_);
  // Bins hold squares in 4^shift; a margin for their rounding.
  if (total_sums_.back() > 0.99 * std::ldexp(1.0, 2 * shift)) {
    throw std::logic_error("weights of 2^22 and more in root mean square");
  }
  const MassReader reader(trees_.data() + series * most_bins, masses_.data() + series * most_bins,
                          shift, rules_[series], lowest_[series], highest_[series]);
  if (reader.weight() != weight_) {
    throw std::logic_error(
        fmt::format("series {} was given a weight of {} of {}", series, reader.weight(), weight_));
  }
  read(reader);
}

std::vector<double> SeriesReducer::values_below(size_t series,
                                                std::span<const double> shares) const {
  std::vector<double> values(shares.size(), nan);
  if (!weighted()) {
    if (!all_kept()) throw std::logic_error("the distribution of trials neither weighted nor kept");
    const double* sorted = pilot_.data() + series * pilot_trials_;
    if (!std::isfinite(total_sums_[2 * series] + shift_[series])) return values;
    for (size_t i = 0; i < shares.size(); ++i) {
      values[i] =
          between_ranks(trials_, shares[i], [&](uint64_t rank) { return sorted[rank] + 0.0; });
    }
    return values;
  }
  if (!std::isfinite(total_sums_[4 * series] + shift_[series]) || weight_ == 0) return values;
  read_weighted(series, [&](const auto& reader) {
    for (size_t i = 0; i < shares.size(); ++i) {
      values[i] = reader.at(shares[i] * static_cast<double>(reader.weight())).value + 0.0;
    }
  });
  return values;
}

}  // namespace fabcast
