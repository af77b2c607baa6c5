#include "reduce/quantile_bins.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double half_zone = 4.5;  ///< pilot standard errors around a reported quantile
/// Most pilot standard errors of probability in a bin of a zone; 0.26 where density is even. In
/// more, the quantile would be read off a line where nothing is known of the density.
constexpr double densest = 1.25;
constexpr size_t fewest_for_zones =
    512;  ///< values above the floor; fewer say little of repetitions
/// Above, a lane's numbers have no halves, and being whole says nothing.
constexpr double whole_limit = sizeof(Real) == sizeof(double) ? 0x1p51 : 0x1p22;
/// Of a step. Where steps are finer, bins hold many of them; and what comes from rounding would not
/// be told from a step.
constexpr double most_multiple = 1e5;
constexpr size_t place_of_step = 0;  ///< in a tree, whose root is at 1
constexpr size_t most_edges = most_bins - 1;
constexpr size_t weighted_edges = most_edges - 32;  ///< those left end repeated values

/// The point a part `f` of the way from low to high, also where their difference overflows.
double between(double low, double high, double f) {
  return std::clamp((1 - f) * low + f * high, low, high);
}

bool all_whole(std::span<const double> sorted) {
  if (!(std::abs(sorted.front()) < whole_limit && std::abs(sorted.back()) < whole_limit)) {
    return false;
  }
  return std::all_of(sorted.begin(), sorted.end(), [](double x) { return x == std::floor(x); });
}

/// A whole number, but for what rounding takes of a sum.
bool is_whole(double x) { return std::abs(x - std::round(x)) <= count_slack * (1 + std::abs(x)); }

/// The first whole number that is not below x, and the last that is not above it; what is whole but
/// for rounding is itself.
double first_whole(double x) { return is_whole(x) ? std::round(x) : std::ceil(x); }
double last_whole(double x) { return is_whole(x) ? std::round(x) : std::floor(x); }

/// The least difference of two values where all are whole multiples of it, but for what rounding
/// takes of a sum of such (count_slack); else 0.
double step_of_multiples(std::span<const double> sorted) {
  const double largest = std::max(std::abs(sorted.front()), std::abs(sorted.back()));
  double step = infinity;
  for (size_t i = 1; i < sorted.size(); ++i) {
    const double gap = sorted[i] - sorted[i - 1];
    if (gap > count_slack * largest) step = std::min(step, gap);
  }
  if (!(step < infinity && largest / step < most_multiple)) return 0;
  step = largest / std::round(largest / step);
  const bool are_multiples =
      std::all_of(sorted.begin(), sorted.end(), [step](double x) { return is_whole(x / step); });
  return are_multiples ? step : 0;
}

/// The different values of `sorted`, or nothing where there are more than `most`.
std::vector<double> few_different(std::span<const double> sorted, size_t most) {
  std::vector<double> different;
  for (const double x : sorted) {
    if (!different.empty() && different.back() == x) continue;
    if (different.size() == most) return {};
    different.push_back(x);
  }
  return different;
}

/// Whether no value of an ascending range comes three times. Twice may two trials of a continuous
/// series come to the same float.
template <class Iterator>
bool none_thrice(Iterator first, Iterator last) {
  for (; last - first > 2; ++first) {
    if (first[0] == first[2]) return false;
  }
  return true;
}

struct Atom {
  size_t count;
  double value;
};

/// Edges at the ranks; where one falls into a run of equal values it is that value, and the run is
/// added to `atoms`.
std::vector<double> edges_at(std::span<const double> sorted, std::span<const double> ranks,
                             std::vector<Atom>& atoms) {
  std::vector<double> edges;
  edges.reserve(most_edges);
  for (const double rank : ranks) {
    const auto below = static_cast<size_t>(rank);
    const double low = sorted[below];
    const double high = sorted[std::min(below + 1, sorted.size() - 1)];
    if (low == high && (atoms.empty() || atoms.back().value != low)) {
      const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), low);
      atoms.push_back({static_cast<size_t>(last - first), low});
    }
    const double edge = between(low, high, rank - static_cast<double>(below));
    if (edges.empty() || edges.back() < edge) edges.push_back(edge);
  }
  return edges;
}

