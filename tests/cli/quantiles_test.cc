/// --quantiles on the command line: what is told, what is refused, what is written.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/place.h"

using namespace fabcast::testing;
using Json = nlohmann::json;

namespace {

struct Here : Place {
  Here()
      : Place("", {unsure_packaging(),
                   {"seen.scn",
                    "extends = unsure.scn\n[observe]\n"
                    "npus.shipped national 2025 = 20k npus +- 30 %\n"}}) {}
  std::string of(const std::string& directory) const {
    return Json::parse(file(directory + "/run.json"))["quantiles"];
  }
};

}  // namespace

TEST_CASE("--quantiles: auto is exact up to 20,480 trials, and each way is told where it is used") {
  const Here place;
  place.run_well("run unsure.scn --trials 5k -q --out auto");
  place.run_well("run unsure.scn --trials 5k -q --quantiles exact --out exact");
  place.run_well("run unsure.scn --trials 5k -q --quantiles binned --out binned");
  CHECK(place.of("auto") == "exact");
  CHECK(place.of("exact") == "exact");
  CHECK(place.of("binned") == "binned");
  CHECK(place.file("auto/summary.csv") == place.file("exact/summary.csv"));
  CHECK(place.file("auto/summary.csv") != place.file("binned/summary.csv"));
  CHECK(has(place.file("auto/report.html"), "exact order statistics"));
  CHECK(has(place.file("binned/report.html"), "read off counts"));
  // All values are kept.
  place.run_well("run unsure.scn --trials 4k -q --quantiles binned --format csv --out few");
  CHECK(place.of("few") == "exact");
  place.run_well("run unsure.scn --trials 20480 -q --format csv --out most");
  CHECK(place.of("most") == "exact");
  place.run_well("run unsure.scn --trials 20481 -q --format csv --out more");
  CHECK(place.of("more") == "binned");
  place.run_well(
      "run unsure.scn --trials 20481 -q --quantiles exact --format csv --out most --force");
  CHECK(place.of("most") == "exact");
  place.run_well("compare unsure.scn hand.scn --trials 5k -q --format csv --out compared");
  CHECK(place.of("compared") == "exact");
}

TEST_CASE("--quantiles exact: shards merge to the bytes of the whole run") {
  const Here place;
  const std::string arguments = "run unsure.scn --trials 21k -q --quantiles exact ";
  place.run_well(arguments + "--format csv --out whole");
  place.run_well(arguments + "--shard 2/2 --out b");
  place.run_well(arguments + "--shard 1/2 --out a");
  place.run_well("merge b a -q --format csv --out merged");
  CHECK(place.file("merged/summary.csv") == place.file("whole/summary.csv"));
  CHECK(place.file("merged/exceedance.csv") == place.file("whole/exceedance.csv"));
  CHECK(place.of("merged") == "exact");
  place.run_well("run unsure.scn --trials 21k -q --shard 1/2 --force --out a");
  const ProgramRun foreign = place("merge a b --out none");
  CHECK(foreign.status == 2);
  CHECK(has(foreign.errors, "--quantiles exact, not auto"));
}

TEST_CASE("--quantiles: what is refused, with nothing written") {
  const Here place;
  const auto before = place.tree();
  const ProgramRun unknown = place("run unsure.scn --quantiles exat");
  CHECK(unknown.status == 2);
  CHECK(has(unknown.errors,
            "--quantiles: 'exat' is no way to find them; give auto, exact or binned"));
  const ProgramRun weighted = place("run seen.scn --quantiles exact");
  CHECK(weighted.status == 2);
  CHECK(has(weighted.errors, "--quantiles exact: the scenario has an [observe]"));
  CHECK((place.tree() == before));
  place.run_well("run seen.scn --trials 5k -q --out seen");
  CHECK(place.of("seen") == "binned");
}
