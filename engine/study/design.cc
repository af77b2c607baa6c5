#include "study/design.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/characters.h"
#include "base/csv_reader.h"
#include "base/units.h"
#include "random/sobol.h"
#include "random/streams.h"
#include "scenario/document.h"
#include "scenario/names.h"
#include "scenario/quantity.h"
#include "scenario/read_file.h"
#include "scenario/scaled.h"
#include "scenario/settings.h"

namespace fabcast {

namespace {

constexpr const char* vary_form =
    "--vary takes KEY=a:b:n, KEY=log:a:b:n, KEY=v,v,v or KEY*=factors";

/// Twelve digits: 0.3 of 0 to 1 in tenths, not 0.30000000000000004, and the same on every machine
/// whatever the last bit of its exp and log.
double rounded(double value) { return parse_number(fmt::format("{:.12g}", value))->value; }

/// A range as asked, in the key's own unit.
struct Range {
  double first = 0, last = 0;
  bool is_log = false;
  uint64_t count = 0;     ///< 0: not said
  bool is_whole = false;  ///< the key counts things: the nearest whole number

  /// The value a part, in [0, 1], of the way.
  double at(double part) const {
    if (part <= 0) return first;
    if (part >= 1) return last;
    const double value =
        is_log ? first * std::exp(std::log(last / first) * part) : first + (last - first) * part;
    return std::clamp(is_whole ? std::round(value) : rounded(value), std::min(first, last),
                      std::max(first, last));
  }

  /// The value of a draw in (0, 1): of whole numbers each is as likely.
  double drawn(double u) const {
    if (!is_whole || is_log) return at(u);
    const double low = std::min(first, last), high = std::max(first, last);
    return std::min(low + std::floor(u * (high - low + 1)), high);
  }
};

/// Parts between separators that stand within no brackets.
std::vector<Token> split_outside_brackets(std::string_view text, char separator) {
  std::vector<Token> parts;
  int depth = 0;
  size_t begin = 0;
  const auto end_part = [&](size_t end) {
    const std::string_view part = trimmed(text.substr(begin, end - begin));
    parts.push_back({part, part.empty() ? begin : static_cast<size_t>(part.data() - text.data())});
    begin = end + 1;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '[') ++depth;
    if (text[i] == ')' || text[i] == ']') --depth;
    if (text[i] == separator && depth <= 0) end_part(i);
  }
  end_part(text.size());
  return parts;
}

int characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// A text on one line of `file`, and the places in it.
struct Placed {
  std::string_view text;
  SourcePosition start;
  SourcePosition at(size_t offset) const {
    return {start.file, start.line, start.column + characters(text.substr(0, offset))};
  }
};

struct WrittenAmount {
  double value;
  std::string_view unit;  ///< "" where none is written
};
/// A number and what stands behind it; nothing where no number begins.
std::optional<WrittenAmount> amount_of(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  return WrittenAmount{number->value, trimmed(text.substr(number->length))};
}

/// Dimension of a key's numbers.
Dimension dimension_of(const VariedKey& key) {
  if (key.is_factor) return Dimension::share;
  return key.row ? key.row->dimension : Dimension::number;
}

/// `a:b`, `a:b:n`, with `log:` before; nothing where the text is something else, a path or a view
/// say. What begins as a range and is a wrong one is told, and then holds no count.
class RangeReader {
 public:
  RangeReader(const VariedKey& key, const Placed& text, bool needs_count, Diagnostics& diagnostics)
      : key_(key), text_(text), needs_count_(needs_count), diagnostics_(diagnostics) {}

  bool is_range() const { return is_range_; }

