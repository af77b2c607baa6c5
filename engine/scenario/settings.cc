#include "scenario/settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/calendar.h"
#include "base/comma_list.h"
#include "scenario/names.h"
#include "scenario/quantity.h"

namespace fabcast {

namespace {

constexpr int most_months = 600;
constexpr size_t most_listed = 100;  ///< names of a list, sources of a word

/// What may lie beyond a key's range uncut: no uniform of 52 bits reaches so far (streams.h), and a
/// family that is not cut keeps its bits.
constexpr double beyond_any_draw = 1.1e-16;
constexpr double least_kept = 0.01;  ///< of a distribution that its key's range cuts

/// Months that a whole number of months may be off: 30, 90 and 365 days mean 1, 3 and 12 months.
constexpr double slack_of_a_month = 0.5 / days_per_month;

/// A constant near a whole number of months is that number.
void settle_months(const KeyRow& row, Value& value) {
  if (row.dimension != Dimension::months || !takes_whole_numbers(row) || !value.is_constant()) {
    return;
  }
  const double whole = std::round(value.constant());
  if (std::abs(value.constant() - whole) > slack_of_a_month * whole) return;
  value.paths[0].anchors[0].distribution = make_constant(whole);
}

/// Where an anchor stands, for a message: " at 2025-12 in view 'nikkei'".
std::string anchor_name(const ViewPath& path, const Anchor& anchor) {
  std::string name;
  if (anchor.month) name += fmt::format(" at {}", anchor.month->text());
  if (!path.view.empty()) name += fmt::format(" in view '{}'", escaped(path.view));
  return name;
}

/// A number of the author's own that lies out of the range, where there is one.
std::optional<double> stated_outside(const Anchor& anchor, const KeyRow& row) {
  for (const double number : anchor.stated) {
    if (number < row.low || number > row.high) return number;
  }
  return std::nullopt;
}

/// What to type instead of a number of the author's that lies out of the range.
std::string range_remedy(const KeyRow& row, const Value& value, double number) {
  const double as_percent = to_canonical(number, 0.01);
  // Little above 1 is a share that is too large, not one in per cent.
  const bool lacks_percent = row.dimension == Dimension::share && value.units.empty() && number > 2;
  if (lacks_percent && as_percent >= row.low && as_percent <= row.high) {
    return fmt::format("write {} %, or {}", number_text(number), number_text(as_percent));
  }
  return fmt::format("give {}", range_text(row));
}

/// Cuts what reaches out of the key's range, as `within` would. False and told where the author
/// wrote a number outside it, or hardly anything would be left.
bool fit_to_range(Setting& setting, const Value& value, const ViewPath& path, Anchor& anchor,
                  Diagnostics& diagnostics) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const KeyRow& row = *setting.row;
  Distribution& distribution = anchor.distribution;
  if (distribution.lowest() >= row.low && distribution.highest() <= row.high) return true;
  if (const auto number = stated_outside(anchor, row)) {
    diagnostics.error(
        setting.value_at,
        fmt::format("{} is out of range for '{}'{}", quantity_text(*number, row.dimension),
                    setting.key, anchor_name(path, anchor)),
        range_remedy(row, value, *number));
    return false;
  }
  const double below = distribution.lowest() < row.low ? distribution.cdf(row.low) : 0;
  const double above = distribution.highest() > row.high ? 1 - distribution.cdf(row.high) : 0;
  if (1 - below - above < least_kept) {
    diagnostics.error(
        setting.value_at,
        fmt::format("'{}'{} lies in its range in less than {} of the histories", setting.key,
                    anchor_name(path, anchor), quantity_text(least_kept, Dimension::share)),
        fmt::format("give a value that lies in {}", range_text(row)));
    return false;
  }
  const bool cut_low = below > beyond_any_draw, cut_high = above > beyond_any_draw;
  if (!cut_low && !cut_high) return true;
  distribution = truncated(std::move(distribution), cut_low ? row.low : -infinity,
                           cut_high ? row.high : infinity);
  setting.cut_low = setting.cut_low || cut_low;
  setting.cut_high = setting.cut_high || cut_high;
  return true;
}

bool fit_to_range(Setting& setting, Value& value, Diagnostics& diagnostics) {
  const KeyRow& row = *setting.row;
  for (ViewPath& path : value.paths) {
    for (Anchor& anchor : path.anchors) {
      if (!fit_to_range(setting, value, path, anchor, diagnostics)) return false;
    }
  }
  if (takes_whole_numbers(row) && value.is_constant() &&
      value.constant() != std::round(value.constant())) {
    const bool is_time = row.dimension == Dimension::months;
    diagnostics.error(
        setting.value_at,
        fmt::format("'{}' counts whole {}, not {}", setting.key, is_time ? "months" : "things",
                    quantity_text(value.constant(), row.dimension)),
        is_time ? fmt::format("the nearest is {}; give a whole number, {}",
                              std::round(value.constant()), range_text(row))
                : fmt::format("give a whole number, {}", range_text(row)));
    return false;
  }
  return true;
}

/// Takes `in FIRST .. LAST` or `at MONTH` off a value, where the row has a date behind it. False
/// and told where it is wrong or lacks.
bool take_when(Setting& setting, PlacedText& text, Diagnostics& diagnostics) {
  const std::string_view keyword = setting.row->options;
  if (keyword != within_months && keyword != at_month) return true;
  const bool is_span = keyword == within_months;
  const std::string& words = text.text();
  const std::string between = fmt::format(" {} ", keyword);
  std::string spaced = words;
  std::replace_if(
      spaced.begin(), spaced.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  const size_t found = spaced.rfind(between);
  if (found == std::string::npos) {
    if (is_span) return true;
    diagnostics.error(setting.value_at, fmt::format("'{}' has no month", setting.key),
                      fmt::format("write {} = 60 % at 2026-11", setting.key));
    return false;
  }
  const size_t begin = found + between.size();
  const size_t end = std::min(words.size(), words.find('@', begin));
  const std::string_view date = trimmed(std::string_view(words).substr(begin, end - begin));
  const SourcePosition at = text.at(begin);
  if (is_span) {
    setting.when = parse_span(date);
    if (setting.when && setting.when->last < setting.when->first) {
      diagnostics.error(at,
                        fmt::format("the last month, {}, lies before the first, {}",
                                    setting.when->last.text(), setting.when->first.text()),
                        "write the first month first");
      return false;
    }
    if (!setting.when) {
      diagnostics.error(at, fmt::format("'{}' is not a span of months", escaped(date)),
                        "write the first and the last month: 2026-07 .. 2028-12");
    }
  } else {
    setting.when = parse_period(date);
    if (!setting.when) {
      diagnostics.error(at, fmt::format("'{}' is not a month", escaped(date)),
                        "write a month as 2026-07, or a quarter, 2026Q3, for its last month");
    }
  }
  if (!setting.when) return false;
  PlacedText value = text.part(0, found);
  if (end < words.size()) value.append(std::string_view(words).substr(end), text.at(end));
  text = std::move(value);
  return true;
}

void read_number(Setting& setting, PlacedText text, Diagnostics& diagnostics) {
  const KeyRow& row = *setting.row;
  if (!take_when(setting, text, diagnostics)) return;
  std::optional<Value> value = parse_value(text, row.dimension, diagnostics);
  if (!value) return;
  if (row.is_constant() && !value->is_constant()) {
    diagnostics.error(setting.value_at,
                      fmt::format("'{}' takes a constant: {}", setting.key, row.why_fixed),
                      fmt::format("give one number, {}", range_text(row)));
    return;
  }
  if (row.is_drawn_once() && value->is_path()) {
    diagnostics.error(setting.value_at,
                      fmt::format("'{}' does not change with time: {}", setting.key, row.why_fixed),
                      "give one value, without dates and without noise");
    return;
  }
  settle_months(row, *value);
  if (!fit_to_range(setting, *value, diagnostics)) return;
  setting.raw = value->text;
  if (setting.when) {
    setting.raw +=
        row.options == within_months
            ? fmt::format(" in {} .. {}", setting.when->first.text(), setting.when->last.text())
            : fmt::format(" at {}", setting.when->last.text());
  }
  setting.sources = value->sources;
  setting.source_places = value->source_places;
  setting.value = std::move(*value);
}

/// A word or words, with the @sources behind them taken off.
struct Words {
  std::string_view text;
  size_t offset = 0;  ///< of `text` in the value
};

std::optional<Words> take_sources(Setting& setting, const PlacedText& value,
                                  Diagnostics& diagnostics) {
  std::string_view rest = trimmed(value.text());
  const char* const begin = value.text().data();
  while (true) {
    const size_t blank = rest.find_last_of(" \t\n");
    const size_t start = blank == std::string_view::npos ? 0 : blank + 1;
    if (start >= rest.size() || rest[start] != '@') break;
    const std::string_view id = rest.substr(start + 1);
    const SourcePosition at = value.at(static_cast<size_t>(rest.data() - begin) + start);
    if (!is_source_id(id)) {
      diagnostics.error(at, fmt::format("'@{}' is not a source", escaped(id)),
                        "write @ and the ID of a section [source.ID]");
      return std::nullopt;
    }
    if (setting.sources.size() == most_listed) {
      diagnostics.error(at,
                        fmt::format("'{}' names more than {} sources", setting.key, most_listed),
                        "name fewer");
      setting.sources.clear();
      return std::nullopt;
    }
    if (std::find(setting.sources.begin(), setting.sources.end(), id) == setting.sources.end()) {
      setting.sources.insert(setting.sources.begin(), std::string(id));
      setting.source_places.insert(setting.source_places.begin(), at);
    }
    rest = trimmed(rest.substr(0, start));
  }
  if (rest.empty()) {
    diagnostics.error(setting.value_at, fmt::format("'{}' has a source but no value", setting.key),
                      "write the value before the '@'");
    setting.sources.clear();
    return std::nullopt;
  }
  return Words{rest, static_cast<size_t>(rest.data() - begin)};
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    text += text.empty() ? "" : ", ";
    text += word;
  }
  return text;
}

void read_choice(Setting& setting, std::string_view word, Diagnostics& diagnostics) {
  const bool is_flag = setting.row->kind == KeyKind::flag;
  const std::vector<std::string_view> choices =
      is_flag ? std::vector<std::string_view>{"no", "yes"} : setting.row->choices();
  const auto found = std::find(choices.begin(), choices.end(), word);
  if (found != choices.end()) {
    setting.value = static_cast<int>(found - choices.begin());
    return;
  }
  const std::string near = suggestion(word, choices);
  diagnostics.error(setting.value_at,
                    fmt::format("'{}' is not a choice of '{}', which takes {}", escaped(word),
                                setting.key, joined(choices)),
                    near.empty() ? "give one of them" : near);
}

void read_list(Setting& setting, const Words& words, const PlacedText& value,
               Diagnostics& diagnostics) {
  std::vector<std::string> names;
  bool good = true;
  for (const std::string_view name : comma_list(words.text)) {
    const SourcePosition at = value.at(static_cast<size_t>(name.data() - value.text().data()));
    if (!is_name(name)) {
      diagnostics.error(at,
                        name.empty() ? "a name is missing here"
                                     : fmt::format("'{}' is not a name", escaped(name)),
                        "give names with commas between them");
      good = false;
    } else if (std::find(names.begin(), names.end(), name) != names.end()) {
      diagnostics.error(at, fmt::format("'{}' stands twice in '{}'", name, setting.key),
                        "name each once, in order of preference");
      good = false;
    } else if (names.size() == most_listed) {
      diagnostics.error(at, fmt::format("'{}' lists more than {} names", setting.key, most_listed),
                        "name fewer");
      return;
    } else {
      names.emplace_back(name);
    }
  }
  if (good) setting.value = std::move(names);
}

void read_word(Setting& setting, std::string_view word, Diagnostics& diagnostics) {
  const bool is_reference = setting.row->kind == KeyKind::reference;
  if (!(is_reference ? is_name(word) : is_word(word))) {
    diagnostics.error(
        setting.value_at,
        fmt::format("'{}' is not {}", escaped(word),
                    is_reference ? fmt::format("the name of a [{}.NAME]", setting.row->options)
                                 : "one word"),
        "a name is of letters, digits, '_', '+' and '-'");
    return;
  }
  setting.value = std::string(word);
}

/// A month, or a quarter's last month. A year would be a guess.
void read_month(Setting& setting, std::string_view word, Diagnostics& diagnostics) {
  const std::optional<Period> period = parse_period(word);
  if (period && period->last.count - period->first.count < 3) {
    setting.value = period->last;
    return;
  }
  diagnostics.error(setting.value_at, fmt::format("'{}' is not a month", escaped(word)),
                    "write a month as 2026-07, or a quarter, 2026Q3, for its last month");
}

/// What an unknown key may have been meant for.
const KeyRow* meant_row(const SectionRow& section, std::string_view key) {
  std::vector<std::string_view> names;
  for (const KeyRow& row : section.keys) names.push_back(row.name);
  const std::string_view near = nearest_name(key, names);
  return near.empty()
             ? nullptr
             : section.keys.data() + (std::find(names.begin(), names.end(), near) - names.begin());
}

/// "bin.NAME" of "bin.*".
std::string shown_name(const KeyRow& row) {
  std::string name(row.name);
  if (row.kind == KeyKind::group) name.replace(name.size() - 1, 1, "NAME");
  if (row.kind == KeyKind::effects) name += ".NAME";
  return name;
}

void tell_unknown_key(const SectionRow& section, const DocumentSection& lines, const KeyLine& line,
                      const KeyRow* meant, Diagnostics& diagnostics) {
  std::string remedy;
  if (meant) {
    remedy = fmt::format("did you mean '{}'?", shown_name(*meant));
  } else if (line.key == "extends") {
    remedy = "'extends' stands before the first section";
  } else {
    for (const SectionRow& other : schema()) {
      if (&other == &section || !other.find(line.key)) continue;
      remedy = fmt::format("it is a key of {}", section_form(other));
      break;
    }
  }
  if (remedy.empty()) remedy = fmt::format("`fabcast explain {}` lists its keys", section.name);
  diagnostics.error(line.key_at,
                    fmt::format("unknown key '{}' in [{}]", escaped(line.key), lines.name()),
                    remedy);
}

/// The last `count` settings by their numbers, those that could not be read last: bins stand best
/// first, in whatever order files give them.
void highest_first(std::vector<Setting>& settings, size_t count) {
  const auto number = [](const Setting& setting) {
    const Value* value = std::get_if<Value>(&setting.value);
    return value ? value->constant() : -std::numeric_limits<double>::infinity();
  };
  std::stable_sort(settings.end() - static_cast<std::ptrdiff_t>(count), settings.end(),
                   [&](const Setting& a, const Setting& b) { return number(a) > number(b); });
}

}  // namespace

