#include "study/prepare.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <new>

#include "base/comma_list.h"
#include "base/hash.h"
#include "base/version.h"
#include "model/compile.h"
#include "random/streams.h"
#include "run/tables.h"
#include "scenario/document.h"
#include "scenario/names.h"
#include "study/draw_plan.h"

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
    const std::string line = system_line("/proc/self/status", "VmSize");
    const uint64_t most = limit.rlim_cur, taken = line.empty() ? 0 : std::stoull(line) * 1024;
    bytes = std::min(bytes, most - std::min(most, taken));
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
    std::vector<std::string_view> variables, entities;  ///< known ones; entities of the variable
    for (size_t s = 0; s < series.size(); ++s) {
      const std::string full = series_name(series[s]);
      variables.push_back(output_variables()[static_cast<size_t>(series[s].variable)].name);
      if (variables.back() == variable) entities.push_back(series[s].entity);
      if (full != name && !(space == std::string::npos && full.starts_with(variable + " ")))
        continue;
      found = true;
      if (std::find(chosen.begin(), chosen.end(), s) == chosen.end()) chosen.push_back(s);
    }
    if (found) continue;
    const bool is_variable = find_variable(variable) != nullptr;
    std::string near;
    if (!is_variable) {
      near = nearest_name(variable, variables);
    } else if (space != std::string::npos) {
      near = nearest_name(name.substr(space + 1), entities);
      if (!near.empty()) near = fmt::format("{} {}", variable, near);
    }
    mistakes += fmt::format("{}: {} '{}'; {}\n", option,
                            is_variable ? "the scenario has no" : "unknown variable",
                            escaped(is_variable ? name : variable),
                            near.empty() ? "`fabcast list variables` prints them"
                                         : fmt::format("did you mean '{}'?", near));
  }
  return chosen;
}

std::string last_year(const ScenarioSpec& spec) {
  std::string year;
  for (const Period& period : reporting_periods(spec.first, spec.last)) {
    if (period.last.count - period.first.count == 11) year = period.text();
  }
  if (year.empty()) year = reporting_periods(spec.first, spec.last).back().text();  // a quarter
  return year;
}

/// [scenario] `comparison`: variable, entity and year each, or a milestone; the headline's last
/// year where it is absent. Mistakes go to `diagnostics`.
std::vector<ComparedMeasure> compared_measures(const ScenarioSpec& spec,
                                               const std::vector<Series>& series,
                                               const std::vector<size_t>& headline,
                                               Diagnostics& diagnostics) {
  std::vector<ComparedMeasure> measures;
  const Setting* setting = spec.find("scenario", "")->find("comparison");
  for (size_t i = 0; !setting && i < headline.size(); ++i) {
    const Series& of = series[headline[i]];
    const OutputVariable& variable = output_variables()[static_cast<size_t>(of.variable)];
    measures.push_back(
        {std::string(variable.name), of.entity, std::string(variable.unit), last_year(spec)});
  }
  if (!setting) return measures;
  for (const std::string_view item : comma_list(std::get<std::string>(setting->value))) {
    const auto [kind, name] = split_section_name(item);
    if (kind == "milestone" && spec.find(kind, name)) {
      measures.push_back({"milestone", std::string(name), "", ""});
      continue;
    }
    const std::vector<Token> words = tokens_of(item);
    const std::optional<Period> year =
        words.empty() ? std::nullopt : parse_period(words.back().word);
    const bool is_year = year && year->last.count - year->first.count == 11 &&
                         year->first >= spec.first && year->last <= spec.last;
    if (words.size() < 2 || words.size() > 3 || !is_year) {
      diagnostics.error(setting->value_at, fmt::format("'{}' is nothing to compare", escaped(item)),
                        "write VARIABLE [ENTITY] YEAR with a simulated year, or milestone.NAME");
      continue;
    }
    const std::string variable(words[0].word);
    const std::string entity(words.size() == 3 ? words[1].word : std::string_view{});
    const int found = named_series(variable, entity, setting->value_at, series, diagnostics);
    if (found < 0) continue;
    measures.push_back({variable, series[static_cast<size_t>(found)].entity,
                        std::string(find_variable(variable)->unit),
                        std::string(words.back().word)});
  }
  return measures;
}

}  // namespace

