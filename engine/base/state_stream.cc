#include "base/state_stream.h"

#include <bit>

namespace fabcast {

void StateStream::refuse() { throw DamagedState("this is no state that was written"); }

void StateStream::end() const {
  if (!left_.empty()) refuse();
}

std::string_view StateStream::take(size_t bytes) {
  if (bytes > left_.size()) refuse();
  const std::string_view taken = left_.substr(0, bytes);
  left_.remove_prefix(bytes);
  return taken;
}

void StateStream::pass(uint64_t& value) {
  if (!reads_) {
    uint64_t rest = value;
    for (; rest >= 0x80; rest >>= 7) written_ += static_cast<char>(rest | 0x80);
    written_ += static_cast<char>(rest);
    return;
  }
  value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    const uint64_t part = byte & 0x7F;
    if (shift > 63 || (part << shift) >> shift != part) refuse();
    value |= part << shift;
    if (byte < 0x80) return;
  }
}

void StateStream::pass(double& value) {
  constexpr int bytes = sizeof(double);
  auto bits = std::bit_cast<uint64_t>(value);
  if (!reads_) {
    char low_first[bytes];
    for (int i = 0; i < bytes; ++i) low_first[i] = static_cast<char>(bits >> (8 * i));
    written_.append(low_first, bytes);
    return;
  }
  const std::string_view taken = take(bytes);
  bits = 0;
  for (int i = 0; i < bytes; ++i) {
    bits |= uint64_t{static_cast<unsigned char>(taken[static_cast<size_t>(i)])} << (8 * i);
  }
  value = std::bit_cast<double>(bits);
}

void StateStream::pass(std::string& text) {
  const size_t size = pass_size(text.size());
  if (reads_) {
    text = take(size);
  } else {
    written_ += text;
  }
}

size_t StateStream::pass_size(size_t size) {
  uint64_t passed = size;
  pass(passed);
  if (reads_ && passed > left_.size()) refuse();
  return passed;
}

}  // namespace fabcast
