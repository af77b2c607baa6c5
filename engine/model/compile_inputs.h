#pragma once
/// Scenario values to input plans and block rows.

#include <map>
#include <string>

#include "model/model.h"
#include "model/names.h"
#include "scenario/spec.h"

namespace fabcast {

/// Hands out rows of the block and keeps the plans of what fills them.
class InputsCompiler {
 public:
  InputsCompiler(const ScenarioSpec& spec, Diagnostics& diagnostics, Model& model, Names& names);

  /// Consecutive new rows.
  Rows rows(size_t count);
  Ring ring(size_t months);
  /// The row that always holds `value`; equal values share one.
  int known(double value);
  /// The row of a numeric setting's value of the month.
  int number(const std::string& key, const KeyRow& row, const Setting& setting);

  /// The rows of the setting's effect go to the regime's plan; returns its index there. Effects are
  /// compiled in the order of their settings.
  int effect(const std::string& key, const Setting& setting, int event);

  /// Largest value that the input in `row` takes, up to chance 1e-4 and noise of 4 sigma.
  double highest(int row) const;
  /// Whether the value in `row` can differ from month to month.
  bool moves(int row) const;
  /// The number in `row` where it is the same in every trial and month, else nothing (also for -1).
  std::optional<double> constant(int row) const;

  /// Joins the correlated inputs; call once all numbers are in.
  void finish();

 private:
  /// The row of a value as events leave it, given its row without them.
  int acted_upon(const std::vector<int>& effects, int base_row, const KeyRow& row);
  int known_path(const Value& value, const KeyRow& row);
  int uncertain(const std::string& key, const Value& value, const KeyRow& row);
  int view_group_of(const std::string& view) const;
  void correlate();

  const ScenarioSpec& spec_;
  Diagnostics& diagnostics_;
  Model& model_;
  Names& names_;
  std::map<double, int> known_rows_;
  std::map<std::string, std::vector<int>> effects_on_;  ///< by full key: indices of effects
};

}  // namespace fabcast
