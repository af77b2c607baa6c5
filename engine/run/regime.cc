#include "run/regime.h"

#include "simd/columns.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;

/// What effects make of an input in a month.
void act(const RegimePlan& plan, const EventTarget& target, int month, TrialBlock& block) {
  Real* value = block[target.row];
  copy_column(lanes, block[target.base_row], value);
  for (const int index : target.effects) {
    const EffectPlan& effect = plan.effects[static_cast<size_t>(index)];
    const EventPlan& event = plan.events[static_cast<size_t>(effect.event)];
    Real* strength = block[effect.strength_row];
    effect_strengths(lanes, static_cast<Real>(month),
                     {block[event.started_row], block[event.lag_row], block[effect.after_row],
                      block[effect.ramp_row], block[effect.duration_row]},
                     strength);
    apply_effect(lanes, effect.kind, block[effect.amount_row], strength, value);
  }
  keep_in_range(lanes, static_cast<Real>(target.low), static_cast<Real>(target.high), value);
}

/// Starts the event in the lanes in which its time has come.
void decide(const RegimePlan& plan, const EventPlan& event, int month_of_run, TrialBlock& block) {
  if (month_of_run < event.first || month_of_run > event.last) return;
  const auto month = static_cast<Real>(month_of_run);
  Real* allowed = block[plan.scratch_row];
  Real* started = block[event.started_row];
  not_started(lanes, started, allowed);
  for (const int other : event.requires_events) {
    require_event(lanes, month, block[plan.events[static_cast<size_t>(other)].started_row],
                  allowed);
  }
  for (const int other : event.excludes_events) {
    exclude_event(lanes, month, block[plan.events[static_cast<size_t>(other)].started_row],
                  allowed);
  }
  switch (event.start) {
    case EventStart::date:
      start_on_date(lanes, month, allowed, started);
      break;
    case EventStart::chance:
      start_by_chance(lanes, month, allowed, block[event.clock_row], block[event.amount_row],
                      started);
      break;
    case EventStart::hazard:
      if (event.amount_target >= 0) {
        act(plan, plan.targets[static_cast<size_t>(event.amount_target)], month_of_run, block);
      }
      start_by_hazard(lanes, month, allowed, block[event.amount_row], block[event.clock_row],
                      started);
      break;
  }
}

}  // namespace

void draw_events(const RegimePlan& plan, TrialRange trials, TrialBlock& block) {
  for (const EventPlan& event : plan.events) {
    fill_column(lanes, never, block[event.started_row]);
    if (event.start == EventStart::date) continue;
    alignas(64) double u[lanes];
    trials.sampler->uniforms({Purpose::event, event.stream}, trials.first, {u, lanes});
    if (event.start == EventStart::hazard) {
      set_clock(lanes, u, block[event.clock_row]);
    } else {
      set_chance(lanes, u, block[event.clock_row]);
    }
  }
}

void events_of_month(const RegimePlan& plan, int month, TrialBlock& block) {
  if (plan.events.empty()) return;
  for (int m = month == 0 ? plan.first_month : month; m <= month; ++m) {
    for (const EventPlan& event : plan.events) decide(plan, event, m, block);
  }
  for (const EventPlan& event : plan.events) {
    has_started(lanes, static_cast<Real>(month), block[event.started_row],
                block[event.indicator_row]);
  }
  for (const EventTarget& target : plan.targets) act(plan, target, month, block);
}

}  // namespace fabcast
