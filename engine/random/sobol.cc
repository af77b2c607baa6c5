#include "random/sobol.h"

#include <bit>
#include <boost/random/detail/sobol_table.hpp>
#include <stdexcept>

namespace fabcast {

namespace {

constexpr size_t bits = 32;
using Table = boost::random::detail::qrng_tables::sobol;
static_assert(Table::max_dimension == SobolPoints::most_dimensions);

/// Direction numbers of a dimension from the second on (Bratley and Fox 1988,
/// doi:10.1145/42288.214372, section 2): m_j = 2^d m_{j-d} xor m_{j-d} xor the 2^i m_{j-i} of the
/// polynomial's middle terms, for a polynomial of degree d.
void make_directions(size_t dimension, uint32_t* directions) {
  const uint32_t polynomial = Table::polynomial(dimension - 1);
  const auto degree = static_cast<size_t>(std::bit_width(polynomial) - 1);
  uint32_t m[bits];
  for (size_t j = 0; j < bits; ++j) {
    if (j < degree) {
      m[j] = Table::minit(dimension - 1, j);
      continue;
    }
    m[j] = m[j - degree];
    for (size_t i = 1; i <= degree; ++i) {
      if (polynomial >> (degree - i) & 1) m[j] ^= m[j - i] << i;
    }
  }
  for (size_t j = 0; j < bits; ++j) directions[j] = m[j] << (bits - 1 - j);
}

}  // namespace

SobolPoints::SobolPoints(size_t dimensions) : directions_(dimensions * bits) {
  if (dimensions == 0 || dimensions > most_dimensions) {
    throw std::out_of_range("Sobol' points have 1 to 3667 dimensions");
  }
  for (size_t j = 0; j < bits; ++j) directions_[j] = uint32_t{1} << (bits - 1 - j);
  for (size_t d = 1; d < dimensions; ++d) make_directions(d, &directions_[d * bits]);
}

uint32_t SobolPoints::at(uint64_t index, size_t dimension) const {
  const uint32_t* directions = &directions_[dimension * bits];
  uint32_t x = 0;
  for (uint64_t gray = index ^ (index >> 1); gray != 0; gray &= gray - 1) {
    x ^= directions[std::countr_zero(gray)];
  }
  return x;
}

ScramblingKey scrambling_key(uint64_t seed, size_t dimension) {
  // splitmix64 of Steele, Lea and Flood (2014), its sequence from the seed on.
  uint64_t z = seed + (dimension + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return {static_cast<uint32_t>(z >> 32), static_cast<uint32_t>(z) | 1};
}

}  // namespace fabcast
