#include "run/shard.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/lanes.h"
#include "reduce/series.h"

namespace fabcast {

namespace {

constexpr uint64_t batch = batch_trials;
static_assert(SeriesReducer::pilot_of_more % batch == 0 &&
              SeriesReducer::most_exact_trials % batch == 0);

uint64_t batches_with(uint64_t trials) { return (trials + batch - 1) / batch; }

}  // namespace

std::string Shard::text() const { return fmt::format("{}/{}", index, count); }

uint64_t pilot_batches(uint64_t trials) {
  return trials <= SeriesReducer::most_exact_trials ? batches_with(trials)
                                                    : batches_with(SeriesReducer::pilot_of_more);
}

TrialSpan batches_of(const Shard& shard, uint64_t trials) {
  const uint64_t all = batches_with(trials), pilot = pilot_batches(trials);
  const uint64_t of_first = pilot < all ? pilot : 0;
  const auto end_of = [&](uint64_t index) {
    return index == 0 ? 0 : of_first + (all - of_first) * index / shard.count;
  };
  return {end_of(shard.index - 1), end_of(shard.index)};
}

TrialSpan trials_of(const Shard& shard, uint64_t trials) {
  const TrialSpan batches = batches_of(shard, trials);
  return {std::min(batches.first * batch, trials), std::min(batches.last * batch, trials)};
}

uint64_t trials_to_run(const Shard& shard, uint64_t trials) {
  const bool shares_pilot = trials > SeriesReducer::most_exact_trials && shard.index > 1;
  return trials_of(shard, trials).size() + (shares_pilot ? SeriesReducer::pilot_of_more : 0);
}

}  // namespace fabcast
