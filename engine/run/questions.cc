#include "run/questions.h"

#include <fmt/core.h>

#include <cmath>

#include "run/fold.h"
#include "scenario/document.h"
#include "simd/columns.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;
enum Column { numerator, denominator, value, reached, holds, column_count };

/// The least of sign x value for which the comparison holds.
double least_that_holds(Comparison comparison, double threshold, double sign) {
  const bool strict = comparison == Comparison::above || comparison == Comparison::below;
  // Whole counts and sums of many months may miss the asked number by rounding alone.
  const double slack = 1e-9 * std::abs(threshold);
  return strict ? std::nextafter(sign * threshold + slack, HUGE_VAL) : sign * threshold - slack;
}

/// reached = month where it is not set yet and the comparison holds.
FABCAST_KERNEL
void note_first(double sign, double least, int month, In now, Out first) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    first[t] = first[t] < 0 && sign * now[t] >= least ? static_cast<double>(month) : first[t];
  }
}

/// The series that a question names; -1 and told where there is none.
int asked_series(const QuestionSpec& question, const OutputVariable& variable,
                 std::span<const Series> series, Diagnostics& diagnostics) {
  const int found = find_series(series, question.variable, question.entity);
  if (found >= 0) return found;
  std::vector<std::string_view> known;
  for (const Series& s : series) {
    if (&output_variables()[static_cast<size_t>(s.variable)] == &variable) {
      known.push_back(s.entity);
    }
  }
  std::string names;
  for (size_t i = 0; i < known.size() && i < 12; ++i) {
    names += (i ? ", " : "") + std::string(known[i]);
  }
  if (known.size() > 12) names += ", …";
  const std::string_view near = nearest_name(question.entity, known);
  diagnostics.error(
      question.value_at,
      question.entity.empty()
          ? fmt::format("'{}' asks for an entity", question.variable)
          : fmt::format("'{}' has no entity '{}'", question.variable, escaped(question.entity)),
      near.empty() ? fmt::format("it has: {}", names) : fmt::format("did you mean '{}'?", near));
  return -1;
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
         find_series(series, "milestone.reached", names[k]), OutputKind::stock,
         Comparison::at_least, QuestionTime::by, 1, last, last});
  }
}

}  // namespace

std::vector<QuestionPlan> plan_questions(const ScenarioSpec& spec, const Compiled& compiled,
                                         std::span<const Series> series, Diagnostics& diagnostics) {
  std::vector<QuestionPlan> plans;
  for (const QuestionSpec& question : spec.questions) {
    const OutputVariable* variable = find_variable(question.variable);
    if (!variable) {
      std::vector<std::string_view> known;
      for (const OutputVariable& v : output_variables()) known.push_back(v.name);
      const std::string_view near = nearest_name(question.variable, known);
      diagnostics.error(question.value_at,
                        fmt::format("unknown variable '{}'", escaped(question.variable)),
                        near.empty() ? "`fabcast list variables` prints them"
                                     : fmt::format("did you mean '{}'?", near));
      continue;
    }
    const int asked = asked_series(question, *variable, series, diagnostics);
    if (asked < 0) continue;
    const auto threshold = in_unit_of(*variable, question.value, question.unit);
    if (!threshold) {
      diagnostics.error(
          question.value_at,
          fmt::format("'{}' is not a unit of {}", escaped(question.unit), question.variable),
          fmt::format("give one of: {}", unit_list(variable->dimension)));
      continue;
    }
    const int first_month = compiled.model.first.count;
    plans.push_back({question.name, question.text, asked, variable->kind, question.comparison,
                     question.time, *threshold, question.period.first.count - first_month,
                     question.period.last.count - first_month});
  }
  add_milestones(spec, compiled, series, plans);
  return plans;
}

QuestionTally::QuestionTally(std::span<const QuestionPlan> plans, std::span<const Series> series,
                             int months)
    : plans_(plans),
      series_(series),
      months_(months),
      columns_(std::max(1, static_cast<int>(plans.size()) * column_count)) {
  for (size_t q = 0; q < plans.size(); ++q) {
    counts_.push_back({0, std::vector<uint64_t>(static_cast<size_t>(months) + 1)});
  }
}

void QuestionTally::begin() {
  columns_.clear();
  for (size_t q = 0; q < plans_.size(); ++q) {
    const int base = static_cast<int>(q) * column_count;
    fill_column(lanes, -1, columns_[base + reached]);
    fill_column(lanes, -1, columns_[base + holds]);
  }
}

void QuestionTally::month(int month, const TrialBlock& block) {
  for (size_t q = 0; q < plans_.size(); ++q) {
    const QuestionPlan& plan = plans_[q];
    const Series& series = series_[static_cast<size_t>(plan.series)];
    const int base = static_cast<int>(q) * column_count;
    double* above = columns_[base + numerator];
    double* below = columns_[base + denominator];
    double* now = columns_[base + value];

    // `at` a period: a flow or rate is of the period's months alone, a level their mean.
    const bool asks_period = plan.time == QuestionTime::at;
    const bool sums =
        plan.kind == OutputKind::flow || (asks_period && plan.kind != OutputKind::stock);
    if (!sums || (asks_period && month == plan.first)) {
      fill_column(lanes, 0, above);
      fill_column(lanes, 0, below);
    }
    if (asks_period && month < plan.first) continue;
    add_terms(series.numerator, block, above);
    if (series.denominator.empty()) {
      const bool mean = asks_period && plan.kind == OutputKind::level;
      fill_column(lanes, mean ? month - plan.first + 1.0 : 1.0, below);
    } else {
      add_terms(series.denominator, block, below);
    }
    divide_columns(lanes, above, below, now);
    if (asks_period && month < plan.last) continue;
    const bool from_above =
        plan.comparison == Comparison::at_most || plan.comparison == Comparison::below;
    const double sign = from_above ? -1 : 1;
    note_first(sign, least_that_holds(plan.comparison, plan.threshold, sign), month, now,
               columns_[base + (asks_period ? holds : reached)]);
  }
}

void QuestionTally::end(int trials) {
  for (size_t q = 0; q < plans_.size(); ++q) {
    const QuestionPlan& plan = plans_[q];
    const int base = static_cast<int>(q) * column_count;
    const double* first = columns_[base + reached];
    const double* held = columns_[base + holds];
    QuestionCount& count = counts_[q];
    for (int t = 0; t < trials; ++t) {
      const bool is_by = plan.time == QuestionTime::by;
      const int month = static_cast<int>(is_by ? first[t] : held[t]);
      count.hits += month >= 0 && month <= plan.last ? 1 : 0;
      ++count.first_reached[static_cast<size_t>(month < 0 ? months_ : month)];
    }
  }
}

}  // namespace fabcast
