#include "base/state_stream.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

using namespace fabcast;

namespace {

/// One of each kind.
struct State {
  uint64_t large = 0;
  uint32_t whole = 0;
  uint8_t small = 0;
  bool flag = false;
  double number = 0;
  std::string text;
  std::vector<double> fixed = std::vector<double>(3);
  std::vector<std::string> list;

  void pass(StateStream& stream) {
    stream.pass(large);
    stream.pass(whole);
    stream.pass(small);
    stream.pass(flag);
    stream.pass(number);
    stream.pass(text);
    stream.pass(std::span(fixed));
    stream.pass_list(list);
  }
};

std::string bytes_of(State state) {
  StateStream stream;
  state.pass(stream);
  return stream.bytes();
}

State read(std::string_view bytes) {
  StateStream stream(bytes);
  State state;
  state.pass(stream);
  stream.end();
  return state;
}

}  // namespace

TEST_CASE("state: what is written is read, to the last bit") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const uint64_t large : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{1} << 32,
                               std::numeric_limits<uint64_t>::max()}) {
    const State state{large,
                      UINT32_MAX,
                      255,
                      true,
                      -0.0,
                      std::string("a\0b\n", 4),
                      {inf, std::nan(""), 5e-324},
                      {"", "x"}};
    const State back = read(bytes_of(state));
    CHECK(back.large == large);
    CHECK(back.whole == UINT32_MAX);
    CHECK(back.small == 255);
    CHECK(back.flag);
    CHECK(std::signbit(back.number));
    CHECK(back.text == state.text);
    CHECK(std::memcmp(back.fixed.data(), state.fixed.data(), 24) == 0);
    CHECK(back.list == state.list);
  }
}

TEST_CASE("state: the bytes are the same on every machine") {
  StateStream stream;
  uint64_t whole = 300;
  double number = 1;
  stream.pass(whole);
  stream.pass(number);
  CHECK(stream.bytes() == std::string("\xAC\x02\0\0\0\0\0\0\xF0\x3F", 10));
}

TEST_CASE("state: bytes that are none are refused, whatever they are") {
  const std::string bytes = bytes_of({1, 2, 3, true, 4, "text", {1, 2, 3}, {"item"}});
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(read(std::string_view(bytes).substr(0, size)), DamagedState);
  }
  CHECK_THROWS_AS(read(bytes + "x"), DamagedState);
  const auto pass = [](std::string_view text, auto value) {
    StateStream stream(text);
    stream.pass(value);
  };
  CHECK_THROWS_AS(pass("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", uint64_t{}), DamagedState);
  CHECK_THROWS_AS(pass("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", uint64_t{}), DamagedState);
  CHECK_THROWS_AS(pass("\xFF\xFF\xFF\xFF\x10", uint32_t{}), DamagedState);
  CHECK_THROWS_AS(pass("\x02", bool{}), DamagedState);
  // A length beyond what there is asks for no memory.
  CHECK_THROWS_AS(pass("\xFF\xFF\xFF\xFF\xFF\xFF\x0Fx", std::string{}), DamagedState);
}
