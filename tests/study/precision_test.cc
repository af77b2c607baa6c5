/// --precision: as many trials as make a statistic tight, and what it says of those that are not.

#include "study/precision.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "fabcast.h"
#include "report/csv.h"
#include "report/run_json.h"
#include "scenario/helpers.h"
#include "study/compare.h"
#include "support/chain.h"
#include "support/line.h"

using namespace fabcast;
using fabcast::testing::TemporaryFolder;

namespace {

/// Starts of 2025: 12 U, U uniform(500, 1500) wafers, so the mean and the median are 12,000, the
/// 90 % quantile is 16,800; they reach 10,000 with a chance of 1 - (10,000/12 - 500)/1,000 = 2/3.
/// An exponential cycle time compiles fastest; starts do not know it.
const std::string uniform_starts = R"(
[scenario]
months   = 2025-01 .. 2025-12
headline = wafer.starts L
[node.n]
cycle_time_cv = 100 %
[fab.L]
node        = n
plan        = uniform(500, 1500) wafers/month
utilisation = 100 %
line_yield  = 100 %
[die.d]
width  = 10 mm
height = 10 mm
[claim.L.d]
share = 100 %
[question]
ten = wafer.starts L >= 10k wafers at 2025
)";

/// The same over one quarter, which costs a quarter.
std::string quarter_of_starts() {
  std::string text = uniform_starts;
  for (const auto& [from, to] : {std::pair{".. 2025-12", ".. 2025-03"},
                                 std::pair{"10k wafers at 2025", "2500 wafers at 2025Q1"}}) {
    text.replace(text.find(from), std::string(from).size(), to);
  }
  return text;
}

