#include "report/page/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "report/terminal.h"

namespace fabcast::page {

bool is_year(std::string_view period) { return period.size() == 4; }
bool is_quarter(std::string_view period) { return period.size() == 6 && period[4] == 'Q'; }
bool is_month(std::string_view period) { return period.size() == 7 && period[4] == '-'; }

void add_once(Names& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Json number_of(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::floor(value) && std::abs(value) < 1e5) return static_cast<long long>(value);
  const std::string rounded = fmt::format("{:.5g}", value);
  double result = 0;
  std::from_chars(rounded.data(), rounded.data() + rounded.size(), result);
  return result;
}

std::string value_text(double value, std::string_view unit) {
  if (!std::isfinite(value)) return "–";
  const std::string text =
      unit == "share" ? fmt::format("{:.1f} %", 100 * value) : short_number(value);
  return text.starts_with('-') ? "−" + text.substr(1) : text;
}

std::string with_unit(double value, std::string_view unit) {
  const std::string text = value_text(value, unit);
  return unit.empty() || unit == "share" ? text : fmt::format("{} {}", text, unit);
}

std::string chance_text(double probability) {
  if (!std::isfinite(probability)) return "–";
  if (probability > 0 && probability < 0.0005) return "< 0.1 %";
  if (probability < 1 && probability > 0.9995) return "> 99.9 %";
  return fmt::format("{:.1f} %", 100 * probability);
}

Report::Report(const RunResult& from) : result(from) {
  const Table& table = from.summary;
  for (size_t c = 0; c < table.columns.size(); ++c) columns_[table.columns[c].name] = c;
  for (const VariableMeaning& variable : from.provenance.variables) {
    variables_[variable.variable] = &variable;
  }
  if (!table.columns.empty()) {
    const size_t scenario = table.column("scenario"), variable = table.column("variable"),
                 entity = table.column("entity");
    for (const Row& row : table.rows) {
      add_once(scenarios, text_in(row[scenario]));
      const SeriesName series{text_in(row[variable]), text_in(row[entity])};
      if (order_.empty() || !(order_.back() == series)) {
        if (std::find(order_.begin(), order_.end(), series) == order_.end()) {
          order_.push_back(series);
        }
      }
      summary_[text_in(row[scenario])][series].push_back(&row);
    }
  }
  if (scenarios.empty() && !from.inputs.columns.empty()) {  // a sweep's
    for (const Row& row : from.inputs.rows) {
      add_once(scenarios, text_in(row[from.inputs.column("scenario")]));
    }
  }
  if (scenarios.empty()) scenarios.push_back(from.provenance.scenario);
  for (const auto& [variable, entity] : from.headline) {
    if (!summary(scenarios[0], {variable, entity}).empty()) headline.push_back({variable, entity});
  }
}

const std::vector<const Row*>& Report::summary(const std::string& scenario,
                                               const SeriesName& series) const {
  static const std::vector<const Row*> none;
  const auto of_scenario = summary_.find(scenario);
  if (of_scenario == summary_.end()) return none;
  const auto found = of_scenario->second.find(series);
  return found == of_scenario->second.end() ? none : found->second;
}

double Report::statistic(const Row& row, std::string_view column) const {
  const auto found = columns_.find(column);
  return found == columns_.end() ? NAN : number_in(row[found->second]);
}

const std::string& Report::period(const Row& row) const {
  return text_in(row[columns_.find("period")->second]);
}

std::string Report::unit(const SeriesName& series) const {
  for (const auto& [scenario, all] : summary_) {
    const auto found = all.find(series);
    if (found != all.end()) return text_in((*found->second[0])[columns_.find("unit")->second]);
  }
  const auto known = variables_.find(series.variable);
  return known == variables_.end() ? "" : known->second->unit;
}

std::vector<SeriesName> Report::series_of(const std::string& variable) const {
  std::vector<SeriesName> found;
  for (const SeriesName& series : order_) {
    if (series.variable == variable) found.push_back(series);
  }
  return found;
}

const Table* Report::further(std::string_view name) const {
  for (const Table& table : result.further) {
    if (table.name == name && !table.rows.empty()) return &table;
  }
  return nullptr;
}

std::string Report::words(const std::string& variable) const {
  const auto known = variables_.find(variable);
  if (known == variables_.end()) return variable;
  const std::string& all = known->second->meaning;
  // "NPUs put to work since the first month, in cards, …": what stands before the first stop.
  const std::string first = all.substr(0, all.find_first_of(":;,("));
  const size_t end = first.find_last_not_of(' ');
  return end == std::string::npos ? variable : first.substr(0, end + 1);
}

std::string Report::of_a_period(const std::string& variable) const {
  const auto known = variables_.find(variable);
  if (known == variables_.end()) return "";
  // "NPUs shipped; sum over the period"
  const size_t last = known->second->meaning.rfind("; ");
  return last == std::string::npos ? "" : known->second->meaning.substr(last + 2);
}

std::string Report::label(const SeriesName& series) const {
  return series.entity.empty() ? words(series.variable)
                               : fmt::format("{}, {}", words(series.variable), series.entity);
}

std::string Report::title_of(const std::string& scenario) const {
  for (const ComparedScenario& compared : result.compared.scenarios) {
    if (compared.name == scenario && !compared.title.empty()) return compared.title;
  }
  for (const RunPart& part : result.parts) {
    for (const ComparedScenario& compared : part.compared.scenarios) {
      if (compared.name == scenario && !compared.title.empty()) return compared.title;
    }
  }
  const Provenance& provenance = result.provenance;
  const bool is_own = scenario == provenance.scenario && !provenance.title.empty();
  return is_own ? provenance.title : scenario;
}

Markup Report::figure(const char* kind, const Json& data, const Markup& caption,
                      const Markup& table) {
  Json& of_kind = data_[kind];
  const std::string index = std::to_string(of_kind.size());
  of_kind.push_back(data);
  return element("figure", {{"data-chart", kind}, {"data-index", index}},
                 element("figcaption", caption)
                     << element("div", {{"class", "chart"}}, Markup())
                     << (table.empty() ? Markup() : details("Data", table)));
}

Markup table_row(const std::vector<Head>& heads, const std::vector<Markup>& cells) {
  Markup row;
  for (size_t c = 0; c < cells.size(); ++c) {
    const char* is_number = c < heads.size() && heads[c].is_number ? "class" : "";
    row << (c == 0 ? element("th", {{"scope", "row"}}, cells[c])
                   : element("td", {{is_number, "n"}}, cells[c]));
  }
  return element("tr", row) << ours("\n");
}

Markup table_of_groups(const Markup& caption, const std::vector<Head>& heads, const Markup& groups,
                       const char* kind) {
  Markup head;
  for (const Head& each : heads) {
    head << element("th", {{"scope", "col"}, {each.is_number ? "class" : "", "n"}},
                    text(each.name));
  }
  // Wide tables move sideways in their own box.
  return element(
      "div", {{"class", "scroll"}},
      element("table", {{*kind ? "class" : "", kind}},
              element("caption", caption) << element("thead", element("tr", head)) << groups));
}

Markup table(const Markup& caption, const std::vector<Head>& heads,
             const std::vector<std::vector<Markup>>& rows, const char* kind) {
  Markup body;
  for (const auto& row : rows) body << table_row(heads, row);
  return table_of_groups(caption, heads, element("tbody", body), kind);
}

Markup details(const std::string& summary, const Markup& inside) {
  return element("details", element("summary", summary) << inside);
}

Markup whole_table(const Table& from, const std::string& caption, size_t most_rows,
                   const std::function<std::string(size_t)>& heading) {
  std::vector<Head> heads;
  std::vector<bool> shares;
  // Of numbers: holds one, and no text. An empty text reads back from a file as an empty cell.
  const auto is_number = [&](size_t c) {
    bool any = false;
    for (const Row& row : from.rows) {
      if (!text_in(row[c]).empty()) return false;
      any |= !std::isnan(number_in(row[c]));
    }
    return any;
  };
  for (size_t c = 0; c < from.columns.size(); ++c)
    heads.push_back({heading ? heading(c) : from.columns[c].name, is_number(c)});
  std::vector<std::vector<Markup>> rows;
  for (const Row& row : from.rows) {
    if (rows.size() == most_rows) break;
    std::vector<Markup> cells;
    for (const Cell& cell : row) {
      const std::string* words = std::get_if<std::string>(&cell);
      const double value = number_in(cell);
      cells.push_back(text(words ? *words : std::isfinite(value) ? value_text(value, "") : ""));
    }
    rows.push_back(std::move(cells));
  }
  std::string told = caption;
  if (from.rows.size() > most_rows) {
    told += fmt::format(". The first {} of {} rows; all are in {}.csv", most_rows, from.rows.size(),
                        from.name);
  }
  return table(text(told), heads, rows);
}

Markup paragraph(std::string_view words) { return element("p", words); }
Markup code(std::string_view words) { return element("code", words); }

}  // namespace fabcast::page
