/// How far is the pipeline from what its normals, exponentials, logarithms, divisions and square
/// roots would cost alone? One row, both sides in turn within it.

#include "bench/support.h"
#include "run/fold.h"
#include "run/pipeline.h"
#include "run/stage_clock.h"
#include "study/floor.h"

namespace {

using namespace fabcast;

void pipeline_against_floor(benchmark::State& state) {
  const Compiled& compiled = baseline();
  const Model& model = compiled.model;
  const PerOperation census = census_of(model, output_series(compiled));
  TrialBlock block(model.rows.count);
  Pipeline pipeline(model, block);
  double floor = 0, taken = 0;
  for (auto _ : state) {
    floor += component_sum(census, measure_rates());
    const double start = thread_seconds();
    constexpr int blocks = 20;
    for (uint64_t b = 0; b < blocks; ++b) {
      pipeline.begin({&philox, b * block_lanes});
      for (int m = 0; m < model.months; ++m) pipeline.month(m);
    }
    taken += 1e9 * (thread_seconds() - start) / (blocks * block_lanes);
  }
  const auto n = static_cast<double>(state.iterations());
  state.counters["floor us/trial"] = 1e-3 * floor / n;
  state.counters["us/trial"] = 1e-3 * taken / n;
  state.counters["ratio"] = taken / floor;
}
BENCHMARK(pipeline_against_floor)->Unit(benchmark::kMillisecond);

}  // namespace
