/// Published quantiles, means and medians of distributions.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "random/distribution.h"
#include "reference/published.h"

using namespace fabcast;
using doctest::Approx;
using published_cases::Case;
using published_cases::check;
using published_cases::expected_number;
using published_cases::published;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double z95 = 1.6448536269514722, z975 = 1.9599639845400545;

/// The lognormal of a median and a standard deviation of the logs, from its 5 % and 95 % quantiles.
Distribution lognormal_of(double median, double sd_of_log) {
  return make_lognormal(median * std::exp(-z95 * sd_of_log), median * std::exp(z95 * sd_of_log));
}

double metalog_quantile(const Case& one) {
  std::vector<double> probabilities, values;
  for (const char* name : {"p10", "p25", "p50", "p75", "p90"}) {
    if (!one.inputs.contains(name)) continue;
    probabilities.push_back(std::stoi(name + 1) / 100.0);
    values.push_back(one.input(name));
  }
  return make_metalog(probabilities, values, one.input("lower"), infinity).quantile(one.input("q"));
}

/// The published 5 % and 95 % quantiles belong to a published 80 % interval: the lognormal through
/// the former must give back the latter.
void check_80_percent_interval(const Case& one) {
  const Distribution made = make_lognormal(expected_number(published("DIST-LN80-0.05")),
                                           expected_number(published("DIST-LN80-0.95")));
  CHECK(made.quantile(one.input("q")) == Approx(expected_number(one)).epsilon(1e-9));
  const auto ends = one.inputs.at("ci80").get<std::vector<double>>();
  CHECK(made.quantile(0.1) == Approx(ends[0]).epsilon(1e-9));
  CHECK(made.quantile(0.9) == Approx(ends[1]).epsilon(1e-9));
}

void check_relative_sigma(const Case& one) {
  const double r = one.input("relative_sigma");
  const Distribution made = lognormal_of(one.input("median"), std::sqrt(std::log1p(r * r)));
  check(one, made.quantile(0.1), 0);
  check(one, made.quantile(0.9), 1);
}

void check_interval(const Case& one) {
  CHECK(one.input("ci") == 0.9);  // what `a to b` means
  const Distribution made = make_interval(one.input("lo"), one.input("hi"));
  check(one, made.mean(), 0);
  check(one, made.quantile(0.5), 1);
}

void check_median_of_95_percent_interval(const Case& one) {
  const auto ends = one.inputs.at("ci95").get<std::vector<double>>();
  const double sd = std::log(ends[1] / ends[0]) / (2 * z975);
  const Distribution made =
      make_lognormal(ends[0] * std::exp((z975 - z95) * sd), ends[1] * std::exp((z95 - z975) * sd));
  CHECK(made.quantile(0.025) == Approx(ends[0]).epsilon(1e-9));
  CHECK(made.quantile(0.975) == Approx(ends[1]).epsilon(1e-9));
  check(one, made.quantile(0.5));
}

}  // namespace

TEST_CASE("published quantiles, means and medians of distributions") {
  int checked = 0;
  for (const Case& one : published_cases::all()) {
    if (!one.id.starts_with("DIST-")) continue;
    CAPTURE(one.id);
    ++checked;
    if (one.quantity == "metalog3_semibounded_quantile") {
      check(one, metalog_quantile(one));
    } else if (one.quantity == "lognormal_ci80_quantile") {
      check_80_percent_interval(one);
    } else if (one.quantity == "scaled_beta_quantile") {
      const Distribution made =
          make_beta(one.input("alpha"), one.input("beta"), one.input("min"), one.input("max"));
      check(one, made.quantile(one.input("q")));
    } else if (one.quantity == "lognormal_median_relsigma_p10|p90") {
      check_relative_sigma(one);
    } else if (one.quantity == "lognormal_90ci_mean|median") {
      check_interval(one);
    } else {
      REQUIRE(one.quantity == "implied_median_of_95ci");
      check_median_of_95_percent_interval(one);
    }
  }
  CHECK(checked == 13);
}
