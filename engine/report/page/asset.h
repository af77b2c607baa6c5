#pragma once
/// The page's script and style, made by ./dev page, in the program by CMake (asset.cmake).

#include <string_view>

namespace fabcast::page {

extern const std::string_view script;
extern const std::string_view style;

}  // namespace fabcast::page
