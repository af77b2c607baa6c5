#pragma once
/// Finding things of a ScenarioSpec by name, quickly, while it does not change.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scenario/spec.h"

namespace fabcast {

class SpecIndex {
 public:
  explicit SpecIndex(const ScenarioSpec& spec);

  bool has(std::string_view kind, std::string_view entity) const;
  const Section* section(std::string_view kind, std::string_view entity) const;
  /// Entities of a kind, in order.
  const std::vector<std::string_view>& entities(std::string_view kind) const;
  /// "fab.SN2.plan"; nullptr where nobody gives it.
  const Setting* setting(std::string_view full_key) const;

  /// "did you mean 'ascend950'?", or how to make an entity of that name.
  std::string nearest_entity(std::string_view kind, std::string_view entity) const;
  /// "did you mean 'fab.SN2.plan'?", or where to look.
  std::string nearest_key(std::string_view full_key) const;

 private:
  std::unordered_map<std::string, const Section*> sections_;  ///< by "fab.SN2"
  std::unordered_map<std::string_view, std::vector<std::string_view>> entities_;
};

}  // namespace fabcast
