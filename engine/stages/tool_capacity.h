#pragma once
/// Capacity of a fab line: the least of its plan and of each tool class (model.md, section 3).

#include <algorithm>

#include "base/calendar.h"
#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {

/// Tools after a month: N(m) = N(m-1) (1 - a/12) + d; attrition a per year, deliveries d per month.
template <class T>
FABCAST_INLINE T tools_after_month(T tools, T attrition_per_year, T deliveries) {
  return tools * std::max<T>(0, 1 - attrition_per_year / T(months_per_year)) + deliveries;
}

/// Wafers a month through one tool class: (N A + M pi A) w h / P, h the hours of a month.
template <class T>
FABCAST_INLINE T tool_class_capacity(T imported, T domestic, T productivity, T availability,
                                     T passes_per_hour, T passes_per_wafer) {
  return (imported + domestic * productivity) * availability * passes_per_hour *
         T(hours_per_month) / passes_per_wafer;
}

/// Steps one stock of tools by a month. [tools], [1/year], [tools/month] -> [tools]
void tool_stock(int lanes, In attrition_per_year, In deliveries, Out tools);

struct ToolCapacityInput {
  In imported, domestic, productivity, availability, passes_per_hour, passes_per_wafer;
};

/// Lowers a line's capacity to that of tool class `code` where it binds, and records the code.
/// `binding` holds 0 where the plan binds, else 1 + the class's index on the line.
void limit_by_tools(int lanes, const ToolCapacityInput& in, Real code, Out capacity, Out binding);

}  // namespace fabcast
