#include "report/xlsx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "report/heading.h"
#include "report/response.h"
#include "report/workbook.h"
#include "report/xlsx_charts.h"
#include "report/xlsx_style.h"

namespace fabcast {

namespace {

/// A sheet takes 1,048,576 rows; so many are more than anybody reads, and the CSV has all.
constexpr size_t most_rows = 200'000;

/// Variables of the summary by what stands before their point.
struct Group {
  std::string_view sheet;
  std::initializer_list<std::string_view> stages;
};
const std::array<Group, 9> groups{
    Group{"Wafers", {"wafer", "defect"}},
    Group{"Dies", {"die", "bin"}},
    Group{"Memory and packaging", {"memory", "packaging", "packages"}},
    Group{"NPUs", {"npus", "units"}},
    Group{"Pods", {"pods", "clusters", "milestone"}},
    Group{"Demand", {"demand", "delivered", "gap", "backlog"}},
    Group{"Compute", {"compute", "bandwidth", "power", "equivalents", "training"}},
    Group{"Revenue", {"revenue"}},
    Group{"Events", {"event"}}};
constexpr std::string_view other_sheet = "Other";

/// Sheets of the tables; another is named as it is.
std::string sheet_of_table(const std::string& table) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> names{
      std::pair{"asked", "Asked of the difference"},
      {"backtest", "Backtest"},
      {"backtest-summary", "Backtest scores"},
      {"compare", "Compare"},
      {"crossings", "When questions hold"},
      {"relax", "What 1 % more is worth"},
      {"sweep", "Sweep"},
      {"sweep-wide", "Sweep, wide"},
      {"sweep-questions", "Sweep, questions"},
      {"runs", "Runs"}};
  // Of joined sweeps: "sweep-wide (results/a)", of which the directory's last name tells enough.
  const size_t run =
      table.starts_with("sweep") ? std::min(table.find(" ("), table.size()) : table.size();
  for (const auto& [name, sheet] : names) {
    if (name != table.substr(0, run)) continue;
    if (run == table.size()) return std::string(sheet);
    const size_t slash = table.find_last_of('/', table.size() - 3);
    const size_t last = slash == std::string::npos || slash < run ? run + 2 : slash + 1;
    return fmt::format("{} ({}", sheet, table.substr(last));
  }
  std::string name = table;
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 32);
  return name;
}

bool is_quantile_interval(const std::string& name) {
  return name.size() == 6 && name[0] == 'p' && (name.ends_with("_lo") || name.ends_with("_hi"));
}

/// What of a table stands on a sheet.
struct Chosen {
  std::function<bool(const std::vector<Cell>&)> row = [](const auto&) { return true; };
  std::function<bool(const Column&)> column = [](const auto&) { return true; };
};

/// A sweep and how its outputs answer.
struct SweptResponses {
  SweepTables tables;
  std::vector<Response> responses;
};

class Report {
 public:
  Report(const RunResult& result, const std::string& path)
      : result_(result), from_(result.provenance), book_(path, heading_of(result).title) {}

  void write() {
    Sheet& summary = book_.add_sheet("Summary");
    read_responses();
    add_maps();
    add_groups();
    for (const Table* table : result_.tables()) {
      if (table != &result_.summary && table != &result_.inputs && table != &result_.sources) {
        add_table(*table);
      }
    }
    add_table(result_.inputs);
    add_table(result_.sources);
    add_dictionary();
    add_run();
    Sheet& data = book_.add_sheet("Chart data");
    Charts charts(book_, result_, data);
    write_summary(summary, charts);
    data.set_width(0, 34);
    for (size_t c = 1; c <= 10; ++c) data.set_width(c, 13);
    data.set_print(0);
    worksheet_activate(summary.handle());
    book_.close();
  }

