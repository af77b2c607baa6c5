/// Laws of motion that hold for every scenario: more of what helps never harms, twice everything is
/// twice everything, a line is as late as its cycle time, and who is first is served first.

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "support/chain.h"
#include "support/kept.h"
#include "support/rounding.h"

using namespace fabcast;

namespace {

/// Whether `more` is nowhere less than `less`, and somewhere more.
void check_never_falls(const KeptRun& less, const KeptRun& more) {
  REQUIRE(less.values().size() == more.values().size());
  size_t falls = 0, rises = 0;
  for (size_t i = 0; i < less.values().size(); ++i) {
    const double slack = testing::lane_rounding * (1 + less.values()[i]);
    falls += more.values()[i] < less.values()[i] - slack;
    rises += more.values()[i] > less.values()[i] + slack;
  }
  CHECK(falls == 0);
  CHECK(rises > 0);
}

/// What has an extent: twice of it is twice the country. Yields, times and sizes have none.
bool is_extensive(const KeyRow& row, std::string_view section) {
  if (section == "pod" || section == "milestone" || section == "product") {
    // Sizes of a thing, but for kits a month and imports.
    return row.dimension == Dimension::pods_per_month || row.dimension == Dimension::npus_per_month;
  }
  static const std::set<Dimension> extents{Dimension::wafers_per_month,
                                           Dimension::wafers,
                                           Dimension::tools,
                                           Dimension::tools_per_month,
                                           Dimension::dies,
                                           Dimension::dies_per_month,
                                           Dimension::stacks,
                                           Dimension::stacks_per_month,
                                           Dimension::packages_per_month,
                                           Dimension::npus,
                                           Dimension::npus_per_month,
                                           Dimension::compute_per_month,
                                           Dimension::usd_per_month};
  return extents.contains(row.dimension);
}

/// The scenario with all that has an extent doubled.
ScenarioSpec doubled(ScenarioSpec spec) {
  for (Section& section : spec.sections) {
    for (Setting& setting : section.settings) {
      if (!setting.row->is_numeric() || !is_extensive(*setting.row, section.row->name)) continue;
      for (ViewPath& path : std::get<Value>(setting.value).paths) {
        for (Anchor& anchor : path.anchors) {
          anchor.distribution = scaled(std::move(anchor.distribution), 2);
        }
      }
    }
  }
  return spec;
}

/// Places of the flows that a yield is a share of: of "die.yield chip" the good dies of all bins.
std::vector<size_t> flows_behind(const KeptRun& run, const OutputVariable& variable,
                                 const std::string& entity) {
  const std::string flow = variable.name == "packages.yield" ? "packages.started " : "die.good ";
  std::vector<size_t> places;
  for (size_t place = 0; place < run.series().size(); ++place) {
    const std::string name = series_name(run.run.outcome.series[run.series()[place]]);
    if (name == flow + entity || name.starts_with(flow + entity + ".")) places.push_back(place);
  }
  return places;
}

}  // namespace

