/// report.xlsx: it opens, says what the tables say, and holds no formula.

#include "report/xlsx.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <array>
#include <clocale>
#include <cmath>
#include <limits>
#include <regex>

#include "base/diagnostics.h"
#include "fabcast.h"
#include "report/workbook.h"
#include "run/outputs.h"
#include "study/compare.h"
#include "study/sweep.h"
#include "support/program.h"
#include "support/workbook.h"

using namespace fabcast;
using namespace fabcast::testing;

namespace {

RunResult hand_result() {
  const CorpusLibrary library;
  RunRequest request;
  request.scenario.path = hand_scenario();
  request.scenario.sets = {"packaging.hall.capacity = 1k to 3k packages/month",
                           "fab.SN2.line_yield = 80 % to 99 %"};
  request.trials = 200;
  request.threads = 1;
  RunResult result = run(request);
  result.provenance.command = "fabcast run hand.scn";
  return result;
}

std::string bytes_of(const RunResult& result) {
  const TemporaryFolder folder;
  write_xlsx(result, folder.file("report.xlsx"));
  CHECK(tree_of(folder.path()).size() == 1);  // no temporaries
  return read_text(folder.file("report.xlsx"));
}

/// As a spreadsheet reads a text of a cell.
std::string unescaped(std::string text) {
  for (size_t at = text.find("_x005F"); at != std::string::npos; at = text.find("_x005F", at + 1)) {
    text.erase(at, 6);
  }
  return text;
}

const std::vector<std::string>& injections() {
  static const std::vector<std::string> texts{"=1+1",
                                              "=cmd|' /C calc'!A0",
                                              "=HYPERLINK(\"http://x.y\",\"z\")",
                                              "+1+1",
                                              "-1+1",
                                              "@SUM(A1)",
                                              "\t=1+1",
                                              " =1+1",
                                              "\n=1+1",
                                              "＝1+1",
                                              "＋1",
                                              "－1",
                                              "＠x",
                                              "'=1+1",
                                              "\"=1+1\"",
                                              "{=1+1}",
                                              "=IMPORTXML(CONCAT(\"http://x\"),\"//a\")",
                                              "=WEBSERVICE(\"http://x\")",
                                              "=DDE(\"cmd\";\"/C calc\";\"x\")",
                                              "%0A=1+1",
                                              "javascript:alert(1)",
                                              "file:///etc/passwd",
                                              "ftp://x.y/z",
                                              "mailto:a@b",
                                              "internal:Sheet1!A1",
                                              "external:c:\\x.xlsx",
                                              "http://a b",
                                              "http://x.y/\"onload=",
                                              "</v></c><c><f>1+1</f></c>",
                                              "<script>alert(1)</script>",
                                              "&lt;f&gt;1&lt;/f&gt;",
                                              "]]><f>1</f>",
                                              "<!--",
                                              "_x0041_",
                                              "_x003D_1+1",
                                              "1;=1+1",
                                              "a,=1+1",
                                              "&L&G&\"Arial\"",
                                              "[1]Sheet1!A1",
                                              "R1C1",
                                              "TRUE",
                                              "1e5"};
  return texts;
}

/// A series of a chart, with the values that its cells have.
struct ReadSeries {
  std::string name;
  std::vector<std::string> categories;
  std::vector<double> values;
};
struct ReadChart {
  std::string description;
  std::vector<ReadSeries> series;
};

/// Texts of points below a node of categories or values.
std::vector<std::string> points_of(const Xml& node) {
  std::vector<std::string> points;
  for (const char* kind : {"c:strRef.c:strCache", "c:numRef.c:numCache"}) {
    const auto cache = node.get_child_optional(Xml::path_type(kind));
    if (!cache) continue;
    for (const auto& [tag, point] : *cache) {
      if (tag == "c:pt") points.push_back(point.get<std::string>("c:v"));
    }
  }
  return points;
}

std::vector<ReadChart> charts_of(const ReadWorkbook& book) {
  std::vector<ReadChart> charts;
  const std::string& drawing = book.parts.at("xl/drawings/drawing1.xml");
  const std::regex described(" descr=\"([^\"]*)\"");
  for (std::sregex_iterator match(drawing.begin(), drawing.end(), described), end; match != end;
       ++match) {
    ReadChart& chart = charts.emplace_back();
    chart.description = (*match)[1];
    const std::string part = fmt::format("xl/charts/chart{}.xml", charts.size());
    for (const auto& [kind, plot] : book.xml(part).get_child("c:chartSpace.c:chart.c:plotArea")) {
      for (const auto& [tag, each] : plot) {
        if (tag != "c:ser") continue;
        ReadSeries series;
        series.name = each.get("c:tx.c:v", "");
        for (const char* name : {"c:cat", "c:xVal"}) {
          if (const auto node = each.get_child_optional(name)) series.categories = points_of(*node);
        }
        for (const char* name : {"c:val", "c:yVal"}) {
          const auto node = each.get_child_optional(name);
          if (!node) continue;
          for (const std::string& text : points_of(*node)) series.values.push_back(std::stod(text));
        }
        chart.series.push_back(std::move(series));
      }
    }
  }
  return charts;
}

/// The chart whose description begins so.
const ReadChart& chart_of(const std::vector<ReadChart>& charts, const std::string& beginning) {
  for (const ReadChart& chart : charts) {
    if (chart.description.starts_with(beginning)) return chart;
  }
  FAIL("no chart '" << beginning << "'");
  throw std::out_of_range(beginning);
}

using Where = std::map<std::string, std::string>;

/// Numbers of a column where others hold these texts, in the table's order.
std::vector<double> numbers_where(const Table& table, const std::string& column,
                                  const Where& where) {
  std::vector<double> numbers;
  for (const auto& row : table.rows) {
    const bool fits = std::all_of(where.begin(), where.end(), [&](const auto& each) {
      return text_in(row[table.column(each.first)]) == each.second;
    });
    if (fits) numbers.push_back(number_in(row[table.column(column)]));
  }
  return numbers;
}

double number_where(const Table& table, const std::string& column, const Where& where) {
  const auto numbers = numbers_where(table, column, where);
  REQUIRE(numbers.size() == 1);
  return numbers[0];
}

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-12); }

