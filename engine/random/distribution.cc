#include "random/distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/lanes.h"
#include "random/beta_quantile.h"
#include "random/metalog.h"
#include "random/normal_expectation.h"
#include "simd/math.h"

namespace fabcast {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool is_cut(const Distribution& d) { return d.u_low > 0 || d.u_high < 1; }

/// Calls `use` with the family's own quantile function of (u, 1 - u), truncation left out. One
/// formula a family serves single calls, columns and quadrature alike; inside a lane loop nothing
/// asks for the family again.
template <class Use>
auto with_quantile(const Distribution& d, const Use& use) {
  switch (d.family) {
    case Family::uniform:
      return use([low = d.a, width = d.b - d.a](double u, double) { return low + width * u; });
    case Family::triangular: {
      const double below_mode = (d.b - d.a) / (d.c - d.a);
      const double rising = (d.b - d.a) * (d.c - d.a), falling = (d.c - d.b) * (d.c - d.a);
      return use([=, low = d.a, high = d.c](double u, double upper) {
        const bool rises = u < below_mode;
        const double distance = std::sqrt(rises ? rising * u : falling * upper);
        return rises ? low + distance : high - distance;
      });
    }
    case Family::pert:
    case Family::beta:
      return use([beta = beta_of(d)](double u, double upper) { return beta.quantile(u, upper); });
    case Family::normal:
      return use([mean = d.a, sd = d.b](double u, double upper) {
        return mean + sd * simd::normal_quantile(u, upper);
      });
    case Family::lognormal:
      return use([mean = d.a, sd = d.b](double u, double upper) {
        return simd::exp(mean + sd * simd::normal_quantile(u, upper));
      });
    case Family::discrete:
      return use([x = d.x.data(), w = d.w.data(), n = d.x.size()](double u, double) {
        double value = x[0], reached = w[0];
        for (size_t k = 1; k < n; ++k) {
          value = u > reached ? x[k] : value;
          reached += w[k];
        }
        return value;
      });
    case Family::metalog: {
      const auto a = metalog_coefficients(d.x);
      const double low = d.c, high = d.d, width = d.d - d.c;
      if (low > -infinity && high < infinity) {
        return use([=](double u, double upper) {
          return low + width / (1.0 + simd::exp(-metalog(a, u, upper)));
        });
      }
      if (low > -infinity) {
        return use([=](double u, double upper) { return low + simd::exp(metalog(a, u, upper)); });
      }
      if (high < infinity) {
        return use([=](double u, double upper) { return high - simd::exp(-metalog(a, u, upper)); });
      }
      return use([=](double u, double upper) { return metalog(a, u, upper); });
    }
    case Family::constant:
      break;
  }
  return use([value = d.a](double, double) { return value; });
}

/// (u, 1 - u) carried from (0, 1) into the truncation's part of it.
struct Rescale {
  double u_low, left_above, kept;
  explicit Rescale(const Distribution& d)
      : u_low(d.u_low), left_above(1 - d.u_high), kept(d.u_high - d.u_low) {}
  FABCAST_INLINE double u(double u) const { return u_low + kept * u; }
  FABCAST_INLINE double upper(double upper) const { return left_above + kept * upper; }
};

/// Bounds of the values, against rounding only: the rescaled u already lies inside.
struct Hold {
  double low, high;
  explicit Hold(const Distribution& d) : low(d.lowest()), high(d.highest()) {}
  FABCAST_INLINE double operator()(double x) const {
    x = x < low ? low : x;
    return x > high ? high : x;
  }
};

/// Calls `use` with Q(Phi(z)), truncation included.
template <class Use>
auto with_quantile_of_normal(const Distribution& d, const Use& use) {
  const Rescale rescale(d);
  const Hold hold(d);
  const bool cut = is_cut(d);
  if (d.family == Family::normal && !cut) {
    return use([mean = d.a, sd = d.b](double z) { return mean + sd * z; });
  }
  if (d.family == Family::lognormal && !cut) {
    return use([mean = d.a, sd = d.b](double z) { return simd::exp(mean + sd * z); });
  }
  if (d.is_constant()) return use([value = d.a](double) { return value; });
  if ((d.family == Family::pert || d.family == Family::beta) && !d.x.empty()) {
    const double* table = d.x.data();
    const int intervals = static_cast<int>(d.x.size() / beta_table_terms);
    if (!cut) return use([=](double z) { return hold(beta_from_table(table, intervals, z)); });
    return use([=](double z) {
      const double inside = simd::normal_quantile(rescale.u(simd::normal_cdf(z)),
                                                  rescale.upper(simd::normal_cdf(-z)));
      return hold(beta_from_table(table, intervals, inside));
    });
  }
  return with_quantile(d, [&](const auto& quantile) {
    return use([=](double z) {
      return hold(quantile(rescale.u(simd::normal_cdf(z)), rescale.upper(simd::normal_cdf(-z))));
    });
  });
}

/// P(X <= value), truncation left out.
double whole_cdf(const Distribution& d, double value) {
  switch (d.family) {
    case Family::constant:
      return value < d.a ? 0 : 1;
    case Family::uniform:
      return (value - d.a) / (d.b - d.a);
    case Family::triangular: {
      const double width = d.c - d.a;
      if (value <= d.a) return 0;
      if (value >= d.c) return 1;
      if (value < d.b) return (value - d.a) * (value - d.a) / (width * (d.b - d.a));
      return 1 - (d.c - value) * (d.c - value) / (width * (d.c - d.b));
    }
    case Family::pert:
    case Family::beta:
      return beta_of(d).cdf(value);
    case Family::normal:
      return simd::normal_cdf((value - d.a) / d.b);
    case Family::lognormal:
      return value < std::numeric_limits<double>::min()
                 ? 0
                 : simd::normal_cdf((simd::log(value) - d.a) / d.b);
    case Family::discrete: {
      double reached = 0;
      for (size_t k = 0; k < d.x.size() && d.x[k] <= value; ++k) reached += d.w[k];
      return reached;
    }
    case Family::metalog: {
      // The quantile function rises: halve the logit of u. 1/(1+e^-40) is 1 to the last bit.
      const auto share = [](double logit) { return 1 / (1 + simd::exp(-logit)); };
      return with_quantile(d, [&](const auto& quantile) {
        double below = -40, above = 40;
        for (int i = 0; i < 64; ++i) {
          const double middle = 0.5 * (below + above);
          (quantile(share(middle), share(-middle)) <= value ? below : above) = middle;
        }
        return share(0.5 * (below + above));
      });
    }
  }
  return 0;
}

/// Infimum and supremum of the family's support, truncation left out.
double support_low(const Distribution& d) {
  switch (d.family) {
    case Family::normal:
      return -infinity;
    case Family::lognormal:
      return 0;
    case Family::discrete:
      return d.x.front();
    case Family::beta:
    case Family::metalog:
      return d.c;
    default:
      return d.a;
  }
}
double support_high(const Distribution& d) {
  switch (d.family) {
    case Family::normal:
    case Family::lognormal:
      return infinity;
    case Family::discrete:
      return d.x.back();
    case Family::beta:
    case Family::metalog:
      return d.d;
    case Family::triangular:
    case Family::pert:
      return d.c;
    case Family::uniform:
      return d.b;
    default:
      return d.a;
  }
}

/// E[f(X)], truncation included.
template <class F>
double expectation(const Distribution& d, F f) {
  if (d.family == Family::discrete) {
    double sum = 0;
    for (size_t k = 0; k < d.x.size(); ++k) sum += d.w[k] * f(d.x[k]);
    return sum;
  }
  Distribution whole = d;
  whole.u_low = 0;
  whole.u_high = 1;
  const double sum = with_quantile_of_normal(whole, [&](const auto& quantile) {
    return normal_expectation([&](double z) { return f(quantile(z)); },
                              simd::normal_quantile(d.u_low, 1 - d.u_low),
                              simd::normal_quantile(d.u_high, 1 - d.u_high));
  });
  return sum / (d.u_high - d.u_low);
}

/// Whether E|X|^power is finite: only a metalog with one open end and a heavy tail there is not.
bool has_moment(const Distribution& d, int power) {
  if (d.family != Family::metalog) return true;
  const auto a = metalog_coefficients(d.x);
  if (d.c > -infinity && d.d == infinity && d.u_high == 1)
    return power * metalog_tail_slope(a, 0.5) < 1;
  if (d.c == -infinity && d.d < infinity && d.u_low == 0)
    return power * metalog_tail_slope(a, -0.5) < 1;
  return true;
}

}  // namespace

