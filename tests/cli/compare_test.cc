/// fabcast compare: statuses, messages, files, and what it prints.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>

#include "support/place.h"

using namespace fabcast::testing;
using Json = nlohmann::json;

namespace {

struct Here : Place {
  Here() : Place("compare ", {half_packaging()}) {}
};

}  // namespace

TEST_CASE("compare: one directory of results, and one screen of paired differences") {
  const Here place;
  const ProgramRun run = place("hand.scn half.scn -n 40 --seed 3");
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  const auto tree = place.tree();
  std::set<std::string> files;
  for (const auto& [name, content] : tree) files.insert(name);
  const std::set<std::string> expected{"hand.scn",
                                       "half.scn",
                                       "results",
                                       "results/compare",
                                       "results/compare/binding.csv",
                                       "results/compare/compare.csv",
                                       "results/compare/crossings.csv",
                                       "results/compare/exceedance.csv",
                                       "results/compare/inputs.csv",
                                       "results/compare/questions.csv",
                                       "results/compare/report.html",
                                       "results/compare/report.xlsx",
                                       "results/compare/run.json",
                                       "results/compare/sources.csv",
                                       "results/compare/summary.csv"};
  CHECK(files == expected);
  // 12 x 1,600 a year whole, 12 x 800 halved: -9,600 in every trial.
  CHECK(has(tree.at("results/compare/compare.csv"),
            "\nhalf,hand,npus.shipped,national,npus,2026,9600,19200,-9600,0,-9600,-9600,0.5,0.5,0."
            "5,-9600,-9600,-9600,-9600,-9600,\n"));
  // A stock has its years, too, not its last quarters alone.
  CHECK(
      has(tree.at("results/compare/compare.csv"), "\nhalf,hand,npus.deployed,national,npus,2026,"));
  const std::string& summary = tree.at("results/compare/summary.csv");
  CHECK(has(summary, "\nhand,npus.shipped,national,npus,2026,19200,"));
  CHECK(has(summary, "\nhalf,npus.shipped,national,npus,2026,9600,"));
  const Json json = Json::parse(tree.at("results/compare/run.json"));
  CHECK(json["scenario"] == "hand, half");
  CHECK(json["trials"] == 40);
  CHECK(json["seed"] == 3);
  CHECK(has(json["command"], "fabcast compare hand.scn half.scn -n 40 --seed 3"));
  for (const char* part : {"1 scenario against hand", "half ", "-9.60k", "difference", "90 %"}) {
    CAPTURE(std::string(part));
    CHECK(has(run.output, part));
  }
  // Each file that was written is named once.
  for (const auto& [name, content] : tree) {
    const std::string prefix = "results/compare/";
    if (!name.starts_with(prefix)) continue;
    const std::string file = name.substr(prefix.size());
    CAPTURE(file);
    const size_t at = run.output.find(file);
    CHECK(at != std::string::npos);
    CHECK(run.output.find(file, at + 1) == std::string::npos);
  }
}

TEST_CASE("compare: --json is one object and nothing else, --quiet prints nothing") {
  const Here place;
  const ProgramRun run = place("hand.scn half.scn -n 40 --json --out j");
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  const Json json = Json::parse(run.output);
  CHECK(json["base"] == "hand");
  CHECK(json["trials"] == 40);
  CHECK(json["seed"] == 1);
  REQUIRE(json["scenarios"].size() == 2);
  CHECK(json["scenarios"][0]["scenario"] == "hand");
  CHECK(json["scenarios"][1]["title"] == "Half the packaging");
  bool shipped = false;
  for (const Json& value : json["scenarios"][1]["values"]) {
    if (value["variable"] != "npus.shipped") continue;
    shipped = true;
    CHECK(value["entity"] == "national");
    CHECK(value["unit"] == "npus");
    CHECK(value["period"] == "2026");
    CHECK(value["mean"] == 9600.0);
    for (const char* member : {"difference", "difference_lo", "difference_hi"}) {
      CHECK(value[member] == -9600.0);
    }
  }
  CHECK(shipped);

  for (const char* option : {"--quiet", "-q"}) {
    const ProgramRun quiet =
        place(std::string("hand.scn half.scn -n 10 --force --out q ") + option);
    CHECK(quiet.status == 0);
    CHECK(quiet.output == "");
    CHECK(quiet.errors == "");
  }
  CHECK(place.tree().contains("q/compare.csv"));
}

TEST_CASE("compare: --ask has a file of its own; a wrong one is refused with its place") {
  const Here place;
  REQUIRE(place("hand.scn half.scn -n 40 -q --out a --ask 'npus.shipped ascend <= -9.6k npus at "
                "2026' --ask 'npus.shipped ascend <= -9601 npus at 2026'")
              .status == 0);
  // Wilson's interval of 40 of 40: 40/(40 + z^2) = 0.9366466.
  CHECK(has(place.tree()["a/asked.csv"],
            "scenario,base,text,estimate,lo,hi,trials,ess\n"
            "half,hand,npus.shipped ascend <= -9.6k npus at 2026,1,0.93664655"));
  CHECK(has(place.tree()["a/asked.csv"],
            "\nhalf,hand,npus.shipped ascend <= -9601 npus at 2026,0,0,"));
  const auto before = place.tree();
  const ProgramRun run =
      place("hand.scn half.scn -n 10 --out b --ask 'npus.shiped ascend <= -1 npus at 2026'");
  CHECK(run.status == 2);
  CHECK(run.output == "");
  CHECK(has(run.errors, "--ask:1:1: unknown variable 'npus.shiped'; did you mean 'npus.shipped'?"));
  CHECK(has(run.errors, "    1 | npus.shiped ascend <= -1 npus at 2026\n      | ^\n"));
  CHECK(place.tree() == before);
}