const Table& table_of(const RunResult& result, const std::string& name) {
  for (const Table* table : result.tables()) {
    if (table->name == name) return *table;
  }
  throw std::out_of_range(name);
}

}  // namespace

TEST_CASE("workbook: sheets, tables, charts; every part is XML") {
  const RunResult result = hand_result();
  const TemporaryFolder folder;
  write_xlsx(result, folder.file("report.xlsx"));
  const ReadWorkbook book(folder.file("report.xlsx"));
  for (const char* sheet : {"Summary", "Wafers", "Dies", "NPUs", "Compute", "Binding", "Questions",
                            "Inputs", "Dictionary", "Run", "Chart data"}) {
    CAPTURE(sheet);
    CHECK(std::find(book.sheets.begin(), book.sheets.end(), sheet) != book.sheets.end());
  }
  CHECK(book.sheets[0] == "Summary");
  // Every table is there: the dictionary names its columns, and a sheet has its rows.
  for (const Table* table : result.tables()) {
    if (table == &result.summary || table == &result.binding || table->columns.empty()) continue;
    CAPTURE(table->name);
    size_t as_long = 0;
    for (const std::string& sheet : book.sheets) {
      if (sheet == "Summary" || sheet == "Run" || sheet == "Chart data") continue;
      const auto rows = book.rows(sheet);
      as_long += rows.size() == table->rows.size() + 1 && rows[0].count("A") &&
                 rows[0].at("A").text == table->columns[0].name && rows[0].count("B") &&
                 rows[0].at("B").text == table->columns[1].name;
    }
    CHECK(as_long >= 1);
  }
  // A native table on each sheet but Summary, Run and Chart data, and those without rows.
  size_t tables = 0;
  for (const std::string& sheet : book.sheets) {
    const std::string& part = book.parts.at(book.part_of(sheet));
    CAPTURE(sheet);
    const bool has_table = has(part, "<tableParts");
    tables += has_table;
    const bool is_list = sheet != "Summary" && sheet != "Run" && sheet != "Chart data";
    CHECK(has_table == (is_list && book.rows(sheet).size() > 1));
    CHECK(is_list == has(part, "state=\"frozen\""));
    CHECK(has(part, "orientation=\"landscape\""));
  }
  CHECK(tables == book.count("xl/tables/table"));
  CHECK(tables >= book.sheets.size() - 5);
  // A fan, an exceedance curve and a tornado of each output that varies; what binds.
  const size_t charts = book.count("xl/charts/chart");
  CHECK(charts >= 6);
  size_t fans = 0, curves = 0, bars = 0, binding = 0;
  for (const auto& [name, text] : book.parts) {
    fans += has(text, "<c:areaChart>");
    curves += has(text, "<c:scatterChart>");
    bars += has(text, "<c:barDir val=\"bar\"/>");
    binding += has(text, "<c:barDir val=\"col\"/>");
    if (name.starts_with("xl/charts/")) {
      CAPTURE(name);
      CHECK(has(text, "<c:ptCount"));  // of data that are there
      CHECK_FALSE(has(text, "<c:ptCount val=\"0\""));
    }
  }
  CHECK(fans >= 2);
  CHECK(curves >= 2);
  CHECK(bars >= 2);
  CHECK(binding >= 1);
  CHECK(fans + curves + bars + binding == charts);
  // Each with a text for those who do not see it.
  const std::string& drawing = book.parts.at("xl/drawings/drawing1.xml");
  size_t described = 0;
  for (size_t at = drawing.find(" descr=\""); at != std::string::npos;
       at = drawing.find(" descr=\"", at + 1)) {
    ++described;
  }
  CHECK(described == charts);
  CHECK(has(drawing, "Fan chart of npus.shipped"));
  for (const auto& [name, text] : book.parts) {
    CAPTURE(name);
    if (name.starts_with("xl/worksheets/")) CHECK_FALSE(has(text, "<f>"));
  }
}

