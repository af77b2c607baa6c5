#include "reduce/quantile_bins.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace fabcast {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double half_zone = 4.5;       ///< pilot standard errors around a reported quantile
constexpr double whole_limit = 0x1p51;  ///< above, halves are no doubles
constexpr size_t most_edges = most_bins - 1;

/// Upper end of the bin that holds `value` alone. For zero the least normal double, so that a
/// processor that flushes subnormal numbers counts the same.
double end_of_atom(double value) {
  return value == 0 ? std::numeric_limits<double>::min() : std::nextafter(value, infinity);
}

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

/// The place in the tree of the edge that is `order`-th (from 1) in ascending order.
size_t tree_place(size_t order, int steps) {
  const int above_leaves = std::countr_zero(order);
  return (size_t{1} << (steps - 1 - above_leaves)) + (order >> (above_leaves + 1));
}

/// `many` searches side by side: each step of one waits for the step before, those of others do
/// not. The comparison's 0 or 1 is added, so that nothing is there to mispredict.
template <int steps, size_t many>
void count_together(const double* x, const double* tree, uint32_t* counts) {
  size_t node[many];
#pragma GCC unroll 8
  for (size_t k = 0; k < many; ++k) node[k] = 1;
#pragma GCC unroll 8
  for (int step = 0; step < steps; ++step) {
#pragma GCC unroll 8
    for (size_t k = 0; k < many; ++k) node[k] = 2 * node[k] + (tree[node[k]] <= x[k]);
  }
#pragma GCC unroll 8
  for (size_t k = 0; k < many; ++k) ++counts[node[k] - (size_t{1} << steps)];
}

template <int steps>
void count_with_steps(std::span<const double> values, const double* tree, uint32_t* counts) {
  constexpr size_t together = 8;
  size_t i = 0;
  for (; i + together <= values.size(); i += together) {
    count_together<steps, together>(values.data() + i, tree, counts);
  }
  for (; i < values.size(); ++i) count_together<steps, 1>(values.data() + i, tree, counts);
}

}  // namespace

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

BinRule make_bins(std::span<const double> sorted_pilot, std::span<const double> ranks,
                  std::span<double, most_bins> tree) {
  BinRule rule;
  std::fill(tree.begin(), tree.end(), infinity);
  if (!std::isfinite(sorted_pilot.front()) || !std::isfinite(sorted_pilot.back())) return rule;
  std::vector<double> made;
  if (const auto values = few_different(sorted_pilot, most_edges / 2); !values.empty()) {
    for (const double value : values) {
      made.push_back(value);
      made.push_back(end_of_atom(value));
    }
  } else if (all_whole(sorted_pilot)) {
    rule.whole = true;
    std::vector<Atom> unused;
    made = edges_at(sorted_pilot, ranks, unused);
    for (double& edge : made) edge = std::ceil(edge) - 0.5;
  } else {
    std::vector<Atom> atoms;
    made = edges_at(sorted_pilot, ranks, atoms);
    std::stable_sort(atoms.begin(), atoms.end(),
                     [](const Atom& a, const Atom& b) { return a.count > b.count; });
    for (size_t i = 0; i < atoms.size() && made.size() < most_edges; ++i) {
      made.push_back(end_of_atom(atoms[i].value));
    }
    std::sort(made.begin(), made.end());
  }
  made.erase(std::unique(made.begin(), made.end()), made.end());
  while ((size_t{1} << rule.steps) <= made.size()) ++rule.steps;
  made.resize((size_t{1} << rule.steps) - 1, infinity);
  for (size_t i = 0; i < made.size(); ++i) tree[tree_place(i + 1, rule.steps)] = made[i];
  return rule;
}

void count_in_bins(std::span<const double> values, const double* tree, BinRule rule,
                   uint32_t* counts) {
  switch (rule.steps) {
    case 0:
      counts[0] += static_cast<uint32_t>(values.size());
      return;
    case 1:
      return count_with_steps<1>(values, tree, counts);
    case 2:
      return count_with_steps<2>(values, tree, counts);
    case 3:
      return count_with_steps<3>(values, tree, counts);
    case 4:
      return count_with_steps<4>(values, tree, counts);
    case 5:
      return count_with_steps<5>(values, tree, counts);
    case 6:
      return count_with_steps<6>(values, tree, counts);
    case 7:
      return count_with_steps<7>(values, tree, counts);
    default:
      return count_with_steps<8>(values, tree, counts);
  }
}

BinReader::BinReader(const double* tree, const uint32_t* counts, BinRule rule, double lowest,
                     double highest)
    : bins_(size_t{1} << rule.steps), whole_(rule.whole), lowest_(lowest), highest_(highest) {
  for (size_t b = 1; b < bins_; ++b) edges_[b - 1] = tree[tree_place(b, rule.steps)];
  before_[0] = 0;
  for (size_t b = 0; b < bins_; ++b) before_[b + 1] = before_[b] + counts[b];
}

double BinReader::value_at_rank(uint64_t rank) const {
  if (rank == 0) return lowest_;
  if (rank + 1 >= count()) return highest_;
  const auto* end = before_.data() + bins_ + 1;
  const auto bin =
      static_cast<size_t>(std::upper_bound(before_.data(), end, rank) - 1 - before_.data());
  // No value lies beyond the lowest or highest one, wherever the bin's edges are.
  const double low = bin == 0 ? lowest_ : std::max(edges_[bin - 1], lowest_);
  const double high = bin + 1 == bins_ ? highest_ : std::min(edges_[bin], highest_);
  if (bin > 0 && bin + 1 < bins_ && edges_[bin] == end_of_atom(edges_[bin - 1])) {
    return edges_[bin - 1];
  }
  const double inside = static_cast<double>(rank - before_[bin]) + 0.5;
  const auto in_bin = static_cast<double>(before_[bin + 1] - before_[bin]);
  const double value = between(low, high, inside / in_bin);
  return whole_ ? std::floor(value + 0.5) : value;
}

}  // namespace fabcast
