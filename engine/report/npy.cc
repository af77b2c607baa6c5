#include "report/npy.h"

#include <fmt/core.h>

#include <bit>

namespace fabcast {

static_assert(std::endian::native == std::endian::little, "doubles are written as they lie");

std::string npy_header(size_t rows, size_t columns) {
  std::string header =
      fmt::format("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  // Magic, version and length take 10 bytes; all together a multiple of 64, ended by a line feed.
  const size_t padding = 63 - (10 + header.size()) % 64;
  header.append(padding, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header;
}

}  // namespace fabcast
