/// Distributions from what an author writes: checked, with a sentence for what is wrong.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "random/beta_quantile.h"
#include "random/distribution.h"

namespace fabcast {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class... Arguments>
[[noreturn]] void refuse(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
  throw std::invalid_argument(fmt::format(text, std::forward<Arguments>(arguments)...));
}

void require_finite(std::initializer_list<double> values) {
  for (const double value : values) {
    if (!std::isfinite(value)) refuse("{} is not a finite number; give a number", value);
  }
}

Distribution make(Family family, double a, double b = 0, double c = 0, double d = 0) {
  Distribution made;
  made.family = family;
  made.a = a;
  made.b = b;
  made.c = c;
  made.d = d;
  if (family == Family::pert || family == Family::beta) made.x = beta_table(beta_of(made));
  return made;
}

/// Three points of a triangular or PERT.
Distribution make_three_points(Family family, double low, double mode, double high) {
  require_finite({low, mode, high});
  if (!(low < high)) {
    refuse(
        "the minimum {} is not below the maximum {}; give minimum, mode, maximum in ascending "
        "order",
        low, high);
  }
  if (mode < low || mode > high) {
    refuse("the mode {} lies outside {} to {}; give minimum, mode, maximum in ascending order",
           mode, low, high);
  }
  return make(family, low, mode, high);
}

/// Two ends in ascending order; `form` shows how they are written.
void require_ascending(double low, double high, const char* form) {
  require_finite({low, high});
  if (low < high) return;
  if (low == high) refuse("both ends are {0}; for a constant write {0} alone", low);
  refuse("{} is not below {}; write {}", low, high, fmt::format(fmt::runtime(form), high, low));
}

}  // namespace

Distribution make_constant(double value) {
  require_finite({value});
  return make(Family::constant, value);
}

Distribution make_uniform(double low, double high) {
  require_ascending(low, high, "uniform({}, {})");
  return make(Family::uniform, low, high);
}

Distribution make_triangular(double low, double mode, double high) {
  return make_three_points(Family::triangular, low, mode, high);
}

Distribution make_pert(double low, double mode, double high) {
  return make_three_points(Family::pert, low, mode, high);
}

Distribution make_beta(double shape_a, double shape_b, double low, double high) {
  require_finite({shape_a, shape_b});
  if (!(shape_a > 0 && shape_b > 0)) {
    refuse("the shapes {} and {} of a beta must both be above 0; give e.g. beta(2, 5, 0, 1)",
           shape_a, shape_b);
  }
  require_ascending(low, high, "the bounds as {}, {}");
  return make(Family::beta, shape_a, shape_b, low, high);
}

Distribution make_normal(double mean, double sd) {
  require_finite({mean, sd});
  if (!(sd > 0)) {
    refuse("the standard deviation {} is not above 0; give normal(mean, standard deviation)", sd);
  }
  return make(Family::normal, mean, sd);
}

namespace {
/// Phi^-1(0.95): half the width of a 90 % interval in standard deviations.
double half_width() { return simd::normal_quantile(0.95, 0.05); }
}  // namespace

Distribution make_lognormal(double p05, double p95) {
  require_ascending(p05, p95, "lognormal({}, {})");
  if (!(p05 >= std::numeric_limits<double>::min())) {
    refuse(
        "a lognormal is positive, its 5 % quantile {} is not; give two positive quantiles or "
        "use normal(mean, standard deviation)",
        p05);
  }
  const double low = simd::log(p05), high = simd::log(p95);
  return make(Family::lognormal, 0.5 * (low + high), 0.5 * (high - low) / half_width());
}

Distribution make_interval(double low, double high) {
  require_ascending(low, high, "{} to {}");
  if (low > 0) return make_lognormal(low, high);
  return make_normal(0.5 * (low + high), 0.5 * (high - low) / half_width());
}