  std::optional<Range> read() {
    std::string_view rest = text_.text;
    Range range;
    if (rest.starts_with("log:")) {
      range.is_log = is_range_ = true;
      rest.remove_prefix(4);
    }
    const auto offset = static_cast<size_t>(rest.data() - text_.text.data());
    const std::vector<Token> parts = split_outside_brackets(rest, ':');
    if (parts.size() < 2 || parts.size() > 3) return wrong_form();
    std::optional<WrittenAmount> ends[2], count;
    for (size_t i = 0; i < 2; ++i) {
      ends[i] = amount_of(parts[i].word);
      if (!ends[i] || (!ends[i]->unit.empty() && !factor_of(ends[i]->unit))) return wrong_form();
    }
    is_range_ = true;
    std::string_view unit = ends[1]->unit.empty() ? ends[0]->unit : ends[1]->unit;
    if (parts.size() == 3) {
      count = amount_of(parts[2].word);
      if (!count || count->value < 2 || count->value > most_points ||
          count->value != std::floor(count->value)) {
        return refuse(offset + parts[2].offset,
                      fmt::format("'{}' is not a number of points", escaped(parts[2].word)),
                      "write a:b:n with n a whole number from 2 on");
      }
      if (!count->unit.empty()) unit = count->unit;
      if (!count->unit.empty() && !factor_of(unit)) {
        return refuse(offset + parts[2].offset,
                      fmt::format("'{}' is no unit of '{}'", escaped(unit), key_.key),
                      fmt::format("one of: {}", unit_list(dimension_of(key_))));
      }
      range.count = static_cast<uint64_t>(count->value);
    } else if (needs_count_) {
      return refuse(0, fmt::format("'{}' does not say how many points", escaped(text_.text)),
                    "write a:b:n, or take --design lhs or sobol with --samples N");
    }
    const auto in_own_unit = [&](const WrittenAmount& end) {
      const auto factor = factor_of(end.unit.empty() ? unit : end.unit);
      return factor ? to_canonical(end.value, *factor) : end.value;
    };
    range.first = in_own_unit(*ends[0]);
    range.last = in_own_unit(*ends[1]);
    if (range.is_log && !(range.first > 0 && range.last > 0)) {
      return refuse(0, "a range in logs has ends above 0", "leave 'log:' out, or move the end");
    }
    if (range.first == range.last) {
      return refuse(0, "both ends of the range are the same", "write a:b:n with a and b apart");
    }
    return range;
  }

 private:
  std::optional<double> factor_of(std::string_view unit) const {
    return unit.empty() ? std::nullopt : unit_factor(dimension_of(key_), unit);
  }
  std::optional<Range> wrong_form() const {
    if (!is_range_) return std::nullopt;
    return refuse(0, fmt::format("'{}' is not a range", escaped(text_.text)),
                  "write log:a:b:n with two numbers and how many points");
  }
  std::optional<Range> refuse(size_t at, std::string message, std::string remedy) const {
    diagnostics_.error(text_.at(at), std::move(message), std::move(remedy));
    return std::nullopt;
  }

