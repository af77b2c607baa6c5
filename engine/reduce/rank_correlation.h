#pragma once
/// Spearman's rank correlation: which inputs an output goes with, whatever the shape of the
/// relation as long as it is monotone.

#include <cstdint>
#include <span>
#include <vector>

namespace fabcast {

/// Rank of each value, 1 for the lowest; equal values share the mean of their ranks. NaNs rank
/// highest, each alone.
std::vector<double> average_ranks(std::span<const double> values);

/// Pearson's correlation of two columns of ranks of equal length, in [-1, 1]: Spearman's rho, ties
/// included. NaN where either column has one rank only. For many columns rank each once.
double correlation_of_ranks(std::span<const double> x, std::span<const double> y);

/// The same where trials are weighted, `weights` one for each value: n M / W + 1/2, where M is the
/// weight of lower values and half that of equal ones (this one included), W the weight of all and
/// n the number of weights above zero. With equal weights, and for those above zero where the
/// others are equal, they are the ranks above. Throws std::logic_error for unequal lengths.
std::vector<double> average_ranks(std::span<const double> values,
                                  std::span<const uint32_t> weights);

/// Weighted Pearson's correlation of two columns of ranks made with these weights: Spearman's rho
/// of the weighted distribution. NaN where trials of weight have one rank only in either column.
double correlation_of_ranks(std::span<const double> x, std::span<const double> y,
                            std::span<const uint32_t> weights);

/// Spearman's rho of two columns of equal length.
double rank_correlation(std::span<const double> x, std::span<const double> y);

}  // namespace fabcast
