/// The picture that shows a sweep: which one, with which numbers, in workbook and page.

#include "report/response.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "report/html.h"
#include "report/xlsx.h"
#include "report/xlsx_style.h"
#include "support/program.h"
#include "support/workbook.h"

using namespace fabcast;
using namespace fabcast::testing;
using Json = nlohmann::json;

namespace {

using Points = std::vector<std::vector<Cell>>;

const std::vector<std::string> two{"fab.A.plan", "fab.B.line_yield"};

/// Median 100 x + y at a point whose first two keys are x and y; of the second scenario 1000 more.
double median_at(const std::vector<Cell>& at, size_t scenario) {
  const double y = at.size() > 1 ? number_in(at[1]) : 0;
  return 100 * number_in(at[0]) + y + 1000 * static_cast<double>(scenario);
}

RunResult sweep_over(const std::vector<std::string>& keys, const Points& points,
                     const std::vector<std::string>& scenarios = {"s"}) {
  RunResult result;
  result.swept = {keys, {}, scenarios, points.size(), "", {{"npus.shipped", "a", "npus", "2026"}}};
  Table sweep{"sweep", {{"point", ""}}, {}};
  for (const std::string& key : keys) {
    result.swept.units.emplace_back(key.ends_with("yield") ? "%" : "");
    sweep.columns.push_back({key, ""});
  }
  Table wide = sweep;
  wide.name = "sweep-wide";
  for (const char* name :
       {"scenario", "variable", "entity", "unit", "period", "p05", "p50", "p95"}) {
    sweep.columns.push_back({name, ""});
  }
  wide.columns.push_back({"scenario", ""});
  for (const char* name : {"mean", "p05", "p50", "p95"}) {
    wide.columns.push_back({fmt::format("npus.shipped a 2026 {}", name), ""});
  }
  long long number = 0;
  for (const auto& at : points) {
    ++number;
    for (size_t s = 0; s < scenarios.size(); ++s) {
      std::vector<Cell> head{number};
      head.insert(head.end(), at.begin(), at.end());
      head.emplace_back(scenarios[s]);
      std::vector<Cell> row = head, wide_row = head;
      const double median = median_at(at, s);
      for (const char* text : {"npus.shipped", "a", "npus", "2026"}) {
        row.emplace_back(std::string(text));
      }
      for (const double value : {median - 10, median, median + 10}) row.emplace_back(value);
      for (const double value : {median, median - 10, median, median + 10}) {
        wide_row.emplace_back(value);
      }
      sweep.rows.push_back(row);
      wide.rows.push_back(wide_row);
    }
  }
  result.further = {sweep, wide};
  result.provenance.scenario = "s";
  result.provenance.variables = {{"npus.shipped", "npus", "NPUs shipped"}};
  return result;
}

Points grid(int xs, int ys) {
  Points points;
  for (int x = 1; x <= xs; ++x) {
    for (int y = 1; y <= ys; ++y) {
      points.push_back({static_cast<double>(x), static_cast<double>(y)});
    }
  }
  return points;
}

std::vector<Response> responses(const RunResult& result) {
  const auto sweeps = sweeps_of(result);
  REQUIRE(sweeps.size() == 1);
  return responses_of(sweeps[0], {"npus.shipped", "a"});
}

struct Books {
  TemporaryFolder folder;
  ReadWorkbook book;
  Json page;

  explicit Books(const RunResult& result) : book(write(result, folder.file("report.xlsx"))) {
    const std::string html = report_html(result);
    const std::string open = "<script type=\"application/json\" id=\"data\">";
    const size_t at = html.find(open) + open.size();
    page = Json::parse(html.substr(at, html.find("</script>", at) - at));
  }
  static std::string write(const RunResult& result, const std::string& path) {
    write_xlsx(result, path);
    return path;
  }
  size_t charts() const { return book.count("xl/charts/chart"); }
  std::string parts(const std::string& beginning) const {
    std::string all;
    for (const auto& [name, part] : book.parts) {
      if (name.starts_with(beginning)) all += part;
    }
    return all;
  }
};

}  // namespace

