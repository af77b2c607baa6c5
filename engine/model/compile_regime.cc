/// Plan of the export-control regime: events in the order in which they can be decided.

#include <algorithm>

#include "model/compile_plans.h"
#include "random/streams.h"

namespace fabcast {

namespace {

/// Events with what each requires before it, else as they stand. (Circles were refused.)
std::vector<size_t> order_of_decision(const PlanContext& c, const std::vector<EventKeys>& events) {
  std::vector<size_t> order;
  const auto is_in = [&](int event) {
    return std::find(order.begin(), order.end(), static_cast<size_t>(event)) != order.end();
  };
  while (order.size() < events.size()) {
    const size_t before = order.size();
    for (size_t e = 0; e < events.size(); ++e) {
      const std::vector<int> required = c.list(events[e].requires_events);
      if (is_in(static_cast<int>(e)) || !std::all_of(required.begin(), required.end(), is_in)) {
        continue;
      }
      order.push_back(e);
    }
    if (order.size() == before) break;
  }
  return order;
}

/// In what order effects act on one value: set, multiply, add, cap.
void sort_effects(RegimePlan& regime) {
  for (EventTarget& target : regime.targets) {
    std::stable_sort(target.effects.begin(), target.effects.end(), [&](int a, int b) {
      return regime.effects[static_cast<size_t>(a)].kind <
             regime.effects[static_cast<size_t>(b)].kind;
    });
  }
}

}  // namespace

void plan_regime(PlanContext& c, const std::vector<EventKeys>& events) {
  RegimePlan& regime = c.model.regime;
  const std::vector<const Section*> sections = c.spec.of("event");
  const std::vector<size_t> order = order_of_decision(c, events);
  std::vector<int> place(events.size());  // of an event among the plans
  for (size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<int>(i);
  const auto places = [&](ListKey key) {
    std::vector<int> found;
    for (const int event : c.list(key)) found.push_back(place[static_cast<size_t>(event)]);
    return found;
  };
  for (const size_t e : order) {
    const EventKeys& keys = events[e];
    EventPlan plan;
    plan.stream = stream_of(sections[e]->name());
    plan.first = 0;
    plan.last = c.model.months - 1;
    if (keys.date.count >= 0) {
      plan.first = plan.last = c.months_from_start(keys.date, 0);
    } else {
      const bool is_chance = keys.probability.row >= 0;
      plan.start = is_chance ? EventStart::chance : EventStart::hazard;
      plan.amount_row = is_chance ? keys.probability.row : keys.hazard.row;
      if (const auto when = sections[e]->find(is_chance ? "probability" : "hazard")->when) {
        plan.first = (is_chance ? when->last : when->first).count - c.model.first.count;
        plan.last = when->last.count - c.model.first.count;
      }
      for (size_t t = 0; t < regime.targets.size(); ++t) {
        if (regime.targets[t].row == plan.amount_row) plan.amount_target = static_cast<int>(t);
      }
    }
    plan.requires_events = places(keys.requires_events);
    plan.excludes_events = places(keys.excludes_events);
    plan.started_row = c.inputs.rows(1).first;
    plan.clock_row = c.inputs.rows(1).first;
    plan.indicator_row = c.inputs.rows(1).first;
    regime.first_month = std::min(regime.first_month, plan.first);
    c.names.event.push_back(sections[e]->entity);
    regime.events.push_back(std::move(plan));
  }
  for (EffectPlan& effect : regime.effects) effect.event = place[static_cast<size_t>(effect.event)];
  sort_effects(regime);
  if (!events.empty()) regime.scratch_row = c.inputs.rows(1).first;
}

}  // namespace fabcast
