#include "report/xlsx_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "base/characters.h"
#include "report/xlsx_style.h"

namespace fabcast {

namespace {

constexpr std::array<lxw_color_t, most_series> colours{0x0072B2, 0xD55E00, 0x009E73, 0xE69F00,
                                                       0x56B4E9, 0xCC79A7, 0x404040, 0xB8A800};
constexpr std::array<uint8_t, most_series> dashes{
    LXW_CHART_LINE_DASH_SOLID,         LXW_CHART_LINE_DASH_DASH,
    LXW_CHART_LINE_DASH_ROUND_DOT,     LXW_CHART_LINE_DASH_DASH_DOT,
    LXW_CHART_LINE_DASH_LONG_DASH,     LXW_CHART_LINE_DASH_SQUARE_DOT,
    LXW_CHART_LINE_DASH_LONG_DASH_DOT, LXW_CHART_LINE_DASH_SOLID};
constexpr std::array<uint8_t, most_series> markers{
    LXW_CHART_MARKER_CIRCLE,  LXW_CHART_MARKER_SQUARE,   LXW_CHART_MARKER_TRIANGLE,
    LXW_CHART_MARKER_DIAMOND, LXW_CHART_MARKER_X,        LXW_CHART_MARKER_PLUS,
    LXW_CHART_MARKER_STAR,    LXW_CHART_MARKER_LONG_DASH};
constexpr std::array<uint8_t, most_series> patterns{
    LXW_CHART_PATTERN_NONE,       LXW_CHART_PATTERN_WIDE_UPWARD_DIAGONAL,
    LXW_CHART_PATTERN_PERCENT_25, LXW_CHART_PATTERN_LIGHT_HORIZONTAL,
    LXW_CHART_PATTERN_SMALL_GRID, LXW_CHART_PATTERN_WIDE_DOWNWARD_DIAGONAL,
    LXW_CHART_PATTERN_NONE,       LXW_CHART_PATTERN_DARK_VERTICAL};
constexpr lxw_color_t white = 0xFFFFFF, grey = 0xD9D9D9, dark = 0x404040;

lxw_row_t row_of(size_t row) { return static_cast<lxw_row_t>(row); }
lxw_col_t column_of(size_t column) { return static_cast<lxw_col_t>(column); }

void set_line(lxw_chart_series* series, lxw_color_t colour, uint8_t dash, float width = 2) {
  lxw_chart_line line{};
  line.color = colour;
  line.dash_type = dash;
  line.width = width;
  chart_series_set_line(series, &line);
}

void set_fill(lxw_chart_series* series, lxw_color_t colour) {
  lxw_chart_fill fill{};
  fill.color = colour;
  chart_series_set_fill(series, &fill);
}

void hide_line(lxw_chart_series* series) {
  lxw_chart_line line{};
  line.none = LXW_TRUE;
  chart_series_set_line(series, &line);
}

void hide(lxw_chart_series* series) {
  lxw_chart_fill fill{};
  fill.none = LXW_TRUE;
  chart_series_set_fill(series, &fill);
  hide_line(series);
}

void name_axis(lxw_chart_axis* axis, const std::string& name) {
  lxw_chart_font small{};
  small.size = 8;
  small.bold = LXW_EXPLICIT_FALSE;
  chart_axis_set_name(axis, label_text(name).c_str());
  chart_axis_set_name_font(axis, &small);
}

/// A solid colour, or a pattern of it on white.
void set_pattern(lxw_chart_series* series, size_t index) {
  if (patterns[index] == LXW_CHART_PATTERN_NONE) {
    set_fill(series, colours[index]);
  } else {
    lxw_chart_pattern pattern{};
    pattern.fg_color = colours[index];
    pattern.bg_color = white;
    pattern.type = patterns[index];
    chart_series_set_pattern(series, &pattern);
  }
  set_line(series, colours[index], LXW_CHART_LINE_DASH_SOLID, 0.75F);
}

void set_line_and_marker(lxw_chart_series* series, size_t index) {
  set_line(series, colours[index], dashes[index]);
  chart_series_set_marker_type(series, markers[index]);
  chart_series_set_marker_size(series, 6);
  lxw_chart_fill fill{};
  fill.color = colours[index];
  chart_series_set_marker_fill(series, &fill);
  lxw_chart_line line{};
  line.color = colours[index];
  chart_series_set_marker_line(series, &line);
}

/// Rows of one output, and of one scenario where one is named.
std::vector<const std::vector<Cell>*> rows_of(const Table& table, const Charts::Output& output,
                                              const std::string& scenario) {
  std::vector<const std::vector<Cell>*> rows;
  if (table.columns.empty()) return rows;
  const size_t s = table.column("scenario"), v = table.column("variable"),
               e = table.column("entity");
  for (const auto& row : table.rows) {
    if (text_in(row[v]) == output.first && text_in(row[e]) == output.second &&
        text_in(row[s]) == scenario) {
      rows.push_back(&row);
    }
  }
  return rows;
}

bool any_number(const std::vector<std::vector<Cell>>& rows) {
  for (const auto& row : rows) {
    for (size_t c = 1; c < row.size(); ++c) {
      const double number = number_in(row[c]);
      if (std::isfinite(number) && number != 0) return true;
    }
  }
  return false;
}

/// A cell as a category: its text, or its number as text.
std::string shown(const Cell& cell) {
  const double number = number_in(cell);
  return std::isfinite(number) ? fmt::format("{:.6g}", number) : text_in(cell);
}

}  // namespace

bool is_year(const std::string& period) {
  return period.size() == 4 && std::all_of(period.begin(), period.end(), is_digit);
}

bool is_quarter(const std::string& period) { return period.size() == 6 && period[4] == 'Q'; }

std::vector<std::string> scenarios_of(const Table& table) {
  std::vector<std::string> names;
  if (table.columns.empty()) return names;
  const size_t scenario = table.column("scenario");
  for (const auto& row : table.rows) {
    // Rows of one scenario stand together, so that the last is nearly always it.
    const std::string& name = text_in(row[scenario]);
    if (!names.empty() && names.back() == name) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::vector<std::string> years_of(const Table& table) {
  std::vector<std::string> years, quarters;
  if (table.columns.empty()) return years;
  const size_t period = table.column("period");
  for (const auto& row : table.rows) {
    const std::string& text = text_in(row[period]);
    auto& list = is_year(text) ? years : quarters;
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  }
  return years.empty() ? quarters : years;
}

const Table* find_table(const RunResult& result, std::string_view name) {
  for (const Table* table : result.tables()) {
    if (table->name == name) return table;
  }
  return nullptr;
}

std::string Charts::title_of(const Output& output) const {
  return output.first + " " + output.second;
}

std::string Charts::unit_of(const Output& output) const {
  for (const VariableMeaning& variable : result_.provenance.variables) {
    if (variable.variable == output.first) return variable.unit;
  }
  return "";
}

Charts::Block Charts::put(const std::string& title, const std::vector<std::string>& headings,
                          const std::vector<std::vector<Cell>>& rows,
                          const std::string& number_format, const std::string& first_format) {
  CellStyle bold, number, first;
  bold.bold = true;
  number.number_format = number_format;
  first.number_format = first_format.empty() ? number_format : first_format;
  CellStyle heading;
  heading.heading = true;
  data_.write(next_row_++, 0, title, heading);
  for (size_t c = 0; c < headings.size(); ++c) data_.write(next_row_, c, headings[c], bold);
  const Block block{next_row_ + 1, next_row_ + rows.size()};
  for (const auto& row : rows) {
    ++next_row_;
    for (size_t c = 0; c < row.size(); ++c) {
      const bool is_number = text_in(row[c]).empty();
      data_.write(next_row_, c, row[c], !is_number ? CellStyle{} : c == 0 ? first : number);
    }
  }
  next_row_ += 2;
  return block;
}

lxw_chart_series* Charts::add_series(lxw_chart* chart, const Block& block, size_t column,
                                     const std::string& name, size_t categories) {
  lxw_chart_series* series = chart_add_series(chart, nullptr, nullptr);
  chart_series_set_categories(series, data_.name().c_str(), row_of(block.first),
                              column_of(categories), row_of(block.last), column_of(categories));
  chart_series_set_values(series, data_.name().c_str(), row_of(block.first), column_of(column),
                          row_of(block.last), column_of(column));
  chart_series_set_name(series, label_text(name).c_str());
  return series;
}

void Charts::insert(lxw_chart* chart, Place place, const std::string& title,
                    const std::string& description, const std::string& unit) {
  lxw_chart_font font{}, small{};
  font.size = 11;
  font.bold = LXW_TRUE;
  small.size = 8;
  chart_title_set_name(chart, label_text(title).c_str());
  chart_title_set_name_font(chart, &font);
  chart_legend_set_font(chart, &small);
  chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
  chart_axis_set_num_font(chart->x_axis, &small);
  chart_axis_set_num_font(chart->y_axis, &small);
  lxw_chart_line line{};
  line.color = grey;
  line.width = 0.5;
  const bool is_bar = chart->type == LXW_CHART_BAR || chart->type == LXW_CHART_BAR_STACKED;
  chart_axis_major_gridlines_set_line(is_bar ? chart->x_axis : chart->y_axis, &line);
  chart_chartarea_set_line(chart, &line);
  if (!unit.empty()) {
    chart_axis_set_name(chart->y_axis, label_text(unit).c_str());
    small.bold = LXW_EXPLICIT_FALSE;
    chart_axis_set_name_font(chart->y_axis, &small);
  }
  std::string alternative = label_text(description);
  lxw_chart_options options{};
  options.x_offset = static_cast<int32_t>(place.across) * (chart_width + 6);
  options.x_scale = chart_width / 480.0;
  options.y_scale = chart_height / 288.0;
  options.description = alternative.data();
  // Widths of columns do not pull it.
  options.object_position = LXW_OBJECT_MOVE_DONT_SIZE;
  worksheet_insert_chart_opt(place.sheet.handle(), row_of(place.row), 0, chart, &options);
}

bool Charts::fan(const Output& output, Place place) {
  const Table& summary = result_.summary;
  const std::vector<std::string> scenarios = scenarios_of(summary);
  if (scenarios.empty()) return false;
  const size_t period = summary.column("period");
  constexpr std::array names{"p05", "p25", "p50", "p75", "p95"};
  std::vector<std::vector<Cell>> quarters, years;
  bool is_negative = false;
  for (const auto* row : rows_of(summary, output, scenarios[0])) {
    std::vector<Cell> made{(*row)[period]};
    std::vector<double> quantiles;
    for (const char* name : names) quantiles.push_back(number_in((*row)[summary.column(name)]));
    for (const double quantile : quantiles) made.emplace_back(quantile);
    for (size_t q = 1; q < quantiles.size(); ++q) {
      made.emplace_back(quantiles[q] - quantiles[q - 1]);
    }
    is_negative |= quantiles[0] < 0;
    (is_quarter(text_in((*row)[period])) ? quarters : years).push_back(std::move(made));
  }
  const auto& rows = quarters.empty() ? years : quarters;
  if (rows.empty() || !any_number(rows)) return false;
  const std::string unit = unit_of(output);
  double largest = 0;
  for (const auto& row : rows) largest = std::max(largest, number_in(row[names.size()]));
  const std::string title = title_of(output) + (quarters.empty() ? " by year" : " by quarter");
  const Block block =
      put(fmt::format("{} [{}]: quantiles, and the bands between them", title, unit),
          {"period", "P5", "P25", "P50", "P75", "P95", "P5 to P25", "P25 to P50", "P50 to P75",
           "P75 to P95"},
          rows, format_of_unit(unit, largest));
  lxw_chart* chart = nullptr;
  if (is_negative) {  // areas stand on zero: lines alone
    chart = book_.add_chart(LXW_CHART_LINE);
    for (size_t q = 0; q < names.size(); ++q) {
      constexpr std::array labels{"P5", "P25", "P50", "P75", "P95"};
      set_line(add_series(chart, block, q + 1, labels[q]), colours[0],
               q == 2 ? LXW_CHART_LINE_DASH_SOLID : LXW_CHART_LINE_DASH_DASH, q == 2 ? 2.5F : 1);
    }
  } else {
    chart = book_.add_chart(LXW_CHART_AREA_STACKED);
    hide(add_series(chart, block, 1, "P5"));
    constexpr std::array labels{"P5 to P25", "P25 to P50", "P50 to P75", "P75 to P95"};
    constexpr std::array<lxw_color_t, 4> shades{0xC6DBEF, 0x2171B5, 0x6BAED6, 0xDEEBF7};
    for (size_t band = 0; band < labels.size(); ++band) {
      lxw_chart_series* series = add_series(chart, block, band + 6, labels[band]);
      set_fill(series, shades[band]);
      set_line(series, white, LXW_CHART_LINE_DASH_SOLID, 0.5F);
    }
    static int16_t base[] = {0, -1};
    chart_legend_delete_series(chart, base);
    chart_axis_set_position(chart->x_axis, LXW_CHART_AXIS_POSITION_ON_TICK);
  }
  // The short form is of positive numbers.
  const bool is_short = !is_negative || unit == "share";
  chart_axis_set_num_format(chart->y_axis, is_short ? axis_format(unit).c_str() : whole_format);
  chart_axis_set_label_position(chart->x_axis, LXW_CHART_AXIS_LABEL_POSITION_LOW);
  const auto& last = rows.back();
  insert(chart, place, title,
         fmt::format("Fan chart of {} in {}: in {} the median is {}, and the 90 % range {} to {}.",
                     title, unit, text_in(last[0]), shown(last[3]), shown(last[1]), shown(last[5])),
         unit);
  return true;
}

bool Charts::exceedance(const Output& output, const PlacedTable& placed, Place place) {
  const Table& table = result_.exceedance;
  if (table.columns.empty() || !placed.sheet) return false;
  const size_t s = table.column("scenario"), v = table.column("variable"),
               e = table.column("entity"), p = table.column("period"),
               value = table.column("value"), chance = table.column("probability");
  const std::vector<std::string> scenarios = scenarios_of(table);
  struct Curve {
    std::string scenario, period;
    size_t first, last;
    double largest;
    double even;  ///< the value that is reached in half the trials
  };
  std::vector<Curve> curves;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    if (text_in(row[v]) != output.first || text_in(row[e]) != output.second) continue;
    if (curves.empty() || curves.back().scenario != text_in(row[s]) ||
        curves.back().period != text_in(row[p])) {
      curves.push_back({text_in(row[s]), text_in(row[p]), r, r, 0, 0});
    }
    curves.back().last = r;
    curves.back().largest = std::max(curves.back().largest, number_in(row[value]));
    if (number_in(row[chance]) >= 0.5) {
      curves.back().even = std::max(curves.back().even, number_in(row[value]));
    }
  }
  if (curves.empty()) return false;
  // Years of one scenario, or one year of several.
  const std::string last_period = curves.back().period;
  std::erase_if(curves, [&](const Curve& curve) {
    return !(curve.largest > 0) || (scenarios.size() > 1 && curve.period != last_period);
  });
  if (curves.empty()) return false;
  if (curves.size() > most_series) curves.resize(most_series);
  const std::string unit = unit_of(output);
  lxw_chart* chart = book_.add_chart(LXW_CHART_SCATTER_STRAIGHT);
  for (size_t i = 0; i < curves.size(); ++i) {
    const Curve& curve = curves[i];
    lxw_chart_series* series = chart_add_series(chart, nullptr, nullptr);
    const auto range = [&](auto set, size_t column) {
      set(series, placed.sheet->name().c_str(), row_of(placed.first_row + curve.first),
          column_of(column), row_of(placed.first_row + curve.last), column_of(column));
    };
    range(chart_series_set_categories, value);
    range(chart_series_set_values, chance);
    chart_series_set_name(series,
                          label_text(scenarios.size() > 1 ? curve.scenario : curve.period).c_str());
    set_line(series, colours[i], dashes[i]);
  }
  std::string evens;
  for (const Curve& curve : curves) {
    evens += fmt::format("{}{} {:.6g}", evens.empty() ? "" : ", ",
                         scenarios.size() > 1 ? curve.scenario : curve.period, curve.even);
  }
  const Table& questions = result_.questions;
  size_t asked = 0;
  std::string thresholds;
  for (const auto& row : questions.rows) {
    if (text_in(row[questions.column("variable")]) != output.first ||
        text_in(row[questions.column("entity")]) != output.second ||
        text_in(row[questions.column("scenario")]) != scenarios[0] || asked == 2) {
      continue;
    }
    const Cell& threshold = row[questions.column("threshold")];
    const std::string& text = text_in(row[questions.column("text")]);
    // Of a date `by` which a sum is asked the curves by year say nothing.
    if (text_in(row[questions.column("time")]) != "at") continue;
    const bool is_shown =
        scenarios.size() == 1 || text_in(row[questions.column("to")]).starts_with(last_period);
    if (!is_shown) continue;
    const Block block = put("Asked: " + text, {"threshold", "probability"},
                            {{threshold, 0.0}, {threshold, 1.0}}, "General");
    // "npus.shipped ascend >= 1M npus at 2026": without what the chart is of
    const std::string about = title_of(output) + " ";
    const std::string bound = text.starts_with(about) ? text.substr(about.size()) : text;
    lxw_chart_series* series = add_series(chart, block, 1, "asked: " + bound);
    set_line(series, dark, asked == 0 ? LXW_CHART_LINE_DASH_SOLID : LXW_CHART_LINE_DASH_DASH, 1);
    thresholds += fmt::format(" Asked: {}.", bound);
    ++asked;
  }
  chart_axis_set_min(chart->x_axis, 0);
  chart_axis_set_min(chart->y_axis, 0);
  chart_axis_set_max(chart->y_axis, 1);
  chart_axis_set_num_format(chart->x_axis, axis_format(unit).c_str());
  chart_axis_set_num_format(chart->y_axis, "0%");
  name_axis(chart->x_axis, unit);
  insert(chart, place,
         scenarios.size() > 1 ? fmt::format("Chance of as much or more in {}", last_period)
                              : "Chance of as much or more",
         fmt::format("Exceedance curves of {}: the chance of reaching or exceeding a value. With a "
                     "chance of one half at least, in {}: {}.{}",
                     title_of(output), unit, evens, thresholds),
         "chance");
  return true;
}

bool Charts::tornado(const Output& output, Place place) {
  constexpr size_t most_bars = 10;
  const Table& inputs = result_.inputs;
  const std::string name = "rank_correlation " + title_of(output);
  const auto found = std::find_if(inputs.columns.begin(), inputs.columns.end(),
                                  [&](const Column& column) { return column.name == name; });
  if (found == inputs.columns.end()) return false;
  const auto column = static_cast<size_t>(found - inputs.columns.begin());
  const size_t key = inputs.column("key"), scenario = inputs.column("scenario");
  std::vector<std::pair<double, std::string>> bars;
  for (const auto& row : inputs.rows) {
    if (text_in(row[scenario]) != text_in(inputs.rows[0][scenario])) break;
    const double correlation = number_in(row[column]);
    if (std::isfinite(correlation)) bars.emplace_back(correlation, text_in(row[key]));
  }
  std::stable_sort(bars.begin(), bars.end(), [](const auto& a, const auto& b) {
    return std::abs(a.first) > std::abs(b.first);
  });
  if (bars.size() > most_bars) bars.resize(most_bars);
  std::string strongest;
  std::vector<std::vector<Cell>> rows;
  for (size_t i = bars.size(); i-- > 0;) {  // bars are drawn from below
    rows.push_back({bars[i].second, bars[i].first});
  }
  if (!any_number(rows)) return false;
  for (size_t i = 0; i < std::min<size_t>(3, bars.size()); ++i) {
    strongest += fmt::format("{}{} {:.2f}", i == 0 ? "" : ", ", bars[i].second, bars[i].first);
  }
  const Block block = put(fmt::format("What moves {}: rank correlation", title_of(output)),
                          {"input", "rank correlation"}, rows, "0.00");
  lxw_chart* chart = book_.add_chart(LXW_CHART_BAR);
  lxw_chart_series* series = add_series(chart, block, 1, "rank correlation");
  set_fill(series, colours[0]);
  chart_series_set_labels(series);
  chart_series_set_labels_num_format(series, "0.00");
  lxw_chart_font small{};
  small.size = 8;
  chart_series_set_labels_font(series, &small);
  // Of bars, y is the axis of categories.
  chart_axis_set_label_position(chart->y_axis, LXW_CHART_AXIS_LABEL_POSITION_LOW);
  chart_axis_set_num_format(chart->x_axis, "0.0");
  chart_set_series_gap(chart, 40);
  insert(chart, place, "What moves it: rank correlation",
         fmt::format("Inputs that move {} most, by rank correlation: {}.", title_of(output),
                     strongest),
         "");
  chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
  return true;
}

bool Charts::binding(const std::string& product, Place place) {
  const Table& table = result_.binding;
  if (table.columns.empty()) return false;
  const size_t s = table.column("scenario"), k = table.column("kind"), e = table.column("entity"),
               c = table.column("constraint"), p = table.column("period"),
               chance = table.column("probability");
  const std::string& first = text_in(table.rows.at(0)[s]);
  std::vector<std::string> periods, constraints;
  std::map<std::pair<std::string, std::string>, double> shares;
  for (const bool by_quarter : {true, false}) {
    if (!periods.empty()) break;
    for (const auto& row : table.rows) {
      const std::string &period = text_in(row[p]), &constraint = text_in(row[c]);
      if (text_in(row[s]) != first || text_in(row[k]) != "product" || text_in(row[e]) != product ||
          !(by_quarter ? is_quarter(period) : is_year(period))) {
        continue;
      }
      const auto add = [](std::vector<std::string>& list, const std::string& text) {
        if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
      };
      add(periods, period);
      add(constraints, constraint);
      shares[{period, constraint}] = number_in(row[chance]);
    }
  }
  if (periods.empty()) return false;
  std::sort(periods.begin(), periods.end());
  if (constraints.size() > most_series) constraints.resize(most_series);
  std::vector<std::vector<Cell>> rows;
  std::map<std::string, double> total;
  for (const std::string& period : periods) {
    std::vector<Cell> row{period};
    for (const std::string& constraint : constraints) {
      row.emplace_back(shares[{period, constraint}]);
      total[constraint] += shares[{period, constraint}];
    }
    rows.push_back(std::move(row));
  }
  std::vector<std::string> headings{"period"};
  headings.insert(headings.end(), constraints.begin(), constraints.end());
  const std::string title =
      fmt::format("What binds {}{}", product,
                  scenarios_of(table).size() > 1 ? fmt::format(" ({})", first) : "");
  const Block block = put(title + ": share of trials and months", headings, rows, percent_format);
  lxw_chart* chart = book_.add_chart(LXW_CHART_COLUMN_STACKED_PERCENT);
  for (size_t i = 0; i < constraints.size(); ++i) {
    set_pattern(add_series(chart, block, i + 1, constraints[i]), i);
  }
  chart_set_series_gap(chart, 20);
  chart_axis_set_num_format(chart->y_axis, "0%");
  const auto most = std::max_element(
      constraints.begin(), constraints.end(),
      [&](const std::string& a, const std::string& b) { return total[a] < total[b]; });
  insert(chart, place, title,
         fmt::format("{}: share of trials and months of each constraint; most often: {}.", title,
                     *most),
         "");
  return true;
}

bool Charts::scenarios(const Output& output, Place place) {
  const Table& summary = result_.summary;
  std::vector<std::string> names = scenarios_of(summary);
  if (names.size() < 2) return false;
  if (names.size() > most_series) names.resize(most_series);
  const std::vector<std::string> years = years_of(summary);
  const size_t period = summary.column("period"), median = summary.column("p50");
  std::vector<std::vector<Cell>> rows;
  double largest = 0;
  for (const std::string& year : years) {
    rows.push_back({year});
    rows.back().resize(1 + names.size());
  }
  for (size_t s = 0; s < names.size(); ++s) {
    for (const auto* row : rows_of(summary, output, names[s])) {
      const auto year = std::find(years.begin(), years.end(), text_in((*row)[period]));
      if (year == years.end()) continue;
      rows[static_cast<size_t>(year - years.begin())][1 + s] = (*row)[median];
      largest = std::max(largest, number_in((*row)[median]));
    }
  }
  if (!any_number(rows)) return false;
  const std::string unit = unit_of(output);
  std::vector<std::string> headings{"period"};
  headings.insert(headings.end(), names.begin(), names.end());
  const Block block = put(fmt::format("{} [{}]: medians of scenarios", title_of(output), unit),
                          headings, rows, format_of_unit(unit, largest));
  lxw_chart* chart = book_.add_chart(LXW_CHART_LINE);
  for (size_t s = 0; s < names.size(); ++s) {
    set_line_and_marker(add_series(chart, block, 1 + s, names[s]), s);
  }
  chart_axis_set_num_format(chart->y_axis, axis_format(unit).c_str());
  std::string told;
  for (size_t s = 0; s < names.size(); ++s) {
    told += fmt::format("{}{} {}", s == 0 ? "" : ", ", names[s], shown(rows.back()[1 + s]));
  }
  insert(chart, place, title_of(output) + ": medians",
         fmt::format("Medians of {} by scenario; in {}: {}.", title_of(output), years.back(), told),
         unit);
  return true;
}

bool Charts::differences(const Output& output, Place place) {
  const Table* table = find_table(result_, "compare");
  if (!table) return false;
  std::vector<std::string> names = scenarios_of(*table);
  if (names.size() > most_series) names.resize(most_series);
  const std::vector<std::string> years = years_of(*table);
  const size_t period = table->column("period"), difference = table->column("difference");
  std::vector<std::vector<Cell>> rows;
  for (const std::string& year : years) {
    rows.push_back({year});
    rows.back().resize(1 + names.size());
  }
  double largest = 0;
  for (size_t s = 0; s < names.size(); ++s) {
    for (const auto* row : rows_of(*table, output, names[s])) {
      const auto year = std::find(years.begin(), years.end(), text_in((*row)[period]));
      if (year == years.end()) continue;
      rows[static_cast<size_t>(year - years.begin())][1 + s] = (*row)[difference];
      largest = std::max(largest, std::abs(number_in((*row)[difference])));
    }
  }
  if (!any_number(rows)) return false;
  const std::string unit = unit_of(output);
  // Joined runs may have comparisons to different scenarios.
  std::map<std::string, std::string> base_of;
  std::set<std::string> bases;
  for (const auto& row : table->rows) {
    const std::string& base_name = text_in(row[table->column("base")]);
    base_of[text_in(row[table->column("scenario")])] = base_name;
    bases.insert(base_name);
  }
  const std::string base = bases.size() == 1 ? *bases.begin() : "each comparison's base";
  const auto name_of = [&](const std::string& name) {
    return bases.size() == 1 ? name : fmt::format("{} less {}", name, base_of[name]);
  };
  std::vector<std::string> headings{"period"};
  for (const std::string& name : names) headings.push_back(name_of(name));
  const Block block =
      put(fmt::format("{} [{}]: mean difference to {}", title_of(output), unit, base), headings,
          rows, format_of_unit(unit, largest));
  lxw_chart* chart = book_.add_chart(LXW_CHART_COLUMN);
  for (size_t s = 0; s < names.size(); ++s) {
    // As the scenario looks in the chart beside it, where the base is the first.
    set_pattern(add_series(chart, block, 1 + s, headings[1 + s]), (s + 1) % most_series);
  }
  chart_axis_set_num_format(chart->y_axis, unit == "share" ? "0.0%" : "#,##0");
  chart_axis_set_label_position(chart->x_axis, LXW_CHART_AXIS_LABEL_POSITION_LOW);
  std::string told;
  for (size_t s = 0; s < names.size(); ++s) {
    const std::string difference_text = shown(rows.back()[1 + s]);
    told += fmt::format("{}{} {}", s == 0 ? "" : ", ", headings[1 + s],
                        difference_text.empty() ? "none" : difference_text);
  }
  insert(chart, place, fmt::format("Mean difference to {}", base),
         fmt::format("Mean differences of {} to {} by year and scenario; in {}: {}.",
                     title_of(output), base, years.back(), told),
         unit);
  return true;
}

bool Charts::response(const Response& response, Place place) {
  if (response.shape == ResponseShape::alone) return changes_alone(response, place);
  if (response.shape != ResponseShape::lines && response.shape != ResponseShape::grid) return false;
  const SweptKey& key = response.keys[0];
  // Of one key and one scenario the quantiles; else a line a scenario, or a value of the other key.
  std::vector<std::string> lines;
  const bool quantiles = response.shape == ResponseShape::lines && response.scenarios.size() == 1;
  if (quantiles) {
    lines = {"P5", "P50", "P95"};
  } else if (response.shape == ResponseShape::lines) {
    lines = response.scenarios;
  } else {
    const SweptKey& second = response.keys[1];
    for (const Cell& value : second.values) {
      lines.push_back(fmt::format("{} = {}", second.heading, key_text(value)));
    }
  }
  std::vector<std::vector<Cell>> rows;
  std::map<Cell, size_t> row_at;
  for (const Cell& value : key.values) {
    row_at[value] = rows.size();
    rows.push_back({value});
    rows.back().resize(1 + lines.size());
  }
  double largest = 0;
  for (const ResponsePoint& point : response.points) {
    auto& row = rows[row_at.at(point.at[0])];
    largest = std::max(largest, std::abs(quantiles ? point.p95 : point.p50));
    if (quantiles) {
      std::copy_n(std::array<Cell, 3>{point.p05, point.p50, point.p95}.begin(), 3, row.begin() + 1);
    } else if (response.shape == ResponseShape::lines) {
      row[1 + point.scenario] = point.p50;
    } else {
      const auto& values = response.keys[1].values;
      const auto line = std::find(values.begin(), values.end(), point.at[1]) - values.begin();
      row[static_cast<size_t>(1 + line)] = point.p50;
    }
  }
  const size_t all_lines = lines.size();
  if (lines.size() > most_series) lines.resize(most_series);
  std::vector<std::string> headings{key.heading};
  headings.insert(headings.end(), lines.begin(), lines.end());
  for (auto& row : rows) row.resize(headings.size());
  const std::string title = title_of({response.variable, response.entity});
  const Block block =
      put(fmt::format("{} [{}] {} over {}", title, response.unit, response.where(), key.heading),
          headings, rows, format_of_unit(response.unit, largest), "General");
  lxw_chart* chart =
      book_.add_chart(key.is_number ? LXW_CHART_SCATTER_STRAIGHT_WITH_MARKERS : LXW_CHART_LINE);
  for (size_t i = 0; i < lines.size(); ++i) {
    set_line_and_marker(add_series(chart, block, 1 + i, lines[i]), i);
  }
  name_axes(chart, key.heading, response.unit);
  std::string more;
  if (all_lines > lines.size()) {
    more = fmt::format(" (the first {} of {} scenarios)", lines.size(), all_lines);
  }
  insert(chart, place, fmt::format("{} {}{}", title, response.where(), more),
         fmt::format("How {} {} answers to {}{}: {}", title, response.where(), key.heading,
                     response.shape == ResponseShape::grid
                         ? fmt::format(" and {}", response.keys[1].heading)
                         : "",
                     response.told),
         response.unit);
  return true;
}

bool Charts::changes_alone(const Response& response, Place place) {
  std::vector<std::vector<Cell>> rows;
  double largest = 0;
  bool is_negative = false;
  for (size_t i = response.alone.size(); i-- > 0;) {  // bars are drawn from below
    const AloneRow& row = response.alone[i];
    rows.push_back({row.name, row.p05, row.p50, row.p95, row.p50 - row.p05, row.p95 - row.p50});
    largest = std::max(largest, std::abs(row.p95));
    is_negative |= row.p05 < 0;
  }
  if (!any_number(rows)) return false;
  const std::string title = title_of({response.variable, response.entity});
  const Block block =
      put(fmt::format("{} [{}] {}, one key at a time", title, response.unit, response.where()),
          {"change", "P5", "P50", "P95", "P5 to P50", "P50 to P95"}, rows,
          format_of_unit(response.unit, largest));
  lxw_chart* chart = nullptr;
  if (is_negative) {  // bars stand on zero: markers alone, a line through each three
    chart = book_.add_chart(LXW_CHART_LINE);
    constexpr std::array labels{"P5", "P50", "P95"};
    for (size_t q = 0; q < labels.size(); ++q) {
      lxw_chart_series* series = add_series(chart, block, 1 + q, labels[q]);
      set_line_and_marker(series, q);
      hide_line(series);
    }
    chart_set_high_low_lines(chart, nullptr);
    chart_axis_set_label_position(chart->x_axis, LXW_CHART_AXIS_LABEL_POSITION_LOW);
    chart_axis_set_num_format(chart->y_axis, axis_format(response.unit).c_str());
  } else {
    chart = book_.add_chart(LXW_CHART_BAR_STACKED);
    // It stays in the legend: programs count the entries of bars from different ends.
    hide(add_series(chart, block, 1, "below P5"));
    set_fill(add_series(chart, block, 4, "P5 to P50"), 0x9ECAE1);
    set_fill(add_series(chart, block, 5, "P50 to P95"), 0x2171B5);
    chart_set_series_gap(chart, 40);
    // Of bars, y is the axis of categories.
    chart_axis_set_num_format(chart->x_axis, axis_format(response.unit).c_str());
    name_axis(chart->x_axis, response.unit);
  }
  std::string more;
  if (response.alone_left_out > 0) {
    more = fmt::format(" ({} changes that move it less are left out)", response.alone_left_out);
  }
  insert(chart, place, fmt::format("{} {}, one key at a time", title, response.where()),
         fmt::format("{} {} beside one change each{}: {}", title, response.where(), more,
                     response.told),
         is_negative ? response.unit : "");
  return true;
}

bool Charts::scatter(const Response& response, size_t k, Place place) {
  const SweptKey& key = response.keys[k];
  const size_t series = std::min(response.scenarios.size(), most_series);
  std::vector<const ResponsePoint*> points;
  for (const ResponsePoint& point : response.points) points.push_back(&point);
  if (!key.is_number) {  // those of one text beside one another
    std::stable_sort(points.begin(), points.end(), [&](const auto* a, const auto* b) {
      return text_in(a->at[k]) < text_in(b->at[k]);
    });
  }
  std::vector<std::vector<Cell>> rows;
  double largest = 0;
  for (const ResponsePoint* point : points) {
    if (point->scenario >= series) continue;
    std::vector<Cell> row{key.is_number ? point->at[k] : Cell(key_text(point->at[k]))};
    row.resize(1 + series);
    row[1 + point->scenario] = point->p50;
    largest = std::max(largest, std::abs(point->p50));
    rows.push_back(std::move(row));
  }
  const std::string title = title_of({response.variable, response.entity});
  std::vector<std::string> headings{key.heading};
  headings.insert(headings.end(), response.scenarios.begin(),
                  response.scenarios.begin() + static_cast<std::ptrdiff_t>(series));
  const Block block = put(fmt::format("{} [{}] {}: medians of the points over {}", title,
                                      response.unit, response.where(), key.heading),
                          headings, rows, format_of_unit(response.unit, largest), "General");
  lxw_chart* chart = book_.add_chart(key.is_number ? LXW_CHART_SCATTER : LXW_CHART_LINE);
  for (size_t s = 0; s < series; ++s) {
    lxw_chart_series* each = add_series(chart, block, 1 + s, headings[1 + s]);
    set_line_and_marker(each, s);
    chart_series_set_marker_size(each, 4);
    hide_line(each);
  }
  name_axes(chart, key.heading, response.unit);
  std::string more;
  if (response.left_out > 0) {
    more = fmt::format(" (the first {} of {} points)", response.points.size(),
                       response.points.size() + response.left_out);
  }
  insert(chart, place, fmt::format("{} {} over {}{}", title, response.where(), key.name, more),
         fmt::format("Medians of {} {} over {}: {}", title, response.where(), key.heading,
                     response.told),
         response.unit);
  if (series == 1) chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
  return true;
}

void Charts::name_axes(lxw_chart* chart, const std::string& across, const std::string& unit) {
  chart_axis_set_num_format(chart->y_axis, axis_format(unit).c_str());
  name_axis(chart->x_axis, across);
}

}  // namespace fabcast
