#include "report/wafer_map.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace fabcast {

namespace {

/// Which die covers a point, by column and row of the grid. A scribe lane belongs to the die at its
/// left or below.
class DieFinder {
 public:
  DieFinder(const WaferMap& map, const GrossDies& dies)
      : pitch_x_(map.die_width_mm + map.scribe_mm),
        pitch_y_(map.die_height_mm + map.scribe_mm),
        offset_x_(dies.offset_x_mm),
        offset_y_(dies.offset_y_mm) {
    for (const Rectangle& die : dies.dies) {
      present_.insert(cell(die.left_mm + die.width_mm / 2, die.bottom_mm + die.height_mm / 2));
    }
  }

  using Cell = std::pair<long, long>;
  Cell cell(double x, double y) const {
    return {std::lround(std::floor((x - offset_x_) / pitch_x_)),
            std::lround(std::floor((y - offset_y_) / pitch_y_))};
  }
  bool has(const Cell& cell) const { return present_.count(cell) > 0; }

 private:
  double pitch_x_, pitch_y_, offset_x_, offset_y_;
  std::set<Cell> present_;
};

std::string rectangle(const Rectangle& box, std::string_view kind) {
  return fmt::format(R"(<rect class="{}" x="{:.7g}" y="{:.7g}" width="{:.7g}" height="{:.7g}"/>)"
                     "\n",
                     kind, box.left_mm, -(box.bottom_mm + box.height_mm), box.width_mm,
                     box.height_mm);
}

/// `style`: an element or nothing.
std::string drawing(const WaferMap& map, const GrossDies& dies, std::string_view style) {
  const double radius = map.wafer_mm / 2;
  const double usable = std::max(0.0, radius - map.edge_exclusion_mm);
  const double margin = map.wafer_mm / 50;
  const double side = map.wafer_mm + 2 * margin;
  std::string svg = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{0:.6g} {0:.6g} {1:.6g} {1:.6g}")"
      R"( width="800" height="800">)"
      "\n<title>{2} dies of {3:.6g} mm x {4:.6g} mm on a {5:.6g} mm wafer</title>\n{8}"
      R"(<circle class="wafer" r="{6:.6g}"/>)"
      "\n"
      R"(<circle class="usable" r="{7:.6g}"/>)"
      "\n",
      -side / 2, side, dies.count, map.die_width_mm, map.die_height_mm, map.wafer_mm, radius,
      usable, style);
  if (map.notch_mm > 0) {
    const double y = radius - map.notch_mm;
    const double half = std::sqrt(std::max(0.0, radius * radius - y * y));
    svg += fmt::format(R"(<line class="notch" x1="{:.6g}" y1="{:.6g}" x2="{:.6g}" y2="{:.6g}"/>)"
                       "\n",
                       -half, y, half, y);
  }
  for (const Rectangle& die : dies.dies) svg += rectangle(die, "die");
  for (const Rectangle& field : dies.fields) svg += rectangle(field, "field");
  return svg + "</svg>\n";
}

}  // namespace

std::string wafer_map_text(const WaferMap& map, const GrossDies& dies, int columns) {
  const DieFinder finder(map, dies);
  const double radius = map.wafer_mm / 2;
  const double width = map.wafer_mm / columns;
  const int lines = (columns + 1) / 2;
  std::string text;
  for (int line = 0; line < lines; ++line) {
    const double y = radius - (line + 0.5) * map.wafer_mm / lines;
    std::string shown;
    for (int column = 0; column < columns; ++column) {
      const double x = (column + 0.5) * width - radius;
      if (x * x + y * y > radius * radius) {
        shown += ' ';
        continue;
      }
      const DieFinder::Cell cell = finder.cell(x, y);
      const bool dark = (cell.first + cell.second) % 2 == 0;
      shown += finder.has(cell) ? (dark ? "█" : "▒") : "·";
    }
    text += shown.substr(0, shown.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string wafer_map_svg(const WaferMap& map, const GrossDies& dies) {
  return drawing(map, dies,
                 "<style>\n"
                 ".wafer{fill:#e8ecf0;stroke:#334;stroke-width:.5}\n"
                 ".usable{fill:none;stroke:#889;stroke-width:.3;stroke-dasharray:2 1}\n"
                 ".notch{stroke:#b50;stroke-width:.4;stroke-dasharray:3 1}\n"
                 ".die{fill:#5b8db8;stroke:#234;stroke-width:.1}\n"
                 ".field{fill:none;stroke:#b50;stroke-width:.5}\n"
                 "</style>\n");
}

std::string wafer_map_drawing(const WaferMap& map, const GrossDies& dies) {
  return drawing(map, dies, "");
}

}  // namespace fabcast
