#pragma once
/// Names in scenario files: entities, keys, and full keys such as `fab.SN2.plan`, which name a
/// thing everywhere (in the file, in --set, in correlations, in results).

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/schema.h"

namespace fabcast {

inline constexpr size_t most_name_bytes = 100;  ///< of a section name or a key

/// One part of an entity's name: a letter or digit, then letters, digits, '_', '+', '-'.
bool is_name(std::string_view text);
/// Letters, digits, '_', '+', '-' and '.': what section names and keys are made of.
bool is_word(std::string_view text);
/// Id of a source: a letter or digit, then letters, digits, '.', '_', '-'.
bool is_source_id(std::string_view text);

/// Sections that carry no keys of schema().
inline constexpr std::string_view special_kinds[] = {"view", "correlate", "question", "observe",
                                                     "source"};
bool is_special_kind(std::string_view kind);
/// Every kind of section that a file may open.
std::vector<std::string_view> section_kinds();

/// "[tool.FAB.CLASS]": how a section of this kind is written.
std::string section_form(const SectionRow& row);

/// A section's header or the first parts of a full key: kind, and the entity's name.
struct SectionName {
  std::string_view kind, entity;
};
SectionName split_section_name(std::string_view text);

/// "fab.SN2.plan" as section and key. Where it is not one: `problem` and `remedy` say why.
struct FullKey {
  std::string_view kind, entity, key;
  std::string problem, remedy;
};
FullKey split_full_key(std::string_view text);

/// The name that was meant, or empty where none is near or a hostile file has too many.
std::string_view nearest_known(std::string_view word, const std::vector<std::string_view>& known);

/// "did you mean 'x'?", or empty where nothing is near.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace fabcast
