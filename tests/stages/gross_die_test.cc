#include "stages/gross_die.h"
#include "support/rounding.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <set>
#include <vector>

using namespace fabcast;
using doctest::Approx;

namespace {

constexpr double touching_mm = 1e-8;

/// Whether a die lies in the usable disc and above the notch, by its corners.
bool stands(const WaferMap& map, double left, double bottom) {
  const double radius = map.wafer_mm / 2 - map.edge_exclusion_mm + touching_mm;
  for (double x : {left, left + map.die_width_mm}) {
    for (double y : {bottom, bottom + map.die_height_mm}) {
      if (std::hypot(x, y) > radius) return false;
    }
  }
  return bottom >= map.notch_mm - map.wafer_mm / 2 - touching_mm;
}

/// Dies of the grid in which one has its left lower corner at (x, y), counted one by one.
int counted_at(const WaferMap& map, double x, double y) {
  const double pitch_x = map.die_width_mm + map.scribe_mm;
  const double pitch_y = map.die_height_mm + map.scribe_mm;
  const int columns = static_cast<int>(map.wafer_mm / pitch_x) + 2;
  const int rows = static_cast<int>(map.wafer_mm / pitch_y) + 2;
  int count = 0;
  for (int column = -columns; column <= columns; ++column) {
    for (int row = -rows; row <= rows; ++row) {
      count += stands(map, x + column * pitch_x, y + row * pitch_y);
    }
  }
  return count;
}

/// The best count, by another road: a best grid can be moved until corners of two dies, or one
/// corner and the notch, hold it in place, or it is symmetric. Tries all such places.
int best_of_held_grids(const WaferMap& map) {
  const double radius = map.wafer_mm / 2 - map.edge_exclusion_mm;
  const double pitch_x = map.die_width_mm + map.scribe_mm;
  const double pitch_y = map.die_height_mm + map.scribe_mm;
  const int columns = static_cast<int>(2 * radius / pitch_x) + 1;
  const int rows = static_cast<int>(2 * radius / pitch_y) + 1;
  int best = 0;
  const auto try_at = [&](double x, double y) { best = std::max(best, counted_at(map, x, y)); };
  for (double x : {-map.die_width_mm / 2, map.scribe_mm / 2}) {
    for (double y : {-map.die_height_mm / 2, map.scribe_mm / 2}) try_at(x, y);
  }
  const double notch_y = map.notch_mm - map.wafer_mm / 2;
  for (double width : {0.0, map.die_width_mm}) {
    for (double height : {0.0, map.die_height_mm}) {
      for (int column = -columns; column <= columns; ++column) {
        for (int row = 0; row <= rows; ++row) {
          for (double other_width : {0.0, map.die_width_mm}) {
            for (double other_height : {0.0, map.die_height_mm}) {
              // From one corner to the other; both on the circle.
              const double dx = column * pitch_x + other_width - width;
              const double dy = row * pitch_y + other_height - height;
              const double distance = std::hypot(dx, dy);
              if (distance == 0 || distance > 2 * radius) continue;
              const double up = std::sqrt(radius * radius - distance * distance / 4) / distance;
              for (double side : {-up, up}) {
                try_at(-dx / 2 - side * dy - width, -dy / 2 + side * dx - height);
              }
            }
          }
        }
      }
      // A row on the notch's band and a corner on the circle.
      for (int row = 0; row <= rows; ++row) {
        const double y = notch_y + row * pitch_y + height;
        if (std::abs(y) > radius) continue;
        const double x = std::sqrt(radius * radius - y * y);
        try_at(x - width, notch_y);
        try_at(-x - width, notch_y);
      }
    }
  }
  // Rows on the notch's band, symmetric from left to right.
  for (double x : {-map.die_width_mm / 2, map.scribe_mm / 2}) try_at(x, notch_y);
  return best;
}

double milliseconds_of_exact(const WaferMap& map) {
  const auto start = std::chrono::steady_clock::now();
  gross_dies_exact(map);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace

TEST_CASE("the exact count is the best of all grids that are held in place") {
  const WaferMap maps[] = {
      {21.32, 31.22, 300, 3, 0.1, 0}, {21.32, 31.22, 300, 3, 0.1, 9},
      {28.55, 28.55, 300, 3, 0.1, 0}, {25.8, 25.8, 300, 3, 0.1, 4.3},
      {33, 26, 300, 3, 0.2, 0},       {45, 45, 200, 5, 0.08, 10},
      {17, 12.5, 200, 2, 0.1, 0},     {17, 12.5, 200, 2, 0.1, 6},
      {7, 19, 150, 3, 0.3, 0},  // Narrow optima, missed by a grid of offsets.
      {6.37, 38.02, 300, 3, 0.1, 7},  {6.37, 29.58, 300, 3, 0.1, 0},
      {40, 40, 100, 0, 0, 0},
  };
  for (const WaferMap& map : maps) {
    CAPTURE(map.die_width_mm);
    CAPTURE(map.die_height_mm);
    CAPTURE(map.notch_mm);
    CHECK(gross_dies_exact(map).count == best_of_held_grids(map));
  }
}

TEST_CASE("the dies of an answer stand on one grid, in the disc, above the notch, once each") {
  for (const WaferMap& map : {WaferMap{9.2, 9.6, 300, 3, 0, 0}, WaferMap{2, 6, 300, 3, 0.08, 5},
                              WaferMap{21.32, 31.22}}) {
    const GrossDies found = gross_dies_exact(map);
    CHECK(found.count == static_cast<int>(found.dies.size()));
    CHECK(found.count == counted_at(map, found.offset_x_mm, found.offset_y_mm));
    CHECK(found.offset_x_mm >= 0);
    CHECK(found.offset_x_mm < map.die_width_mm + map.scribe_mm);
    std::vector<std::pair<long, long>> cells;
    bool all_stand = true;
    for (const Rectangle& die : found.dies) {
      all_stand = all_stand && stands(map, die.left_mm, die.bottom_mm);
      const double column = (die.left_mm - found.offset_x_mm) / (map.die_width_mm + map.scribe_mm);
      const double row = (die.bottom_mm - found.offset_y_mm) / (map.die_height_mm + map.scribe_mm);
      CHECK(column == Approx(std::round(column)).epsilon(1e-9));
      CHECK(row == Approx(std::round(row)).epsilon(1e-9));
      cells.push_back({std::lround(column), std::lround(row)});
    }
    CHECK(all_stand);
    std::sort(cells.begin(), cells.end());
    CHECK(std::unique(cells.begin(), cells.end()) == cells.end());
  }
}

TEST_CASE("a die turned by a right angle counts the same, a larger disc never fewer") {
  CHECK(gross_dies_exact({2, 6, 300, 3, 0.1, 0}).count ==
        gross_dies_exact({6, 2, 300, 3, 0.1, 0}).count);
  int before = 0;
  for (double edge : {20.0, 10.0, 5.0, 3.0, 1.0, 0.0}) {
    const int count = gross_dies_exact({10, 8, 300, edge, 0.08, 0}).count;
    CHECK(count >= before);
    before = count;
  }
}

TEST_CASE("dies that touch the circle count") {
  // Squares inscribed in the circle: one whole, or four round a corner (3, 4, 5).
  CHECK(gross_dies_exact({60, 80, 100, 0, 0, 0}).count == 1);
  CHECK(gross_dies_exact({60.001, 80, 100, 0, 0, 0}).count == 0);
  CHECK(gross_dies_exact({30, 40, 100, 0, 0, 0}).count == 4);
}

TEST_CASE("nothing usable, no dies") {
  CHECK(gross_dies_exact({5, 5, 100, 50, 0.1, 0}).count == 0);
  CHECK(gross_dies_street_centred({5, 5, 100, 60, 0.1, 0}).count == 0);
  CHECK(gross_dies_exact({150, 75, 100, 2, 0.1, 0}).count == 0);
}

TEST_CASE("a grid centred on a street is never better than the best") {
  for (double size : {3.0, 5.0, 7.7, 15.0, 25.8}) {
    const WaferMap map{size, size};
    CHECK(gross_dies_street_centred(map).count <= gross_dies_exact(map).count);
  }
}

TEST_CASE("reticle fields hold every die once and no field is larger than the scanner's") {
  const WaferMap map{8, 9, 300, 3, 0.1, 0, true};
  const GrossDies found = gross_dies_exact(map);
  WaferMap free = map;
  free.reticle_aligned = false;
  CHECK(found.count == gross_dies_exact(free).count);
  CHECK(gross_dies_exact(free).fields.empty());
  REQUIRE(!found.fields.empty());
  // 3 x 3 dies of 8 x 9 mm: at least count / 9 fields, and some are cut by the edge.
  CHECK(found.fields.size() > static_cast<size_t>(found.count) / 9);
  for (const Rectangle& field : found.fields)
    CHECK(fits_reticle_field(field.width_mm, field.height_mm));
  for (const Rectangle& die : found.dies) {
    int holders = 0;
    for (const Rectangle& field : found.fields) {
      holders += die.left_mm >= field.left_mm - 1e-6 && die.bottom_mm >= field.bottom_mm - 1e-6 &&
                 die.left_mm + die.width_mm <= field.left_mm + field.width_mm + 1e-6 &&
                 die.bottom_mm + die.height_mm <= field.bottom_mm + field.height_mm + 1e-6;
    }
    CHECK(holders == 1);
  }
  // 3 x 3 dies a field: no other phase of the fields needs fewer exposures.
  for (int up = 0; up < 3; ++up) {
    for (int across = 0; across < 3; ++across) {
      std::set<std::pair<long, long>> exposed;
      for (const Rectangle& die : found.dies) {
        const double column = std::round((die.left_mm - found.offset_x_mm) / 8.1);
        const double row = std::round((die.bottom_mm - found.offset_y_mm) / 9.1);
        exposed.insert({std::lround(std::floor((column - across) / 3)),
                        std::lround(std::floor((row - up) / 3))});
      }
      CHECK(found.fields.size() <= exposed.size());
    }
  }
  // One die a field: as many exposures as dies.
  const GrossDies large = gross_dies_exact({21.32, 31.22, 300, 3, 0.1, 0, true});
  CHECK(large.fields.size() == large.dies.size());
}

TEST_CASE("the reticle field takes a die in either orientation, to the edge") {
  CHECK(fits_reticle_field(26, 33));
  CHECK(fits_reticle_field(33, 26));
  CHECK_FALSE(fits_reticle_field(26.01, 33));
  CHECK_FALSE(fits_reticle_field(28.55, 28.55));
}

TEST_CASE("the closed form: de Vries' equation, never negative, near the exact count") {
  const double area = 5 * 5, radius = 147;
  CHECK(gross_dies_closed_form(area, radius) ==
        Approx(std::numbers::pi * radius * radius / area -
               2 * std::numbers::pi * radius / std::sqrt(2 * area))
            .epsilon(1e-14));
  CHECK(gross_dies_closed_form(858.0, 10.0) == 0);
  CHECK(gross_dies_closed_form(area, radius) ==
        Approx(gross_dies_exact({5, 5, 300, 3, 0, 0}).count).epsilon(0.02));

  const Real areas[] = {50, 665, 858};
  Real dies[3];
  gross_dies_from_area(3, areas, 147, Real(0.2), dies);
  for (int t = 0; t < 3; ++t) {
    const double side = std::sqrt(static_cast<double>(areas[t])) + 0.2;
    CHECK(dies[t] ==
          Approx(gross_dies_closed_form(side * side, 147.0)).epsilon(testing::lane_rounding));
  }
}

TEST_CASE("the exact count of small dies comes at once") {
  double fastest = 1e9;
  for (int i = 0; i < 3; ++i) {
    fastest = std::min(fastest, milliseconds_of_exact({2, 6, 300, 3, 0.08, 5}));
  }
  CHECK(fastest < 500);  // tens of times what it takes: a search gone wrong, not a slow machine
}
