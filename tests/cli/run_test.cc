/// fabcast run: statuses, messages, files, and what it prints.

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/place.h"
#include "support/rounding.h"

using namespace fabcast::testing;
using Json = nlohmann::json;

namespace {

struct Here : Place {
  Here() : Place("run ") {}
};

/// Cells of a CSV text without quotes.
std::vector<std::vector<std::string>> cells_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> row;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    rows.push_back(row);
  }
  return rows;
}

/// The headline's row of "npus.shipped national" in the year.
Json year_of(const Json& summary) {
  for (const Json& row : summary["headline"]) {
    if (row["variable"] == "npus.shipped" && row["period"] == "2025") return row;
  }
  return {};
}

}  // namespace

TEST_CASE("run: inputs.csv tells a value in the unit that it is written in") {
  const Here place;
  REQUIRE(place("hand.scn -n 10 -q --out try --set 'dram.line.wafers = 1200 wafers/year' --set "
                "'fab.SN2.plan = 1k'")
              .status == 0);
  const std::string inputs = place.tree()["try/inputs.csv"];
  CHECK(has(inputs, "hand,dram.line.wafers,1200 wafers/year,wafers/year,"));
  CHECK(has(inputs, "hand,fab.SN2.plan,1k wafers/month,wafers/month,"));
  CHECK(has(inputs, "hand,fab.SN2.utilisation,100 %,%,"));
  CHECK(has(inputs, "hand,fab.SN2.d0_ratio,1,,"));
}

TEST_CASE("run: status 0, a summary on standard output, nine files") {
  const Here place;
  const ProgramRun run = place("hand.scn --trials 100 --out results/try");
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  CHECK(has(run.output, "Worked out by hand"));
  CHECK(has(run.output, "npus.shipped"));
  CHECK(has(run.output, "17.6k"));
  CHECK(has(run.output, "results/try/summary.csv"));
  CHECK_FALSE(has(run.output, "\x1b["));  // colour is for terminals
  auto tree = place.tree();
  CHECK(tree.size() == 13);  // the scenario, two folders, ten files
  for (const char* name : {"summary.csv", "binding.csv", "questions.csv", "inputs.csv"}) {
    const auto rows = cells_of(tree[std::string("results/try/") + name]);
    CHECK(rows.size() > 1);
    CHECK(rows[0][0] == "scenario");
    CHECK(rows[1][0] == "hand");
  }
  CHECK(has(tree["results/try/summary.csv"], "hand,npus.shipped,ascend,npus,2025,17600,0,17600,"));
  const Json json = Json::parse(tree["results/try/run.json"]);
  CHECK(json["trials"] == 100);
  CHECK(json["seed"] == 1);
  CHECK(json["command"] == "fabcast run hand.scn --trials 100 --out results/try");
  CHECK(json["files"][0]["text"] == read_text(hand_scenario()));
}

TEST_CASE("run: what binds is told whatever the headline is about, within 100 columns") {
  const Here place;
  for (const std::string headline :
       {"npus.shipped npu", "npus.shipped ascend", "npus.deployed national", "pods.deployed rack",
        "backlog.npus cloud", "wafer.starts SN2"}) {
    CAPTURE(headline);
    place.folder.write("asked.scn",
                       "extends = hand.scn\n[scenario]\nheadline = " + headline + "\n");
    const ProgramRun run = place("asked.scn -n 10 --force --out r");
    CHECK(has(run.output, "What binds"));
    CHECK(has(run.output, "\n  npu                2025: packaging 100%; 2026: packaging 100%"));
    CHECK(has(run.output, "A flow by a date is its sum since 2025-01"));
  }
  const ProgramRun shipped = place("baseline -n 64 --out b");
  std::istringstream lines(shipped.output);
  size_t in_block = 0;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((line.size() <= 100 || has(line, "Results:") || has(line, "Next:")));
    if (has(line, "2027:") || has(line, "2028:")) ++in_block;
  }
  CHECK(in_block > 4);
  CHECK(in_block <= 24);
  CHECK(has(shipped.output, "\n  ascend950pr "));
}

