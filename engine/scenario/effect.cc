#include "scenario/effect.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "scenario/document.h"
#include "scenario/names.h"
#include "scenario/quantity.h"
#include "scenario/settings.h"
#include "scenario/spec.h"

namespace fabcast {

namespace {

constexpr double any_size = 1e300;

struct Operation {
  std::string_view word;
  EffectKind kind;
};
constexpr std::array operations{
    Operation{"set", EffectKind::set}, Operation{"multiply", EffectKind::multiply},
    Operation{"add", EffectKind::add}, Operation{"cap", EffectKind::cap},
    Operation{"scale", EffectKind::scale}};
constexpr std::array<std::string_view, 3> time_words{"after", "ramp", "for"};

constexpr const char* form =
    "write KEY set|multiply|add|cap|scale VALUE [after TIME] [ramp TIME] [for TIME]";

/// A word and where it begins.
struct Word {
  std::string_view text;
  size_t begin;
  size_t end() const { return begin + text.size(); }
};

/// The word at or after an offset; empty at the end.
Word word_at(std::string_view text, size_t offset) {
  while (offset < text.size() && is_space(text[offset])) ++offset;
  size_t end = offset;
  while (end < text.size() && !is_space(text[end])) ++end;
  return {text.substr(offset, end - offset), offset};
}

/// The next of `after`, `ramp` and `for` from an offset on; "ramp:" is a view's name.
Word next_time_word(std::string_view text, size_t offset) {
  for (Word word = word_at(text, offset); !word.text.empty(); word = word_at(text, word.end())) {
    const bool is_time =
        std::find(time_words.begin(), time_words.end(), word.text) != time_words.end();
    if (is_time && !word_at(text, word.end()).text.starts_with(':')) return word;
  }
  return {{}, text.size()};
}

/// Whether a name fits a pattern, in which `*` stands for any letters, or none.
bool matches(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, after_star = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++after_star;
    } else {
      return false;
    }
  }
  return p == pattern.size() || pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// The same part by part: "*.immersion" fits "SN1.immersion", and "SN*" no name of two parts.
bool matches_parts(std::string_view pattern, std::string_view name) {
  while (true) {
    const size_t p = pattern.find('.'), n = name.find('.');
    if (!matches(pattern.substr(0, p), name.substr(0, n))) return false;
    if (p == std::string_view::npos || n == std::string_view::npos) {
      return p == std::string_view::npos && n == std::string_view::npos;
    }
    pattern = pattern.substr(p + 1);
    name = name.substr(n + 1);
  }
}

class Reader {
 public:
  Reader(Setting& setting, const PlacedText& text, Diagnostics& diagnostics)
      : setting_(setting), placed_(text), text_(text.text()), diagnostics_(diagnostics) {}

  void read() {
    const Word key = word_at(text_, 0);
    const Word operation = word_at(text_, key.end());
    const bool key_good = read_key(key);
    const bool operation_good = read_operation(operation);
    if (!key_good || !operation_good) return;
    Word time = next_time_word(text_, operation.end());
    const KeyRow row = effect_.amount_row();
    std::optional<Value> amount = read_value(row, operation.end(), time.begin, operation.text);
    bool good = amount.has_value();
    if (good) effect_.amount = std::move(*amount);
    while (!time.text.empty()) {
      const Word next = next_time_word(text_, time.end());
      std::optional<Value>& place = time.text == "after"  ? effect_.after
                                    : time.text == "ramp" ? effect_.ramp
                                                          : effect_.duration;
      if (place) {
        refuse(time.begin, fmt::format("'{}' is given twice", time.text), "keep one of the two");
        return;
      }
      place = read_value(effect_time_row, time.end(), next.begin, time.text);
      good = good && place.has_value();
      time = next;
    }
    if (good) setting_.value = std::move(effect_);
  }

 private:
  void refuse(size_t at, std::string message, std::string remedy) {
    diagnostics_.error(placed_.at(at), std::move(message), std::move(remedy));
  }

