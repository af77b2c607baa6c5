/// One line, one die, one package, constants (tests/scenarios/good/hand.scn), worked out by hand.
///
///   capacity      plan 1,200; immersion 2 tools x 50 % x 100 passes/h x 730.485 h / 73.0485 =
///   1,000 starts        1,000 x 100 % x share 50 %                          =   500 wafers a month
///   outs          500 x 90 %                                          =   450   (scrapped 50)
///   in process    the cycle time is one month                         =   500
///   gross dies    20 x 25 mm, no scribe, 147 mm radius: 115 a wafer   = 51,750 dies a month
///   yield         5 cm2 x 0.2/cm2 = 1, Seeds: 1/(1 + 1)               = 50 %
///   good dies     51,750 x 50 %                                       = 25,875
///   stacks        8,000 + 100 x 500 x 40 % x 50 % / 10 (1,000)        = 9,000 a month
///   packages      least of 25,875/2 dies, 9,000/4 stacks, 2,000 capacity, 2,000/0.8 orders = 2,000
///   good          2,000 x 80 % = 1,600, shipped a month later: 11 months of 2025 = 17,600
///   dies left     12 x (25,875 - 2 x 2,000)                           = 262,500
///   stacks left   12 x (9,000 - 8,000)                                = 12,000
///   backlog       b(m) = b(m-1)/2 + 2,000 - 1,600 = 800 (1 - 2^-m); December: 799.8046875
///   gap           12 x 2,000 - 17,600                                 = 6,400
///   pods          800 NPUs a month arrive from February; whole pods of 500 after k months:
///                 floor(800 k/500); each stands a month later: December shows k = 10: 16; waiting
///                 after k = 11: 8,800 - 17 x 500 = 300
///   deployed      cards 11 x 800 + 16 x 500                           = 16,800
///   clusters      floor(16/5)                                         = 3
///   compute       16,800 x 0.4 PFLOPS = 6,720; / 168 TFLOPS           = 40,000 yardsticks
///   power         16,800 x 500 W                                      = 8.4 MW
///   training      1.325e25 / (6,720e15 x 25 % x 2,629,746 s)          = 3 months
///   revenue       450 x 10,000 = 4.5M a month of 45M                  = 10 %
///   sales         17,600 x 5,000                                      = 88M
///   memory        16,800 x 100 GB = 1,680 TB; bandwidth 16,800 TB/s = 16.8 PB/s; of the
///                 yardstick's 200 GB, 4 TB/s and 1 kW: 8,400, 4,200 and 8,400
///   10,000 NPUs   deployed after month k+1: 800 (k+1) + 500 floor(800 k/500): k = 6 gives 10,100
///                 in August; k = 5 gave 8,800

#include <doctest/doctest.h>

#include <map>

#include <fstream>
#include <sstream>

#include "support/rounding.h"
#include "support/scenarios.h"

using namespace fabcast;