  const VariedKey& key_;
  const Placed& text_;
  bool needs_count_, is_range_ = false;
  Diagnostics& diagnostics_;
};

/// A column or the left of a --vary; nothing and told where it names no key.
std::optional<VariedKey> read_key(std::string_view written, SourcePosition at,
                                  Diagnostics& diagnostics) {
  VariedKey key;
  key.at = at;
  key.name = folded(written);
  key.is_factor = key.name.ends_with('*');
  if (key.is_factor) {
    key.key = folded(std::string_view(key.name).substr(0, key.name.size() - 1));
    key.name = key.key + '*';
  } else {
    key.key = key.name;
  }
  const auto refuse = [&](std::string message, std::string remedy) {
    diagnostics.error(at, std::move(message), std::move(remedy));
    return std::nullopt;
  };
  if (key.key.empty()) return refuse("no key stands here", vary_form);
  const bool is_open = key.key.find('*') != std::string::npos;
  if (is_open && !key.is_factor) {
    return refuse(fmt::format("'{}' is not one key", escaped(key.key)),
                  fmt::format("name one, or multiply all of them: '{}*=0.9,1.1'", key.key));
  }
  if (key.key.find('~') != std::string::npos && !key.is_factor) return key;
  std::string plain = key.key;
  std::replace(plain.begin(), plain.end(), '*', 'x');
  if (!plain.starts_with("observe.") && !is_word(plain)) {
    return refuse(fmt::format("'{}' is not a key", escaped(key.key)), vary_form);
  }
  const FullKey full = split_full_key(plain);
  if (!full.problem.empty()) return refuse(full.problem, full.remedy);
  const SectionRow* section = find_section(full.kind);
  if (!section) {  // a view's weight, a question
    if (key.is_factor) {
      return refuse(fmt::format("no factor can act on '{}'", escaped(key.key)),
                    fmt::format("give its values: {}=v,v,v", key.key));
    }
    return key;
  }
  key.row = section->find(full.key);
  if (!key.row) {
    std::vector<std::string_view> known;
    for (const KeyRow& row : section->keys) known.push_back(row.name);
    const std::string near = suggestion(full.key, known);
    return refuse(
        fmt::format("there is no key '{}' in {}", escaped(full.key), section_form(*section)),
        near.empty() ? fmt::format("`fabcast explain {}` lists its keys", section->name) : near);
  }
  if (key.is_factor && !key.row->is_numeric()) {
    return refuse(fmt::format("no factor can act on '{}': it is not a number", escaped(key.key)),
                  fmt::format("give its values: {}=v,v,v", key.key));
  }
  if (is_open && key.row->kind != KeyKind::path) {
    return refuse(
        fmt::format("'*' cannot stand in '{}': '{}' takes no dates", escaped(key.key), full.key),
        "name the keys one by one");
  }
  return key;
}

/// The entity and key of a key of the schema.
FullKey full_key(const VariedKey& key) { return split_full_key(key.key); }

/// A value as written at its place; nothing and told where the key does not take it.
std::optional<VariedValue> read_value(const VariedKey& key, const Placed& text,
                                      Diagnostics& diagnostics) {
  if (text.text.empty()) {
    diagnostics.error(text.start, fmt::format("a value of '{}' is missing here", key.name),
                      "write one before each comma and behind the last");
    return std::nullopt;
  }
  if (key.is_factor) {
    const auto amount = amount_of(text.text);
    const auto factor = amount && !amount->unit.empty()
                            ? unit_factor(Dimension::share, amount->unit)
                            : std::optional<double>(1);
    if (!amount || !factor || amount->value < 0) {
      diagnostics.error(text.start, fmt::format("'{}' is not a factor", escaped(text.text)),
                        "a factor is a number from 0 on: 0.9, 110 %");
      return std::nullopt;
    }
    const double value = to_canonical(amount->value, *factor);
    return VariedValue{number_text(value), value};
  }
  const std::string as_written = folded(text.text);
  if (!key.row) {
    const auto number = parse_number(as_written);
    const bool is_number = number && number->length == as_written.size();
    return VariedValue{as_written, is_number ? Cell(number->value) : Cell(as_written)};
  }
  KeyLine line;
  line.key = std::string(full_key(key).key);
  line.key_at = line.value_at = text.start;
  line.value = PlacedText(std::string(text.text), text.start);
  const Setting setting = read_setting(*key.row, line, diagnostics);
  if (std::holds_alternative<std::monostate>(setting.value)) return std::nullopt;
  const Value* value = std::get_if<Value>(&setting.value);
  if (value && value->is_constant() && !setting.when && value->sources.empty()) {
    const double number = value->constant() + 0.0;
    return VariedValue{number_text(number), number};
  }
  return VariedValue{as_written, as_written};
}

VariedValue of_number(double number) { return {number_text(number), number}; }

/// Values of a Latin hypercube of one key: stratum by stratum in random order, anywhere in each.
std::vector<double> latin_parts(uint64_t seed, const std::string& key, uint64_t samples) {
  std::vector<double> order(samples), within(samples);
  const uint64_t stream = stream_of(key);
  draw_uniforms(seed, Purpose::design, stream, 0, 0, order);
  draw_uniforms(seed, Purpose::design, stream, 1, 0, within);
  std::vector<size_t> place(samples);
  std::iota(place.begin(), place.end(), size_t{0});
  std::stable_sort(place.begin(), place.end(),
                   [&](size_t a, size_t b) { return order[a] < order[b]; });
  std::vector<double> parts(samples);
  for (size_t stratum = 0; stratum < samples; ++stratum) {
    parts[place[stratum]] =
        (static_cast<double>(stratum) + within[place[stratum]]) / static_cast<double>(samples);
  }
  return parts;
}

/// The setting that a scenario has of a key, nullptr where it has none.
const Setting* standing(const VariedKey& key, const ScenarioSpec& base) {
  const FullKey full = full_key(key);
  const Section* section = key.row ? base.find(full.kind, full.entity) : nullptr;
  return section ? section->find(full.key) : nullptr;
}

/// A factor that the scenario language applies by an event.
bool is_event(const VariedKey& key) { return key.is_factor && key.row->kind == KeyKind::path; }

}  // namespace

