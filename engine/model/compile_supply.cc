/// Plans of packaging, products, demand, rounds of bids, deployment.

#include <algorithm>
#include <tuple>

#include "model/compile_plans.h"
#include "stages/compute.h"

namespace fabcast {

const std::string& PlanContext::word(TextKey key) const {
  static const std::string none;
  return key.id < 0 ? none : vocabulary.words[static_cast<size_t>(key.id)];
}

std::vector<int> PlanContext::list(ListKey key) const {
  return key.list < 0 ? std::vector<int>{} : vocabulary.lists[static_cast<size_t>(key.list)];
}

int PlanContext::months_from_start(MonthKey key, int absent) const {
  return key.count < 0 ? absent : key.count - model.first.count;
}

namespace {

/// What is left of the parts after a month, where nothing wears out or reaches its lifetime.
std::optional<double> monthly_survival(const InputsCompiler& inputs, const ProductKeys& keys,
                                       int months) {
  const auto failure_rate = inputs.constant(keys.failure_rate.row);
  const auto lifetime = inputs.constant(keys.lifetime.row);
  const bool at_every_age =
      failure_rate && lifetime && *lifetime >= months && inputs.constant(keys.wear_out.row) == 0.0;
  if (!at_every_age) return std::nullopt;
  return survival_fraction(1.0 / months_per_year, *failure_rate, 0);
}

/// Part of a cohort that still runs, by age in months; empty where a trial decides it.
std::vector<double> known_survival(const InputsCompiler& inputs, const ProductKeys& keys,
                                   int months) {
  const auto failure_rate = inputs.constant(keys.failure_rate.row);
  const auto wear_out = inputs.constant(keys.wear_out.row);
  const auto lifetime = inputs.constant(keys.lifetime.row);
  std::vector<double> survival;
  if (!failure_rate || !wear_out || !lifetime) return survival;
  for (int age = 0; age < months; ++age) {
    survival.push_back(
        age < *lifetime ? survival_fraction(age / months_per_year, *failure_rate, *wear_out) : 0.0);
  }
  return survival;
}

}  // namespace

void plan_packaging(PlanContext& c) {
  auto& names = c.names.entities["packaging class"];
  for (size_t line = 0; line < c.model.packaging_lines.size(); ++line) {
    const PackagingKeys& keys = c.model.packaging_lines[line];
    const std::string& name = c.word(keys.packaging_class);
    auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) {
      names.push_back(name);
      c.model.packaging_classes.push_back({{}, keys.wafers.row >= 0});
      place = names.end() - 1;
    }
    c.model.packaging_classes[static_cast<size_t>(place - names.begin())].lines.push_back(
        static_cast<int>(line));
  }
}

void plan_products(PlanContext& c, const std::vector<ProductKeys>& products) {
  const auto& classes = c.names.entities["packaging class"];
  const int months = c.model.months;
  for (const ProductKeys& keys : products) {
    ProductPlan plan;
    plan.keys = keys;
    plan.home_made = keys.die.index >= 0;
    plan.launch = c.months_from_start(keys.launch, 0);
    plan.end = c.months_from_start(keys.end, months);
    const std::string& packaging = c.word(keys.packaging);
    const auto place = std::find(classes.begin(), classes.end(), packaging);
    plan.packaging_class = place == classes.end() ? -1 : static_cast<int>(place - classes.begin());
    plan.parts = static_cast<int>(keys.dies.value + keys.stacks.value +
                                  (keys.io_die.index >= 0 ? keys.io_dies.value : 0));
    const auto exchange = [&](double units) -> Exchange {
      return {c.inputs.known(1 / units), c.inputs.known(units)};
    };
    plan.dies = exchange(keys.dies.value);
    plan.io_dies = exchange(keys.io_dies.value);
    plan.stacks = exchange(keys.stacks.value);
    plan.capacity = {c.model.rows.one, c.model.rows.one};
    if (plan.packaging_class >= 0 &&
        c.model.packaging_classes[static_cast<size_t>(plan.packaging_class)].counts_wafers) {
      plan.capacity = {keys.packages_per_wafer.row, c.inputs.rows(1).first};
    }
    plan.due = c.inputs.ring(static_cast<size_t>(keys.lag.value) + 1);
    plan.monthly_survival = monthly_survival(c.inputs, keys, months);
    if (!plan.monthly_survival) {
      plan.cohorts = c.inputs.rows(static_cast<size_t>(months));
      plan.survival = known_survival(c.inputs, keys, months);
    }
    c.names.product_family.push_back(c.word(keys.family));
    c.model.products.push_back(std::move(plan));
  }
}

