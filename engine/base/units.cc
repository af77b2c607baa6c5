#include "base/units.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/calendar.h"
#include "base/characters.h"

namespace fabcast {

namespace {

struct DimensionRow {
  Dimension dimension;
  std::string_view name, unit;  ///< unit: the canonical one
};

constexpr auto dimension_rows = std::to_array<DimensionRow>({
    {Dimension::number, "plain number", ""},
    {Dimension::share, "share", ""},
    {Dimension::per_year, "rate", "/year"},
    {Dimension::per_year2, "rate of a rate", "/year2"},
    {Dimension::per_month, "rate", "/month"},
    {Dimension::length, "length", "mm"},
    {Dimension::area, "area", "mm2"},
    {Dimension::defects_per_area, "defects per area", "/cm2"},
    {Dimension::days, "time", "days"},
    {Dimension::months, "time", "months"},
    {Dimension::wafers, "wafers", "wafers"},
    {Dimension::wafers_per_month, "wafers per month", "wafers/month"},
    {Dimension::cores, "cores", "cores"},
    {Dimension::dies, "dies", "dies"},
    {Dimension::dies_per_month, "dies per month", "dies/month"},
    {Dimension::dies_per_wafer, "dies per wafer", "dies/wafer"},
    {Dimension::dies_per_stack, "dies per stack", "dies/stack"},
    {Dimension::stacks, "stacks", "stacks"},
    {Dimension::stacks_per_month, "stacks per month", "stacks/month"},
    {Dimension::packages, "packages", "packages"},
    {Dimension::packages_per_month, "packages per month", "packages/month"},
    {Dimension::packages_per_wafer, "packages per wafer", "packages/wafer"},
    {Dimension::npus, "NPUs", "npus"},
    {Dimension::npus_per_month, "NPUs per month", "npus/month"},
    {Dimension::pods, "pods", "pods"},
    {Dimension::pods_per_month, "pods per month", "pods/month"},
    {Dimension::clusters, "clusters", "clusters"},
    {Dimension::tools, "tools", "tools"},
    {Dimension::tools_per_month, "tools per month", "tools/month"},
    {Dimension::passes_per_hour, "wafer passes per hour", "wafer passes/hour"},
    {Dimension::passes_per_wafer, "passes per wafer", "passes/wafer"},
    {Dimension::layers, "layers", "layers"},
    {Dimension::days_per_layer, "days per layer", "days/layer"},
    {Dimension::compute, "compute", "TFLOPS"},
    {Dimension::compute_per_month, "compute per month", "PFLOPS/month"},
    {Dimension::flop, "operations", "FLOP"},
    {Dimension::memory, "memory", "GB"},
    {Dimension::bandwidth, "bandwidth", "TB/s"},
    {Dimension::power, "power", "W"},
    {Dimension::usd, "money", "$"},
    {Dimension::usd_per_month, "money per month", "$/month"},
    {Dimension::usd_per_wafer, "money per wafer", "$/wafer"},
});

constexpr bool rows_stand_in_order() {
  for (size_t i = 0; i < dimension_rows.size(); ++i) {
    if (static_cast<size_t>(dimension_rows[i].dimension) != i) return false;
  }
  return dimension_rows.size() == static_cast<size_t>(Dimension::count_of_dimensions);
}
static_assert(rows_stand_in_order());

struct Unit {
  Dimension dimension;
  std::string spelling;
  double factor;  ///< canonical units in one
  bool listed;    ///< told in messages; the other spellings are understood too
};

/// A spelling of a counted thing or of a multiple of it.
struct Spelling {
  std::string_view text;
  double factor = 1;
  bool listed = false;
};
using Spellings = std::vector<Spelling>;

constexpr double days_per_week = 7, hours_per_day = 24, weeks_per_month = days_per_month / 7;

const Spellings times_per_month{{"/month", 1, true},
                                {"/quarter", 1.0 / 3, true},
                                {"/year", 1 / months_per_year, true},
                                {"/week", weeks_per_month, true},
                                {"/day", days_per_month, true}};

const Spellings wafers{{"wafers", 1, true}, {"k wafers", 1e3, true}, {"wafer"}};
const Spellings dies{{"dies", 1, true}, {"k dies", 1e3, true}, {"die"}};
const Spellings stacks{{"stacks", 1, true}, {"k stacks", 1e3, true}, {"stack"}};
const Spellings packages{{"packages", 1, true}, {"k packages", 1e3, true}, {"package"}};
const Spellings pods{{"pods", 1, true}, {"pod"}};
const Spellings npus{{"npus", 1, true}, {"k npus", 1e3, true},
                     {"npu"},           {"NPUs"},
                     {"NPU"},           {"chips"},
                     {"chip"},          {"cards"},
                     {"card"},          {"units"},
                     {"unit"}};
const Spellings tools{{"tools", 1, true}, {"tool"}, {"scanners"}, {"scanner"}};
const Spellings dollars{{"$", 1, true},     {"$k", 1e3},      {"$M", 1e6, true},
                        {"$bn", 1e9, true}, {"USD", 1, true}, {"usd"}};
const Spellings teraflops{{"TFLOPS", 1, true},   {"PFLOPS", 1e3, true}, {"EFLOPS", 1e6, true},
                          {"GFLOPS", 1.0 / 1e3}, {"ZFLOPS", 1e9},       {"TFLOP/s", 1},
                          {"PFLOP/s", 1e3},      {"EFLOP/s", 1e6},      {"TOPS", 1}};

class Table {
 public:
  Table() {
    fill_plain();
    fill_counts();
    fill_engineering();
    for (const Unit& unit : units_) by_spelling_[unit.spelling].push_back(&unit);
  }
  Table(const Table&) = delete;  // the index points into units_
  Table& operator=(const Table&) = delete;

