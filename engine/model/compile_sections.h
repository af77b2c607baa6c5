#pragma once
/// Sections to key structs, by the schema's rows alone: no code per key.

#include <vector>

#include "model/compile_inputs.h"

namespace fabcast {

/// Words, lists and groups that key structs refer to while plans are made.
struct Vocabulary {
  std::vector<std::string> words;
  std::vector<std::vector<int>> lists;  ///< of entity indices (for "bin": of names in `words`)
  struct Group {
    std::vector<std::string> names;
    std::vector<double> values;
  };
  std::vector<Group> groups;

  int word(const std::string& text);  ///< its index, new where not seen before
};

/// Fills one key struct (`keys` points at it) from a section.
void compile_section(const ScenarioSpec& spec, const Section& section, InputsCompiler& inputs,
                     Vocabulary& vocabulary, void* keys);

/// All sections of a kind as key structs; the entities' names go to `names`.
template <class Keys>
std::vector<Keys> compile_kind(const ScenarioSpec& spec, std::string_view kind,
                               InputsCompiler& inputs, Vocabulary& vocabulary, Names& names) {
  std::vector<Keys> all;
  auto& entities = names.entities[std::string(kind)];
  for (const Section* section : spec.of(kind)) {
    Keys keys;
    compile_section(spec, *section, inputs, vocabulary, &keys);
    all.push_back(keys);
    entities.push_back(section->entity);
  }
  return all;
}

/// Index of an entity among the sections of its kind, -1 where there is none.
int entity_index(const ScenarioSpec& spec, std::string_view kind, std::string_view entity);

}  // namespace fabcast