namespace {

std::string hand_text() {
  std::ifstream in(std::string(FABCAST_TESTS_FOLDER "/scenarios/good/hand.scn"));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Row {
  const char* variable;
  const char* entity;
  const char* period;
  double value;
};

// clang-format off
constexpr Row table[] = {
    {"wafer.capacity",    "SN2",    "2025",   1000},
    {"wafer.starts",      "SN2",    "2025Q1", 1500},
    {"wafer.starts",      "SN2",    "2025",   6000},
    {"wafer.utilisation", "SN2",    "2025",   0.5},
    {"wafer.outs",        "SN2",    "2025",   5400},
    {"wafer.scrapped",    "national", "2025",  600},
    {"wafer.scrapped",    "SN2",    "2025",   600},
    {"wafer.in_process",  "SN2",    "2025",   500},
    {"defect.density",    "SN2",    "2025",   0.2},
    {"die.yield",         "logic",  "2025",   0.5},
    {"die.good",          "logic",  "2025Q4", 77625},
    {"die.used",          "logic",  "2025",   48000},
    {"die.bank",          "logic",  "2025",   262500},
    {"memory.made",       "hbm",    "2025",   12000},
    {"memory.imported",   "hbm",    "2025",   96000},
    {"memory.used",       "hbm",    "2025",   96000},
    {"memory.stock",      "hbm",    "2025",   12000},
    {"packages.started",  "npu",    "2025",   24000},
    {"packages.lost",     "national", "2025", 4800},
    {"packages.in_process", "npu",  "2025",   1600},
    {"packages.yield",    "npu",    "2025",   0.8},
    {"npus.shipped",      "npu",    "2025Q1", 3200},
    {"npus.shipped",      "national", "2025", 17600},
    {"npus.cumulative",   "npu",    "2025",   17600},
    {"npus.deployed",     "npu",    "2025",   16800},
    {"npus.installed",    "npu",    "2025",   16800},
    {"npus.waiting",      "rack",   "2025",   300},
    {"pods.building",     "rack",   "2025",   1},
    {"pods.deployed",     "rack",   "2025Q1", 1},
    {"pods.deployed",     "rack",   "2025",   16},
    {"clusters.deployed", "rack",   "2025",   3},
    {"milestone.reached", "tenth",  "2025Q2", 0},
    {"milestone.reached", "tenth",  "2025Q3", 1},
    {"demand.npus",       "cloud",  "2025",   24000},
    {"delivered.npus",    "cloud",  "2025",   17600},
    {"gap.npus",          "cloud",  "2025",   6400},
    {"backlog.npus",      "cloud",  "2025",   799.8046875},
    {"compute.fp16",      "national", "2025", 6720},
    {"power.installed",   "npu",    "2025",   8.4},
    {"equivalents.fp16",  "other",  "2025",   40000},
    {"memory.installed",  "npu",    "2025",   1680},
    {"bandwidth.installed", "npu",  "2025",   16.8},
    {"equivalents.memory", "other", "2025",   8400},
    {"equivalents.bandwidth", "other", "2025", 4200},
    {"equivalents.power", "other",  "2025",   8400},
    {"training.months",   "model",  "2025",   3},
    {"revenue.wafers",    "ascend", "2025",   54e6},
    {"revenue.share",     "ascend", "2025",   0.1},
    {"revenue.wafers",    "logic",  "2025",   54e6},
    {"revenue.share",     "logic",  "2025",   0.1},
    {"revenue.npus",      "ascend", "2025",   88e6},
    {"revenue.npus",      "npu",    "2025",   88e6},
};
// clang-format on

}  // namespace

TEST_CASE("the hand-sized scenario gives its table, the same in every trial") {
  RunOptions options;
  options.trials = 300;  // a full batch, and one whose block is part full
  const TextRun run = run_text(hand_text(), options);
  for (const Row& row : table) {
    CAPTURE(row.variable);
    CAPTURE(row.entity);
    CAPTURE(row.period);
    const SeriesStatistics& s = run.of(row.variable, row.entity, row.period);
    CHECK(s.mean == doctest::Approx(row.value).epsilon(testing::lane_rounding));
    for (double quantile : s.quantile) CHECK(quantile == s.mean);
    CHECK(s.sd == 0);
  }
}

TEST_CASE("its questions, what binds, and when") {
  RunOptions options;
  options.trials = 300;
  const TextRun run = run_text(hand_text(), options);
  REQUIRE(run.outcome.question_counts.size() == 4);  // three, and the milestone
  CHECK(run.outcome.question_counts[0].hits.weight == 300);
  CHECK(run.outcome.question_counts[1].hits.weight == 0);
  CHECK(run.outcome.question_counts[2].hits.weight == 300);
  CHECK(run.outcome.question_counts[0].first_reached[11] == 300);  // December
  CHECK(run.outcome.question_counts[3].first_reached[7] == 300);   // August

  for (size_t i = 0; i < run.outcome.binding.size(); ++i) {
    const BindingPlan& plan = run.outcome.binding[i];
    const std::map<std::string, std::pair<size_t, std::string>> expected{
        {"product", {4, "packaging"}}, {"fab", {1, "immersion"}}, {"pod", {0, "npus"}}};
    const auto& [code, constraint] = expected.at(plan.kind);
    CHECK(plan.constraints[code] == constraint);
    // The first NPUs arrive in February: until then there is no pod to hold.
    for (int month = plan.kind == "pod" ? 1 : 0; month < 12; ++month) {
      CHECK(run.outcome.binding_counts.count(i, code, month, 0) == 300);
    }
  }
}

TEST_CASE("each constraint binds in its turn") {
  const struct {
    const char* set;
    const char* constraint;
    double packages;
  } cases[] = {
      {"segment.cloud.demand = 1k npus/month", "orders", 12 * 1250},
      {"memory.hbm.imports = 3k stacks/month", "memory", 12 * 1000},
      {"fab.SN2.plan = 20 wafers/month", "dies", 12 * 20 * 0.5 * 0.9 * 115 * 0.5 / 2},
      {"packaging.hall.capacity = 100 packages/month", "packaging", 1200},
  };
  RunOptions options;
  options.trials = 10;
  for (const auto& c : cases) {
    CAPTURE(c.set);
    const TextRun run = run_text(hand_text(), options, {c.set});
    CHECK(run.mean("packages.started", "npu", "2025") == doctest::Approx(c.packages));
    const BindingPlan& plan = run.outcome.binding[0];
    for (size_t code = 0; code < plan.constraints.size(); ++code) {
      CHECK(run.outcome.binding_counts.count(0, code, 6, 0) ==
            (plan.constraints[code] == c.constraint ? 10 : 0));
    }
  }
}
