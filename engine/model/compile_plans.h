#pragma once
/// The parts of compile() that make plans out of key structs, one function a stage or two.

#include "model/compile_sections.h"

namespace fabcast {

/// What the plan makers share.
struct PlanContext {
  const ScenarioSpec& spec;
  Diagnostics& diagnostics;
  Model& model;
  Names& names;
  InputsCompiler& inputs;
  Vocabulary& vocabulary;

  const std::string& word(TextKey key) const;  ///< "" where absent
  std::vector<int> list(ListKey key) const;    ///< empty where absent
  int months_from_start(MonthKey key, int absent) const;
};

void plan_regime(PlanContext& context, const std::vector<EventKeys>& events);
void plan_dies(PlanContext& context, const std::vector<DieKeys>& dies);
void plan_lines(PlanContext& context, const std::vector<FabKeys>& fabs,
                const std::vector<ClaimKeys>& claims);
void plan_memory(PlanContext& context, const std::vector<DramKeys>& drams);
void plan_packaging(PlanContext& context);
void plan_products(PlanContext& context, const std::vector<ProductKeys>& products);
void plan_demand(PlanContext& context, const std::vector<SegmentKeys>& segments);
void plan_rounds(PlanContext& context);
void plan_deployment(PlanContext& context, const std::vector<PodKeys>& pods,
                     const std::vector<MilestoneKeys>& milestones);

/// Table of E[(x - T)+] for a gamma T of mean 1; see DelayTable.
DelayTable make_delay_table(double cv, std::vector<std::vector<double>>& storage);

}  // namespace fabcast
