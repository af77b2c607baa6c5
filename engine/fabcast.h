#pragma once
/// The public face: load, compile, run, results. The command line and the bindings include this.
///
///   fabcast::RunRequest request;
///   request.scenario.path = "scenarios/baseline.scn";
///   const fabcast::RunResult result = fabcast::run(request);
///   fabcast::write_results(result, "results/baseline", {});

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "results/run_result.h"
#include "scenario/load.h"

namespace fabcast {

/// "0.1.0"
const char* version();

struct RunRequest {
  ScenarioRequest scenario;
  uint64_t trials = 10'000;
  uint64_t seed = 1;
  int threads = 0;                ///< 0: all cores that the process may use
  std::vector<std::string> keep;  ///< "npus.shipped ascend950pr" or "npus.shipped": all entities
  std::string command;            ///< as typed, for run.json
  /// Called now and then with trials done; false stops the run with Interrupted.
  std::function<bool(uint64_t done)> progress;
};

/// Refuses what run() would refuse, and runs nothing: throws InputError with every mistake of its
/// files, IoError.
void check(const RunRequest& request);

/// Runs a scenario. Throws InputError with every mistake of its files, IoError, std::bad_alloc
/// where memory would not do.
RunResult run(const RunRequest& request);

struct WriteOptions {
  bool csv = true, npy = false;  ///< format of the kept trials; tables are always CSV
  bool force = false;            ///< replace another run
};

/// Writes summary.csv, binding.csv, questions.csv, inputs.csv, run.json and the kept trials into a
/// directory, whole or not at all. Throws IoError, DirectoryInUse, DirectoryHoldsRun.
void write_results(const RunResult& result, const std::string& path, const WriteOptions& options);

}  // namespace fabcast
