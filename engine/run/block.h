#pragma once
/// The scratch of one thread: a block of trials as columns, allocated once.

#include <algorithm>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "base/lanes.h"
#include "model/model.h"
#include "random/sampler.h"

namespace fabcast {

class TrialBlock {
 public:
  explicit TrialBlock(int rows)
      : size_(static_cast<size_t>(rows) * column_stride),
        columns_(static_cast<Real*>(::operator new(size_ * sizeof(Real), alignment))) {}

  /// Column of a row, block_lanes numbers.
  Real* operator[](int row) { return columns_.get() + static_cast<size_t>(row) * column_stride; }
  const Real* operator[](int row) const {
    return columns_.get() + static_cast<size_t>(row) * column_stride;
  }
  void clear() { std::fill_n(columns_.get(), size_, Real(0)); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(Real* columns) const { ::operator delete(columns, alignment); }
  };
  size_t size_;
  std::unique_ptr<Real, Free> columns_;
};

/// Where a block's trials lie in the run, and where their draws come from.
struct TrialRange {
  const Sampler* sampler = nullptr;
  uint64_t first = 0;
};

}  // namespace fabcast
