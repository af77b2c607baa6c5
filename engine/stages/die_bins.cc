#include "stages/die_bins.h"

#include <algorithm>

namespace fabcast {

namespace {

/// Of a core: the area that must be free of defects where none need be.
constexpr double moore_least_area_share = 1e-21;

/// Hands out scratch columns in order.
template <class T>
class Scratch {
 public:
  explicit Scratch(std::span<T* const> rows) : rows_(rows) {}
  T* next() { return rows_[used_++]; }
  std::span<T* const> next(int count) {
    used_ += static_cast<size_t>(count);
    return rows_.subspan(used_ - static_cast<size_t>(count), static_cast<size_t>(count));
  }

 private:
  std::span<T* const> rows_;
  size_t used_ = 0;
};

/// Where chances are added: a row a bin, or a row a number of bad cores.
template <class T>
using Targets = std::span<T* const>;

/// Below this a chance counts for nothing: products of two chances stay clear of subnormal numbers,
/// with which processors are a hundred times slower.
template <class T>
constexpr T least_chance = sizeof(T) == sizeof(float) ? 1e-18 : 1e-150;

/// Adds to a row each sum the chances that N defects fall on cores, N = 0, 1, …, times q_N:
///   chance_0 = yield,  chance_(N+1) = chance_N (alpha u + N u) / (N + 1).
/// A few N at a time for all sums: each chance is computed once, each row fetched once for them.
template <class T>
FABCAST_KERNEL void add_defect_sums(std::span<const DefectSum> sums, int lanes,
                                    const T* __restrict alpha_u, const T* __restrict u,
                                    T* __restrict chance, std::span<T* const> chances,
                                    Targets<T> rows) {
  size_t longest = 0;
  for (const DefectSum& sum : sums) longest = std::max(longest, sum.chances.size());
  T* __restrict p0 = chances[0];
  T* __restrict p1 = chances[1];
  T* __restrict p2 = chances[2];
  T* __restrict p3 = chances[3];
  for (size_t first = 0; first < longest; first += terms_per_pass) {
    const T n = static_cast<T>(first);
    const T i0 = 1 / (n + 1), i1 = 1 / (n + 2), i2 = 1 / (n + 3), i3 = 1 / (n + 4);
    const T n0 = n * i0, n1 = (n + 1) * i1, n2 = (n + 2) * i2, n3 = (n + 3) * i3;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const auto next = [&](T before, T i, T part) {
        const T after = before * simd::fused(part, u[t], i * alpha_u[t]);
        return after > least_chance<T> ? after : least_chance<T>;
      };
      p0[t] = chance[t];
      p1[t] = next(p0[t], i0, n0);
      p2[t] = next(p1[t], i1, n1);
      p3[t] = next(p2[t], i2, n2);
      chance[t] = next(p3[t], i3, n3);
    }
    for (size_t i = 0; i < sums.size(); ++i) {
      if (first >= sums[i].chances.size()) continue;
      const auto q = [&](size_t k) {
        const T part = static_cast<T>(sums[i].chances[first + k]);
        return part > least_chance<T> ? part : T(0);
      };
      const T q0 = q(0), q1 = q(1), q2 = q(2), q3 = q(3);
      if (q0 == 0 && q1 == 0 && q2 == 0 && q3 == 0) continue;  // too few defects for the bin
      T* __restrict row = rows[i];
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        const T two = simd::fused(q1, p1[t], simd::fused(q0, p0[t], row[t]));
        row[t] = simd::fused(q3, p3[t], simd::fused(q2, p2[t], two));
      }
    }
  }
}
static_assert(terms_per_pass == 4);

/// Gamma mixtures. `shape` is alpha, `defects` is D A.
template <class T>
FABCAST_KERNEL void add_gamma_mixture(const BinPlan& plan, int lanes, const T* __restrict shape,
                                      const T* __restrict defects,
                                      const T* __restrict core_area_share, Scratch<T> scratch,
                                      Targets<T> targets) {
  T* __restrict u = scratch.next();
  T* __restrict alpha_u = scratch.next();
  T* __restrict chance = scratch.next();
  T* __restrict all_bad = scratch.next();  // of the dies without a good core
  const std::span<T* const> chances = scratch.next(terms_per_pass);
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    u[t] = defects[t] * core_area_share[t] / (shape[t] + defects[t]);
    alpha_u[t] = shape[t] * u[t];
    chance[t] = negative_binomial_yield(defects[t], shape[t]);
    all_bad[t] = 0;
  }
  const bool takes_all_bad = plan.fewest == 0;
  T* rows[most_cores + 1];
  for (size_t i = 0; i < plan.sums.size(); ++i) {
    rows[i] = targets[static_cast<size_t>(plan.sums[i].target)];
  }
  if (takes_all_bad) rows[plan.sums.size() - 1] = all_bad;
  add_defect_sums(plan.sums, lanes, alpha_u, u, chance, chances, {rows, plan.sums.size()});
  if (!takes_all_bad) return;
  T* __restrict left = scratch.next();  // of the dies with a working uncore
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    left[t] = negative_binomial_yield(defects[t] * (1 - core_area_share[t]), shape[t]);
  }
  for (const T* row : targets) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) left[t] -= row[t];
  }
  T* __restrict target = targets[static_cast<size_t>(plan.sums.back().target)];
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) target[t] += u[t] > T(most_u_of_sum) ? left[t] : all_bad[t];
}

