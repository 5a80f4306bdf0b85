#include "files/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "files/fields.h"

namespace overproof {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors values are copied as they lie in memory");

constexpr std::size_t length_bytes = 8;
constexpr std::uint64_t largest_header = 100'000'000;  // the limit of the reference implementation
constexpr std::int64_t largest_size = std::int64_t{1} << 48;

/// Where a tensor's bytes lie, after the header.
struct Place {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t begin = 0, end = 0;
};

std::vector<std::int64_t> whole_numbers(Fields& fields, const std::string& name) {
  const Json* list = fields.raw(name);
  if (!list || !list->is_array()) throw fields.error(name, "a list of whole numbers is expected");
  std::vector<std::int64_t> numbers;
  for (const Json& entry : *list) {
    if (!entry.is_number_unsigned() ||
        entry.get<std::uint64_t>() > static_cast<std::uint64_t>(largest_size)) {
      throw fields.error(name, fmt::format("whole numbers from 0 to {} are expected", largest_size));
    }
    numbers.push_back(entry.get<std::int64_t>());
  }
  return numbers;
}

Place read_place(const std::string& name, Fields fields) {
  if (const std::string dtype = fields.text("dtype"); dtype != "F64") {
    throw fields.error("dtype", "only F64 is read here; conversion from a shorter format to F64 is exact");
  }
  Place place{name, whole_numbers(fields, "shape")};
  const std::vector<std::int64_t> offsets = whole_numbers(fields, "data_offsets");
  if (offsets.size() != 2) throw fields.error("data_offsets", "two numbers [begin, end] are expected");
  place.begin = offsets[0], place.end = offsets[1];
  fields.done();
  std::int64_t bytes = sizeof(double);
  for (const std::int64_t size : place.shape) {
    if (size != 0 && bytes > largest_size / size) throw fields.error("shape", "is too large");
    bytes *= size;
  }
  if (place.end < place.begin || place.end - place.begin != bytes) {
    throw fields.error("data_offsets", fmt::format("the shape takes {} bytes", bytes));
  }
  return place;
}

}  // namespace

std::string safetensors(const Tensors& tensors) {
  Json header = Json::object();
  std::size_t end = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t begin = std::exchange(end, end + tensor.values.size() * sizeof(double));
    header[name] = {{"dtype", "F64"}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + length_bytes - 1) / length_bytes * length_bytes, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(length_bytes, '\0');
  std::memcpy(bytes.data(), &length, length_bytes);
  bytes.reserve(length_bytes + text.size() + end);
  bytes += text;
  for (const auto& [name, tensor] : tensors) {
    bytes.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(double));
  }
  return bytes;
}

Tensors parse_safetensors(std::string_view bytes, const std::string& file) {
  const auto fail = [&](const std::string& problem) {
    return InputError(fmt::format("{}: {}", file, problem));
  };
  if (bytes.size() < length_bytes) throw fail("is truncated: a safetensors file has at least 8 bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), length_bytes);
  bytes.remove_prefix(length_bytes);
  if (length > largest_header)
    throw fail(fmt::format("is not a safetensors file: header of {} bytes", length));
  if (length > bytes.size()) {
    throw fail(fmt::format("is truncated: header of {} bytes, {} bytes are there", length, bytes.size()));
  }
  const Json header = parse_json(bytes.substr(0, length), file);
  bytes.remove_prefix(length);
  if (!header.is_object()) throw fail("the header is not a table");

  std::vector<Place> places;
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") places.push_back(read_place(name, Fields(entry, file, name)));
  }
  std::ranges::sort(places, {}, [](const Place& p) { return std::pair(p.begin, p.end); });
  std::int64_t covered = 0;
  for (const Place& place : places) {
    if (place.begin != covered) {
      throw fail(fmt::format(
          "{}: data_offsets: starts at byte {}, expected {}: tensors must follow each other without "
          "overlap or gap",
          place.name, place.begin, covered));
    }
    covered = place.end;
  }
  if (static_cast<std::uint64_t>(covered) != bytes.size()) {
    throw fail(fmt::format(
        "{}: the tensors take {} bytes, {} are there",
        static_cast<std::uint64_t>(covered) > bytes.size() ? "is truncated" : "has bytes left over", covered,
        bytes.size()));
  }
  Tensors tensors;
  for (const Place& place : places) {
    const auto size = static_cast<std::size_t>(place.end - place.begin);
    Tensor tensor{place.shape, std::vector<double>(size / sizeof(double))};
    if (size > 0) std::memcpy(tensor.values.data(), bytes.data() + place.begin, size);
    tensors.emplace(place.name, std::move(tensor));
  }
  return tensors;
}

}  // namespace overproof
