#pragma once
/// How each numeric input gets its value of the month: drawn once a trial, interpolated by month.
/// Compiled from scenario values; no strings.

#include <cstdint>
#include <vector>

#include "random/distribution.h"

namespace fabcast {

/// A path's value at one dated anchor under one view, as the interpolation of two quantiles at the
/// same u. Most anchors are a distribution of their own (weight 0); only where another view has an
/// anchor between two of this one's are both needed.
struct AnchorValue {
  Distribution before, after;
  double weight = 0;  ///< of `after`
};

/// A dated anchor: one value, or one for each view of the input's view group.
struct AnchorPlan {
  int month = 0;  ///< since the first month of the run; may be negative or beyond the end
  std::vector<AnchorValue> by_view;
};

/// An uncertain input. One normal a trial gives its quantile; the month's value lies between the
/// quantiles of the anchors around it.
struct InputPlan {
  uint64_t stream = 0;   ///< of its full key
  int row = -1;          ///< block row of this month's value, which stages read
  int base_row = -1;     ///< block row of the value before noise; `row` itself where there is none
  int step_row = -1;     ///< block row: factor (multiplicative) or difference to the next month
  int anchor_rows = -1;  ///< first of anchors.size() block rows: each trial's anchor values
  int noise_row = -1;    ///< block row of log noise, -1: none
  int copula_row = -1;   ///< row of the copula's normals, -1: independent
  int view_group = -1;
  bool multiplicative = false;
  bool whole = false;  ///< draws are rounded to the nearest whole number
  double noise_sigma = 0, noise_rho = 0;
  double low = 0, high = 0;         ///< the key's range: noise does not carry a value out of it
  std::vector<AnchorPlan> anchors;  ///< one for a scalar
};

/// A path that differs by month but not by trial.
struct KnownPath {
  int row = -1;
  std::vector<double> by_month;
};

/// A number that is the same in every trial and month.
struct KnownNumber {
  int row = -1;
  double value = 0;
};

struct ViewGroupPlan {
  uint64_t stream = 0;
  std::vector<double> cumulative_weight;  ///< the last is 1
};

/// Correlated inputs: normals z = L e, L lower triangular, row-major.
struct CopulaPlan {
  int first_row = -1;             ///< first of n block rows for z
  std::vector<uint64_t> streams;  ///< (n)
  std::vector<double> lower;      ///< (n x n)
};

struct InputsPlan {
  std::vector<KnownNumber> known_numbers;
  std::vector<KnownPath> known_paths;
  std::vector<InputPlan> uncertain;
  std::vector<ViewGroupPlan> view_groups;
  CopulaPlan copula;
  int view_rows = -1;   ///< first of view_groups.size() block rows: which view holds
  int normal_row = -1;  ///< scratch: the input's normals
};

}  // namespace fabcast
