#include "run/probe.h"

#include <fmt/core.h>

#include <algorithm>

#include "run/fold.h"
#include "simd/columns.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;

std::string entity_list(const std::vector<std::string_view>& known) {
  constexpr size_t most_named = 12;
  std::string names;
  for (size_t i = 0; i < known.size() && i < most_named; ++i) {
    names += (i ? ", " : "") + std::string(known[i]);
  }
  if (known.size() > most_named) names += ", …";
  return names;
}

}  // namespace

Asked asked_at(int series, const Period& period, Month first_month) {
  return {series, OutputKind::stock, QuestionTime::at, period.first.count - first_month.count,
          period.last.count - first_month.count};
}

Probes::Probes(std::span<const Asked> asked, std::span<const Series> series)
    : asked_(asked.begin(), asked.end()),
      series_(series),
      columns_(std::max(1, static_cast<int>(asked.size()) * column_count)) {
  columns_.clear();
}

bool Probes::month(size_t i, int month, const TrialBlock& block) {
  const Asked& asked = asked_[i];
  const Series& series = series_[static_cast<size_t>(asked.series)];
  const int base = static_cast<int>(i) * column_count;
  Real* above = columns_[base + numerator];
  Real* below = columns_[base + denominator];

  // `at` a period: a flow or rate is of the period's months alone, a level their mean.
  const bool of_period = asked.time == QuestionTime::at;
  const bool sums =
      asked.kind == OutputKind::flow || (of_period && asked.kind != OutputKind::stock);
  if (!sums || month == (of_period ? asked.first : 0)) {
    fill_column(lanes, 0, above);
    fill_column(lanes, 0, below);
  }
  if (of_period && (month < asked.first || month > asked.last)) return false;
  add_terms(series.numerator, block, above);
  if (series.denominator.empty()) {
    const bool mean = of_period && asked.kind == OutputKind::level;
    fill_column(lanes, mean ? static_cast<Real>(month - asked.first + 1) : Real(1), below);
  } else {
    add_terms(series.denominator, block, below);
  }
  divide_columns(lanes, above, below, columns_[base + now]);
  return !of_period || month == asked.last;
}

int named_series(const std::string& variable, const std::string& entity, SourcePosition at,
                 std::span<const Series> series, Diagnostics& diagnostics) {
  const OutputVariable* known_variable = find_variable(variable);
  if (!known_variable) {
    std::vector<std::string_view> known;
    for (const OutputVariable& v : output_variables()) known.push_back(v.name);
    const std::string_view near = nearest_name(variable, known);
    diagnostics.error(at, fmt::format("unknown variable '{}'", escaped(variable)),
                      near.empty() ? "`fabcast list variables` prints them"
                                   : fmt::format("did you mean '{}'?", near));
    return -1;
  }
  const int found = find_series(series, variable, entity);
  if (found >= 0) return found;
  std::vector<std::string_view> known;
  for (const Series& s : series) {
    if (&output_variables()[static_cast<size_t>(s.variable)] == known_variable) {
      known.push_back(s.entity);
    }
  }
  const std::string_view near = nearest_name(entity, known);
  diagnostics.error(at,
                    entity.empty()
                        ? fmt::format("'{}' asks for an entity", variable)
                        : fmt::format("'{}' has no entity '{}'", variable, escaped(entity)),
                    known.empty()  ? std::string("this scenario has none")
                    : near.empty() ? fmt::format("it has: {}", entity_list(known))
                                   : fmt::format("did you mean '{}'?", near));
  return -1;
}

}  // namespace fabcast
