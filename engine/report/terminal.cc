#include "report/terminal.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

namespace fabcast {

namespace {

constexpr size_t name_width = 31, label_width = 5, value_width = 8;  ///< of a table
constexpr size_t most_periods = 6;                                   ///< of a table
constexpr size_t wide_questions = 98;  ///< columns from which a question has three months

bool is_year(const std::string& period) { return period.size() == 4; }

/// Rows of one variable and entity, by period.
using ByPeriod = std::map<std::string, const std::vector<Cell>*>;

ByPeriod rows_of(const Table& summary, const std::string& variable, const std::string& entity) {
  ByPeriod rows;
  const size_t v = summary.column("variable"), e = summary.column("entity"),
               p = summary.column("period");
  for (const auto& row : summary.rows) {
    if (text_in(row[v]) == variable && text_in(row[e]) == entity) rows[text_in(row[p])] = &row;
  }
  return rows;
}

/// The periods of the table's rows that `wanted` takes, in their order.
template <class Wanted>
std::vector<std::string> periods_of(const Table& summary, const Wanted& wanted) {
  std::vector<std::string> periods;
  const size_t period = summary.column("period");
  for (const auto& row : summary.rows) {
    const std::string& text = text_in(row[period]);
    if (wanted(text) && std::find(periods.begin(), periods.end(), text) == periods.end()) {
      periods.push_back(text);
    }
  }
  return periods;
}

/// Medians of a variable by quarter of the shown years, as a sparkline; "" where there are fewer
/// than two.
std::string quarters_line(const Table& summary, const ByPeriod& rows,
                          const std::vector<std::string>& quarters) {
  std::vector<double> medians;
  for (const std::string& quarter : quarters) {
    const auto row = rows.find(quarter);
    medians.push_back(row == rows.end() ? NAN : number_in((*row->second)[summary.column("p50")]));
  }
  const auto numbers = std::count_if(medians.begin(), medians.end(),
                                     [](double median) { return std::isfinite(median); });
  return numbers < 2 ? "" : sparkline(medians);
}

/// The headline, three lines a variable: P95, P50, P5 by period.
void add_table(const RunResult& result, const std::vector<std::string>& periods,
               const Screen& screen, std::string& out) {
  const Table& summary = result.summary;
  const auto quarters = periods_of(summary, [&](const std::string& period) {
    return !is_year(period) && is_year(periods[0]) && period.substr(0, 4) >= periods[0];
  });
  std::string head =
      fmt::format("{:{}}", screen.blocks ? "  bars: P50 by quarter" : "", name_width + label_width);
  for (const std::string& period : periods) head += fmt::format("{:>{}}", period, value_width);
  out += styled(head, "1", screen.colour) + '\n';
  for (const auto& [variable, entity] : result.headline) {
    const ByPeriod rows = rows_of(summary, variable, entity);
    if (rows.empty()) continue;
    const std::string& unit = text_in((*rows.begin()->second)[summary.column("unit")]);
    std::string names[] = {variable, fmt::format("  {}", entity), fmt::format("  [{}]", unit)};
    const char* quantiles[] = {"p95", "p50", "p05"};
    const char* labels[] = {"P95", "P50", "P5"};
    // The unit stands beside the entity where it can, and leaves its place to the quarters.
    std::string line_of_quarters;
    const std::string beside = fmt::format("{} [{}]", names[1], unit);
    if (screen.blocks && beside.size() < name_width && quarters.size() + 3 < name_width) {
      line_of_quarters = quarters_line(summary, rows, quarters);
    }
    if (!line_of_quarters.empty()) {
      names[1] = beside;
      names[2] = std::string(name_width, ' ');
    }
    for (size_t line = 0; line < 3; ++line) {
      std::string text =
          fmt::format("{:{}}{:<{}}", names[line], name_width, labels[line], label_width);
      for (const std::string& period : periods) {
        const auto place = rows.find(period);
        const double value = place == rows.end()
                                 ? NAN
                                 : number_in((*place->second)[summary.column(quantiles[line])]);
        text += fmt::format("{:>{}}",
                            unit == "share" && std::isfinite(value)
                                ? fmt::format("{:.1f}%", 100 * value)
                                : short_number(value),
                            value_width);
      }
      if (line == 2 && !line_of_quarters.empty()) {
        // Not dim: heights are read by their ink.
        out += "  " + line_of_quarters;
        text.erase(0, 2 + quarters.size());
      }
      out += styled(text, line == 1 ? "1" : "2", screen.colour) + '\n';
    }
  }
}

/// Adds a line of parts with ';' between them; a long one goes on below, under its first part.
void add_parts(std::string line, const Screen& screen, std::string& out) {
  constexpr size_t indent = 20;
  while (line.size() > screen.columns) {
    const size_t cut = line.rfind("; ", screen.columns - 1);
    if (cut == std::string::npos || cut <= indent) break;
    out += line.substr(0, cut + 1) + '\n';
    line = std::string(indent, ' ') + line.substr(cut + 1);
  }
  out += line + '\n';
}

/// What held each headline product's packages, by year: the two likeliest constraints.
void add_binding(const RunResult& result, const std::vector<std::string>& years,
                 const Screen& screen, std::string& out) {
  const Table& binding = result.binding;
  const size_t kind = binding.column("kind"), entity = binding.column("entity"),
               constraint = binding.column("constraint"), period = binding.column("period"),
               probability = binding.column("probability");
  if (result.headline_products.empty()) return;
  out += '\n' +
         styled("What binds (share of trials and months between a product's launch and end)", "1",
                screen.colour) +
         '\n';
  for (const std::string& product : result.headline_products) {
    std::string line = fmt::format("  {:18}", product);
    bool any = false;
    for (const std::string& year : years) {
      std::vector<std::pair<double, std::string>> shares;
      for (const auto& row : binding.rows) {
        if (text_in(row[kind]) == "product" && text_in(row[entity]) == product &&
            text_in(row[period]) == year) {
          shares.emplace_back(number_in(row[probability]), text_in(row[constraint]));
        }
      }
      std::sort(shares.rbegin(), shares.rend());
      if (shares.empty() || !(shares[0].first > 0)) continue;
      any = true;
      line += fmt::format(" {}: {} {:.0f}%", year, shares[0].second, 100 * shares[0].first);
      if (shares.size() > 1 && shares[1].first >= 0.1) {
        line += fmt::format(", {} {:.0f}%", shares[1].second, 100 * shares[1].first);
      }
      line += ';';
    }
    if (!any) continue;
    line.pop_back();
    add_parts(line, screen, out);
  }
}

/// What 1 % more of each resource adds to cumulative NPUs by the last year, where that was asked.
void add_relaxed(const RunResult& result, const Screen& screen, std::string& out) {
  for (const Table& table : result.further) {
    if (table.name != "relax" || table.rows.empty()) continue;
    const size_t resource = table.column("resource"), entity = table.column("entity"),
                 period = table.column("period"), gain = table.column("gain"),
                 low = table.column("gain_lo"), high = table.column("gain_hi"),
                 elasticity = table.column("elasticity");
    const std::string& year = text_in(table.rows.back()[period]);
    out += '\n' +
           styled(fmt::format("What 1 % more is worth, in NPUs by the end of {}", year), "1",
                  screen.colour) +
           '\n';
    std::vector<std::string> shown{"national"};
    for (const std::string& product : result.headline_products) {
      if (shown.size() < 3) shown.push_back(product);
    }
    for (const std::string& name : shown) {
      std::string line = fmt::format("  {:18}", name);
      for (const auto& row : table.rows) {
        if (text_in(row[entity]) != name || text_in(row[period]) != year) continue;
        const double reach = (number_in(row[high]) - number_in(row[low])) / 2;
        line += fmt::format(" {} {}{}±{} ({:.2f} %);", text_in(row[resource]),
                            number_in(row[gain]) > 0 ? "+" : "", short_number(number_in(row[gain])),
                            short_number(reach), number_in(row[elasticity]));
      }
      if (line.ends_with(';')) line.pop_back();
      add_parts(line, screen, out);
    }
  }
}

/// One line a question: text, chance, its interval, and the months in which it first holds.
void add_questions(const RunResult& result, const Screen& screen, std::string& out) {
  const Table& questions = result.questions;
  if (questions.rows.empty()) return;
  // A narrow screen has room for one month.
  const bool is_wide = screen.columns >= wide_questions;
  const size_t text_width = screen.columns - (is_wide ? 52 : 34);
  const auto line = [=](std::string_view text, std::string_view chance, std::string_view interval,
                        const std::array<std::string, 3>& first) {
    std::string made = fmt::format("  {:<{}} {:>6} {:>14}", text, text_width, chance, interval);
    for (size_t m = 0; m < first.size(); ++m) {
      if (is_wide || m == 1) made += fmt::format(" {:>{}}", first[m], is_wide ? 8 : 9);
    }
    made.erase(made.find_last_not_of(' ') + 1);
    // A long text stands on a line of its own.
    const size_t end_of_text = 2 + text.size();
    if (text.size() > text_width) {
      made = made.substr(0, end_of_text) + '\n' + std::string(2 + text_width, ' ') +
             made.substr(end_of_text);
    }
    return made + '\n';
  };
  out += '\n' + styled(line("Questions", "chance", "90 % interval",
                            {"first P5", is_wide ? "P50" : "first P50", "P95"}),
                       "1", screen.colour);
  for (const auto& row : questions.rows) {
    const auto percent = [&](const char* column) {
      return fmt::format("{:.1f}", 100 * number_in(row[questions.column(column)]));
    };
    const auto month = [&](const char* column) {
      const std::string& told = text_in(row[questions.column(column)]);
      return told.starts_with("after ") ? std::string("later") : told;
    };
    out += line(text_in(row[questions.column("text")]), percent("estimate") + "%",
                fmt::format("{} to {}", percent("lo"), percent("hi")),
                {month("first_p05"), month("first_p50"), month("first_p95")});
  }
  out += fmt::format("  A flow by a date is its sum since {}; at a date, over that period alone.\n",
                     result.provenance.first_month);
}

}  // namespace

std::string styled(const std::string& text, const char* code, bool colour) {
  return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::string short_number(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  constexpr struct {
    double from, unit;
    const char* suffix;
  } scales[] = {{999.5e6, 1e9, "bn"}, {999.5e3, 1e6, "M"}, {999.5, 1e3, "k"}};
  for (const auto& scale : scales) {
    if (size < scale.from) continue;
    const double scaled = value / scale.unit;
    const int decimals = std::abs(scaled) >= 99.95 ? 0 : std::abs(scaled) >= 9.995 ? 1 : 2;
    return fmt::format("{:.{}f}{}", scaled, decimals, scale.suffix);
  }
  if (value == std::floor(value)) return fmt::format("{:.0f}", value + 0.0);
  return fmt::format("{:.{}f}", value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.1 ? 2 : 3);
}

std::string precision_text(const RunResult& result) {
  constexpr size_t most_shown = 4;
  std::vector<const ReachedPrecision*> widest;
  for (const ReachedPrecision& each : result.precision) widest.push_back(&each);
  if (widest.empty()) return "";
  std::stable_sort(widest.begin(), widest.end(),
                   [](const auto* a, const auto* b) { return a->half_width > b->half_width; });
  const bool one_scenario = std::all_of(widest.begin(), widest.end(), [&](const auto* each) {
    return each->scenario == widest[0]->scenario;
  });
  const auto first_that = [&](bool is_absolute) {
    return std::find_if(widest.begin(), widest.end(),
                        [&](const auto* each) { return each->is_absolute == is_absolute; });
  };
  const auto relative = first_that(false), absolute = first_that(true);
  std::string text = "asked: 90 % intervals within ";
  if (relative != widest.end()) text += fmt::format("±{:.3g} %", 100 * (*relative)->asked);
  if (relative != widest.end() && absolute != widest.end()) text += ", of chances ";
  if (absolute != widest.end()) text += fmt::format("±{:.3g} points", 100 * (*absolute)->asked);
  text += '\n';
  for (size_t i = 0; i < std::min(most_shown, widest.size()); ++i) {
    const ReachedPrecision& each = *widest[i];
    const bool in_percent = each.unit.empty() || each.unit == "share";
    text += fmt::format(
        "  {:<46} {:>7} ±{:.2g} {}{}\n", one_scenario ? each.of : each.scenario + ": " + each.of,
        in_percent ? fmt::format("{:.1f}%", 100 * each.value) : short_number(each.value),
        100 * each.half_width, each.is_absolute ? "points" : "%", each.met ? "" : "  missed");
  }
  if (widest.size() > most_shown) {
    text += fmt::format("  and {} more, narrower\n", widest.size() - most_shown);
  }
  return text;
}

std::string sparkline(std::span<const double> values) {
  constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double low = 0, high = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  std::string line;
  for (const double value : values) {
    if (!std::isfinite(value)) {
      line += ' ';
      continue;
    }
    const double share = high > low ? (value - low) / (high - low) : 0;
    line += blocks[static_cast<size_t>(std::lround(7 * share))];
  }
  return line;
}

std::string terminal_summary(const RunResult& result, const Screen& screen) {
  const Provenance& from = result.provenance;
  std::string out =
      styled(from.title.empty() ? from.scenario : from.title, "1", screen.colour) + '\n';
  out += fmt::format("{}, {} to {}; {} trials, {}, {:.1f} s on {} thread{}\n", from.scenario,
                     from.first_month, from.last_month, from.trials, from.seed_text(), from.seconds,
                     from.threads, from.threads == 1 ? "" : "s");
  if (result.weighted) {
    out +=
        fmt::format("weighted by what was observed: {} of {} trials count, see observations.csv\n",
                    short_number(result.effective_trials), from.trials);
  }
  out += precision_text(result);
  out += '\n';

  std::vector<std::string> years = periods_of(result.summary, is_year);
  if (years.size() > most_periods) years.erase(years.begin(), years.end() - most_periods);
  // A run shorter than a year has quarters alone.
  if (years.empty()) {
    years = periods_of(result.summary, [](const std::string&) { return true; });
  }
  add_table(result, years, screen, out);
  add_binding(result, years, screen, out);
  add_relaxed(result, screen, out);
  add_questions(result, screen, out);
  return out;
}

}  // namespace fabcast