bool is_free_text(const KeyRow& row) {
  return row.kind == KeyKind::text && row.options == free_text;
}

Setting read_setting(const KeyRow& row, const KeyLine& line, Diagnostics& diagnostics) {
  Setting setting;
  setting.key = line.key;
  setting.row = &row;
  setting.raw = folded(line.value.text());
  setting.key_at = line.key_at;
  setting.value_at = line.value_at;
  if (line.broken) return setting;
  if (row.is_numeric()) {
    read_number(setting, line.value, diagnostics);
    return setting;
  }
  if (row.kind == KeyKind::effects) {
    read_effect(setting, line.value, diagnostics);
    return setting;
  }
  if (is_free_text(row)) {
    setting.value = setting.raw;
    return setting;
  }
  const std::optional<Words> words = take_sources(setting, line.value, diagnostics);
  if (!words) return setting;
  switch (row.kind) {
    case KeyKind::choice:
    case KeyKind::flag:
      read_choice(setting, words->text, diagnostics);
      break;
    case KeyKind::month:
      read_month(setting, words->text, diagnostics);
      break;
    case KeyKind::list:
      read_list(setting, *words, line.value, diagnostics);
      break;
    default:
      read_word(setting, words->text, diagnostics);
      break;
  }
  return setting;
}

Setting default_setting(const KeyRow& row, SourcePosition section_at) {
  KeyLine line;
  line.key = std::string(row.name);
  line.key_at = line.value_at = section_at;
  line.value = PlacedText(std::string(row.fallback), section_at);
  Diagnostics ours;  // a default that does not read is our mistake, not the user's
  Setting setting = read_setting(row, line, ours);
  if (!ours.ok()) throw std::logic_error(fmt::format("default of {}: {}", row.name, ours.text()));
  setting.is_default = true;
  return setting;
}

