/// A whole run, end to end: reading the scenario, trials, statistics, every file written.

#include <unistd.h>

#include <filesystem>

#include "bench/support.h"
#include "fabcast.h"

namespace {

using namespace fabcast;

void end_to_end(benchmark::State& state) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("fabcast-bench-" + std::to_string(getpid()));
  RunRequest request;
  request.scenario.path = std::string(FABCAST_SOURCE_FOLDER) + "/scenarios/baseline.scn";
  request.trials = static_cast<uint64_t>(state.range(0));
  request.threads = static_cast<int>(state.range(1));
  WriteOptions options;
  options.force = true;
  for (auto _ : state) write_results(run(request), folder / "results", options);
  std::filesystem::remove_all(folder);
  rate_of(state, "trials/s", static_cast<double>(request.trials));
}
BENCHMARK(end_to_end)
    ->ArgNames({"trials", "threads"})
    ->Args({1, 1})
    ->Args({16'384, 1})
    ->Args({16'384, 2})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
