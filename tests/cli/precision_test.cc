/// --precision on the command line: statuses, messages, files, and what it prints.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/place.h"

using namespace fabcast::testing;
using Json = nlohmann::json;

namespace {

struct Here : Place {
  Here() : Place("", {unsure_packaging()}) {}
  Json run_json(const std::string& directory) const {
    return Json::parse(file(directory + "/run.json"));
  }
};

/// Each file of two directories of results but run.json.
void check_same_tables(const Place& place, const std::string& a, const std::string& b,
                       size_t least = 5) {
  size_t tables = 0;
  for (const auto& [name, content] : tree_of(place.folder.file(a))) {
    if (!name.ends_with(".csv")) continue;
    CAPTURE(name);
    CHECK((content == place.file(b + "/" + name)));
    ++tables;
  }
  CHECK(tables >= least);
}

}  // namespace

TEST_CASE("run --precision: as tight as asked, and the same as a run of as many trials") {
  const Here place;
  const std::string common = "run unsure.scn --relax --keep-trials 'npus.shipped npu' ";
  const ProgramRun run =
      place(common + "--precision 0.5% --of 'npus.shipped npu 2026 mean' --of sixteen --out asked");
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  const Json json = place.run_json("asked");
  const uint64_t trials = json["trials"];
  CHECK(trials > 4096);
  CHECK(trials < 100'000);
  CHECK(json["precision"]["met"] == true);
  CHECK(json["precision"]["most_trials"] == 1'000'000);
  REQUIRE(json["precision"]["statistics"].size() == 2);
  const Json& mean = json["precision"]["statistics"][0];
  CHECK(mean["scenario"] == "unsure");
  CHECK(mean["of"] == "npus.shipped npu 2026 mean");
  CHECK(mean["unit"] == "npus");
  CHECK(mean["absolute"] == false);
  CHECK(mean["asked"] == 0.005);
  CHECK(mean["reached"] <= 0.005);
  CHECK(mean["reached"] > 0);
  CHECK(mean["lo"] < mean["value"]);
  CHECK(mean["met"] == true);
  const Json& chance = json["precision"]["statistics"][1];
  CHECK(chance["of"] == "sixteen");
  CHECK(chance["unit"] == "");
  CHECK(chance["absolute"] == true);
  CHECK(chance["reached"] <= 0.005);
  CHECK(has(run.output, "asked: 90 % intervals within ±0.5 %, of chances ±0.5 points\n"));
  CHECK(has(run.output, "\n  npus.shipped npu 2026 mean "));
  CHECK(has(run.output, " points\n"));

  REQUIRE(place(common + "-q --out fixed -n " + std::to_string(trials)).status == 0);
  check_same_tables(place, "asked", "fixed");
  CHECK_FALSE(place.run_json("fixed").contains("precision"));
}

TEST_CASE("run --precision: where the cap comes first, status 7 and results all the same") {
  const Here place;
  const std::string asked = "--precision 0.01% --of 'npus.shipped npu 2026 p50' -n 5k ";
  const ProgramRun run = place("run unsure.scn " + asked + "--out few");
  CHECK(run.status == 7);
  CHECK(has(run.errors, "warning: --precision: 'npus.shipped npu 2026 p50' of unsure is within ±"));
  CHECK(has(run.errors, "not 0.01 %, after 5000 trials, the most (--trials); some "));
  CHECK(has(run.output, "missed\n"));
  CHECK(has(run.output, "Results: few/summary.csv"));
  CHECK(place.run_json("few")["precision"]["met"] == false);
  REQUIRE(place("run unsure.scn -n 5k -q --out fixed").status == 0);
  check_same_tables(place, "few", "fixed");

  const ProgramRun quiet = place("run unsure.scn -q " + asked + "--out quiet");
  CHECK(quiet.status == 7);
  CHECK(quiet.output == "");
  CHECK(quiet.errors == run.errors);
  const ProgramRun json = place("run unsure.scn --json " + asked + "--out json");
  CHECK(json.status == 7);
  CHECK(Json::parse(json.output)["precision"]["met"] == false);

  // Of several files one that misses is enough; hand.scn is certain.
  const ProgramRun both = place("run unsure.scn hand.scn -q " + asked + "--out both");
  CHECK(both.status == 7);
  CHECK(place.run_json("both/unsure")["trials"] == 5000);
  CHECK(place.run_json("both/hand")["trials"] == 4096);
  CHECK(place.run_json("both/hand")["precision"]["met"] == true);
}

TEST_CASE("compare --precision: all scenarios at once") {
  const Here place;
  const std::string files = "compare hand.scn unsure.scn ";
  const ProgramRun run = place(files + "--precision 0.3% --of 'npus.shipped 2026 p50' --out asked");
  CHECK(run.status == 0);
  CHECK(has(run.output, "\n  unsure: npus.shipped national 2026 p50 "));
  CHECK(has(run.output, "\n  hand: npus.shipped national 2026 p50 "));
  const Json json = place.run_json("asked");
  CHECK(json["trials"] > 4096);
  CHECK(json["precision"]["statistics"].size() == 2);
  REQUIRE(place(files + "-q --out fixed -n " + json["trials"].dump()).status == 0);
  check_same_tables(place, "asked", "fixed");
  const ProgramRun few = place(files + "--precision 0.01% -n 300 --json --out few");
  CHECK(few.status == 7);
  CHECK(Json::parse(few.output)["precision"]["met"] == false);
}

TEST_CASE("sweep --precision: every point as tight as asked, on one number of trials") {
  const Here place;
  // The second point is certain: the first alone asks for more than the least.
  const std::string common =
      "sweep hand.scn --vary 'packaging.hall.capacity=1k to 2k packages/month,1500' ";
  const std::string asked = common + "--precision 0.5% --of 'npus.shipped npu 2026 mean' ";
  const ProgramRun run = place(asked + "--threads 1 --out asked");
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  const Json json = place.run_json("asked");
  const uint64_t trials = json["trials"];
  CHECK(trials > 4096);
  CHECK(trials < 100'000);
  CHECK(json["precision"]["met"] == true);
  const Json& statistics = json["precision"]["statistics"];
  REQUIRE(statistics.size() == 2);
  CHECK(has(statistics[0]["scenario"], "point 1 of hand (packaging.hall.capacity = 1k to 2k"));
  CHECK(has(statistics[1]["scenario"], "point 2 of hand (packaging.hall.capacity = 1500"));
  CHECK(statistics[0]["reached"] > 0.0025);  // not by far more trials than it takes
  CHECK(statistics[0]["reached"] <= 0.005);
  CHECK(statistics[1]["reached"] == 0);

  REQUIRE(place(asked + "--threads 2 -q --out two").status == 0);
  check_same_tables(place, "asked", "two", 3);
  REQUIRE(place(common + "-q --out fixed -n " + std::to_string(trials)).status == 0);
  check_same_tables(place, "asked", "fixed", 3);

  const ProgramRun dry = place(asked + "--dry-run");
  CHECK(dry.status == 0);
  CHECK(has(dry.output, "2 points, at most 1000000 trials each\nat most about "));

  const ProgramRun few =
      place(common + "--precision 0.01% --of 'npus.shipped npu 2026 mean' -n 5k -q --out few");
  CHECK(few.status == 7);
  CHECK(
      has(few.errors, "'npus.shipped npu 2026 mean' of point 1 of hand (packaging.hall.capacity"));
  CHECK(has(few.errors, "not 0.01 %, after 5000 trials"));
  REQUIRE(place(common + "-q --out five -n 5k").status == 0);
  check_same_tables(place, "few", "five", 3);
}

TEST_CASE("--precision: what is wrong with it is refused before anything is written") {
  const Here place;
  const auto before = tree_of(place.folder.path());
  const struct {
    std::string arguments, message;
  } cases[] = {
      {"run hand.scn --precision 1", "'1' is no half width of an interval; write 1%"},
      {"run hand.scn --precision ''", "is no half width of an interval"},
      {"run hand.scn --precision 0%", "0% is not above 0 and below 100 %"},
      {"run hand.scn --of sixteen", "--of is of a precision; add --precision 1%"},
      {"run hand.scn --precision 1% --of sixten", "did you mean 'sixteen'?"},
      {"run hand.scn --precision 1% --of 'npus.shipped npu 2026 p51'", "'p51' is no statistic"},
      {"run hand.scn --precision 1% --of 'npus.shiped npu 2026 p50'",
       "--of:1:1: unknown variable 'npus.shiped'; did you mean 'npus.shipped'?"},
      {"run hand.scn --precision 1% --of 'npus.shipped nobody 2026 p50'",
       "--of, in hand:1:14: 'npus.shipped' has no entity 'nobody'"},
      {"run hand.scn --precision 1% --of 'npus.shipped npu 2029 p50'",
       "'2029' is no reported period; give a year or quarter from 2025Q1 to 2026"},
      {"run hand.scn --precision 1% --of ''", "this names no statistic"},
      {"run hand.scn --precision 0.5pp --of 'npus.shipped npu 2026 p50'",
       "0.5pp is of chances and shares"},
      {"compare hand.scn unsure.scn --precision 1% --of sixten", "did you mean 'sixteen'?"},
      {"sweep hand.scn --vary fab.SN2.plan=1k,2k --of 'npus.shipped npu 2026 mean'",
       "'npus.shipped npu 2026 mean' names a statistic, as a precision does; add --precision 1%"},
      {"sweep hand.scn --vary fab.SN2.plan=1k,2k --precision 1% --of 'npus.shipped npu 2029 mean'",
       "'2029' is no reported period"},
      {"backtest hand.scn --precision 1%", "unknown option '--precision'"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = place(c.arguments);
    CHECK(run.status == 2);
    CHECK(has(run.errors, c.message));
    CHECK(run.output == "");
  }
  CHECK(tree_of(place.folder.path()) == before);
}
