/// --sampler on the command line: what is told, what is refused, what is written.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/place.h"

using namespace fabcast::testing;
using Json = nlohmann::json;

namespace {

struct Here : Place {
  Here() : Place("", {unsure_packaging(), half_packaging()}) {}
  Json run_json(const std::string& directory) const {
    return Json::parse(file(directory + "/run.json"));
  }
};

}  // namespace

TEST_CASE("run --sampler: rounds trials up to whole replicates, and says so everywhere") {
  const Here place;
  const ProgramRun run = place("run unsure.scn --sampler sobol --trials 1000 --out even");
  CHECK(run.status == 0);
  CHECK(run.errors == "note: --sampler sobol: 1024 trials, not 1000, are 8 replicates of 128\n");
  CHECK(has(run.output, "1024 trials, seed 1, sobol in 8 replicates, "));
  const Json json = place.run_json("even");
  CHECK(json["sampler"] == "sobol");
  CHECK(json["trials"] == 1024);
  CHECK(json["replicates"] == 8);
  CHECK(has(place.file("even/questions.csv"), ",1024,1024,"));
  CHECK(has(place.file("even/report.html"),
            "sampler sobol, 8 replicates of 128 trials, whose differences tell the errors"));
  CHECK(has(place.file("even/report.html"),
            "1024 simulated histories (trials), seed 1, sobol in 8 replicates;"));
  // Made again from what was written.
  REQUIRE(place("report even --out again.html --format html").status == 0);

  const ProgramRun whole = place("run unsure.scn --sampler lhs --trials 1024 --json --out lhs");
  CHECK(whole.errors == "");
  const Json told = Json::parse(whole.output);
  CHECK(told["sampler"] == "lhs");
  CHECK(told["replicates"] == 8);
  CHECK(told["headline"][0]["mean_se"] > 0);
  CHECK(place.file("lhs/summary.csv") != place.file("even/summary.csv"));
  const ProgramRun quiet = place("run unsure.scn --sampler lhs --trials 3 -q --out few");
  CHECK(quiet.status == 0);
  CHECK(quiet.errors == "");
  CHECK(place.run_json("few")["trials"] == 8);

  // Philox is the default, and has no replicates.
  REQUIRE(place("run unsure.scn --sampler philox --trials 100 -q --out a").status == 0);
  REQUIRE(place("run unsure.scn --trials 100 -q --out b").status == 0);
  CHECK(place.file("a/summary.csv") == place.file("b/summary.csv"));
  CHECK(!place.run_json("a").contains("replicates"));
  CHECK(place.run_json("a")["sampler"] == "philox");
}

TEST_CASE("--sampler: what is refused, with nothing written") {
  const Here place;
  const auto before = place.tree();
  for (const char* command : {"run unsure.scn ", "compare hand.scn unsure.scn ",
                              "sweep unsure.scn --vary packaging.hall.capacity=1k,2k "}) {
    CAPTURE(command);
    const ProgramRun unknown = place(std::string(command) + "--sampler sobo");
    CHECK(unknown.status == 2);
    CHECK(has(unknown.errors, "--sampler: 'sobo' is not a sampler; give philox, sobol or lhs"));
    const ProgramRun precise = place(std::string(command) + "--sampler lhs --precision 1%");
    CHECK(precise.status == 2);
    const std::string told = "--precision goes with --sampler philox alone";
    CHECK(has(precise.errors, told));
    CHECK(!has(precise.errors, "note:"));  // what is refused has no trials to round
    // Once, however many scenarios there are.
    CHECK(precise.errors.find(told) == precise.errors.rfind(told));
  }
  CHECK((place.tree() == before));
}

TEST_CASE("--sampler: compare, sweep, shards and --relax have it") {
  const Here place;
  REQUIRE(place("compare unsure.scn half.scn --sampler sobol -n 256 -q --out pair").status == 0);
  CHECK(place.run_json("pair")["sampler"] == "sobol");
  REQUIRE(place("run unsure.scn --sampler sobol -n 256 --relax -q --out relaxed").status == 0);
  CHECK(has(place.file("relaxed/relax.csv"), "packaging"));

  const std::string sweep = "sweep unsure.scn --vary 'packaging.hall.capacity*=1,2' -n 256 -q ";
  REQUIRE(place(sweep + "--sampler sobol --out swept").status == 0);
  CHECK(place.run_json("swept")["sampler"] == "sobol");
  CHECK(place.run_json("swept")["trials"] == 256);
  CHECK(place.run_json("swept")["replicates"] == 8);
  REQUIRE(place("sweep unsure.scn --vary 'packaging.hall.capacity*=1,2' -n 300 -q --sampler sobol "
                "--out swept300")
              .status == 0);
  CHECK(place.run_json("swept300")["trials"] == 320);
  CHECK(place.run_json("swept300")["replicates"] == 10);
  REQUIRE(place(sweep + "--threads 1 --sampler sobol --out swept1").status == 0);
  CHECK(place.file("swept/sweep.csv") == place.file("swept1/sweep.csv"));

  REQUIRE(place("run unsure.scn --sampler sobol -n 300 -q --out whole").status == 0);
  for (const char* part : {"1/2", "2/2"}) {
    const std::string out = std::string("part") + part[0];
    REQUIRE(place(std::string("run unsure.scn --sampler sobol -n 300 -q --shard ") + part +
                  " --out " + out)
                .status == 0);
  }
  REQUIRE(place("merge part2 part1 -q --out merged").status == 0);
  for (const char* name : {"summary.csv", "questions.csv", "binding.csv", "crossings.csv"}) {
    CAPTURE(name);
    CHECK(place.file(std::string("whole/") + name) == place.file(std::string("merged/") + name));
  }
  CHECK(place.run_json("merged")["replicates"] == 10);
  // A shard of another sampler is of another run.
  REQUIRE(place("run unsure.scn -n 320 -q --force --shard 2/2 --out part2").status == 0);
  const ProgramRun foreign = place("merge part1 part2 -q --out foreign");
  CHECK(foreign.status == 2);
  CHECK(has(foreign.errors, "sampler philox, not sobol"));
}
