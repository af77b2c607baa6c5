/// fabcast sweep: statuses, messages, files, kills and resuming.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "support/place.h"

using namespace fabcast::testing;
using Json = nlohmann::json;

namespace {

struct Here : Place {
  Here() : Place("sweep ", {half_packaging()}) {}
};

std::set<std::string> names(const std::map<std::string, std::string>& tree) {
  std::set<std::string> all;
  for (const auto& [name, content] : tree) all.insert(name);
  return all;
}

}  // namespace

TEST_CASE("sweep: one directory of results, one screen, no journal left") {
  const Here place;
  const ProgramRun run = place("hand.scn --vary 'packaging.hall.capacity=1k:2k:3' -n 40 --seed 3");
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  const auto tree = place.tree();
  const std::set<std::string> expected{"half.scn",
                                       "hand.scn",
                                       "results",
                                       "results/sweep",
                                       "results/sweep/inputs.csv",
                                       "results/sweep/report.html",
                                       "results/sweep/report.xlsx",
                                       "results/sweep/run.json",
                                       "results/sweep/sources.csv",
                                       "results/sweep/sweep-questions.csv",
                                       "results/sweep/sweep-wide.csv",
                                       "results/sweep/sweep.csv"};
  CHECK(names(tree) == expected);
  // Packaging holds NPUs at 80 % of it, up to 2,000 a month (tests/run/hand_test.cc).
  const std::string& rows = tree.at("results/sweep/sweep.csv");
  CHECK(
      has(rows, "point,packaging.hall.capacity,scenario,variable,entity,unit,period,mean,sd,p05,"));
  CHECK(has(rows, "\n1,1000,hand,npus.shipped,national,npus,2026,9600,0,9600,"));
  CHECK(has(rows, "\n2,1500,hand,npus.shipped,national,npus,2026,14400,0,14400,"));
  CHECK(has(rows, "\n3,2000,hand,npus.shipped,national,npus,2026,19200,0,19200,"));
  CHECK(has(tree.at("results/sweep/sweep-wide.csv"), "\n2,1500,hand,"));
  CHECK(has(tree.at("results/sweep/sweep-questions.csv"), "\n2,1500,hand,milestone.tenth,"));
  const Json json = Json::parse(tree.at("results/sweep/run.json"));
  CHECK(json["scenario"] == "hand");
  CHECK(json["trials"] == 40);
  CHECK(json["seed"] == 3);
  CHECK(has(json["command"], "--vary packaging.hall.capacity=1k:2k:3 -n 40 --seed 3"));
  for (const char* part : {"hand: 3 points", "40 trials at each", "packaging.hall", "capacity",
                           "[packages/month]", "P5", "P95", "1500", "14.4k",
                           "Results: results/sweep/inputs.csv, sources.csv, sweep.csv"}) {
    CAPTURE(std::string(part));
    CHECK(has(run.output, part));
  }
}

TEST_CASE("sweep: --json, --quiet, --dry-run") {
  const Here place;
  const std::string common = "hand.scn --vary 'packaging.hall.capacity=1k:2k:3' -n 40 ";
  const auto before = place.tree();
  const ProgramRun dry = place(common + "--dry-run");
  CHECK(dry.status == 0);
  CHECK(has(dry.output, "3 points, 120 trials in all\nabout 1 s on "));
  CHECK(has(dry.output, "--set 'packaging.hall.capacity = 1000'"));
  CHECK(place.tree() == before);

  const ProgramRun run = place(common + "--json --out j");
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  const Json json = Json::parse(run.output);
  CHECK(json["trials"] == 40);
  CHECK(json["keys"] == Json::array({"packaging.hall.capacity"}));
  REQUIRE(json["points"].size() == 3);
  CHECK(json["points"][1]["keys"]["packaging.hall.capacity"] == 1500.0);
  CHECK(json["points"][1]["values"]["npus.shipped national 2026 p50"] == 14400.0);
  const ProgramRun quiet = place(common + "-q --out q");
  CHECK(quiet.status == 0);
  CHECK(quiet.output + quiet.errors == "");
}

