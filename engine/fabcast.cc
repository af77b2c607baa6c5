#include "fabcast.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <new>

#include "base/comma_list.h"
#include "base/hash.h"
#include "model/compile.h"
#include "random/streams.h"
#include "report/csv.h"
#include "report/directory.h"
#include "report/npy.h"
#include "report/run_json.h"
#include "run/tables.h"

namespace fabcast {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// First value of a "name : value" line of a system file, "" where there is none.
std::string system_line(const char* file, std::string_view name) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with(name)) continue;
    const size_t start = line.find_first_not_of(" \t", line.find(':') + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

std::string build_text() {
#ifdef NDEBUG
  constexpr const char* kind = "release";
#else
  constexpr const char* kind = "debug";
#endif
#ifdef __clang__
  return fmt::format("clang {} {}", __clang_version__, kind);
#else
  return fmt::format("gcc {} {}", __VERSION__, kind);
#endif
}

/// Bytes that this process may still take: of the machine and of its own limit.
uint64_t memory_at_hand() {
  uint64_t bytes = UINT64_MAX;
  const std::string available = system_line("/proc/meminfo", "MemAvailable");
  if (!available.empty()) bytes = std::stoull(available) * 1024;
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    bytes = std::min<uint64_t>(bytes, limit.rlim_cur);
  }
  std::ifstream group("/sys/fs/cgroup/memory.max");
  uint64_t most = 0;
  if (group >> most) bytes = std::min(bytes, most);
  return bytes;
}

/// "variable entity" or "variable" to series; mistakes are collected as text.
std::vector<size_t> chosen_series(const std::vector<std::string>& names,
                                  const std::vector<Series>& series, const std::string& option,
                                  std::string& mistakes) {
  std::vector<size_t> chosen;
  for (const std::string& name : names) {
    const size_t space = name.find(' ');
    const std::string variable = name.substr(0, space);
    bool found = false;
    std::vector<std::string_view> known;
    for (size_t s = 0; s < series.size(); ++s) {
      const std::string full = series_name(series[s]);
      known.push_back(output_variables()[static_cast<size_t>(series[s].variable)].name);
      if (full != name && !(space == std::string::npos && full.starts_with(variable + " ")))
        continue;
      found = true;
      if (std::find(chosen.begin(), chosen.end(), s) == chosen.end()) chosen.push_back(s);
    }
    if (found) continue;
    const bool is_variable = find_variable(variable) != nullptr;
    const std::string_view near = is_variable ? "" : nearest_name(variable, known);
    mistakes += fmt::format("{}: {} '{}'; {}\n", option,
                            is_variable ? "the scenario has no" : "unknown variable",
                            escaped(is_variable ? name : variable),
                            near.empty() ? "`fabcast list variables` prints them"
                                         : fmt::format("did you mean '{}'?", near));
  }
  return chosen;
}

}  // namespace

struct PreparedRun::Parts {
  RunRequest request;
  Diagnostics diagnostics;
  ScenarioSpec spec;
  Compiled compiled;
  ScenarioRun scenario;
  RunOptions options;
  double seconds = 0;  ///< that loading and compiling took
};

PreparedRun::PreparedRun(const RunRequest& request) {
  const auto start = Clock::now();
  auto parts = std::make_unique<Parts>();
  parts->request = request;
  auto& [asked, diagnostics, spec, compiled, scenario, options, seconds] = *parts;
  spec = load_scenario(request.scenario, diagnostics);
  diagnostics.throw_if_any();
  compiled = compile(spec, diagnostics);
  diagnostics.throw_if_any();
  const std::vector<Series> series = output_series(compiled);
  scenario.compiled = &compiled;
  scenario.questions = plan_questions(spec, compiled, series, diagnostics);
  options.observations = plan_observations(spec, compiled, series, diagnostics);
  diagnostics.throw_if_any();

  std::string mistakes;
  options.trials = request.trials;
  options.seed = request.seed;
  options.threads = request.threads;
  options.by_view = request.by_view;
  scenario.kept_series = chosen_series(request.keep, series, "--keep-trials", mistakes);
  const Setting* headline = spec.find("scenario", "")->find("headline");
  std::string ignored;
  const std::string& listed = std::get<std::string>(headline->value);
  const std::vector<std::string_view> names = comma_list(listed);
  // The default headline may name what a small scenario has not; a written one must be right.
  scenario.headline = chosen_series({names.begin(), names.end()}, series, "headline",
                                   headline->is_default ? ignored : mistakes);
  if (!mistakes.empty()) throw InputError(mistakes);
  seconds = seconds_since(start);
  parts_ = std::move(parts);
}