  const std::vector<Unit>& units() const { return units_; }
  /// All units that are spelt so, one a dimension.
  const std::vector<const Unit*>& spelt(std::string_view spelling) const {
    static const std::vector<const Unit*> none;
    const auto found = by_spelling_.find(spelling);
    return found == by_spelling_.end() ? none : found->second;
  }

 private:
  void add(Dimension dimension, const Spellings& spellings) {
    for (const Spelling& s : spellings) {
      units_.push_back({dimension, std::string(s.text), s.factor, s.listed});
    }
  }
  /// Things over `below` ("/wafer"), which has its own spellings. Things are `scale` canonical.
  void add_ratio(Dimension dimension, const Spellings& things, const Spellings& below,
                 double scale = 1) {
    for (const Spelling& under : below) {
      for (const Spelling& over : things) {
        // Multiples of both at once are left out of messages.
        const bool first = &over == things.data() || &under == below.data();
        units_.push_back({dimension, fmt::format("{}{}", over.text, under.text),
                          over.factor * under.factor * scale,
                          first && over.listed && under.listed});
      }
    }
  }

  void fill_plain() {
    const double days_per_year = days_per_month * months_per_year;
    add(Dimension::share, {{"%", 0.01, true}, {"share"}});
    add(Dimension::per_year, {{"/year", 1, true},
                              {"%/year", 0.01, true},
                              {"/month", months_per_year, true},
                              {"%/month", 0.01 * months_per_year, true},
                              {"/yr", 1},
                              {"%/yr", 0.01}});
    add(Dimension::per_year2, {{"/year2", 1, true},
                               {"%/year2", 0.01, true},
                               {"/year^2", 1},
                               {"%/year^2", 0.01},
                               {"/year²", 1},
                               {"%/year²", 0.01}});
    add(Dimension::per_month, {{"/month", 1, true},
                               {"%/month", 0.01, true},
                               {"/year", 1 / months_per_year, true},
                               {"%/year", 0.01 / months_per_year, true}});
    add(Dimension::days, {{"days", 1, true},
                          {"weeks", days_per_week, true},
                          {"months", days_per_month, true},
                          {"quarters", 3 * days_per_month, true},
                          {"years", days_per_year, true},
                          {"hours", 1 / hours_per_day, true},
                          {"day", 1},
                          {"week", days_per_week},
                          {"month", days_per_month},
                          {"quarter", 3 * days_per_month},
                          {"year", days_per_year},
                          {"hour", 1 / hours_per_day}});
    add(Dimension::months, {{"months", 1, true},
                            {"days", 1 / days_per_month, true},
                            {"weeks", days_per_week / days_per_month, true},
                            {"quarters", 3, true},
                            {"years", months_per_year, true},
                            {"month", 1},
                            {"day", 1 / days_per_month},
                            {"week", days_per_week / days_per_month},
                            {"quarter", 3},
                            {"year", months_per_year}});
    add(Dimension::usd, dollars);
    add_ratio(Dimension::usd_per_month, dollars, times_per_month);
    add_ratio(Dimension::usd_per_wafer, dollars, {{"/wafer", 1, true}});
  }

