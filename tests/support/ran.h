#pragma once
/// A scenario's text, run as `fabcast run` does: with its tables and kept trials.

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "study/prepare.h"
#include "support/program.h"

namespace fabcast {

struct Ran {
  testing::TemporaryFolder folder;
  PreparedScenario scenario;
  RunOutcome outcome;
  RunResult result;

  /// `asked`: all of the request but the scenario's file, which gets the name `file`.
  Ran(const std::string& file, const std::string& text, RunRequest asked)
      : scenario(in_folder(file, text, std::move(asked))),
        outcome(run_models({scenario.run}, scenario.options())[0]),
        result(result_of(scenario, outcome)) {}

  const Table& table(const std::string& name) const {
    for (const Table* each : result.tables()) {
      if (each->name == name) return *each;
    }
    throw std::out_of_range("no table " + name);
  }
  double number(const std::string& name, size_t row, const std::string& column) const {
    const Table& of = table(name);
    return number_in(of.rows.at(row)[of.column(column)]);
  }
  /// Kept values of a column, by trial; "weight" among them where trials are weighted.
  std::vector<double> kept(const std::string& column) const {
    const auto& columns = result.trials.columns;
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end()) throw std::out_of_range("not kept: " + column);
    std::vector<double> values;
    for (size_t at = static_cast<size_t>(found - columns.begin()); at < result.trials.values.size();
         at += columns.size()) {
      values.push_back(result.trials.values[at]);
    }
    return values;
  }

 private:
  RunRequest in_folder(const std::string& file, const std::string& text, RunRequest asked) const {
    asked.scenario.path = folder.write(file, text);
    return asked;
  }
};

}  // namespace fabcast