uint64_t trials_of_sampler(SamplerKind sampler, uint64_t trials) {
  return sampler == SamplerKind::philox ? trials : replicates_of(trials).trials();
}

PreparedScenario::PreparedScenario(const RunRequest& asked)
    : PreparedScenario(asked, ScenarioFiles(asked.scenario.path)) {}

PreparedScenario::PreparedScenario(const RunRequest& asked, const ScenarioFiles& files)
    : request(asked) {
  const auto start = Clock::now();
  request.trials = trials_of_sampler(request.sampler, request.trials);
  spec = files.load(request.scenario.sets, diagnostics);
  // What they ask for is known once the chain is.
  const bool asks = !spec.questions.empty() || !spec.observations.empty();
  const std::string_view further =
      asks ? "\nquestions and observations are looked at when the rest is right" : "";
  diagnostics.throw_if_any(further);
  compiled = compile(spec, diagnostics);
  diagnostics.throw_if_any(further);
  series = output_series(compiled);
  run.compiled = &compiled;
  run.questions = plan_questions(spec, compiled, series, diagnostics);
  observations = plan_observations(spec, compiled, series, diagnostics);
  diagnostics.throw_if_any();

  std::string mistakes;
  run.kept_series = chosen_series(request.keep, series, "--keep-trials", mistakes);
  if (request.keep_inputs) run.kept_inputs = kept_inputs(compiled);
  const Setting* headline = spec.find("scenario", "")->find("headline");
  std::string ignored;
  const std::string& listed = std::get<std::string>(headline->value);
  const std::vector<std::string_view> names = comma_list(listed);
  // The default headline may name what a small scenario has not; a written one must be right.
  run.headline = chosen_series({names.begin(), names.end()}, series, "headline",
                               headline->is_default ? ignored : mistakes);
  if (request.precision.is_asked() && request.sampler != SamplerKind::philox) {
    mistakes += fmt::format(
        "--precision goes with --sampler philox alone: the width that few replicates of {} tell is "
        "too rough to stop by; give --trials instead\n",
        sampler_name(request.sampler));
  }
  if (request.quantiles == Quantiles::exact && !observations.plans.empty() &&
      request.trials > SeriesReducer::most_exact_trials) {
    mistakes += fmt::format(
        "--quantiles exact: the scenario has an [observe], by which its trials are weighted, and "
        "quantiles of more than {} weighted trials are read off counts; leave the option out\n",
        SeriesReducer::most_exact_trials);
  }
  if (request.likeliest && observations.plans.empty()) {
    mistakes += "--likeliest: the scenario has no [observe], so no trial is weighted\n";
  }
  tight = plan_precision(request.precision, spec.name, reporting_periods(spec.first, spec.last),
                         series, run.questions, run.headline, mistakes);
  comparison = compared_measures(spec, series, run.headline, diagnostics);
  for (const size_t series_asked : chosen_series(request.of, series, "--of", mistakes)) {
    if (std::find(run.headline.begin(), run.headline.end(), series_asked) == run.headline.end()) {
      run.headline.push_back(series_asked);
    }
  }
  diagnostics.throw_if_any();
  if (!mistakes.empty()) throw InputError(mistakes);
  seconds = seconds_since(start);
}

RunOptions PreparedScenario::options() const {
  RunOptions options;
  options.trials = request.trials;
  options.seed = request.seed;
  options.sampler = request.sampler;
  options.threads = request.threads;
  options.observations = observations;
  options.by_view = request.by_view;
  options.quantiles = request.quantiles;
  options.weights_from = request.likeliest;
  options.distributions = true;
  return options;
}

