#include "stages/die_bins.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <string>

#include "base/diagnostics.h"

namespace fabcast {

namespace {

// What the series are cut for. Terms left out are below `series_error` of the sum.
constexpr double lowest_alpha = 0.01;
constexpr double highest_alpha = 1e9;
constexpr double most_defects = 50;  // D0 A
constexpr double series_error = 1e-11;
constexpr int longest_series = 2048;

// Moore's mixture: D = D0/(2 Z^2), Z = e^t. The integrand is analytic for |Im t| < pi/4, so that a
// step of 0.19 leaves e^(-2 pi (pi/4) / 0.19) = 6e-12.
constexpr int moore_nodes = 208;
constexpr double moore_highest_log = 2.2;         // e^(-Z^2/2) = 2e-18
constexpr double moore_last_exponent = 45;        // e^-45 = 3e-20 at the lowest Z
constexpr double moore_least_area_share = 1e-21;  // of a core: where no area need be free of defects
constexpr double moore_least_defects = 1e-30;

bool is_gamma_mixture(YieldModel model) {
  return model == YieldModel::negative_binomial || model == YieldModel::seeds ||
         model == YieldModel::bose_einstein;
}

/// Product of two power series, cut after the shorter's terms.
std::vector<long double> product(const std::vector<long double>& a,
                                 const std::vector<long double>& b) {
  std::vector<long double> c(a.size(), 0.0L);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t k = 0; k <= i; ++k) c[i] += a[k] * b[i - k];
  }
  return c;
}

/// mu_2i / (2i)! of a sum of m uniforms, i < terms: the coefficients of (sinh(t/2) / (t/2))^m in
/// t^2, by repeated squaring. All are positive.
std::vector<long double> moment_series(int m, int terms) {
  std::vector<long double> power(static_cast<size_t>(terms)), result(power.size(), 0.0L);
  long double coefficient = 1;
  for (size_t k = 0; k < power.size(); ++k) {
    power[k] = coefficient;
    coefficient /= 4.0L * static_cast<long double>((2 * k + 2) * (2 * k + 3));
  }
  result[0] = 1;
  for (int rest = m; rest > 0; rest /= 2) {
    if (rest % 2 == 1) result = product(result, power);
    if (rest > 1) power = product(power, power);
  }
  return result;
}

/// Terms after which the sum over i stays within series_error, or the number of ratios given where
/// those are too few.
size_t terms_needed(const std::vector<double>& ratios, int cores, int m, double alpha) {
  const double v = most_defects / cores / (alpha + most_defects);
  const double w = v / (1 - v * m / 2);
  std::vector<double> terms{1.0};
  double sum = 1;
  for (size_t i = 0; i < ratios.size(); ++i) {
    const double shape = alpha + m + 2.0 * static_cast<double>(i);
    terms.push_back(terms.back() * ratios[i] * shape * (shape + 1) * w * w);
    sum += terms.back();
  }
  // Beyond the last term the rest falls at least as fast as a geometric series of its own ratio.
  const double ratio = terms.size() > 1 ? terms.back() / terms[terms.size() - 2] : 0;
  double rest = ratio < 1 ? terms.back() * ratio / (1 - ratio) : sum;
  size_t needed = terms.size() - 1;
  while (needed > 0 && (rest += terms[needed]) < series_error * sum) --needed;
  return needed;
}

