#include "fabcast.h"

#include <chrono>

#include "report/csv.h"
#include "report/directory.h"
#include "report/html.h"
#include "report/npy.h"
#include "report/run_json.h"
#include "report/xlsx.h"
#include "study/relax.h"

namespace fabcast {

struct PreparedRun::Parts {
  explicit Parts(const RunRequest& request) : scenario(request) {}
  PreparedScenario scenario;
};

PreparedRun::PreparedRun(const RunRequest& request) : parts_(new Parts(request)) {}
PreparedRun::~PreparedRun() = default;
PreparedRun::PreparedRun(PreparedRun&&) noexcept = default;
PreparedRun& PreparedRun::operator=(PreparedRun&&) noexcept = default;

const ScenarioSpec& PreparedRun::spec() const { return parts_->scenario.spec; }
const Diagnostics& PreparedRun::diagnostics() const { return parts_->scenario.diagnostics; }

RunResult run(const RunRequest& request) { return run(PreparedRun(request), request.progress); }

RunResult run(const PreparedRun& prepared, Progress progress, const NextRun& next) {
  const auto start = std::chrono::steady_clock::now();
  const PreparedScenario& scenario = prepared.parts_->scenario;
  RunOptions options = scenario.options();
  options.progress = std::move(progress);
  PreparedRuns ran = run_prepared({&scenario}, {scenario.run}, options, next);
  RunResult result = result_of(scenario, ran.outcomes[0]);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  add_provenance({&scenario}, ran, seconds.count(), result);
  return result;
}

Table relaxed(const PreparedRun& prepared, uint64_t trials, Progress progress) {
  RunRequest request = prepared.parts_->scenario.request;
  request.trials = trials;
  return relaxed(request, std::move(progress));
}

ShardResult run_shard(const PreparedRun& prepared, Progress progress) {
  return run_shard(prepared.parts_->scenario, std::move(progress));
}

namespace {

void write_kept(const KeptTrials& kept, const std::string& name, ResultDirectory& directory,
                const WriteOptions& options) {
  if (kept.empty()) return;
  if (options.csv) {
    directory.write_pieces(name + ".csv", [&](const auto& sink) { csv_text(kept, sink); });
  }
  if (!options.npy) return;
  const size_t columns = kept.columns.size();
  directory.write_pieces(name + ".npy", [&](const auto& sink) {
    sink(npy_header(kept.values.size() / columns, columns));
    sink({reinterpret_cast<const char*>(kept.values.data()), kept.values.size() * sizeof(double)});
  });
  std::string names;
  for (const std::string& column : kept.columns) names += column + "\n";
  directory.write(name + ".columns.txt", names);
}

}  // namespace

void write_results(const RunResult& result, const std::string& path, const WriteOptions& options) {
  ResultDirectory directory(path, options.force);
  write_results(result, directory, options);
}

void write_results(const RunResult& result, ResultDirectory& directory,
                   const WriteOptions& options) {
  for (const Table* table : result.tables()) {
    directory.write(table->name + ".csv", csv_text(*table));
  }
  write_kept(result.trials, "trials", directory, options);
  write_kept(result.drawn, "drawn", directory, options);
  directory.write("run.json", run_json(result));
  write_reports(result, directory, options);
}

void write_reports(const RunResult& result, ResultDirectory& directory,
                   const WriteOptions& options) {
  if (options.xlsx) {
    directory.write_by("report.xlsx", [&](const std::string& path) { write_xlsx(result, path); });
  }
  if (options.html) directory.write("report.html", report_html(result));
  directory.commit();
}

void write_shard(ShardResult shard, ResultDirectory& directory) {
  RunResult none;
  none.provenance = shard.provenance;
  directory.write(shard_file_name, shard_bytes(std::move(shard)));
  directory.write("run.json", run_json(none));
  directory.commit();
}

}  // namespace fabcast
