#include "results/table.h"

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace fabcast {

size_t Table::column(std::string_view column_name) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column_name) return i;
  }
  throw std::out_of_range("no column " + std::string(column_name) + " in " + name);
}

Content content_of(const Table& table, size_t column) {
  bool texts = false, numbers = false, whole = false;
  for (const auto& row : table.rows) {
    const Cell& cell = row[column];
    if (const std::string* text = std::get_if<std::string>(&cell)) {
      texts |= !text->empty();
    } else {
      const double* number = std::get_if<double>(&cell);
      numbers |= number && std::isfinite(*number);
      whole |= std::holds_alternative<long long>(cell);
    }
  }
  if (texts) return numbers || whole ? Content::texts_and_numbers : Content::texts;
  if (numbers) return Content::numbers;
  return whole ? Content::whole_numbers : Content::none;
}

std::string_view content_name(Content content) {
  constexpr std::array<std::string_view, 5> names{"nothing", "text", "number", "whole number",
                                                  "text or number"};
  return names[static_cast<size_t>(content)];
}

double number_in(const Cell& cell) {
  if (const double* number = std::get_if<double>(&cell)) return *number;
  if (const long long* whole = std::get_if<long long>(&cell)) return static_cast<double>(*whole);
  return std::numeric_limits<double>::quiet_NaN();
}

const std::string& text_in(const Cell& cell) {
  static const std::string none;
  const std::string* text = std::get_if<std::string>(&cell);
  return text ? *text : none;
}

void append(Table&& from, Table& to) {
  if (to.columns.empty()) {
    to = std::move(from);
    return;
  }
  std::vector<size_t> place;
  for (Column& column : from.columns) {
    size_t c = 0;
    while (c < to.columns.size() && to.columns[c].name != column.name) ++c;
    if (c == to.columns.size()) {
      to.columns.push_back(std::move(column));
      for (auto& row : to.rows) row.emplace_back();
    }
    place.push_back(c);
  }
  for (auto& row : from.rows) {
    std::vector<Cell> joined(to.columns.size());
    for (size_t c = 0; c < row.size(); ++c) joined[place[c]] = std::move(row[c]);
    to.rows.push_back(std::move(joined));
  }
}

}  // namespace fabcast
