#include "scenario/value_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/characters.h"

namespace fabcast {

namespace {

constexpr std::array keywords{std::string_view("to"), std::string_view("within"),
                              std::string_view("noise"), std::string_view("rho")};

bool is_keyword(std::string_view word) {
  return std::find(keywords.begin(), keywords.end(), word) != keywords.end();
}
bool is_name(char c) { return is_word(c) || c == '-'; }
bool is_source(char c) { return is_name(c) || c == '.'; }
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool is_unit(char c) {
  return is_word(c) || is_beyond_ascii(c) || c == '%' || c == '$' || c == '/' || c == '^';
}
bool is_delimiter(char c) { return std::string_view("(),:|[]").find(c) != std::string_view::npos; }

}  // namespace

void ValueTokens::skip() {
  for (;;) {
    position_ += run(position_, is_space).size();
    if (peek() != '@') return;
    const std::string_view id = run(position_ + 1, is_source);
    if (id.empty()) {
      throw SyntaxError{position_, "expected the name of a source after '@'",
                        "write @source-name, of letters, digits, '.', '_' and '-'"};
    }
    add_source(id);
    position_ += 1 + id.size();
  }
}

void ValueTokens::add_source(std::string_view id) {
  auto& sources = value_.sources;
  if (std::find(sources.begin(), sources.end(), id) != sources.end()) return;
  if (sources.size() == most_sources) {
    throw SyntaxError{
        position_, fmt::format("a value names at most {} sources", most_sources), {}, true};
  }
  sources.emplace_back(id);
  value_.source_offsets.push_back(position_);
}

std::string ValueTokens::found(size_t at) const {
  if (at >= text_.size()) return "the end of the value";
  std::string_view token = text_.substr(at, 1);
  if (!is_delimiter(text_[at])) {
    token = run(at, [](char c) { return !is_space(c) && !is_delimiter(c); });
  }
  return fmt::format("'{}'", escaped(token));
}

SyntaxError ValueTokens::expected(std::string_view what) const {
  return {position_, fmt::format("expected {} here; found {}", what, found(position_)), {}};
}

void ValueTokens::expect(char c, std::string_view what) {
  skip();
  if (peek() != c) throw expected(what);
  ++position_;
}

bool ValueTokens::accept(char c) {
  skip();
  if (peek() != c) return false;
  ++position_;
  return true;
}

bool ValueTokens::accept_word(std::string_view word) {
  skip();
  if (run(position_, is_word) != word) return false;
  position_ += word.size();
  return true;
}

void ValueTokens::report(const SyntaxError& mistake) {
  diagnostics_.error(placed_.at(mistake.at), mistake.message, mistake.remedy);
}

std::string_view ValueTokens::name_ahead() const {
  return is_letter(peek()) ? run(position_, is_name) : std::string_view{};
}

std::string_view ValueTokens::view_ahead() const {
  return is_letter(peek()) ? label_ahead() : std::string_view{};
}

std::string_view ValueTokens::date_ahead() const {
  return is_digit(peek()) ? label_ahead() : std::string_view{};
}

std::string_view ValueTokens::label_ahead() const {
  const std::string_view name = run(position_, is_name);
  const size_t after = position_ + name.size();
  const size_t colon = after + run(after, is_space).size();
  return colon < text_.size() && text_[colon] == ':' ? name : std::string_view{};
}

// ---- Numbers

double ValueTokens::read_bare_number() {
  skip();
  const std::optional<ParsedNumber> number = parse_number(rest());
  if (!number) throw bad_number();
  if (number->value == 0 && (peek(1) == 'x' || peek(1) == 'X')) {
    throw SyntaxError{position_, fmt::format("{} is hexadecimal", found(position_)),
                      "write the number in decimal"};
  }
  position_ += number->length;
  return number->value;
}

WrittenNumber ValueTokens::read_number() {
  skip();
  WrittenNumber number;
  number.at = position_;
  number.value = read_bare_number();
  number.factor = read_unit();
  return number;
}

WrittenNumber ValueTokens::read_top_level_number() {
  skip();
  const std::optional<ParsedNumber> number = parse_number(rest());
  if (number && peek(number->length) == ',' && is_digit(peek(number->length + 1))) {
    throw comma_in_number();
  }
  return read_number();
}

double ValueTokens::read_share() {
  const double number = read_bare_number();
  return accept('%') ? to_canonical(number, 0.01) : number;
}

SyntaxError ValueTokens::comma_in_number() const {
  const size_t sign = peek() == '-' || peek() == '+';
  const std::string_view digits =
      run(position_ + sign, [](char c) { return is_digit(c) || c == '.' || c == ','; });
  const std::string written(text_.substr(position_, sign + digits.size()));
  std::string plain = written;
  size_t commas = 0;
  bool in_threes = true;  // every comma has three digits and no more after it
  for (size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] != ',') continue;
    ++commas;
    const size_t group = std::min(digits.find_first_of(".,", i + 1), digits.size()) - i - 1;
    in_threes = in_threes && group == 3;
  }
  const bool point = digits.find('.') != std::string_view::npos;
  if (in_threes && digits.find('.') > digits.rfind(',')) {
    std::erase(plain, ',');
    return {position_, fmt::format("'{}' has a thousands separator", escaped(written)),
            "write " + escaped(plain)};
  }
  if (commas == 1 && !point) {
    std::replace(plain.begin(), plain.end(), ',', '.');
    return {position_, fmt::format("'{}' has a decimal comma", escaped(written)),
            "write " + escaped(plain)};
  }
  return {position_, fmt::format("'{}' is not a number", escaped(written)),
          "write a decimal point, and nothing between thousands"};
}

