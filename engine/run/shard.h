#pragma once
/// One run divided among machines: shard I of N counts a part of the trials, and what the shards
/// came to adds up to the bytes of the whole run.

#include <cstdint>
#include <string>

namespace fabcast {

/// Which part of a run: "2/8". 1/1 is the whole.
struct Shard {
  uint64_t index = 1, count = 1;
  std::string text() const;
  bool operator==(const Shard&) const = default;
};
inline constexpr uint64_t most_shards = 10'000;

/// Trials, or batches of them, from `first` to before `last`.
struct TrialSpan {
  uint64_t first = 0, last = 0;
  uint64_t size() const { return last - first; }
  bool has(uint64_t trial) const { return first <= trial && trial < last; }
};

/// Batches of the pilot, by which bins are placed: the first of a run, or all of it.
uint64_t pilot_batches(uint64_t trials);

/// The batches that a shard counts, of batch_trials trials each. Of consecutive batches sums are
/// few (reduce/ordered_sum.h). Where there is a pilot every shard runs it, the first one counts it,
/// and the others are divided alike; else all are. May be none.
TrialSpan batches_of(const Shard& shard, uint64_t trials);

/// The trials of these batches.
TrialSpan trials_of(const Shard& shard, uint64_t trials);

/// Trials that the shard simulates, its pilot included.
uint64_t trials_to_run(const Shard& shard, uint64_t trials);

}  // namespace fabcast
