#pragma once
/// Eight numbers side by side, of whatever registers there are: for sums in a fixed order, the same
/// bits on every machine.

#include <cstddef>

#include "simd/math.h"

namespace fabcast::simd {

template <class T>
using Eight [[gnu::vector_size(8 * sizeof(T))]] = T;
inline constexpr size_t eight = 8;

/// to = x[0] … x[7], wherever they lie. Copied, since compilers differ in what they take the
/// alignment of a vector behind a pointer to be.
template <class T, class EightOfT>
FABCAST_INLINE void take_eight(const T* x, EightOfT& to) {
  static_assert(sizeof to == eight * sizeof(T));
  __builtin_memcpy(&to, x, sizeof to);
}

}  // namespace fabcast::simd
