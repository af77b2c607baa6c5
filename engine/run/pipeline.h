#pragma once
/// THE PAGE TO READ FIRST is pipeline.cc: the stages of the model in order.

#include "run/block.h"
#include "run/sample.h"
#include "run/stage_clock.h"

namespace fabcast {

/// Takes one block of trials through the months.
class Pipeline {
 public:
  Pipeline(const Model& model, TrialBlock& block);

  /// Draws the block's inputs and sets its state to the first morning.
  void begin(TrialRange trials, StageClock* clock = nullptr);
  /// One month: 0, 1, 2, … in order. A clock is told when each stage has ended.
  void month(int month, StageClock* clock = nullptr);

 private:
  void prepare_trials();
  void die_sizes();
  void measures_of_orders(bool first_month);
  void tool_capacity();
  void wafer_starts();
  void work_in_process(int month);
  void delay_weights(const FabPlan& fab, size_t f, int month);
  void die_yield(int month);
  void die_bank();
  void memory_supply(int month);
  void demand();
  void packaging(int month);
  void packaging_lines();
  Bid bid(const BidPlan& plan, size_t place, int month);
  void bids(int month);
  void ship_packages(int month);
  void sum_due_later(const Ring& due, int month, Real* sum);
  void deliver_orders(int month);
  void superpod(int month);
  void compute(int month);
  void installed_parts(const ProductPlan& product, size_t p, int month);
  void revenue();

  const Real* in(PathKey key) const { return block_[key.row]; }
  const Real* in(ScalarKey key) const { return block_[key.row]; }
  const Real* in(CountKey key) const { return block_[key.row]; }

  const Model& model_;
  TrialBlock& block_;
  NoiseNormals noise_;
  // Filled once for each use; capacity reserved, so that no month allocates.
  std::vector<Real*> out_, scratch_;
  std::vector<const Real*> columns_, weights_;
  std::vector<Bid> bids_;
};

}  // namespace fabcast
