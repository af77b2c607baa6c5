/// fabcast list: keys, variables, families, scenarios.

#include <fmt/core.h>

#include <array>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
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

}  // namespace

int list_command(const Arguments& arguments) {
  Options options("fabcast list keys|variables|families|scenarios",
                  "Lists what there is to set, to report and to start from.",
                  "fabcast list families");
  options.add().add_options()("markdown", "as a table for documents");
  options.positional("what", 1);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> what = options.list("what");
  std::vector<std::string_view> names;
  for (const Listing& listing : listings) {
    if (!what.empty() && what[0] == listing.name) {
      fmt::print("{}", listing.text(options.has("markdown")));
      return 0;
    }
    names.push_back(listing.name);
  }
  if (what.empty()) {
    throw InputError("say what to list: keys, variables, families or scenarios");
  }
  const std::string_view near = nearest_name(what[0], names);
  throw InputError(fmt::format("there is no list of '{}'; {}", escaped(what[0]),
                               near.empty() ? "keys, variables, families or scenarios"
                                            : fmt::format("did you mean '{}'?", near)));
}

}  // namespace fabcast::cli
