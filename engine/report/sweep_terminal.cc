#include "report/sweep_terminal.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/run_json.h"
#include "report/terminal.h"
#include "results/json.h"

namespace fabcast {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t most_columns = 100;  ///< of any line
constexpr size_t most_lines = 24;     ///< points that are shown
constexpr size_t least_cell = 8, most_label = 26, most_entity = 12;

const Table& table_of(const RunResult& result, std::string_view name) {
  const auto found = std::find_if(result.further.begin(), result.further.end(),
                                  [&](const Table& table) { return table.name == name; });
  return *found;
}

std::string value_text(const std::string& unit, double value) {
  if (unit == "share" && std::isfinite(value)) return fmt::format("{:.1f}%", 100 * value);
  return short_number(value);
}

/// What a key has at a point: a number whole, since two points may differ in its last digits.
std::string key_text(const Cell& cell) {
  std::string text = text_in(cell);
  if (std::holds_alternative<double>(cell)) text = fmt::format("{:.6g}", std::get<double>(cell));
  if (text.empty()) text = "-";
  if (text.size() > most_label) {
    size_t cut = most_label - 1;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
    text = text.substr(0, cut) + "…";
  }
  return text;
}

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string padded(const std::string& text, size_t width, bool right) {
  const std::string blanks(width - std::min(width, width_of(text)), ' ');
  return right ? blanks + text : text + blanks;
}

/// A line a point below a label.
struct Shown {
  std::string label;
  std::vector<std::string> texts;
  size_t least = 0;  ///< width

  size_t width() const {
    size_t most = std::max(least, width_of(label));
    for (const std::string& text : texts) most = std::max(most, width_of(text));
    return most;
  }
};

/// Columns that belong together, below their heads.
struct Group {
  std::vector<std::string> heads;  ///< as many in each group
  std::vector<Shown> columns;
  bool is_right = true;

  size_t width() const {
    size_t sum = 2 * (columns.size() - 1), most = 0;
    for (const Shown& column : columns) sum += column.width();
    for (const std::string& head : heads) most = std::max(most, width_of(head));
    return std::max(sum, most);
  }
  /// One line of it; the first column takes what its heads need.
  template <class TextOf>
  std::string line(const TextOf& text_of) const {
    std::string text;
    for (size_t c = columns.size(); c-- > 1;) {
      text = "  " + padded(text_of(columns[c]), columns[c].width(), is_right) + text;
    }
    return padded(text_of(columns[0]), width() - width_of(text), is_right) + text;
  }
};

Shown column_of(const Table& table, size_t column, const std::string& unit, std::string label,
                size_t lines) {
  Shown shown{std::move(label), {}, least_cell};
  for (size_t r = 0; r < lines; ++r) {
    shown.texts.push_back(value_text(unit, number_in(table.rows[r][column])));
  }
  return shown;
}

}  // namespace

