#include "random/describe.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace fabcast;
using doctest::Approx;

TEST_CASE("at an anchor a point of a path is the anchor") {
  const Distribution d = make_lognormal(3, 8), other = make_uniform(0, 1);
  const PointOfPath point{d, other};
  CHECK(point.mean() == d.mean());
  CHECK(point.sd() == d.sd());
  CHECK(point.quantile(0.3) == d.quantile(0.3));
}

TEST_CASE("between two lognormals, in logs, the point is the lognormal between") {
  const Distribution before = make_lognormal(3, 8), after = make_lognormal(10, 90);
  const PointOfPath point{before, after, 0.25, true};
  const double low = std::pow(3, 0.75) * std::pow(10, 0.25);
  const double high = std::pow(8, 0.75) * std::pow(90, 0.25);
  const Distribution exact = make_lognormal(low, high);
  CHECK(point.quantile(0.05) == Approx(low).epsilon(1e-12));
  CHECK(point.quantile(0.7) == Approx(exact.quantile(0.7)).epsilon(1e-12));
  CHECK(point.mean() == Approx(exact.mean()).epsilon(1e-10));
  CHECK(point.sd() == Approx(exact.sd()).epsilon(1e-9));
}

TEST_CASE("between two normals, linearly, the point is the normal between") {
  const Distribution before = make_normal(1, 2), after = make_normal(5, 4);
  const PointOfPath point{before, after, 0.5, false};
  CHECK(point.quantile(0.9) == Approx(make_normal(3, 3).quantile(0.9)).epsilon(1e-12));
  CHECK(point.mean() == Approx(3).epsilon(1e-10));
  CHECK(point.sd() == Approx(3).epsilon(1e-9));
}

TEST_CASE("an infinite mean stays infinite between anchors") {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> p{0.25, 0.5, 0.75}, v{0.1, 1, 6};
  const Distribution heavy = make_metalog(p, v, 0, infinity), light = make_uniform(1, 2);
  CHECK(PointOfPath{light, heavy, 0.5, false}.mean() == infinity);
  CHECK(PointOfPath{light, heavy, 0.5, false}.sd() == infinity);
}

TEST_CASE("a histogram holds the 98 % between its ends, in the right places") {
  const Distribution d = make_uniform(0, 1);
  const Histogram even = histogram({d, d}, 10);
  CHECK(even.low == Approx(0.01));
  CHECK(even.high == Approx(0.99));
  for (const double share : even.shares) CHECK(share == Approx(0.098).epsilon(0.01));

  const Distribution coin = make_discrete({1, 3}, {1, 3});
  const Histogram two = histogram({coin, coin}, 4);
  CHECK(two.shares.front() == Approx(0.25));
  CHECK(two.shares.back() == Approx(0.75));
  CHECK(two.shares[1] + two.shares[2] == 0);

  const Distribution point = make_constant(4);
  CHECK(histogram({point, point}, 4).shares.empty());
}