TEST_CASE("run: without --out results go to results/NAME; a library name needs no path") {
  const Here place;
  CHECK(place("hand.scn -n 10 -q").status == 0);
  CHECK(place.tree().contains("results/hand/summary.csv"));
  const ProgramRun shipped = place("baseline -n 64 -q --out b");
  CHECK(shipped.status == 0);
  CHECK(has(read_text(place.folder.file("b/run.json")), "\"scenario\": \"baseline\""));
}

TEST_CASE("run: --quiet prints nothing") {
  const Here place;
  for (const char* option : {"--quiet", "-q"}) {
    const ProgramRun run = place(std::string("hand.scn -n 10 --force --out q ") + option);
    CHECK(run.status == 0);
    CHECK(run.output == "");
    CHECK(run.errors == "");
  }
  CHECK(place.tree().contains("q/summary.csv"));
}

TEST_CASE("run: --json is one object with the members of the contract, and nothing else") {
  const Here place;
  const ProgramRun run = place("hand.scn -n 40 --seed 7 --json --out j");
  CHECK(run.status == 0);
  const Json json = Json::parse(run.output);
  CHECK(json["scenario"] == "hand");
  CHECK(json["seed"] == 7);
  CHECK(json["trials"] == 40);
  CHECK(json["seconds"].is_number());
  REQUIRE(json["questions"].size() == 4);  // three, and the milestone
  CHECK(json["questions"][0]["question"] == "sixteen");
  CHECK(json["questions"][0]["estimate"] == 1.0);
  REQUIRE(json["headline"].size() >= 1);
  for (const char* member : {"variable", "entity", "period", "p05", "p50", "p95"}) {
    CHECK(json["headline"][0].contains(member));
  }
  CHECK(year_of(json)["p50"] == 17600.0);
  CHECK(year_of(json)["entity"] == "national");

  place.folder.write("other.scn", "extends = hand.scn\n");
  const Json both = Json::parse(place("hand.scn other.scn -n 10 --json --out both").output);
  REQUIRE(both["runs"].size() == 2);
  CHECK(both["runs"][1]["scenario"] == "other");
}

TEST_CASE("run: a directory that holds a run is refused before the run, --force replaces it") {
  const Here place;
  REQUIRE(place("hand.scn -n 10 -q --out r").status == 0);
  const auto before = place.tree();
  // So many trials that running them first would take hours.
  const ProgramRun refused = place("hand.scn -n 900M -q --out r");
  CHECK(refused.status == 6);
  CHECK(has(refused.errors, "holds another run"));
  CHECK(has(refused.errors, "--force"));
  CHECK(place.tree() == before);
  CHECK(place("hand.scn -n 20 -q --out r --force").status == 0);
  CHECK(Json::parse(read_text(place.folder.file("r/run.json")))["trials"] == 20);

  // What is no run of ours is not replaced even so.
  std::filesystem::create_directory(place.folder.file("mine"));
  place.folder.write("mine/thesis.txt", "years of work");
  const auto with_mine = place.tree();
  CHECK(place("hand.scn -n 10 -q --out mine").status == 6);
  CHECK(place("hand.scn -n 10 -q --out mine --force").status == 6);
  CHECK(place.tree() == with_mine);
}

