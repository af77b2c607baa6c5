#pragma once
/// High-bandwidth memory: imports, domestic lines, stock (model.md, section 9).

#include "base/lanes.h"

namespace fabcast {

struct MemoryLineInput {
  In wafers, gross_dies_per_wafer, die_yield, stack_yield, dies_per_stack;
};

/// stacks = wafers x gross dies x die yield x stack yield / dies per stack, `due` some months
/// later.
void memory_line(int lanes, const MemoryLineInput& in, Out due);

/// Adds what the line has due to its type's month and clears it.
void deliver_stacks(int lanes, Out due, Out made);

/// stock += made + imported, before packaging takes its part.
void stock_stacks(int lanes, In made, In imported, Out stock);

}  // namespace fabcast
