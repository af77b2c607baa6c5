/// Plan of the export-control regime: events in the order in which they can be decided.

#include <algorithm>

#include "model/compile_plans.h"
#include "random/streams.h"

namespace fabcast {

namespace {

/// Events in the order of the file, each after those that it requires and, where these do not wait
/// for it in turn, after those that act on its hazard. (Circles of requirements were refused.)
class OrderOfDecision {
 public:
  OrderOfDecision(const PlanContext& c, const std::vector<EventKeys>& events)
      : before_(events.size()) {
    const RegimePlan& regime = c.model.regime;
    for (size_t e = 0; e < events.size(); ++e) {
      for (const int event : c.list(events[e].requires_events)) before_[e].push_back(event);
      for (const EventTarget& target : regime.targets) {
        if (target.row != events[e].hazard.row) continue;
        for (const int effect : target.effects) {
          before_[e].push_back(regime.effects[static_cast<size_t>(effect)].event);
        }
      }
    }
    state_.resize(events.size());
    for (size_t e = 0; e < events.size(); ++e) visit(e);
  }
  std::vector<size_t> order;

 private:
  enum class State : char { unseen, open, done };
  void visit(size_t event) {
    if (state_[event] != State::unseen) return;  // open: of a circle of hazards
    state_[event] = State::open;
    for (const int other : before_[event]) visit(static_cast<size_t>(other));
    state_[event] = State::done;
    order.push_back(event);
  }
  std::vector<std::vector<int>> before_;
  std::vector<State> state_;
};

/// In what order effects act on one value: set, multiply, add, cap, scale.
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
  const std::vector<size_t> order = OrderOfDecision(c, events).order;
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
    plan.lag_row = keys.lag.row;
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
