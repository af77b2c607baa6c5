/// Sparklines and what --precision says on the screen.

#include "report/terminal.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace fabcast;

namespace {

std::string line_of(const std::vector<double>& values) { return sparkline(values); }

}  // namespace

TEST_CASE("sparkline: eight heights over 0, the highest full") {
  CHECK(line_of({0, 1, 2, 3, 4, 5, 6, 7}) == "▁▂▃▄▅▆▇█");
  CHECK(line_of({1e6, 2e6}) == "▅█");  // over 0, not over the lowest: half is half
  CHECK(line_of({0, 0, 0}) == "▁▁▁");
  CHECK(line_of({5}) == "█");
  CHECK(line_of({-7, 0, 7}) == "▁▅█");  // over the lowest where one is below 0
  CHECK(line_of({-1, -2}) == "▅▁");
  CHECK(line_of({1, std::nan(""), HUGE_VAL, 7}) == "▂  █");
  CHECK(line_of({}) == "");
}

TEST_CASE("precision on the screen: the widest first, four at most, scenarios named of several") {
  RunResult result;
  CHECK(precision_text(result) == "");
  for (int i = 1; i <= 6; ++i) {
    ReachedPrecision each;
    each.scenario = "base";
    each.of = "variable " + std::to_string(i);
    each.unit = "npus";
    each.value = 1000.0 * i;
    each.asked = 0.05;
    each.half_width = 0.01 * i;
    each.met = i < 6;
    result.precision.push_back(each);
  }
  const std::string text = precision_text(result);
  CHECK(text.starts_with("asked: 90 % intervals within ±5 %\n  variable 6 "));
  CHECK(text.find("6.00k ±6 %  missed\n") != std::string::npos);
  CHECK(text.find("5.00k ±5 %\n") != std::string::npos);
  CHECK(text.find("variable 3") != std::string::npos);
  CHECK(text.find("variable 2") == std::string::npos);
  CHECK(text.ends_with("  and 2 more, narrower\n"));
  CHECK(text.find("base") == std::string::npos);

  result.precision.resize(2);
  result.precision[1].scenario = "other";
  result.precision[0].unit = "";  // a chance
  result.precision[0].value = 0.038;
  result.precision[0].is_absolute = true;
  const std::string two = precision_text(result);
  CHECK(two.starts_with("asked: 90 % intervals within ±5 %, of chances ±5 points\n"));
  CHECK(two.find("  other: variable 2 ") != std::string::npos);
  CHECK(two.find("3.8% ±1 points\n") != std::string::npos);
}