TEST_CASE("workbook: numbers and texts are those of the tables, and have names") {
  const RunResult result = hand_result();
  const TemporaryFolder folder;
  write_xlsx(result, folder.file("report.xlsx"));
  const ReadWorkbook book(folder.file("report.xlsx"));
  const Table& summary = result.summary;
  std::map<std::string, std::vector<std::map<std::string, ReadCell>>> sheets;
  std::map<std::string, size_t> next;  // row by sheet; the first is the heading
  size_t compared = 0;
  for (const auto& row : summary.rows) {
    const std::string sheet(sheet_of_variable(text_in(row[summary.column("variable")])));
    if (!sheets.count(sheet)) sheets[sheet] = book.rows(sheet);
    const auto& heading = sheets[sheet].at(0);
    const auto& cells = sheets[sheet].at(++next[sheet]);
    for (const auto& [column, name] : heading) {
      const Cell& cell = row[summary.column(name.text)];
      const double number = number_in(cell);
      if (std::isfinite(number)) {
        REQUIRE(cells.count(column));
        CHECK_FALSE(cells.at(column).is_text);
        // libxlsxwriter writes 16 digits.
        CHECK(std::abs(cells.at(column).number - number) <= 1e-15 * std::abs(number));
        ++compared;
      } else {
        CHECK((cells.count(column) ? cells.at(column).text : "") == text_in(cell));
      }
    }
  }
  CHECK(compared > 10 * summary.rows.size());
  for (const auto& [sheet, rows] : sheets) CHECK(rows.size() == next[sheet] + 1);

  // The cells that names are for: 'Summary'!$E$7
  std::map<std::string, std::string> names;
  for (const auto& [tag, name] : book.xml("xl/workbook.xml").get_child("workbook.definedNames")) {
    names[name.get<std::string>("<xmlattr>.name")] = name.data();
  }
  const auto summary_rows = book.rows("Summary");
  size_t named = 0;
  for (const auto& row : summary.rows) {
    const std::string &variable = text_in(row[summary.column("variable")]),
                      &entity = text_in(row[summary.column("entity")]),
                      &period = text_in(row[summary.column("period")]);
    if (variable != "npus.shipped" || entity != "national" || period.size() != 4) continue;
    for (const char* quantile : {"p05", "p50", "p95"}) {
      const auto found = names.find("npus_shipped_national_" + period + "_" + quantile);
      REQUIRE(found != names.end());
      const std::string& place = found->second;
      const std::string sheet = "'Summary'!$";
      REQUIRE(place.starts_with(sheet));
      const size_t dollar = place.rfind('$');
      const size_t line = std::stoul(place.substr(dollar + 1));
      size_t at = 0;
      for (const auto& [tag, each] :
           book.xml(book.part_of("Summary")).get_child("worksheet.sheetData")) {
        if (each.get<size_t>("<xmlattr>.r") != line) {
          ++at;
          continue;
        }
        const double number = number_in(row[summary.column(quantile)]);
        CHECK(summary_rows[at].at(place.substr(sheet.size(), dollar - sheet.size())).number ==
              doctest::Approx(number).epsilon(1e-14));
        ++named;
        break;
      }
    }
  }
  CHECK(named >= 3);
}