/// One Poisson of a mixture: density[t], weight[t].
template <class T>
FABCAST_KERNEL void add_poisson(const BinPlan& plan, int lanes, const T* __restrict density,
                                const T* __restrict weight, const T* __restrict area,
                                const T* __restrict core_area_share, Scratch<T> scratch,
                                Targets<T> targets) {
  const T per_core = T(1) / static_cast<T>(plan.design.cores);
  const T fewest = static_cast<T>(plan.fewest);
  T* __restrict good = scratch.next();
  T* __restrict chance = scratch.next();
  // Powers of the chance that a core is bad: the first two, and as many as dies may have bad cores.
  const std::span<T* const> bad_power = scratch.next(std::max(2, static_cast<int>(targets.size())));
  T* __restrict none = bad_power[0];
  T* __restrict bad = bad_power[1];
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const T defects = density[t] * area[t];
    const T core_defects = defects * core_area_share[t] * per_core;
    good[t] = simd::exp(-core_defects);
    none[t] = 1;
    bad[t] = core_defects * simd::expm1_over(-core_defects);
    chance[t] =
        weight[t] * simd::exp(-(defects * (1 - core_area_share[t]) + fewest * core_defects));
  }
  for (size_t m = 2; m < targets.size(); ++m) {
    const T* __restrict fewer = bad_power[m - 1];
    T* __restrict power = bad_power[m];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) power[t] = fewer[t] * bad[t];
  }
  for (size_t m = targets.size(); m-- > 0;) {
    const T choices = static_cast<T>(plan.choices[m]);
    const T* __restrict power = bad_power[m];
    T* __restrict target = targets[m];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      target[t] += choices * chance[t] * power[t];
      chance[t] *= good[t];
    }
  }
}

template <class T>
FABCAST_KERNEL void add_murphy(const BinPlan& plan, int lanes, const BinColumns<T>& in,
                               Scratch<T> scratch, Targets<T> targets) {
  T* __restrict density = scratch.next();
  T* __restrict weight = scratch.next();
  const T* __restrict d0 = in.d0_per_cm2;
  for (size_t i = 0; i < plan.node.size(); ++i) {
    const T node = static_cast<T>(plan.node[i]), share = static_cast<T>(plan.weight[i]);
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      density[t] = node * d0[t];
      weight[t] = share;
    }
    add_poisson(plan, lanes, density, weight, in.die_area_cm2, in.core_area_share, scratch,
                targets);
  }
}

template <class T>
FABCAST_KERNEL void add_moore(const BinPlan& plan, int lanes, const BinColumns<T>& in,
                              Scratch<T> scratch, Targets<T> targets) {
  constexpr T root_two_over_pi = T(0.79788456080286535588);
  constexpr T least_area_share = T(moore_least_area_share), highest = T(moore_highest_log);
  T* __restrict density = scratch.next();
  T* __restrict weight = scratch.next();
  const T* __restrict d0 = in.d0_per_cm2;
  const T* __restrict area = in.die_area_cm2;
  const T* __restrict share = in.core_area_share;
  const T per_core = T(1) / static_cast<T>(plan.design.cores);
  const T fewest = static_cast<T>(plan.fewest);
  const T exponent = static_cast<T>(moore_exponent(plan));
  const T steps = static_cast<T>(plan.moore_nodes - 1);
  for (int node = 0; node < plan.moore_nodes; ++node) {
    const T i = static_cast<T>(node);
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const T core = share[t] * per_core;
      const T must_work = 1 - share[t] + fewest * core;
      const T least = least_area_share * core;
      const T defects = d0[t] * area[t] * (must_work > least ? must_work : least);
      const T lowest = moore_lowest_log(defects, exponent);
      const T step = (highest - lowest) / steps;
      const T z = simd::exp(lowest + i * step);
      density[t] = d0[t] / (2 * z * z);
      weight[t] = root_two_over_pi * step * z * simd::exp(T(-0.5) * z * z);
    }
    add_poisson(plan, lanes, density, weight, area, share, scratch, targets);
  }
}

template <class T>
FABCAST_KERNEL void clear(int lanes, T* __restrict row) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) row[t] = 0;
}

/// Row of each number of bad cores, 0 to n - fewest.
template <class T>
class ByBadCores {
 public:
  ByBadCores(const BinPlan& plan, Targets<T> targets)
      : size_(static_cast<size_t>(plan.design.cores - plan.fewest) + 1) {
    for (size_t m = 0; m < size_; ++m) {
      const size_t good = static_cast<size_t>(plan.design.cores) - m;
      rows_[m] = plan.design.scope == BinScope::pair
                     ? targets[m]
                     : targets[static_cast<size_t>(plan.bin_of[good])];
    }
  }
  Targets<T> rows() const { return {rows_, size_}; }

