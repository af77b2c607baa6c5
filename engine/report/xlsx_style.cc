#include "report/xlsx_style.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>

#include "report/response.h"

namespace fabcast {

namespace {

/// The column of this name, or as many as there are columns.
size_t column_or_none(const Table& table, std::string_view name) {
  size_t c = 0;
  while (c < table.columns.size() && table.columns[c].name != name) ++c;
  return c;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether a column holds shares of one, whatever the row's unit.
bool is_share(std::string_view table, std::string_view name) {
  if (table == "questions") return name != "threshold";  // chances and their differences
  return name.starts_with("coverage") || name.starts_with("covered") ||
         is_one_of(name, {"probability", "estimate", "cumulative", "lo", "hi", "weight",
                          "relative_error", "crps_relative"});
}

/// Whether a column holds plain numbers, whatever the row's unit.
bool is_plain(std::string_view name) {
  return name.starts_with("ratio") || name.starts_with("rank_correlation") ||
         name.starts_with("crps_log") ||
         is_one_of(name, {"pit", "ess", "ess_without", "trials", "variance_reduction", "elasticity",
                          "point"});
}

}  // namespace

std::string format_of_size(double largest) {
  if (!(largest > 0) || largest >= 1000) return whole_format;
  if (largest >= 100) return "#,##0.0";
  return largest >= 1 ? "0.00" : "0.0000";
}

std::string format_of_unit(const std::string& unit, double largest) {
  return unit == "share" ? percent_format : format_of_size(largest);
}

TableFormats::TableFormats(const Table& table)
    : table_(table), of_column_(table.columns.size()), of_row_(table.rows.size()) {
  const size_t unit = column_or_none(table, "unit"), variable = column_or_none(table, "variable");
  const bool has_unit = unit < table.columns.size();
  // Rows of one variable look alike; where none is named, those of one unit.
  const auto kind = [&](const std::vector<Cell>& row) {
    return (variable < row.size() ? text_in(row[variable]) : "") + '\n' + text_in(row[unit]);
  };
  std::map<std::string, double> largest;  // by kind of row
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const std::string& name = table.columns[c].name;
    // What is varied looks as it is written, whatever the row is of: a factor of 0.5 is no "1".
    if (is_sweep_table(table.name) && c < column_or_none(table, "scenario")) {
      of_column_[c] = "General";
      continue;
    }
    const bool share = is_share(table.name, name) && !is_plain(name);
    const bool by_row = has_unit && !share && !is_plain(name);
    double most = 0;
    bool whole = true;
    for (const auto& row : table.rows) {
      const double number = std::abs(number_in(row[c]));
      if (!std::isfinite(number)) continue;
      most = std::max(most, number);
      whole &= number == std::floor(number);
      if (by_row) {
        double& of_kind = largest[kind(row)];
        of_kind = std::max(of_kind, number);
      }
    }
    if (by_row) continue;
    of_column_[c] = share                                  ? percent_format
                    : name.starts_with("rank_correlation") ? "0.00"
                    : whole                                ? whole_format
                                                           : format_of_size(most);
  }
  for (size_t r = 0; has_unit && r < table.rows.size(); ++r) {
    of_row_[r] = format_of_unit(text_in(table.rows[r][unit]), largest[kind(table.rows[r])]);
  }
}

const std::string& TableFormats::of(size_t row, size_t column) const {
  return of_column_[column].empty() ? of_row_[row] : of_column_[column];
}

std::string axis_format(const std::string& unit) {
  if (unit == "share") return "0%";
  // Two conditions are what a format may have.
  return "[>=1000000]#,##0.0,,\"M\";[>=1000]0,\"k\";General";
}

}  // namespace fabcast
