/// Dated questions: their chances, the distributions that they cut, and when they first hold.

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/page/sections.h"
#include "report/terminal.h"

namespace fabcast::page {

namespace {

/// A row of questions.csv by column name.
class Question {
 public:
  Question(const Table& table, const Row& row) : table_(table), row_(row) {}
  const std::string& word(std::string_view column) const {
    return text_in(row_[table_.column(column)]);
  }
  double number(std::string_view column) const { return number_in(row_[table_.column(column)]); }
  SeriesName series() const { return {word("variable"), word("entity")}; }
  bool is_at() const { return word("time") == "at"; }

  /// "at least 750k npus"
  std::string threshold() const {
    const std::string& sign = word("comparison");
    const char* words = sign == ">="   ? "at least"
                        : sign == ">"  ? "more than"
                        : sign == "<=" ? "at most"
                        : sign == "<"  ? "less than"
                                       : sign.c_str();
    return fmt::format("{} {}", words, limit());
  }
  /// "≥ 750k npus", where there is little room
  std::string short_threshold() const {
    const std::string& sign = word("comparison");
    return fmt::format("{} {}", sign == ">=" ? "≥" : sign == "<=" ? "≤" : sign, limit());
  }
  /// "750k npus"
  std::string limit() const {
    std::string value = with_unit(number("threshold"), word("unit"));
    // "1.00M npus" -> "1M npus", "1 pods" -> "1 pod"
    const size_t point = value.find('.'), end = value.find_first_not_of("0123456789.", point);
    if (point != std::string::npos) {
      size_t last = std::min(end, value.size());
      while (value[last - 1] == '0') value.erase(--last, 1);
      if (value[last - 1] == '.') value.erase(last - 1, 1);
    }
    if (value.starts_with("1 ") && value.ends_with('s')) value.pop_back();
    return value;
  }
  bool is_milestone() const { return word("question").starts_with("milestone."); }
  /// What it is about: several questions may be about one series.
  std::string about(const Report& report) const {
    return is_milestone() ? "Milestones" : report.label(series());
  }
  /// What is asked of that, without a date.
  std::string asked() const {
    return is_milestone() ? fmt::format("{} ({})", word("entity"), word("text")) : threshold();
  }
  /// "in 2026", "by 2027-12"
  std::string time() const {
    const std::string &from = word("from"), &to = word("to");
    if (!is_at()) return "by " + to;
    if (from == to) return "in " + to;
    const bool same_year = from.substr(0, 4) == to.substr(0, 4);
    if (same_year && from.ends_with("-01") && to.ends_with("-12")) return "in " + to.substr(0, 4);
    return fmt::format("in {} to {}", from, to);
  }
  /// The year at whose end or in which it is asked, "" where it is another period.
  std::string year(bool is_stock) const {
    const std::string &from = word("from"), &to = word("to");
    if (!to.ends_with("-12")) return "";
    const bool whole_year = from == to.substr(0, 4) + "-01";
    return (is_at() && whole_year) || is_stock ? to.substr(0, 4) : "";
  }