/// Adds the ends of the heaviest atoms, as many as there are edges left.
template <class EndOf>
void end_atoms(std::vector<Atom>& atoms, std::vector<double>& edges, EndOf end_of) {
  std::stable_sort(atoms.begin(), atoms.end(),
                   [](const Atom& a, const Atom& b) { return a.count > b.count; });
  for (size_t i = 0; i < atoms.size() && edges.size() < most_edges; ++i) {
    edges.push_back(end_of(atoms[i].value));
  }
}

/// Edges halfway between multiples of a step: below the first multiple from each rank's value on,
/// and above the heaviest.
std::vector<double> edges_between_multiples(std::span<const double> sorted,
                                            std::span<const double> ranks, double step) {
  // Copies of a multiple may differ in their last digits.
  std::vector<double> multiples(sorted.begin(), sorted.end());
  for (double& x : multiples) x = step * std::round(x / step);
  const auto below = [step](double x) { return (first_whole(x / step) - 0.5) * step; };
  std::vector<double> edges;
  std::vector<Atom> atoms;
  for (const double edge : edges_at(multiples, ranks, atoms)) {
    if (edges.empty() || edges.back() < below(edge)) edges.push_back(below(edge));
  }
  end_atoms(atoms, edges, [&](double x) { return below(x) + step; });
  return edges;
}

/// The place in the tree of the edge that is `order`-th (from 1) in ascending order.
size_t tree_place(size_t order, int steps) {
  const int above_leaves = std::countr_zero(order);
  return (size_t{1} << (steps - 1 - above_leaves)) + (order >> (above_leaves + 1));
}

constexpr size_t zones = reported_quantiles.size();
constexpr size_t below_zones = 2;  ///< bins: of what is below the floor, and of the floor
constexpr double zone_inside = zone_bins - 2;

/// Zones as they stand in a table, in double, or as values of less precision are counted by them.
template <class T>
struct Zones {
  T floor;           ///< the lowest value, where it repeats; else -infinity
  T floor_end;       ///< end of its bin
  T from[zones];     ///< values from here on belong to this zone or a later one
  T low[zones];      ///< lower end of its inner bins: a value of the pilot
  T per_bin[zones];  ///< inner bins per unit of value
};
static_assert(sizeof(Zones<double>) <= most_bins * sizeof(double));

Zones<double> zones_in(const double* table) {
  Zones<double> from;
  std::copy_n(table, sizeof(from) / sizeof(double), &from.floor);
  return from;
}

/// The least T that is not below an edge: it parts values of type T as the edge does.
template <class T>
T edge_for(double edge) {
  const T near = static_cast<T>(edge);
  return static_cast<double>(near) < edge ? std::nextafter(near, std::numeric_limits<T>::infinity())
                                          : near;
}

template <class T>
Zones<T> zones_of(const double* table) {
  const Zones<double> all = zones_in(table);
  Zones<T> made;
  made.floor = edge_for<T>(all.floor);
  made.floor_end = edge_for<T>(all.floor_end);
  for (size_t z = 0; z < zones; ++z) {
    made.from[z] = edge_for<T>(all.from[z]);
    made.low[z] = static_cast<T>(all.low[z]);
    made.per_bin[z] = static_cast<T>(all.per_bin[z]);
  }
  return made;
}

/// Value at a real rank, linear between the order statistics; ranks outside are cut.
double value_near(std::span<const double> sorted, double rank) {
  rank = std::clamp(rank, 0.0, static_cast<double>(sorted.size() - 1));
  const auto below = static_cast<size_t>(rank);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return between(sorted[below], sorted[above], rank - static_cast<double>(below));
}

/// Most values that one of a zone's inner bins holds.
double densest_bin(std::span<const double> sorted, double low, double high, double per_bin) {
  std::array<int, zone_bins> values{};
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), low);
  const auto last = std::lower_bound(first, sorted.end(), high);
  for (auto value = first; value != last; ++value) {
    ++values[std::min(static_cast<size_t>((*value - low) * per_bin), zone_bins - 1)];
  }
  return *std::max_element(values.begin(), values.end());
}

