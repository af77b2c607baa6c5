#include "random/distribution.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/triangular.hpp>
#include <boost/math/distributions/uniform.hpp>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "simd/math.h"

using namespace fabcast;
using doctest::Approx;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double z95 = 1.6448536269514722;

struct Case {
  std::string name;
  Distribution distribution;
};

/// One or more of every family, odd shapes included.
std::vector<Case> every_family() {
  const std::vector<double> p{0.1, 0.5, 0.9}, v{1.3, 2.2, 3.0};
  return {
      {"constant", make_constant(5)},
      {"uniform", make_uniform(-2, 7)},
      {"triangular", make_triangular(1, 4, 9)},
      {"triangular, mode at the minimum", make_triangular(1, 1, 9)},
      {"triangular, mode at the maximum", make_triangular(1, 9, 9)},
      {"pert", make_pert(100, 130, 300)},
      {"pert, mode at the minimum", make_pert(0, 0, 1)},
      {"beta", make_beta(2, 5, -1, 3)},
      {"beta, U-shaped", make_beta(0.4, 0.6, 0, 1)},
      {"beta, too steep for a table", make_beta(0.05, 3, 0, 1)},
      {"beta, nearly a point", make_beta(1e4, 1e4, 0, 1)},
      {"normal", make_normal(3, 2)},
      {"lognormal", make_lognormal(3, 8)},
      {"interval about zero", make_interval(-3, 8)},
      {"discrete", make_discrete({3, 1, 2}, {2, 1, 1})},
      {"metalog", make_metalog(p, v, -infinity, infinity)},
      {"metalog above 0", make_metalog(p, v, 0, infinity)},
      {"metalog below 5", make_metalog(p, v, -infinity, 5)},
      {"metalog in [0, 5]", make_metalog(p, v, 0, 5)},
  };
}

std::vector<double> grid() {
  std::vector<double> u{1e-12, 1e-6, 1e-4};
  for (int i = 1; i < 200; ++i) u.push_back(i / 200.0);
  u.insert(u.end(), {1 - 1e-4, 1 - 1e-6, 1 - 1e-12});
  return u;
}

template <class Exact>
void check_against(const Distribution& made, const Exact& exact) {
  for (const double u : grid()) {
    const double x = quantile(exact, u);
    CHECK(made.quantile(u) == Approx(x).epsilon(1e-12));
    CHECK(made.cdf(x) == Approx(cdf(exact, x)).epsilon(1e-12));
  }
  CHECK(made.mean() == Approx(mean(exact)).epsilon(1e-13));
  CHECK(made.sd() == Approx(standard_deviation(exact)).epsilon(1e-13));
}

/// The mean of the middle of `cells` even steps in u of f(Q(u)).
double mean_of(const Distribution& d, const std::function<double(double)>& f) {
  constexpr int cells = 20'000;
  double sum = 0;
  for (int i = 0; i < cells; ++i) sum += f(d.quantile((i + 0.5) / cells));
  return sum / cells;
}