std::vector<double> series_for(int cores, int m) {
  if (m == 0) return {};
  for (int terms = 32;; terms *= 2) {
    const std::vector<long double> moments = moment_series(m, terms + 1);
    std::vector<double> ratios;
    for (size_t i = 0; i + 1 < moments.size(); ++i) {
      ratios.push_back(static_cast<double>(moments[i + 1] / moments[i]));
    }
    size_t needed = 0;
    for (double alpha = lowest_alpha; alpha <= highest_alpha * 1.01; alpha *= std::sqrt(10.0)) {
      needed = std::max(needed, terms_needed(ratios, cores, m, alpha));
    }
    if (needed < ratios.size() || terms >= longest_series) {
      ratios.resize(needed);
      return ratios;
    }
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

constexpr int gamma_rows = 6, poisson_rows = 4, pair_rows = 2;

/// Adds p_j to where it belongs: rows[m], m = n - j.
using Targets = std::span<double* const>;

/// Gamma mixtures. `shape` is alpha, `defects` is D A.
void add_gamma_mixture(const BinPlan& plan, int lanes, In shape, In defects, In core_area_share,
                       Scratch scratch, Targets targets) {
  const double per_core = 1.0 / plan.design.cores;
  double* __restrict v = scratch.next();
  double* __restrict log_yield = scratch.next();
  double* __restrict coefficient = scratch.next();
  double* __restrict square = scratch.next();
  double* __restrict sum = scratch.next();
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    v[t] = defects[t] * core_area_share[t] * per_core / (shape[t] + defects[t]);
    log_yield[t] = -shape[t] * simd::log1p(defects[t] / shape[t]);
    coefficient[t] = 1.0;
  }
  for (size_t bad = 0; bad < targets.size(); ++bad) {
    const double m = static_cast<double>(bad);
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double w = v[t] / (1.0 - 0.5 * m * v[t]);
      square[t] = w * w;
      sum[t] = 1.0;
    }
    const std::vector<double>& series = plan.series[bad];
    for (size_t i = series.size(); i-- > 0;) {
      const double ratio = series[i];
      const double shift = m + 2.0 * static_cast<double>(i);
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        const double s = shape[t] + shift;
        sum[t] = 1.0 + ratio * s * (s + 1.0) * square[t] * sum[t];
      }
    }
    const double next_choice = (plan.design.cores - m) / (m + 1.0);
    double* __restrict target = targets[bad];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double s = shape[t] + m;
      target[t] += coefficient[t] * sum[t] *
                   simd::exp(log_yield[t] - s * simd::log1p(-0.5 * m * v[t]));
      coefficient[t] *= next_choice * s * v[t];
    }
  }
}

/// One Poisson of a mixture: density[t], weight[t].
void add_poisson(const BinPlan& plan, int lanes, In density, In weight, In area, In core_area_share,
                 Scratch scratch, Targets targets) {
  const double per_core = 1.0 / plan.design.cores;
  double* __restrict good = scratch.next();
  double* __restrict chance = scratch.next();
  const std::span<double* const> bad_power = scratch.next(static_cast<int>(targets.size()));
  double* __restrict bad = bad_power.size() > 1 ? bad_power[1] : bad_power[0];
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double defects = density[t] * area[t];
    const double core_defects = defects * core_area_share[t] * per_core;
    good[t] = simd::exp(-core_defects);
    bad[t] = core_defects * simd::expm1_over(-core_defects);
    chance[t] = weight[t] * simd::exp(-(defects * (1.0 - core_area_share[t]) +
                                        plan.fewest * core_defects));
  }
  for (size_t m = 2; m < targets.size(); ++m) {
    const double* __restrict fewer = bad_power[m - 1];
    double* __restrict power = bad_power[m];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) power[t] = fewer[t] * bad[t];
  }
  double* __restrict none = bad_power[0];
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) none[t] = 1.0;
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
    add_poisson(plan, lanes, density, weight, in.die_area_cm2, in.core_area_share, scratch, targets);
  }
}

/// Lowest log Z: where the area that must be free of defects leaves e^-moore_last_exponent.
FABCAST_INLINE double moore_lowest_log(double d0, double area, double core_area_share,
                                       double per_core, int fewest) {
  const double core = core_area_share * per_core;
  const double must_work = 1.0 - core_area_share + fewest * core;
  const double floor = moore_least_area_share * core;
  const double defects = d0 * area * (must_work > floor ? must_work : floor);
  return 0.5 * simd::log((defects > moore_least_defects ? defects : moore_least_defects) /
                         (2.0 * moore_last_exponent));
}

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
  for (int i = 0; i < moore_nodes; ++i) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double lowest = moore_lowest_log(d0[t], area[t], share[t], per_core, fewest);
      const double step = (moore_highest_log - lowest) / (moore_nodes - 1);
      const double z = simd::exp(lowest + i * step);
      density[t] = d0[t] / (2.0 * z * z);
      weight[t] = root_two_over_pi * step * z * simd::exp(-0.5 * z * z);
    }
    add_poisson(plan, lanes, density, weight, area, share, scratch, targets);
  }
}

