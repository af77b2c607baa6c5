/// docs/validation.md against the published cases: each stands there once, with how it is checked
/// and a test that exists, or with the reason why it is not.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "reference/published.h"

namespace {

struct PageRow {
  std::string id, how, where;
};

/// Cells of a row "| a | b | c |", without the blanks around them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (size_t bar = 0, next; (next = line.find('|', bar + 1)) != std::string::npos; bar = next) {
    std::string cell = line.substr(bar + 1, next - bar - 1);
    cell.erase(0, cell.find_first_not_of(' '));
    cell.erase(cell.find_last_not_of(' ') + 1);
    cells.push_back(cell);
  }
  return cells;
}

std::vector<PageRow> page_rows() {
  std::ifstream file(std::string(FABCAST_SOURCE_FOLDER "/docs/validation.md"));
  REQUIRE(file);
  std::vector<PageRow> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| ") || line.starts_with("| case |")) continue;
    const std::vector<std::string> cells = cells_of(line);
    CAPTURE(line);
    REQUIRE(cells.size() == 3);
    rows.push_back({cells[0], cells[1], cells[2]});
  }
  return rows;
}

}  // namespace

TEST_CASE("every published case stands in docs/validation.md, and nothing else does") {
  std::vector<std::string> on_page, published;
  for (const PageRow& row : page_rows()) on_page.push_back(row.id);
  for (const auto& one : published_cases::all()) published.push_back(one.id);
  CHECK(published.size() > 100);
  std::sort(on_page.begin(), on_page.end());
  std::sort(published.begin(), published.end());
  CHECK(on_page == published);
}

TEST_CASE("docs/validation.md: how and where, or why not") {
  int not_checked = 0;
  for (const PageRow& row : page_rows()) {
    CAPTURE(row.id);
    const std::string reason = "not checked: ";
    if (row.where == "-") {
      CHECK(row.how.starts_with(reason));
      CHECK(row.how.size() > reason.size());
      ++not_checked;
      continue;
    }
    CHECK_FALSE(row.how.empty());
    CHECK_FALSE(row.how.starts_with(reason));
    CHECK_FALSE(row.how.starts_with("see "));
    REQUIRE(row.where.size() > 2);
    const std::string path = row.where.substr(1, row.where.size() - 2);  // within back-quotes
    CHECK(std::filesystem::is_regular_file(std::string(FABCAST_SOURCE_FOLDER "/") + path));
  }
  CHECK(not_checked == 10);  // eight of packaging time, two of tool groups and routes
}
