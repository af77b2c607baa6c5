#include "report/response.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/characters.h"
#include "reduce/rank_correlation.h"
#include "report/terminal.h"

namespace fabcast {

namespace {

constexpr size_t most_outputs = 8;
constexpr size_t most_told = 12;  ///< numbers in a description

bool is_year(std::string_view period) {
  return period.size() == 4 && std::all_of(period.begin(), period.end(), is_digit);
}

std::string value_text(double value, const std::string& unit) {
  if (unit == "share" && std::isfinite(value)) return fmt::format("{:.1f} %", 100 * value);
  return short_number(value);
}

std::string with_unit(const std::string& name, const std::string& unit) {
  return unit.empty() ? name : fmt::format("{} [{}]", name, unit);
}

/// Columns before the scenario's are what is varied, but for the point's number.
bool is_key_column(const Table& table, size_t column) {
  return column < table.column("scenario") && table.columns[column].name != "point";
}

std::string unit_of_key(const Swept& swept, const std::string& name) {
  const auto found = std::find(swept.keys.begin(), swept.keys.end(), name);
  const auto k = static_cast<size_t>(found - swept.keys.begin());
  return k < swept.units.size() ? swept.units[k] : "";
}

std::string told_of_key(const SweptKey& key, const Cell& value) {
  return fmt::format("{} = {}", key.name, key_text(value));
}

/// "2M at 80 to 3M at 90" of points in the order of a key's values; "" of none.
std::string ends_of(const Response& response, const std::vector<const ResponsePoint*>& points,
                    size_t key) {
  const auto place = [&](const ResponsePoint* point) {
    const auto& values = response.keys[key].values;
    return std::find(values.begin(), values.end(), point->at[key]) - values.begin();
  };
  const auto [first, last] =
      std::minmax_element(points.begin(), points.end(),
                          [&](const auto* a, const auto* b) { return place(a) < place(b); });
  if (first == points.end()) return "";
  return fmt::format("{} at {} to {} at {}", value_text((*first)->p50, response.unit),
                     key_text((*first)->at[key]), value_text((*last)->p50, response.unit),
                     key_text((*last)->at[key]));
}

/// Whether each pair of the two keys' values is there once.
bool is_grid(const Response& response) {
  if (response.keys.size() != 2) return false;
  const size_t first = response.keys[0].values.size(), second = response.keys[1].values.size();
  if (first < 2 || second < 2 || first * second != response.points.size()) return false;
  std::set<std::vector<Cell>> pairs;
  for (const ResponsePoint& point : response.points) pairs.insert(point.at);
  return pairs.size() == response.points.size();
}

/// The key in which a point differs from the base alone; none where it is the base's equal, and -1
/// where it differs in several.
int changed_key(const ResponsePoint& base, const ResponsePoint& point) {
  constexpr int several = -1;
  auto changed = static_cast<int>(base.at.size());
  for (size_t k = 0; k < base.at.size(); ++k) {
    if (point.at[k] == base.at[k]) continue;
    if (changed < static_cast<int>(base.at.size())) return several;
    changed = static_cast<int>(k);
  }
  return changed;
}

bool is_alone(const Response& response) {
  if (response.keys.size() < 2 || response.points.size() < 2) return false;
  std::set<int> keys;
  for (const ResponsePoint& point : response.points) {
    keys.insert(changed_key(response.points[0], point));
  }
  keys.erase(static_cast<int>(response.keys.size()));
  return !keys.contains(-1) && keys.size() >= 2;
}

void find_keys(const Table& table, const Swept& swept, Response& response) {
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (!is_key_column(table, c)) continue;
    const std::string& name = table.columns[c].name;
    const std::string unit = unit_of_key(swept, name);
    response.keys.push_back({name, unit, with_unit(name, unit), true, {}});
  }
}

/// What each key takes at the points.
void find_values(Response& response) {
  for (size_t k = 0; k < response.keys.size(); ++k) {
    SweptKey& key = response.keys[k];
    key.is_number = true;
    key.values.clear();
    std::set<Cell> seen;
    for (const ResponsePoint& point : response.points) {
      key.is_number &= std::isfinite(number_in(point.at[k]));
      if (seen.insert(point.at[k]).second) key.values.push_back(point.at[k]);
    }
    if (!key.is_number) continue;
    std::sort(key.values.begin(), key.values.end(),
              [](const Cell& a, const Cell& b) { return number_in(a) < number_in(b); });
  }
}

void find_correlations(Response& response) {
  for (size_t k = 0; k < response.keys.size(); ++k) {
    auto& of_key = response.correlations.emplace_back();
    for (size_t s = 0; s < response.scenarios.size(); ++s) {
      std::vector<double> x, y;
      for (const ResponsePoint& point : response.points) {
        if (point.scenario != s) continue;
        x.push_back(number_in(point.at[k]));
        y.push_back(point.p50);
      }
      of_key.push_back(response.keys[k].is_number && x.size() > 1 ? rank_correlation(x, y)
                                                                  : std::nan(""));
    }
  }
  const auto strength = [&](size_t k) {
    double most = -1;  // of none
    for (const double each : response.correlations[k]) {
      if (std::isfinite(each)) most = std::max(most, std::abs(each));
    }
    return most;
  };
  for (size_t k = 0; k < response.keys.size(); ++k) {
    if (response.keys[k].values.size() > 1) response.shown.push_back(k);
  }
  std::stable_sort(response.shown.begin(), response.shown.end(),
                   [&](size_t a, size_t b) { return strength(a) > strength(b); });
  if (response.shown.size() > most_keys_of_scatter) response.shown.resize(most_keys_of_scatter);
}

void find_alone(Response& response) {
  const ResponsePoint& base = response.points[0];
  std::vector<AloneRow> rows;
  for (const ResponsePoint& point : response.points) {
    const int key = changed_key(base, point);
    if (key == static_cast<int>(response.keys.size())) continue;  // the base, or its equal
    const auto k = static_cast<size_t>(key);
    rows.push_back({told_of_key(response.keys[k], point.at[k]), point.p05, point.p50, point.p95});
  }
  if (rows.size() > most_rows_alone) {
    std::vector<double> moves;
    for (const AloneRow& row : rows) moves.push_back(std::abs(row.p50 - base.p50));
    std::nth_element(moves.begin(), moves.begin() + (most_rows_alone - 1), moves.end(),
                     std::greater<>());
    const double least = moves[most_rows_alone - 1];
    response.alone_left_out = rows.size() - most_rows_alone;
    std::vector<AloneRow> most;
    for (AloneRow& row : rows) {
      if (std::abs(row.p50 - base.p50) >= least && most.size() < most_rows_alone) {
        most.push_back(std::move(row));
      }
    }
    rows = std::move(most);
  }
  response.alone.push_back({"as it stands", base.p05, base.p50, base.p95});
  std::move(rows.begin(), rows.end(), std::back_inserter(response.alone));
}

std::string told_of_lines(const Response& response) {
  std::string told;
  const size_t key = 0;
  const auto add = [&](const std::string& name, const std::vector<const ResponsePoint*>& points) {
    const std::string ends = ends_of(response, points, key);
    if (ends.empty()) return;
    told += fmt::format("{}{}median from {}", told.empty() ? "" : "; ",
                        name.empty() ? "" : name + ": ", ends);
  };
  if (response.shape == ResponseShape::grid) {
    for (const Cell& value : response.keys[1].values) {
      std::vector<const ResponsePoint*> points;
      for (const ResponsePoint& point : response.points) {
        if (point.at[1] == value) points.push_back(&point);
      }
      add(told_of_key(response.keys[1], value), points);
    }
    return told;
  }
  for (size_t s = 0; s < response.scenarios.size(); ++s) {
    std::vector<const ResponsePoint*> points;
    for (const ResponsePoint& point : response.points) {
      if (point.scenario == s) points.push_back(&point);
    }
    add(response.scenarios.size() > 1 ? response.scenarios[s] : "", points);
  }
  return told;
}

std::string told_of(const Response& response) {
  const auto value = [&](double number) { return value_text(number, response.unit); };
  switch (response.shape) {
    case ResponseShape::lines:
    case ResponseShape::grid:
      return told_of_lines(response) + ".";
    case ResponseShape::map: {
      const auto [low, high] = std::minmax_element(
          response.points.begin(), response.points.end(),
          [](const ResponsePoint& a, const ResponsePoint& b) { return a.p50 < b.p50; });
      const auto at = [&](const ResponsePoint& point) {
        return fmt::format("{} and {}", told_of_key(response.keys[0], point.at[0]),
                           told_of_key(response.keys[1], point.at[1]));
      };
      return fmt::format("median from {} at {} to {} at {}; darker is more.", value(low->p50),
                         at(*low), value(high->p50), at(*high));
    }
    case ResponseShape::alone: {
      std::string told;
      for (size_t i = 0; i < std::min(most_told, response.alone.size()); ++i) {
        const AloneRow& row = response.alone[i];
        told += fmt::format("{}{}: median {}, P5 to P95 {} to {}", i == 0 ? "" : "; ", row.name,
                            value(row.p50), value(row.p05), value(row.p95));
      }
      return told + ".";
    }
    case ResponseShape::scatter: {
      const auto [low, high] = std::minmax_element(
          response.points.begin(), response.points.end(),
          [](const ResponsePoint& a, const ResponsePoint& b) { return a.p50 < b.p50; });
      std::string told = fmt::format("{} points with medians from {} to {}", response.points.size(),
                                     value(low->p50), value(high->p50));
      for (size_t i = 0; i < response.shown.size(); ++i) {
        const size_t k = response.shown[i];
        std::string numbers;
        for (size_t s = 0; s < response.scenarios.size() && s < most_told; ++s) {
          if (!std::isfinite(response.correlations[k][s])) continue;
          numbers +=
              fmt::format("{}{:.2f}", numbers.empty() ? "" : " / ", response.correlations[k][s]);
        }
        if (numbers.empty()) continue;
        told += fmt::format("; rank correlation with {} {}", response.keys[k].name, numbers);
      }
      return told + ".";
    }
  }
  return "";
}

/// Chooses the picture of points that are all there, and what it needs.
void choose(Response& response) {
  find_values(response);
  size_t several = 0;
  for (const SweptKey& key : response.keys) several += key.values.size() > 1;
  if (response.left_out > 0 && response.keys.size() > 1) {
    response.shape = ResponseShape::scatter;  // a part of a grid is none
  } else if (response.keys.size() == 1) {
    response.shape = ResponseShape::lines;
  } else if (response.scenarios.size() == 1 && is_grid(response)) {
    response.shape = response.keys[1].values.size() <= most_lines_of_response ? ResponseShape::grid
                                                                              : ResponseShape::map;
  } else if (response.scenarios.size() == 1 && several > 1 && is_alone(response)) {
    response.shape = ResponseShape::alone;
  } else {
    response.shape = ResponseShape::scatter;
  }
  if (response.shape == ResponseShape::scatter) find_correlations(response);
  if (response.shape == ResponseShape::alone) find_alone(response);
  response.told = told_of(response);
}

/// The same of one of its scenarios.
Response of_scenario(const Response& all, size_t scenario) {
  Response one = all;
  one.points.clear();
  for (const ResponsePoint& point : all.points) {
    if (point.scenario != scenario) continue;
    one.points.push_back(point);
    one.points.back().scenario = 0;
  }
  one.scenarios = {all.scenarios[scenario]};
  choose(one);
  return one;
}

}  // namespace

