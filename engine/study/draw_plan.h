#pragma once
/// Which draws of scenarios become dimensions of points, what matters most first.

#include <cstdint>
#include <memory>

#include "random/sampler.h"
#include "run/runner.h"

namespace fabcast {

/// Trials over which it is found out what matters.
inline constexpr uint64_t trials_of_importance = 1024;

/// A plan for scenarios that run on the same draws. A first run on Philox tells the rank
/// correlation of each draw with the headline of the first scenario in its last period: what stands
/// out of what chance makes (3 / sqrt(trials)) comes first, the largest first. The others follow in
/// this order: views, events, inputs, then z_1 of all noise paths, z_2 of all, … Draws that only
/// other scenarios have stand behind all of the first, whose results are those of a run of it
/// alone. Depends on the scenarios and the seed alone. Throws Interrupted as run_models does.
std::shared_ptr<const DrawPlan> plan_draws(const std::vector<ScenarioRun>& scenarios,
                                           const RunOptions& options);

/// The options with a plan for these scenarios, where their sampler needs one and they have none.
/// To be called with a headline; without it nothing is known to matter. Throws std::logic_error
/// where trials are not of whole replicates.
RunOptions with_draw_plan(const std::vector<ScenarioRun>& scenarios, const RunOptions& options);

}  // namespace fabcast
