/// fabcast dist VALUE: what any value of the scenario syntax looks like.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/comma_list.h"
#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "random/describe.h"
#include "scenario/quantity.h"
#include "scenario/value.h"

namespace fabcast::cli {

namespace {

/// A probability as the user typed it.
struct AskedQuantile {
  std::string typed;
  double probability;
};

/// "0.1,0.25,90%" and the three that are always shown, ascending.
std::vector<AskedQuantile> asked_quantiles(const std::string& list) {
  std::vector<AskedQuantile> asked{{"0.05", 0.05}, {"0.5", 0.5}, {"0.95", 0.95}};
  for (const std::string_view typed : comma_list(list)) {
    const auto number = parse_number(typed);
    const std::string_view rest = number ? typed.substr(number->length) : typed;
    const double probability = !number                       ? 0
                               : rest == "%" || rest == " %" ? number->value / 100
                               : rest.empty()                ? number->value
                                                             : 0;
    if (!(probability > 0 && probability < 1)) {
      throw InputError(
          fmt::format("--at: '{}' is not a probability between 0 and 1; write e.g. --at 0.1,0.9 or "
                      "--at 10%,90%",
                      escaped(typed)));
    }
    const auto same = [&](const AskedQuantile& one) { return one.typed == typed; };
    if (std::none_of(asked.begin(), asked.end(), same))
      asked.push_back({std::string(typed), probability});
  }
  std::stable_sort(asked.begin(), asked.end(), [](const auto& first, const auto& second) {
    return first.probability < second.probability;
  });
  return asked;
}

/// Dimensions that the units in the text may be of, in the order of appearance. A unit stands
/// anywhere but inside a word.
std::vector<Dimension> dimensions_in(std::string_view text) {
  constexpr size_t longest_unit = 32;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  std::vector<Dimension> found;
  for (size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && is_letter(text[at - 1])) continue;
    for (size_t length = std::min(longest_unit, text.size() - at); length > 0; --length) {
      const std::vector<Dimension> of_unit = dimensions_of(text.substr(at, length));
      if (of_unit.empty()) continue;
      found.insert(found.end(), of_unit.begin(), of_unit.end());
      at += length - 1;
      break;
    }
  }
  return found;
}

struct ReadValue {
  Value value;
  Dimension dimension;
};

/// The value in the first of the dimensions that can read it; else the mistakes under the one that
/// makes fewest, those under a unit's own dimension before those of plain numbers.
ReadValue read_in_any(const std::string& text, const std::vector<Dimension>& dimensions) {
  Diagnostics fewest;
  Dimension closest = Dimension::number;
  for (const Dimension dimension : dimensions) {
    Diagnostics diagnostics;
    const PlacedText placed(text, {diagnostics.add_file("value", text), 1, 1});
    std::optional<Value> value = parse_value(placed, dimension, diagnostics);
    if (value && diagnostics.ok()) return {std::move(*value), dimension};
    const bool closer = fewest.ok() || diagnostics.count() < fewest.count() ||
                        (diagnostics.count() == fewest.count() && closest == Dimension::number);
    if (!closer) continue;
    fewest = std::move(diagnostics);
    closest = dimension;
  }
  throw InputError(fewest.text());
}

/// One block of the answer: a view's value at an anchor, or in the month asked for.
struct Part {
  std::string view;  ///< empty where the value names none
  std::string when;  ///< month, empty where the value has no dates
  PointOfPath point;
};

std::vector<Part> parts_of(const Value& value, const std::optional<Month>& month) {
  std::vector<Part> parts;
  for (const ViewPath& path : value.paths) {
    if (month) {
      // In logs where all anchors are positive, as the keys of flows and stocks are.
      PointOfPath point = path.at(*month);
      point.geometric = value.is_positive();
      parts.push_back({path.view, month->text(), point});
      continue;
    }
    for (const Anchor& anchor : path.anchors) {
      parts.push_back({path.view,
                       anchor.month ? anchor.month->text() : "",
                       {anchor.distribution, anchor.distribution}});
    }
  }
  return parts;
}

/// How numbers are shown: in the dimension's own unit, or in the one asked for.
struct Shown {
  Dimension dimension;
  std::string unit;   ///< as asked for, empty where not
  double factor = 1;  ///< canonical units in one

