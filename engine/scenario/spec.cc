#include "scenario/spec.h"

#include <fmt/ranges.h>

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

std::vector<const Value*> Setting::numbers() const {
  std::vector<const Value*> found;
  if (const Value* only = std::get_if<Value>(&value)) found.push_back(only);
  if (const auto* effect = std::get_if<EffectSpec>(&value)) {
    found.push_back(&effect->amount);
    for (const auto* time : {&effect->after, &effect->ramp, &effect->duration}) {
      if (*time) found.push_back(&**time);
    }
  }
  return found;
}

std::string Setting::unit() const { return fmt::format("{}", fmt::join(number().units, ", ")); }

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

int ScenarioSpec::rank(int file) const {
  const auto place = std::find_if(files.begin(), files.end(),
                                  [&](const FileRead& each) { return each.file == file; });
  return static_cast<int>(place - files.begin());
}

const LeftOut* ScenarioSpec::why_left_out(std::string_view full_key) const {
  for (const LeftOut& each : left_out) {
    const bool of_section =
        full_key.starts_with(each.name) && full_key.substr(each.name.size()).starts_with('.');
    if (of_section || full_key == each.name) return &each;
  }
  return nullptr;
}

}  // namespace fabcast
