#pragma once
/// The plainest operations on columns, for moving values between stages.

#include "base/lanes.h"

namespace fabcast {

/// to = value
void fill_column(int lanes, double value, Out to);

/// to = from
void copy_column(int lanes, In from, Out to);

/// to += from
void add_column(int lanes, In from, Out to);

/// to += factor from
void add_scaled(int lanes, In from, double factor, Out to);

/// to = factor from
void scale_column(int lanes, In from, double factor, Out to);

/// to *= by
void multiply_column(int lanes, In by, Out to);

/// of -> 1 / of, 0 where it is 0: nothing can be had for it.
void invert_column(int lanes, Out of);

}  // namespace fabcast
