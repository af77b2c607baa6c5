#include "stages/export_controls.h"

#include <limits>

namespace fabcast {

FABCAST_KERNEL
void not_started(int lanes, In started, Out allowed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) allowed[t] = started[t] >= never ? Real(1) : Real(0);
}

FABCAST_KERNEL
void require_event(int lanes, Real month, In other_started, Out allowed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) allowed[t] = other_started[t] <= month ? allowed[t] : Real(0);
}

FABCAST_KERNEL
void exclude_event(int lanes, Real month, In other_started, Out allowed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) allowed[t] = other_started[t] <= month ? Real(0) : allowed[t];
}

FABCAST_KERNEL
void start_on_date(int lanes, Real month, In allowed, Out started) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) started[t] = allowed[t] > 0 ? month : started[t];
}

FABCAST_KERNEL
void start_by_chance(int lanes, Real month, In allowed, In u, In probability, Out started) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real asked = u[t] < probability[t] ? allowed[t] : Real(0);
    started[t] = asked > 0 ? month : started[t];
  }
}

FABCAST_KERNEL
void start_by_hazard(int lanes, Real month, In allowed, In hazard_per_year, Out clock,
                     Out started) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real left = clock[t] - allowed[t] * hazard_per_year[t] / Real(months_per_year);
    clock[t] = left;
    const Real due = left <= 0 ? allowed[t] : Real(0);
    started[t] = due > 0 ? month : started[t];
  }
}

FABCAST_KERNEL
void set_clock(int lanes, const double* u, Out clock) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) clock[t] = static_cast<Real>(-simd::log(u[t]));
}

FABCAST_KERNEL
void set_chance(int lanes, const double* u, Out chance) {
  constexpr Real most = 1 - std::numeric_limits<Real>::epsilon() / 2;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) chance[t] = std::min(static_cast<Real>(u[t]), most);
}

FABCAST_KERNEL
void effect_strengths(int lanes, Real month, const EffectTiming& timing, Out strength) {
  const EffectTiming in = timing;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    strength[t] = effect_strength<Real>(month, in.started[t], in.lag[t] + in.after[t], in.ramp[t],
                                        in.duration[t]);
  }
}

FABCAST_KERNEL
void apply_effect(int lanes, EffectKind kind, In amount, In strength, Out value) {
  switch (kind) {
    case EffectKind::set:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        value[t] = after_effect<Real>(EffectKind::set, value[t], amount[t], strength[t]);
      }
      return;
    case EffectKind::multiply:
    case EffectKind::scale:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        value[t] = after_effect<Real>(EffectKind::multiply, value[t], amount[t], strength[t]);
      }
      return;
    case EffectKind::add:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        value[t] = after_effect<Real>(EffectKind::add, value[t], amount[t], strength[t]);
      }
      return;
    case EffectKind::cap:
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        value[t] = after_effect<Real>(EffectKind::cap, value[t], amount[t], strength[t]);
      }
      return;
  }
}

FABCAST_KERNEL
void keep_in_range(int lanes, Real low, Real high, Out value) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) value[t] = std::min(std::max(value[t], low), high);
}

FABCAST_KERNEL
void has_started(int lanes, Real month, In started, Out out) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) out[t] = started[t] <= month ? Real(1) : Real(0);
}

}  // namespace fabcast
