/// What stands above a page and a workbook.

#include "report/heading.h"

#include <doctest/doctest.h>

using namespace fabcast;

namespace {

RunResult result_named(const std::string& scenario, const std::string& title) {
  RunResult result;
  Provenance& from = result.provenance;
  from.scenario = scenario;
  from.title = title;
  from.first_month = "2024-01";
  from.last_month = "2028-12";
  from.trials = 4000;
  from.seed = 7;
  from.version = "1.2.3";
  return result;
}

}  // namespace

TEST_CASE("heading: of a run its title, or its name") {
  const ReportHeading heading = heading_of(result_named("base", "The world"));
  CHECK(heading.title == "The world");
  CHECK(heading.told ==
        "base; 2024-01 to 2028-12; 4000 simulated histories (trials), seed 7; fabcast 1.2.3");
  CHECK(heading_of(result_named("base", "")).title == "base");
}

TEST_CASE("heading: of a comparison what is compared, not the first one's title") {
  RunResult result = result_named("base, ban", "The world");
  result.compared.scenarios = {{"base", "The world", {}}, {"ban", "A ban", {}}};
  CHECK(heading_of(result).title == "ban against base");
  result.compared.scenarios.push_back({"relief", "", {}});
  CHECK(heading_of(result).title == "2 scenarios against base");
}

TEST_CASE("heading: of a sweep its keys, and how many points") {
  RunResult result = result_named("base", "The world");
  result.swept.keys = {"fab.a.plan"};
  result.swept.points = 1;
  CHECK(heading_of(result).title == "Sweep of fab.a.plan");
  CHECK(heading_of(result).told.find("; 1 point of 4000 simulated") != std::string::npos);
  result.swept.keys = {"fab.a.plan", "fab.b.plan"};
  result.swept.points = 12;
  CHECK(heading_of(result).title == "Sweep of fab.a.plan and fab.b.plan");
  CHECK(heading_of(result).told.find("; 12 points, each of 4000 sim") != std::string::npos);
  result.swept.keys.push_back("fab.c.plan");
  CHECK(heading_of(result).title == "Sweep of 3 keys");
}

TEST_CASE("heading: of joined runs their number, for trials and months may differ") {
  RunResult result = result_named("base", "The world");
  result.compared.scenarios = {{"base", "", {}}, {"ban", "", {}}};
  result.provenance.runs = 3;
  CHECK(heading_of(result).title == "3 runs");
  CHECK(heading_of(result).told == "fabcast 1.2.3");
}
