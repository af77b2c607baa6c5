#pragma once
/// Good dies and their stock (model.md, section 8).

#include "base/lanes.h"

namespace fabcast {

/// Gross dies of a claim: wafer outs x dies per wafer.
void gross_dies(int lanes, In wafer_outs, In dies_per_wafer, Out gross);

/// Good dies of one bin per gross die: Y_bin x Y_systematic x Y_test.
void good_die_yield(int lanes, In bin_yield, In systematic_yield, In test_yield, Out yield);

/// Good dies of one bin: gross x yield, added to the month's count.
void add_good_dies(int lanes, In gross, In yield, Out good);

/// B += G + bought, before packaging takes its part.
void bank_dies(int lanes, In good, In bought, Out stock);

}  // namespace fabcast
