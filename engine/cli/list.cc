/// fabcast list: keys, variables, families, scenarios, the entities of one.

#include <fmt/core.h>

#include <array>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/parts.h"
#include "run/outputs.h"
#include "scenario/load.h"
#include "scenario/read_file.h"
#include "scenario/reference.h"

namespace fabcast::cli {

namespace {

/// The library's files with their titles.
std::string scenario_list(bool markdown) {
  const std::string folder = library_folder();
  std::string text = markdown ? "| scenario | title |\n|---|---|\n" : "";
  for (const std::string& file : scenario_files(folder)) {
    Diagnostics diagnostics;
    const ScenarioSpec spec = load_scenario({folder + "/" + file, {}}, diagnostics);
    const std::string title = diagnostics.ok() ? spec.title : "(has mistakes: see fabcast check)";
    text += markdown ? fmt::format("| `{}` | {} |\n", escaped(spec.name), title)
                     : fmt::format("{:23} {}\n", escaped(spec.name), title);
  }
  return text;
}

constexpr size_t list_columns = 100, label_columns = 15;

/// "label   a, b, c", going on below its first name where the line is full.
std::string wrapped_line(const std::string& label, const std::vector<std::string>& names) {
  std::string text, line = fmt::format("{:{}}", label + " ", label_columns);
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string word = names[i] + (i + 1 < names.size() ? "," : "");
    if (line.size() + 1 + word.size() > list_columns) {
      text += line + "\n";
      line = std::string(label_columns, ' ');
    } else if (i > 0) {
      line += ' ';
    }
    line += word;
  }
  return text + line + "\n";
}

/// An entity's name, with the word that it is grouped by: "ascend910b (ascend)".
std::string entity_name(const Section& section) {
  for (const char* group : {"family", "class"}) {
    const bool grouped = section.row->name == "product" || section.row->name == "packaging";
    const Setting* setting = grouped ? section.find(group) : nullptr;
    if (setting) {
      return fmt::format("{} ({})", section.entity, std::get<std::string>(setting->value));
    }
  }
  return section.entity;
}

/// What a scenario is made of, by kind. Claims are pairs of what stands here.
std::string entity_list(const std::string& file) {
  Diagnostics diagnostics;
  const ScenarioSpec spec = load_scenario({file, {}}, diagnostics);
  diagnostics.throw_if_any();
  std::string text;
  for (const SectionRow& kind : schema()) {
    std::vector<std::string> names;
    for (const Section* section : spec.of(kind.name)) names.push_back(entity_name(*section));
    if (kind.parts == 0 || kind.name == "claim" || names.empty()) continue;
    text += wrapped_line(std::string(kind.name), names);
  }
  for (const ViewGroup& group : spec.views) {
    text += wrapped_line(group.name.empty() ? "view" : "view." + group.name, group.views);
  }
  return text;
}

/// "hazard = 0.25 /year in 2026-07 .. 2028-12".
std::string event_start(const Section& event) {
  for (const char* key : {"date", "hazard", "probability"}) {
    const Setting* setting = event.find(key);
    if (setting) return fmt::format("{} = {}", key, setting->raw);
  }
  return {};
}

/// Events of one scenario, with the keys that each acts on.
std::string events_of(const ScenarioSpec& spec) {
  std::string text;
  for (const Section* event : spec.of("event")) {
    text += fmt::format("{}  {}\n", event->name(), event_start(*event));
    if (const Setting* title = event->find("title")) {
      text += fmt::format("  {}\n", std::get<std::string>(title->value));
    }
    for (const char* key : {"requires", "excludes"}) {
      if (const Setting* names = event->find(key))
        text += fmt::format("  {} {}\n", key, names->raw);
    }
    for (const Setting& setting : event->settings) {
      const auto* effect = std::get_if<EffectSpec>(&setting.value);
      if (!effect) continue;
      text += fmt::format("  {} = {}\n", setting.key, setting.raw);
      text += wrapped_line("    acts on", effect_reach(spec, *effect));
    }
  }
  return text;
}

/// Of a file, or of every scenario of the library that has any.
std::string event_list(const std::string& file) {
  std::vector<std::string> files{file};
  if (file.empty()) files = scenario_files(library_folder());
  std::string text;
  for (const std::string& each : files) {
    Diagnostics diagnostics;
    const std::string path = file.empty() ? library_folder() + "/" + each : each;
    const ScenarioSpec spec = load_scenario({path, {}}, diagnostics);
    if (!file.empty()) diagnostics.throw_if_any();
    const std::string events =
        diagnostics.ok() ? events_of(spec) : "  (has mistakes: see fabcast check)\n";
    if (file.empty() && !events.empty()) text += fmt::format("# {}\n", escaped(spec.name));
    text += events;
    if (!file.empty() && events.empty())
      text = fmt::format("{} has no events\n", escaped(spec.name));
  }
  return text;
}

std::string keys_list(bool markdown) {
  return markdown ? key_reference_markdown() : key_list_text();
}

struct Listing {
  std::string_view name;
  std::string (*text)(bool markdown);
};
constexpr std::array listings{Listing{"keys", keys_list}, Listing{"variables", variables_text},
                              Listing{"families", family_list_text},
                              Listing{"scenarios", scenario_list}};

/// Lists of one scenario.
struct OfAFile {
  std::string_view name;
  const char* absent;  ///< the file where none is named; "" for the whole library
  std::string (*text)(const std::string& file);
};
constexpr std::array of_a_file{OfAFile{"entities", "baseline", entity_list},
                               OfAFile{"events", "", event_list},
                               OfAFile{"parts", "baseline", parts_list}};

}  // namespace

int list_command(const Arguments& arguments) {
  Options options(
      "fabcast list keys|variables|families|scenarios | entities|events|parts [FILE]",
      "Lists what there is to set, to report and to start from; of a FILE (the baseline "
      "where none is named) its entities: lines, dies, products, views; the events of a FILE, or "
      "of the whole library, with the keys that each acts on; its accelerators side by side.",
      "fabcast list entities baseline");
  options.add().add_options()("markdown", "as a table for documents");
  options.positional("what", 2);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> what = options.list("what");
  std::vector<std::string_view> names{"entities", "events", "parts"};
  for (const OfAFile& listing : of_a_file) {
    if (what.empty() || what[0] != listing.name) continue;
    if (options.has("markdown")) throw InputError("--markdown is not for " + what[0]);
    fmt::print("{}", listing.text(what.size() > 1 ? what[1] : listing.absent));
    return 0;
  }
  if (what.size() > 1) {
    throw InputError(
        fmt::format("a FILE goes with entities, events and parts only; '{}' is one too many",
                    escaped(what[1])));
  }
  for (const Listing& listing : listings) {
    if (!what.empty() && what[0] == listing.name) {
      fmt::print("{}", listing.text(options.has("markdown")));
      return 0;
    }
    names.push_back(listing.name);
  }
  if (what.empty()) {
    throw InputError(
        "say what to list: keys, variables, families, scenarios, entities, events or parts");
  }
  const std::string_view near = nearest_name(what[0], names);
  throw InputError(
      fmt::format("there is no list of '{}'; {}", escaped(what[0]),
                  near.empty() ? "keys, variables, families, scenarios, entities, events or parts"
                               : fmt::format("did you mean '{}'?", near)));
}

}  // namespace fabcast::cli
