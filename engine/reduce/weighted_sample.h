#pragma once
/// Sums and quantiles of weighted values.

#include <cstdint>
#include <span>
#include <vector>

#include "reduce/quantile_bins.h"

namespace fabcast {

/// Weights are summed in this unit, so that squares overflow no earlier than without weights.
inline constexpr double weight_unit = 0x1p32;

/// Sums over values x of weight w, in units of 2^32, and their lowest and highest. What has no
/// weight is left out, numbers or not.
struct WeightedSums {
  double deviation, square;                    ///< of w (x - shift), w (x - shift)^2
  double weighted_deviation, weighted_square;  ///< of w^2 (x - shift), w^2 (x - shift)^2
  double lowest, highest;  ///< +infinity and -infinity where no number has weight
};

/// Values and weights of equal number. The same bits on every machine.
WeightedSums weighted_sums_of(std::span<const double> values, std::span<const uint32_t> weights,
                              double shift);

/// Sum of squared weights, in units of 2^64.
double squares_of(std::span<const uint32_t> weights);

/// The distribution of a weighted sample that is kept.
class SampleReader {
 public:
  /// Sorted values, one at least, each of weight above zero. The values must outlive the reader.
  SampleReader(std::span<const double> sorted, std::span<const uint32_t> weights);

  double weight() const { return weight_before_.back(); }
  double squares() const { return squares_before_.back(); }

  /// Where `mass` of the weight lies below: linear from the middle of each value's step to that of
  /// the next, level before the first and after the last. Squared weights are linear in a step.
  MassPoint at(double mass) const;

 private:
  double middle(size_t step) const { return (weight_before_[step] + weight_before_[step + 1]) / 2; }

  std::span<const double> sorted_;
  std::vector<double> weight_before_, squares_before_;
};

}  // namespace fabcast