/// Zones over the values above the floor, which comes `at_floor` times. A zone that lies within the
/// floor stays empty. False where a zone cannot be cut into bins of equal width, for it is too
/// narrow or most of its values lie together: the table is then as it was.
bool make_zones(std::span<const double> sorted, size_t at_floor, double* table) {
  const auto n = static_cast<double>(sorted.size());
  const auto first_above = static_cast<double>(at_floor);
  Zones<double> made;
  made.floor = at_floor > 0 ? sorted[0] : -infinity;
  made.floor_end = end_of_atom(made.floor);
  bool any = false;
  double last_high = 0;
  for (size_t z = 0; z < zones; ++z) {
    const double q = reported_quantiles[z];
    const double reach = half_zone * std::sqrt(q * (1 - q) * n);
    if (q * (n - 1) + reach < first_above + 1) {
      made.from[z] = made.low[z] = made.floor_end;
      made.per_bin[z] = 1;
      continue;
    }
    const double low = sorted[static_cast<size_t>(std::max(q * (n - 1) - reach, first_above))];
    const double high = value_near(sorted, q * (n - 1) + reach);
    made.low[z] = low;
    made.per_bin[z] = zone_inside / (high - low);
    made.from[z] = any ? between(last_high, low, 0.5) : made.floor_end;
    if (!(high > low) || !std::isnormal(made.per_bin[z])) return false;
    if (densest_bin(sorted, low, high, made.per_bin[z]) > densest * reach / half_zone) return false;
    if (any && !(made.from[z] > made.from[z - 1])) return false;
    any = true;
    last_high = high;
  }
  std::copy_n(&made.floor, sizeof(made) / sizeof(double), table);
  return true;
}

/// Upper ends of all bins but the last.
void edges_of_zones(const double* table, double* edges) {
  const Zones<double> from = zones_in(table);
  *edges++ = from.floor;
  *edges++ = from.floor_end;
  for (size_t z = 0; z < zones; ++z) {
    const double last = z + 1 < zones ? from.from[z + 1] : infinity;
    for (size_t bin = 0; bin + 1 < zone_bins; ++bin) {
      *edges++ =
          std::clamp(from.low[z] + static_cast<double>(bin) / from.per_bin[z], from.from[z], last);
    }
    if (z + 1 < zones) *edges++ = last;
  }
}

/// A value's zone while it is looked for.
template <class T>
struct ZoneOf {
  T low, per_bin, first_bin;
};

/// Moves on to zone z where the value lies at its beginning or beyond.
template <class T>
FABCAST_INLINE void move_on(const Zones<T>& table, size_t z, T value, ZoneOf<T>& zone) {
  const T low = table.low[z], per_bin = table.per_bin[z];
  const auto first_bin = static_cast<T>(below_zones + z * zone_bins);
  const bool on = value >= table.from[z];
  zone.low = on ? low : zone.low;
  zone.per_bin = on ? per_bin : zone.per_bin;
  zone.first_bin = on ? first_bin : zone.first_bin;
}

template <class T, size_t... z>
FABCAST_INLINE T bin_of(const Zones<T>& table, T value, std::index_sequence<z...>) {
  constexpr T last = zone_bins - 1;
  ZoneOf<T> zone{table.low[0], table.per_bin[0], below_zones};
  (move_on(table, z + 1, value, zone), ...);
  T place = (value - zone.low) * zone.per_bin + 1;
  place = place > 0 ? place : T(0);
  place = place < last ? place : last;
  const T at_floor = value >= table.floor ? T(1) : T(0);  // NaNs go to bin 0
  return value >= table.floor_end ? zone.first_bin + place : at_floor;
}

template <class T>
FABCAST_KERNEL void place_in_zones(int values, const T* __restrict x, const Zones<T>& table,
                                   int* __restrict bin) {
  FABCAST_LANES
  for (int i = 0; i < values; ++i) {
    bin[i] = static_cast<int>(bin_of(table, x[i], std::make_index_sequence<zones - 1>{}));
  }
}

template <class T>
void count_in_zones(std::span<const T> values, const double* table, uint32_t* counts) {
  const Zones<T> from = zones_of<T>(table);
  constexpr size_t together = 256;
  int bin[together];
  for (size_t done = 0; done < values.size(); done += together) {
    const size_t many = std::min(together, values.size() - done);
    place_in_zones(static_cast<int>(many), values.data() + done, from, bin);
    for (size_t i = 0; i < many; ++i) ++counts[bin[i]];
  }
}

