#include "base/calendar.h"

#include <doctest/doctest.h>

using namespace fabcast;

namespace {
Month month(std::string_view text) { return *parse_month(text); }

std::string joined(const std::vector<Period>& periods) {
  std::string text;
  for (const Period& period : periods) text += (text.empty() ? "" : " ") + period.text();
  return text;
}
}  // namespace

TEST_CASE("a month is written and read as year-month") {
  for (const char* text : {"1900-01", "1999-12", "2024-02", "2026-07", "2199-12"}) {
    CHECK(month(text).text() == text);
  }
  CHECK(month("2026-07").year() == 2026);
  CHECK(month("2026-07").month_of_year() == 7);
  CHECK(month("2026-01").count - month("2025-12").count == 1);
  CHECK(month("2025-12") < month("2026-01"));
}

TEST_CASE("what is not a month is refused") {
  for (const char* text :
       {"", "2026", "2026-00", "2026-13", "2026-7", "2026-007", "1899-12", "2200-01", "2026/07",
        "2026-07 ", " 2026-07", "+026-07", "2026-+7", "2026-0x", "2026-07-01", "2026Q3"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_month(text));
  }
}

TEST_CASE("a period is a month, a quarter or a year") {
  for (const char* text : {"2026-07", "2026Q1", "2026Q4", "2026", "1900", "2199Q2"}) {
    REQUIRE(parse_period(text));
    CHECK(parse_period(text)->text() == text);
  }
  CHECK(*parse_period("2026Q3") == Period{month("2026-07"), month("2026-09")});
  CHECK(*parse_period("2026") == Period{month("2026-01"), month("2026-12")});
  CHECK(*parse_period("2026-07") == Period{month("2026-07"), month("2026-07")});
  for (const char* text : {"", "2026Q0", "2026Q5", "2026q1", "2026Q", "2026Q11", "202", "20266",
                           "2200", "1899Q4", "Q4 2026", "2026-13"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_period(text));
  }
}

TEST_CASE("a span that is no calendar period names both its ends") {
  CHECK(Period{month("2026-02"), month("2026-04")}.text() == "2026-02..2026-04");
  CHECK(Period{month("2025-07"), month("2026-06")}.text() == "2025-07..2026-06");
}

TEST_CASE("whole quarters and years are reported, by last month, quarter before year") {
  CHECK(joined(reporting_periods(month("2024-01"), month("2025-03"))) ==
        "2024Q1 2024Q2 2024Q3 2024Q4 2024 2025Q1");
  // Periods that the horizon cuts are left out.
  CHECK(joined(reporting_periods(month("2024-02"), month("2025-05"))) ==
        "2024Q2 2024Q3 2024Q4 2025Q1");
  CHECK(joined(reporting_periods(month("2024-02"), month("2024-03"))).empty());
  CHECK(joined(reporting_periods(month("2025-03"), month("2024-01"))).empty());
}

TEST_CASE("a month has a twelfth of the Gregorian mean year") {
  CHECK(days_per_month * 12 == 365.2425);
  CHECK(hours_per_month == days_per_month * 24);
}
