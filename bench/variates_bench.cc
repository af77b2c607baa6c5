/// What does one variate cost, and what the function under it? Columns of 1,024 in the first-level
/// cache, one thread.

#include "bench/support.h"
#include "random/distribution.h"
#include "random/streams.h"
#include "study/floor.h"

namespace {

using namespace fabcast;

constexpr size_t length = 1024;

void uniforms(benchmark::State& state) {
  std::vector<double> out(length);
  for (auto _ : state) {
    draw_uniforms(1, Purpose::input, 1, 0, 0, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  time_per(state, "each", length);
}
BENCHMARK(uniforms);

void normals(benchmark::State& state) {
  std::vector<double> out(length);
  for (auto _ : state) {
    draw_normals(1, Purpose::input, 1, 0, 0, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  time_per(state, "each", length);
}
BENCHMARK(normals);

/// From a normal that is there to a draw of the family.
void quantiles(benchmark::State& state, const Distribution& distribution) {
  std::vector<double> z(length), out(length);
  draw_normals(1, Purpose::input, 1, 0, 0, z);
  for (auto _ : state) {
    quantiles_of_normals(distribution, z, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  time_per(state, "each", length);
}
BENCHMARK_CAPTURE(quantiles, normal, make_normal(3, 1));
BENCHMARK_CAPTURE(quantiles, lognormal, make_lognormal(3, 8));
BENCHMARK_CAPTURE(quantiles, lognormal_cut, truncated(make_lognormal(3, 8), 2, 9));
BENCHMARK_CAPTURE(quantiles, uniform, make_uniform(3, 8));
BENCHMARK_CAPTURE(quantiles, triangular, make_triangular(3, 5, 8));
BENCHMARK_CAPTURE(quantiles, pert, make_pert(3, 5, 8));
BENCHMARK_CAPTURE(quantiles, metalog,
                  make_metalog(std::vector{0.05, 0.5, 0.95}, std::vector{3.0, 5.0, 8.0}, 0, 20));

/// The rates of which the floor is made, each the best of many short tries.
void rates(benchmark::State& state) {
  PerOperation found;
  for (auto _ : state) found = measure_rates();
  for (size_t i = 0; i < operation_count; ++i) {
    state.counters["ns " + std::string(operation_names[i])] = found.each[i];
  }
}
BENCHMARK(rates)->Unit(benchmark::kMillisecond);

}  // namespace
