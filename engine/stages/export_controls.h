#pragma once
/// The export-control regime: when events start, and how strongly they act (model.md, section 2).
///
/// An event is in each trial either to come, or started in a month. Its effects act from `after`
/// months later, rise over `ramp` months and end after `duration` months.

#include <algorithm>

#include "base/calendar.h"
#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {

/// What an effect does to a value v, in the order in which several act on one: set replaces v by
/// its amount x, multiply takes v x, add v + x, cap min(v, x), scale takes what all these left
/// times x. An effect of strength s between 0 and 1 goes that part of the way.
enum class EffectKind { set, multiply, add, cap, scale };

/// The month in which an event starts that never does; no month of a run comes near it.
inline constexpr Real never = 1e9;

/// Part of an effect in force in a month, in [0, 1]: min(1, (month + 1 - from) / max(ramp, 1)),
/// from = started + after, and 0 before `from` and from `from + duration` on. So without a ramp, or
/// with one of a month, it is whole in its first month; a ramp of six months gives 1/6, 2/6, …; a
/// lag that is not whole cuts the first month, and a duration the last. All in months.
template <class T>
FABCAST_INLINE T effect_strength(T month, T started, T after, T ramp, T duration) {
  const T from = started + after;
  const T risen = std::min(std::max((month + 1 - from) / std::max<T>(ramp, 1), T(0)), T(1));
  const T left = std::min(std::max(from + duration - month, T(0)), T(1));
  return std::min(risen, left);
}

/// A value under an effect of strength s.
template <class T>
FABCAST_INLINE T after_effect(EffectKind kind, T value, T amount, T s) {
  switch (kind) {
    case EffectKind::set:
      return value + s * (amount - value);
    case EffectKind::multiply:
    case EffectKind::scale:
      return value * (1 + s * (amount - 1));
    case EffectKind::add:
      return value + s * amount;
    case EffectKind::cap:
      break;
  }
  return value - s * std::max<T>(0, value - amount);
}

/// allowed = 1 where the event has not started yet, else 0.
void not_started(int lanes, In started, Out allowed);

/// allowed = 0 where another event that is required has not started by the month, or one that is
/// excluded has.
void require_event(int lanes, Real month, In other_started, Out allowed);
void exclude_event(int lanes, Real month, In other_started, Out allowed);

/// Starts in the month where it is allowed.
void start_on_date(int lanes, Real month, In allowed, Out started);

/// Starts in the month where it is allowed and u < probability.
void start_by_chance(int lanes, Real month, In allowed, In u, In probability, Out started);

/// Takes a month of the yearly hazard h off the clock, h / 12, where the event is allowed, and
/// starts where the clock runs out. A clock set to -ln u, u uniform, makes the time exponential:
/// P(started by month m) = 1 - exp(-sum of h / 12).
void start_by_hazard(int lanes, Real month, In allowed, In hazard_per_year, Out clock, Out started);

/// clock = -ln u, of uniforms in double: single precision has no digits left for u near 1.
void set_clock(int lanes, const double* u, Out clock);

/// chance = u, below 1: a probability of 1 is always met.
void set_chance(int lanes, const double* u, Out chance);

/// [months] -> strength, effect_strength() of each lane.
struct EffectTiming {
  In started, lag, after, ramp, duration;  ///< `lag` of the event, `after` of the effect
};
void effect_strengths(int lanes, Real month, const EffectTiming& timing, Out strength);

/// value = after_effect(value)
void apply_effect(int lanes, EffectKind kind, In amount, In strength, Out value);

/// value within [low, high]: what effects would carry out of its key's range stops at the bound.
void keep_in_range(int lanes, Real low, Real high, Out value);

/// out = 1 where the event has started by the month.
void has_started(int lanes, Real month, In started, Out out);

}  // namespace fabcast
