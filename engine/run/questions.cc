#include "run/questions.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "scenario/document.h"
#include "simd/columns.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;

std::vector<Asked> asked_of(std::span<const QuestionPlan> plans) {
  std::vector<Asked> asked;
  for (const QuestionPlan& plan : plans) asked.push_back(plan.asked);
  return asked;
}

/// reached = month where it is not set yet and the comparison holds.
FABCAST_KERNEL
void note_first(Bound bound, int month, In now, Out first) {
  const auto sign = static_cast<Real>(bound.sign), least = static_cast<Real>(bound.least);
  const auto reached = static_cast<Real>(month);
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    first[t] = first[t] < 0 && sign * now[t] >= least ? reached : first[t];
  }
}

/// Milestones are questions that every scenario asks: NPUs deployed, by the run's last month.
void add_milestones(const ScenarioSpec& spec, const Compiled& compiled,
                    std::span<const Series> series, std::vector<QuestionPlan>& plans) {
  const auto& names = compiled.names.of("milestone");
  for (size_t k = 0; k < names.size(); ++k) {
    const Setting& npus = *spec.find("milestone", names[k])->find("npus");
    const std::string_view count =
        trimmed(std::string_view(npus.raw).substr(0, npus.raw.find('@')));
    const std::string& family = compiled.names.milestone_family[k];
    const int last = compiled.model.months - 1;
    plans.push_back(
        {"milestone." + names[k],
         fmt::format("npus.deployed {} >= {}", family.empty() ? "national" : family, count),
         {find_series(series, "milestone.reached", names[k]), OutputKind::stock, QuestionTime::by,
          last, last},
         Comparison::at_least,
         1});
  }
}

}  // namespace

Bound bound_of(Comparison comparison, double threshold) {
  const bool strict = comparison == Comparison::above || comparison == Comparison::below;
  const bool from_above = comparison == Comparison::at_most || comparison == Comparison::below;
  const double sign = from_above ? -1 : 1;
  // Whole counts and sums of many months may miss the asked number by rounding alone.
  const double slack = static_cast<double>(count_slack) * std::abs(threshold);
  if (!strict) return {sign, sign * threshold - slack};
  constexpr Real infinity = std::numeric_limits<Real>::infinity();
  return {sign, static_cast<double>(
                    std::nextafter(static_cast<Real>(sign * threshold + slack), infinity))};
}

std::optional<QuestionPlan> plan_question(const QuestionSpec& question, const Compiled& compiled,
                                          std::span<const Series> series, Diagnostics& diagnostics,
                                          double least_share) {
  const int found =
      named_series(question.variable, question.entity, question.value_at, series, diagnostics);
  if (found < 0) return std::nullopt;
  const OutputVariable& variable = *find_variable(question.variable);
  const auto threshold = in_unit_of(variable, question.value, question.unit);
  if (!threshold) {
    diagnostics.error(
        question.value_at,
        fmt::format("'{}' is not a unit of {}", escaped(question.unit), question.variable),
        fmt::format("give one of: {}", unit_list(variable.dimension)));
    return std::nullopt;
  }
  if (variable.dimension == Dimension::share && !(*threshold >= least_share && *threshold <= 1)) {
    std::string remedy = fmt::format("it lies between {:g} and 100 %", 100 * least_share);
    if (*threshold > 1 && *threshold <= 100) {
      remedy += fmt::format("; write {:g} %, or {:g}", *threshold, *threshold / 100);
    }
    diagnostics.error(question.value_at,
                      fmt::format("{:g} % is no value of {}", 100 * *threshold, question.variable),
                      remedy);
    return std::nullopt;
  }
  QuestionPlan plan{question.name, question.text,
                    asked_at(found, question.period, compiled.model.first), question.comparison,
                    *threshold};
  plan.asked.kind = variable.kind;
  plan.asked.time = question.time;
  return plan;
}

