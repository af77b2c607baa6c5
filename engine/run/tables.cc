#include "run/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reduce/counts.h"
#include "reduce/scores.h"
#include "scenario/declarations.h"

namespace fabcast {

namespace {

const OutputVariable& variable_of(const Series& series) {
  return output_variables()[static_cast<size_t>(series.variable)];
}

constexpr std::array quantile_names{"p05", "p10", "p25", "p50", "p75", "p90", "p95"};
constexpr size_t median = 3;

/// Columns of a series' statistics, and the cells below them.
void add_statistics_columns(Table& table) {
  table.columns.push_back({"mean", "Mean over trials"});
  table.columns.push_back({"sd", "Standard deviation over trials"});
  for (const char* name : quantile_names) {
    table.columns.push_back({name, "Quantile over trials"});
  }
  table.columns.push_back({"mean_se", "Monte Carlo standard error of the mean"});
  table.columns.push_back({"p50_lo", "90 % Monte Carlo interval of p50, low end"});
  table.columns.push_back({"p50_hi", "90 % Monte Carlo interval of p50, high end"});
  for (size_t q = 0; q < quantile_names.size(); ++q) {
    if (q == median) continue;
    for (const char* end : {"lo", "hi"}) {
      table.columns.push_back({fmt::format("{}_{}", quantile_names[q], end),
                               fmt::format("90 % Monte Carlo interval of {}", quantile_names[q])});
    }
  }
}
void add_statistics(const SeriesStatistics& statistics, std::vector<Cell>& row) {
  row.emplace_back(statistics.mean);
  row.emplace_back(statistics.sd);
  for (double quantile : statistics.quantile) row.emplace_back(quantile);
  row.emplace_back(statistics.mean_se);
  row.emplace_back(statistics.low[median]);
  row.emplace_back(statistics.high[median]);
  for (size_t q = 0; q < quantile_names.size(); ++q) {
    if (q == median) continue;
    row.emplace_back(statistics.low[q]);
    row.emplace_back(statistics.high[q]);
  }
}

/// Each month, and the quarters and years that end with it.
std::vector<Period> months_and_periods(const Model& model, const RunOutcome& outcome) {
  std::vector<Period> all;
  for (int m = 0; m < model.months; ++m) {
    const Month month{model.first.count + m};
    all.push_back({month, month});
    for (const Period& period : outcome.periods) {
      if (period.last == month) all.push_back(period);
    }
  }
  return all;
}

/// Month by which a share `level` of the trials had first reached something; the last cell of
/// their counts: never.
std::string month_of_level(const std::vector<uint64_t>& first_reached, double level, Month first) {
  const int cell = static_cast<int>(*quantile_cell(first_reached, level));
  const int last = static_cast<int>(first_reached.size()) - 2;
  const std::string month = Month{first.count + std::min(cell, last)}.text();
  return cell > last ? "after " + month : month;
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// A share of so many trials with its interval; where they come in many replicates, by what each
/// has of the part and of the whole.
Share share_of_trials(double share, std::span<const double> parts, std::span<const double> wholes,
                      double trials) {
  if (wholes.size() > 1) return share_by_replicates(parts, wholes, trials);
  return {share, wilson_of_share(share, trials, z_of_90_percent)};
}

/// What each of many replicates weighs; empty where there is one.
std::vector<double> replicate_weights(const RunOutcome& outcome) {
  return {outcome.all.of_replicate.begin(), outcome.all.of_replicate.end()};
}

/// How many trials may be too many or too few of those that first reach something by about the
/// month in which a share `level` of them has.
double reach_of_level(const QuestionCount& count, double level, const RunOutcome& outcome) {
  const double trials = outcome.effective_trials();
  if (!outcome.replicates.are_many()) {
    return z_of_90_percent.z * std::sqrt(trials * level * (1 - level));
  }
  // By the end of the month, or of the one before: the one whose share is nearer.
  const size_t cell = *quantile_cell(count.first_reached, level);
  const std::vector<double> wholes = replicate_weights(outcome);
  double error = 0, nearest = 2;
  for (const size_t end : {cell, cell + 1}) {
    const std::vector<double> before = count.reached_before(end);
    const double off = std::abs(sum_of(before) / sum_of(wholes) - level);
    if (off >= nearest) continue;
    nearest = off;
    error = error_of_ratio(before, wholes);
  }
  return trials * outcome.reach() * std::max(error, rounding_of_share(outcome.replicates, trials));
}

}  // namespace

std::string series_name(const Series& series) {
  return fmt::format("{} {}", variable_of(series).name, series.entity);
}

Table summary_table(const std::string& scenario, const RunOutcome& outcome) {
  Table table{"summary",
              {{"scenario", "Name of the scenario"},
               {"variable", "What is reported; `fabcast list variables` explains each"},
               {"entity", "Line, die, product, family, segment, pod …"},
               {"unit", "Unit of the values"},
               {"period", "Quarter or calendar year"}},
              {}};
  add_statistics_columns(table);
  for (size_t s = 0; s < outcome.series.size(); ++s) {
    const OutputVariable& variable = variable_of(outcome.series[s]);
    for (size_t p = 0; p < outcome.periods.size(); ++p) {
      if (!outcome.has(s, p)) continue;
      const SeriesStatistics& statistics = outcome.of(s, p);
      std::vector<Cell> row{scenario, std::string(variable.name), outcome.series[s].entity,
                            std::string(variable.unit), outcome.periods[p].text()};
      add_statistics(statistics, row);
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table binding_table(const std::string& scenario, const Compiled& compiled,
                    const RunOutcome& outcome) {
  Table table{
      "binding",
      {{"scenario", "Name of the scenario"},
       {"kind", "product: what held its packages; fab: the line's capacity; pod: the next pod"},
       {"entity", "Product, line or pod design"},
       {"constraint", "What binds"},
       {"period", "Month, quarter or calendar year"},
       {"probability",
        "Share of the trials and months of the period in which it bound, of those in which "
        "there was anything to hold"},
       {"lo", "90 % Monte Carlo interval (Wilson, by trials or replicates), low end"},
       {"hi", "high end"}},
      {}};
  const std::vector<Period> periods = months_and_periods(compiled.model, outcome);
  const double trials = outcome.effective_trials();
  const size_t replicates = outcome.replicates.count;
  for (size_t i = 0; i < outcome.binding.size(); ++i) {
    const BindingPlan& plan = outcome.binding[i];
    for (const Period& period : periods) {
      const int first = period.first.count - compiled.model.first.count;
      const int last = period.last.count - compiled.model.first.count;
      std::vector<std::vector<double>> hits(plan.constraints.size(),
                                            std::vector<double>(replicates));
      std::vector<double> all(replicates);
      for (size_t code = 0; code < hits.size(); ++code) {
        for (size_t r = 0; r < replicates; ++r) {
          uint64_t sum = 0;
          for (int month = first; month <= last; ++month) {
            sum += outcome.binding_counts.count(i, code, month, r);
          }
          hits[code][r] = static_cast<double>(sum);
          all[r] += hits[code][r];
        }
      }
      const double made = sum_of(all);
      if (made == 0) continue;  // not in this period
      for (size_t code = 0; code < hits.size(); ++code) {
        // Months of one trial hang together: the interval counts trials, not trial-months.
        const Share share = share_of_trials(sum_of(hits[code]) / made, hits[code], all, trials);
        table.rows.push_back({scenario, plan.kind, plan.entity, plan.constraints[code],
                              period.text(), share.estimate, share.interval.low,
                              share.interval.high});
      }
    }
  }
  return table;
}

Table questions_table(const std::string& scenario, const Model& model, const RunOutcome& outcome) {
  Table table{"questions",
              {{"scenario", "Name of the scenario"},
               {"question", "Its name in [question]; milestone.NAME of a milestone"},
               {"text", "As asked"},
               {"estimate", "Share of trials in which it holds; without a date: by the last month"},
               {"lo", "90 % Monte Carlo interval (Wilson, by trials or replicates), low end"},
               {"hi", "high end"},
               {"trials", "Trials asked"},
               {"ess", "Effective sample size"},
               {"first_p05", "Month in which it first holds: 5 % quantile over trials"},
               {"first_p50", "50 % quantile; `after …`: not by the end of the run"},
               {"first_p95", "95 % quantile"}},
              {}};
  constexpr std::array levels{0.05, 0.5, 0.95};
  for (const char* name : {"first_p05", "first_p50", "first_p95"}) {
    for (const char* end : {"lo", "hi"}) {
      table.columns.push_back(
          {fmt::format("{}_{}", name, end),
           fmt::format("90 % Monte Carlo interval of {} (order statistics)", name)});
    }
  }
  for (const auto& [name, meaning] :
       {std::pair{"variable", "Of which it asks"},
        {"entity", "Line, die, product, family, segment, pod …"},
        {"comparison", "Of the value with the threshold"},
        {"threshold", "In the variable's unit"},
        {"unit", "Unit of the threshold"},
        {"time", "`by`: once by then; `at`: in the period"},
        {"from", "First month in which it may hold, or from which a flow is summed"},
        {"to", "Last month"}}) {
    table.columns.push_back({name, meaning});
  }
  for (const ViewOutcome& view : outcome.views) {
    table.columns.push_back(
        {"given " + view.view, fmt::format("The estimate given view '{}'{}", view.view,
                                           view.group.empty() ? "" : " of view." + view.group)});
    table.columns.push_back(
        {fmt::format("given {}_lo", view.view), "90 % Monte Carlo interval, low end"});
    table.columns.push_back({fmt::format("given {}_hi", view.view), "high end"});
  }
  const double trials = outcome.effective_trials();
  for (size_t q = 0; q < outcome.questions.size(); ++q) {
    const QuestionPlan& plan = outcome.questions[q];
    const QuestionCount& count = outcome.question_counts[q];
    const Share share = share_of(count.hits, outcome.all);
    const Series& series = outcome.series[static_cast<size_t>(plan.asked.series)];
    const auto month = [&](int index) { return Month{model.first.count + index}.text(); };
    std::vector<Cell> row{scenario,
                          plan.name,
                          plan.text,
                          share.estimate,
                          share.interval.low,
                          share.interval.high,
                          static_cast<long long>(outcome.trials),
                          trials};
    std::vector<Cell> ends;
    for (double level : levels) {
      if (plan.asked.time == QuestionTime::at) {
        row.emplace_back();
        ends.resize(ends.size() + 2);
        continue;
      }
      const auto month_at = [&](double at) {
        return month_of_level(count.first_reached, at, model.first);
      };
      // Ranks from 1; half a trial off, so that no rounding moves them to the next.
      const auto level_of = [&](double rank) {
        return (std::clamp(rank, 1.0, trials) - 0.5) / trials;
      };
      const double side = reach_of_level(count, level, outcome);
      row.emplace_back(month_at(level));
      ends.emplace_back(month_at(level_of(std::floor(trials * level + 0.5 - side))));
      ends.emplace_back(month_at(level_of(std::ceil(trials * level + 0.5 + side))));
    }
    row.insert(row.end(), ends.begin(), ends.end());
    const bool at = plan.asked.time == QuestionTime::at;
    row.insert(row.end(), {std::string(variable_of(series).name), series.entity,
                           std::string(sign_of(plan.comparison)), plan.threshold,
                           std::string(variable_of(series).unit), at ? "at" : "by",
                           month(at ? plan.asked.first : 0), month(plan.asked.last)});
    for (size_t v = 0; v < outcome.views.size(); ++v) {
      const Share given = share_of(count.hits_by_view[v], outcome.views[v].trials);
      row.emplace_back(given.estimate);
      row.emplace_back(given.interval.low);
      row.emplace_back(given.interval.high);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table crossings_table(const std::string& scenario, const Model& model, const RunOutcome& outcome) {
  Table table{
      "crossings",
      {{"scenario", "Name of the scenario"},
       {"question", "As in questions.csv; those of a date `by` which, or without one"},
       {"month", "Month in which it first holds; `later`: not by the end of the run"},
       {"probability", "Share of trials in which it first holds in the month"},
       {"cumulative", "Share in which it has held by then"},
       {"lo",
        "90 % Monte Carlo interval of it (Wilson, by effective trials or replicates), low end"},
       {"hi", "high end"},
       {"ess", "Effective sample size"}},
      {}};
  for (size_t q = 0; q < outcome.questions.size(); ++q) {
    if (outcome.questions[q].asked.time == QuestionTime::at) continue;
    const auto all = static_cast<double>(outcome.all.weight);
    uint64_t sum = 0;
    const std::vector<uint64_t>& cells = outcome.question_counts[q].first_reached;
    for (size_t m = 0; m < cells.size(); ++m) {
      sum += cells[m];
      const bool is_never = m + 1 == cells.size();
      const std::string month =
          is_never ? "later" : Month{model.first.count + static_cast<int>(m)}.text();
      const double cumulative = static_cast<double>(sum) / all, trials = outcome.effective_trials();
      const Interval interval =
          share_of_trials(cumulative, outcome.question_counts[q].reached_before(m + 1),
                          replicate_weights(outcome), trials)
              .interval;
      table.rows.push_back({scenario, outcome.questions[q].name, month,
                            static_cast<double>(cells[m]) / all, cumulative, interval.low,
                            interval.high, trials});
    }
  }
  return table;
}

Table views_table(const std::string& scenario, const RunOutcome& outcome,
                  const std::vector<size_t>& headline) {
  Table table{"views",
              {{"scenario", "Name of the scenario"},
               {"group", "The view's group: view, or view.NAME"},
               {"view", "Given this view"},
               {"weight", "Share of the trials that follow it"},
               {"ess", "Effective number of trials that follow it"},
               {"variable", "Of the headline"},
               {"entity", "Line, die, product, family, segment, pod …"},
               {"unit", "Unit of the values"},
               {"period", "Quarter or calendar year"}},
              {}};
  add_statistics_columns(table);
  for (const ViewOutcome& view : outcome.views) {
    for (size_t c = 0; c < view.statistics.size(); ++c) {
      const Series& series = outcome.series[headline[c / outcome.periods.size()]];
      std::vector<Cell> row{scenario,
                            view.group.empty() ? std::string("view") : "view." + view.group,
                            view.view,
                            share_of(view.trials, outcome.all).estimate,
                            view.effective,
                            std::string(variable_of(series).name),
                            series.entity,
                            std::string(variable_of(series).unit),
                            outcome.periods[c % outcome.periods.size()].text()};
      add_statistics(view.statistics[c], row);
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table inputs_table(const std::string& scenario, const Compiled& compiled, const RunOutcome& outcome,
                   const std::vector<size_t>& headline) {
  Table table{
      "inputs",
      {{"scenario", "Name of the scenario"},
       {"key", "Full key"},
       {"value", "As resolved"},
       {"unit", "Unit that the value is written in; several where it is written in several"},
       {"source", "Ids of [source.…]"},
       {"set_at", "File and line, or default"}},
      {}};
  for (size_t series : headline) {
    table.columns.push_back({"rank_correlation " + series_name(outcome.series[series]),
                             fmt::format("Spearman, with the last period's value, over {} trials",
                                         outcome.correlated_trials)});
  }
  for (const InputName& input : compiled.names.inputs) {
    std::vector<Cell> row{scenario,
                          input.key,
                          input.value,
                          input.unit,
                          fmt::format("{}", fmt::join(input.sources, " ")),
                          input.set_at};
    for (size_t h = 0; h < headline.size(); ++h) {
      if (input.uncertain < 0) {
        row.emplace_back();
      } else {
        row.emplace_back(
            outcome.rank_correlations[static_cast<size_t>(input.uncertain) * headline.size() + h]);
      }
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

ObservationsResult observations_result(const std::string& scenario, const RunOutcome& outcome,
                                       const ObservationPlans& observations) {
  ObservationsResult result{{"observations",
                             {{"scenario", "Name of the scenario"},
                              {"observation", "As in [observe]: variable, entity, period"},
                              {"observed", "Value"},
                              {"relative_error", "A factor of 1 + this is one standard error"},
                              {"unit", "Of the values"},
                              {"observer", "Whose numbers share one error"},
                              {"source", "Ids of [source.…]"},
                              {"prior_p05", "Quantile over trials that are not weighted"},
                              {"prior_p50", ""},
                              {"prior_p95", ""},
                              {"p05", "Quantile over weighted trials"},
                              {"p50", ""},
                              {"p95", ""},
                              {"ess", "Effective number of trials, by all observations"},
                              {"ess_without", "The same without this one"}},
                             {}},
                            {}};
  const size_t n = observations.plans.size(), trials = outcome.predicted.size() / n;
  const LeaveOneOut left =
      leave_one_out(TrialLikelihoods(observations.model, outcome.predicted, trials));
  // Of the first trials only, where there are many.
  const double scale = outcome.effective_trials() / left.ess;
  const std::vector<double> equal(trials, 1.0);
  std::vector<double> values(trials);
  for (size_t i = 0; i < n; ++i) {
    const ObservationPlan& plan = observations.plans[i];
    for (size_t t = 0; t < trials; ++t) values[t] = outcome.predicted[t * n + i];
    const WeightedSample prior(values, equal), posterior(values, left.weights);
    std::vector<Cell> row{scenario,
                          plan.name,
                          plan.value,
                          plan.relative_error,
                          plan.unit,
                          plan.observer,
                          fmt::format("{}", fmt::join(plan.sources, " "))};
    for (const WeightedSample* sample : {&prior, &posterior}) {
      for (double level : {0.05, 0.5, 0.95}) row.emplace_back(sample->quantile(level));
    }
    row.emplace_back(outcome.effective_trials());
    row.emplace_back(left.ess_without[i] * scale);
    const double lowest = prior.quantile(1e-9), highest = prior.quantile(1);
    const double far = std::exp(3 * observations.model.observations[i].sigma);
    if (plan.value * far < lowest || plan.value > highest * far) {
      result.warnings.push_back(fmt::format(
          "'{}' = {} {} lies outside all trials ({} to {}), so it hardly counts: is its size or "
          "unit right?",
          plan.name, number_text(plan.value), plan.unit, number_text(lowest),
          number_text(highest)));
    }
    result.table.rows.push_back(std::move(row));
  }
  const auto worst = costliest_observation(left);
  const double counting = outcome.effective_trials();
  if (counting < least_effective_trials && counting < 0.5 * static_cast<double>(outcome.trials) &&
      worst) {
    result.warnings.push_back(fmt::format(
        "only {:.1f} of {} trials count after conditioning; '{}' costs most: without it {:.1f} "
        "would. Run more --trials, or look whether it is observed so well",
        outcome.effective_trials(), outcome.trials, observations.plans[*worst].name,
        left.ess_without[*worst] * scale));
  }
  return result;
}

Table exceedance_table(const std::string& scenario, const RunOutcome& outcome) {
  Table table{"exceedance",
              {{"scenario", "Name of the scenario"},
               {"variable", "What is reported, of the headline"},
               {"entity", "Line, die, product, family, segment, pod …"},
               {"unit", "Unit of the value"},
               {"period", "Calendar year"},
               {"probability", "Share of trials in which the value is reached or exceeded"},
               {"value",
                "Read off bins of about 0.5 % of the trials: see p05 … p95 of summary.csv "
                "for those that are surer"}},
              {}};
  for (const HeadlineDistribution& distribution : outcome.distributions) {
    const Series& series = outcome.series[distribution.series];
    for (size_t i = distribution.values.size(); i-- > 0;) {
      const double above = static_cast<double>(distribution_points - i) / (distribution_points + 1);
      table.rows.push_back({scenario, std::string(variable_of(series).name), series.entity,
                            std::string(variable_of(series).unit),
                            outcome.periods[distribution.period].text(), above,
                            distribution.values[i]});
    }
  }
  return table;
}

void add_sources(const ScenarioSpec& spec, Table& table) {
  if (table.columns.empty()) {
    table.name = "sources";
    table.columns = {{"source", "Id of [source.ID], as values name it"}};
    for (const std::string_view field : source_fields()) {
      table.columns.push_back({std::string(field), "As the scenario file gives it"});
    }
  }
  for (const SourceSpec& source : spec.sources) {
    std::vector<Cell> row{source.id};
    for (const std::string_view field : source_fields()) {
      const auto found = source.fields.find(std::string(field));
      row.push_back(found == source.fields.end() ? Cell{} : Cell{found->second});
    }
    if (std::find(table.rows.begin(), table.rows.end(), row) == table.rows.end()) {
      table.rows.push_back(std::move(row));
    }
  }
}

std::vector<std::string> headline_products(const Compiled& compiled, const RunOutcome& outcome,
                                           const std::vector<size_t>& headline) {
  constexpr size_t most_shown = 6;
  const auto& products = compiled.names.of("product");
  const auto& families = compiled.names.product_family;
  // Home-made products by mean shipments over all reported periods: years weigh what their quarters
  // do, where both are there.
  std::vector<std::pair<double, size_t>> shipped;
  for (size_t p = 0; p < products.size(); ++p) {
    const ProductPlan& product = compiled.model.products[p];
    const int series = find_series(
        outcome.series, product.keys.npu.on ? "npus.shipped" : "units.shipped", products[p]);
    if (!product.home_made || series < 0) continue;
    double sum = 0;
    for (size_t period = 0; period < outcome.periods.size(); ++period) {
      if (!outcome.has(static_cast<size_t>(series), period)) continue;
      sum += outcome.of(static_cast<size_t>(series), period).mean;
    }
    shipped.emplace_back(sum, p);
  }
  std::stable_sort(shipped.begin(), shipped.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });

  std::vector<std::string> chosen;
  const auto choose = [&](auto&& wanted) {
    for (const auto& [sum, p] : shipped) {
      if (sum > 0 && chosen.size() < most_shown && wanted(p) &&
          std::find(chosen.begin(), chosen.end(), products[p]) == chosen.end()) {
        chosen.push_back(products[p]);
      }
    }
  };
  const auto each_headline = [&](auto&& wanted) {
    for (size_t series : headline) {
      const std::string& entity = outcome.series[series].entity;
      choose([&](size_t p) { return wanted(p, entity); });
    }
  };
  const auto is_product_or_family = [&](const std::string& entity) {
    return std::find(products.begin(), products.end(), entity) != products.end() ||
           std::find(families.begin(), families.end(), entity) != families.end();
  };
  each_headline([&](size_t p, const std::string& entity) { return products[p] == entity; });
  each_headline([&](size_t p, const std::string& entity) { return families[p] == entity; });
  each_headline([&](size_t p, const std::string& entity) {
    return compiled.model.products[p].keys.npu.on && !is_product_or_family(entity);
  });
  return chosen;
}

KeptTrials kept_trials(RunOutcome& outcome, const std::vector<size_t>& kept_series) {
  KeptTrials kept;
  if (kept_series.empty()) return kept;
  for (size_t series : kept_series) {
    for (const Period& period : outcome.periods) {
      kept.columns.push_back(series_name(outcome.series[series]) + " " + period.text());
    }
  }
  kept.values = std::move(outcome.kept);
  if (outcome.weights.empty()) return kept;
  // Weighted trials: the weight first, of mean 1.
  const double mean = static_cast<double>(outcome.all.weight) / static_cast<double>(outcome.trials);
  const size_t columns = kept.columns.size();
  kept.columns.insert(kept.columns.begin(), "weight");
  std::vector<double> values;
  values.reserve(kept.values.size() + outcome.weights.size());
  for (size_t t = 0; t < outcome.weights.size(); ++t) {
    values.push_back(outcome.weights[t] / mean);
    values.insert(values.end(), kept.values.begin() + static_cast<std::ptrdiff_t>(t * columns),
                  kept.values.begin() + static_cast<std::ptrdiff_t>((t + 1) * columns));
  }
  kept.values = std::move(values);
  return kept;
}

namespace {

/// A scalar key's value as known, or its median; nothing where it is absent.
std::optional<double> typical_value(const Model& model, const RunOutcome& outcome, int row) {
  for (const KnownNumber& known : model.inputs.known_numbers) {
    if (known.row == row) return known.value;
  }
  for (size_t i = 0; i < model.inputs.uncertain.size(); ++i) {
    if (model.inputs.uncertain[i].row == row) return outcome.input_medians[i];
  }
  return std::nullopt;
}

}  // namespace

std::vector<WaferFigure> main_wafers(const std::string& scenario, const Compiled& compiled,
                                     const RunOutcome& outcome,
                                     const std::vector<std::string>& products) {
  const Model& model = compiled.model;
  const auto& names = compiled.names.of("product");
  for (const std::string& name : products) {
    const auto found = std::find(names.begin(), names.end(), name);
    const int index = model.products[static_cast<size_t>(found - names.begin())].keys.die.index;
    if (index < 0) continue;
    const DieKeys& die = model.dies[static_cast<size_t>(index)].keys;
    WaferFigure figure{scenario, compiled.names.of("die")[static_cast<size_t>(index)]};
    const auto area_mm2 = typical_value(model, outcome, die.area.row);
    const auto width_mm = typical_value(model, outcome, die.width.row);
    const auto height_mm = typical_value(model, outcome, die.height.row);
    figure.square = area_mm2.has_value();
    figure.width_mm = figure.square ? std::sqrt(*area_mm2) : width_mm.value_or(0);
    figure.height_mm = figure.square ? figure.width_mm : height_mm.value_or(0);
    figure.wafer_mm = die.wafer.value;
    figure.edge_exclusion_mm = die.edge_exclusion.value;
    figure.scribe_mm = die.scribe.value;
    figure.notch_mm = die.notch.value;
    figure.reticle_aligned = die.reticle_aligned.on != 0;
    if (figure.width_mm > 0 && figure.height_mm > 0) return {figure};
  }
  return {};
}

}  // namespace fabcast
