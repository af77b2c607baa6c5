#include "scenario/spec.h"

#include <algorithm>

namespace fabcast {

std::string Section::name() const {
  std::string text(row->name);
  return entity.empty() ? text : text + "." + entity;
}

const Setting* Section::find(std::string_view key) const {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const Setting& setting) { return setting.key == key; });
  return found == settings.end() ? nullptr : &*found;
}

std::vector<const Section*> ScenarioSpec::of(std::string_view kind) const {
  std::vector<const Section*> result;
  for (const Section& section : sections) {
    if (section.row->name == kind) result.push_back(&section);
  }
  return result;
}

const Section* ScenarioSpec::find(std::string_view kind, std::string_view entity) const {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const Section& section) {
    return section.row->name == kind && section.entity == entity;
  });
  return found == sections.end() ? nullptr : &*found;
}

}  // namespace fabcast
