#pragma once
/// What a scenario file may say: section kinds and their keys. A key is declared once, in keys.h,
/// as one struct member and one row beside it; the parser, the checker, `explain`, the key
/// reference,
/// --set and the inputs sheet all read that row.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace fabcast {

// ---- Members of the key structs. All are 8 bytes, so that a struct's size counts its keys.

/// Row of the trial block that holds this month's value, one double per trial.
struct alignas(8) PathKey {
  int32_t row = -1;
};
/// The same for a value that is drawn once a trial and does not change with the month.
struct alignas(8) ScalarKey {
  int32_t row = -1;
};
/// The same for a whole number: a constant must be whole, a draw is rounded to the nearest.
struct alignas(8) CountKey {
  int32_t row = -1;
};
/// A number that no trial changes, since what is worked out before the first trial needs it.
struct ConstantKey {
  double value = 0;
};
/// Index into the row's choices.
struct alignas(8) ChoiceKey {
  int32_t index = 0;
};
/// The same for an enum whose words keys.h gives, in its order.
template <class Enum>
struct ChoiceOf : ChoiceKey {
  using Choices = Enum;
  Enum value() const { return static_cast<Enum>(index); }
};
struct alignas(8) FlagKey {
  int32_t on = 0;
};
/// Month::count; -1 where absent.
struct alignas(8) MonthKey {
  int32_t count = -1;
};
/// Index of the entity referred to, within its kind; -1 where absent.
struct alignas(8) ReferenceKey {
  int32_t index = -1;
};
/// Entities referred to, in order: the `list`-th of Vocabulary::lists.
struct alignas(8) ListKey {
  int32_t list = -1;
};
/// Words that only names use (families, classes); the `id`-th of Vocabulary::words. -1 where
/// absent.
struct alignas(8) TextKey {
  int32_t id = -1;
};
/// Keys with a free last part (`bin.*`), constants in order of appearance; Vocabulary::groups.
struct alignas(8) GroupKey {
  int32_t group = -1;
};
/// What an event does (`effect`, `effect.NAME`); RegimePlan::effects.
struct alignas(8) EffectsKey {
  int32_t first = -1;
};

enum class KeyKind : unsigned char {
  path,
  scalar,
  count,
  constant,
  choice,
  flag,
  month,
  reference,
  list,
  text,
  group,
  effects
};

constexpr KeyKind kind_of(PathKey) { return KeyKind::path; }
constexpr KeyKind kind_of(ScalarKey) { return KeyKind::scalar; }
constexpr KeyKind kind_of(CountKey) { return KeyKind::count; }
constexpr KeyKind kind_of(ConstantKey) { return KeyKind::constant; }
constexpr KeyKind kind_of(ChoiceKey) { return KeyKind::choice; }
constexpr KeyKind kind_of(FlagKey) { return KeyKind::flag; }
constexpr KeyKind kind_of(MonthKey) { return KeyKind::month; }
constexpr KeyKind kind_of(ReferenceKey) { return KeyKind::reference; }
constexpr KeyKind kind_of(ListKey) { return KeyKind::list; }
constexpr KeyKind kind_of(TextKey) { return KeyKind::text; }
constexpr KeyKind kind_of(GroupKey) { return KeyKind::group; }
constexpr KeyKind kind_of(EffectsKey) { return KeyKind::effects; }

/// What stands behind a key's value: nothing, `in FIRST .. LAST`, or `at MONTH`.
inline constexpr std::string_view within_months = "in", at_month = "at";
/// A text for people, in which anything may stand.
inline constexpr std::string_view free_text = "free";

/// How a path runs between two anchors: geometrically where all anchors are positive, or linearly.
enum class Scale : unsigned char { linear, multiplicative };

/// The declaration of one key.
struct KeyRow {
  std::string_view name;  ///< "plan"; "bin.*" for a group
  KeyKind kind;
  uint32_t offset;      ///< of the member in its struct
  Dimension dimension;  ///< of numbers
  double low, high;     ///< allowed range in the canonical unit, both ends included
  Scale scale;
  /// Value where nobody gives one, in scenario syntax; "required"; or "" for an optional key.
  std::string_view fallback;
  /// choice: "a|b|c". reference, list: the section kind ("die"), or "bin" for a bin of the die.
  /// path, scalar: within_months or at_month where a date follows. text: free_text, or a word.
  std::string_view options;
  std::string_view meaning;  ///< one sentence, with the equation where there is one
  std::string_view used_by;  ///< the stage, and the section of model.md
  /// Why it takes no dates (scalar, count) or nothing but a constant (constant, group); else "".
  std::string_view why_fixed = "";

  constexpr bool is_numeric() const { return kind == KeyKind::path || is_fixed(); }
  /// A number that no month changes.
  constexpr bool is_fixed() const { return is_drawn_once() || is_constant(); }
  constexpr bool is_drawn_once() const { return kind == KeyKind::scalar || kind == KeyKind::count; }
  constexpr bool is_constant() const { return kind == KeyKind::constant || kind == KeyKind::group; }
  bool is_required() const { return fallback == "required"; }
  std::vector<std::string_view> choices() const;
};

/// The declaration of one section kind.
struct SectionRow {
  std::string_view name;  ///< "fab"
  int parts;  ///< of the entity's name: 0 [scenario], 1 [fab.SN2], 2 [tool.SN2.immersion]
  std::string_view
      parents;  ///< kinds that the parts of a two-part name refer to: "fab|die", "fab|"
  std::string_view meaning;
  std::span<const KeyRow> keys;

  const KeyRow* find(std::string_view key) const;  ///< "bin.full" finds "bin.*"
};

/// Some ways to say one thing, each by its keys: a section gives all keys of one way and none of
/// the others.
struct Alternatives {
  using Way = std::span<const std::string_view>;
  std::string_view section;
  std::span<const Way> ways;
};
std::span<const Alternatives> alternatives();

/// All section kinds that carry keys, in the order of the flow.
std::span<const SectionRow> schema();
const SectionRow* find_section(std::string_view name);

}  // namespace fabcast
