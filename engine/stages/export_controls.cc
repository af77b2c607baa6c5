#include "stages/export_controls.h"

#include "simd/math.h"

namespace fabcast {

FABCAST_KERNEL
void not_started(int lanes, In started, Out allowed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) allowed[t] = started[t] >= never ? 1.0 : 0.0;
}

FABCAST_KERNEL
void require_event(int lanes, double month, In other_started, Out allowed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) allowed[t] = other_started[t] <= month ? allowed[t] : 0.0;
}

FABCAST_KERNEL
void exclude_event(int lanes, double month, In other_started, Out allowed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) allowed[t] = other_started[t] <= month ? 0.0 : allowed[t];
}

FABCAST_KERNEL
void start_on_date(int lanes, double month, In allowed, Out started) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) started[t] = allowed[t] > 0 ? month : started[t];
}

FABCAST_KERNEL
void start_by_chance(int lanes, double month, In allowed, In u, In probability, Out started) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double asked = u[t] < probability[t] ? allowed[t] : 0.0;
    started[t] = asked > 0 ? month : started[t];
  }
}

FABCAST_KERNEL
void start_by_hazard(int lanes, double month, In allowed, In hazard_per_year, Out clock,
                     Out started) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double left = clock[t] - allowed[t] * hazard_per_year[t] / months_per_year;
    clock[t] = left;
    const double due = left <= 0 ? allowed[t] : 0.0;
    started[t] = due > 0 ? month : started[t];
  }
}

FABCAST_KERNEL
void set_clock(int lanes, In u, Out clock) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) clock[t] = -simd::log(u[t]);
}

FABCAST_KERNEL
void effect_strengths(int lanes, double month, const EffectTiming& timing, Out strength) {
  const EffectTiming in = timing;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    strength[t] =
        effect_strength(month, in.started[t], in.lag[t] + in.after[t], in.ramp[t], in.duration[t]);
  }
}

FABCAST_KERNEL
void apply_effect(int lanes, EffectKind kind, In amount, In strength, Out value) {
  switch (kind) {
    case EffectKind::set:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        value[t] = after_effect(EffectKind::set, value[t], amount[t], strength[t]);
      }
      return;
    case EffectKind::multiply:
    case EffectKind::scale:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        value[t] = after_effect(EffectKind::multiply, value[t], amount[t], strength[t]);
      }
      return;
    case EffectKind::add:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        value[t] = after_effect(EffectKind::add, value[t], amount[t], strength[t]);
      }
      return;
    case EffectKind::cap:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        value[t] = after_effect(EffectKind::cap, value[t], amount[t], strength[t]);
      }
      return;
  }
}

FABCAST_KERNEL
void keep_in_range(int lanes, double low, double high, Out value) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) value[t] = std::min(std::max(value[t], low), high);
}

FABCAST_KERNEL
void has_started(int lanes, double month, In started, Out out) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) out[t] = started[t] <= month ? 1.0 : 0.0;
}

}  // namespace fabcast
