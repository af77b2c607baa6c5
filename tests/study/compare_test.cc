/// Scenarios on the same draws: differences trial by trial, their intervals, chances, and what is
/// asked of a difference.

#include "study/compare.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/csv.h"
#include "run/tables.h"
#include "scenario/helpers.h"
#include "support/chain.h"
#include "support/line.h"

using namespace fabcast;
using fabcast::testing::TemporaryFolder;

namespace {

const std::string& line = plain_line;

/// Scenarios of a test, the first the base, in files of their names.
struct Scenarios {
  TemporaryFolder folder;
  CompareRequest request;

  explicit Scenarios(const std::map<std::string, std::string>& texts, uint64_t trials) {
    request.run.trials = trials;
    request.run.threads = 2;
    for (const auto& [name, text] : texts) {
      request.paths.push_back(folder.write(name + ".scn", text));
    }
  }
  RunResult run() const { return PairedStudy(request).run({}); }
};

const Table& table_of(const RunResult& compared, const std::string& name) {
  for (const Table* table : compared.tables()) {
    if (table->name == name) return *table;
  }
  throw std::out_of_range("no table " + name);
}

/// Row of compare.csv of one variable, entity and period; nothing where there is none.
const std::vector<Cell>* row_of(const Table& table, const std::string& variable,
                                const std::string& entity, const std::string& period) {
  for (const auto& row : table.rows) {
    if (text_in(row[table.column("variable")]) == variable &&
        text_in(row[table.column("entity")]) == entity &&
        text_in(row[table.column("period")]) == period) {
      return &row;
    }
  }
  return nullptr;
}

double number(const Table& table, const std::vector<Cell>& row, const char* column) {
  return number_in(row[table.column(column)]);
}

/// What a question of the difference of `changed` to `base` comes to.
double asked(const std::string& changed, const std::string& question) {
  Scenarios scenarios({{"a", line}, {"b", line + changed}}, 3);
  scenarios.request.asked = {question};
  const RunResult compared = scenarios.run();
  const Table& table = table_of(compared, "asked");
  REQUIRE(table.rows.size() == 1);
  CHECK(text_in(table.rows[0][table.column("text")]) == question);
  return number(table, table.rows[0], "estimate");
}

/// The mistakes that a comparison is refused with.
std::string mistakes(const Scenarios& scenarios) {
  try {
    PairedStudy study(scenarios.request);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("compare: what differs in nothing differs by exactly zero") {
  const std::string text = chain + R"(
[event.e]
hazard = 0.5 /year
effect = fab.line.plan multiply uniform(0.3, 0.9)
[question]
q = npus.cumulative part >= 150k npus by 2025-12
)";
  const std::string seen = "[observe]\nwafer.starts line 2024 = 10k wafers +- 30 %\n";
  const struct {
    std::string text;
    uint64_t trials;
  } cases[] = {{text, 300}, {text, 4700}, {text + seen, 300}};  // kept, counted, weighted
  for (const auto& c : cases) {
    CAPTURE(c.trials);
    const RunResult compared = Scenarios({{"a", c.text}, {"b", c.text}}, c.trials).run();
    const Table& table = table_of(compared, "compare");
    CHECK(table.rows.size() > 100);
    size_t uncertain = 0;
    for (const auto& row : table.rows) {
      CAPTURE(text_in(row[2]));
      for (const char* column :
           {"difference", "difference_se", "difference_lo", "difference_hi", "difference_p05",
            "difference_p50", "difference_p95", "difference_p50_lo", "difference_p50_hi"}) {
        REQUIRE(number(table, row, column) == 0);
      }
      REQUIRE(number(table, row, "mean") == number(table, row, "base_mean"));
      if (number(table, row, "mean") != 0) {
        for (const char* column : {"ratio", "ratio_lo", "ratio_hi"}) {
          REQUIRE(number(table, row, column) == 1);
        }
        ++uncertain;
      }
      REQUIRE(std::holds_alternative<std::monostate>(row[table.column("variance_reduction")]));
    }
    CHECK(uncertain > 50);
    const Table& questions = table_of(compared, "questions");
    REQUIRE(questions.rows.size() == 2);
    CHECK(number(questions, questions.rows[0], "estimate") > 0.05);
    CHECK(number(questions, questions.rows[0], "estimate") < 0.95);
    CHECK(number(questions, questions.rows[1], "difference") == 0);
    CHECK(std::isnan(number(questions, questions.rows[0], "difference")));  // of the base: none
  }
}

TEST_CASE("compare: the intervals of a known difference and ratio cover as they say") {
  // Starts of a year: 12 U, U uniform(500, 1500); with the event 12 (U + A), A uniform(-330, -270).
  // Mean difference 12 x -300 = -3,600; ratio of the means 700/1,000. Of 400 seeds 360 should
  // cover, with a standard deviation of 6: 4 of them either way, false in 6 of 100,000 runs.
  // (With 100 trials z for t takes a third of one per cent.)
  // An exponential cycle time compiles fastest; starts do not know it.
  const std::string base = R"(
[scenario]
months = 2025-01 .. 2025-12
[node.n]
cycle_time_cv = 100 %
[fab.L]
node        = n
plan        = uniform(500, 1500) wafers/month
utilisation = 100 %
[die.d]
width  = 10 mm
height = 10 mm
[claim.L.d]
share = 100 %
)";
  const std::string changed = base + R"(
[event.e]
date   = 2025-01
effect = fab.L.plan add uniform(-330, -270) wafers/month
)";
  Scenarios scenarios({{"a", base}, {"b", changed}}, 100);
  scenarios.request.run.threads = 1;
  int differences = 0, ratios = 0;
  double paired = 0, independent = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    scenarios.request.run.seed = seed;
    const RunResult compared = scenarios.run();
    const Table& table = table_of(compared, "compare");
    const auto* row = row_of(table, "wafer.starts", "L", "2025");
    REQUIRE(row);
    differences += number(table, *row, "difference_lo") <= -3600 &&
                   -3600 <= number(table, *row, "difference_hi");
    ratios += number(table, *row, "ratio_lo") <= 0.7 && 0.7 <= number(table, *row, "ratio_hi");
    paired += number(table, *row, "difference_se");
    double squares = 0;
    const Table& summary = table_of(compared, "summary");
    for (const auto& each : summary.rows) {
      if (text_in(each[1]) != "wafer.starts" || text_in(each[2]) != "L" ||
          text_in(each[4]) != "2025") {
        continue;
      }
      squares += std::pow(number(summary, each, "mean_se"), 2);
    }
    independent += std::sqrt(squares);
  }
  CAPTURE(differences);
  CAPTURE(ratios);
  CHECK((336 <= differences && differences <= 384));
  CHECK((336 <= ratios && ratios <= 384));
  // Of independent runs: sqrt(2 x 1000^2 + 60^2) / 60 = 23.6 times as wide.
  CHECK(independent / paired == doctest::Approx(23.6).epsilon(0.03));

  // The variances' ratio is 2 (1000/60)^2 + 1 = 556.6. Each is known to 1 % at 20,000 trials.
  scenarios.request.run.seed = 1;
  scenarios.request.run.trials = 20'000;
  const RunResult compared = scenarios.run();
  const Table& table = table_of(compared, "compare");
  const auto* row = row_of(table, "wafer.starts", "L", "2025");
  REQUIRE(row);
  CHECK(number(table, *row, "variance_reduction") == doctest::Approx(556.6).epsilon(0.04));
  // Quantiles of 12 A, within 4 standard errors of at most sqrt(0.25/20,000)/density: 10 wafers.
  CHECK(std::abs(number(table, *row, "difference_p05") - 12 * -327) < 10);
  CHECK(std::abs(number(table, *row, "difference_p50") - 12 * -300) < 10);
  CHECK(std::abs(number(table, *row, "difference_p95") - 12 * -273) < 10);
}