TEST_CASE("run: several files have a directory each, and all is looked at before the first runs") {
  const Here place;
  place.folder.write("more.scn", "extends = hand.scn\n[fab.SN2]\nplan = 100 wafers/month\n");
  CHECK(place("hand.scn more.scn -n 10 -q --out both").status == 0);
  CHECK(place.tree().contains("both/hand/summary.csv"));
  CHECK(place.tree().contains("both/more/summary.csv"));

  // The second directory is taken: the first is not written either.
  std::filesystem::remove_all(place.folder.file("both/hand"));
  CHECK(place("hand.scn more.scn -n 10 -q --out both").status == 6);
  CHECK_FALSE(place.tree().contains("both/hand"));
  // The second file is wrong, in its keys or in what it asks.
  place.folder.write("wrong.scn", "extends = hand.scn\n[fab.SN2]\nplam = 100 wafers/month\n");
  place.folder.write("asks.scn", "extends = hand.scn\n[question]\nq = npus.shiped >= 1 at 2025\n");
  for (const char* second : {"wrong.scn", "asks.scn"}) {
    const ProgramRun run = place(std::string("hand.scn ") + second + " -n 10 -q --out none");
    CHECK(run.status == 2);
    CHECK(has(run.errors, second));
    CHECK(has(run.errors, "did you mean"));
    CHECK_FALSE(place.tree().contains("none"));
  }
  // Two files of one name would overwrite one another.
  std::filesystem::create_directory(place.folder.file("sub"));
  place.folder.write("sub/hand.scn", read_text(hand_scenario()));
  const ProgramRun twice = place("hand.scn sub/hand.scn -n 10 -q --out two --force");
  CHECK(twice.status == 2);
  CHECK(has(twice.errors, "would both be written to 'two/hand'"));
  CHECK_FALSE(place.tree().contains("two"));
}

