#pragma once
/// Runs that keep the trials of some series, to be compared trial by trial.

#include <algorithm>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "run/tables.h"
#include "support/scenarios.h"

namespace fabcast {

/// A run with the trials of "variable entity" names; of all series where none is named.
class KeptRun {
 public:
  KeptRun(Compiled model, const std::vector<QuestionPlan>& questions,
          const std::vector<std::string>& names, RunOptions options)
      : run{std::move(model), {}} {
    const std::vector<Series> all = output_series(run.model);
    if (names.empty()) {
      series_.resize(all.size());
      std::iota(series_.begin(), series_.end(), size_t{0});
    }
    for (const std::string& name : names) {
      const size_t space = name.find(' ');
      const int found = find_series(all, name.substr(0, space), name.substr(space + 1));
      if (found < 0) throw std::out_of_range("no series " + name);
      series_.push_back(static_cast<size_t>(found));
    }
    run.outcome = run_model(run.model, questions, options, series_);
  }

  size_t trials() const { return run.outcome.trials; }
  const std::vector<double>& values() const { return run.outcome.kept; }
  std::span<const size_t> series() const { return series_; }
  /// Values of a trial of one kept series (place among the kept ones), by period.
  std::span<const double> of_trial(size_t trial, size_t place) const {
    const size_t periods = run.outcome.periods.size();
    return std::span(values()).subspan((trial * series_.size() + place) * periods, periods);
  }
  /// One value a trial of a kept series in the period "2025Q3".
  std::vector<double> column(const std::string& name, const std::string& period) const {
    for (size_t place = 0; place < series_.size(); ++place) {
      if (series_name(run.outcome.series[series_[place]]) != name) continue;
      for (size_t p = 0; p < run.outcome.periods.size(); ++p) {
        if (run.outcome.periods[p].text() != period) continue;
        std::vector<double> values;
        for (size_t t = 0; t < trials(); ++t) values.push_back(of_trial(t, place)[p]);
        return values;
      }
    }
    throw std::out_of_range("not kept: " + name + " in " + period);
  }

  TextRun run;

 private:
  std::vector<size_t> series_;
};

inline KeptRun keep_model(Compiled model, const std::vector<std::string>& names,
                          const RunOptions& options) {
  return {std::move(model), {}, names, options};
}

/// A scenario text with its questions.
inline KeptRun keep_text(const std::string& text, const std::vector<std::string>& names,
                         const RunOptions& options, const std::vector<std::string>& sets = {}) {
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario_text("test", text, sets, diagnostics);
  Compiled model = compiled(spec, diagnostics);
  const auto questions = plan_questions(spec, model, output_series(model), diagnostics);
  diagnostics.throw_if_any();
  return {std::move(model), questions, names, options};
}

}  // namespace fabcast
