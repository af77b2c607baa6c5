#include "report/npy.h"

#include <doctest/doctest.h>

#include <string>

using namespace fabcast;

TEST_CASE("an NPY file has the header of format 1.0") {
  const std::string bytes = npy_header(3, 2);
  REQUIRE(bytes.size() > 10);
  CHECK(bytes.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  const size_t length =
      static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  REQUIRE(bytes.size() == 10 + length);
  const std::string header = bytes.substr(10);
  CHECK(header.starts_with("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }"));
  CHECK(header.back() == '\n');
  CHECK(header.find_first_not_of(' ', header.find('}') + 1) == header.size() - 1);
}

TEST_CASE("an NPY file's data start at a multiple of 64 for any shape") {
  for (const size_t rows : {0ul, 1ul, 99ul, 1000ul, 123456ul}) {
    CHECK(npy_header(rows, 1).size() % 64 == 0);
  }
}
