#include "trainer/idx.h"

#include <fmt/format.h>

namespace overproof {

IdxArray parse_idx(std::string_view bytes, int dimensions, const std::string& file) {
  const auto fail = [&](const std::string& problem) {
    return InputError(fmt::format("{}: {}", file, problem));
  };
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<std::uint8_t>(bytes[i])}; };
  if (bytes.size() < 4) throw fail("is truncated: an IDX file starts with 4 bytes 00 00 TYPE DIMENSIONS");
  if (byte(0) != 0 || byte(1) != 0) throw fail("is not an IDX file: the first two bytes must be 0");
  if (byte(2) != 0x08)
    throw fail(fmt::format("IDX type 0x{:02x}: only unsigned bytes (0x08) are read", byte(2)));
  if (byte(3) != static_cast<std::uint32_t>(dimensions)) {
    throw fail(fmt::format("has {} dimensions, {} are expected ({})", byte(3), dimensions,
                           dimensions == 1 ? "labels" : "images, rows, columns"));
  }
  const std::size_t header = 4 + 4 * static_cast<std::size_t>(dimensions);
  if (bytes.size() < header) throw fail(fmt::format("is truncated: the header has {} bytes", header));
  IdxArray array;
  std::size_t size = 1;
  const std::size_t present = bytes.size() - header;
  for (std::size_t at = 4; at < header; at += 4) {
    const std::uint32_t length = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
    if (length == 0) throw fail("has a dimension of length 0");
    if (size > present / length) throw fail(fmt::format("is truncated: only {} values are there", present));
    size *= length;
    array.shape.push_back(length);
  }
  if (size != present) throw fail(fmt::format("has {} values, its header says {}", present, size));
  array.values.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  return array;
}

}  // namespace overproof
