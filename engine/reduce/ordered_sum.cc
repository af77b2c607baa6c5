#include "reduce/ordered_sum.h"

#include <fmt/core.h>

#include <stdexcept>

namespace fabcast {
namespace {

/// left += right
void add_to(std::vector<double>& left, const std::vector<double>& right) {
  for (size_t i = 0; i < left.size(); ++i) left[i] += right[i];
}

}  // namespace

void OrderedSum::add(uint64_t index, std::vector<double> values) {
  const std::lock_guard lock(mutex_);
  if (parts_.contains(Part{0, index})) {
    throw std::logic_error(fmt::format("block {} was summed twice", index));
  }
  Part part{0, index};
  for (;;) {
    const auto sibling = parts_.find(Part{part.level, part.index ^ 1});
    if (sibling == parts_.end()) break;
    add_to(values, sibling->second);
    parts_.erase(sibling);
    part = {part.level + 1, part.index >> 1};
  }
  parts_.emplace(part, std::move(values));
}

std::vector<double> OrderedSum::total() const {
  const std::lock_guard lock(mutex_);
  // Which parts are left depends on the indices alone; so does the map's order of them.
  std::vector<double> sum;
  for (const auto& [part, values] : parts_) {
    if (sum.empty()) {
      sum = values;
    } else {
      add_to(sum, values);
    }
  }
  return sum;
}

}  // namespace fabcast
