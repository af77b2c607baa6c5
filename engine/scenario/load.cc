#include "scenario/load.h"

#include <algorithm>

#include "scenario/chain.h"
#include "scenario/declarations.h"
#include "scenario/names.h"
#include "scenario/observations.h"
#include "scenario/read_file.h"
#include "scenario/references.h"
#include "scenario/settings.h"
#include "scenario/validate.h"

namespace fabcast {

namespace {

/// "servicing-ban" of "scenarios/servicing-ban.scn".
std::string scenario_name(const std::string& path) {
  std::string name = base_name(path);
  if (name.ends_with(".scn")) name.resize(name.size() - 4);
  return name;
}

void read_sections(const MergedSections& merged, ScenarioSpec& spec, Diagnostics& diagnostics) {
  for (const SectionRow& row : schema()) {
    bool found = false;
    for (const DocumentSection& section : merged.sections) {
      if (section.kind != row.name) continue;
      spec.sections.push_back(read_section(section, diagnostics));
      found = true;
    }
    if (found || row.parts > 0) continue;
    // [scenario] is there even where nobody wrote it, for its defaults and for what it lacks.
    DocumentSection absent;
    absent.kind = std::string(row.name);
    absent.at = {spec.files.front().file, 0, 0};
    spec.sections.push_back(read_section(absent, diagnostics));
  }
}

void read_head(ScenarioSpec& spec, Diagnostics& diagnostics) {
  const Section& scenario = *spec.find("scenario", "");
  const auto text = [&](std::string_view key) -> const std::string* {
    const Setting* setting = scenario.find(key);
    return setting ? std::get_if<std::string>(&setting->value) : nullptr;
  };
  if (const std::string* title = text("title")) spec.title = *title;
  const std::string* months = text("months");
  if (!months) return;
  if (const auto span = read_months(*months, scenario.find("months")->value_at, diagnostics)) {
    spec.first = span->first;
    spec.last = span->last;
  }
}

ScenarioSpec build(MergedSections merged, Diagnostics& diagnostics) {
  ScenarioSpec spec;
  spec.files = std::move(merged.files);
  spec.left_out = std::move(merged.left_out);
  read_sections(merged, spec, diagnostics);
  if (merged.complete) {
    check_required(spec, diagnostics);
    leave_out_foreign_claims(spec);
  }
  read_head(spec, diagnostics);
  spec.views = read_views(merged, spec, diagnostics);
  spec.sources = read_sources(merged, diagnostics);
  spec.correlations = read_correlations(merged, spec, diagnostics);
  spec.questions = read_questions(merged, spec, diagnostics);
  spec.observations = read_observations(merged, spec, diagnostics);
  // Where a file or section could not be read, what refers to it would seem wrong.
  if (!merged.complete) return spec;
  const SpecIndex index(spec);
  check_references(spec, index, diagnostics);
  check_rules(spec, index, diagnostics);
  return spec;
}

/// Notes whether the title is that of a file which this one extends: another world than its own.
void name_scenario(std::string name, ScenarioSpec& spec) {
  spec.name = std::move(name);
  const Section* scenario = spec.find("scenario", "");
  const Setting* title = scenario ? scenario->find("title") : nullptr;
  if (!title || title->is_default || spec.files.empty()) return;
  const int own =
      static_cast<int>(spec.files.size()) - (spec.files.back().path == set_lines ? 2 : 1);
  spec.title_is_inherited = spec.rank(title->key_at.file) < own;
}

}  // namespace

ScenarioSpec load_scenario(const ScenarioRequest& request, Diagnostics& diagnostics) {
  ChainFiles chain = read_chain(request.path, diagnostics);
  ScenarioSpec spec = build(merge_chain(std::move(chain), request.sets, diagnostics), diagnostics);
  name_scenario(scenario_name(request.path), spec);
  return spec;
}

struct ScenarioFiles::Parts {
  std::string path;
  Diagnostics diagnostics;  ///< which knows the files, and their mistakes so far
  ChainFiles chain;
};

ScenarioFiles::ScenarioFiles(const std::string& path) {
  auto parts = std::make_unique<Parts>();
  parts->path = path;
  parts->chain = read_chain(path, parts->diagnostics);
  parts_ = std::move(parts);
}
ScenarioFiles::ScenarioFiles(const std::string& path,
                             const std::vector<std::pair<std::string, std::string>>& stored) {
  auto parts = std::make_unique<Parts>();
  parts->path = path;
  parts->chain = read_stored_chain(stored, parts->diagnostics);
  parts_ = std::move(parts);
}
ScenarioFiles::~ScenarioFiles() = default;
ScenarioFiles::ScenarioFiles(ScenarioFiles&&) noexcept = default;

ScenarioSpec ScenarioFiles::load(const std::vector<std::string>& sets,
                                 Diagnostics& diagnostics) const {
  diagnostics = parts_->diagnostics;
  ScenarioSpec spec = build(merge_chain(parts_->chain, sets, diagnostics), diagnostics);
  name_scenario(scenario_name(parts_->path), spec);
  return spec;
}

ScenarioSpec load_scenario_text(const std::string& name, const std::string& text,
                                const std::vector<std::string>& sets, Diagnostics& diagnostics) {
  ScenarioSpec spec = build(
      merge_chain(read_chain_of_text(name, text, diagnostics), sets, diagnostics), diagnostics);
  name_scenario(scenario_name(name), spec);
  return spec;
}

}  // namespace fabcast