SyntaxError ValueTokens::bad_number() const {
  const size_t sign = peek() == '-' || peek() == '+';
  const size_t start = position_ + sign;
  const std::string_view digits = run(start, is_digit);
  std::string word(run(start, is_word).substr(0, 9));
  std::transform(word.begin(), word.end(), word.begin(), lower);
  const std::string sign_text(text_.substr(position_, sign));
  if (word == "nan") return {position_, "nan is not a number", "give a finite number"};
  if (word == "inf" || word == "infinity") {
    return {position_, word + " is not a finite number", "give a finite number"};
  }
  if (peek(sign) == '.' && is_digit(peek(sign + 1))) {
    const std::string_view decimals = run(start + 1, is_word);  // with its suffix: .5k
    return {position_, fmt::format("{} has no digit before the point", found(position_)),
            fmt::format("write {}0.{}", sign_text, escaped(decimals))};
  }
  if (!digits.empty() && peek(sign + digits.size()) == '.' &&
      !is_digit(peek(sign + digits.size() + 1))) {
    return {position_, fmt::format("{} has no digit after the point", found(position_)),
            fmt::format("write {}{}", sign_text, escaped(digits))};
  }
  if (!digits.empty()) {
    return {position_, fmt::format("{} is too large or too small", found(position_)),
            "give a number between 1e-300 and 1e300"};
  }
  return expected("a number");
}

// ---- Units

/// A word of a unit; a '/' at its end separates views.
std::string_view ValueTokens::unit_word(size_t from) const {
  std::string_view word = run(from, is_unit);
  while (word.ends_with('/')) word.remove_suffix(1);
  return word;
}

std::optional<double> ValueTokens::read_unit() {
  skip();
  const std::string_view first = unit_word(position_);
  if (first.empty() || is_digit(first[0]) || is_keyword(first)) return std::nullopt;
  const size_t start = position_;
  std::string candidate, known;
  size_t end = start, known_end = start;
  for (int words = 0; words < 3; ++words) {
    const size_t next = end + run(end, is_space).size();
    const std::string_view word = unit_word(next);
    if (word.empty() || is_keyword(word) || (words > 0 && next == end)) break;
    candidate += fmt::format("{}{}", words > 0 ? " " : "", word);
    end = next + word.size();
    if (!dimensions_of(candidate).empty()) {
      known = candidate;
      known_end = end;
    }
  }
  if (known.empty()) {
    if (is_beyond_ascii(first[0])) return std::nullopt;  // a dash, say: not a unit at all
    throw unknown_unit(first);
  }
  position_ = known_end;
  const std::optional<double> factor = unit_factor(dimension_, known);
  if (!factor) {
    report(wrong_dimension(start, known));
    return 1;  // so that reading goes on; the value is refused in any case
  }
  const auto is_same = [&](const WrittenUnit& unit) { return unit.factor == *factor; };
  if (std::none_of(value_.units.begin(), value_.units.end(), is_same)) {
    value_.units.push_back({known, *factor});
  }
  return factor;
}

std::string ValueTokens::units_remedy() const {
  const std::string list = unit_list(dimension_);
  return list.empty() ? "leave the unit out" : "use " + list;
}

SyntaxError ValueTokens::unknown_unit(std::string_view word) const {
  if (word[0] == '/' && word.size() > 1 && is_digit(word[1])) {
    return {position_, fmt::format("unknown unit '{}'", escaped(word)),
            "a month is written with a '-', as in '2026-07: value'"};
  }
  const size_t after = position_ + word.size();
  if (word[0] == '/' && after < text_.size() && text_[after] == ':') {
    return {position_, fmt::format("unknown unit '{}'", escaped(word)),
            "put white space after a '/' that separates views"};
  }
  if (word == "K") {
    return {position_, "unknown unit 'K'", "thousands are a small k, joined to the number: 12k"};
  }
  if (word == "k" || word == "M" || word == "bn") {
    return {position_, fmt::format("'{}' multiplies no unit", word),
            fmt::format("join it to the number: 12{}", word)};
  }
  return {position_, fmt::format("unknown unit '{}'", escaped(word)), units_remedy()};
}

SyntaxError ValueTokens::wrong_dimension(size_t at, const std::string& unit) const {
  std::vector<std::string_view> names;
  for (const Dimension dimension : dimensions_of(unit)) {
    const std::string_view name = dimension_name(dimension);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return {at,
          fmt::format("'{}' is a unit of {}; this value takes {}{}", unit, fmt::join(names, " or "),
                      dimension_ == Dimension::number ? "a " : "", dimension_name(dimension_)),
          units_remedy()};
}

}  // namespace fabcast
