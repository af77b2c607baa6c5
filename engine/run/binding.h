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
  BindingTally(const std::vector<BindingPlan>& plans, int months, Replicates replicates = {});
  void begin(uint64_t first_trial);
  /// Counts a month. Where trials are weighted, their weights are known at the end only: the month
  /// is kept until then; also where several replicates share a block.
  void month(int month, int trials, bool weighted, const TrialBlock& block);
  void end(const BlockTrials& trials);
  void add(const BindingTally& other);
  void pass(StateStream& stream) { stream.pass(std::span(counts_)); }
  /// Weight of the trials of a replicate in which constraint `code` bound the plan's entity in the
  /// month.
  uint64_t count(size_t plan, size_t code, int month, uint64_t replicate) const {
    return counts_[place(plan, code, month, replicate)];
  }

 private:
  size_t place(size_t plan, size_t code, int month, uint64_t replicate) const {
    return (replicate * codes_ + offsets_[plan] + code) * static_cast<size_t>(months_) +
           static_cast<size_t>(month);
  }
  const std::vector<BindingPlan>* plans_;
  int months_;
  Replicates replicates_;
  uint64_t replicate_ = 0;  ///< of the block, where it lies in one
  std::vector<size_t> offsets_;
  size_t codes_ = 0;              ///< of all plans
  std::vector<uint64_t> counts_;  ///< (replicates x codes x months)
  std::vector<int8_t> kept_;  ///< (months x plans x block_lanes) codes that are counted at the end
  int kept_months_ = 0;
};

}  // namespace fabcast
