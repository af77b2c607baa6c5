#include "stages/demand.h"

#include <algorithm>

namespace fabcast {

FABCAST_KERNEL
void imported_parts(int lanes, In offered, In taken, Out units) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) units[t] = offered[t] * taken[t];
}

FABCAST_KERNEL
void fill_with_imports(int lanes, In units, In measure_per_npu, In demand_npus, In total_npus,
                       Out filled) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real total = total_npus[t];
    const Real part = demand_npus[t] / (total > 0 ? total : Real(1));
    filled[t] += units[t] * measure_per_npu[t] * part;
  }
}

FABCAST_KERNEL
void open_demand(int lanes, In demand, In filled, In domestic_share, Out open) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    open[t] = std::max(std::min(demand[t] - filled[t], demand[t] * domestic_share[t]), Real(0));
  }
}

FABCAST_KERNEL
void orders_of_npus(int lanes, In npus, In npus_per_measure, Out orders) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real each = npus_per_measure[t];
    orders[t] = npus[t] / (each > 0 ? each : Real(1));
  }
}

FABCAST_KERNEL
void place_orders(int lanes, In open, In cancellation, Out backlog) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) backlog[t] = backlog[t] * (1 - cancellation[t]) + open[t];
}

}  // namespace fabcast
