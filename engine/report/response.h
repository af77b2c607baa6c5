#pragma once
/// How the outputs of a sweep answer to what is varied, and the picture that shows it: chosen here
/// once for page and workbook.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "results/run_result.h"

namespace fabcast {

/// A sweep's tables in a result, of which joined runs may have several.
struct SweepTables {
  const Swept* swept = nullptr;
  const Table *sweep = nullptr, *wide = nullptr;
  std::string run;  ///< of joined runs: the directory that it comes from
};
std::vector<SweepTables> sweeps_of(const RunResult& result);

/// "sweep", and of one of several joined sweeps "sweep (results/a)".
std::string sweep_table_name(std::string_view table, const Swept& swept);

bool is_sweep_table(std::string_view name);

/// A column's heading with its unit: "fab.SN2.line_yield [%]", "npus.shipped npu 2028 p50 [npus]".
/// Of tables that are no sweep's the name alone, for those have a column of units.
std::string column_heading(const RunResult& result, const Table& table, size_t column);

enum class ResponseShape {
  lines,    ///< one key: P5, P50, P95 over it; of several scenarios the medians
  grid,     ///< two keys, all pairs: medians over the first, a line a value of the second
  map,      ///< the same with more values of the second than lines can be told apart
  alone,    ///< one key at a time: P5, P50, P95 of each change beside the base
  scatter,  ///< anything else: medians of all points over each key
};

inline constexpr size_t most_lines_of_response = 8;
inline constexpr size_t most_keys_of_scatter = 4;    ///< those that go most with the output
inline constexpr size_t most_rows_alone = 24;        ///< those that move the median most
inline constexpr size_t most_drawn_points = 10'000;  ///< more would make a picture unreadable
inline constexpr size_t most_listed_points = 200;    ///< in tables beside the pictures

struct SweptKey {
  std::string name, unit, heading;
  bool is_number = true;     ///< at every point that is shown
  std::vector<Cell> values;  ///< that it takes: numbers upward, else in the order of the points
};

struct ResponsePoint {
  std::vector<Cell> at;  ///< by key
  size_t scenario = 0;   ///< into Response::scenarios
  double p05 = 0, p50 = 0, p95 = 0;
};

/// One change of `alone`; the first is the scenario as it stands.
struct AloneRow {
  std::string name;
  double p05 = 0, p50 = 0, p95 = 0;
};

struct Response {
  ResponseShape shape = ResponseShape::scatter;
  std::string variable, entity, unit, period;
  std::vector<SweptKey> keys;
  std::vector<std::string> scenarios;  ///< one, but for lines and scatter
  bool names_scenario = false;         ///< the sweep has others beside this one
  std::vector<ResponsePoint> points;
  size_t left_out = 0;          ///< points beyond those that are drawn
  std::vector<AloneRow> alone;  ///< of `alone`
  size_t alone_left_out = 0;
  /// Spearman's, of the medians with each key over the points of a scenario; by key, then by
  /// scenario; NaN of a key that is no number or has one value.
  std::vector<std::vector<double>> correlations;
  std::vector<size_t> shown;  ///< keys of a scatter, the largest |correlation| first
  std::string told;           ///< for those who do not see it: what it says, with numbers

  /// "in 2028", with the scenario where the sweep has several.
  std::string where() const;
};

using SweptOutput = std::pair<std::string, std::string>;  ///< variable, entity

/// What a sweep is about: what was asked for first, at most eight.
std::vector<SweptOutput> swept_outputs(const RunResult& result, const SweepTables& tables);

/// One picture, or of grids and of keys changed alone one a scenario; none where the sweep has one
/// point.
std::vector<Response> responses_of(const SweepTables& tables, const SweptOutput& output);

/// A key's value as a text.
std::string key_text(const Cell& cell);

}  // namespace fabcast
