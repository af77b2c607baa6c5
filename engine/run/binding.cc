#include "run/binding.h"

namespace fabcast {

namespace {

/// Lanes in which a code binds.
FABCAST_KERNEL
int count_equal(int trials, In bound, Real code) {
  int hits = 0;
#pragma omp simd reduction(+ : hits)
  for (int t = 0; t < trials; ++t) hits += bound[t] == code ? 1 : 0;
  return hits;
}

}  // namespace

std::vector<BindingPlan> plan_binding(const Compiled& compiled) {
  const Model& model = compiled.model;
  const Names& names = compiled.names;
  std::vector<BindingPlan> plans;
  for (size_t p = 0; p < model.products.size(); ++p) {
    if (!model.products[p].home_made) continue;
    plans.push_back({"product",
                     names.of("product")[p],
                     model.rows.product_binding[p],
                     {"orders", "dies", "io_dies", "memory", "packaging"}});
  }
  for (size_t f = 0; f < model.fabs.size(); ++f) {
    BindingPlan plan{"fab", names.of("fab")[f], model.rows.fab_binding[f], {"plan"}};
    for (int tool : model.fabs[f].tools) {
      plan.constraints.push_back(names.tool_class[static_cast<size_t>(tool)]);
    }
    plans.push_back(std::move(plan));
  }
  for (size_t d = 0; d < model.pods.size(); ++d) {
    plans.push_back({"pod",
                     names.of("pod")[d],
                     model.rows.pod_binding[d],
                     {"npus", "optics", "switches", "power"}});
  }
  return plans;
}

BindingTally::BindingTally(const std::vector<BindingPlan>& plans, int months, Replicates replicates)
    : plans_(&plans), months_(months), replicates_(replicates) {
  for (const BindingPlan& plan : plans) {
    offsets_.push_back(codes_);
    codes_ += plan.constraints.size();
  }
  counts_.assign(replicates.count * codes_ * static_cast<size_t>(months), 0);
}

void BindingTally::begin(uint64_t first_trial) {
  kept_months_ = 0;
  replicate_ = replicates_.of(first_trial);
}

void BindingTally::end(const BlockTrials& trials) {
  for (int month = 0; month < kept_months_; ++month) {
    for (size_t i = 0; i < plans_->size(); ++i) {
      const size_t at = (static_cast<size_t>(month) * plans_->size() + i) * block_lanes;
      for (int t = 0; t < trials.trials; ++t) {
        const int code = kept_[at + static_cast<size_t>(t)];
        if (code < 0) continue;
        counts_[place(i, static_cast<size_t>(code), month, trials.replicate(t))] +=
            trials.weight(t);
      }
    }
  }
}

void BindingTally::month(int month, int trials, bool weighted, const TrialBlock& block) {
  if (weighted || (replicates_.are_many() && replicates_.points < block_lanes)) {
    kept_.resize(static_cast<size_t>(months_) * plans_->size() * block_lanes);
    for (size_t i = 0; i < plans_->size(); ++i) {
      const Real* bound = block[(*plans_)[i].row];
      int8_t* kept = &kept_[(static_cast<size_t>(month) * plans_->size() + i) * block_lanes];
      for (int t = 0; t < block_lanes; ++t) kept[t] = static_cast<int8_t>(bound[t]);
    }
    kept_months_ = month + 1;
    return;
  }
  for (size_t i = 0; i < plans_->size(); ++i) {
    const Real* bound = block[(*plans_)[i].row];
    for (size_t code = 0; code < (*plans_)[i].constraints.size(); ++code) {
      const int hits = count_equal(trials, bound, static_cast<Real>(code));
      counts_[place(i, code, month, replicate_)] += static_cast<uint64_t>(hits);
    }
  }
}

void BindingTally::add(const BindingTally& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

}  // namespace fabcast
