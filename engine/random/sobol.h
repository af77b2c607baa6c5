#pragma once
/// Sobol' points, computed alone from their index, and their hash-based Owen scrambling.
///
/// Direction numbers of Joe and Kuo (2008, doi:10.1137/070709359), from Boost.Random's table.
/// Points come in Gray code order, as in the authors' own program, and begin with 0, which Boost's
/// engine leaves out: any 2^m points from a multiple of 2^m on are a (t, m, s)-net in base 2. In
/// each dimension every interval [k, k + 1) / 2^m holds one of them; in the first two dimensions
/// (t = 0) so does every box of 2^-a x 2^-b with a + b = m.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simd/math.h"

namespace fabcast {

class SobolPoints {
 public:
  static constexpr size_t most_dimensions = 3667;  ///< of the table
  static constexpr uint64_t most_points = uint64_t{1} << 32;

  /// Throws std::out_of_range for no dimension or more than the table has.
  explicit SobolPoints(size_t dimensions);

  /// The coordinate as 32 bits: x / 2^32 in [0, 1). index < most_points, dimension < dimensions.
  uint32_t at(uint64_t index, size_t dimension) const;

 private:
  std::vector<uint32_t> directions_;  ///< (dimensions x 32), the highest bit's first
};

FABCAST_INLINE uint32_t reversed_bits(uint32_t x) {
  x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
  x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
  x = (x & 0x0F0F0F0F) << 4 | (x >> 4 & 0x0F0F0F0F);
  x = (x & 0x00FF00FF) << 8 | (x >> 8 & 0x00FF00FF);
  return x << 16 | x >> 16;
}

/// Key of one dimension's scrambling.
struct ScramblingKey {
  uint32_t add, multiply;
};
/// Never changed.
ScramblingKey scrambling_key(uint64_t seed, size_t dimension);

/// Owen's nested uniform scrambling of one coordinate: each bit is flipped by a hash of the bits
/// above it, so that boxes go to boxes and a net stays a net (Burley 2020, JCGT 9(4), with the hash
/// of Laine and Karras 2011, doi:10.1111/j.1467-8659.2011.01966.x). The hash is the improved one of
/// Vegdahl (2021, "Building a better LK hash", also in pbrt 4), with a key of 64 bits: with
/// Burley's constants two coordinates that share a half know each other's second bit, which is not
/// Owen's scrambling, whose variance asks for pairs that are independent within their boxes.
FABCAST_INLINE uint32_t owen_scrambled(uint32_t coordinate, ScramblingKey key) {
  // Additions and products carry upwards only, so of reversed bits each depends on those that stood
  // above it alone; products with even constants flip no lowest bit.
  uint32_t x = reversed_bits(coordinate);
  x ^= x * 0x3d20adea;
  x += key.add;
  x *= key.multiply;
  x ^= x * 0x05526c56;
  x ^= x * 0x53a22864;
  return reversed_bits(x);
}

/// The middle of the coordinate's interval, in (0, 1): never 0 or 1.
inline double unit_of(uint32_t coordinate) { return (coordinate + 0.5) * 0x1p-32; }

}  // namespace fabcast
