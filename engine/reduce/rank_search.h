#pragma once
/// Order statistics of many series, exactly, without keeping the trials: the trials run again, and
/// again, and each pass brackets the asked ranks more closely, until the values within the brackets
/// are few enough to keep and choose from.
///
///   RankSearch search(series);
///   search.ask(s, ranks, of what a first pass counted);        each series that is asked of
///   while (search.plan(most_kept, threads)) {
///     on each thread, block by block over all trials:
///       auto pass = search.pass();
///       for each block { for each s where search.looks_at(s) { pass.take(s, values); } }
///       search.merge(std::move(pass));
///   }
///   search.value(s, rank)
///
/// A pass either keeps the values of the bins that hold asked ranks, or, where these are more than
/// most_kept, cuts those bins into finer ones and counts. So a rank that lies where the bins of the
/// first pass are wide, outside what its pilot took for the neighbourhood of the quantile, is found
/// as surely as others, by a pass more. Bins are counted again where values are kept: a rank that
/// was believed to lie in another bin than it does (where the first pass placed values of its pilot
/// with more digits than the others') is looked for next to it. Values are compared as numbers and
/// counts are whole: what is found is the order statistic itself, the same bits for any number of
/// threads and any order of blocks.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "reduce/quantile_bins.h"

namespace fabcast {

/// What was counted of a series in the bins of a table (quantile_bins.h), which stays.
struct CountedBins {
  const double* table;
  BinRule rule;
  std::span<const uint32_t> counts;  ///< by bin
  double lowest, highest;            ///< of all values
};

class ValueSorter;

class RankSearch {
 public:
  explicit RankSearch(size_t series);

  static constexpr size_t most_ranks = 64;

  /// Finds the values of these ranks, 0 to the number of values less 1 from the lowest. Once a
  /// series, before the first plan(). Concurrent calls for different series are safe. Throws
  /// std::logic_error for more than most_ranks, or one that there is not.
  void ask(size_t series, std::vector<uint64_t> ranks, const CountedBins& counted);

  /// Before all, in place of a plan(): a pass that keeps every value of all series, so many each.
  /// Its series are asked of when it has run.
  void plan_to_keep_all(uint64_t values);

  /// Takes up what the last pass came to, if there was one, and plans the next: false where every
  /// value is known. `most_kept`: values that a pass may keep, of all series together.
  bool plan(uint64_t most_kept, int threads = 1);

  /// Largest memory of a search with its passes, bytes.
  static uint64_t memory_bytes(size_t series, uint64_t most_kept, int threads);

  /// Whether the planned pass needs the values of this series.
  bool looks_at(size_t series) const { return series_[series].task != Task::rest; }

  /// One thread's part of a pass over all trials.
  class Pass {
   public:
    /// Of each trial once, for each series that is looked at; in any order.
    void take(size_t series, std::span<const double> values);
    void take(size_t series, std::span<const float> values);

   private:
    friend class RankSearch;
    explicit Pass(RankSearch& search);
    RankSearch* search_;
    std::vector<uint32_t> counts_;
  };
  Pass pass() { return Pass(*this); }
  /// Adds what a part counted. Not concurrent with itself.
  void merge(Pass&& pass);

  /// The value of a rank that was asked for, once plan() is false; throws std::logic_error of any
  /// other.
  double value(size_t series, uint64_t rank) const;

  /// Passes that were planned.
  int passes() const { return passes_; }

 private:
  enum class Task : uint8_t { rest, keep, cut };
  /// Values in [low, high): so many of them, after so many below, as far as is known.
  struct Bracket {
    double low, high;
    uint64_t before, count;
    size_t bin;
  };
  struct Sought {
    uint64_t rank;
    double value;
    bool found;
  };
  struct OfSeries {
    std::vector<Sought> sought;     ///< by rank
    std::vector<Bracket> brackets;  ///< of what is not found, ascending
    const double* table = nullptr;  ///< by which values find their bin
    BinRule rule;
    std::vector<double> tree;      ///< the table, once it is the series' own
    std::vector<uint8_t> cell_of;  ///< where it keeps, by bin: of a bracket odd, between them even
    double lowest = 0, highest = 0, step = 0;
    uint64_t values = 0;
    uint64_t capacity = 0;    ///< values that it may keep
    uint64_t overflowed = 0;  ///< values that there were when they were more than that
    size_t kept_at = 0;
    size_t first = 0;  ///< of its places in counts: bins where it cuts, else cells
    bool must_cut = false;
    Task task = Task::rest;

    size_t cells() const { return 2 * brackets.size() + 1; }
  };

  /// A rank between two values, of which it is known how many lie below: found, or in a bracket.
  static void look_between(OfSeries& series, Sought& sought, Bracket between);
  /// Brackets of the ranks that are not found: the bins in which they lie.
  template <class Count>
  static void bracket(OfSeries& series, std::span<const Count> counts);
  static void plan_to_keep(OfSeries& series);
  void plan_to_cut(OfSeries& series) const;
  /// For what a pass keeps and counts.
  void make_room(size_t kept, size_t counts);
  /// Reads ranks off the values that were kept.
  void choose(size_t series, std::span<const uint64_t> counts, ValueSorter& sorter);
  void take_up(int threads);
  template <class T>
  void take(Pass& pass, size_t series, std::span<const T> values);

  std::vector<OfSeries> series_;
  int passes_ = 0;
  // Of the planned pass:
  std::vector<double> kept_;
  std::unique_ptr<std::atomic<uint64_t>[]> filled_;  ///< by series: values within its brackets
  std::vector<uint64_t> counts_;
};

}  // namespace fabcast
