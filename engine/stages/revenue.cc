#include "stages/revenue.h"

namespace fabcast {

FABCAST_KERNEL
void add_revenue(int lanes, In quantity, In price_usd, Out revenue_usd) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) revenue_usd[t] += quantity[t] * price_usd[t];
}

}  // namespace fabcast
