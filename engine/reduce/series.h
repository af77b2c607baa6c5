#pragma once
/// Mean, standard deviation and quantiles of many series (a variable, entity and period each) over
/// all trials, without keeping the trials.
///
///   SeriesReducer reducer(series, trials);
///   for trials below reducer.pilot_trials():  reducer.keep(s, first_trial, values);
///   reducer.end_pilot(threads);
///   on each thread, for the other trials, block by block:
///     auto tally = reducer.tally();
///     for each block { for each s { tally.count(s, values); } tally.end_block(block); }
///     reducer.merge(std::move(tally));
///   reducer.statistics(s)
///
/// A run may be divided among processes: each keeps the whole pilot and counts some of the blocks
/// after it; then one of them, or another, adds up what was counted.
///
///   in each:      reducer.end_pilot(); reducer.pass_pilot(to pilot bytes, the same in all);
///                 reducer.forget_pilot(); tallies of its own blocks, merge(…);
///                 reducer.pass_counted(to bytes)
///   added up in:  reducer.pass_pilot(from the pilot bytes);
///                 reducer.pass_counted(from the bytes of each)
///   Where all trials are kept, reducer.pass_kept(bytes, first, last) stands for all of these.
///
/// The result has the same bits for any number of threads and any order of blocks and merges, given
/// the same division into blocks: quantiles come from integer counts, moments from sums within each
/// block in a fixed order, added over a fixed tree of blocks.
///
/// Up to 4,096 trials, or what is asked, are all kept, and quantiles are those of the sample:
/// linear between order statistics ("type 7" of Hyndman and Fan 1996, NumPy's default), x[h] at h =
/// (N - 1) q. Beyond, a pilot of 2,048 trials places bins (quantile_bins.h) and an order statistic
/// is read off their counts: exact for whole numbers near the quantile and for repeated values,
/// else linear inside a bin. Error of that, at N = 100,000 for normal, lognormal (sigma 1) and
/// uniform series (tests/reduce/series_test.cc): it shifts the mean of the estimate by less than 3
/// % of the Monte Carlo standard error of the quantile, and leaves its root mean square error about
/// the true quantile within 3 % of that of the exact sample quantile. From the exact sample
/// quantile itself it differs by 5 to 8 % of that standard error (root mean square over samples).
///
/// Where the trials can be run again, order statistics are found exactly (rank_search.h):
///
///   after the merges, while (reducer.plan_search(threads)):
///     on each thread: auto pass = reducer.search().pass();
///     for each block of all trials, for each s that reducer.search().looks_at(s):
///       pass.take(s, values);
///     reducer.search().merge(std::move(pass));
///
/// Trials may be weighted, by the likelihood of what was observed (importance weights), or by 0 and
/// 1 for the statistics of a subset:
///
///   SeriesReducer reducer(series, trials, Weighted::yes);
///   and reducer.keep_weights(first_trial, weights) of the pilot, tally.count(s, values, weights)
///
/// Only the ratios of weights matter; weights of 0 leave their trials, numbers or not, out of
/// account. With u = w / sum w:
///   mean      m = sum u x
///   ess       1 / sum u^2: effective_sample_size()
///   sd        sqrt(c sum u (x - m)^2), c = ess / (ess - 1)
///   mean_se   sqrt(c sum u^2 (x - m)^2): the delta method for a ratio of two means, of
///             self-normalised importance sampling (Owen 2013, Monte Carlo theory, methods and
///             examples, ch. 9); c makes it sd / sqrt(N) where weights are equal
///   quantile  x where q of the weight lies below. Where all trials are kept: linear between the
///             middles of the steps of the weighted sample ("type 5" of Hyndman and Fan where
///             weights are equal); else read off bins of weight, linear in weight inside a bin
///   low, high quantiles at q -+ 1.645 se(q), linear in weight as above, se(q)^2 =
///             (1 - q)^2 S_below + q^2 (S_all - S_below) and S sums of u^2: the variance of the
///             weight below the quantile, inverted (Woodruff 1952,
///             doi:10.1080/01621459.1952.10483443). Heavy trials in one tail widen the intervals
///             there alone, which a count of effective trials would not tell.
/// Error of reading off these wider bins at N = 100,000, for a normal of which the proposals are
/// shifted by one standard deviation (tests/reduce/weighted_series_test.cc): from the exact
/// quantile of the weighted sample it differs by 5 to 16 % of the quantile's standard error (root
/// mean square), its mean by up to 7 %, and its root mean square error about the true quantile is
/// within 5 % of the exact one's. The shift, up to 1e-4 of probability, does not shrink with N.
///
/// Trials that depend on one another come in independent replicates (random/replicates.h):
///
///   SeriesReducer reducer(series, trials, weighted, replicates);
///   and tally.of_replicate(r) before a block is counted, whose trials are all of replicate r
///
/// Then errors come from how replicates differ, of R replicates with t = Student's quantile for R -
/// 1 degrees of freedom (replicate_error.h):
///   mean_se   the error of a ratio, sum of w x over sum of w
///   low, high values at ranks N q - 0.5 -+ t N e, rounded outward: e is the error of the share of
///             trials below a threshold next to the quantile, fixed by the pilot (Woodruff's
///             inversion as above); weighted: quantiles at q -+ t e
///
/// Memory: memory_bytes(). 12,000 series, 100,000 trials, 2 threads: 0.24 GB; weighted 0.27 GB.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "base/state_stream.h"
#include "random/replicates.h"
#include "reduce/ordered_sum.h"
#include "reduce/quantile_bins.h"
#include "reduce/rank_search.h"