  void fill_counts() {
    add(Dimension::wafers, wafers);
    add_ratio(Dimension::wafers_per_month, wafers, times_per_month);
    add(Dimension::wafers_per_month,
        {{"wpm", 1, true}, {"kwpm", 1e3, true}, {"wspm"}, {"kwspm", 1e3}});
    add(Dimension::cores, {{"cores", 1, true}, {"core"}});
    add(Dimension::dies, dies);
    add_ratio(Dimension::dies_per_month, dies, times_per_month);
    add_ratio(Dimension::dies_per_wafer, dies, {{"/wafer", 1, true}});
    add_ratio(Dimension::dies_per_stack, dies, {{"/stack", 1, true}});
    add(Dimension::stacks, stacks);
    add_ratio(Dimension::stacks_per_month, stacks, times_per_month);
    add(Dimension::packages, packages);
    add_ratio(Dimension::packages_per_month, packages, times_per_month);
    add_ratio(Dimension::packages_per_wafer, packages, {{"/wafer", 1, true}});
    add(Dimension::npus, npus);
    add_ratio(Dimension::npus_per_month, npus, times_per_month);
    add(Dimension::pods, pods);
    add_ratio(Dimension::pods_per_month, pods, times_per_month);
    add(Dimension::clusters, {{"clusters", 1, true}, {"cluster"}});
    add(Dimension::tools, tools);
    add_ratio(Dimension::tools_per_month, tools, times_per_month);
    add(Dimension::layers, {{"layers", 1, true}, {"layer"}});
  }

  void fill_engineering() {
    add(Dimension::length, {{"mm", 1, true},
                            {"cm", 10, true},
                            {"m", 1000},
                            {"um", 1.0 / 1000, true},
                            {"µm", 1.0 / 1000},  // micro sign
                            {"μm", 1.0 / 1000},  // Greek mu
                            {"in", 25.4, true},
                            {"inch", 25.4},
                            {"inches", 25.4}});
    constexpr double mm2_per_cm2 = 100, mm2_per_in2 = 25.4 * 25.4;
    add(Dimension::area, {{"mm2", 1, true},
                          {"cm2", mm2_per_cm2, true},
                          {"in2", mm2_per_in2, true},
                          {"mm^2", 1},
                          {"cm^2", mm2_per_cm2},
                          {"in^2", mm2_per_in2},
                          {"mm²", 1},
                          {"cm²", mm2_per_cm2},
                          {"in²", mm2_per_in2}});
    add_ratio(Dimension::defects_per_area, {{"", 1, true}, {"defects"}, {"defect"}},
              {{"/cm2", 1, true},
               {"/mm2", mm2_per_cm2, true},
               {"/in2", mm2_per_cm2 / mm2_per_in2, true},
               {"/cm^2", 1},
               {"/mm^2", mm2_per_cm2},
               {"/in^2", mm2_per_cm2 / mm2_per_in2},
               {"/cm²", 1},
               {"/mm²", mm2_per_cm2},
               {"/in²", mm2_per_cm2 / mm2_per_in2}});
    add(Dimension::passes_per_hour, {{"wafer passes/hour", 1, true},
                                     {"wph", 1, true},
                                     {"wafers/hour", 1, true},
                                     {"passes/hour"},
                                     {"wafer pass/hour"},
                                     {"wafer/hour"}});
    add(Dimension::passes_per_wafer,
        {{"passes/wafer", 1, true}, {"passes", 1, true}, {"pass/wafer"}, {"pass"}});
    add(Dimension::days_per_layer, {{"days/layer", 1, true},
                                    {"hours/layer", 1 / hours_per_day, true},
                                    {"day/layer"},
                                    {"hour/layer", 1 / hours_per_day}});
    add(Dimension::compute, teraflops);
    add_ratio(Dimension::compute_per_month, teraflops, times_per_month, 1.0 / 1e3);
    add(Dimension::flop, {{"FLOP", 1, true},
                          {"TFLOP", 1e12},
                          {"PFLOP", 1e15},
                          {"EFLOP", 1e18, true},
                          {"ZFLOP", 1e21},
                          {"YFLOP", 1e24, true},
                          {"FLOPs", 1}});
    add(Dimension::memory, {{"GB", 1, true}, {"TB", 1e3, true}, {"MB", 1.0 / 1e3}});
    add(Dimension::bandwidth, {{"TB/s", 1, true}, {"GB/s", 1.0 / 1e3, true}, {"PB/s", 1e3}});
    add(Dimension::power, {{"W", 1, true}, {"kW", 1e3, true}, {"MW", 1e6, true}, {"GW", 1e9}});
  }

