#include "base/units.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "base/calendar.h"

using namespace fabcast;

namespace {
constexpr auto dimension_count = static_cast<int>(Dimension::count_of_dimensions);

double canonical(double value, Dimension dimension, std::string_view unit) {
  const auto factor = unit_factor(dimension, unit);
  INFO("unit ", std::string(unit));
  REQUIRE(factor);
  return to_canonical(value, *factor);
}

double number(std::string_view text) {
  const auto parsed = parse_number(text);
  INFO("number ", std::string(text));
  REQUIRE(parsed);
  return parsed->value;
}
}  // namespace

TEST_CASE("conversions are exact where the ratio is a whole number") {
  CHECK(canonical(7, Dimension::share, "%") == 0.07);  // 7 * 0.01 is 0.07000000000000001
  CHECK(canonical(29, Dimension::share, "%") == 0.29);
  CHECK(canonical(5, Dimension::per_year, "%/year") == 0.05);
  CHECK(canonical(0.25, Dimension::per_year, "/year") == 0.25);
  CHECK(canonical(0.5, Dimension::per_year, "/month") == 6);
  CHECK(canonical(1, Dimension::per_month, "%/month") == 0.01);
  CHECK(canonical(18, Dimension::per_month, "%/year") == 0.015);
  CHECK(canonical(3, Dimension::per_year2, "%/year2") == 0.03);
  CHECK(canonical(8.1, Dimension::area, "cm2") == 810);
  CHECK(canonical(2, Dimension::area, "in2") == 2 * 645.16);
  CHECK(canonical(1, Dimension::length, "in") == 25.4);
  CHECK(canonical(700, Dimension::length, "um") == 0.7);
  CHECK(canonical(700, Dimension::length, "µm") == 0.7);
  CHECK(canonical(0.001, Dimension::defects_per_area, "/mm2") == 0.1);
  CHECK(canonical(6.4516, Dimension::defects_per_area, "/in2") ==
        doctest::Approx(1).epsilon(1e-15));
  CHECK(canonical(20, Dimension::days, "weeks") == 140);
  CHECK(canonical(2, Dimension::days, "months") == 60.87375);
  CHECK(canonical(12, Dimension::days, "hours") == 0.5);
  CHECK(canonical(2, Dimension::months, "years") == 24);
  CHECK(canonical(30.436875, Dimension::months, "days") == 1);
  CHECK(canonical(7, Dimension::wafers_per_month, "kwpm") == 7000);
  CHECK(canonical(12, Dimension::wafers_per_month, "wafers/year") == 1);
  CHECK(canonical(7, Dimension::wafers_per_month, "wafers/quarter") == 7.0 / 3);
  CHECK(canonical(1, Dimension::wafers_per_month, "wafers/day") == days_per_month);
  CHECK(canonical(14, Dimension::wafers_per_month, "k wafers/month") == 14000);
  CHECK(canonical(1.2, Dimension::npus_per_month, "M npus/year") == doctest::Approx(100000));
  CHECK(canonical(3, Dimension::npus, "chips") == 3);
  CHECK(canonical(2, Dimension::tools, "scanners") == 2);
  CHECK(canonical(185, Dimension::passes_per_hour, "wafer passes/hour") == 185);
  CHECK(canonical(36, Dimension::days_per_layer, "hours/layer") == 1.5);
  CHECK(canonical(0.8, Dimension::compute, "PFLOPS") == 800);
  CHECK(canonical(2, Dimension::compute_per_month, "EFLOPS/month") == 2000);
  CHECK(canonical(500, Dimension::compute_per_month, "TFLOPS/month") == 0.5);
  CHECK(canonical(1, Dimension::flop, "YFLOP") == 1e24);
  CHECK(canonical(0.5, Dimension::memory, "TB") == 500);
  CHECK(canonical(3200, Dimension::bandwidth, "GB/s") == 3.2);
  CHECK(canonical(1.2, Dimension::power, "kW") == 1200);
  CHECK(canonical(9.3, Dimension::usd_per_month, "$bn/year") ==
        doctest::Approx(9.3e9 / 12).epsilon(1e-15));
  CHECK(canonical(2.1, Dimension::usd_per_month, "bn USD/quarter") == doctest::Approx(0.7e9));
  CHECK(canonical(16, Dimension::usd_per_wafer, "$k/wafer") == 16000);
}

