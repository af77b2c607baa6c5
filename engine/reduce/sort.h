#pragma once
/// Sorting of a series of doubles.

#include <hwy/contrib/sort/vqsort.h>

#include <cstdint>
#include <span>
#include <vector>

namespace fabcast {

/// Sorts ascending, by Highway's vector quicksort (ten times as fast as std::sort on a few thousand
/// values). Negative zeros stand before positive ones; NaNs at either end, by their sign. For one
/// thread at a time: it keeps its memory from series to series.
class ValueSorter {
 public:
  void sort(std::span<double> values);

  /// The same, with along[i] going where values[i] goes. Equal values keep their order. Fewer than
  /// 2^32 values; throws std::logic_error where there are not as many of both.
  void sort(std::span<double> values, std::span<uint32_t> along);

 private:
  hwy::Sorter sorter_;
  std::vector<uint64_t> keys_;
  std::vector<hwy::uint128_t> pairs_;
};

}  // namespace fabcast