  std::vector<Unit> units_;
  std::unordered_map<std::string_view, std::vector<const Unit*>> by_spelling_;
};

const Table& table() {
  static const Table built;
  return built;
}

const DimensionRow& row(Dimension dimension) {
  return dimension_rows[static_cast<size_t>(dimension)];
}

struct Multiplier {
  std::string_view text;
  int exponent;
  double factor;
  bool before_units;  ///< also a word before a unit
};
constexpr std::array multipliers{Multiplier{"bn", 9, 1e9, true}, Multiplier{"k", 3, 1e3, true},
                                 Multiplier{"M", 6, 1e6, true}, Multiplier{"G", 9, 1e9, false}};

/// "k wafers" as 1000 and "wafers"; 1 and the whole text where no one multiplier word stands first.
std::pair<double, std::string_view> split_multiplier(std::string_view unit) {
  const size_t space = unit.find(' ');
  const size_t word = space == std::string_view::npos ? space : unit.find_first_not_of(' ', space);
  if (word == std::string_view::npos) return {1, unit};
  const auto factor_of = [](std::string_view text) -> double {
    for (const Multiplier& multiplier : multipliers) {
      if (multiplier.before_units && multiplier.text == text) return multiplier.factor;
    }
    return 1;
  };
  const std::string_view rest = unit.substr(word);
  if (factor_of(rest.substr(0, rest.find(' '))) != 1) return {1, unit};  // "k k wafers"
  return {factor_of(unit.substr(0, space)), rest};
}

size_t count_digits(std::string_view text, size_t from) {
  size_t end = from;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - from;
}

}  // namespace

std::string_view unit_name(Dimension dimension) { return row(dimension).unit; }

std::string_view dimension_name(Dimension dimension) { return row(dimension).name; }

std::optional<double> unit_factor(Dimension dimension, std::string_view unit) {
  const auto find = [dimension](std::string_view spelling) -> std::optional<double> {
    for (const Unit* each : table().spelt(spelling)) {
      if (each->dimension == dimension) return each->factor;
    }
    return std::nullopt;
  };
  if (const std::optional<double> whole = find(unit)) return whole;
  const auto [multiplier, rest] = split_multiplier(unit);
  if (multiplier == 1) return std::nullopt;
  const std::optional<double> found = find(rest);
  if (!found) return std::nullopt;
  return multiplier * *found;
}

double to_canonical(double value, double factor) {
  const double per_canonical = std::round(1 / factor);
  if (factor < 1 && 1 / per_canonical == factor) return value / per_canonical;
  return value * factor;
}

std::string unit_list(Dimension dimension) {
  std::string list;
  for (const Unit& unit : table().units()) {
    if (unit.dimension != dimension || !unit.listed) continue;
    if (!list.empty()) list += ", ";
    list += unit.spelling;
  }
  return list;
}

std::vector<Dimension> dimensions_of(std::string_view unit) {
  std::vector<Dimension> dimensions;
  const auto add = [&](std::string_view spelling) {
    for (const Unit* each : table().spelt(spelling)) dimensions.push_back(each->dimension);
  };
  add(unit);
  const auto [multiplier, rest] = split_multiplier(unit);
  if (dimensions.empty() && multiplier != 1) add(rest);
  return dimensions;
}

std::optional<ParsedNumber> parse_number(std::string_view text) {
  // digits [. digits] [e [sign] digits] [suffix], after a sign
  const size_t start = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  size_t end = start + count_digits(text, start);
  if (end == start) return std::nullopt;
  if (end < text.size() && text[end] == '.') {
    const size_t decimals = count_digits(text, end + 1);
    if (decimals == 0) return std::nullopt;
    end += 1 + decimals;
  }
  const size_t mantissa_end = end;
  int exponent = 0;
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    const size_t sign = end + 1 < text.size() && (text[end + 1] == '-' || text[end + 1] == '+');
    const size_t count = count_digits(text, end + 1 + sign);
    if (count > 0) {
      const char* first = text.data() + end + 1 + (sign && text[end + 1] == '+');
      end += 1 + sign + count;
      if (std::from_chars(first, text.data() + end, exponent).ec != std::errc{}) {
        return std::nullopt;  // an exponent that no int holds
      }
    }
  }
  for (const Multiplier& suffix : multipliers) {
    const size_t after = end + suffix.text.size();
    if (!text.substr(end).starts_with(suffix.text)) continue;
    if (after < text.size() && is_word(text[after])) continue;
    // Beyond any double anyway; the bound keeps the sum in range.
    if (std::abs(exponent) < 10000) exponent += suffix.exponent;
    end = after;
    break;
  }
  // The suffix joins the exponent before the conversion: 2.3M is then the double nearest 2300000.
  const size_t skipped_plus = start == 1 && text[0] == '+' ? 1 : 0;
  std::string digits(text.substr(skipped_plus, mantissa_end - skipped_plus));
  digits += fmt::format("e{}", exponent);
  double value = 0;
  const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  return ParsedNumber{value, end};
}

std::string number_text(double value) { return fmt::format("{}", value); }

}  // namespace fabcast
