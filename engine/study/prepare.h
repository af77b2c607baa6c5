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
#include "study/precision.h"

namespace fabcast {

/// Called now and then with trials done; false stops the run with Interrupted.
using Progress = std::function<bool(uint64_t done)>;
/// Called where another run begins, with its trials: those done start from 0 again.
using NextRun = std::function<void(uint64_t trials)>;

struct RunRequest {
  ScenarioRequest scenario;
  /// At most, where a precision is asked; rounded up by trials_of_sampler().
  uint64_t trials = 10'000;
  PrecisionRequest precision;
  uint64_t seed = 1;
  SamplerKind sampler = SamplerKind::philox;  ///< no other with a precision
  int threads = 0;                            ///< 0: all cores that the process may use
  /// Added to the headline: "npus.shipped ascend950pr" or "npus.shipped": all entities.
  std::vector<std::string> of;
  std::vector<std::string> keep;  ///< "npus.shipped ascend950pr" or "npus.shipped": all entities
  bool keep_inputs = false;       ///< what each trial drew
  bool by_view = false;           ///< headline results given each view, too
  Quantiles quantiles = Quantiles::automatic;  ///< exact ones not with observations
  std::optional<Shard> shard;                  ///< run_shard: this part of the run
  /// Of a shard: the log likelihood by which weights are scaled, where merge asks for it.
  std::optional<double> likeliest;
  std::string command;  ///< as typed, for run.json
  Progress progress;
};

/// So many trials, or with samplers but Philox the next number of whole replicates.
uint64_t trials_of_sampler(SamplerKind sampler, uint64_t trials);

/// A scenario whose files were read, compiled and found right. Stays where it is: `run` points into
/// it.
struct PreparedScenario {
  /// Throws InputError with every mistake of the request and its files, IoError.
  explicit PreparedScenario(const RunRequest& request);
  /// The same from files that were read before; the request's path is not looked at.
  PreparedScenario(const RunRequest& request, const ScenarioFiles& files);
  PreparedScenario(const PreparedScenario&) = delete;

  RunRequest request;
  Diagnostics diagnostics;
  ScenarioSpec spec;
  Compiled compiled;
  ScenarioRun run;
  ObservationPlans observations;
  std::vector<ComparedMeasure> comparison;  ///< what `fabcast compare` shows
  std::vector<TightStatistic> tight;        ///< of the request's precision
  double seconds = 0;                       ///< that loading and compiling took

  /// Trials, seed, threads, observations and views of the request.
  RunOptions options() const;
  /// "variable entity" to its series; -1 where there is none.
  int find(std::string_view variable, std::string_view entity) const;

  std::vector<Series> series;
};

/// Outcomes of scenarios that run on the same draws, and how tight they became.
struct PreparedRuns {
  std::vector<RunOutcome> outcomes;
  std::vector<ReachedPrecision> precision;
  double seconds_before = 0;  ///< of the runs that precision took before the last one
};

/// Runs scenarios, `runs` being theirs: with the trials of `options`, or where the first one's
/// request asks for a precision, with as many as that takes, at most those. Throws std::bad_alloc
/// where memory would not do, Interrupted.
PreparedRuns run_prepared(const std::vector<const PreparedScenario*>& scenarios,
                          const std::vector<ScenarioRun>& runs, const RunOptions& options,
                          const NextRun& next);

/// Throws std::bad_alloc where the run needs more memory than there is.
void check_memory(const std::vector<ScenarioRun>& scenarios, const RunOptions& options,
                  const Shard& shard = {});
/// The same of so many bytes.
void check_memory_of(uint64_t bytes);

/// The name, with "-2", "-3" … where it is taken: two files of one name would be one scenario in
/// the tables.
std::string name_apart(const std::string& name, const std::vector<std::string>& taken);

/// The tables of one scenario. Takes the kept trials out of the outcome.
RunResult result_of(const PreparedScenario& scenario, RunOutcome& outcome);

/// Where the results of several scenarios come from: the files and texts of all.
Provenance provenance_of(const std::vector<const PreparedScenario*>& scenarios,
                         const std::vector<RunOutcome>& outcomes, double seconds);
/// The same of `result`, with the precision that was reached, and warnings where that misses.
void add_provenance(const std::vector<const PreparedScenario*>& scenarios, PreparedRuns& ran,
                    double seconds, RunResult& result);

}  // namespace fabcast
