#include "simd/columns.h"

namespace fabcast {

FABCAST_KERNEL
void fill_column(int lanes, Real value, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] = value;
}

FABCAST_KERNEL
void copy_column(int lanes, In from, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] = from[t];
}

FABCAST_KERNEL
void widen(int lanes, In from, double* __restrict to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] = static_cast<double>(from[t]);
}

FABCAST_KERNEL
void add_column(int lanes, In from, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] += from[t];
}

void sum_columns(int lanes, std::span<const Real* const> columns, Out to) {
  fill_column(lanes, 0, to);
  for (const Real* column : columns) add_column(lanes, column, to);
}

FABCAST_KERNEL
void add_scaled(int lanes, In from, Real factor, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] += factor * from[t];
}

FABCAST_KERNEL
void scale_column(int lanes, In from, Real factor, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] = factor * from[t];
}

FABCAST_KERNEL
void multiply_column(int lanes, In by, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] *= by[t];
}

FABCAST_KERNEL
void invert_column(int lanes, Out of) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real x = of[t];
    of[t] = x > 0 ? 1 / (x > 0 ? x : Real(1)) : Real(0);
  }
}

}  // namespace fabcast
