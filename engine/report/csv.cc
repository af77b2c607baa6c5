#include "report/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace fabcast {

namespace {

/// Whether a spreadsheet may take a cell of this text for a formula.
bool looks_like_formula(std::string_view text) {
  if (text.empty()) return false;
  if (std::string_view("\t\r\n").find(text[0]) != std::string_view::npos) return true;
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return false;
  text.remove_prefix(first);
  // The last four are the full-width forms, which East Asian spreadsheets read alike.
  for (const std::string_view sign : {"=", "+", "-", "@", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"}) {
    if (text.starts_with(sign)) return true;
  }
  return false;
}

/// The same of what stands after apostrophes, so that those of the text and ours can be told apart.
bool needs_guard(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('\''), text.size()));
  return looks_like_formula(text);
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string field(text);
  if (needs_guard(field)) field.insert(0, 1, '\'');
  // Semicolon and tab separate cells where a spreadsheet's language says so: unquoted, what follows
  // one could start a formula of its own.
  if (field.find_first_of(",\"\n\r;\t") == std::string::npos) return field;
  std::string quoted = "\"";
  for (char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string_view csv_unguarded(std::string_view field) {
  if (field.starts_with('\'') && needs_guard(field)) field.remove_prefix(1);
  return field;
}

std::string csv_number(double value) { return std::isfinite(value) ? number_text(value) : ""; }

std::string csv_text(const Table& table) {
  std::string out;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (c > 0) out += ',';
    out += csv_field(table.columns[c].name);
  }
  out += '\n';
  for (const auto& row : table.rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      if (c > 0) out += ',';
      if (const std::string* text = std::get_if<std::string>(&row[c])) {
        out += csv_field(*text);
      } else if (const double* number = std::get_if<double>(&row[c])) {
        out += csv_number(*number);
      } else if (const long long* whole = std::get_if<long long>(&row[c])) {
        out += std::to_string(*whole);
      }
    }
    out += '\n';
  }
  return out;
}

void csv_text(const KeptTrials& trials, const std::function<void(std::string_view)>& write) {
  constexpr size_t piece_bytes = size_t{1} << 20;
  std::string piece = "trial";
  for (const std::string& column : trials.columns) piece += ',' + csv_field(column);
  piece += '\n';
  const size_t width = trials.columns.size();
  const size_t count = width == 0 ? 0 : trials.values.size() / width;
  for (size_t t = 0; t < count; ++t) {
    piece += std::to_string(t);
    for (size_t c = 0; c < width; ++c) piece += ',' + csv_number(trials.values[t * width + c]);
    piece += '\n';
    if (piece.size() < piece_bytes) continue;
    write(piece);
    piece.clear();
  }
  write(piece);
}

std::string csv_text(const KeptTrials& trials) {
  std::string text;
  csv_text(trials, [&text](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace fabcast
