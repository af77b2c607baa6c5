#pragma once
/// Questions: the chance that a variable reaches a value by or at a date, and when it first does.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "run/block.h"
#include "run/outputs.h"
#include "scenario/spec.h"

namespace fabcast {

struct QuestionPlan {
  std::string name, text;  ///< for tables: of [question], "milestone.NAME" of a milestone
  int series;
  OutputKind kind;
  Comparison comparison;
  QuestionTime time;
  double threshold;  ///< in the variable's unit
  int first, last;   ///< months of the run: `at` looks at [first, last], `by` at [0, last]
};

/// The scenario's questions, read against the series, then one for each milestone: when it is
/// reached. What names nothing goes to `diagnostics`.
std::vector<QuestionPlan> plan_questions(const ScenarioSpec& spec, const Compiled& compiled,
                                         std::span<const Series> series, Diagnostics& diagnostics);

/// What a question comes to: whole numbers of trials, so that threads may be added in any order.
struct QuestionCount {
  uint64_t hits = 0;                    ///< trials in which it holds
  std::vector<uint64_t> first_reached;  ///< (months + 1) trials by first month; the last: never
};

/// One thread's counting. A flow is asked of its total since the first month (`by`) or over the
/// period (`at`); a stock, rate or level of its value in a month.
class QuestionTally {
 public:
  QuestionTally(std::span<const QuestionPlan> plans, std::span<const Series> series, int months);
  void begin();
  void month(int month, const TrialBlock& block);
  /// After the last month: counts the block's first `trials` trials.
  void end(int trials);
  const std::vector<QuestionCount>& counts() const { return counts_; }

 private:
  std::span<const QuestionPlan> plans_;
  std::span<const Series> series_;
  int months_;
  TrialBlock columns_;  ///< per question: sum, divisor, first month, holds
  std::vector<QuestionCount> counts_;
};

}  // namespace fabcast