Distribution make_discrete(std::vector<double> values, std::vector<double> weights) {
  if (values.empty() || values.size() != weights.size()) {
    refuse("{} values and {} weights; give a weight for each value, e.g. discrete(1: 0.3, 2: 0.7)",
           values.size(), weights.size());
  }
  double total = 0;
  for (size_t k = 0; k < values.size(); ++k) {
    require_finite({values[k], weights[k]});
    if (weights[k] < 0) {
      refuse("the weight {} of {} is negative; give 0 or more", weights[k], values[k]);
    }
    total += weights[k];
  }
  if (!(total > 0)) refuse("all weights are zero; give at least one above 0");

  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t i, size_t j) { return values[i] < values[j]; });
  Distribution made = make(Family::discrete, 0);
  for (const size_t k : order) {
    if (weights[k] == 0) continue;
    if (made.x.empty() || made.x.back() != values[k]) {
      made.x.push_back(values[k]);
      made.w.push_back(0);
    }
    made.w.back() += weights[k] / total;
  }
  return made.x.size() == 1 ? make_constant(made.x[0]) : made;
}

Distribution truncated(Distribution d, double low, double high) {
  if (std::isnan(low) || std::isnan(high) || !(low < high)) {
    refuse("within [{}, {}]: the bounds are not in ascending order", low, high);
  }
  const bool cuts_low = low > d.lowest();
  low = std::max(low, d.lowest());
  high = std::min(high, d.highest());
  if (d.family == Family::constant || d.family == Family::discrete) {
    // Values outside go, the rest keep their weights: what rescaling u does to a step function.
    std::vector<double> values, weights;
    if (d.is_constant()) {
      d.x = {d.a};
      d.w = {1};
    }
    for (size_t k = 0; k < d.x.size(); ++k) {
      if (d.x[k] < low || d.x[k] > high) continue;
      values.push_back(d.x[k]);
      weights.push_back(d.w[k]);
    }
    if (values.empty()) refuse("none of the values lies within the bounds; widen them");
    return make_discrete(std::move(values), std::move(weights));
  }
  constexpr double least_kept = 1e-9;
  const double below = cuts_low && low < high ? d.cdf(low) : 0, upto = low < high ? d.cdf(high) : 0;
  if (!(upto - below >= least_kept)) {
    refuse(
        "the bounds leave less than 1e-9 of the probability; widen them or state the value "
        "itself differently");
  }
  const double kept = d.u_high - d.u_low;
  d.u_high = upto == 1 ? d.u_high : d.u_low + kept * upto;
  d.u_low += kept * below;
  d.cut_low = low;
  d.cut_high = high;
  return d;
}

Distribution scaled(Distribution d, double factor) {
  if (!(factor > 0) || !std::isfinite(factor)) refuse("the factor {} is not above 0", factor);
  d.cut_low *= factor;
  d.cut_high *= factor;
  switch (d.family) {
    case Family::constant:
      d.a *= factor;
      break;
    case Family::uniform:
    case Family::normal:
      d.a *= factor;
      d.b *= factor;
      break;
    case Family::triangular:
      d.a *= factor;
      d.b *= factor;
      d.c *= factor;
      break;
    case Family::pert:
      d.a *= factor;
      d.b *= factor;
      d.c *= factor;
      for (double& value : d.x) value *= factor;
      break;
    case Family::beta:
      d.c *= factor;
      d.d *= factor;
      for (double& value : d.x) value *= factor;
      break;
    case Family::lognormal:
      d.a += simd::log(factor);
      break;
    case Family::discrete:
      for (double& value : d.x) value *= factor;
      break;
    case Family::metalog:
      // Open: M times the factor. One bound: exp(M) times the factor, so M shifts. Two bounds: M
      // is a logit and stays.
      if (d.c == -infinity && d.d == infinity) {
        for (double& coefficient : d.x) coefficient *= factor;
      } else if (d.d == infinity) {
        d.x[0] += simd::log(factor);
      } else if (d.c == -infinity) {
        d.x[0] -= simd::log(factor);
      }
      d.c *= factor;
      d.d *= factor;
      break;
  }
  return d;
}

std::string_view family_name(Family family) {
  constexpr std::array<std::string_view, 9> names{"constant",  "uniform",  "triangular",
                                                  "pert",      "beta",     "normal",
                                                  "lognormal", "discrete", "metalog"};
  return names[static_cast<size_t>(family)];
}

}  // namespace fabcast
