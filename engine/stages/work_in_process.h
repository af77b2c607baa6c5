#pragma once
/// Cycle time and work in process: wafer outs are starts after a gamma-distributed delay
/// (model.md, section 5).

#include <algorithm>
#include <span>

#include "base/calendar.h"
#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {

/// Operating-curve factor X(U) = 1 + kappa U/(1-U), U capped at 0.98.
template <class T>
FABCAST_INLINE T operating_curve(T utilisation, T congestion) {
  const T u = std::min(utilisation, T(0.98));
  return 1 + congestion * u / (1 - u);
}

/// The gamma delay of mean 1 and coefficient of variation cv, as a table of
///   h(x) = E[(x - T)+] = integral of the CDF from 0 to x,
/// with its derivative, the CDF. Cubic Hermite between nodes: error below 1e-9 for cv 0.01 to 1.
/// Below the table h = 0, above it h = x - 1.
struct DelayTable {
  double low = 0, step = 1;
  int nodes = 0;
  const double* value = nullptr;  ///< (nodes) h
  const double* slope = nullptr;  ///< (nodes) CDF x step
};

/// h(x) by the table.
inline double expected_elapsed(const DelayTable& table, double x) {
  const double last = table.nodes - 1;
  const double position = (x - table.low) / table.step;
  const double inside = std::min(std::max(position, 0.0), last - 1e-9);
  const int i = static_cast<int>(inside);
  const double s = inside - i;
  const double v0 = table.value[i], v1 = table.value[i + 1];
  const double d0 = table.slope[i], d1 = table.slope[i + 1];
  const double between =
      v0 + s * (d0 + s * (3 * (v1 - v0) - 2 * d0 - d1 + s * (2 * (v0 - v1) + d0 + d1)));
  return position <= 0 ? 0.0 : (position >= last ? x - 1 : between);
}

/// Cycle time = layers x days_per_layer x X(U) [days], at least a thousandth of a day.
void cycle_time(int lanes, In layers, In days_per_layer, In congestion, In utilisation, Out days);

/// Weights of the delay in whole months, for starts spread evenly over their month:
///   w_k = (H(k+1) - 2 H(k) + H(k-1)) / month,  H the integral of the delay's CDF.
/// Being exact for even starts they keep the mean delay; a CDF taken at month ends would lose half
/// a month. The last weight takes what remains, so that they sum to 1. `weights`: (months x lanes).
void delay_weights(int lanes, const DelayTable& table, In cycle_time_days,
                   std::span<Real* const> weights);

/// The line as if this month's starts S had run in all months before: writes S to the starts of the
/// months before, and what is still in process of those, S (w_1 + 2 w_2 + 3 w_3 + ...).
void fill_steady(int lanes, std::span<const Real* const> weights, In starts,
                 std::span<Real* const> starts_before, Out in_process);

/// What comes out this month: due = sum over k of w_k S_k, outs = LY due, scrapped = (1 - LY) due.
/// `starts`: S_k of this month (k = 0) and of those before; `weights`: w_k, the part of S_k that
/// takes k months.
void finish_wafers(int lanes, std::span<const Real* const> weights,
                   std::span<const Real* const> starts, In line_yield, Out in_process, Out outs,
                   Out scrapped);

}  // namespace fabcast
