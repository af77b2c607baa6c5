/// Several scenarios side by side, and how results respond to what a sweep varies.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "report/page/sections.h"
#include "report/response.h"

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

/// Of one measure: each scenario's paired difference to the first of its comparison.
Markup difference_figure(Report& report, const Compared& compared, const ComparedMeasure& measure) {
  const Table* compare = report.further("compare");
  if (!compare || measure.variable == "milestone") return {};
  Json rows = Json::array();
  std::vector<std::vector<Markup>> cells;
  const size_t scenario = compare->column("scenario"), variable = compare->column("variable"),
               entity = compare->column("entity"), period = compare->column("period"),
               base = compare->column("base");
  for (const Row& row : compare->rows) {
    if (text_in(row[base]) != compared.scenarios[0].name) continue;
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
          << element("span", "less " + compared.scenarios[0].name + ", " +
                                 unit_of_difference(measure.unit));
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

std::string cell_text(const Cell& cell) {
  const std::string words = key_text(cell);
  return words.empty() ? "–" : words;
}

Json cell_json(const Cell& cell) {
  if (const std::string* words = std::get_if<std::string>(&cell)) return *words;
  return number_of(number_in(cell));
}

const char* name_of(ResponseShape shape) {
  switch (shape) {
    case ResponseShape::lines:
      return "lines";
    case ResponseShape::grid:
      return "grid";
    case ResponseShape::map:
      return "map";
    case ResponseShape::alone:
      return "alone";
    case ResponseShape::scatter:
      return "scatter";
  }
  return "";
}

/// One output over the points of a sweep, in the last period.
Markup response_figure(Report& report, const Response& response) {
  const std::string& unit = response.unit;
  Json keys = Json::array(), points = Json::array(), changes = Json::array();
  std::vector<Head> heads;
  for (const SweptKey& key : response.keys) {
    Json values = Json::array();
    for (const Cell& value : key.values) values.push_back(cell_json(value));
    keys.push_back({{"name", key.name}, {"heading", key.heading}, {"values", values}});
    heads.push_back({key.heading});
  }
  std::vector<std::vector<Markup>> rows;
  for (const ResponsePoint& point : response.points) {
    Json at = Json::array();
    std::vector<Markup> cells;
    for (const Cell& cell : point.at) {
      at.push_back(cell_json(cell));
      cells.push_back(text(cell_text(cell)));
    }
    points.push_back({{"at", at},
                      {"scenario", point.scenario},
                      {"p05", number_of(point.p05)},
                      {"p50", number_of(point.p50)},
                      {"p95", number_of(point.p95)}});
    if (rows.size() == most_listed_points) continue;
    cells.push_back(text(response.scenarios[point.scenario]));
    for (const double value : {point.p05, point.p50, point.p95}) {
      cells.push_back(text(value_text(value, unit)));
    }
    rows.push_back(std::move(cells));
  }
  for (const AloneRow& row : response.alone) {
    changes.push_back({{"name", row.name},
                       {"p05", number_of(row.p05)},
                       {"p50", number_of(row.p50)},
                       {"p95", number_of(row.p95)}});
  }
  heads.push_back({"Scenario", false});
  for (const char* head : {"P5", "P50", "P95"}) heads.push_back({head});
  const std::string label =
      fmt::format("{}, {}", report.label({response.variable, response.entity}), response.period);
  const std::string of_scenario =
      response.names_scenario && response.scenarios.size() == 1 ? ", " + response.scenarios[0] : "";
  Markup caption = element("b", label + of_scenario);
  if (!unit.empty() && unit != "share") caption << ours(" ") << element("span", unit);
  const size_t all = response.points.size() + response.left_out;
  if (response.left_out > 0) {
    caption << ours(" ")
            << element("span", fmt::format("the first {} of {} points are drawn",
                                           response.points.size(), all));
  }
  if (response.alone_left_out > 0) {
    caption << ours(" ")
            << element("span", fmt::format("{} changes that move it less are not drawn",
                                           response.alone_left_out));
  }
  const std::string told =
      rows.size() < all ? fmt::format("{}{}: the first {} of {} points; all are in sweep.csv",
                                      label, of_scenario, rows.size(), all)
                        : label + of_scenario;
  return report.figure("sweep",
                       {{"label", label + of_scenario},
                        {"unit", unit},
                        {"shape", name_of(response.shape)},
                        {"keys", keys},
                        {"scenarios", response.scenarios},
                        {"points", points},
                        {"changes", changes},
                        {"shown", response.shown},
                        {"told", response.told}},
                       caption, table(text(told), heads, rows));
}

/// Which keys each output goes with, where the points are a cloud.
Markup correlation_table(const Report& report, const std::vector<Response>& responses) {
  std::vector<Head> heads{{"Key", false}};
  std::vector<std::vector<Markup>> rows;
  for (const Response& response : responses) {
    if (response.shape != ResponseShape::scatter) continue;
    if (rows.empty()) {
      for (const SweptKey& key : response.keys) rows.push_back({code(key.name)});
    }
    for (size_t s = 0; s < response.scenarios.size(); ++s) {
      heads.push_back({report.label({response.variable, response.entity}) +
                       (response.scenarios.size() > 1 ? ", " + response.scenarios[s] : "")});
      for (size_t k = 0; k < rows.size(); ++k) {
        const double correlation = response.correlations[k][s];
        rows[k].push_back(
            text(std::isfinite(correlation) ? fmt::format("{:.2f}", correlation) : "–"));
      }
    }
  }
  if (rows.empty()) return {};
  return element("h3", "What each output goes with")
         << table(text("Rank correlation of the medians over the points with each key"), heads,
                  rows, "compared");
}

/// "A, B and C".
std::string listed(const std::vector<ComparedScenario>& scenarios) {
  std::string names;
  for (size_t s = 0; s < scenarios.size(); ++s) {
    if (s > 0) names += s + 1 == scenarios.size() ? " and " : ", ";
    names += scenarios[s].name;
  }
  return names;
}

/// What one comparison says of its scenarios; `run`: of joined runs the directory.
Markup paired(Report& report, const Compared& compared, const std::string& run) {
  if (compared.scenarios.size() < 2) return {};
  Markup body;
  if (!run.empty()) body << element("h3", "Run " + run);
  body << paragraph((run.empty() ? "All scenarios" : listed(compared.scenarios)) +
                    " were simulated on the same draws, so that differences are taken history by "
                    "history and are far less noisy than the scenarios themselves.")
       << compared_table(compared, report);
  Markup differences;
  for (const ComparedMeasure& measure : compared.measures) {
    differences << difference_figure(report, compared, measure);
  }
  if (differences.empty()) return body;
  return body << element("h3", "Differences to " + compared.scenarios[0].name)
              << paragraph(
                     "Dot: the mean difference, with its 90 % interval where that is wider "
                     "than the dot. Line: P5 to P95 of the differences over histories.")
              << element("div", {{"class", "multiples"}}, differences);
}

}  // namespace

Section comparison_section(Report& report) {
  Section section{"comparison", "Scenarios compared", {}};
  section.body << paired(report, report.result.compared, "");
  size_t comparisons = 0;
  for (const RunPart& part : report.result.parts) {
    section.body << paired(report, part.compared, part.directory);
    comparisons += part.compared.scenarios.size() >= 2;
  }
  if (section.body.empty() && report.scenarios.size() < 2) return section;
  if (report.result.parts.size() > 1) {
    section.body << paragraph(
        std::string(comparisons > 0 ? "Beyond the comparisons above scenarios" : "Scenarios") +
        " of different runs are not paired: their levels stand side by side, and differences "
        "between them have the noise of both runs.");
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
  for (const SweepTables& tables : sweeps_of(report.result)) {
    std::vector<Response> responses;
    for (const SweptOutput& output : swept_outputs(report.result, tables)) {
      for (Response& response : responses_of(tables, output)) {
        responses.push_back(std::move(response));
      }
    }
    Markup figures;
    for (const Response& response : responses) figures << response_figure(report, response);
    if (!tables.run.empty()) section.body << element("h3", "Run " + tables.run);
    Markup keys;
    const Table& sweep = *tables.sweep;
    for (size_t c = 0; c < sweep.column("scenario"); ++c) {
      if (sweep.columns[c].name == "point") continue;
      Markup item = code(sweep.columns[c].name);
      keys << element("li", item << text(" " + sweep.columns[c].meaning));
    }
    section.body << paragraph(
                        "The same draws at every point. Medians, with P5 to P95 where there is "
                        "room for it. What is varied:")
                 << element("ul", keys);
    const auto listed_points = [&](const Table& table, const std::string& caption) {
      return whole_table(table, caption, most_listed_points, [&](size_t column) {
        return column_heading(report.result, table, column);
      });
    };
    if (figures.empty()) {  // one point
      section.body << listed_points(sweep, "The sweep's point");
    } else {
      section.body << element("div", {{"class", "multiples"}}, figures)
                   << correlation_table(report, responses);
    }
    const std::string asked = sweep_table_name("sweep-questions", *tables.swept);
    if (const Table* questions = report.further(asked)) {
      section.body << details("Questions at each point",
                              listed_points(*questions, "Chance of each question"));
    }
  }
  return section;
}

}  // namespace fabcast::page
