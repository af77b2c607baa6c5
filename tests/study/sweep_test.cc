/// Sweeps: each point is the run of its scenario alone, bit for bit, whatever other points there
/// are; what is kept of an interrupted sweep and what of that is believed.

#include "study/sweep.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <optional>

#include "base/version.h"
#include "fabcast.h"
#include "report/csv.h"
#include "run/tables.h"
#include "support/program.h"

using namespace fabcast;
using fabcast::testing::has;
using fabcast::testing::read_text;
using fabcast::testing::TemporaryFolder;

namespace {

/// hand.scn with some uncertainty, and a variant of it.
struct Place {
  TemporaryFolder folder;
  SweepRequest request;

  Place() {
    folder.write("hand.scn", read_text(fabcast::testing::hand_scenario()));
    const std::string one = folder.write(
        "one.scn",
        "extends = hand.scn\n[scenario]\nheadline = npus.shipped ascend, pods.deployed rack\n"
        "[view]\nlow = 0.4\nhigh = 0.6\n"
        "[node.N+2]\nd0 = 0.1 to 0.5 /cm2\n[fab.SN2]\nplan = low: 500 to 1k / high: 1k to 2k\n"
        "[event.e]\nhazard = 0.5 /year\neffect = packaging.hall.capacity multiply 0.5 to 0.9\n"
        "[question]\nq = npus.shipped ascend >= 9k npus at 2026\n");
    const std::string two =
        folder.write("two.scn",
                     "extends = one.scn\n[memory.hbm]\nimports = 1k to 2k stacks/month\n"
                     "[observe]\nwafer.starts SN2 2025 = 9k wafers +- 20 %\n");
    request.paths = {one, two};
    request.run.trials = 300;
    request.run.threads = 2;
    request.run.of = {"wafer.starts SN2"};
    request.design.vary = {"fab.SN2.line_yield=0.7:0.9:2", "fab.*.plan*=0.5,1.5",
                           "die.logic.width*=1,1.1"};
    request.quarters = true;
  }
};

const Table& table(const RunResult& swept, const std::string& name) {
  for (const Table* each : swept.tables()) {
    if (each->name == name) return *each;
  }
  throw std::out_of_range("no table " + name);
}

/// A row without its first `cells` cells, as CSV with its line end.
std::string row_text(const std::vector<Cell>& row, size_t cells) {
  const Table alone{"", {}, {{row.begin() + static_cast<std::ptrdiff_t>(cells), row.end()}}};
  return csv_text(alone).substr(1);  // without the empty header
}

std::map<std::string, std::string> csv_of(const RunResult& swept) {
  std::map<std::string, std::string> texts;
  for (const Table* each : swept.tables()) texts[each->name] = csv_text(*each);
  return texts;
}

RunResult swept(const SweepRequest& request) { return Sweep(request).run(nullptr, {}); }

}  // namespace

TEST_CASE("sweep: a point is the run of its scenario alone, bit for bit") {
  Place place;
  // Kept trials and counted ones.
  for (const uint64_t trials : {300, 4500}) {
    CAPTURE(trials);
    place.request.run.trials = trials;
    if (trials > 300) place.request.design.vary.resize(2);
    const Sweep sweep(place.request);
    const RunResult all = sweep.run(nullptr, {});
    const Table& rows = table(all, "sweep");
    const Table& questions = table(all, "sweep-questions");
    const size_t keys = place.request.design.vary.size();
    REQUIRE(sweep.cases() == (size_t{1} << keys) * 2);
    size_t next = 0, next_question = 0, differing = 0;
    for (size_t i = 0; i < sweep.cases(); ++i) {
      RunRequest alone = place.request.run;
      alone.of.clear();
      alone.threads = 1;
      alone.scenario.path = place.request.paths[i % 2];
      alone.scenario.sets = sweep.sets(i);
      const RunResult run = fabcast::run(alone);
      std::map<std::string, std::string> own;  // by scenario, variable, entity, unit, period
      for (const auto& row : run.summary.rows) {
        own[row_text({row.begin(), row.begin() + 5}, 0)] = row_text(row, 0);
      }
      size_t found = 0;
      std::string before;
      for (; next < rows.rows.size(); ++next, ++found) {
        const auto& row = rows.rows[next];
        if (std::get<long long>(row[0]) != static_cast<long long>(i / 2 + 1)) break;
        const auto first = row.begin() + static_cast<std::ptrdiff_t>(1 + keys);
        if (text_in(*first) != (i % 2 == 0 ? "one" : "two")) break;
        REQUIRE(own.at(row_text({first, first + 5}, 0)) == row_text(row, 1 + keys));
        differing += number_in(*(first + 6)) > 0;  // sd
      }
      CHECK(found == 3 * 10);  // series by eight quarters and two years
      REQUIRE(run.questions.rows.size() == 5);
      for (const auto& row : run.questions.rows) {
        const auto& of_sweep = questions.rows.at(next_question++);
        std::vector<Cell> same(row.begin(), row.begin() + 25);
        REQUIRE(row_text(same, 0) == row_text(of_sweep, 1 + keys));
      }
    }
    CHECK(next == rows.rows.size());
    CHECK(next_question == questions.rows.size());
    CHECK(differing > sweep.cases() * 10);
  }
}

