/// exceedance.csv: how the headline is distributed.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "run/tables.h"
#include "support/line.h"
#include "support/ran.h"

using namespace fabcast;
using namespace fabcast::testing;

namespace {

struct Exceeded : Ran {
  explicit Exceeded(uint64_t trials, const std::string& more = "")
      : Ran("drawn.scn", plain_line + more, request(trials)) {}

 private:
  static RunRequest request(uint64_t trials) {
    RunRequest asked;
    asked.scenario.sets = {"fab.L.plan = 1k to 4k wafers/month",
                           "scenario.headline = wafer.starts L"};
    asked.trials = trials;
    asked.keep = {"wafer.starts L"};
    return asked;
  }
};

}  // namespace

TEST_CASE("exceedance: each chance is the share of trials that reach the value") {
  // Sums of weights tell a share to a bin of about 0.5 %, kept trials to one of them.
  struct Case {
    uint64_t trials;
    const char* observed;
    double error;
  };
  for (const Case& c :
       {Case{700, "", 1.0 / 700}, Case{20'000, "", 0.004},
        Case{20'000, "[observe]\nwafer.starts L 2025 = 24k wafers +- 30 %\n", 0.006}}) {
    CAPTURE(c.trials);
    CAPTURE(std::string(c.observed));
    const Exceeded ran(c.trials, c.observed);
    const Table& table = ran.table("exceedance");
    REQUIRE(table.rows.size() == 2 * 99);  // two years
    std::vector<double> weight(c.trials, 1);
    if (*c.observed) weight = ran.kept("weight");
    double all = 0;
    for (double w : weight) all += w;
    for (const std::string year : {"2025", "2026"}) {
      const std::vector<double> kept = ran.kept("wafer.starts L " + year);
      double last = 0, last_value = HUGE_VAL;
      for (size_t row = 0; row < table.rows.size(); ++row) {
        if (text_in(table.rows[row][table.column("period")]) != year) continue;
        const double probability = ran.number("exceedance", row, "probability");
        const double value = ran.number("exceedance", row, "value");
        CHECK(probability > last);
        CHECK(value <= last_value);
        double reached = 0;
        for (size_t t = 0; t < kept.size(); ++t) reached += kept[t] >= value ? weight[t] : 0;
        CHECK(std::abs(reached / all - probability) <= c.error + 1e-9);
        last = probability;
        last_value = value;
      }
      CHECK(last == doctest::Approx(0.99));
    }
  }
}

TEST_CASE("exceedance: agrees with the summary to the last digit, kept whole or not") {
  for (const uint64_t trials : {700, 5000}) {
    const Exceeded ran(trials);
    const Table& table = ran.table("exceedance");
    size_t agreed = 0;
    for (size_t row = 0; row < table.rows.size(); ++row) {
      for (size_t of = 0; of < ran.table("summary").rows.size(); ++of) {
        const auto& told = ran.table("summary").rows[of];
        if (text_in(told[ran.table("summary").column("variable")]) != "wafer.starts" ||
            text_in(told[ran.table("summary").column("entity")]) != "L" ||
            text_in(told[ran.table("summary").column("period")]) !=
                text_in(table.rows[row][table.column("period")])) {
          continue;
        }
        const double probability = ran.number("exceedance", row, "probability");
        for (const auto& [chance, quantile] :
             {std::pair(0.05, "p95"), {0.25, "p75"}, {0.5, "p50"}, {0.9, "p10"}}) {
          if (probability != doctest::Approx(chance)) continue;
          CHECK(ran.number("exceedance", row, "value") == ran.number("summary", of, quantile));
          ++agreed;
        }
      }
    }
    CHECK(agreed == 2 * 4);
  }
}

TEST_CASE("exceedance: years, or quarters where there is no year") {
  CHECK(Exceeded(50).table("exceedance").rows.size() == 2 * 99);
  Ran quarter("short.scn", plain_line, [] {
    RunRequest asked;
    asked.scenario.sets = {"scenario.months = 2025-01 .. 2025-06",
                           "scenario.headline = wafer.starts L"};
    asked.trials = 50;
    return asked;
  }());
  CHECK(quarter.table("exceedance").rows.size() == 2 * 99);
  // A known number is reached by all: 900 a month.
  CHECK(quarter.number("exceedance", 0, "value") == 2700);
  CHECK(quarter.number("exceedance", 98, "value") == 2700);
}