std::string sweep_summary(const RunResult& result, bool colour) {
  const Swept& swept = result.swept;
  const Provenance& from = result.provenance;
  const Table& wide = table_of(result, "sweep-wide");
  const size_t lines = wide.rows.size() > most_lines ? most_lines - 4 : wide.rows.size();
  const size_t cases = wide.rows.size();
  std::string out =
      styled(
          fmt::format("{}: {} point{}{}", from.scenario, swept.points, swept.points == 1 ? "" : "s",
                      swept.scenarios.size() == 1
                          ? ""
                          : fmt::format(" of {} scenarios", swept.scenarios.size())),
          "1", colour) +
      '\n';
  out += fmt::format("{} to {}; {} trials at each, {}, {:.1f} s on {} thread{}\n", from.first_month,
                     from.last_month, from.trials, from.seed_text(), from.seconds, from.threads,
                     from.threads == 1 ? "" : "s");
  out += precision_text(result) + '\n';

  // Three columns a measure have room for long heads; one has not.
  const bool with_ends = swept.keys.size() == 1;
  const size_t head_lines = with_ends ? 3 : 5;
  std::vector<Group> groups;
  const auto add_texts = [&](std::vector<std::string> heads, std::string label, bool is_right,
                             const auto& text_of) {
    Shown column{std::move(label), {}, 0};
    for (size_t r = 0; r < lines; ++r) column.texts.push_back(text_of(wide.rows[r]));
    heads.insert(heads.begin(), head_lines - heads.size(), "");
    groups.push_back({std::move(heads), {std::move(column)}, is_right});
  };
  // With one key its values say which point it is.
  if (swept.keys.size() != 1) {
    add_texts({}, "point", true, [](const std::vector<Cell>& row) {
      return std::to_string(std::get<long long>(row[0]));
    });
  }
  for (size_t k = 0; k < swept.keys.size(); ++k) {
    const std::string& name = swept.keys[k];
    const std::string unit = swept.units[k].empty() ? "" : "[" + swept.units[k] + "]";
    const size_t dot = name.rfind('.');  // "fab.SN2" above "plan"
    const bool has_dot = dot != std::string::npos;
    add_texts({has_dot ? name.substr(0, dot) : "", has_dot ? name.substr(dot + 1) : name, unit}, "",
              false, [&](const std::vector<Cell>& row) { return key_text(row[k + 1]); });
  }
  const size_t scenario = swept.keys.size() + 1;
  if (swept.scenarios.size() > 1) {
    add_texts({}, "scenario", false,
              [&](const std::vector<Cell>& row) { return text_in(row[scenario]); });
  }
  size_t width = 0;
  for (const Group& group : groups) width += group.width() + 2;
  size_t shown_measures = 0;
  for (const ComparedMeasure& measure : swept.measures) {
    const size_t mean =
        wide.column(fmt::format("{} {} {} mean", measure.variable, measure.entity, measure.period));
    const size_t dot = measure.variable.find('.');
    Group group{with_ends ? std::vector<std::string>{measure.variable,
                                                     measure.entity + " " + measure.period,
                                                     "[" + measure.unit + "]"}
                          : std::vector<std::string>{measure.variable.substr(0, dot),
                                                     measure.variable.substr(dot + 1),
                                                     measure.entity.substr(0, most_entity),
                                                     measure.period, "[" + measure.unit + "]"},
                {},
                true};
    const auto add = [&](size_t column, const char* label) {
      group.columns.push_back(column_of(wide, column, measure.unit, label, lines));
    };
    if (with_ends) add(mean + 1, "P5");
    add(mean + 2, "P50");
    if (with_ends) add(mean + 3, "P95");
    if (width + group.width() > most_columns && shown_measures > 0) continue;
    width += group.width() + 2;
    ++shown_measures;
    groups.push_back(std::move(group));
  }
  const auto add_line = [&](const auto& text_of, bool bold) {
    std::string line;
    for (const Group& group : groups) line += (line.empty() ? "" : "  ") + text_of(group);
    line.erase(line.find_last_not_of(' ') + 1);
    out += (bold ? styled(line, "1", colour) : line) + '\n';
  };
  for (size_t h = 0; h < head_lines; ++h) {
    add_line(
        [&](const Group& group) { return padded(group.heads[h], group.width(), group.is_right); },
        true);
  }
  add_line(
      [](const Group& group) {
        return group.line([](const Shown& column) { return column.label; });
      },
      true);
  for (size_t r = 0; r < lines; ++r) {
    add_line(
        [&](const Group& group) {
          return group.line([&](const Shown& column) { return column.texts[r]; });
        },
        false);
  }
  if (lines < cases) {
    out += fmt::format("… and {} more in sweep-wide.csv, one row each\n", cases - lines);
  }
  if (shown_measures < swept.measures.size()) {
    out += fmt::format("{} of {} reported series are shown; all are in sweep.csv\n", shown_measures,
                       swept.measures.size());
  }
  return out;
}

std::string sweep_json(const RunResult& result) {
  const Swept& swept = result.swept;
  const Table& wide = table_of(result, "sweep-wide");
  Json points = Json::array();
  for (const auto& row : wide.rows) {
    Json keys = Json::object(), values = Json::object();
    const size_t scenario = swept.keys.size() + 1;
    for (size_t k = 0; k < swept.keys.size(); ++k) keys[swept.keys[k]] = json_of(row[k + 1]);
    for (size_t c = scenario + 1; c < row.size(); ++c) {
      values[wide.columns[c].name] = json_of(row[c]);
    }
    points.push_back({{"point", json_of(row[0])},
                      {"keys", keys},
                      {"scenario", json_of(row[scenario])},
                      {"values", values}});
  }
  const Provenance& from = result.provenance;
  Json json{{"scenarios", swept.scenarios},
            {"keys", swept.keys},
            {"seed", from.seed},
            {"sampler", from.sampler},
            {"trials", from.trials},
            {"seconds", from.seconds},
            {"points", points}};
  if (!result.precision.empty()) json["precision"] = precision_json(result);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fabcast