 private:
  void add_groups() {
    if (result_.summary.columns.empty()) return;
    const size_t variable = result_.summary.column("variable");
    std::vector<std::string_view> sheets;
    for (const Group& group : groups) sheets.push_back(group.sheet);
    sheets.push_back(other_sheet);
    const TableFormats formats(result_.summary);
    for (const std::string_view sheet : sheets) {
      const auto is_here = [&](const std::vector<Cell>& row) {
        return sheet_of_variable(text_in(row[variable])) == sheet;
      };
      const auto& rows = result_.summary.rows;
      if (std::none_of(rows.begin(), rows.end(), is_here)) continue;
      // Intervals of quantiles but the median's stand in summary.csv alone.
      add_sheet(result_.summary, formats, std::string(sheet),
                {is_here, [](const Column& column) {
                   return !is_quantile_interval(column.name) || column.name.starts_with("p50");
                 }});
    }
  }

  void add_table(const Table& table) {
    if (table.columns.empty()) return;
    Chosen chosen;
    if (&table == &result_.binding) {
      // Months stand in binding.csv alone.
      const size_t period = table.column("period");
      chosen.row = [period](const std::vector<Cell>& row) {
        const std::string& text = text_in(row[period]);
        return is_year(text) || is_quarter(text);
      };
    }
    PlacedTable placed = add_sheet(table, TableFormats(table), sheet_of_table(table.name), chosen);
    if (&table == &result_.exceedance) exceedance_ = placed;
  }