TEST_CASE("shipments never fall when more is there, nor when defects become fewer") {
  // A change moves what the same draws come to, so trials are compared one by one. Ends of an
  // interval are moved in proportion: else the new one crosses the old one far out.
  const std::vector<std::string> changes{
      "fab.line.plan = 2024-01: 500 to 1500 | 2025-12: 1.6k to 8k wafers/month noise 10 % rho 0.5",
      "fab.line.utilisation = uniform(90, 100) %",
      "fab.line.line_yield = uniform(95, 99) %",
      "tool.line.etch.imported = 8 to 24 tools",
      "tool.line.etch.deliveries = 0.1 to 0.8 tools/month",
      "tool.line.etch.attrition = 0 %/year",
      "tool.line.etch.domestic = 5 tools",
      "node.n.d0 = 0.05 to 0.2 /cm2",
      "die.chip.bank = 10k to 40k dies",
      "die.chip.bought = 500 dies/month",
      "memory.stack.stock = 10k to 100k stacks",
      "memory.stack.imports = 20k to 200k stacks/month",
      "dram.maker.wafers = 200 to 2k wafers/month",
      "packaging.assembler.capacity = 8k to 60k packages/month",
      "packaging.assembler.attach_yield = 99.9 %",
      "segment.cloud.demand = 4k to 40k npus/month",
      "segment.cloud.backlog = 20k npus"};
  // One part alone; and the country, where two parts draw on the same things. (One of two may well
  // lose: what the other packs today is not there for it tomorrow.)
  const struct {
    std::vector<std::string> names, sets;
  } cases[] = {{{"npus.cumulative first", "npus.deployed first"}, {"segment.state.demand = 0"}},
               {{"npus.cumulative national"}, {}}};
  for (const auto& [names, sets] : cases) {
    CAPTURE(names[0]);
    const KeptRun base = keep_text(chain, names, four_hundred, sets);
    for (const std::string& change : changes) {
      CAPTURE(change);
      std::vector<std::string> changed = sets;
      changed.push_back(change);
      check_never_falls(base, keep_text(chain, names, four_hundred, changed));
    }
    std::vector<std::string> worse = sets;
    worse.push_back("node.n.d0 = 0.2 to 0.8 /cm2");
    check_never_falls(keep_text(chain, names, four_hundred, worse), base);
  }
}

