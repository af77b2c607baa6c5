#include "report/terminal.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

namespace fabcast {

namespace {

constexpr size_t most_periods = 6;    ///< columns of a table on 80 characters
constexpr size_t most_columns = 100;  ///< of any line
constexpr size_t text_width = 48;     ///< of a question

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

/// The headline, three lines a variable: P95, P50, P5 by period.
void add_table(const RunResult& result, const std::vector<std::string>& periods,
               const std::vector<std::pair<std::string, std::string>>& series, bool colour,
               std::string& out) {
  const Table& summary = result.summary;
  std::string head = fmt::format("{:36}", "");
  for (const std::string& period : periods) head += fmt::format("{:>8}", period);
  out += styled(head, "1", colour) + '\n';
  for (const auto& [variable, entity] : series) {
    const ByPeriod rows = rows_of(summary, variable, entity);
    if (rows.empty()) continue;
    const std::string& unit = text_in((*rows.begin()->second)[summary.column("unit")]);
    const std::string names[] = {variable, fmt::format("  {}", entity),
                                 fmt::format("  [{}]", unit)};
    const char* quantiles[] = {"p95", "p50", "p05"};
    const char* labels[] = {"P95", "P50", "P5"};
    for (size_t line = 0; line < 3; ++line) {
      std::string text = fmt::format("{:31}{:<5}", names[line], labels[line]);
      for (const std::string& period : periods) {
        const auto place = rows.find(period);
        const double value = place == rows.end()
                                 ? NAN
                                 : number_in((*place->second)[summary.column(quantiles[line])]);
        text += fmt::format("{:>8}", unit == "share" && std::isfinite(value)
                                         ? fmt::format("{:.1f}%", 100 * value)
                                         : short_number(value));
      }
      out += (line == 1 ? styled(text, "1", colour) : styled(text, "2", colour)) + '\n';
    }
  }
}

/// What held each headline product's packages, by year: the two likeliest constraints.
void add_binding(const RunResult& result, const std::vector<std::string>& years, bool colour,
                 std::string& out) {
  const Table& binding = result.binding;
  const size_t kind = binding.column("kind"), entity = binding.column("entity"),
               constraint = binding.column("constraint"), period = binding.column("period"),
               probability = binding.column("probability");
  if (result.headline_products.empty()) return;
  out += '\n' +
         styled("What binds (share of trials and months between a product's launch and end)", "1",
                colour) +
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
    line.back() = '\n';
    // Long lines go on below, under the first year.
    while (line.size() > most_columns + 1) {
      const size_t cut = line.rfind("; ", most_columns - 1);
      if (cut == std::string::npos || cut < 21) break;
      out += line.substr(0, cut + 1) + '\n';
      line = std::string(20, ' ') + line.substr(cut + 1);
    }
    out += line;
  }
}

/// What 1 % more of each resource adds to cumulative NPUs by the last year, where that was asked.
void add_relaxed(const RunResult& result, bool colour, std::string& out) {
  for (const Table& table : result.further) {
    if (table.name != "relax" || table.rows.empty()) continue;
    const size_t resource = table.column("resource"), entity = table.column("entity"),
                 period = table.column("period"), gain = table.column("gain"),
                 low = table.column("gain_lo"), high = table.column("gain_hi"),
                 elasticity = table.column("elasticity");
    const std::string& year = text_in(table.rows.back()[period]);
    out +=
        '\n' +
        styled(fmt::format("What 1 % more is worth, in NPUs by the end of {}", year), "1", colour) +
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
      if (line.ends_with(';')) line.back() = '\n';
      while (line.size() > most_columns + 1) {
        const size_t cut = line.rfind("; ", most_columns - 1);
        if (cut == std::string::npos || cut < 21) break;
        out += line.substr(0, cut + 1) + '\n';
        line = std::string(20, ' ') + line.substr(cut + 1);
      }
      if (line.ends_with('\n')) out += line;
    }
  }
}

/// One line a question: text, chance, its interval, and the months in which it first holds.
void add_questions(const RunResult& result, bool colour, std::string& out) {
  const Table& questions = result.questions;
  if (questions.rows.empty()) return;
  const auto line = [](std::string_view text, std::string_view chance, std::string_view interval,
                       const std::array<std::string, 3>& first) {
    std::string made = fmt::format("  {:<{}} {:>6} {:>14}", text, text_width, chance, interval);
    for (const std::string& month : first) made += fmt::format(" {:>8}", month);
    made.erase(made.find_last_not_of(' ') + 1);
    // A long text stands on a line of its own.
    const size_t end_of_text = 2 + text.size();
    if (text.size() > text_width) {
      made = made.substr(0, end_of_text) + '\n' + std::string(2 + text_width, ' ') +
             made.substr(end_of_text);
    }
    return made + '\n';
  };
  out += '\n' + styled(line("Questions", "chance", "90 % interval", {"first P5", "P50", "P95"}),
                       "1", colour);
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

std::string terminal_summary(const RunResult& result, bool colour) {
  const Provenance& from = result.provenance;
  std::string out = styled(from.title.empty() ? from.scenario : from.title, "1", colour) + '\n';
  out += fmt::format("{}, {} to {}; {} trials, seed {}, {:.1f} s on {} thread{}\n", from.scenario,
                     from.first_month, from.last_month, from.trials, from.seed, from.seconds,
                     from.threads, from.threads == 1 ? "" : "s");
  if (result.weighted) {
    out +=
        fmt::format("weighted by what was observed: {} of {} trials count, see observations.csv\n",
                    short_number(result.effective_trials), from.trials);
  }
  out += '\n';

  std::vector<std::string> years, quarters;
  const size_t period = result.summary.column("period");
  for (const auto& row : result.summary.rows) {
    const std::string& text = text_in(row[period]);
    auto& list = is_year(text) ? years : quarters;
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  }
  if (years.size() > most_periods) years.erase(years.begin(), years.end() - most_periods);
  // A run shorter than a year has quarters alone.
  if (years.empty()) years = quarters;
  add_table(result, years, result.headline, colour, out);
  add_binding(result, years, colour, out);
  add_relaxed(result, colour, out);
  add_questions(result, colour, out);
  return out;
}

}  // namespace fabcast
