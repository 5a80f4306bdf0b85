#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "files/error.h"

namespace overproof {

/// An array of doubles in row-major order; the number of values is the product of the shape.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
  bool operator==(const Tensor&) const = default;
};

using Tensors = std::map<std::string, Tensor, std::less<>>;

/// The bytes of a safetensors file: 8 bytes little-endian header length, a JSON header padded with spaces to
/// a multiple of 8, the values as little-endian F64 in the order of the names. Equal tensors give equal
/// bytes.
[[nodiscard]] std::string safetensors(const Tensors& tensors);

/// Every tensor of a safetensors file, exactly (NaN and infinities included). Throws InputError "FILE: ..."
/// for a truncated file, a header that is not JSON, a dtype other than F64, a shape that does not fit its
/// bytes, and bytes that belong to no tensor or to two.
[[nodiscard]] Tensors parse_safetensors(std::string_view bytes, const std::string& file);

}  // namespace overproof
