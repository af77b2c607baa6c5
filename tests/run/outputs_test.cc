/// What is reported: units, yields where nothing is made, revenue by die and product, and the
/// periods of a run.

#include "run/outputs.h"

#include <doctest/doctest.h>

#include <set>

#include "support/kept.h"
#include "support/rounding.h"

using namespace fabcast;

namespace {

/// Two dies that are made from April on, one in bins, and a third of another family.
const std::string two_dies = R"(
[scenario]
months = 2024-01 .. 2024-12
[foundry.maker]
revenue = 30M $/month
[node.n]
yield_model      = seeds
d0               = 0.2 /cm2
systematic_yield = 80 %
layers           = 2 layers
days_per_layer   = 15.2184375 days/layer
cycle_time_cv    = 1 %
wafer_price      = 10k $/wafer
[fab.line]
foundry = maker
node    = n
plan    = 1k wafers/month
wip     = empty
utilisation = 100 %
line_yield  = 100 %
[die.plain]
family     = part
width      = 20 mm
height     = 25 mm
test_yield = 50 %
[die.binned]
family          = part
width           = 20 mm
height          = 25 mm
cores           = 4 cores
core_area_share = 50 %
bin.full        = 4 cores
bin.cut         = 3 cores
test_yield      = 50 %
[die.alone]
width  = 10 mm
height = 10 mm
[claim.line.plain]
share = 2024-03: 0 % | 2024-04: 20 %
[claim.line.binned]
share = 2024-03: 0 % | 2024-04: 10 %
[claim.line.alone]
share = 50 %
[product.card]
family = part
die    = plain
price  = 5k $
[product.board]
family = part
die    = binned
[segment.buyers]
demand  = 1M npus/month
prefers = card, board
)";

RunOptions one_trial() {
  RunOptions options;
  options.trials = 1;
  return options;
}

std::set<std::string> entities_of(const TextRun& run, const std::string& variable) {
  std::set<std::string> entities;
  for (const Series& series : run.outcome.series) {
    if (output_variables()[static_cast<size_t>(series.variable)].name != variable) continue;
    CHECK(entities.insert(series.entity).second);  // each once
  }
  return entities;
}

}  // namespace

TEST_CASE("a yield where nothing is made is what it is where something is") {
  const TextRun run = run_text(two_dies, one_trial());
  for (const auto& [variable, entity] : {std::pair{"die.yield", "plain"},
                                         {"die.yield", "binned"},
                                         {"bin.yield", "binned.full"},
                                         {"bin.yield", "binned.cut"}}) {
    CAPTURE(entity);
    const double idle = run.mean(variable, entity, "2024Q1");
    CHECK(idle > 0);
    CHECK(idle ==
          doctest::Approx(run.mean(variable, entity, "2024Q4")).epsilon(testing::lane_rounding));
  }
  CHECK(run.mean("die.good", "plain", "2024Q1") == 0);
  CHECK(run.mean("die.good", "plain", "2024Q4") > 1000);
  // Seeds at A D0 = 1, four in five by the process, half by test.
  CHECK(run.mean("die.yield", "plain", "2024Q1") == doctest::Approx(0.5 * 0.8 * 0.5));
  CHECK(run.mean("die.yield", "binned", "2024Q1") ==
        doctest::Approx(run.mean("bin.yield", "binned.full", "2024Q1") +
                        run.mean("bin.yield", "binned.cut", "2024Q1")));
}

TEST_CASE("every variable is reported in a unit of its dimension, and may be asked in any") {
  for (const OutputVariable& variable : output_variables()) {
    CAPTURE(std::string(variable.name));
    REQUIRE(unit_factor(variable.dimension, variable.unit));
    CHECK(in_unit_of(variable, 3, "") == 3.0);
    CHECK(in_unit_of(variable, 3, variable.unit) == 3.0);
    CHECK(in_unit_of(variable, 3, "furlongs") == std::nullopt);
  }
  const auto in = [](const char* variable, double value, const char* unit) {
    return in_unit_of(*find_variable(variable), value, unit).value_or(-1);
  };
  CHECK(in("revenue.npus", 1, "$bn") == 1e9);
  CHECK(in("revenue.wafers", 2, "usd") == 2);
  CHECK(in("revenue.share", 7, "%") == 0.07);
  CHECK(in("compute.fp8", 3, "EFLOPS") == 3000);
  CHECK(in("power.installed", 1, "GW") == 1000);
  CHECK(in("packages.started", 5, "k packages") == 5000);
  CHECK(in("clusters.deployed", 1, "cluster") == 1);
  CHECK(in("units.shipped", 1, "k units") == 1000);
  CHECK(in("revenue.npus", 1, "$/month") == -1);
}

TEST_CASE("wafers sold are told by die and by family of dies, NPUs sold by product") {
  const TextRun run = run_text(two_dies, one_trial());
  // A die without a family is its own family: once.
  const std::set<std::string> dies{"alone", "binned", "part", "plain"};
  CHECK(entities_of(run, "revenue.wafers") == dies);
  CHECK(entities_of(run, "revenue.share") == dies);
  CHECK(run.mean("revenue.wafers", "part", "2024") ==
        doctest::Approx(run.mean("revenue.wafers", "plain", "2024") +
                        run.mean("revenue.wafers", "binned", "2024")));
  CHECK(run.mean("revenue.wafers", "plain", "2024") ==
        doctest::Approx(2 * run.mean("revenue.wafers", "binned", "2024")));
  // 200 of 1,000 wafers at 10k $, of 30M $.
  CHECK(run.mean("revenue.share", "plain", "2024Q4") == doctest::Approx(2.0 / 30));
  CHECK(run.mean("revenue.share", "part", "2024Q4") == doctest::Approx(3.0 / 30));
  // A board has no price: nothing to report but in sums.
  CHECK(entities_of(run, "revenue.npus") == std::set<std::string>{"card", "part", "national"});
  CHECK(run.mean("revenue.npus", "card", "2024") > 1e6);
  CHECK(run.mean("revenue.npus", "card", "2024") == run.mean("revenue.npus", "part", "2024"));
}

TEST_CASE("a measure is told of the products that have it, and of sums") {
  const TextRun run = run_text(two_dies, one_trial(), {"product.card.fp16 = 400 TFLOPS"});
  CHECK(entities_of(run, "compute.fp16") == std::set<std::string>{"card", "part", "national"});
  CHECK(entities_of(run, "compute.fp8") == std::set<std::string>{"part", "national"});
  CHECK(run.mean("compute.fp8", "national", "2024") == 0);
}

TEST_CASE("whole quarters and years of the span are told; what the span cuts is not") {
  const TextRun run = run_text(two_dies, one_trial(), {"scenario.months = 2024-03 .. 2024-08"});
  REQUIRE(run.outcome.periods.size() == 1);
  CHECK(run.outcome.periods[0].text() == "2024Q2");
  CHECK(run.mean("wafer.starts", "line", "2024Q2") == doctest::Approx(3 * 800));
}
