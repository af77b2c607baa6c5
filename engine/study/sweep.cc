#include "study/sweep.h"

#include <fmt/core.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numeric>
#include <set>

#include "base/first_error.h"
#include "base/hash.h"
#include "base/version.h"
#include "random/streams.h"
#include "run/tables.h"
#include "scenario/document.h"
#include "study/draw_plan.h"

namespace fabcast {

namespace {

using Clock = std::chrono::steady_clock;

/// Cases of up to so many trials are run side by side, one a thread: what is done once a case, and
/// the end of each, then idles no thread. Larger ones use all threads one by one, which takes less
/// memory and keeps what is done more often.
constexpr uint64_t most_side_by_side = 16'384;

constexpr uint64_t most_pilot_trials = 1024;  ///< of an estimate
/// Of a table in memory, as CSV, in the workbook and on the page (1,000 points of the baseline: 450
/// MB).
constexpr size_t bytes_of_cell = 168;
constexpr size_t most_told = 3;  ///< cases that are refused

/// Columns of questions.csv that do not depend on the scenario's views.
constexpr std::string_view last_question_column = "to";

/// Rows without numbers that no file can hold.
std::vector<std::vector<Cell>> plain_rows(std::vector<std::vector<Cell>> rows) {
  for (auto& row : rows) {
    for (Cell& cell : row) {
      const double* number = std::get_if<double>(&cell);
      if (number && !std::isfinite(*number)) cell = std::monostate{};
    }
  }
  return rows;
}

std::vector<Column> without_scenario(const std::vector<Column>& columns) {
  return {columns.begin() + 1, columns.end()};
}

/// The key that a --set line sets.
std::string key_of_set(const std::string& line) {
  return folded(std::string_view(line).substr(0, line.find('=')));
}

}  // namespace

/// What the threads of a sweep share.
struct Sweep::Work {
  explicit Work(const Progress& told) : progress(told) {}

  const Progress& progress;
  std::mutex mutex;  ///< of what cases come to, and the progress
  std::atomic<uint64_t> trials = 0;
  std::atomic<bool> stopped = false;
  FirstError error;

