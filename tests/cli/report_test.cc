/// fabcast report, and --format: the same bytes without a run, statuses, what is left alone.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include "support/place.h"
#include "support/workbook.h"

using namespace fabcast::testing;

namespace {

/// With a title that a spreadsheet could take for a formula, and with observations.
struct Here : Place {
  Here()
      : Place(
            "",
            {half_packaging("=Half"),
             {"seen.scn",
              "extends = hand.scn\n[observe]\nnpus.shipped national 2025 = 20k npus +- 30 %\n"}}) {}
};

}  // namespace

TEST_CASE("report: the bytes that the run wrote, of every command") {
  const Here place;
  const std::string uncertain = " --set 'fab.SN2.line_yield = 80 % to 99 %'";
  for (const std::string& command : std::vector<std::string>{
           "run hand.scn -n 60 -q --relax --out r" + uncertain,
           "compare hand.scn half.scn -n 40 -q --out r --ask 'npus.shipped national <= 0 at 2026'" +
               uncertain,
           "run seen.scn -n 60 -q --out r" + uncertain,
           "sweep hand.scn -n 20 -q --out r --vary 'fab.SN2.line_yield=80 %,90 %,80 % to 99 %' "
           "--vary packaging.hall.capacity=1k:2k:3",
           "run hand.scn -q --out r --precision 20% --of 'npus.shipped national 2025 mean'" +
               uncertain,
           "backtest seen.scn -n 60 -q --out r" + uncertain}) {
    CAPTURE(command);
    const ProgramRun run = place(command + " --force");
    CAPTURE(run.errors);
    REQUIRE(run.status == 0);
    const auto before = place.tree();
    REQUIRE(before.count("r/report.xlsx"));
    for (const char* environment : {"", "LC_ALL=de_DE.UTF-8"}) {
      place.folder.write("r/report.xlsx", "spoilt");
      const ProgramRun again = place("report r", environment);
      CHECK(again.status == 0);
      CHECK(again.errors == "");
      CHECK(again.output == "r/report.xlsx, report.html\n");
      CHECK((place.tree() == before));  // all else is left as it was, and nothing lies about
    }
    std::filesystem::remove(place.folder.file("r/report.xlsx"));
    CHECK(place("report r/ -q").output == "");
    CHECK((place.tree() == before));
  }
}

TEST_CASE("report: nothing is written where one of several directories is spoilt") {
  const Here place;
  REQUIRE(place("run hand.scn half.scn -n 20 -q --format csv").status == 0);
  CHECK_FALSE(place.tree().count("results/hand/report.xlsx"));
  std::string summary = place.file("results/half/summary.csv");
  const size_t at = summary.find("\nhalf,") + 1;
  place.folder.write("results/half/summary.csv", summary.insert(at, "x,"));
  const auto before = place.tree();
  const ProgramRun run = place("report results/hand results/half");
  CHECK(run.status == 2);
  CHECK(has(run.errors, "results/half/summary.csv:2:1: "));
  CHECK(has(run.errors, "run it again with this version"));
  CHECK(run.output == "");
  CHECK((place.tree() == before));
  CHECK(place("report results").status == 4);
  CHECK(has(place("report results").errors, "'results' holds no run: there is no run.json in it"));
  CHECK(place("report nowhere").status == 4);
  CHECK(place("report").status == 2);
  CHECK((place.tree() == before));
}

TEST_CASE("report: a directory that a run is writing is left alone") {
  const Here place;
  REQUIRE(place("run hand.scn -n 20 -q --out r").status == 0);
  const int lock = open(place.folder.file(".r.lock").c_str(), O_RDWR | O_CREAT, 0666);
  REQUIRE(flock(lock, LOCK_EX | LOCK_NB) == 0);
  CHECK(place("report r").status == 5);
  close(lock);
}

TEST_CASE("report --out: one workbook over several runs") {
  const Here place;
  REQUIRE(place("run hand.scn -n 20 -q --out a").status == 0);
  REQUIRE(place("run hand.scn -n 20 -q --out b --set 'packaging.hall.capacity = 1k packages/month'")
              .status == 0);
  const ProgramRun run = place("report a b --out both");
  CHECK(run.status == 0);
  CHECK(run.output == "both/report.xlsx, report.html\n");
  const auto tree = place.tree();
  CHECK(tree.count("both/report.xlsx"));
  CHECK_FALSE(tree.count("both/run.json"));
  const ReadWorkbook book(place.folder.file("both/report.xlsx"));
  CHECK(book.has_text("hand (a)"));
  CHECK(book.has_text("hand (b)"));
  CHECK(book.rows("Runs").size() == 3);
  CHECK(book.rows("NPUs").size() ==
        2 * ReadWorkbook(place.folder.file("a/report.xlsx")).rows("NPUs").size() - 1);

  const ProgramRun taken = place("report a b --out both");
  CHECK(taken.status == 6);
  CHECK(has(taken.errors, "give --force to replace it"));
  CHECK((place.tree() == tree));
  CHECK(place("report a b --out both --force").status == 0);
  CHECK((place.tree() == tree));  // the same bytes
  // A run is never replaced by a report.
  const ProgramRun run_there = place("report a b --out a --force");
  CHECK(run_there.status == 6);
  CHECK(has(run_there.errors, "'a' holds a run"));
  CHECK((place.tree() == tree));
}

TEST_CASE("--format: csv alone writes no workbook; what is no format is told") {
  const Here place;
  REQUIRE(place("compare hand.scn half.scn -n 20 -q --format csv --out c").status == 0);
  CHECK_FALSE(place.tree().count("c/report.xlsx"));
  REQUIRE(place("run hand.scn -n 20 -q --format xlsx --out x --keep-trials npus.shipped").status ==
          0);
  CHECK(place.tree().count("x/report.xlsx"));
  CHECK(place.tree().count("x/summary.csv"));
  CHECK(place.tree().count("x/trials.csv"));
  for (const char* arguments : {"compare hand.scn half.scn --format npy", "report c --format csv",
                                "backtest seen.scn --format pdf"}) {
    CAPTURE(arguments);
    const ProgramRun run = place(arguments);
    CHECK(run.status == 2);
    CHECK(has(run.errors, "is not a format of this command; give "));
  }
}

TEST_CASE("report: a file that may not grow leaves the old report as it was") {
  const Here place;
  REQUIRE(place("run hand.scn -n 20 -q --out r").status == 0);
  const auto before = place.tree();
  for (const int blocks : {1, 8, 20}) {
    CAPTURE(blocks);
    const TemporaryFolder streams;
    const std::string command =
        fmt::format("cd '{}' && ( ulimit -f {} && '{}' report r ) 2>'{}'", place.folder.path(),
                    blocks, FABCAST_PROGRAM, streams.file("errors"));
    const int status = std::system(("sh -c \"" + command + "\"").c_str());
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 4);
    CHECK(has(read_text(streams.file("errors")), "report.xlsx"));
    CHECK((place.tree() == before));
  }
}
