/// What decides the results: inputs by rank correlation, observations, views, and the further
/// tables that were asked for.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/page/sections.h"
#include "report/response.h"

namespace fabcast::page {

namespace {

constexpr size_t most_inputs = 10;
constexpr double least_correlation = 0.03;  ///< below it hardly more than the noise of 5,000 trials

Markup tornado(Report& report, const Column& column, size_t c) {
  constexpr std::string_view start = "rank_correlation ";
  const Table& inputs = report.result.inputs;
  const size_t key = inputs.column("key"), scenario = inputs.column("scenario");
  std::vector<std::pair<double, std::string>> found;
  for (const Row& row : inputs.rows) {
    const double correlation = number_in(row[c]);
    if (text_in(row[scenario]) != report.scenarios[0] || !std::isfinite(correlation)) continue;
    if (std::abs(correlation) >= least_correlation) {
      found.emplace_back(correlation, text_in(row[key]));
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::abs(a.first) > std::abs(b.first);
  });
  if (found.size() > most_inputs) found.resize(most_inputs);
  if (found.empty()) return {};
  Json rows = Json::array();
  std::vector<std::vector<Markup>> cells;
  for (const auto& [correlation, name] : found) {
    rows.push_back({{"key", name}, {"correlation", number_of(correlation)}});
    cells.push_back({code(name), text(fmt::format("{:+.2f}", correlation))});
  }
  const std::string of = column.name.substr(start.size());
  const size_t space = of.find(' ');
  const std::string label =
      report.label({of.substr(0, space), space == std::string::npos ? "" : of.substr(space + 1)});
  return report.figure(
      "tornado", {{"label", label}, {"rows", rows}}, element("b", label),
      table(text("Rank correlation with " + of), {{"Input", false}, {"Rank correlation"}}, cells));
}

/// "381k (190k to 715k)" from a row of a table of statistics.
Markup median_and_reach(const Table& from, const Row& row, const std::string& unit) {
  const auto shown = [&](const char* column) {
    return value_text(number_in(row[from.column(column)]), unit);
  };
  Markup cell = element("b", shown("p50"));
  return cell << text(fmt::format(" ({} to {})", shown("p05"), shown("p95")));
}

/// The headline by year given each view, one table an output.
Markup given_views(const Report& report, const Table& views) {
  const size_t scenario = views.column("scenario"), group = views.column("group"),
               view = views.column("view"), variable = views.column("variable"),
               entity = views.column("entity"), period = views.column("period");
  Markup tables;
  for (const SeriesName& series : report.headline) {
    std::vector<Head> heads{{"View", false}};
    Names years;
    std::vector<std::pair<std::string, std::vector<Markup>>> rows;
    for (const Row& row : views.rows) {
      if (text_in(row[scenario]) != report.scenarios[0] ||
          text_in(row[variable]) != series.variable || text_in(row[entity]) != series.entity ||
          !is_year(text_in(row[period]))) {
        continue;
      }
      add_once(years, text_in(row[period]));
      const std::string name = text_in(row[group]) + " = " + text_in(row[view]);
      if (rows.empty() || rows.back().first != name) rows.push_back({name, {code(name)}});
      rows.back().second.push_back(median_and_reach(views, row, report.unit(series)));
    }
    if (rows.empty()) continue;
    for (const std::string& year : years) heads.push_back({year});
    std::vector<std::vector<Markup>> cells;
    for (auto& [name, row] : rows) cells.push_back(std::move(row));
    const std::string label = report.label(series);
    tables << details(label,
                      table(text(label + ": median (P5 to P95) given each view"), heads, cells));
  }
  return tables;
}

/// What one percent more of each resource adds by the last year.
Markup relaxed(const Report& report, const Table& relax) {
  const size_t resource = relax.column("resource"), entity = relax.column("entity"),
               period = relax.column("period"), npus = relax.column("npus"),
               gain = relax.column("gain"), low = relax.column("gain_lo"),
               high = relax.column("gain_hi"), elasticity = relax.column("elasticity");
  Names shown{"national"};
  for (const std::string& product : report.result.headline_products) shown.push_back(product);
  const std::string last = text_in(relax.rows.back()[period]);
  std::vector<std::vector<Markup>> rows;
  for (const std::string& name : shown) {
    for (const Row& row : relax.rows) {
      if (text_in(row[entity]) != name || text_in(row[period]) != last) continue;
      const auto number = [&](size_t column) { return value_text(number_in(row[column]), ""); };
      const double percent = number_in(row[elasticity]);
      rows.push_back({text(name), text(text_in(row[resource])), text(number(npus)),
                      element("b", number(gain)), text(number(low) + " to " + number(high)),
                      text(std::isfinite(percent) ? fmt::format("{:.2f} %", percent) : "–")});
    }
  }
  return table(text("What 1 % more of a resource is worth, in NPUs by the end of " + last),
               {{"Of", false},
                {"1 % more", false},
                {"NPUs"},
                {"Gain"},
                {"90 % interval"},
                {"Gain in percent"}},
               rows);
}

}  // namespace

Section decides_section(Report& report) {
  Section section{"decides", "What decides it", {}};
  const Table& inputs = report.result.inputs;
  if (inputs.rows.empty()) return section;
  Markup figures;
  std::string meaning;
  for (size_t c = 0; c < inputs.columns.size(); ++c) {
    if (!inputs.columns[c].name.starts_with("rank_correlation ")) continue;
    figures << tornado(report, inputs.columns[c], c);
    meaning = inputs.columns[c].meaning;
  }
  if (!figures.empty()) {
    section.body << paragraph(
        "The uncertain inputs that go most with each output: rank correlation, from −1 to 1. A bar "
        "to the right: more of the input goes with more of the output. (" +
        meaning + ".)");
    section.body << element("div", {{"class", "multiples"}}, figures);
  }
  if (const Table* relax = report.further("relax")) {
    section.body << element("h3", "What one percent more is worth") << relaxed(report, *relax);
  }
  return section;
}

Section observations_section(Report& report) {
  Section section{"observations", "Observed and simulated", {}};
  if (const Table* observed = report.further("observations")) {
    const auto column = [&](const char* name) { return observed->column(name); };
    Json rows = Json::array();
    std::vector<std::vector<Markup>> cells;
    for (const Row& row : observed->rows) {
      const auto number = [&](const char* name) { return number_in(row[column(name)]); };
      const std::string& unit = text_in(row[column("unit")]);
      Json one{{"label", text_in(row[column("observation")])},
               {"observer", text_in(row[column("observer")])},
               {"unit", unit}};
      for (const char* name : {"observed", "relative_error", "prior_p05", "prior_p50", "prior_p95",
                               "p05", "p50", "p95"}) {
        one[name] = number_of(number(name));
      }
      rows.push_back(std::move(one));
      const auto shown = [&](const char* name) { return value_text(number(name), unit); };
      cells.push_back({code(text_in(row[column("observation")])),
                       text(text_in(row[column("observer")])),
                       element("b", with_unit(number("observed"), unit)),
                       text(fmt::format("{:.0f} %", 100 * number("relative_error"))),
                       text(fmt::format("{} ({} to {})", shown("prior_p50"), shown("prior_p05"),
                                        shown("prior_p95"))),
                       text(fmt::format("{} ({} to {})", shown("p50"), shown("p05"), shown("p95"))),
                       text(value_text(number("ess_without"), ""))});
    }
    section.body << paragraph(
        "Each count that was observed, and what the histories say of it. The diamond is the "
        "observation with its standard error; the broken line below it P5 to P95 before the "
        "histories are weighted by all counts; the thick line the same after it, with the median "
        "as "
        "a dot. The scale is relative to what was observed: at 1 both agree.");
    section.body << report.figure("observed", {{"rows", rows}},
                                  element("b", "Simulated over observed"),
                                  table(text("Median (P5 to P95) of the histories"),
                                        {{"Observation", false},
                                         {"Observer", false},
                                         {"Observed"},
                                         {"Error"},
                                         {"Before"},
                                         {"After"},
                                         {"Effective trials without it"}},
                                        cells));
  }
  if (const Table* backtest = report.further("backtest")) {
    section.body << whole_table(*backtest, "Backtest: each count forecast from the others");
  }
  return section;
}

Section views_section(const Report& report) {
  Section section{"views", "Views and their weights", {}};
  if (report.result.views.empty()) return section;
  std::vector<std::vector<Markup>> rows;
  const bool several = !report.result.views[0].scenario.empty();  // of joined runs
  for (const ViewShare& view : report.result.views) {
    const std::string group = view.group.empty() ? "view" : "view." + view.group;
    Markup bar = ours(fmt::format(
        R"(<svg class="bar" viewBox="0 0 104 12" width="104" height="12" aria-hidden="true">)"
        R"(<rect class="track" x="2" y="2" width="100" height="8"/>)"
        R"(<rect class="share" x="2" y="2" width="{:.1f}" height="8"/></svg>)",
        100 * (std::isfinite(view.share) ? view.share : 0)));
    auto& row = rows.emplace_back();
    if (several) row.push_back(text(view.scenario));
    for (const Markup& cell :
         {code(group), text(view.view), text(fmt::format("{:.1f} %", 100 * view.weight)),
          element("b", fmt::format("{:.1f} %", 100 * view.share)), bar}) {
      row.push_back(cell);
    }
  }
  section.body << paragraph(
      report.result.weighted
          ? "Where sources contradict each other the scenario follows each view in its share of "
            "the "
            "histories. The weight is what the scenario gives it; the share is what is left of it "
            "after the histories were weighted by what was observed."
          : "Where sources contradict each other the scenario follows each view in its share of "
            "the "
            "histories.");
  std::vector<Head> heads{
      {"Group", false}, {"View", false}, {"Weight"}, {"Share"}, {"0 to 100 %", false}};
  if (several) heads.insert(heads.begin(), {"Scenario", false});
  section.body << table(text(several ? "Views of the (first) scenario of each run"
                                     : "Views of the scenario " + report.scenarios[0]),
                        heads, rows);
  if (const Table* views = report.further("views")) {
    const Markup tables = given_views(report, *views);
    if (!tables.empty()) section.body << element("h3", "The headline given each view") << tables;
  }
  return section;
}

Section further_section(const Report& report) {
  Section section{"further", "Further tables", {}};
  // Those that a section of their own shows.
  constexpr std::array<std::string_view, 6> shown{"compare",      "asked", "views",
                                                  "observations", "relax", "backtest"};
  for (const Table& table : report.result.further) {
    if (std::find(shown.begin(), shown.end(), table.name) != shown.end() ||
        is_sweep_table(table.name) || table.rows.empty()) {
      continue;
    }
    section.body << details(table.name, whole_table(table, table.name));
  }
  return section;
}

}  // namespace fabcast::page
