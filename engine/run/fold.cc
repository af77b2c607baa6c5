#include "run/fold.h"

#include <map>

#include "simd/columns.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;

// The first rows of sums_: numerator and denominator of the quarter that closes.
constexpr int scratch_rows = 2;

/// Rows of a series' sums over the year.
int year_rows(OutputKind kind) {
  return kind == OutputKind::stock ? 0 : kind == OutputKind::rate ? 2 : 1;
}

OutputKind kind_of(const Series& series) {
  return output_variables()[static_cast<size_t>(series.variable)].kind;
}

/// Block rows that are summed over a quarter, by row.
std::map<int, int> rows_to_sum(std::span<const Series> series) {
  std::map<int, int> place;
  for (const Series& s : series) {
    if (kind_of(s) == OutputKind::stock) continue;
    for (const auto* terms : {&s.numerator, &s.denominator}) {
      for (const Term& term : *terms) place[term.row] = 0;
    }
  }
  int next = scratch_rows;
  for (auto& [row, sum] : place) sum = next++;
  return place;
}

int sum_rows(std::span<const Series> series) {
  int rows = scratch_rows + static_cast<int>(rows_to_sum(series).size());
  for (const Series& s : series) rows += year_rows(kind_of(s));
  return rows;
}

/// Adds each listed row of the block to its sum, or begins the sum with it.
FABCAST_KERNEL
void sum_rows_of_month(std::span<const std::pair<int, int>> rows, bool begins, const Real* block,
                       Real* sums) {
  for (const auto& [row, sum] : rows) {
    const Real* __restrict from = block + static_cast<ptrdiff_t>(row) * column_stride;
    Real* __restrict to = sums + static_cast<ptrdiff_t>(sum) * column_stride;
    if (begins) {
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) to[t] = from[t];
    } else {
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) to[t] += from[t];
    }
  }
}

/// out = the sum of the terms (at least one).
void sum_terms(std::span<const Term> terms, const TrialBlock& block, Real* out) {
  scale_column(lanes, block[terms[0].row], static_cast<Real>(terms[0].factor), out);
  add_terms(terms.subspan(1), block, out);
}

}  // namespace

void add_terms(std::span<const Term> terms, const TrialBlock& block, Real* out) {
  for (const Term& term : terms) {
    if (term.factor == 1) {
      add_column(lanes, block[term.row], out);
    } else {
      add_scaled(lanes, block[term.row], static_cast<Real>(term.factor), out);
    }
  }
}

FABCAST_KERNEL
void divide_columns(int lanes, In numerator, In denominator, Out out) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real d = denominator[t];
    out[t] = d != 0 ? numerator[t] / (d != 0 ? d : Real(1)) : Real(0);
  }
}

PeriodFold::PeriodFold(const Model& model, std::span<const Series> series,
                       std::span<const Period> periods)
    : sums_(sum_rows(series)) {
  const std::map<int, int> place = rows_to_sum(series);
  summed_.assign(place.begin(), place.end());
  int year = scratch_rows + static_cast<int>(place.size());
  for (const Series& s : series) {
    Plan plan{kind_of(s), s.numerator, s.denominator, year};
    year += year_rows(plan.kind);
    if (plan.kind != OutputKind::stock) {
      for (auto* terms : {&plan.numerator, &plan.denominator}) {
        for (Term& term : *terms) term.row = place.at(term.row);
      }
    }
    plans_.push_back(std::move(plan));
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

void PeriodFold::begin() { months_in_quarter_ = months_in_year_ = 0; }

void PeriodFold::month(int month, const TrialBlock& block, const PeriodColumns& out) {
  const Ends ends = ends_[static_cast<size_t>(month)];
  ++months_in_quarter_;
  ++months_in_year_;
  sum_rows_of_month(summed_, months_in_quarter_ == 1, block[0], sums_[0]);
  if (!ends.closes_quarter) return;
  const bool first_quarter = months_in_year_ == months_in_quarter_;
  for (size_t s = 0; s < plans_.size(); ++s) {
    const Plan& plan = plans_[s];
    const bool is_ratio = !plan.denominator.empty();
    const TrialBlock& from = plan.kind == OutputKind::stock ? block : sums_;
    // Of the quarter: numerator, and denominator of a ratio. One row needs no summing.
    const Real* parts[] = {sums_[0], sums_[1]};
    if (plan.numerator.size() == 1 && plan.numerator[0].factor == 1) {
      parts[0] = from[plan.numerator[0].row];
    } else {
      sum_terms(plan.numerator, from, sums_[0]);
    }
    if (is_ratio) sum_terms(plan.denominator, from, sums_[1]);
    const auto write = [&](int period, In numerator, In denominator, Real months) {
      if (period < 0) return;
      Real* to =
          out.values + static_cast<size_t>(period) * out.period_stride + s * out.series_stride;
      if (is_ratio) {
        divide_columns(lanes, numerator, denominator, to);
      } else if (plan.kind == OutputKind::level) {
        scale_column(lanes, numerator, 1 / months, to);
      } else {
        copy_column(lanes, numerator, to);
      }
    };
    write(ends.quarter, parts[0], parts[1], months_in_quarter_);
    // A stock's year is its last quarter.
    const Real* year[] = {parts[0], parts[1]};
    for (int r = 0; r < year_rows(plan.kind); ++r) {
      Real* sum = sums_[plan.year + r];
      if (first_quarter) {
        copy_column(lanes, parts[r], sum);
      } else {
        add_column(lanes, parts[r], sum);
      }
      year[r] = sum;
    }
    write(ends.year, year[0], year[1], months_in_year_);
  }
  months_in_quarter_ = 0;
  if (ends.closes_year) months_in_year_ = 0;
}

}  // namespace fabcast
