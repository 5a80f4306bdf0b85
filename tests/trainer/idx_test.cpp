#include "trainer/idx.h"

#include "tests/catch.h"
#include "tests/trainer/idx_bytes.h"

using namespace overproof;
using Catch::Matchers::Contains;

TEST_CASE("an IDX array is read with its shape and values") {
  const IdxArray images =
      parse_idx(idx_bytes({2, 2, 3}, {0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255}), 3, "f");
  CHECK(images.shape == std::vector<std::int64_t>{2, 2, 3});
  CHECK(images.values == std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255});
  CHECK(parse_idx(idx_bytes({3}, {7, 8, 9}), 1, "f").values == std::vector<std::uint8_t>{7, 8, 9});
}

TEST_CASE("a damaged IDX header is refused with what is wrong") {
  const std::string good = idx_bytes({2, 1, 2}, {1, 2, 3, 4});
  const auto problem = [](const std::string& bytes, int dimensions) -> std::string {
    try {
      (void)parse_idx(bytes, dimensions, "train-images");
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(problem(good, 3) == "accepted");
  CHECK_THAT(problem("", 3), Contains("train-images: is truncated"));
  CHECK_THAT(problem("PNG....." + good, 3), Contains("is not an IDX file"));
  CHECK_THAT(problem(good, 1), Contains("has 3 dimensions, 1 are expected (labels)"));
  std::string floats = good;
  floats[2] = 0x0d;
  CHECK_THAT(problem(floats, 3), Contains("IDX type 0x0d: only unsigned bytes"));
  CHECK_THAT(problem(good.substr(0, 10), 3), Contains("the header has 16 bytes"));
  CHECK_THAT(problem(good.substr(0, good.size() - 1), 3), Contains("is truncated: only 3 values"));
  CHECK_THAT(problem(good + "x", 3), Contains("has 5 values, its header says 4"));
  CHECK_THAT(problem(idx_bytes({0, 1, 2}, {}), 3), Contains("dimension of length 0"));
  CHECK_THAT(problem(idx_bytes({0xffffffff, 0xffffffff, 0xffffffff}, {1}), 3), Contains("is truncated"));
}

TEST_CASE("truncated IDX bytes are never accepted, and flipped headers never crash") {
  std::mt19937_64 random(test_seed(21));
  std::vector<std::uint8_t> values(60);
  for (auto& value : values) value = static_cast<std::uint8_t>(random());
  const std::string bytes = idx_bytes({5, 3, 4}, values);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(parse_idx(std::string_view(bytes).substr(0, size), 3, "f"), InputError);
  }
  for (int i = 0; i < scaled(3000); ++i) {
    std::string flipped = bytes;
    flipped[random() % 16] ^= static_cast<char>(1 << random() % 8);
    CHECK_THROWS_AS(parse_idx(flipped, 3, "f"),
                    InputError);  // no single flip gives dimensions of the same product
  }
}
