#include "stages/die_bins.h"

#include <algorithm>

namespace fabcast {

namespace {

/// Of a core: the area that must be free of defects where none need be.
constexpr double moore_least_area_share = 1e-21;

/// Hands out scratch columns in order.
class Scratch {
 public:
  explicit Scratch(std::span<double* const> rows) : rows_(rows) {}
  double* next() { return rows_[used_++]; }
  std::span<double* const> next(int count) {
    used_ += static_cast<size_t>(count);
    return rows_.subspan(used_ - static_cast<size_t>(count), static_cast<size_t>(count));
  }

 private:
  std::span<double* const> rows_;
  size_t used_ = 0;
};

/// Where chances are added: a row a bin, or a row a number of bad cores.
using Targets = std::span<double* const>;

/// sum[t] = q_0 + c_0 (q_1 + c_1 (q_2 + …)), c_N = (alpha u + N u) / (N + 1).
FABCAST_KERNEL
void sum_over_defects(const std::vector<double>& chances, int lanes, In alpha_u, In u, Out sum) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) sum[t] = 0.0;
  for (size_t n = chances.size(); n > 0; n -= terms_per_pass) {
    const double* q = &chances[n - terms_per_pass];
    const double q0 = q[0], q1 = q[1], q2 = q[2], q3 = q[3];
    const double first = static_cast<double>(n - terms_per_pass);
    const double i0 = 1.0 / (first + 1), i1 = 1.0 / (first + 2), i2 = 1.0 / (first + 3),
                 i3 = 1.0 / (first + 4);
    const double n0 = first * i0, n1 = (first + 1) * i1, n2 = (first + 2) * i2,
                 n3 = (first + 3) * i3;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      double rest = sum[t];
      rest = q3 + (i3 * alpha_u[t] + n3 * u[t]) * rest;
      rest = q2 + (i2 * alpha_u[t] + n2 * u[t]) * rest;
      rest = q1 + (i1 * alpha_u[t] + n1 * u[t]) * rest;
      sum[t] = q0 + (i0 * alpha_u[t] + n0 * u[t]) * rest;
    }
  }
}

/// Gamma mixtures. `shape` is alpha, `defects` is D A.
FABCAST_KERNEL
void add_gamma_mixture(const BinPlan& plan, int lanes, In shape, In defects, In core_area_share,
                       Scratch scratch, Targets targets) {
  double* __restrict u = scratch.next();
  double* __restrict alpha_u = scratch.next();
  double* __restrict sum = scratch.next();
  double* __restrict yield = scratch.next();
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    u[t] = defects[t] * core_area_share[t] / (shape[t] + defects[t]);
    alpha_u[t] = shape[t] * u[t];
    yield[t] = negative_binomial_yield(defects[t], shape[t]);
  }
  const bool takes_all_bad = plan.fewest == 0;
  const size_t sums = plan.sums.size() - (takes_all_bad ? 1 : 0);
  for (size_t i = 0; i < sums; ++i) {
    sum_over_defects(plan.sums[i].chances, lanes, alpha_u, u, sum);
    double* __restrict target = targets[static_cast<size_t>(plan.sums[i].target)];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) target[t] += yield[t] * sum[t];
  }
  if (!takes_all_bad) return;
  sum_over_defects(plan.sums.back().chances, lanes, alpha_u, u, sum);
  double* __restrict left = scratch.next();  // of the dies with a working uncore
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    left[t] = negative_binomial_yield(defects[t] * (1.0 - core_area_share[t]), shape[t]);
  }
  for (const double* row : targets) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) left[t] -= row[t];
  }
  double* __restrict target = targets[static_cast<size_t>(plan.sums.back().target)];
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double summed = yield[t] * sum[t];
    const double rest = left[t];
    target[t] += u[t] > most_u_of_sum ? rest : summed;
  }
}

/// One Poisson of a mixture: density[t], weight[t].
FABCAST_KERNEL
void add_poisson(const BinPlan& plan, int lanes, In density, In weight, In area, In core_area_share,
                 Scratch scratch, Targets targets) {
  const double per_core = 1.0 / plan.design.cores;
  double* __restrict good = scratch.next();
  double* __restrict chance = scratch.next();
  // Powers of the chance that a core is bad: the first two, and as many as dies may have bad cores.
  const std::span<double* const> bad_power =
      scratch.next(std::max(2, static_cast<int>(targets.size())));
  double* __restrict none = bad_power[0];
  double* __restrict bad = bad_power[1];
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double defects = density[t] * area[t];
    const double core_defects = defects * core_area_share[t] * per_core;
    good[t] = simd::exp(-core_defects);
    none[t] = 1.0;
    bad[t] = core_defects * simd::expm1_over(-core_defects);
    chance[t] =
        weight[t] * simd::exp(-(defects * (1.0 - core_area_share[t]) + plan.fewest * core_defects));
  }
  for (size_t m = 2; m < targets.size(); ++m) {
    const double* __restrict fewer = bad_power[m - 1];
    double* __restrict power = bad_power[m];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) power[t] = fewer[t] * bad[t];
  }
  for (size_t m = targets.size(); m-- > 0;) {
    const double choices = plan.choices[m];
    const double* __restrict power = bad_power[m];
    double* __restrict target = targets[m];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      target[t] += choices * chance[t] * power[t];
      chance[t] *= good[t];
    }
  }
}

