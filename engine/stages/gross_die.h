#pragma once
/// Gross dies per wafer (model.md, section 6): exactly, by search over all offsets of the grid, and
/// by de Vries' closed form, which is smooth in the area and so serves uncertain die sizes.

#include <cmath>
#include <vector>

#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {

/// The exposure field of a lithography scanner at the wafer; no die can be larger.
inline constexpr double field_short_mm = 26.0;
inline constexpr double field_long_mm = 33.0;

/// Whether a die fits the reticle field in one orientation or the other.
constexpr bool fits_reticle_field(double width_mm, double height_mm) {
  return (width_mm <= field_short_mm && height_mm <= field_long_mm) ||
         (width_mm <= field_long_mm && height_mm <= field_short_mm);
}

/// What stands on a wafer. Dies stand on a regular grid of pitch (width + scribe) x (height +
/// scribe); one counts where it lies wholly in the disc of radius wafer/2 - edge exclusion and
/// above the notch's band. Touching counts. The scribe lane on the outer side of the outermost dies
/// may lie in the edge exclusion: only so is the published count of 5186 reached (2 x 6 mm, scribe
/// 0.08 mm, 300 mm, edge 3 mm, notch 5 mm).
struct WaferMap {
  double die_width_mm;   ///< > 0
  double die_height_mm;  ///< > 0
  double wafer_mm = 300;
  double edge_exclusion_mm = 3;
  double scribe_mm = 0.1;
  /// Depth of a band across the bottom of the wafer, from the wafer's edge, kept free of dies.
  double notch_mm = 0;
  /// Step whole reticle fields; those that the edge cuts keep their whole dies.
  bool reticle_aligned = false;
};

/// Axis-parallel, the wafer's centre at (0, 0), y upwards.
struct Rectangle {
  double left_mm, bottom_mm, width_mm, height_mm;
};

struct GrossDies {
  int count = 0;
  /// Left lower corner of a die, taken into [0, width + scribe) x [0, height + scribe).
  double offset_x_mm = 0, offset_y_mm = 0;
  std::vector<Rectangle> dies;    ///< `count` of them, by rows from below
  std::vector<Rectangle> fields;  ///< exposed fields, where reticle_aligned; else empty
};

/// The largest count over all offsets of the grid, to 1e-9 mm: branch and bound over the vertical
/// offset, for each of which the best horizontal one is found exactly. Milliseconds for a die of
/// 2 x 6 mm on 300 mm.
///
/// Alignment to reticle fields changes no count: fields hold whole dies at the grid's pitch, so
/// stepped fields are the same grid of dies, free to take the same offsets. It says which fields
/// are exposed; of their phases it takes the one with the fewest exposures.
GrossDies gross_dies_exact(const WaferMap& map);

/// The same with a crossing of two scribe lanes at the wafer's centre: the convention of simple
/// calculators. Never more than gross_dies_exact.
GrossDies gross_dies_street_centred(const WaferMap& map);

/// N = pi R^2/A - 2 pi R/sqrt(2 A), at least 0; `cell_mm2` of die and its scribe, `radius_mm`
/// usable. de Vries (2005), doi:10.1109/TSM.2004.836656.
template <class T>
FABCAST_INLINE T gross_dies_closed_form(T cell_mm2, T radius_mm) {
  constexpr T pi = T(3.14159265358979323846);
  const T count = pi * radius_mm * (radius_mm / cell_mm2 - 2 / std::sqrt(2 * cell_mm2));
  return count > 0 ? count : T(0);
}

/// Cell of a square die of `area_mm2` with its scribe, mm2.
template <class T>
FABCAST_INLINE T square_cell_mm2(T area_mm2, T scribe_mm) {
  const T side = std::sqrt(area_mm2) + scribe_mm;
  return side * side;
}

/// The closed form for each lane's sides.
void gross_dies_from_sides(int lanes, In width_mm, In height_mm, Real radius_mm, Real scribe_mm,
                           Out dies);

/// The closed form for each lane's die area; `radius_mm` is wafer/2 - edge exclusion.
void gross_dies_from_area(int lanes, In area_mm2, Real radius_mm, Real scribe_mm, Out dies);

}  // namespace fabcast
