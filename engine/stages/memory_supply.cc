#include "stages/memory_supply.h"

namespace fabcast {

FABCAST_KERNEL
void memory_line(int lanes, const MemoryLineInput& in, Out due) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    due[t] = in.wafers[t] * in.gross_dies_per_wafer[t] * in.die_yield[t] * in.stack_yield[t] *
             (1 / in.dies_per_stack[t]);
  }
}

FABCAST_KERNEL
void deliver_stacks(int lanes, Out due, Out made) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    made[t] += due[t];
    due[t] = 0;
  }
}

FABCAST_KERNEL
void stock_stacks(int lanes, In made, In imported, Out stock) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) stock[t] += made[t] + imported[t];
}

}  // namespace fabcast