PreparedRun::~PreparedRun() = default;
PreparedRun::PreparedRun(PreparedRun&&) noexcept = default;
PreparedRun& PreparedRun::operator=(PreparedRun&&) noexcept = default;

const ScenarioSpec& PreparedRun::spec() const { return parts_->spec; }
const Diagnostics& PreparedRun::diagnostics() const { return parts_->diagnostics; }

const char* version() { return FABCAST_VERSION; }

RunResult run(const RunRequest& request) { return run(PreparedRun(request), request.progress); }

RunResult run(const PreparedRun& prepared, Progress progress) {
  const auto start = Clock::now();
  const auto& [request, diagnostics, spec, compiled, scenario, prepared_options, prepare_seconds] =
      *prepared.parts_;
  RunOptions options = prepared_options;
  options.progress = std::move(progress);
  if (run_memory_bytes({scenario}, options) > memory_at_hand()) throw std::bad_alloc();
  RunOutcome outcome = std::move(run_models({scenario}, options)[0]);

  RunResult result;
  result.summary = summary_table(spec.name, outcome);
  result.binding = binding_table(spec.name, compiled, outcome);
  result.questions = questions_table(spec.name, compiled.model, outcome);
  result.crossings = crossings_table(spec.name, compiled.model, outcome);
  result.inputs = inputs_table(spec.name, compiled, outcome, scenario.headline);
  if (options.by_view) {
    result.further.push_back(views_table(spec.name, outcome, scenario.headline));
  }
  result.effective_trials = outcome.effective_trials();
  result.weighted = !options.observations.plans.empty();
  if (result.weighted) {
    ObservationsResult seen = observations_result(spec.name, outcome, options.observations);
    result.further.push_back(std::move(seen.table));
    if (!seen.warning.empty()) result.warnings.push_back(std::move(seen.warning));
  }
  result.trials = kept_trials(outcome, scenario.kept_series);
  for (size_t s : scenario.headline) {
    result.headline.emplace_back(
        output_variables()[static_cast<size_t>(outcome.series[s].variable)].name,
        outcome.series[s].entity);
  }
  result.headline_products = headline_products(compiled, outcome, scenario.headline);
  Provenance& from = result.provenance;
  from.version = version();
  from.build = build_text();
  from.command = request.command;
  from.scenario = spec.name;
  from.title =
      spec.title_is_inherited ? fmt::format("{}, over: {}", spec.name, spec.title) : spec.title;
  from.first_month = spec.first.text();
  from.last_month = spec.last.text();
  for (const FileRead& file : spec.files) from.files.emplace_back(file.path, file.text);
  from.scenario_text = resolved_text(spec, diagnostics);
  from.scenario_sha256 = sha256(from.scenario_text);
  from.seed = request.seed;
  from.trials = request.trials;
  from.stream_version = stream_version;
  from.threads = outcome.threads;
  from.host_cpu = system_line("/proc/cpuinfo", "model name");
  from.seconds = prepare_seconds + seconds_since(start);
  from.seconds_by_phase = {{"load_and_compile", prepare_seconds},
                           {"pilot", outcome.seconds.pilot},
                           {"main", outcome.seconds.main},
                           {"statistics", outcome.seconds.statistics}};
  return result;
}

void write_results(const RunResult& result, const std::string& path, const WriteOptions& options) {
  ResultDirectory directory(path, options.force);
  write_results(result, directory, options);
}

void write_results(const RunResult& result, ResultDirectory& directory,
                   const WriteOptions& options) {
  for (const Table* table : {&result.summary, &result.binding, &result.questions,
                             &result.crossings, &result.inputs}) {
    directory.write(table->name + ".csv", csv_text(*table));
  }
  for (const Table& table : result.further) directory.write(table.name + ".csv", csv_text(table));
  if (!result.trials.empty()) {
    const size_t columns = result.trials.columns.size();
    if (options.csv) directory.write("trials.csv", csv_text(result.trials));
    if (options.npy) {
      directory.write("trials.npy", npy_bytes(result.trials.values,
                                              result.trials.values.size() / columns, columns));
      std::string names;
      for (const std::string& column : result.trials.columns) names += column + "\n";
      directory.write("trials.columns.txt", names);
    }
  }
  directory.write("run.json", run_json(result));
  directory.commit();
}

}  // namespace fabcast
