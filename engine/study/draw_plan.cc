#include "study/draw_plan.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "reduce/rank_correlation.h"

namespace fabcast {

namespace {

/// Components of a noise path that are looked at: later ones never stand out.
constexpr int most_looked_at = 8;

/// All draws of a scenario that do not depend on the month, in their order.
std::vector<DrawName> draws_of_trial(const Model& model) {
  std::vector<DrawName> draws;
  for (const ViewGroupPlan& group : model.inputs.view_groups) {
    draws.push_back({Purpose::view, group.stream});
  }
  for (const EventPlan& event : model.regime.events) {
    if (event.start != EventStart::date) draws.push_back({Purpose::event, event.stream});
  }
  for (const uint64_t stream : model.inputs.copula.streams) {
    draws.push_back({Purpose::input, stream});
  }
  for (const InputPlan& input : model.inputs.uncertain) {
    if (input.copula_row < 0) draws.push_back({Purpose::input, input.stream});
  }
  return draws;
}

/// Ranks of the headline's values in the last period, by variable.
std::vector<std::vector<double>> headline_ranks(const ScenarioRun& scenario,
                                                const RunOptions& asked) {
  if (scenario.headline.empty()) return {};
  ScenarioRun alone{scenario.compiled, {}, {}, scenario.headline, {}};
  RunOptions options;
  options.trials = trials_of_importance;
  options.seed = asked.seed;
  options.threads = asked.threads;
  options.detail = Detail::none;
  // None of the trials that are asked for; but whoever asks may stop them.
  if (asked.progress) options.progress = [&](uint64_t) { return asked.progress(0); };
  const RunOutcome outcome = std::move(run_models({alone}, options)[0]);
  const size_t periods = outcome.periods.size(), row = scenario.headline.size() * periods;
  std::vector<std::vector<double>> ranks;
  std::vector<double> values(options.trials);
  for (size_t h = 0; h < scenario.headline.size(); ++h) {
    for (size_t t = 0; t < values.size(); ++t) {
      values[t] = outcome.kept[t * row + (h + 1) * periods - 1];
    }
    ranks.push_back(average_ranks(values));
  }
  return ranks;
}

/// The largest correlation with any of them; 0 where chance would make as much.
double importance(std::span<const double> values,
                  const std::vector<std::vector<double>>& headline) {
  const std::vector<double> ranks = average_ranks(values);
  double most = 0;
  for (const std::vector<double>& of : headline) {
    const double size = std::abs(correlation_of_ranks(ranks, of));
    if (size > most) most = size;  // not a NaN, of what is the same in all trials
  }
  return most * std::sqrt(static_cast<double>(values.size())) > 3 ? most : 0;
}

}  // namespace

std::shared_ptr<const DrawPlan> plan_draws(const std::vector<ScenarioRun>& scenarios,
                                           const RunOptions& options) {
  const uint64_t seed = options.seed;
  auto plan = std::make_shared<DrawPlan>();
  const auto headline = headline_ranks(scenarios[0], options);
  std::vector<std::pair<double, DrawName>> important;
  std::vector<double> values(trials_of_importance);
  const auto look_at = [&](DrawName draw) {
    const double size = importance(values, headline);
    if (size > 0) important.emplace_back(size, draw);
  };
  const Model& first = scenarios[0].compiled->model;
  for (const DrawName& draw : draws_of_trial(first)) {
    draw_uniforms(seed, draw.purpose, draw.stream, draw.index, 0, values);
    look_at(draw);
  }
  for (const ScenarioRun& scenario : scenarios) {
    const Model& model = scenario.compiled->model;
    for (const InputPlan& input : model.inputs.uncertain) {
      if (input.noise_row >= 0) plan->rotate(input.stream, input.noise_rho, model.months);
    }
  }
  std::vector<double> xi(trials_of_importance);
  for (const InputPlan& input : first.inputs.uncertain) {
    if (input.noise_row < 0) continue;
    // z = V^T xi of the run just made, whose xi were drawn as they are.
    const std::vector<double>& rotation = *plan->rotation(input.stream, first.months);
    const int components = std::min(most_looked_at, first.months);
    std::vector<std::vector<double>> z(static_cast<size_t>(components),
                                       std::vector<double>(xi.size()));
    for (int m = 0; m < first.months; ++m) {
      draw_normals(seed, Purpose::noise, input.stream, static_cast<uint32_t>(m), 0, xi);
      for (size_t k = 0; k < z.size(); ++k) {
        const double v = rotation[static_cast<size_t>(m * first.months) + k];
        for (size_t t = 0; t < xi.size(); ++t) z[k][t] += v * xi[t];
      }
    }
    for (size_t k = 0; k < z.size(); ++k) {
      values = z[k];
      look_at({Purpose::noise, input.stream, static_cast<uint32_t>(k)});
    }
  }
  std::stable_sort(important.begin(), important.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [size, draw] : important) plan->add(draw);
  for (const ScenarioRun& scenario : scenarios) {
    const Model& model = scenario.compiled->model;
    for (const DrawName& draw : draws_of_trial(model)) plan->add(draw);
    for (int k = 0; k < model.months; ++k) {
      for (const InputPlan& input : model.inputs.uncertain) {
        if (input.noise_row < 0) continue;
        plan->add({Purpose::noise, input.stream, static_cast<uint32_t>(k)});
      }
    }
  }
  return plan;
}

RunOptions with_draw_plan(const std::vector<ScenarioRun>& scenarios, const RunOptions& asked) {
  RunOptions options = asked;
  if (options.sampler == SamplerKind::philox) return options;
  if (options.replicates().trials() != options.trials) {
    throw std::logic_error("trials that are not of whole replicates");
  }
  if (!options.draw_plan) {
    options.draw_plan = plan_draws(scenarios, options);
  }
  return options;
}

}  // namespace fabcast
