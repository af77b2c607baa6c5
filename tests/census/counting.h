#pragma once
/// Counters of the census's test build. In place of its pragma every lane loop says that it is one;
/// every counted function counts itself there, and hides what it is made of. Divisions and square
/// roots are counted by instructions that count_divisions.sh writes before each.

#include <array>
#include <cstddef>
#include <cstdint>

// Read and written by assembler, too: names without mangling.
extern "C" {
extern uint64_t fabcast_in_lanes;  ///< 1 in a lane, outside of a counted function; else 0
extern uint64_t fabcast_divisions, fabcast_square_roots;
}

namespace fabcast::counting {

enum Counted { uniform, normal_quantile, normal_cdf, exp, expm1_over, log, log1p, counted };
extern std::array<uint64_t, counted> calls;

/// Within its life, code runs in lanes (1) or in a function that hides what it does (0).
class Scope {
 public:
  explicit Scope(uint64_t in_lanes) : before_(fabcast_in_lanes) { fabcast_in_lanes = in_lanes; }
  ~Scope() { fabcast_in_lanes = before_; }
  Scope(const Scope&) = delete;

 private:
  uint64_t before_;
};

inline void count(Counted function) { calls[static_cast<size_t>(function)] += fabcast_in_lanes; }

}  // namespace fabcast::counting

#define FABCAST_LANES if (const ::fabcast::counting::Scope in_lanes(1); true)
#define FABCAST_COUNTS(operation)                                      \
  ::fabcast::counting::count(::fabcast::counting::Counted::operation); \
  const ::fabcast::counting::Scope hides(0)
