#pragma once
/// `--precision`: as many trials as make chosen statistics as tight as is asked.
///
/// Sequential, in few stages: a first run tells how wide the 90 % Monte Carlo intervals are, and as
/// their width falls with 1/sqrt(N) also how many trials would make each half width h (of the wider
/// side) the one that is asked, h0: N (h / h0)^2, and a tenth more. That many are run, from the
/// first trial on, and where a statistic still misses, more, from the better estimate. So the
/// result is that of a run of the last N trials, bit for bit, and N depends on the numbers alone,
/// not on threads or time. It is no two-stage procedure of Stein's (1945,
/// doi:10.1214/aoms/1177731088), whose coverage is exact: the first stage is part of the sample,
/// and the sample that is reported is the one whose width ended it. That the intervals then cover
/// at their level is tested, not proved (tests/study/precision_test.cc).

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/run_result.h"
#include "run/runner.h"
#include "scenario/spec.h"

namespace fabcast {

struct PrecisionRequest {
  /// Half width of the 90 % interval: "1%", of a chance in points, of other values relative; or
  /// "0.5pp", in points, of chances and shares. Empty: the number of trials is fixed.
  std::string half_width;
  /// "VARIABLE [ENTITY] PERIOD STATISTIC" (mean, or p05 to p95 as reported), or the name of a
  /// question, whose chance it then is. None: the mean of each headline variable in the last year,
  /// for means are the ones whose intervals always narrow with 1/sqrt(N): a median of few whole
  /// numbers jumps.
  std::vector<std::string> of;
  bool is_asked() const { return !half_width.empty(); }
};

/// One statistic that is to be tight, found in a scenario.
struct TightStatistic {
  std::string text, unit;  ///< as in ReachedPrecision
  int question = -1;       ///< its chance; else
  size_t series = 0, period = 0;
  int quantile = -1;  ///< of reported_quantiles; -1: the mean
  bool is_absolute = false;
  double half_width = 0;  ///< asked
};

/// Whether a text of `--of` names a statistic or a question, and no variable alone.
bool names_statistic(std::string_view text);

/// The request's statistics in a scenario of that name; every mistake is added to `mistakes`.
/// `periods`: those that the run reports.
std::vector<TightStatistic> plan_precision(const PrecisionRequest& request,
                                           const std::string& scenario,
                                           std::span<const Period> periods,
                                           std::span<const Series> series,
                                           std::span<const QuestionPlan> questions,
                                           std::span<const size_t> headline, std::string& mistakes);

/// How tight they are in an outcome that has them.
std::vector<ReachedPrecision> reached_precision(const std::string& scenario,
                                                std::span<const TightStatistic> statistics,
                                                const RunOutcome& outcome);

/// The run of a scenario that makes nothing but these statistics, for RunOptions of only_tight().
ScenarioRun only_tight(const ScenarioRun& run, std::span<const TightStatistic> statistics);
RunOptions only_tight(const RunOptions& options);

/// Runs all scenarios with so many trials and returns what their statistics reached. `is_last`:
/// results are wanted, for unless a statistic misses after all this is the last call.
using PrecisionRun = std::function<std::vector<ReachedPrecision>(uint64_t trials, bool is_last)>;

/// The statistics of all scenarios at once: calls `attempt` with more and more trials until each is
/// as tight as asked, or cannot be (relative to a value of 0), or `most` trials are run; from
/// 4,096 trials or `most` on, in whole batches. Returns what the last call did.
std::vector<ReachedPrecision> run_to_precision(uint64_t most, const PrecisionRun& attempt);

/// Trials with which --precision starts: quantiles and means are far from the small samples in
/// which their intervals cover less than they say.
inline constexpr uint64_t least_precise_trials = 4096;
/// Trials that --precision takes at most where no --trials are given.
inline constexpr uint64_t most_precise_trials = 1'000'000;

/// One warning for each statistic that misses, of the scenario in which it misses most.
std::vector<std::string> precision_warnings(std::span<const ReachedPrecision> reached,
                                            uint64_t trials, uint64_t most);

}  // namespace fabcast
