/// How long until a scenario is ready to run: reading, checking, compiling.

#include "bench/support.h"

namespace {

using namespace fabcast;

void compile_scenario(benchmark::State& state, const std::string& file) {
  for (auto _ : state) benchmark::DoNotOptimize(compiled_library(file).model.rows.count);
}
BENCHMARK_CAPTURE(compile_scenario, baseline, "baseline.scn")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compile_scenario, match_act, "match-act.scn")->Unit(benchmark::kMillisecond);

}  // namespace
