#pragma once
/// The public face: load, compile, run, results. The command line and the bindings include this.
///
///   fabcast::RunRequest request;
///   request.scenario.path = "scenarios/baseline.scn";
///   const fabcast::RunResult result = fabcast::run(request);
///   fabcast::write_results(result, "results/baseline", {});

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/version.h"
#include "results/run_result.h"
#include "scenario/load.h"
#include "study/prepare.h"
#include "study/relax.h"
#include "study/shards.h"

namespace fabcast {

class ResultDirectory;

/// A request whose files were read, compiled and found right, to be run without reading them again.
class PreparedRun {
 public:
  /// Throws InputError with every mistake of the request and its files, IoError.
  explicit PreparedRun(const RunRequest& request);
  ~PreparedRun();
  PreparedRun(PreparedRun&& other) noexcept;
  PreparedRun& operator=(PreparedRun&& other) noexcept;

  const ScenarioSpec& spec() const;
  const Diagnostics& diagnostics() const;  ///< which knows its files by name

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
  friend RunResult run(const PreparedRun& prepared, Progress progress, const NextRun& next);
  friend Table relaxed(const PreparedRun& prepared, uint64_t trials, Progress progress);
  friend ShardResult run_shard(const PreparedRun& prepared, Progress progress);
};

/// relax.csv of a scenario: the gain in cumulative NPUs from one percent more of each resource.
/// Five runs on the same draws.
Table relaxed(const PreparedRun& prepared, uint64_t trials, Progress progress);

/// Runs a scenario; with RunRequest::precision, with as many trials as that takes, in several runs
/// of which `next` is told. Throws std::bad_alloc where memory would not do, Interrupted.
RunResult run(const PreparedRun& prepared, Progress progress, const NextRun& next = {});
/// The same from the files, with the request's progress.
RunResult run(const RunRequest& request);

/// Runs the shard that RunRequest::shard names. merge_shards (study/shards.h) adds shards up.
ShardResult run_shard(const PreparedRun& prepared, Progress progress);

struct WriteOptions {
  bool csv = true, npy = false;     ///< format of the kept trials; tables are always CSV
  bool xlsx = false, html = false;  ///< reports, too
  bool force = false;               ///< replace another run
};

/// Writes the tables, run.json, the kept trials and the reports that were asked for into a
/// directory, whole or not at all. Throws IoError, DirectoryInUse, DirectoryHoldsRun.
void write_results(const RunResult& result, const std::string& path, const WriteOptions& options);
/// The same into a directory that was taken before the run.
void write_results(const RunResult& result, ResultDirectory& directory,
                   const WriteOptions& options);
/// Writes shard.bin and run.json.
void write_shard(ShardResult shard, ResultDirectory& directory);

/// The reports alone, into a directory that was taken, and puts it in its place.
void write_reports(const RunResult& result, ResultDirectory& directory,
                   const WriteOptions& options);

}  // namespace fabcast
