#include "model/compile_inputs.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "random/correlation.h"
#include "random/streams.h"

namespace fabcast {

namespace {

/// The path's value in a month; its second distribution only where it is needed.
AnchorValue value_at(const ViewPath& path, Month month) {
  const PointOfPath point = path.at(month);
  if (point.weight == 0) return {point.before, {}, 0};
  return {point.before, point.after, point.weight};
}

}  // namespace

InputsCompiler::InputsCompiler(const ScenarioSpec& spec, Diagnostics& diagnostics, Model& model,
                               Names& names)
    : spec_(spec), diagnostics_(diagnostics), model_(model), names_(names) {
  model_.first = spec.first;
  model_.months = spec.last.count - spec.first.count + 1;
  for (const ViewGroup& group : spec.views) {
    ViewGroupPlan plan;
    plan.stream = stream_of(group.name.empty() ? "view" : "view." + group.name);
    double sum = 0;
    for (double weight : group.weights) plan.cumulative_weight.push_back(sum += weight);
    plan.cumulative_weight.back() = 1;
    model_.inputs.view_groups.push_back(std::move(plan));
    names_.views.push_back({group.name, group.views});
  }
  int effect = 0;
  for (const Section* event : spec.of("event")) {
    for (const Setting& setting : event->settings) {
      const auto* acts = std::get_if<EffectSpec>(&setting.value);
      if (!acts) continue;
      for (std::string& key : effect_reach(spec, *acts)) {
        effects_on_[std::move(key)].push_back(effect);
      }
      ++effect;
    }
  }
  model_.inputs.view_rows = rows(spec.views.size()).first;
  model_.inputs.normal_row = rows(1).first;
}

Rows InputsCompiler::rows(size_t count) {
  const Rows result{model_.rows.count, static_cast<int>(count)};
  model_.rows.count += static_cast<int>(count);
  return result;
}

Ring InputsCompiler::ring(size_t months) { return Ring{rows(months)}; }

int InputsCompiler::known(double value) {
  const auto [place, is_new] = known_rows_.try_emplace(value + 0.0, -1);
  if (is_new) {
    place->second = rows(1).first;
    model_.inputs.known_numbers.push_back({place->second, value + 0.0});
  }
  return place->second;
}

int InputsCompiler::number(const std::string& key, const KeyRow& row, const Setting& setting) {
  const Value& value = setting.number();
  InputName name{key, setting.raw, setting.unit(), value.sources, "default", -1};
  if (!setting.is_default) {
    name.set_at =
        fmt::format("{}:{}", diagnostics_.file_name(setting.value_at.file), setting.value_at.line);
  }
  int block_row;
  if (value.is_uncertain()) {
    block_row = uncertain(key, value, row);
    name.uncertain = static_cast<int>(model_.inputs.uncertain.size()) - 1;
  } else if (value.paths[0].anchors.size() == 1) {
    block_row = known(value.paths[0].anchors[0].distribution.a);
  } else {
    block_row = known_path(value, row);
  }
  names_.inputs.push_back(std::move(name));
  const auto effects = effects_on_.find(key);
  return effects == effects_on_.end() ? block_row : acted_upon(effects->second, block_row, row);
}

int InputsCompiler::acted_upon(const std::vector<int>& effects, int base_row, const KeyRow& row) {
  EventTarget target{base_row, rows(1).first, row.low, row.high, effects};
  model_.regime.targets.push_back(std::move(target));
  return model_.regime.targets.back().row;
}

int InputsCompiler::effect(const std::string& key, const Setting& setting, int event) {
  const auto& spec = std::get<EffectSpec>(setting.value);
  const auto part = [&](const std::string& name, const KeyRow& row, const Value& value) {
    Setting one = setting;
    one.row = &row;
    one.raw = value.text;
    one.value = value;  // the effect's sources are those of all its parts
    return number(name, row, one);
  };
  const auto time = [&](const char* word, const std::optional<Value>& value, double absent) {
    return value ? part(fmt::format("{} {}", key, word), effect_time_row, *value) : known(absent);
  };
  EffectPlan plan{};
  plan.event = event;
  plan.kind = spec.kind;
  plan.amount_row = part(key, spec.amount_row(), spec.amount);
  plan.after_row = time("after", spec.after, 0);
  plan.ramp_row = time("ramp", spec.ramp, 0);
  plan.duration_row = time("for", spec.duration, never);
  plan.strength_row = rows(1).first;
  model_.regime.effects.push_back(plan);
  return static_cast<int>(model_.regime.effects.size()) - 1;
}

int InputsCompiler::known_path(const Value& value, const KeyRow& row) {
  const bool multiplicative = row.scale == Scale::multiplicative && value.is_positive();
  KnownPath path;
  path.row = rows(1).first;
  for (int month = 0; month < model_.months; ++month) {
    PointOfPath point = value.paths[0].at({model_.first.count + month});
    point.geometric = multiplicative;
    path.by_month.push_back(point.quantile(0.5));  // constants: any quantile is the value
  }
  model_.inputs.known_paths.push_back(std::move(path));
  return model_.inputs.known_paths.back().row;
}

int InputsCompiler::view_group_of(const std::string& view) const {
  for (size_t g = 0; g < spec_.views.size(); ++g) {
    const auto& views = spec_.views[g].views;
    if (std::find(views.begin(), views.end(), view) != views.end()) return static_cast<int>(g);
  }
  return -1;
}

int InputsCompiler::uncertain(const std::string& key, const Value& value, const KeyRow& row) {
  InputPlan plan;
  plan.stream = stream_of(key);
  plan.multiplicative = row.scale == Scale::multiplicative && value.is_positive();
  plan.whole = row.kind == KeyKind::count;
  plan.noise_sigma = value.noise_sigma;
  plan.noise_rho = value.noise_rho;
  plan.low = row.low;
  plan.high = row.high;

  // Which path each view of the group follows.
  std::vector<const ViewPath*> by_view{&value.paths[0]};
  if (!value.paths[0].view.empty()) {
    plan.view_group = view_group_of(value.paths[0].view);
    const ViewGroup& group = spec_.views[static_cast<size_t>(plan.view_group)];
    by_view.clear();
    for (const std::string& view : group.views) {
      const auto path = std::find_if(value.paths.begin(), value.paths.end(),
                                     [&](const ViewPath& p) { return p.view == view; });
      by_view.push_back(&*path);
    }
  }

  // Anchors of all views together, so that one list of months serves every trial.
  std::set<int> months;
  for (const ViewPath* path : by_view) {
    for (const Anchor& anchor : path->anchors) {
      months.insert(anchor.month ? anchor.month->count - model_.first.count : 0);
    }
  }
  // A view with one undated value beside dated ones adds no month of its own.
  for (int month : months) {
    AnchorPlan anchor{month, {}};
    for (const ViewPath* path : by_view) {
      anchor.by_view.push_back(value_at(*path, {model_.first.count + month}));
    }
    plan.anchors.push_back(std::move(anchor));
  }

  plan.anchor_rows = rows(plan.anchors.size()).first;
  plan.row = rows(1).first;
  plan.step_row = plan.anchors.size() > 1 ? rows(1).first : -1;
  plan.noise_row = plan.noise_sigma > 0 ? rows(1).first : -1;
  plan.base_row = plan.noise_sigma > 0 ? rows(1).first : plan.row;
  model_.inputs.uncertain.push_back(std::move(plan));
  return model_.inputs.uncertain.back().row;
}

double InputsCompiler::highest(int row) const {
  for (const EventTarget& target : model_.regime.targets) {
    if (target.row != row) continue;
    double most = highest(target.base_row);
    for (const int index : target.effects) {
      const EffectPlan& effect = model_.regime.effects[static_cast<size_t>(index)];
      const double amount = highest(effect.amount_row);
      if (effect.kind == EffectKind::set) most = std::max(most, amount);
      if (effect.kind == EffectKind::multiply || effect.kind == EffectKind::scale)
        most *= std::max(1.0, amount);
      if (effect.kind == EffectKind::add) most += std::max(0.0, amount);
    }
    return std::min(most, target.high);
  }
  for (const InputPlan& input : model_.inputs.uncertain) {
    if (input.row != row) continue;
    double most = 0;
    for (const AnchorPlan& anchor : input.anchors) {
      for (const AnchorValue& value : anchor.by_view) {
        most = std::max(most, value.before.quantile(1 - 1e-4));
        if (value.weight > 0) most = std::max(most, value.after.quantile(1 - 1e-4));
      }
    }
    return most * std::exp(4 * input.noise_sigma);
  }
  for (const KnownPath& path : model_.inputs.known_paths) {
    if (path.row == row) return *std::max_element(path.by_month.begin(), path.by_month.end());
  }
  return constant(row).value_or(0);
}

bool InputsCompiler::moves(int row) const {
  for (const EventTarget& target : model_.regime.targets) {
    if (target.row == row) return true;
  }
  for (const InputPlan& input : model_.inputs.uncertain) {
    if (input.row == row) return input.anchors.size() > 1 || input.noise_sigma > 0;
  }
  return std::any_of(model_.inputs.known_paths.begin(), model_.inputs.known_paths.end(),
                     [&](const KnownPath& path) { return path.row == row; });
}

std::optional<double> InputsCompiler::constant(int row) const {
  for (const KnownNumber& number : model_.inputs.known_numbers) {
    if (number.row == row) return number.value;
  }
  return std::nullopt;
}

void InputsCompiler::finish() { correlate(); }

void InputsCompiler::correlate() {
  if (spec_.correlations.empty()) return;
  // Inputs in the order of their names, so that the order of lines in a file changes no draw.
  std::map<std::string, int> order;
  for (const CorrelationSpec& pair : spec_.correlations) {
    order[pair.first] = 0;
    order[pair.second] = 0;
  }
  std::vector<std::string> keys;
  for (auto& [key, index] : order) {
    index = static_cast<int>(keys.size());
    keys.push_back(key);
  }
  std::vector<CorrelationPair> pairs;
  for (const CorrelationSpec& pair : spec_.correlations) {
    pairs.push_back({order[pair.first], order[pair.second], pair.r});
  }
  const Section* scenario = spec_.find("scenario", "");
  const Setting* setting = scenario ? scenario->find("correlation") : nullptr;
  const bool nearest = setting && static_cast<OfBadCorrelations>(std::get<int>(setting->value)) ==
                                      OfBadCorrelations::nearest;
  const CopulaFactor factor = copula_factor(static_cast<int>(keys.size()), pairs, nearest);
  if (!factor.problem.empty()) {
    constexpr size_t most_named = 6;
    std::vector<std::string> at_fault;
    for (const size_t pair : factor.at_fault) {
      const auto& [first, second, r, at] = spec_.correlations[pair];
      if (at_fault.size() == most_named) break;
      at_fault.push_back(fmt::format("{} ~ {} = {}", first, second, number_text(r)));
    }
    if (factor.at_fault.size() > most_named) at_fault.emplace_back("…");
    const size_t worst = factor.at_fault.empty() ? 0 : factor.at_fault[0];
    diagnostics_.error(
        spec_.correlations[worst].at,
        fmt::format("{}; most at fault: {}", factor.problem, fmt::join(at_fault, ", ")),
        "weaken these pairs, or write correlation = nearest in [scenario]");
    return;
  }
  CopulaPlan& copula = model_.inputs.copula;
  copula.first_row = rows(keys.size()).first;
  copula.lower = factor.lower;
  for (size_t i = 0; i < keys.size(); ++i) {
    copula.streams.push_back(stream_of(keys[i]));
    const auto input = std::find_if(names_.inputs.begin(), names_.inputs.end(),
                                    [&](const InputName& name) { return name.key == keys[i]; });
    if (input == names_.inputs.end() || input->uncertain < 0) continue;  // refused when loaded
    model_.inputs.uncertain[static_cast<size_t>(input->uncertain)].copula_row =
        copula.first_row + static_cast<int>(i);
  }
}

}  // namespace fabcast
