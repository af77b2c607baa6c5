#include "base/calendar.h"

#include <fmt/core.h>

#include "base/characters.h"

namespace fabcast {

namespace {

constexpr int first_year = 1900, last_year = 2199;

/// Exactly `text.size()` decimal digits as a number, else nothing.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<int> parse_year(std::string_view text) {
  if (text.size() != 4) return std::nullopt;
  const std::optional<int> year = digits(text);
  if (!year || *year < first_year || *year > last_year) return std::nullopt;
  return year;
}

/// Months `first`..`first + length - 1` of a year, counted from 0.
Period months_of(int year, int first, int length) {
  return {Month{year * 12 + first}, Month{year * 12 + first + length - 1}};
}

}  // namespace

std::string Month::text() const { return fmt::format("{:04}-{:02}", year(), month_of_year()); }

std::optional<Month> parse_month(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const std::optional<int> year = parse_year(text.substr(0, 4));
  const std::optional<int> month = digits(text.substr(5));
  if (!year || !month || *month < 1 || *month > 12) return std::nullopt;
  return Month{*year * 12 + *month - 1};
}

std::string Period::text() const {
  const int length = last.count - first.count + 1;
  const int start = first.count % 12;
  if (length == 1) return first.text();
  if (length == 3 && start % 3 == 0) return fmt::format("{:04}Q{}", first.year(), start / 3 + 1);
  if (length == 12 && start == 0) return fmt::format("{:04}", first.year());
  return first.text() + ".." + last.text();
}

std::optional<Period> parse_period(std::string_view text) {
  if (const std::optional<Month> month = parse_month(text)) return Period{*month, *month};
  const std::optional<int> year = parse_year(text.substr(0, 4));
  if (!year) return std::nullopt;
  if (text.size() == 4) return months_of(*year, 0, 12);
  if (text.size() == 6 && text[4] == 'Q' && text[5] >= '1' && text[5] <= '4') {
    return months_of(*year, (text[5] - '1') * 3, 3);
  }
  return std::nullopt;
}

std::optional<Period> parse_span(std::string_view text) {
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  std::string_view begin = text.substr(0, dots), end = text.substr(dots + 2);
  while (begin.ends_with(' ')) begin.remove_suffix(1);
  while (end.starts_with(' ')) end.remove_prefix(1);
  const std::optional<Period> from = parse_period(begin), to = parse_period(end);
  if (!from || !to) return std::nullopt;
  return Period{from->first, to->last};
}

std::vector<Period> reporting_periods(Month first, Month last) {
  std::vector<Period> periods;
  const auto add_if_whole = [&](const Period& period) {
    if (period.first >= first && period.last <= last) periods.push_back(period);
  };
  for (int year = first.year(); year <= last.year(); ++year) {
    for (int quarter = 0; quarter < 4; ++quarter) {
      add_if_whole(months_of(year, quarter * 3, 3));
    }
    add_if_whole(months_of(year, 0, 12));
  }
  return periods;
}

}  // namespace fabcast
