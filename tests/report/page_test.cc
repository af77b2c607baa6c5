/// report.html in Chromium: tests/report/page.mjs, on pages of a run, of a comparison and of
/// sweeps.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "fabcast.h"
#include "report/csv.h"
#include "report/html.h"
#include "study/compare.h"
#include "support/program.h"

using namespace fabcast;
namespace fs = std::filesystem;

namespace {

std::string scenario(const std::string& name) {
  return std::string(FABCAST_SOURCE_FOLDER "/scenarios/") + name + ".scn";
}

std::string first_program(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const std::string look = std::string("command -v ") + name + " >/dev/null 2>&1";
    if (std::system(look.c_str()) == 0) return name;
  }
  return "";
}

/// Points of a design over the headline of a result; `at`: the keys' values at each.
void add_sweep(RunResult& result, const std::vector<std::string>& keys,
               const std::vector<std::vector<Cell>>& at) {
  Table table{"sweep", {{"point", "Number of the point"}}, {}};
  for (const std::string& key : keys) table.columns.push_back({key, "A key that is varied"});
  for (const char* name :
       {"scenario", "variable", "entity", "unit", "period", "p05", "p50", "p95"}) {
    table.columns.push_back({name, ""});
  }
  const Table& summary = result.summary;
  long long point = 0;
  for (const std::vector<Cell>& values : at) {
    ++point;
    for (const auto& row : summary.rows) {
      const auto cell = [&](const char* name) { return row[summary.column(name)]; };
      const std::pair series{text_in(cell("variable")), text_in(cell("entity"))};
      const bool shown = std::find(result.headline.begin(), result.headline.end(), series) !=
                         result.headline.end();
      if (!shown || text_in(cell("period")) != "2028") continue;
      std::vector<Cell> made{point};
      made.insert(made.end(), values.begin(), values.end());
      for (const char* name : {"scenario", "variable", "entity", "unit", "period"}) {
        made.push_back(cell(name));
      }
      for (const char* name : {"p05", "p50", "p95"}) {
        made.emplace_back(number_in(cell(name)) * (1 + 0.1 * static_cast<double>(point)));
      }
      table.rows.push_back(std::move(made));
    }
  }
  result.further.push_back(std::move(table));
}

}  // namespace

TEST_CASE("the page in a browser: every chart drawn, no error, no request, readable by all") {
  const fs::path modules = fs::path(FABCAST_SOURCE_FOLDER) / "build/page/node_modules";
  const std::string chromium = first_program({"chromium", "chromium-browser", "google-chrome"});
  const std::string node = first_program({"node", "nodejs"});
  if (chromium.empty() || node.empty() || !fs::exists(modules / "playwright-core")) {
    std::cout << "not tested: needs chromium, node and the npm packages of engine/report/page "
                 "(./dev page); there is no "
              << (chromium.empty() ? "chromium"
                  : node.empty()   ? "node"
                                   : modules.string())
              << '\n';
    return;
  }
  const testing::TemporaryFolder folder;
  const fs::path pages = fs::path(folder.path()) / "pages";
  fs::create_directories(pages);
  const auto write = [&](const std::string& name, const RunResult& result) {
    std::ofstream(pages / (name + ".html")) << report_html(result);
    std::ofstream(pages / (name + ".summary.csv")) << csv_text(result.summary);
  };
  RunRequest request;
  request.scenario.path = scenario("baseline");
  request.trials = 500;
  request.by_view = true;
  RunResult result = run(request);
  add_sweep(result, {"fab.SN2.line_yield"}, {{0.8}, {0.85}, {0.9}});
  write("run", result);
  request.by_view = false;
  request.scenario.path = scenario("observed-2026-05");
  result = run(request);
  add_sweep(result, {"fab.SN2.line_yield", "dram.swaysure.wafers"},
            {{0.8, std::string("10k")},
             {0.8, std::string("20k")},
             {0.9, std::string("10k")},
             {0.9, std::string("20k")}});
  write("observed", result);
  CompareRequest compare;
  compare.run = request;
  compare.paths = {scenario("baseline"), scenario("hbm-relief"), scenario("no-controls")};
  write("compare", PairedStudy(compare).run({}));

  // Pictures for people stay where FABCAST_SHOTS says.
  const char* kept = std::getenv("FABCAST_SHOTS");
  const std::string shots = kept ? std::string(" '") + kept + "'" : "";
  const std::string script = std::string(FABCAST_TESTS_FOLDER "/report/page.mjs");
  const std::string said = (fs::path(folder.path()) / "said").string();
  const std::string command = node + " '" + script + "' '" + modules.string() +
                              "' \"$(command -v " + chromium + ")\" '" + pages.string() + "'" +
                              shots + " >'" + said + "' 2>&1";
  const int status = std::system(command.c_str());
  CHECK_MESSAGE(status == 0, testing::read_text(said));
  CHECK(testing::has(testing::read_text(said), "the pages are right"));
}
