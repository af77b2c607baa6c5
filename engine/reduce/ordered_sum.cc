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
  add_part({0, index}, std::move(values));
}

void OrderedSum::add_part(Part part, std::vector<double> values) {
  if (parts_.contains(part)) {
    throw std::logic_error(fmt::format("block {} was summed twice", part.index << part.level));
  }
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

void OrderedSum::pass(StateStream& stream, size_t width) {
  const std::lock_guard lock(mutex_);
  uint64_t left = parts_.size();
  stream.pass(left);
  if (!stream.reads()) {
    for (auto& [key, values] : parts_) {
      Part part = key;
      stream.pass(part.level);
      stream.pass(part.index);
      stream.pass(std::span(values));
    }
    return;
  }
  for (; left > 0; --left) {
    Part part{0, 0};
    stream.pass(part.level);
    stream.pass(part.index);
    if (part.level > 63) throw DamagedState("a sum of more blocks than there are");
    std::vector<double> values(width);
    stream.pass(std::span(values));
    add_part(part, std::move(values));
  }
}

}  // namespace fabcast
