#pragma once
/// The charts of report.xlsx, and the sheet that holds what they are drawn from. Series differ by
/// dashes, markers and patterns as well as by colours, which are those of Okabe and Ito.

#include <string>
#include <vector>

#include "report/response.h"
#include "report/workbook.h"
#include "results/run_result.h"

namespace fabcast {

inline constexpr int chart_width = 460, chart_height = 290;  ///< pixels
inline constexpr size_t rows_of_chart = 15;                  ///< of 20 pixels
inline constexpr size_t most_series = 8;  ///< of a chart; more cannot be told apart

/// Where the rows of the table `exceedance` stand.
struct PlacedTable {
  const Sheet* sheet = nullptr;
  size_t first_row = 1;
};

class Charts {
 public:
  Charts(Workbook& book, const RunResult& result, Sheet& data)
      : book_(book), result_(result), data_(data) {}

  /// Each puts a chart on a sheet at a row, `across` charts from the left, and says whether there
  /// was anything to draw. `output`: "variable", "entity".
  using Output = std::pair<std::string, std::string>;
  struct Place {
    Sheet& sheet;
    size_t row, across;
  };
  bool fan(const Output& output, Place place);
  bool exceedance(const Output& output, const PlacedTable& table, Place place);
  bool tornado(const Output& output, Place place);
  bool binding(const std::string& product, Place place);
  /// Medians of several scenarios by year, and mean differences to the first.
  bool scenarios(const Output& output, Place place);
  bool differences(const Output& output, Place place);
  /// How an output answers to the varied keys of a sweep: lines and changes one at a time.
  bool response(const Response& response, Place place);
  /// Medians of all points over one key.
  bool scatter(const Response& response, size_t key, Place place);

 private:
  /// A block of the data sheet: a title, headings, then rows; the first column holds categories.
  struct Block {
    size_t first = 0, last = 0;  ///< rows
  };
  Block put(const std::string& title, const std::vector<std::string>& headings,
            const std::vector<std::vector<Cell>>& rows, const std::string& number_format,
            const std::string& first_format = "");
  lxw_chart_series* add_series(lxw_chart* chart, const Block& block, size_t column,
                               const std::string& name, size_t categories = 0);
  void insert(lxw_chart* chart, Place place, const std::string& title,
              const std::string& description, const std::string& unit);
  bool changes_alone(const Response& response, Place place);
  void name_axes(lxw_chart* chart, const std::string& across, const std::string& unit);
  std::string title_of(const Output& output) const;
  std::string unit_of(const Output& output) const;

  Workbook& book_;
  const RunResult& result_;
  Sheet& data_;
  size_t next_row_ = 0;
};

/// Scenarios of a table in their order.
std::vector<std::string> scenarios_of(const Table& table);
bool is_year(const std::string& period);
/// "2026Q3"
bool is_quarter(const std::string& period);
/// Years of a table where it has any, else its quarters, in their order.
std::vector<std::string> years_of(const Table& table);
const Table* find_table(const RunResult& result, std::string_view name);

}  // namespace fabcast
