#include "files/npy.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>

namespace overproof {
namespace {

static_assert(std::endian::native == std::endian::little, "the numbers are stored little-endian");

/// What stands after 'key': in the header, up to its comma or closing bracket.
std::string_view field(std::string_view header, std::string_view key, const std::string& file) {
  const auto at = header.find(fmt::format("'{}'", key));
  const auto colon = at == header.npos ? at : header.find(':', at);
  if (colon == header.npos) throw InputError(fmt::format("{}: the NumPy header has no '{}'", file, key));
  std::string_view rest = header.substr(colon + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const bool tuple = rest.starts_with('(');
  rest = rest.substr(0, tuple ? rest.find(')') : rest.find_first_of(",}"));
  return rest.substr(0, rest.find_last_not_of(' ') + 1);
}

std::vector<std::int64_t> shape_of(std::string_view text, const std::string& file) {
  if (!text.starts_with('(') || text.find_first_not_of("0123456789, ", 1) != text.npos)
    throw InputError(fmt::format("{}: the shape \"{})\", allowed: a tuple of sizes", file, text));
  std::vector<std::int64_t> shape;
  for (auto at = text.find_first_of("0123456789"); at != text.npos; at = text.find_first_of("0123456789")) {
    std::int64_t size = 0;
    const auto end = std::from_chars(text.data() + at, text.data() + text.size(), size);
    if (end.ec != std::errc() || size > (std::int64_t{1} << 32))
      throw InputError(fmt::format("{}: the shape \"{})\" is too large", file, text));
    shape.push_back(size);
    text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  }
  return shape;
}

template <class T>
double number_at(const char* bytes, const std::string& file) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (sizeof(T) == 8 && std::is_integral_v<T>) {
    constexpr T exact = T{1} << 53;
    if (value > exact || value < -exact) {
      throw InputError(
          fmt::format("{}: the integer {} is not exact as a double, allowed: up to 2^53", file, value));
    }
  }
  return static_cast<double>(value);
}

}  // namespace

Tensor parse_npy(std::string_view bytes, const std::string& file) {
  const auto fail = [&](const std::string& problem) { throw InputError(file + ": " + problem); };
  if (bytes.size() < 12 || !bytes.starts_with("\x93NUMPY")) fail("is no NumPy file (*.npy)");
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at]));
  };
  const std::size_t version = byte(6), start = version == 1 ? 10 : 12;
  if (version < 1 || version > 3) fail(fmt::format("NumPy format version {}, allowed: 1 to 3", version));
  std::size_t length = byte(8) + 256 * byte(9);
  if (version > 1) length += (byte(10) << 16) + (byte(11) << 24);
  if (length > bytes.size() - start) fail("is truncated");
  const std::string_view header = bytes.substr(start, length), data = bytes.substr(start + length);
  const std::string type(field(header, "descr", file));
  double (*read)(const char*, const std::string&) = type == "'<f8'"   ? number_at<double>
                                                    : type == "'<f4'" ? number_at<float>
                                                    : type == "'<i8'" ? number_at<std::int64_t>
                                                    : type == "'<i4'" ? number_at<std::int32_t>
                                                                      : nullptr;
  if (!read) fail(fmt::format("dtype {}, allowed: '<f8', '<f4', '<i8', '<i4'", type));
  const std::size_t size = type.ends_with("8'") ? 8 : 4;
  Tensor tensor{shape_of(field(header, "shape", file), file), {}};
  std::size_t count = 1;
  for (const std::int64_t extent : tensor.shape) {
    if (extent > 0 && count > data.size() / static_cast<std::size_t>(extent)) fail("is truncated");
    count *= static_cast<std::size_t>(extent);
  }
  if (data.size() != count * size)
    fail(fmt::format("has {} bytes of data, its shape asks for {}", data.size(), count * size));
  tensor.values.resize(count);
  for (std::size_t k = 0; k < count; ++k) tensor.values[k] = read(data.data() + k * size, file);
  const std::string_view by_columns = field(header, "fortran_order", file);
  if (by_columns != "True" && by_columns != "False")
    fail(fmt::format("fortran_order {}, allowed: True, False", by_columns));
  if (by_columns == "True" && tensor.shape.size() > 2)
    fail(fmt::format("fortran_order with {} axes, allowed: up to 2", tensor.shape.size()));
  if (by_columns == "True" && tensor.shape.size() == 2) {
    const auto rows = static_cast<std::size_t>(tensor.shape[0]),
               columns = static_cast<std::size_t>(tensor.shape[1]);
    std::vector<double> by_rows(count);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) by_rows[i * columns + j] = tensor.values[j * rows + i];
    }
    tensor.values = std::move(by_rows);
  }
  return tensor;
}

}  // namespace overproof