int PreparedScenario::find(std::string_view variable, std::string_view entity) const {
  return find_series(series, variable, entity);
}

void check_memory(const std::vector<ScenarioRun>& scenarios, const RunOptions& options,
                  const Shard& shard) {
  check_memory_of(run_memory_bytes(scenarios, options, shard));
}

void check_memory_of(uint64_t bytes) {
  if (bytes > memory_at_hand()) throw std::bad_alloc();
}

std::string name_apart(const std::string& name, const std::vector<std::string>& taken) {
  std::string apart = name;
  for (int copy = 2; std::find(taken.begin(), taken.end(), apart) != taken.end(); ++copy) {
    apart = fmt::format("{}-{}", name, copy);
  }
  return apart;
}

PreparedRuns run_prepared(const std::vector<const PreparedScenario*>& scenarios,
                          const std::vector<ScenarioRun>& runs, const RunOptions& asked,
                          const NextRun& next) {
  PreparedRuns ran;
  RunOptions options = asked;
  options.next_pass = next;
  if (!scenarios[0]->request.precision.is_asked()) {
    check_memory(runs, options);
    const auto start = Clock::now();
    const RunOptions planned = with_draw_plan(runs, options);
    const double seconds = seconds_since(start);
    ran.outcomes = run_models(runs, planned);
    ran.outcomes[0].seconds.draw_plan = seconds;
    return ran;
  }
  std::vector<ScenarioRun> only;
  for (size_t s = 0; s < runs.size(); ++s) {
    only.push_back(only_tight(runs[s], scenarios[s]->tight));
  }
  double last = 0;
  ran.precision = run_to_precision(options.trials, [&](uint64_t trials, bool is_last) {
    const auto start = Clock::now();
    ran.seconds_before += last;
    RunOptions attempt = is_last ? options : only_tight(options);
    attempt.trials = trials;
    if (next) next(trials * runs.size());
    ran.outcomes.clear();  // before the next ones take memory
    check_memory(is_last ? runs : only, attempt);
    ran.outcomes = run_models(is_last ? runs : only, attempt);
    std::vector<ReachedPrecision> reached;
    for (size_t s = 0; s < runs.size(); ++s) {
      const auto of =
          reached_precision(scenarios[s]->spec.name, scenarios[s]->tight, ran.outcomes[s]);
      reached.insert(reached.end(), of.begin(), of.end());
    }
    last = seconds_since(start);
    return reached;
  });
  return ran;
}

RunResult result_of(const PreparedScenario& scenario, RunOutcome& outcome) {
  const ScenarioSpec& spec = scenario.spec;
  const Compiled& compiled = scenario.compiled;
  RunResult result;
  result.summary = summary_table(spec.name, outcome);
  result.binding = binding_table(spec.name, compiled, outcome);
  result.questions = questions_table(spec.name, compiled.model, outcome);
  result.crossings = crossings_table(spec.name, compiled.model, outcome);
  if (!outcome.distributions.empty()) {
    result.exceedance = exceedance_table(spec.name, outcome);
  }
  result.inputs = inputs_table(spec.name, compiled, outcome, scenario.run.headline);
  add_sources(spec, result.sources);
  if (scenario.request.by_view) {
    result.further.push_back(views_table(spec.name, outcome, scenario.run.headline));
  }
  result.effective_trials = outcome.effective_trials();
  result.weighted = !outcome.weights.empty();
  if (result.weighted) {
    ObservationsResult seen = observations_result(spec.name, outcome, scenario.observations);
    result.further.push_back(std::move(seen.table));
    result.warnings = std::move(seen.warnings);
  }
  result.trials = kept_trials(outcome, scenario.run.kept_series);
  for (const KeptInput& input : scenario.run.kept_inputs) {
    result.drawn.columns.push_back(input.column);
  }
  result.drawn.values = std::move(outcome.kept_inputs);
  for (size_t s : scenario.run.headline) {
    result.headline.emplace_back(
        output_variables()[static_cast<size_t>(outcome.series[s].variable)].name,
        outcome.series[s].entity);
  }
  result.headline_products = headline_products(compiled, outcome, scenario.run.headline);
  result.wafers = main_wafers(spec.name, compiled, outcome, result.headline_products);
  size_t place = 0;
  for (const ViewGroup& group : spec.views) {
    double all = 0;
    for (double weight : group.weights) all += weight;
    for (size_t v = 0; v < group.views.size(); ++v, ++place) {
      const ViewOutcome& view = outcome.views[place];
      result.views.push_back(
          {group.name, group.views[v], group.weights[v] / all,
           static_cast<double>(view.trials.weight) / static_cast<double>(outcome.all.weight)});
    }
  }
  return result;
}

