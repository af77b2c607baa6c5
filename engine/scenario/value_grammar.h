#pragma once
/// The syntax of a numeric value: text to a tree of numbers as written. What the tree means (units
/// resolved, distributions made, views normalised) is value.cc's.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "base/diagnostics.h"
#include "base/units.h"
#include "scenario/value.h"

namespace fabcast {

/// Bounds of what one value may hold; all far above any honest value.
inline constexpr size_t most_value_characters = 65536;
inline constexpr size_t most_anchors = 400;
inline constexpr size_t most_views = 64;
inline constexpr size_t most_arguments = 1000;
inline constexpr size_t most_sources = 1000;

/// A number as written, and the unit that stands directly after it.
struct WrittenNumber {
  double value = 0;
  size_t at = 0;                 ///< offset in the value's text
  std::optional<double> factor;  ///< canonical units in its own unit; nothing where it has none
};

enum class WrittenForm : unsigned char {
  constant,
  interval,  ///< low to high
  normal,
  lognormal,
  uniform,
  triangular,
  pert,
  beta,
  discrete,
  metalog
};

/// "3 to 8 weeks within [1, 12]"
struct WrittenDistribution {
  WrittenForm form = WrittenForm::constant;
  size_t at = 0;
  std::vector<WrittenNumber> numbers;  ///< those that bear the key's dimension, in order
  std::vector<double> plain;           ///< beta's shapes, weights, probabilities
  std::optional<double> factor;        ///< of the last unit written among `numbers` or after ')'
  bool bounded = false;                ///< has `within`
  std::optional<WrittenNumber> low, high;
  std::optional<double> bounds_factor;  ///< of the last unit written in `within [..] unit`
};

struct WrittenView {
  std::string name;  ///< "": counts for every view
  size_t at = 0;
  WrittenDistribution distribution;
};

struct WrittenAnchor {
  std::optional<Month> month;
  std::string date;  ///< as written
  size_t at = 0;
  std::vector<WrittenView> views;
};

struct WrittenPath {
  std::string view;  ///< "" where views are not outermost
  size_t at = 0;
  std::vector<WrittenAnchor> anchors;
};

struct WrittenUnit {
  std::string text;
  double factor;
};

struct WrittenValue {
  std::vector<WrittenPath> paths;
  double noise_sigma = 0, noise_rho = 0;
  std::vector<std::string> sources;
  std::vector<size_t> source_offsets;
  std::vector<WrittenUnit> units;  ///< units written on numbers, each size of unit once
  std::optional<size_t> noise_at;  ///< offset of the word `noise`, where there is one
  std::optional<double> trailing;  ///< of a unit after the noise: counts for the whole value
};

/// Reads a value; units must be of `dimension`. Mistakes go to `diagnostics`, after each of them
/// reading goes on at the next anchor or view; then the result is empty. No recursion.
std::optional<WrittenValue> read_value(const PlacedText& text, Dimension dimension,
                                       Diagnostics& diagnostics);

}  // namespace fabcast
