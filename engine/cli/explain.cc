/// fabcast explain KEY: what a key, a section, an entity of the baseline or a variable means.

#include <fmt/core.h>

#include <algorithm>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "run/outputs.h"
#include "scenario/load.h"
#include "scenario/names.h"
#include "scenario/reference.h"

namespace fabcast::cli {

namespace {

/// "fab.SN1" of the baseline, as resolved there; empty where it has none of that name.
std::string explain_entity(const std::string& name) {
  const auto [kind, entity] = split_section_name(name);
  const SectionRow* row = find_section(kind);
  const bool is_name = row && std::count(entity.begin(), entity.end(), '.') + 1 == row->parts;
  if (!is_name || row->find(entity)) return {};
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario({"baseline", {}}, diagnostics);
  const Section* section = diagnostics.ok() ? spec.find(kind, entity) : nullptr;
  if (!section) return {};
  std::string text = fmt::format("[{}] of the baseline. {}\n", name, row->meaning);
  for (const Setting& setting : section->settings) {
    text += fmt::format("  {:19} = {}{}\n", setting.key, setting.raw,
                        setting.is_default ? "  # default" : "");
  }
  return text + fmt::format("`fabcast explain {}` tells what these keys mean.\n", kind);
}

}  // namespace

int explain_command(const Arguments& arguments) {
  Options options("fabcast explain KEY",
                  "Says what a key of a scenario means (unit, range, default, equation, who uses "
                  "it), a section, an entity of the baseline (fab.SN1: its keys), or a variable of "
                  "the results.",
                  "fabcast explain fab.plan");
  options.positional("key", -1);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> keys = options.list("key");
  if (keys.empty()) throw InputError("no KEY given; see fabcast explain --help");
  std::vector<std::string_view> variables;
  for (const OutputVariable& variable : output_variables()) variables.push_back(variable.name);
  std::string text;
  for (const std::string& key : keys) {
    if (!text.empty()) text += "\n";
    std::string found = explain_variable(key);
    if (found.empty()) found = explain_entity(key);
    text += found.empty() ? explain_text(key, variables) : found;
  }
  fmt::print("{}", text);
  return 0;
}

}  // namespace fabcast::cli
