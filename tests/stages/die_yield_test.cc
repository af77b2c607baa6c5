#include "stages/die_yield.h"
#include "support/rounding.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace fabcast;
using doctest::Approx;

namespace {

constexpr YieldModel models[] = {YieldModel::negative_binomial,
                                 YieldModel::poisson,
                                 YieldModel::murphy,
                                 YieldModel::seeds,
                                 YieldModel::moore,
                                 YieldModel::bose_einstein};

double yield(YieldModel model, double area, double d0, double alpha = 2, double layers = 10) {
  double value = -1;
  die_yield(model, 1, {&area, &d0, &alpha}, layers, &value);
  return value;
}

}  // namespace

TEST_CASE("each model's formula at numbers worked by hand") {
  const double area = 6.656104, d0 = 0.18, ad = area * d0;
  CHECK(yield(YieldModel::poisson, area, d0) == Approx(std::exp(-ad)).epsilon(1e-14));
  CHECK(yield(YieldModel::murphy, area, d0) ==
        Approx(std::pow((1 - std::exp(-ad)) / ad, 2)).epsilon(1e-14));
  CHECK(yield(YieldModel::seeds, area, d0) == Approx(1 / (1 + ad)).epsilon(1e-14));
  CHECK(yield(YieldModel::moore, area, d0) == Approx(std::exp(-std::sqrt(ad))).epsilon(1e-14));
  CHECK(yield(YieldModel::negative_binomial, area, d0, 3) ==
        Approx(std::pow(1 + ad / 3, -3.0)).epsilon(1e-14));
  CHECK(yield(YieldModel::bose_einstein, area, d0, 2, 12) ==
        Approx(std::pow(1 + ad, -12.0)).epsilon(1e-14));
}

TEST_CASE("Poisson < Murphy < negative binomial (alpha = 2) < Seeds at equal defects") {
  for (double ad : {0.01, 0.1, 0.5, 1.0, 3.0, 10.0, 100.0}) {
    CAPTURE(ad);
    CHECK(yield(YieldModel::poisson, 1, ad) < yield(YieldModel::murphy, 1, ad));
    CHECK(yield(YieldModel::murphy, 1, ad) < yield(YieldModel::negative_binomial, 1, ad, 2));
    CHECK(yield(YieldModel::negative_binomial, 1, ad, 2) < yield(YieldModel::seeds, 1, ad));
  }
}

TEST_CASE("the negative binomial tends to Poisson, and is Seeds at alpha = 1") {
  for (double ad : {0.001, 0.3, 1.0, 4.0}) {
    CAPTURE(ad);
    CHECK(yield(YieldModel::negative_binomial, 1, ad, 1e9) ==
          Approx(yield(YieldModel::poisson, 1, ad)).epsilon(1e-7));
    CHECK(yield(YieldModel::negative_binomial, 1, ad, 1) ==
          Approx(yield(YieldModel::seeds, 1, ad)).epsilon(1e-14));
    CHECK(yield(YieldModel::negative_binomial, 1, ad, 12) ==
          Approx(yield(YieldModel::bose_einstein, 1, ad / 12, 2, 12)).epsilon(1e-14));
  }
}

TEST_CASE("no defects, no loss; few defects lose as many dies, to the last digits") {
  for (YieldModel model : models) {
    CAPTURE(static_cast<int>(model));
    CHECK(yield(model, 5, 0) == 1);
    CHECK(yield(model, 0, 1) == 1);
  }
  const double ad = 1e-9;
  for (YieldModel model : {YieldModel::negative_binomial, YieldModel::poisson, YieldModel::murphy,
                           YieldModel::seeds}) {
    CAPTURE(static_cast<int>(model));
    CHECK(1 - yield(model, 1, ad) == Approx(ad).epsilon(1e-6));
  }
  CHECK(1 - yield(YieldModel::bose_einstein, 1, ad, 2, 10) == Approx(10 * ad).epsilon(1e-6));
  CHECK(1 - yield(YieldModel::moore, 1, ad) == Approx(-std::expm1(-std::sqrt(ad))).epsilon(1e-11));
}

TEST_CASE("yield falls with defect density and stays above 0") {
  for (YieldModel model : models) {
    CAPTURE(static_cast<int>(model));
    double before = 1;
    for (double d0 : {1e-6, 0.001, 0.05, 0.2, 1.0, 5.0, 50.0}) {
      const double now = yield(model, 8.58, d0);
      CHECK(now < before);
      CHECK(now > 0);
      before = now;
    }
  }
}

TEST_CASE(
    "learning starts at the initial density, ends at the mature one, and takes tau or V_ref") {
  const Real initial = 0.5, mature = Real(0.1), tau = 12, reference = 1e4, exponent = 0.5;
  const auto by_time = [&](Real months) {
    Real d0 = -1;
    learn_by_time(1, &initial, &mature, &tau, months, &d0);
    return d0;
  };
  CHECK(by_time(-5) == initial);
  CHECK(by_time(0) == initial);
  CHECK(by_time(12) == Approx(0.1 + 0.4 * std::exp(-1)).epsilon(testing::lane_rounding));
  CHECK(by_time(12 * 60) == Approx(mature).epsilon(testing::lane_rounding));

  const auto by_wafers = [&](Real wafers) {
    Real d0 = -1;
    learn_by_wafers(1, &initial, &mature, &reference, &exponent, &wafers, &d0);
    return d0;
  };
  CHECK(by_wafers(0) == initial);
  CHECK(by_wafers(3e4) == Approx(0.1 + 0.4 / 2).epsilon(testing::lane_rounding));  // (1 + 3)^-0.5
  CHECK(by_wafers(1e18) == Approx(mature).epsilon(1e-6));
}
