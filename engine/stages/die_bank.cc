#include "stages/die_bank.h"

namespace fabcast {

FABCAST_KERNEL
void gross_dies(int lanes, In wafer_outs, In dies_per_wafer, Out gross) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) gross[t] = wafer_outs[t] * dies_per_wafer[t];
}

FABCAST_KERNEL
void good_die_yield(int lanes, In bin_yield, In systematic_yield, In test_yield, Out yield) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) yield[t] = bin_yield[t] * systematic_yield[t] * test_yield[t];
}

FABCAST_KERNEL
void add_good_dies(int lanes, In gross, In yield, Out good) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) good[t] += gross[t] * yield[t];
}

FABCAST_KERNEL
void bank_dies(int lanes, In good, In bought, Out stock) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) stock[t] += good[t] + bought[t];
}

}  // namespace fabcast
