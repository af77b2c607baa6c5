#include "scenario/names.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/characters.h"
#include "base/diagnostics.h"

namespace fabcast {

namespace {

/// Letters compared in one search for the nearest name; more would take minutes on a hostile file.
constexpr size_t most_letters_compared = 200'000;

bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }

bool consists_of(std::string_view text, std::string_view marks) {
  return !text.empty() && text.size() <= most_name_bytes &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
         });
}

/// Cuts `text` at its next '.'; the part before is returned.
std::string_view take_part(std::string_view& text) {
  const size_t dot = text.find('.');
  const std::string_view part = text.substr(0, dot);
  text = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  return part;
}

}  // namespace

bool is_name(std::string_view text) {
  return consists_of(text, "_+-") && is_letter_or_digit(text.front());
}

bool is_word(std::string_view text) { return consists_of(text, "_+-."); }

bool is_source_id(std::string_view text) {
  return consists_of(text, "._-") && is_letter_or_digit(text.front());
}

bool is_special_kind(std::string_view kind) {
  return std::find(std::begin(special_kinds), std::end(special_kinds), kind) !=
         std::end(special_kinds);
}

std::vector<std::string_view> section_kinds() {
  std::vector<std::string_view> kinds;
  for (const SectionRow& row : schema()) kinds.push_back(row.name);
  kinds.insert(kinds.end(), std::begin(special_kinds), std::end(special_kinds));
  return kinds;
}

std::string section_form(const SectionRow& row) {
  if (row.parts == 0) return fmt::format("[{}]", row.name);
  if (row.parts == 1) return fmt::format("[{}.NAME]", row.name);
  std::string parts;
  for (std::string_view rest = row.parents; parts.empty() || !rest.empty();) {
    const size_t bar = rest.find('|');
    for (const char c : rest.substr(0, bar)) parts += static_cast<char>(c - 'a' + 'A');
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
    parts += rest.empty() ? "" : ".";
  }
  if (row.parents.ends_with('|')) parts += ".CLASS";
  return fmt::format("[{}.{}]", row.name, parts);
}

SectionName split_section_name(std::string_view text) {
  const std::string_view kind = take_part(text);
  return {kind, text};
}

FullKey split_full_key(std::string_view text) {
  FullKey result;
  std::string_view rest = text;
  result.kind = take_part(rest);
  const SectionRow* row = find_section(result.kind);
  if (!row && !is_special_kind(result.kind)) {
    result.problem = fmt::format("'{}' is not a full key: no kind of section is called '{}'",
                                 escaped(text), escaped(result.kind));
    result.remedy = suggestion(result.kind, section_kinds());
    if (result.remedy.empty()) result.remedy = "`fabcast list keys` shows what there is";
    return result;
  }
  const auto refuse = [&](std::string_view form) {
    result.problem = fmt::format("'{}' is not a full key", escaped(text));
    result.remedy = fmt::format("write {}", form);
    return result;
  };
  if (row) {
    // The entity is the first `parts` parts; what is left is the key ("bin.full" keeps its dot).
    const char* const begin = rest.data();
    for (int i = 0; i < row->parts; ++i) take_part(rest);
    if (rest.empty()) {
      std::string form = section_form(*row);
      return refuse(form.substr(1, form.size() - 2) + ".KEY");
    }
    result.entity = row->parts == 0
                        ? std::string_view{}
                        : std::string_view(begin, static_cast<size_t>(rest.data() - begin - 1));
    result.key = rest;
    return result;
  }
  if (result.kind == "correlate") return refuse("a pair: FIRST.KEY ~ SECOND.KEY = 0.7");
  if (result.kind == "observe") {  // a variable's name has a dot of its own
    result.key = rest;
    return rest.empty() ? refuse("observe.VARIABLE ENTITY PERIOD") : result;
  }
  const size_t dot = rest.rfind('.');
  result.key = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
  result.entity = dot == std::string_view::npos ? std::string_view{} : rest.substr(0, dot);
  if (result.kind == "question" && (rest.empty() || !result.entity.empty())) {
    return refuse("question.NAME");
  }
  if (result.kind == "view" && rest.empty()) return refuse("view.NAME");
  if (result.kind == "source" && (result.entity.empty() || result.key.empty())) {
    return refuse("source.ID.FIELD");
  }
  return result;
}

std::string_view nearest_known(std::string_view word, const std::vector<std::string_view>& known) {
  size_t letters = 0;
  for (const std::string_view name : known) letters += name.size() * word.size();
  return letters > most_letters_compared ? std::string_view{} : nearest_name(word, known);
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view near = nearest_known(word, known);
  return near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near);
}

}  // namespace fabcast
