#pragma once
/// The operation census: how many dear operations one trial of a scenario takes, counted from its
/// plans. Times the best rates of a machine (study/floor.h) it is the floor under a trial's cost.
///
/// Counted is what a lane of a kernel does, whatever its trial draws. Left out, so that the floor
/// is never too high: additions, multiplications, comparisons; what one call does for all lanes;
/// and the two formulas that run lane by lane, weights of delays and beta quantiles without a
/// table. tests/census counts the same in a running pipeline.

#include <array>
#include <span>
#include <string_view>

#include "run/outputs.h"

namespace fabcast {

/// Each without those inside another: the logarithm in a normal quantile is part of it.
enum class Operation {
  uniform,          ///< generated, used as it is
  normal,           ///< generated, by the quantile of a uniform
  normal_quantile,  ///< of a probability that was not drawn for it
  normal_cdf,
  exp,
  expm1_over,
  log,
  log1p,
  division,
  square_root
};
inline constexpr std::array<std::string_view, 10> operation_names{
    "uniform",    "normal", "normal_quantile", "normal_cdf", "exp",
    "expm1_over", "log",    "log1p",           "division",   "square_root"};
inline constexpr size_t operation_count = operation_names.size();
static_assert(static_cast<size_t>(Operation::square_root) + 1 == operation_count);

/// A number for each operation: how often, or how long.
struct PerOperation {
  std::array<double, operation_count> each{};

  double& operator[](Operation operation) { return each[static_cast<size_t>(operation)]; }
  double operator[](Operation operation) const { return each[static_cast<size_t>(operation)]; }
};

/// Operations of one trial: its draws, its months, and their folding into these series.
PerOperation census_of(const Model& model, std::span<const Series> series);

}  // namespace fabcast
