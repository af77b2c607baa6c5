/// Designs of a sweep against their definitions, the --set lines that they make, and their
/// mistakes.

#include "study/design.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "scenario/helpers.h"
#include "scenario/scaled.h"
#include "support/program.h"

using namespace fabcast;
using fabcast::testing::has;
using fabcast::testing::TemporaryFolder;

namespace {

ScenarioSpec hand(const std::vector<std::string>& sets = {}) {
  Diagnostics diagnostics;
  ScenarioSpec spec = load_scenario({fabcast::testing::hand_scenario(), sets}, diagnostics);
  diagnostics.throw_if_any();
  return spec;
}

Design design(const std::vector<std::string>& vary, DesignKind kind = DesignKind::grid,
              uint64_t samples = 0, uint64_t seed = 1) {
  return Design({vary, "", kind, samples, seed});
}

/// Numbers of one key, point by point; NaN where it holds none.
std::vector<double> numbers(const Design& of, size_t key) {
  std::vector<double> all;
  for (size_t p = 0; p < of.points(); ++p) {
    const VariedValue* value = of.value(p, key);
    all.push_back(value ? number_in(value->cell) : NAN);
  }
  return all;
}

std::vector<std::string> texts(const Design& of, size_t key) {
  std::vector<std::string> all;
  for (size_t p = 0; p < of.points(); ++p) {
    const VariedValue* value = of.value(p, key);
    all.push_back(value ? value->text : "-");
  }
  return all;
}

std::string mistakes(const DesignRequest& request) {
  try {
    Design made(request);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("design: ranges, ranges in logs, lists, units") {
  const auto values = [](const std::string& vary) { return numbers(design({vary}), 0); };
  CHECK(values("fab.SN2.plan=100:500:5") == Numbers{100, 200, 300, 400, 500});
  CHECK(values("fab.SN2.plan=1k:2k:3 wafers/month") == Numbers{1000, 1500, 2000});
  CHECK(values("fab.SN2.plan = 12k wafers/year : 24k wafers/year : 2") == Numbers{1000, 2000});
  CHECK(values("fab.SN2.plan=log:100:10000:3") == Numbers{100, 1000, 10000});
  // Tenths as they are written, not as sums of doubles come out.
  CHECK(values("fab.SN2.line_yield=0.1:0.5:5") == Numbers{0.1, 0.2, 0.3, 0.4, 0.5});
  CHECK(values("fab.SN2.line_yield=10:50:3 %") == Numbers{0.1, 0.3, 0.5});
  CHECK(values("fab.SN2.line_yield=90 %,0.8") == Numbers{0.9, 0.8});
  CHECK(values("fab.SN2.plan*=90 %,1,1.1") == Numbers{0.9, 1, 1.1});
  CHECK(values("fab.SN2.plan*=2:1:2") == Numbers{2, 1});
  CHECK(values("fab.*.plan*=0.5,2") == Numbers{0.5, 2});
  // Any value of the language: commas within brackets, paths and views, whose colons are no range.
  const Design of =
      design({"fab.SN2.plan=uniform(1k, 2k) within [1k, 1.5k],3k to 8k,"
              "2025-01: 1k | 2026-01: 2k,a: 1k / b: 2k,5k"});
  CHECK(texts(of, 0) == Texts{"uniform(1k, 2k) within [1k, 1.5k]", "3k to 8k",
                              "2025-01: 1k | 2026-01: 2k", "a: 1k / b: 2k", "5000"});
  CHECK(texts(design({"fab.SN2.node=N+2,N+3"}), 0) == Texts{"N+2", "N+3"});
  CHECK(texts(design({"a.b ~ c.d=0,0.5"}), 0) == Texts{"0", "0.5"});
  CHECK(numbers(design({"view.nikkei=0.2:0.4:3"}), 0) == Numbers{0.2, 0.3, 0.4});
}

TEST_CASE("design: a grid has every combination once, the last key fastest") {
  const Design grid =
      design({"fab.SN2.plan=1k,2k", "fab.SN2.line_yield=0.7:0.9:3", "fab.SN2.utilisation=0.5,1"});
  REQUIRE(grid.points() == 12);
  CHECK(numbers(grid, 0) ==
        Numbers{1000, 1000, 1000, 1000, 1000, 1000, 2000, 2000, 2000, 2000, 2000, 2000});
  CHECK(numbers(grid, 1) == Numbers{0.7, 0.7, 0.8, 0.8, 0.9, 0.9, 0.7, 0.7, 0.8, 0.8, 0.9, 0.9});
  CHECK(numbers(grid, 2) == Numbers{0.5, 1, 0.5, 1, 0.5, 1, 0.5, 1, 0.5, 1, 0.5, 1});
}

TEST_CASE("design: one at a time begins with the scenario as it stands") {
  const Design oat =
      design({"fab.SN2.plan=1k,2k", "fab.SN2.line_yield*=0.7:0.9:3"}, DesignKind::oat);
  REQUIRE(oat.points() == 6);
  CHECK(texts(oat, 0) == Texts{"-", "1000", "2000", "-", "-", "-"});
  CHECK(texts(oat, 1) == Texts{"-", "-", "-", "0.7", "0.8", "0.9"});
  const ScenarioSpec base = hand({"fab.SN2.plan = 3k to 8k"});
  CHECK(oat.sets(0, base).empty());
  CHECK(text_in(oat.cell(0, 0, base)) == "3k to 8k wafers/month");
  CHECK(number_in(oat.cell(0, 1, base)) == 1);
  CHECK(number_in(oat.cell(0, 0, hand({"fab.SN2.plan = 3k"}))) == 3000);
}

TEST_CASE("design: a Latin hypercube has one sample in each stratum of each key") {
  for (const uint64_t n : {1, 2, 7, 100}) {
    CAPTURE(n);
    const Design lhs = design(
        {"fab.SN2.plan=1k:2k", "fab.SN2.line_yield=0.9:0.5:3", "fab.SN2.utilisation*=log:0.01:1"},
        DesignKind::lhs, n, 5);
    REQUIRE(lhs.points() == n);
    std::set<int> strata[3];
    for (size_t p = 0; p < n; ++p) {
      const auto count = static_cast<double>(n);
      strata[0].insert(static_cast<int>((numbers(lhs, 0)[p] - 1000) / 1000 * count));
      strata[1].insert(static_cast<int>((0.9 - numbers(lhs, 1)[p]) / 0.4 * count));
      strata[2].insert(
          static_cast<int>(std::log(numbers(lhs, 2)[p] / 0.01) / std::log(100) * count));
    }
    for (const auto& each : strata) {
      CHECK(each.size() == n);
      CHECK(*each.begin() == 0);
      CHECK(*each.rbegin() == static_cast<int>(n) - 1);
    }
  }
  // Keys are paired at random, another way with each seed, and a key's own samples stay when others
  // come and go.
  const Design a = design({"fab.SN2.plan=0:1", "fab.SN2.utilisation=0:1"}, DesignKind::lhs, 400, 1);
  const Design b = design({"fab.SN2.plan=0:1"}, DesignKind::lhs, 400, 2);
  const Design c = design({"fab.SN2.utilisation=0:1"}, DesignKind::lhs, 400, 1);
  CHECK(numbers(a, 0) != numbers(b, 0));
  CHECK(numbers(a, 1) == numbers(c, 0));
  // Anywhere in its stratum: as often in one half of it as in the other.
  size_t in_first_half = 0;
  for (const double value : numbers(c, 0))
    in_first_half += value * 400 - std::floor(value * 400) < 0.5;
  CHECK(in_first_half > 150);  // 5 sd from 200
  CHECK(in_first_half < 250);
  double product = 0;
  for (size_t p = 0; p < 400; ++p) product += (numbers(a, 0)[p] - 0.5) * (numbers(a, 1)[p] - 0.5);
  CHECK(std::abs(product / 400 * 12) < 0.2);  // a correlation of independent ranks: sd 0.05
}

TEST_CASE("design: 2^m Sobol' samples are a net") {
  for (const uint64_t seed : {1, 2}) {
    const Design sobol =
        design({"fab.SN2.plan=0:1", "fab.SN2.utilisation=0:1"}, DesignKind::sobol, 64, seed);
    const Numbers x = numbers(sobol, 0), y = numbers(sobol, 1);
    for (int a = 0; a <= 6; ++a) {
      std::set<std::pair<int, int>> boxes;
      for (size_t p = 0; p < 64; ++p) {
        boxes.insert({static_cast<int>(x[p] * (1 << a)), static_cast<int>(y[p] * (64 >> a))});
      }
      CHECK(boxes.size() == 64);
    }
  }
  // Each key is scrambled in a way of its own: point 0 lies not on the diagonal, whatever the seed.
  size_t on_diagonal = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Design two =
        design({"fab.SN2.plan=0:1", "fab.SN2.utilisation=0:1"}, DesignKind::sobol, 2, seed);
    on_diagonal += std::abs(numbers(two, 0)[0] - numbers(two, 1)[0]) < 1e-6;
  }
  CHECK(on_diagonal == 0);
  const std::vector<std::string> vary{"fab.SN2.plan=0:1"};
  CHECK(numbers(design(vary, DesignKind::sobol, 64, 1), 0) !=
        numbers(design(vary, DesignKind::sobol, 64, 2), 0));
  // The first of more samples are those of fewer.
  Numbers more = numbers(design(vary, DesignKind::sobol, 64, 1), 0);
  more.resize(16);
  CHECK(more == numbers(design(vary, DesignKind::sobol, 16, 1), 0));
}

TEST_CASE("design: points of a file, with quotes, empty cells and CRLF") {
  const TemporaryFolder folder;
  const std::string path = folder.write("p.csv",
                                        "\xEF\xBB\xBF"
                                        "fab.SN2.plan,fab.SN2.line_yield*\r\n"
                                        "\"discrete(1k: 1, 2k: 3)\",0.9\r\n\r\n"
                                        "1k wafers/month,\r\n,110 %");
  const Design of({{}, path, DesignKind::points, 0, 1});
  REQUIRE(of.points() == 3);
  CHECK(of.keys()[1].name == "fab.SN2.line_yield*");
  CHECK(texts(of, 0) == Texts{"discrete(1k: 1, 2k: 3)", "1000", "-"});
  CHECK(texts(of, 1) == Texts{"0.9", "-", "1.1"});
  CHECK(of.file_path() == path);
}

TEST_CASE("design: a key that counts things takes whole numbers, each as often") {
  CHECK(numbers(design({"die.logic.cores=1:8:3"}), 0) == std::vector<double>{1, 5, 8});
  const Design lhs = design({"die.logic.cores=20:25"}, DesignKind::lhs, 600);
  std::map<double, int> times;
  for (const double cores : numbers(lhs, 0)) ++times[cores];
  CHECK(times.size() == 6);
  for (const auto& [cores, count] : times) CHECK(count == 100);  // 100 strata each
  // A factor is no count.
  CHECK(numbers(design({"die.logic.cores*=0.5:1:2"}), 0) == std::vector<double>{0.5, 1});
}

TEST_CASE("design: of a file with one key a quoted empty cell is a point, an empty line none") {
  const TemporaryFolder folder;
  const auto points = [&](const std::string& text) {
    return DesignRequest{{}, folder.write("p.csv", text), DesignKind::points, 0, 1};
  };
  const Design of(points("fab.SN2.line_yield\n0.8\n\"\"\n0.9\n\n"));
  CHECK(texts(of, 0) == std::vector<std::string>{"0.8", "-", "0.9"});
  const std::string told = mistakes(points("fab.SN2.line_yield\n0.8\n\n0.9\n"));
  CHECK(has(told, "p.csv:3:1: "));
  CHECK(has(told, "write \"\" for a point that leaves the key as it stands"));
}

TEST_CASE("design: factors on dates are events, others are in the value") {
  const Design of = design({"fab.SN2.plan*=1.5", "die.logic.width*=0.5", "fab.SN2.line_yield=0.9"});
  const ScenarioSpec base = hand();
  const std::vector<std::string> sets = of.sets(0, base);
  REQUIRE(sets.size() == 4);
  CHECK(sets[0] == "event.sweep-factor-1.date = " + base.first.text());
  CHECK(sets[1] == "event.sweep-factor-1.effect = fab.SN2.plan scale 1.5");
  CHECK(sets[2] == "die.logic.width = 10 mm");
  CHECK(sets[3] == "fab.SN2.line_yield = 0.9");
}

TEST_CASE("a value times a factor: every number in the key's unit, nothing else") {
  const struct {
    const char *value, *scaled;
  } cases[] = {
      {"4k", "8000 wafers/month"},
      {"3k to 8k within [1k, 10k] wafers/month @s",
       "6000 to 16000 within [2000, 20000] wafers/month @s"},
      {"normal(1k, 100)", "normal(2000, 200) wafers/month"},
      {"beta(2, 3, 1k, 2k) noise 8 % rho 0.6",
       "beta(2, 3, 2000, 4000) wafers/month noise 8 % rho 0.6"},
      {"discrete(1k: 0.5, 2k: 0.5)", "discrete(2000: 0.5, 4000: 0.5) wafers/month"},
      {"2025-01: 1k | 2026-01: 12k wafers/year", "2025-01: 2000 | 2026-01: 24000 wafers/year"},
      {"a: 1k / b: 2k to 3k", "a: 2000 / b: 4000 to 6000 wafers/month"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.value));
    const ScenarioSpec spec = hand({std::string("fab.SN2.plan = ") + c.value, "view.a = 0.5",
                                    "view.b = 0.5", "source.s.title = t"});
    const std::string scaled = scaled_text(*spec.find("fab", "SN2")->find("plan"), 2);
    CHECK(has(scaled, std::string(c.scaled).substr(0, 12)));
    // The unit that a bare value was given is part of it.
    CHECK(scaled.substr(0, std::string(c.scaled).size()) == c.scaled);
  }
  const ScenarioSpec dated = hand({"event.e.hazard = 0.25 /year in 2025-07 .. 2026-12",
                                   "event.e.effect = fab.SN2.plan multiply 0.5"});
  CHECK(scaled_text(*dated.find("event", "e")->find("hazard"), 2) ==
        "0.5 /year in 2025-07 .. 2026-12");
}

TEST_CASE("design: each mistake has its place and its remedy, all at once") {
  DesignRequest request;
  request.vary = {"nothing",
                  "fab.SN2.plam=1,2",
                  "fba.SN2.plan=1,2",
                  "fab.SN2.line_yield=0.5:0.9",
                  "fab.SN2.line_yield=1,2",
                  "fab.*.plan=1,2",
                  "fab.SN3.plan=5 dies,2,,3",
                  "fab.SN2.reserved*=1,2",
                  "fab.SN4.plan=log:0:5:3",
                  "fab.SN5.plan=1:2:2.5",
                  "fab.SN6.plan=1:1:2",
                  "fab.SN7.plan=1:2:3 dies",
                  "fab.SN8.plan*=-1",
                  "view.a*=2",
                  "fab.SN9.line_yield=0.5:1.5:3",
                  "die.*.cores*=2",
                  "=3"};
  const std::string told = mistakes(request);
  for (const char* part :
       {"--vary:1:1: 'nothing' varies nothing; --vary takes KEY=a:b:n",
        "--vary:2:1: there is no key 'plam' in [fab.NAME]; did you mean 'plan'?",
        "--vary:3:1: 'fba.SN2.plan' is not a full key", "did you mean 'fab'?",
        "--vary:4:20: '0.5:0.9' does not say how many points; write a:b:n, or take --design lhs or "
        "sobol",
        "--vary:5:1: 'fab.SN2.line_yield' is varied twice; keep one",
        "--vary:6:1: 'fab.*.plan' is not one key; name one, or multiply all of them: "
        "'fab.*.plan*=0.9,1.1'",
        "--vary:7:16: 'dies' is a unit of dies",
        "--vary:7:23: a value of 'fab.SN3.plan' is missing",
        "--vary:8:1: no factor can act on 'fab.SN2.reserved': it is not a number",
        "--vary:9:14: a range in logs has ends above 0",
        "--vary:10:18: '2.5' is not a number of points",
        "--vary:11:14: both ends of the range are the same",
        "--vary:12:18: 'dies' is no unit of 'fab.SN7.plan'; one of: wafers/month",
        "--vary:13:15: '-1' is not a factor; a factor is a number from 0 on",
        "--vary:14:1: no factor can act on 'view.a'; give its values: view.a=v,v,v",
        "--vary:15:20: 150 % is out of range",
        "--vary:16:1: '*' cannot stand in 'die.*.cores': 'cores' takes no dates",
        "--vary:17:1: no key stands here"}) {
    CAPTURE(std::string(part));
    CHECK(has(told, part));
  }
  request.vary = {"fab.SN2.plan=0,1"};
  request.kind = DesignKind::lhs;
  request.samples = 4;
  CHECK(has(mistakes(request), "'0,1' is not a range, and lhs draws from ranges; write KEY=a:b"));
  request.vary = {"fab.SN2.plan=0:1:2000", "fab.SN2.line_yield=0:1:1000"};
  request.kind = DesignKind::grid;
  CHECK(has(mistakes(request), "2e+06 points, and a sweep has 1000000 at most"));
}

TEST_CASE("design: mistakes of a file of points have line and column") {
  const TemporaryFolder folder;
  const std::string path = folder.write("p.csv",
                                        "fab.SN2.line_yield,fab.SN2.plan*,bad key,fab.SN2.plan\n"
                                        "0.9,1.1,3,4\n0.9,x,3,4\n0.9\n\"0.5\"b,1,2,4\n\"0.8,1,2\n");
  const std::string told = mistakes({{}, path, DesignKind::points, 0, 1});
  for (const char* part :
       {"p.csv:1:34: 'bad key' is not a key", "p.csv:1:42: 'fab.SN2.plan' is varied twice",
        "p.csv:3:5: 'x' is not a factor", "p.csv:4:1: this line has 1 cells and the first 4",
        "p.csv:5:6: after a quoted cell a comma or the line's end is expected",
        "p.csv:6:1: this quoted cell has no end"}) {
    CAPTURE(std::string(part));
    CHECK(has(told, part));
  }
  for (const char* text : {"", "fab.SN2.plan\n", "\n\n"}) {
    const std::string empty = folder.write("e.csv", text);
    CHECK(has(mistakes({{}, empty, DesignKind::points, 0, 1}), "this file holds no points"));
  }
  CHECK_THROWS_AS(Design({{}, folder.file("no.csv"), DesignKind::points, 0, 1}), IoError);
}

TEST_CASE("design: a workbook and other separators among points are told for what they are") {
  const TemporaryFolder folder;
  const auto told = [&](const std::string& text) {
    return mistakes({{}, folder.write("p.csv", text), DesignKind::points, 0, 1});
  };
  CHECK(has(told("PK\x03\x04..."), "p.csv' is a workbook; save its sheet as CSV"));
  CHECK(has(told("fab.SN2.plan;fab.SN2.line_yield\n1k;0,9\n"),
            "p.csv:1:1: semicolons separate these keys"));
  CHECK(has(told("fab.SN2.plan\tfab.SN2.line_yield\n1k\t0.9\n"), "tabs separate these keys"));
}

TEST_CASE("design: what a scenario has not is told with its place") {
  std::string told;
  design({"fab.SN9.plan=1,2", "fab.SX*.plan*=2", "die.logic.area*=2"}).check(hand(), told);
  CHECK(has(told, "--vary:1:1: hand has no [fab.SN9]; did you mean 'fab.SN2'?"));
  CHECK(has(told, "--vary:2:1: no key of hand fits 'fab.SX*.plan'"));
  CHECK(has(told, "--vary:3:1: hand gives 'die.logic.area' no value to multiply"));
  told.clear();
  design({"fab.SN2.plan=1,2", "fab.S*.line_yield*=2"}, DesignKind::oat).check(hand(), told);
  CHECK(told == "");
}
