#include "report/compare_terminal.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/run_json.h"
#include "report/terminal.h"

namespace fabcast {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t name_width = 17, cell_width = 11;

bool is_share(const ComparedMeasure& measure) { return measure.unit == "share"; }

std::string value_text(const ComparedMeasure& measure, const ComparedValue& value) {
  if (measure.variable == "milestone") return value.text;
  if (is_share(measure) && std::isfinite(value.value)) {
    return fmt::format("{:.1f}%", 100 * value.value);
  }
  return short_number(value.value);
}

/// "-80.1k" of a difference, "=" where no trial differs.
std::string difference_text(const ComparedMeasure& measure, const ComparedValue& value) {
  if (!std::isfinite(value.difference)) return "";
  const char* sign = value.difference > 0 ? "+" : "";
  if (measure.variable == "milestone") {
    return value.difference == 0 ? "=" : fmt::format("{}{:.0f} mo", sign, value.difference);
  }
  if (value.difference == 0 && value.half_interval == 0) return "=";
  if (is_share(measure)) return fmt::format("{}{:.2f} pt", sign, 100 * value.difference);
  return sign + short_number(value.difference);
}

std::string interval_text(const ComparedMeasure& measure, const ComparedValue& value) {
  if (!std::isfinite(value.difference) || measure.variable == "milestone" ||
      (value.difference == 0 && value.half_interval == 0)) {
    return "";
  }
  return is_share(measure) ? fmt::format("±{:.2f}", 100 * value.half_interval)
                           : "±" + short_number(value.half_interval);
}

/// A line of cells, right-aligned; "±" is one column and two bytes.
template <class TextOf>
std::string line_of(const std::string& name, size_t first, size_t last, const TextOf& text_of) {
  std::string line = fmt::format("{:<{}}", name, name_width);
  for (size_t m = first; m < last; ++m) {
    const std::string text = text_of(m);
    const size_t shown = text.size() - (text.starts_with("±") ? 1 : 0);
    line += std::string(shown + 1 < cell_width ? cell_width - shown : 1, ' ') + text;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

/// The table of measures [first, last).
void add_measures(const Compared& compared, size_t first, size_t last, bool colour,
                  std::string& out) {
  const auto& measures = compared.measures;
  const auto& scenarios = compared.scenarios;
  const auto add = [&](const std::string& name, const char* code, const auto& text_of) {
    const std::string line = line_of(name, first, last, text_of);
    out += *code ? styled(line, code, colour) : line;
  };
  add("", "1",
      [&](size_t m) { return measures[m].variable.substr(0, measures[m].variable.find('.')); });
  add("", "1", [&](size_t m) {
    const size_t dot = measures[m].variable.find('.');
    return dot == std::string::npos ? std::string("median") : measures[m].variable.substr(dot + 1);
  });
  add("", "1", [&](size_t m) { return measures[m].entity.substr(0, cell_width - 1); });
  add("", "1", [&](size_t m) { return measures[m].period; });
  add("", "", [&](size_t m) {
    return measures[m].unit.empty() ? std::string() : "[" + measures[m].unit + "]";
  });
  for (size_t s = 0; s < scenarios.size(); ++s) {
    const ComparedScenario& scenario = scenarios[s];
    add(scenario.name, "1", [&](size_t m) { return value_text(measures[m], scenario.values[m]); });
    if (s == 0) continue;
    add("  difference", "",
        [&](size_t m) { return difference_text(measures[m], scenario.values[m]); });
    add("  90 %", "2", [&](size_t m) { return interval_text(measures[m], scenario.values[m]); });
  }
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

std::string compare_summary(const RunResult& result, const Screen& screen) {
  const auto& [measures, scenarios] = result.compared;
  const Provenance& from = result.provenance;
  std::string out = styled(fmt::format("{} scenario{} against {}", scenarios.size() - 1,
                                       scenarios.size() == 2 ? "" : "s", scenarios[0].name),
                           "1", screen.colour) +
                    '\n';
  out += fmt::format("{} to {}; {} trials, {}, {:.1f} s on {} thread{}\n", from.first_month,
                     from.last_month, from.trials, from.seed_text(), from.seconds, from.threads,
                     from.threads == 1 ? "" : "s");
  if (result.weighted) {
    out += fmt::format("weighted by what was observed: {} of {} trials count\n",
                       short_number(result.effective_trials), from.trials);
  }
  out += precision_text(result);
  out += '\n';
  const size_t most = (screen.columns - name_width) / cell_width;
  for (size_t first = 0; first < measures.size(); first += most) {
    if (first > 0) out += '\n';
    add_measures(result.compared, first, std::min(first + most, measures.size()), screen.colour,
                 out);
  }
  out +=
      "Means over trials, of milestones the median month; differences are paired,\n"
      "trial by trial (pt: points).\n";
  return out;
}

std::string compare_json(const RunResult& result) {
  const Compared& compared = result.compared;
  Json list = Json::array();
  for (const ComparedScenario& scenario : compared.scenarios) {
    Json values = Json::array();
    for (size_t m = 0; m < compared.measures.size(); ++m) {
      const ComparedMeasure& measure = compared.measures[m];
      const ComparedValue& value = scenario.values[m];
      values.push_back(
          {{"variable", measure.variable},
           {"entity", measure.entity},
           {"unit", measure.unit},
           {"period", measure.period},
           {"mean", measure.variable == "milestone" ? Json(value.text) : number(value.value)},
           {"difference", number(value.difference)},
           {"difference_lo", number(value.difference - value.half_interval)},
           {"difference_hi", number(value.difference + value.half_interval)}});
    }
    list.push_back({{"scenario", scenario.name}, {"title", scenario.title}, {"values", values}});
  }
  const Provenance& from = result.provenance;
  Json json{{"base", compared.scenarios[0].name},
            {"seed", from.seed},
            {"sampler", from.sampler},
            {"trials", from.trials},
            {"effective_trials", number(result.effective_trials)},
            {"seconds", from.seconds},
            {"scenarios", list}};
  if (!result.precision.empty()) json["precision"] = precision_json(result);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fabcast
