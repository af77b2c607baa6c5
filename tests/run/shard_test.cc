#include "run/shard.h"

#include <doctest/doctest.h>

#include "base/lanes.h"

using namespace fabcast;

TEST_CASE("shards: every trial is counted by one of them") {
  for (const uint64_t trials : {1, 255, 257, 4096, 4097, 5000, 100'003}) {
    for (const uint64_t count : {1, 2, 3, 5, 8, 64, 1000}) {
      CAPTURE(trials);
      CAPTURE(count);
      uint64_t next = 0;
      for (uint64_t index = 1; index <= count; ++index) {
        const TrialSpan own = trials_of({index, count}, trials);
        CHECK(own.first == next);
        CHECK((own.first % batch_trials == 0 || own.first == trials));
        CHECK(own.last >= own.first);
        next = own.last;
      }
      CHECK(next == trials);
    }
  }
}

TEST_CASE("shards: each costs its share, and the pilot where there is one") {
  constexpr uint64_t trials = 1'000'000;
  for (uint64_t index = 1; index <= 10; ++index) {
    const uint64_t run = trials_to_run({index, 10}, trials);
    CHECK(run >= trials / 10);
    CHECK(run <= trials / 10 + 2048 + batch_trials);
  }
  CHECK(trials_to_run({2, 4}, 4096) == 1024);
  CHECK(trials_to_run({1, 1}, trials) == trials);
  CHECK(pilot_batches(4096) == 16);
  CHECK(pilot_batches(4097) == 8);
}
