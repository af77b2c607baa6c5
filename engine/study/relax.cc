#include "study/relax.h"

#include <fmt/core.h>

#include <array>

#include "run/tables.h"
#include "study/draw_plan.h"

namespace fabcast {

namespace {

constexpr double more = 0.01;

/// The keys whose rise is a rise of one resource; of alternatives only those are there that a
/// scenario gives.
struct Resource {
  std::string_view name;
  std::array<std::string_view, 2> keys;
};
constexpr std::array resources{
    Resource{"wafers", {"fab.*.plan", "tool.*.*.throughput"}},
    Resource{"memory", {"memory.*.imports", "dram.*.wafers"}},
    Resource{"packaging", {"packaging.*.capacity", "packaging.*.wafers"}},
    Resource{"orders", {"segment.*.demand", "segment.*.compute_demand"}}};
static_assert(relaxed_scenarios == resources.size() + 1);

/// Whether a scenario has any key of such a pattern.
bool has_any(const ScenarioSpec& spec, std::string_view pattern) {
  const size_t first = pattern.find('.'), last = pattern.rfind('.');
  for (const Section* section : spec.of(pattern.substr(0, first))) {
    if (section->find(pattern.substr(last + 1))) return true;
  }
  return false;
}

/// The event that raises a resource, as `--set` lines; none where the scenario has nothing of it.
std::vector<std::string> rise(const ScenarioSpec& spec, const Resource& resource) {
  const std::string event = fmt::format("event.one-percent-more-{}", resource.name);
  std::vector<std::string> sets;
  for (size_t k = 0; k < resource.keys.size(); ++k) {
    if (!has_any(spec, resource.keys[k])) continue;
    sets.push_back(fmt::format("{}.effect.{} = {} scale {}", event, k, resource.keys[k], 1 + more));
  }
  if (!sets.empty()) sets.push_back(fmt::format("{}.date = {}", event, spec.first.text()));
  return sets;
}

}  // namespace

Table relaxed(const RunRequest& request, Progress progress) {
  Table table{"relax",
              {{"scenario", "Name of the scenario"},
               {"resource", "What there is 1 % more of, from the first month on"},
               {"entity", "Whose cumulative NPUs: product, family, national"},
               {"period", "At the end of this year"},
               {"npus", "Cumulative NPUs, mean over trials"},
               {"gain", "Mean of the paired gains from 1 % more"},
               {"gain_se", "Its Monte Carlo standard error"},
               {"gain_lo", "90 % Monte Carlo interval, low end"},
               {"gain_hi", "high end"},
               {"elasticity",
                "Gain in percent: 1 where all grows with the resource, 0 where another "
                "one holds"}},
              {}};
  RunRequest base_request = request;
  base_request.keep.clear();
  base_request.precision = {};
  base_request.keep_inputs = false;
  const PreparedScenario base(base_request);
  std::vector<std::unique_ptr<PreparedScenario>> risen;
  std::vector<std::string_view> names;
  std::vector<ScenarioRun> runs{base.run};
  for (const Resource& resource : resources) {
    RunRequest one = base_request;
    const std::vector<std::string> sets = rise(base.spec, resource);
    if (sets.empty()) continue;
    one.scenario.sets.insert(one.scenario.sets.end(), sets.begin(), sets.end());
    risen.push_back(std::make_unique<PreparedScenario>(one));
    names.push_back(resource.name);
    runs.push_back(risen.back()->run);
  }
  RunOptions options = base.options();
  options.progress = std::move(progress);
  options = with_draw_plan(runs, options);
  for (ScenarioRun& run : runs) run.headline.clear();
  options.detail = Detail::years_and_headline;
  options.distributions = false;
  options.by_view = false;
  options.quantiles = Quantiles::binned;  // means alone are told
  check_memory(runs, options);
  const std::vector<RunOutcome> outcomes = run_models(runs, options);
  for (size_t s = 1; s < outcomes.size(); ++s) {
    const RunOutcome& own = outcomes[s];
    for (size_t c = 0; c < own.paired.columns.size(); ++c) {
      const auto [series, period] =
          own.columns.columns[static_cast<size_t>(own.paired.columns[c].first)];
      const Series& of = own.series[series];
      if (output_variables()[static_cast<size_t>(of.variable)].name != "npus.cumulative" ||
          of.entity == "imported") {
        continue;
      }
      const double npus =
          outcomes[0].statistics[static_cast<size_t>(own.paired.columns[c].second)].mean;
      const SeriesStatistics& gain = own.paired.differences[c];
      table.rows.push_back({base.spec.name, std::string(names[s - 1]), of.entity,
                            own.periods[period].text(), npus, gain.mean, gain.mean_se,
                            gain.mean - own.reach() * gain.mean_se,
                            gain.mean + own.reach() * gain.mean_se,
                            npus > 0 ? Cell(gain.mean / npus / more) : Cell()});
    }
  }
  return table;
}

}  // namespace fabcast
