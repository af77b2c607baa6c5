#pragma once
/// A numeric value as an author wrote it, read and converted to its key's canonical unit.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "base/diagnostics.h"
#include "base/units.h"
#include "random/describe.h"
#include "random/distribution.h"

namespace fabcast {

/// A dated point of a time path; without a date, the whole path is this one value.
struct Anchor {
  std::optional<Month> month;
  Distribution distribution;
  /// The author's own numbers that are values of the key: ends, mode, mean, quantiles, what may be
  /// drawn. Not a standard deviation, a shape, a weight, a bound of `within`.
  std::vector<double> stated;
};

/// The path under one view. A value that names no view has exactly one, with `view` empty.
struct ViewPath {
  std::string view;
  std::vector<Anchor> anchors;  ///< ascending months; one undated anchor where there is no path

  /// Its value in a month: flat before the first anchor and after the last, between the two anchors
  /// around it otherwise. `geometric` is the caller's to decide: it asks for all views.
  PointOfPath at(Month month) const;
};

/// One numeric value, normalised: views outermost, then anchors, then distributions.
/// `2024-12: a: 1 to 2 / b: 3 | 2025-12: 5` becomes a: {2024-12: 1 to 2, 2025-12: 5},
/// b: {2024-12: 3, 2025-12: 5}.
struct Value {
  std::vector<ViewPath> paths;
  double noise_sigma = 0;  ///< AR(1) noise in logs, 0: none
  double noise_rho = 0;
  std::vector<std::string> sources;           ///< ids named by @, in order, no repeats
  std::vector<SourcePosition> source_places;  ///< one per source
  std::vector<std::string> units;             ///< written on its numbers, no repeats
  std::string text;  ///< as written, white space folded, with the unit where none was written

  bool is_constant() const;   ///< one view, one undated anchor, constant, no noise
  bool is_path() const;       ///< has a dated anchor or noise
  bool is_uncertain() const;  ///< some trials may have another value than others
  bool is_positive() const;   ///< at every anchor of every view: it may be interpolated in logs
  /// The constant; only when is_constant().
  double constant() const { return paths[0].anchors[0].distribution.a; }
};

/// A piece of text with the place of each character, so that a value that goes on over lines still
/// points at the right line and column.
class PlacedText {
 public:
  PlacedText() = default;
  PlacedText(std::string text, SourcePosition start) { append(text, start); }
  /// Adds `text`, whose first character stands at `start`, after a line break where not first.
  void append(std::string_view text, SourcePosition start);
  const std::string& text() const { return text_; }
  /// The characters [begin, end), each at its place.
  PlacedText part(size_t begin, size_t end) const;
  SourcePosition at(size_t offset) const;  ///< place of a character; the end: one past the last

 private:
  struct Run {
    size_t offset;
    SourcePosition start;
  };
  std::string text_;
  std::vector<Run> runs_;
};

/// Reads a numeric value of the given dimension. Mistakes go to `diagnostics`; then the result is
/// empty. `k`, `M`, units, `to`, families, `within`, paths, views, noise and @sources as in the
/// grammar of docs/scenario-language.md.
std::optional<Value> parse_value(const PlacedText& text, Dimension dimension,
                                 Diagnostics& diagnostics);

}  // namespace fabcast
