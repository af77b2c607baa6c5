#include "scenario/declarations.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/characters.h"
#include "scenario/names.h"
#include "scenario/read_file.h"
#include "scenario/spec_index.h"

namespace fabcast {

namespace {

/// What a comparison may be written as, its own sign first.
constexpr struct {
  std::string_view text;
  Comparison comparison;
} signs[] = {{">=", Comparison::at_least}, {"≥", Comparison::at_least}, {"<=", Comparison::at_most},
             {"≤", Comparison::at_most},   {">", Comparison::above},    {"<", Comparison::below}};

/// Weights that already sum to one up to rounding are kept as they are, so that a scenario printed
/// with its normalised weights reads back with the same bits.
constexpr double sums_to_one = 1e-12;

constexpr std::array<std::string_view, 6> fields{"title", "publisher", "date",
                                                 "url",   "note",      "trust"};

/// The whole text as a plain number, "%" allowed.
std::optional<double> whole_number_text(std::string_view text) {
  const std::string_view words = trimmed(text);
  const auto number = parse_number(words);
  if (!number) return std::nullopt;
  const std::string_view unit = trimmed(words.substr(number->length));
  if (unit.empty()) return number->value;
  if (unit == "%") return to_canonical(number->value, 0.01);
  return std::nullopt;
}

void normalise(std::vector<double>& weights) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  if (std::abs(sum - 1) <= sums_to_one) return;
  for (double& weight : weights) weight /= sum;
}

/// Whether an input can be one of a pair, or why not.
enum class Correlated { yes, unknown, constant, not_a_number };

Correlated correlated(const Setting* setting) {
  if (!setting) return Correlated::unknown;
  if (std::holds_alternative<std::monostate>(setting->value)) return Correlated::yes;
  const Value* value = std::get_if<Value>(&setting->value);
  if (!value) return Correlated::not_a_number;
  for (const ViewPath& path : value->paths) {
    for (const Anchor& anchor : path.anchors) {
      if (!anchor.distribution.is_constant()) return Correlated::yes;
    }
  }
  return Correlated::constant;
}

class QuestionReader {
 public:
  /// `last`: the scenario's last month.
  QuestionReader(const KeyLine& line, Month last, Diagnostics& diagnostics)
      : line_(line), text_(line.value.text()), last_(last), diagnostics_(diagnostics) {}

  std::optional<QuestionSpec> read() {
    QuestionSpec question;
    question.name = line_.key;
    question.text = folded(text_);
    question.at = line_.key_at;
    question.value_at = line_.value_at;
    if (!is_name(line_.key)) {
      return refuse(line_.key_at, fmt::format("'{}' is not a question's name", line_.key),
                    "a name is of letters, digits, '_', '+' and '-'");
    }
    const std::optional<Sign> sign = find_sign();
    if (!sign) return refuse_sign();
    question.comparison = sign->comparison;
    const std::vector<Token> left = tokens_of(text_.substr(0, sign->begin));
    const bool well_formed =
        !left.empty() && left.size() <= 2 &&
        std::all_of(left.begin(), left.end(), [](const Token& t) { return is_word(t.word); });
    if (!well_formed) {
      const std::string_view words = trimmed(text_.substr(0, sign->begin));
      return refuse(line_.value_at,
                    words.empty() ? "no variable stands before the comparison"
                                  : fmt::format("'{}' is not a variable, with an entity or without",
                                                escaped(words)),
                    form);
    }
    question.variable = std::string(left[0].word);
    if (left.size() == 2) question.entity = std::string(left[1].word);
    return read_right(std::move(question), sign->end);
  }

 private:
  static constexpr const char* form =
      "write a question as: variable [entity] >= value [unit] [by|at date]";

  /// A comparison and where it stands.
  struct Sign {
    Comparison comparison;
    size_t begin, end;
  };