TEST_CASE("a unit of another dimension has no factor, and its own dimension is known") {
  CHECK_FALSE(unit_factor(Dimension::dies, "stacks"));
  CHECK_FALSE(unit_factor(Dimension::length, "mm2"));
  CHECK_FALSE(unit_factor(Dimension::per_year, "%"));
  CHECK_FALSE(unit_factor(Dimension::wafers, ""));
  CHECK_FALSE(unit_factor(Dimension::wafers, "k"));
  CHECK_FALSE(unit_factor(Dimension::wafers, "k k wafers"));
  CHECK_FALSE(unit_factor(Dimension::memory, "gb"));  // mW is not MW, so case counts
  CHECK_FALSE(unit_factor(Dimension::number, "%"));
  CHECK(dimensions_of("mm2") == std::vector{Dimension::area});
  CHECK(dimensions_of("weeks") == std::vector{Dimension::days, Dimension::months});
  CHECK(dimensions_of("k wafers/month") == std::vector{Dimension::wafers_per_month});
  CHECK(dimensions_of("M tools") == std::vector{Dimension::tools});
  CHECK(dimensions_of("wafers/hour") == std::vector{Dimension::passes_per_hour});
  CHECK(dimensions_of("furlongs").empty());
  CHECK(dimensions_of("").empty());
}

TEST_CASE("every dimension has a name, a canonical unit of factor 1, and a list for messages") {
  for (int i = 0; i < dimension_count; ++i) {
    const auto dimension = static_cast<Dimension>(i);
    const std::string unit(unit_name(dimension));
    CAPTURE(i);
    CAPTURE(unit);
    CHECK_FALSE(dimension_name(dimension).empty());
    if (dimension == Dimension::number) {
      CHECK(unit.empty());
      CHECK(unit_list(dimension).empty());
      continue;
    }
    if (dimension != Dimension::share) CHECK(unit_factor(dimension, unit) == 1.0);
    // Each listed unit is of the dimension, and listed once.
    std::set<std::string> listed;
    std::string rest = unit_list(dimension) + ", ";
    for (size_t end = rest.find(", "); end != std::string::npos; end = rest.find(", ")) {
      const std::string one = rest.substr(0, end);
      CHECK(unit_factor(dimension, one));
      CHECK(listed.insert(one).second);
      const auto dimensions = dimensions_of(one);
      CHECK(std::count(dimensions.begin(), dimensions.end(), dimension) == 1);
      rest.erase(0, end + 2);
    }
    CHECK(listed.size() >= 1);
    if (dimension != Dimension::share) CHECK(listed.contains(unit));
  }
  CHECK(unit_list(Dimension::wafers_per_month).starts_with("wafers/month, k wafers/month, "));
  CHECK(unit_list(Dimension::per_year) == "/year, %/year, /month, %/month");
}

TEST_CASE("numbers are read without a locale, with suffixes joined before rounding") {
  CHECK(number("0.1") == 0.1);
  CHECK(number("-3") == -3);
  CHECK(number("+3.5") == 3.5);
  CHECK(number("1.5e3") == 1500);
  CHECK(number("1E-2") == 0.01);
  CHECK(number("12k") == 12000);
  CHECK(number("2.3M") == 2300000);
  CHECK(number("3G") == 3e9);
  CHECK(number("4.1bn") == 4.1e9);
  CHECK(number("1.005k") == 1005);
  CHECK(number("1e3k") == 1e6);
  CHECK(number("007") == 7);
  CHECK(number("1e+18") == 1e18);
  CHECK(number("0e0") == 0);
}

TEST_CASE("reading stops where the number ends") {
  CHECK(parse_number("12k wafers")->length == 3);
  CHECK(parse_number("12k/month")->length == 3);
  CHECK(parse_number("5kg")->length == 1);
  CHECK(parse_number("5kg")->value == 5);
  CHECK(parse_number("5M_")->length == 1);
  CHECK(parse_number("5k2")->length == 1);
  CHECK(parse_number("5bn")->length == 3);
  CHECK(parse_number("5b")->length == 1);
  CHECK(parse_number("1,5")->length == 1);
  CHECK(parse_number("1.5.2")->length == 3);
  CHECK(parse_number("0x10")->length == 1);
  CHECK(parse_number("2e")->length == 1);
  CHECK(parse_number("2e+")->length == 1);
  CHECK(parse_number("5 k")->length == 1);
  CHECK(parse_number("40%")->length == 2);
}

TEST_CASE("what is not a finite decimal number is refused") {
  for (const char* text :
       {"",    " 5", "-",     "+",      "+-5",           "--5",    ".5",
        "-.5", "1.", "1.k",   "nan",    "inf",           "-inf",   "infinity",
        "e5",  "k",  "1e999", "1e-999", "1e99999999999", "1e308k", "1e-99999999999",
        "abc", "%"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text));
  }
  CHECK_FALSE(parse_number(std::string(65536, '9')));
}

TEST_CASE("a printed number reads back as the same double") {
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(5) == "5");
  CHECK(number_text(-2.5) == "-2.5");
  for (const double value : {0.1, 1.0 / 3, 1e18, 1e300, 5e-324, 1.7976931348623157e308, -0.0,
                             123456789.123456789, 2.0 / 3 * 1e-7}) {
    const auto parsed = parse_number(number_text(value));
    CAPTURE(number_text(value));
    REQUIRE(parsed);
    CHECK(parsed->length == number_text(value).size());
    CHECK(parsed->value == value);
    CHECK(std::signbit(parsed->value) == std::signbit(value));
  }
}