TEST_CASE("sweep: a point does not depend on threads or on the other points") {
  Place place;
  place.request.run.threads = 1;
  const auto one = csv_of(swept(place.request));
  CHECK(one.size() == 5);
  for (const int threads : {2, 3, 8}) {
    place.request.run.threads = threads;
    CHECK(csv_of(swept(place.request)) == one);
  }
  // The last value of the last key alone, without the other scenario.
  place.request.design.vary = {"fab.SN2.line_yield=0.9", "fab.*.plan*=1.5", "die.logic.width*=1.1"};
  place.request.paths.resize(1);
  const RunResult alone = swept(place.request);
  const std::string& all = one.at("sweep");
  for (const auto& row : table(alone, "sweep").rows) {
    REQUIRE(has(all, "\n8," + row_text(row, 1)));
  }
}

TEST_CASE("sweep: a factor acts on each scenario's own value") {
  Place place;
  place.folder.write("two.scn", "extends = one.scn\n[die.logic]\nwidth = 30 mm\n");
  place.request.design.vary = {"die.logic.width*=1,1.1"};
  const Sweep sweep(place.request);
  REQUIRE(sweep.cases() == 4);
  CHECK(sweep.sets(2) == std::vector<std::string>{"die.logic.width = 22 mm"});
  CHECK(sweep.sets(3) == std::vector<std::string>{"die.logic.width = 33 mm"});
}

TEST_CASE("sweep: the tables have the keys, and one row a point in the wide one") {
  Place place;
  const RunResult all = swept(place.request);
  const Table& wide = table(all, "sweep-wide");
  REQUIRE(wide.rows.size() == 16);
  const std::vector<std::string> first{"point",
                                       "fab.SN2.line_yield",
                                       "fab.*.plan*",
                                       "die.logic.width*",
                                       "scenario",
                                       "wafer.starts SN2 2025 mean",
                                       "wafer.starts SN2 2025 p05"};
  for (size_t c = 0; c < first.size(); ++c) CHECK(wide.columns[c].name == first[c]);
  CHECK(wide.columns.size() == 5 + 3 * 2 * 4);
  for (const Table* each : all.tables()) {
    for (const Column& column : each->columns) {
      CAPTURE(column.name);
      CHECK(column.meaning != "");
    }
    for (const auto& row : each->rows) REQUIRE(row.size() == each->columns.size());
  }
  CHECK(number_in(wide.rows[15][1]) == 0.9);
  CHECK(number_in(wide.rows[15][2]) == 1.5);
  CHECK(number_in(wide.rows[15][3]) == 1.1);
  CHECK(text_in(wide.rows[15][4]) == "two");
  // The values are those of sweep.csv.
  const Table& rows = table(all, "sweep");
  for (const auto& row : rows.rows) {
    const std::string period = text_in(row[rows.column("period")]);
    if (period.size() != 4) continue;
    const auto i =
        static_cast<size_t>(std::get<long long>(row[0]) - 1) * 2 + (text_in(row[4]) == "two");
    const std::string name = text_in(row[5]) + " " + text_in(row[6]) + " " + period + " p50";
    REQUIRE(number_in(wide.rows[i][wide.column(name)]) == number_in(row[rows.column("p50")]));
  }
  // More starts, more NPUs: the factor does what it says.
  CHECK(number_in(wide.rows[4][wide.column("wafer.starts SN2 2026 mean")]) >
        1.2 * number_in(wide.rows[0][wide.column("wafer.starts SN2 2026 mean")]));

  place.request.quarters = false;
  const RunResult years = swept(place.request);
  for (const auto& row : table(years, "sweep").rows) {
    REQUIRE(text_in(row[rows.column("period")]).size() == 4);
  }
}

