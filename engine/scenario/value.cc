#include "scenario/value.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "base/characters.h"
#include "scenario/document.h"
#include "scenario/quantity.h"
#include "scenario/value_grammar.h"

namespace fabcast {

namespace {

/// From the tree of numbers to distributions in the canonical unit.
class Meaning {
 public:
  Meaning(const PlacedText& placed, const WrittenValue& written, Dimension dimension,
          Diagnostics& diagnostics)
      : placed_(placed), written_(written), dimension_(dimension), diagnostics_(diagnostics) {}

  std::optional<Value> value() {
    const size_t mistakes_before = diagnostics_.count();
    check_dates();
    check_views();
    Value value;
    value.noise_sigma = written_.noise_sigma;
    value.noise_rho = written_.noise_rho;
    value.sources = written_.sources;
    for (const size_t offset : written_.source_offsets) {
      value.source_places.push_back(placed_.at(offset));
    }
    for (const WrittenUnit& unit : written_.units) value.units.push_back(unit.text);
    for (const WrittenPath& path : written_.paths) add_paths(path, value.paths);
    if (diagnostics_.count() > mistakes_before) return std::nullopt;
    return value;
  }

 private:
  void error(size_t at, std::string message, std::string remedy = {}) {
    diagnostics_.error(placed_.at(at), std::move(message), std::move(remedy));
  }

  // ---- Order of dates, sets of views

  void check_dates() {
    for (const WrittenPath& path : written_.paths) {
      const WrittenAnchor* before = nullptr;
      for (const WrittenAnchor& anchor : path.anchors) {
        if (path.anchors.size() > 1 && !anchor.month) {
          error(anchor.at, "this part of a time path has no date",
                "write every part as 'date: value'");
          break;
        }
        if (before != nullptr && anchor.month == before->month) {
          error(anchor.at, fmt::format("'{}' is the same month as '{}'", anchor.date, before->date),
                "give each date once");
        } else if (before != nullptr && anchor.month < before->month) {
          error(anchor.at, fmt::format("'{}' comes before '{}'", anchor.date, before->date),
                "give dates in ascending order");
        }
        before = &anchor;
      }
    }
  }

  static std::vector<std::string_view> sorted_names(const WrittenAnchor& anchor) {
    std::vector<std::string_view> names;
    for (const WrittenView& view : anchor.views) names.push_back(view.name);
    std::sort(names.begin(), names.end());
    return names;
  }

  static bool has_views(const WrittenAnchor& anchor) { return !anchor.views.front().name.empty(); }

  /// The first anchor that names views: it sets the views and their order.
  static const WrittenAnchor* naming_anchor(const WrittenPath& path) {
    const auto first = std::find_if(path.anchors.begin(), path.anchors.end(), has_views);
    return first == path.anchors.end() ? nullptr : &*first;
  }

  void check_views() {
    for (const WrittenPath& path : written_.paths) {
      const WrittenAnchor* first = naming_anchor(path);
      if (first == nullptr) continue;
      for (const WrittenAnchor& anchor : path.anchors) {
        if (has_views(anchor) && sorted_names(anchor) != sorted_names(*first)) {
          error(anchor.at,
                fmt::format("'{}' names other views than '{}'", anchor.date, first->date),
                "name the same views at every date, or none");
        }
      }
    }
  }

  // ---- Views outermost, then anchors

  void add_paths(const WrittenPath& path, std::vector<ViewPath>& paths) {
    const WrittenAnchor* naming = naming_anchor(path);
    const size_t first = paths.size();
    if (naming == nullptr) {
      paths.push_back({path.view, {}});
    } else {
      for (const WrittenView& view : naming->views) paths.push_back({view.name, {}});
    }
    for (const WrittenAnchor& anchor : path.anchors) {
      for (const WrittenView& view : anchor.views) {
        std::optional<Anchor> made = make(view.distribution);
        if (!made) continue;
        made->month = anchor.month;
        for (size_t i = first; i < paths.size(); ++i) {
          if (!view.name.empty() && view.name != paths[i].view) continue;
          paths[i].anchors.push_back(*made);
        }
      }
    }
  }

  // ---- Units

