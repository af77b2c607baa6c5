#include "scenario/value_grammar.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/characters.h"
#include "scenario/value_tokens.h"

namespace fabcast {

namespace {

struct FamilySyntax {
  std::string_view name;
  WrittenForm form;
  size_t plain;    ///< leading arguments that bear no unit
  size_t numbers;  ///< arguments after them; 0: a list of pairs
  std::string_view arguments;
};
constexpr std::array families{
    FamilySyntax{"normal", WrittenForm::normal, 0, 2, "mean, standard deviation"},
    FamilySyntax{"lognormal", WrittenForm::lognormal, 0, 2, "5 % quantile, 95 % quantile"},
    FamilySyntax{"uniform", WrittenForm::uniform, 0, 2, "lowest, highest"},
    FamilySyntax{"triangular", WrittenForm::triangular, 0, 3, "lowest, mode, highest"},
    FamilySyntax{"pert", WrittenForm::pert, 0, 3, "lowest, mode, highest"},
    FamilySyntax{"beta", WrittenForm::beta, 2, 2, "shape, shape, lowest, highest"},
    FamilySyntax{"discrete", WrittenForm::discrete, 0, 0, "value: weight, …"},
    FamilySyntax{"metalog", WrittenForm::metalog, 0, 0, "probability: value, …"},
};

class Parser : private ValueTokens {
 public:
  Parser(const PlacedText& placed, Dimension dimension, Diagnostics& diagnostics)
      : ValueTokens(placed, dimension, diagnostics), mistakes_before_(mistakes()) {}

  std::optional<WrittenValue> read() {
    try {
      if (text_.size() > most_value_characters) {
        throw SyntaxError{0,
                          fmt::format("a value holds at most {} bytes, this one {}",
                                      most_value_characters, text_.size()),
                          {}};
      }
      read_paths();
      if (read_noise()) value_.trailing = read_unit();
      expect_end();
    } catch (const SyntaxError& mistake) {
      report(mistake);
    }
    if (mistakes() > mistakes_before_) return std::nullopt;
    return std::move(value_);
  }

 private:
  void expect_end() {
    skip();
    if (at_end()) return;
    std::string remedy = "the value is complete before it; a comment begins with '#'";
    if (month_ends_here()) {
      remedy = fmt::format("what holds from a month on follows a ':', as in '{}{}: value'",
                           text_.substr(position_ - 4, 4), text_.substr(position_, 3));
    } else if (peek() == '-' || rest().starts_with("–")) {
      remedy = "for an interval write 'low to high'";
    } else if (rest().starts_with("±")) {
      remedy = "write 'low to high' or 'normal(mean, sd)'";
    } else if (peek() == '/') {
      remedy = "write views as 'name: value / name: value', each with its name";
    } else if (peek() == '|') {
      remedy = "noise comes once, at the end of the value";
    } else if (!date_ahead().empty()) {
      remedy = "separate dates with '|'";
    }
    throw SyntaxError{position_, fmt::format("unexpected {}", found(position_)), remedy};
  }

  /// Whether "-07" follows on four digits, which were read as a number: a month without its ':'.
  bool month_ends_here() const {
    const auto digits = [&](size_t at, size_t count) {
      const std::string_view word = std::string_view(text_).substr(at, count);
      return word.size() == count && std::all_of(word.begin(), word.end(), is_digit);
    };
    return peek() == '-' && position_ >= 4 && digits(position_ - 4, 4) && digits(position_ + 1, 2);
  }

  // ---- Views, anchors, dates

  std::string read_view_name() {
    const std::string name(view_ahead());
    position_ += name.size();
    expect(':', "':'");
    return name;
  }

  /// '/', then a view. (A '/' before a letter belongs to a unit and has been read as one.)
  bool accept_view_separator() {
    skip();
    if (peek() != '/') return false;
    const size_t start = position_++;
    skip();
    if (!view_ahead().empty()) return true;
    position_ = start;
    return false;
  }