TEST_CASE("workbook: charts of a run draw the numbers of its tables") {
  RunResult result = hand_result();
  // More of one input goes with less, too.
  for (size_t c = 0; c < result.inputs.columns.size(); ++c) {
    if (!result.inputs.columns[c].name.starts_with("rank_correlation ")) continue;
    auto& cells = result.inputs.rows;
    const auto with = std::find_if(cells.begin(), cells.end(), [&](const auto& row) {
      return std::isfinite(number_in(row[c]));
    });
    REQUIRE(with != cells.end());
    (*with)[c] = -number_in((*with)[c]);
  }
  const TemporaryFolder folder;
  write_xlsx(result, folder.file("report.xlsx"));
  const ReadWorkbook book(folder.file("report.xlsx"));
  const std::vector<ReadChart> charts = charts_of(book);
  CHECK(charts.size() == book.count("xl/charts/chart"));
  size_t fans = 0, curves = 0, bars = 0, bound = 0;
  for (const auto& [variable, entity] : result.headline) {
    const std::string name = variable + " " + entity;
    CAPTURE(name);
    const Where series{{"variable", variable}, {"entity", entity}};
    for (const ReadChart& chart : charts) {
      if (chart.description.starts_with("Fan chart of " + name + " ")) {
        ++fans;
        REQUIRE(chart.series.size() == 5);
        constexpr std::array quantiles{"p05", "p25", "p50", "p75", "p95"};
        const auto& periods = chart.series[0].categories;
        CHECK(periods.size() == 8);
        for (size_t p = 0; p < periods.size(); ++p) {
          Where at = series;
          at["period"] = periods[p];
          double level = 0;  // bands stand on one another
          for (size_t q = 0; q < quantiles.size(); ++q) {
            level += chart.series[q].values.at(p);
            CHECK(level == near(number_where(result.summary, quantiles[q], at)));
          }
        }
      }
      if (chart.description.starts_with("Exceedance curves of " + name + ":")) {
        ++curves;
        size_t years = 0;
        for (const ReadSeries& curve : chart.series) {
          if (curve.name.starts_with("asked: ")) continue;
          Where at = series;
          at["period"] = curve.name;
          const auto values = numbers_where(result.exceedance, "value", at),
                     chances = numbers_where(result.exceedance, "probability", at);
          REQUIRE(values.size() == curve.categories.size());
          REQUIRE(chances.size() == curve.values.size());
          for (size_t i = 0; i < values.size(); ++i) {
            CHECK(std::stod(curve.categories[i]) == near(values[i]));
            CHECK(curve.values[i] == near(chances[i]));
          }
          ++years;
        }
        CHECK(years >= 1);
      }
      if (chart.description.starts_with("Inputs that move " + name + " ")) {
        ++bars;
        const ReadSeries& bar = chart.series.at(0);
        CHECK(bar.values.size() == bar.categories.size());
        CHECK(bar.values.size() >= 2);
        for (size_t i = 0; i < bar.values.size(); ++i) {
          CHECK(bar.values[i] == near(number_where(result.inputs, "rank_correlation " + name,
                                                   {{"key", bar.categories[i]}})));
        }
      }
    }
  }
  for (const std::string& product : result.headline_products) {
    const ReadChart& chart = chart_of(charts, "What binds " + product);
    for (const ReadSeries& constraint : chart.series) {
      for (size_t p = 0; p < constraint.categories.size(); ++p) {
        const auto share = numbers_where(result.binding, "probability",
                                         {{"kind", "product"},
                                          {"entity", product},
                                          {"constraint", constraint.name},
                                          {"period", constraint.categories[p]}});
        CHECK(constraint.values.at(p) == near(share.empty() ? 0 : share[0]));
        ++bound;
      }
    }
  }
  CHECK(fans >= 2);
  CHECK(curves >= 2);
  CHECK(bars >= 2);
  CHECK(bound >= 8);

  // Chances of the questions, as they stand on the first sheet.
  size_t asked = 0;
  for (const auto& row : book.rows("Summary")) {
    if (!row.count("A") || !row.count("D")) continue;
    const auto estimate = numbers_where(result.questions, "estimate", {{"text", row.at("A").text}});
    if (estimate.empty()) continue;
    CHECK(row.at("B").number == near(estimate[0]));
    CHECK(row.at("C").number ==
          near(numbers_where(result.questions, "lo", {{"text", row.at("A").text}})[0]));
    CHECK(row.at("D").number ==
          near(numbers_where(result.questions, "hi", {{"text", row.at("A").text}})[0]));
    ++asked;
  }
  CHECK(asked == result.questions.rows.size());
}