TEST_CASE("run: what cannot be read or written gives status 4 and says which file") {
  const Here place;
  const auto before = place.tree();
  const struct {
    std::string arguments, message;
  } cases[] = {
      {"missing.scn", "there is no file 'missing.scn'"},
      {"baselin", "did you mean 'baseline'?"},
      {".", "is not a regular file"},
      {"hand.scn -n 10 --out /proc/none", "/proc"},
      {"hand.scn -n 10 --out hand.scn", "it is not a directory"},
      {"hand.scn -n 10 --out .", "it is the working directory"},
      {"hand.scn -n 10 --out ''", "give a folder with a name"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = place(c.arguments);
    CHECK(run.status == 4);
    CHECK(has(run.errors, c.message));
    CHECK(run.output == "");
  }
  CHECK(place.tree() == before);
}

TEST_CASE("run: files are written whole or not at all") {
  const Here place;
  REQUIRE(place("hand.scn -n 10 -q --out old").status == 0);
  const auto before = place.tree();
  // A few KiB a file are allowed: the summary does not fit.
  const std::string small_files = "true; trap '' XFSZ; ulimit -f 8;";
  for (const char* out : {"--out new", "--out old --force"}) {
    CAPTURE(std::string(out));
    const ProgramRun run = place(std::string("hand.scn -n 10 -q ") + out, small_files);
    CHECK(run.status == 4);
    CHECK(has(run.errors, "File too large"));
    CHECK(place.tree() == before);
  }
}

TEST_CASE("run: numbers of options take k, M; nonsense is refused with the range") {
  const Here place;
  const struct {
    std::string option;
    uint64_t trials;
  } good[] = {{"--trials 2k", 2000}, {"--trials=0.3k", 300}, {"-n 1e2", 100}, {"-n 0.001M", 1000}};
  for (const auto& c : good) {
    CAPTURE(c.option);
    const ProgramRun run = place("hand.scn --json --force --out n " + c.option);
    REQUIRE(run.status == 0);
    CHECK(Json::parse(run.output)["trials"] == c.trials);
  }
  const auto before = place.tree();
  for (const std::string bad :
       {"--trials 0", "--trials -5", "--trials 1.5", "--trials nan", "--trials inf", "--trials ''",
        "--trials 10x", "--trials '10 k'", "--trials 1,000", "--trials 0x10", "--trials 2e9",
        "--seed -1", "--seed 1.5", "--seed 1e17", "--threads -1", "--threads 5000",
        "--threads two"}) {
    CAPTURE(bad);
    const ProgramRun run = place("hand.scn --out bad " + bad);
    CHECK(run.status == 2);
    CHECK(has(run.errors, "is not a whole number from "));
    CHECK(has(run.errors, bad.substr(0, bad.find(' '))));
  }
  CHECK(place.tree() == before);
}

TEST_CASE("run: unknown options, formats and variables name what is near") {
  const Here place;
  const struct {
    std::string arguments, message;
  } cases[] = {
      {"hand.scn --tirals 10", "unknown option '--tirals'; did you mean '--trials'?"},
      {"hand.scn --kep-trials x", "did you mean '--keep-trials'?"},
      {"hand.scn --trials", "--trials"},
      {"hand.scn --format ods",
       "--format: 'ods' is not a format of this command; give csv, xlsx, "},
      {"hand.scn --format ''", "--format: '' is not a format of this command; give csv, xlsx, "},
      {"hand.scn --format a,csv,b", "--format: 'b' is not a format of this command"},
      {"hand.scn --format npy", "--format npy is of kept trials; add --keep-trials"},
      {"hand.scn --keep-trials ''", "--keep-trials names nothing"},
      {"hand.scn --keep-trials npus.shiped", "did you mean 'npus.shipped'?"},
      {"hand.scn --keep-trials 'npus.shipped nobody'", "has no 'npus.shipped nobody'"},
      {"hand.scn --keep-trials 'npus.shipped asend'", "did you mean 'npus.shipped ascend'?"},
      {"hand.scn --set 'scenario.headline = npus.shiped'", "did you mean 'npus.shipped'?"},
      {"", "no scenario file"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = place(c.arguments);
    CHECK(run.status == 2);
    CHECK(has(run.errors, c.message));
  }
  // An abbreviation is no option: a later version might have two that begin so.
  CHECK(place("hand.scn --trial 10").status == 2);
}

TEST_CASE("run: mistakes of --set have a place, a caret and a remedy, all at once") {
  const Here place;
  const ProgramRun run = place(
      "hand.scn --set 'fab.SN2.plam = 3' --set 'fab.SN2.plan = x' --set bogus "
      "--set 'node.N+2.d0 = 0.1 tools' --set 'tool.SN2.immersion.imported = -2'");
  CHECK(run.status == 2);
  for (const char* line :
       {"--set:1:1: ", "did you mean 'plan'?", "--set:2:16: expected a number here; found 'x'",
        "    2 | fab.SN2.plan = x\n      |                ^\n", "--set:3:1: 'bogus' sets nothing",
        "--set:4:19: ", "'tools'", "--set:5:"}) {
    CAPTURE(line);
    CHECK(has(run.errors, line));
  }
  CHECK(place.tree().size() == 1);
  // What nothing uses would change nothing, and nobody would notice.
  for (const std::string set :
       {"node.m.d0 = 0.3 /cm2", "die.chi.area = 3 cm2", "memory.stak.imports = 3 stacks/month",
        "foundry.smci.revenue = 1 $/month"}) {
    CAPTURE(set);
    const ProgramRun slip = place("hand.scn -n 10 --set '" + set + "'");
    CHECK(slip.status == 2);
    CHECK(has(slip.errors, "--set:1:1: ["));
    CHECK(has(slip.errors, "is new, and nothing uses it"));
  }
  CHECK(has(place("hand.scn -n 10 --set 'foundry.smci.revenue = 1'").errors,
            "did you mean 'foundry.smic'?"));
  CHECK(
      place("hand.scn -n 10 -q --out u --set 'node.m.d0 = 0.3' --set 'fab.SN2.node = m'").status ==
      0);
  // A new thing may be set.
  CHECK(place("hand.scn -n 10 -q --out m --set 'milestone.huge.npus = 1M npus'").status == 0);
  const ProgramRun changed =
      place("hand.scn -n 10 --json --out s --set 'packaging.hall.capacity = 1k'");
  CHECK(year_of(Json::parse(changed.output))["p50"] == 8800.0);  // 11 x 1,000 x 80 %
}

TEST_CASE("run: kept trials as CSV and as NPY hold the same numbers") {
  const Here place;
  const std::string set = " --set 'segment.cloud.demand = 1k to 2k npus/month'";
  REQUIRE(place("hand.scn -n 50 -q --out k --format csv,npy --keep-trials "
                "'npus.shipped ascend, backlog.npus' --keep-trials 'die.bank chip.all'" +
                set)
              .status == 2);  // no such bin
  REQUIRE(place("hand.scn -n 50 -q --out k --format csv,npy --keep-trials "
                "'npus.shipped ascend, backlog.npus' --keep-trials wafer.starts" +
                set)
              .status == 0);
  const auto rows = cells_of(read_text(place.folder.file("k/trials.csv")));
  REQUIRE(rows.size() == 51);
  // backlog.npus and wafer.starts have an entity and a national sum each; 8 quarters and 2 years.
  const size_t columns = 10 * (1 + 2 + 2);
  std::string names;
  for (const auto& row : rows) REQUIRE(row.size() == columns + 1);
  CHECK(rows[0][0] == "trial");
  CHECK(rows[1][0] == "0");
  CHECK(rows[50][0] == "49");
  CHECK(rows[0][1] == "npus.shipped ascend 2025Q1");
  for (size_t c = 1; c <= columns; ++c) names += rows[0][c] + "\n";
  CHECK(read_text(place.folder.file("k/trials.columns.txt")) == names);

  const std::string npy = read_text(place.folder.file("k/trials.npy"));
  REQUIRE(npy.size() > 128);
  CHECK(npy.substr(0, 6) == "\x93NUMPY");
  CHECK(has(npy.substr(0, 128), "'shape': (50, 50)"));
  CHECK(has(npy.substr(0, 128), "'descr': '<f8'"));
  uint16_t header = 0;
  std::memcpy(&header, &npy[8], 2);
  const size_t start = 10 + header;
  REQUIRE(npy.size() == start + 8 * 50 * columns);
  for (size_t t = 0; t < 50; ++t) {
    for (size_t c = 0; c < columns; ++c) {
      double value;
      std::memcpy(&value, &npy[start + 8 * (t * columns + c)], 8);
      REQUIRE(std::stod(rows[t + 1][c + 1]) == value);  // shortest text that reads back the same
    }
  }
  CHECK(rows[1][5] != rows[2][5]);  // the year's shipments differ from trial to trial
  REQUIRE(place("hand.scn -n 5 -q --out n --format npy --keep-trials npus.shipped").status == 0);
  CHECK_FALSE(place.tree().contains("n/trials.csv"));
  CHECK(place.tree().contains("n/trials.npy"));
}

TEST_CASE("run: --keep-inputs writes what each trial drew") {
  const Here place;
  const std::string options =
      "hand.scn -n 300 -q --set 'fab.SN2.plan = slow: 1k / fast: 2k wafers/month' --set 'view.slow "
      "= 3' "
      "--set 'view.fast = 1' --set 'memory.hbm.imports = 2025-01: 1k to 2k | 2026-12: 9k noise 5 "
      "%' "
      "--set 'node.N+2.d0 = uniform(0.1, 0.2) /cm2' --set 'event.ban.probability = 30 % at "
      "2025-06' "
      "--set 'event.ban.effect = memory.hbm.imports multiply 0' "
      "--set 'event.fire.hazard = 20 %/year in 2025-01 .. 2026-12' "
      "--set 'event.fire.effect = fab.SN2.plan multiply 0.5' --keep-inputs --keep-trials "
      "'event.started ban, event.started fire, memory.imported hbm' --format csv,npy ";
  REQUIRE(place(options + "--out a --threads 1").status == 0);
  REQUIRE(place(options + "--out b --threads 3").status == 0);
  const std::string text = read_text(place.folder.file("a/drawn.csv"));
  CHECK(text == read_text(place.folder.file("b/drawn.csv")));
  const auto drawn = cells_of(text), told = cells_of(read_text(place.folder.file("a/trials.csv")));
  REQUIRE(drawn.size() == 301);
  const auto column = [](const auto& rows, const std::string& name) {
    const auto found = std::find(rows[0].begin(), rows[0].end(), name);
    REQUIRE_MESSAGE(found != rows[0].end(), name);
    return static_cast<size_t>(found - rows[0].begin());
  };
  const auto value = [&](const auto& rows, size_t trial, const std::string& name) {
    return std::stod(rows[trial + 1][column(rows, name)]);
  };
  // trial; two events; the view; d0 and the plan, which no month changes; 24 months of imports.
  CHECK(drawn[0].size() == 1 + 2 + 1 + 2 + 24);
  int bans = 0, fires = 0, fast = 0;
  for (size_t t = 0; t < 300; ++t) {
    const double d0 = value(drawn, t, "node.N+2.d0");
    REQUIRE((d0 >= 0.1 && d0 <= 0.2));
    // The plan follows the view.
    const bool is_fast = value(drawn, t, "view") == 1;
    REQUIRE(value(drawn, t, "fab.SN2.plan") == doctest::Approx(is_fast ? 2000 : 1000));
    fast += is_fast;
    // Events are decided by what was drawn; imports are told before the ban takes them.
    const bool banned = value(told, t, "event.started ban 2025Q2") == 1;
    REQUIRE(banned == (value(drawn, t, "event.ban") < 0.3));
    const bool burnt = value(told, t, "event.started fire 2026Q4") == 1;
    REQUIRE(burnt == (value(drawn, t, "event.fire") <= 0.4));
    REQUIRE(value(drawn, t, "memory.hbm.imports 2025-08") > 0);
    double quarter = 0;
    for (const char* month : {"2025-01", "2025-02", "2025-03"}) {
      quarter += value(drawn, t, std::string("memory.hbm.imports ") + month);
    }
    // Three months, each a lane's number, and the two sums.
    REQUIRE(value(told, t, "memory.imported hbm 2025Q1") ==
            doctest::Approx(quarter).epsilon(roundings(5)));
    if (banned) REQUIRE(value(told, t, "memory.imported hbm 2025Q3") == 0);
    bans += banned;
    fires += burnt;
  }
  CHECK((bans > 60 && bans < 120));    // 30 %
  CHECK((fires > 70 && fires < 130));  // 1 - e^-0.4 = 33 %
  CHECK((fast > 50 && fast < 100));    // a quarter
  std::string names;
  for (size_t c = 1; c < drawn[0].size(); ++c) names += drawn[0][c] + "\n";
  CHECK(read_text(place.folder.file("a/drawn.columns.txt")) == names);
  CHECK(has(read_text(place.folder.file("a/drawn.npy")).substr(0, 128), "'shape': (300, 29)"));
  // A run that kept them is replaced as any other; constants alone draw nothing.
  REQUIRE(place("hand.scn -n 9 -q --out a --force --keep-inputs").status == 0);
  CHECK_FALSE(place.tree().contains("a/drawn.csv"));
}

TEST_CASE("run: the seed decides, threads do not") {
  const Here place;
  const std::string common =
      "hand.scn -n 700 -q --keep-trials npus.shipped --set 'node.N+2.d0 = 0.1 to 2 /cm2' ";
  REQUIRE(place(common + "--out a --threads 1").status == 0);
  REQUIRE(place(common + "--out b --threads 3").status == 0);
  REQUIRE(place(common + "--out c --seed 2").status == 0);
  for (const char* file : {"/trials.csv", "/summary.csv", "/binding.csv", "/questions.csv"}) {
    const std::string a = read_text(place.folder.file("a") + file);
    CHECK(a == read_text(place.folder.file("b") + file));
    if (std::string(file) == "/trials.csv") CHECK(a != read_text(place.folder.file("c") + file));
  }
}

TEST_CASE("run: too little memory is refused with status 3 before anything is written") {
  const Here place;
  const ProgramRun run = place("hand.scn -n 900M -q --out big --keep-trials npus.shipped");
  CHECK(run.status == 3);
  CHECK(has(run.errors, "not enough memory"));
  CHECK(place.tree().size() == 1);
}

TEST_CASE("run: --help has an example that runs") {
  const TemporaryFolder folder;
  const ProgramRun help = run_program(folder.path(), "run --help");
  CHECK(help.status == 0);
  CHECK(has(help.output, "--keep-trials"));
  const std::string mark = "Example:\n  fabcast ";
  REQUIRE(has(help.output, mark));
  std::string example = help.output.substr(help.output.find(mark) + mark.size());
  example.resize(example.find('\n'));
  const size_t trials = example.find("10k");  // the same with fewer trials, for time
  REQUIRE(trials != std::string::npos);
  example.replace(trials, 3, "64");
  CHECK(run_program(folder.path(), example).status == 0);
}
