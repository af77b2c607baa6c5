#pragma once
/// Sums of doubles over blocks of trials whose bits do not depend on the order in which threads
/// hand the blocks in.

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/state_stream.h"

namespace fabcast {

/// Adds vectors of one length over a fixed binary tree on their indices: 0 + 1, 2 + 3, then those
/// two, and so on. Parts are joined as soon as both are there, so what waits is about
/// (threads x log2 of the indices) vectors, also where each thread works through a range of its
/// own.
class OrderedSum {
 public:
  /// Safe to call from several threads. Throws std::logic_error where the index is waiting already.
  void add(uint64_t index, std::vector<double> values);

  /// The sum of what was added, empty where nothing was.
  std::vector<double> total() const;

  /// Passes the parts, vectors of `width`; those that are read are added.
  void pass(StateStream& stream, size_t width);

 private:
  struct Part {
    int level;       ///< spans 2^level indices
    uint64_t index;  ///< from index * 2^level
    auto operator<=>(const Part&) const = default;
  };
  void add_part(Part part, std::vector<double> values);

  mutable std::mutex mutex_;
  std::map<Part, std::vector<double>> parts_;
};

}  // namespace fabcast