TEST_CASE("compare: a servicing ban needs a tenth of the trials that independent runs would") {
  CompareRequest request;
  request.run.trials = 500;
  for (const char* name : {"baseline", "servicing-ban"}) {
    request.paths.push_back(std::string(FABCAST_SOURCE_FOLDER "/scenarios/") + name + ".scn");
  }
  const RunResult compared = PairedStudy(request).run({});
  const Table& table = table_of(compared, "compare");
  const auto* row = row_of(table, "npus.cumulative", "national", "2028");
  REQUIRE(row);
  CHECK(number(table, *row, "variance_reduction") >= 10);
  CHECK(number(table, *row, "difference") ==
        doctest::Approx(number(table, *row, "mean") - number(table, *row, "base_mean"))
            .epsilon(1e-9));
}

TEST_CASE("compare: a series that one scenario alone has has no row") {
  const std::string more = line + R"(
[fab.M]
node        = n
plan        = 100 wafers/month
utilisation = 100 %
[die.e]
width  = 5 mm
height = 5 mm
[claim.M.e]
share = 100 %
)";
  for (const bool first_has_more : {false, true}) {
    CAPTURE(first_has_more);
    const RunResult compared =
        Scenarios({{"a", first_has_more ? more : line}, {"b", first_has_more ? line : more}}, 3)
            .run();
    const Table &table = table_of(compared, "compare"), &summary = table_of(compared, "summary");
    CHECK(row_of(summary, "wafer.starts", "M", "2025"));
    CHECK(row_of(summary, "die.good", "e", "2025"));
    CHECK_FALSE(row_of(table, "wafer.starts", "M", "2025"));
    CHECK_FALSE(row_of(table, "die.good", "e", "2025"));
    REQUIRE(row_of(table, "wafer.starts", "L", "2025"));
    REQUIRE(row_of(table, "wafer.starts", "national", "2025"));
    CHECK(number(table, *row_of(table, "wafer.starts", "L", "2025"), "difference") == 0);
    CHECK(number(table, *row_of(table, "wafer.starts", "national", "2025"), "difference") ==
          doctest::Approx(first_has_more ? -1200 : 1200));
    for (const auto& row : table.rows) {
      CHECK(row_of(summary, text_in(row[2]), text_in(row[3]), text_in(row[5])));
    }
  }
}

