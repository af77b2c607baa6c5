#include "model/compile_sections.h"

#include <algorithm>

namespace fabcast {

int Vocabulary::word(const std::string& text) {
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<int>(found - words.begin());
  words.push_back(text);
  return static_cast<int>(words.size()) - 1;
}

int entity_index(const ScenarioSpec& spec, std::string_view kind, std::string_view entity) {
  const auto sections = spec.of(kind);
  for (size_t i = 0; i < sections.size(); ++i) {
    if (sections[i]->entity == entity) return static_cast<int>(i);
  }
  return -1;
}

void compile_section(const ScenarioSpec& spec, const Section& section, InputsCompiler& inputs,
                     Vocabulary& vocabulary, void* keys) {
  for (const Setting& setting : section.settings) {
    const KeyRow& row = *setting.row;
    void* member = static_cast<std::byte*>(keys) + row.offset;
    const std::string key = section.name() + "." + setting.key;
    switch (row.kind) {
      case KeyKind::path:
        static_cast<PathKey*>(member)->row = inputs.number(key, row, setting);
        break;
      case KeyKind::scalar:
        static_cast<ScalarKey*>(member)->row = inputs.number(key, row, setting);
        break;
      case KeyKind::count:
        static_cast<CountKey*>(member)->row = inputs.number(key, row, setting);
        break;
      case KeyKind::constant:
        inputs.number(key, row, setting);  // for the inputs sheet; no stage reads its row
        static_cast<ConstantKey*>(member)->value = setting.number().constant();
        break;
      case KeyKind::group: {
        inputs.number(key, row, setting);
        auto& group = *static_cast<GroupKey*>(member);
        if (group.group < 0) {
          group.group = static_cast<int>(vocabulary.groups.size());
          vocabulary.groups.emplace_back();
        }
        auto& entries = vocabulary.groups[static_cast<size_t>(group.group)];
        entries.names.push_back(setting.key.substr(row.name.size() - 1));
        entries.values.push_back(setting.number().constant());
        break;
      }
      case KeyKind::choice:
        static_cast<ChoiceKey*>(member)->index = std::get<int>(setting.value);
        break;
      case KeyKind::flag:
        static_cast<FlagKey*>(member)->on = std::get<int>(setting.value);
        break;
      case KeyKind::month:
        static_cast<MonthKey*>(member)->count = std::get<Month>(setting.value).count;
        break;
      case KeyKind::text:
        static_cast<TextKey*>(member)->id = vocabulary.word(std::get<std::string>(setting.value));
        break;
      case KeyKind::reference:
        static_cast<ReferenceKey*>(member)->index =
            entity_index(spec, row.options, std::get<std::string>(setting.value));
        break;
      case KeyKind::effects: {
        auto& effects = *static_cast<EffectsKey*>(member);
        const int event = entity_index(spec, section.row->name, section.entity);
        const int index = inputs.effect(key, setting, event);
        if (effects.first < 0) effects.first = index;
        break;
      }
      case KeyKind::list: {
        std::vector<int> list;
        for (const std::string& name : std::get<std::vector<std::string>>(setting.value)) {
          list.push_back(row.options == "bin" ? vocabulary.word(name)
                                              : entity_index(spec, row.options, name));
        }
        static_cast<ListKey*>(member)->list = static_cast<int>(vocabulary.lists.size());
        vocabulary.lists.push_back(std::move(list));
        break;
      }
    }
  }
}

}  // namespace fabcast
