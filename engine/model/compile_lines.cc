/// Plans of dies, fab lines, claims, memory lines: everything up to the die bank and the stack
/// stock.

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "model/compile_plans.h"
#include "stages/gross_die.h"

namespace fabcast {

namespace {

/// The model by which a line's yields are computed: see FabPlan::yield_model.
YieldModel without_layers(YieldModel model) {
  return model == YieldModel::bose_einstein ? YieldModel::negative_binomial : model;
}

}  // namespace

DelayTable make_delay_table(double cv, std::vector<std::vector<double>>& storage) {
  const double shape = 1 / (cv * cv);
  const double low = std::max(0.0, 1 - 12 * cv), high = 1 + 12 * cv + 30 * cv * cv;
  constexpr int nodes = 4097;
  DelayTable table;
  table.low = low;
  table.step = (high - low) / (nodes - 1);
  table.nodes = nodes;
  std::vector<double> value, slope;
  for (int i = 0; i < nodes; ++i) {
    const double x = low + i * table.step;
    // E[(x - T)+] = x F_shape(x) - F_{shape+1}(x), the mean being 1
    const double cdf = x > 0 ? boost::math::gamma_p(shape, shape * x) : 0.0;
    const double above = x > 0 ? boost::math::gamma_p(shape + 1, shape * x) : 0.0;
    value.push_back(x * cdf - above);
    slope.push_back(cdf * table.step);
  }
  storage.push_back(std::move(value));
  storage.push_back(std::move(slope));
  table.value = storage[storage.size() - 2].data();
  table.slope = storage[storage.size() - 1].data();
  return table;
}

void plan_dies(PlanContext& c, const std::vector<DieKeys>& dies) {
  const auto& names = c.names.of("die");
  int pools = 0;
  for (size_t d = 0; d < dies.size(); ++d) {
    const DieKeys& keys = dies[d];
    DiePlan plan;
    plan.keys = keys;
    plan.first_pool = pools;
    const std::optional<double> width = c.inputs.constant(keys.width.row);
    const std::optional<double> height = c.inputs.constant(keys.height.row);
    plan.size_known = width && height;
    if (plan.size_known) {
      const GrossDies gross =
          gross_dies_exact({*width, *height, keys.wafer.value, keys.edge_exclusion.value,
                            keys.scribe.value, keys.notch.value, keys.reticle_aligned.on != 0});
      plan.area_row = c.inputs.known(*width * *height / 100);  // cm2
      plan.dies_per_wafer_row = c.inputs.known(gross.count);
    } else {
      plan.area_row = c.inputs.rows(1).first;
      plan.dies_per_wafer_row = c.inputs.rows(1).first;
    }
    plan.has_bins = keys.bins.group >= 0;
    std::vector<std::string> bin_names{""};
    if (plan.has_bins) {
      const auto& group = c.vocabulary.groups[static_cast<size_t>(keys.bins.group)];
      bin_names = group.names;
      plan.bins = static_cast<int>(bin_names.size());
    } else {
      plan.bins = 1;
    }
    for (const std::string& bin : bin_names) {
      c.names.pool.push_back(bin.empty() ? names[d] : names[d] + "." + bin);
    }
    c.names.die_family.push_back(keys.family.id < 0 ? names[d] : c.word(keys.family));
    pools += plan.bins;
    c.model.dies.push_back(std::move(plan));
  }
  Layout& rows = c.model.rows;
  rows.pool_good = c.inputs.rows(static_cast<size_t>(pools));
  rows.pool_stock = c.inputs.rows(static_cast<size_t>(pools));
  rows.pool_used = c.inputs.rows(static_cast<size_t>(pools));
}

void plan_lines(PlanContext& c, const std::vector<FabKeys>& fabs,
                const std::vector<ClaimKeys>& claims) {
  Model& model = c.model;
  const auto part = [](const std::string& name, int which) {
    const size_t dot = name.find('.');
    return which == 0 ? name.substr(0, dot) : name.substr(dot + 1);
  };

  for (size_t k = 0; k < claims.size(); ++k) {
    const std::string& name = c.names.of("claim")[k];
    ClaimPlan plan;
    plan.keys = claims[k];
    plan.fab = entity_index(c.spec, "fab", part(name, 0));
    plan.die = entity_index(c.spec, "die", part(name, 1));
    const FabKeys& fab = fabs[static_cast<size_t>(plan.fab)];
    const DiePlan& die = model.dies[static_cast<size_t>(plan.die)];
    const NodeKeys& node = model.nodes[static_cast<size_t>(fab.node.index)];
    if (die.has_bins) {
      BinDesign design;
      design.cores = static_cast<int>(die.keys.cores.value);
      for (double cores : c.vocabulary.groups[static_cast<size_t>(die.keys.bins.group)].values) {
        design.min_cores.push_back(static_cast<int>(cores));
      }
      design.scope = die.keys.bin_scope.value();
      design.model = without_layers(node.yield_model.value());
      plan.bin_plan = plan_bins(std::move(design));
    }
    plan.bin_yields = c.inputs.rows(static_cast<size_t>(die.bins));
    plan.good_yields = c.inputs.rows(static_cast<size_t>(die.bins));
    plan.sells = node.wafer_price.row >= 0 && fab.foundry.index >= 0;
    c.names.claim_die_family.push_back(c.names.die_family[static_cast<size_t>(plan.die)]);
    model.claims.push_back(plan);
  }
  for (size_t k = 0; k < c.names.of("tool").size(); ++k) {
    c.names.tool_class.push_back(part(c.names.of("tool")[k], 1));
  }

  std::map<double, DelayTable> tables;
  for (size_t f = 0; f < fabs.size(); ++f) {
    const FabKeys& keys = fabs[f];
    const NodeKeys& node = model.nodes[static_cast<size_t>(keys.node.index)];
    FabPlan plan;
    plan.keys = keys;
    plan.start_month = c.months_from_start(keys.start, 0);
    plan.yield_model = without_layers(node.yield_model.value());
    plan.counts_layers = node.yield_model.value() == YieldModel::bose_einstein;
    for (size_t k = 0; k < c.names.of("tool").size(); ++k) {
      if (part(c.names.of("tool")[k], 0) == c.names.of("fab")[f]) {
        plan.tools.push_back(static_cast<int>(k));
      }
    }
    for (size_t k = 0; k < model.claims.size(); ++k) {
      if (model.claims[k].fab == static_cast<int>(f)) plan.claims.push_back(static_cast<int>(k));
    }
    std::stable_sort(plan.claims.begin(), plan.claims.end(), [&](int a, int b) {
      return claims[static_cast<size_t>(a)].priority.value <
             claims[static_cast<size_t>(b)].priority.value;
    });

    const double cv = node.cycle_time_cv.value;
    if (!tables.count(cv)) tables[cv] = make_delay_table(cv, model.delay_tables);
    plan.delay = tables[cv];
    const double congestion = c.inputs.highest(node.congestion.row);
    plan.cycle_time_moves = c.inputs.moves(node.layers.row) ||
                            c.inputs.moves(node.days_per_layer.row) ||
                            c.inputs.moves(node.congestion.row) ||
                            (congestion > 0 && c.inputs.moves(keys.utilisation.row));
    // Slots: the longest cycle time that has a chance worth a weight, in months.
    const double shape = 1 / (cv * cv);
    const double longest_days =
        c.inputs.highest(node.layers.row) * c.inputs.highest(node.days_per_layer.row) *
        operating_curve(1.0, congestion) * boost::math::gamma_q_inv(shape, 1e-8) / shape;
    plan.slots = static_cast<int>(std::min(std::ceil(longest_days / days_per_month) + 2, 120.0));
    const int sets = plan.cycle_time_moves ? plan.slots : 1;
    plan.delay_weights = c.inputs.rows(static_cast<size_t>(sets * plan.slots));
    for (int k : plan.claims) {
      model.claims[static_cast<size_t>(k)].starts = c.inputs.ring(static_cast<size_t>(plan.slots));
    }
    model.fabs.push_back(std::move(plan));
  }
}

void plan_memory(PlanContext& c, const std::vector<DramKeys>& drams) {
  for (const DramKeys& keys : drams) {
    DramPlan plan;
    plan.keys = keys;
    plan.due = c.inputs.ring(static_cast<size_t>(keys.lag.value) + 1);
    c.model.drams.push_back(plan);
  }
}

}  // namespace fabcast
