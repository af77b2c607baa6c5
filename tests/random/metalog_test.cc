#include "random/metalog.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "random/distribution.h"

using namespace fabcast;
using doctest::Approx;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using Numbers = std::vector<double>;

std::string refusal(const Numbers& p, const Numbers& v, double low = -infinity,
                    double high = infinity) {
  try {
    make_metalog(p, v, low, high);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("as many terms as quantiles go through every quantile") {
  // Quantiles of a Gumbel, -ln(-ln u): smooth, skewed, unbounded.
  Numbers p, v;
  const Numbers all{0.5, 0.1, 0.9, 0.25, 0.75, 0.02, 0.98, 0.4, 0.6, 0.15};
  for (const double u : all) {
    p.push_back(u);
    v.push_back(-std::log(-std::log(u)));
    if (p.size() < 3) continue;
    CAPTURE(p.size());
    const Distribution open = make_metalog(p, v, -infinity, infinity);
    const Distribution above = make_metalog(p, v, -20, infinity);
    const Distribution below = make_metalog(p, v, -infinity, 20);
    const Distribution both = make_metalog(p, v, -20, 20);
    // These seven are symmetric about the median, which takes an eighth term.
    CHECK(open.x.size() == (p.size() == 7 ? 8 : p.size()));
    for (size_t i = 0; i < p.size(); ++i) {
      for (const auto& made : {open, above, below, both})
        CHECK(made.quantile(p[i]) == Approx(v[i]).epsilon(1e-9));
    }
  }
}

TEST_CASE("above ten quantiles the fit is by least squares and near them") {
  Numbers p, v;
  for (int i = 1; i < 40; ++i) {
    p.push_back(i / 40.0);
    v.push_back(-std::log(-std::log(p.back())));
  }
  const Distribution made = make_metalog(p, v, -infinity, infinity);
  CHECK(made.x.size() == metalog_terms);
  for (size_t i = 0; i < p.size(); ++i) CHECK(std::fabs(made.quantile(p[i]) - v[i]) < 1e-4);
  // A logistic lies in the basis, so least squares must find it.
  Numbers logistic;
  for (const double u : p) logistic.push_back(4 + 2 * std::log(u / (1 - u)));
  const Distribution exact = make_metalog(p, logistic, -infinity, infinity);
  CHECK(exact.x[0] == Approx(4).epsilon(1e-9));
  CHECK(exact.x[1] == Approx(2).epsilon(1e-9));
  CHECK(exact.quantile(0.999) == Approx(4 + 2 * std::log(999.0)).epsilon(1e-7));
}

TEST_CASE("two terms of the basis are a logistic, whose mean and deviation are known") {
  const auto logistic = [](double u) { return 4 + 2 * std::log(u / (1 - u)); };
  const Distribution made =
      make_metalog(Numbers{0.1, 0.5, 0.9}, Numbers{logistic(0.1), logistic(0.5), logistic(0.9)},
                   -infinity, infinity);
  CHECK(made.mean() == Approx(4).epsilon(1e-10));
  CHECK(made.sd() == Approx(2 * std::acos(-1) / std::sqrt(3.0)).epsilon(1e-9));
  CHECK(made.cdf(logistic(0.73)) == Approx(0.73).epsilon(1e-12));
}

TEST_CASE("a tail too heavy for a mean or a deviation is called infinite, not guessed") {
  // exp of a logistic of scale s is log-logistic of shape 1/s: mean pi s / sin(pi s) for s < 1.
  const auto log_logistic = [](double s) {
    Numbers v;
    for (const double u : {0.1, 0.5, 0.9}) v.push_back(std::pow(u / (1 - u), s));
    return make_metalog(Numbers{0.1, 0.5, 0.9}, v, 0, infinity);
  };
  const double pi = std::acos(-1);
  CHECK(log_logistic(0.25).mean() == Approx(0.25 * pi / std::sin(0.25 * pi)).epsilon(1e-8));
  CHECK(std::isfinite(log_logistic(0.25).sd()));
  CHECK(log_logistic(0.75).mean() == Approx(0.75 * pi / std::sin(0.75 * pi)).epsilon(1e-8));
  CHECK(log_logistic(0.75).sd() == infinity);
  CHECK(log_logistic(1.5).mean() == infinity);
  CHECK(truncated(log_logistic(1.5), 0, 100).mean() < 100);
  // Mirrored: heavy below.
  const Distribution mirrored =
      make_metalog(Numbers{0.1, 0.5, 0.9}, Numbers{-27, -1, -1.0 / 27}, -infinity, 0);
  CHECK(mirrored.mean() == -infinity);
}

TEST_CASE("bounds hold to the last draw") {
  const Distribution made = make_metalog(Numbers{0.1, 0.5, 0.9}, Numbers{1, 2, 4}, 0, 5);
  CHECK(made.lowest() == 0);
  CHECK(made.highest() == 5);
  CHECK(made.quantile(0x1p-53) >= 0);
  CHECK(made.quantile(1 - 0x1p-53) <= 5);
  CHECK(made.quantile(0x1p-53) < 1e-3);
}

TEST_CASE("order of the quantiles does not matter") {
  const Distribution sorted =
      make_metalog(Numbers{0.1, 0.5, 0.9}, Numbers{1, 2, 4}, -infinity, infinity);
  const Distribution mixed =
      make_metalog(Numbers{0.9, 0.1, 0.5}, Numbers{4, 1, 2}, -infinity, infinity);
  CHECK(sorted.x == mixed.x);
}

TEST_CASE("what makes no metalog is refused with a reason") {
  const Numbers p{0.1, 0.5, 0.9};
  CHECK(refusal(p, {1, 2, 4}).empty());
  // Keelin (2016), section 3.3: three terms are feasible only where |a3/a2| < 1.67; a median this
  // near one end is not.
  CHECK(refusal(p, {1, 1.05, 4}).find("falls near probability") != std::string::npos);
  CHECK(refusal({0.1, 0.5, 0.6, 0.9}, {1, 2, 3.9, 4}).find("falls") != std::string::npos);
  CHECK(refusal({0.1, 0.9}, {1, 2}).find("at least 3") != std::string::npos);
  CHECK(refusal(p, {1, 2}).find("at least 3") != std::string::npos);
  CHECK(refusal({0, 0.5, 0.9}, {1, 2, 4}).find("between 0 and 100 %") != std::string::npos);
  CHECK(refusal({0.5, 0.5, 0.9}, {1, 2, 4}).find("twice") != std::string::npos);
  CHECK(refusal(p, {1, 4, 2}).find("must rise") != std::string::npos);
  CHECK(refusal(p, {1, 2, 4}, 1.5).find("inside the bounds") != std::string::npos);
  CHECK(refusal(p, {1, 2, 4}, 5, 0).find("ascending") != std::string::npos);
  CHECK(refusal(p, {1, std::nan(""), 4}).find("inside the bounds") != std::string::npos);
}
