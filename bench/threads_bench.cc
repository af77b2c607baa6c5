/// How does a run scale with threads, and do more threads than cores do harm? Each number of
/// threads runs in turn with one thread in the same iteration, so that a drift of the machine meets
/// both. `work`: processor time of all threads against that of one alone, 1 where threads cost
/// nothing; other programs on the machine hardly move it, while they take from `speed-up`.

#include <chrono>
#include <ctime>

#include "bench/support.h"

namespace {

using namespace fabcast;

constexpr uint64_t trials = 16'384;

struct Taken {
  double wall_s = 0, cpu_s = 0;

  void run(int threads) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t before = std::clock();  // of all threads
    run_trials(baseline(), trials, threads);
    cpu_s += static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    wall_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
};

void threads(benchmark::State& state) {
  const int asked = static_cast<int>(state.range(0));
  Taken alone, together;
  for (auto _ : state) {
    alone.run(1);
    together.run(asked);
  }
  state.counters["speed-up"] = alone.wall_s / together.wall_s;
  state.counters["work"] = together.cpu_s / alone.cpu_s;
  state.counters["trials/s"] =
      static_cast<double>(state.iterations()) * static_cast<double>(trials) / together.wall_s;
}
BENCHMARK(threads)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->Arg(16)->Arg(64)->UseRealTime()->Unit(
    benchmark::kMillisecond);

}  // namespace
