#include "scenario/spec_index.h"

#include <fmt/core.h>

#include "scenario/names.h"

namespace fabcast {

SpecIndex::SpecIndex(const ScenarioSpec& spec) {
  for (const Section& section : spec.sections) {
    sections_.emplace(section.name(), &section);
    entities_[section.row->name].push_back(section.entity);
  }
}

const Section* SpecIndex::section(std::string_view kind, std::string_view entity) const {
  const auto found =
      sections_.find(entity.empty() ? std::string(kind) : fmt::format("{}.{}", kind, entity));
  return found == sections_.end() ? nullptr : found->second;
}

bool SpecIndex::has(std::string_view kind, std::string_view entity) const {
  return section(kind, entity) != nullptr;
}

const std::vector<std::string_view>& SpecIndex::entities(std::string_view kind) const {
  static const std::vector<std::string_view> none;
  const auto found = entities_.find(kind);
  return found == entities_.end() ? none : found->second;
}

const Setting* SpecIndex::setting(std::string_view full_key) const {
  const FullKey key = split_full_key(full_key);
  const Section* found = key.problem.empty() ? section(key.kind, key.entity) : nullptr;
  return found ? found->find(key.key) : nullptr;
}

std::string SpecIndex::nearest_entity(std::string_view kind, std::string_view entity) const {
  const std::string near = suggestion(entity, entities(kind));
  return near.empty() ? fmt::format("add a section [{}.{}]", kind, escaped(entity)) : near;
}

std::string SpecIndex::nearest_key(std::string_view full_key) const {
  const FullKey key = split_full_key(full_key);
  if (!key.problem.empty()) return key.remedy;
  const auto did_you_mean = [&](std::string_view entity, std::string_view name) {
    return fmt::format("did you mean '{}{}{}.{}'?", key.kind, entity.empty() ? "" : ".", entity,
                       name);
  };
  const Section* there = section(key.kind, key.entity);
  const std::string_view entity = there ? key.entity : nearest_name(key.entity, entities(key.kind));
  if (!there) there = section(key.kind, entity);
  if (there) {
    std::vector<std::string_view> names;
    for (const Setting& setting : there->settings) names.push_back(setting.key);
    const std::string_view near = nearest_name(key.key, names);
    if (!near.empty()) return did_you_mean(entity, near);
  }
  return "`fabcast check FILE` lists every input";
}

}  // namespace fabcast