 private:
  const Table& table_;
  const Row& row_;
};

std::vector<Question> questions_of(const Report& report, const std::string& scenario) {
  std::vector<Question> all;
  const Table& table = report.result.questions;
  for (const Row& row : table.rows) {
    if (text_in(row[table.column("scenario")]) == scenario) all.emplace_back(table, row);
  }
  return all;
}

/// A chance as a bar, with its interval as a line across the end.
Markup chance_bar(double chance, double low, double high) {
  if (!std::isfinite(chance)) return {};
  return ours(fmt::format(
      R"(<svg class="bar" viewBox="0 0 104 12" width="104" height="12" aria-hidden="true">)"
      R"(<rect class="track" x="2" y="2" width="100" height="8"/>)"
      R"(<rect class="share" x="2" y="2" width="{:.1f}" height="8"/>)"
      R"(<path class="reach" d="M{:.1f} 6H{:.1f}"/></svg>)",
      100 * chance, 2 + 100 * low, 2 + 100 * high));
}

/// "2027-10", "after 2028-12"
Markup month(const std::string& told) { return text(told.empty() ? "–" : told); }

Markup questions_table(const Report& report, const std::string& scenario) {
  const Table& from = report.result.questions;
  const bool compared = std::any_of(from.columns.begin(), from.columns.end(),
                                    [](const Column& c) { return c.name == "difference"; }) &&
                        scenario != report.scenarios[0];
  std::vector<Head> heads{
      {"Question", false}, {"Chance"}, {"0 to 100 %", false}, {"90 % interval"}};
  if (compared) heads.push_back({"Points against " + report.scenarios[0]});
  for (const char* level : {"First holds, P5", "P50", "P95"}) heads.push_back({level});
  // Questions about one series stand together, in the order of the first.
  const std::vector<Question> questions = questions_of(report, scenario);
  Names abouts;
  for (const Question& question : questions) add_once(abouts, question.about(report));
  Markup groups;
  for (const std::string& about : abouts) {
    Markup name = text(about), rows;
    for (const Question& question : questions) {
      if (question.about(report) != about) continue;
      const SeriesName series = question.series();
      if (rows.empty() && !question.is_milestone()) {
        name << ours(" ") << code(series.variable + " " + series.entity);
      }
      const double chance = question.number("estimate"), low = question.number("lo"),
                   high = question.number("hi");
      std::vector<Markup> cells{
          text(question.is_milestone() ? question.asked()
                                       : question.asked() + " " + question.time()),
          element("b", chance_text(chance)), chance_bar(chance, low, high),
          text(fmt::format("{:.1f} to {:.1f} %", 100 * low, 100 * high))};
      if (compared) {
        const double difference = 100 * question.number("difference");
        cells.push_back(text(std::isfinite(difference)
                                 ? fmt::format("{:+.1f} ({:+.1f} to {:+.1f})", difference,
                                               100 * question.number("difference_lo"),
                                               100 * question.number("difference_hi"))
                                 : "–"));
      }
      for (const char* level : {"first_p05", "first_p50", "first_p95"}) {
        cells.push_back(month(question.word(level)));
      }
      rows << table_row(heads, cells);
    }
    const std::string columns = std::to_string(heads.size());
    groups << element(
        "tbody", element("tr", element("th", {{"scope", "rowgroup"}, {"colspan", columns}}, name))
                     << rows);
  }
  return table_of_groups(text(report.title_of(scenario)), heads, groups, "questions");
}

/// Chances given each view.
Markup given_views(const Report& report) {
  const Table& table_of = report.result.questions;
  std::vector<Head> heads{{"Question", false}, {"All"}};
  std::vector<std::string> columns{"estimate"};
  for (const Column& column : table_of.columns) {
    if (!column.name.starts_with("given ") || column.name.ends_with("_lo") ||
        column.name.ends_with("_hi")) {
      continue;
    }
    heads.push_back({column.name.substr(6)});
    columns.push_back(column.name);
  }
  if (columns.size() == 1) return {};
  std::vector<std::vector<Markup>> rows;
  for (const Question& question : questions_of(report, report.scenarios[0])) {
    std::vector<Markup> cells{text(question.word("text"))};
    for (const std::string& column : columns) {
      cells.push_back(text(chance_text(question.number(column))));
    }
    rows.push_back(std::move(cells));
  }
  return details(
      "Chances given each view",
      table(text("Share of the trials that follow a view in which it holds"), heads, rows));
}

/// Curves of one headline output by year, and the thresholds that questions set to it.
Markup exceedance_figure(Report& report, const SeriesName& series) {
  const Table& table_of = report.result.exceedance;
  const size_t scenario = table_of.column("scenario"), variable = table_of.column("variable"),
               entity = table_of.column("entity"), period = table_of.column("period"),
               probability = table_of.column("probability"), value = table_of.column("value");
  struct Curve {
    std::vector<std::pair<double, double>> points;  ///< chance, value reached
  };
  std::vector<std::pair<std::string, Curve>> curves;
  for (const Row& row : table_of.rows) {
    if (text_in(row[scenario]) != report.scenarios[0] ||
        text_in(row[variable]) != series.variable || text_in(row[entity]) != series.entity) {
      continue;
    }
    if (curves.empty() || curves.back().first != text_in(row[period])) {
      curves.emplace_back(text_in(row[period]), Curve{});
    }
    curves.back().second.points.emplace_back(number_in(row[probability]), number_in(row[value]));
  }
  // A year in which nothing can be reached has no curve.
  std::erase_if(curves, [](const auto& curve) {
    return std::all_of(curve.second.points.begin(), curve.second.points.end(),
                       [](const auto& point) { return point.second == 0; });
  });
  if (curves.empty()) return {};
  const std::string unit = report.unit(series);
  Json drawn = Json::array();
  std::vector<Head> heads{{"Year", false}};
  constexpr std::array shown{0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01};
  for (double chance : shown) heads.push_back({fmt::format("{:.0f} %", 100 * chance)});
  std::vector<std::vector<Markup>> rows;
  for (const auto& [year, curve] : curves) {
    Json chances = Json::array(), values = Json::array();
    std::vector<Markup> cells{text(year)};
    for (const auto& [chance, reached] : curve.points) {
      chances.push_back(number_of(chance));
      values.push_back(number_of(reached));
    }
    for (double chance : shown) {
      double reached = NAN;
      for (const auto& point : curve.points) {
        if (std::abs(point.first - chance) < 1e-9) reached = point.second;
      }
      cells.push_back(text(value_text(reached, unit)));
    }
    rows.push_back(std::move(cells));
    drawn.push_back({{"year", year}, {"chances", chances}, {"values", values}});
  }
  Json marks = Json::array();
  const bool is_stock = report.of_a_period(series.variable) == "at the period's end";
  for (const Question& question : questions_of(report, report.scenarios[0])) {
    const std::string year = question.year(is_stock);
    if (!(question.series() == series) || year.empty()) continue;
    marks.push_back({{"year", year},
                     {"threshold", number_of(question.number("threshold"))},
                     {"comparison", question.word("comparison")},
                     {"chance", number_of(question.number("estimate"))},
                     {"words", fmt::format("{} {}: {}", question.threshold(), question.time(),
                                           chance_text(question.number("estimate")))}});
  }
  const std::string label = report.label(series);
  Markup caption = element("b", label);
  if (!unit.empty() && unit != "share") caption << ours(" ") << element("span", unit);
  return report.figure(
      "exceedance", {{"label", label}, {"unit", unit}, {"curves", drawn}, {"marks", marks}},
      caption, table(text("Value reached or exceeded with a chance of"), heads, rows));
}

/// A question of a date by which, without its date: what the months of first holding are of.
struct Dated {
  std::string name, label, short_label, group;
  std::string first[3];  ///< P5, P50, P95
  Names months;
  std::vector<double> cumulative, low, high;
};

/// Of the first scenario; questions that differ in their date alone are one.
std::vector<Dated> dated_of(const Report& report) {
  std::vector<Dated> all;
  std::map<std::string, size_t> known;
  const Table& crossings = report.result.crossings;
  if (crossings.rows.empty()) return all;
  const size_t scenario = crossings.column("scenario"), name = crossings.column("question"),
               month = crossings.column("month"), cumulative = crossings.column("cumulative"),
               low = crossings.column("lo"), high = crossings.column("hi");
  for (const Question& question : questions_of(report, report.scenarios[0])) {
    if (question.is_at()) continue;
    const std::string group = question.about(report);
    const std::string label = group + ", " + question.asked();
    if (!known.emplace(label, all.size()).second) continue;
    Dated dated;
    dated.name = question.word("question");
    dated.label = question.asked();
    dated.short_label =
        question.is_milestone() ? question.word("entity") : question.short_threshold();
    dated.group = group;
    constexpr std::array levels{"first_p05", "first_p50", "first_p95"};
    for (size_t i = 0; i < levels.size(); ++i) dated.first[i] = question.word(levels[i]);
    for (const Row& row : crossings.rows) {
      if (text_in(row[scenario]) != report.scenarios[0] || text_in(row[name]) != dated.name ||
          !is_month(text_in(row[month]))) {
        continue;
      }
      dated.months.push_back(text_in(row[month]));
      dated.cumulative.push_back(number_in(row[cumulative]));
      dated.low.push_back(number_in(row[low]));
      dated.high.push_back(number_in(row[high]));
    }
    if (!dated.months.empty()) all.push_back(std::move(dated));
  }
  return all;
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (double value : values) list.push_back(number_of(value));
  return list;
}

}  // namespace

Section questions_section(const Report& report) {
  Section section{"questions", "Questions", {}};
  if (report.result.questions.rows.empty()) return section;
  section.body << paragraph(fmt::format(
      "The chance of each is the share of histories in which it holds; the interval is that of the "
      "simulation alone (90 %, it narrows with more trials) and says nothing of whether the inputs "
      "are right. A flow by a date is its sum since {}; in a period, over that period alone.",
      report.result.provenance.first_month));
  section.body << questions_table(report, report.scenarios[0]);
  section.body << given_views(report);
  for (size_t s = 1; s < report.scenarios.size(); ++s) {
    section.body << details(
        fmt::format("{}: {}", report.scenarios[s], report.title_of(report.scenarios[s])),
        questions_table(report, report.scenarios[s]));
  }
  return section;
}

Section exceedance_section(Report& report) {
  Section section{"exceedance", "Chance to exceed", {}};
  if (report.result.exceedance.rows.empty()) return section;
  Markup figures;
  for (const SeriesName& series : report.headline) figures << exceedance_figure(report, series);
  if (figures.empty()) return section;
  section.body << paragraph(
      "The chance that a value is reached or exceeded, one curve a year. Dots mark the thresholds "
      "of the questions above, with their chance.");
  section.body << element("div", {{"class", "multiples"}}, figures);
  return section;
}

Section dates_section(Report& report) {
  Section section{"dates", "Pods and milestones: when", {}};
  const std::vector<Dated> all = dated_of(report);
  if (all.empty()) return section;
  Json rows = Json::array();
  std::vector<std::vector<Markup>> cells;
  for (const Dated& dated : all) {
    rows.push_back({{"label", dated.label},
                    {"group", dated.group},
                    {"p05", dated.first[0]},
                    {"p50", dated.first[1]},
                    {"p95", dated.first[2]}});
    Markup name = text(dated.group + ", ");
    cells.push_back({name << element("b", dated.label), month(dated.first[0]),
                     month(dated.first[1]), month(dated.first[2]),
                     text(chance_text(dated.cumulative.back()))});
  }
  const std::string last = all[0].months.back();
  section.body << paragraph(
      "The month in which each first holds: in one history of twenty it does by the early end of "
      "the line, in half of them by the dot, in nineteen of twenty by its late end. An arrow: not "
      "by the end of the run.");
  section.body << report.figure(
      "dates", {{"first", all[0].months.front()}, {"last", last}, {"rows", rows}},
      element("b", "First month, P5 – P50 – P95"),
      table(text("First month in which it holds"),
            {{"What", false}, {"P5"}, {"P50"}, {"P95"}, {"Chance by " + last}}, cells));

  Names groups;
  for (const Dated& dated : all) add_once(groups, dated.group);
  Markup figures;
  for (const std::string& group : groups) {
    Json lines = Json::array();
    std::vector<Head> heads{{"By the end of", false}};
    std::vector<std::vector<Markup>> table_rows;
    for (const Dated& dated : all) {
      if (dated.group != group) continue;
      lines.push_back({{"label", dated.short_label},
                       {"months", dated.months},
                       {"cumulative", numbers(dated.cumulative)},
                       {"lo", numbers(dated.low)},
                       {"hi", numbers(dated.high)}});
      heads.push_back({dated.short_label});
      size_t line = 0;
      for (size_t m = 0; m < dated.months.size(); ++m) {
        // Each third month: the chart has them all.
        if ((dated.months.size() - 1 - m) % 3 != 0) continue;
        if (line == table_rows.size()) table_rows.push_back({text(dated.months[m])});
        table_rows[line++].push_back(text(chance_text(dated.cumulative[m])));
      }
    }
    figures << report.figure("crossing", {{"label", group}, {"lines", lines}}, element("b", group),
                             table(text("Chance that it has held by then"), heads, table_rows));
  }
  section.body << element("h3", "Chance by month")
               << paragraph(
                      "The share of histories in which it has held by the month; the band is "
                      "the 90 % interval of the simulation.")
               << element("div", {{"class", "multiples"}}, figures);
  return section;
}

}  // namespace fabcast::page
