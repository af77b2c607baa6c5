/// Questions: what each kind of variable is asked for by and at a date, when it first holds, the
/// interval, and that all of it is what the trials say.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "support/kept.h"

using namespace fabcast;

namespace {

/// A line of known numbers: plan up to June and down again.
const std::string known = R"(
[scenario]
months = 2024-01 .. 2025-12
[node.n]
layers         = 2 layers
days_per_layer = 15.2184375 days/layer
cycle_time_cv  = 1 %
[fab.line]
node        = n
plan        = 2024-01: 100 | 2024-06: 600 | 2024-12: 300 wafers/month
utilisation = 2024-01: 50 % | 2024-03: 100 %
[die.chip]
width  = 20 mm
height = 20 mm
[claim.line.chip]
share = 100 %
[product.part]
family = part
die    = chip
price  = 10k $
[segment.buyers]
demand  = 0 npus/month
prefers = part
[question]
)";

/// The same with a trial's level drawn, and parts to ship.
const std::string drawn = R"(
[scenario]
months = 2024-01 .. 2024-12
[node.n]
[fab.line]
node = n
plan = 2024-01: 500 to 1500 | 2024-12: 800 to 4k wafers/month noise 20 % rho 0.3
[die.chip]
width  = 20 mm
height = 25 mm
[claim.line.chip]
share = 100 %
[product.part]
family = part
die    = chip
fp16   = 400 TFLOPS
[segment.buyers]
demand  = 10M npus/month
prefers = part
[question]
)";

RunOptions options_of(uint64_t trials) {
  RunOptions options;
  options.trials = trials;
  return options;
}

struct Answer {
  bool holds;
  int first;  ///< month from the first one, -1: never
};

/// Of one question about the scenario of known numbers.
Answer answer(const std::string& question) {
  CAPTURE(question);
  const TextRun run = run_text(known + "q = " + question + "\n", options_of(1));
  const QuestionCount& count = run.outcome.question_counts.at(0);
  const auto month = std::find(count.first_reached.begin(), count.first_reached.end(), 1u);
  const int first = static_cast<int>(month - count.first_reached.begin());
  return {count.hits.weight == 1, first == 24 ? -1 : first};
}