namespace fabcast {

class ValueSorter;

/// What is reported of a series; where trials are weighted, with the formulas above. All NaN where
/// the series holds an infinity or a NaN (in a trial of weight), or no trial has weight.
struct SeriesStatistics {
  double mean = 0;
  double sd = 0;                     ///< sample standard deviation (N - 1), NaN for one trial
  double mean_se = 0;                ///< sd / sqrt(N): the mean's Monte Carlo standard error
  std::array<double, 7> quantile{};  ///< of reported_quantiles
  /// 90 % confidence interval of each quantile, free of any assumption on the distribution: the
  /// order statistics of ranks N q + 0.5 -+ 1.645 sqrt(N q (1 - q)) (from 1), rounded outward and
  /// kept within 1 to N. Where N q is below 3 or so the sample is too small for 90 %.
  std::array<double, 7> low{}, high{};
};

enum class Weighted : bool { no, yes };

/// What is counted of trials, by series: whole numbers and ends, which add up in any order.
class SeriesCounts {
 protected:
  SeriesCounts() = default;
  /// Nothing counted yet.
  SeriesCounts(size_t counts, size_t masses, size_t series, Replicates replicates);
  void add(const SeriesCounts& other);
  void pass(StateStream& stream);

  std::vector<uint32_t> counts_;  ///< series x most_bins; or
  std::vector<BinMass> masses_;   ///< the same where trials are weighted
  uint64_t weight_ = 0;           ///< of all trials
  // Of many replicates alone:
  std::vector<uint64_t> weight_of_;  ///< by replicate, where trials are weighted
  std::vector<uint64_t> below_;      ///< weight below thresholds (replicates x series x quantiles)
  std::vector<double> lowest_, highest_;
};

class SeriesReducer : private SeriesCounts {
 public:
  static constexpr uint64_t most_exact_trials = 4096;  ///< up to here every value is kept
  static constexpr uint64_t pilot_of_more = 2048;      ///< kept to place bins where there are more
  /// Trials up to which so few series keep all values: 64 MiB of them.
  static uint64_t most_kept_of(size_t series) {
    return std::max<uint64_t>(most_exact_trials, (uint64_t{1} << 23) / std::max<size_t>(series, 1));
  }

  /// `most_kept`: trials up to which every value is kept, at least most_exact_trials. Throws
  /// std::invalid_argument for no trial or 2^32 and more.
  SeriesReducer(size_t series, uint64_t trials, Weighted weighted = Weighted::no,
                Replicates replicates = {}, uint64_t most_kept = most_exact_trials);