std::string VariedKey::meaning() const {
  if (is_factor) return "Varied: factor on the value that stands";
  const std::string_view unit = row && row->is_numeric() ? unit_name(row->dimension) : "";
  return unit.empty() ? "Varied key of the scenario"
                      : fmt::format("Varied key of the scenario; numbers in {}", unit);
}

Design::Design(const DesignRequest& request) {
  if (request.points_path.empty()) {
    read_vary(request);
  } else {
    read_points(request.points_path);
  }
  diagnostics_.throw_if_any();
}

void Design::read_vary(const DesignRequest& request) {
  std::string all;
  for (const std::string& text : request.vary) {
    all += text;
    std::replace(all.end() - static_cast<std::ptrdiff_t>(text.size()), all.end(), '\n', ' ');
    all += '\n';
  }
  const int file = diagnostics_.add_file("--vary", all);
  const bool samples = request.kind == DesignKind::lhs || request.kind == DesignKind::sobol;
  if (request.kind == DesignKind::sobol && request.vary.size() > SobolPoints::most_dimensions) {
    throw InputError(fmt::format("--design sobol varies {} keys at most; take lhs",
                                 SobolPoints::most_dimensions));
  }
  std::vector<uint64_t> counts;
  std::set<std::string> seen;
  for (size_t i = 0; i < request.vary.size(); ++i) {
    const std::string_view text = request.vary[i];
    const Placed line{text, {file, static_cast<int>(i) + 1, 1}};
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      diagnostics_.error(line.start, fmt::format("'{}' varies nothing", escaped(text)), vary_form);
      continue;
    }
    const std::string_view left = trimmed(text.substr(0, equals));
    const std::optional<VariedKey> key =
        read_key(left, line.at(left.empty() ? 0 : static_cast<size_t>(left.data() - text.data())),
                 diagnostics_);
    if (!key) continue;
    if (!seen.insert(key->key).second) {
      diagnostics_.error(key->at, fmt::format("'{}' is varied twice", escaped(key->key)),
                         "keep one of the two");
      continue;
    }
    const std::string_view right = trimmed(text.substr(equals + 1));
    const size_t right_at =
        right.empty() ? text.size() : static_cast<size_t>(right.data() - text.data());
    const Placed given{right, line.at(right_at)};
    RangeReader reader(*key, given, !samples, diagnostics_);
    const bool may_be_range = !key->row || key->row->is_numeric();
    std::optional<Range> range = may_be_range ? reader.read() : std::nullopt;
    std::vector<VariedValue> values;
    if (reader.is_range() && !range) continue;
    if (range) {
      // Both ends are looked at as values; what lies between them is then right, too: of a key that
      // counts things the nearest whole number.
      range->is_whole = key->row && !key->is_factor && takes_whole_numbers(*key->row);
      bool good = true;
      for (const double end : {range->first, range->last}) {
        const std::string as_text = number_text(end);
        const size_t mistakes = diagnostics_.count();
        if (good) read_value(*key, {as_text, given.start}, diagnostics_);
        good = good && diagnostics_.count() == mistakes;
      }
      if (!good) continue;
      const uint64_t n = samples ? request.samples : range->count;
      std::vector<double> parts(n);
      for (uint64_t p = 0; p < n; ++p) {
        parts[p] = static_cast<double>(p) / static_cast<double>(n - 1);
      }
      if (request.kind == DesignKind::lhs) parts = latin_parts(request.seed, key->name, n);
      if (request.kind == DesignKind::sobol) {
        const SobolPoints points(i + 1);
        const ScramblingKey scrambling = scrambling_key(request.seed, i);
        for (uint64_t p = 0; p < n; ++p) {
          parts[p] = unit_of(owen_scrambled(points.at(p, i), scrambling));
        }
      }
      for (const double part : parts) {
        values.push_back(of_number(samples ? range->drawn(part) : range->at(part)));
      }
    } else if (samples) {
      diagnostics_.error(
          given.start,
          fmt::format("'{}' is not a range, and {} draws from ranges", escaped(right),
                      request.kind == DesignKind::lhs ? "lhs" : "sobol"),
          "write KEY=a:b, or take --design grid or oat");
      continue;
    } else {
      for (const Token& part : split_outside_brackets(right, ',')) {
        auto value = read_value(*key, {part.word, given.at(part.offset)}, diagnostics_);
        if (value) values.push_back(std::move(*value));
      }
    }
    counts.push_back(values.size());
    keys_.push_back(*key);
    values_.push_back(std::move(values));
  }
  if (diagnostics_.ok()) combine(request, counts);
}

