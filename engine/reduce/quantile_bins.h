#pragma once
/// Quantiles of a series without storing it: a sorted pilot places the edges of bins, the other
/// values are counted between them, and an order statistic is read off the counts. Counts are
/// integers, so they add up to the same bits in any order.
///
/// A pilot of which no value comes three times, but perhaps its lowest (nothing made, nothing
/// left), is taken for a continuous series above a floor. Each reported quantile q that lies above
/// it has a zone, 4.5 of the pilot's standard errors sqrt(q (1 - q) / n) of probability to either
/// side, cut into 34 bins of equal width, with a bin below and one above up to the next zone; a
/// value's bin is computed, not searched. The floor has a bin of its own, and what is below it.
/// Where density changes so much within a zone that one bin holds 1.25 of those errors and more (a
/// cap of one plan among several), edges are placed by rank as below.
///
/// Other repeated values (caps, whole numbers) get bins of their own, so that a quantile that
/// falls on one is exactly that value; bins lie between at most 255 edges, which are searched:
///   - at most 127 different values in the pilot: each has a bin [a, next double after a);
///   - all pilot values whole, or whole multiples of another step (spares of whole pods, as sums of
///     them happen to be rounded): edges lie halfway between multiples and what is read is a
///     multiple, but for its last digit;
///   - else every 0.2 pilot standard errors within 2 of q, every 0.5 up to 4.5, elsewhere about
///     every 2.5 %, and the heaviest repeated values, as many as there are edges left.
///
/// Where trials are weighted all edges are searched, at equal steps of the pilot's mass (rules for
/// repeated values as above), and bins hold sums of weights and of their squares: the ones tell
/// where a quantile lies, the others how uncertain the mass below it is.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fabcast {

/// The quantiles that every result reports.
inline constexpr std::array<double, 7> reported_quantiles{0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};

/// Edges and counts of one series have this many places.
inline constexpr size_t most_bins = 256;

/// How one series' edges are to be read.
struct BinRule {
  uint8_t steps = 0;       ///< of a search: 2^steps bins between 2^steps - 1 edges
  bool multiples = false;  ///< of a step; edges lie halfway between them
  bool zones = false;      ///< bins are computed; the table holds the zones in place of a tree
};

/// Where bins are computed: that of the floor, between the one below it and those of the zones.
inline constexpr size_t floor_bin = 1;
/// Bins of one zone: one below it, those within, one above.
inline constexpr size_t zone_bins = 36;
/// Bins of all zones, and two for the floor and what is below it.
inline constexpr size_t bins_with_zones = 2 + reported_quantiles.size() * zone_bins;
static_assert(bins_with_zones <= most_bins);

/// Bins that a rule makes.
inline size_t bins_of(BinRule rule) {
  return rule.zones ? bins_with_zones : size_t{1} << rule.steps;
}

/// Upper end of the bin that holds `value` alone. For zero the least normal double, so that a
/// processor that flushes subnormal numbers counts the same.
double end_of_atom(double value);

/// Writes at most 255 ascending edges as the tree that make_bins describes.
BinRule make_tree(std::span<const double> edges, std::span<double, most_bins> table);

/// Where edges lie in a sorted pilot of n values, as ranks (real numbers in [0, n - 1], ascending).
std::vector<double> edge_ranks(size_t pilot_values);

/// Writes the table that count_in_bins reads for this sorted pilot (at least one value, no negative
/// zeros): the zones, or the edges as a binary search tree: the root at 1, below i the smaller ones
/// from 2 i and the others from 2 i + 1 (so what most searches read lies together); unused edges
/// are +infinity; at 0 the step, of a series of multiples. `ranks`:
/// edge_ranks(sorted_pilot.size()). A pilot that holds an infinity or a NaN gets no edge: its
/// series has no quantiles.
BinRule make_bins(std::span<const double> sorted_pilot, std::span<const double> ranks,
                  std::span<double, most_bins> table);

/// The same for weighted trials, whose bins are always searched: `ranks` from weighted_ranks.
BinRule make_searched_bins(std::span<const double> sorted_pilot, std::span<const double> ranks,
                           std::span<double, most_bins> table);

/// Where edges lie in a sorted pilot of which `weights` tells each value's weight, as ranks: at
/// equal steps of mass, of which one half is shared alike by the values and the other as they
/// weigh. The first half keeps bins where weights of the pilot's few heavy trials say little; it is
/// all there is where no value has weight. 223 ranks: the other edges are for repeated values.
std::vector<double> weighted_ranks(std::span<const uint32_t> weights);