  std::optional<Sign> find_sign() const {
    for (size_t begin = 0; begin < text_.size(); ++begin) {
      for (const auto& [sign, comparison] : signs) {
        if (!text_.substr(begin).starts_with(sign)) continue;
        const size_t end = begin + sign.size();
        // "> =" and ">>" are slips, "> 1" is not.
        const size_t next = text_.find_first_not_of(' ', end);
        if (next != std::string_view::npos && is_sign(text_[next])) return std::nullopt;
        return Sign{comparison, begin, end};
      }
      if (is_sign(text_[begin])) return std::nullopt;  // "=" and "=="
    }
    return std::nullopt;
  }
  static bool is_sign(char c) { return c == '<' || c == '>' || c == '='; }

  std::nullopt_t refuse_sign() {
    const size_t sign = text_.find_first_of("<>=");
    return refuse(at(sign == std::string_view::npos ? 0 : sign),
                  "a question compares with '>=', '<=', '>' or '<'", form);
  }

  /// Takes "by date" or "at date" off the end; without either the question asks when.
  bool read_date(QuestionSpec& question, size_t begin, std::vector<Token>& right) {
    const auto says_when = [](const Token& token) {
      return token.word == "by" || token.word == "at";
    };
    const auto when = std::find_if(right.begin(), right.end(), says_when);
    if (when == right.end()) {
      question.time = QuestionTime::by;
      question.period = {last_, last_};
      return true;
    }
    if (right.end() - when != 2) {
      refuse(at(begin + when->offset), "one date follows 'by' or 'at', and ends the question",
             form);
      return false;
    }
    question.time = when->word == "by" ? QuestionTime::by : QuestionTime::at;
    const Token date = right.back();
    const auto period = parse_period(date.word);
    if (!period) {
      refuse(at(begin + date.offset), fmt::format("'{}' is not a date", escaped(date.word)),
             "write a date as 2026-07, 2026Q3 or 2026");
      return false;
    }
    question.period = *period;
    right.erase(when, right.end());
    return true;
  }

  std::optional<QuestionSpec> read_right(QuestionSpec question, size_t begin) {
    std::vector<Token> right = tokens_of(text_.substr(begin));
    if (!read_date(question, begin, right)) return std::nullopt;
    if (right.empty()) return refuse(at(begin), "no value follows the comparison", form);
    const size_t first = right.front().offset;
    const size_t end = right.back().offset + right.back().word.size();
    const std::string_view quantity = text_.substr(begin + first, end - first);
    const auto number = parse_number(quantity);
    if (!number || quantity.substr(number->length).starts_with(',')) {
      return refuse(at(begin + first), fmt::format("'{}' is not a number", escaped(quantity)),
                    "write a number with '.' for the decimals, and its unit");
    }
    question.value = number->value;
    question.unit = folded(quantity.substr(number->length));
    if (!question.unit.empty() && dimensions_of(question.unit).empty()) {
      return refuse(at(begin + first), fmt::format("'{}' is not a unit", escaped(question.unit)),
                    parse_period(right.back().word)
                        ? "write 'by' or 'at' before the date"
                        : "`fabcast list variables` shows each variable's unit");
    }
    return question;
  }

  SourcePosition at(size_t offset) const { return line_.value.at(offset); }
  std::nullopt_t refuse(SourcePosition where, std::string message, std::string remedy) {
    diagnostics_.error(where, std::move(message), std::move(remedy));
    return std::nullopt;
  }