double Distribution::quantile(double u) const {
  const Rescale rescale(*this);
  const Hold hold(*this);
  return with_quantile(*this, [&](const auto& quantile_at) {
    return hold(quantile_at(rescale.u(u), rescale.upper(1 - u)));
  });
}

double Distribution::quantile_of_normal(double z) const {
  return with_quantile_of_normal(*this, [&](const auto& quantile_at) { return quantile_at(z); });
}

FABCAST_KERNEL
void quantiles_of_normals(const Distribution& distribution, std::span<const double> z,
                          std::span<double> out) {
  with_quantile_of_normal(distribution, [&](const auto& quantile_at) {
    const double* const in = z.data();
    double* const to = out.data();
    const size_t n = z.size();
    FABCAST_LANES
    for (size_t t = 0; t < n; ++t) to[t] = quantile_at(in[t]);
  });
}

double Distribution::cdf(double value) const {
  if (is_constant()) return value < a ? 0 : 1;
  if (value < lowest() || value == -infinity) return 0;
  if (value >= highest()) return 1;
  return std::clamp((whole_cdf(*this, value) - u_low) / (u_high - u_low), 0.0, 1.0);
}

double Distribution::mean() const {
  if (!has_moment(*this, 1)) return c > -infinity ? infinity : -infinity;
  if (!is_cut(*this)) {
    switch (family) {
      case Family::constant:
      case Family::normal:
        return a;
      case Family::uniform:
        return 0.5 * (a + b);
      case Family::triangular:
        return (a + b + c) / 3;
      case Family::lognormal:
        return std::exp(a + 0.5 * b * b);
      case Family::pert:
      case Family::beta: {
        const ScaledBeta beta = beta_of(*this);
        return beta.low + (beta.high - beta.low) * beta.alpha / (beta.alpha + beta.beta);
      }
      case Family::discrete:
      case Family::metalog:
        break;
    }
  }
  return expectation(*this, [](double value) { return value; });
}

double Distribution::sd() const {
  if (!is_cut(*this)) {
    switch (family) {
      case Family::constant:
        return 0;
      case Family::normal:
        return b;
      case Family::uniform:
        return (b - a) / std::sqrt(12.0);
      case Family::triangular:
        return std::sqrt(((c - a) * (c - a) - (b - a) * (c - b)) / 18);
      case Family::lognormal:
        return mean() * std::sqrt(std::expm1(b * b));
      case Family::pert:
      case Family::beta: {
        const ScaledBeta beta = beta_of(*this);
        const double sum = beta.alpha + beta.beta;
        return (beta.high - beta.low) * std::sqrt(beta.alpha * beta.beta / (sum + 1)) / sum;
      }
      case Family::discrete:
      case Family::metalog:
        break;
    }
  }
  if (!has_moment(*this, 2)) return infinity;
  const double centre = mean();
  return std::sqrt(
      expectation(*this, [=](double value) { return (value - centre) * (value - centre); }));
}

double Distribution::lowest() const { return std::max(cut_low, support_low(*this)); }

double Distribution::highest() const { return std::min(cut_high, support_high(*this)); }

}  // namespace fabcast
