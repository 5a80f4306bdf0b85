#include "files/safetensors.h"

#include <bit>
#include <cmath>
#include <limits>

#include "tests/catch.h"

using namespace overproof;
using Catch::Matchers::Contains;

namespace {

std::string with_header(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + data;
}

Tensors example() {
  return {{"W1", {{2, 3}, {1, 2, 3, 4, 5, 6}}},
          {"a", {{1, 2}, {-0.5, 1e-310}}},
          {"empty", {{0, 4}, {}}},
          {"s", {{}, {7}}}};
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"W":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

}  // namespace

TEST_CASE("tensors survive safetensors bytes exactly, NaN and signed zero included") {
  Tensors tensors = example();
  CHECK(parse_safetensors(safetensors(tensors), "f") == tensors);
  constexpr double inf = std::numeric_limits<double>::infinity();
  tensors["x"] = {{3}, {std::nan(""), -0.0, -inf}};
  const Tensor back = parse_safetensors(safetensors(tensors), "f").at("x");
  CHECK(std::isnan(back.values[0]));
  CHECK(std::signbit(back.values[1]));
  CHECK(back.values[2] == -inf);
  CHECK(parse_safetensors(safetensors({}), "f").empty());
}

TEST_CASE("the bytes are those of the format: length, padded JSON header, row-major little-endian values") {
  const std::string bytes = safetensors({{"W", {{1, 2}, {1.0, 2.0}}}});
  std::string header = R"({"W":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]}})";
  while (header.size() % 8 != 0) header += ' ';
  CHECK(bytes == with_header(header, std::string("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40", 16)));
}

TEST_CASE("files of other writers are read: metadata, any order, no padding") {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F64","shape":[1],"data_offsets":[8,16]},)"
      R"("a":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]}})";
  const Tensors tensors =
      parse_safetensors(with_header(header, std::string("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40", 16)), "f");
  REQUIRE(tensors.size() == 2);
  CHECK(tensors.at("a") == Tensor{{1, 1}, {1.0}});
  CHECK(tensors.at("b") == Tensor{{1}, {2.0}});
}

TEST_CASE("a damaged safetensors file is refused with what is wrong") {
  const auto problem = [](const std::string& bytes) -> std::string {
    try {
      (void)parse_safetensors(bytes, "w.safetensors");
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  const std::string data(16, '\0');
  CHECK_THAT(problem(""), Contains("w.safetensors: is truncated"));
  CHECK_THAT(problem(std::string("\x10\0\0\0\0\0\0\0{}", 10)),
             Contains("is truncated: header of 16 bytes, 2 bytes"));
  CHECK_THAT(problem(std::string(8, '\xff')), Contains("is not a safetensors file"));
  CHECK_THAT(problem(with_header("{not json", "")), Contains("not valid JSON"));
  CHECK_THAT(problem(with_header("[1]", "")), Contains("the header is not a table"));
  CHECK_THAT(problem(with_header(R"({"W":3})", "")), Contains("W: 3: expected a table"));
  CHECK_THAT(problem(with_header(entry("F32", "[4]", "[0,16]"), data)),
             Contains("W.dtype: \"F32\": only F64"));
  CHECK_THAT(problem(with_header(entry("F64", "[3]", "[0,16]"), data)), Contains("the shape takes 24 bytes"));
  CHECK_THAT(problem(with_header(entry("F64", "[-2]", "[0,16]"), data)), Contains("W.shape"));
  CHECK_THAT(problem(with_header(entry("F64", "[2.0]", "[0,16]"), data)), Contains("W.shape"));
  CHECK_THAT(problem(with_header(entry("F64", "[2]", "[0,16,32]"), data)), Contains("two numbers"));
  CHECK_THAT(problem(with_header(entry("F64", "[2]", "[16,0]"), data)), Contains("W.data_offsets"));
  CHECK_THAT(problem(with_header(entry("F64", "[2]", "[8,24]"), data + "12345678")),
             Contains("without overlap or gap"));
  CHECK_THAT(problem(with_header(entry("F64", "[2]", "[0,16]"), data.substr(1))), Contains("is truncated"));
  CHECK_THAT(problem(with_header(entry("F64", "[2]", "[0,16]"), data + "x")), Contains("bytes left over"));
  CHECK_THAT(problem(with_header(entry("F64", "[4294967296,4294967296]", "[0,16]"), data)),
             Contains("W.shape"));
  CHECK_THAT(problem(with_header(entry("F64", "[281474976710656,0,281474976710656]", "[0,16]"), data)),
             Contains("W."));
  const std::string overlapping = R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},)"
                                  R"("b":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}})";
  CHECK_THAT(problem(with_header(overlapping, data)), Contains("without overlap or gap"));
}

TEST_CASE("truncated safetensors bytes are never accepted, and flipped ones never crash") {
  const std::string bytes = safetensors(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(parse_safetensors(std::string_view(bytes).substr(0, size), "f"), InputError);
  }
  std::mt19937_64 random(test_seed(11));
  int accepted = 0, refused = 0;
  for (int i = 0; i < scaled(5000); ++i) {
    std::string flipped = bytes;
    for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
      flipped[random() % flipped.size()] ^= static_cast<char>(1 << random() % 8);
    }
    try {
      (void)parse_safetensors(flipped, "f");
      ++accepted;
    } catch (const InputError&) {
      ++refused;
    }
  }
  CHECK(accepted > 0);  // flips within the values cannot be seen here; the sha256 of a run sees them
  CHECK(refused > 0);
}
