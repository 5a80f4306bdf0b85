#include "files/number.h"

#include <bit>
#include <cmath>
#include <limits>

#include "tests/catch.h"

using namespace overproof;

TEST_CASE("a double survives its hexadecimal text exactly") {
  std::mt19937_64 bits(test_seed(1));
  for (int i = 0; i < scaled(20000); ++i) {
    const auto value = std::bit_cast<double>(bits());
    if (!std::isfinite(value)) continue;
    const auto back = parse_double(hex_text(value));
    REQUIRE(back);
    CHECK(std::bit_cast<std::uint64_t>(*back) == std::bit_cast<std::uint64_t>(value));
  }
  CHECK(hex_text(0.09375) == "0x1.8p-4");
  CHECK(parse_double(hex_text(std::numeric_limits<double>::denorm_min())) ==
        std::numeric_limits<double>::denorm_min());
  CHECK(std::signbit(parse_double(hex_text(-0.0)).value()));
}

TEST_CASE("decimal texts give the nearest double") {
  CHECK(parse_double("0.1") == 0.1);
  CHECK(parse_double("-2.5e-3") == -2.5e-3);
  CHECK(parse_double("+7") == 7.0);
}

TEST_CASE("anything but one finite number is refused") {
  for (const char* text :
       {"",     "-",        "+",     "0x",       "-0x", "1.0 ", " 1.0", "1,5",   "nan",  "inf",
        "-inf", "infinity", "1e999", "0x1p5000", "--1", "+-1",  "0x-1", "0x0x1", "1.0f", "one"}) {
    INFO(text);
    CHECK_FALSE(parse_double(text));
  }
  CHECK_FALSE(parse_double(std::string_view("1\0", 2)));
}