TEST_CASE("response: one key is lines of P5, P50 and P95 in the order of its values") {
  const RunResult result = sweep_over({"fab.B.line_yield"}, {{90.0}, {80.0}, {85.0}});
  const auto all = responses(result);
  REQUIRE(all.size() == 1);
  CHECK(all[0].shape == ResponseShape::lines);
  CHECK(all[0].told == "median from 8.00k at 80 to 9.00k at 90.");
  const Books books(result);
  CHECK(books.charts() == 1);
  const auto data = books.book.rows("Chart data");
  CHECK(data[1].at("A").text == "fab.B.line_yield [%]");
  CHECK(data[2].at("A").number == 80);
  CHECK(data[2].at("B").number == 7990);
  CHECK(data[4].at("D").number == 9010);
  CHECK(has(books.parts("xl/drawings/"), "median from 8.00k at 80 to 9.00k at 90."));
  CHECK(books.page["sweep"][0]["shape"] == "lines");
}

TEST_CASE("response: of several scenarios each is drawn and named") {
  const RunResult one_key = sweep_over({"fab.A.plan"}, {{1.0}, {2.0}}, {"s", "t"});
  const auto lines = responses(one_key);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].told ==
        "s: median from 100 at 1 to 200 at 2; t: median from 1.10k at 1 to 1.20k "
        "at 2.");
  const auto data = Books(one_key).book.rows("Chart data");
  CHECK(data[1].at("B").text == "s");
  CHECK(data[1].at("C").text == "t");
  CHECK(data[3].at("C").number == 1200);
  const auto grids = responses(sweep_over(two, grid(2, 3), {"s", "t"}));
  REQUIRE(grids.size() == 2);
  CHECK(grids[1].shape == ResponseShape::grid);
  CHECK(grids[1].where() == "in 2026, t");
  CHECK(Books(sweep_over(two, grid(2, 3), {"s", "t"})).charts() == 2);
}

TEST_CASE("response: a grid is lines to eight values of the second key, then a map") {
  const RunResult few = sweep_over(two, grid(3, 8)), many = sweep_over(two, grid(12, 9));
  CHECK(responses(few)[0].shape == ResponseShape::grid);
  CHECK(responses(many)[0].shape == ResponseShape::map);
  const Books lines(few), map(many);
  CHECK(lines.charts() == 1);
  CHECK(has(lines.parts("xl/drawings/"), "fab.A.plan and fab.B.line_yield [%]"));
  CHECK(map.charts() == 0);
  const auto rows = map.book.rows("Response maps");
  CHECK(rows[2].at("J").number == 9);  // across: the key of fewer values
  CHECK(rows[3].at("A").number == 1);
  CHECK(rows[14].at("J").number == 1209);  // x = 12, y = 9
  CHECK(has(map.book.parts.at(map.book.part_of("Response maps")), "<colorScale>"));
  CHECK(map.page["sweep"][0]["shape"] == "map");
  CHECK(map.page["sweep"][0]["keys"][0]["values"].size() == 12);
}

TEST_CASE("response: changes one at a time stand beside the base, each once") {
  // The second point is the base's equal, as where a value is varied over what it has.
  const RunResult result = sweep_over(two, {{5.0, 1.0}, {5.0, 1.0}, {7.0, 1.0}, {5.0, 3.0}});
  const auto all = responses(result);
  REQUIRE(all[0].shape == ResponseShape::alone);
  REQUIRE(all[0].alone.size() == 3);
  CHECK(all[0].alone[0].name == "as it stands");
  CHECK(all[0].alone[1].name == "fab.A.plan = 7");
  CHECK(all[0].alone[2].p50 == 503);
  const Books books(result);
  CHECK(books.charts() == 1);
  const auto data = books.book.rows("Chart data");
  CHECK(data[4].at("A").text == "as it stands");  // bars from below
  CHECK(data[4].at("C").number == 501);
  CHECK(data[3].at("D").number == 711);
  CHECK(books.page["sweep"][0]["changes"].size() == 3);
  // Of many those are drawn that move it most.
  Points points{{0.0, 0.0}};
  for (int i = 1; i <= 30; ++i) points.push_back({static_cast<double>(i), 0.0});
  points.push_back({0.0, 5.0});
  const auto most = responses(sweep_over(two, points));
  CHECK(most[0].alone.size() == 1 + most_rows_alone);
  CHECK(most[0].alone_left_out == 31 - most_rows_alone);
  CHECK(most[0].alone[1].name == "fab.A.plan = 7");
}