  /// The unit of a number that bears none: that of its neighbours in the same distribution, else
  /// the one unit of the whole value.
  std::optional<double> inherited_factor(size_t at, std::optional<double> near,
                                         std::optional<double> next) {
    if (near) return near;
    if (next) return next;
    if (written_.trailing) return written_.trailing;
    if (written_.units.empty()) return 1;
    if (written_.units.size() == 1) return written_.units.front().factor;
    error(at,
          fmt::format("this number has no unit, and the value writes both '{}' and '{}'",
                      written_.units[0].text, written_.units[1].text),
          "write its unit");
    return std::nullopt;
  }

  std::optional<double> convert(const WrittenNumber& number, std::optional<double> near,
                                std::optional<double> next) {
    const std::optional<double> factor =
        number.factor ? number.factor : inherited_factor(number.at, near, next);
    if (!factor) return std::nullopt;
    const double converted = to_canonical(number.value, *factor);
    if (std::isfinite(converted)) return converted;
    error(number.at, "this number is too large in its unit", "give a smaller one");
    return std::nullopt;
  }

  // ---- Distributions

  /// Without its month.
  std::optional<Anchor> make(const WrittenDistribution& written) {
    std::vector<double> x;
    for (const WrittenNumber& number : written.numbers) {
      const auto converted = convert(number, written.factor, written.bounds_factor);
      if (!converted) return std::nullopt;
      x.push_back(*converted);
    }
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double low = -infinity, high = infinity;
    for (const auto& [bound, target] : {std::pair(&written.low, &low), {&written.high, &high}}) {
      if (!*bound) continue;
      const auto converted = convert(**bound, written.bounds_factor, written.factor);
      if (!converted) return std::nullopt;
      *target = *converted;
    }
    if (written.form == WrittenForm::interval && x[0] >= x[1]) {
      error(written.at,
            x[0] == x[1] ? "the ends of an interval are equal"
                         : "the upper end of an interval comes first",
            x[0] == x[1] ? "write a constant as one number" : "give the lower end first");
      return std::nullopt;
    }
    if (!(low < high)) {
      error(written.low->at, "the bounds leave nothing", "give the lower bound first");
      return std::nullopt;
    }
    try {
      // A metalog is fitted to bounds that lie outside all its quantiles. Any other bound cuts.
      double fit_low = -infinity, fit_high = infinity;
      if (written.form == WrittenForm::metalog) {
        const auto [least, most] = std::minmax_element(x.begin(), x.end());
        if (low < *least) std::swap(low, fit_low);
        if (high > *most) std::swap(high, fit_high);
      }
      Distribution distribution = make_family(written, x, fit_low, fit_high);
      if (std::isfinite(low) || std::isfinite(high)) {
        distribution = truncated(std::move(distribution), low, high);
      }
      if (written.form == WrittenForm::normal) x.pop_back();  // its standard deviation
      return Anchor{{}, std::move(distribution), std::move(x)};
    } catch (const std::invalid_argument& refusal) {
      error(written.at, refusal.what(), bounds_remedy(written, low, high));
      return std::nullopt;
    }
  }

  /// The trap of bounds without a unit: they take that of the numbers.
  std::string bounds_remedy(const WrittenDistribution& written, double low, double high) const {
    if (written.bounds_factor || !written.factor) return {};
    const auto& bound = written.high ? written.high : written.low;
    if (!bound) return {};
    return fmt::format(
        "a bound without a unit takes that of the numbers: {} means {} here; write "
        "its unit",
        number_text(bound->value), quantity_text(written.high ? high : low, dimension_));
  }

  static Distribution make_family(const WrittenDistribution& written, const std::vector<double>& x,
                                  double low, double high) {
    switch (written.form) {
      case WrittenForm::constant:
        return make_constant(x[0]);
      case WrittenForm::interval:
        return make_interval(x[0], x[1]);
      case WrittenForm::normal:
        return make_normal(x[0], x[1]);
      case WrittenForm::lognormal:
        return make_lognormal(x[0], x[1]);
      case WrittenForm::uniform:
        return make_uniform(x[0], x[1]);
      case WrittenForm::triangular:
        return make_triangular(x[0], x[1], x[2]);
      case WrittenForm::pert:
        return make_pert(x[0], x[1], x[2]);
      case WrittenForm::beta:
        return make_beta(written.plain[0], written.plain[1], x[0], x[1]);
      case WrittenForm::discrete:
        return make_discrete(x, written.plain);
      case WrittenForm::metalog:
        return make_metalog(written.plain, x, low, high);
    }
    throw std::invalid_argument("no such family");
  }

