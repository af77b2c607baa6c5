#pragma once
/// Draws the inputs of a block's trials, once, and gives each its value of the month.

#include "run/block.h"

namespace fabcast {

/// All draws that do not depend on the month: views, correlated normals, quantiles at every anchor.
void draw_inputs(const InputsPlan& plan, TrialRange trials, TrialBlock& block);

/// This month's value of every path-valued input into the row that stages read. Call month by month
/// from 0: between anchors a path moves by steps.
void inputs_of_month(const InputsPlan& plan, TrialRange trials, int month, TrialBlock& block);

}  // namespace fabcast
