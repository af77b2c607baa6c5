#include "scenario/quantity.h"

#include <fmt/core.h>

#include <array>
#include <cmath>

#include "scenario/keys.h"

namespace fabcast {

namespace {

std::string short_number(double value) {
  struct Suffix {
    double factor;
    std::string_view text;
  };
  constexpr std::array suffixes{Suffix{1e9, "bn"}, Suffix{1e6, "M"}, Suffix{1e3, "k"}};
  for (const auto& [factor, text] : suffixes) {
    // Plain digits stay as they are up to 9999; powers above 1e15 read better with an exponent.
    if (std::abs(value) >= std::max(factor, 1e4) && std::abs(value) < 1e15) {
      return fmt::format("{:.6g}{}", value / factor, text);
    }
  }
  return fmt::format("{:.6g}", value);
}

}  // namespace

std::string_view shown_unit(Dimension dimension) {
  return dimension == Dimension::share ? "%" : unit_name(dimension);
}

std::string quantity_text(double value, Dimension dimension) {
  const std::string number = short_number(dimension == Dimension::share ? value * 100 : value);
  const std::string_view unit = shown_unit(dimension);
  return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

std::string range_text(const KeyRow& row) {
  if (row.high >= keys::unbounded) return quantity_text(row.low, row.dimension) + " or more";
  return fmt::format("{} to {}",
                     short_number(row.dimension == Dimension::share ? row.low * 100 : row.low),
                     quantity_text(row.high, row.dimension));
}

bool takes_whole_numbers(const KeyRow& row) {
  if (row.kind == KeyKind::count) return true;
  if (!row.is_constant()) return false;
  switch (row.dimension) {
    case Dimension::number:
    case Dimension::cores:
    case Dimension::dies:
    case Dimension::stacks:
    case Dimension::dies_per_stack:
    case Dimension::months:
    case Dimension::npus:
    case Dimension::pods:
      return true;
    default:
      return false;
  }
}

}  // namespace fabcast
