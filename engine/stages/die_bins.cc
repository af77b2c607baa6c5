#include "stages/die_bins.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <string>

#include "base/diagnostics.h"

namespace fabcast {

namespace {

// What the sums over defects are cut for: terms left out are below `series_error` of a bin.
constexpr double lowest_alpha = 0.01;
constexpr double highest_alpha = 1e9;
constexpr double most_defects = 20;  // D0 A
constexpr double series_error = 1e-11;
constexpr size_t terms_per_pass = 4;  // of the kernel over the lanes
constexpr size_t longest_series = 1 << 12;
constexpr double least_term = 1e-300;  // denormal terms would not fall any more

// The sum for dies without a good core converges as u^N. Above this u, such dies are common, and
// what the others leave of the dies with a working uncore gives their part just as well.
constexpr double most_u_of_sum = 0.99;

// Moore's mixture: D = D0/(2 Z^2), Z = e^t, by the trapezoidal rule in t. The integrand is analytic
// for |Im t| < pi/4, so a step of 0.19 leaves e^(-2 pi (pi/4) / 0.19) = 6e-12; with m bad cores it
// peaks with a width of 1/(2 sqrt m), which a step of 0.37/sqrt m resolves as well.
constexpr double moore_widest_step = 0.19;
constexpr double moore_step_of_bad_core = 0.37;
constexpr double moore_highest_log = 2.2;  // e^(-Z^2/2) = 2e-18
// At the lowest Z the defects expected where none may be: e^-45 = 3e-20, and two more for each bad
// core, for bins of many bad cores live in that tail.
constexpr double moore_last_exponent = 45;
constexpr double moore_exponent_per_core = 2;
constexpr double moore_least_area_share =
    1e-21;  // of a core: where no area need be free of defects
constexpr double moore_least_defects = 1e-30;

bool is_gamma_mixture(YieldModel model) {
  return model == YieldModel::negative_binomial || model == YieldModel::seeds ||
         model == YieldModel::bose_einstein;
}

/// Chances that N defects, thrown onto n cores, hit exactly m of them, m = 0 … n; for N = 0, 1, ….
class Occupancy {
 public:
  explicit Occupancy(int cores) : hit_(static_cast<size_t>(cores) + 1, 0.0) { hit_[0] = 1; }

  double chance(size_t m) const { return hit_[m]; }
  void next() {
    const double cores = static_cast<double>(hit_.size() - 1);
    for (size_t m = hit_.size(); m-- > 1;) {
      hit_[m] = hit_[m] * static_cast<double>(m) / cores +
                hit_[m - 1] * (cores - static_cast<double>(m - 1)) / cores;
    }
    hit_[0] = 0;
  }

