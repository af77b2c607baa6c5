#pragma once
/// State as bytes and back by the same calls: a function that passes its fields writes them or
/// reads them, so that the two cannot come apart.
///
///   void Sum::pass(StateStream& stream) { stream.pass(weight); stream.pass(values); }
///
///   StateStream out;  sum.pass(out);  out.bytes()
///   StateStream in(bytes);  other.pass(in);  in.end();
///
/// Whole numbers are LEB128 (small ones take one byte), floating-point numbers IEEE 754 with the
/// lowest byte first: the same bytes on every machine.

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fabcast {

/// Bytes that no state was written as.
struct DamagedState : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class StateStream {
 public:
  /// Writes.
  StateStream() = default;
  /// Reads `bytes`, which stay where they are.
  explicit StateStream(std::string_view bytes) : reads_(true), left_(bytes) {}

  bool reads() const { return reads_; }
  /// What was written. Takes it.
  std::string bytes() { return std::move(written_); }
  /// Throws DamagedState where not all was read.
  void end() const;

  // Reading, each throws DamagedState where the bytes are none of the kind.
  void pass(uint64_t& value);
  void pass(uint32_t& value) { pass_as_whole(value, UINT32_MAX); }
  void pass(uint8_t& value) { pass_as_whole(value, UINT8_MAX); }
  void pass(int& value) { pass_as_whole(value, INT32_MAX); }  ///< from 0 on
  void pass(bool& value) { pass_as_whole(value, 1); }
  void pass(double& value);
  void pass(std::string& text);

  /// A number of values that both sides know.
  template <class Value>
  void pass(std::span<Value> values) {
    for (Value& value : values) pass(value);
  }
  /// A list of any length; `each` passes one item.
  template <class Item, class Each>
  void pass_list(std::vector<Item>& items, Each each) {
    items.resize(pass_size(items.size()));
    for (Item& item : items) each(item);
  }
  template <class Item>
  void pass_list(std::vector<Item>& items) {
    pass_list(items, [this](Item& item) { pass(item); });
  }

 private:
  template <class Value>
  void pass_as_whole(Value& value, uint64_t most) {
    auto whole = static_cast<uint64_t>(value);
    pass(whole);
    if (whole > most) refuse();
    value = static_cast<Value>(whole);
  }
  /// Items of a list, each at least a byte: no more than there are bytes left.
  size_t pass_size(size_t size);
  std::string_view take(size_t bytes);
  [[noreturn]] static void refuse();

  bool reads_ = false;
  std::string written_;
  std::string_view left_;
};

}  // namespace fabcast
