#pragma once
/// Foundry revenue by claim and sales of finished parts (model.md, section 13).

#include "base/lanes.h"

namespace fabcast {

/// revenue += quantity x price. Wafers x price of a wafer; parts x price of a part.
void add_revenue(int lanes, In quantity, In price_usd, Out revenue_usd);

}  // namespace fabcast