void plan_demand(PlanContext& c, const std::vector<SegmentKeys>& segments) {
  Model& model = c.model;
  double longest_lag = 0;
  for (const ProductPlan& product : model.products) {
    longest_lag = std::max(longest_lag, product.keys.lag.value);
  }
  for (size_t s = 0; s < segments.size(); ++s) {
    SegmentPlan plan;
    plan.keys = segments[s];
    const bool by_compute = plan.keys.compute_demand.row >= 0;
    plan.demand_row = by_compute ? plan.keys.compute_demand.row : plan.keys.demand.row;
    plan.npus_per_measure = by_compute ? c.inputs.rows(1).first : model.rows.one;
    plan.delivered = c.inputs.ring(static_cast<size_t>(longest_lag) + 1);
    const auto outlet = [&](int product) {
      OutletPlan made{static_cast<int>(s), product};
      made.measure_per_npu = model.rows.one;
      if (by_compute) {
        const ProductKeys& keys = model.products[static_cast<size_t>(product)].keys;
        made.compute_per_npu = each_of(keys, measure_of(plan.keys.precision.value())).row;
        made.measure_per_npu = c.inputs.rows(1).first;
        plan.measure_moves = plan.measure_moves || c.inputs.moves(made.compute_per_npu);
      }
      made.orders = {c.inputs.rows(1).first, c.inputs.rows(1).first};
      model.outlets.push_back(made);
      return static_cast<int>(model.outlets.size()) - 1;
    };
    for (int product : c.list(plan.keys.prefers)) outlet(product);
    for (int product : c.list(plan.keys.imports)) plan.imports.push_back(outlet(product));
    model.segments.push_back(std::move(plan));
  }
}

void plan_rounds(PlanContext& c) {
  Model& model = c.model;
  // A round is all bids of one (priority, preference rank, substitute).
  std::map<std::tuple<double, size_t, size_t>, std::vector<BidPlan>> rounds;

  for (size_t p = 0; p < model.products.size(); ++p) {
    const ProductPlan& product = model.products[p];
    if (!product.home_made) continue;
    const DiePlan& die = model.dies[static_cast<size_t>(product.keys.die.index)];

    // Pools that it may use. Where no bin is named: worst bin first, so that better dies are left
    // to products that ask for them.
    std::vector<int> pools;
    for (int word : c.list(product.keys.bin)) {
      const auto& bins = c.vocabulary.groups[static_cast<size_t>(die.keys.bins.group)].names;
      const auto& name = c.vocabulary.words[static_cast<size_t>(word)];
      pools.push_back(die.first_pool +
                      static_cast<int>(std::find(bins.begin(), bins.end(), name) - bins.begin()));
    }
    if (pools.empty()) {
      for (int bin = die.bins - 1; bin >= 0; --bin) pools.push_back(die.first_pool + bin);
    }
    int io_pool = -1;
    if (product.keys.io_die.index >= 0 && product.keys.io_dies.value > 0) {
      io_pool = model.dies[static_cast<size_t>(product.keys.io_die.index)].first_pool;
    }
    std::vector<int> memories = c.list(product.keys.memory);
    if (memories.empty() || product.keys.stacks.value == 0) memories = {-1};

    // Outlets by preference; a product that no segment prefers has one bid without orders.
    std::vector<std::pair<size_t, int>> outlets;  // rank, outlet
    for (size_t o = 0; o < model.outlets.size(); ++o) {
      if (model.outlets[o].product != static_cast<int>(p)) continue;
      const auto& segment = model.segments[static_cast<size_t>(model.outlets[o].segment)];
      const std::vector<int> prefers = c.list(segment.keys.prefers);
      const auto place = std::find(prefers.begin(), prefers.end(), static_cast<int>(p));
      outlets.emplace_back(static_cast<size_t>(place - prefers.begin()), static_cast<int>(o));
    }
    if (outlets.empty()) outlets.emplace_back(0, -1);

    for (const auto& [rank, outlet] : outlets) {
      size_t substitute = 0;
      for (int memory : memories) {
        for (int pool : pools) {
          rounds[{product.keys.priority.value, rank, substitute++}].push_back(
              {static_cast<int>(p), pool, io_pool, memory, outlet});
        }
      }
    }
  }
  size_t most = 1;
  for (auto& [order, bids] : rounds) {
    most = std::max(most, bids.size());
    model.rounds.push_back({std::move(bids)});
  }
  model.rows.bid_wish = c.inputs.rows(most);
  model.rows.bid_limit = c.inputs.rows(most);
  model.rows.bid_binding = c.inputs.rows(most);
}

void plan_deployment(PlanContext& c, const std::vector<PodKeys>& pods,
                     const std::vector<MilestoneKeys>& milestones) {
  Model& model = c.model;
  for (size_t d = 0; d < pods.size(); ++d) {
    ProductPlan& product = model.products[static_cast<size_t>(pods[d].npu.index)];
    model.pods.push_back({pods[d], c.inputs.ring(static_cast<size_t>(pods[d].lag.value) + 1),
                          product.home_made ? product.launch : 0});
    product.pods.push_back(static_cast<int>(d));
  }
  for (const MilestoneKeys& keys : milestones) {
    MilestonePlan plan{keys, {}};
    const std::string& family = c.word(keys.family);
    for (size_t p = 0; p < model.products.size(); ++p) {
      const ProductPlan& product = model.products[p];
      const bool asked = family.empty() ? product.home_made : c.names.product_family[p] == family;
      if (asked && product.keys.npu.on) plan.products.push_back(static_cast<int>(p));
    }
    model.milestones.push_back(std::move(plan));
    c.names.milestone_family.push_back(family);
  }
}

}  // namespace fabcast
