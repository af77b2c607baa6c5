/// The shipped scenarios: each loads whole, says where its numbers are from, and moves what its
/// mechanism reaches in the direction that it says.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "run/tables.h"
#include "study/compare.h"

using namespace fabcast;

namespace {

const std::string folder = std::string(FABCAST_SOURCE_FOLDER "/scenarios/");

/// Names of the library's files, sorted.
std::vector<std::string> library() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".scn") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// What the others are compared with, is built on, or only weighs.
const std::set<std::string> no_change{"baseline", "base-2026-05", "observed-2026-05"};

enum class Sign { falls, rises, same };
constexpr Sign falls = Sign::falls, rises = Sign::rises, same = Sign::same;

/// Mean difference to the baseline: `falls` and `rises` mean that its 90 % interval lies on that
/// side of zero, `same` that no trial differs.
struct Direction {
  const char *scenario, *variable, *entity, *year;
  Sign sign;
};

// clang-format off
constexpr Direction directions[] = {
    // Scanners wear out, so that wafers fall; memory is made on other lines.
    {"servicing-ban", "wafer.capacity",   "SN2",             "2028", falls},
    {"servicing-ban", "wafer.capacity",   "national",        "2028", falls},
    {"servicing-ban", "npus.cumulative",  "national",        "2028", falls},
    {"servicing-ban", "memory.made",      "national",        "2028", same},
    // No new scanners.
    {"duv-denial",    "wafer.capacity",   "SN2",             "2028", falls},
    {"duv-denial",    "npus.shipped",     "national",        "2028", falls},
    // Both, and the DRAM lines.
    {"match-act",     "wafer.capacity",   "SN2",             "2028", falls},
    {"match-act",     "memory.made",      "national",        "2028", falls},
    {"match-act",     "npus.shipped",     "ascend",          "2028", falls},
    {"fdpr-zero",     "wafer.capacity",   "SN1",             "2028", falls},
    {"fdpr-zero",     "wafer.capacity",   "nonA",            "2028", same},
    {"fdpr-zero",     "npus.shipped",     "national",        "2028", falls},
    // Stacks from abroad, none and many; no line is touched.
    {"hbm-denial",    "memory.imported",  "hbm2e",           "2027", falls},
    {"hbm-denial",    "npus.shipped",     "ascend950pr",     "2027", falls},
    {"hbm-denial",    "wafer.capacity",   "national",        "2028", same},
    {"hbm-relief",    "memory.imported",  "hbm2e",           "2027", rises},
    {"hbm-relief",    "npus.shipped",     "national",        "2027", rises},
    {"hbm-relief",    "npus.shipped",     "ascend",          "2028", rises},
    // Foreign NPUs take orders from domestic ones; refused, they leave them.
    {"h20-flows",     "npus.shipped",     "imported",        "2027", rises},
    {"h20-flows",     "demand.open",      "national",        "2027", falls},
    {"h20-flows",     "gap.npus",         "national",        "2027", falls},
    {"h20-flows",     "npus.shipped",     "national",        "2028", falls},
    {"self-block",    "npus.shipped",     "imported",        "2027", falls},
    {"self-block",    "npus.shipped",     "h20",             "2027", falls},
    {"self-block",    "demand.open",      "national",        "2027", rises},
    {"self-block",    "gap.npus",         "national",        "2027", rises},
    {"self-block",    "npus.shipped",     "national",        "2028", rises},
    {"offshore-foundry", "die.bought",    "ascend910.full",  "2025", rises},
    {"offshore-foundry", "npus.shipped",  "kunlunxin",       "2026", rises},
    {"offshore-foundry", "npus.shipped",  "national",        "2027", rises},
    {"domestic-tools", "wafer.capacity",  "SN2",             "2028", rises},
    {"domestic-tools", "npus.shipped",    "national",        "2028", rises},
    {"hiblm-ramp",    "memory.made",      "hibl1",           "2027", rises},
    {"hiblm-ramp",    "npus.shipped",     "ascend950pr",     "2027", rises},
    {"hiblm-ramp",    "wafer.capacity",   "national",        "2028", same},
    {"huawei-fabs",   "wafer.capacity",   "pxw",             "2028", rises},
    {"huawei-fabs",   "memory.made",      "hibl1",           "2028", rises},
    {"huawei-fabs",   "npus.shipped",     "ascend",          "2028", rises},
    // Better lines and foreign NPUs: no lines of stopgap, fewer NPUs of one's own.
    {"no-controls",   "wafer.capacity",   "SN2",             "2026", rises},
    {"no-controls",   "wafer.capacity",   "pxw",             "2028", falls},
    {"no-controls",   "die.yield",        "ascend910",       "2025", rises},
    {"no-controls",   "compute.fp16",     "imported",        "2026", rises},
    {"no-controls",   "demand.open",      "national",        "2026", falls},
    {"no-controls",   "npus.shipped",     "national",        "2026", falls},
};
// clang-format on

/// Those that differ from the baseline in its past; the others only from July 2026 on.
const std::set<std::string> other_past{"no-controls", "offshore-foundry", "hiblm-ramp"};

PreparedScenario prepared(const std::string& name, const std::vector<std::string>& sets,
                          uint64_t trials) {
  RunRequest request;
  request.scenario = {folder + name + ".scn", sets};
  request.trials = trials;
  return PreparedScenario(request);
}

}  // namespace

