#include "stages/gross_die.h"

#include <algorithm>
#include <array>
#include <limits>

namespace fabcast {

namespace {

/// Cells that miss the circle by less than this touch it: widths and radii are decimals, and the
/// corner (30, 40) of a die lies on a radius of 50 whatever rounding says.
constexpr double touching_mm = 1e-9;

/// Offsets tried before the search, so that it starts with a good count to beat.
constexpr int first_offsets = 32;

struct Grid {
  double width, height;     ///< of a die
  double pitch_x, pitch_y;  ///< from one die to the next
  double radius;            ///< of the usable disc
  double lowest_y;          ///< top of the notch's band
};

Grid grid_of(const WaferMap& map) {
  return {map.die_width_mm,
          map.die_height_mm,
          map.die_width_mm + map.scribe_mm,
          map.die_height_mm + map.scribe_mm,
          map.wafer_mm / 2 - map.edge_exclusion_mm,
          map.notch_mm - map.wafer_mm / 2};
}

/// Rows of dies whose bottoms are `offset + row * pitch_y`: every one that may touch the disc.
int first_row(const Grid& grid, double offset) {
  return static_cast<int>(std::floor((-grid.radius - offset) / grid.pitch_y)) - 1;
}
int last_row(const Grid& grid, double offset) {
  return static_cast<int>(std::floor((grid.radius - offset) / grid.pitch_y)) + 1;
}

/// Half the chord that a row of dies has, for the vertical offset in [low, high] that serves the
/// row best; negative where not one die fits.
double half_chord(const Grid& grid, int row, double low, double high) {
  const double bottom_low = low + row * grid.pitch_y;
  const double bottom_high = high + row * grid.pitch_y;
  if (bottom_high < grid.lowest_y - touching_mm) return -1;
  const double half = grid.height / 2;
  const double nearest = std::max({0.0, bottom_low + half, -(bottom_high + half)});
  const double reach = nearest + half;  // of the corner farther from the centre line
  // A touching row may reach over the radius by rounding.
  const double square = (grid.radius + touching_mm - reach) * (grid.radius + touching_mm + reach);
  if (square < 0) return -1;
  const double chord = std::sqrt(square);
  return 2 * chord - grid.width < -touching_mm ? -1 : chord;
}

struct BestPhase {
  int count = 0;
  /// From the horizontal offset at which a die is centred on the wafer; in [0, pitch_x / 2].
  double phase = 0;
};

/// The most dies over all horizontal offsets, each row taking its best vertical offset in
/// [low, high]; exact where low == high, else an upper bound.
///
/// Left edges of a row's dies lie in an interval of length chord - width = q pitch + f about the
/// same point for every row. It holds q + 1 of them where the phase is within f/2 of 0 (q even: a
/// die may be centred) or within f/2 of pitch/2 (q odd), else q.
class PhaseSearch {
 public:
  explicit PhaseSearch(const Grid& grid) : grid_(grid) {}

  BestPhase best(double low, double high) {
    centred_.clear();
    straddling_.clear();
    int sure = 0;
    for (int row = first_row(grid_, low); row <= last_row(grid_, low); ++row) {
      const double half = half_chord(grid_, row, low, high);
      if (half < 0) continue;
      const double length = std::max(0.0, 2 * half - grid_.width + touching_mm);
      const double pitches = std::floor(length / grid_.pitch_x);
      const double slack = (length - pitches * grid_.pitch_x) / 2;
      const int whole = static_cast<int>(pitches);
      sure += whole;
      if (whole % 2 == 0) {
        centred_.push_back(slack);
      } else {
        straddling_.push_back(grid_.pitch_x / 2 - slack);
      }
    }
    // Most of: centred rows whose slack reaches the phase, straddling ones from which it is near.
    std::sort(centred_.begin(), centred_.end());
    std::sort(straddling_.begin(), straddling_.end());
    BestPhase best{sure + static_cast<int>(straddling_.size()), grid_.pitch_x / 2};
    size_t near = 0;
    for (size_t i = 0; i < centred_.size(); ++i) {
      while (near < straddling_.size() && straddling_[near] <= centred_[i]) ++near;
      const int count = sure + static_cast<int>(centred_.size() - i + near);
      if (count > best.count) best = {count, centred_[i]};
    }
    return best;
  }

