#include "study/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/comma_list.h"
#include "run/tables.h"
#include "scenario/declarations.h"
#include "scenario/names.h"

namespace fabcast {

namespace {

constexpr size_t median = 3;  ///< of reported_quantiles
constexpr double z_90 = z_of_90_percent.z;

/// The same question of a difference: its value at the end of the date, of a flow since the first
/// month where it is asked `by` it.
Asked of_difference(Asked asked) {
  if (asked.time == QuestionTime::by) {
    asked.time = QuestionTime::at;
    asked.first = asked.kind == OutputKind::flow ? 0 : asked.last;
  }
  return asked;
}

/// Ratio of two means of the same trials, y / x, with its 90 % interval by the delta method: the
/// covariance follows from the variances of x, y and their difference.
struct Ratio {
  double estimate, low, high;
};
Ratio ratio_of(const SeriesStatistics& y, const SeriesStatistics& x,
               const SeriesStatistics& difference, double standard_errors) {
  if (!(std::abs(x.mean) > 0)) return {nothing, nothing, nothing};
  const auto squared = [](double se) { return se * se; };
  const double r = y.mean / x.mean;
  const double covariance =
      (squared(x.mean_se) + squared(y.mean_se) - squared(difference.mean_se)) / 2;
  const double variance =
      (squared(y.mean_se) - 2 * r * covariance + r * r * squared(x.mean_se)) / (x.mean * x.mean);
  if (!std::isfinite(variance)) return {r, nothing, nothing};
  const double reach = standard_errors * std::sqrt(std::max(0.0, variance));
  return {r, r - reach, r + reach};
}

/// Difference of two chances over the same trials, with the interval of Agresti and Min (2005,
/// doi:10.1002/sim.1781): half a trial is added to each of the four cells. Of weighted trials there
/// are as many as give the variance of a weighted difference; where no trial tells them apart,
/// their effective number. Of many replicates, these tell the error.
struct ChanceDifference {
  double estimate, low, high;
};
ChanceDifference chance_difference(const PairedOutcome::Question& pair, const TrialSum& all) {
  const auto total = static_cast<double>(all.weight);
  const auto squares = [](const TrialSum& sum) { return static_cast<double>(sum.squares); };
  const double own = static_cast<double>(pair.only_own.weight) / total;
  const double first = static_cast<double>(pair.only_first.weight) / total;
  const double d = own - first;
  if (!all.of_replicate.empty()) {
    std::vector<double> differences, wholes;
    for (size_t r = 0; r < all.of_replicate.size(); ++r) {
      differences.push_back(static_cast<double>(pair.only_own.of_replicate[r]) -
                            static_cast<double>(pair.only_first.of_replicate[r]));
      wholes.push_back(static_cast<double>(all.of_replicate[r]));
    }
    const Replicates replicates{wholes.size(), 0};
    const double error = std::max(error_of_ratio(differences, wholes),
                                  rounding_of_share(replicates, all.effective()));
    const double reach = reach_of_90_percent(replicates).z * error;
    return {d, std::max(-1.0, d - reach), std::min(1.0, d + reach)};
  }
  const double rest = squares(all) - squares(pair.only_own) - squares(pair.only_first);
  const double variance = ((1 - d) * (1 - d) * squares(pair.only_own) +
                           (1 + d) * (1 + d) * squares(pair.only_first) + d * d * rest) /
                          (total * total);
  const double n = variance > 0 ? (own + first - d * d) / variance : all.effective();
  const double b = n * own + 0.5, c = n * first + 0.5, m = n + 2;
  const double middle = (b - c) / m;
  const double reach = z_90 * std::sqrt((b + c) - (b - c) * (b - c) / m) / m;
  return {d, std::max(-1.0, middle - reach), std::min(1.0, middle + reach)};
}

Table compare_table(const std::vector<std::unique_ptr<PreparedScenario>>& scenarios,
                    const std::vector<RunOutcome>& outcomes) {
  Table table{"compare",
              {{"scenario", "Name of the scenario"},
               {"base", "The first scenario, with which it is compared trial by trial"},
               {"variable", "What is reported; `fabcast list variables` explains each"},
               {"entity", "Line, die, product, family, segment, pod …"},
               {"unit", "Unit of the values"},
               {"period", "Calendar year; quarters too of the headline"},
               {"mean", "Mean over trials"},
               {"base_mean", "The same of the base"},
               {"difference", "Mean of the paired differences to the base"},
               {"difference_se", "Its Monte Carlo standard error"},
               {"difference_lo", "90 % Monte Carlo interval of the difference, low end"},
               {"difference_hi", "high end"},
               {"ratio", "Mean over the base's mean"},
               {"ratio_lo", "90 % Monte Carlo interval of the ratio (delta method), low end"},
               {"ratio_hi", "high end"},
               {"difference_p05", "Quantile over trials of the difference"},
               {"difference_p50", "Quantile over trials of the difference"},
               {"difference_p95", "Quantile over trials of the difference"},
               {"difference_p50_lo", "90 % Monte Carlo interval of the median difference, low end"},
               {"difference_p50_hi", "high end"},
               {"variance_reduction",
                "Variance of the difference of independent runs over that of paired ones; empty "
                "where no trial differs"}},
              {}};
  const RunOutcome& base = outcomes[0];
  for (size_t s = 1; s < outcomes.size(); ++s) {
    const RunOutcome& own = outcomes[s];
    for (size_t c = 0; c < own.paired.columns.size(); ++c) {
      const auto [own_column, base_column] = own.paired.columns[c];
      const auto [series, period] = own.columns.columns[static_cast<size_t>(own_column)];
      const OutputVariable& variable =
          output_variables()[static_cast<size_t>(own.series[series].variable)];
      const SeriesStatistics& y = own.statistics[static_cast<size_t>(own_column)];
      const SeriesStatistics& x = base.statistics[static_cast<size_t>(base_column)];
      const SeriesStatistics& d = own.paired.differences[c];
      const Ratio ratio = ratio_of(y, x, d, own.reach());
      std::vector<Cell> row{scenarios[s]->spec.name,
                            scenarios[0]->spec.name,
                            std::string(variable.name),
                            own.series[series].entity,
                            std::string(variable.unit),
                            own.periods[period].text(),
                            y.mean,
                            x.mean,
                            d.mean,
                            d.mean_se,
                            d.mean - own.reach() * d.mean_se,
                            d.mean + own.reach() * d.mean_se,
                            ratio.estimate,
                            ratio.low,
                            ratio.high,
                            d.quantile.front(),
                            d.quantile[median],
                            d.quantile.back(),
                            d.low[median],
                            d.high[median]};
      if (d.sd > 0) {
        row.emplace_back((x.sd * x.sd + y.sd * y.sd) / (d.sd * d.sd));
      } else {
        row.emplace_back();
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

/// Adds each question's difference to the base, from trials in which it holds in one alone.
void add_differences(const RunOutcome& own, Table& questions) {
  const size_t first = questions.columns.size();
  questions.columns.push_back({"difference", "Chance less that of the base"});
  questions.columns.push_back(
      {"difference_lo",
       "90 % Monte Carlo interval of the difference (Agresti and Min, or by replicates), low end"});
  questions.columns.push_back({"difference_hi", "high end"});
  for (auto& row : questions.rows) row.resize(first + 3);
  for (const PairedOutcome::Question& pair : own.paired.questions) {
    const ChanceDifference d = chance_difference(pair, own.all);
    auto& row = questions.rows[static_cast<size_t>(pair.own)];
    row[first] = d.estimate;
    row[first + 1] = d.low;
    row[first + 2] = d.high;
  }
}

/// Median month of a milestone: NaN and "later" where half the trials do not reach it.
ComparedValue milestone_value(const PreparedScenario& scenario, const RunOutcome& outcome,
                              const std::string& name) {
  for (size_t q = 0; q < outcome.questions.size(); ++q) {
    if (outcome.questions[q].name != "milestone." + name) continue;
    const auto& cells = outcome.question_counts[q].first_reached;
    const size_t cell = *quantile_cell(cells, 0.5);
    if (cell + 1 == cells.size()) break;
    const Month month{scenario.compiled.model.first.count + static_cast<int>(cell)};
    return {static_cast<double>(month.count), nothing, nothing, month.text()};
  }
  return {nothing, nothing, nothing, "later"};
}

/// A measure's mean and, but for the first scenario, its difference; of a milestone its month
/// alone.
ComparedValue compared_value(const PreparedScenario& scenario, const RunOutcome& outcome,
                             const ComparedMeasure& measure) {
  if (measure.variable == "milestone") {
    return milestone_value(scenario, outcome, measure.entity);
  }
  ComparedValue value{nothing, nothing, nothing, ""};
  const int series = scenario.find(measure.variable, measure.entity);
  for (size_t p = 0; series >= 0 && p < outcome.periods.size(); ++p) {
    const auto s = static_cast<size_t>(series);
    if (outcome.periods[p].text() != measure.period || !outcome.has(s, p)) continue;
    value.value = outcome.of(s, p).mean;
    const int own = outcome.columns.place[s * outcome.periods.size() + p];
    for (size_t c = 0; c < outcome.paired.columns.size(); ++c) {
      if (outcome.paired.columns[c].first != own) continue;
      value.difference = outcome.paired.differences[c].mean;
      value.half_interval = outcome.reach() * outcome.paired.differences[c].mean_se;
    }
  }
  return value;
}

}  // namespace

PairedStudy::PairedStudy(const CompareRequest& request) {
  std::string mistakes;
  for (const std::string& path : request.paths) {
    RunRequest one = request.run;
    one.by_view = false;  // compared as the mixture
    one.scenario.path = path;
    try {
      scenarios_.push_back(std::make_unique<PreparedScenario>(one));
    } catch (const InputError& error) {
      std::string text = error.what();  // of all files at once
      if (!text.ends_with('\n')) text += '\n';
      // What is wrong with an option is wrong with it in each.
      if (mistakes.find(text) == std::string::npos) mistakes += text;
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);
  const ScenarioSpec& first = scenarios_[0]->spec;
  for (const auto& each : scenarios_) {
    if (each->spec.first == first.first && each->spec.last == first.last) continue;
    throw InputError(fmt::format(
        "{} simulates {} .. {}, and {} {} .. {}; scenarios that are compared have the same months",
        escaped(first.name), first.first.text(), first.last.text(), escaped(each->spec.name),
        each->spec.first.text(), each->spec.last.text()));
  }
  std::vector<std::string> names;
  for (const auto& each : scenarios_) {
    each->spec.name = name_apart(each->spec.name, names);
    names.push_back(each->spec.name);
  }
  options_ = scenarios_[0]->options();
  options_.detail = Detail::years_and_headline;
  plan_asked(request.asked);
  check_precision();
  for (const auto& each : scenarios_) runs_.push_back(each->run);
}

void PairedStudy::check_precision() const {
  std::string mistakes;
  for (const auto& each : scenarios_) {
    const auto periods = reporting_periods(each->spec.first, each->spec.last);
    for (const TightStatistic& statistic : each->tight) {
      const Period& period = periods[statistic.period];
      const auto& headline = each->run.headline;
      if (statistic.question >= 0 || period.last.count - period.first.count == 11 ||
          std::find(headline.begin(), headline.end(), statistic.series) != headline.end()) {
        continue;
      }
      const std::string mistake = fmt::format(
          "--of '{}': a comparison has quarters of the headline alone; ask for a year\n",
          statistic.text);
      if (mistakes.find(mistake) == std::string::npos) mistakes += mistake;  // of several scenarios
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);
}

void PairedStudy::plan_asked(const std::vector<std::string>& texts) {
  for (size_t i = 0; i < texts.size(); ++i) {
    Diagnostics diagnostics;
    const int file = diagnostics.add_file("--ask", texts[i]);
    KeyLine line;
    line.key = fmt::format("asked-{}", i + 1);
    line.key_at = line.value_at = {file, 1, 1};
    line.value = PlacedText(texts[i], line.value_at);
    const auto question = read_question(line, scenarios_[0]->spec.last, diagnostics);
    if (question && (question->period.last > scenarios_[0]->spec.last ||
                     question->period.first < scenarios_[0]->spec.first)) {
      diagnostics.error(
          line.value_at, fmt::format("{} is not simulated", question->period.text()),
          fmt::format("ask for a date from {} to {}", scenarios_[0]->spec.first.text(),
                      scenarios_[0]->spec.last.text()));
    }
    diagnostics.throw_if_any();
    for (size_t s = 0; s < scenarios_.size(); ++s) {
      PreparedScenario& scenario = *scenarios_[s];
      auto plan = plan_question(*question, scenario.compiled, scenario.series, diagnostics, -1);
      diagnostics.throw_if_any();
      scenario.run.asked.push_back(of_difference(plan->asked));
      if (s > 0) continue;
      options_.difference_bounds.push_back(bound_of(plan->comparison, plan->threshold));
      asked_.push_back({texts[i], std::move(*plan)});
    }
  }
}

std::vector<std::string> PairedStudy::notes() const {
  std::vector<std::string> notes;
  for (size_t s = 1; s < scenarios_.size(); ++s) {
    const auto& own = scenarios_[s]->spec.observations;
    const auto& first = scenarios_[0]->spec.observations;
    const bool same = std::equal(own.begin(), own.end(), first.begin(), first.end(),
                                 [](const ObservationSpec& a, const ObservationSpec& b) {
                                   return a.name == b.name && a.text == b.text;
                                 });
    if (own.empty() || same) continue;
    notes.push_back(fmt::format(
        "the observations of {} are not used: trials weigh what they weigh in the first scenario, "
        "{}",
        scenarios_[s]->spec.name, scenarios_[0]->spec.name));
  }
  return notes;
}

RunResult PairedStudy::run(Progress progress, const NextRun& next) const {
  const auto start = std::chrono::steady_clock::now();
  RunOptions options = options_;
  options.progress = std::move(progress);
  std::vector<const PreparedScenario*> all;
  for (const auto& each : scenarios_) all.push_back(each.get());
  PreparedRuns ran = run_prepared(all, runs_, options, next);
  std::vector<RunOutcome>& outcomes = ran.outcomes;

  RunResult result;
  Table asked{"asked",
              {{"scenario", "Name of the scenario"},
               {"base", "The first scenario"},
               {"text", "Asked of the difference to the base, trial by trial"},
               {"estimate", "Share of trials in which it holds"},
               {"lo", "90 % Monte Carlo interval, low end"},
               {"hi", "high end"},
               {"trials", "Trials asked"},
               {"ess", "Effective sample size"}},
              {}};
  for (size_t s = 0; s < scenarios_.size(); ++s) {
    RunResult one = result_of(*scenarios_[s], outcomes[s]);
    if (s > 0) add_differences(outcomes[s], one.questions);
    append(std::move(one.summary), result.summary);
    append(std::move(one.binding), result.binding);
    append(std::move(one.questions), result.questions);
    append(std::move(one.crossings), result.crossings);
    append(std::move(one.exceedance), result.exceedance);
    append(std::move(one.inputs), result.inputs);
    add_sources(scenarios_[s]->spec, result.sources);
    std::move(one.wafers.begin(), one.wafers.end(), std::back_inserter(result.wafers));
    if (s == 0) {
      result.further = std::move(one.further);
      result.warnings = std::move(one.warnings);
      result.headline = std::move(one.headline);
      result.headline_products = std::move(one.headline_products);
      result.views = std::move(one.views);
      result.effective_trials = one.effective_trials;
      result.weighted = one.weighted;
    }
    for (size_t i = 0; s > 0 && i < asked_.size(); ++i) {
      const Share share = share_of(outcomes[s].paired.asked[i], outcomes[s].all);
      asked.rows.push_back({scenarios_[s]->spec.name, scenarios_[0]->spec.name, asked_[i].text,
                            share.estimate, share.interval.low, share.interval.high,
                            static_cast<long long>(outcomes[s].trials),
                            outcomes[s].effective_trials()});
    }
  }
  result.further.push_back(compare_table(scenarios_, outcomes));
  if (!asked_.empty()) result.further.push_back(std::move(asked));

  result.compared.measures = scenarios_[0]->comparison;
  for (size_t s = 0; s < scenarios_.size(); ++s) {
    ComparedScenario compared{scenarios_[s]->spec.name, scenarios_[s]->spec.title, {}};
    for (size_t m = 0; m < result.compared.measures.size(); ++m) {
      ComparedValue value =
          compared_value(*scenarios_[s], outcomes[s], result.compared.measures[m]);
      if (s > 0 && !value.text.empty()) {  // a milestone's month
        value.difference = value.value - result.compared.scenarios[0].values[m].value;
      }
      compared.values.push_back(std::move(value));
    }
    result.compared.scenarios.push_back(std::move(compared));
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  add_provenance(all, ran, seconds.count(), result);
  return result;
}

}  // namespace fabcast
