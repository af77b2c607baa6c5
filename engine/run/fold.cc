#include "run/fold.h"

#include "simd/columns.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;
constexpr int scratch_rows = 2;  // numerator and denominator of what is handed over

int accumulators(OutputKind kind) {
  return kind == OutputKind::stock ? 0 : kind == OutputKind::rate ? 2 : 1;
}

int accumulator_rows(std::span<const Series> series) {
  int rows = scratch_rows;
  for (const Series& s : series) {
    rows += 2 * accumulators(output_variables()[static_cast<size_t>(s.variable)].kind);
  }
  return rows;
}

}  // namespace

void add_terms(std::span<const Term> terms, const TrialBlock& block, double* out) {
  for (const Term& term : terms) {
    if (term.factor == 1) {
      add_column(lanes, block[term.row], out);
    } else {
      add_scaled(lanes, block[term.row], term.factor, out);
    }
  }
}

void divide_columns(const double* numerator, const double* denominator, double* out) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double d = denominator[t];
    out[t] = d != 0 ? numerator[t] / (d != 0 ? d : 1.0) : 0.0;
  }
}

PeriodFold::PeriodFold(const Model& model, std::span<const Series> series,
                       std::span<const Period> periods)
    : sums_(accumulator_rows(series)) {
  int row = scratch_rows;
  for (const Series& s : series) {
    Plan plan{output_variables()[static_cast<size_t>(s.variable)].kind, &s};
    const int rows = accumulators(plan.kind);
    if (rows > 0) {
      plan.quarter = row;
      plan.year = row + rows;
      row += 2 * rows;
    }
    plans_.push_back(plan);
  }
  for (int m = 0; m < model.months; ++m) {
    const Month month{model.first.count + m};
    Ends ends;
    ends.closes_quarter = month.month_of_year() % 3 == 0;
    ends.closes_year = month.month_of_year() == 12;
    for (size_t p = 0; p < periods.size(); ++p) {
      if (periods[p].last != month) continue;
      const int length = periods[p].last.count - periods[p].first.count + 1;
      (length == 3 ? ends.quarter : ends.year) = static_cast<int>(p);
    }
    ends_.push_back(ends);
  }
}

void PeriodFold::begin() {
  sums_.clear();
  months_in_quarter_ = months_in_year_ = 0;
}

const double* PeriodFold::value(const Plan& plan, int accumulator, double months,
                                const TrialBlock& block) {
  double* out = sums_[0];
  const Series& series = *plan.series;
  switch (plan.kind) {
    case OutputKind::flow:
      return sums_[accumulator];
    case OutputKind::level:
      fill_column(lanes, 0, out);
      add_scaled(lanes, sums_[accumulator], 1 / months, out);
      return out;
    case OutputKind::rate:
      divide_columns(sums_[accumulator], sums_[accumulator + 1], out);
      return out;
    case OutputKind::stock:
      break;
  }
  if (series.denominator.empty() && series.numerator.size() == 1 &&
      series.numerator[0].factor == 1) {
    return block[series.numerator[0].row];
  }
  fill_column(lanes, 0, out);
  add_terms(series.numerator, block, out);
  if (!series.denominator.empty()) {
    double* denominator = sums_[1];
    fill_column(lanes, 0, denominator);
    add_terms(series.denominator, block, denominator);
    divide_columns(out, denominator, out);
  }
  return out;
}

void PeriodFold::month(int month, const TrialBlock& block, PeriodSink& sink) {
  const Ends ends = ends_[static_cast<size_t>(month)];
  ++months_in_quarter_;
  ++months_in_year_;
  for (size_t s = 0; s < plans_.size(); ++s) {
    const Plan& plan = plans_[s];
    const int rows = accumulators(plan.kind);
    if (rows > 0) add_terms(plan.series->numerator, block, sums_[plan.quarter]);
    if (rows > 1) add_terms(plan.series->denominator, block, sums_[plan.quarter + 1]);
    if (!ends.closes_quarter) continue;
    for (int r = 0; r < rows; ++r) add_column(lanes, sums_[plan.quarter + r], sums_[plan.year + r]);
    if (ends.quarter >= 0) {
      sink.take(s, static_cast<size_t>(ends.quarter),
                value(plan, plan.quarter, months_in_quarter_, block));
    }
    if (ends.year >= 0) {
      sink.take(s, static_cast<size_t>(ends.year), value(plan, plan.year, months_in_year_, block));
    }
    for (int r = 0; r < rows; ++r) {
      fill_column(lanes, 0, sums_[plan.quarter + r]);
      if (ends.closes_year) fill_column(lanes, 0, sums_[plan.year + r]);
    }
  }
  if (ends.closes_quarter) months_in_quarter_ = 0;
  if (ends.closes_year) months_in_year_ = 0;
}

}  // namespace fabcast
