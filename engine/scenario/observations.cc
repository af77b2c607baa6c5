#include "scenario/observations.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenario/names.h"

namespace fabcast {

namespace {

constexpr double largest_error = 10;  ///< a factor of eleven either way tells nothing

class Reader {
 public:
  Reader(const KeyLine& line, const ScenarioSpec& spec, Diagnostics& diagnostics)
      : line_(line), text_(line.value.text()), spec_(spec), diagnostics_(diagnostics) {}

  std::optional<ObservationSpec> read() {
    seen_.name = line_.key;
    seen_.text = folded(text_);
    seen_.at = line_.key_at;
    seen_.value_at = line_.value_at;
    const bool good = read_name();
    if (!read_value() || !good) return std::nullopt;
    return std::move(seen_);
  }

 private:
  static constexpr const char* form =
      "write an observation as: VARIABLE [ENTITY] PERIOD = VALUE [UNIT] +- ERROR % [by OBSERVER] "
      "[@source]";

  bool refuse(SourcePosition at, std::string message, std::string remedy = form) {
    diagnostics_.error(at, std::move(message), std::move(remedy));
    return false;
  }
  SourcePosition at(size_t offset) const { return line_.value.at(offset); }

  /// "npus.shipped ascend 2025"
  bool read_name() {
    const std::vector<Token> words = tokens_of(line_.key);
    if (words.size() < 2 || words.size() > 3) {
      return refuse(line_.key_at, fmt::format("'{}' is not a variable, its entity and a period",
                                              escaped(line_.key)));
    }
    seen_.variable = std::string(words.front().word);
    if (words.size() == 3) seen_.entity = std::string(words[1].word);
    const std::string_view date = words.back().word;
    auto period = parse_period(date);
    if (!period) period = parse_span(date);
    if (!period || period->last < period->first) {
      return refuse(line_.key_at, fmt::format("'{}' is not a period", escaped(date)),
                    "write it as 2025, 2025Q3, 2025-07 or 2025-01..2025-08");
    }
    seen_.period = *period;
    const bool months_known = spec_.first != Month{};
    if (months_known && (period->first < spec_.first || period->last > spec_.last)) {
      return refuse(
          line_.key_at, fmt::format("{} is not simulated", period->text()),
          fmt::format("observe what lies in {} to {}", spec_.first.text(), spec_.last.text()));
    }
    return true;
  }

  bool read_value() {
    size_t sign = text_.find("+-"), after = sign + 2;
    if (sign == std::string_view::npos) {
      sign = text_.find("±");
      after = sign + std::string_view("±").size();
    }
    if (sign == std::string_view::npos) {
      return refuse(line_.value_at, fmt::format("'{}' has no error", escaped(seen_.text)));
    }
    const std::string_view quantity = trimmed(text_.substr(0, sign));
    const auto number = parse_number(quantity);
    if (!number || !(number->value > 0)) {
      return refuse(line_.value_at, fmt::format("'{}' is not a number above 0", escaped(quantity)),
                    "errors are relative, so what was observed is above 0");
    }
    seen_.value = number->value;
    seen_.unit = folded(quantity.substr(number->length));
    if (!seen_.unit.empty() && dimensions_of(seen_.unit).empty()) {
      return refuse(line_.value_at, fmt::format("'{}' is not a unit", escaped(seen_.unit)),
                    "`fabcast list variables` shows each variable's unit");
    }
    return read_error(after);
  }

  /// "20 % by callers @id @id"
  bool read_error(size_t begin) {
    const std::vector<Token> words = tokens_of(text_.substr(begin));
    size_t next = 0;
    const auto error = words.empty() ? std::nullopt : parse_number(words[0].word);
    if (!error) return refuse(at(begin), "the error is not a number");
    double size = error->value;
    std::string_view unit = words[0].word.substr(error->length);
    ++next;
    if (unit.empty() && next < words.size() && words[next].word == "%") unit = words[next++].word;
    if (unit == "%") size = to_canonical(size, 0.01);
    if ((!unit.empty() && unit != "%") || !(size > 0) || size > largest_error) {
      return refuse(at(begin + words[0].offset),
                    fmt::format("'{}' is not a relative error", escaped(words[0].word)),
                    "give one above 0, to 1000 %: a factor of 1 + error either way is one standard "
                    "error");
    }
    seen_.relative_error = size;
    for (; next < words.size(); ++next) {
      const Token& token = words[next];
      const SourcePosition place = at(begin + token.offset);
      if (token.word == "by" && next + 1 < words.size() && is_name(words[next + 1].word)) {
        if (!seen_.observer.empty()) return refuse(place, "an observation has one observer");
        seen_.observer = std::string(words[++next].word);
      } else if (token.word.starts_with('@')) {
        if (!add_source(token.word.substr(1), place)) return false;
      } else {
        return refuse(place, fmt::format("'{}' is not expected here", escaped(token.word)));
      }
    }
    return true;
  }

  bool add_source(std::string_view id, SourcePosition place) {
    std::vector<std::string_view> known;
    for (const SourceSpec& source : spec_.sources) {
      known.push_back(source.id);
      if (source.id != id) continue;
      seen_.sources.emplace_back(id);
      return true;
    }
    const std::string near = suggestion(id, known);
    return refuse(place, fmt::format("there is no source '{}'", escaped(id)),
                  near.empty() ? fmt::format("add a section [source.{}]", escaped(id)) : near);
  }

  const KeyLine& line_;
  std::string_view text_;
  const ScenarioSpec& spec_;
  Diagnostics& diagnostics_;
  ObservationSpec seen_;
};

/// Who it is of whom nothing is said: the publisher of the first source, or the observation alone.
std::string implied_observer(const ScenarioSpec& spec, const ObservationSpec& seen) {
  if (seen.sources.empty()) return seen.name;
  for (const SourceSpec& source : spec.sources) {
    if (source.id != seen.sources[0]) continue;
    const auto publisher = source.fields.find("publisher");
    if (publisher != source.fields.end()) return publisher->second;
  }
  return seen.sources[0];
}

}  // namespace

std::vector<ObservationSpec> read_observations(const MergedSections& merged,
                                               const ScenarioSpec& spec, Diagnostics& diagnostics) {
  std::vector<ObservationSpec> observations;
  for (const DocumentSection& section : merged.sections) {
    if (section.kind != "observe") continue;
    for (const KeyLine& line : section.lines) {
      if (line.broken) continue;
      std::optional<ObservationSpec> seen = Reader(line, spec, diagnostics).read();
      if (!seen) continue;
      if (seen->observer.empty()) seen->observer = implied_observer(spec, *seen);
      observations.push_back(std::move(*seen));
    }
  }
  return observations;
}

double observer_correlation(const ScenarioSpec& spec, std::string_view observer) {
  const Section* section = spec.find("observer", observer);
  const Setting* setting = section ? section->find("correlation") : nullptr;
  return setting ? setting->number().constant() : 1;
}

}  // namespace fabcast
