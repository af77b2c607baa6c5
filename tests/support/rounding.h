#pragma once
/// What rounding may do to numbers that lanes have computed.

#include <algorithm>
#include <limits>

#include "base/lanes.h"

namespace fabcast::testing {

/// Bound on the relative error that so many roundings to a lane's precision leave, half an epsilon
/// each: of a product the number of factors, of a sum (relative to what was added up) that of its
/// terms. Where lanes are doubles 1e-9, which is what texts of numbers keep and tables promise.
inline double roundings(int many) {
  return std::max(1e-9, many * static_cast<double>(std::numeric_limits<Real>::epsilon()) / 2);
}

/// Of a stock to whose account 60 months add two or three terms each; also more than enough for
/// what is multiplied out of a hundred factors.
inline const double lane_rounding = roundings(160);

}  // namespace fabcast::testing
