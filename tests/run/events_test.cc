/// Events in whole runs: hand-sized cases for each way to start and each effect, and the laws of
/// their times.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/chain.h"
#include "support/kept.h"
#include "support/line.h"

using namespace fabcast;

namespace {

const std::string& line = plain_line;

RunOptions trials(uint64_t n, int threads = 2) {
  RunOptions options;
  options.trials = n;
  options.threads = threads;
  return options;
}

/// Capacity of the line in a quarter, the mean of its three months, of one trial.
double capacity(const std::string& events, const std::string& quarter) {
  return keep_text(line + events, {"wafer.capacity L"}, trials(1))
      .column("wafer.capacity L", quarter)[0];
}

/// Share of trials in which the event has started by the end of a quarter.
double started(const KeptRun& run, const std::string& event, const std::string& quarter) {
  const std::vector<double> column = run.column("event.started " + event, quarter);
  double sum = 0;
  for (double value : column) sum += value;
  return sum / static_cast<double>(column.size());
}

/// |share - p| within four standard errors of n trials: false in 6 of 100,000 checks.
void check_share(double share, double p, double n) {
  CAPTURE(share);
  CAPTURE(p);
  CHECK(std::abs(share - p) <= 4 * std::sqrt(p * (1 - p) / n));
}

}  // namespace

TEST_CASE("events: lag, ramp and duration, worked out by hand") {
  // Starts in February, acts from March: half of the way in March (900 -> 675), whole from April to
  // June (450), over in July.
  const std::string events = R"(
[event.e]
date   = 2025-02
effect = fab.L.plan multiply 50 % after 1 months ramp 2 months for 4 months
)";
  CHECK(capacity(events, "2025Q1") == doctest::Approx((900 + 900 + 675) / 3.0));
  CHECK(capacity(events, "2025Q2") == doctest::Approx(450));
  CHECK(capacity(events, "2025Q3") == doctest::Approx(900));
}

TEST_CASE("events: set, multiply, add, cap, in this order, however they are written") {
  // (1,000 x 0.5) + 100 = 600, capped at 550. In the order of the file it would be
  // 550 -> 650 -> 325 -> 1,000.
  const std::string events = R"(
[event.last]
date   = 2025-01
effect = fab.L.plan cap 550 wafers/month
[event.third]
date   = 2025-01
effect = fab.L.plan add 100 wafers/month
[event.second]
date   = 2025-01
effect = fab.L.plan multiply 0.5
[event.first]
date   = 2025-01
effect = fab.L.plan set 1k wafers/month
)";
  CHECK(capacity(events, "2025Q1") == doctest::Approx(550));
  // Each alone.
  const auto alone = [](const std::string& effect) {
    return capacity("[event.e]\ndate = 2025-01\neffect = fab.L.plan " + effect + "\n", "2025Q1");
  };
  CHECK(alone("set 1k wafers/month") == doctest::Approx(1000));
  CHECK(alone("multiply 0.5") == doctest::Approx(450));
  CHECK(alone("add -100 wafers/month") == doctest::Approx(800));
  CHECK(alone("cap 550 wafers/month") == doctest::Approx(550));
  CHECK(alone("cap 1k wafers/month") == doctest::Approx(900));
  CHECK(alone("add -2k wafers/month") == 0);  // stops at the key's range
}

TEST_CASE("events: two effects of one event, an amount that is a path") {
  const std::string events = R"(
[event.e]
date        = 2025-01
effect      = fab.L.plan add 2025-03: 0 | 2025-06: 300 wafers/month
effect.more = fab.L.plan multiply 2
)";
  CHECK(capacity(events, "2025Q1") == doctest::Approx(1800));
  CHECK(capacity(events, "2025Q2") == doctest::Approx(1800 + (100 + 200 + 300) / 3.0));
}

TEST_CASE("events: what starts before the first month acts from the first on") {
  // Twelve months of ramp from 2024-01 on are over in 2025-01; of 36, 13/36 have passed.
  const auto with = [](const std::string& ramp) {
    return capacity("[event.e]\ndate = 2024-01\neffect = fab.L.plan multiply 0 ramp " + ramp + "\n",
                    "2025Q1");
  };
  CHECK(with("12 months") == doctest::Approx(0));
  CHECK(with("36 months") == doctest::Approx(900 * (1 - (13 + 14 + 15) / 36.0 / 3)));
}

TEST_CASE("events: a constant that others share changes for the key alone") {
  const KeptRun run = keep_text(line + R"(
[event.e]
date   = 2025-01
effect = fab.L.utilisation multiply 0.5
)",
                                {"wafer.starts L", "wafer.scrapped L"}, trials(1));
  CHECK(run.column("wafer.starts L", "2025Q2")[0] == doctest::Approx(3 * 450));
  CHECK(run.column("wafer.scrapped L", "2026Q4")[0] == doctest::Approx(0));
}

