#pragma once
/// Values of series over a date or a span of months: what questions and observations ask.

#include <span>
#include <vector>

#include "run/block.h"
#include "run/outputs.h"
#include "scenario/spec.h"

namespace fabcast {

/// A series and when: `at` a period, its months [first, last] alone (a flow's sum, a stock at the
/// end, a level's mean, a rate's flow-weighted mean); `by`, every month up to `last` (a flow's sum
/// since the first month of the run, else the month's own value).
struct Asked {
  int series = -1;
  OutputKind kind = OutputKind::stock;
  QuestionTime time = QuestionTime::at;
  int first = 0, last = 0;  ///< months of the run
};

/// Where a series, and the dates, of a spec's period stand in the run.
Asked asked_at(int series, const Period& period, Month first_month);

/// One thread's values of what is asked, month by month.
class Probes {
 public:
  Probes(std::span<const Asked> asked, std::span<const Series> series);

  size_t size() const { return asked_.size(); }
  const Asked& asked(size_t i) const { return asked_[i]; }
  /// Takes a month in, in order. True: value(i) is to be looked at.
  bool month(size_t i, int month, const TrialBlock& block);
  /// One number a trial.
  const Real* value(size_t i) const { return columns_[static_cast<int>(i) * column_count + now]; }

 private:
  enum Column { numerator, denominator, now, column_count };
  std::vector<Asked> asked_;
  std::span<const Series> series_;
  TrialBlock columns_;
};

/// The series of "variable entity"; -1 and told at `at` where there is none, with the nearest name.
int named_series(const std::string& variable, const std::string& entity, SourcePosition at,
                 std::span<const Series> series, Diagnostics& diagnostics);

}  // namespace fabcast