TEST_CASE("twice all capacities, stocks and demands give twice all flows") {
  Diagnostics diagnostics;
  std::vector<std::string> sets;
  const std::string library = std::string(FABCAST_SOURCE_FOLDER "/scenarios/");
  const ScenarioSpec shipped = load_scenario({library + "base-2026-05.scn", {}}, diagnostics);
  diagnostics.throw_if_any();
  for (const Section* pod : shipped.of("pod")) sets.push_back(pod->name() + ".whole = no");
  const ScenarioSpec spec = load_scenario({library + "base-2026-05.scn", sets}, diagnostics);
  RunOptions options;
  options.trials = 96;
  const KeptRun once = keep_model(compiled(spec, diagnostics), {}, options);
  const KeptRun twice = keep_model(compiled(doubled(spec), diagnostics), {}, options);

  // Not in proportion: whole clusters, and whether a fixed count is reached.
  const std::set<std::string_view> steps{"clusters.deployed", "milestone.reached"};
  const std::set<std::string_view> no_extent{"defect.density"};
  size_t compared = 0, wrong = 0;
  for (size_t place = 0; place < once.series().size(); ++place) {
    const Series& series = once.run.outcome.series[once.series()[place]];
    const OutputVariable& variable = output_variables()[static_cast<size_t>(series.variable)];
    if (steps.contains(variable.name)) continue;
    const double factor = variable.name == "training.months" ? 0.5
                          : variable.kind == OutputKind::rate || no_extent.contains(variable.name)
                              ? 1.0
                              : 2.0;
    std::vector<size_t> flows;
    const bool is_yield = variable.name.ends_with(".yield");
    if (is_yield) flows = flows_behind(once, variable, series.entity);
    CHECK(is_yield == !flows.empty());
    for (size_t t = 0; t < once.trials(); ++t) {
      const auto before = once.of_trial(t, place), after = twice.of_trial(t, place);
      for (size_t p = 0; p < before.size(); ++p) {
        // 1e6 months of training stands for "nothing is installed".
        if (variable.name == "training.months" && before[p] >= 1e6) continue;
        // A yield is what it would be, where next to nothing flows.
        double flow = 0;
        for (size_t f : flows) flow += once.of_trial(t, f)[p];
        if (is_yield && flow < 1) continue;
        ++compared;
        const double slack = 1e-7 * std::abs(factor * before[p]) + 1e-6;
        if (std::abs(after[p] - factor * before[p]) <= slack) continue;
        if (++wrong <= 5) {
          FAIL_CHECK(series_name(series) << " " << once.run.outcome.periods[p].text() << ", trial "
                                         << t << ": " << before[p] << ", then " << after[p]);
        }
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(compared > 100'000);
}

TEST_CASE(
    "an empty line ships nothing before its cycle time; a full one is steady from the start") {
  // 60 layers of 1.7755 days each, all but certain: three months and a half. Wafers that start
  // evenly over January come out from mid-April to mid-May.
  const std::string text = R"(
[scenario]
months = 2024-01 .. 2024-12
[node.n]
layers         = 60 layers
days_per_layer = 1.77548 days/layer
cycle_time_cv  = 1 %
[fab.line]
node = n
plan = 1k wafers/month
[die.chip]
width  = 20 mm
height = 20 mm
[claim.line.chip]
share = 100 %
[product.part]
family = part
die    = chip
lag    = 0 months
[segment.buyers]
demand  = 10M npus/month
prefers = part
[question]
any = npus.cumulative part >= 1 npus by 2024-12
)";
  RunOptions options;
  options.trials = 3;
  const TextRun empty = run_text(text, options, {"fab.line.wip = empty"});
  CHECK(empty.mean("npus.shipped", "part", "2024Q1") == 0);
  REQUIRE(empty.outcome.question_counts.size() == 1);
  CHECK(empty.outcome.question_counts[0].first_reached[3] == 3);  // April, in all three trials

  const TextRun steady = run_text(text, options, {"fab.line.wip = steady"});
  CHECK(steady.outcome.question_counts[0].first_reached[0] == 3);
  const double quarter = steady.mean("npus.shipped", "part", "2024Q1");
  CHECK(quarter > 1000);
  for (const char* period : {"2024Q2", "2024Q3", "2024Q4"}) {
    CHECK(steady.mean("npus.shipped", "part", period) ==
          doctest::Approx(quarter).epsilon(testing::lane_rounding));
  }
  CHECK(empty.mean("npus.shipped", "part", "2024Q2") == doctest::Approx(quarter * 2.5 / 3));
  // Once it runs, the empty line gives what the full one gives.
  CHECK(empty.mean("npus.shipped", "part", "2024Q4") ==
        doctest::Approx(quarter).epsilon(testing::lane_rounding));
}

TEST_CASE("priority gives the first claim its cap, and the second what is left") {
  const std::vector<std::string> sets{
      "fab.line.division = priority", "claim.line.chip.priority = 1",
      "claim.line.chip.cap = 600 to 1800 wafers/month", "claim.line.phone.priority = 2"};
  const std::vector<std::string> names{"wafer.claimed chip", "wafer.claimed phone",
                                       "wafer.starts line", "wafer.capacity line"};
  // Without the second claim's wish, the first claim alone tells its cap where the line is large.
  std::vector<std::string> large = sets;
  large.insert(large.end(),
               {"fab.line.plan = 100k wafers/month", "tool.line.etch.imported = 10k tools"});
  const KeptRun run = keep_text(chain, names, four_hundred, sets);
  const KeptRun caps = keep_text(chain, names, four_hundred, large);
  const auto cap = caps.column("wafer.claimed chip", "2024Q4");
  const auto chip = run.column("wafer.claimed chip", "2024Q4");
  const auto phone = run.column("wafer.claimed phone", "2024Q4");
  const auto starts = run.column("wafer.starts line", "2024Q4");
  size_t capped = 0, short_of_it = 0;
  for (size_t t = 0; t < run.trials(); ++t) {
    CHECK(chip[t] <= cap[t] * (1 + testing::lane_rounding));
    CHECK(chip[t] + phone[t] == doctest::Approx(starts[t]).epsilon(testing::lane_rounding));
    if (chip[t] < cap[t] * (1 - testing::lane_rounding)) {
      ++short_of_it;  // in a month at least the line had less than the cap
    } else {
      CHECK(phone[t] >= 0);
      ++capped;
    }
  }
  CHECK(capped > 20);
  CHECK(short_of_it > 20);
  // The drawn cap has the stated 90 % interval: 3 x 600 to 3 x 1800 a quarter.
  const auto inside =
      std::count_if(cap.begin(), cap.end(), [](double c) { return c > 1800 && c < 5400; });
  CHECK(inside > 330);
  CHECK(inside < 390);
}
