#pragma once
/// Counts of events over trials, with their intervals. All counts are whole numbers: they add up to
/// the same bits for any number of threads and any order.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fabcast {

struct Interval {
  double low = 0, high = 0;
};

/// How many standard deviations a normal interval reaches to each side. A type of its own, so that
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
/// varies most between trials where each trial's is 0 or 1.
Interval wilson_of_share(double share, uint64_t trials, NormalReach reach);

/// The first cell of a histogram of ordered cells by which at least a share `level`, in (0, 1], of
/// all counts has come; nothing where all cells are empty.
std::optional<size_t> quantile_cell(std::span<const uint64_t> cells, double level);

}  // namespace fabcast