/// counts[b] += the number of values in [edges[b - 1], edges[b]). Bin 0 holds what is below every
/// edge, and NaNs. Branch-free: a computed bin, or a binary search of up to 8 steps.
void count_in_bins(std::span<const double> values, const double* table, BinRule rule,
                   uint32_t* counts);
void count_in_bins(std::span<const float> values, const double* table, BinRule rule,
                   uint32_t* counts);

/// The same bins of at most 256 values, into `bin`.
void find_bins(std::span<const double> values, const double* table, BinRule rule, int* bin);
void find_bins(std::span<const float> values, const double* table, BinRule rule, int* bin);

/// The same of one value that comes so many times.
void count_in_bins(double value, uint32_t times, const double* table, BinRule rule,
                   uint32_t* counts);

/// What fell into a bin where trials are weighted.
struct BinMass {
  uint64_t weight = 0;
  uint64_t square = 0;  ///< squared weights, each rounded to a multiple of 4^shift, in 4^shift

  BinMass& operator+=(const BinMass& other) {
    weight += other.weight;
    square += other.square;
    return *this;
  }
};

/// Rounding shift of squared weights by which `trials` of them, below 2^22 in root mean square, add
/// up to less than 2^64: 0, so exact, up to a million trials, 6 for 2^32.
int square_shift(uint64_t trials);

/// Of one trial.
inline BinMass mass_of(uint32_t weight, int shift) {
  const uint64_t square = uint64_t{weight} * weight;
  return {weight, (square + ((uint64_t{1} << (2 * shift)) >> 1)) >> (2 * shift)};
}

/// Adds each value's mass to its bin; values and weights of equal number. No zones.
void count_in_bins(std::span<const double> values, std::span<const uint32_t> weights, int shift,
                   const double* tree, BinRule rule, BinMass* bins);

/// The same of one value, with the mass of all trials that have it.
void count_in_bins(double value, BinMass mass, const double* tree, BinRule rule, BinMass* bins);

/// The ends of bins, and values in them.
class BinEdges {
 public:
  /// `lowest`, `highest`: of all counted values, for the open tails.
  BinEdges(const double* table, BinRule rule, double lowest, double highest);

  size_t bins() const { return bins_; }
  double lowest() const { return lowest_; }
  double highest() const { return highest_; }
  /// Of whose multiples all values are, but for rounding; 0: of none.
  double step() const { return step_; }
  /// Upper ends of all bins but the last, ascending.
  std::span<const double> inner() const { return std::span(edges_).first(bins_ - 1); }

  /// The value a part, in [0, 1), of the way through a bin: that of a repeated value's own bin,
  /// else linear between the bin's ends.
  double value_in(size_t bin, double part) const;

 private:
  size_t bins_;
  double step_;  ///< of whose multiples all values are; 0: of none
  double lowest_, highest_;
  std::array<double, most_bins> edges_;  ///< [b]: upper end of bin b
};

/// Order statistics from counts.
class BinReader {
 public:
  /// `lowest`, `highest`: of all counted values, for the open tails.
  BinReader(const double* table, const uint32_t* counts, BinRule rule, double lowest,
            double highest);

  uint64_t count() const { return before_[edges_.bins()]; }
  /// Upper ends of all bins but the last, ascending.
  std::span<const double> edges() const { return edges_.inner(); }

  /// The value of this rank, 0 to count() - 1 from the lowest: exact in a repeated value's own bin,
  /// and for ranks 0 and count() - 1; else linear in rank between the bin's ends.
  double value_at_rank(uint64_t rank) const;

 private:
  BinEdges edges_;
  std::array<uint64_t, most_bins + 1> before_;  ///< values below bin b; [bins]: all
};

/// A point of a weighted distribution.
struct MassPoint {
  double value;
  double squares;  ///< sum of squared weights of what lies below
};

/// The same of weighted trials.
class MassReader {
 public:
  /// `lowest`, `highest`: of all values of weight.
  MassReader(const double* tree, const BinMass* bins, int shift, BinRule rule, double lowest,
             double highest);

  uint64_t weight() const { return weight_before_[edges_.bins()]; }
  double squares() const { return squares_before_[edges_.bins()]; }

  /// Where `mass` of the weight lies below: exact in a repeated value's own bin, else linear in
  /// mass between the bin's ends; below zero the lowest value, from weight() on the highest. A
  /// repeated value's weight is taken to lie below in part, as if its trials were in any order.
  MassPoint at(double mass) const;

 private:
  BinEdges edges_;
  std::array<uint64_t, most_bins + 1> weight_before_;
  std::array<double, most_bins + 1> squares_before_;
};

}  // namespace fabcast