Section read_section(const DocumentSection& lines, Diagnostics& diagnostics) {
  Section section;
  section.row = find_section(lines.kind);
  section.entity = lines.entity;
  section.at = lines.at;
  const std::span<const KeyRow> rows = section.row->keys;
  std::vector<std::vector<const KeyLine*>> given(rows.size());
  std::vector<std::pair<const KeyLine*, const KeyRow*>> meant;
  for (const KeyLine& line : lines.lines) {
    const KeyRow* row = section.row->find(line.key);
    const bool is_named = row && (row->kind == KeyKind::group ||
                                  (row->kind == KeyKind::effects && line.key != row->name));
    if (is_named && !is_name(line.key.substr(line.key.find('.') + 1))) {
      diagnostics.error(line.key_at, fmt::format("'{}' is not a name", line.key),
                        fmt::format("write {}", shown_name(*row)));
    } else if (row) {
      given[static_cast<size_t>(row - rows.data())].push_back(&line);
    } else {
      row = meant_row(*section.row, line.key);
      tell_unknown_key(*section.row, lines, line, row, diagnostics);
      if (row) meant.emplace_back(&line, row);
    }
  }
  // A slip of the pen gives the key that it was meant for, unless that is there: one slip, one
  // mistake, and its value is checked too.
  for (const auto& [line, row] : meant) {
    std::vector<const KeyLine*>& there = given[static_cast<size_t>(row - rows.data())];
    if (there.empty()) {
      there.push_back(line);
    } else {
      read_setting(*row, *line, diagnostics);
    }
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const KeyLine* line : given[i]) {
      section.settings.push_back(read_setting(rows[i], *line, diagnostics));
    }
    if (rows[i].kind == KeyKind::group) highest_first(section.settings, given[i].size());
    if (!given[i].empty() || rows[i].is_required() || rows[i].fallback.empty()) continue;
    section.settings.push_back(default_setting(rows[i], lines.at));
  }
  return section;
}

