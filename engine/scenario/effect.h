#pragma once
/// What an event does to a key: `tool.*.immersion.attrition add 10 to 25 %/year after 3 months
/// ramp 6 months for 24 months`.

#include <optional>
#include <string>
#include <vector>

#include "scenario/schema.h"
#include "scenario/value.h"
#include "stages/export_controls.h"

namespace fabcast {

struct ScenarioSpec;
struct Setting;

/// One effect as an author wrote it. Its keys are those of one row of the schema: only entities may
/// be left open.
struct EffectSpec {
  std::string pattern;  ///< full key, in whose entity `*` stands for any letters
  SourcePosition pattern_at;
  const KeyRow* target = nullptr;  ///< the key's declaration, of a path
  EffectKind kind = EffectKind::set;
  Value amount;  ///< in the key's canonical unit; of multiply, a factor
  std::optional<Value> after, ramp, duration;  ///< months

  /// Declaration of the amount: dimension, range and scale.
  KeyRow amount_row() const;
};

/// Declaration of `after`, `ramp` and `for`.
extern const KeyRow effect_time_row;

/// Reads the value of `effect` or `effect.NAME` into the setting; mistakes go to `diagnostics`, and
/// then the setting stays without a value.
void read_effect(Setting& setting, const PlacedText& text, Diagnostics& diagnostics);

/// Full keys that the effect acts on, in the order of the scenario: those that match and have a
/// value.
std::vector<std::string> effect_reach(const ScenarioSpec& spec, const EffectSpec& effect);

}  // namespace fabcast