std::vector<QuestionPlan> plan_questions(const ScenarioSpec& spec, const Compiled& compiled,
                                         std::span<const Series> series, Diagnostics& diagnostics) {
  std::vector<QuestionPlan> plans;
  for (const QuestionSpec& question : spec.questions) {
    auto plan = plan_question(question, compiled, series, diagnostics);
    if (plan) plans.push_back(std::move(*plan));
  }
  add_milestones(spec, compiled, series, plans);
  return plans;
}

QuestionTally::QuestionTally(std::span<const QuestionPlan> plans, std::span<const Series> series,
                             int months, size_t views, Replicates replicates)
    : plans_(plans),
      months_(months),
      probes_(asked_of(plans), series),
      reached_(std::max(1, static_cast<int>(plans.size()))),
      counts_(plans.size(), QuestionCount(months, views, replicates)) {}

void QuestionTally::begin() {
  for (size_t q = 0; q < plans_.size(); ++q) {
    fill_column(lanes, -1, reached_[static_cast<int>(q)]);
  }
}

void QuestionTally::month(int month, const TrialBlock& block) {
  for (size_t q = 0; q < plans_.size(); ++q) {
    if (!probes_.month(q, month, block)) continue;
    note_first(bound_of(plans_[q].comparison, plans_[q].threshold), month, probes_.value(q),
               reached_[static_cast<int>(q)]);
  }
}

bool QuestionTally::holds(size_t question, int trial) const {
  const Real month = reached_[static_cast<int>(question)][trial];
  return month >= 0 && month <= plans_[question].asked.last;
}

void QuestionTally::end(const BlockTrials& trials) {
  for (size_t q = 0; q < plans_.size(); ++q) {
    const Real* reached = reached_[static_cast<int>(q)];
    QuestionCount& count = counts_[q];
    for (int t = 0; t < trials.trials; ++t) {
      const uint32_t weight = trials.weight(t);
      const int month = static_cast<int>(reached[t]);
      const auto cell = static_cast<size_t>(month < 0 ? months_ : month);
      const uint64_t replicate = trials.replicate(t);
      count.first_reached[cell] += weight;
      if (!count.reached_of_replicate.empty()) {
        count.reached_of_replicate[replicate * count.first_reached.size() + cell] += weight;
      }
      if (!holds(q, t)) continue;
      count.hits.add(weight, replicate);
      for (size_t g = 0; g < trials.view_of.size(); ++g) {
        count.hits_by_view[trials.first_view[g] + static_cast<size_t>(trials.view_of[g][t])].add(
            weight, replicate);
      }
    }
  }
}

QuestionCount::QuestionCount(int months, size_t views, Replicates replicates)
    : hits(replicates),
      first_reached(static_cast<size_t>(months) + 1),
      hits_by_view(views, TrialSum(replicates)),
      reached_of_replicate(replicates.are_many() ? replicates.count * first_reached.size() : 0) {}

std::vector<double> QuestionCount::reached_before(size_t cell) const {
  std::vector<double> reached;
  const auto months = static_cast<std::ptrdiff_t>(first_reached.size());
  for (auto row = reached_of_replicate.begin(); row != reached_of_replicate.end(); row += months) {
    reached.push_back(static_cast<double>(
        std::accumulate(row, row + static_cast<std::ptrdiff_t>(cell), uint64_t{0})));
  }
  return reached;
}

void QuestionCount::add(const QuestionCount& other) {
  hits.add(other.hits);
  for (size_t m = 0; m < first_reached.size(); ++m) first_reached[m] += other.first_reached[m];
  for (size_t v = 0; v < hits_by_view.size(); ++v) hits_by_view[v].add(other.hits_by_view[v]);
  for (size_t i = 0; i < reached_of_replicate.size(); ++i) {
    reached_of_replicate[i] += other.reached_of_replicate[i];
  }
}

void QuestionCount::pass(StateStream& stream) {
  hits.pass(stream);
  stream.pass(std::span(first_reached));
  for (TrialSum& view : hits_by_view) view.pass(stream);
  stream.pass(std::span(reached_of_replicate));
}

}  // namespace fabcast
