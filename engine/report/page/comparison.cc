/// Several scenarios side by side, and how results respond to what a sweep varies.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "report/page/sections.h"

namespace fabcast::page {

namespace {

/// Differences of shares are told in percentage points.
double in_points(double value, std::string_view unit) {
  return unit == "share" ? 100 * value : value;
}
std::string size_text(double value, std::string_view unit) {
  return unit == "share" && std::isfinite(value) ? fmt::format("{:.1f}", std::abs(100 * value))
                                                 : value_text(std::abs(value), unit);
}
std::string with_sign(double value, std::string_view unit) {
  return (value > 0 ? "+" : value < 0 ? "−" : "") + size_text(value, unit);
}
std::string unit_of_difference(std::string_view unit) {
  return unit == "share" ? "percentage points" : std::string(unit);
}

/// Of one measure: each scenario's paired difference to the first.
Markup difference_figure(Report& report, const ComparedMeasure& measure) {
  const Table* compare = report.further("compare");
  if (!compare || measure.variable == "milestone") return {};
  Json rows = Json::array();
  std::vector<std::vector<Markup>> cells;
  const size_t scenario = compare->column("scenario"), variable = compare->column("variable"),
               entity = compare->column("entity"), period = compare->column("period");
  for (const Row& row : compare->rows) {
    if (text_in(row[variable]) != measure.variable || text_in(row[entity]) != measure.entity ||
        text_in(row[period]) != measure.period) {
      continue;
    }
    const auto number = [&](const char* column) { return number_in(row[compare->column(column)]); };
    const auto shown = [&](const char* column) { return with_sign(number(column), measure.unit); };
    const auto drawn = [&](const char* column) {
      return number_of(in_points(number(column), measure.unit));
    };
    rows.push_back({{"scenario", text_in(row[scenario])},
                    {"mean", drawn("difference")},
                    {"lo", drawn("difference_lo")},
                    {"hi", drawn("difference_hi")},
                    {"p05", drawn("difference_p05")},
                    {"p95", drawn("difference_p95")}});
    cells.push_back({text(text_in(row[scenario])), text(value_text(number("mean"), measure.unit)),
                     element("b", shown("difference")),
                     text(shown("difference_lo") + " to " + shown("difference_hi")),
                     text(shown("difference_p05") + " to " + shown("difference_p95"))});
  }
  if (rows.empty()) return {};
  const SeriesName series{measure.variable, measure.entity};
  const std::string label = fmt::format("{}, {}", report.label(series), measure.period);
  Markup caption = element("b", label);
  caption << ours(" ")
          << element("span",
                     "less " + report.scenarios[0] + ", " + unit_of_difference(measure.unit));
  return report.figure("difference",
                       {{"label", label},
                        {"unit", measure.unit == "share" ? "points" : measure.unit},
                        {"rows", rows}},
                       caption,
                       table(text(label),
                             {{"Scenario", false},
                              {"Mean"},
                              {"Mean difference"},
                              {"90 % interval of it"},
                              {"P5 to P95 of the differences"}},
                             cells));
}

/// A headline output's median and P5 to P95 in each scenario, by year.
Markup level_figure(Report& report, const SeriesName& series) {
  const std::string unit = report.unit(series);
  Json scenarios = Json::array();
  Names years;
  std::vector<std::vector<Markup>> rows;
  for (const std::string& scenario : report.scenarios) {
    Json one{{"name", scenario}};
    std::vector<Markup> cells{text(scenario)};
    for (const Row* row : report.summary(scenario, series)) {
      const std::string& period = report.period(*row);
      if (!is_year(period)) continue;
      add_once(years, period);
      for (const char* column : {"p05", "p50", "p95"}) {
        one[column][period] = number_of(report.statistic(*row, column));
      }
      Markup cell = element("b", value_text(report.statistic(*row, "p50"), unit));
      cells.push_back(
          cell << text(fmt::format(" ({} to {})", value_text(report.statistic(*row, "p05"), unit),
                                   value_text(report.statistic(*row, "p95"), unit))));
    }
    if (cells.size() == 1) continue;
    scenarios.push_back(std::move(one));
    rows.push_back(std::move(cells));
  }
  if (years.empty()) return {};
  std::vector<Head> heads{{"Scenario", false}};
  for (const std::string& year : years) heads.push_back({year});
  const std::string label = report.label(series);
  Markup caption = element("b", label);
  if (!unit.empty() && unit != "share") caption << ours(" ") << element("span", unit);
  return report.figure(
      "level", {{"label", label}, {"unit", unit}, {"years", years}, {"scenarios", scenarios}},
      caption, table(text(label + ": median (P5 to P95)"), heads, rows));
}

Markup compared_table(const Compared& compared, const Report& report) {
  std::vector<Head> heads{{"Scenario", false}};
  for (const ComparedMeasure& measure : compared.measures) {
    heads.push_back(
        {measure.variable == "milestone"
             ? "Milestone " + measure.entity
             : fmt::format(
                   "{}, {}{}", report.label({measure.variable, measure.entity}), measure.period,
                   measure.unit.empty() || measure.unit == "share" ? "" : ", " + measure.unit)});
  }
  std::vector<std::vector<Markup>> rows;
  for (const ComparedScenario& scenario : compared.scenarios) {
    Markup name = element("b", scenario.name);
    std::vector<Markup> cells{name << ours("<br>") << text(scenario.title)};
    for (size_t m = 0; m < scenario.values.size(); ++m) {
      const ComparedValue& value = scenario.values[m];
      const std::string& unit = compared.measures[m].unit;
      if (compared.measures[m].variable == "milestone") {
        cells.push_back(text(value.text.empty() ? "–" : value.text));
        continue;
      }
      Markup cell = element("b", value_text(value.value, unit));
      if (std::isfinite(value.difference)) {
        cell << ours("<br>") << text(with_sign(value.difference, unit));
        if (std::isfinite(value.half_interval)) {
          cell << text(" ±\u00A0" + size_text(value.half_interval, unit));
        }
      }
      cells.push_back(std::move(cell));
    }
    rows.push_back(std::move(cells));
  }
  return table(
      text("Mean, and below it the mean of the paired differences to " +
           compared.scenarios[0].name + " with its 90 % interval; of a milestone the median month"),
      heads, rows, "compared");
}

constexpr size_t most_outputs = 8;
constexpr size_t most_points_in_table = 200;

/// What is varied: the columns before the scenario's, but for the point's number.
std::vector<size_t> varied_columns(const Table& sweep) {
  std::vector<size_t> keys;
  for (size_t c = 0; c < sweep.column("scenario"); ++c) {
    if (sweep.columns[c].name != "point") keys.push_back(c);
  }
  return keys;
}

std::string cell_text(const Cell& cell) {
  if (const std::string* words = std::get_if<std::string>(&cell)) return *words;
  const double value = number_in(cell);
  return std::isfinite(value) ? fmt::format("{}", value) : "–";
}

Json cell_json(const Cell& cell) {
  if (const std::string* words = std::get_if<std::string>(&cell)) return *words;
  return number_of(number_in(cell));
}

/// One output over the points of a sweep, in the last period.
Markup sweep_figure(Report& report, const Table& sweep, const SeriesName& series) {
  const std::vector<size_t> keys = varied_columns(sweep);
  const size_t scenario = sweep.column("scenario"), variable = sweep.column("variable"),
               entity = sweep.column("entity"), unit_column = sweep.column("unit"),
               period = sweep.column("period");
  std::string last, unit;
  for (const Row& row : sweep.rows) {
    if (text_in(row[variable]) != series.variable || text_in(row[entity]) != series.entity)
      continue;
    const std::string& at = text_in(row[period]);
    // A year is later than its quarters.
    if (at.substr(0, 4) > last.substr(0, 4) || (is_year(at) && at >= last.substr(0, 4)) ||
        (!is_year(last) && at > last)) {
      last = at;
    }
    unit = text_in(row[unit_column]);
  }
  if (last.empty()) return {};
  Json points = Json::array(), names = Json::array();
  std::vector<Head> heads;
  for (size_t key : keys) {
    names.push_back(sweep.columns[key].name);
    heads.push_back({sweep.columns[key].name});
  }
  Names scenarios;
  std::vector<std::vector<Markup>> rows;
  size_t count = 0;
  for (const Row& row : sweep.rows) {
    if (text_in(row[variable]) != series.variable || text_in(row[entity]) != series.entity ||
        text_in(row[period]) != last) {
      continue;
    }
    Json at = Json::array();
    std::vector<Markup> cells;
    for (size_t key : keys) {
      at.push_back(cell_json(row[key]));
      cells.push_back(text(cell_text(row[key])));
    }
    add_once(scenarios, text_in(row[scenario]));
    cells.push_back(text(text_in(row[scenario])));
    Json point{{"at", at}, {"scenario", text_in(row[scenario])}};
    for (const char* column : {"p05", "p50", "p95"}) {
      const double value = number_in(row[sweep.column(column)]);
      point[column] = number_of(value);
      cells.push_back(text(value_text(value, unit)));
    }
    points.push_back(std::move(point));
    if (++count <= most_points_in_table) rows.push_back(std::move(cells));
  }
  heads.push_back({"Scenario", false});
  for (const char* head : {"P5", "P50", "P95"}) heads.push_back({head});
  const std::string label = fmt::format("{}, {}", report.label(series), last);
  Markup caption = element("b", label);
  if (!unit.empty() && unit != "share") caption << ours(" ") << element("span", unit);
  const std::string told = count > most_points_in_table
                               ? fmt::format("{}: the first {} of {} points; all are in sweep.csv",
                                             label, most_points_in_table, count)
                               : label;
  return report.figure("sweep",
                       {{"label", label},
                        {"unit", unit},
                        {"keys", names},
                        {"scenarios", scenarios},
                        {"points", points}},
                       caption, table(text(told), heads, rows));
}

}  // namespace

Section comparison_section(Report& report) {
  Section section{"comparison", "Scenarios compared", {}};
  const Compared& compared = report.result.compared;
  if (compared.scenarios.size() < 2 && report.scenarios.size() < 2) return section;
  if (compared.scenarios.size() >= 2) {
    section.body << paragraph(
        "All scenarios were simulated on the same draws, so that differences are taken history by "
        "history and are far less noisy than the scenarios themselves.");
    section.body << compared_table(compared, report);
  }
  Markup differences;
  for (const ComparedMeasure& measure : compared.measures) {
    differences << difference_figure(report, measure);
  }
  if (!differences.empty()) {
    section.body << element("h3", "Differences to " + report.scenarios[0])
                 << paragraph(
                        "Dot: the mean difference, with its 90 % interval where that is wider "
                        "than the dot. Line: P5 to P95 of the differences over histories.")
                 << element("div", {{"class", "multiples"}}, differences);
  }
  Markup levels;
  Names years;
  for (const SeriesName& series : report.headline) {
    levels << level_figure(report, series);
    for (const Row* row : report.summary(report.scenarios[0], series)) {
      if (is_year(report.period(*row))) add_once(years, report.period(*row));
    }
  }
  if (!levels.empty()) {
    std::sort(years.begin(), years.end());
    Markup options;
    for (const std::string& year : years) {
      options << element("option", {{"value", year}, {year == years.back() ? "selected" : "", ""}},
                         text(year));
    }
    section.body << element("h3", "Levels")
                 << paragraph("Dot: the median. Line: P5 to P95 of the histories.")
                 << element(
                        "p", {{"class", "choose"}},
                        element("label", {{"for", "choose-level"}}, text("Year ")) << element(
                            "select", {{"id", "choose-level"}, {"data-choose", "level"}}, options))
                 << element("div", {{"class", "multiples"}}, levels);
  }
  if (const Table* asked = report.further("asked")) {
    section.body << element("h3", "Asked of the differences")
                 << whole_table(*asked, "Share of histories in which it holds");
  }
  return section;
}

Section sweep_section(Report& report) {
  Section section{"sweep", "Response to what is varied", {}};
  const Table* sweep = report.further("sweep");
  if (!sweep) return section;
  const size_t variable = sweep->column("variable"), entity = sweep->column("entity");
  std::vector<SeriesName> all, outputs;
  for (const Row& row : sweep->rows) {
    const SeriesName series{text_in(row[variable]), text_in(row[entity])};
    if (std::find(all.begin(), all.end(), series) == all.end()) all.push_back(series);
  }
  for (const auto& [of, name] : report.result.headline) {
    const SeriesName series{of, name};
    if (std::find(all.begin(), all.end(), series) != all.end()) outputs.push_back(series);
  }
  for (const SeriesName& series : all) {  // what was asked for beside the headline
    if (std::find(outputs.begin(), outputs.end(), series) == outputs.end()) {
      outputs.push_back(series);
    }
  }
  if (outputs.size() > most_outputs) outputs.resize(most_outputs);
  Markup figures;
  for (const SeriesName& series : outputs) figures << sweep_figure(report, *sweep, series);
  if (figures.empty()) return section;
  Markup keys;
  for (size_t key : varied_columns(*sweep)) {
    Markup item = code(sweep->columns[key].name);
    keys << element("li", item << text(" " + sweep->columns[key].meaning));
  }
  section.body << paragraph(
                      "The same draws at every point. Medians, with P5 to P95 where there is "
                      "room for it. What is varied:")
               << element("ul", keys) << element("div", {{"class", "multiples"}}, figures);
  if (const Table* questions = report.further("sweep-questions")) {
    section.body << details("Questions at each point",
                            whole_table(*questions, "Chance of each question"));
  }
  return section;
}

}  // namespace fabcast::page
