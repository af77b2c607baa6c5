#pragma once
/// Spearman's rank correlation: which inputs an output goes with, whatever the shape of the
/// relation as long as it is monotone.

#include <span>
#include <vector>

namespace fabcast {

/// Rank of each value, 1 for the lowest; equal values share the mean of their ranks. NaNs rank
/// highest, each alone.
std::vector<double> average_ranks(std::span<const double> values);

/// Pearson's correlation of two columns of ranks of equal length, in [-1, 1]: Spearman's rho, ties
/// included. NaN where either column has one rank only. For many columns rank each once.
double correlation_of_ranks(std::span<const double> x, std::span<const double> y);

/// Spearman's rho of two columns of equal length.
double rank_correlation(std::span<const double> x, std::span<const double> y);

}  // namespace fabcast