/// What a maker says when it refuses.
template <class Make>
std::string refusal(Make make) {
  try {
    make();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& message, const char* part) {
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("quantiles, probabilities, means and deviations are Boost.Math's") {
  namespace bm = boost::math;
  check_against(make_uniform(-2, 7), bm::uniform_distribution<>(-2, 7));
  check_against(make_triangular(1, 4, 9), bm::triangular_distribution<>(1, 4, 9));
  check_against(make_normal(3, 2), bm::normal_distribution<>(3, 2));
  const double sd = std::log(8.0 / 3) / (2 * z95);
  check_against(make_lognormal(3, 8), bm::lognormal_distribution<>(std::log(24.0) / 2, sd));
}

TEST_CASE("beta and PERT are Boost.Math's beta, stretched") {
  const struct {
    Distribution made;
    double alpha, beta, low, high;
  } cases[] = {{make_beta(2, 5, -1, 3), 2, 5, -1, 3},
               {make_beta(0.4, 0.6, 0, 1), 0.4, 0.6, 0, 1},
               {make_pert(100, 130, 300), 1.6, 4.4, 100, 300},
               {make_pert(0, 0, 1), 1, 5, 0, 1}};
  for (const auto& one : cases) {
    const boost::math::beta_distribution<> exact(one.alpha, one.beta);
    const double width = one.high - one.low;
    for (const double u : grid()) {
      const double x = one.low + width * quantile(exact, u);
      CHECK(std::fabs(one.made.quantile(u) - x) < 1e-12 * width);
      CHECK(one.made.cdf(x) == Approx(cdf(exact, (x - one.low) / width)).epsilon(1e-11));
    }
    CHECK(one.made.mean() == Approx(one.low + width * mean(exact)).epsilon(1e-13));
    CHECK(one.made.sd() == Approx(width * standard_deviation(exact)).epsilon(1e-13));
  }
}

TEST_CASE("an interval holds 90 % between its ends") {
  for (const auto& made : {make_interval(3, 8), make_interval(-3, 8), make_interval(0, 2)}) {
    CHECK(made.cdf(made.quantile(0.05)) == Approx(0.05).epsilon(1e-13));
  }
  CHECK(make_interval(3, 8).family == Family::lognormal);
  CHECK(make_interval(3, 8).quantile(0.05) == Approx(3).epsilon(1e-14));
  CHECK(make_interval(3, 8).quantile(0.95) == Approx(8).epsilon(1e-14));
  CHECK(make_interval(-3, 8).family == Family::normal);
  CHECK(make_interval(-3, 8).quantile(0.05) == Approx(-3).epsilon(1e-14));
  CHECK(make_interval(0, 2).family == Family::normal);
}

TEST_CASE("discrete values come by their weights, sorted, merged, without zero weights") {
  const Distribution d = make_discrete({3, 1, 2, 3, 9}, {1, 1, 1, 1, 0});
  CHECK(d.x == std::vector<double>{1, 2, 3});
  CHECK(d.w == std::vector<double>{0.25, 0.25, 0.5});
  CHECK(d.quantile(0.24) == 1);
  CHECK(d.quantile(0.26) == 2);
  CHECK(d.quantile(0.51) == 3);
  CHECK(d.quantile(0.999999999) == 3);
  CHECK(d.cdf(0.9) == 0);
  CHECK(d.cdf(2) == 0.5);
  CHECK(d.cdf(3) == 1);
  CHECK(d.mean() == 2.25);
  CHECK(d.sd() == Approx(std::sqrt(0.25 * 1.5625 + 0.25 * 0.0625 + 0.5 * 0.5625)).epsilon(1e-14));
  CHECK(make_discrete({4, 4}, {1, 2}).is_constant());
}

TEST_CASE("every family: quantiles rise, stay in the support and undo the distribution function") {
  for (const Case& one : every_family()) {
    CAPTURE(one.name);
    const Distribution& d = one.distribution;
    double before = -infinity;
    for (const double u : grid()) {
      const double x = d.quantile(u);
      CHECK(x >= before);
      CHECK(x >= d.lowest());
      CHECK(x <= d.highest());
      // Below the smallest normal double the too steep beta is zero.
      if (d.family != Family::discrete && !d.is_constant() && x > 1e-290)
        CHECK(d.cdf(x) == Approx(u).epsilon(1e-9));
      before = x;
    }
    CHECK(d.cdf(-infinity) == 0);
    CHECK(d.cdf(infinity) == 1);
  }
}

TEST_CASE("every family: mean and deviation are those of its quantiles") {
  for (const Case& one : every_family()) {
    CAPTURE(one.name);
    const Distribution& d = one.distribution;
    const double m = d.mean();
    CHECK(mean_of(d, [](double x) { return x; }) == Approx(m).epsilon(1e-3).scale(d.sd()));
    CHECK(std::sqrt(mean_of(d, [&](double x) { return (x - m) * (x - m); })) ==
          Approx(d.sd()).epsilon(3e-3));
  }
}

TEST_CASE("every family: the column, the single call and the quantile agree") {
  std::vector<double> z(1001), out(z.size());
  for (size_t t = 0; t < z.size(); ++t) z[t] = -8.2 + 16.4 * static_cast<double>(t) / 1000;
  for (const Case& one : every_family()) {
    for (const bool cut : {false, true}) {
      CAPTURE(one.name);
      CAPTURE(cut);
      Distribution d = one.distribution;
      if (cut && !d.is_constant() && d.family != Family::discrete)
        d = truncated(d, d.quantile(0.2), d.quantile(0.9));
      quantiles_of_normals(d, z, out);
      const double scale = d.quantile(0.95) - d.quantile(0.05) + std::fabs(d.quantile(0.5));
      int unlike_single = 0;
      double worst = 0;
      for (size_t t = 0; t < z.size(); ++t) {
        unlike_single += out[t] != d.quantile_of_normal(z[t]);
        if (std::fabs(z[t]) > 6) continue;
        const double u = simd::normal_cdf(z[t]);
        if (d.family == Family::discrete && std::fabs(u - 0.5) < 1e-9) continue;
        // In the upper tail u itself has lost digits; what it can still say is Q between its
        // neighbours.
        const double spread = d.quantile(std::nextafter(u, 1)) - d.quantile(std::nextafter(u, 0));
        worst = std::max(worst, std::fabs(out[t] - d.quantile(u)) - 4 * spread);
      }
      CHECK(unlike_single == 0);
      CHECK(worst < 2e-10 * std::max(scale, d.highest() < infinity ? d.highest() - d.lowest() : 0));
    }
  }
}

TEST_CASE("truncation rescales u: the kept part keeps its shape") {
  for (const Case& one : every_family()) {
    CAPTURE(one.name);
    const Distribution& whole = one.distribution;
    if (whole.is_constant() || whole.family == Family::discrete) continue;
    const double low = whole.quantile(0.3), high = whole.quantile(0.8);
    const Distribution cut = truncated(whole, low, high);
    CHECK(cut.lowest() == low);
    CHECK(cut.highest() == high);
    for (const double u : {0.001, 0.25, 0.5, 0.75, 0.999}) {
      CHECK(cut.quantile(u) == Approx(whole.quantile(0.3 + 0.5 * u)).epsilon(1e-9));
      CHECK(cut.cdf(cut.quantile(u)) == Approx(u).epsilon(1e-8));
    }
    CHECK(cut.mean() == Approx(mean_of(cut, [](double x) { return x; })).epsilon(1e-5));
    const double m = cut.mean();
    CHECK(cut.sd() == Approx(std::sqrt(mean_of(cut, [&](double x) {
                        return (x - m) * (x - m);
                      }))).epsilon(1e-4));
    // No heap of probability at the ends, as clamping would make.
    CHECK(cut.cdf(low) < 1e-9);
    // Cutting twice is cutting once.
    const Distribution twice = truncated(truncated(whole, low, infinity), -infinity, high);
    CHECK(twice.quantile(0.37) == Approx(cut.quantile(0.37)).epsilon(1e-9));
    // Bounds beyond the support change nothing.
    CHECK(truncated(whole, -infinity, infinity).quantile(0.37) == whole.quantile(0.37));
  }
  const Distribution normal = truncated(make_normal(0, 1), 1, infinity);
  // phi(1) / (1 - Phi(1)), the inverse Mills ratio.
  CHECK(normal.mean() == Approx(1.5251352761609807).epsilon(1e-10));
  CHECK(truncated(make_discrete({1, 2, 3}, {1, 1, 2}), 1.5, 9).w ==
        std::vector<double>{1.0 / 3, 2.0 / 3});
  CHECK(truncated(make_constant(4), 1, 9).quantile(0.3) == 4);
}

TEST_CASE("draws never leave the bounds of a truncation") {
  // Without the guard, rounding carries the last two one step above their bound.
  const std::vector<double> p{0.1, 0.5, 0.9}, v{0.6, 1.0, 1.6};
  const struct {
    Distribution cut;
    double low, high;
  } cases[] = {
      {truncated(make_normal(0.9, 0.2), 0, 1), 0, 1},
      {truncated(make_lognormal(0.912, 3.3), 0.1, 1.1), 0.1, 1.1},
      {truncated(make_metalog(p, v, -infinity, infinity), 0.1, 1.4), 0.1, 1.4},
      {truncated(make_pert(0.5, 0.6, 3), 0.1, 1.33), 0.5, 1.33},
  };
  std::vector<double> z(2001), out(z.size());
  for (size_t t = 0; t < z.size(); ++t) z[t] = -8.3 + 16.6 * static_cast<double>(t) / 2000;
  for (const auto& one : cases) {
    quantiles_of_normals(one.cut, z, out);
    CHECK(*std::min_element(out.begin(), out.end()) >= one.low);
    CHECK(*std::max_element(out.begin(), out.end()) <= one.high);
    CHECK(std::fabs(out.front() - one.low) < 1e-6);
    CHECK(std::fabs(out.back() - one.high) < 1e-6);
  }
}

TEST_CASE("a scaled distribution is the same in other units") {
  for (const Case& one : every_family()) {
    CAPTURE(one.name);
    for (const double factor : {1000.0, 0.01}) {
      const Distribution big = scaled(one.distribution, factor);
      for (const double u : {1e-6, 0.1, 0.5, 0.77, 1 - 1e-6}) {
        CHECK(big.quantile(u) == Approx(factor * one.distribution.quantile(u)).epsilon(1e-12));
        const double z = simd::normal_quantile(u);
        CHECK(big.quantile_of_normal(z) ==
              Approx(factor * one.distribution.quantile_of_normal(z)).epsilon(1e-12));
      }
      CHECK(big.mean() == Approx(factor * one.distribution.mean()).epsilon(1e-10));
      CHECK(big.sd() == Approx(factor * one.distribution.sd()).epsilon(1e-10));
    }
  }
  const Distribution cut = scaled(truncated(make_normal(0, 1), -1, 2), 100);
  CHECK(cut.lowest() == -100);
  CHECK(cut.highest() == 200);
  CHECK_THROWS_AS(scaled(make_constant(1), 0), std::invalid_argument);
  CHECK_THROWS_AS(scaled(make_constant(1), -2), std::invalid_argument);
}

TEST_CASE("makers refuse what makes no distribution, and say what to give instead") {
  CHECK(says(refusal([] { make_constant(std::nan("")); }), "finite"));
  CHECK(says(refusal([] { make_uniform(5, 2); }), "uniform(2, 5)"));
  CHECK(says(refusal([] { make_uniform(5, 5); }), "write 5 alone"));
  CHECK(says(refusal([] { make_triangular(1, 9, 5); }), "the mode 9 lies outside 1 to 5"));
  CHECK(says(refusal([] { make_pert(5, 5, 5); }), "ascending order"));
  CHECK(says(refusal([] { make_beta(0, 1, 0, 1); }), "above 0"));
  CHECK(says(refusal([] { make_beta(1, 1, 1, 0); }), "0, 1"));
  CHECK(says(refusal([] { make_normal(1, 0); }), "standard deviation"));
  CHECK(says(refusal([] { make_lognormal(-1, 5); }), "positive"));
  CHECK(says(refusal([] { make_lognormal(0, 5); }), "positive"));
  CHECK(says(refusal([] { make_interval(8, 3); }), "3 to 8"));
  CHECK(says(refusal([] { make_interval(1, infinity); }), "finite"));
  CHECK(says(refusal([] { make_discrete({1, 2}, {1}); }), "weight"));
  CHECK(says(refusal([] { make_discrete({1, 2}, {1, -1}); }), "negative"));
  CHECK(says(refusal([] { make_discrete({1, 2}, {0, 0}); }), "zero"));
  CHECK(says(refusal([] { truncated(make_normal(0, 1), 2, 1); }), "ascending"));
  CHECK(says(refusal([] { truncated(make_normal(0, 1), 7, 9); }), "1e-9"));
  CHECK(says(refusal([] { truncated(make_uniform(0, 1), 2, 3); }), "1e-9"));
  CHECK(says(refusal([] { truncated(make_constant(5), 6, 8); }), "none of the values"));
}

TEST_CASE("families have their names") {
  CHECK(family_name(Family::constant) == "constant");
  CHECK(family_name(Family::pert) == "pert");
  CHECK(family_name(Family::metalog) == "metalog");
}
