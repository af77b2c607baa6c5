#include "run/census.h"

#include <cmath>
#include <map>

namespace fabcast {

namespace {

using enum Operation;

/// Goes through the plans as the pipeline does, stage by stage.
class Census {
 public:
  explicit Census(const Model& model) : model_(model) {}

  PerOperation count;

  void draws();
  void first_morning();
  void month(int month);
  void fold(std::span<const Series> series);

 private:
  void add(Operation operation, double times = 1) { count[operation] += times; }

  void quantile(const Distribution& distribution);
  void family_quantile(const Distribution& distribution);
  void interpolation(bool multiplicative);
  void path(const InputPlan& input, int month);
  void events(int month);
  void act(const EventTarget& target);
  void yield(YieldModel model);
  void bins(const BinPlan& plan);
  void bids(int month);

  const Model& model_;
};

/// A ratio, and its share of the way between two values in logs.
void Census::interpolation(bool multiplicative) {
  if (!multiplicative) return;
  add(division);
  add(log);
  add(exp);
}

/// Q(u) of the family (random/distribution.cc).
void Census::family_quantile(const Distribution& d) {
  switch (d.family) {
    case Family::normal:
      return add(normal_quantile);
    case Family::lognormal:
      add(normal_quantile);
      return add(exp);
    case Family::triangular:
      return add(square_root);
    case Family::metalog: {
      add(division);
      add(log);
      const int bounds = std::isfinite(d.c) + std::isfinite(d.d);
      if (bounds > 0) add(exp);
      if (bounds == 2) add(division);
      return;
    }
    case Family::constant:
    case Family::uniform:
    case Family::discrete:
    case Family::pert:
    case Family::beta:
      return;
  }
}

/// Q(Phi(z)).
void Census::quantile(const Distribution& d) {
  const bool cut = d.u_low > 0 || d.u_high < 1;
  if (d.is_constant()) return;
  if (!cut && d.family == Family::normal) return;
  if (!cut && d.family == Family::lognormal) return add(exp);
  const bool has_table = (d.family == Family::pert || d.family == Family::beta) && !d.x.empty();
  if (has_table && !cut) return;
  add(normal_cdf, 2);
  if (has_table) return add(normal_quantile);
  family_quantile(d);
}

void Census::draws() {
  const InputsPlan& inputs = model_.inputs;
  add(uniform, static_cast<double>(inputs.view_groups.size()));
  add(normal, static_cast<double>(inputs.copula.streams.size()));
  for (const InputPlan& input : inputs.uncertain) {
    if (input.copula_row < 0) add(normal);
    for (const AnchorPlan& anchor : input.anchors) {
      for (const AnchorValue& value : anchor.by_view) {
        quantile(value.before);
        if (value.weight == 0) continue;
        quantile(value.after);
        interpolation(input.multiplicative);
      }
    }
  }
  for (const EventPlan& event : model_.regime.events) {
    if (event.start == EventStart::date) continue;
    add(uniform);
    if (event.start == EventStart::hazard) add(log);
  }
}

void Census::first_morning() {
  for (const DiePlan& die : model_.dies) {
    if (die.size_known) continue;
    add(division, 2);  // the closed form
    add(square_root, die.keys.area.row >= 0 ? 2 : 1);
  }
  for (const OutletPlan& outlet : model_.outlets) {
    if (outlet.compute_per_npu >= 0) add(division);
  }
  add(division, static_cast<double>(model_.segments.size()));  // orders of the backlog
}

/// A path between two anchors: the step once, after the first of them.
void Census::path(const InputPlan& input, int month) {
  size_t next = 0;
  while (next < input.anchors.size() && input.anchors[next].month <= month) ++next;
  if (next == 0 || next == input.anchors.size()) return;
  const int from = input.anchors[next - 1].month;
  if (from == month) return;
  if (month == from + 1 || month == 0) interpolation(input.multiplicative);
  if (month == 0) interpolation(input.multiplicative);
}

void Census::act(const EventTarget& target) {
  // The ramp of each effect; after_effect() only adds and multiplies.
  add(division, static_cast<double>(target.effects.size()));
}

void Census::events(int month) {
  const RegimePlan& regime = model_.regime;
  if (regime.events.empty()) return;
  for (int m = month == 0 ? regime.first_month : month; m <= month; ++m) {
    for (const EventPlan& event : regime.events) {
      if (event.start != EventStart::hazard || m < event.first || m > event.last) continue;
      if (event.amount_target >= 0) {
        act(regime.targets[static_cast<size_t>(event.amount_target)]);
      }
      add(division);  // a year's hazard to a month's
    }
  }
  for (const EventTarget& target : regime.targets) act(target);
}

/// Yield of a whole die (stages/die_yield.h).
void Census::yield(YieldModel model) {
  switch (model) {
    case YieldModel::negative_binomial:
      add(division);
      add(log1p);
      return add(exp);
    case YieldModel::bose_einstein:
      add(log1p);
      return add(exp);
    case YieldModel::poisson:
      return add(exp);
    case YieldModel::murphy:
      return add(expm1_over);
    case YieldModel::seeds:
      return add(division);
    case YieldModel::moore:
      add(square_root);
      return add(exp);
  }
}

/// Bins of partly good dies (stages/die_bins.cc).
void Census::bins(const BinPlan& plan) {
  const auto poissons = [&](double times) {
    add(exp, 2 * times);
    add(expm1_over, times);
  };
  switch (plan.design.model) {
    case YieldModel::negative_binomial:
    case YieldModel::seeds:
    case YieldModel::bose_einstein:
      add(division);  // u
      yield(YieldModel::negative_binomial);
      if (plan.fewest == 0) yield(YieldModel::negative_binomial);
      break;
    case YieldModel::poisson:
      poissons(1);
      break;
    case YieldModel::murphy:
      poissons(static_cast<double>(plan.node.size()));
      break;
    case YieldModel::moore:
      poissons(plan.moore_nodes);
      add(log, plan.moore_nodes);
      add(exp, 2.0 * plan.moore_nodes);
      add(division, 3.0 * plan.moore_nodes);
      break;
  }
  if (plan.design.scope != BinScope::pair) return;
  yield(plan.design.model);  // of the uncore
  add(division);
}

/// Things that two bids of a round want are shared by one ratio, in each of two passes.
void Census::bids(int month) {
  for (const RoundPlan& round : model_.rounds) {
    std::map<std::pair<Constraint, int>, int> wanted;  // by how many
    for (const BidPlan& bid : round.bids) {
      const ProductPlan& product = model_.products[static_cast<size_t>(bid.product)];
      if (month < product.launch || month > product.end) continue;
      const auto wants = [&](Constraint constraint, int thing) {
        if (thing >= 0) ++wanted[{constraint, thing}];
      };
      wants(Constraint::dies, bid.die_pool);
      wants(Constraint::io_dies, bid.io_pool);
      wants(Constraint::memory, bid.memory);
      wants(Constraint::packaging, product.packaging_class);
      if (bid.outlet >= 0) {
        wants(Constraint::orders, model_.outlets[static_cast<size_t>(bid.outlet)].segment);
      }
    }
    for (const auto& [thing, times] : wanted) {
      if (times > 1) add(division, 2);
    }
  }
}

void Census::month(int month) {
  for (const InputPlan& input : model_.inputs.uncertain) {
    path(input, month);
    if (input.noise_row < 0) continue;
    add(normal);
    add(exp);
  }
  events(month);
  // tool_capacity
  add(division, 2 * static_cast<double>(model_.tools.size()));
  for (const FabPlan& fab : model_.fabs) {
    const auto claims = static_cast<double>(fab.claims.size());
    add(division, static_cast<double>(fab.tools.size()));
    // wafer_starts
    if (fab.keys.division.value() == Division::share) add(division, claims);
    // work_in_process
    if (month == 0 || fab.cycle_time_moves) add(division);
    // die_yield
    const NodeKeys& node = model_.nodes[static_cast<size_t>(fab.keys.node.index)];
    const Learning learning = node.learning.value();
    if (learning != Learning::given) {
      add(division);
      add(exp);
    }
    if (learning == Learning::wafers) add(log1p);
    for (const int c : fab.claims) {
      const ClaimPlan& claim = model_.claims[static_cast<size_t>(c)];
      if (model_.dies[static_cast<size_t>(claim.die)].has_bins) {
        bins(claim.bin_plan);
      } else {
        yield(fab.yield_model);
      }
    }
  }
  add(division, static_cast<double>(model_.drams.size()));  // memory_supply
  // demand
  for (const OutletPlan& outlet : model_.outlets) {
    const bool moves = model_.segments[static_cast<size_t>(outlet.segment)].measure_moves;
    if (outlet.compute_per_npu >= 0 && moves) add(division);
  }
  for (const SegmentPlan& segment : model_.segments) {
    add(division, static_cast<double>(segment.imports.size()));
  }
  // packaging
  add(division, static_cast<double>(model_.packaging_classes.size()));
  for (const ProductPlan& product : model_.products) {
    if (product.capacity.units_per_package != model_.rows.one) add(division);
  }
  add(division, static_cast<double>(model_.outlets.size()));
  bids(month);
  // superpod: cards to designs, pods of kits, clusters
  for (const ProductPlan& product : model_.products) {
    add(division, static_cast<double>(product.pods.size()));
  }
  add(division, 2 * static_cast<double>(model_.pods.size()));
  // compute
  for (const ProductPlan& product : model_.products) {
    if (!product.keys.npu.on || product.monthly_survival || !product.survival.empty()) continue;
    const int first = product.home_made ? std::max(product.launch, 0) : 0;
    add(exp, std::max(month - first + 1, 0));
  }
  add(division, static_cast<double>(model_.trainings.size()));
}

/// Ratios of the periods that end within the run.
void Census::fold(std::span<const Series> series) {
  const Month last{model_.first.count + model_.months - 1};
  const auto periods = static_cast<double>(reporting_periods(model_.first, last).size());
  for (const Series& one : series) {
    if (!one.denominator.empty()) add(division, periods);
  }
}

}  // namespace

PerOperation census_of(const Model& model, std::span<const Series> series) {
  Census census(model);
  census.draws();
  census.first_morning();
  for (int month = 0; month < model.months; ++month) census.month(month);
  census.fold(series);
  return census.count;
}

}  // namespace fabcast