 private:
  std::vector<double> hit_;
};

/// Terms of the sum over N that matter at `alpha` and the most defects; all of them where more than
/// the given ones would.
size_t terms_needed(const std::vector<double>& chances, double alpha, double most_u) {
  const double u = std::min(most_defects / (alpha + most_defects), most_u);
  std::vector<double> terms;
  double sum = 0, product = 1;
  for (size_t n = 0; n < chances.size(); ++n) {
    const double term = product * chances[n];
    terms.push_back(term > least_term ? term : 0);
    sum += terms.back();
    product *= (alpha + static_cast<double>(n)) * u / static_cast<double>(n + 1);
  }
  // Beyond the last term the rest falls at least as fast as a geometric series of its own ratio.
  const size_t last = terms.size() - 1;
  if (terms[last] >= terms[last - 1] && terms[last] > 0) return terms.size();
  double rest = terms[last] > 0 ? terms[last] / (terms[last - 1] / terms[last] - 1) : 0;
  size_t needed = terms.size();
  while (needed > 1 && (rest += terms[needed - 1]) < series_error * sum) --needed;
  return needed;
}

/// One sum of the kernel: dies with fewest_bad to most_bad bad cores.
DefectSum defect_sum(int cores, size_t fewest_bad, size_t most_bad, int target) {
  const double most_u = most_bad == static_cast<size_t>(cores) ? most_u_of_sum : 1.0;
  Occupancy occupancy(cores);
  DefectSum sum{target, {}};
  for (size_t terms = 32;; terms *= 2) {
    for (; sum.chances.size() < terms; occupancy.next()) {
      double chance = 0;
      for (size_t m = fewest_bad; m <= most_bad; ++m) chance += occupancy.chance(m);
      sum.chances.push_back(chance);
    }
    size_t needed = 0;
    for (double alpha = lowest_alpha; alpha <= highest_alpha * 1.01; alpha *= std::sqrt(10.0)) {
      needed = std::max(needed, terms_needed(sum.chances, alpha, most_u));
    }
    if (needed < terms || terms >= longest_series) {
      sum.chances.resize(
          std::min(terms, (needed + terms_per_pass - 1) / terms_per_pass * terms_per_pass));
      return sum;
    }
  }
}

/// The sums of a design: one for each bin, or for each number of bad cores where dies are paired;
/// and last, on its own, that of the dies without a good core, where they are taken.
void plan_gamma_mixture(BinPlan& plan) {
  const size_t cores = static_cast<size_t>(plan.design.cores);
  const size_t most_bad = cores - static_cast<size_t>(plan.fewest);
  const auto add = [&](size_t fewest_bad, size_t last_bad, size_t target) {
    plan.sums.push_back(
        defect_sum(plan.design.cores, fewest_bad, last_bad, static_cast<int>(target)));
  };
  if (plan.design.scope == BinScope::pair) {
    for (size_t m = 0; m <= most_bad; ++m) add(m, m, m);
    return;
  }
  size_t fewest_bad = 0;
  for (size_t b = 0; b < plan.design.min_cores.size(); ++b) {
    const size_t last_bad = cores - static_cast<size_t>(plan.design.min_cores[b]);
    if (last_bad < cores) {
      add(fewest_bad, last_bad, b);
    } else {
      if (fewest_bad < cores) add(fewest_bad, cores - 1, b);
      add(cores, cores, b);
    }
    fewest_bad = last_bad + 1;
  }
}

void plan_murphy(BinPlan& plan) {
  using Rule = boost::math::quadrature::gauss<double, 30>;
  const auto add = [&](double x, double weight) {  // x in [-1, 1]
    for (double node : {(1 + x) / 2, (3 + x) / 2}) {
      plan.node.push_back(node);
      plan.weight.push_back(weight / 2 * std::min(node, 2 - node));
    }
  };
  for (size_t i = 0; i < Rule::abscissa().size(); ++i) {
    add(Rule::abscissa()[i], Rule::weights()[i]);
    add(-Rule::abscissa()[i], Rule::weights()[i]);
  }
}

/// Lowest log Z for a mean number of defects where none may be.
FABCAST_INLINE double moore_lowest_log(double defects, double exponent) {
  return 0.5 * simd::log((defects > moore_least_defects ? defects : moore_least_defects) /
                         (2.0 * exponent));
}

double moore_exponent(const BinPlan& plan) {
  return moore_last_exponent + moore_exponent_per_core * (plan.design.cores - plan.fewest);
}

void plan_moore(BinPlan& plan) {
  const double most_bad = std::max(1, plan.design.cores - plan.fewest);
  const double step = std::min(moore_widest_step, moore_step_of_bad_core / std::sqrt(most_bad));
  const double range = moore_highest_log - moore_lowest_log(0, moore_exponent(plan));
  plan.moore_nodes = static_cast<int>(std::ceil(range / step)) + 1;
}

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

constexpr int gamma_rows = 7, poisson_rows = 6, pair_rows = 2;  // at most, beside one a core

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

void refuse_mistakes(const BinDesign& design) {
  if (design.min_cores.empty()) throw InputError("a die with bins needs at least one bin");
  const std::vector<std::string> names(design.min_cores.size(), "a bin");
  std::string mistakes;
  for (const BinMistake& mistake : bin_mistakes(design, names)) {
    mistakes +=
        fmt::format("{}{}; {}", mistakes.empty() ? "" : "\n", mistake.message, mistake.remedy);
  }
  if (!mistakes.empty()) throw InputError(mistakes);
}

}  // namespace

std::vector<BinMistake> bin_mistakes(const BinDesign& design, std::span<const std::string> names) {
  if (design.cores < 1 || design.cores > most_cores) {
    return {{0, fmt::format("bins need a die of 1 to {} cores, not {}", most_cores, design.cores),
             "give the die its cores, or remove the bins"}};
  }
  const int most = design.cores * (design.scope == BinScope::pair ? 2 : 1);
  std::vector<BinMistake> mistakes;
  for (size_t b = 0; b < design.min_cores.size(); ++b) {
    const int asked = design.min_cores[b];
    if (asked < 0 || asked > most) {
      mistakes.push_back(
          {b, fmt::format("{} asks for {} good cores of {} that there are", names[b], asked, most),
           fmt::format("give 0 to {} cores", most)});
    } else if (b > 0 && asked >= design.min_cores[b - 1]) {
      mistakes.push_back(
          {b, fmt::format("{} asks for no fewer cores than {} before it", names[b], names[b - 1]),
           "bins stand best first, each with a number of its own"});
    }
  }
  return mistakes;
}

BinPlan plan_bins(BinDesign design) {
  refuse_mistakes(design);
  BinPlan plan;
  plan.design = std::move(design);
  const int cores = plan.design.cores;
  const bool pair = plan.design.scope == BinScope::pair;
  const int least = plan.design.min_cores.back();
  plan.fewest = pair ? std::max(0, least - cores) : least;

  plan.bin_of.assign(static_cast<size_t>((pair ? 2 : 1) * cores) + 1, -1);
  for (size_t b = plan.design.min_cores.size(); b-- > 0;) {
    for (size_t j = static_cast<size_t>(plan.design.min_cores[b]); j < plan.bin_of.size(); ++j) {
      plan.bin_of[j] = static_cast<int>(b);
    }
  }
  double choices = 1;
  for (int m = 0; m <= cores - plan.fewest; ++m) {
    plan.choices.push_back(choices);
    choices = std::round(choices * (cores - m) / (m + 1));
  }
  const int chances = cores - plan.fewest + 1;
  plan.scratch_rows = pair ? pair_rows + chances : 0;
  if (is_gamma_mixture(plan.design.model)) {
    plan_gamma_mixture(plan);
    plan.scratch_rows += gamma_rows;
  } else {
    if (plan.design.model == YieldModel::murphy) plan_murphy(plan);
    if (plan.design.model == YieldModel::moore) plan_moore(plan);
    plan.scratch_rows += poisson_rows + std::max(2, chances);
  }
  return plan;
}

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
