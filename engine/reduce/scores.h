#pragma once
/// Scores of forecasts that are weighted samples, by Gneiting and Raftery (2007),
/// doi:10.1198/016214506000001437: sharp forecasts score better, provided that they are right about
/// their own uncertainty.

#include <array>
#include <span>
#include <vector>

#include "reduce/counts.h"

namespace fabcast {

/// The levels of a central interval.
struct CentralLevels {
  double probability, low, high;
};
inline constexpr std::array<CentralLevels, 3> central_levels{
    {{0.5, 0.25, 0.75}, {0.8, 0.10, 0.90}, {0.9, 0.05, 0.95}}};

/// A sample whose values count by their weights; the same as each value repeated, where weights are
/// whole.
class WeightedSample {
 public:
  /// Throws std::invalid_argument for spans of unequal length, a value that is not finite, a weight
  /// that is negative or not finite, and where no weight is positive. Of n values: O(n log n).
  WeightedSample(std::span<const double> values, std::span<const double> weights);

  /// The least value x with F(x) >= level, level in (0, 1], F the weighted share of values up to x
  /// ("type 1" of Hyndman and Fan 1996, doi:10.1080/00031305.1996.10473566).
  double quantile(double level) const;

  Interval central_interval(CentralLevels levels) const {
    return {quantile(levels.low), quantile(levels.high)};
  }

  /// Probability integral transform of what came, in [0, 1]: the weighted share of values below y
  /// and half of those equal to it, which has mean 1/2 with ties, too. O(log n).
  double pit(double y) const;

  /// Continuous ranked probability score, the integral of (F(x) - 1{x >= y})^2 dx, in the unit of
  /// the values, at least 0, lower is better. Exact for the sample. Of a single value: |value - y|,
  /// so that a point forecast x scores |x - y|. O(n).
  double crps(double y) const;

 private:
  std::vector<double> values_;      ///< ascending
  std::vector<double> cumulative_;  ///< weight of this value and all before it
};

/// Whether y lies in the interval, its ends included.
constexpr bool covers(Interval interval, double y) {
  return interval.low <= y && y <= interval.high;
}

}  // namespace fabcast
