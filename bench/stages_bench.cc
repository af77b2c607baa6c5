/// Where a block's time goes. `fabcast bench` has the same by stage; here are its large parts
/// alone, one block over and over, so that the cache is as warm as it gets.

#include "bench/support.h"
#include "run/fold.h"
#include "run/pipeline.h"
#include "run/sample.h"

namespace {

using namespace fabcast;

void per_trial_month(benchmark::State& state) {
  time_per(state, "trial-month", block_lanes * baseline().model.months);
}

void draw_inputs(benchmark::State& state) {
  const Model& model = baseline().model;
  TrialBlock block(model.rows.count);
  for (auto _ : state) {
    block.clear();
    fabcast::draw_inputs(model.inputs, first_block, block);
  }
  per_trial_month(state);
}
BENCHMARK(draw_inputs);

void inputs_of_months(benchmark::State& state) {
  const Model& model = baseline().model;
  TrialBlock block(model.rows.count);
  fabcast::draw_inputs(model.inputs, first_block, block);
  NoiseNormals noise(model.inputs, model.months);
  for (auto _ : state) {
    noise.draw(first_block);
    for (int m = 0; m < model.months; ++m) inputs_of_month(model.inputs, noise, m, block);
  }
  per_trial_month(state);
}
BENCHMARK(inputs_of_months);

void draws_and_stages(benchmark::State& state) {
  const Model& model = baseline().model;
  TrialBlock block(model.rows.count);
  Pipeline pipeline(model, block);
  for (auto _ : state) {
    pipeline.begin(first_block);
    for (int m = 0; m < model.months; ++m) pipeline.month(m);
  }
  per_trial_month(state);
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
    pipeline.begin(first_block);
    fold.begin();
    for (int m = 0; m < model.months; ++m) {
      pipeline.month(m);
      fold.month(m, block, {folded.data(), stride, block_lanes});
    }
  }
  per_trial_month(state);
}
BENCHMARK(draws_stages_and_fold);

}  // namespace
