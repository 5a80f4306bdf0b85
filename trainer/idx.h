#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "files/error.h"

namespace overproof {

/// An array of bytes in the IDX format of MNIST: shape, then values in row-major order.
struct IdxArray {
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> values;
};

/// Reads the bytes of an IDX file (already inflated) of unsigned bytes with `dimensions` dimensions. Throws
/// InputError "FILE: ..." for another magic number, type or number of dimensions, an empty dimension, and a
/// file that is not exactly as long as its header says.
[[nodiscard]] IdxArray parse_idx(std::string_view bytes, int dimensions, const std::string& file);

}  // namespace overproof
