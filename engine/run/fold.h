#pragma once
/// Folds months into quarters and years. A month adds each block row that any series needs to that
/// row's sum over the quarter, once; series are put together from the sums when the quarter ends.

#include <span>
#include <utility>
#include <vector>

#include "run/block.h"
#include "run/outputs.h"

namespace fabcast {

/// Where closed periods go: the column of (series, period), block_lanes numbers, begins at
/// values + period x period_stride + series x series_stride.
struct PeriodColumns {
  Real* values;
  size_t period_stride, series_stride;
};

class PeriodFold {
 public:
  PeriodFold(const Model& model, std::span<const Series> series, std::span<const Period> periods);

  /// Forgets the last block.
  void begin();
  /// Adds a month; writes each period that ends with it.
  void month(int month, const TrialBlock& block, const PeriodColumns& out);

 private:
  struct Plan {
    OutputKind kind;
    std::vector<Term> numerator, denominator;  ///< of rows_: a stock's in the block, else in sums_
    int year = -1;  ///< first row of its year's sums: numerator, then denominator of a rate
  };
  /// Period that ends with a month, -1: none is reported.
  struct Ends {
    int quarter = -1, year = -1;
    bool closes_quarter = false, closes_year = false;
  };

  std::vector<Plan> plans_;
  std::vector<std::pair<int, int>> summed_;  ///< row of the block, row of sums_
  std::vector<Ends> ends_;
  TrialBlock sums_;
  int months_in_quarter_ = 0, months_in_year_ = 0;
};

/// out += the sum of the terms.
void add_terms(std::span<const Term> terms, const TrialBlock& block, Real* out);

/// numerator / denominator, 0 where the denominator is 0.
void divide_columns(int lanes, In numerator, In denominator, Out out);

}  // namespace fabcast
