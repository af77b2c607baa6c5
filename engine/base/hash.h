#pragma once
/// SHA-256 through libmd: for scenario texts in run.json and for the hash tests of per-trial
/// columns.

#include <cstddef>
#include <string>
#include <string_view>

namespace fabcast {

/// 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace fabcast
