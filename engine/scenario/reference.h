#pragma once
/// What the schema says, in words: the key reference, `explain`, the lists. Printed from the one
/// declaration of each key, so that it cannot be stale.

#include <span>
#include <string>
#include <string_view>

namespace fabcast {

/// The key reference of the documentation: a table for each section.
std::string key_reference_markdown();

/// One line a key: full key, unit, meaning.
std::string key_list_text();

/// The families of distributions and the other forms of a value: syntax, an example, what it means.
std::string family_list_text(bool markdown);

/// What a key means: `fab.SN2.plan`, `fab.plan` or `plan`, all where several have that name; or a
/// section, `fab`, with its keys. Throws InputError with the nearest name where there is none, or
/// of `others` that can be explained.
std::string explain_text(std::string_view name, std::span<const std::string_view> others = {});

/// A form of value, with an example that parse_value reads as a plain number.
struct ValueForm {
  std::string_view syntax, example, meaning;
};
std::span<const ValueForm> value_forms();

}  // namespace fabcast