  /// One case's progress; called by any thread.
  bool report(uint64_t more) {
    trials += more;
    if (const std::unique_lock lock(mutex, std::try_to_lock); lock && progress && !stopped) {
      if (!progress(trials)) stopped = true;
    }
    return !stopped && !error.failed();
  }
};

Sweep::Sweep(const SweepRequest& request, const Progress& progress, const NextRun& next)
    : request_(request), design_(request.design) {
  std::string mistakes;
  request_.run.trials = trials_of_sampler(request_.run.sampler, request_.run.trials);
  const auto collect = [&](const InputError& error) {
    std::string text = error.what();
    if (!text.ends_with('\n')) text += '\n';
    // What is wrong with an option is wrong with it in each scenario.
    if (mistakes.find(text) == std::string::npos) mistakes += text;
  };
  std::set<std::string> varied;
  for (const VariedKey& key : design_.keys()) {
    if (!key.is_factor) varied.insert(key.key);
  }
  for (const std::string& line : request_.run.scenario.sets) {
    if (varied.contains(key_of_set(line))) {
      mistakes += fmt::format("--set gives '{}', which is varied; leave one of the two out\n",
                              escaped(key_of_set(line)));
    }
  }
  std::vector<std::string> names;
  for (const std::string& path : request_.paths) {
    RunRequest one = request_.run;
    one.scenario.path = path;
    one.by_view = false;
    one.keep.clear();
    try {
      files_.emplace_back(path);
      scenarios_.push_back(std::make_unique<PreparedScenario>(one, files_.back()));
      std::string& name = scenarios_.back()->spec.name;
      name = name_apart(name, names);
      names.push_back(name);
    } catch (const InputError& error) {
      collect(error);
      continue;
    }
    design_.check(scenarios_.back()->spec, mistakes);
    if (scenarios_.back()->run.headline.empty()) {
      mistakes += fmt::format("{}: nothing to report; name it with --of 'VARIABLE ENTITY'\n",
                              escaped(path));
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);
  std::vector<ScenarioRun> runs;
  for (const auto& scenario : scenarios_) runs.push_back(scenario->run);
  RunOptions planned = scenarios_[0]->options();
  planned.progress = progress;
  draw_plan_ = with_draw_plan(runs, planned).draw_plan;
  if (next) next(cases());
  check_cases(progress);
}

Sweep::~Sweep() = default;

std::vector<std::string> Sweep::sets(size_t index) const {
  const ScenarioSpec& base = scenarios_[index % scenarios_.size()]->spec;
  std::vector<std::string> all = request_.run.scenario.sets;
  for (std::string& line : design_.sets(index / scenarios_.size(), base)) {
    all.push_back(std::move(line));
  }
  return all;
}

std::string Sweep::case_name(size_t index) const {
  std::string values;
  for (size_t k = 0; k < design_.keys().size() && k < 6; ++k) {
    const VariedValue* value = design_.value(index / scenarios_.size(), k);
    if (!value) continue;
    values += fmt::format("{}{} = {}", values.empty() ? " (" : "; ", design_.keys()[k].name,
                          escaped(value->text));
  }
  if (!values.empty()) values += ')';
  return fmt::format("point {} of {}{}", index / scenarios_.size() + 1,
                     scenarios_[index % scenarios_.size()]->spec.name, values);
}

void Sweep::check_cases(const Progress& progress) const {
  std::vector<std::string> refused(cases());
  Work work(progress);
#pragma omp parallel for schedule(dynamic, 1) num_threads(thread_count(request_.run.threads))
  for (size_t i = 0; i < refused.size(); ++i) {
    if (work.stopped) continue;
    work.error.run([&] {
      Diagnostics diagnostics;
      files_[i % files_.size()].load(sets(i), diagnostics);
      if (!diagnostics.ok()) refused[i] = diagnostics.text();
      work.report(1);
    });
  }
  if (work.stopped) throw Interrupted("interrupted before the first point");
  work.error.rethrow();
  std::string mistakes;
  size_t count = 0;
  for (size_t i = 0; i < refused.size(); ++i) {
    if (refused[i].empty() || ++count > most_told) continue;
    mistakes += fmt::format("{} is refused:\n{}\n", case_name(i), refused[i]);
  }
  if (count > most_told) mistakes += fmt::format("so are {} more\n", count - most_told);
  if (count > 0) throw InputError(mistakes);
}

RunOptions Sweep::options(const PreparedScenario& scenario, uint64_t trials, int threads) const {
  RunOptions options = scenario.options();
  options.trials = trials;
  options.threads = threads;
  options.draw_plan = draw_plan_;
  options.detail = Detail::chosen;
  options.distributions = false;
  return options;
}

ScenarioRun Sweep::reported(const PreparedScenario& scenario) const {
  const std::vector<Period> periods = reporting_periods(scenario.spec.first, scenario.spec.last);
  const auto lasts_a_year = [](const Period& period) {
    return period.last.count - period.first.count == 11;
  };
  const bool all = request_.quarters || std::none_of(periods.begin(), periods.end(), lasts_a_year);
  ScenarioRun run = scenario.run;
  for (size_t p = 0; p < periods.size(); ++p) {
    for (const size_t series : run.headline) {
      if (all || lasts_a_year(periods[p])) run.columns.push_back({series, p});
    }
  }
  return run;
}

std::unique_ptr<PreparedScenario> Sweep::prepared(size_t index) const {
  const size_t s = index % scenarios_.size();
  RunRequest one = scenarios_[s]->request;
  one.scenario.sets = sets(index);
  try {
    return std::make_unique<PreparedScenario>(one, files_[s]);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{} is refused:\n{}", case_name(index), error.what()));
  }
}

PointRows Sweep::run_case(size_t index, uint64_t trials, int threads,
                          const Progress& progress) const {
  const std::unique_ptr<PreparedScenario> scenario = prepared(index);
  RunOptions run_options = options(*scenario, trials, threads);
  run_options.progress = progress;
  const RunOutcome outcome = std::move(run_models({reported(*scenario)}, run_options)[0]);
  const std::string& name = scenarios_[index % scenarios_.size()]->spec.name;
  PointRows rows;
  rows.statistics = plain_rows(summary_table(name, outcome).rows);
  Table questions = questions_table(name, scenario->compiled.model, outcome);
  const size_t columns = questions.column(last_question_column) + 1;
  for (auto& row : questions.rows) row.resize(columns);
  rows.questions = plain_rows(std::move(questions.rows));
  if (!outcome.weights.empty()) {
    rows.warnings = observations_result(name, outcome, scenario->observations).warnings;
  }
  return rows;
}

SweepIdentity Sweep::identity() const {
  // All that decides the bytes of the tables.
  std::string scenarios, cases_text;
  for (const auto& each : scenarios_) {
    scenarios += each->spec.name + '\n' + resolved_text(each->spec, each->diagnostics) + '\n';
  }
  for (const VariedKey& key : design_.keys()) cases_text += key.name + '\n';
  for (size_t i = 0; i < cases(); ++i) {
    for (const std::string& line : sets(i)) cases_text += line + '\n';
    cases_text += '\n';
  }
  for (const std::string& of : request_.run.of) cases_text += of + '\n';
  std::string precision = finds_trials() ? request_.run.precision.half_width : "none";
  for (const std::string& of : request_.run.precision.of) precision += " of '" + of + '\'';
  return {{{"version", fmt::format("{}, streams {}", version(), stream_version)},
           {"seed", std::to_string(request_.run.seed)},
           {"sampler", std::string(sampler_name(request_.run.sampler))},
           {"number of trials",
            fmt::format("{}{}", finds_trials() ? "at most " : "", request_.run.trials)},
           {"quantiles", std::string(quantiles_name(request_.run.quantiles))},
           {"precision", precision},
           {"number of points", std::to_string(points())},
           {"periods", request_.quarters ? "quarters" : "years"},
           {"scenario", sha256(scenarios)},
           {"design", sha256(cases_text)}},
          request_.run.command};
}

uint64_t Sweep::bytes_of(int at_once, int threads_each) const {
  uint64_t most = 0, rows = 0;
  for (const auto& scenario : scenarios_) {
    const RunOptions one = options(*scenario, trials(), threads_each);
    most = std::max(most, run_memory_bytes({reported(*scenario)}, one));
    const size_t periods = reporting_periods(scenario->spec.first, scenario->spec.last).size();
    const size_t reported = request_.quarters ? periods : periods / 5 + 1;
    const size_t cells = scenario->run.headline.size() * reported * (30 + design_.keys().size()) +
                         scenario->run.questions.size() * (18 + design_.keys().size());
    rows += points() * cells * bytes_of_cell;
  }
  return most * static_cast<uint64_t>(at_once) + rows;
}

SweepEstimate Sweep::estimate() const {
  SweepEstimate estimate;
  estimate.threads = thread_count(request_.run.threads);
  const bool side_by_side = trials() <= most_side_by_side;
  estimate.bytes = side_by_side ? bytes_of(estimate.threads, 1) : bytes_of(1, estimate.threads);
  estimate.pilot_trials = std::min(trials(), most_pilot_trials);
  // One thread, twice: what a case costs before its trials is told from what a trial costs.
  const auto seconds_of = [&](uint64_t trials) {
    const auto start = Clock::now();
    run_case(0, trials, 1, {});
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const uint64_t fewest = trials_of_sampler(request_.run.sampler, 1);
  const double few = seconds_of(fewest), many = seconds_of(estimate.pilot_trials);
  const double trials_more =
      static_cast<double>(std::max(estimate.pilot_trials, fewest + 1) - fewest);
  const double each = std::max(0.0, many - few) / trials_more;
  const double one_case = few + each * static_cast<double>(trials());
  estimate.seconds = one_case * static_cast<double>(cases()) / estimate.threads;
  if (finds_trials()) estimate.seconds *= 2;  // the trials are found, then run for the tables
  return estimate;
}

void Sweep::run_cases(Work& work, const std::vector<size_t>& todo, uint64_t trials,
                      const RunOne& run_one) const {
  const int threads = thread_count(request_.run.threads);
  const auto width = static_cast<size_t>(threads);
  const bool side_by_side = trials <= most_side_by_side;
  const auto some = [&](size_t first, size_t last, int at_once) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(at_once)
    for (size_t i = first; i < last; ++i) {
      if (work.stopped) continue;
      work.error.run([&] {
        uint64_t counted = 0;
        run_one(todo[i], at_once > 1 ? 1 : threads, [&](uint64_t done) {
          // Weighted trials may run twice.
          const uint64_t more = done > counted ? done - counted : 0;
          counted += more;
          return work.report(more);
        });
        work.trials += trials - counted;
      });
    }
  };
  // What is left over of whole rounds is run with all threads, one by one.
  const size_t rounds = side_by_side ? todo.size() / width * width : 0;
  check_memory_of(side_by_side ? bytes_of(threads, 1) : bytes_of(1, threads));
  if (rounds > 0) some(0, rounds, threads);
  some(rounds, todo.size(), 1);
}

FoundTrials Sweep::find_trials(const Progress& progress, const NextRun& next) const {
  std::vector<size_t> all(cases());
  std::iota(all.begin(), all.end(), size_t{0});
  FoundTrials found;
  run_to_precision(request_.run.trials, [&](uint64_t trials, bool) {
    if (trials == found.trials) return found.reached;  // again for all results, which run() makes
    if (next) next(trials * cases());
    std::vector<std::vector<ReachedPrecision>> of_case(cases());
    Work work(progress);
    run_cases(work, all, trials, [&](size_t index, int threads, const Progress& report) {
      const std::unique_ptr<PreparedScenario> scenario = prepared(index);
      RunOptions run_options = only_tight(options(*scenario, trials, threads));
      run_options.progress = report;
      const auto outcomes = run_models({only_tight(scenario->run, scenario->tight)}, run_options);
      of_case[index] = reached_precision(case_name(index), scenario->tight, outcomes[0]);
    });
    if (work.stopped) throw Interrupted("interrupted before the first point");
    work.error.rethrow();
    found = {trials, {}};
    for (auto& of : of_case) {
      found.reached.insert(found.reached.end(), std::make_move_iterator(of.begin()),
                           std::make_move_iterator(of.end()));
    }
    return found.reached;
  });
  return found;
}

RunResult Sweep::run(PointJournal* journal, const Progress& progress) const {
  const auto start = Clock::now();
  Work work(progress);
  std::vector<PointRows> rows(cases());
  std::vector<bool> is_done(cases());
  size_t done = 0;
  if (journal) {
    for (auto& [index, kept] : journal->done()) {
      rows[index] = std::move(kept);
      is_done[index] = true;
      ++done;
    }
    journal->done().clear();
  }
  std::vector<size_t> todo;
  for (size_t i = 0; i < cases(); ++i) {
    if (!is_done[i]) todo.push_back(i);
  }
  run_cases(work, todo, trials(), [&](size_t index, int threads, const Progress& report) {
    PointRows made = run_case(index, trials(), threads, report);
    const std::lock_guard lock(work.mutex);
    if (journal) journal->add(index, made);
    rows[index] = std::move(made);
    ++done;
  });
  if (journal) journal->flush();
  if (work.stopped) {
    throw Interrupted(fmt::format("interrupted; {} of {} points {} done{}", done, cases(),
                                  done == 1 ? "is" : "are", journal ? " and kept" : ""));
  }
  work.error.rethrow();

  RunResult result = tables(rows);
  if (found_) {
    result.precision = found_->reached;
    result.most_trials = request_.run.trials;
    for (std::string& warning :
         precision_warnings(found_->reached, found_->trials, request_.run.trials)) {
      result.warnings.push_back(std::move(warning));
    }
  }
  std::vector<const PreparedScenario*> all;
  for (const auto& each : scenarios_) all.push_back(each.get());
  const std::chrono::duration<double> seconds = Clock::now() - start;
  RunOutcome outcome;
  outcome.threads = thread_count(request_.run.threads);
  outcome.trials = trials();
  outcome.exact_quantiles = trials() <= SeriesReducer::most_exact_trials ||
                            options(*scenarios_[0], trials(), 1).has_exact_quantiles();
  std::vector<RunOutcome> outcomes;
  outcomes.push_back(std::move(outcome));
  Provenance& from = result.provenance;
  from = provenance_of(all, outcomes, seconds.count());
  from.seconds_by_phase.resize(1);  // phases of many runs tell nothing
  from.seconds_by_phase.emplace_back("points", seconds.count());
  if (!design_.file_path().empty()) {
    from.files.emplace_back(design_.file_path(), design_.file_text());
  }
  return result;
}

RunResult Sweep::tables(std::vector<PointRows>& rows) const {
  RunResult made;
  Swept& swept = made.swept;
  swept.points = points();
  std::vector<Column> keys{{"point", "Number of the point, from 1"}};
  for (const VariedKey& key : design_.keys()) {
    keys.push_back({key.name, key.meaning()});
    swept.keys.push_back(key.name);
    const bool has_unit = key.row && key.row->is_numeric() && !key.is_factor;
    swept.units.emplace_back(has_unit ? unit_name(key.row->dimension) : "");
  }
  const Column scenario{"scenario", "Name of the scenario"};
  const auto table_of = [&](const char* name, const std::vector<Column>& columns) {
    Table table{name, keys, {}};
    table.columns.push_back(scenario);
    for (const Column& column : columns) table.columns.push_back(column);
    return table;
  };
  const RunOutcome nothing_run;
  Table summary = summary_table("", nothing_run);
  Table sweep = table_of("sweep", without_scenario(summary.columns));
  Table wide = table_of("sweep-wide", {});
  Table questions = table_of(
      "sweep-questions",
      without_scenario(questions_table("", scenarios_[0]->compiled.model, nothing_run).columns));
  const size_t variable = summary.column("variable"), entity = summary.column("entity"),
               unit = summary.column("unit"), period = summary.column("period");
  constexpr std::array shown{"mean", "p05", "p50", "p95"};
  constexpr std::array meanings{"mean over trials", "5 % quantile", "median", "95 % quantile"};
  std::map<std::string, size_t> wide_columns;  // by name of the first of four
  for (const auto& each : scenarios_) {
    swept.scenarios.push_back(each->spec.name);
    // As they stand, before what is varied.
    append(inputs_table(each->spec.name, each->compiled, nothing_run, {}), made.inputs);
    add_sources(each->spec, made.sources);
  }

  for (size_t i = 0; i < rows.size(); ++i) {
    const PreparedScenario& base = *scenarios_[i % scenarios_.size()];
    const size_t point = i / scenarios_.size();
    std::vector<Cell> head{static_cast<long long>(point + 1)};
    for (size_t k = 0; k < design_.keys().size(); ++k) {
      head.push_back(design_.cell(point, k, base.spec));
    }
    const bool any_year =
        std::any_of(rows[i].statistics.begin(), rows[i].statistics.end(),
                    [&](const auto& row) { return text_in(row[period]).size() == 4; });
    std::vector<Cell> one = head;
    one.emplace_back(base.spec.name);
    one.resize(wide.columns.size());
    for (const auto& row : rows[i].statistics) {
      if (any_year && text_in(row[period]).size() != 4) continue;
      const std::string name = fmt::format("{} {} {}", text_in(row[variable]), text_in(row[entity]),
                                           text_in(row[period]));
      const auto [place, is_new] = wide_columns.emplace(name, wide.columns.size());
      for (size_t c = 0; is_new && c < shown.size(); ++c) {
        wide.columns.push_back({fmt::format("{} {}", name, shown[c]),
                                fmt::format("In {}: {}", text_in(row[unit]), meanings[c])});
        one.emplace_back();
      }
      for (size_t c = 0; c < shown.size(); ++c) {
        one[place->second + c] = row[summary.column(shown[c])];
      }
    }
    wide.rows.push_back(std::move(one));
    const auto add = [&](std::vector<std::vector<Cell>>& from, Table& to) {
      for (auto& row : from) {
        std::vector<Cell> whole = head;
        whole.insert(whole.end(), std::make_move_iterator(row.begin()),
                     std::make_move_iterator(row.end()));
        to.rows.push_back(std::move(whole));
      }
      from = {};
    };
    add(rows[i].statistics, sweep);
    add(rows[i].questions, questions);
    for (const std::string& warning : rows[i].warnings) {
      made.warnings.push_back(fmt::format("{}: {}", case_name(i), warning));
    }
  }
  for (auto& row : wide.rows) row.resize(wide.columns.size());

  // On the screen: what was asked for, else the headline, in the last period.
  const PreparedScenario& first = *scenarios_[0];
  std::vector<size_t> order = first.run.headline;
  if (!request_.run.of.empty()) {
    std::stable_partition(order.begin(), order.end(), [&](size_t s) {
      const std::string name = series_name(first.series[s]);
      return std::any_of(
          request_.run.of.begin(), request_.run.of.end(),
          [&](const std::string& of) { return name == of || name.starts_with(of + " "); });
    });
  }
  for (const size_t s : order) {
    const Series& series = first.series[s];
    const OutputVariable& of = output_variables()[static_cast<size_t>(series.variable)];
    ComparedMeasure measure{std::string(of.name), series.entity, std::string(of.unit), ""};
    const std::string prefix = fmt::format("{} {} ", measure.variable, measure.entity);
    size_t last = 0;
    for (const auto& [name, column] : wide_columns) {
      if (!name.starts_with(prefix) || name.find(' ', prefix.size()) != std::string::npos) continue;
      if (column >= last) measure.period = name.substr(prefix.size());
      last = std::max(last, column);
    }
    if (!measure.period.empty()) swept.measures.push_back(std::move(measure));
  }
  for (const auto& [variable_name, entity_name, unit_text, period_text] : swept.measures) {
    made.headline.emplace_back(variable_name, entity_name);
  }
  made.further.push_back(std::move(sweep));
  made.further.push_back(std::move(wide));
  if (!questions.rows.empty()) made.further.push_back(std::move(questions));
  return made;
}

}  // namespace fabcast