TEST_CASE("sweep: a scenario at a point that does not read is refused before anything runs") {
  Place place;
  const auto mistakes = [&] {
    try {
      Sweep sweep(place.request);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  place.request.design.vary = {"fab.SN2.node=N+2,N+9"};
  CHECK(has(mistakes(), "point 2 of one (fab.SN2.node = N+9) is refused:"));
  CHECK(has(mistakes(), "there is no node 'N+9'; did you mean 'N+2'?"));
  CHECK(has(mistakes(), "point 2 of two"));
  place.request.design.vary = {"fab.SN2.plan=1k,2k"};
  place.request.run.scenario.sets = {"fab.SN2.plan = 3k", "fab.SN2.line_yield = 0.9"};
  CHECK(has(mistakes(), "--set gives 'fab.SN2.plan', which is varied; leave one of the two out"));
  CHECK(!has(mistakes(), "line_yield"));
  place.request.run.scenario.sets = {"fab.SN2.plam = 3k"};
  place.request.run.of = {"npus.shiped ascend"};
  CHECK(has(mistakes(), "did you mean 'plan'?"));
  place.request.run.scenario.sets.clear();
  CHECK(has(mistakes(), "--of: unknown variable 'npus.shiped'; did you mean 'npus.shipped'?"));
}

TEST_CASE("sweep: resumed from any part of its journal, whole or torn, to the same tables") {
  Place place;
  place.request.quarters = false;
  const Sweep sweep(place.request);
  const auto whole = csv_of(sweep.run(nullptr, {}));
  const std::string path = place.folder.file("journal");
  {
    PointJournal journal(path, sweep.identity(), sweep.cases(), false, false);
    CHECK(csv_of(sweep.run(&journal, {})) == whole);
  }
  const std::string text = read_text(path);
  std::vector<size_t> line_ends;
  for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    line_ends.push_back(at + 1);
  }
  REQUIRE(line_ends.size() == sweep.cases() + 1);
  struct Cut {
    size_t bytes, points;
  };
  std::vector<Cut> cuts{{0, 0}, {5, 0}, {line_ends[0], 0}};
  for (size_t i : {size_t{3}, size_t{9}, line_ends.size() - 1}) {
    cuts.push_back({line_ends[i], i});          // whole
    cuts.push_back({line_ends[i] - 1, i - 1});  // without its line end
    cuts.push_back({line_ends[i - 1] + 30, i - 1});
  }
  for (const Cut& cut : cuts) {
    CAPTURE(cut.bytes);
    place.folder.write("journal", text.substr(0, cut.bytes));
    PointJournal journal(path, sweep.identity(), sweep.cases(), true, false);
    CHECK(journal.done().size() == cut.points);
    uint64_t counted = 0;
    const RunResult resumed = sweep.run(&journal, [&](uint64_t done) {
      counted = done;
      return true;
    });
    CHECK(counted <= (sweep.cases() - cut.points) * place.request.run.trials);
    REQUIRE(csv_of(resumed) == whole);
    // And once more: all is there now.
    PointJournal again(path, sweep.identity(), sweep.cases(), true, false);
    CHECK(again.done().size() == sweep.cases());
  }
  // A flipped bit in the middle: what comes after it is run again.
  std::string damaged = text;
  damaged[line_ends[4] + 40] ^= 1;
  place.folder.write("journal", damaged);
  PointJournal journal(path, sweep.identity(), sweep.cases(), true, false);
  CHECK(journal.done().size() == 4);
  CHECK(csv_of(sweep.run(&journal, {})) == whole);
  // So is a digit that became another one, though the line still reads as one of a journal.
  damaged = text;
  damaged[damaged.find_last_of("0123456789", line_ends[5] - 2)] ^= 1;
  place.folder.write("journal", damaged);
  PointJournal changed(path, sweep.identity(), sweep.cases(), true, false);
  CHECK(changed.done().size() == 4);
  CHECK(csv_of(sweep.run(&changed, {})) == whole);
}

TEST_CASE("sweep: what was interrupted is kept, and run no more than once") {
  Place place;
  place.request.run.threads = 1;
  const Sweep sweep(place.request);
  const auto whole = csv_of(sweep.run(nullptr, {}));
  const std::string path = place.folder.file("journal");
  size_t stops = 0, before = 0;
  for (bool done = false; !done; ++stops) {
    PointJournal journal(path, sweep.identity(), sweep.cases(), stops > 0, false);
    CHECK(journal.done().size() >= before);
    before = journal.done().size();
    // Five points' trials, and then the user has enough.
    try {
      const RunResult last = sweep.run(
          &journal, [&](uint64_t trials) { return trials < 5 * place.request.run.trials; });
      CHECK(csv_of(last) == whole);
      done = true;
    } catch (const Interrupted& interrupted) {
      CHECK(has(interrupted.what(), "of 16 points are done and kept"));
    }
    REQUIRE(stops < 10);
  }
  CHECK(stops >= 3);
  CHECK(stops <= 5);
}

TEST_CASE("sweep: the trials that a precision takes are found once, and kept when interrupted") {
  Place place;
  place.request.paths.pop_back();
  place.request.run.threads = 1;
  place.request.run.trials = 20'000;
  place.request.run.precision = {"3%", {"npus.shipped ascend 2026 mean"}};
  place.request.design.vary = {"fab.SN2.line_yield=0.7:0.9:2"};
  Sweep first(place.request);
  const std::string path = place.folder.file("journal");
  std::optional<RunResult> whole;
  {
    PointJournal journal(path, first.identity(), first.cases(), false, false);
    CHECK(!journal.found());
    journal.add(first.find_trials({}, {}));
    first.take(*journal.found());
    whole = first.run(nullptr, {});
    const uint64_t one_point = first.trials();
    CHECK_THROWS_AS(first.run(&journal, [&](uint64_t trials) { return trials <= one_point; }),
                    Interrupted);
  }
  Sweep second(place.request);
  PointJournal journal(path, second.identity(), second.cases(), true, false);
  CHECK(journal.done().size() == 1);
  REQUIRE(journal.found());
  CHECK(journal.found()->trials == first.trials());
  second.take(*journal.found());
  const RunResult rest = second.run(&journal, {});
  CHECK(csv_of(rest) == csv_of(*whole));
  CHECK(rest.warnings == whole->warnings);
  CHECK(rest.provenance.trials == whole->provenance.trials);
  REQUIRE(rest.precision.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(rest.precision[i].scenario == whole->precision[i].scenario);
    CHECK(rest.precision[i].half_width == whole->precision[i].half_width);
    CHECK(rest.precision[i].met == whole->precision[i].met);
  }
  // Another precision is another sweep.
  place.request.run.precision.half_width = "2%";
  const Sweep other(place.request);
  CHECK_THROWS_AS(PointJournal(path, other.identity(), other.cases(), true, false), InputError);
}

TEST_CASE("sweep: a journal of another sweep is refused with what differs") {
  Place place;
  const std::string path = place.folder.file("journal");
  const Sweep first(place.request);
  PointJournal(path, first.identity(), first.cases(), false, false).add(0, {});
  const auto refusal = [&](const SweepRequest& request) {
    const Sweep other(request);
    try {
      PointJournal journal(path, other.identity(), other.cases(), true, false);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal(place.request) == "");
  SweepRequest other = place.request;
  other.run.threads = 1;  // decides nothing
  other.run.command = "fabcast sweep something else";
  CHECK(refusal(other) == "");
  other.run.seed = 2;
  CHECK(has(refusal(other), "is of another sweep: its seed is 1, not 2; go on with that one"));
  other = place.request;
  other.run.trials = 301;
  CHECK(has(refusal(other), "its number of trials is 300, not 301"));
  other = place.request;
  other.run.scenario.sets = {"tool.SN2.immersion.passes = 70"};
  CHECK(has(refusal(other), "its scenario differs"));
  other = place.request;
  other.design.vary[1] = "fab.*.plan*=0.5,1.6";
  CHECK(has(refusal(other), "its design differs"));
  other = place.request;
  other.run.of.clear();
  CHECK(has(refusal(other), "its design differs"));
  other.quarters = false;
  CHECK(has(refusal(other), "its periods is quarters, not years"));
  // Nor is one of another version of the program, whose bytes may be others.
  SweepIdentity of_version = first.identity();
  CHECK(has(of_version.parts.at(0).second, version()));
  of_version.parts[0].second = "another";
  try {
    PointJournal journal(path, of_version, first.cases(), true, false);
    FAIL("it was taken");
  } catch (const InputError& error) {
    CHECK(has(error.what(), "its version is "));
  }
  // Without --resume it is not gone over in silence.
  CHECK_THROWS_AS(PointJournal(path, first.identity(), first.cases(), false, false),
                  DirectoryHoldsRun);
  CHECK_NOTHROW(PointJournal(path, first.identity(), first.cases(), false, true));
}

TEST_CASE("sweep: a journal that cannot be opened or written is an error") {
  Place place;
  const Sweep sweep(place.request);
  const auto opens = [&](const std::string& path) {
    PointJournal journal(path, sweep.identity(), sweep.cases(), true, false);
  };
  CHECK_THROWS_AS(opens(place.folder.path()), IoError);  // a folder
  CHECK_THROWS_AS(opens("/dev/full"), IoError);
  CHECK_THROWS_AS(opens("/no/such/folder/journal"), IoError);
}