TEST_CASE("library: every scenario loads without mistakes, every number in it has a source") {
  REQUIRE(library().size() >= 16);
  for (const std::string& name : library()) {
    CAPTURE(name);
    Diagnostics diagnostics;
    const ScenarioSpec spec = load_scenario({folder + name + ".scn", {}}, diagnostics);
    CHECK(diagnostics.text() == "");
    CHECK(spec.title != "");
    size_t inputs = 0;
    for (const Section& section : spec.sections) {
      for (const Setting& setting : section.settings) {
        if (setting.is_default || setting.numbers().empty()) continue;
        ++inputs;
        CAPTURE(section.name() + "." + setting.key);
        CHECK_FALSE(setting.sources.empty());
      }
    }
    CHECK(inputs > 300);
    for (const ObservationSpec& seen : spec.observations) {
      CAPTURE(seen.name);
      CHECK_FALSE(seen.sources.empty());
    }
  }
}

TEST_CASE("library: each scenario differs from the baseline as its mechanism says") {
  CompareRequest request;
  request.run.trials = 512;
  request.paths = {folder + "baseline.scn"};
  std::set<std::string> scenarios;
  for (const std::string& name : library()) {
    if (no_change.contains(name)) continue;
    scenarios.insert(name);
    request.paths.push_back(folder + name + ".scn");
  }
  std::set<std::string> told;
  for (const Direction& row : directions) told.insert(row.scenario);
  CHECK(scenarios == told);  // a new scenario says here what it does

  const PairedStudy study(request);
  const RunResult compared = study.run({});
  const Table& table = compared.further.back();
  REQUIRE(table.name == "compare");
  std::map<std::tuple<std::string, std::string, std::string, std::string>, size_t> places;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const auto text = [&](const char* column) {
      return text_in(table.rows[r][table.column(column)]);
    };
    places[{text("scenario"), text("variable"), text("entity"), text("period")}] = r;
  }
  const auto check = [&](const Direction& row) {
    const std::string what =
        fmt::format("{}: {} {} {}", row.scenario, row.variable, row.entity, row.year);
    CAPTURE(what);
    const auto place = places.find({row.scenario, row.variable, row.entity, row.year});
    REQUIRE(place != places.end());
    const auto number = [&](const char* column) {
      return number_in(table.rows[place->second][table.column(column)]);
    };
    CAPTURE(number("difference"));
    CAPTURE(number("difference_se"));
    // An empty quantity would be the `same` in everything.
    CHECK((number("mean") > 0 || number("base_mean") > 0));
    switch (row.sign) {
      case falls:
        CHECK(number("difference_hi") < 0);
        break;
      case rises:
        CHECK(number("difference_lo") > 0);
        break;
      case same:
        CHECK(number("difference") == 0);
        CHECK(number("difference_se") == 0);
        CHECK(number("ratio") == 1);
        break;
    }
  };
  for (const Direction& row : directions) check(row);
  for (const std::string& name : scenarios) {
    if (other_past.contains(name)) continue;
    check({name.c_str(), "npus.shipped", "national", "2025", same});
  }
}

TEST_CASE("library: self-block licenses no less, and takes nothing") {
  // Taken whole in both, the offer alone shows: the H20's is the baseline's, the H200's is larger.
  const std::vector<std::string> whole{"product.h20.taken = 1", "product.h200.taken = 1"};
  std::vector<std::string> let_through = whole;
  let_through.insert(let_through.end(),
                     {"event.self-block.effect.h20-taken = product.h20.taken multiply 1",
                      "event.self-block.effect.h200-taken = product.h200.taken multiply 1"});
  const PreparedScenario base = prepared("baseline", whole, 64);
  const PreparedScenario offered = prepared("self-block", let_through, 64);
  const PreparedScenario refused = prepared("self-block", whole, 64);
  const auto outcomes = run_models({base.run, offered.run, refused.run}, base.options());
  size_t checked = 0;
  for (size_t s : {1, 2}) {
    const RunOutcome& outcome = outcomes[s];
    for (size_t c = 0; c < outcome.paired.columns.size(); ++c) {
      const auto own = static_cast<size_t>(outcome.paired.columns[c].first);
      const auto [series, period] = outcome.columns.columns[own];
      const std::string name = series_name(outcome.series[series]);
      const std::string year = outcome.periods[period].text();
      if ((year != "2027" && year != "2028") ||
          (name != "npus.shipped h20" && name != "npus.shipped h200")) {
        continue;
      }
      CAPTURE(name);
      CAPTURE(year);
      const SeriesStatistics& difference = outcome.paired.differences[c];
      if (s == 2) {
        CHECK(outcome.statistics[own].mean == 0);
        CHECK(difference.mean < 0);
      } else if (name == "npus.shipped h20") {
        CHECK(difference.mean == 0);
        CHECK(difference.sd == 0);
      } else {
        CHECK(difference.quantile.front() >= 12 * 15e3);  // what is added, at the least
      }
      ++checked;
    }
  }
  CHECK(checked == 8);
}

TEST_CASE("library: fdpr-zero leaves the lines without US tools alone") {
  const PreparedScenario scenario = prepared("fdpr-zero", {}, 64);
  const RunOutcome outcome = run_models({scenario.run}, scenario.options())[0];
  const size_t last_quarter = [&] {
    for (size_t p = 0; p < outcome.periods.size(); ++p) {
      if (outcome.periods[p].text() == "2028Q4") return p;
    }
    throw std::out_of_range("2028Q4");
  }();
  size_t lines = 0;
  for (const Section* fab : scenario.spec.of("fab")) {
    CAPTURE(fab->entity);
    const int series = scenario.find("wafer.capacity", fab->entity);
    REQUIRE(series >= 0);
    const SeriesStatistics& left = outcome.of(static_cast<size_t>(series), last_quarter);
    if (fab->entity == "nonA") {
      CHECK(left.quantile.front() > 0);
    } else {
      CHECK(left.mean == 0);
      ++lines;
    }
  }
  CHECK(lines >= 8);
}