TEST_CASE("events: a hazard's times follow the exponential law") {
  constexpr double n = 20'000;
  const KeptRun run = keep_text(line + R"(
[event.e]
hazard = 0.6 /year in 2025-03 .. 2026-06
effect = fab.L.plan multiply 0.5
[event.path]
hazard = 2025-12: 0 /year | 2026-12: 12 %/month
effect = fab.L.plan multiply 1.5
)",
                                {"event.started e", "event.started path"}, trials(20'000));
  const auto law = [](double months) { return 1 - std::exp(-0.6 * months / 12); };
  check_share(started(run, "e", "2025Q1"), law(1), n);
  check_share(started(run, "e", "2025Q3"), law(7), n);
  check_share(started(run, "e", "2026Q2"), law(16), n);
  CHECK(started(run, "e", "2026Q4") == started(run, "e", "2026Q2"));  // the window is over
  // Rises by 1 % a month each month of 2026: 0.01 + 0.02 + … + 0.12 = 0.78 in all.
  CHECK(started(run, "path", "2025Q4") == 0);
  check_share(started(run, "path", "2026Q1"), 1 - std::exp(-0.06), n);
  check_share(started(run, "path", "2026Q4"), 1 - std::exp(-0.78), n);
}

TEST_CASE("events: a chance at a date, an uncertain chance") {
  constexpr double n = 20'000;
  const KeptRun run = keep_text(line + R"(
[event.e]
probability = 30 % at 2025-06
effect      = fab.L.plan multiply 0.5
[event.uncertain]
probability = uniform(20, 60) % at 2025-06
effect      = fab.L.plan multiply 1.5
)",
                                {"event.started e", "event.started uncertain"}, trials(20'000));
  CHECK(started(run, "e", "2025Q1") == 0);
  check_share(started(run, "e", "2025Q2"), 0.3, n);
  check_share(started(run, "uncertain", "2025Q2"), 0.4, n);
  CHECK(started(run, "e", "2026Q4") == started(run, "e", "2025Q2"));
}

TEST_CASE("events: what requires another waits for it (sum of two exponential times)") {
  constexpr double n = 20'000;
  // B stands first in the file and is yet decided after A.
  const KeptRun run =
      keep_text(line + R"(
[event.b]
hazard   = 1 /year
requires = a
effect   = fab.L.plan multiply 0.5
[event.a]
hazard   = 0.5 /year
effect   = fab.L.plan multiply 0.9
[event.late]
date     = 2025-03
requires = a
effect   = fab.L.plan multiply 0.9
)",
                {"event.started a", "event.started b", "event.started late"}, trials(20'000));
  const double a = std::exp(-0.5 / 12);
  for (const auto& [quarter, months] : {std::pair("2025Q2", 6), {"2025Q4", 12}, {"2026Q4", 24}}) {
    // B's clock runs from A's own month on.
    double p = 0;
    for (int k = 1; k <= months; ++k) {
      p += std::pow(a, k - 1) * (1 - a) * (1 - std::exp(-(months - k + 1) / 12.0));
    }
    check_share(started(run, "b", quarter), p, n);
    const auto of_a = run.column("event.started a", quarter);
    const auto of_b = run.column("event.started b", quarter);
    for (size_t t = 0; t < of_a.size(); ++t) REQUIRE(of_b[t] <= of_a[t]);
  }
  // A date passes by where its condition is not met: only what A has started by March.
  CHECK(started(run, "late", "2026Q4") == started(run, "a", "2025Q1"));
}

TEST_CASE("events: two that exclude one another compete") {
  constexpr double n = 20'000;
  const KeptRun run = keep_text(line + R"(
[event.a]
hazard   = 0.6 /year
excludes = b
effect   = fab.L.plan multiply 0.5
[event.b]
hazard   = 1.2 /year
excludes = a
effect   = fab.L.plan multiply 1.5
)",
                                {"event.started a", "event.started b"}, trials(20'000));
  // Month by month; where both are due in one, A, which stands first.
  const double a = 1 - std::exp(-0.6 / 12), b = 1 - std::exp(-1.2 / 12);
  const double stays = (1 - a) * (1 - b);
  const double of_all = (1 - std::pow(stays, 24)) / (1 - stays);
  check_share(started(run, "a", "2026Q4"), a * of_all, n);
  check_share(started(run, "b", "2026Q4"), (1 - a) * b * of_all, n);
  const auto of_a = run.column("event.started a", "2026Q4");
  const auto of_b = run.column("event.started b", "2026Q4");
  for (size_t t = 0; t < of_a.size(); ++t) REQUIRE(of_a[t] + of_b[t] <= 1);
}

TEST_CASE("events: one event may change another's hazard") {
  constexpr double n = 20'000;
  const KeptRun run = keep_text(line + R"(
[event.cause]
date   = 2026-01
effect = event.e.hazard multiply 3
[event.e]
hazard = 0.4 /year
effect = fab.L.plan multiply 0.5
)",
                                {"event.started e"}, trials(20'000));
  check_share(started(run, "e", "2025Q4"), 1 - std::exp(-0.4), n);
  check_share(started(run, "e", "2026Q4"), 1 - std::exp(-0.4 - 1.2), n);
}

TEST_CASE("events: an event's time is the same in every scenario that has it") {
  const std::string e = "[event.e]\nhazard = 0.5 /year\neffect = fab.L.plan multiply 0.5\n";
  const std::string other = "[event.another]\nhazard = 2 /year\neffect = fab.L.plan add 3\n";
  const KeptRun one = keep_text(line + e, {"event.started e"}, trials(500));
  const KeptRun two = keep_text(line + other + e, {"event.started e"}, trials(500));
  CHECK(one.values() == two.values());
  // More hazard never starts it later: the same u.
  const KeptRun sooner =
      keep_text(line + e, {"event.started e"}, trials(500), {"event.e.hazard = 1 /year"});
  for (size_t i = 0; i < one.values().size(); ++i) REQUIRE(sooner.values()[i] >= one.values()[i]);
}

TEST_CASE("events: no draw of anything else moves, and what they do not reach stays") {
  const std::string event =
      "[event.e]\nprobability = 50 % at 2025-01\n"
      "effect = memory.stack.imports multiply 0\n";
  const std::vector<std::string> names{"wafer.starts line", "memory.imported stack",
                                       "event.started e"};
  const KeptRun with = keep_text(chain + event, names, four_hundred);
  const KeptRun without = keep_text(chain, {names[0], names[1]}, four_hundred);
  CHECK(with.column(names[0], "2025Q4") == without.column(names[0], "2025Q4"));
  const auto imported = with.column(names[1], "2025Q4"),
             before = without.column(names[1], "2025Q4");
  const auto is_on = with.column(names[2], "2025Q4");
  size_t on = 0;
  for (size_t t = 0; t < imported.size(); ++t) {
    REQUIRE(imported[t] == (is_on[t] > 0 ? 0 : before[t]));
    on += is_on[t] > 0;
  }
  CHECK((on > 150 && on < 250));
}

TEST_CASE("events: on paths with noise and views, by trial, for any number of threads") {
  const std::string event = R"(
[event.e]
hazard = 0.5 to 2 /year
effect = fab.*.plan multiply 20 to 60 % after 1 to 6 months ramp 2 to 9 months
effect.attrition = tool.line.*.attrition add 5 to 20 %/year for 6 to 12 months
)";
  RunOptions one = four_hundred, three = four_hundred;
  one.threads = 1;
  three.threads = 3;
  const KeptRun a = keep_text(chain + event, {}, one), b = keep_text(chain + event, {}, three);
  CHECK(a.values() == b.values());
}

TEST_CASE("events: the event's own lag comes before that of its effects") {
  // January and two months, then one more for the second effect.
  const std::string events = R"(
[event.e]
date        = 2025-01
lag         = 2 months
effect      = fab.L.plan multiply 0.5
effect.late = fab.L.plan add 90 wafers/month after 1 months
)";
  CHECK(capacity(events, "2025Q1") == doctest::Approx((900 + 900 + 450) / 3.0));
  CHECK(capacity(events, "2025Q2") == doctest::Approx(450 + 90));
}

TEST_CASE("events: scale acts on what all others left") {
  const std::string events = R"(
[event.e]
date        = 2025-01
effect      = fab.L.plan scale 1.01
effect.add  = fab.L.plan add 100 wafers/month
effect.cap  = fab.L.plan cap 600 wafers/month
)";
  CHECK(capacity(events, "2025Q1") == doctest::Approx(606));
}

TEST_CASE("events: their order in the file does not say when they start") {
  const std::string cause = "[event.cause]\ndate = 2025-03\neffect = event.e.hazard multiply 1e5\n";
  const std::string e = "[event.e]\nhazard = 0.1 /year\neffect = fab.L.plan multiply 0.5\n";
  for (const std::string& events : {cause + e, e + cause}) {
    const KeptRun run = keep_text(line + events, {"event.started e"}, trials(400));
    CHECK(started(run, "e", "2025Q1") == 1);  // in March, with its cause
  }
}

TEST_CASE("events: of two that exclude one another in one month the first in the file starts") {
  // A waits for C, which stands last: it is still decided before B.
  const KeptRun run = keep_text(line + R"(
[event.a]
date     = 2025-03
requires = c
excludes = b
effect   = fab.L.plan multiply 0.5
[event.b]
date     = 2025-03
excludes = a
effect   = fab.L.plan multiply 0.9
[event.c]
date     = 2025-01
effect   = fab.L.plan add 1 wafers/month
)",
                                {"event.started a", "event.started b"}, trials(1));
  CHECK(started(run, "a", "2025Q1") == 1);
  CHECK(started(run, "b", "2025Q4") == 0);
}