  /// Largest memory of a reducer of this size with its tallies, bytes; of one that searches, too.
  static uint64_t memory_bytes(size_t series, uint64_t trials, int threads,
                               Weighted weighted = Weighted::no, Replicates replicates = {},
                               uint64_t most_kept = most_exact_trials, bool searches = false);

  size_t series() const { return series_; }
  bool weighted() const { return weighted_ == Weighted::yes; }
  /// Trials 0 to pilot_trials() - 1 are kept, the others counted.
  uint64_t pilot_trials() const { return pilot_trials_; }

  /// values[i] is that of trial first_trial + i. Each trial below pilot_trials() once for each
  /// series; concurrent calls for different trials or series are safe.
  void keep(size_t series, uint64_t first_trial, std::span<const double> values);

  /// weights[i] is that of trial first_trial + i, in any unit; each trial below pilot_trials()
  /// once. With bins (more than 4,096 trials) the root mean square of all weights must stay below
  /// 2^22. Concurrent calls for different trials are safe. Throws std::logic_error where trials are
  /// not weighted.
  void keep_weights(uint64_t first_trial, std::span<const uint32_t> weights);

  /// After every keep and before the first tally: sorts, places bins, frees the pilot.
  void end_pilot(int threads = 1);

  /// One thread's counts of trials after the pilot.
  class Tally : private SeriesCounts {
   public:
    /// All trials of the block being counted; once a block for each series, or part by part.
    /// weights[i] is that of values[i], the same for every series; none where trials are not
    /// weighted: throws std::logic_error for any other number.
    void count(size_t series, std::span<const double> values,
               std::span<const uint32_t> weights = {});
    /// The same of values in single precision, where trials are not weighted.
    void count(size_t series, std::span<const float> values);
    /// The replicate of the blocks that are counted from here on; 0 until it is told.
    void of_replicate(uint64_t replicate) { replicate_ = replicate; }
    /// Hands the block's sums over. Each index once over all tallies.
    void end_block(uint64_t block_index);

   private:
    friend class SeriesReducer;
    explicit Tally(SeriesReducer& reducer);
    template <class T>
    void count_alike(size_t series, std::span<const T> values);
    void count_weighted(size_t series, std::span<const double> values,
                        std::span<const uint32_t> weights);
    /// Calls for the memory that the next series will count in: a search cannot be foreseen.
    void prefetch(size_t series) const;
    /// Weights below the thresholds of a series, of the replicate that is being counted.
    uint64_t* below_of(size_t series) {
      return below_.data() + reducer_->first_threshold(series, replicate_);
    }
    SeriesReducer* reducer_;
    uint64_t replicate_ = 0;
    std::vector<double> sums_;  ///< of this block, as total_sums_
  };

  Tally tally() { return Tally(*this); }

  /// Adds a tally's counts. Not concurrent with itself.
  void merge(Tally&& tally);

  /// After end_pilot and before the first tally: bins, and what the pilot's trials count. Reading
  /// stands in for the pilot.
  void pass_pilot(StateStream& stream);
  /// After end_pilot and before the first tally: what is counted from here on stands alone.
  void forget_pilot();
  /// After the merges: what was counted since forget_pilot(). Reading adds it.
  void pass_counted(StateStream& stream);
  /// Where every trial is kept, before end_pilot: those from `first` to before `last`.
  void pass_kept(StateStream& stream, uint64_t first, uint64_t last);
  /// Whether every trial is kept.
  bool all_kept() const { return trials_ == pilot_trials_; }

  /// After the merges: whether quantiles are not yet known exactly. Plans another pass over all
  /// trials, the pilot's too, of search(); none where all are kept. Until it says no there are no
  /// statistics any more. Throws std::logic_error where trials are weighted, or the series was not
  /// given every trial.
  bool plan_search(int threads = 1);
  /// The planned pass: of each series that it looks at, every trial.
  RankSearch& search() {
    if (!search_) throw std::logic_error("a search that was not planned");
    return *search_;
  }
  /// Before end_pilot, where there is memory for every value (most_kept_of): the first pass of
  /// search() is planned when the pilot ends, and looks at what is counted after it. Then no trial
  /// runs again.
  void search_while_counting() { searches_at_once_ = !all_kept() && !weighted(); }
  bool searches_at_once() const { return searches_at_once_; }