void Design::combine(const DesignRequest& request, const std::vector<uint64_t>& counts) {
  const size_t keys = counts.size();
  double points = 1;  // a double, since a product may be beyond any integer
  if (request.kind == DesignKind::grid) {
    for (const uint64_t count : counts) points *= static_cast<double>(count);
  } else if (request.kind == DesignKind::oat) {
    for (const uint64_t count : counts) points += static_cast<double>(count);
  } else {
    points = static_cast<double>(request.samples);
  }
  if (points > static_cast<double>(most_points)) {
    throw InputError(
        fmt::format("the design has {:.4g} points, and a sweep has {} at most; take "
                    "fewer values, or --design lhs or sobol",
                    points, most_points));
  }
  points_ = static_cast<size_t>(points);
  index_.assign(points_ * keys, -1);
  size_t next = 1;  // of oat; the first point is the scenario as it stands
  for (size_t k = 0; k < keys; ++k) {
    size_t faster = 1;  // points that a value of this key stays for
    for (size_t later = k + 1; later < keys; ++later) faster *= counts[later];
    for (size_t p = 0; p < points_ && request.kind != DesignKind::oat; ++p) {
      const size_t value = request.kind == DesignKind::grid ? p / faster % counts[k] : p;
      index_[p * keys + k] = static_cast<int32_t>(value);
    }
    for (size_t v = 0; v < counts[k] && request.kind == DesignKind::oat; ++v) {
      index_[next++ * keys + k] = static_cast<int32_t>(v);
    }
  }
}

void Design::read_points(const std::string& path) {
  FileText file = read_regular_file(path);
  if (file.opened == Opened::missing) {
    throw IoError(fmt::format("there is no file '{}'", escaped(path, 200)));
  }
  if (file.opened == Opened::unreadable) {
    throw IoError(fmt::format("cannot read '{}': {}", escaped(path, 200), file.reason));
  }
  if (file.opened != Opened::good) {
    throw InputError(
        fmt::format("'{}' is {}", escaped(path, 200),
                    file.opened == Opened::too_large ? "too large" : "not a regular file"));
  }
  file_path_ = path;
  file_text_ = std::move(file.text);
  const int index = diagnostics_.add_file(path, file_text_);
  if (file_text_.starts_with("PK\x03\x04")) {
    throw InputError(fmt::format("'{}' is a workbook; save its sheet as CSV, and give that",
                                 escaped(path, 200)));
  }
  const auto records = read_csv(index, file_text_, diagnostics_);
  if (records.size() < 2) {
    diagnostics_.error({index, 0, 0}, "this file holds no points",
                       "its first line names the varied keys, each other line is a point");
    return;
  }
  const std::vector<CsvCell>& header = records[0];
  std::vector<int> column_key;
  std::set<std::string> seen;
  for (const CsvCell& cell : header) {
    const size_t other = cell.text.find_first_of(";\t");
    if (other != std::string::npos) {
      diagnostics_.error(
          cell.at,
          fmt::format("{} separate these keys", cell.text[other] == ';' ? "semicolons" : "tabs"),
          "separate them by commas, and values too; decimals have a point");
      return;
    }
    const auto key = read_key(cell.text, cell.at, diagnostics_);
    column_key.push_back(-1);
    if (!key) continue;
    if (!seen.insert(key->key).second) {
      diagnostics_.error(cell.at, fmt::format("'{}' is varied twice", escaped(key->key)),
                         "keep one of the two columns");
      continue;
    }
    column_key.back() = static_cast<int>(keys_.size());
    keys_.push_back(*key);
    values_.emplace_back();
  }
  if (records.size() - 1 > most_points) {
    throw InputError(fmt::format("'{}' has {} points, and a sweep has {} at most",
                                 escaped(path, 200), records.size() - 1, most_points));
  }
  points_ = records.size() - 1;
  index_.assign(points_ * keys_.size(), -1);
  constexpr size_t most_told = 200;
  for (size_t p = 0; p < points_ && diagnostics_.count() < most_told; ++p) {
    const std::vector<CsvCell>& record = records[p + 1];
    // A spreadsheet writes an empty cell of a single column as an empty line.
    const int line = records[p].back().at.line + 1;
    if (header.size() == 1 && record[0].at.line > line) {
      diagnostics_.error({index, line, 1}, "an empty line among points of one key",
                         "write \"\" for a point that leaves the key as it stands, or take it out");
    }
    if (record.size() != header.size()) {
      diagnostics_.error(
          record[0].at,
          fmt::format("this line has {} cells and the first {}", record.size(), header.size()),
          "give each key a cell; quote values that hold commas");
      continue;
    }
    for (size_t c = 0; c < record.size(); ++c) {
      if (column_key[c] < 0) continue;
      const auto k = static_cast<size_t>(column_key[c]);
      // A text that a spreadsheet would take for a formula bears an apostrophe in our tables.
      std::string text = folded(record[c].text);
      if (text.starts_with('\'')) text.erase(0, 1);
      if (text.empty()) continue;  // as it stands
      auto value = read_value(keys_[k], {text, record[c].at}, diagnostics_);
      if (!value) continue;
      index_[p * keys_.size() + k] = static_cast<int32_t>(values_[k].size());
      values_[k].push_back(std::move(*value));
    }
  }
}

