#pragma once

#include <string>
#include <string_view>

#include "files/safetensors.h"

namespace overproof {

/// The array of a NumPy file (format versions 1 to 3), exactly, in row-major order; NaN and infinities
/// included. Little-endian floats of 4 and 8 bytes and integers of 4 and 8 bytes. Throws InputError
/// "FILE: ..." for any other file or dtype, a length that does not fit the shape, and an integer beyond
/// ±2^53.
[[nodiscard]] Tensor parse_npy(std::string_view bytes, const std::string& file);

}  // namespace overproof
