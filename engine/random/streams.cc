#include "random/streams.h"

#include <Random123/philox.h>

#include <stdexcept>

#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {

namespace {

constexpr uint32_t index_limit = uint32_t{1} << 24;
constexpr uint64_t trial_limit = uint64_t{1} << 33;

/// The upper 52 bits of a word pair as (k + 0.5) * 2^-52: k goes into the mantissa of a double in
/// [1, 2); subtracting 1 - 2^-53 is exact and leaves the open interval.
FABCAST_INLINE double open_uniform(uint32_t low, uint32_t high) {
  FABCAST_COUNTS(uniform);
  const uint64_t mantissa = ((uint64_t{high} << 32) | low) >> 12;
  return std::bit_cast<double>(mantissa | std::bit_cast<uint64_t>(1.0)) - (1.0 - 0x1p-53);
}

}  // namespace

uint64_t stream_of(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : name) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001b3;
  }
  hash ^= hash >> 30;
  hash *= 0xbf58476d1ce4e5b9;
  hash ^= hash >> 27;
  hash *= 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

FABCAST_KERNEL
void draw_uniforms(uint64_t seed, Purpose purpose, uint64_t stream, uint32_t index,
                   uint64_t first_trial, std::span<double> out) {
  if (index >= index_limit || first_trial >= trial_limit || out.size() > trial_limit - first_trial)
    throw std::out_of_range("a draw's index must stay below 2^24 and its trials below 2^33");
  const uint32_t purpose_and_index = index | static_cast<uint32_t>(purpose) << 24;
  const auto stream_low = static_cast<uint32_t>(stream);
  const auto stream_high = static_cast<uint32_t>(stream >> 32);
  const philox4x32_key_t key = {{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)}};
  const auto words_of = [=](uint64_t pair) {
    const philox4x32_ctr_t counter = {
        {static_cast<uint32_t>(pair), purpose_and_index, stream_low, stream_high}};
    return philox4x32(counter, key);
  };

  double* next = out.data();
  size_t left = out.size();
  uint64_t pair = first_trial / 2;
  if (first_trial % 2 == 1 && left > 0) {
    const philox4x32_ctr_t words = words_of(pair);
    *next++ = open_uniform(words.v[2], words.v[3]);
    ++pair;
    --left;
  }
  const size_t pairs = left / 2;
  FABCAST_LANES
  for (size_t i = 0; i < pairs; ++i) {
    const philox4x32_ctr_t words = words_of(pair + i);
    next[2 * i] = open_uniform(words.v[0], words.v[1]);
    next[2 * i + 1] = open_uniform(words.v[2], words.v[3]);
  }
  if (left % 2 == 1) {
    const philox4x32_ctr_t words = words_of(pair + pairs);
    next[left - 1] = open_uniform(words.v[0], words.v[1]);
  }
}

FABCAST_KERNEL
void draw_normals(uint64_t seed, Purpose purpose, uint64_t stream, uint32_t index,
                  uint64_t first_trial, std::span<double> out) {
  draw_uniforms(seed, purpose, stream, index, first_trial, out);
  double* const value = out.data();
  const size_t n = out.size();
  FABCAST_LANES
  for (size_t t = 0; t < n; ++t) value[t] = simd::normal_quantile(value[t]);
}

}  // namespace fabcast
