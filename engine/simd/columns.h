#pragma once
/// The plainest operations on columns, for moving values between stages.

#include "base/lanes.h"

namespace fabcast {

inline void fill_column(int lanes, double value, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] = value;
}

inline void copy_column(int lanes, In from, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] = from[t];
}

inline void add_column(int lanes, In from, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] += from[t];
}

/// to += factor from
inline void add_scaled(int lanes, In from, double factor, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] += factor * from[t];
}

/// to *= by
inline void multiply_column(int lanes, In by, Out to) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) to[t] *= by[t];
}

/// of -> 1 / of, 0 where it is 0: nothing can be had for it.
inline void invert_column(int lanes, Out of) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double x = of[t];
    of[t] = x > 0 ? 1 / (x > 0 ? x : 1.0) : 0.0;
  }
}

}  // namespace fabcast