  /// After the merges. Throws std::logic_error where the series was not given every trial, or
  /// weights were too large.
  SeriesStatistics statistics(size_t series) const;

  /// Values below which these shares, in [0, 1], of the weight of all trials lie, read as quantiles
  /// are: the distribution, as fine as the bins of weighted trials lie everywhere. NaN where there
  /// are no statistics. After the merges; throws std::logic_error where trials are neither weighted
  /// nor all kept.
  std::vector<double> values_below(size_t series, std::span<const double> shares) const;

  /// Effective number of trials (counts.h), after the merges; without weights their number.
  double effective_sample_size() const;

 private:
  void end_plain_pilot(size_t series, const std::vector<double>& ranks, std::vector<double>& sorted,
                       ValueSorter& sorter);
  void end_weighted_pilot(size_t series, std::vector<double>& sorted,
                          std::vector<uint32_t>& sorted_weights, ValueSorter& sorter);
  SeriesStatistics weighted_statistics(size_t series) const;
  /// Of trials that are not weighted, where value_at_rank tells values by rank.
  template <class ValueAtRank>
  SeriesStatistics plain_statistics(size_t series, ValueAtRank value_at_rank) const;
  BinReader bins_of_series(size_t series) const;
  void begin_search(int threads);
  /// Calls read(reader) with what reads the weighted distribution of a series.
  template <class Read>
  void read_weighted(size_t series, Read read) const;
  std::span<double> pilot_of(size_t series) {
    return std::span(pilot_).subspan(series * pilot_trials_, pilot_trials_);
  }
  std::span<double, most_bins> tree_of(size_t series) {
    return std::span(trees_).subspan(series * most_bins).first<most_bins>();
  }
  /// Place of a series' first threshold in below_ of a replicate.
  size_t first_threshold(size_t series, uint64_t replicate) const {
    return (replicate * series_ + series) * reported_quantiles.size();
  }
  const double* thresholds_of(size_t series) const {
    return thresholds_.data() + series * reported_quantiles.size();
  }
  /// Calls each(replicate, first trial, trials) with the parts of the pilot.
  template <class Each>
  void each_part_of_pilot(Each each) const;
  /// Errors of the shares below the thresholds of a series, and of rounding at the least; and of
  /// its mean, from the sums of `deviation`.
  std::array<double, 7> errors_of_shares(size_t series) const;
  double error_of_mean(size_t deviation) const;
  /// What each replicate weighs: trials, or weights in 2^32.
  std::vector<double> replicate_weights() const;
  /// Sums of pilot and blocks.
  void add_up();
  /// For what end_pilot makes.
  void make_room();
  size_t sums_of_a_series() const { return weighted() ? 4 : 2; }
  size_t width() const { return sums_of_a_series() * series_ + 1; }

  size_t series_;
  uint64_t trials_, pilot_trials_;
  Weighted weighted_;
  Replicates replicates_;
  std::vector<double> pilot_;  ///< series x pilot trials; sorted and kept where all_kept()
  std::vector<uint32_t> pilot_weights_;   ///< of pilot trials
  std::vector<uint32_t> sorted_weights_;  ///< where all_kept(), of the sorted pilot
  std::vector<double> trees_;             ///< edges, series x most_bins
  std::vector<BinRule> rules_;            ///< by series
  std::vector<double> shift_;             ///< the pilot's median: deviations are from it
  std::vector<double> thresholds_;        ///< of many replicates (series x quantiles)
  /// By replicate and series the sum of deviations and of their squares, with weights w also those
  /// of w^2 times each; at the end the number of trials, with weights the sum of w^2. Weights in
  /// 2^32.
  std::vector<double> pilot_sums_;
  std::vector<OrderedSum> block_sums_;  ///< by replicate the same, of the blocks after the pilot
  std::vector<double> replicate_sums_;  ///< both together, made by end_pilot and merge
  std::vector<double> total_sums_;      ///< the same over replicates
  std::unique_ptr<RankSearch> search_;  ///< where quantiles are to be exact
  bool searches_at_once_ = false;
};

}  // namespace fabcast
