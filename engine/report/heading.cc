#include "report/heading.h"

#include <fmt/core.h>

namespace fabcast {

namespace {

std::string title_of(const RunResult& result) {
  if (result.provenance.runs > 1) return fmt::format("{} runs", result.provenance.runs);
  const auto& compared = result.compared.scenarios;
  if (compared.size() == 2) return fmt::format("{} against {}", compared[1].name, compared[0].name);
  if (compared.size() > 2) {
    return fmt::format("{} scenarios against {}", compared.size() - 1, compared[0].name);
  }
  const Swept& swept = result.swept;
  if (swept.points > 0) {
    std::string keys = fmt::format("{} keys", swept.keys.size());
    if (swept.keys.size() == 1) keys = swept.keys[0];
    if (swept.keys.size() == 2) keys = swept.keys[0] + " and " + swept.keys[1];
    return "Sweep of " + keys;
  }
  const Provenance& from = result.provenance;
  return from.title.empty() ? from.scenario : from.title;
}

}  // namespace

ReportHeading heading_of(const RunResult& result) {
  const Provenance& from = result.provenance;
  if (from.runs > 1) return {title_of(result), fmt::format("fabcast {}", from.version)};
  std::string points;
  if (result.swept.points > 0) {
    points = fmt::format("{} point{} of ", result.swept.points,
                         result.swept.points == 1 ? "" : "s, each");
  }
  return {title_of(result),
          fmt::format("{}; {} to {}; {}{} simulated histories (trials), {}; fabcast {}",
                      from.scenario, from.first_month, from.last_month, points, from.trials,
                      from.seed_text(), from.version)};
}

}  // namespace fabcast
