/// Published dies, yields, bins and wafers. Chains of stages: published_chain_test.cc.

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <string>

#include "reference/published.h"
#include "stages/die_bins.h"
#include "stages/die_yield.h"
#include "stages/gross_die.h"

using namespace fabcast;
using published_cases::Case;
using published_cases::check;
using published_cases::published;

namespace {

constexpr double mm2_per_cm2 = 100;
constexpr double mm2_per_in2 = 25.4 * 25.4;

WaferMap map_of(const Case& one) {
  WaferMap map;
  map.die_width_mm = one.input("die_w_mm");
  map.die_height_mm = one.input("die_h_mm");
  map.scribe_mm = one.input("scribe_mm");
  if (one.inputs.contains("usable_radius_mm")) {
    map.wafer_mm = 2 * one.input("usable_radius_mm");
    map.edge_exclusion_mm = 0;
  } else {
    map.wafer_mm = one.input("wafer_mm");
    map.edge_exclusion_mm = one.input("edge_excl_mm");
  }
  map.notch_mm = one.inputs.value("notch_keepout_mm", 0.0);
  return map;
}

double closed_form(const Case& one) {
  const double radius = one.input("wafer_mm") / 2 - one.inputs.value("edge_excl_mm", 0.0);
  const double scribe = one.inputs.value("scribe_mm", 0.0);
  return gross_dies_closed_form(square_cell_mm2(one.input("die_area_mm2"), scribe), radius);
}

/// The engine's yield through its kernel.
double yield(YieldModel model, double area_cm2, double d0, double alpha = 2, double layers = 10) {
  double value = 0;
  die_yield(model, 1, {&area_cm2, &d0, &alpha}, layers, &value);
  return value;
}

double area_cm2(const Case& one) {
  return one.inputs.contains("die_area_cm2") ? one.input("die_area_cm2")
                                             : one.input("die_area_mm2") / mm2_per_cm2;
}

/// Of Patterson and Hennessy: a wafer divided by its dies.
double area_of_wafer_part_cm2(const Case& one) {
  const double radius = one.input("wafer_diam_cm") / 2;
  return std::numbers::pi * radius * radius / one.input("dies");
}

/// D0 at which the engine's yield is the given one.
double implied_d0(double area, double wanted) {
  double low = 0, high = 10;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (yield(YieldModel::negative_binomial, area, middle) > wanted ? low : high) = middle;
  }
  return low;
}

double wafers_needed(const Case& one) {
  const double good =
      closed_form(one) * yield(YieldModel::negative_binomial, area_cm2(one),
                               one.input("d0_per_mm2") * mm2_per_cm2, one.input("alpha"));
  return one.input("chips") * one.input("dies_per_package") / good;
}

/// Stapper's (1 + A D0/alpha)^(-n alpha): Bose-Einstein with n alpha layers of density D0/alpha.
double stapper(const Case& one, double blocks) {
  const double alpha = one.input("alpha");
  return yield(YieldModel::bose_einstein, blocks * one.input("block_mm2") / mm2_per_in2,
               one.input("d0_per_in2") / alpha, 2, one.input("layers") * alpha);
}

double with_good_cores(const Case& one) {
  const double cores_cm2 = one.input("core_area_cm2") * one.input("cores");
  const double die_cm2 = cores_cm2 + one.input("fixed_area_cm2");
  BinDesign design;
  design.cores = one.inputs.at("cores").get<int>();
  design.min_cores = {one.inputs.at("min_good").get<int>()};
  return bin_fractions(plan_bins(design), die_cm2, cores_cm2 / die_cm2, one.input("d0_per_cm2"),
                       one.input("alpha"))[0];
}

