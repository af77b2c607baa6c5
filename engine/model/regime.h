#pragma once
/// The export-control regime as compiled: events, what they do, and the inputs that they act on.

#include <cstdint>
#include <vector>

#include "stages/export_controls.h"

namespace fabcast {

enum class EventStart { date, chance, hazard };

struct EventPlan {
  uint64_t stream = 0;  ///< of "event.NAME"
  EventStart start = EventStart::date;
  int first = 0, last = 0;  ///< months of the run in which it may start; may lie outside of it
  int amount_row = -1;      ///< block row: hazard per year, or probability
  int amount_target = -1;   ///< the hazard's target, where events act on it
  std::vector<int> requires_events, excludes_events;
  int started_row = -1;    ///< month in which it started, or `never`
  int lag_row = -1;        ///< months from then until effects begin
  int clock_row = -1;      ///< hazard: what is left of -ln u; chance: u
  int indicator_row = -1;  ///< 1 once it has started: what is reported
};

/// One effect of one event, on as many targets as match.
struct EffectPlan {
  int event;
  EffectKind kind;
  int amount_row, after_row, ramp_row, duration_row, strength_row;
};

/// An input on which effects act: `row`, which stages read, is made each month from `base_row`,
/// which the path alone moves.
struct EventTarget {
  int base_row, row;
  double low, high;          ///< the key's range
  std::vector<int> effects;  ///< in the order in which they act
};

struct RegimePlan {
  std::vector<EventPlan> events;  ///< what is required stands before what requires it
  std::vector<EffectPlan> effects;
  std::vector<EventTarget> targets;
  int scratch_row = -1;
  int first_month = 0;  ///< the earliest in which an event may start, at most 0
};

}  // namespace fabcast
