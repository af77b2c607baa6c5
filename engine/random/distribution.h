#pragma once
/// Marginal distributions of uncertain inputs, each known by its quantile function.

#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace fabcast {

enum class Family : unsigned char {
  constant,    ///< a
  uniform,     ///< [a, b]
  triangular,  ///< minimum a, mode b, maximum c
  pert,        ///< minimum a, mode b, maximum c: beta(1 + 4(b-a)/(c-a), 1 + 4(c-b)/(c-a)) on [a, c]
  beta,        ///< shapes a, b > 0 on [c, d]
  normal,      ///< mean a, standard deviation b
  lognormal,   ///< exp of a normal of mean a and standard deviation b (of the logs)
  discrete,    ///< values x with weights w (normalised, x ascending)
  metalog      ///< coefficients x of Keelin's (2016) basis; c, d: bounds (-inf, +inf where open)
};

/// A marginal, truncated to [quantile at u_low, quantile at u_high] by rescaling u.
struct Distribution {
  Family family = Family::constant;
  double a = 0, b = 0, c = 0, d = 0;
  /// discrete: values and weights; metalog: coefficients in x; pert, beta: quantiles_of_normals'
  /// table in x (beta_quantile.h).
  std::vector<double> x, w;
  double u_low = 0, u_high = 1;
  /// The bounds of the truncation as given. Draws are held to them only against rounding.
  double cut_low = -std::numeric_limits<double>::infinity();
  double cut_high = std::numeric_limits<double>::infinity();

  bool is_constant() const { return family == Family::constant; }
  /// Q(u), 0 < u < 1. Truncation included.
  double quantile(double u) const;
  /// Q(Phi(z)): exact for the normal families, which need no Phi when untruncated; for pert and
  /// beta from a table, within 1e-10 of the width of quantile(Phi(z)).
  double quantile_of_normal(double z) const;
  /// P(X <= value), truncation included.
  double cdf(double value) const;
  /// Closed form where the family has one and is untruncated, else quadrature; infinite where a
  /// bounded metalog's tail is too heavy.
  double mean() const;
  double sd() const;       ///< likewise
  double lowest() const;   ///< infimum of the support, -inf where open
  double highest() const;  ///< supremum of the support, +inf where open
};

/// out[t] = quantile_of_normal(z[t]), to the same bits.
void quantiles_of_normals(const Distribution& distribution, std::span<const double> z,
                          std::span<double> out);

// Makers. Each throws std::invalid_argument with a sentence that says what is wrong and what to
// give instead ("the mode 9 lies outside 1 to 5; give minimum, mode, maximum in ascending order").
Distribution make_constant(double value);
Distribution make_uniform(double low, double high);
Distribution make_triangular(double low, double mode, double high);
Distribution make_pert(double low, double mode, double high);
Distribution make_beta(double shape_a, double shape_b, double low, double high);
Distribution make_normal(double mean, double sd);
/// 5 % and 95 % quantiles, both positive.
Distribution make_lognormal(double p05, double p95);
/// `low to high`, a 90 % interval: lognormal where both ends are positive, else normal.
Distribution make_interval(double low, double high);
Distribution make_discrete(std::vector<double> values, std::vector<double> weights);
/// Keelin (2016), doi:10.1287/deca.2016.0338: as many terms as quantiles (3 to 10, least squares
/// above that; 8 for seven that are symmetric about the median, where seven are singular), from
/// (probability, value) pairs in any order. Refused where the quantile function is not
/// increasing. `low`/`high` bound it (log, or logit where both are finite); pass -inf / +inf for
/// open ends.
Distribution make_metalog(std::span<const double> probabilities, std::span<const double> values,
                          double low, double high);
/// The same, truncated to [low, high]; refused where that leaves less than 1e-9 of the probability.
Distribution truncated(Distribution distribution, double low, double high);
/// The same in other units: X -> factor * X, factor > 0.
Distribution scaled(Distribution distribution, double factor);

std::string_view family_name(Family family);

}  // namespace fabcast
