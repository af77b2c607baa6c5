#pragma once

#include <cstddef>
#include <string>

namespace fabcast {

/// What stands before the values of a matrix in a NumPy file: format 1.0, little-endian float64, C
/// order, (rows x columns). A multiple of 64 bytes; the values follow as they lie.
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
std::string npy_header(size_t rows, size_t columns);

}  // namespace fabcast
