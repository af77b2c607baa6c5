#pragma once
/// "a b, c d": lists in options and values.

#include <string_view>
#include <vector>

namespace fabcast {

/// The parts between the commas, in order, without the white space around them; they point into
/// `text`. A part where nothing stands is there, empty, for the caller to refuse. No parts of an
/// empty text.
std::vector<std::string_view> comma_list(std::string_view text);

}  // namespace fabcast
