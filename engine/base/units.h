#pragma once
/// Units of scenario values. Every key has one dimension; a value may bear any unit of that
/// dimension and is converted to the dimension's canonical unit, in which the engine computes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fabcast {

/// Counts of different things are different dimensions: dies are not stacks.
enum class Dimension : unsigned char {
  number,              ///< plain number, no unit
  share,               ///< 1 ("%": 0.01, "share": 1)
  per_year,            ///< yearly rate, 1/year ("%/year", "/year", "/month")
  per_year2,           ///< 1/year^2, rate of a rate
  per_month,           ///< monthly rate, 1/month
  length,              ///< mm
  area,                ///< mm2 ("cm2", "in2")
  defects_per_area,    ///< 1/cm2 ("/cm2", "/mm2", "/in2")
  days,                ///< days (of "days", "weeks", "months", "years")
  months,              ///< months (of "days", "weeks", "months", "quarters", "years")
  wafers,              ///< wafers
  wafers_per_month,    ///< wafers/month ("wpm", "kwpm", "wafers/year", "wafers/quarter",
                       ///< "wafers/day")
  cores,               ///< cores
  dies,                ///< dies
  dies_per_month,      ///< dies/month
  dies_per_wafer,      ///< dies/wafer
  dies_per_stack,      ///< dies/stack
  stacks,              ///< stacks
  stacks_per_month,    ///< stacks/month
  packages,            ///< packages
  packages_per_month,  ///< packages/month
  packages_per_wafer,  ///< packages/wafer
  npus,                ///< NPUs ("npus", "chips", "cards", "units")
  npus_per_month,      ///< npus/month ("npus/quarter", "npus/year")
  pods,                ///< pods
  pods_per_month,      ///< pods/month
  clusters,            ///< SuperClusters
  tools,               ///< tools ("scanners")
  tools_per_month,     ///< tools/month ("tools/year")
  passes_per_hour,     ///< wafer passes/hour ("wph", "wafers/hour")
  passes_per_wafer,    ///< passes/wafer ("passes")
  layers,              ///< layers
  days_per_layer,      ///< days/layer
  compute,             ///< TFLOPS ("TFLOPS", "PFLOPS", "EFLOPS")
  compute_per_month,   ///< PFLOPS/month ("PFLOPS/month", "EFLOPS/month", "EFLOPS/year")
  flop,                ///< FLOP
  memory,              ///< GB ("GB", "TB")
  bandwidth,           ///< TB/s ("GB/s", "TB/s")
  power,               ///< W ("W", "kW", "MW")
  usd,                 ///< US dollars ("$", "USD", "usd", "$M", "$bn")
  usd_per_month,       ///< $/month ("$/quarter", "$bn/quarter", "$bn/year", …)
  usd_per_wafer,       ///< $/wafer
  count_of_dimensions
};

/// The canonical unit's name as printed after a value, "" for plain numbers.
std::string_view unit_name(Dimension dimension);

/// How many canonical units one `unit` is, or nothing where `unit` is not of this dimension.
/// A multiplier before the unit is allowed: "k wafers/month" (also "M", "bn").
std::optional<double> unit_factor(Dimension dimension, std::string_view unit);

/// `value` units as canonical units: value * factor, as the division that it is where one canonical
/// unit is a whole number of them, so that 7 % is 0.07 and not 0.07000000000000001.
double to_canonical(double value, double factor);

/// Every unit of the dimension, for messages: "wafers/month, k wafers/month, wpm, …".
std::string unit_list(Dimension dimension);

/// The dimensions that have this unit (for "… is a unit of area, this key takes a length").
std::vector<Dimension> dimensions_of(std::string_view unit);

/// The dimension's name as printed in the key reference: "wafers per month".
std::string_view dimension_name(Dimension dimension);

/// The decimal number at the start of `text`: digits, point, exponent, then an optional suffix
/// k, M, G or bn (1e3, 1e6, 1e9, 1e9) that no letter follows. Locale-free (from_chars).
/// Refused (nothing): NaN, infinity, hexadecimal, a decimal comma.
struct ParsedNumber {
  double value;
  size_t length;  ///< characters read
};
std::optional<ParsedNumber> parse_number(std::string_view text);

/// Shortest text that reads back as the same double ("0.1", "1e+300").
std::string number_text(double value);

}  // namespace fabcast
