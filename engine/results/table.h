#pragma once
/// Tables of results with names, units and meanings; what every report is written from.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fabcast {

/// Empty, a text, a number or a whole number.
using Cell = std::variant<std::monostate, std::string, double, long long>;

struct Column {
  std::string name;
  std::string meaning;
};

struct Table {
  std::string name;  ///< "summary"
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< each as long as `columns`

  /// Index of a column; throws std::out_of_range.
  size_t column(std::string_view column_name) const;
};

/// Rows of one table below those of another of the same kind; a column that one of them lacks is
/// empty in its rows.
void append(Table&& from, Table& to);

/// What the cells of a column hold, the empty ones, and numbers that are none, aside.
enum class Content { none, texts, numbers, whole_numbers, texts_and_numbers };
Content content_of(const Table& table, size_t column);
/// "text", "number", … as run.json has it.
std::string_view content_name(Content content);

/// The number in a cell, NaN where it holds none.
double number_in(const Cell& cell);
/// The text in a cell, "" where it holds none.
const std::string& text_in(const Cell& cell);

}  // namespace fabcast
