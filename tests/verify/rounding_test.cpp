#include "verify/rounding.h"

#include "bounds/interval.h"
#include "tests/catch.h"
#include "verify/machine.h"

using namespace overproof;

TEST_CASE("the machine rounds to nearest and keeps denormals, BLAS workers included") {
  CHECK_NOTHROW(check_floating_point());
}

TEST_CASE("an Up formula bounds the real formula from above") {
  const auto seed = test_seed(11);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(-320, 300);
  for (int trial = 0; trial < scaled(20000); ++trial) {
    const double a = std::pow(10.0, exponent(random) / 2), b = std::pow(10.0, exponent(random) / 2);
    const Interval A = Interval::exact(a, 256), B = Interval::exact(b, 256);
    const auto above = [](Up up, const Interval& exact) {
      return certainly_le(exact, Interval::exact(up.value(), 256));
    };
    REQUIRE(above(Up(a) + Up(b), A + B));
    REQUIRE(above(Up(a) * Up(b), A * B));
    REQUIRE(above(divide(Up(a), b), A / B));
    REQUIRE(above(sqrt(Up(a)), sqrt(A)));
    REQUIRE(above(square(Up(b)), square(B)));
  }
}

TEST_CASE("NaN is never lost in an Up, and a negative number is not a bound") {
  const Up nan(std::numeric_limits<double>::quiet_NaN()), one(1.0);
  for (const Up& x :
       {nan + one, one + nan, nan * one, Up() * nan, sqrt(nan), divide(nan, 1.0), max(nan, one),
        max(one, nan), Up(-1.0), divide(one, 0.0), divide(one, std::numeric_limits<double>::quiet_NaN())}) {
    CHECK(std::isnan(x.value()));
  }
  CHECK(min(nan, one).value() == 1.0);
  CHECK(min(one, nan).value() == 1.0);
}

TEST_CASE("gamma is above k u / (1 - k u) by at most a few units, and infinite where the theory ends") {
  for (const double k : {1.0, 2.0, 1000.0, 1e7}) {
    const Interval ku = Interval::exact(k) * Interval::exact(unit_roundoff);
    const Interval exact = ku / (Interval::integer(1) - ku);
    CHECK(certainly_le(exact, Interval::exact(gamma_factor(k).value())));
    CHECK(certainly_le(Interval::exact(gamma_factor(k).value()), exact * Interval::exact(1 + 0x1p-49)));
  }
  CHECK(std::isinf(gamma_factor(0x1p52).value()));
}
