/// What holds pods back: kits of optics, switch silicon and power, in stock from the launch on.

#include <doctest/doctest.h>

#include "run/pipeline.h"
#include "support/kept.h"
#include "support/program.h"
#include "support/rounding.h"

using namespace fabcast;
using doctest::Approx;
using fabcast::testing::hand_scenario;

namespace {

/// hand.scn from 2024 on, its part launched in 2025: 800 NPUs a month for pods of 10 from February.
const std::vector<std::string> launched{"scenario.months = 2024-01 .. 2025-12",
                                        "product.npu.launch = 2025-01",
                                        "pod.rack.npus = 10",
                                        "pod.rack.lag = 0 months",
                                        "die.logic.bank = 1M dies",
                                        "memory.hbm.stock = 1M stacks"};

Compiled hand(const std::vector<std::string>& sets) {
  std::vector<std::string> all = launched;
  all.insert(all.end(), sets.begin(), sets.end());
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario({hand_scenario(), all}, diagnostics);
  return compiled(spec, diagnostics);
}

double pods(const std::string& set, const std::string& period) {
  RunOptions options;
  options.trials = 1;
  return keep_model(hand({set}), {"pods.deployed rack"}, options)
      .column("pods.deployed rack", period)[0];
}

}  // namespace

TEST_CASE("kits that arrived before the launch build no pods") {
  for (const std::string kit : {"optics", "switches", "power"}) {
    CAPTURE(kit);
    const std::string two = "pod.rack." + kit + " = 2 pods/month";
    CHECK(pods(two, "2024Q4") == 0);
    CHECK(pods(two, "2025Q1") == 6);  // of January too: they wait for the first NPUs
    CHECK(pods(two, "2025Q4") == 24);
  }
}

TEST_CASE("kits in parts of a pod add up to whole pods") {
  CHECK(pods("pod.rack.optics = 0.4 pods/month", "2025Q2") == 2);
  CHECK(pods("pod.rack.optics = 0.4 pods/month", "2025Q4") == 4);
}

TEST_CASE("kits in stock are those that arrived since the launch less those in pods") {
  const Compiled compiled =
      hand({"pod.rack.optics = 1 to 20 pods/month noise 20 %", "pod.rack.power = 3 to 9"});
  const Model& model = compiled.model;
  TrialBlock block(model.rows.count);
  Pipeline pipeline(model, block);
  const Sampler philox(1);
  pipeline.begin({&philox, 0});
  std::vector<double> optics(block_lanes), power(block_lanes), built(block_lanes);
  for (int month = 0; month < model.months; ++month) {
    pipeline.month(month);
    for (size_t t = 0; t < block_lanes; ++t) {
      if (month >= 12) {
        optics[t] += block[model.pods[0].keys.optics.row][t];
        power[t] += block[model.pods[0].keys.power.row][t];
      }
      built[t] += block[model.rows.pod_built[0]][t];
      CHECK(block[model.rows.pod_optics[0]][t] ==
            Approx(optics[t] - built[t]).epsilon(testing::lane_rounding));
      CHECK(block[model.rows.pod_power[0]][t] ==
            Approx(power[t] - built[t]).epsilon(testing::lane_rounding));
    }
  }
  CHECK(built[0] > 10);
}