  void read_paths() {
    skip();
    views_outermost_ = !view_ahead().empty();
    do {
      WrittenPath path;
      path.at = position_;
      if (views_outermost_) {
        path.view = read_view_name();
        refuse_known_view(value_.paths, &WrittenPath::view, path.view, path.at);
      }
      do {
        skip();
        if (path.anchors.size() == most_anchors) {
          throw SyntaxError{
              position_, fmt::format("a path has at most {} dates", most_anchors), {}, true};
        }
        try {
          path.anchors.push_back(read_anchor());
        } catch (const SyntaxError& mistake) {
          report(mistake);
          if (mistake.ends_value || !recover()) {
            position_ = text_.size();
            return;
          }
          path.anchors.emplace_back();
        }
      } while (accept('|'));
      value_.paths.push_back(std::move(path));
    } while (views_outermost_ && accept_view_separator());
  }

  /// To the next anchor or view; false where there is none.
  bool recover() {
    for (; !at_end(); ++position_) {
      if (peek() == '|') return true;
      if (views_outermost_ && peek() == '/' && is_space(peek(1))) {
        const size_t start = position_;
        position_ += 1 + run(position_ + 1, is_space).size();
        const bool is_view = !view_ahead().empty();
        position_ = start;
        if (is_view) return true;
      }
    }
    return false;
  }

  template <class Views, class Member>
  void refuse_known_view(const Views& views, Member name_of, const std::string& name, size_t at) {
    if (std::any_of(views.begin(), views.end(),
                    [&](const auto& view) { return view.*name_of == name; })) {
      throw SyntaxError{at, fmt::format("view '{}' is given twice", escaped(name)),
                        "name each view once", true};
    }
    if (views.size() == most_views) {
      throw SyntaxError{at, fmt::format("a value has at most {} views", most_views), {}, true};
    }
  }

  WrittenAnchor read_anchor() {
    skip();
    WrittenAnchor anchor;
    anchor.at = position_;
    read_date(anchor);
    skip();
    if (view_ahead().empty()) {
      anchor.views.push_back({{}, position_, read_distribution()});
      return anchor;
    }
    if (views_outermost_) {
      throw SyntaxError{position_, "views stand outermost or inside dates, not both",
                        "write either 'a: DATE: v | DATE: v / b: …' or 'DATE: a: v / b: v | …'"};
    }
    do {
      const size_t at = position_;
      std::string name = read_view_name();
      refuse_known_view(anchor.views, &WrittenView::name, name, at);
      anchor.views.push_back({std::move(name), at, read_distribution()});
    } while (accept_view_separator());
    return anchor;
  }

  void read_date(WrittenAnchor& anchor) {
    const std::string_view word = date_ahead();
    if (word.empty()) return;
    const std::optional<Period> period = parse_period(word);
    if (!period) {
      throw SyntaxError{position_, fmt::format("'{}' is not a date", escaped(word)),
                        "write a month 2026-07, a quarter 2026Q4 or a year 2026"};
    }
    anchor.month = period->last;
    anchor.date = word;
    position_ += word.size();
    expect(':', "':'");
  }

  // ---- Distributions

  WrittenDistribution read_distribution() {
    skip();
    WrittenDistribution distribution;
    distribution.at = position_;
    const std::string_view word = name_ahead();
    const size_t after = position_ + word.size();
    const size_t bracket = after + run(after, is_space).size();
    const auto family = std::find_if(families.begin(), families.end(),
                                     [&](const FamilySyntax& each) { return each.name == word; });
    if (!word.empty() && bracket < text_.size() && text_[bracket] == '(') {
      if (family == families.end()) throw unknown_family(word);
      position_ = bracket + 1;
      read_family(*family, distribution);
    } else if (family != families.end()) {
      throw SyntaxError{position_, fmt::format("'{}' needs its numbers", word),
                        fmt::format("write {}({})", word, family->arguments)};
    } else {
      read_number_or_interval(distribution);
    }
    if (accept_word("within")) read_bounds(distribution);
    return distribution;
  }

  SyntaxError unknown_family(std::string_view word) const {
    std::string names;
    for (const FamilySyntax& each : families) {
      names += names.empty() ? "" : ", ";
      names += each.name;
    }
    return {position_, fmt::format("unknown family '{}'", escaped(word)), "use one of " + names};
  }

