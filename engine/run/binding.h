#pragma once
/// How often each constraint binds: for each home-made product what held its packages, for each
/// line what held its capacity, for each pod design what held the next pod. Whole weights of trials
/// by month.

#include <cstdint>
#include <string>
#include <vector>

#include "model/compile.h"
#include "run/block.h"
#include "run/weights.h"

namespace fabcast {

/// One product, line or pod design.
struct BindingPlan {
  std::string kind;  ///< "product", "fab", "pod"
  std::string entity;
  int row;                               ///< of the block: the code that binds, -1 for none
  std::vector<std::string> constraints;  ///< by code
};

std::vector<BindingPlan> plan_binding(const Compiled& compiled);

/// One thread's counts; adding them is free of order.
class BindingTally {
 public:
  BindingTally(const std::vector<BindingPlan>& plans, int months);
  void begin();
  /// Counts a month. Where trials are weighted, their weights are known at the end only: the month
  /// is kept until then.
  void month(int month, int trials, bool weighted, const TrialBlock& block);
  void end(const BlockTrials& trials);
  void add(const BindingTally& other);
  void pass(StateStream& stream) { stream.pass(std::span(counts_)); }
  /// Weight of the trials in which constraint `code` bound the plan's entity in the month.
  uint64_t count(size_t plan, size_t code, int month) const {
    return counts_[(offsets_[plan] + code) * static_cast<size_t>(months_) +
                   static_cast<size_t>(month)];
  }

 private:
  const std::vector<BindingPlan>* plans_;
  int months_;
  std::vector<size_t> offsets_;
  std::vector<uint64_t> counts_;
  std::vector<int8_t> kept_;  ///< (months x plans x block_lanes) codes, where trials are weighted
  int kept_months_ = 0;
};

}  // namespace fabcast
