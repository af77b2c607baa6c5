#include "run/questions.h"

#include <fmt/core.h>

#include "run/fold.h"
#include "simd/columns.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;
enum Column { numerator, denominator, value, reached, holds, column_count };

/// reached = month where it is not set yet and the comparison holds.
FABCAST_KERNEL
void note_first(Comparison comparison, double threshold, int month, In now, Out first) {
  // Whole counts and sums of many months may miss the asked number by rounding alone.
  const double slack = 1e-9 * (threshold < 0 ? -threshold : threshold);
  const double sign = comparison == Comparison::at_least ? 1 : -1;
  const double limit = sign * threshold - slack;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    first[t] = first[t] < 0 && sign * now[t] >= limit ? static_cast<double>(month) : first[t];
  }
}

}  // namespace

std::vector<QuestionPlan> plan_questions(const ScenarioSpec& spec, const Model& model,
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
    QuestionPlan plan{};
    plan.series = find_series(series, question.variable, question.entity);
    if (plan.series < 0) {
      std::vector<std::string_view> known;
      for (const Series& s : series) {
        if (&output_variables()[static_cast<size_t>(s.variable)] == variable) {
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
          near.empty() ? fmt::format("it has: {}", names)
                       : fmt::format("did you mean '{}'?", near));
      continue;
    }
    const auto threshold = in_unit_of(*variable, question.value, question.unit);
    if (!threshold) {
      diagnostics.error(
          question.value_at,
          fmt::format("'{}' is not a unit of {}", escaped(question.unit), question.variable),
          fmt::format("give {}", variable->unit));
      continue;
    }
    plan.kind = variable->kind;
    plan.comparison = question.comparison;
    plan.time = question.time;
    plan.threshold = *threshold;
    plan.first = question.period.first.count - model.first.count;
    plan.last = question.period.last.count - model.first.count;
    if (plan.last < 0 || plan.last >= model.months || plan.first < 0) {
      // A period that the run does not cover would be answered from part of it.
      if (plan.last < 0 || plan.last >= model.months || plan.time == QuestionTime::at) {
        diagnostics.error(
            question.value_at,
            fmt::format("{} lies outside the months of the scenario", question.period.text()),
            fmt::format("ask for a date from {} to {}", spec.first.text(), spec.last.text()));
        continue;
      }
    }
    plans.push_back(plan);
  }
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
    if (!asks_period) {
      note_first(plan.comparison, plan.threshold, month, now, columns_[base + reached]);
    } else if (month == plan.last) {
      note_first(plan.comparison, plan.threshold, month, now, columns_[base + holds]);
    }
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
