#pragma once
/// Scenarios on the same draws, each against the first: what a control, or its removal, does, trial
/// by trial.

#include <string>
#include <vector>

#include "results/compared.h"
#include "study/prepare.h"

namespace fabcast {

struct CompareRequest {
  RunRequest run;                  ///< of each scenario but its path
  std::vector<std::string> paths;  ///< two at least; the first is what the others are compared with
  /// Questions of the difference to the first scenario: "npus.cumulative national <= -100k at
  /// 2028"; `by` a date is the value at its end, of a flow the sum since the first month.
  std::vector<std::string> asked;
};

/// Throws InputError with the mistakes of all files, Interrupted, std::bad_alloc.
class PairedStudy {
 public:
  explicit PairedStudy(const CompareRequest& request);
  const std::vector<std::unique_ptr<PreparedScenario>>& scenarios() const { return scenarios_; }
  /// What is right but may not be meant, for people.
  std::vector<std::string> notes() const;
  /// Tables of all scenarios, compare.csv among them. `next`: where a precision is asked, each
  /// run's trials of all scenarios together.
  RunResult run(Progress progress, const NextRun& next = {}) const;

 private:
  struct Asked {
    std::string text;
    QuestionPlan plan;  ///< of the first scenario
  };
  /// Refuses statistics that a comparison does not make.
  void check_precision() const;
  void plan_asked(const std::vector<std::string>& texts);

  std::vector<std::unique_ptr<PreparedScenario>> scenarios_;
  std::vector<Asked> asked_;
  RunOptions options_;
  std::vector<ScenarioRun> runs_;
};

}  // namespace fabcast
