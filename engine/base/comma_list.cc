#include "base/comma_list.h"

#include "base/characters.h"

namespace fabcast {

std::vector<std::string_view> comma_list(std::string_view text) {
  std::vector<std::string_view> parts;
  for (bool more = !text.empty(); more;) {
    const size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    std::string_view part = text.substr(0, comma);
    while (!part.empty() && is_space(part.front())) part.remove_prefix(1);
    while (!part.empty() && is_space(part.back())) part.remove_suffix(1);
    parts.push_back(part);
    if (more) text.remove_prefix(comma + 1);
  }
  return parts;
}

}  // namespace fabcast