TEST_CASE("compare: a chance's difference and its interval, worked out by hand") {
  const auto chances = [](const std::string& threshold, const std::string& changed, uint64_t n) {
    const std::string question = "[question]\nq = wafer.starts L >= " + threshold + " at 2025\n";
    return Scenarios({{"a", line + question}, {"b", line + changed + question}}, n).run();
  };
  const auto check = [](const RunResult& compared, double difference, double low, double high) {
    const Table& table = table_of(compared, "questions");
    const auto& row = table.rows.at(1);
    CHECK(number(table, row, "difference") == doctest::Approx(difference));
    CHECK(number(table, row, "difference_lo") == doctest::Approx(low).epsilon(1e-5));
    CHECK(number(table, row, "difference_hi") == doctest::Approx(high).epsilon(1e-5));
  };
  const std::string half = "[event.e]\ndate = 2025-01\neffect = fab.L.plan multiply 0.5\n";
  // Of 10 trials none in one alone: 1/2 each of 12, 0 -+ 1.644854 sqrt(1)/12.
  check(chances("1 wafers", half, 10), 0, -0.137071, 0.137071);
  // Of 100 trials all in the base alone: -100/102 -+ 1.644854 sqrt(101 - 100^2/102)/102 =
  // -0.980392 -+ 0.027748, and no difference is below -1.
  check(chances("10k wafers", half, 100), -1, -1, -0.952644);

  // Some in each alone: by the trials themselves.
  const std::string uncertain = "[fab.L]\nplan = uniform(500, 1500) wafers/month\n";
  const std::string spread =
      "[event.e]\ndate = 2025-01\neffect = fab.L.plan multiply uniform(0.6, 1.4)\n";
  const TemporaryFolder folder;
  folder.write("base.scn", line);
  const std::string over = "extends = base.scn\n" + uncertain;
  const std::string question = "[question]\nq = wafer.starts L >= 12k wafers at 2025\n";
  RunRequest one;
  one.trials = 200;
  one.keep = {"wafer.starts L"};
  one.scenario.path = folder.write("x.scn", over + question);
  const PreparedScenario x(one);
  one.scenario.path = folder.write("y.scn", over + spread + question);
  const PreparedScenario y(one);
  const auto outcomes = run_models({x.run, y.run}, x.options());
  const size_t periods = outcomes[0].periods.size();
  const auto year = static_cast<size_t>(
      std::find_if(outcomes[0].periods.begin(), outcomes[0].periods.end(),
                   [](const Period& period) { return period.text() == "2025"; }) -
      outcomes[0].periods.begin());
  double b = 0, c = 0;
  for (size_t t = 0; t < 200; ++t) {
    const bool base = outcomes[0].kept[t * periods + year] >= 12'000;
    const bool own = outcomes[1].kept[t * periods + year] >= 12'000;
    b += own && !base;
    c += base && !own;
  }
  CHECK(b > 10);
  CHECK(c > 10);
  CHECK(b != c);
  CompareRequest request;
  request.run.trials = 200;
  request.paths = {folder.file("x.scn"), folder.file("y.scn")};
  // (b* - c*)/m -+ z sqrt(b* + c* - (b* - c*)^2/m)/m, half a trial more in each cell.
  const double m = 202, middle = (b - c) / m,
               reach = 1.6448536 * std::sqrt(b + c + 1 - (b - c) * (b - c) / m) / m;
  check(PairedStudy(request).run({}), (b - c) / 200, middle - reach, middle + reach);
}

