#pragma once
/// Published numbers that the engine must give: tests/reference/published_cases.csv, a row each.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace published_cases {

struct Case {
  std::string id, quantity;
  nlohmann::json inputs;
  std::string expected;   ///< a number, or several with | between them, or a word
  std::string tolerance;  ///< "rel:x", "abs:x", "min:0 …", "exact", and words after it
  std::string source;

  double input(const char* name) const { return inputs.at(name).get<double>(); }
};

/// The cells of a comma-separated table with quoted cells ("" is a quote in one).
inline std::vector<std::vector<std::string>> read_csv(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::stringstream whole;
  whole << file.rdbuf();
  const std::string text = whole.str();
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string cell;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        cell += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        cell += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.push_back(std::move(cell));
      cell.clear();
    } else if (c == '\n') {
      row.push_back(std::move(cell));
      cell.clear();
      rows.push_back(std::move(row));
      row.clear();
    } else if (c != '\r') {
      cell += c;
    }
  }
  return rows;
}

inline const std::vector<Case>& all() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> read;
    const auto rows = read_csv(std::string(FABCAST_TESTS_FOLDER "/reference/published_cases.csv"));
    for (size_t i = 1; i < rows.size(); ++i) {
      const auto& row = rows[i];
      if (row.size() != 6) throw std::runtime_error("published_cases.csv: a row has not six cells");
      read.push_back({row[0], row[1], nlohmann::json::parse(row[2]), row[3], row[4], row[5]});
    }
    return read;
  }();
  return cases;
}

inline const Case& published(std::string_view id) {
  for (const Case& one : all()) {
    if (one.id == id) return one;
  }
  throw std::runtime_error("no published case " + std::string(id));
}

/// The `part`-th number of the expected ones.
inline double expected_number(const Case& one, int part = 0) {
  std::string_view rest = one.expected;
  for (; part > 0; --part) rest.remove_prefix(rest.find('|') + 1);
  const auto number = fabcast::parse_number(rest);
  if (!number) throw std::runtime_error(one.id + ": expected is no number");
  return number->value;
}

/// Checks a value against the case's own tolerance, or against what rounding may have done to it
/// where that is more.
inline void check(const Case& one, double value, int part = 0, double rounding = 0) {
  CAPTURE(one.id);
  const double expected = expected_number(one, part);
  const std::string_view tolerance = one.tolerance;
  const auto number = fabcast::parse_number(tolerance.substr(tolerance.find(':') + 1));
  REQUIRE(number);
  if (tolerance.starts_with("rel:")) {
    CHECK(std::abs(value - expected) <= std::max(number->value, rounding) * std::abs(expected));
  } else if (tolerance.starts_with("abs:")) {
    CHECK(std::abs(value - expected) <= number->value);
  } else {
    REQUIRE(tolerance.starts_with("min:"));
    CHECK(value >= expected);
    CHECK(value <= expected * 1.01);
  }
}

}  // namespace published_cases