bool is_sweep_table(std::string_view name) {
  return name == "sweep" || name.starts_with("sweep-") || name.starts_with("sweep (");
}

std::string key_text(const Cell& cell) {
  const double number = number_in(cell);
  return std::isfinite(number) ? fmt::format("{:.6g}", number) : text_in(cell);
}

std::string sweep_table_name(std::string_view table, const Swept& swept) {
  return swept.run.empty() ? std::string(table) : fmt::format("{} ({})", table, swept.run);
}

std::vector<SweepTables> sweeps_of(const RunResult& result) {
  std::vector<SweepTables> sweeps;
  const auto add = [&](const Swept& swept, const std::string& run) {
    SweepTables tables{&swept, nullptr, nullptr, run};
    for (const Table& table : result.further) {
      if (table.name == sweep_table_name("sweep", swept)) tables.sweep = &table;
      if (table.name == sweep_table_name("sweep-wide", swept)) tables.wide = &table;
    }
    if (tables.sweep && !tables.sweep->rows.empty()) sweeps.push_back(tables);
  };
  if (result.parts.empty()) add(result.swept, "");
  for (const RunPart& part : result.parts) {
    if (part.swept.points > 0) add(part.swept, part.directory);
  }
  return sweeps;
}

std::string column_heading(const RunResult& result, const Table& table, size_t column) {
  const std::string& name = table.columns[column].name;
  if (!is_sweep_table(table.name)) return name;
  if (is_key_column(table, column)) {
    for (const SweepTables& tables : sweeps_of(result)) {
      const Swept& swept = *tables.swept;
      for (const char* each : {"sweep", "sweep-wide", "sweep-questions"}) {
        if (table.name == sweep_table_name(each, swept)) {
          return with_unit(name, unit_of_key(swept, name));
        }
      }
    }
  }
  if (!table.name.starts_with("sweep-wide")) return name;
  const std::string variable = name.substr(0, name.find(' '));
  for (const VariableMeaning& meaning : result.provenance.variables) {
    if (meaning.variable == variable) return with_unit(name, meaning.unit);
  }
  return name;
}

