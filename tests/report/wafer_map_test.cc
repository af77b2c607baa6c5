#include "report/wafer_map.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using namespace fabcast;

namespace {

/// Characters, not bytes.
size_t width_of(const std::string& line) {
  size_t count = 0;
  for (char c : line) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("the map in characters is a disc, twice as wide as high, with the dies in it") {
  const WaferMap map{21.32, 31.22};
  const auto lines = lines_of(wafer_map_text(map, gross_dies_exact(map), 76));
  REQUIRE(lines.size() == 38);
  size_t widest = 0;
  for (const std::string& line : lines) widest = std::max(widest, width_of(line));
  CHECK(widest == 76);
  CHECK(width_of(lines.front()) < 50);           // narrow above
  CHECK(lines.front().starts_with("        "));  // and below, in the middle
  CHECK(lines.back().starts_with("        "));
  CHECK(lines.front().find("█") == std::string::npos);  // the edge holds no die
  CHECK(count_of(lines[19], "█") + count_of(lines[19], "▒") == 70);
  CHECK(lines[19].starts_with("···"));
}

TEST_CASE("neighbouring dies have different shades, and a wafer without dies shows none") {
  // Four dies round the centre.
  const WaferMap map{30, 40, 100, 0, 0, 0};
  const auto lines = lines_of(wafer_map_text(map, gross_dies_exact(map), 40));
  const std::string& upper = lines[5];
  const std::string& lower = lines[14];
  const bool dark_first = upper.find("█") < upper.find("▒");
  CHECK(dark_first != (lower.find("█") < lower.find("▒")));
  const WaferMap none{60, 90, 100, 0, 0, 0};
  CHECK(wafer_map_text(none, gross_dies_exact(none), 40).find("█") == std::string::npos);
}

TEST_CASE("the drawing has every die and field, inside its frame, and says what it is") {
  const WaferMap map{8, 9, 300, 3, 0.1, 5, true};
  const GrossDies dies = gross_dies_exact(map);
  const std::string svg = wafer_map_svg(map, dies);
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count_of(svg, "<rect class=\"die\"") == dies.dies.size());
  CHECK(count_of(svg, "<rect class=\"field\"") == dies.fields.size());
  CHECK(count_of(svg, "<line class=\"notch\"") == 1);
  CHECK(count_of(svg, "<circle") == 2);
  CHECK(svg.find(" dies of 8 mm x 9 mm on a 300 mm wafer</title>") != std::string::npos);
  CHECK(svg.find("viewBox=\"-156 -156 312 312\"") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
}

TEST_CASE("the drawing's y axis points down") {
  const WaferMap map{30, 40, 100, 0, 0, 0};
  GrossDies one = gross_dies_exact(map);
  one.dies = {{10, 5, 30, 40}};
  CHECK(wafer_map_svg(map, one).find("x=\"10\" y=\"-45\" width=\"30\" height=\"40\"") !=
        std::string::npos);
}