TEST_CASE("workbook: charts and cells of a comparison and of a sweep are those of their tables") {
  const TemporaryFolder folder;
  folder.write("hand.scn", read_text(hand_scenario()));
  const std::string one = folder.write(
      "one.scn", "extends = hand.scn\n[packaging.hall]\ncapacity = 1k to 2k packages/month\n");
  const std::string two = folder.write("two.scn",
                                       "extends = one.scn\n[event.e]\ndate = 2025-06\n"
                                       "effect = packaging.hall.capacity multiply 0.5\n");
  CompareRequest request;
  request.run.trials = 200;
  request.run.threads = 1;
  request.paths = {one, two};
  const RunResult compared = PairedStudy(request).run({});
  write_xlsx(compared, folder.file("compare.xlsx"));
  const ReadWorkbook book(folder.file("compare.xlsx"));
  const std::vector<ReadChart> charts = charts_of(book);
  const std::string name = "npus.shipped national";
  const Where series{{"variable", "npus.shipped"}, {"entity", "national"}};
  const auto at = [&](const std::string& scenario, const std::string& period) {
    Where where = series;
    where["scenario"] = scenario;
    where["period"] = period;
    return where;
  };
  const ReadChart& medians = chart_of(charts, "Medians of " + name);
  REQUIRE(medians.series.size() == 2);
  for (const ReadSeries& scenario : medians.series) {
    REQUIRE(scenario.values.size() == 2);
    for (size_t y = 0; y < 2; ++y) {
      CHECK(scenario.values[y] ==
            near(number_where(compared.summary, "p50", at(scenario.name, scenario.categories[y]))));
    }
  }
  CHECK(medians.series[0].values[1] > 1.5 * medians.series[1].values[1]);
  const ReadSeries& lost = chart_of(charts, "Mean differences of " + name).series.at(0);
  for (size_t y = 0; y < 2; ++y) {
    CHECK(lost.values.at(y) == near(number_where(table_of(compared, "compare"), "difference",
                                                 at(lost.name, lost.categories[y]))));
  }
  // Names of cells are of the scenario that they name.
  const auto summary = book.rows("Summary");
  std::map<std::string, size_t> line_of;  // by number in the sheet
  for (const auto& [tag, row] :
       book.xml(book.part_of("Summary")).get_child("worksheet.sheetData")) {
    line_of.emplace(row.get<std::string>("<xmlattr>.r"), line_of.size());
  }
  size_t named = 0;
  for (const auto& [tag, defined] :
       book.xml("xl/workbook.xml").get_child("workbook.definedNames")) {
    const std::string of = defined.get<std::string>("<xmlattr>.name"), place = defined.data();
    for (const std::string scenario : {"one", "two"}) {
      const std::string prefix = scenario == "one" ? "" : "two_";
      if (of != prefix + "npus_shipped_national_2026_p50") continue;
      const size_t dollar = place.rfind('$'), letters = place.find('$') + 1;
      const auto& row = summary.at(line_of.at(place.substr(dollar + 1)));
      CHECK(row.at(place.substr(letters, dollar - letters)).number ==
            near(number_where(compared.summary, "p50", at(scenario, "2026"))));
      ++named;
    }
  }
  CHECK(named == 2);
  size_t asked = 0;
  for (const auto& row : summary) {
    if (!row.count("A") || !row.count("B") || !row.count("C")) continue;
    for (const auto& [column, scenario] : {std::pair{"B", "one"}, {"C", "two"}}) {
      const auto estimate = numbers_where(compared.questions, "estimate",
                                          {{"text", row.at("A").text}, {"scenario", scenario}});
      if (estimate.empty()) continue;
      CHECK(row.at(column).number == near(estimate[0]));
      ++asked;
    }
  }
  CHECK(asked == compared.questions.rows.size());

  SweepRequest sweep;
  sweep.run = request.run;
  sweep.paths = {one};
  sweep.design.vary = {"fab.SN2.line_yield=0.3:0.9:3"};
  const RunResult swept = Sweep(sweep).run(nullptr, {});
  write_xlsx(swept, folder.file("sweep.xlsx"));
  const ReadChart response =
      chart_of(charts_of(ReadWorkbook(folder.file("sweep.xlsx"))), "How " + name + " in 2026 ");
  REQUIRE(response.series.size() == 3);
  constexpr std::array quantiles{"p05", "p50", "p95"};
  for (size_t q = 0; q < 3; ++q) {
    const auto values = numbers_where(table_of(swept, "sweep"), quantiles[q], at("one", "2026"));
    REQUIRE(values.size() == 3);
    for (size_t i = 0; i < 3; ++i) {
      CHECK(std::stod(response.series[q].categories.at(i)) ==
            near(0.3 + 0.3 * static_cast<double>(i)));
      CHECK(response.series[q].values.at(i) == near(values[i]));
    }
  }
}

