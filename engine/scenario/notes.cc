#include "scenario/notes.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_set>

namespace fabcast {

namespace {

/// Whether a number is zero in every history, or not given.
bool is_zero(const Section& section, std::string_view key) {
  const Setting* setting = section.find(key);
  return !setting || (setting->number().is_constant() && setting->number().constant() == 0);
}

bool is_npu(const Section& product) { return std::get<int>(product.find("npu")->value) == 1; }

/// Every name that stands in the lists of a key.
std::unordered_set<std::string> names_in(const ScenarioSpec& spec, std::string_view kind,
                                         std::string_view key) {
  std::unordered_set<std::string> names;
  for (const Section* section : spec.of(kind)) {
    const Setting* setting = section->find(key);
    if (!setting) continue;
    const auto& list = std::get<std::vector<std::string>>(setting->value);
    names.insert(list.begin(), list.end());
  }
  return names;
}

}  // namespace

std::vector<Note> scenario_notes(const ScenarioSpec& spec) {
  std::vector<Note> notes;
  std::unordered_set<std::string> claimed;
  for (const Section* claim : spec.of("claim")) {
    claimed.insert(claim->entity.substr(0, claim->entity.find('.')));
  }
  for (const Section* fab : spec.of("fab")) {
    if (claimed.contains(fab->entity)) continue;
    notes.push_back({fab->at, fmt::format("nothing claims {}: it starts no wafers; add "
                                          "[claim.{}.DIE]",
                                          fab->name(), fab->entity)});
  }
  const std::unordered_set<std::string> preferred = names_in(spec, "segment", "prefers");
  for (const Section* product : spec.of("product")) {
    if (!is_npu(*product)) continue;
    const bool is_limited = product->find("packaging") || product->find("memory") ||
                            preferred.contains(product->entity);
    if (product->find("die") && !is_limited) {
      notes.push_back(
          {product->at,
           fmt::format("nothing but its dies limits {}: it has neither 'packaging' nor 'memory', "
                       "and no segment 'prefers' it; what a product does not name does not limit "
                       "it",
                       product->name())});
    }
    const auto none = [&](std::string_view key) { return is_zero(*product, key); };
    if (none("fp16") && none("fp8") && none("fp4")) {
      notes.push_back(
          {product->at, fmt::format("{} counts as an NPU and adds no compute: give 'fp16', 'fp8' "
                                    "or 'fp4', or 'npu = no'",
                                    product->name())});
    }
  }
  for (const Section* event : spec.of("event")) {
    for (const char* key : {"date", "hazard", "probability"}) {
      const Setting* start = event->find(key);
      if (!start) continue;
      const Month* date = std::get_if<Month>(&start->value);
      const Month first = date ? *date : start->when ? start->when->first : spec.first;
      if (first <= spec.last) continue;
      notes.push_back(
          {start->key_at, fmt::format("{} cannot start before the last month, {}: it does nothing",
                                      event->name(), spec.last.text())});
    }
  }
  for (const Section* observer : spec.of("observer")) {
    const bool is_named =
        std::any_of(spec.observations.begin(), spec.observations.end(),
                    [&](const ObservationSpec& seen) { return seen.observer == observer->entity; });
    if (is_named) continue;
    notes.push_back({observer->at, fmt::format("no observation is of {}: write `by {}` behind it",
                                               observer->name(), observer->entity)});
  }
  return notes;
}

}  // namespace fabcast
