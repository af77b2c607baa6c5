#pragma once
/// Trials in replicates: a sample whose trials depend on one another, such as a net of points,
/// tells its error only by being drawn several times, independently.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace fabcast {

/// Trial t is point t % points of replicate t / points. One replicate: trials are independent, and
/// each tells of the error by itself.
struct Replicates {
  uint64_t count = 1;
  uint64_t points = 0;  ///< of each, a power of two; 0 where there is one
  bool are_many() const { return count > 1; }
  uint64_t of(uint64_t trial) const { return are_many() ? trial / points : 0; }
  uint64_t trials() const { return count * points; }
  bool operator==(const Replicates&) const = default;
};

/// Few replicates leave the points of each many, whose error falls faster than with their number;
/// but from few the error itself is known badly: Student's t with 7 degrees of freedom is 15 %
/// wider than the normal.
inline constexpr uint64_t least_replicates = 8;

/// The smallest division of at least so many trials: points the largest power of two of which
/// least_replicates are no more, and as many replicates as that takes, 8 to 15. A division of its
/// own trials() is itself.
inline Replicates replicates_of(uint64_t trials) {
  const auto divided = [](uint64_t all) {
    const uint64_t points = std::bit_floor(all < least_replicates ? 1 : all / least_replicates);
    const uint64_t count = (all + points - 1) / points;
    return Replicates{count < least_replicates ? least_replicates : count, points};
  };
  return divided(divided(trials).trials());
}

}  // namespace fabcast
