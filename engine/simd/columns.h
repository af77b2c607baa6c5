#pragma once
/// The plainest operations on columns, for moving values between stages.

#include <span>

#include "base/lanes.h"

namespace fabcast {

/// to = value
void fill_column(int lanes, Real value, Out to);

/// to = from
void copy_column(int lanes, In from, Out to);

/// to = from, in double
void widen(int lanes, In from, double* __restrict to);

/// to += from
void add_column(int lanes, In from, Out to);

/// to = the sum of the columns, 0 where there is none.
void sum_columns(int lanes, std::span<const Real* const> columns, Out to);

/// to += factor from
void add_scaled(int lanes, In from, Real factor, Out to);

/// to = factor from
void scale_column(int lanes, In from, Real factor, Out to);

/// to *= by
void multiply_column(int lanes, In by, Out to);

/// of -> 1 / of, 0 where it is 0: nothing can be had for it.
void invert_column(int lanes, Out of);

}  // namespace fabcast