  std::string text(double value) const {
    if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
    if (unit.empty()) return quantity_text(value, dimension);
    return fmt::format("{:.6g} {}", value / factor, unit);
  }
};

/// Of a part, or of a mixture of parts: whatever has mean(), sd(), quantile().
template <class Described>
void describe(const Described& described, const std::vector<AskedQuantile>& asked,
              const Shown& shown, nlohmann::ordered_json& json) {
  // JSON knows no infinity: the library writes null.
  json["mean"] = described.mean() / shown.factor;
  json["sd"] = described.sd() / shown.factor;
  json["quantiles"] = nlohmann::ordered_json::object();
  for (const AskedQuantile& one : asked)
    json["quantiles"][one.typed] = described.quantile(one.probability) / shown.factor;
}

nlohmann::ordered_json json_of(const Part& part, const std::vector<AskedQuantile>& asked,
                               const Shown& shown) {
  nlohmann::ordered_json json;
  if (!part.view.empty()) json["view"] = part.view;
  if (!part.when.empty()) json["month"] = part.when;
  describe(part.point, asked, shown, json);
  return json;
}

/// Each view's value at its last anchor, or in the month asked for, mixed in equal parts: a value
/// alone has no weights of views.
Mixture mixture_of(const Value& value, const std::optional<Month>& month) {
  Mixture mixture;
  for (const ViewPath& path : value.paths) {
    const Distribution& last = path.anchors.back().distribution;
    mixture.parts.push_back(month ? path.at(*month) : PointOfPath{last, last});
    if (month) mixture.parts.back().geometric = value.is_positive();
  }
  return mixture;
}

/// Columns of eighths of a character, six rows high, over a line from `low` to `high`.
std::string picture(const PointOfPath& point, const Shown& shown) {
  constexpr size_t columns = 60;
  constexpr int rows = 6, levels_per_row = 8;
  constexpr std::array<std::string_view, levels_per_row + 1> blocks{" ", "▁", "▂", "▃", "▄",
                                                                    "▅", "▆", "▇", "█"};
  const Histogram made = histogram(point, columns);
  if (made.shares.empty()) return "";
  const double highest = *std::max_element(made.shares.begin(), made.shares.end());
  std::string text = "\n";
  for (int row = rows - 1; row >= 0; --row) {
    std::string line = "  ";
    for (const double share : made.shares) {
      const int level = static_cast<int>(std::ceil(share / highest * rows * levels_per_row));
      line +=
          blocks[static_cast<size_t>(std::clamp(level - row * levels_per_row, 0, levels_per_row))];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  const std::string low = shown.text(made.low), high = shown.text(made.high);
  text += fmt::format("  {:-<{}}\n  {}{:>{}}\n", "", columns, low, high,
                      std::max(columns - std::min(columns, low.size()), high.size() + 1));
  return text;
}

void print(const Part& part, const std::vector<AskedQuantile>& asked, const Shown& shown) {
  const std::string separator = part.view.empty() || part.when.empty() ? "" : ", ";
  const std::string heading = part.view + separator + part.when;
  if (!heading.empty()) fmt::print("{}\n", heading);
  const Distribution& only = part.point.before;
  if (part.point.weight > 0) {
    fmt::print("  interpolated    {}\n",
               part.point.geometric ? "in logs, as all anchors are positive" : "linearly");
  } else {
    const bool cut = only.u_low > 0 || only.u_high < 1;
    fmt::print("  family          {}{}\n", family_name(only.family), cut ? ", truncated" : "");
  }
  fmt::print("  mean            {}\n", shown.text(part.point.mean()));
  fmt::print("  sd              {}\n", shown.text(part.point.sd()));
  for (const AskedQuantile& one : asked) {
    fmt::print("  {:<16}{}\n", fmt::format("{:.6g} %", 100 * one.probability),
               shown.text(part.point.quantile(one.probability)));
  }
  fmt::print("{}", picture(part.point, shown));
}

/// A value that begins with a minus sign is no option: a space before it says so.
Arguments with_negative_values(Arguments arguments) {
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument.starts_with('-') && parse_number(argument)) argument.insert(0, 1, ' ');
  }
  return arguments;
}

}  // namespace

