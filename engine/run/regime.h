#pragma once
/// The export-control regime of a block of trials: draws when events start, and lets those that
/// have started act on the month's inputs. The one place where events meet inputs: no stage knows
/// of them.

#include "run/block.h"

namespace fabcast {

/// The uniforms of all events. After draw_inputs().
void draw_events(const RegimePlan& plan, TrialRange trials, TrialBlock& block);

/// Decides which events start in the month and changes the inputs on which started ones act. After
/// inputs_of_month(), month by month from 0; month 0 decides all months before it, too.
void events_of_month(const RegimePlan& plan, int month, TrialBlock& block);

}  // namespace fabcast
