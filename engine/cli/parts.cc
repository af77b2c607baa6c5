#include "cli/parts.h"

#include <fmt/core.h>

#include <array>
#include <vector>

#include "base/diagnostics.h"
#include "report/terminal.h"
#include "scenario/load.h"

namespace fabcast::cli {

namespace {

struct Measure {
  const char *key, *heading;
};
constexpr std::array measures{Measure{"fp4", "FP4 TF"},     Measure{"fp8", "FP8 TF"},
                              Measure{"fp16", "FP16 TF"},   Measure{"memory_size", "GB"},
                              Measure{"bandwidth", "TB/s"}, Measure{"power", "W"}};
constexpr size_t power = measures.size() - 1;

double median_of(const Section& section, const char* key, Month month) {
  const Setting* setting = section.find(key);
  const Value* value = setting ? std::get_if<Value>(&setting->value) : nullptr;
  return value ? value->paths[0].at(month).quantile(0.5) : 0;
}

std::array<double, measures.size()> of(const Section& section, Month month) {
  std::array<double, measures.size()> values{};
  for (size_t m = 0; m < measures.size(); ++m) {
    values[m] = median_of(section, measures[m].key, month);
  }
  return values;
}

template <class TextOf>
std::string line(const std::string& name, const TextOf& text_of) {
  std::string text = fmt::format("{:20}", name);
  for (size_t m = 0; m < measures.size(); ++m) text += fmt::format("{:>9}", text_of(m));
  return text + "\n";
}

}  // namespace

std::string parts_list(const std::string& file) {
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario({file, {}}, diagnostics);
  diagnostics.throw_if_any();
  std::vector<const Section*> parts = spec.of("yardstick");
  const std::string yardstick = parts.empty() ? "" : parts[0]->entity;
  const size_t yardsticks = parts.size();
  for (const Section* product : spec.of("product")) {
    const Setting* npu = product->find("npu");
    if (npu && std::get<int>(npu->value) == 1) parts.push_back(product);
  }
  const auto heading = [](size_t m) { return std::string(measures[m].heading); };
  std::string text = line("", heading);
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto values = of(*parts[i], spec.last);
    text +=
        line(i < yardsticks ? "yardstick " + parts[i]->entity : parts[i]->entity,
             [&](size_t m) { return values[m] > 0 ? short_number(values[m]) : std::string("-"); });
  }
  if (yardsticks == 0) return text;
  const auto one = of(*parts[0], spec.last);
  text += fmt::format("\nAs multiples of {}, and per watt as multiples of its:\n", yardstick) +
          line("", heading);
  for (size_t i = yardsticks; i < parts.size(); ++i) {
    const auto values = of(*parts[i], spec.last);
    const auto ratio = [&](size_t m) {
      return values[m] > 0 && one[m] > 0 ? values[m] / one[m] : 0;
    };
    const auto shown = [](double x) { return x > 0 ? fmt::format("{:.2f}", x) : std::string("-"); };
    text += line(parts[i]->entity, [&](size_t m) { return shown(ratio(m)); });
    if (values[power] > 0) {
      text += line("  per watt", [&](size_t m) {
        return m == power ? std::string() : shown(ratio(m) / ratio(power));
      });
    }
  }
  return text;
}

}  // namespace fabcast::cli
