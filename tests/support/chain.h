#pragma once
/// A supply chain small enough for hundreds of runs, with every stage uncertain.

#include <string>

#include "run/runner.h"

namespace fabcast {

/// A line with two dies and two parts that want the same dies, stacks and packages, all uncertain.
inline const std::string chain = R"(
[scenario]
months = 2024-01 .. 2025-12

[foundry.maker]
revenue = 40M to 60M $/month

[node.n]
d0             = 0.1 to 0.4 /cm2
alpha          = 1 to 4
layers         = 50 layers
days_per_layer = 0.9 to 1.6 days/layer
wafer_price    = 8k to 12k $/wafer

[fab.line]
foundry     = maker
node        = n
plan        = 2024-01: 500 to 1500 | 2025-12: 800 to 4k wafers/month noise 10 % rho 0.5
utilisation = uniform(80, 99) %
line_yield  = uniform(88, 98) %

[tool.line.etch]
imported   = 6 to 20 tools
attrition  = 1 to 10 %/year
deliveries = 0.05 to 0.4 tools/month
throughput = 20 wafer passes/hour
passes     = 100 passes/wafer

[die.chip]
designer        = house
family          = part
width           = 20 mm
height          = 25 mm
cores           = 20 cores
core_area_share = 50 to 60 %
bin.full        = 20 cores
bin.cut         = 16 cores
bank            = 5k to 20k dies

[die.phone]
width  = 10 mm
height = 10 mm

[claim.line.chip]
share = uniform(15, 35) %

[claim.line.phone]
share = 40 %

[memory.stack]
stock   = 5k to 50k stacks
imports = 10k to 100k stacks/month

[dram.maker]
memory         = stack
wafers         = 50 to 500 wafers/month
gross_dies     = 500 dies/wafer
die_yield      = 40 to 60 %
stack_yield    = 70 %
dies_per_stack = 8 dies/stack

[packaging.assembler]
class        = interposer
capacity     = 4k to 30k packages/month
attach_yield = 99 %

[product.first]
family    = part
die       = chip
memory    = stack
stacks    = 4 stacks
packaging = interposer
priority  = 1
fp16      = 400 TFLOPS
power     = 500 W
price     = 5k $

[product.second]
family    = part
die       = chip
memory    = stack
stacks    = 4 stacks
packaging = interposer
priority  = 2
fp16      = 300 TFLOPS
power     = 400 W
price     = 4k $

[segment.cloud]
demand       = 2k to 20k npus/month
prefers      = first
cancellation = 1 to 10 %/month

[segment.state]
demand       = 2k to 20k npus/month
prefers      = second
cancellation = 1 to 10 %/month

[pod.rack]
npu    = first
npus   = 500 npus
share  = 50 %
whole  = no
optics = 1 to 20 pods/month
)";

inline const RunOptions four_hundred = [] {
  RunOptions options;
  options.trials = 400;
  return options;
}();

}  // namespace fabcast
