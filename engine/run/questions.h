#pragma once
/// Questions: the chance that a variable reaches a value by or at a date, and when it first does.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "run/probe.h"
#include "run/weights.h"

namespace fabcast {

struct QuestionPlan {
  std::string name, text;  ///< for tables: of [question], "milestone.NAME" of a milestone
  Asked asked;
  Comparison comparison = Comparison::at_least;
  double threshold = 0;  ///< in the variable's unit
};

/// The scenario's questions, read against the series, then one for each milestone: when it is
/// reached. What names nothing goes to `diagnostics`.
std::vector<QuestionPlan> plan_questions(const ScenarioSpec& spec, const Compiled& compiled,
                                         std::span<const Series> series, Diagnostics& diagnostics);

/// One question, read against the series; nothing and told where it names none, its unit is wrong,
/// or it asks for a share outside [least_share, 1]: a difference's may be negative.
std::optional<QuestionPlan> plan_question(const QuestionSpec& question, const Compiled& compiled,
                                          std::span<const Series> series, Diagnostics& diagnostics,
                                          double least_share = 0);

/// What a question comes to: sums of whole weights, so that threads may be added in any order.
struct QuestionCount {
  QuestionCount(int months, size_t views, Replicates replicates = {});
  TrialSum hits;                        ///< trials in which it holds
  std::vector<uint64_t> first_reached;  ///< (months + 1) weight by first month; the last: never
  std::vector<TrialSum> hits_by_view;   ///< by view of all groups
  std::vector<uint64_t> reached_of_replicate;  ///< first_reached of each, where there are many
  /// Weight that had reached it before a cell of first_reached, by replicate.
  std::vector<double> reached_before(size_t cell) const;
  void add(const QuestionCount& other);
  void pass(StateStream& stream);
};

/// One thread's counting. A flow is asked of its total since the first month (`by`) or over the
/// period (`at`); a stock, rate or level of its value in a month.
class QuestionTally {
 public:
  /// `views`: of all groups together.
  QuestionTally(std::span<const QuestionPlan> plans, std::span<const Series> series, int months,
                size_t views, Replicates replicates);
  void begin();
  void month(int month, const TrialBlock& block);
  /// After the last month: counts the block's trials.
  void end(const BlockTrials& trials);
  const std::vector<QuestionCount>& counts() const { return counts_; }
  /// Whether the question holds in a trial of the block, after end().
  bool holds(size_t question, int trial) const;

 private:
  std::span<const QuestionPlan> plans_;
  int months_;
  Probes probes_;
  TrialBlock reached_;  ///< by question: the first month in which it holds, -1: none yet
  std::vector<QuestionCount> counts_;
};

/// The least of sign x value, or the most, for which a comparison holds, by a hair of rounding.
struct Bound {
  double sign, least;
};
Bound bound_of(Comparison comparison, double threshold);

}  // namespace fabcast