Provenance provenance_of(const std::vector<const PreparedScenario*>& scenarios,
                         const std::vector<RunOutcome>& outcomes, double seconds) {
  const PreparedScenario& first = *scenarios[0];
  Provenance from;
  from.version = version();
  from.build = build_text();
  from.command = first.request.command;
  from.title = first.spec.title_is_inherited
                   ? fmt::format("{}, over: {}", first.spec.name, first.spec.title)
                   : first.spec.title;
  from.first_month = first.spec.first.text();
  from.last_month = first.spec.last.text();
  double prepared = 0;
  for (const PreparedScenario* each : scenarios) {
    from.scenario += (from.scenario.empty() ? "" : ", ") + each->spec.name;
    for (const FileRead& file : each->spec.files) {
      std::pair<std::string, std::string> read(file.path, file.text);
      if (std::find(from.files.begin(), from.files.end(), read) == from.files.end()) {
        from.files.push_back(std::move(read));
      }
    }
    from.scenario_text += resolved_text(each->spec, each->diagnostics);
    prepared += each->seconds;
  }
  from.scenario_sha256 = sha256(from.scenario_text);
  from.seed = first.request.seed;
  from.trials = outcomes[0].trials;
  from.sampler = sampler_name(first.request.sampler);
  if (first.request.sampler != SamplerKind::philox) {
    from.replicates = replicates_of(from.trials).count;
  }
  from.quantiles = outcomes[0].exact_quantiles ? "exact" : "binned";
  from.stream_version = stream_version;
  from.threads = outcomes[0].threads;
  from.host_cpu = system_line("/proc/cpuinfo", "model name");
  from.seconds = prepared + seconds;
  const PhaseTimes& took = outcomes[0].seconds;
  from.seconds_by_phase = {{"load_and_compile", prepared}};
  if (from.replicates > 1) from.seconds_by_phase.emplace_back("draw_plan", took.draw_plan);
  from.seconds_by_phase.emplace_back("pilot", took.pilot);
  from.seconds_by_phase.emplace_back("main", took.main);
  if (took.quantiles > 0) from.seconds_by_phase.emplace_back("quantiles", took.quantiles);
  from.seconds_by_phase.emplace_back("statistics", took.statistics);
  from.variables = variable_meanings();
  return from;
}

void add_provenance(const std::vector<const PreparedScenario*>& scenarios, PreparedRuns& ran,
                    double seconds, RunResult& result) {
  const RunRequest& request = scenarios[0]->request;
  result.provenance = provenance_of(scenarios, ran.outcomes, seconds);
  if (!request.precision.is_asked()) return;
  auto& phases = result.provenance.seconds_by_phase;
  phases.insert(phases.begin() + 1, {"runs_before_the_last", ran.seconds_before});
  result.precision = std::move(ran.precision);
  result.most_trials = request.trials;
  for (std::string& warning :
       precision_warnings(result.precision, result.provenance.trials, request.trials)) {
    result.warnings.push_back(std::move(warning));
  }
}

}  // namespace fabcast
