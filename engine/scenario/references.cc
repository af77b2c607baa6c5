#include "scenario/references.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "scenario/chain.h"
#include "scenario/names.h"

namespace fabcast {

namespace {

constexpr size_t most_bins = 128;  ///< that a pair of dies can have: one a core

class Checker {
 public:
  Checker(const ScenarioSpec& spec, const SpecIndex& index, Diagnostics& diagnostics)
      : spec_(spec), index_(index), diagnostics_(diagnostics) {
    for (const ViewGroup& group : spec.views) {
      for (const std::string& view : group.views) {
        group_of_.emplace(view, &group);
        view_names_.push_back(view);
      }
    }
    for (const SourceSpec& source : spec.sources) {
      source_names_.push_back(source.id);
      has_source_.emplace(source.id, true);
    }
  }

  void check() {
    for (const Section& section : spec_.sections) {
      check_parents(section);
      for (const Setting& setting : section.settings) {
        check_sources(setting);
        for (const Value* value : setting.numbers()) check_views(section, setting, *value);
        if (const auto* effect = std::get_if<EffectSpec>(&setting.value)) check_effect(*effect);
        if (setting.row->kind == KeyKind::reference) {
          if (const auto* name = std::get_if<std::string>(&setting.value)) {
            check_entity(setting.row->options, *name, setting.value_at);
          }
        } else if (setting.row->kind == KeyKind::list) {
          check_list(section, setting);
        }
      }
    }
    check_new_views();
    check_uses();
  }

 private:
  void check_entity(std::string_view kind, std::string_view name, SourcePosition at) {
    used_.insert(fmt::format("{}.{}", kind, name));
    if (index_.has(kind, name)) return;
    diagnostics_.error(at, fmt::format("there is no {} '{}'", kind, escaped(name)),
                       index_.nearest_entity(kind, name));
  }

  /// An effect acts on something.
  void check_effect(const EffectSpec& effect) {
    if (!effect_reach(spec_, effect).empty()) return;
    const FullKey key = split_full_key(effect.pattern);
    if (index_.section(key.kind, key.entity)) {
      diagnostics_.error(effect.pattern_at, fmt::format("'{}' has no value", effect.pattern),
                         "give it one for the event to act on");
    } else if (effect.pattern.find('*') == std::string::npos) {
      diagnostics_.error(effect.pattern_at, fmt::format("there is no input '{}'", effect.pattern),
                         index_.nearest_key(effect.pattern));
    } else {
      std::string names;
      for (const std::string_view entity : index_.entities(key.kind)) {
        if (names.size() > 60) {
          names += ", …";
          break;
        }
        names += fmt::format("{}{}", names.empty() ? "" : ", ", entity);
      }
      diagnostics_.error(effect.pattern_at, fmt::format("'{}' matches nothing", effect.pattern),
                         names.empty() ? fmt::format("the scenario has no {}", key.kind)
                                       : fmt::format("there is: {}", names));
    }
  }

  /// [claim.FAB.DIE]: the parts of its name.
  void check_parents(const Section& section) {
    std::string_view kinds = section.row->parents, parts = section.entity;
    while (!kinds.empty() && !parts.empty()) {
      const size_t bar = kinds.find('|'), dot = parts.find('.');
      const std::string_view kind = kinds.substr(0, bar);
      if (!kind.empty()) check_entity(kind, parts.substr(0, dot), section.at);
      kinds = bar == std::string_view::npos ? std::string_view{} : kinds.substr(bar + 1);
      parts = dot == std::string_view::npos ? std::string_view{} : parts.substr(dot + 1);
    }
  }

  /// A node or a die that --set makes and that nothing names is a slip: it would change nothing,
  /// and nobody would notice. (Files may hold what is not used yet.)
  void check_uses() {
    for (const Section& section : spec_.sections) {
      if (diagnostics_.file_name(section.at.file) != set_lines) continue;
      if (!is_only_named(*section.row) || used_.contains(section.name())) continue;
      std::vector<std::string_view> others;
      for (std::string_view other : index_.entities(section.row->name)) {
        if (other != section.entity) others.push_back(other);
      }
      const std::string_view near = nearest_name(section.entity, others);
      diagnostics_.error(
          section.at, fmt::format("[{}] is new, and nothing uses it", section.name()),
          near.empty() ? fmt::format("name it where it is to be used, or set a key of another {}",
                                     section.row->name)
                       : fmt::format("did you mean '{}.{}'?", section.row->name, near));
    }
  }

  /// Whether sections of this kind do nothing until another names them: they can be left out whole.
  static bool is_only_named(const SectionRow& kind) {
    for (const KeyRow& key : kind.keys) {
      if (key.is_required() || key.kind == KeyKind::effects) return false;
    }
    for (const SectionRow& section : schema()) {
      for (const KeyRow& key : section.keys) {
        const bool names = key.kind == KeyKind::reference || key.kind == KeyKind::list;
        if (names && key.options == kind.name) return true;
      }
    }
    return false;
  }

  void check_list(const Section& section, const Setting& setting) {
    const auto* names = std::get_if<std::vector<std::string>>(&setting.value);
    if (!names) return;
    if (setting.row->options == "bin") {
      check_bins(section, setting, *names);
      return;
    }
    for (const std::string& name : *names) {
      check_entity(setting.row->options, name, setting.value_at);
    }
  }