  /// A sheet that holds a table with a heading row and filters.
  PlacedTable add_sheet(const Table& table, const TableFormats& formats, const std::string& name,
                        const Chosen& chosen) {
    Sheet& sheet = book_.add_sheet(name);
    std::vector<size_t> columns;
    std::vector<Sheet::Heading> headings;
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (!chosen.column(table.columns[c])) continue;
      columns.push_back(c);
      const Content holds = content_of(table, c);
      headings.push_back({column_heading(result_, table, c),
                          holds == Content::numbers || holds == Content::whole_numbers});
    }
    size_t rows = 0, all = 0;
    for (size_t r = 0; r < table.rows.size(); ++r) {
      if (!chosen.row(table.rows[r])) continue;
      ++all;
      if (rows == most_rows) continue;
      ++rows;
      for (size_t c = 0; c < columns.size(); ++c) {
        const Cell& cell = table.rows[r][columns[c]];
        if (headings[c].name == "url") {
          sheet.write_link(rows, c, text_in(cell));
          continue;
        }
        CellStyle style;
        // Blank cells look alike, whether no text or no number.
        if (std::isfinite(number_in(cell))) {
          style.number_format = formats.of(r, columns[c]);
        }
        sheet.write(rows, c, cell, style);
      }
    }
    sheet.add_table(0, rows, headings, table.name == "summary" ? name : table.name);
    sheet.fit_columns();
    if (all > rows) {
      CellStyle bold;
      bold.bold = true;
      sheet.write(rows + 2, 0,
                  fmt::format("{} of {} rows; all stand in {}.csv", rows, all, table.name), bold);
    }
    worksheet_freeze_panes(sheet.handle(), 1, 0);
    sheet.set_print(1);
    return {&sheet, 1};
  }

  void add_dictionary() {
    Table dictionary{"dictionary",
                     {{"kind", ""}, {"table", ""}, {"name", ""}, {"unit", ""}, {"meaning", ""}},
                     {}};
    for (const VariableMeaning& variable : from_.variables) {
      dictionary.rows.push_back(
          {"variable", "", variable.variable, variable.unit, variable.meaning});
    }
    for (const Table* table : result_.tables()) {
      for (const Column& column : table->columns) {
        dictionary.rows.push_back({"column", table->name, column.name, "", column.meaning});
      }
    }
    add_sheet(dictionary, TableFormats(dictionary), "Dictionary", {});
  }

  void add_run() {
    Sheet& sheet = book_.add_sheet("Run");
    CellStyle bold, heading, fixed, whole;
    bold.bold = true;
    heading.heading = true;
    fixed.fixed = true;
    whole.number_format = "0";
    size_t row = 0;
    const auto line = [&](const char* name, const Cell& value, const CellStyle& style) {
      sheet.write(row, 0, name, bold);
      sheet.write(row++, 1, value, style);
    };
    line("Program", "fabcast", {});
    line("Version", from_.version, {});
    line("Build", from_.build, {});
    if (from_.runs > 1) {
      line("Runs", static_cast<long long>(from_.runs), whole);
      line("Of each run",
           "command, trials, seed and the scenario's hash stand on the sheet Runs; its scenario in "
           "its run.json",
           {});
    } else {
      line("Command", from_.command, {});
      line("Scenario", from_.scenario, {});
      line("Title", from_.title, {});
      line("First month", from_.first_month, {});
      line("Last month", from_.last_month, {});
      line("Trials", static_cast<long long>(from_.trials), whole);
      line("Seed", static_cast<long long>(from_.seed), whole);
      line("Sampler", from_.sampler_text(), {});
      line("Quantiles", from_.quantiles, {});
      line("Stream version", static_cast<long long>(from_.stream_version), whole);
      line("SHA-256 of the scenario", from_.scenario_sha256, {});
    }
    for (const auto& [path, text] : from_.files) line("File read", path, {});
    for (const std::string& warning : result_.warnings) line("Warning", warning, {});
    for (const ReachedPrecision& each : result_.precision) {
      // Infinite where it is relative to 0.
      const std::string reached =
          std::isfinite(each.half_width) ? fmt::format("{:.4g}", each.half_width) : "none";
      line("Precision",
           fmt::format("{}, {}: half width {:.4g} asked, {} reached{}", each.scenario, each.of,
                       each.asked, reached, each.is_absolute ? "" : ", relative to the value"),
           {});
    }
    ++row;
    if (!from_.scenario_text.empty()) {
      sheet.write(row++, 0, "The scenario, as resolved", heading);
    }
    size_t lines = 0;
    std::string_view text = from_.scenario_text;
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      if (++lines > most_rows) {
        sheet.write(row++, 0, "The rest stands in run.json.", bold);
        break;
      }
      sheet.write(row++, 0, std::string(text.substr(0, end)), fixed);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    sheet.set_width(0, 26);
    sheet.set_width(1, 120);
    sheet.set_print(0);
    worksheet_print_area(sheet.handle(), 0, 0, static_cast<lxw_row_t>(row), 1);
  }

  void write_summary(Sheet& sheet, Charts& charts) {
    const std::vector<std::string> scenarios = scenarios_of(result_.summary);
    size_t row = write_head(sheet);
    if (!result_.summary.columns.empty()) row = write_headline(sheet, row, scenarios);
    row = write_questions(sheet, row);
    const bool is_sweep_alone = result_.summary.rows.empty() && !sweeps_.empty();
    for (const SweptResponses& sweep : sweeps_) {
      row = write_points(sheet, row, sweep);
      row = write_correlations(sheet, row, sweep);
    }
    std::vector<lxw_row_t> breaks;
    write_charts(sheet, charts, row, scenarios.size() > 1, breaks);
    // Outputs and questions take a wide first column; points do not.
    const double first_column = is_sweep_alone ? 14 : 50, other_columns = is_sweep_alone ? 15 : 12;
    sheet.set_width(0, first_column);
    for (size_t c = 1; c <= 12; ++c) sheet.set_width(c, other_columns);
    sheet.set_print(0);
    // Of its own scale, for a sheet that is fitted has no page breaks of ours.
    constexpr uint16_t percent = 64;
    worksheet_set_print_scale(sheet.handle(), percent);
    breaks.push_back(0);
    worksheet_set_h_pagebreaks(sheet.handle(), breaks.data());
    worksheet_gridlines(sheet.handle(), LXW_HIDE_ALL_GRIDLINES);
  }

  size_t write_head(Sheet& sheet) {
    CellStyle title, quiet, bold;
    title.title = true;
    quiet.quiet = true;
    bold.bold = true;
    size_t row = 0;
    const auto line = [&](const std::string& text, const CellStyle& style) {
      sheet.write(row++, 0, text, style);
    };
    const ReportHeading heading = heading_of(result_);
    line(heading.title, title);
    line(heading.told, quiet);
    if (result_.weighted) {
      line(fmt::format("Weighted by what was observed: {:.0f} of {} trials count.",
                       result_.effective_trials, from_.trials),
           quiet);
    }
    if (!sweeps_.empty() && !result_.inputs.rows.empty()) {
      line(
          "Inputs and Sources are of the scenarios of a sweep as they stand, before what is "
          "varied.",
          quiet);
    }
    for (const std::string& warning : result_.warnings) line("Warning: " + warning, bold);
    return row + 1;
  }

  /// Quantiles of the headline by year, each cell with a name.
  size_t write_headline(Sheet& sheet, size_t row, const std::vector<std::string>& scenarios) {
    const Table& summary = result_.summary;
    const std::vector<std::string> years = years_of(summary);
    const size_t s = summary.column("scenario"), v = summary.column("variable"),
                 e = summary.column("entity"), p = summary.column("period"),
                 u = summary.column("unit");
    const bool several = scenarios.size() > 1;
    CellStyle heading, head;
    heading.heading = true;
    head.bold = head.line_below = true;
    sheet.write(row++, 0, "Headline: nine in ten histories lie between P5 and P95", heading);
    size_t column = 0;
    sheet.write(row, column++, "Output", head);
    if (several) sheet.write(row, column++, "Scenario", head);
    sheet.write(row, column++, "Unit", head);
    sheet.write(row, column++, "Quantile", head);
    const size_t first_year = column;
    head.right = true;
    for (const std::string& year : years) sheet.write(row, column++, year, head);
    ++row;
    std::map<std::array<std::string, 4>, const std::vector<Cell>*> rows;
    for (const auto& each : summary.rows) {
      rows[{text_in(each[s]), text_in(each[v]), text_in(each[e]), text_in(each[p])}] = &each;
    }
    constexpr std::array<std::pair<const char*, const char*>, 3> quantiles{
        std::pair{"p95", "P95"}, {"p50", "P50"}, {"p05", "P5"}};
    const auto row_in = [&](const std::string& scenario, const Charts::Output& output,
                            const std::string& year) {
      const auto found = rows.find({scenario, output.first, output.second, year});
      return found == rows.end() ? nullptr : found->second;
    };
    for (const Charts::Output& output : result_.headline) {
      // One format for all its scenarios.
      double largest = 0;
      bool whole = true;
      std::string unit;
      for (const auto& each : summary.rows) {
        if (text_in(each[v]) != output.first || text_in(each[e]) != output.second) continue;
        if (std::find(years.begin(), years.end(), text_in(each[p])) == years.end()) continue;
        unit = text_in(each[u]);
        for (const auto& [name, label] : quantiles) {
          const double value = number_in(each[summary.column(name)]);
          largest = std::max(largest, std::abs(value));
          whole &= value == std::floor(value);
        }
      }
      if (unit.empty()) continue;
      for (const std::string& scenario : scenarios) {
        for (const auto& [name, label] : quantiles) {
          CellStyle style;
          style.bold = name == quantiles[1].first;
          style.quiet = !style.bold;
          style.line_below = name == quantiles[2].first;
          column = 0;
          sheet.write(row, column++, style.bold ? output.first + " " + output.second : "", style);
          if (several) sheet.write(row, column++, scenario, style);
          sheet.write(row, column++, unit, style);
          sheet.write(row, column++, label, style);
          style.number_format =
              whole && unit != "share" ? whole_format : format_of_unit(unit, largest);
          for (size_t y = 0; y < years.size(); ++y) {
            const auto* each = row_in(scenario, output, years[y]);
            sheet.write(row, first_year + y, each ? (*each)[summary.column(name)] : Cell{}, style);
            if (!each) continue;
            const std::string of_scenario = scenario == scenarios[0] ? "" : scenario + "_";
            book_.define_name(fmt::format("{}{}_{}_{}_{}", of_scenario, output.first, output.second,
                                          years[y], name),
                              sheet, row, first_year + y);
          }
          ++row;
        }
      }
    }
    return row + 1;
  }

  /// Chances: of one scenario with intervals and dates, of several side by side.
  size_t write_questions(Sheet& sheet, size_t row) {
    const Table& questions = result_.questions;
    if (questions.rows.empty()) return row;
    const std::vector<std::string> scenarios = scenarios_of(questions);
    CellStyle heading, head, chance, strong;
    heading.heading = true;
    head.bold = head.line_below = true;
    chance.number_format = strong.number_format = percent_format;
    strong.bold = true;
    sheet.write(row++, 0, "Questions", heading);
    sheet.write(row, 0, "Question", head);
    const size_t text = questions.column("text"), scenario = questions.column("scenario");
    head.right = true;
    CellStyle right;
    right.right = true;
    if (scenarios.size() == 1) {
      constexpr std::array<std::pair<const char*, const char*>, 6> columns{
          std::pair{"estimate", "Chance"}, {"lo", "90 % from"},  {"hi", "to"},
          {"first_p05", "First P5"},       {"first_p50", "P50"}, {"first_p95", "P95"}};
      for (size_t c = 0; c < columns.size(); ++c) {
        sheet.write(row, 1 + c, columns[c].second, head);
      }
      for (const auto& each : questions.rows) {
        sheet.write(++row, 0, each[text]);
        for (size_t c = 0; c < columns.size(); ++c) {
          const Cell& cell = each[questions.column(columns[c].first)];
          // "after 2028-12"
          const bool later = text_in(cell).starts_with("after ");
          sheet.write(row, 1 + c, later ? Cell("later") : cell,
                      c == 0   ? strong
                      : c <= 2 ? chance
                               : right);
        }
      }
      return row + 2;
    }
    for (size_t s = 0; s < scenarios.size(); ++s) sheet.write(row, 1 + s, scenarios[s], head);
    std::vector<std::string> texts;
    for (const auto& each : questions.rows) {
      if (std::find(texts.begin(), texts.end(), text_in(each[text])) == texts.end()) {
        texts.push_back(text_in(each[text]));
      }
    }
    for (const std::string& asked : texts) {
      sheet.write(++row, 0, asked);
      std::vector<bool> done(scenarios.size());
      for (const auto& each : questions.rows) {
        if (text_in(each[text]) != asked) continue;
        const auto found = std::find(scenarios.begin(), scenarios.end(), text_in(each[scenario]));
        const auto s = static_cast<size_t>(found - scenarios.begin());
        if (done[s]) continue;  // the same asked twice
        done[s] = true;
        sheet.write(row, 1 + s, each[questions.column("estimate")], chance);
      }
    }
    return row + 2;
  }

  /// Below a heading each, three across: an output's story on one line.
  void write_charts(Sheet& sheet, Charts& charts, size_t row, bool several,
                    std::vector<lxw_row_t>& breaks) {
    constexpr size_t lines_of_page = 3, across = 3;
    CellStyle heading;
    heading.heading = true;
    size_t line = 0;
    const auto begin_line = [&](const std::string& text) {
      constexpr size_t head = 8;  // with which charts share a page
      if (line++ % lines_of_page == 0 && row > head) breaks.push_back(static_cast<lxw_row_t>(row));
      sheet.write(row++, 0, text, heading);
    };
    const auto is_drawn = [&](const Charts::Output& output) {
      size_t drawn = 0;
      const auto place = [&] { return Charts::Place{sheet, row + 1, drawn}; };
      if (several) {
        drawn += charts.scenarios(output, place());
        drawn += charts.differences(output, place());
        drawn += charts.exceedance(output, exceedance_, place());
      } else {
        drawn += charts.fan(output, place());
        drawn += charts.exceedance(output, exceedance_, place());
        drawn += charts.tornado(output, place());
      }
      return drawn > 0;
    };
    for (const auto& output : result_.headline) {
      if (!is_drawn(output)) continue;
      begin_line(fmt::format("{} {}: {}", output.first, output.second, meaning_of(output.first)));
      row += rows_of_chart;
    }
    // Those that stand alone, one beside another.
    const auto put = [&](const std::string& text, const auto& all, const auto& is_put) {
      size_t drawn = 0;
      for (const auto& each : all) {
        const bool begins = drawn % across == 0;
        const size_t at = row + (begins && drawn > 0 ? rows_of_chart : 0) + (begins ? 1 : 0);
        if (!is_put(each, Charts::Place{sheet, at, drawn % across})) continue;
        if (begins && drawn > 0) row += rows_of_chart;
        if (begins) begin_line(text);
        ++drawn;
      }
      if (drawn > 0) row += rows_of_chart;
    };
    put("What binds", result_.headline_products,
        [&](const std::string& product, Charts::Place place) {
          return charts.binding(product, place);
        });
    for (const SweptResponses& sweep : sweeps_) {
      struct Picture {
        const Response* response;
        size_t key;  ///< of a scatter
      };
      std::vector<Picture> pictures;
      for (const Response& response : sweep.responses) {
        if (response.shape != ResponseShape::scatter) {
          pictures.push_back({&response, 0});
        } else {
          for (const size_t key : response.shown) pictures.push_back({&response, key});
        }
      }
      put("What the varied keys do" + of_run(sweep), pictures,
          [&](const Picture& picture, Charts::Place place) {
            return picture.response->shape == ResponseShape::scatter
                       ? charts.scatter(*picture.response, picture.key, place)
                       : charts.response(*picture.response, place);
          });
    }
  }

  static std::string of_run(const SweptResponses& sweep) {
    return sweep.tables.run.empty() ? "" : ": run " + sweep.tables.run;
  }

  void read_responses() {
    for (const SweepTables& tables : sweeps_of(result_)) {
      SweptResponses& sweep = sweeps_.emplace_back(SweptResponses{tables, {}});
      for (const SweptOutput& output : swept_outputs(result_, tables)) {
        for (Response& response : responses_of(tables, output)) {
          sweep.responses.push_back(std::move(response));
        }
      }
    }
  }

  /// Medians over two keys of many values, where lines could not be told apart: numbers on colours.
  void add_maps() {
    Sheet* sheet = nullptr;
    size_t row = 0;
    CellStyle heading, head, quiet;
    heading.heading = true;
    head.bold = head.right = true;
    quiet.quiet = true;
    for (const SweptResponses& sweep : sweeps_) {
      for (const Response& response : sweep.responses) {
        if (response.shape != ResponseShape::map) continue;
        if (!sheet) sheet = &book_.add_sheet("Response maps");
        // The key of more values goes down.
        const size_t down =
            response.keys[0].values.size() >= response.keys[1].values.size() ? 0 : 1;
        const SweptKey &rows = response.keys[down], &columns = response.keys[1 - down];
        sheet->write(row++, 0,
                     fmt::format("{} {} {} [{}]: medians{}", response.variable, response.entity,
                                 response.where(), response.unit, of_run(sweep)),
                     heading);
        sheet->write(
            row++, 0,
            fmt::format("Down: {}. Across: {}. {}", rows.heading, columns.heading, response.told),
            quiet);
        std::map<Cell, size_t> row_at, column_at;
        for (const Cell& value : columns.values) {
          const size_t column = 1 + column_at.size();
          column_at[value] = column;
          sheet->write(row, column, plain_value(value), head);
        }
        const size_t first = row + 1;
        for (const Cell& value : rows.values) {
          row_at[value] = ++row;
          sheet->write(row, 0, plain_value(value), head);
        }
        double largest = 0;
        for (const ResponsePoint& point : response.points) {
          largest = std::max(largest, std::abs(point.p50));
        }
        CellStyle number;
        number.number_format = format_of_unit(response.unit, largest);
        for (const ResponsePoint& point : response.points) {
          sheet->write(row_at.at(point.at[down]), column_at.at(point.at[1 - down]), point.p50,
                       number);
        }
        lxw_conditional_format scale{};
        scale.type = LXW_CONDITIONAL_2_COLOR_SCALE;
        scale.min_color = 0xFFFFFF;
        scale.max_color = 0x56B4E9;
        worksheet_conditional_format_range(sheet->handle(), static_cast<lxw_row_t>(first), 1,
                                           static_cast<lxw_row_t>(row),
                                           static_cast<lxw_col_t>(columns.values.size()), &scale);
        row += 2;
      }
    }
    if (!sheet) return;
    sheet->set_width(0, 14);
    for (size_t c = 1; c <= 60; ++c) sheet->set_width(c, 10);
    sheet->set_print(0);
  }

  /// A key's value without the last digits of a range's steps.
  static Cell plain_value(const Cell& cell) {
    const double number = number_in(cell);
    return std::isfinite(number) ? Cell(std::strtod(key_text(cell).c_str(), nullptr)) : cell;
  }

  /// The headline at each point, with names for the cells of the first points.
  size_t write_points(Sheet& sheet, size_t row, const SweptResponses& sweep) {
    if (!sweep.tables.wide || sweep.tables.wide->rows.empty()) return row;
    constexpr size_t most_columns = 13, most_named = 24, head_lines = 4;
    const Table& wide = *sweep.tables.wide;
    const Swept& swept = *sweep.tables.swept;
    CellStyle heading, bold, head;
    heading.heading = true;
    bold.bold = true;
    head.bold = head.line_below = true;
    const size_t rows = std::min(wide.rows.size(), most_listed_points);
    sheet.write(row++, 0,
                fmt::format("Headline by point: nine in ten histories lie between P5 and P95{}",
                            of_run(sweep)),
                heading);
    size_t column = 0;
    const size_t first = row;
    const auto write_head = [&](const std::array<std::string, head_lines>& texts, bool right) {
      for (size_t line = 0; line < head_lines; ++line) {
        CellStyle style = line + 1 == head_lines ? head : bold;
        style.right = right;
        sheet.write(first + line, column, texts[line], style);
      }
    };
    const auto write_column = [&](size_t from, const CellStyle& style) {
      for (size_t r = 0; r < rows; ++r) {
        const Cell& cell = wide.rows[r][from];
        sheet.write(first + head_lines + r, column, cell, style);
      }
      ++column;
    };
    CellStyle left;
    left.number_format = "0";
    write_head({"", "", "", "point"}, true);
    write_column(0, left);
    const size_t scenario = wide.column("scenario");
    if (swept.scenarios.size() > 1) {
      CellStyle name;
      name.right = true;
      write_head({"", "", "", "scenario"}, true);
      write_column(scenario, name);
    }
    for (size_t c = 1; c < scenario && column + 3 < most_columns; ++c) {
      const std::string& name = wide.columns[c].name;
      const size_t dot = name.rfind('.');
      const std::string unit = column_heading(result_, wide, c).substr(name.size());
      const bool has_dot = dot != std::string::npos;
      write_head({"", has_dot ? name.substr(0, dot) : "", has_dot ? name.substr(dot + 1) : name,
                  unit.empty() ? "" : unit.substr(1)},
                 true);
      CellStyle style;
      style.number_format = "General";
      write_column(c, style);
    }
    for (const ComparedMeasure& measure : swept.measures) {
      if (column + 3 > most_columns) break;
      const std::string name =
          fmt::format("{} {} {}", measure.variable, measure.entity, measure.period);
      const auto found =
          std::find_if(wide.columns.begin(), wide.columns.end(),
                       [&](const Column& each) { return each.name == name + " p50"; });
      if (found == wide.columns.end()) continue;
      const auto median = static_cast<size_t>(found - wide.columns.begin());
      double largest = 0;
      for (size_t r = 0; r < rows; ++r) {
        const double high = number_in(wide.rows[r][median + 1]);
        if (std::isfinite(high)) largest = std::max(largest, std::abs(high));
      }
      constexpr std::array<std::pair<const char*, const char*>, 3> quantiles{
          std::pair{"p05", "P5"}, {"p50", "P50"}, {"p95", "P95"}};
      for (size_t q = 0; q < quantiles.size(); ++q) {
        write_head({"", "", "", quantiles[q].second}, true);
        if (q == 0) {  // over all three, apart from the column before
          sheet.write(first, column, "  " + measure.variable, bold);
          sheet.write(first + 1, column, "  " + measure.entity + " " + measure.period, bold);
          sheet.write(first + 2, column, fmt::format("  [{}]", measure.unit), bold);
        }
        for (size_t r = 0; r < std::min(rows, most_named); ++r) {
          const std::string of_scenario = swept.scenarios.size() > 1 || !sweep.tables.run.empty()
                                              ? text_in(wide.rows[r][scenario]) + "_"
                                              : "";
          book_.define_name(
              fmt::format("{}point_{}_{}_{}_{}_{}", of_scenario, key_text(wide.rows[r][0]),
                          measure.variable, measure.entity, measure.period, quantiles[q].first),
              sheet, first + head_lines + r, column);
        }
        CellStyle style;
        style.bold = q == 1;
        style.quiet = q != 1;
        style.number_format = format_of_unit(measure.unit, largest);
        write_column(median - 1 + q, style);
      }
    }
    row = first + head_lines + rows;
    if (rows < wide.rows.size()) {
      sheet.write(row++, 0,
                  fmt::format("{} of {} rows; all stand on the sheet {}", rows, wide.rows.size(),
                              sheet_of_table(wide.name)),
                  bold);
    }
    for (const Response& response : sweep.responses) {
      if (response.shape != ResponseShape::map) continue;
      sheet.write(row++, 0, "Medians over both keys stand on the sheet Response maps.", bold);
      break;
    }
    return row + 1;
  }

  /// Of a scatter: which keys an output goes with.
  size_t write_correlations(Sheet& sheet, size_t row, const SweptResponses& sweep) {
    std::vector<const Response*> scatters;
    for (const Response& response : sweep.responses) {
      if (response.shape == ResponseShape::scatter) scatters.push_back(&response);
    }
    if (scatters.empty()) return row;
    CellStyle heading, bold, head, number;
    heading.heading = true;
    bold.bold = true;
    head.bold = head.line_below = true;
    number.number_format = "0.00";
    sheet.write(row++, 0,
                "What each output goes with: rank correlation of the medians over the points" +
                    of_run(sweep),
                heading);
    // The first three columns are the key's name, which is long.
    constexpr size_t first = 3;
    size_t column = first;
    for (const Response* response : scatters) {
      for (size_t s = 0; s < response->scenarios.size() && s < most_series; ++s, ++column) {
        sheet.write(row, column, response->variable, bold);
        sheet.write(row + 1, column, response->entity, bold);
        sheet.write(row + 2, column, response->scenarios.size() > 1 ? response->scenarios[s] : "",
                    head);
        for (size_t k = 0; k < response->keys.size(); ++k) {
          sheet.write(row + 3 + k, column, response->correlations[k][s], number);
        }
      }
    }
    for (size_t k = 0; k < scatters[0]->keys.size(); ++k) {
      sheet.write(row + 3 + k, 0, scatters[0]->keys[k].name);
    }
    return row + 3 + scatters[0]->keys.size() + 1;
  }

  std::string meaning_of(const std::string& variable) const {
    for (const VariableMeaning& meaning : from_.variables) {
      if (meaning.variable == variable) return meaning.meaning;
    }
    return "";
  }

  const RunResult& result_;
  const Provenance& from_;
  Workbook book_;
  PlacedTable exceedance_;
  std::vector<SweptResponses> sweeps_;
};

}  // namespace

std::string_view sheet_of_variable(std::string_view variable) {
  const std::string_view stage = variable.substr(0, variable.find('.'));
  for (const Group& group : groups) {
    if (std::find(group.stages.begin(), group.stages.end(), stage) != group.stages.end()) {
      return group.sheet;
    }
  }
  return other_sheet;
}

void write_xlsx(const RunResult& result, const std::string& path) { Report(result, path).write(); }

}  // namespace fabcast
