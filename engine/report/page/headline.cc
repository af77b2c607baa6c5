/// The headline by year, and its fans by quarter.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/page/sections.h"

namespace fabcast::page {

namespace {

constexpr std::array quantiles{"p05", "p10", "p25", "p50", "p75", "p90", "p95"};
constexpr std::array quantile_heads{"P5", "P10", "P25", "P50", "P75", "P90", "P95"};

/// Years of the first scenario's headline; quarters where it is shorter than a year.
Names years_of(const Report& report) {
  Names years, others;
  for (const SeriesName& series : report.headline) {
    for (const Row* row : report.summary(report.scenarios[0], series)) {
      const std::string& period = report.period(*row);
      add_once(is_year(period) ? years : others, period);
    }
  }
  std::sort(years.begin(), years.end());
  return years.empty() ? others : years;
}

/// One output: its name over the years, then the medians with what 90 % of the trials lie in.
Markup output_rows(const Report& report, const SeriesName& series, const Names& periods) {
  const std::string unit = report.unit(series);
  Markup cells;
  for (const std::string& period : periods) {
    Markup cell = text("–");
    for (const Row* row : report.summary(report.scenarios[0], series)) {
      if (report.period(*row) != period) continue;
      const auto shown = [&](const char* column) {
        return value_text(report.statistic(*row, column), unit);
      };
      const std::string low = shown("p05"), high = shown("p95");
      cell = element("b", shown("p50"));
      const bool always = report.statistic(*row, "sd") == 0;
      const std::string alike = always ? "in all trials" : "in 9 of 10 trials or more";
      cell << ours(" ") << element("span", low == high ? alike : low + " to " + high);
    }
    cells << element("td", cell);
  }
  Markup name = text(report.label(series));
  if (!unit.empty() && unit != "share") {
    name << ours(" ") << element("span", {{"class", "unit"}}, text(unit));
  }
  name << ours(" ") << code(series.variable + " " + series.entity);
  const std::string columns = std::to_string(periods.size());
  return element("tbody",
                 element("tr", element("th", {{"scope", "rowgroup"}, {"colspan", columns}}, name))
                     << element("tr", cells));
}

/// What was observed of a series, by quarter; of a stock, at the end of a year, too.
Json observed_by_quarter(const Report& report, const SeriesName& series) {
  Json list = Json::array();
  const Table* table = report.further("observations");
  if (!table) return list;
  const size_t name = table->column("observation"), observed = table->column("observed"),
               error = table->column("relative_error"), observer = table->column("observer");
  const std::string start = series.variable + " " + series.entity + " ";
  for (const Row& row : table->rows) {
    const std::string& words = text_in(row[name]);
    if (!words.starts_with(start)) continue;
    std::string period = words.substr(start.size());
    const bool is_stock = report.of_a_period(series.variable) == "at the period's end";
    if (is_year(period) && is_stock) period += "Q4";
    if (!is_quarter(period)) continue;
    const double value = number_in(row[observed]), factor = 1 + number_in(row[error]);
    list.push_back({{"period", period},
                    {"value", number_of(value)},
                    {"lo", number_of(value / factor)},
                    {"hi", number_of(value * factor)},
                    {"of", text_in(row[observer])}});
  }
  return list;
}

/// A series by quarter: for the script, and as a table. Nothing where there are no quarters.
Markup fan(Report& report, const SeriesName& series) {
  const std::string unit = report.unit(series);
  const bool several = report.scenarios.size() > 1;
  Json scenarios = Json::array();
  std::vector<std::vector<Markup>> rows;
  for (const std::string& scenario : report.scenarios) {
    Json periods = Json::array();
    std::array<Json, quantiles.size()> values;
    for (const Row* row : report.summary(scenario, series)) {
      if (!is_quarter(report.period(*row))) continue;
      periods.push_back(report.period(*row));
      std::vector<Markup> cells{text(report.period(*row))};
      if (several) cells.insert(cells.begin(), text(scenario));
      for (size_t q = 0; q < quantiles.size(); ++q) {
        const double value = report.statistic(*row, quantiles[q]);
        values[q].push_back(number_of(value));
        // Of several scenarios the ends and the median alone: the table is long enough.
        const bool is_shown = !several || q % 3 == 0;
        if (is_shown) cells.push_back(text(value_text(value, unit)));
      }
      rows.push_back(std::move(cells));
    }
    if (periods.empty()) continue;
    Json one{{"name", scenario}, {"periods", periods}};
    for (size_t q = 0; q < quantiles.size(); ++q) one[quantiles[q]] = values[q];
    scenarios.push_back(std::move(one));
  }
  if (scenarios.empty()) return {};
  std::vector<Head> heads{{"Quarter", false}};
  if (several) heads.insert(heads.begin(), {"Scenario", false});
  for (size_t q = 0; q < quantiles.size(); ++q) {
    if (!several || q % 3 == 0) heads.push_back({quantile_heads[q]});
  }
  const std::string label = report.label(series);
  std::string of_a_period = report.of_a_period(series.variable);  // "sum over the period"
  const size_t place = of_a_period.find("period");
  if (place != std::string::npos) of_a_period.replace(place, 6, "quarter");
  const std::string what = unit.empty() || unit == "share" ? of_a_period
                           : of_a_period.empty()           ? unit
                                                           : unit + ", " + of_a_period;
  Markup caption = element("b", label);
  caption << ours(" ") << element("span", what);
  return report.figure("fan",
                       {{"label", label},
                        {"unit", unit},
                        {"scenarios", scenarios},
                        {"observed", observed_by_quarter(report, series)}},
                       caption, table(text(label + ": " + what), heads, rows));
}

}  // namespace

Section headline_section(const Report& report) {
  Section section{"headline", "Headline", {}};
  const Names periods = years_of(report);
  if (report.headline.empty() || periods.empty()) return section;
  section.body << paragraph(
      "In each cell the median over all simulated histories, and below it what 90 % of them lie "
      "in: one in twenty is lower, one in twenty higher. Flows are sums over the year, stocks "
      "stand "
      "at its end.");
  if (report.scenarios.size() > 1) {
    section.body << element(
        "p", text("Of the scenario ")
                 << element("b", report.scenarios[0])
                 << text(report.result.parts.empty() ? ", with which the others are compared below."
                                                     : "; the others stand below."));
  }
  Markup heads, groups;
  for (const std::string& period : periods) {
    heads << element("th", {{"scope", "col"}}, text(period));
  }
  for (const SeriesName& series : report.headline) groups << output_rows(report, series, periods);
  section.body << element("div", {{"class", "scroll"}},
                          element("table", {{"class", "headline"}},
                                  element("caption", "Median, and P5 to P95")
                                      << element("thead", element("tr", heads)) << groups));
  return section;
}

Section quarters_section(Report& report) {
  Section section{"quarters", "By quarter", {}};
  Markup fans;
  for (const SeriesName& series : report.headline) fans << fan(report, series);
  // Pods by the quarter of each design that comes to stand, beside those of the headline.
  for (const SeriesName& series : report.series_of("pods.deployed")) {
    const auto& headline = report.headline;
    if (std::find(headline.begin(), headline.end(), series) != headline.end()) continue;
    const auto& rows = report.summary(report.scenarios[0], series);
    const bool stands = std::any_of(rows.begin(), rows.end(), [&](const Row* row) {
      return report.statistic(*row, "p50") >= 1;
    });
    if (stands) fans << fan(report, series);
  }
  if (fans.empty()) return section;
  section.body << paragraph(
      "The line is the median. From dark to light: the bands that hold 50, 80 and 90 % of the "
      "histories of each quarter. A band joins quarters, not histories: no history follows its "
      "edge.");
  if (report.scenarios.size() > 1) {
    Markup options;
    for (const std::string& scenario : report.scenarios) {
      options << element("option", {{"value", scenario}}, text(scenario));
    }
    section.body << element("p", {{"class", "choose"}},
                            element("label", {{"for", "choose-fan"}}, text("Scenario ")) << element(
                                "select", {{"id", "choose-fan"}, {"data-choose", "fan"}}, options));
  }
  section.body << element("div", {{"class", "multiples"}}, fans);
  return section;
}

}  // namespace fabcast::page
