#pragma once
/// Counts of events over trials, with their intervals. All counts are whole numbers: they add up to
/// the same bits for any number of threads and any order.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fabcast {

struct Interval {
  double low = 0, high = 0;
};

/// Confidence interval of a probability from `hits` in `trials`: Wilson (1927) without continuity
/// correction, the method recommended by Newcombe (1998, doi:10.1002/(SICI)1097-0258(19980430)17:
/// 8<857::AID-SIM777>3.0.CO;2-E). Within [0, 1], and exactly 0 or 1 at the end where there is no
/// hit or no miss. `confidence` in (0, 1), say 0.90. No trials: [0, 1].
Interval wilson(uint64_t hits, uint64_t trials, double confidence);

/// How many standard deviations a normal interval reaches to each side. A type of its own, so that
/// it cannot be taken for a confidence.
struct NormalReach {
  double z;
};
inline constexpr NormalReach z_of_90_percent{1.6448536269514722};
/// wilson() where the reach is known beforehand.
Interval wilson(uint64_t hits, uint64_t trials, NormalReach reach);

/// The same for a mean share, such as the share of trial-months in which memory binds: `share` in
/// [0, 1] is averaged over `trials` independent trials. Months of one trial go together, so the
/// trial is what counts; the interval is too wide rather than too narrow, for a share of given mean
/// varies most between trials where each trial's is 0 or 1.
Interval wilson_of_share(double share, uint64_t trials, double confidence);

/// The first cell of a histogram of ordered cells by which at least a share `level`, in (0, 1], of
/// all counts has come; nothing where all cells are empty.
std::optional<size_t> quantile_cell(std::span<const uint64_t> cells, double level);

/// How often each of many events occurred. One a thread, merged.
class EventCounter {
 public:
  explicit EventCounter(size_t events) : hits_(events) {}

  void add(size_t event, uint64_t hits) { hits_[event] += hits; }

  /// Counts event first + code for each code 0, 1, … codes - 1 (which constraint bound, say); any
  /// other value, NaN included, counts nothing.
  void add_codes(size_t first, size_t codes, std::span<const double> values);

  void merge(const EventCounter& other);

  size_t events() const { return hits_.size(); }
  uint64_t hits(size_t event) const { return hits_[event]; }

 private:
  std::vector<uint64_t> hits_;
};

/// In which month something first happens, for each of many questions: counts of trials by month of
/// the horizon, and of those in which it never does. One a thread, merged.
class FirstMonthCounter {
 public:
  FirstMonthCounter(size_t questions, size_t months)
      : months_(months), hits_(questions * (months + 1)) {}

  /// One value a trial: the month's index, 0 to months - 1. Any other value, NaN and infinity
  /// included, means never.
  void add(size_t question, std::span<const double> first_months);

  void merge(const FirstMonthCounter& other);

  size_t months() const { return months_; }
  uint64_t hits(size_t question, size_t month) const { return row(question)[month]; }
  uint64_t never(size_t question) const { return row(question)[months_]; }
  uint64_t trials(size_t question) const;

  /// Trials in which it happened in this month or before.
  uint64_t reached_by(size_t question, size_t month) const;

  /// The first month by which at least a share p, in (0, 1], of the trials had it happen; nothing
  /// where that is never, or without trials.
  std::optional<size_t> quantile(size_t question, double p) const;

 private:
  std::span<const uint64_t> row(size_t question) const {
    return std::span(hits_).subspan(question * (months_ + 1), months_ + 1);
  }
  size_t months_;
  std::vector<uint64_t> hits_;  ///< questions x (months + 1), the last: never
};

}  // namespace fabcast