/// The mistake that a question is refused with.
std::string mistake(const std::string& question) {
  try {
    run_text(known + "q = " + question + "\n", options_of(1));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The table's row of the only question.
std::vector<Cell> row_of(const KeptRun& run) {
  return questions_table("test", run.run.model.model, run.run.outcome).rows.at(0);
}

}  // namespace

TEST_CASE("a level is asked of each month `by` a date, of its mean `at` a period") {
  // Capacity is 600 in June 2024 alone, 300 from December on; in logs between.
  CHECK(answer("wafer.capacity line >= 600 wafers/month by 2024-06").holds);
  CHECK(answer("wafer.capacity line >= 600 wafers/month by 2024-06").first == 5);
  CHECK(answer("wafer.capacity line >= 600 wafers/month by 2025-12").holds);  // it was so, once
  CHECK_FALSE(answer("wafer.capacity line >= 600 wafers/month by 2024-05").holds);
  CHECK(answer("wafer.capacity line >= 600 wafers/month by 2024-05").first == 5);
  CHECK_FALSE(answer("wafer.capacity line >= 601 wafers/month by 2025-12").holds);
  CHECK(answer("wafer.capacity line >= 601 wafers/month by 2025-12").first == -1);
  CHECK(answer("wafer.capacity line >= 600 wafers/month at 2024-06").holds);
  CHECK_FALSE(answer("wafer.capacity line >= 600 wafers/month at 2024-07").holds);
  CHECK_FALSE(answer("wafer.capacity line >= 600 wafers/month at 2024Q2").holds);
  // April to June: 100 x 6^(3/5), 6^(4/5), 6^1: mean 437.9.
  const double mean = 100.0 / 3 * (std::pow(6, 0.6) + std::pow(6, 0.8) + 6);
  CHECK(answer(fmt::format("wafer.capacity line >= {} wafers/month at 2024Q2", mean)).holds);
  CHECK_FALSE(
      answer(fmt::format("wafer.capacity line >= {} wafers/month at 2024Q2", mean + 0.1)).holds);
  // From below: the first month is the lowest.
  CHECK(answer("wafer.capacity line <= 100 wafers/month by 2024-12").first == 0);
  CHECK_FALSE(answer("wafer.capacity line <= 100 wafers/month at 2024-12").holds);
  CHECK(answer("wafer.capacity line <= 300 wafers/month at 2025").holds);
}

TEST_CASE("a flow is asked of its total since the first month `by`, of the period's sum `at`") {
  // 2025 starts 12 x 300; 2024 starts 50 %, 71 %, then 100 % of what is planned.
  CHECK(answer("wafer.starts line >= 3600 wafers at 2025").holds);
  CHECK_FALSE(answer("wafer.starts line >= 3601 wafers at 2025").holds);
  CHECK(answer("wafer.starts line >= 900 wafers at 2025Q3").holds);
  CHECK_FALSE(answer("wafer.starts line >= 901 wafers at 2025Q3").holds);
  CHECK(answer("wafer.starts line >= 300 wafers at 2025-05").holds);
  CHECK(answer("wafer.starts line <= 300 wafers at 2025-05").holds);
  double total = 0;
  int reached = -1;
  for (int m = 0; m < 24; ++m) {
    const double plan = m <= 5    ? 100 * std::pow(6, m / 5.0)
                        : m <= 11 ? 600 * std::pow(0.5, (m - 5) / 6.0)
                                  : 300;
    total += plan * (m >= 2 ? 1 : 0.5 + 0.25 * m);
    if (total >= 5000 && reached < 0) reached = m;
  }
  const Answer five_thousand = answer("wafer.starts line >= 5000 wafers by 2025-12");
  CHECK(five_thousand.holds);
  CHECK(five_thousand.first == reached);
  CHECK(answer(fmt::format("wafer.starts line >= {} wafers by 2025-12", total)).first == 23);
  CHECK(answer(fmt::format("wafer.starts line >= {} wafers by 2025-12", total + 1)).first == -1);
}

TEST_CASE("a rate is weighted by its flow, a stock is that of the period's end") {
  // January to March: capacity 100, 143.1, 204.8; used 50, 75, 100 %.
  double used = 0, capacity = 0;
  for (int m = 0; m < 3; ++m) {
    capacity += 100 * std::pow(6, m / 5.0);
    used += 100 * std::pow(6, m / 5.0) * (0.5 + 0.25 * m);
  }
  const double share = 100 * used / capacity;
  CHECK(share == doctest::Approx(80.85).epsilon(0.001));
  CHECK(answer(fmt::format("wafer.utilisation line >= {} % at 2024Q1", share - 0.01)).holds);
  CHECK_FALSE(answer(fmt::format("wafer.utilisation line >= {} % at 2024Q1", share + 0.01)).holds);
  CHECK(answer("wafer.utilisation line >= 75 % by 2024-12").first == 1);  // of a month's own
  CHECK(answer("wafer.utilisation line <= 50 % by 2024-12").first == 0);
  // A wafer is in the line a month, to a percent: in process is what was started last.
  CHECK(answer("wafer.in_process >= 599 wafers by 2025-12").first == 5);
  CHECK_FALSE(answer("wafer.in_process >= 301 wafers at 2024Q4").holds);
  CHECK(answer("wafer.in_process >= 300 wafers at 2024Q4").holds);
}

TEST_CASE("what cannot be asked is refused with what can") {
  CHECK(has(mistake("wafer.cpacity line >= 1 by 2024"), "did you mean 'wafer.capacity'?"));
  CHECK(has(mistake("wafer.capacity lin >= 1 by 2024"), "did you mean 'line'?"));
  CHECK(has(mistake("wafer.starts line >= 1 npus by 2024"), "'npus' is not a unit of"));
  // A forgotten % would be answered by 0 or by 1.
  CHECK(has(mistake("wafer.utilisation line >= 75 by 2024"), "write 75 %, or 0.75"));
  CHECK(has(mistake("wafer.utilisation line <= -1 % by 2024"), "between 0 and 100 %"));
  CHECK(mistake("wafer.utilisation line >= 1 by 2024") == "");
  CHECK(has(mistake("wafer.starts line >= 1 by 2026"), "from 2024-01 to 2025-12"));
  CHECK(has(mistake("wafer.starts line >= 1 at 2023"), "from 2024-01 to 2025-12"));
  CHECK(mistake("wafer.starts line >= 1 by 2024") == "");
}

TEST_CASE("a question without a date asks when: the whole run, and the months") {
  const Answer reached = answer("wafer.capacity line >= 600 wafers/month");
  CHECK(reached.holds);
  CHECK(reached.first == 5);
  CHECK_FALSE(answer("wafer.capacity line >= 601 wafers/month").holds);
  CHECK(answer("wafer.capacity line <= 100").first == 0);
  // A flow counts from the first month.
  CHECK(answer("wafer.starts line >= 3600 wafers").first ==
        answer("wafer.starts line >= 3600 wafers by 2025-12").first);
}

TEST_CASE("a comparison may be strict, or one sign") {
  CHECK(answer("wafer.capacity line > 599 wafers/month").first == 5);
  CHECK_FALSE(answer("wafer.capacity line > 600 wafers/month").holds);
  CHECK_FALSE(answer("wafer.capacity line < 100 wafers/month").holds);
  CHECK(answer("wafer.capacity line < 101 wafers/month").first == 0);
  CHECK(answer("wafer.capacity line ≥ 600 wafers/month by 2024-06").holds);
  CHECK(answer("wafer.capacity line ≤ 100 wafers/month by 2024-06").first == 0);
  CHECK_FALSE(answer("gap.npus buyers > 0 npus").holds);  // nothing is demanded
  CHECK(answer("gap.npus buyers >= 0 npus").first == 0);
}

TEST_CASE("units of a question are those of its variable's dimension") {
  CHECK(answer("wafer.capacity line >= 0.6 k wafers/month by 2025-12").first == 5);
  CHECK(answer("wafer.capacity line >= 0.6k by 2025-12").first == 5);
  CHECK(answer("wafer.capacity line >= 7200 wafers/year by 2025-12").first == 5);
  CHECK(answer("wafer.utilisation line >= 0.75 by 2024-12").first == 1);
  CHECK_FALSE(answer("revenue.npus part >= 1 $bn").holds);
  CHECK(answer("revenue.npus part < 1 k USD").first == 0);
  CHECK(has(mistake("revenue.npus part >= 1 npus"), "give one of: $, $M, $bn, USD"));
}

TEST_CASE("the interval is Wilson's: 30 of 100 trials by hand") {
  // z = 1.644854: (0.3 + z^2/200 -+ z sqrt(0.21/100 + z^2/40000)) / (1 + z^2/100).
  const std::vector<std::string> names{"npus.cumulative part"};
  std::vector<double> shipped = keep_text(drawn, names, options_of(100)).column(names[0], "2024");
  std::sort(shipped.begin(), shipped.end());
  const std::string text = drawn + fmt::format("q = npus.cumulative part >= {} npus by 2024-12\n",
                                               0.5 * (shipped[69] + shipped[70]));
  const KeptRun run = keep_text(text, names, options_of(100));
  const auto row = row_of(run);
  CHECK(number_in(row[3]) == 0.3);
  CHECK(number_in(row[4]) == doctest::Approx(0.230705).epsilon(1e-5));
  CHECK(number_in(row[5]) == doctest::Approx(0.379832).epsilon(1e-5));
  CHECK(number_in(row[6]) == 100);
}

TEST_CASE("the interval of a date is that of order statistics: ranks by hand") {
  // 100 trials: p50 is rank 50, its interval ranks floor(50.5 - 8.22) = 42 and ceil(58.72) = 59;
  // p05 is rank 5, ranks floor(5.5 - 3.58) = 1 and ceil(9.08) = 10; p95 ranks 91 and 100.
  const std::vector<std::string> names{"npus.cumulative part"};
  const std::string text = drawn + "q = npus.cumulative part >= 300k npus\n";
  const KeptRun run = keep_text(text, names, options_of(100));
  std::vector<int> months;
  const auto& count = run.run.outcome.question_counts.at(0);
  for (size_t m = 0; m < count.first_reached.size(); ++m) {
    months.insert(months.end(), count.first_reached[m], static_cast<int>(m));
  }
  REQUIRE(months.size() == 100);
  CHECK(months[0] < months[99]);
  const auto told = [&](size_t rank) {
    const int month = months[rank - 1];
    return month == 12 ? "after 2024-12" : fmt::format("2024-{:02}", month + 1);
  };
  const auto row = row_of(run);
  REQUIRE(row.size() == 25);
  const size_t ranks[] = {5, 50, 95, 1, 10, 42, 59, 91, 100};
  for (size_t i = 0; i < 9; ++i) CHECK(text_in(row[8 + i]) == told(ranks[i]));
}

TEST_CASE("milestones are asked of every run: the chance, and the month") {
  const std::string text = drawn + R"(asked = npus.deployed national >= 100k npus
[milestone.hundred]
npus = 100k npus
[milestone.ours]
npus   = 524288 npus
family = part
[milestone.far]
npus = 1bn npus
)";
  const KeptRun run = keep_text(text, {"milestone.reached ours"}, options_of(500));
  const Table table = questions_table("test", run.run.model.model, run.run.outcome);
  REQUIRE(table.rows.size() == 4);
  const auto cell = [&](size_t row, const char* column) {
    return table.rows[row][table.column(column)];
  };
  CHECK(text_in(cell(1, "question")) == "milestone.hundred");
  CHECK(text_in(cell(1, "text")) == "npus.deployed national >= 100k npus");
  CHECK(text_in(cell(2, "text")) == "npus.deployed part >= 524288 npus");
  // The same as the question that asks it.
  for (const char* column : {"estimate", "lo", "first_p05", "first_p50", "first_p95_hi"}) {
    CHECK(cell(0, column) == cell(1, column));
  }
  const std::vector<double> reached = run.column("milestone.reached ours", "2024");
  CHECK(number_in(cell(2, "estimate")) ==
        doctest::Approx(std::accumulate(reached.begin(), reached.end(), 0.0) / 500));
  CHECK(number_in(cell(2, "estimate")) > 0.1);
  CHECK(number_in(cell(3, "estimate")) == 0);
  CHECK(text_in(cell(3, "first_p50")) == "after 2024-12");
}

