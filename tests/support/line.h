#pragma once
/// The smallest scenario: one line whose capacity is its plan.

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

}  // namespace fabcast