  /// Bins of the die that the same section names.
  void check_bins(const Section& section, const Setting& setting,
                  const std::vector<std::string>& names) {
    const Setting* die_key = section.find("die");
    if (!die_key) {
      diagnostics_.error(setting.value_at, fmt::format("'{}' needs a 'die'", setting.key),
                         "bins are those of the product's die");
      return;
    }
    const auto* die_name = std::get_if<std::string>(&die_key->value);
    const Section* die = die_name ? index_.section("die", *die_name) : nullptr;
    if (!die) return;  // told at `die`
    std::vector<std::string_view> bins;
    for (const Setting& each : die->settings) {
      if (each.row->kind == KeyKind::group) {
        bins.push_back(std::string_view(each.key).substr(each.row->name.size() - 1));
      }
    }
    if (bins.size() > most_bins) return;  // refused as bins that ask for too many cores
    for (const std::string& name : names) {
      if (std::find(bins.begin(), bins.end(), name) != bins.end()) continue;
      const std::string near = suggestion(name, bins);
      diagnostics_.error(
          setting.value_at, fmt::format("die '{}' has no bin '{}'", *die_name, escaped(name)),
          near.empty() ? fmt::format("add 'bin.{} = … cores' to [die.{}]", escaped(name), *die_name)
                       : near);
    }
  }

  void check_sources(const Setting& setting) {
    for (size_t i = 0; i < setting.sources.size(); ++i) {
      const std::string& id = setting.sources[i];
      if (has_source_.count(id) > 0) continue;
      const std::string near = suggestion(id, source_names_);
      diagnostics_.error(
          setting.source_places[i], fmt::format("there is no source '{}'", escaped(id)),
          near.empty() ? fmt::format("add a section [source.{}]", escaped(id)) : near);
    }
  }

  /// Views that a later file adds to a group, and that values of earlier files do not know.
  void check_new_views() {
    for (const ViewGroup& group : spec_.views) {
      for (size_t i = 0; i < group.views.size(); ++i) {
        const auto found = lacking_.find(group.views[i]);
        if (found == lacking_.end()) continue;
        std::vector<std::string_view> others(group.views.begin(), group.views.end());
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        const std::string near = suggestion(group.views[i], others);
        const std::vector<std::string>& keys = found->second;
        diagnostics_.error(
            group.places[i],
            fmt::format(
                "'{}' is a new view of {}, and {} {} no value for it ({}{})", group.views[i],
                group.name.empty() ? "[view]" : fmt::format("[view.{}]", group.name),
                keys.size() == 1 ? "one input" : fmt::format("{} inputs", keys.size()),
                keys.size() == 1 ? "has" : "have", keys.front(), keys.size() == 1 ? "" : ", …"),
            near.empty() ? "give each a value for it, or the view a group of its own" : near);
      }
    }
  }

  void check_views(const Section& section, const Setting& setting, const Value& value) {
    const ViewGroup* group = nullptr;
    bool good = true;
    for (const ViewPath& path : value.paths) {
      if (path.view.empty()) return;
      const auto found = group_of_.find(path.view);
      if (found == group_of_.end()) {
        const std::string near = suggestion(path.view, view_names_);
        diagnostics_.error(setting.value_at,
                           fmt::format("there is no view '{}'", escaped(path.view)),
                           near.empty() ? "give it a weight in [view]" : near);
        good = false;
      } else if (!group) {
        group = found->second;
      } else if (group != found->second) {
        diagnostics_.error(setting.value_at,
                           fmt::format("views '{}' and '{}' belong to different groups",
                                       value.paths.front().view, path.view),
                           "a value takes the views of one group");
        good = false;
      }
    }
    if (!good || !group) return;
    std::string missing;
    for (size_t i = 0; i < group->views.size(); ++i) {
      const std::string& view = group->views[i];
      const bool given = std::any_of(value.paths.begin(), value.paths.end(),
                                     [&](const ViewPath& path) { return path.view == view; });
      if (given) continue;
      // A file cannot have known of a view that a later one adds: the later one is at fault.
      if (spec_.rank(group->places[i].file) > spec_.rank(setting.value_at.file)) {
        lacking_[view].push_back(fmt::format("{}.{}", section.name(), setting.key));
      } else {
        missing += (missing.empty() ? "" : ", ") + view;
      }
    }
    if (missing.empty()) return;
    diagnostics_.error(
        setting.value_at,
        fmt::format("'{}' has no value for view '{}'", setting.key, escaped(missing)),
        "give one for each view of the group");
  }

  const ScenarioSpec& spec_;
  const SpecIndex& index_;
  Diagnostics& diagnostics_;
  std::unordered_map<std::string_view, const ViewGroup*> group_of_;
  std::unordered_map<std::string_view, bool> has_source_;
  std::vector<std::string_view> view_names_, source_names_;
  std::unordered_map<std::string_view, std::vector<std::string>> lacking_;  ///< inputs by new view
  std::unordered_set<std::string> used_;  ///< "node.N+2", named by another section
};

}  // namespace

void check_references(const ScenarioSpec& spec, const SpecIndex& index, Diagnostics& diagnostics) {
  Checker(spec, index, diagnostics).check();
}

}  // namespace fabcast