/// `many` searches side by side: each step of one waits for the step before, those of others do
/// not. The comparison's 0 or 1 is added, so that nothing is there to mispredict. What the k-th
/// search finds goes to add(k, bin).
template <int steps, size_t many, class T, class Add>
FABCAST_INLINE void search_together(const T* x, const double* tree, Add add) {
  size_t node[many];
#pragma GCC unroll 8
  for (size_t k = 0; k < many; ++k) node[k] = 1;
#pragma GCC unroll 8
  for (int step = 0; step < steps; ++step) {
#pragma GCC unroll 8
    for (size_t k = 0; k < many; ++k)
      node[k] = 2 * node[k] + (tree[node[k]] <= static_cast<double>(x[k]));
  }
#pragma GCC unroll 8
  for (size_t k = 0; k < many; ++k) add(k, node[k] - (size_t{1} << steps));
}

template <int steps, class T, class Add>
FABCAST_INLINE void search_with_steps(std::span<const T> values, const double* tree, Add add) {
  constexpr size_t together = 8;
  size_t i = 0;
  const auto add_from = [&](size_t k, size_t bin) { add(i + k, bin); };
  for (; i + together <= values.size(); i += together) {
    search_together<steps, together>(values.data() + i, tree, add_from);
  }
  for (; i < values.size(); ++i) search_together<steps, 1>(values.data() + i, tree, add_from);
}

/// add(i, bin) for each value, in order. One step and more.
template <class T, class Add>
void search_all(std::span<const T> values, const double* tree, int steps, Add add) {
  switch (steps) {
    case 1:
      return search_with_steps<1>(values, tree, add);
    case 2:
      return search_with_steps<2>(values, tree, add);
    case 3:
      return search_with_steps<3>(values, tree, add);
    case 4:
      return search_with_steps<4>(values, tree, add);
    case 5:
      return search_with_steps<5>(values, tree, add);
    case 6:
      return search_with_steps<6>(values, tree, add);
    case 7:
      return search_with_steps<7>(values, tree, add);
    default:
      return search_with_steps<8>(values, tree, add);
  }
}

size_t search_one(double value, const double* tree, int steps) {
  size_t node = 1;
  for (int step = 0; step < steps; ++step) node = 2 * node + (tree[node] <= value);
  return node - (size_t{1} << steps);
}

}  // namespace

double end_of_atom(double value) {
  return value == 0 ? std::numeric_limits<double>::min() : std::nextafter(value, infinity);
}

BinRule make_tree(std::span<const double> edges, std::span<double, most_bins> table) {
  BinRule rule;
  while ((size_t{1} << rule.steps) <= edges.size()) ++rule.steps;
  const size_t places = (size_t{1} << rule.steps) - 1;
  for (size_t i = 0; i < places; ++i) {
    table[tree_place(i + 1, rule.steps)] = i < edges.size() ? edges[i] : infinity;
  }
  return rule;
}

std::vector<double> edge_ranks(size_t pilot_values) {
  const auto n = static_cast<double>(pilot_values);
  const auto error_of = [n](double q) { return std::sqrt(q * (1 - q) / n); };
  std::vector<double> at;  // probabilities
  for (const double q : reported_quantiles) {
    for (int i = -15; i <= 15; ++i) {
      const int beyond = std::max(0, std::abs(i) - 10);
      const double offset = 0.2 * std::min(std::abs(i), 10) + 0.5 * beyond;
      at.push_back(q + (i < 0 ? -offset : offset) * error_of(q));
    }
  }
  const auto add_coarse = [&](double p) {
    for (const double q : reported_quantiles) {
      if (std::abs(p - q) <= half_zone * error_of(q)) return;
    }
    at.push_back(p);
  };
  for (const double p : {0.005, 0.01, 0.02, 0.98, 0.99, 0.995}) add_coarse(p);
  for (int i = 1; i < 40; ++i) add_coarse(i / 40.0);
  std::erase_if(at, [](double p) { return !(p > 0 && p < 1); });
  std::sort(at.begin(), at.end());
  for (double& p : at) p *= n - 1;
  return at;
}

std::vector<double> weighted_ranks(std::span<const uint32_t> weights) {
  const size_t n = weights.size();
  const auto all =
      static_cast<double>(std::accumulate(weights.begin(), weights.end(), uint64_t{0}));
  const double alike = (all > 0 ? 0.5 : 1.0) / static_cast<double>(n);
  const double by_weight = all > 0 ? 0.5 / all : 0;
  const auto mass_at = [&](size_t i) { return alike + by_weight * weights[i]; };
  std::vector<double> ranks;
  size_t below = 0;
  double middle = mass_at(0) / 2;  // mass up to the middle of the value below the edge
  for (size_t k = 1; k <= weighted_edges; ++k) {
    const double asked = static_cast<double>(k) / static_cast<double>(weighted_edges + 1);
    double step = 0;  // to the middle of the next value
    while (below + 1 < n) {
      step = (mass_at(below) + mass_at(below + 1)) / 2;
      if (middle + step > asked) break;
      middle += step;
      ++below;
    }
    const double part = below + 1 < n ? std::clamp((asked - middle) / step, 0.0, 1.0) : 0;
    ranks.push_back(static_cast<double>(below) + part);
  }
  return ranks;
}

