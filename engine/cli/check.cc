/// fabcast check FILE: the scenario as resolved, or all its mistakes.

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/notes.h"
#include "cli/options.h"
#include "fabcast.h"
#include "scenario/load.h"
#include "scenario/notes.h"
#include "scenario/read_file.h"

namespace fabcast::cli {

namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

struct Counts {
  size_t inputs = 0, uncertain = 0, without_source = 0, defaults = 0;
};

/// Numbers that somebody wrote; what the schema supplies is counted apart.
Counts count_inputs(const ScenarioSpec& spec) {
  Counts counts;
  for (const Section& section : spec.sections) {
    for (const Setting& setting : section.settings) {
      const std::vector<const Value*> numbers = setting.numbers();
      if (numbers.empty()) continue;
      if (setting.is_default) {
        ++counts.defaults;
        continue;
      }
      ++counts.inputs;
      if (setting.sources.empty()) ++counts.without_source;
      const bool uncertain = std::any_of(numbers.begin(), numbers.end(),
                                         [](const Value* value) { return value->is_uncertain(); });
      if (uncertain) ++counts.uncertain;
    }
  }
  return counts;
}

Json place(const Diagnostics& diagnostics, SourcePosition at) {
  return Json{{"file", base_name(diagnostics.file_name(at.file))}, {"line", at.line}};
}

Json as_json(const ScenarioSpec& spec, const Diagnostics& diagnostics) {
  Json object{{"scenario", spec.name},
              {"title", spec.title},
              {"months", Json::array({spec.first.text(), spec.last.text()})}};
  for (const char* list :
       {"keys", "left_out", "views", "correlations", "questions", "sources", "notes"}) {
    object[list] = Json::array();
  }
  for (const Section& section : spec.sections) {
    for (const Setting& setting : section.settings) {
      const bool numeric = setting.row->is_numeric();
      Json key{{"key", section.name() + "." + setting.key},
               {"value", setting.raw},
               {"unit", numeric ? Json(setting.unit()) : Json(nullptr)},
               {"sources", setting.sources},
               {"file", nullptr},
               {"line", nullptr},
               {"default", setting.is_default}};
      if (!setting.is_default) key.update(place(diagnostics, setting.key_at));
      object["keys"].push_back(std::move(key));
    }
  }
  for (const LeftOut& each : spec.left_out) {
    Json entry{{"name", each.name}, {"reason", each.reason}};
    entry.update(place(diagnostics, each.by));
    object["left_out"].push_back(std::move(entry));
  }
  for (const ViewGroup& group : spec.views) {
    for (size_t i = 0; i < group.views.size(); ++i) {
      object["views"].push_back(
          {{"group", group.name}, {"view", group.views[i]}, {"weight", group.weights[i]}});
    }
  }
  for (const CorrelationSpec& pair : spec.correlations) {
    object["correlations"].push_back(
        {{"first", pair.first}, {"second", pair.second}, {"r", pair.r}});
  }
  for (const QuestionSpec& question : spec.questions) {
    object["questions"].push_back({{"name", question.name}, {"question", question.text}});
  }
  for (const SourceSpec& source : spec.sources) {
    Json fields{{"id", source.id}};
    for (const auto& [field, text] : source.fields) fields[field] = text;
    object["sources"].push_back(std::move(fields));
  }
  for (const Note& note : scenario_notes(spec)) {
    Json entry{{"note", note.text}};
    entry.update(place(diagnostics, note.at));
    object["notes"].push_back(std::move(entry));
  }
  return object;
}

}  // namespace

int check_command(const Arguments& arguments) {
  Options options("fabcast check FILE", "Prints a scenario as resolved, or all its mistakes.",
                  "fabcast check baseline --json");
  options.add().add_options()("set", po::value<std::vector<std::string>>(),
                              "KEY=VALUE over the file; may be given again")(
      "json", "one JSON object in place of the scenario")("quiet",
                                                          "no line of counts on standard error");
  options.positional("file", 1);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> files = options.list("file");
  if (files.empty()) throw InputError("no FILE given; see fabcast check --help");

  RunRequest request;
  request.scenario = {files[0], options.list("set")};
  const PreparedRun prepared(request);
  const ScenarioSpec& spec = prepared.spec();
  const Diagnostics& diagnostics = prepared.diagnostics();
  if (options.has("json")) {
    fmt::print("{}\n", as_json(spec, diagnostics).dump(2));
  } else {
    fmt::print("{}", resolved_text(spec, diagnostics));
  }
  if (!options.has("quiet")) {
    std::fflush(stdout);
    if (!options.has("json")) print_notes(spec, diagnostics);
    const Counts counts = count_inputs(spec);
    fmt::print(
        stderr,
        "{}: {} inputs, {} uncertain, {} without a source (judgement counts as a source when "
        "it cites one); {} more keys keep their defaults\n",
        escaped(spec.name), counts.inputs, counts.uncertain, counts.without_source,
        counts.defaults);
  }
  return 0;
}

}  // namespace fabcast::cli
