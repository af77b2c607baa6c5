#include "results/table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace fabcast;

TEST_CASE("columns are found by name") {
  const Table table{"summary", {{"scenario", "its name"}, {"mean", "over trials"}}, {}};
  CHECK(table.column("scenario") == 0);
  CHECK(table.column("mean") == 1);
  CHECK_THROWS_WITH_AS(table.column("men"), "no column men in summary", std::out_of_range);
}

TEST_CASE("cells give their number or text, whatever they hold") {
  CHECK(number_in(Cell(1.5)) == 1.5);
  CHECK(number_in(Cell(-3LL)) == -3);
  CHECK(std::isnan(number_in(Cell())));
  CHECK(std::isnan(number_in(Cell(std::string("7")))));
  CHECK(text_in(Cell(std::string("x"))) == "x");
  CHECK(text_in(Cell()).empty());
  CHECK(text_in(Cell(7.0)).empty());
}
