/// What do quantiles cost? The reducer alone, fed columns of normals as a run feeds it: the pilot,
/// counting, and reading the quantiles off the bins.

#include <memory>

#include "bench/support.h"
#include "random/streams.h"
#include "reduce/series.h"

namespace {

using namespace fabcast;

constexpr size_t series = 256;
constexpr uint64_t trials = 65'536;

/// A batch's values of one series.
std::vector<double> values_of(size_t column) {
  std::vector<double> values(batch_trials);
  draw_normals(1, Purpose::input, column, 0, 0, values);
  return values;
}

void keep_pilot(SeriesReducer& reducer, const std::vector<std::vector<double>>& values) {
  for (size_t s = 0; s < series; ++s) {
    for (uint64_t t = 0; t < reducer.pilot_trials(); t += batch_trials) {
      reducer.keep(s, t, values[(s + t / batch_trials) % series]);
    }
  }
}

std::vector<std::vector<double>> columns() {
  std::vector<std::vector<double>> values;
  for (size_t s = 0; s < series; ++s) values.push_back(values_of(s));
  return values;
}

/// Once a series: the pilot's values kept, sorted, bins placed.
void pilot(benchmark::State& state) {
  const auto values = columns();
  for (auto _ : state) {
    SeriesReducer reducer(series, trials);
    keep_pilot(reducer, values);
    reducer.end_pilot();
    benchmark::DoNotOptimize(&reducer);
  }
  time_per(state, "series", series);
}
BENCHMARK(pilot)->Unit(benchmark::kMillisecond);

/// Each value of the main pass: its bin, and the moments.
void counting(benchmark::State& state) {
  const auto values = columns();
  SeriesReducer reducer(series, trials);
  keep_pilot(reducer, values);
  reducer.end_pilot();
  auto tally = reducer.tally();
  const uint64_t blocks = (trials - reducer.pilot_trials()) / batch_trials;
  uint64_t block = 0;
  for (auto _ : state) {
    for (size_t s = 0; s < series; ++s) tally.count(s, values[(s + block) % series]);
    tally.end_block(reducer.pilot_trials() / batch_trials + block % blocks);
    ++block;
  }
  time_per(state, "value", series * batch_trials);
}
BENCHMARK(counting)->Unit(benchmark::kMicrosecond);

/// Once a thread and series: room for its counts, and adding them to all. As many series as leave
/// the second-level cache, as a run's do.
void tally(benchmark::State& state) {
  constexpr size_t many = 4096;
  SeriesReducer reducer(many, trials);
  const std::vector<double> values = values_of(0);
  for (size_t s = 0; s < many; ++s) {
    for (uint64_t t = 0; t < reducer.pilot_trials(); t += batch_trials) reducer.keep(s, t, values);
  }
  reducer.end_pilot();
  for (auto _ : state) reducer.merge(reducer.tally());
  time_per(state, "series", many);
}
BENCHMARK(tally)->Unit(benchmark::kMicrosecond);

/// All trials counted.
std::unique_ptr<SeriesReducer> counted(const std::vector<std::vector<double>>& values) {
  auto reducer = std::make_unique<SeriesReducer>(series, trials);
  keep_pilot(*reducer, values);
  reducer->end_pilot();
  auto tally = reducer->tally();
  for (uint64_t block = reducer->pilot_trials() / batch_trials; block < trials / batch_trials;
       ++block) {
    for (size_t s = 0; s < series; ++s) tally.count(s, values[(s + block) % series]);
    tally.end_block(block);
  }
  reducer->merge(std::move(tally));
  return reducer;
}

/// Once a series: seven quantiles with their intervals.
void reading(benchmark::State& state) {
  const auto reducer = counted(columns());
  for (auto _ : state) {
    for (size_t s = 0; s < series; ++s) benchmark::DoNotOptimize(reducer->statistics(s).mean);
  }
  time_per(state, "series", series);
}
BENCHMARK(reading)->Unit(benchmark::kMicrosecond);

/// Each value again where quantiles are exact: its bin, whether it is kept, and all that is sorted
/// and chosen from what was.
void searching(benchmark::State& state) {
  const auto values = columns();
  for (auto _ : state) {
    state.PauseTiming();
    const auto reducer = counted(values);
    state.ResumeTiming();
    uint64_t passes = 0;
    while (reducer->plan_search()) {
      ++passes;
      RankSearch& search = reducer->search();
      auto pass = search.pass();
      for (uint64_t block = 0; block < trials / batch_trials; ++block) {
        for (size_t s = 0; s < series; ++s) {
          if (search.looks_at(s)) {
            pass.take(s, std::span<const double>(values[(s + block) % series]));
          }
        }
      }
      search.merge(std::move(pass));
    }
    state.counters["passes"] = static_cast<double>(passes);
  }
  time_per(state, "value", static_cast<double>(series * trials));
}
BENCHMARK(searching)->Unit(benchmark::kMillisecond);

}  // namespace
