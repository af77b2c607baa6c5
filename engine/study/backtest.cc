#include "study/backtest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>

#include "base/first_error.h"
#include "random/streams.h"
#include "simd/math.h"

namespace fabcast {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array schemes{BacktestScheme::leave_one_out, BacktestScheme::rolling_origin};

bool is_before(const BacktestObservation& a, const BacktestObservation& b) {
  return a.last_month < b.first_month;
}

/// Middle of the period, months; the same zero for all.
double middle_of(const BacktestObservation& x) { return 0.5 * (x.first_month + x.last_month); }

std::vector<bool> used_for(const std::vector<BacktestObservation>& observations, size_t forecast,
                           BacktestScheme scheme) {
  std::vector<bool> used(observations.size());
  for (size_t i = 0; i < used.size(); ++i) {
    used[i] = scheme == BacktestScheme::leave_one_out
                  ? i != forecast
                  : is_before(observations[i], observations[forecast]);
  }
  return used;
}

/// What a rival may know when it forecasts an observation.
std::vector<const BacktestObservation*> earlier_of_same(
    const std::vector<BacktestObservation>& observations, const BacktestObservation& forecast) {
  std::vector<const BacktestObservation*> earlier;
  for (const BacktestObservation& x : observations) {
    if (x.variable == forecast.variable && x.entity == forecast.entity && is_before(x, forecast) &&
        x.last_month - x.first_month == forecast.last_month - forecast.first_month) {
      earlier.push_back(&x);
    }
  }
  return earlier;
}

/// Logarithm of the last value, nothing where there is none.
std::optional<double> log_last_value(const std::vector<const BacktestObservation*>& earlier) {
  int latest = std::numeric_limits<int>::min();
  for (const BacktestObservation* x : earlier) latest = std::max(latest, x->last_month);
  double sum = 0;
  int count = 0;
  for (const BacktestObservation* x : earlier) {
    if (x->last_month != latest) continue;
    sum += simd::log(x->value);
    ++count;
  }
  if (count == 0) return {};
  return sum / count;
}

/// Logarithm of the trend at `middle`, nothing where there are not two periods.
std::optional<double> log_trend(const std::vector<const BacktestObservation*>& earlier,
                                double middle) {
  double mean_month = 0, mean_log = 0;
  for (const BacktestObservation* x : earlier) {
    mean_month += middle_of(*x);
    mean_log += simd::log(x->value);
  }
  mean_month /= static_cast<double>(earlier.size());
  mean_log /= static_cast<double>(earlier.size());
  double square = 0, product = 0;
  for (const BacktestObservation* x : earlier) {
    const double months = middle_of(*x) - mean_month;
    square += months * months;
    product += months * (simd::log(x->value) - mean_log);
  }
  // Exactly 0 for a single period: sums of half months are exact.
  if (square == 0) return {};
  return mean_log + product / square * (middle - mean_month);
}

ForecastScore score_of_value(std::optional<double> log_forecast, double observed) {
  if (!log_forecast) return {nan, nan, nan};
  const double error = std::fabs(simd::exp(*log_forecast) - observed);
  return {error, error / observed, std::fabs(*log_forecast - simd::log(observed))};
}

void check(const BacktestInput& input) {
  const auto& stated = input.observations;
  const auto& modelled = input.model.observations;
  const bool same =
      std::equal(stated.begin(), stated.end(), modelled.begin(), modelled.end(),
                 [](const BacktestObservation& a, const Observation& b) {
                   return a.value == b.value && a.sigma == b.sigma && a.observer == b.observer;
                 });
  if (!same) throw std::invalid_argument("the model's observations are not those of the backtest");
}

/// One observation by trial: what is forecast of it, before any weighing.
struct Forecast {
  std::vector<double> log_values, values;  ///< of y
  std::vector<double> below;               ///< P(forecast <= observed)
};

Forecast forecast_of(const BacktestInput& input, size_t i) {
  const BacktestObservation& observation = input.observations[i];
  const size_t n = input.observations.size();
  const double dof = input.model.dof;
  Forecast out{std::vector<double>(input.trials), std::vector<double>(input.trials),
               std::vector<double>(input.trials)};
  const std::string name =
      fmt::format("observe.{} {} {}", observation.variable, observation.entity, observation.period);
  draw_uniforms(input.seed, Purpose::observation, stream_of(name), 0, 0, out.values);
  const double log_observed = simd::log(observation.value);
  for (size_t t = 0; t < input.trials; ++t) {
    const double from_observed =
        simd::log(ratio_to_observed(input.predicted[t * n + i], observation.value));
    const double error = observation.sigma * student_t_quantile(out.values[t], dof);
    out.log_values[t] = log_observed + from_observed + error;
    out.values[t] = simd::exp(out.log_values[t]);
    out.below[t] = student_t_cdf(-from_observed / observation.sigma, dof);
  }
  return out;
}

double weighted_mean(std::span<const double> values, std::span<const double> weights) {
  double sum = 0, all = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += weights[i] * values[i];
    all += weights[i];
  }
  return sum / all;
}