void clear(int lanes, double* __restrict row) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) row[t] = 0.0;
}

/// p_j of one die, added to targets[n - j].
void add_good_cores(const BinPlan& plan, int lanes, const BinColumns& in, Scratch scratch,
                    Targets targets) {
  double* __restrict shape = scratch.next();
  double* __restrict defects = scratch.next();
  const double* __restrict d0 = in.d0_per_cm2;
  const double* __restrict area = in.die_area_cm2;
  const double layers = plan.design.critical_layers;
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
      return add_poisson(plan, lanes, d0, shape, area, in.core_area_share, scratch, targets);
    }
    case YieldModel::murphy: return add_murphy(plan, lanes, in, scratch, targets);
    case YieldModel::moore: return add_moore(plan, lanes, in, scratch, targets);
  }
}

/// Two independent dies whose uncores work: sum of p_c1 p_c2 / P_u over c1 + c2 in the bin.
void pair_dies(const BinPlan& plan, int lanes, const BinColumns& in, Scratch scratch,
               Targets chances, std::span<double* const> out) {
  double* __restrict uncore_area = scratch.next();
  double* __restrict uncore_yield = scratch.next();
  const double* __restrict area = in.die_area_cm2;
  const double* __restrict share = in.core_area_share;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) uncore_area[t] = area[t] * (1.0 - share[t]);
  die_yield(plan.design.model, lanes, {uncore_area, in.d0_per_cm2, in.alpha},
            plan.design.critical_layers, uncore_yield);
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
        target[t] += orders * one[t] * (other[t] / uncore_yield[t]);
      }
    }
  }
}

void refuse_mistakes(const BinDesign& design) {
  std::string mistakes;
  const auto mistake = [&](const std::string& text) {
    mistakes += (mistakes.empty() ? "" : "\n") + text;
  };
  if (design.cores < 1 || design.cores > most_cores) {
    mistake(fmt::format("bins need a die of 1 to {} cores, not {}", most_cores, design.cores));
  }
  if (design.min_cores.empty()) mistake("a die with bins needs at least one bin");
  const int dies = design.scope == BinScope::pair ? 2 : 1;
  for (size_t b = 0; b < design.min_cores.size(); ++b) {
    const int asked = design.min_cores[b];
    if (asked < 0 || asked > dies * design.cores) {
      mistake(fmt::format("a bin asks for {} good cores of {} that there are", asked,
                          dies * design.cores));
    }
    if (b > 0 && asked >= design.min_cores[b - 1]) {
      mistake(fmt::format("bins stand best first: one of {} good cores cannot follow one of {}",
                          asked, design.min_cores[b - 1]));
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);
}

}  // namespace

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
    for (int m = 0; m < chances; ++m) plan.series.push_back(series_for(cores, m));
    plan.scratch_rows += gamma_rows + 1;
  } else {
    if (plan.design.model == YieldModel::murphy) plan_murphy(plan);
    plan.scratch_rows += 2 + poisson_rows + chances;
  }
  return plan;
}

void bin_yields(const BinPlan& plan, int lanes, const BinColumns& in,
                std::span<double* const> scratch_rows, std::span<double* const> out) {
  Scratch scratch(scratch_rows);
  for (double* row : out) clear(lanes, row);
  const int cores = plan.design.cores;
  const int chances = cores - plan.fewest + 1;
  if (plan.design.scope == BinScope::pair) {
    const std::span<double* const> rows = scratch.next(chances);
    for (double* row : rows) clear(lanes, row);
    add_good_cores(plan, lanes, in, scratch, rows);
    pair_dies(plan, lanes, in, scratch, rows, out);
    return;
  }
  double* targets[most_cores + 1];
  for (int m = 0; m < chances; ++m) {
    targets[m] = out[static_cast<size_t>(plan.bin_of[static_cast<size_t>(cores - m)])];
  }
  add_good_cores(plan, lanes, in, scratch, {targets, static_cast<size_t>(chances)});
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
