#include "stages/export_controls.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace fabcast;

namespace {
constexpr double forever = never;
}

TEST_CASE("strength: a lag, then a ramp in equal steps, then whole") {
  // Starts in month 2, acts from month 5, ramp of 4: 1/4 in month 5, 2/4, 3/4, 1 from month 8 on.
  const std::array expected{0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0};
  for (size_t m = 0; m < expected.size(); ++m) {
    CAPTURE(m);
    CHECK(effect_strength<double>(static_cast<double>(m), 2, 3, 4, forever) == expected[m]);
  }
}

TEST_CASE("strength: whole at once without a ramp, gone after its duration") {
  for (double ramp : {0.0, 1.0}) {
    CHECK(effect_strength<double>(4, 5, 0, ramp, 3) == 0);
    for (double m : {5.0, 6.0, 7.0}) CHECK(effect_strength<double>(m, 5, 0, ramp, 3) == 1);
    CHECK(effect_strength<double>(8, 5, 0, ramp, 3) == 0);
  }
}

TEST_CASE("strength: a lag of half a month halves the first month, a duration of half the last") {
  CHECK(effect_strength<double>(5, 5, 0.5, 0, forever) == 0.5);
  CHECK(effect_strength<double>(6, 5, 0.5, 0, forever) == 1);
  CHECK(effect_strength<double>(5, 5, 0, 0, 1.5) == 1);
  CHECK(effect_strength<double>(6, 5, 0, 0, 1.5) == 0.5);
  CHECK(effect_strength<double>(7, 5, 0, 0, 1.5) == 0);
}

TEST_CASE("strength: between 0 and 1 and rising with the month, whatever the timing") {
  for (double after : {0.0, 0.3, 4.0}) {
    for (double ramp : {0.0, 0.7, 2.5, 9.0}) {
      double before = 0;
      for (double m = 0; m < 30; ++m) {
        const double s = effect_strength<double>(m, 3, after, ramp, forever);
        CHECK(s >= before);
        CHECK(s <= 1);
        before = s;
      }
      CHECK(before == 1);
    }
  }
  CHECK(effect_strength<double>(1e6, never, 0, 0, forever) == 0);
}

TEST_CASE("effects: whole, by half and not at all") {
  CHECK(after_effect<double>(EffectKind::set, 8, 2, 1) == 2);
  CHECK(after_effect<double>(EffectKind::set, 8, 2, 0.5) == 5);
  CHECK(after_effect<double>(EffectKind::multiply, 8, 0.25, 1) == 2);
  CHECK(after_effect<double>(EffectKind::multiply, 8, 0.25, 0.5) == 5);
  CHECK(after_effect<double>(EffectKind::add, 8, -2, 1) == 6);
  CHECK(after_effect<double>(EffectKind::add, 8, -2, 0.5) == 7);
  CHECK(after_effect<double>(EffectKind::cap, 8, 2, 1) == 2);
  CHECK(after_effect<double>(EffectKind::cap, 8, 2, 0.5) == 5);
  CHECK(after_effect<double>(EffectKind::cap, 8, 9, 1) == 8);
  for (EffectKind kind :
       {EffectKind::set, EffectKind::multiply, EffectKind::add, EffectKind::cap}) {
    CHECK(after_effect<double>(kind, 8, 3, 0) == 8);
  }
}

TEST_CASE("starts: on a date and by chance only where allowed") {
  const Real allowed[] = {1, 0, 1, 0}, u[] = {0.2, 0.2, 0.8, 0.8}, p[] = {0.5, 0.5, 0.5, 0.5};
  Real date[] = {never, 3, never, 3}, chance[] = {never, never, never, never};
  start_on_date(4, 7, allowed, date);
  start_by_chance(4, 7, allowed, u, p, chance);
  CHECK((date[0] == 7 && date[1] == 3 && date[2] == 7 && date[3] == 3));
  CHECK((chance[0] == 7 && chance[1] == never && chance[2] == never && chance[3] == never));
}

TEST_CASE("starts: a hazard's clock runs only where allowed") {
  // -ln u of 0.15 at 1.2 a year: 0.1 a month, so it starts in the second month that counts.
  const Real allowed[] = {1, 0}, hazard[] = {1.2, 1.2};
  Real clock[] = {0.15, 0.15}, started[] = {never, never};
  start_by_hazard(2, 0, allowed, hazard, clock, started);
  CHECK((started[0] == never && clock[0] == doctest::Approx(0.05) && clock[1] == Real(0.15)));
  start_by_hazard(2, 1, allowed, hazard, clock, started);
  CHECK((started[0] == 1 && started[1] == never));
}

TEST_CASE("conditions: all that is required, none that is excluded") {
  const Real early[] = {2, 5, never};
  Real allowed[] = {1, 1, 1};
  require_event(3, 4, early, allowed);
  CHECK((allowed[0] == 1 && allowed[1] == 0 && allowed[2] == 0));
  Real others[] = {1, 1, 1};
  exclude_event(3, 4, early, others);
  CHECK((others[0] == 0 && others[1] == 1 && others[2] == 1));
}