TEST_CASE("workbook: texts of files stay texts, whatever they look like") {
  CHECK(injections().size() >= 30);
  RunResult result = hand_result();
  const TemporaryFolder folder;
  for (const std::string& text : injections()) {
    CAPTURE(text);
    RunResult spoilt = result;
    spoilt.provenance.title = spoilt.provenance.scenario = spoilt.provenance.command = text;
    spoilt.provenance.scenario_text = text + "\n" + text;
    spoilt.warnings = {text};
    spoilt.sources.rows.assign(1, std::vector<Cell>(spoilt.sources.columns.size(), text));
    spoilt.inputs.columns.push_back({"given " + text, text});
    for (auto& row : spoilt.inputs.rows) row.emplace_back(text);
    for (Table* table : {&spoilt.summary, &spoilt.questions, &spoilt.binding, &spoilt.exceedance}) {
      for (auto& row : table->rows) {
        row[0] = text;
        for (const char* column : {"entity", "text"}) {
          if (column == std::string("text") && table != &spoilt.questions) continue;
          row[table->column(column)] = text;
        }
      }
    }
    // A second scenario, so that series have scenarios' names.
    for (Table* table : {&spoilt.summary, &spoilt.exceedance}) {
      auto rows = table->rows;
      for (auto& row : rows) row[0] = text + "2";
      table->rows.insert(table->rows.end(), rows.begin(), rows.end());
    }
    spoilt.headline = {{"npus.shipped", text}};
    spoilt.headline_products = {text};
    Table more{text, {{text, text}, {text, text}, {"", ""}}, {{text, text, text}}};
    spoilt.further.push_back(more);
    write_xlsx(spoilt, folder.file("report.xlsx"));
    const ReadWorkbook book(folder.file("report.xlsx"));
    for (const auto& [name, part] : book.parts) {
      CAPTURE(name);
      if (name.starts_with("xl/worksheets/sheet")) {
        CHECK_FALSE(has(part, "<f>"));
        CHECK_FALSE(has(part, "<hyperlink"));
      }
      if (name.starts_with("xl/tables/")) CHECK_FALSE(has(part, "Formula"));
      if (name.ends_with(".rels") && name.starts_with("xl/worksheets")) {
        CHECK_FALSE(has(part, "External"));
      }
      // Formulas of charts are of cells of ours.
      if (!name.starts_with("xl/charts/")) continue;
      for (size_t at = part.find("<c:f>"); at != std::string::npos;
           at = part.find("<c:f>", at + 1)) {
        const std::string formula = part.substr(at + 5, part.find("</c:f>", at) - at - 5);
        CHECK((formula.starts_with("'Chart data'!$") || formula.starts_with("Exceedance!$")));
      }
    }
    const auto sources = book.rows("Sources");
    REQUIRE(sources.size() == 2);
    for (const auto& [column, cell] : sources[1]) {
      CHECK(cell.is_text);
      CHECK(unescaped(cell.text) == text);
    }
    CHECK(sources[1].size() == result.sources.columns.size());
  }
}

TEST_CASE("workbook: plain addresses of sources are links, others are texts") {
  RunResult result = hand_result();
  const size_t url = result.sources.column("url");
  for (const char* address : {"https://x.y/z?a=b#c", "http://x.y", "HTTPS://x.y", "https://x y"}) {
    result.sources.rows.emplace_back(result.sources.columns.size());
    result.sources.rows.back()[url] = std::string(address);
  }
  const TemporaryFolder folder;
  write_xlsx(result, folder.file("report.xlsx"));
  const ReadWorkbook book(folder.file("report.xlsx"));
  const std::string part = book.part_of("Sources");
  const std::string rels = "xl/worksheets/_rels" + part.substr(part.rfind('/')) + ".rels";
  CHECK(has(book.parts.at(rels), "Target=\"https://x.y/z?a=b"));
  CHECK(has(book.parts.at(rels), "Target=\"http://x.y\""));
  CHECK_FALSE(has(book.parts.at(rels), "HTTPS"));
  CHECK_FALSE(has(book.parts.at(rels), "x y"));
  CHECK(book.has_text("https://x y"));
}