  const KeyLine& line_;
  std::string_view text_;
  Month last_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::span<const std::string_view> source_fields() { return fields; }

std::string_view sign_of(Comparison comparison) {
  return std::find_if(std::begin(signs), std::end(signs),
                      [&](const auto& sign) { return sign.comparison == comparison; })
      ->text;
}

namespace {

/// Where a view is first given a weight, by the order in which files override one another.
struct FirstGiven {
  const DocumentSection* group;
  const KeyLine* line;
};

std::unordered_map<std::string_view, FirstGiven> first_given(const MergedSections& merged,
                                                             const ScenarioSpec& spec) {
  const auto place = [&](const KeyLine& line) {
    return std::pair(spec.rank(line.key_at.file), line.key_at.line);
  };
  std::unordered_map<std::string_view, FirstGiven> first;
  for (const DocumentSection& section : merged.sections) {
    if (section.kind != "view") continue;
    for (const KeyLine& line : section.lines) {
      const auto [known, is_new] = first.try_emplace(line.key, FirstGiven{&section, &line});
      if (!is_new && place(line) < place(*known->second.line)) known->second = {&section, &line};
    }
  }
  return first;
}

}  // namespace

std::vector<ViewGroup> read_views(const MergedSections& merged, const ScenarioSpec& spec,
                                  Diagnostics& diagnostics) {
  std::vector<ViewGroup> groups;
  const std::unordered_map<std::string_view, FirstGiven> first = first_given(merged, spec);
  for (const DocumentSection& section : merged.sections) {
    if (section.kind != "view") continue;
    ViewGroup group{section.entity, section.at, {}, {}, {}};
    bool good = true;
    for (const KeyLine& line : section.lines) {
      const auto& [owner, owner_line] = first.at(line.key);
      if (owner != &section && !line.broken) {
        diagnostics.error(
            line.key_at,
            fmt::format("view '{}' stands in two groups; first in [{}], {}:{}", line.key,
                        owner->name(), base_name(diagnostics.file_name(owner_line->key_at.file)),
                        owner_line->key_at.line),
            fmt::format("a view belongs to one group; its weight is {}.{}", owner->name(),
                        line.key));
        good = false;
        continue;
      }
      group.views.push_back(line.key);
      group.places.push_back(line.key_at);
      group.weights.push_back(0);
      if (line.broken) {
        good = false;
        continue;
      }
      const auto weight = whole_number_text(line.value.text());
      if (!is_name(line.key) || !is_letter(line.key.front()) ||
          line.key.find('+') != std::string::npos) {
        diagnostics.error(line.key_at, fmt::format("'{}' is not a view's name", line.key),
                          "begin it with a letter, then letters, digits, '_' and '-'");
        good = false;
      } else if (!weight || !(*weight >= 0)) {
        diagnostics.error(line.value_at,
                          fmt::format("'{}' is not a weight", escaped(line.value.text())),
                          "a weight is a number that is not negative");
        good = false;
      } else {
        group.weights.back() = *weight;
      }
    }
    const bool all_zero = std::all_of(group.weights.begin(), group.weights.end(),
                                      [](double weight) { return weight == 0; });
    if (good && all_zero) {
      diagnostics.error(section.at,
                        fmt::format("[{}] gives no view a weight above 0", section.name()),
                        "give at least one");
      good = false;
    }
    if (good) normalise(group.weights);
    if (!group.views.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

namespace {

std::string pair_name(const KeyLine& line) {
  return fmt::format("{} ~ {}", line.key, line.partner);
}

}  // namespace

std::vector<CorrelationSpec> read_correlations(const MergedSections& merged, ScenarioSpec& spec,
                                               Diagnostics& diagnostics) {
  std::vector<CorrelationSpec> correlations;
  std::vector<LeftOut> dropped;
  const SpecIndex index(spec);
  const auto check = [&](const std::string& key, SourcePosition at, const KeyLine& line) {
    const Setting* setting = index.setting(key);
    switch (correlated(setting)) {
      case Correlated::yes:
        return true;
      case Correlated::unknown:
        // What a later file put out of use takes its pairs along.
        if (const LeftOut* gone = spec.why_left_out(key)) {
          if (spec.rank(gone->by.file) > spec.rank(line.key_at.file)) {
            dropped.push_back({pair_name(line), line.key_at, gone->reason, gone->by});
            return false;
          }
        }
        if (merged.complete) {
          diagnostics.error(at, fmt::format("there is no input '{}'", key), index.nearest_key(key));
        }
        return false;
      case Correlated::not_a_number:
        diagnostics.error(at, fmt::format("'{}' is not a number", key),
                          "correlate uncertain numbers");
        return false;
      case Correlated::constant:
        // Whoever made it certain afterwards knows better than the file that correlates it.
        if (spec.rank(setting->key_at.file) <= spec.rank(line.key_at.file)) {
          diagnostics.error(at, fmt::format("'{}' is not uncertain", key),
                            "remove the pair, or give that input a distribution");
        } else {
          dropped.push_back(
              {pair_name(line), line.key_at, fmt::format("'{}' is certain", key), setting->key_at});
        }
        return false;
    }
    return false;
  };
  for (const DocumentSection& section : merged.sections) {
    if (section.kind != "correlate") continue;
    for (const KeyLine& line : section.lines) {
      if (line.broken) continue;
      bool good = true;
      const auto r = whole_number_text(line.value.text());
      if (!r || !(*r > -1 && *r < 1)) {
        diagnostics.error(line.value_at,
                          fmt::format("'{}' is not a correlation", escaped(line.value.text())),
                          "give a number between -1 and 1");
        good = false;
      }
      if (line.key == line.partner) {
        diagnostics.error(line.key_at, fmt::format("'{}' is paired with itself", line.key),
                          "name two inputs");
        continue;
      }
      good = check(line.key, line.key_at, line) && good;
      good = check(line.partner, line.partner_at, line) && good;
      if (!good) continue;
      correlations.push_back(
          {std::min(line.key, line.partner), std::max(line.key, line.partner), *r, line.key_at});
    }
  }
  std::sort(correlations.begin(), correlations.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second) < std::tie(b.first, b.second);
  });
  spec.left_out.insert(spec.left_out.end(), dropped.begin(), dropped.end());
  return correlations;
}

namespace {

/// What to do about a question outside of the months: where a later file changed these, to extend
/// what the question's file extends.
std::string outside_remedy(const ScenarioSpec& spec, const KeyLine& line) {
  const std::string dates =
      fmt::format("ask for a date from {} to {}", spec.first.text(), spec.last.text());
  const int rank = spec.rank(line.key_at.file);
  const Setting* months = spec.find("scenario", "")->find("months");
  if (rank < 1 || !months || spec.rank(months->key_at.file) <= rank) return dates;
  return fmt::format("{}, or extend {}, which does not ask it", dates,
                     base_name(spec.files[static_cast<size_t>(rank) - 1].path));
}

}  // namespace

std::optional<QuestionSpec> read_question(const KeyLine& line, Month last,
                                          Diagnostics& diagnostics) {
  return QuestionReader(line, last, diagnostics).read();
}

std::vector<QuestionSpec> read_questions(const MergedSections& merged, const ScenarioSpec& spec,
                                         Diagnostics& diagnostics) {
  std::vector<QuestionSpec> questions;
  const bool months_known = spec.first != Month{};
  for (const DocumentSection& section : merged.sections) {
    if (section.kind != "question") continue;
    for (const KeyLine& line : section.lines) {
      if (line.broken) continue;
      std::optional<QuestionSpec> question = read_question(line, spec.last, diagnostics);
      if (!question) continue;
      // "by" a period asks for its last month; "at" a period needs all of it.
      const Month earliest =
          question->time == QuestionTime::by ? question->period.last : question->period.first;
      if (months_known && (earliest < spec.first || question->period.last > spec.last)) {
        diagnostics.error(line.value_at,
                          fmt::format("'{}' asks for {}, which the scenario does not simulate",
                                      question->name, question->period.text()),
                          outside_remedy(spec, line));
      }
      questions.push_back(std::move(*question));
    }
  }
  return questions;
}

std::vector<SourceSpec> read_sources(const MergedSections& merged, Diagnostics& diagnostics) {
  std::vector<SourceSpec> sources;
  for (const DocumentSection& section : merged.sections) {
    if (section.kind != "source") continue;
    SourceSpec source{section.entity, section.at, {}};
    for (const KeyLine& line : section.lines) {
      if (std::find(fields.begin(), fields.end(), line.key) == fields.end()) {
        const std::string near = suggestion(line.key, {fields.begin(), fields.end()});
        diagnostics.error(
            line.key_at,
            fmt::format("unknown field '{}' in [{}]", escaped(line.key), section.name()),
            near.empty() ? "a source has title, publisher, date, url, note, trust" : near);
      } else {
        source.fields[line.key] = folded(line.value.text());
      }
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace fabcast
