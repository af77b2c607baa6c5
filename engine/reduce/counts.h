#pragma once
/// Counts of events over trials, with their intervals, and the same where trials are weighted. All
/// counts and sums of weights are whole numbers: they add up to the same bits for any number of
/// threads and any order.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fabcast {

struct Interval {
  double low = 0, high = 0;
};

/// How many standard errors an interval reaches to each side. A type of its own, so that
/// it cannot be taken for a confidence.
struct NormalReach {
  double z;
};
inline constexpr NormalReach z_of_90_percent{1.6448536269514722};

/// Confidence interval of a probability from `hits` in `trials`: Wilson (1927) without continuity
/// correction, the method recommended by Newcombe (1998, doi:10.1002/(SICI)1097-0258(19980430)17:
/// 8<857::AID-SIM777>3.0.CO;2-E). Within [0, 1], and exactly 0 or 1 at the end where there is no
/// hit or no miss. No trials: [0, 1].
Interval wilson(uint64_t hits, uint64_t trials, NormalReach reach);

/// The same for a mean share, such as the share of trial-months in which memory binds: `share` in
/// [0, 1] is averaged over `trials` independent trials. Months of one trial go together, so the
/// trial is what counts; the interval is too wide rather than too narrow, for a share of given mean
/// varies most between trials where each trial's is 0 or 1. Of weighted trials: their effective
/// number.
Interval wilson_of_share(double share, double trials, NormalReach reach);

/// Effective number of weighted trials, (sum w)^2 / sum w^2: as many equally weighted ones would
/// leave the mean of a quantity that does not go with the weights as uncertain (Kish 1965, Survey
/// Sampling; for importance weights Kong, Liu and Wong 1994, doi:10.1080/01621459.1994.10476469).
/// From 1 to the number of weights above zero; 0 where there is none.
double effective_sample_size(std::span<const uint32_t> weights);

/// Confidence interval of a probability from weighted trials: `hits` and `total` are sums of the
/// weights of the trials with the event and of all, `hits_squared` and `total_squared` those of
/// their squares, in any unit of weight. It is Wilson's at the number of equally weighted trials in
/// which p = hits / total would vary as much as here, n = p (1 - p) / var, where
///   var = ((1 - p)^2 hits_squared + p^2 (total_squared - hits_squared)) / total^2
/// is the variance of a ratio of weighted sums (Owen 2013, Monte Carlo theory, methods and
/// examples, ch. 9, on self-normalised importance sampling). So n is not the effective number of
/// trials where events go with the weights: it is above it where what has the event weighs little,
/// below it where it weighs much. Where every weighted trial has the event, or none, nothing tells
/// var, and n is the effective number of trials. With equal weights it is wilson(). No weight:
/// [0, 1].
Interval weighted_wilson(double hits, double total, double hits_squared, double total_squared,
                         NormalReach reach);

/// The first cell of a histogram of ordered cells, of counts or of sums of weights, by which at
/// least a share `level`, in (0, 1], of all has come; nothing where all cells are empty.
std::optional<size_t> quantile_cell(std::span<const uint64_t> cells, double level);

}  // namespace fabcast