TEST_CASE("workbook: what a cell cannot hold is left blank, cut or made safe") {
  CHECK(cell_text("a\xff"
                  "b") ==
        "a\uFFFD"
        "b");
  CHECK(cell_text("\xc3") == "\uFFFD");
  CHECK(cell_text("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");  // a surrogate
  CHECK(cell_text("\xf5\x80\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");
  CHECK(cell_text("\xc0\x80") == "\uFFFD\uFFFD");  // overlong
  CHECK(cell_text("\x01\x1f\x7f") == "\uFFFD\uFFFD\uFFFD");
  CHECK(cell_text(std::string("\0", 1)) == "\uFFFD");
  CHECK(cell_text("\uFFFE\uFFFF") == "\uFFFD\uFFFD");
  CHECK(cell_text("a\r\nb\rc\td") == "a\nb\nc\td");
  CHECK(cell_text("昇腾 😀") == "昇腾 😀");
  CHECK(cell_text("_x0041__xyz_") == "_x005F_x0041__xyz_");
  CHECK(label_text("=A1") == "'=A1");
  const std::string longest(32767, 'x');
  CHECK(cell_text(longest) == longest);
  const std::string cut = cell_text(longest + "x");
  CHECK(cut.size() < 32767 + 10);
  CHECK(has(cut, "(cut: more than a cell holds)"));
  std::string wide;
  for (int i = 0; i < 20000; ++i) wide += "😀";  // two units each
  CHECK(cell_text(wide).size() < 4 * 16500);

  const TemporaryFolder folder;
  RunResult result = hand_result();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  result.further.push_back({"odd",
                            {{"value", ""}, {"value", ""}, {"VALUE", ""}, {"", ""}, {"note", ""}},
                            {{std::nan(""), infinity, -infinity, 1e308, longest + longest},
                             {5e-324, -0.0, {}, 9007199254740993LL, std::string("\x01\xff")}}});
  result.further.push_back({"empty", {{"nothing", ""}}, {}});
  write_xlsx(result, folder.file("report.xlsx"));
  const ReadWorkbook book(folder.file("report.xlsx"));
  const auto rows = book.rows("Odd");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].at("A").text == "value");
  CHECK(rows[0].at("B").text == "value_2");
  CHECK(rows[0].at("C").text == "VALUE_3");
  CHECK(rows[1].size() == 2);
  CHECK(rows[1].at("D").number == 1e308);
  CHECK(rows[2].at("E").text == "\uFFFD\uFFFD");
  CHECK(book.rows("Empty").size() == 1);
}

TEST_CASE("workbook: sheets, tables and cells have names that are right and unique") {
  const TemporaryFolder folder;
  const std::string path = folder.file("names.xlsx");
  std::vector<std::string> names;
  {
    Workbook book(path, "=title");
    for (const std::string& name : std::vector<std::string>{
             std::string(40, 'n'), std::string(40, 'n'), std::string(40, 'N'), std::string("a/b:c"),
             std::string("'quoted'"), std::string(""), std::string("History"),
             std::string("[x]*?\\"), std::string(30, 'q') + "''",
             std::string("昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾昇腾"),
             std::string("it's")}) {
      Sheet& sheet = book.add_sheet(name);
      sheet.write(0, 0, 1.5);
      names.push_back(sheet.name());
      book.define_name("R1C1", sheet, 0, 0);
      book.define_name("a.b-c 昇", sheet, 0, 0);
      book.define_name("1", sheet, 0, 0);
    }
    book.close();
  }
  CHECK(names[0] == std::string(31, 'n'));
  CHECK(names[1] == std::string(29, 'n') + "_2");
  CHECK(names[2] == std::string(29, 'N') + "_3");
  CHECK(names[3] == "a b c");
  CHECK(names[4] == "quoted");
  CHECK(names[5] == "_");
  CHECK(names[6] == "History_");
  CHECK(names[8] == std::string(30, 'q'));
  const ReadWorkbook book(path);
  CHECK(book.sheets == names);
  std::set<std::string> defined;
  for (const auto& [tag, name] : book.xml("xl/workbook.xml").get_child("workbook.definedNames")) {
    const std::string text = name.get<std::string>("<xmlattr>.name");
    CAPTURE(text);
    CHECK(defined.insert(text).second);
    CHECK(has(text, "_"));  // which no cell has
  }
  CHECK(defined.size() == 3 * names.size());
}