BinRule make_bins(std::span<const double> sorted_pilot, std::span<const double> ranks,
                  std::span<double, most_bins> table) {
  BinRule rule;
  std::fill(table.begin(), table.end(), infinity);
  if (!std::isfinite(sorted_pilot.front()) || !std::isfinite(sorted_pilot.back())) return rule;
  const auto above_lowest =
      std::upper_bound(sorted_pilot.begin(), sorted_pilot.end(), sorted_pilot.front());
  const auto lowest = static_cast<size_t>(above_lowest - sorted_pilot.begin());
  if (sorted_pilot.size() - lowest >= fewest_for_zones &&
      none_thrice(above_lowest, sorted_pilot.end())) {
    rule.zones = make_zones(sorted_pilot, lowest > 1 ? lowest : 0, table.data());
    if (rule.zones) return rule;
  }
  return make_searched_bins(sorted_pilot, ranks, table);
}

BinRule make_searched_bins(std::span<const double> sorted_pilot, std::span<const double> ranks,
                           std::span<double, most_bins> table) {
  BinRule rule;
  std::fill(table.begin(), table.end(), infinity);
  if (!std::isfinite(sorted_pilot.front()) || !std::isfinite(sorted_pilot.back())) return rule;
  std::vector<double> made;
  if (const auto values = few_different(sorted_pilot, most_edges / 2); !values.empty()) {
    for (const double value : values) {
      made.push_back(value);
      made.push_back(end_of_atom(value));
    }
  } else if (const double step = all_whole(sorted_pilot) ? 1 : step_of_multiples(sorted_pilot);
             step > 0) {
    rule.multiples = true;
    table[place_of_step] = step;
    made = edges_between_multiples(sorted_pilot, ranks, step);
  } else {
    std::vector<Atom> atoms;
    made = edges_at(sorted_pilot, ranks, atoms);
    end_atoms(atoms, made, end_of_atom);
  }
  std::sort(made.begin(), made.end());
  made.erase(std::unique(made.begin(), made.end()), made.end());
  rule.steps = make_tree(made, table).steps;
  return rule;
}

namespace {

template <class T>
void find_bins_of(std::span<const T> values, const double* table, BinRule rule, int* bin) {
  if (rule.zones) {
    const Zones<T> from = zones_of<T>(table);
    place_in_zones(static_cast<int>(values.size()), values.data(), from, bin);
  } else if (rule.steps == 0) {
    std::fill_n(bin, values.size(), 0);
  } else {
    search_all(values, table, rule.steps,
               [=](size_t i, size_t found) { bin[i] = static_cast<int>(found); });
  }
}

template <class T>
void count_values(std::span<const T> values, const double* table, BinRule rule, uint32_t* counts) {
  if (rule.zones) return count_in_zones(values, table, counts);
  if (rule.steps == 0) {
    counts[0] += static_cast<uint32_t>(values.size());
    return;
  }
  search_all(values, table, rule.steps, [=](size_t, size_t bin) { ++counts[bin]; });
}

}  // namespace

void find_bins(std::span<const double> values, const double* table, BinRule rule, int* bin) {
  find_bins_of(values, table, rule, bin);
}

void find_bins(std::span<const float> values, const double* table, BinRule rule, int* bin) {
  find_bins_of(values, table, rule, bin);
}

void count_in_bins(std::span<const double> values, const double* table, BinRule rule,
                   uint32_t* counts) {
  count_values(values, table, rule, counts);
}

void count_in_bins(std::span<const float> values, const double* table, BinRule rule,
                   uint32_t* counts) {
  count_values(values, table, rule, counts);
}

void count_in_bins(double value, uint32_t times, const double* table, BinRule rule,
                   uint32_t* counts) {
  if (rule.zones) {
    const Zones<double> from = zones_in(table);
    int bin = 0;
    place_in_zones(1, &value, from, &bin);
    counts[bin] += times;
    return;
  }
  counts[search_one(value, table, rule.steps)] += times;
}

