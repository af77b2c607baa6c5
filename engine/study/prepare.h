#pragma once
/// From a request to a scenario that is ready to run, and from what it came to, to tables.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "results/compared.h"
#include "results/run_result.h"
#include "run/runner.h"
#include "scenario/load.h"

namespace fabcast {

/// Called now and then with trials done; false stops the run with Interrupted.
using Progress = std::function<bool(uint64_t done)>;

struct RunRequest {
  ScenarioRequest scenario;
  uint64_t trials = 10'000;
  uint64_t seed = 1;
  int threads = 0;                ///< 0: all cores that the process may use
  std::vector<std::string> keep;  ///< "npus.shipped ascend950pr" or "npus.shipped": all entities
  bool by_view = false;           ///< headline results given each view, too
  std::optional<Shard> shard;     ///< run_shard: this part of the run
  /// Of a shard: the log likelihood by which weights are scaled, where merge asks for it.
  std::optional<double> likeliest;
  std::string command;  ///< as typed, for run.json
  Progress progress;
};

/// A scenario whose files were read, compiled and found right. Stays where it is: `run` points into
/// it.
struct PreparedScenario {
  /// Throws InputError with every mistake of the request and its files, IoError.
  explicit PreparedScenario(const RunRequest& request);
  PreparedScenario(const PreparedScenario&) = delete;

  RunRequest request;
  Diagnostics diagnostics;
  ScenarioSpec spec;
  Compiled compiled;
  ScenarioRun run;
  ObservationPlans observations;
  std::vector<ComparedMeasure> comparison;  ///< what `fabcast compare` shows
  double seconds = 0;                       ///< that loading and compiling took

  /// Trials, seed, threads, observations and views of the request.
  RunOptions options() const;
  /// "variable entity" to its series; -1 where there is none.
  int find(std::string_view variable, std::string_view entity) const;

  std::vector<Series> series;
};

/// Throws std::bad_alloc where the run needs more memory than there is.
void check_memory(const std::vector<ScenarioRun>& scenarios, const RunOptions& options,
                  const Shard& shard = {});

/// The tables of one scenario. Takes the kept trials out of the outcome.
RunResult result_of(const PreparedScenario& scenario, RunOutcome& outcome);

/// Where the results of several scenarios come from: the files and texts of all.
Provenance provenance_of(const std::vector<const PreparedScenario*>& scenarios,
                         const std::vector<RunOutcome>& outcomes, double seconds);

}  // namespace fabcast
