#pragma once
/// Demand by segment, imports that fill part of it first, and the backlog (model.md, section 11).
/// Amounts are in the segment's own measure: NPUs, or PFLOPS of a stated precision.

#include "base/lanes.h"

namespace fabcast {

/// What imports offer and China takes: offered x taken [npus].
void imported_parts(int lanes, In offered, In taken, Out units);

/// Adds to `filled` this segment's part of an imported product: the product's units are divided
/// among the segments that list it in proportion to their demand in NPUs.
///   filled += units x measure_per_npu x demand_npus / total_npus
void fill_with_imports(int lanes, In units, In measure_per_npu, In demand_npus, In total_npus,
                       Out filled);

/// Demand open to domestic parts: min(demand - filled, demand x domestic share), at least 0.
void open_demand(int lanes, In demand, In filled, In domestic_share, Out open);

/// NPUs of the first choice as orders in the segment's measure: npus / npus_per_measure.
void orders_of_npus(int lanes, In npus, In npus_per_measure, Out orders);

/// Orders before packaging: backlog x (1 - cancellation) + open.
void place_orders(int lanes, In open, In cancellation, Out backlog);

}  // namespace fabcast
