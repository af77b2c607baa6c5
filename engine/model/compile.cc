#include "model/compile.h"

#include "model/compile_plans.h"

namespace fabcast {

namespace {

/// Rows that stages write, by the number of entities.
void lay_out(Model& model, InputsCompiler& inputs) {
  Layout& rows = model.rows;
  const auto each = [&](size_t count, std::initializer_list<Rows*> groups) {
    for (Rows* group : groups) *group = inputs.rows(count);
  };
  each(model.fabs.size(), {&rows.fab_capacity, &rows.fab_binding, &rows.fab_starts,
                           &rows.fab_cycle_days, &rows.fab_d0, &rows.fab_outs_total});
  each(model.tools.size(), {&rows.tool_imported, &rows.tool_domestic});
  each(model.claims.size(), {&rows.claim_starts, &rows.claim_outs, &rows.claim_scrapped,
                             &rows.claim_in_process, &rows.claim_gross, &rows.claim_revenue});
  each(model.memories.size(), {&rows.memory_made, &rows.memory_stock, &rows.memory_used});
  each(model.segments.size(),
       {&rows.segment_demand_npus, &rows.segment_filled, &rows.segment_open, &rows.segment_backlog,
        &rows.segment_delivered, &rows.segment_open_npus, &rows.segment_backlog_npus,
        &rows.segment_delivered_npus});
  each(model.packaging_classes.size(),
       {&rows.class_capacity, &rows.class_left, &rows.class_attach, &rows.class_interposer});
  each(model.products.size(),
       {&rows.product_imported, &rows.product_yield, &rows.product_binding,
        &rows.product_binding_rank, &rows.product_started, &rows.product_lost,
        &rows.product_in_process, &rows.product_shipped, &rows.product_shipped_total,
        &rows.product_cards, &rows.product_deployed, &rows.product_deployed_total,
        &rows.product_installed, &rows.product_sales});
  for (Rows& measure : rows.product_measure) measure = inputs.rows(model.products.size());
  each(model.pods.size(), {&rows.pod_waiting, &rows.pod_optics, &rows.pod_switches, &rows.pod_power,
                           &rows.pod_built, &rows.pod_stood, &rows.pod_total, &rows.pod_building,
                           &rows.pod_spares, &rows.pod_clusters, &rows.pod_binding});
  each(model.milestones.size(), {&rows.milestone_deployed, &rows.milestone_reached});
  each(model.trainings.size(), {&rows.training_months});
  rows.national_pflops = inputs.rows(precision_count);
  size_t yield_scratch = 1;
  for (const ClaimPlan& claim : model.claims) {
    yield_scratch = std::max(yield_scratch, static_cast<size_t>(claim.bin_plan.scratch_rows));
  }
  rows.yield_scratch = inputs.rows(yield_scratch);
  rows.scratch = inputs.rows(4);
}

}  // namespace

Compiled compile(const ScenarioSpec& spec, Diagnostics& diagnostics) {
  Compiled compiled;
  Model& model = compiled.model;
  Names& names = compiled.names;
  InputsCompiler inputs(spec, diagnostics, model, names);
  Vocabulary vocabulary;
  PlanContext context{spec, diagnostics, model, names, inputs, vocabulary};
  model.rows.zero = inputs.known(0);
  model.rows.one = inputs.known(1);
  model.rows.unlimited = inputs.known(unlimited);

  // Key structs, kind by kind in the order of the flow.
  const auto kind = [&]<class Keys>(std::string_view name, Keys) {
    return compile_kind<Keys>(spec, name, inputs, vocabulary, names);
  };
  const auto events = kind("event", EventKeys{});
  model.foundries = kind("foundry", FoundryKeys{});
  model.nodes = kind("node", NodeKeys{});
  const auto fabs = kind("fab", FabKeys{});
  model.tools = kind("tool", ToolKeys{});
  const auto dies = kind("die", DieKeys{});
  const auto claims = kind("claim", ClaimKeys{});
  model.memories = kind("memory", MemoryKeys{});
  const auto drams = kind("dram", DramKeys{});
  model.packaging_lines = kind("packaging", PackagingKeys{});
  const auto products = kind("product", ProductKeys{});
  const auto segments = kind("segment", SegmentKeys{});
  const auto pods = kind("pod", PodKeys{});
  const auto milestones = kind("milestone", MilestoneKeys{});
  model.yardsticks = kind("yardstick", YardstickKeys{});
  for (const TrainingKeys& keys : kind("training", TrainingKeys{})) {
    model.trainings.push_back({keys});
  }
  inputs.finish();

  // Plans: what follows from the keys and from nothing that a trial changes.
  plan_regime(context, events);
  plan_dies(context, dies);
  plan_lines(context, fabs, claims);
  plan_memory(context, drams);
  plan_packaging(context);
  plan_products(context, products);
  plan_demand(context, segments);
  plan_rounds(context);
  plan_deployment(context, pods, milestones);
  lay_out(model, inputs);
  return compiled;
}

}  // namespace fabcast
