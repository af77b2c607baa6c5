/// resolved_text(): a scenario printed whole, as a scenario file.

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "scenario/load.h"
#include "scenario/quantity.h"
#include "scenario/read_file.h"

namespace fabcast {

namespace {

/// Values wider than this do not push the comments of a whole section to the right.
constexpr size_t widest_aligned_value = 60;

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// "cut at 0 % and 100 %", where the key's range cuts the value.
std::string cut_text(const Setting& setting) {
  if (!setting.cut_low && !setting.cut_high) return {};
  const KeyRow& row = *setting.row;
  const std::string low = setting.cut_low ? quantity_text(row.low, row.dimension) : "";
  const std::string high = setting.cut_high ? quantity_text(row.high, row.dimension) : "";
  return fmt::format("cut at {}{}{}", low, setting.cut_low && setting.cut_high ? " and " : "",
                     high);
}

struct PrintedLine {
  std::string key, value, comment;
};

class Printer {
 public:
  explicit Printer(const Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// "base.scn:14", or "default".
  std::string place(SourcePosition at) const {
    return fmt::format("{}:{}", base_name(diagnostics_.file_name(at.file)), at.line);
  }

  void section(const std::string& name, const std::vector<PrintedLine>& lines) {
    size_t key_width = 0, value_width = 0;
    for (const PrintedLine& line : lines) {
      key_width = std::max(key_width, line.key.size());
      const size_t width = characters(line.value);
      if (width <= widest_aligned_value) value_width = std::max(value_width, width);
    }
    text_ += fmt::format("\n[{}]\n", name);
    for (const auto& [key, value, comment] : lines) {
      const size_t width = characters(value);
      text_ += fmt::format("{:{}} = {}{:{}}  # {}\n", key, key_width, value, "",
                           value_width > width ? value_width - width : 0, comment);
    }
  }

  std::string text_;

 private:
  const Diagnostics& diagnostics_;
};

}  // namespace

std::string resolved_text(const ScenarioSpec& spec, const Diagnostics& diagnostics) {
  Printer printer(diagnostics);
  printer.text_ = fmt::format("# {}, as resolved from", escaped(spec.name));
  for (size_t i = 0; i < spec.files.size(); ++i) {
    printer.text_ +=
        fmt::format("{} {}", i == 0 ? "" : ",", escaped(base_name(spec.files[i].path)));
  }
  printer.text_ += "\n";
  for (const LeftOut& each : spec.left_out) {
    printer.text_ += fmt::format("# left out: {} ({}), as {} ({})\n", each.name,
                                 printer.place(each.at), each.reason, printer.place(each.by));
  }
  for (const Section& section : spec.sections) {
    std::vector<PrintedLine> lines;
    for (const Setting& setting : section.settings) {
      std::string comment = setting.is_default ? "default" : printer.place(setting.key_at);
      const std::string cut = cut_text(setting);
      if (!cut.empty()) comment += "; " + cut;
      lines.push_back({setting.key, setting.raw, std::move(comment)});
    }
    printer.section(section.name(), lines);
    for (const Setting& setting : section.settings) {
      if (const auto* effect = std::get_if<EffectSpec>(&setting.value)) {
        printer.text_ += fmt::format("# {} acts on {}\n", setting.key,
                                     fmt::join(effect_reach(spec, *effect), ", "));
      }
    }
  }
  for (const ViewGroup& group : spec.views) {
    std::vector<PrintedLine> lines;
    for (size_t i = 0; i < group.views.size(); ++i) {
      lines.push_back(
          {group.views[i], number_text(group.weights[i]), printer.place(group.places[i])});
    }
    printer.section(group.name.empty() ? "view" : "view." + group.name, lines);
  }
  if (!spec.correlations.empty()) {
    std::vector<PrintedLine> lines;
    for (const CorrelationSpec& pair : spec.correlations) {
      lines.push_back({fmt::format("{} ~ {}", pair.first, pair.second), number_text(pair.r),
                       printer.place(pair.at)});
    }
    printer.section("correlate", lines);
  }
  if (!spec.questions.empty()) {
    std::vector<PrintedLine> lines;
    for (const QuestionSpec& question : spec.questions) {
      lines.push_back({question.name, question.text, printer.place(question.at)});
    }
    printer.section("question", lines);
  }
  if (!spec.observations.empty()) {
    std::vector<PrintedLine> lines;
    for (const ObservationSpec& seen : spec.observations) {
      lines.push_back(
          {seen.name, seen.text, fmt::format("{}; of {}", printer.place(seen.at), seen.observer)});
    }
    printer.section("observe", lines);
  }
  for (const SourceSpec& source : spec.sources) {
    std::vector<PrintedLine> lines;
    for (const auto& [field, value] : source.fields) {
      lines.push_back({field, value, printer.place(source.at)});
    }
    printer.section("source." + source.id, lines);
  }
  return printer.text_;
}

}  // namespace fabcast
