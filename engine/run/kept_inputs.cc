#include "run/kept_inputs.h"

namespace fabcast {

std::vector<KeptInput> kept_inputs(const Compiled& compiled) {
  const Model& model = compiled.model;
  const Names& names = compiled.names;
  std::vector<KeptInput> kept;
  for (size_t g = 0; g < names.views.size(); ++g) {
    const std::string& group = names.views[g].group;
    kept.push_back({group.empty() ? "view" : "view." + group,
                    model.inputs.view_rows + static_cast<int>(g), -1});
  }
  for (size_t e = 0; e < names.event.size(); ++e) {
    const EventPlan& event = model.regime.events[e];
    if (event.start != EventStart::date) {
      kept.push_back({"event." + names.event[e], event.clock_row, -1});
    }
  }
  for (const InputName& name : names.inputs) {
    if (name.uncertain < 0) continue;
    const InputPlan& input = model.inputs.uncertain[static_cast<size_t>(name.uncertain)];
    if (input.anchors.size() == 1 && input.noise_sigma == 0) {
      kept.push_back({name.key, input.row, 0});
      continue;
    }
    for (int month = 0; month < model.months; ++month) {
      kept.push_back({name.key + ' ' + Month{model.first.count + month}.text(), input.row, month});
    }
  }
  return kept;
}

void keep_inputs(std::span<const KeptInput> inputs, int month, const TrialBlock& block, int trials,
                 double* table) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].month != month) continue;
    for (size_t t = 0; t < static_cast<size_t>(trials); ++t) {
      table[t * inputs.size() + i] = block[inputs[i].row][t];
    }
  }
}

}  // namespace fabcast