int square_shift(uint64_t trials) {
  return std::max(0, (static_cast<int>(std::bit_width(trials - 1)) - 20 + 1) / 2);
}

void count_in_bins(std::span<const double> values, std::span<const uint32_t> weights, int shift,
                   const double* tree, BinRule rule, BinMass* bins) {
  const uint32_t* weight = weights.data();
  const auto add = [=](size_t i, size_t bin) { bins[bin] += mass_of(weight[i], shift); };
  if (rule.steps == 0) {
    for (size_t i = 0; i < values.size(); ++i) add(i, 0);
  } else {
    search_all(values, tree, rule.steps, add);
  }
}

void count_in_bins(double value, BinMass mass, const double* tree, BinRule rule, BinMass* bins) {
  bins[search_one(value, tree, rule.steps)] += mass;
}

BinEdges::BinEdges(const double* table, BinRule rule, double lowest, double highest)
    : bins_(bins_of(rule)),
      step_(rule.multiples ? table[place_of_step] : 0),
      lowest_(lowest),
      highest_(highest) {
  if (rule.zones) {
    edges_of_zones(table, edges_.data());
  } else {
    for (size_t b = 1; b < bins_; ++b) edges_[b - 1] = table[tree_place(b, rule.steps)];
  }
}

double BinEdges::value_in(size_t bin, double part) const {
  // No value lies beyond the lowest or highest one, wherever the bin's edges are.
  const double low = bin == 0 ? lowest_ : std::max(edges_[bin - 1], lowest_);
  const double high = bin + 1 == bins_ ? highest_ : std::min(edges_[bin], highest_);
  if (bin + 1 < bins_ && edges_[bin] == end_of_atom(low)) return low;
  const double value = between(low, high, part);
  if (step_ == 0) return value;
  const double first = first_whole(low / step_), last = last_whole(high / step_);
  // Where no multiple lies, trials hold values such as the pilot did not.
  return first > last ? value : step_ * std::clamp(std::floor(value / step_ + 0.5), first, last);
}

BinReader::BinReader(const double* table, const uint32_t* counts, BinRule rule, double lowest,
                     double highest)
    : edges_(table, rule, lowest, highest) {
  before_[0] = 0;
  for (size_t b = 0; b < edges_.bins(); ++b) before_[b + 1] = before_[b] + counts[b];
}

double BinReader::value_at_rank(uint64_t rank) const {
  if (rank == 0) return edges_.lowest();
  if (rank + 1 >= count()) return edges_.highest();
  const auto* end = before_.data() + edges_.bins() + 1;
  const auto bin =
      static_cast<size_t>(std::upper_bound(before_.data(), end, rank) - 1 - before_.data());
  const double inside = static_cast<double>(rank - before_[bin]) + 0.5;
  return edges_.value_in(bin, inside / static_cast<double>(before_[bin + 1] - before_[bin]));
}

MassReader::MassReader(const double* tree, const BinMass* bins, int shift, BinRule rule,
                       double lowest, double highest)
    : edges_(tree, rule, lowest, highest) {
  weight_before_[0] = 0;
  uint64_t squares = 0;
  squares_before_[0] = 0;
  for (size_t b = 0; b < edges_.bins(); ++b) {
    weight_before_[b + 1] = weight_before_[b] + bins[b].weight;
    squares += bins[b].square;
    squares_before_[b + 1] = std::ldexp(static_cast<double>(squares), 2 * shift);
  }
}

MassPoint MassReader::at(double mass) const {
  if (mass < 0) return {edges_.lowest(), 0};
  if (mass >= static_cast<double>(weight())) return {edges_.highest(), squares()};
  const auto* begin = weight_before_.data();
  const auto* above = std::upper_bound(
      begin, begin + edges_.bins() + 1, mass,
      [](double asked, uint64_t before) { return asked < static_cast<double>(before); });
  const auto bin = static_cast<size_t>(above - begin) - 1;
  const auto before = static_cast<double>(begin[bin]);
  const double part = (mass - before) / (static_cast<double>(*above) - before);
  const double squares = squares_before_[bin + 1] - squares_before_[bin];
  return {edges_.value_in(bin, part), squares_before_[bin] + part * squares};
}

}  // namespace fabcast