const VariedValue* Design::value(size_t point, size_t key) const {
  const int32_t index = index_[point * keys_.size() + key];
  return index < 0 ? nullptr : &values_[key][static_cast<size_t>(index)];
}

Cell Design::cell(size_t point, size_t key, const ScenarioSpec& base) const {
  if (const VariedValue* varied = value(point, key)) return varied->cell;
  if (keys_[key].is_factor) return 1.0;
  const Setting* setting = standing(keys_[key], base);
  if (!setting) return {};
  const Value* number = std::get_if<Value>(&setting->value);
  if (number && number->is_constant() && !setting->when) return number->constant();
  return setting->raw;
}

void Design::check(const ScenarioSpec& base, std::string& mistakes) const {
  Diagnostics told = diagnostics_;  // which knows the texts
  for (const VariedKey& key : keys_) {
    if (!key.row) continue;
    const FullKey full = full_key(key);
    const std::string section =
        full.entity.empty() ? std::string(full.kind) : fmt::format("{}.{}", full.kind, full.entity);
    if (key.key.find('*') != std::string::npos) {
      EffectSpec effect;
      effect.pattern = key.key;
      effect.target = key.row;
      if (effect_reach(base, effect).empty()) {
        told.error(key.at, fmt::format("no key of {} fits '{}'", base.name, escaped(key.key)),
                   "`fabcast check FILE` prints its keys");
      }
      continue;
    }
    if (!base.find(full.kind, full.entity)) {
      std::vector<std::string> names;
      for (const Section* each : base.of(full.kind)) names.push_back(each->name());
      const std::string near = suggestion(section, {names.begin(), names.end()});
      told.error(key.at, fmt::format("{} has no [{}]", base.name, section),
                 near.empty() ? "`fabcast check FILE` prints its sections" : near);
      continue;
    }
    const Setting* setting = standing(key, base);
    if (key.is_factor && !(setting && std::holds_alternative<Value>(setting->value))) {
      told.error(key.at,
                 fmt::format("{} gives '{}' no value to multiply", base.name, escaped(key.key)),
                 fmt::format("give its values: {}=v,v,v", key.key));
    }
  }
  if (!told.ok()) mistakes += told.text();
}

std::vector<std::string> Design::sets(size_t point, const ScenarioSpec& base) const {
  std::vector<std::string> sets;
  for (size_t k = 0; k < keys_.size(); ++k) {
    const VariedValue* varied = value(point, k);
    if (!varied) continue;
    const VariedKey& key = keys_[k];
    if (is_event(key)) {
      const std::string event = fmt::format("event.sweep-factor-{}", k + 1);
      sets.push_back(fmt::format("{}.date = {}", event, base.first.text()));
      sets.push_back(fmt::format("{}.effect = {} scale {}", event, key.key, varied->text));
    } else if (key.is_factor) {
      const double factor = std::get<double>(varied->cell);
      sets.push_back(fmt::format("{} = {}", key.key, scaled_text(*standing(key, base), factor)));
    } else {
      sets.push_back(fmt::format("{} = {}", key.key, varied->text));
    }
  }
  return sets;
}

}  // namespace fabcast