TEST_CASE("compare: what is asked of a difference, worked out by hand") {
  // 900 wafers a month, from July 2025 300 more.
  const std::string more = "[event.e]\ndate = 2025-07\neffect = fab.L.plan add 300 wafers/month\n";
  const std::string less = "[event.e]\ndate = 2025-07\neffect = fab.L.plan add -300 wafers/month\n";
  // A flow `by` a date is the sum since the first month, `at` a period that of the period.
  CHECK(asked(more, "wafer.starts L >= 1.8k wafers by 2025-12") == 1);
  CHECK(asked(more, "wafer.starts L >= 1801 wafers by 2025-12") == 0);
  CHECK(asked(more, "wafer.starts L >= 5.4k wafers by 2026-12") == 1);
  CHECK(asked(more, "wafer.starts L >= 5401 wafers by 2026-12") == 0);
  CHECK(asked(more, "wafer.starts L >= 5.4k wafers") == 1);  // without a date: the whole run
  CHECK(asked(more, "wafer.starts L >= 900 wafers at 2025Q3") == 1);
  CHECK(asked(more, "wafer.starts L >= 901 wafers at 2025Q3") == 0);
  CHECK(asked(more, "wafer.starts L <= 3.6k wafers at 2026") == 1);
  CHECK(asked(more, "wafer.starts L < 3.6k wafers at 2026") == 0);
  // Of this scenario less the base, not the other way round.
  CHECK(asked(more, "wafer.starts L <= -1 wafers by 2026-12") == 0);
  CHECK(asked(less, "wafer.starts L <= -1.8k wafers by 2025-12") == 1);
  CHECK(asked(less, "wafer.starts L <= -1801 wafers by 2025-12") == 0);
  CHECK(asked(less, "wafer.starts L >= 1 wafers by 2025-12") == 0);
  CHECK(asked(less, "wafer.starts L > -1801 wafers by 2025-12") == 1);
  // A level `by` a date is that of its end: what is over by then does not count.
  const std::string passing =
      "[event.e]\ndate = 2025-07\neffect = fab.L.plan add 300 wafers/month for 3 months\n";
  CHECK(asked(passing, "wafer.capacity L >= 300 wafers/month by 2025-09") == 1);
  CHECK(asked(passing, "wafer.capacity L >= 300 wafers/month by 2025-12") == 0);
  CHECK(asked(passing, "wafer.capacity L <= 0 wafers/month by 2025-12") == 1);
  CHECK(asked(passing, "wafer.capacity L >= 150 wafers/month at 2025-09") == 1);
  CHECK(asked(passing, "wafer.capacity L >= 75 wafers/month at 2025") == 1);
  CHECK(asked(passing, "wafer.capacity L >= 76 wafers/month at 2025") == 0);
  CHECK(asked(passing, "wafer.starts L >= 900 wafers by 2026") == 1);
}