FABCAST_KERNEL
void add_murphy(const BinPlan& plan, int lanes, const BinColumns& in, Scratch scratch,
                Targets targets) {
  double* __restrict density = scratch.next();
  double* __restrict weight = scratch.next();
  const double* __restrict d0 = in.d0_per_cm2;
  for (size_t i = 0; i < plan.node.size(); ++i) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      density[t] = plan.node[i] * d0[t];
      weight[t] = plan.weight[i];
    }
    add_poisson(plan, lanes, density, weight, in.die_area_cm2, in.core_area_share, scratch,
                targets);
  }
}

FABCAST_KERNEL
void add_moore(const BinPlan& plan, int lanes, const BinColumns& in, Scratch scratch,
               Targets targets) {
  constexpr double root_two_over_pi = 0.79788456080286535588;
  double* __restrict density = scratch.next();
  double* __restrict weight = scratch.next();
  const double* __restrict d0 = in.d0_per_cm2;
  const double* __restrict area = in.die_area_cm2;
  const double* __restrict share = in.core_area_share;
  const double per_core = 1.0 / plan.design.cores;
  const int fewest = plan.fewest;
  const double exponent = moore_exponent(plan);
  const double steps = plan.moore_nodes - 1;
  for (int i = 0; i < plan.moore_nodes; ++i) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double core = share[t] * per_core;
      const double must_work = 1.0 - share[t] + fewest * core;
      const double least = moore_least_area_share * core;
      const double defects = d0[t] * area[t] * (must_work > least ? must_work : least);
      const double lowest = moore_lowest_log(defects, exponent);
      const double step = (moore_highest_log - lowest) / steps;
      const double z = simd::exp(lowest + i * step);
      density[t] = d0[t] / (2.0 * z * z);
      weight[t] = root_two_over_pi * step * z * simd::exp(-0.5 * z * z);
    }
    add_poisson(plan, lanes, density, weight, area, share, scratch, targets);
  }
}

FABCAST_KERNEL
void clear(int lanes, double* __restrict row) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) row[t] = 0.0;
}

/// Row of each number of bad cores, 0 to n - fewest.
class ByBadCores {
 public:
  ByBadCores(const BinPlan& plan, Targets targets)
      : size_(static_cast<size_t>(plan.design.cores - plan.fewest) + 1) {
    for (size_t m = 0; m < size_; ++m) {
      const size_t good = static_cast<size_t>(plan.design.cores) - m;
      rows_[m] = plan.design.scope == BinScope::pair
                     ? targets[m]
                     : targets[static_cast<size_t>(plan.bin_of[good])];
    }
  }
  Targets rows() const { return {rows_, size_}; }

 private:
  double* rows_[most_cores + 1];
  size_t size_;
};

/// The chances of one die, added to the bins' rows, or to a row each number of bad cores (pair).
FABCAST_KERNEL
void add_one_die(const BinPlan& plan, int lanes, const BinColumns& in, Scratch scratch,
                 Targets targets) {
  double* __restrict shape = scratch.next();
  double* __restrict defects = scratch.next();
  const double* __restrict d0 = in.d0_per_cm2;
  const double* __restrict area = in.die_area_cm2;
  const double layers = plan.design.critical_layers;
  const ByBadCores by_bad_cores(plan, targets);
  switch (plan.design.model) {
    case YieldModel::negative_binomial: {
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) defects[t] = d0[t] * area[t];
      return add_gamma_mixture(plan, lanes, in.alpha, defects, in.core_area_share, scratch,
                               targets);
    }
    case YieldModel::seeds:
    case YieldModel::bose_einstein: {
      const double alpha = plan.design.model == YieldModel::seeds ? 1.0 : layers;
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        shape[t] = alpha;
        defects[t] = alpha * d0[t] * area[t];
      }
      return add_gamma_mixture(plan, lanes, shape, defects, in.core_area_share, scratch, targets);
    }
    case YieldModel::poisson: {
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) shape[t] = 1.0;
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
FABCAST_KERNEL
void pair_dies(const BinPlan& plan, int lanes, const BinColumns& in, Scratch scratch,
               Targets chances, std::span<double* const> out) {
  double* __restrict uncore_area = scratch.next();
  double* __restrict per_uncore = scratch.next();
  const double* __restrict area = in.die_area_cm2;
  const double* __restrict share = in.core_area_share;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) uncore_area[t] = area[t] * (1.0 - share[t]);
  die_yield(plan.design.model, lanes, {uncore_area, in.d0_per_cm2, in.alpha},
            plan.design.critical_layers, per_uncore);
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) per_uncore[t] = 1.0 / per_uncore[t];
  const int cores = plan.design.cores;
  for (size_t m1 = 0; m1 < chances.size(); ++m1) {
    for (size_t m2 = m1; m2 < chances.size(); ++m2) {
      const int bin = plan.bin_of[static_cast<size_t>(2 * cores) - m1 - m2];
      if (bin < 0) continue;
      const double orders = m1 == m2 ? 1.0 : 2.0;
      const double* __restrict one = chances[m1];
      const double* __restrict other = chances[m2];
      double* __restrict target = out[static_cast<size_t>(bin)];
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        target[t] += orders * one[t] * (other[t] * per_uncore[t]);
      }
    }
  }
}

}  // namespace

void bin_yields(const BinPlan& plan, int lanes, const BinColumns& in,
                std::span<double* const> scratch_rows, std::span<double* const> out) {
  Scratch scratch(scratch_rows);
  for (double* row : out) clear(lanes, row);
  const int chances = plan.design.cores - plan.fewest + 1;
  if (plan.design.scope == BinScope::die) return add_one_die(plan, lanes, in, scratch, out);
  const std::span<double* const> rows = scratch.next(chances);
  for (double* row : rows) clear(lanes, row);
  add_one_die(plan, lanes, in, scratch, rows);
  pair_dies(plan, lanes, in, scratch, rows, out);
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