TEST_CASE("sweep: scenarios are crossed with the design, points come from a file") {
  const Here place;
  place.folder.write("p.csv", "packaging.hall.capacity,fab.SN2.plan*\n1k,\n,0.5\n");
  REQUIRE(place("--scenarios hand.scn half.scn --points p.csv -n 10 -q --out a").status == 0);
  const auto tree = place.tree();
  const std::string& rows = tree.at("a/sweep.csv");
  CHECK(has(rows, "point,packaging.hall.capacity,fab.SN2.plan*,scenario,variable"));
  CHECK(has(rows, "\n1,1000,1,hand,npus.shipped,national,npus,2026,9600,"));
  CHECK(has(rows, "\n1,1000,1,half,npus.shipped,national,npus,2026,4800,"));
  CHECK(has(rows, "\n2,2000,0.5,half,npus.shipped,"));
  const Json json = Json::parse(tree.at("a/run.json"));
  bool has_points = false;
  for (const Json& file : json["files"]) has_points |= file["path"] == "p.csv";
  CHECK(has_points);
}

TEST_CASE("sweep: what is wrong is refused with status 2 before anything is written") {
  const Here place;
  const auto before = place.tree();
  const struct {
    const char* arguments;
    std::vector<std::string> messages;
  } cases[] = {
      {"--vary fab.SN2.plan=1,2", {"no scenario file", "fabcast sweep FILE --vary"}},
      {"hand.scn", {"nothing is varied; give --vary KEY=a:b:n or --points FILE.csv"}},
      {"hand.scn --scenarios half.scn --vary fab.SN2.plan=1,2",
       {"give one FILE, or several as --scenarios A B C"}},
      {"hand.scn --design latin --samples x --points p --vary a.b=1",
       {"--points and --vary both say what is varied", "--design is of --vary",
        "'latin' is not a design; give grid, oat, lhs or sobol",
        "--samples: 'x' is not a whole number"}},
      {"hand.scn --design lhs --vary fab.SN2.plan=1:2", {"lhs needs a number of points"}},
      {"hand.scn --samples 4 --vary fab.SN2.plan=1:2:3", {"--samples is of --design lhs"}},
      {"hand.scn --vary fab.SN2.plam=1,2 --vary x=1",
       {"--vary:1:1: ", "did you mean 'plan'?", "--vary:2:1: "}},
      {"hand.scn --vary fab.SN9.plan=1,2", {"--vary:1:1: hand has no [fab.SN9]"}},
      {"hand.scn --vary fab.SN2.plan=1,2 --set fab.SN2.plan=3", {"which is varied"}},
      {"hand.scn --vary fab.SN2.plan=1,2 --of npus.shiped", {"did you mean 'npus.shipped'?"}},
      {"hand.scn --vary fab.SN2.plan=1,2 --sampless 3", {"did you mean '--samples'?"}},
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
  CHECK(place("missing.scn --vary fab.SN2.plan=1,2").status == 4);
  CHECK(place("hand.scn --points missing.csv").status == 4);
  CHECK(place.tree() == before);
}

TEST_CASE("sweep: killed at any moment, it goes on to the same bytes") {
  const Here place;
  // Uncertain, and long enough to be killed within.
  const std::string common =
      "hand.scn --set 'node.N+2.d0 = 0.1 to 0.5 /cm2' --vary 'packaging.hall.capacity=1k:2k:4' "
      "--vary 'fab.SN2.plan*=0.5:1.5:6' -n 2000 -q --threads 2 --out ";
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(place(common + "whole").status == 0);
  const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - start;
  const auto expected = place.tree();

  std::mt19937 random(7);
  int interrupted = 0, resumed = 0;
  for (int attempt = 0; attempt < 12; ++attempt) {
    CAPTURE(attempt);
    const int signals[] = {SIGKILL, SIGTERM, SIGINT};
    const int signal = signals[attempt % 3];
    const std::string out = "r" + std::to_string(attempt);
    const pid_t child = fork();
    if (child == 0) {
      setenv("FABCAST_SCENARIOS", FABCAST_SOURCE_FOLDER "/scenarios", 1);
      const int null = open("/dev/null", O_RDWR);
      for (int stream = 0; stream < 3; ++stream) dup2(null, stream);
      const std::string command =
          "cd '" + place.folder.path() + "' && exec '" FABCAST_PROGRAM "' sweep " + common + out;
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    const double part = std::uniform_real_distribution<>(0, 1)(random);
    std::this_thread::sleep_for(whole * part);
    kill(child, signal);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    const bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!ended && signal != SIGKILL && WIFEXITED(status)) {
      CHECK(WEXITSTATUS(status) == 128 + signal);
    }
    const auto tree = place.tree();
    if (!ended) {
      ++interrupted;
      CHECK(!tree.contains(out + "/sweep.csv"));
      if (tree.contains("." + out + ".journal")) {
        ++resumed;
        const ProgramRun refused = place(common + out);
        CHECK(refused.status == 6);
        CHECK(has(refused.errors, "--resume to go on with them"));
      }
      const ProgramRun rest = place(common + out + " --resume");
      REQUIRE(rest.status == 0);
    }
    const auto after = place.tree();
    for (const std::string file : {"/sweep.csv", "/sweep-wide.csv", "/sweep-questions.csv"}) {
      REQUIRE((after.at(out + file) == expected.at("whole" + file)));
    }
    CHECK(!after.contains("." + out + ".journal"));
  }
  CHECK(interrupted > 0);
  MESSAGE(interrupted << " of 12 were interrupted, " << resumed << " with points done");
}

TEST_CASE("sweep: an interruption tells the command that goes on") {
  const Here place;
  const std::string arguments =
      "hand.scn --vary 'fab.SN2.plan*=0.5:1.5:200' -n 20000 --threads 1 --out long";
  const TemporaryFolder streams;
  const ProgramRun run = run_program(
      place.folder.path(), "sweep " + arguments + " >'" + streams.file("output") + "' 2>'" +
                               streams.file("errors") + "' & p=$!; sleep 2; kill -INT $p; wait $p");
  CHECK(run.status == 130);
  CHECK(read_text(streams.file("output")) == "");
  CHECK(has(read_text(streams.file("errors")),
            "of 200 points are done and kept; to go on: fabcast sweep hand.scn --vary "
            "'fab.SN2.plan*=0.5:1.5:200' -n 20000 --threads 1 --out long --resume\n"));
  CHECK(names(place.tree()) == std::set<std::string>{".long.journal", "half.scn", "hand.scn"});
  // Another sweep does not go on with it.
  const ProgramRun other = place(arguments + " --resume --seed 2");
  CHECK(other.status == 2);
  CHECK(has(other.errors, "is of another sweep: its seed is 1, not 2"));
}

#ifndef __SANITIZE_ADDRESS__  // it takes terabytes of address space for itself
TEST_CASE("sweep: where memory runs short, it ends with status 3, and what is done is kept") {
  const Here place;
  const auto before = place.tree();
  int short_of = 0;
  for (int megabytes = 10; megabytes <= 60; ++megabytes) {
    CAPTURE(megabytes);
    const std::string limit = fmt::format("ulimit -v {}000 &&", megabytes);
    if (place("--help", limit).status != 0) continue;  // it does not even start
    const ProgramRun run =
        place("hand.scn --vary 'fab.SN2.plan=1k:2k:20' -n 20 -q --threads 1", limit);
    if (run.status == 0) break;
    CHECK(run.status == 3);
    ++short_of;
    if (has(run.errors, "points that are done are kept; to go on: fabcast sweep hand.scn ")) {
      std::filesystem::remove(place.folder.file("results/.sweep.journal"));
    }
    std::filesystem::remove(place.folder.file("results"));
    CHECK(names(place.tree()) == names(before));
  }
  CHECK(short_of > 0);
}
#endif

TEST_CASE("sweep: --help has an example that runs") {
  const TemporaryFolder folder;
  const ProgramRun help = run_program(folder.path(), "sweep --help");
  CHECK(help.status == 0);
  const std::string mark = "Example:\n  fabcast ";
  REQUIRE(has(help.output, mark));
  std::string example = help.output.substr(help.output.find(mark) + mark.size());
  example.resize(example.find('\n'));
  const size_t trials = example.find("4k");  // the same with fewer trials, for time
  REQUIRE(trials != std::string::npos);
  example.replace(trials, 2, "64");
  CHECK(run_program(folder.path(), example).status == 0);
  CHECK(tree_of(folder.path()).contains("results/dram/sweep.csv"));
}
