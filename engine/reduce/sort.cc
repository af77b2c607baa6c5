#include "reduce/sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>
#include <utility>

namespace fabcast {
namespace {

constexpr uint64_t sign_bit = uint64_t{1} << 63;
constexpr int passes = 8;  ///< of one byte each

/// Whole numbers in the order of the doubles: negative ones are inverted, the others moved up.
uint64_t key_of(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  return bits ^ (bits & sign_bit ? ~uint64_t{0} : sign_bit);
}

double value_of(uint64_t key) {
  return std::bit_cast<double>(key ^ (key & sign_bit ? sign_bit : ~uint64_t{0}));
}

size_t byte_of(uint64_t key, int pass) { return (key >> (8 * pass)) & 0xff; }

/// Nothing goes along with the values.
struct Alone {
  void put(size_t, size_t) {}
  void end_pass() {}
};

/// What goes along, in two rows that passes move it between.
struct Along {
  uint32_t *from, *to;
  void put(size_t place, size_t i) { to[place] = from[i]; }
  void end_pass() { std::swap(from, to); }
};

template <class Company>
void sort_with(std::span<double> values, std::vector<uint64_t>& scratch, Company& company) {
  const size_t n = values.size();
  uint64_t* from = scratch.data();
  uint64_t* to = from + n;
  std::array<std::array<size_t, 256>, passes> place{};
  for (size_t i = 0; i < n; ++i) {
    from[i] = key_of(values[i]);
    for (int pass = 0; pass < passes; ++pass) {
      ++place[static_cast<size_t>(pass)][byte_of(from[i], pass)];
    }
  }
  for (int pass = 0; pass < passes; ++pass) {
    auto& of_pass = place[static_cast<size_t>(pass)];
    if (of_pass[byte_of(from[0], pass)] == n) continue;  // all alike in this byte
    size_t start = 0;
    for (size_t& entry : of_pass) start += std::exchange(entry, start);
    for (size_t i = 0; i < n; ++i) {
      const size_t at = of_pass[byte_of(from[i], pass)]++;
      to[at] = from[i];
      company.put(at, i);
    }
    std::swap(from, to);
    company.end_pass();
  }
  for (size_t i = 0; i < n; ++i) values[i] = value_of(from[i]);
}

}  // namespace

void sort_values(std::span<double> values, std::vector<uint64_t>& scratch) {
  if (values.size() < 2) return;
  if (scratch.size() < 2 * values.size()) scratch.resize(2 * values.size());
  Alone alone;
  sort_with(values, scratch, alone);
}

void sort_values(std::span<double> values, std::span<uint32_t> along,
                 std::vector<uint64_t>& scratch) {
  if (values.size() != along.size()) {
    throw std::logic_error("sorting values along with something unequal in number");
  }
  if (values.size() < 2) return;
  if (scratch.size() < 2 * values.size()) scratch.resize(2 * values.size());
  std::vector<uint32_t> other(along.size());
  Along company{along.data(), other.data()};
  sort_with(values, scratch, company);
  if (company.from != along.data()) std::copy(other.begin(), other.end(), along.begin());
}

}  // namespace fabcast
