#pragma once
/// Calendar months, quarters and years. No days: a month is 30.436875 days wherever a rate needs
/// days.

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fabcast {

inline constexpr double days_per_month = 30.436875;  ///< 365.2425 / 12, the Gregorian mean
inline constexpr double hours_per_month = days_per_month * 24;
inline constexpr double seconds_per_month = hours_per_month * 3600;
inline constexpr double months_per_year = 12;

/// A calendar month as a count of months since year 0.
struct Month {
  int count = 0;  ///< year * 12 + (month - 1)
  auto operator<=>(const Month&) const = default;
  int year() const { return count / 12; }
  int month_of_year() const { return count % 12 + 1; }
  std::string text() const;  ///< "2026-07"
};

/// "2026-07" (years 1900 to 2199), else nothing.
std::optional<Month> parse_month(std::string_view text);

/// A reporting period: a month, a quarter or a year.
struct Period {
  Month first, last;  ///< both included
  auto operator<=>(const Period&) const = default;
  std::string text() const;  ///< "2026-07", "2026Q3" or "2026"
};

/// "2026-07", "2026Q3" or "2026", else nothing.
std::optional<Period> parse_period(std::string_view text);

/// "2024-01 .. 2028-12", "2024Q1 .. 2025", blanks around the dots or none; in any order. Else
/// nothing.
std::optional<Period> parse_span(std::string_view text);

/// The quarters and years that lie at least partly in [first, last], in the order of their last
/// month, quarter before year. A period cut by the horizon is left out.
std::vector<Period> reporting_periods(Month first, Month last);

}  // namespace fabcast
