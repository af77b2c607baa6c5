#include "report/npy.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace fabcast;

TEST_CASE("an NPY file has the header of format 1.0 and the values as they lie") {
  const std::vector<double> values{1,      -0.0, 0.1, std::numeric_limits<double>::infinity(),
                                   1e-310, 6};
  const std::string bytes = npy_bytes(values, 3, 2);
  REQUIRE(bytes.size() > 10);
  CHECK(bytes.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  const size_t length =
      static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  CHECK((10 + length) % 64 == 0);
  const std::string header = bytes.substr(10, length);
  CHECK(header.starts_with("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }"));
  CHECK(header.back() == '\n');
  CHECK(header.find_first_not_of(' ', header.find('}') + 1) == header.size() - 1);
  REQUIRE(bytes.size() == 10 + length + values.size() * 8);
  CHECK(std::memcmp(bytes.data() + 10 + length, values.data(), values.size() * 8) == 0);
}

TEST_CASE("an NPY file's data start at a multiple of 64 for any shape") {
  for (const size_t rows : {0ul, 1ul, 99ul, 1000ul, 123456ul}) {
    const std::vector<double> values(rows);
    const std::string bytes = npy_bytes(values, rows, 1);
    CHECK((bytes.size() - rows * 8) % 64 == 0);
  }
}
