#include "run/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "reduce/counts.h"

namespace fabcast {

namespace {

const OutputVariable& variable_of(const Series& series) {
  return output_variables()[static_cast<size_t>(series.variable)];
}

constexpr std::array quantile_names{"p05", "p10", "p25", "p50", "p75", "p90", "p95"};
constexpr size_t median = 3;

/// Month by which a share `level` of the trials had first reached something; the last cell of
/// their counts: never.
std::string month_of_level(const std::vector<uint64_t>& first_reached, double level, Month first) {
  const int cell = static_cast<int>(*quantile_cell(first_reached, level));
  const int last = static_cast<int>(first_reached.size()) - 2;
  const std::string month = Month{first.count + std::min(cell, last)}.text();
  return cell > last ? "after " + month : month;
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
               {"period", "Quarter or calendar year"},
               {"mean", "Mean over trials"},
               {"sd", "Standard deviation over trials"}},
              {}};
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
  for (size_t s = 0; s < outcome.series.size(); ++s) {
    const OutputVariable& variable = variable_of(outcome.series[s]);
    for (size_t p = 0; p < outcome.periods.size(); ++p) {
      const SeriesStatistics& statistics = outcome.of(s, p);
      std::vector<Cell> row{scenario,
                            std::string(variable.name),
                            outcome.series[s].entity,
                            std::string(variable.unit),
                            outcome.periods[p].text(),
                            statistics.mean,
                            statistics.sd};
      for (double quantile : statistics.quantile) row.emplace_back(quantile);
      row.emplace_back(statistics.mean_se);
      row.emplace_back(statistics.low[median]);
      row.emplace_back(statistics.high[median]);
      for (size_t q = 0; q < quantile_names.size(); ++q) {
        if (q == median) continue;
        row.emplace_back(statistics.low[q]);
        row.emplace_back(statistics.high[q]);
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table binding_table(const std::string& scenario, const Compiled& compiled,
                    const RunOutcome& outcome) {
  Table table{"binding",
              {{"scenario", "Name of the scenario"},
               {"kind", "product: what held its packages; fab: what held the line's capacity"},
               {"entity", "Product or line"},
               {"constraint", "What binds"},
               {"period", "Quarter or calendar year"},
               {"probability",
                "Share of the trials and months of the period in which it bound, of those in which "
                "the product was made"},
               {"lo", "90 % Monte Carlo interval (Wilson, by trials), low end"},
               {"hi", "high end"}},
              {}};
  for (size_t i = 0; i < outcome.binding.size(); ++i) {
    const BindingPlan& plan = outcome.binding[i];
    for (const Period& period : outcome.periods) {
      const int first = period.first.count - compiled.model.first.count;
      const int last = period.last.count - compiled.model.first.count;
      std::vector<uint64_t> hits(plan.constraints.size());
      uint64_t all = 0;
      for (size_t code = 0; code < hits.size(); ++code) {
        for (int month = first; month <= last; ++month) {
          hits[code] += outcome.binding_counts.count(i, code, month);
        }
        all += hits[code];
      }
      if (all == 0) continue;  // not made in this period
      for (size_t code = 0; code < hits.size(); ++code) {
        const double probability = static_cast<double>(hits[code]) / static_cast<double>(all);
        // Months of one trial hang together: the interval counts trials, not trial-months.
        const Interval interval = wilson_of_share(probability, outcome.trials, z_of_90_percent);
        table.rows.push_back({scenario, std::string(plan.is_product ? "product" : "fab"),
                              plan.entity, plan.constraints[code], period.text(), probability,
                              interval.low, interval.high});
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
               {"lo", "90 % Monte Carlo interval (Wilson), low end"},
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
  const auto trials = static_cast<double>(outcome.trials);
  for (size_t q = 0; q < outcome.questions.size(); ++q) {
    const QuestionPlan& plan = outcome.questions[q];
    const QuestionCount& count = outcome.question_counts[q];
    const Interval interval = wilson(count.hits, outcome.trials, z_of_90_percent);
    std::vector<Cell> row{scenario,
                          plan.name,
                          plan.text,
                          static_cast<double>(count.hits) / trials,
                          interval.low,
                          interval.high,
                          static_cast<long long>(outcome.trials),
                          trials};
    std::vector<Cell> ends;
    for (double level : levels) {
      if (plan.time == QuestionTime::at) {
        row.emplace_back();
        ends.resize(ends.size() + 2);
        continue;
      }
      const auto month = [&](double at) {
        return month_of_level(count.first_reached, at, model.first);
      };
      // Ranks from 1; half a trial off, so that no rounding moves them to the next.
      const auto level_of = [&](double rank) {
        return (std::clamp(rank, 1.0, trials) - 0.5) / trials;
      };
      const double side = z_of_90_percent.z * std::sqrt(trials * level * (1 - level));
      row.emplace_back(month(level));
      ends.emplace_back(month(level_of(std::floor(trials * level + 0.5 - side))));
      ends.emplace_back(month(level_of(std::ceil(trials * level + 0.5 + side))));
    }
    row.insert(row.end(), ends.begin(), ends.end());
    table.rows.push_back(std::move(row));
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

std::vector<std::string> headline_products(const Compiled& compiled, const RunOutcome& outcome,
                                           const std::vector<size_t>& headline) {
  constexpr size_t most_shown = 6;
  const auto& products = compiled.names.of("product");
  const auto& families = compiled.names.product_family;
  // Home-made products by mean shipments over the quarters.
  std::vector<std::pair<double, size_t>> shipped;
  for (size_t p = 0; p < products.size(); ++p) {
    const ProductPlan& product = compiled.model.products[p];
    const int series = find_series(
        outcome.series, product.keys.npu.on ? "npus.shipped" : "units.shipped", products[p]);
    if (!product.home_made || series < 0) continue;
    double sum = 0;
    for (size_t period = 0; period < outcome.periods.size(); ++period) {
      const Period& months = outcome.periods[period];
      const bool is_quarter = months.last.count - months.first.count == 2;
      if (is_quarter) sum += outcome.of(static_cast<size_t>(series), period).mean;
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
  for (size_t series : kept_series) {
    for (const Period& period : outcome.periods) {
      kept.columns.push_back(series_name(outcome.series[series]) + " " + period.text());
    }
  }
  kept.values = std::move(outcome.kept);
  return kept;
}

}  // namespace fabcast