BacktestScore score_of(const BacktestInput& input, size_t i, BacktestScheme scheme,
                       const Forecast& forecast, const TrialLikelihoods& likelihoods) {
  const BacktestObservation& observation = input.observations[i];
  const double observed = observation.value;
  const std::vector<double> weights = likelihoods.weights(used_for(input.observations, i, scheme));
  const WeightedSample sample(forecast.values, weights);
  BacktestScore score;
  score.scheme = scheme;
  score.observation = i;
  score.ess = effective_sample_size(weights);
  for (size_t q = 0; q < backtest_levels.size(); ++q) {
    score.quantile[q] = sample.quantile(backtest_levels[q]);
  }
  score.pit = weighted_mean(forecast.below, weights);
  for (size_t p = 0; p < central_levels.size(); ++p) {
    score.covered[p] = covers(sample.central_interval(central_levels[p]), observed);
  }
  const double crps = sample.crps(observed);
  score.model = {crps, crps / observed,
                 WeightedSample(forecast.log_values, weights).crps(simd::log(observed))};
  const auto earlier = earlier_of_same(input.observations, observation);
  score.last_value = score_of_value(log_last_value(earlier), observed);
  score.trend = score_of_value(log_trend(earlier, middle_of(observation)), observed);
  return score;
}

ForecastScore mean_of(const std::vector<ForecastScore>& scores) {
  ForecastScore sum;
  for (const ForecastScore& score : scores) {
    sum.crps += score.crps;
    sum.crps_relative += score.crps_relative;
    sum.crps_log += score.crps_log;
  }
  const auto n = static_cast<double>(scores.size());  // none: 0 / 0
  return {sum.crps / n, sum.crps_relative / n, sum.crps_log / n};
}

RivalComparison comparison(std::span<const BacktestScore> scores,
                           ForecastScore BacktestScore::*rival) {
  std::vector<ForecastScore> of_model, of_rival;
  for (const BacktestScore& score : scores) {
    if (std::isnan((score.*rival).crps)) continue;
    of_model.push_back(score.model);
    of_rival.push_back(score.*rival);
  }
  return {of_rival.size(), mean_of(of_model), mean_of(of_rival)};
}

BacktestSummary summary_of(std::span<const BacktestScore> scores, BacktestScheme scheme) {
  BacktestSummary summary;
  summary.scheme = scheme;
  summary.count = scores.size();
  for (size_t p = 0; p < central_levels.size(); ++p) {
    uint64_t covered = 0;
    for (const BacktestScore& score : scores) covered += score.covered[p];
    summary.coverage[p] = static_cast<double>(covered) / static_cast<double>(scores.size());
    summary.coverage_interval[p] = wilson(covered, scores.size(), z_of_90_percent);
  }
  std::vector<ForecastScore> of_model;
  for (const BacktestScore& score : scores) of_model.push_back(score.model);
  const ForecastScore mean = mean_of(of_model);
  summary.crps_relative = mean.crps_relative;
  summary.crps_log = mean.crps_log;
  summary.last_value = comparison(scores, &BacktestScore::last_value);
  summary.trend = comparison(scores, &BacktestScore::trend);
  return summary;
}

std::string quantile_name(double level) { return fmt::format("p{:02.0f}", 100 * level); }
std::string covered_name(CentralLevels x) {
  return fmt::format("covered_{:.0f}", 100 * x.probability);
}

}  // namespace

std::string scheme_name(BacktestScheme scheme) {
  return scheme == BacktestScheme::leave_one_out ? "leave-one-out" : "rolling-origin";
}

BacktestResult backtest(const BacktestInput& input) {
  check(input);
  const TrialLikelihoods likelihoods(input.model, input.predicted, input.trials);
  const size_t n = input.observations.size();
  BacktestResult result;
  result.scores.resize(schemes.size() * n);
  // The draws of an observation serve all schemes, and are large.
  FirstError error;
#pragma omp parallel for schedule(dynamic, 1) num_threads(std::max(1, input.threads))
  for (size_t i = 0; i < n; ++i) {
    error.run([&] {
      const Forecast forecast = forecast_of(input, i);
      for (size_t s = 0; s < schemes.size(); ++s) {
        result.scores[s * n + i] = score_of(input, i, schemes[s], forecast, likelihoods);
      }
    });
  }
  error.rethrow();
  for (size_t s = 0; s < schemes.size(); ++s) {
    result.summaries.push_back(summary_of(std::span(result.scores).subspan(s * n, n), schemes[s]));
  }
  return result;
}

