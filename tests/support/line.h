#pragma once
/// The smallest scenario, one line whose capacity is its plan, and a small uncertain one.

#include <string>

namespace fabcast {

/// No tools, all wafers claimed: 900 wafers a month are capacity, starts and, with a line yield of
/// one (the constant that utilisation is, too), outs.
inline const std::string plain_line = R"(
[scenario]
months = 2025-01 .. 2026-12
[node.n]
d0             = 0.1 /cm2
layers         = 10 layers
days_per_layer = 1 days/layer
[fab.L]
node        = n
plan        = 900 wafers/month
utilisation = 100 %
line_yield  = 100 %
[die.d]
width  = 10 mm
height = 10 mm
[claim.L.d]
share = 100 %
)";

/// An uncertain line up to its buyers, with views, noise and a question, small enough for many
/// trials; `more`: keys of [scenario], which comes first, and `last`: sections.
inline std::string unsure_line(const std::string& more = "", const std::string& last = "") {
  std::string text = "[scenario]\nmonths = 2025-01 .. 2025-12\n";
  text += more;
  text += R"([node.n]
d0 = 0.1 to 0.4 /cm2
[fab.line]
node = n
plan = a: 500 to 1500 / b: 1k to 3k wafers/month noise 10 % rho 0.5
[die.chip]
width  = 20 mm
height = 25 mm
[claim.line.chip]
share = uniform(40, 70) %
[product.part]
family = part
die    = chip
fp16   = 400 TFLOPS
[segment.buyers]
demand  = 20k to 60k npus/month
prefers = part
[view]
a = 0.3
b = 0.7
[question]
half = npus.cumulative part >= 100k npus by 2025-12
)";
  text += last;
  return text;
}

}  // namespace fabcast