TEST_CASE("workbook: more rows than a sheet shows are told, and where they stand") {
  RunResult result;
  result.further.push_back({"sweep-wide", {{"scenario", ""}, {"x", ""}}, {}});
  result.further[0].rows.assign(200'005, {std::string("s"), 1.0});
  const TemporaryFolder folder;
  write_xlsx(result, folder.file("report.xlsx"));
  const ReadWorkbook book(folder.file("report.xlsx"));
  const auto rows = book.rows("Sweep, wide");
  CHECK(rows.size() == 200'000 + 2);
  CHECK(rows.back().at("A").text == "200000 of 200005 rows; all stand in sweep-wide.csv");
}

TEST_CASE("workbook: the same bytes twice, and under a comma-decimal locale") {
  const RunResult result = hand_result();
  const std::string bytes = bytes_of(result);
  CHECK(bytes_of(result) == bytes);
  {
    // And at another time: what tells the date is one of ours.
    const TemporaryFolder folder;
    write_xlsx(result, folder.file("report.xlsx"));
    const std::string core = ReadWorkbook(folder.file("report.xlsx")).parts.at("docProps/core.xml");
    for (const char* kind : {"created", "modified"}) {
      CHECK(has(core, fmt::format("<dcterms:{} xsi:type=\"dcterms:W3CDTF\">2026-01-01T00:00:00Z<",
                                  kind)));
    }
  }
  const std::string former = setlocale(LC_ALL, nullptr);
  if (!setlocale(LC_ALL, "de_DE.UTF-8")) {
    MESSAGE("de_DE.UTF-8 is not on this machine");
    return;
  }
  char half[8];
  std::snprintf(half, sizeof half, "%.1f", 0.5);
  CHECK(half == std::string("0,5"));
  const std::string in_german = bytes_of(result);
  std::snprintf(half, sizeof half, "%.1f", 0.5);
  CHECK(half == std::string("0,5"));  // and it is left as it was
  setlocale(LC_ALL, former.c_str());
  CHECK(in_german == bytes);
}

TEST_CASE("workbook: a disk that is full, at whatever point, is an error and never a spoilt file") {
  const TemporaryFolder folder;
  const std::string disk = folder.file("disk");
  std::filesystem::create_directory(disk);
  const RunResult result = hand_result();
  const std::string whole = bytes_of(result);
  size_t refused = 0, written = 0;
  for (int kilobytes = 16; kilobytes < 4096; kilobytes = kilobytes * 5 / 4) {
    const std::string size = fmt::format("size={}k", kilobytes);
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, size.c_str()) != 0) {
      MESSAGE("skipped: mounting a small file system takes root");
      return;
    }
    CAPTURE(kilobytes);
    const std::string path = disk + "/report.xlsx";
    try {
      write_xlsx(result, path);
      CHECK(read_text(path) == whole);
      ++written;
    } catch (const IoError& error) {
      CHECK(has(error.what(), "report.xlsx"));
      ++refused;
    }
    umount2(disk.c_str(), MNT_DETACH);
  }
  CHECK(refused >= 5);
  CHECK(written >= 5);
}

TEST_CASE(
    "workbook: a temporary file that is cut off is seen, though libxlsxwriter reports success") {
  RunResult result = hand_result();
  // Rows that take much less room packed than in the temporary file.
  result.further.push_back({"alike", {{"scenario", ""}, {"x", ""}}, {}});
  result.further[0].rows.assign(20'000, {std::string("s"), 1.0});
  const std::string whole = bytes_of(result);
  const TemporaryFolder folder;
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit;
  REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
  const auto former = limit.rlim_cur;
  const auto limit_to = [&](rlim_t bytes) {
    limit.rlim_cur = bytes;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  };
  size_t cut = 0, written = 0;
  for (rlim_t bytes = 32'000; bytes < 8'000'000; bytes = bytes * 4 / 3) {
    std::string message;
    limit_to(bytes);
    try {
      write_xlsx(result, folder.file("report.xlsx"));
    } catch (const IoError& error) {
      message = error.what();
    }
    limit_to(former);
    CAPTURE(bytes);
    if (message.empty()) {
      CHECK(read_text(folder.file("report.xlsx")) == whole);
      ++written;
    }
    cut += has(message, "it came out spoilt (xl/worksheets/sheet");
  }
  signal(SIGXFSZ, handler);
  CHECK(cut >= 2);
  CHECK(written >= 2);
}

TEST_CASE("workbook: a folder that is not there is an error") {
  CHECK_THROWS_AS(write_xlsx(hand_result(), "/nowhere/report.xlsx"), IoError);
}

TEST_CASE("workbook: every variable has its sheet") {
  for (const OutputVariable& variable : output_variables()) {
    CAPTURE(variable.name);
    CHECK(sheet_of_variable(variable.name) != "Other");
  }
  CHECK(sheet_of_variable("new.thing") == "Other");
}