std::string Response::where() const {
  return names_scenario && scenarios.size() == 1 ? fmt::format("in {}, {}", period, scenarios[0])
                                                 : "in " + period;
}

std::vector<SweptOutput> swept_outputs(const RunResult& result, const SweepTables& tables) {
  const Table& sweep = *tables.sweep;
  const size_t variable = sweep.column("variable"), entity = sweep.column("entity");
  std::vector<SweptOutput> all, outputs;
  std::set<SweptOutput> seen;
  for (const auto& row : sweep.rows) {
    SweptOutput output{text_in(row[variable]), text_in(row[entity])};
    if (seen.insert(output).second) all.push_back(std::move(output));
  }
  const auto add = [&](const SweptOutput& output) {
    if (seen.erase(output) == 1) outputs.push_back(output);
  };
  for (const ComparedMeasure& measure : tables.swept->measures) {
    add({measure.variable, measure.entity});
  }
  for (const auto& output : result.headline) add(output);
  for (const SweptOutput& output : all) add(output);
  if (outputs.size() > most_outputs) outputs.resize(most_outputs);
  return outputs;
}

std::vector<Response> responses_of(const SweepTables& tables, const SweptOutput& output) {
  const Table& sweep = *tables.sweep;
  const size_t scenario = sweep.column("scenario"), variable = sweep.column("variable"),
               entity = sweep.column("entity"), unit = sweep.column("unit"),
               period = sweep.column("period"), p05 = sweep.column("p05"),
               p50 = sweep.column("p50"), p95 = sweep.column("p95");
  std::vector<const std::vector<Cell>*> rows;
  Response all;
  for (const auto& row : sweep.rows) {
    if (text_in(row[variable]) != output.first || text_in(row[entity]) != output.second) continue;
    rows.push_back(&row);
    // The last year, where there is any.
    const std::string& at = text_in(row[period]);
    if (std::pair(is_year(at), at) > std::pair(is_year(all.period), all.period)) all.period = at;
  }
  all.variable = output.first;
  all.entity = output.second;
  find_keys(sweep, *tables.swept, all);
  std::map<std::string, size_t> scenarios;
  for (const auto* row : rows) {
    const double median = number_in((*row)[p50]);
    if (text_in((*row)[period]) != all.period || !std::isfinite(median)) continue;
    if (all.points.size() == most_drawn_points) {
      ++all.left_out;
      continue;
    }
    all.unit = text_in((*row)[unit]);
    const auto [place, is_new] = scenarios.emplace(text_in((*row)[scenario]), scenarios.size());
    if (is_new) all.scenarios.push_back(place->first);
    ResponsePoint point{{}, place->second, number_in((*row)[p05]), median, number_in((*row)[p95])};
    for (size_t c = 0; c < scenario; ++c) {
      if (is_key_column(sweep, c)) point.at.push_back((*row)[c]);
    }
    all.points.push_back(std::move(point));
  }
  if (all.keys.empty() || all.points.size() < 2 || all.points.size() == all.scenarios.size()) {
    return {};
  }
  if (all.scenarios.size() > 1) {
    all.names_scenario = true;
    // Each on its own where that is a picture which one chart cannot hold for several.
    std::vector<Response> each;
    for (size_t s = 0; s < all.scenarios.size(); ++s) each.push_back(of_scenario(all, s));
    const auto stands_alone = [](const Response& one) {
      return one.shape == ResponseShape::grid || one.shape == ResponseShape::map ||
             one.shape == ResponseShape::alone;
    };
    if (all.left_out == 0 && std::all_of(each.begin(), each.end(), stands_alone)) return each;
  }
  choose(all);
  return {all};
}

}  // namespace fabcast