int dist_command(const Arguments& arguments) {
  Options options("fabcast dist 'VALUE'",
                  "Shows any value of the scenario syntax: mean, sd, quantiles, a small picture. "
                  "--json tells first the value at its last date, with its views in equal parts, "
                  "then each date and view.",
                  "fabcast dist '3k to 8k wafers/month' --at 0.1,0.9");
  namespace po = boost::program_options;
  options.add().add_options()("at", po::value<std::string>(),
                              "more quantiles, e.g. 0.1,0.25 or 10%,25%")(
      "unit", po::value<std::string>(), "unit to read and print in, e.g. 'k wafers/month'")(
      "month", po::value<std::string>(), "a path's value in this month, e.g. 2026-06")(
      "json", "print one object for programs");
  options.positional("value", -1);
  if (!options.parse(with_negative_values(arguments))) return 0;

  std::string text;
  for (const std::string& word : options.list("value"))
    text += (text.empty() || word.starts_with(' ') ? "" : " ") + word;
  text.erase(0, text.find_first_not_of(' '));
  if (text.empty()) throw InputError("no VALUE given; see fabcast dist --help");
  const std::vector<AskedQuantile> asked =
      asked_quantiles(options.has("at") ? options.get<std::string>("at") : "");

  std::optional<Month> month;
  if (options.has("month")) {
    const auto& typed = options.get<std::string>("month");
    const auto period = parse_period(typed);
    if (!period) {
      throw InputError(fmt::format("--month: '{}' is not a month; write e.g. 2026-06 or 2026Q2",
                                   escaped(typed)));
    }
    month = period->last;
  }

  const std::string unit = options.has("unit") ? options.get<std::string>("unit") : "";
  std::vector<Dimension> dimensions{Dimension::number};
  if (!unit.empty()) {
    dimensions = dimensions_of(unit);
    if (dimensions.empty()) {
      throw InputError(fmt::format("--unit: '{}' is no unit of any key; write e.g. 'wafers/month'",
                                   escaped(unit)));
    }
  } else {
    const std::vector<Dimension> written = dimensions_in(text);
    dimensions.insert(dimensions.end(), written.begin(), written.end());
  }
  const auto [value, dimension] = read_in_any(text, dimensions);
  const Shown shown{dimension, unit, unit.empty() ? 1 : *unit_factor(dimension, unit)};
  const std::vector<Part> parts = parts_of(value, month);

  if (options.has("json")) {
    nlohmann::ordered_json json;
    const bool plain = parts.size() == 1 && parts[0].view.empty() && parts[0].when.empty();
    const Part& last = parts.back();
    if (parts.size() == 1 && !last.view.empty()) json["view"] = last.view;
    if ((month || value.paths.size() == 1) && !last.when.empty()) json["month"] = last.when;
    describe(mixture_of(value, month), asked, shown, json);
    json["unit"] = unit.empty() ? std::string(unit_name(dimension)) : unit;
    if (value.noise_sigma > 0)
      json["noise"] = {{"sd_of_log", value.noise_sigma}, {"rho", value.noise_rho}};
    if (!plain) {
      json["parts"] = nlohmann::ordered_json::array();
      for (const Part& part : parts) json["parts"].push_back(json_of(part, asked, shown));
    }
    fmt::print("{}\n", json.dump(2));
    return 0;
  }
  for (const Part& part : parts) {
    if (&part != &parts.front()) fmt::print("\n");
    print(part, asked, shown);
  }
  if (value.noise_sigma > 0) {
    fmt::print("\nnoise from month to month, not in the figures above: sd of the log {}, rho {}\n",
               quantity_text(value.noise_sigma, Dimension::share), number_text(value.noise_rho));
  }
  return 0;
}

}  // namespace fabcast::cli