  void read_number_or_interval(WrittenDistribution& distribution) {
    add_number(distribution, read_top_level_number());
    if (!accept_word("to")) return;
    distribution.form = WrittenForm::interval;
    add_number(distribution, read_top_level_number());
  }

  void add_number(WrittenDistribution& distribution, WrittenNumber number) {
    if (number.factor) distribution.factor = number.factor;
    distribution.numbers.push_back(number);
  }

  void read_family(const FamilySyntax& family, WrittenDistribution& distribution) {
    distribution.form = family.form;
    const size_t first = position_;
    const bool pairs = family.numbers == 0;
    size_t count = 0;
    do {
      skip();
      if (++count > most_arguments) {
        throw SyntaxError{position_,
                          fmt::format("{} takes at most {} {}", family.name, most_arguments,
                                      pairs ? "pairs" : "numbers"),
                          {},
                          true};
      }
      if (pairs) {
        read_pair(family, distribution);
      } else if (count <= family.plain) {
        distribution.plain.push_back(read_bare_number());
      } else {
        add_number(distribution, read_number());
      }
    } while (accept(','));
    expect(')', "',' or ')'");
    if (!pairs && count != family.plain + family.numbers) {
      throw SyntaxError{
          distribution.at,
          fmt::format("{} takes {} numbers ({}); found {}", family.name,
                      family.plain + family.numbers, family.arguments, count),
          has_comma_between_digits(first) ? "write 1500 or 1.5, not 1,500 or 1,5" : ""};
    }
    if (const std::optional<double> factor = read_unit()) distribution.factor = factor;
  }

  void read_pair(const FamilySyntax& family, WrittenDistribution& distribution) {
    if (family.form == WrittenForm::metalog) {
      distribution.plain.push_back(read_share());
      expect(':', "':' and a value");
      add_number(distribution, read_number());
    } else {
      add_number(distribution, read_number());
      expect(':', "':' and a weight");
      distribution.plain.push_back(read_share());
    }
  }

  bool has_comma_between_digits(size_t from) const {
    for (size_t i = from; i + 1 < position_; ++i) {
      if (text_[i] == ',' && is_digit(text_[i - 1]) && is_digit(text_[i + 1])) return true;
    }
    return false;
  }

  void read_bounds(WrittenDistribution& distribution) {
    distribution.bounded = true;
    expect('[', "'[' and the bounds");
    distribution.low = read_bound(distribution, ',');
    expect(',', "','");
    distribution.high = read_bound(distribution, ']');
    expect(']', "']'");
    if (const std::optional<double> factor = read_unit()) distribution.bounds_factor = factor;
  }

  /// Nothing where the bound is left open: `end` comes at once.
  std::optional<WrittenNumber> read_bound(WrittenDistribution& distribution, char end) {
    skip();
    if (peek() == end) return std::nullopt;
    const WrittenNumber bound = read_number();
    if (bound.factor) distribution.bounds_factor = bound.factor;
    return bound;
  }

  // ---- Noise

  /// "noise 8 % rho 0.6"; false where there is none.
  bool read_noise() {
    skip();
    const size_t noise_at = position_;
    if (!accept_word("noise")) return false;
    value_.noise_at = noise_at;
    skip();
    const size_t sigma_at = position_;
    const double sigma = read_share();
    if (!(sigma >= 0 && sigma <= 3)) {
      report({sigma_at, fmt::format("noise of {} is outside 0 to 3", number_text(sigma)),
              "write a share, as 8 % or 0.08"});
    }
    value_.noise_sigma = sigma;
    if (!accept_word("rho")) return true;
    skip();
    const size_t rho_at = position_;
    const double rho = read_bare_number();
    if (!(std::abs(rho) < 1)) {
      throw SyntaxError{rho_at, fmt::format("rho {} is outside -1 to 1", number_text(rho)),
                        "give the correlation from one month to the next, both ends excluded"};
    }
    value_.noise_rho = rho;
    return true;
  }

  size_t mistakes_before_;
  bool views_outermost_ = false;
};

}  // namespace

std::optional<WrittenValue> read_value(const PlacedText& text, Dimension dimension,
                                       Diagnostics& diagnostics) {
  return Parser(text, dimension, diagnostics).read();
}

}  // namespace fabcast