/// A scenario in a file of its own, and a request of it.
struct Asking {
  TemporaryFolder folder;
  RunRequest request;
  Asking(const std::string& text, const std::string& half_width, std::vector<std::string> of,
         uint64_t most = 1'000'000) {
    request.scenario.path = folder.write("asked.scn", text);
    request.trials = most;
    request.precision = {half_width, std::move(of)};
    request.threads = 2;
  }
  RunResult result() const { return run(request); }
  std::string mistakes() const {
    try {
      const PreparedRun prepared(request);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A statistic that more trials make narrower, as means are.
ReachedPrecision narrowing(double width_of_one, uint64_t trials, double asked) {
  ReachedPrecision reached;
  reached.asked = asked;
  reached.half_width = width_of_one / std::sqrt(static_cast<double>(trials));
  reached.effective_trials = static_cast<double>(trials);
  reached.met = reached.half_width <= asked;
  return reached;
}

}  // namespace

TEST_CASE("precision: over 200 seeds the asked interval covers the truth at its level") {
  // Each of the three needs N = 1.645^2 v / h^2 trials, v the variance of sqrt(N) times its error:
  // of the mean 1/12 over the mean squared, of the median 1/4, of the chance 2/9 (points). The
  // median number of trials is that and up to a fifth more: margin, batches, and that a statistic
  // may miss by chance; of a median, whose interval's sides differ by chance, up to a half more,
  // for the wider one counts. Of 200 seeds 180 cover at least, and 16 fewer once in 10,000 times;
  // the margin makes it 183 or so, and all 200 would be a sign of intervals too wide.
  const struct {
    const char *of, *half_width;
    double truth, half, needed, most;
  } cases[] = {{"wafer.starts L 2025Q1 mean", "0.55%", 3000, 0.0055 * 3000, 7454, 1.2},
               {"wafer.starts L 2025Q1 P50", "1%", 3000, 0.01 * 3000, 6764, 1.5},
               {"ten", "0.9pp", 2.0 / 3, 0.009, 7423, 1.2}};
  for (const auto& c : cases) {
    CAPTURE(c.of);
    const Asking asking(quarter_of_starts(), c.half_width, {c.of});
    const PreparedScenario scenario(asking.request);
    const ScenarioRun alone = only_tight(scenario.run, scenario.tight);
    int asked_covers = 0, reported_covers = 0;
    std::vector<uint64_t> trials;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
      RunOptions options = only_tight(scenario.options());
      options.seed = seed;
      options.threads = 1;
      const auto all = run_to_precision(1'000'000, [&](uint64_t count, bool) {
        options.trials = count;
        return reached_precision("s", scenario.tight, run_models({alone}, options)[0]);
      });
      REQUIRE(all.size() == 1);
      const ReachedPrecision& reached = all[0];
      REQUIRE(reached.met);
      asked_covers += std::abs(reached.value - c.truth) <= c.half;
      reported_covers += reached.low <= c.truth && c.truth <= reached.high;
      trials.push_back(options.trials);
    }
    CHECK(asked_covers >= 164);
    CHECK(asked_covers < 200);
    CHECK(reported_covers >= 164);
    CHECK(reported_covers < 200);
    std::sort(trials.begin(), trials.end());
    CHECK(static_cast<double>(trials[100]) > c.needed);
    CHECK(static_cast<double>(trials[100]) < c.most * c.needed);
    CHECK(trials.front() != trials.back());
  }
}

TEST_CASE("precision: the result is that of a run of as many trials, for any number of threads") {
  Asking asking(chain, "0.8%", {"npus.shipped part 2025 p90", "wafer.starts line 2025 mean"});
  const RunResult asked = asking.result();
  const uint64_t trials = asked.provenance.trials;
  CHECK(trials > 4096);
  CHECK(trials < 100'000);
  CHECK(trials % 256 == 0);
  CHECK(asked.most_trials == 1'000'000);
  for (const int threads : {1, 3}) {
    CAPTURE(threads);
    RunRequest fixed = asking.request;
    fixed.threads = threads;
    CHECK(run(fixed).provenance.trials == trials);
    fixed.precision = {};
    fixed.trials = trials;
    const RunResult plain = run(fixed);
    REQUIRE(plain.tables().size() == asked.tables().size());
    for (size_t t = 0; t < plain.tables().size(); ++t) {
      CHECK((csv_text(*plain.tables()[t]) == csv_text(*asked.tables()[t])));
    }
    CHECK(plain.precision.empty());
  }
  // What was reached is what the tables say.
  REQUIRE(asked.precision.size() == 2);
  bool found = false;
  for (const auto& row : asked.summary.rows) {
    const auto text = [&](const char* column) {
      return text_in(row[asked.summary.column(column)]);
    };
    const auto number = [&](const char* column) {
      return number_in(row[asked.summary.column(column)]);
    };
    if (text("variable") != "npus.shipped" || text("entity") != "part" ||
        text("period") != "2025") {
      continue;
    }
    found = true;
    const ReachedPrecision& reached = asked.precision[0];
    CHECK(reached.of == "npus.shipped part 2025 p90");
    CHECK(reached.unit == "npus");
    CHECK(reached.value == number("p90"));
    CHECK(reached.low == number("p90_lo"));
    CHECK(reached.high == number("p90_hi"));
    CHECK(reached.half_width ==
          std::max(reached.high - reached.value, reached.value - reached.low) / reached.value);
    CHECK(reached.half_width <= 0.008);
  }
  CHECK(found);
}

TEST_CASE("precision: of a comparison all scenarios are as tight, on one number of trials") {
  const TemporaryFolder folder;
  CompareRequest request;
  request.run.trials = 1'000'000;
  request.run.threads = 2;
  request.run.precision = {"0.6%", {"wafer.starts L 2025 mean"}};
  // The second varies more and decides.
  std::string wide = uniform_starts;
  wide.replace(wide.find("500, 1500"), 9, "100, 1900");
  request.paths = {folder.write("a.scn", uniform_starts), folder.write("b.scn", wide)};
  const RunResult result = PairedStudy(request).run({});
  const uint64_t trials = result.provenance.trials;
  REQUIRE(result.precision.size() == 2);
  CHECK(result.precision[0].scenario == "a");
  CHECK(result.precision[1].scenario == "b");
  CHECK(result.precision[0].met);
  CHECK(result.precision[1].met);
  CHECK(result.precision[1].half_width > 1.5 * result.precision[0].half_width);
  RunRequest alone = request.run;
  alone.scenario.path = request.paths[0];
  CHECK(run(alone).provenance.trials < trials);

  request.run.precision = {};
  request.run.trials = trials;
  request.run.threads = 1;
  const RunResult plain = PairedStudy(request).run({});
  REQUIRE(plain.tables().size() == result.tables().size());
  for (size_t t = 0; t < result.tables().size(); ++t) {
    CHECK((csv_text(*plain.tables()[t]) == csv_text(*result.tables()[t])));
  }
}

TEST_CASE("precision: the cap comes first, and what was reached is told with what would do") {
  const Asking asking(uniform_starts, "0.1%", {"wafer.starts L 2025 mean"}, 10'000);
  const RunResult result = asking.result();
  CHECK(result.provenance.trials == 10'000);  // no whole batch: the cap itself
  REQUIRE(result.precision.size() == 1);
  CHECK_FALSE(result.precision[0].met);
  CHECK(result.precision[0].half_width == doctest::Approx(0.00475).epsilon(0.03));
  REQUIRE(result.warnings.size() == 1);
  CHECK(
      has(result.warnings[0], "--precision: 'wafer.starts L 2025 mean' of asked is within ±0.47"));
  CHECK(has(result.warnings[0], " %, not 0.1 %, after 10000 trials, the most (--trials); some 2"));
  CHECK(has(result.warnings[0], "k would do"));
  // A cap below the floor is the cap, and may be enough.
  for (const auto& [half_width, met] : {std::pair{"5%", true}, std::pair{"0.5%", false}}) {
    const RunResult few =
        Asking(uniform_starts, half_width, {"wafer.starts L 2025 mean"}, 500).result();
    CHECK(few.provenance.trials == 500);
    CHECK(few.precision[0].met == met);
  }
}

TEST_CASE("precision: what is certain is precise at once; what is 0 and uncertain never is") {
  const auto stopped = [](const char* chance) {
    return uniform_starts + fmt::format(
                                "[event.stop]\nprobability = {} % at 2025-01\n"
                                "effect = fab.L.plan multiply 0\n",
                                chance);
  };
  const RunResult certain =
      Asking(stopped("60"), "3%", {"wafer.starts L 2025 p05", "wafer.starts L 2025 p50"}).result();
  CHECK(certain.provenance.trials == 4096);
  for (const ReachedPrecision& reached : certain.precision) {
    CHECK(reached.value == 0);
    CHECK(reached.half_width == 0);
    CHECK(reached.met);
  }
  CHECK(certain.warnings.empty());

  // None starts in a hair more than half of the trials: their median is 0, and may be 6,000.
  Asking asking(stopped("50.7"), "3%", {"wafer.starts L 2025 p50", "wafer.starts L 2025 mean"});
  bool found = false;
  for (uint64_t seed = 1; seed <= 10 && !found; ++seed) {
    asking.request.seed = seed;
    const RunResult result = asking.result();
    const ReachedPrecision& reached = result.precision[0];
    if (reached.value != 0 || reached.high == 0) continue;
    found = true;
    CHECK(result.provenance.trials < 20'000);  // those that the mean takes
    CHECK_FALSE(reached.met);
    CHECK(result.precision[1].met);
    REQUIRE(result.warnings.size() == 1);
    CHECK(has(result.warnings[0], "'wafer.starts L 2025 p50' of asked is 0 (90 % interval 0 to "));
    CHECK(has(result.warnings[0], "ask for its mean, or another quantile"));
    CHECK(has(run_json(result), "\"reached\": null"));
  }
  CHECK(found);
}

TEST_CASE("precision: trials grow by what is needed, at most sixteenfold, in batches") {
  struct Call {
    uint64_t trials;
    bool is_last;
    bool operator==(const Call&) const = default;
  };
  const auto calls_of = [](uint64_t most, auto&& reached) {
    std::vector<Call> calls;
    run_to_precision(most, [&](uint64_t trials, bool is_last) {
      calls.push_back({trials, is_last});
      return std::vector<ReachedPrecision>(reached(trials));
    });
    return calls;
  };
  using List = std::vector<ReachedPrecision>;
  using Calls = std::vector<Call>;
  const uint64_t million = 1'000'000;
  // Enough at once: the same again, for the results.
  CHECK(calls_of(million, [](uint64_t n) { return List{narrowing(1, n, 0.1)}; }) ==
        Calls{{4096, false}, {4096, true}});
  CHECK(calls_of(4096, [](uint64_t n) { return List{narrowing(1, n, 0.1)}; }) ==
        Calls{{4096, true}});
  // 10,000 needed and a tenth more, in batches of 256.
  CHECK(calls_of(million, [](uint64_t n) { return List{narrowing(1, n, 0.01)}; }) ==
        Calls{{4096, false}, {11'008, true}});
  // 250,000 needed: by way of sixteen times the first.
  CHECK(calls_of(million, [](uint64_t n) { return List{narrowing(1, n, 0.002)}; }) ==
        Calls{{4096, false}, {65'792, false}, {275'200, true}});
  // The cap.
  CHECK(calls_of(20'000, [](uint64_t n) { return List{narrowing(1, n, 0.002)}; }) ==
        Calls{{4096, false}, {20'000, true}});
  // A first run that promises too much: once more from the better estimate.
  CHECK(calls_of(million, [](uint64_t n) {
          return List{narrowing(n == 4096 ? 0.9 : 1, n, 0.01)};
        }) == Calls{{4096, false}, {8960, true}, {11'008, true}});
  // The most demanding of several; those that never can be met wait for no one.
  ReachedPrecision never = narrowing(1, 1, 0.1);
  never.half_width = HUGE_VAL;
  never.met = false;
  CHECK(calls_of(million, [&](uint64_t n) {
          return List{narrowing(0.5, n, 0.01), never, narrowing(1, n, 0.01)};
        }) == Calls{{4096, false}, {11'008, true}});
  CHECK(calls_of(million, [&](uint64_t) { return List{never}; }) ==
        Calls{{4096, false}, {4096, true}});
  // So few trials of weight tell no width: a hundred at least, however narrow it looks.
  CHECK(calls_of(million, [](uint64_t n) {
          ReachedPrecision few = narrowing(0.1, n, 0.01);
          few.effective_trials = static_cast<double>(n) / 100;
          few.met = few.effective_trials >= 100;
          return List{few};
        }) == Calls{{4096, false}, {11'008, true}});
}

TEST_CASE("precision: weighted trials count for as many as they are worth") {
  const std::string seen = uniform_starts + "[observe]\nwafer.starts L 2025 = 9k wafers +- 5 %\n";
  const RunResult free = Asking(uniform_starts, "0.5%", {"wafer.starts L 2025 mean"}).result();
  const RunResult weighted = Asking(seen, "0.5%", {"wafer.starts L 2025 mean"}).result();
  REQUIRE(weighted.precision.size() == 1);
  CHECK(weighted.precision[0].met);
  CHECK(weighted.precision[0].effective_trials == weighted.effective_trials);
  CHECK(weighted.effective_trials < 0.5 * static_cast<double>(weighted.provenance.trials));
  CHECK(free.precision[0].effective_trials == static_cast<double>(free.provenance.trials));

  // An interval of a few trials may be narrow by chance: it is not believed.
  const std::string rare = uniform_starts + "[observe]\nwafer.starts L 2025 = 9k wafers +- 0.2 %\n";
  const RunResult few = Asking(rare, "20%", {"wafer.starts L 2025 mean"}, 4096).result();
  CHECK(few.precision[0].half_width < 0.2);
  CHECK(few.effective_trials < 100);
  CHECK_FALSE(few.precision[0].met);
  REQUIRE_FALSE(few.warnings.empty());
  CHECK(has(few.warnings.back(), "trials count, too few to tell; give more --trials than 4096"));
  const RunResult more = Asking(rare, "20%", {"wafer.starts L 2025 mean"}).result();
  CHECK(more.precision[0].met);
  CHECK(more.effective_trials >= 100);
}

TEST_CASE("precision: by default the means of the headline in the last year") {
  const RunResult result =
      Asking("[scenario]\nheadline = npus.shipped part, wafer.starts line\n" + chain.substr(12),
             "5%", {})
          .result();
  REQUIRE(result.precision.size() == 2);
  CHECK(result.precision[0].of == "npus.shipped part 2025 mean");
  CHECK(result.precision[1].of == "wafer.starts line 2025 mean");
}

TEST_CASE("precision: mistakes are told all at once, with their place") {
  const std::string all = Asking(uniform_starts, "1",
                                 {"wafer.stats L 2025 p50", "wafer.starts M 2025 p50",
                                  "wafer.starts L 2026 p51", "tenn", "wafer.starts L"})
                              .mistakes();
  for (const char* part :
       {"--precision: '1' is no half width of an interval; write 1% (relative; of a chance in",
        "--of:1:1: unknown variable 'wafer.stats'; did you mean 'wafer.starts'?",
        "--of, in asked:2:14: 'wafer.starts' has no entity 'M'",
        "--of:3:16: '2026' is no reported period; give a year or quarter from 2025Q1 to 2025",
        "--of:3:21: 'p51' is no statistic; give one of: mean, p05, p10, p25, p50, p75, p90, p95",
        "--of, in asked:4:1: no question is named 'tenn'; did you mean 'ten'?",
        "--of:5:1: this names no statistic; write VARIABLE [ENTITY] PERIOD STATISTIC"}) {
    CAPTURE(part);
    CHECK(has(all, part));
  }
  for (const std::string width :
       {"0%", "-1%", "100%", "nan%", "1%%", "1 percent", "%", " ", "1,5%", "0x1%", "1e400%"}) {
    CAPTURE(width);
    CHECK(has(Asking(uniform_starts, width, {}).mistakes(), "--precision: "));
  }
  for (const std::string width : {"1%", " 1 % ", "0.5%", "1e-2 %"}) {
    CAPTURE(width);
    CHECK(Asking(uniform_starts, width, {"ten", "wafer.starts 2025Q4 p5"}).mistakes() == "");
  }
  CHECK(Asking(uniform_starts, "0.5pp", {"ten"}).mistakes() == "");
  CHECK(has(Asking(uniform_starts, "0.5pp", {"wafer.starts L 2025 mean"}).mistakes(),
            "0.5pp is of chances and shares, and 'wafer.starts L 2025 mean' is in wafers; write it "
            "as 1%"));

  // Of a comparison: what is wrong everywhere once, what one scenario lacks with its name.
  const TemporaryFolder folder;
  CompareRequest request;
  request.paths = {folder.write("a.scn", uniform_starts + "[question]\nother = wafer.starts L >= 1 "
                                                          "wafers at 2025\n"),
                   folder.write("b.scn", uniform_starts)};
  const auto mistakes = [&](const char* of) -> std::string {
    request.run.precision = {"1%", {of}};
    try {
      const PairedStudy study(request);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const std::string wrong = mistakes("wafer.stats L 2025 p50");
  CHECK(wrong.find("unknown variable") == wrong.rfind("unknown variable"));
  CHECK(has(mistakes("other"), "--of, in b:1:1: no question is named 'other'"));
  CHECK_FALSE(has(mistakes("other"), "in a:"));
  CHECK(has(mistakes("wafer.capacity L 2025Q2 p50"),
            "'wafer.capacity L 2025Q2 p50': a comparison has quarters of the headline alone"));
  CHECK(mistakes("wafer.starts L 2025Q2 p50") == "");
  CHECK(mistakes("wafer.capacity L 2025 p50") == "");
}