TEST_CASE("questions count what the trials say") {
  const std::vector<std::string> names{"npus.cumulative part", "npus.shipped part",
                                       "wafer.capacity line", "die.yield chip",
                                       "compute.fp16 part"};
  const std::string text = drawn + R"(
stock-by   = npus.cumulative part >= 1M npus by 2024-12
stock-q3   = npus.cumulative part >= 0.6M npus by 2024Q3
flow-by    = npus.shipped part >= 1M npus by 2024-12
flow-at    = npus.shipped part >= 300k npus at 2024Q4
flow-low   = npus.shipped part <= 300k npus at 2024Q4
level-at   = wafer.capacity line >= 1500 wafers/month at 2024
stock-at   = compute.fp16 part >= 0.35 ZFLOPS at 2024
)";
  const uint64_t trials = 2000;
  const KeptRun run = keep_text(text, names, options_of(trials));
  const auto counted = [&](const std::string& name, const std::string& period, auto&& predicate) {
    const auto values = run.column(name, period);
    return static_cast<uint64_t>(std::count_if(values.begin(), values.end(), predicate));
  };
  const auto at_least = [](double value) { return [=](double x) { return x >= value; }; };
  const auto& counts = run.run.outcome.question_counts;
  REQUIRE(counts.size() == 7);
  CHECK(counts[0].hits.weight == counted(names[0], "2024", at_least(1e6)));
  CHECK(counts[1].hits.weight == counted(names[0], "2024Q3", at_least(0.6e6)));
  CHECK(counts[2].hits.weight == counted(names[1], "2024", at_least(1e6)));
  CHECK(counts[3].hits.weight == counted(names[1], "2024Q4", at_least(300e3)));
  CHECK(counts[4].hits.weight == trials - counts[3].hits.weight);
  CHECK(counts[5].hits.weight == counted(names[2], "2024", at_least(1500)));
  CHECK(counts[6].hits.weight == counted(names[4], "2024", at_least(0.35e6)));
  for (const QuestionCount& count : counts) {
    // Each is asked of enough trials on both sides to tell a wrong count.
    CHECK(count.hits.weight > 50);
    CHECK(count.hits.weight < trials - 50);
    uint64_t all = 0;
    for (uint64_t month : count.first_reached) all += month;
    CHECK(all == trials);
  }
  // First months, month by month, against the same question by each quarter's end.
  uint64_t by_june = 0;
  for (size_t m = 0; m < 6; ++m) by_june += counts[0].first_reached[m];
  CHECK(by_june == counted(names[0], "2024Q2", at_least(1e6)));
  uint64_t by_september = by_june;
  for (size_t m = 6; m < 9; ++m) by_september += counts[0].first_reached[m];
  CHECK(by_september == counted(names[0], "2024Q3", at_least(1e6)));
  CHECK(by_september > 0);
  CHECK(counts[0].first_reached == counts[2].first_reached);  // a total, said in two ways
}

TEST_CASE("the month first reached is told with quantiles, and `after` where it is not") {
  const std::string text = known + "q = wafer.capacity line >= 500 wafers/month by 2025-12\n";
  const auto row = row_of(keep_text(text, {}, options_of(5)));
  for (size_t column : {8, 9, 10}) CHECK(text_in(row[column]) == "2024-06");
  const std::string never = known + "q = wafer.capacity line >= 5k wafers/month by 2025-12\n";
  CHECK(text_in(row_of(keep_text(never, {}, options_of(5)))[9]) == "after 2025-12");
  const std::string at = known + "q = wafer.capacity line >= 500 wafers/month at 2024\n";
  CHECK(text_in(row_of(keep_text(at, {}, options_of(5)))[9]) == "");
}
