#include "stages/tool_capacity.h"

namespace fabcast {

FABCAST_KERNEL
void tool_stock(int lanes, In attrition_per_year, In deliveries, Out tools) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    tools[t] = tools_after_month(tools[t], attrition_per_year[t], deliveries[t]);
  }
}

FABCAST_KERNEL
void limit_by_tools(int lanes, const ToolCapacityInput& in, Real code, Out capacity, Out binding) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real tools =
        tool_class_capacity(in.imported[t], in.domestic[t], in.productivity[t], in.availability[t],
                            in.passes_per_hour[t], in.passes_per_wafer[t]);
    const Real before = capacity[t];
    binding[t] = tools < before ? code : binding[t];
    capacity[t] = tools < before ? tools : before;
  }
}

}  // namespace fabcast