Table backtest_table(const BacktestInput& input, const BacktestResult& result) {
  Table table{"backtest",
              {{"scheme",
                "leave-one-out: forecast from all other observations; rolling-origin: from those "
                "whose period had ended"},
               {"variable", "What was observed; `fabcast list variables` explains each"},
               {"entity", "Line, die, product, family, segment, pod …"},
               {"period", "Month, quarter or calendar year"},
               {"unit", "Unit of the values"},
               {"source", "Who published it"},
               {"observed", "The published value"},
               {"relative_error", "Its stated error, as a share of it"},
               {"ess", "Effective sample size of the weighted trials"}},
              {}};
  for (const double level : backtest_levels) {
    table.columns.push_back(
        {quantile_name(level), "Quantile of the forecast of the published value"});
  }
  table.columns.push_back({"pit", "Probability that the forecast gave to values up to this one"});
  for (const CentralLevels& levels : central_levels) {
    table.columns.push_back(
        {covered_name(levels), fmt::format("1 where the central {:.0f} % interval holds it, else 0",
                                           100 * levels.probability)});
  }
  for (const Column& column :
       {Column{"crps", "Continuous ranked probability score, in the unit; lower is better"},
        Column{"crps_relative", "crps / observed"},
        Column{"crps_last_value", "The same score of the last earlier value, where there is one"},
        Column{"crps_trend", "… of the log-linear trend of earlier values, where there are two"},
        Column{"crps_log", "Score of the forecast of the logarithm: steady where errors are large"},
        Column{"crps_log_last_value", "… of the last earlier value"},
        Column{"crps_log_trend", "… of the trend"}}) {
    table.columns.push_back(column);
  }
  for (const BacktestScore& score : result.scores) {
    const BacktestObservation& x = input.observations[score.observation];
    // 20 %, not what rounding ln 1.2 makes of it.
    const double relative_error = std::round((simd::exp(x.sigma) - 1) * 1e12) / 1e12;
    std::vector<Cell> row{scheme_name(score.scheme),
                          x.variable,
                          x.entity,
                          x.period,
                          x.unit,
                          x.source,
                          x.value,
                          relative_error,
                          score.ess};
    for (const double quantile : score.quantile) row.emplace_back(quantile);
    row.emplace_back(score.pit);
    for (const bool covered : score.covered) row.emplace_back(static_cast<long long>(covered));
    for (const double crps :
         {score.model.crps, score.model.crps_relative, score.last_value.crps, score.trend.crps,
          score.model.crps_log, score.last_value.crps_log, score.trend.crps_log}) {
      row.emplace_back(crps);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table backtest_summary_table(const BacktestResult& result) {
  Table table{"backtest-summary",
              {{"scheme", "As in backtest.csv"}, {"observations", "Forecasts made"}},
              {}};
  for (const CentralLevels& levels : central_levels) {
    const std::string name = covered_name(levels);
    table.columns.push_back(
        {name, fmt::format("Share in the central {:.0f} % interval", 100 * levels.probability)});
    table.columns.push_back({name + "_lo", "90 % interval (Wilson) of that share, low end"});
    table.columns.push_back({name + "_hi", "high end"});
  }
  table.columns.push_back({"crps_relative", "Mean of crps_relative"});
  table.columns.push_back({"crps_log", "Mean of crps_log"});
  for (const std::string_view rival : {"last_value", "trend"}) {
    const auto add = [&](std::string_view column, const char* meaning) {
      table.columns.push_back({fmt::format("{}_{}", rival, column), meaning});
    };
    add("observations", "Forecasts of which this rival has one, too");
    add("crps_relative", "Its mean score over those, relative to the observed");
    add("crps_relative_model", "The model's over the same");
    add("crps_log", "The rival's, of the logarithm");
    add("crps_log_model", "The model's");
  }
  for (const BacktestSummary& summary : result.summaries) {
    std::vector<Cell> row{scheme_name(summary.scheme), static_cast<long long>(summary.count)};
    for (size_t p = 0; p < central_levels.size(); ++p) {
      row.emplace_back(summary.coverage[p]);
      row.emplace_back(summary.coverage_interval[p].low);
      row.emplace_back(summary.coverage_interval[p].high);
    }
    row.emplace_back(summary.crps_relative);
    row.emplace_back(summary.crps_log);
    for (const RivalComparison& comparison : {summary.last_value, summary.trend}) {
      row.emplace_back(static_cast<long long>(comparison.count));
      row.emplace_back(comparison.rival.crps_relative);
      row.emplace_back(comparison.model.crps_relative);
      row.emplace_back(comparison.rival.crps_log);
      row.emplace_back(comparison.model.crps_log);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace fabcast
