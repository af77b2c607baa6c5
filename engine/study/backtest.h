#pragma once
/// Would the model have foretold what was published? Each observation is forecast from others, and
/// the forecast scored against it and against two plain rivals.
///
/// The forecast of observation i is that of the published figure itself, errors of publishing
/// included: y = x e^(sigma T), x the trial's value, T Student's t with the likelihood's degrees of
/// freedom, trials weighted by the likelihood of the observations that the scheme uses
/// (reduce/likelihood.h).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reduce/counts.h"
#include "reduce/likelihood.h"
#include "reduce/scores.h"
#include "results/table.h"

namespace fabcast {

struct BacktestObservation {
  std::string variable, entity, period, unit, source;
  int first_month = 0, last_month = 0;  ///< of the period, both included; counts as in Month
  double value = 0;                     ///< > 0, in `unit`
  double sigma = 0;                     ///< ln(1 + relative error)
  int observer = 0;
};

struct BacktestInput {
  std::vector<BacktestObservation> observations;
  std::vector<double> predicted;  ///< (trials x observations), in the units of the observations
  size_t trials = 0;
  ObservationModel model;  ///< with the same observations
  uint64_t seed = 0;       ///< of the errors T
  int threads = 1;         ///< results do not depend on it
};

/// Which observations a forecast is made from.
enum class BacktestScheme {
  leave_one_out,   ///< all others
  rolling_origin,  ///< those whose period ended before this one's began; none of them: the prior
};

/// "leave-one-out", "rolling-origin"
std::string scheme_name(BacktestScheme scheme);

/// Continuous ranked probability score of a forecast of y, lower is better; |error| of a single
/// value.
struct ForecastScore {
  double crps = 0;           ///< in the observation's unit
  double crps_relative = 0;  ///< crps / y
  /// Of ln y (Bosse et al. 2023, doi:10.1371/journal.pcbi.1011393). The other CRPS has no limit in
  /// the number of trials, for e^T has no moments: where sigma is 0.5 or more (errors of 65 %) and
  /// degrees of freedom are few, a single draw may carry it. This one is steady.
  double crps_log = 0;
};

/// How the forecast of one observation fared. y is the observed value.
struct BacktestScore {
  BacktestScheme scheme{};
  size_t observation = 0;            ///< index
  double ess = 0;                    ///< effective sample size of the trials' weights
  std::array<double, 7> quantile{};  ///< of backtest_levels
  double pit = 0;  ///< P(forecast <= y), the weighted mean of P(T <= ln(y/x) / sigma)
  std::array<bool, central_levels.size()> covered{};  ///< by the central interval
  ForecastScore model;
  /// Rivals, which are single values, from earlier observations of the same variable and entity
  /// over periods of the same length: the last one (the geometric mean where several are of its
  /// period), and the least squares line of ln value over the middle of the period, which needs two
  /// periods. NaN where there are too few.
  ForecastScore last_value, trend;
};
inline constexpr std::array<double, 7> backtest_levels{0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};

/// Mean scores of model and rival over the forecasts where there are both; NaN where there is none.
struct RivalComparison {
  size_t count = 0;
  ForecastScore model, rival;
};

/// All forecasts of one scheme. Means and shares are NaN where there is none.
struct BacktestSummary {
  BacktestScheme scheme{};
  size_t count = 0;
  std::array<double, central_levels.size()> coverage{};  ///< share covered
  /// 90 % Wilson interval of each. Observations that share causes or an observer tell less than as
  /// many independent ones, which is what it takes them for.
  std::array<Interval, central_levels.size()> coverage_interval{};
  double crps_relative = 0, crps_log = 0;  ///< means of the model's
  RivalComparison last_value, trend;
};

struct BacktestResult {
  std::vector<BacktestScore> scores;       ///< by scheme, then in the order of the observations
  std::vector<BacktestSummary> summaries;  ///< by scheme
};

/// Draws are of Purpose::observation, stream "observe.VARIABLE ENTITY PERIOD", index 0; a trial's T
/// is the same under both schemes. Throws std::invalid_argument as TrialLikelihoods does, and where
/// the model's observations are not those of the list. Time is that of Student's t
/// (reduce/likelihood.h): a trial and observation 2 microseconds at a dof of 4, 10 at most others.
///
/// Left-out observations of an observer who has others are forecast from those as well, errors that
/// they share included: there the model is tested less than by the rolling origin.
BacktestResult backtest(const BacktestInput& input);

/// One row for each observation and scheme.
Table backtest_table(const BacktestInput& input, const BacktestResult& result);
/// One row for each scheme.
Table backtest_summary_table(const BacktestResult& result);

}  // namespace fabcast
