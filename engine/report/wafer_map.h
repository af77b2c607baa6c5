#pragma once
/// The wafer with its dies, as a drawing.

#include <string>

#include "stages/gross_die.h"

namespace fabcast {

/// Characters, `columns` wide (at least 2) and half as many lines high, which looks round on a
/// terminal. Dies alternate between two shades, `·` is wafer without a die. Dies smaller than a
/// character run together.
std::string wafer_map_text(const WaferMap& map, const GrossDies& dies, int columns);

/// The same as a whole SVG document, 1 unit = 1 mm: wafer, usable disc, notch band, dies, and the
/// exposed reticle fields where there are any.
std::string wafer_map_svg(const WaferMap& map, const GrossDies& dies);

/// The same without its style: to stand in a page, whose style has the classes wafer, usable,
/// notch, die and field.
std::string wafer_map_drawing(const WaferMap& map, const GrossDies& dies);

}  // namespace fabcast