TEST_CASE("compare: the share of trials for which a question of the difference holds") {
  // The event starts by the end of 2025 in 1 - e^-0.8 of the histories: 0.5507, within four
  // standard errors of 2,000 trials. Its capacity is then halved: -450.
  const std::string event =
      "[event.e]\nhazard = 0.8 /year in 2025-01 .. 2025-12\neffect = fab.L.plan multiply 0.5\n";
  Scenarios scenarios({{"a", line}, {"b", line + event}}, 2000);
  scenarios.request.asked = {"wafer.capacity L <= -450 wafers/month at 2026"};
  const RunResult compared = scenarios.run();
  const Table& table = table_of(compared, "asked");
  const double p = 1 - std::exp(-0.8), share = number(table, table.rows.at(0), "estimate");
  CHECK(std::abs(share - p) <= 4 * std::sqrt(p * (1 - p) / 2000));
  const auto* row = row_of(table_of(compared, "compare"), "event.started", "e", "2026");
  CHECK_FALSE(row);  // the base has no such event
  const auto* capacity = row_of(table_of(compared, "compare"), "wafer.capacity", "L", "2026");
  REQUIRE(capacity);
  CHECK(number(table_of(compared, "compare"), *capacity, "difference") ==
        doctest::Approx(-450 * share));
}

TEST_CASE("compare: a wrong question of the difference is refused with its place and a remedy") {
  const auto refusal = [](const std::string& question) {
    Scenarios scenarios({{"a", line}, {"b", line}}, 3);
    scenarios.request.asked = {"wafer.starts L >= 1 wafers by 2025", question};
    return mistakes(scenarios);
  };
  CHECK(refusal("wafer.starts L >= 2 wafers by 2025") == "");
  CHECK(has(refusal("wafer.strts L >= 1 wafers by 2025"), "--ask:1:1: "));
  CHECK(has(refusal("wafer.strts L >= 1 wafers by 2025"), "did you mean 'wafer.starts'?"));
  CHECK(has(refusal("wafer.starts K >= 1 wafers by 2025"), "--ask:1:1: "));
  CHECK(has(refusal("wafer.starts L >= 1 tools by 2025"), "'tools' is not a unit of"));
  CHECK(has(refusal("wafer.starts L = 1 wafers by 2025"), "--ask:1:"));
  CHECK(has(refusal("wafer.starts L >= 1 wafers by 2027"), "2027 is not simulated"));
  CHECK(has(refusal("wafer.starts L >= 1 wafers at 2024"), "from 2025-01 to 2026-12"));
}

TEST_CASE("compare: scenarios of different months, and the mistakes of all files at once") {
  std::string longer = line;
  longer.replace(longer.find("2026-12"), 7, "2027-12");
  const std::string months = mistakes(Scenarios({{"a", line}, {"b", longer}}, 3));
  CHECK(has(months, "a simulates 2025-01 .. 2026-12, and b 2025-01 .. 2027-12"));

  const std::string text = mistakes(Scenarios(
      {{"a", line + "[fab.L]\nplam = 3\n"}, {"b", line}, {"c", line + "[die.d]\nwidht = 3\n"}}, 3));
  CHECK(has(text, "did you mean 'plan'?"));
  CHECK(has(text, "did you mean 'width'?"));
}

TEST_CASE("compare: the same bytes for any number of threads") {
  const std::string event =
      "[event.e]\nhazard = 0.5 /year\neffect = fab.line.plan multiply uniform(0.3, 0.9)\n"
      "[question]\nq = npus.cumulative part >= 150k npus by 2025-12\n";
  const std::string question = "[question]\nq = npus.cumulative part >= 150k npus by 2025-12\n";
  std::vector<std::vector<std::string>> texts;
  Scenarios scenarios({{"a", chain + question}, {"b", chain + event}}, 5000);
  scenarios.request.asked = {"npus.cumulative part <= -100 npus by 2025-12"};
  for (int threads : {1, 2, 3}) {
    scenarios.request.run.threads = threads;
    const RunResult compared = scenarios.run();
    texts.emplace_back();
    for (const Table* table : compared.tables()) texts.back().push_back(csv_text(*table));
    const double share = number_in(table_of(compared, "asked").rows.at(0)[3]);
    CHECK((share > 0.05 && share < 0.95));
  }
  CHECK(texts[0].size() == 9);
  CHECK(texts[0] == texts[1]);
  CHECK(texts[0] == texts[2]);
}