 private:
  T* rows_[most_cores + 1];
  size_t size_;
};

/// The chances of one die, added to the bins' rows, or to a row each number of bad cores (pair).
template <class T>
FABCAST_KERNEL void add_one_die(const BinPlan& plan, int lanes, const BinColumns<T>& in,
                                Scratch<T> scratch, Targets<T> targets) {
  T* __restrict shape = scratch.next();
  T* __restrict defects = scratch.next();
  const T* __restrict d0 = in.d0_per_cm2;
  const T* __restrict area = in.die_area_cm2;
  const T layers = static_cast<T>(plan.design.critical_layers);
  const ByBadCores<T> by_bad_cores(plan, targets);
  switch (plan.design.model) {
    case YieldModel::negative_binomial: {
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) defects[t] = d0[t] * area[t];
      return add_gamma_mixture(plan, lanes, in.alpha, defects, in.core_area_share, scratch,
                               targets);
    }
    case YieldModel::seeds:
    case YieldModel::bose_einstein: {
      const T alpha = plan.design.model == YieldModel::seeds ? T(1) : layers;
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        shape[t] = alpha;
        defects[t] = alpha * d0[t] * area[t];
      }
      return add_gamma_mixture(plan, lanes, shape, defects, in.core_area_share, scratch, targets);
    }
    case YieldModel::poisson: {
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) shape[t] = 1;
      return add_poisson(plan, lanes, d0, shape, area, in.core_area_share, scratch,
                         by_bad_cores.rows());
    }
    case YieldModel::murphy:
      return add_murphy(plan, lanes, in, scratch, by_bad_cores.rows());
    case YieldModel::moore:
      return add_moore(plan, lanes, in, scratch, by_bad_cores.rows());
  }
}

/// Two independent dies whose uncores work: sum of p_c1 p_c2 / P_u over c1 + c2 in the bin.
template <class T>
FABCAST_KERNEL void pair_dies(const BinPlan& plan, int lanes, const BinColumns<T>& in,
                              Scratch<T> scratch, Targets<T> chances, std::span<T* const> out) {
  T* __restrict uncore_area = scratch.next();
  T* __restrict per_uncore = scratch.next();
  const T* __restrict area = in.die_area_cm2;
  const T* __restrict share = in.core_area_share;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) uncore_area[t] = area[t] * (1 - share[t]);
  die_yield(plan.design.model, lanes, {uncore_area, in.d0_per_cm2, in.alpha},
            static_cast<T>(plan.design.critical_layers), per_uncore);
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) per_uncore[t] = 1 / per_uncore[t];
  const int cores = plan.design.cores;
  for (size_t m1 = 0; m1 < chances.size(); ++m1) {
    for (size_t m2 = m1; m2 < chances.size(); ++m2) {
      const int bin = plan.bin_of[static_cast<size_t>(2 * cores) - m1 - m2];
      if (bin < 0) continue;
      const T orders = m1 == m2 ? 1 : 2;
      const T* __restrict one = chances[m1];
      const T* __restrict other = chances[m2];
      T* __restrict target = out[static_cast<size_t>(bin)];
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        target[t] += orders * one[t] * (other[t] * per_uncore[t]);
      }
    }
  }
}

template <class T>
void yields_of_bins(const BinPlan& plan, int lanes, const BinColumns<T>& in,
                    std::span<T* const> scratch_rows, std::span<T* const> out) {
  Scratch<T> scratch(scratch_rows);
  for (T* row : out) clear(lanes, row);
  const int chances = plan.design.cores - plan.fewest + 1;
  if (plan.design.scope == BinScope::die) return add_one_die(plan, lanes, in, scratch, out);
  const std::span<T* const> rows = scratch.next(chances);
  for (T* row : rows) clear(lanes, row);
  add_one_die(plan, lanes, in, scratch, rows);
  pair_dies(plan, lanes, in, scratch, rows, out);
}

}  // namespace

void bin_yields(const BinPlan& plan, int lanes, const BinColumns<float>& in,
                std::span<float* const> scratch, std::span<float* const> out) {
  yields_of_bins(plan, lanes, in, scratch, out);
}

void bin_yields(const BinPlan& plan, int lanes, const BinColumns<double>& in,
                std::span<double* const> scratch, std::span<double* const> out) {
  yields_of_bins(plan, lanes, in, scratch, out);
}

std::vector<double> bin_fractions(const BinPlan& plan, double die_area_cm2, double core_area_share,
                                  double d0_per_cm2, double alpha) {
  const size_t bins = plan.design.min_cores.size();
  std::vector<double> scratch(static_cast<size_t>(plan.scratch_rows)), fractions(bins);
  std::vector<double*> scratch_rows, out;
  for (double& value : scratch) scratch_rows.push_back(&value);
  for (double& value : fractions) out.push_back(&value);
  bin_yields(plan, 1, {&die_area_cm2, &core_area_share, &d0_per_cm2, &alpha}, scratch_rows, out);
  return fractions;
}

}  // namespace fabcast
