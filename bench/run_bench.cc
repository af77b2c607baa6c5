/// Where a run's time goes: draws, stages, folding, reducing, compile. Questions and tables:
/// README.md.

#include <benchmark/benchmark.h>

#include "run/fold.h"
#include "run/pipeline.h"
#include "run/sample.h"
#include "support/scenarios.h"

namespace {

using namespace fabcast;

const Compiled& baseline() {
  static const Compiled compiled = compiled_library("baseline.scn");
  return compiled;
}

const Sampler philox(1);
const TrialRange trials{&philox, 0};

/// Google Benchmark prints an inverted rate with its unit: "450ns".
void per_trial_month(benchmark::State& state, int months) {
  const double trial_months = static_cast<double>(state.iterations()) * block_lanes * months;
  state.counters["trial-month"] =
      benchmark::Counter(trial_months, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void draw_inputs(benchmark::State& state) {
  const Model& model = baseline().model;
  TrialBlock block(model.rows.count);
  for (auto _ : state) {
    block.clear();
    fabcast::draw_inputs(model.inputs, trials, block);
  }
  per_trial_month(state, model.months);
}
BENCHMARK(draw_inputs);

void inputs_of_months(benchmark::State& state) {
  const Model& model = baseline().model;
  TrialBlock block(model.rows.count);
  fabcast::draw_inputs(model.inputs, trials, block);
  NoiseNormals noise(model.inputs, model.months);
  noise.draw(trials);
  for (auto _ : state) {
    for (int m = 0; m < model.months; ++m) inputs_of_month(model.inputs, noise, m, block);
  }
  per_trial_month(state, model.months);
}
BENCHMARK(inputs_of_months);

void draws_and_stages(benchmark::State& state) {
  const Model& model = baseline().model;
  TrialBlock block(model.rows.count);
  Pipeline pipeline(model, block);
  for (auto _ : state) {
    pipeline.begin(trials);
    for (int m = 0; m < model.months; ++m) pipeline.month(m);
  }
  per_trial_month(state, model.months);
}
BENCHMARK(draws_and_stages);

void draws_stages_and_fold(benchmark::State& state) {
  const Compiled& compiled = baseline();
  const Model& model = compiled.model;
  const auto series = output_series(compiled);
  const auto periods = reporting_periods(model.first, Month{model.first.count + model.months - 1});
  TrialBlock block(model.rows.count);
  Pipeline pipeline(model, block);
  PeriodFold fold(model, series, periods);
  const size_t stride = series.size() * block_lanes;
  std::vector<Real> folded(periods.size() * stride);
  for (auto _ : state) {
    pipeline.begin(trials);
    fold.begin();
    for (int m = 0; m < model.months; ++m) {
      pipeline.month(m);
      fold.month(m, block, {folded.data(), stride, block_lanes});
    }
  }
  per_trial_month(state, model.months);
}
BENCHMARK(draws_stages_and_fold);

void whole_run(benchmark::State& state) {
  const Compiled& compiled = baseline();
  RunOptions options;
  options.trials = static_cast<uint64_t>(state.range(0));
  options.threads = static_cast<int>(state.range(1));
  for (auto _ : state)
    benchmark::DoNotOptimize(run_models({{&compiled, {}, {}, {}, {}}}, options)[0].trials);
  state.counters["trials/s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(options.trials),
      benchmark::Counter::kIsRate);
}
BENCHMARK(whole_run)
    ->Args({16384, 1})
    ->Args({16384, 2})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void load_and_compile(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(compiled_library("baseline.scn").model.rows.count);
}
BENCHMARK(load_and_compile)->Unit(benchmark::kMillisecond);

}  // namespace