 private:
  const Grid& grid_;
  std::vector<double> centred_, straddling_;
};

double wrapped(double offset, double pitch) {
  const double rest = offset - pitch * std::floor(offset / pitch);
  return rest < pitch ? rest : 0.0;
}

/// The dies of the grid in which one die has its left lower corner at the offsets.
GrossDies place(const Grid& grid, double offset_x, double offset_y) {
  GrossDies result;
  result.offset_x_mm = wrapped(offset_x, grid.pitch_x);
  result.offset_y_mm = wrapped(offset_y, grid.pitch_y);
  for (int row = first_row(grid, result.offset_y_mm); row <= last_row(grid, result.offset_y_mm);
       ++row) {
    const double half = half_chord(grid, row, result.offset_y_mm, result.offset_y_mm);
    if (half < 0) continue;
    const double leftmost = -half - 2 * touching_mm - result.offset_x_mm;
    const double rightmost = half + 2 * touching_mm - grid.width - result.offset_x_mm;
    const int last = static_cast<int>(std::floor(rightmost / grid.pitch_x));
    for (int column = static_cast<int>(std::ceil(leftmost / grid.pitch_x)); column <= last;
         ++column) {
      result.dies.push_back({result.offset_x_mm + column * grid.pitch_x,
                             result.offset_y_mm + row * grid.pitch_y, grid.width, grid.height});
    }
  }
  result.count = static_cast<int>(result.dies.size());
  return result;
}

/// Dies of a reticle field, across and up, in the orientation of the field that holds more.
struct FieldSize {
  int across = 0, up = 0;
};

FieldSize field_size(const WaferMap& map) {
  const auto fit = [&](double field, double die) {
    return static_cast<int>(
        std::floor((field + map.scribe_mm) / (die + map.scribe_mm) + touching_mm));
  };
  const FieldSize upright{fit(field_short_mm, map.die_width_mm),
                          fit(field_long_mm, map.die_height_mm)};
  const FieldSize lying{fit(field_long_mm, map.die_width_mm),
                        fit(field_short_mm, map.die_height_mm)};
  return upright.across * upright.up >= lying.across * lying.up ? upright : lying;
}

/// Groups the placed dies into fields; of all phases the one with the fewest exposures.
void expose_fields(const WaferMap& map, const Grid& grid, GrossDies& placed) {
  const FieldSize size = field_size(map);
  if (size.across * size.up == 0 || placed.dies.empty()) return;
  using Cell = std::array<int, 2>;
  std::vector<Cell> cells;  // column and row of each die
  for (const Rectangle& die : placed.dies) {
    cells.push_back(
        {static_cast<int>(std::lround((die.left_mm - placed.offset_x_mm) / grid.pitch_x)),
         static_cast<int>(std::lround((die.bottom_mm - placed.offset_y_mm) / grid.pitch_y))});
  }
  const auto field_number = [](int cell, int phase, int cells_of_field) {
    return static_cast<int>(std::floor((cell - phase) / static_cast<double>(cells_of_field)));
  };
  std::vector<Cell> fields, fewest;
  Cell phase_of_fewest{};
  for (int up = 0; up < size.up; ++up) {
    for (int across = 0; across < size.across; ++across) {
      fields.clear();
      for (const Cell& cell : cells) {
        fields.push_back(
            {field_number(cell[0], across, size.across), field_number(cell[1], up, size.up)});
      }
      std::sort(fields.begin(), fields.end());
      fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
      if (fewest.empty() || fields.size() < fewest.size()) {
        fewest = fields;
        phase_of_fewest = {across, up};
      }
    }
  }
  for (const Cell& field : fewest) {
    placed.fields.push_back(
        {placed.offset_x_mm + (field[0] * size.across + phase_of_fewest[0]) * grid.pitch_x,
         placed.offset_y_mm + (field[1] * size.up + phase_of_fewest[1]) * grid.pitch_y,
         size.across * grid.pitch_x - map.scribe_mm, size.up * grid.pitch_y - map.scribe_mm});
  }
}

}  // namespace

GrossDies gross_dies_exact(const WaferMap& map) {
  const Grid grid = grid_of(map);
  if (grid.radius <= 0) return {};
  PhaseSearch search(grid);
  BestPhase best;
  double best_offset = 0;
  const auto try_offset = [&](double offset) {
    const BestPhase here = search.best(offset, offset);
    if (here.count <= best.count) return;
    best = here;
    best_offset = offset;
  };
  for (int i = 0; i < first_offsets; ++i) try_offset(grid.pitch_y * i / first_offsets);

  // Branch and bound: an interval that cannot beat the best count is dropped, others are halved
  // until no chord changes by more than a touch inside them.
  struct Interval {
    double low, high;
  };
  const double smallest = touching_mm * std::min(1.0, grid.pitch_x / (4 * grid.radius));
  std::vector<Interval> open;
  for (int i = first_offsets; i-- > 0;) {
    open.push_back({grid.pitch_y * i / first_offsets, grid.pitch_y * (i + 1) / first_offsets});
  }
  while (!open.empty()) {
    const Interval interval = open.back();
    open.pop_back();
    if (search.best(interval.low, interval.high).count <= best.count) continue;
    const double middle = (interval.low + interval.high) / 2;
    try_offset(middle);
    if (interval.high - interval.low < smallest) continue;
    open.push_back({middle, interval.high});
    open.push_back({interval.low, middle});
  }
  GrossDies result = place(grid, best.phase - grid.width / 2, best_offset);
  if (map.reticle_aligned) expose_fields(map, grid, result);
  return result;
}

GrossDies gross_dies_street_centred(const WaferMap& map) {
  const Grid grid = grid_of(map);
  if (grid.radius <= 0) return {};
  GrossDies result = place(grid, map.scribe_mm / 2, map.scribe_mm / 2);
  if (map.reticle_aligned) expose_fields(map, grid, result);
  return result;
}

FABCAST_KERNEL
void gross_dies_from_sides(int lanes, In width_mm, In height_mm, Real radius_mm, Real scribe_mm,
                           Out dies) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real cell_mm2 = (width_mm[t] + scribe_mm) * (height_mm[t] + scribe_mm);
    dies[t] = gross_dies_closed_form(cell_mm2, radius_mm);
  }
}

FABCAST_KERNEL
void gross_dies_from_area(int lanes, In area_mm2, Real radius_mm, Real scribe_mm, Out dies) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    dies[t] = gross_dies_closed_form(square_cell_mm2(area_mm2[t], scribe_mm), radius_mm);
  }
}

}  // namespace fabcast
