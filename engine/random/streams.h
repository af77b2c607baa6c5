#pragma once
/// Counter-based uniforms and normals: value = f(seed; stream, index, trial). No generator object
/// anywhere, so any trial can be computed alone, blocks run in any order, and a new key moves
/// nobody else's draws.
///
/// Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405) through Random123. One counter
/// serves two trials: words 0 and 1 the even one, words 2 and 3 the odd one. Counter layout:
/// { trial / 2, index | purpose << 24, stream low, stream high }; key: { seed low, seed high }.

#include <cstdint>
#include <span>
#include <string_view>

namespace fabcast {

/// What a draw is for. Named once, never renumbered.
enum class Purpose : uint8_t {
  input = 0,
  noise = 1,
  view = 2,
  event = 3,
  observation = 4,
  design = 5
};

/// The stream of a named thing (a full key such as "fab.SN2.plan"): FNV-1a, 64 bits, then mixed
/// (splitmix64 finaliser). Never changed: it is part of the stream version.
uint64_t stream_of(std::string_view name);

/// Bumped when any draw changes for the same seed and name; stands in run.json.
inline constexpr int stream_version = 1;

/// out[t] = uniform in (0, 1), never 0 or 1, 52 bits, symmetric: (k + 0.5) * 2^-52 (with 53 bits
/// the largest would round to 1), of trial first_trial + t. Throws std::out_of_range where index
/// reaches 2^24 or a trial 2^33: the counter holds no more.
void draw_uniforms(uint64_t seed, Purpose purpose, uint64_t stream, uint32_t index,
                   uint64_t first_trial, std::span<double> out);

/// out[t] = standard normal of trial first_trial + t (inverse CDF of the same uniform).
void draw_normals(uint64_t seed, Purpose purpose, uint64_t stream, uint32_t index,
                  uint64_t first_trial, std::span<double> out);

}  // namespace fabcast
