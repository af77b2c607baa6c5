#pragma once
/// What each trial drew, kept for whoever wants to work a run out anew: views, events, and every
/// uncertain input as the path and its noise make it, before events act on it.

#include <span>
#include <string>
#include <vector>

#include "model/compile.h"
#include "run/block.h"

namespace fabcast {

/// One number a trial.
struct KeptInput {
  std::string column;  ///< "fab.SN2.plan 2024-01", "fab.SN2.line_yield", "view.hbm", "event.ban"
  int row;             ///< of the block
  int month;           ///< at whose end the row is read; -1: as drawn, before the first
};

/// In this order, columns of all that is drawn:
///   "view.GROUP" ("view" of the group without a name): the place of the trial's view, from 0;
///   "event.NAME": u in (0, 1), the event starts where u < probability; of a hazard -ln u, which
///   hazard / 12 a month uses up; none for a date;
///   "KEY" of an input that is the same in all months, else "KEY 2024-01", …: its value in the
///   key's own unit.
std::vector<KeptInput> kept_inputs(const Compiled& compiled);

/// Copies what is to be read in `month` of the block's first `trials` trials to their rows of a
/// table (trials x inputs), row-major.
void keep_inputs(std::span<const KeptInput> inputs, int month, const TrialBlock& block, int trials,
                 double* table);

}  // namespace fabcast
