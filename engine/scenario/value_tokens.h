#pragma once
/// The words of a numeric value: where reading stands, numbers, units, sources, labels, and what is
/// wrong with each. How words make a value is value_grammar.cc's.

#include <optional>
#include <string>
#include <string_view>

#include "scenario/value_grammar.h"

namespace fabcast {

/// A mistake after which the anchor cannot be read on.
struct SyntaxError {
  size_t at;
  std::string message, remedy;
  bool ends_value = false;  ///< nothing more is to be read
};

/// A position in a value's text. What it reads joins `value_`: sources and units. Its functions
/// throw SyntaxError.
class ValueTokens {
 public:
  ValueTokens(const PlacedText& placed, Dimension dimension, Diagnostics& diagnostics)
      : text_(placed.text()), placed_(placed), dimension_(dimension), diagnostics_(diagnostics) {}

 protected:
  std::string_view rest() const { return text_.substr(position_); }
  char peek(size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  bool at_end() const { return position_ >= text_.size(); }

  /// The run of characters of a class that starts at `from`.
  template <class Class>
  std::string_view run(size_t from, Class belongs) const {
    size_t end = from;
    while (end < text_.size() && belongs(text_[end])) ++end;
    return text_.substr(from, end - from);
  }

  /// To the next token: over white space and sources, which may stand anywhere between tokens.
  void skip();
  /// The next token is `c`, which is passed over; `what` says it in words.
  void expect(char c, std::string_view what);
  /// Passes over `c` or `word` where it is the next token.
  bool accept(char c);
  bool accept_word(std::string_view word);

  /// The name at this place, whatever follows; empty where no letter stands here.
  std::string_view name_ahead() const;
  /// The name of a view that starts here ("name :"), else empty.
  std::string_view view_ahead() const;
  /// A date, right or wrong, that starts here ("2026Q4 :"), else empty.
  std::string_view date_ahead() const;

  /// A number without a unit.
  double read_bare_number();
  /// A number and its unit, if it has one.
  WrittenNumber read_number();
  /// Outside brackets a comma separates nothing, so one between digits is a mistake of its own.
  WrittenNumber read_top_level_number();
  /// A share or weight: a number, or a percentage. Never the key's unit.
  double read_share();
  /// The longest known unit that starts here, of at most three words ("k wafer passes/hour"), as
  /// the factor to the canonical unit; nothing where no unit starts here.
  std::optional<double> read_unit();

  /// What stands at a place, for messages.
  std::string found(size_t at) const;
  void report(const SyntaxError& mistake);
  size_t mistakes() const { return diagnostics_.count(); }

  std::string_view text_;
  size_t position_ = 0;
  WrittenValue value_;

 private:
  void add_source(std::string_view id);
  std::string_view label_ahead() const;
  std::string_view unit_word(size_t from) const;
  std::string units_remedy() const;
  SyntaxError expected(std::string_view what) const;
  SyntaxError comma_in_number() const;
  SyntaxError bad_number() const;
  SyntaxError unknown_unit(std::string_view word) const;
  SyntaxError wrong_dimension(size_t at, const std::string& unit) const;

  const PlacedText& placed_;
  Dimension dimension_;
  Diagnostics& diagnostics_;
};

}  // namespace fabcast
