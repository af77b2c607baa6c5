#include "study/bench.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/lanes.h"
#include "run/runner.h"
#include "run/stage_clock.h"
#include "study/floor.h"

namespace fabcast {

namespace {

constexpr double ns_per_s = 1e9;

/// 1, 2, 4, … below as many threads as are asked and have a batch of trials, and that number.
std::vector<int> thread_numbers(int asked, uint64_t trials) {
  const uint64_t batches = (trials + batch_trials - 1) / batch_trials;
  const auto most = static_cast<int>(std::min(static_cast<uint64_t>(thread_count(asked)), batches));
  std::vector<int> numbers;
  for (int n = 1; n < most; n *= 2) numbers.push_back(n);
  numbers.push_back(most);
  return numbers;
}

void keep_less(double& least, double other) { least = std::min(least, other); }

/// How long a run took, by the clock on the wall and of the calling thread.
struct Taken {
  int threads;
  size_t columns;
  double wall_s, thread_s;
};

}  // namespace

uint64_t bench_trials(uint64_t trials, int threads) {
  return trials * bench_rounds * (1 + thread_numbers(threads, trials).size());
}

BenchResult bench_scenario(const PreparedScenario& scenario) {
  RunOptions options = scenario.options();
  options.observations = {};
  options.quantiles = Quantiles::binned;  // one pass
  uint64_t before = 0;                    // trials of the runs that are done
  if (const Progress& told = scenario.request.progress) {
    options.progress = [&before, &told](uint64_t done) { return told(before + done); };
  }
  const auto run = [&](int threads, StageClock* clock) -> Taken {
    options.threads = threads;
    options.clock = clock;
    check_memory({scenario.run}, options);
    const double thread_start = thread_seconds();
    const auto start = std::chrono::steady_clock::now();
    const RunOutcome outcome = std::move(run_models({scenario.run}, options)[0]);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    before += options.trials;
    return {outcome.threads, outcome.columns.columns.size(), wall.count(),
            thread_seconds() - thread_start};
  };

  BenchResult result;
  const Model& model = scenario.compiled.model;
  result.trials = options.trials;
  result.months = model.months;
  result.compile_s = scenario.seconds;
  result.census = census_of(model, scenario.series);

  const auto trials = static_cast<double>(options.trials);
  const std::vector<int> numbers = thread_numbers(scenario.request.threads, options.trials);
  constexpr double forever = std::numeric_limits<double>::infinity();
  result.rates.each.fill(forever);
  std::array<double, stage_count> stage_s;
  stage_s.fill(forever);
  std::vector<double> wall_s(numbers.size(), forever);
  double alone_s = forever;
  for (int round = 0; round < bench_rounds; ++round) {
    const PerOperation rates = measure_rates();
    for (size_t i = 0; i < operation_count; ++i) keep_less(result.rates.each[i], rates.each[i]);
    StageClock clock;
    result.columns = run(1, &clock).columns;
    for (size_t s = 0; s < stage_count; ++s) keep_less(stage_s[s], clock.seconds()[s]);
    result.threads.clear();
    for (size_t n = 0; n < numbers.size(); ++n) {
      const Taken taken = run(numbers[n], nullptr);
      keep_less(wall_s[n], taken.wall_s);
      if (n == 0) keep_less(alone_s, taken.thread_s);
      result.threads.push_back({taken.threads, trials / wall_s[n], wall_s[0] / wall_s[n]});
    }
  }

  result.floor_ns_per_trial = component_sum(result.census, result.rates);
  for (size_t s = 0; s < stage_count; ++s) {
    const double ns = ns_per_s * stage_s[s] / trials;
    result.stages.push_back({std::string(stage_names[s]), ns / model.months});
    if (s <= static_cast<size_t>(last_pipeline_stage)) result.pipeline_ns_per_trial += ns;
  }
  result.ns_per_trial = ns_per_s * alone_s / trials;
  result.trials_per_s = result.threads.back().trials_per_s;
  return result;
}

}  // namespace fabcast
