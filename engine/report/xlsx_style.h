#pragma once
/// How the numbers of a table look: percent, whole, or decimals by their size.

#include <string>
#include <vector>

#include "results/table.h"

namespace fabcast {

inline constexpr const char* percent_format = "0.0%";
inline constexpr const char* whole_format = "#,##0";

/// Decimals by the largest of the numbers that are shown alike: 12,345 · 123.4 · 1.23 · 0.0123.
std::string format_of_size(double largest);
/// The same of a unit; of shares percent.
std::string format_of_unit(const std::string& unit, double largest);

/// Number formats of a table's cells: of values in the row's unit, of chances, of counts, of what
/// has no unit.
class TableFormats {
 public:
  explicit TableFormats(const Table& table);
  const std::string& of(size_t row, size_t column) const;

 private:
  const Table& table_;
  std::vector<std::string> of_column_;  ///< "": by the row
  std::vector<std::string> of_row_;
};

/// An axis of large numbers in thousands and millions; of shares in percent.
std::string axis_format(const std::string& unit);

}  // namespace fabcast
