#pragma once
/// What the benchmarks share: scenarios, and counters.

#include <benchmark/benchmark.h>

#include "run/block.h"
#include "support/scenarios.h"

namespace fabcast {

/// The baseline, compiled once.
inline const Compiled& baseline() {
  static const Compiled compiled = compiled_library("baseline.scn");
  return compiled;
}

/// Draws of the first block.
inline const Sampler philox(1);
inline const TrialRange first_block{&philox, 0};

/// Time of one thing. Google Benchmark prints an inverted rate with its unit: "450ns".
inline void time_per(benchmark::State& state, const char* what, double things_an_iteration) {
  state.counters[what] =
      benchmark::Counter(static_cast<double>(state.iterations()) * things_an_iteration,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Things a second, by the clock on the wall where the row uses it.
inline void rate_of(benchmark::State& state, const char* what, double things_an_iteration) {
  state.counters[what] = benchmark::Counter(
      static_cast<double>(state.iterations()) * things_an_iteration, benchmark::Counter::kIsRate);
}

/// A run of a compiled scenario, statistics of every series.
inline void run_trials(const Compiled& compiled, uint64_t trials, int threads) {
  RunOptions options;
  options.trials = trials;
  options.threads = threads;
  options.quantiles = Quantiles::binned;  // one pass
  benchmark::DoNotOptimize(run_models({{&compiled, {}, {}, {}, {}}}, options)[0].trials);
}

}  // namespace fabcast