/// How each published quantity follows from the engine.
const std::map<std::string, std::function<double(const Case&)>> quantities{
    {"gross_dies_grid_optimised",
     [](const Case& one) { return gross_dies_exact(map_of(one)).count; }},
    {"gross_dies_grid_max_over_offsets_no_notch",
     [](const Case& one) { return gross_dies_exact(map_of(one)).count; }},
    {"gross_dies_street_centred",
     [](const Case& one) { return gross_dies_street_centred(map_of(one)).count; }},
    {"gross_dies_formula_deVries", closed_form},
    {"gross_dies_ascend910B",
     [](const Case& one) {
       WaferMap map{one.input("die_w_mm"), one.input("die_h_mm")};
       map.wafer_mm = one.input("wafer_mm");
       return gross_dies_exact(map).count;
     }},
    {"yield_neg_binomial",
     [](const Case& one) {
       return yield(YieldModel::negative_binomial, area_cm2(one), one.input("d0_per_cm2"),
                    one.input("alpha"));
     }},
    {"good_dies",
     [](const Case& one) {
       return one.input("gross") * yield(YieldModel::bose_einstein, area_cm2(one),
                                         one.input("d0_per_cm2"), 2, one.input("N"));
     }},
    {"yield",
     [](const Case& one) {
       return one.inputs.contains("d0_per_mm2")
                  ? yield(YieldModel::negative_binomial, area_cm2(one),
                          one.input("d0_per_mm2") * mm2_per_cm2, one.input("alpha"))
                  : yield(YieldModel::negative_binomial, area_of_wafer_part_cm2(one),
                          one.input("d0"));
     }},
    {"cost_per_good_die",
     [](const Case& one) {
       return one.input("wafer_cost") /
              (one.input("dies") *
               yield(YieldModel::negative_binomial, area_of_wafer_part_cm2(one), one.input("d0")));
     }},
    {"implied_d0_per_cm2",
     [](const Case& one) { return implied_d0(area_cm2(one), one.input("yield_")); }},
    {"yield_poisson",
     [](const Case& one) {
       if (one.inputs.contains("lambda_")) return poisson_yield(one.input("lambda_"));
       const char* density = one.inputs.contains("d0") ? "d0" : "d0_per_cm2";
       return yield(YieldModel::poisson, area_cm2(one), one.input(density));
     }},
    {"yield_murphy",
     [](const Case& one) {
       return yield(YieldModel::murphy, area_cm2(one), one.input("d0_per_cm2"));
     }},
    // A density uniform on [0, 2 D0]: the root of Murphy's at twice the density.
    {"yield_rect",
     [](const Case& one) {
       return std::sqrt(yield(YieldModel::murphy, area_cm2(one), 2 * one.input("d0_per_cm2")));
     }},
    {"yield_bose_einstein",
     [](const Case& one) {
       return yield(YieldModel::bose_einstein, one.input("eff_area_mm2") / mm2_per_cm2,
                    one.input("d0_per_cm2"), 2, one.input("N"));
     }},
    {"yield_stapper",
     [](const Case& one) { return stapper(one, one.input("area_mm2") / one.input("block_mm2")); }},
    {"yield_800_of_801_if_blocks_independent_WRONG_model",
     [](const Case& one) {
       const double block = stapper(one, 1);
       return std::pow(block, 800) * (801 * (1 - block) + block);
     }},
    {"yield_800_of_801_clustered",
     [](const Case& one) { return 801 * stapper(one, 800) - 800 * stapper(one, 801); }},
    {"fraction_of_dies_with_at_least_m_good_cores", with_good_cores},
    {"wafers_needed", wafers_needed},
};

bool is_of_dies_or_yields(const Case& one) {
  return one.id.starts_with("DPW-") || one.id.starts_with("Y-") || one.id.starts_with("TTM-");
}

}  // namespace

TEST_CASE("published dies per wafer, yields, bins and wafers") {
  int checked = 0, left_out = 0;
  for (const Case& one : published_cases::all()) {
    if (!is_of_dies_or_yields(one)) continue;
    CAPTURE(one.id);
    if (one.quantity == "osat_weeks") {  // the reason stands in docs/validation.md
      ++left_out;
      continue;
    }
    const auto quantity = quantities.find(one.quantity);
    REQUIRE(quantity != quantities.end());
    check(one, quantity->second(one));
    ++checked;
  }
  CHECK(checked == 81);
  CHECK(left_out == 8);
}

TEST_CASE("the closed form lies near the published count of the 910B too") {
  check(published("DPW-MS-1"), closed_form(published("DPW-MS-1")));
}

TEST_CASE("independent blocks are badly wrong where defects cluster") {
  const Case& wrong = published("Y-STAP-BINOM");
  const Case& right = published("Y-STAP-RED");
  const double clustered = 801 * stapper(right, 800) - 800 * stapper(right, 801);
  CHECK(clustered > 4 * published_cases::expected_number(wrong));
}