TEST_CASE("compare: what cannot be compared is refused with status 2 before anything is written") {
  const Here place;
  place.folder.write("longer.scn", "extends = hand.scn\n[scenario]\nmonths = 2025-01 .. 2027-12\n");
  place.folder.write("plam.scn", "extends = hand.scn\n[fab.SN2]\nplam = 100 wafers/month\n");
  place.folder.write("asks.scn", "extends = hand.scn\n[question]\nq = npus.shiped >= 1 at 2025\n");
  const auto before = place.tree();
  const struct {
    const char* arguments;
    std::vector<std::string> messages;
  } cases[] = {
      {"", {"two scenario files at least", "fabcast compare FILE FILE"}},
      {"hand.scn", {"two scenario files at least"}},
      {"hand.scn longer.scn",
       {"hand simulates 2025-01 .. 2026-12, and longer 2025-01 .. 2027-12", "the same months"}},
      // Mistakes of both files at once, of their keys and of what they ask.
      {"plam.scn asks.scn",
       {"plam.scn:3:1: ", "did you mean 'plan'?", "asks.scn:3:", "did you mean 'npus.shipped'?"}},
      {"hand.scn half.scn --tirals 3", {"did you mean '--trials'?"}},
      {"hand.scn half.scn --set 'fab.SN2.plam = 3'", {"--set:1:1: ", "did you mean 'plan'?"}},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.arguments));
    const ProgramRun run = place(std::string(c.arguments) + " -n 900M");
    CHECK(run.status == 2);
    CHECK(run.output == "");
    for (const std::string& message : c.messages) {
      CAPTURE(message);
      CHECK(has(run.errors, message));
    }
  }
  CHECK(place("hand.scn missing.scn").status == 4);
  CHECK(place.tree() == before);
}

TEST_CASE("compare: a directory that holds another run, or is being written, is left alone") {
  const Here place;
  REQUIRE(place("hand.scn half.scn -n 10 -q --out r").status == 0);
  const auto before = place.tree();
  // So many trials that running them first would take hours.
  const ProgramRun refused = place("hand.scn half.scn -n 900k -q --out r");
  CHECK(refused.status == 6);
  CHECK(has(refused.errors, "--force"));
  CHECK(place.tree() == before);
  CHECK(place("hand.scn half.scn -n 20 -q --out r --force").status == 0);
  CHECK(Json::parse(place.tree()["r/run.json"])["trials"] == 20);

  const int lock = open(place.folder.file(".r.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  REQUIRE(lock >= 0);
  REQUIRE(flock(lock, LOCK_EX) == 0);
  const auto locked = place.tree();
  const ProgramRun busy = place("hand.scn half.scn -n 10 -q --out r --force");
  CHECK(busy.status == 5);
  CHECK(has(busy.errors, "another run is writing '"));
  CHECK(place.tree() == locked);
  close(lock);
}

TEST_CASE("compare: the seed decides, threads do not") {
  const Here place;
  const std::string common =
      "hand.scn half.scn -n 700 -q --ask 'npus.shipped ascend <= -9k npus at 2026' "
      "--set 'node.N+2.d0 = 0.1 to 2 /cm2' --set 'packaging.hall.capacity = 1k to 6k' ";
  REQUIRE(place(common + "--out a --threads 1").status == 0);
  REQUIRE(place(common + "--out b --threads 2").status == 0);
  REQUIRE(place(common + "--out c --threads 3").status == 0);
  REQUIRE(place(common + "--out d --seed 2").status == 0);
  const auto tree = place.tree();
  for (const std::string file :
       {"compare", "summary", "binding", "questions", "crossings", "inputs", "asked"}) {
    CAPTURE(file);
    CHECK(tree.at("a/" + file + ".csv") == tree.at("b/" + file + ".csv"));
    CHECK(tree.at("a/" + file + ".csv") == tree.at("c/" + file + ".csv"));
  }
  CHECK(tree.at("a/compare.csv") != tree.at("d/compare.csv"));
}

TEST_CASE("compare: --help has an example that runs") {
  const TemporaryFolder folder;
  const ProgramRun help = run_program(folder.path(), "compare --help");
  CHECK(help.status == 0);
  const std::string mark = "Example:\n  fabcast ";
  REQUIRE(has(help.output, mark));
  std::string example = help.output.substr(help.output.find(mark) + mark.size());
  example.resize(example.find('\n'));
  const size_t trials = example.find("10k");  // the same with fewer trials, for time
  REQUIRE(trials != std::string::npos);
  example.replace(trials, 3, "64");
  CHECK(run_program(folder.path(), example).status == 0);
  CHECK(tree_of(folder.path()).contains("results/controls/compare.csv"));
}
