#pragma once
/// Sweeps: scenarios under many values of some keys, all on the same draws.

#include <memory>
#include <string>
#include <vector>

#include "study/design.h"
#include "study/journal.h"
#include "study/prepare.h"

namespace fabcast {

struct SweepRequest {
  RunRequest run;  ///< of each point but its path; `of` is reported with the headline
  std::vector<std::string> paths;  ///< scenarios, each under every point of the design
  DesignRequest design;
  bool quarters = false;  ///< report quarters, too; else years alone, where the run has any
};

/// What a sweep would take.
struct SweepEstimate {
  double seconds = 0;
  uint64_t bytes = 0;
  int threads = 1;
  uint64_t pilot_trials = 0;  ///< that were run to know
};

/// Points of a design by scenarios; a scenario at a point is called a case. A case has the results
/// of `fabcast run` of its scenario with its --set lines, bit for bit, whatever other cases there
/// are; but with samplers other than Philox, where the order of dimensions is that of the scenarios
/// as they stand.
class Sweep {
 public:
  /// Reads and checks all there is, each case too: `next` is told how many, `progress` those that
  /// are checked. Throws InputError with every mistake, IoError, Interrupted.
  explicit Sweep(const SweepRequest& request, const Progress& progress = {},
                 const NextRun& next = {});
  ~Sweep();

  size_t points() const { return design_.points(); }
  size_t cases() const { return points() * scenarios_.size(); }
  uint64_t trials_in_all() const { return cases() * trials(); }
  const Design& design() const { return design_; }
  const std::vector<std::unique_ptr<PreparedScenario>>& scenarios() const { return scenarios_; }

  /// Case = point x scenarios + scenario. All of its --set lines.
  std::vector<std::string> sets(size_t index) const;
  /// One case alone, with the trials and threads that are asked.
  PointRows run_case(size_t index, uint64_t trials, int threads, const Progress& progress) const;

  /// A precision is asked: how many trials it takes is to be found, or known from a journal, first.
  bool finds_trials() const { return request_.run.precision.is_asked(); }
  /// Runs all cases, with nothing but what is to be tight, until each is. Throws Interrupted.
  FoundTrials find_trials(const Progress& progress, const NextRun& next) const;
  void take(FoundTrials found) { found_ = std::move(found); }
  /// Of each case; before a precision's are found the most.
  uint64_t trials() const { return found_ ? found_->trials : request_.run.trials; }

  SweepIdentity identity() const;
  SweepEstimate estimate() const;

  /// All cases but those that the journal has; each is put there when it is done. Without a journal
  /// none is kept. `progress` counts trials of this call. Throws Interrupted, InputError where a
  /// case cannot be compiled. Tables sweep, sweep-wide and sweep-questions.
  RunResult run(PointJournal* journal, const Progress& progress) const;

 private:
  struct Work;
  RunOptions options(const PreparedScenario& scenario, uint64_t trials, int threads) const;
  /// Its run, with statistics of what the sweep reports.
  ScenarioRun reported(const PreparedScenario& scenario) const;
  uint64_t bytes_of(int at_once, int threads_each) const;
  std::string case_name(size_t index) const;
  void check_cases(const Progress& progress) const;
  /// One case, with so many threads.
  using RunOne = std::function<void(size_t index, int threads, const Progress& progress)>;
  /// Each case with so many trials, side by side where that is better. Errors are in `work`.
  void run_cases(Work& work, const std::vector<size_t>& todo, uint64_t trials,
                 const RunOne& run_one) const;
  std::unique_ptr<PreparedScenario> prepared(size_t index) const;
  RunResult tables(std::vector<PointRows>& rows) const;

  SweepRequest request_;
  Design design_;
  std::vector<ScenarioFiles> files_;
  std::vector<std::unique_ptr<PreparedScenario>> scenarios_;  ///< as they stand
  std::optional<FoundTrials> found_;                          ///< of a precision
  std::shared_ptr<const DrawPlan> draw_plan_;  ///< of all points, from the scenarios as they stand
};

}  // namespace fabcast
