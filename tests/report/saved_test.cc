/// Results read back are the results that were written; what was spoilt is told with its place.

#include "report/saved.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <bit>
#include <cmath>
#include <random>

#include "base/diagnostics.h"
#include "fabcast.h"
#include "report/csv.h"
#include "report/html.h"
#include "report/response.h"
#include "report/run_json.h"
#include "support/program.h"

using namespace fabcast;
using namespace fabcast::testing;

namespace {

/// Cells that are hard to tell apart in a CSV file.
RunResult awkward() {
  RunResult result;
  result.summary = {"summary",
                    {{"scenario", "Name"},
                     {"period", "A text, though a number"},
                     {"p50", "Numbers"},
                     {"trials", "Whole numbers"},
                     {"note", "Texts of all kinds"},
                     {"swept", "Numbers and texts"},
                     {"empty", "Nothing"}},
                    {}};
  std::mt19937_64 random(7);
  const std::vector<std::string> notes{"=1+1",     "'=1+1", "''@x", "'plain", "a,\"b\"\nc",
                                       "\xff\xfe", "-5",    "\t",   "\r\n",   " ＝x",
                                       "it's",     "昇腾",  "'",    "1e5",    "nan"};
  for (size_t i = 0; i < 200; ++i) {
    const auto number = std::bit_cast<double>(random());
    result.summary.rows.push_back(
        {std::string("s"), std::to_string(2024 + i % 5),
         std::isfinite(number) ? Cell(number) : Cell{}, static_cast<long long>(random() >> 1),
         notes[i % notes.size()],
         i % 2 ? Cell(0.1 * static_cast<double>(i)) : Cell(std::string("1 to 2")), Cell{}});
  }
  result.further.push_back({"relax", {{"scenario", ""}, {"gain", ""}}, {{std::string("s"), 1.5}}});
  result.headline = {{"npus.shipped", "a"}};
  result.headline_products = {"a"};
  result.warnings = {"mind"};
  result.effective_trials = 12.25;
  result.weighted = true;
  result.views = {{"g", "v", 0.1, std::nan(""), ""}};
  result.wafers = {{"s", "d", 1.1, 2.2, true, 300, 3, 0.1, 0.5, true}};
  result.compared.measures = {{"npus.shipped", "a", "npus", "2026"}};
  result.compared.scenarios = {{"s", "title", {{1.5, nothing, 0.25, "2026-05"}}}};
  result.swept = {
      {"fab.SN2.plan"}, {"wafers/month"}, {"s"}, 3, "", {{"npus.shipped", "a", "npus", ""}}};
  result.most_trials = 1000;
  result.precision = {
      {"s", "npus.shipped a 2026 p50", "npus", true, 1, 0.5, 1.5, 0.01, INFINITY, 12, false}};
  Provenance& from = result.provenance;
  from.version = "9";
  from.scenario = "s";
  from.title = "=title";
  from.command = "fabcast run s";
  from.first_month = "2024-01";
  from.last_month = "2028-12";
  from.scenario_text = "text\n";
  from.scenario_sha256 = "00";
  from.seed = 1ull << 53;
  from.trials = 200;
  from.files = {{"s.scn", "text"}};
  from.seconds_by_phase = {{"main", 0.1}};
  from.variables = {{"npus.shipped", "npus", "NPUs"}};
  return result;
}

/// A result written and changed, and what reading it says.
struct Spoilt {
  TemporaryFolder folder;
  std::string path = folder.file("run");
  Spoilt() { write_results(awkward(), path, {}); }
  void put(const std::string& name, const std::string& text) const {
    folder.write("run/" + name, text);
  }
  std::string get(const std::string& name) const { return read_text(path + "/" + name); }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = get(name);
    const size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    put(name, text.replace(at, from.size(), to));
  }
  std::string message() const {
    try {
      read_results(path);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE("results read back: every cell with its kind and bits, every hint") {
  const TemporaryFolder folder;
  const RunResult written = awkward();
  write_results(written, folder.file("run"), {});
  const RunResult read = read_results(folder.file("run"));
  REQUIRE(read.tables().size() == written.tables().size());
  for (size_t t = 0; t < read.tables().size(); ++t) {
    const Table &a = *read.tables()[t], &b = *written.tables()[t];
    CHECK(a.name == b.name);
    REQUIRE(a.columns.size() == b.columns.size());
    for (size_t c = 0; c < a.columns.size(); ++c) {
      CHECK(a.columns[c].name == b.columns[c].name);
      CHECK(a.columns[c].meaning == b.columns[c].meaning);
    }
    CHECK(a.rows == b.rows);
  }
  // Whatever run.json holds came back: it is written again to the same bytes.
  CHECK(run_json(read) == run_json(written));
}

TEST_CASE("results read back: those of a simulation are written again to the same bytes") {
  const TemporaryFolder folder;
  folder.write("hand.scn", read_text(hand_scenario()));
  REQUIRE(run_program(folder.path(), "run hand.scn -n 50 -q --relax --out a --format csv").status ==
          0);
  write_results(read_results(folder.file("a")), folder.file("b"), {});
  auto tree = tree_of(folder.path());
  size_t files = 0;
  for (const auto& [name, text] : tree) {
    if (!name.starts_with("a/")) continue;
    CAPTURE(name);
    CHECK(tree.at("b" + name.substr(1)) == text);
    ++files;
  }
  CHECK(files == 9);
}

TEST_CASE("results read back: an apostrophe put before a formula comes off, no other does") {
  for (const std::string text : {"=x", "'=x", "''=x", "'x", "x'", "'", "", " +1", "' +1"}) {
    const std::string field = csv_field(text);
    CHECK(field[0] != '=');
    CHECK(csv_unguarded(field) == text);
  }
  CHECK(csv_field("'=x") == "''=x");
  CHECK(csv_field("'x") == "'x");
}

TEST_CASE("results read back: what was spoilt is told with its place and what to do") {
  {
    const Spoilt run;
    run.replace("relax.csv", "1.5", "1,5");
    CHECK(has(run.message(),
              "/relax.csv:2:1: 3 cells, and 2 columns; run it again with this version"));
  }
  {
    const Spoilt run;
    run.replace("relax.csv", "1.5", "many");
    CHECK(has(run.message(), "/relax.csv:2:3: a number is expected; run it again"));
    run.replace("relax.csv", "many", "inf");
    CHECK(has(run.message(), "/relax.csv:2:3: a number is expected; run it again"));
    run.replace("relax.csv", "inf", "\"1.5");
    CHECK(has(run.message(), "/relax.csv:2:3: this quoted cell has no end"));
  }
  {
    const Spoilt run;  // several at once
    run.replace("relax.csv", "gain", "loss");
    run.replace("summary.csv", "s,2024,", "s,2024,x");
    CHECK(has(run.message(), "/relax.csv:1:1: the columns are not those that run.json names"));
    CHECK(has(run.message(), "/summary.csv:2:8: a number is expected"));
    CHECK(has(run.message(), "2 mistakes"));
  }
  {
    const Spoilt run;  // cut off
    run.put("relax.csv", "scenario,gain\n");
    CHECK(has(run.message(), "/relax.csv: it has 0 rows, and run.json says 1"));
    run.put("relax.csv", "");
    CHECK(has(run.message(), "/relax.csv:1:1: the columns are not those"));
  }
  {
    const Spoilt run;
    const std::string whole = run.get("run.json");
    run.put("run.json", whole.substr(0, whole.size() / 2));
    CHECK(has(run.message(), ": this is no JSON from here on; run it again"));
    run.put("run.json", "{\n  \"a\": ?\n}");
    CHECK(has(run.message(), "/run.json:2:8: this is no JSON from here on"));
    run.put("run.json", "{}");
    CHECK(has(run.message(), "/run.json: it is not as this version writes it: key 'version' not"));
    run.put("run.json", "[]");
    CHECK(has(run.message(), "/run.json: it is not as this version writes it: "));
    run.put("run.json", std::string(100'000, '['));
    CHECK(has(run.message(), "this is no JSON"));
  }
  for (const char* name : {"../secret", "/etc/passwd", "relax/../relax", "summary", ""}) {
    const Spoilt run;
    CAPTURE(name);
    run.replace("run.json", "\"name\": \"relax\"", fmt::format("\"name\": \"{}\"", name));
    CHECK(has(run.message(), "is no table of a run, or is named twice"));
  }
  {
    const Spoilt run;
    REQUIRE(std::filesystem::remove(run.path + "/relax.csv"));
    CHECK_THROWS_AS(read_results(run.path), IoError);
    std::filesystem::create_symlink("/etc/hostname", run.path + "/relax.csv");
    CHECK_THROWS_AS(read_results(run.path), IoError);
    std::filesystem::remove(run.path + "/relax.csv");
    std::filesystem::create_directory(run.path + "/relax.csv");
    CHECK_THROWS_AS(read_results(run.path), IoError);
    CHECK_THROWS_AS(read_results(run.folder.file("nowhere")), IoError);
  }
}

TEST_CASE("results joined: tables below one another, scenarios of one name told apart") {
  const std::vector<std::string> directories{"x/a", "x/b"};
  const RunResult joined = joined_results({awkward(), awkward()}, directories);
  CHECK(joined.summary.rows.size() == 400);
  CHECK(text_in(joined.summary.rows[0][0]) == "s (x/a)");
  CHECK(text_in(joined.summary.rows[399][0]) == "s (x/b)");
  CHECK(joined.wafers[1].scenario == "s (x/b)");
  REQUIRE(joined.further.size() == 2);
  CHECK(joined.further[0].rows.size() == 2);
  CHECK(joined.further[1].name == "runs");
  CHECK(text_in(joined.further[1].rows[1][0]) == "x/b");
  RunResult other = awkward();
  for (auto& row : other.summary.rows) row[0] = std::string("t");
  other.further.clear();
  other.wafers.clear();
  other.compared = {};
  other.swept = {};
  const RunResult apart = joined_results({awkward(), other}, directories);
  CHECK(text_in(apart.summary.rows[0][0]) == "s");
  CHECK(text_in(apart.summary.rows[399][0]) == "t");
}

TEST_CASE("results joined: precision and provenance name each run's scenarios, and no run's seed") {
  const RunResult joined = joined_results({awkward(), awkward()}, {"x/a", "x/b"});
  REQUIRE(joined.precision.size() == 2);
  CHECK(joined.precision[0].scenario == "s (x/a)");
  CHECK(joined.precision[1].scenario == "s (x/b)");
  CHECK(joined.provenance.runs == 2);
  CHECK(joined.provenance.trials == 0);
  CHECK(joined.provenance.scenario.empty());
  CHECK(joined.provenance.command.empty());
  CHECK(joined.warnings == std::vector<std::string>{"x/a: mind", "x/b: mind"});
  const Table& runs = joined.further.back();
  CHECK(text_in(runs.rows[1][runs.column("scenario")]) == "s");
  CHECK(text_in(runs.rows[1][runs.column("named")]) == "s (x/b)");
  CHECK(std::get<long long>(runs.rows[1][runs.column("trials")]) == 200);
}

TEST_CASE("results joined: a comparison is kept whichever run comes first, and is not all runs'") {
  RunResult compared = awkward(), alone = awkward();
  compared.swept = {};
  compared.compared.scenarios.push_back({"t", "other", {{2.5, 1.0, 0.5, ""}}});
  compared.further = {{"compare",
                       {{"scenario", ""},
                        {"base", ""},
                        {"variable", ""},
                        {"entity", ""},
                        {"period", ""},
                        {"mean", ""},
                        {"difference", ""},
                        {"difference_lo", ""},
                        {"difference_hi", ""},
                        {"difference_p05", ""},
                        {"difference_p95", ""}},
                       {{std::string("t"), std::string("s"), std::string("npus.shipped"),
                         std::string("a"), std::string("2026"), 2.5, 1.0, 0.5, 1.5, 0.25, 1.75}}}};
  alone.compared = {};
  alone.swept = {};
  for (auto& row : alone.summary.rows) row[0] = std::string("u");
  alone.wafers.clear();
  alone.further.clear();
  for (RunResult* one : {&compared, &alone}) {
    one->summary.columns.push_back({"variable", ""});
    one->summary.columns.push_back({"entity", ""});
    one->summary.columns.push_back({"unit", ""});
    for (auto& row : one->summary.rows) {
      row.emplace_back(std::string("npus.shipped"));
      row.emplace_back(std::string("a"));
      row.emplace_back(std::string("npus"));
    }
  }
  for (const bool first : {true, false}) {
    CAPTURE(first);
    const RunResult joined = first ? joined_results({compared, alone}, {"c", "r"})
                                   : joined_results({alone, compared}, {"r", "c"});
    CHECK(joined.compared.scenarios.empty());
    REQUIRE(joined.parts.size() == 2);
    const RunPart& part = joined.parts[first ? 0 : 1];
    REQUIRE(part.compared.scenarios.size() == 2);
    CHECK(joined.parts[first ? 1 : 0].compared.scenarios.empty());
    const std::string page = report_html(joined);
    CHECK(has(page, "Run c</h3>"));
    CHECK(has(page, "s and t were simulated on the same draws"));
    CHECK_FALSE(has(page, "All scenarios were simulated"));
    CHECK_FALSE(has(page, "with which the others are compared"));
    CHECK(has(page, "scenarios of different runs are not paired"));
    CHECK(has(page, "Differences to s</h3>"));
    CHECK_FALSE(has(page, "<th scope=\"row\">Seed"));
    CHECK_FALSE(has(page, "<th scope=\"row\">Trials<"));
  }
}

TEST_CASE("results joined: two sweeps of other keys keep their tables, under their runs' names") {
  const auto sweep_of = [](const std::string& key, double first) {
    RunResult result;
    result.swept = {{key}, {"wafers/month"}, {"s"}, 2, "", {{"npus.shipped", "a", "npus", "2026"}}};
    Table sweep{"sweep",
                {{"point", ""},
                 {key, ""},
                 {"scenario", ""},
                 {"variable", ""},
                 {"entity", ""},
                 {"unit", ""},
                 {"period", ""},
                 {"p05", ""},
                 {"p50", ""},
                 {"p95", ""}},
                {}};
    for (long long point : {1, 2}) {
      sweep.rows.push_back({point, first * static_cast<double>(point), std::string("s"),
                            std::string("npus.shipped"), std::string("a"), std::string("npus"),
                            std::string("2026"), 1.0, 2.0, 3.0});
    }
    result.further.push_back(sweep);
    return result;
  };
  const RunResult joined =
      joined_results({sweep_of("fab.A.plan", 10), sweep_of("fab.B.plan", 70)}, {"x/a", "x/b"});
  REQUIRE(joined.further.size() == 3);
  CHECK(joined.further[0].name == "sweep (x/a)");
  CHECK(joined.further[1].name == "sweep (x/b)");
  CHECK(joined.further[1].columns[1].name == "fab.B.plan");
  CHECK(joined.further[1].rows.size() == 2);
  const std::vector<SweepTables> sweeps = sweeps_of(joined);
  REQUIRE(sweeps.size() == 2);
  CHECK(sweeps[1].run == "x/b");
  const auto responses = responses_of(sweeps[1], {"npus.shipped", "a"});
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].keys[0].heading == "fab.B.plan [wafers/month]");
  CHECK(responses[0].scenarios == std::vector<std::string>{"s (x/b)"});
  const std::string page = report_html(joined);
  CHECK(has(page, "Run x/a</h3>"));
  CHECK(has(page, "Run x/b</h3>"));
  // One sweep keeps its table's name.
  RunResult plain = awkward();
  plain.swept = {};
  CHECK(joined_results({sweep_of("fab.A.plan", 10), plain}, {"x/a", "x/b"}).further[0].name ==
        "sweep");
}
