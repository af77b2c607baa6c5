#include "reduce/sort.h"

#include <hwy/contrib/sort/vqsort.h>

#include <bit>
#include <stdexcept>

namespace fabcast {
namespace {

constexpr uint64_t sign_bit = uint64_t{1} << 63;

/// Whole numbers in the order of the doubles: negative ones are inverted, the others moved up.
uint64_t key_of(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  return bits ^ (bits & sign_bit ? ~uint64_t{0} : sign_bit);
}

double value_of(uint64_t key) {
  return std::bit_cast<double>(key ^ (key & sign_bit ? sign_bit : ~uint64_t{0}));
}

}  // namespace

void ValueSorter::sort(std::span<double> values) {
  keys_.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) keys_[i] = key_of(values[i]);
  sorter_(keys_.data(), keys_.size(), hwy::SortAscending());
  for (size_t i = 0; i < values.size(); ++i) values[i] = value_of(keys_[i]);
}

void ValueSorter::sort(std::span<double> values, std::span<uint32_t> along) {
  if (values.size() != along.size()) {
    throw std::logic_error("sorting values along with something unequal in number");
  }
  pairs_.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    pairs_[i].hi = key_of(values[i]);
    pairs_[i].lo = uint64_t{i} << 32 | along[i];
  }
  sorter_(pairs_.data(), pairs_.size(), hwy::SortAscending());
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = value_of(pairs_[i].hi);
    along[i] = static_cast<uint32_t>(pairs_[i].lo);
  }
}

}  // namespace fabcast