TEST_CASE("response: anything else is a scatter over the keys that go with the output") {
  Points points;
  const std::vector<std::string> keys{"k1", "k2", "k3", "k4", "k5"};
  for (int i = 0; i < 20; ++i) {
    // k1 decides; k5 is its opposite; k2 and k4 go with little; k3 does not vary.
    points.push_back({static_cast<double>(i), static_cast<double>(i * 7 % 20), 4.0,
                      static_cast<double>(i * 3 % 20), static_cast<double>(-i)});
  }
  const RunResult result = sweep_over(keys, points, {"s", "t"});
  const auto all = responses(result);
  REQUIRE(all.size() == 1);
  CHECK(all[0].shape == ResponseShape::scatter);
  CHECK(all[0].correlations[0][0] == doctest::Approx(1));
  CHECK(all[0].correlations[4][1] == doctest::Approx(-1));
  CHECK(std::isnan(all[0].correlations[2][0]));
  REQUIRE(all[0].shown.size() == 4);
  CHECK(all[0].shown[0] == 0);
  CHECK(all[0].shown[1] == 4);
  const Books books(result);
  CHECK(books.charts() == 4);
  CHECK(has(books.parts("xl/drawings/"), "rank correlation with k5 -1.00 / -1.00"));
  CHECK(books.book.has_text("t"));
  CHECK(books.book.has_text(
      "What each output goes with: rank correlation of the medians over the points"));
  CHECK(books.page["sweep"][0]["scenarios"].size() == 2);
  CHECK(has(report_html(result), "What each output goes with"));
}

TEST_CASE("response: the headline by point, with units, names and where the rest stands") {
  Points points;
  for (int i = 1; i <= 205; ++i) points.push_back({static_cast<double>(i)});
  const RunResult result = sweep_over({"fab.B.line_yield"}, points);
  const Books books(result);
  const auto rows = books.book.rows("Summary");
  const auto found = std::find_if(rows.begin(), rows.end(), [](const auto& row) {
    return row.contains("A") && row.at("A").text == "point";
  });
  REQUIRE(found != rows.end());
  CHECK(found->at("B").text == "[%]");
  CHECK((found + 7)->at("D").number == 700);
  CHECK(books.book.has_text("200 of 205 rows; all stand on the sheet Sweep, wide"));
  const std::string& names = books.book.parts.at("xl/workbook.xml");
  CHECK(has(names, "point_1_npus_shipped_a_2026_p50"));
  CHECK(has(names, "point_24_npus_shipped_a_2026_p95"));
  CHECK_FALSE(has(names, "point_25_"));
  CHECK(books.book.rows("Sweep")[0].at("B").text == "fab.B.line_yield [%]");
  CHECK(books.book.rows("Sweep, wide")[0].at("F").text == "npus.shipped a 2026 p50 [npus]");
}

TEST_CASE("response: one point has its numbers and no picture") {
  const RunResult result = sweep_over({"fab.B.line_yield"}, {{80.0}});
  CHECK(responses(result).empty());
  const Books books(result);
  CHECK(books.charts() == 0);
  CHECK(has(books.book.parts.at("xl/workbook.xml"), "point_1_npus_shipped_a_2026_p50"));
}

TEST_CASE("response: what is varied looks as it is written, whatever unit the row has") {
  const Table sweep{"sweep",
                    {{"point", ""},
                     {"fab.*.plan*", ""},
                     {"scenario", ""},
                     {"variable", ""},
                     {"unit", ""},
                     {"mean", ""}},
                    {{1LL, 0.5, "s", "npus.shipped", "npus", 12345.6},
                     {1LL, 0.5, "s", "revenue.share", "share", 0.25}}};
  const TableFormats formats(sweep);
  for (size_t row = 0; row < 2; ++row) CHECK(formats.of(row, 1) == "General");
  CHECK(formats.of(0, 5) == "#,##0");
  CHECK(formats.of(1, 5) != formats.of(0, 5));
}