std::optional<Period> read_months(std::string_view words, SourcePosition at,
                                  Diagnostics& diagnostics) {
  const std::optional<Period> span = parse_span(trimmed(words));
  if (!span) {
    diagnostics.error(at, fmt::format("'{}' is not a span of months", escaped(words)),
                      "write the first and the last month: 2024-01 .. 2028-12");
    return std::nullopt;
  }
  const auto [first, last] = *span;
  if (last < first) {
    diagnostics.error(
        at, fmt::format("the last month, {}, lies before the first, {}", last.text(), first.text()),
        "write the first month first");
    return std::nullopt;
  }
  if (last.count - first.count + 1 > most_months) {
    diagnostics.error(at, fmt::format("{} months are too many", last.count - first.count + 1),
                      fmt::format("a scenario has at most {}", most_months));
    return std::nullopt;
  }
  if (reporting_periods(first, last).empty()) {
    const int before = first.count % 3, after = 2 - last.count % 3;  // of the quarters around it
    diagnostics.error(at,
                      fmt::format("{} .. {} holds no whole calendar quarter: nothing would be "
                                  "reported",
                                  first.text(), last.text()),
                      fmt::format("widen it, to {} .. {} say", Month{first.count - before}.text(),
                                  Month{last.count + after}.text()));
    return std::nullopt;
  }
  return Period{first, last};
}

}  // namespace fabcast