  const PlacedText& placed_;
  const WrittenValue& written_;
  Dimension dimension_;
  Diagnostics& diagnostics_;
};

/// Where the numbers of a value end: before its noise and the sources behind the numbers.
size_t end_of_numbers(std::string_view text, std::optional<size_t> noise_at) {
  std::string_view numbers = trimmed(text.substr(0, noise_at.value_or(text.size())));
  for (size_t at = numbers.rfind('@'); at != std::string_view::npos; at = numbers.rfind('@')) {
    const std::string_view source = numbers.substr(at);
    if (std::any_of(source.begin(), source.end(), is_space)) break;
    numbers = trimmed(numbers.substr(0, at));
  }
  return static_cast<size_t>(numbers.data() + numbers.size() - text.data());
}

}  // namespace

PointOfPath ViewPath::at(Month month) const {
  const auto alone = [](const Anchor& anchor) {
    return PointOfPath{anchor.distribution, anchor.distribution};
  };
  const auto later = std::find_if(anchors.begin(), anchors.end(), [&](const Anchor& anchor) {
    return !anchor.month || *anchor.month >= month;
  });
  if (later == anchors.end()) return alone(anchors.back());
  if (later == anchors.begin() || *later->month == month) return alone(*later);
  const Anchor& before = *(later - 1);
  const double weight = static_cast<double>(month.count - before.month->count) /
                        (later->month->count - before.month->count);
  return {before.distribution, later->distribution, weight};
}

bool Value::is_positive() const {
  // Of a positive support the first draws may still be zero: a steep beta's are.
  const auto positive = [](const Anchor& anchor) {
    return anchor.distribution.lowest() >= 0 && anchor.distribution.quantile(1e-12) > 0;
  };
  return std::all_of(paths.begin(), paths.end(), [&](const ViewPath& path) {
    return std::all_of(path.anchors.begin(), path.anchors.end(), positive);
  });
}

bool Value::is_constant() const {
  return !is_path() && paths.size() == 1 && paths[0].anchors[0].distribution.is_constant();
}

bool Value::is_uncertain() const {
  if (paths.size() > 1 || noise_sigma > 0) return true;
  return std::any_of(paths[0].anchors.begin(), paths[0].anchors.end(),
                     [](const Anchor& anchor) { return !anchor.distribution.is_constant(); });
}

bool Value::is_path() const {
  return noise_sigma > 0 || std::any_of(paths.begin(), paths.end(), [](const ViewPath& path) {
           return path.anchors[0].month.has_value();
         });
}

void PlacedText::append(std::string_view text, SourcePosition start) {
  if (!runs_.empty()) text_ += '\n';
  runs_.push_back({text_.size(), start});
  text_ += text;
}

PlacedText PlacedText::part(size_t begin, size_t end) const {
  PlacedText result;
  while (begin < end) {
    const size_t line_end = std::min(end, text_.find('\n', begin));
    result.append(std::string_view(text_).substr(begin, line_end - begin), at(begin));
    begin = line_end + 1;
  }
  return result;
}

SourcePosition PlacedText::at(size_t offset) const {
  if (runs_.empty()) return {};
  offset = std::min(offset, text_.size());
  const auto after =
      std::upper_bound(runs_.begin(), runs_.end(), offset,
                       [](size_t value, const Run& run) { return value < run.offset; });
  const Run& run = *std::prev(after);
  SourcePosition place = run.start;
  for (size_t i = run.offset; i < offset; ++i) {
    const bool continues = (static_cast<unsigned char>(text_[i]) & 0xC0) == 0x80;
    place.column += continues ? 0 : 1;
  }
  return place;
}

std::optional<Value> parse_value(const PlacedText& text, Dimension dimension,
                                 Diagnostics& diagnostics) {
  const std::optional<WrittenValue> written = read_value(text, dimension, diagnostics);
  if (!written) return std::nullopt;
  std::optional<Value> value = Meaning(text, *written, dimension, diagnostics).value();
  if (!value) return std::nullopt;
  const std::string unit(written->units.empty() ? unit_name(dimension) : "");
  value->text = folded(text.text());
  if (unit.empty()) return value;
  const size_t end = end_of_numbers(text.text(), written->noise_at);
  value->text =
      folded(fmt::format("{} {} {}", text.text().substr(0, end), unit, text.text().substr(end)));
  value->units.push_back(unit);
  return value;
}

}  // namespace fabcast
