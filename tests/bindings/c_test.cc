/// The C binding, as a program in C would call it.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "fabcast_c.h"
#include "support/program.h"

using namespace fabcast::testing;

namespace {

/// A result and its error text, freed at the end.
struct Call {
  fabcast_result* result = nullptr;
  std::string error;
  explicit Call(const std::string& scenario, std::vector<const char*> sets = {},
                uint64_t trials = 100) {
    char* text = nullptr;
    result = fabcast_run(scenario.c_str(), sets.data(), sets.size(), trials, 1, 1, &text);
    if (text) error = text;
    fabcast_free_text(text);
  }
  ~Call() { fabcast_free_result(result); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
};

/// Row of the summary, by variable, entity and period.
size_t row_of(const fabcast_result* result, const std::string& variable, const std::string& entity,
              const std::string& period) {
  const size_t rows = fabcast_rows(result, "summary");
  for (size_t row = 0; row < rows; ++row) {
    const auto is = [&](const char* column, const std::string& text) {
      return fabcast_text(result, "summary", row, column) == text;
    };
    if (is("variable", variable) && is("entity", entity) && is("period", period)) return row;
  }
  return rows;
}

}  // namespace

TEST_CASE("C: a scenario is run and its tables read") {
  CHECK(std::string(fabcast_version()).find('.') != std::string::npos);
  const Call call(hand_scenario());
  REQUIRE(call.result != nullptr);
  CHECK(call.error == "");
  const size_t row = row_of(call.result, "npus.shipped", "ascend", "2025");
  REQUIRE(row < fabcast_rows(call.result, "summary"));
  CHECK(fabcast_number(call.result, "summary", row, "p50") == doctest::Approx(17600));
  CHECK(std::string(fabcast_text(call.result, "summary", row, "unit")) == "npus");
  CHECK(fabcast_rows(call.result, "questions") == 4);
  CHECK(fabcast_number(call.result, "questions", 0, "estimate") == 1);
  CHECK(std::string(fabcast_text(call.result, "questions", 1, "question")) == "too_soon");
  for (const char* table : {"summary", "binding", "questions", "inputs"}) {
    CAPTURE(table);
    CHECK(fabcast_rows(call.result, table) > 0);
    CHECK(fabcast_columns(call.result, table) > 4);
    CHECK(std::string(fabcast_column_name(call.result, table, 0)) == "scenario");
  }
}

TEST_CASE("C: sets are as after --set") {
  const Call call(hand_scenario(), {"packaging.hall.capacity = 1k packages/month"});
  REQUIRE(call.result != nullptr);
  const size_t row = row_of(call.result, "npus.shipped", "ascend", "2025");
  CHECK(fabcast_number(call.result, "summary", row, "mean") == doctest::Approx(8800));
}

TEST_CASE("C: what is not there is NULL, 0 or NaN, never a crash") {
  const Call call(hand_scenario());
  CHECK(fabcast_rows(call.result, "nothing") == 0);
  CHECK(fabcast_columns(call.result, "nothing") == 0);
  CHECK(fabcast_rows(nullptr, "summary") == 0);
  CHECK(fabcast_rows(call.result, nullptr) == 0);
  CHECK(fabcast_column_name(call.result, "summary", 1000) == nullptr);
  CHECK(fabcast_text(call.result, "summary", 0, "nothing") == nullptr);
  CHECK(fabcast_text(call.result, "summary", 0, nullptr) == nullptr);
  CHECK(fabcast_text(call.result, "summary", 0, "mean") == nullptr);
  CHECK(std::isnan(fabcast_number(call.result, "summary", 0, "variable")));
  CHECK(std::isnan(fabcast_number(call.result, "summary", 1'000'000, "mean")));
  fabcast_free_result(nullptr);
  fabcast_free_text(nullptr);
}

TEST_CASE("C: the error text holds every mistake with its place") {
  const TemporaryFolder folder;
  const std::string bad =
      folder.write("bad.scn", read_text(hand_scenario()) + "[fab.other]\nplam = 3\nnode = q\n");
  const Call call(bad);
  CHECK(call.result == nullptr);
  CHECK(has(call.error, "bad.scn:"));
  CHECK(has(call.error, "did you mean 'plan'?"));
  CHECK(has(call.error, "'q'"));
  CHECK(has(Call(folder.file("none.scn")).error, "there is no file"));
  CHECK(has(Call(hand_scenario(), {}, 0).error, "trials"));
  CHECK(has(Call(hand_scenario(), {"bogus"}).error, "--set:1:1"));
  char* text = nullptr;
  CHECK(fabcast_run(nullptr, nullptr, 0, 10, 1, 1, &text) == nullptr);
  CHECK(text != nullptr);
  fabcast_free_text(text);
  CHECK(fabcast_run(hand_scenario().c_str(), nullptr, 2, 10, 1, 1, nullptr) == nullptr);
}

TEST_CASE("C: results are written as the command line writes them, with its exit statuses") {
  const TemporaryFolder folder;
  const Call call(hand_scenario());
  REQUIRE(call.result != nullptr);
  const std::string out = folder.file("out");
  char* error = nullptr;
  CHECK(fabcast_write(call.result, out.c_str(), 0, &error) == 0);
  CHECK(error == nullptr);
  const auto written = tree_of(out);
  CHECK(written.size() == 8);
  REQUIRE(
      run_program(folder.path(), "run '" + hand_scenario() + "' -n 100 -q --out program").status ==
      0);
  auto by_program = tree_of(folder.file("program"));
  for (const char* file : {"summary.csv", "binding.csv", "questions.csv", "crossings.csv",
                           "exceedance.csv", "inputs.csv", "sources.csv"}) {
    CAPTURE(file);
    CHECK(written.at(file) == by_program.at(file));
  }

  CHECK(fabcast_write(call.result, out.c_str(), 0, &error) == 6);
  REQUIRE(error != nullptr);
  CHECK(has(error, "holds another run"));
  fabcast_free_text(error);
  CHECK(tree_of(out) == written);
  CHECK(fabcast_write(call.result, out.c_str(), 1, &error) == 0);
  CHECK(error == nullptr);
  CHECK(fabcast_write(call.result, "/proc/none/here", 0, &error) == 4);
  fabcast_free_text(error);
  CHECK(fabcast_write(nullptr, out.c_str(), 0, nullptr) == 2);
  CHECK(fabcast_write(call.result, nullptr, 0, nullptr) == 2);
}