  bool read_key(const Word& key) {
    effect_.pattern = std::string(key.text);
    effect_.pattern_at = placed_.at(key.begin);
    std::string plain = effect_.pattern;
    std::replace(plain.begin(), plain.end(), '*', 'x');
    if (!is_word(plain)) {
      refuse(key.begin, fmt::format("'{}' is not a key", escaped(key.text)), form);
      return false;
    }
    const FullKey full = split_full_key(plain);
    const SectionRow* section = full.problem.empty() ? find_section(full.kind) : nullptr;
    if (!section) {
      const bool is_known = full.problem.empty();
      refuse(key.begin,
             is_known ? fmt::format("no event can act on [{}]", full.kind) : full.problem,
             is_known ? "an event acts on keys that take dates" : full.remedy);
      return false;
    }
    // `*` stands for entities: the key itself is one row of the schema.
    const std::string_view name = key.text.substr(key.text.size() - full.key.size());
    const KeyRow* row = section->find(name);
    if (!row) {
      std::vector<std::string_view> known;
      for (const KeyRow& each : section->keys) known.push_back(each.name);
      const std::string near = suggestion(name, known);
      refuse(
          key.begin,
          fmt::format("there is no key '{}' in {}", escaped(name), section_form(*section)),
          near.empty() ? fmt::format("`fabcast explain {}` lists its keys", section->name) : near);
      return false;
    }
    if (row->kind != KeyKind::path) {
      refuse(key.begin,
             fmt::format("no event can act on '{}': {}", name,
                         row->why_fixed.empty() ? "it is not a number" : row->why_fixed),
             "an event acts on keys that take dates, see `fabcast explain KEY`");
      return false;
    }
    effect_.target = row;
    return true;
  }

  bool read_operation(const Word& word) {
    std::vector<std::string_view> known;
    for (const auto& [name, kind] : operations) {
      known.push_back(name);
      if (name != word.text) continue;
      effect_.kind = kind;
      return true;
    }
    const std::string near = suggestion(word.text, known);
    refuse(word.begin,
           word.text.empty()
               ? std::string("what is done to the key is missing")
               : fmt::format("'{}' is nothing that an event does", escaped(word.text)),
           near.empty() ? form : near);
    return false;
  }

  /// The part [begin, end) of the text as a value of a row.
  std::optional<Value> read_value(const KeyRow& row, size_t begin, size_t end,
                                  std::string_view after_word) {
    while (begin < end && is_space(text_[begin])) ++begin;
    while (end > begin && is_space(text_[end - 1])) --end;
    if (begin == end) {
      refuse(begin, fmt::format("no value follows '{}'", after_word), form);
      return std::nullopt;
    }
    KeyLine line;
    line.key = setting_.key;
    line.key_at = setting_.key_at;
    line.value = placed_.part(begin, end);
    line.value_at = placed_.at(begin);
    const Setting read = read_setting(row, line, diagnostics_);
    const Value* value = std::get_if<Value>(&read.value);
    if (!value) return std::nullopt;
    for (size_t i = 0; i < read.sources.size(); ++i) {
      if (std::find(setting_.sources.begin(), setting_.sources.end(), read.sources[i]) !=
          setting_.sources.end()) {
        continue;
      }
      setting_.sources.push_back(read.sources[i]);
      setting_.source_places.push_back(read.source_places[i]);
    }
    return *value;
  }

  Setting& setting_;
  const PlacedText& placed_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  EffectSpec effect_;
};

}  // namespace

const KeyRow effect_time_row{"months",
                             KeyKind::scalar,
                             0,
                             Dimension::months,
                             0,
                             1200,
                             Scale::linear,
                             "",
                             "",
                             "",
                             "",
                             "it is counted from the event's start"};

KeyRow EffectSpec::amount_row() const {
  KeyRow row = *target;
  row.options = "";
  if (kind == EffectKind::multiply || kind == EffectKind::scale) {
    row.dimension = Dimension::share;
    row.low = 0;
    row.high = any_size;
    row.scale = Scale::multiplicative;
  } else if (kind == EffectKind::add) {
    row.low = -any_size;
    row.high = any_size;
    row.scale = Scale::linear;
  }
  return row;
}

void read_effect(Setting& setting, const PlacedText& text, Diagnostics& diagnostics) {
  Reader(setting, text, diagnostics).read();
}

std::vector<std::string> effect_reach(const ScenarioSpec& spec, const EffectSpec& effect) {
  const auto [kind, rest] = split_section_name(effect.pattern);
  const std::string_view entity =
      rest.substr(0, rest.size() - std::min(rest.size(), effect.target->name.size() + 1));
  std::vector<std::string> reach;
  for (const Section* section : spec.of(kind)) {
    if (!matches_parts(entity, section->entity)) continue;
    const Setting* setting = section->find(effect.target->name);
    if (setting) reach.push_back(fmt::format("{}.{}", section->name(), setting->key));
  }
  return reach;
}

}  // namespace fabcast
