#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace fabcast {

/// A matrix as a NumPy file: format 1.0, little-endian float64, C order, (rows x columns).
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
std::string npy_bytes(std::span<const double> values, size_t rows, size_t columns);

}  // namespace fabcast
