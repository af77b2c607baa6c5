/// Keys that take dates, and keys that take a distribution: each against runs with constants.

#include <doctest/doctest.h>

#include <cmath>

#include "stages/gross_die.h"
#include "support/kept.h"
#include "support/program.h"
#include "support/rounding.h"

using namespace fabcast;
using doctest::Approx;
using fabcast::testing::hand_scenario;

namespace {

RunOptions trials(uint64_t count) {
  RunOptions options;
  options.trials = count;
  return options;
}

/// The hand-sized scenario with settings over it, all series kept.
KeptRun hand(const std::vector<std::string>& sets, uint64_t count) {
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario({hand_scenario(), sets}, diagnostics);
  return keep_model(compiled(spec, diagnostics), {}, trials(count));
}

KeptRun hand_with(std::vector<std::string> sets, const std::string& set, uint64_t count = 1) {
  sets.push_back(set);
  return hand(sets, count);
}

struct Case {
  std::string key, one, other;
  std::vector<std::string> sets = {};  ///< that let the key count
};

const std::string node = "node.N+2.", die = "die.logic.", npu = "product.npu.";
const std::vector<std::string> bins{die + "cores = 8", die + "bin.full = 8", die + "bin.cut = 5"};
const std::vector<std::string> by_time{node + "learning = time"};
const std::vector<std::string> by_wafers{node + "learning = wafers",
                                         node + "reference_wafers = 1000"};
const std::vector<std::string> binomial{node + "yield_model = negative_binomial"};
const std::vector<std::string> layered{node + "yield_model = bose_einstein"};

std::vector<std::string> both(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::vector<Case> dated{
    {node + "alpha", "1", "3", binomial},
    {node + "alpha", "1", "3", both(binomial, bins)},
    {node + "critical_layers", "5", "12.5", layered},
    {node + "critical_layers", "5", "12.5", both(layered, bins)},
    {node + "d0_initial", "0.5", "0.7", by_time},
    {node + "d0_mature", "0.1", "0.2", by_time},
    {node + "learning_months", "6 months", "18 months", by_time},
    {node + "reference_wafers", "1000", "5000", {node + "learning = wafers"}},
    {node + "learning_exponent", "0.3", "0.6", by_wafers},
    {node + "layers", "2", "3"},
    {node + "congestion", "0", "0.02", {"fab.SN2.utilisation = 95 %"}},
    {die + "core_area_share", "40 %", "60 %", bins},
    {"dram.line.gross_dies", "500", "700"},
    {npu + "packages_per_wafer",
     "10",
     "20",
     {"packaging.fan.class = fan", "packaging.fan.wafers = 100 wafers/month",
      npu + "packaging = fan"}},
    {npu + "fp4", "100 TFLOPS", "150 TFLOPS"},
    {npu + "fp8", "100 TFLOPS", "150 TFLOPS"},
    {npu + "fp16", "100 TFLOPS", "150 TFLOPS"},
    {npu + "memory_size", "64 GB", "96 GB"},
    {npu + "bandwidth", "1 TB/s", "2 TB/s"},
    {npu + "power", "500 W", "450 W"},
    {"pod.rack.spares", "5 %", "10 %"},
    {"yardstick.other.fp16", "168", "200"},
    {"training.model.flop", "1e25", "2e25"},
};

/// Whole numbers, and what a trial draws once.
const std::vector<Case> drawn{
    {npu + "lifetime", "3 months", "7 months"},
    {npu + "failure_rate", "5 %/year", "30 %/year"},
    {npu + "failure_rate", "5 %/year", "30 %/year", {npu + "lifetime = uniform(500, 600)"}},
    {npu + "wear_out", "0", "0.2"},
    {"pod.rack.npus", "400", "600"},
    {"pod.rack.cluster", "3", "5"},
    {"dram.line.dies_per_stack", "8", "12"},
    {"milestone.tenth.npus", "5k", "15k"},
    {node + "critical_layers", "5", "12.5", layered},
    {node + "critical_layers", "5", "12.5", both(both(layered, bins), {die + "bin_scope = pair"})},
    {die + "bank", "100 dies", "900 dies"},
};

bool same(std::span<const double> a, std::span<const double> b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::abs(a[i] - b[i]) > testing::lane_rounding * (1e-9 + std::abs(b[i]))) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("a key with dates is its first value before, and counts for more than one month after") {
  for (const Case& c : dated) {
    CAPTURE(c.key);
    const auto with = [&](const std::string& value) {
      return hand_with(c.sets, c.key + " = " + value);
    };
    const KeptRun one = with(c.one), other = with(c.other);
    const KeptRun path = with("2025-12: " + c.one + " | 2026-01: " + c.other);
    const KeptRun flat = with("2025-02: " + c.one + " | 2026-07: " + c.one);
    CHECK(same(flat.values(), one.values()));
    size_t moved = 0;
    for (size_t place = 0; place < one.series().size(); ++place) {
      CAPTURE(series_name(one.run.outcome.series[one.series()[place]]));
      const auto before = one.of_trial(0, place), after = path.of_trial(0, place);
      for (size_t p = 0; p < before.size(); ++p) {
        const Period& period = one.run.outcome.periods[p];
        const bool in_first_year = period.last.count <= parse_month("2025-12")->count;
        if (in_first_year) {
          CHECK(after[p] == Approx(before[p]).epsilon(testing::lane_rounding));
        } else {
          moved += after[p] != before[p];
        }
      }
    }
    CHECK(moved >= 5);  // its four quarters and the year, of one variable at least
    CHECK(!same(path.values(), other.values()));
  }
}

TEST_CASE("a key of two values gives, trial by trial, the one run or the other") {
  for (const Case& c : drawn) {
    CAPTURE(c.key);
    const KeptRun one = hand_with(c.sets, c.key + " = " + c.one);
    const KeptRun other = hand_with(c.sets, c.key + " = " + c.other);
    const KeptRun mixed =
        hand_with(c.sets, c.key + " = discrete(" + c.one + ": 1, " + c.other + ": 2)", 70);
    REQUIRE(!same(one.values(), other.values()));
    const size_t width = one.values().size();
    size_t ones = 0, others = 0;
    for (size_t t = 0; t < mixed.trials(); ++t) {
      const auto trial = std::span(mixed.values()).subspan(t * width, width);
      ones += same(trial, one.values());
      others += same(trial, other.values());
    }
    CHECK(ones + others == mixed.trials());
    CHECK(ones > 10);
    CHECK(others > 20);
  }
}

TEST_CASE("what counts whole things is rounded to the nearest") {
  const KeptRun rounded = hand({"pod.rack.npus = discrete(400.4: 1, 400.6: 1) npus"}, 40);
  const KeptRun below = hand({"pod.rack.npus = 400"}, 1), above = hand({"pod.rack.npus = 401"}, 1);
  const std::vector<double> deployed = rounded.column("npus.deployed npu", "2026");
  const double lower = below.column("npus.deployed npu", "2026")[0];
  const double upper = above.column("npus.deployed npu", "2026")[0];
  REQUIRE(lower != upper);
  for (double npus : deployed) CHECK((npus == Approx(lower) || npus == Approx(upper)));
  CHECK(std::count(deployed.begin(), deployed.end(), deployed[0]) < 40);
  // However they are drawn, pods come whole.
  const KeptRun spread = hand({"pod.rack.npus = 300 to 700", "pod.rack.cluster = 2 to 8"}, 50);
  for (const char* name : {"pods.deployed rack", "clusters.deployed rack"}) {
    for (double count : spread.column(name, "2026")) CHECK(count == std::floor(count));
  }
}

TEST_CASE("a die of uncertain sides has their area, and gross dies by the closed form") {
  const KeptRun run =
      hand({die + "width = discrete(20: 1, 24: 1) mm", die + "scribe = 0.2 mm"}, 40);
  const std::vector<double> yields = run.column("die.yield logic", "2025");
  const std::vector<double> good = run.column("die.good logic", "2025");
  size_t wide = 0;
  for (size_t t = 0; t < run.trials(); ++t) {
    const double width = yields[t] == Approx(1 / (1 + 5 * 0.2)) ? 20 : 24;
    wide += width == 24;
    CHECK(yields[t] == Approx(1 / (1 + width * 25 / 100 * 0.2)).epsilon(testing::lane_rounding));
    const double gross = gross_dies_closed_form((width + 0.2) * 25.2, 147.0);
    CHECK(good[t] == Approx(12 * 450 * gross * yields[t]).epsilon(testing::lane_rounding));
  }
  CHECK(wide > 10);
  CHECK(wide < 30);
}

TEST_CASE("Bose-Einstein of a line is the formula, whole dies and bins that ask for all cores") {
  for (const auto& sets : {layered, both(layered, {die + "cores = 8", die + "bin.all = 8"})}) {
    const KeptRun run = hand_with(sets, node + "critical_layers = 7");
    CHECK(run.column("die.yield logic", "2025")[0] ==
          Approx(std::pow(1 + 5 * 0.2, -7)).epsilon(testing::lane_rounding));
  }
}

TEST_CASE("orders in compute follow a throughput that moves") {
  const std::vector<std::string> orders{
      "segment.cloud.demand = 0 npus/month", "segment.states.compute_demand = 400 PFLOPS/month",
      "segment.states.prefers = npu", "packaging.hall.capacity = 5k packages/month"};
  const KeptRun run = hand_with(orders, npu + "fp16 = 2025-12: 400 | 2026-01: 800 TFLOPS");
  // 400 PFLOPS are 1,000 parts of 400 TFLOPS, then 500 of 800.
  CHECK(run.column("demand.npus states", "2025Q4")[0] == Approx(3000));
  CHECK(run.column("demand.npus states", "2026Q1")[0] == Approx(1500));
  CHECK(run.column("npus.shipped npu", "2025Q4")[0] == Approx(3000));
  CHECK(run.column("npus.shipped npu", "2026Q4")[0] == Approx(1500));
}

TEST_CASE("months that are whole but for half a day are whole") {
  const KeptRun month = hand({npu + "lag = 1 month", npu + "lifetime = 12 months"}, 1);
  const KeptRun days = hand({npu + "lag = 30 days", npu + "lifetime = 365 days"}, 1);
  CHECK(days.values() == month.values());
}
