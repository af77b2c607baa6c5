#pragma once
/// Draws the inputs of a block's trials, once, and gives each its value of the month.

#include "run/block.h"

namespace fabcast {

/// All draws that do not depend on the month: views, correlated normals, quantiles at every anchor.
void draw_inputs(const InputsPlan& plan, TrialRange trials, TrialBlock& block);

/// The normals of noise of a block of trials. Philox draws each month's when it comes; from points
/// the months of a path are made together (random/noise_rotation.h) and kept.
class NoiseNormals {
 public:
  /// The plan stays where it is.
  NoiseNormals(const InputsPlan& plan, int months);
  void draw(TrialRange trials);
  /// What one takes where draws are points.
  static uint64_t memory_bytes(const InputsPlan& plan, int months);
  /// Of an uncertain input that has noise. May be written to `scratch`.
  const Real* of_month(size_t input, int month, Real* scratch) const;

 private:
  const InputsPlan& plan_;
  int months_;
  TrialRange trials_;
  std::vector<int> first_rows_;  ///< by uncertain input: of its months' xi; -1: no noise
  int scratch_row_ = 0;          ///< first of the z of one path
  int rows_of_all_ = 0;
  std::unique_ptr<TrialBlock> rows_;  ///< once it is needed
};

/// This month's value of every path-valued input into the row that stages read. Call month by month
/// from 0: between anchors a path moves by steps.
void inputs_of_month(const InputsPlan& plan, const NoiseNormals& noise, int month,
                     TrialBlock& block);

}  // namespace fabcast
