#pragma once
/// What one uncertain value looks like: moments, quantiles, a histogram.

#include <span>
#include <vector>

#include "random/distribution.h"

namespace fabcast {

/// A value of a time path: between the quantiles of two anchors at the same u.
struct PointOfPath {
  const Distribution& before;
  const Distribution& after;
  double weight = 0;       ///< of `after`, in [0, 1); 0: `before` alone
  bool geometric = false;  ///< interpolated in logs; both must be positive

  double quantile(double u) const;
  double mean() const;  ///< infinite where that of an anchor in use is
  double sd() const;    ///< likewise
};

/// Values of several views in equal parts.
struct Mixture {
  std::vector<PointOfPath> parts;

  double mean() const;
  double sd() const;
  /// Between the least and the greatest quantile of the parts; to 1e-12 of their distance.
  double quantile(double u) const;
};

/// Shares of the probability between the 1 % and the 99 % quantile.
struct Histogram {
  double low = 0, high = 0;
  std::vector<double> shares;  ///< of even steps from low to high; empty where low == high
};
Histogram histogram(const PointOfPath& point, size_t steps);

}  // namespace fabcast
