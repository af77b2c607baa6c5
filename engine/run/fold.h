#pragma once
/// Folds months into quarters and years: the values of a block's trials, series by series.

#include <span>
#include <vector>

#include "run/block.h"
#include "run/outputs.h"

namespace fabcast {

/// Takes a closed period's values: block_lanes doubles, one a trial.
class PeriodSink {
 public:
  virtual ~PeriodSink() = default;
  virtual void take(size_t series, size_t period, const double* values) = 0;
};

class PeriodFold {
 public:
  PeriodFold(const Model& model, std::span<const Series> series, std::span<const Period> periods);

  /// Forgets the last block.
  void begin();
  /// Adds a month; hands each period that ends with it to the sink.
  void month(int month, const TrialBlock& block, PeriodSink& sink);

 private:
  struct Plan {
    OutputKind kind;
    const Series* series;
    int quarter = -1, year = -1;  ///< first accumulator row: numerator, then denominator of a rate
  };
  /// Period that ends with a month, -1: none is reported.
  struct Ends {
    int quarter = -1, year = -1;
    bool closes_quarter = false, closes_year = false;
  };
  const double* value(const Plan& plan, int accumulator, double months, const TrialBlock& block);

  std::vector<Plan> plans_;
  std::vector<Ends> ends_;
  TrialBlock sums_;
  int months_in_quarter_ = 0, months_in_year_ = 0;
};

/// Sum of a series' terms in this month, into `out`.
void add_terms(std::span<const Term> terms, const TrialBlock& block, double* out);

/// numerator / denominator, 0 where the denominator is 0.
void divide_columns(const double* numerator, const double* denominator, double* out);

}  // namespace fabcast
