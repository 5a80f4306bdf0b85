#include "verify/activation_kernel.h"

#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

/// σ^(order)(high + low) at 200 bits.
Interval reference(const ActivationRow& row, int order, Pair z) {
  const Interval at = Interval::exact(z.high, 200) + Interval::exact(z.low, 200);
  return taylor(row, at, order)[static_cast<std::size_t>(order)];
}

Interval number(Pair x) { return Interval::exact(x.high, 200) + Interval::exact(x.low, 200); }

}  // namespace

TEST_CASE(
    "every kernel value is within its stated error, everywhere, and the error is far below a roundoff") {
  const auto seed = test_seed(21);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> wide(-60, 60), near(-4, 4), part(-1, 1);
  for (const ActivationRow& row : activation_table()) {
    if (row.id == "relu") continue;
    for (const int order : {0, 1}) {
      const ActivationKernel kernel(row, order);
      INFO(row.id << " order " << order);
      std::vector<double> points = {0.0,  -0.0,  0.0625, -0.0625, 0.1875, 1e-300, -5e-324,
                                    1e30, -1e30, 700.0,  -745.0,  10.0,   40.0};
      for (int i = 0; i < scaled(1500); ++i) points.push_back(i % 2 ? wide(random) : near(random));
      for (int cell = -720; cell <= 720; ++cell) {  // both edges of the cells, where the remainder is largest
        const double edge = cell / 16.0 + 0.03125;
        points.push_back(edge), points.push_back(std::nextafter(edge, 0.0));
      }
      double tightest = 1e300;
      for (std::size_t i = 0; i < points.size(); ++i) {
        const double low_part = i % 3 == 0   ? 0.0
                                : i % 3 == 1 ? part(random)
                                             : std::copysign(1.0, part(random));
        const Pair z{points[i], low_part * unit_roundoff * points[i]};
        const auto [value, error] = kernel.at(z);
        const Interval truth = reference(row, order, z), gap = abs(truth - number(value));
        INFO("z = " << z.high << " + " << z.low << ", value " << value.high << ", truth " << truth.text(20)
                    << ", error " << error << ", distance " << gap.text(5));
        REQUIRE(is_normalised(value));
        REQUIRE(certainly_le(gap, Interval::exact(error, 200)));
        // 2^-7 of a roundoff, or what the asymptote leaves; softplus, GELU and SiLU grow like |z|
        REQUIRE(error <= 0x1p-60 * (1.0 + std::abs(truth.mid())) + (std::abs(z.high) > 6 ? 2e-17 : 0.0));
        if (error > 0 && gap.upper() > 0) tightest = std::min(tightest, error / gap.upper());
      }
      CHECK(tightest < 30.0);  // the bound is not hollow: some point comes near it
    }
  }
}

TEST_CASE("a kernel answers NaN for NaN with an infinite error") {
  const ActivationKernel kernel(activation_row("tanh"), 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Pair z : {Pair{nan, 0.0}, Pair{nan, nan}, Pair{0.5, nan}, Pair{50.0, nan}}) {
    CHECK(std::isnan(kernel.at(z).value.high));
    CHECK(std::isinf(kernel.at(z).error));
  }
}

TEST_CASE("a pair whose low part is too large for the error bound gets an infinite error") {
  const ActivationKernel kernel(activation_row("softplus"), 0);
  for (const Pair z : {Pair{1.0, 0x1p-52}, Pair{0.0, 5e-324}, Pair{60.0, 1.0}, Pair{-60.0, 70.0}})
    CHECK(std::isinf(kernel.at(z).error));
}

TEST_CASE("relu has no kernel") { CHECK_THROWS_AS(ActivationKernel(activation_row("relu"), 0), InputError); }

TEST_CASE("the kernel's Lipschitz constant bounds every difference quotient and is attained to 1 percent") {
  for (const ActivationRow& row : activation_table()) {
    if (row.id == "relu") continue;
    for (const int order : {0, 1}) {
      const ActivationKernel kernel(row, order);
      INFO(row.id << " order " << order);
      double largest = 0.0;
      for (double z = -50; z < 50; z += 0.01)
        largest = std::max(
            largest, std::abs(kernel.at({z + 0.01, 0.0}).value.high - kernel.at({z, 0.0}).value.high) / 0.01);
      CHECK(largest <= kernel.lipschitz().value() * (1 + 1e-9));
      CHECK(largest >= 0.99 * kernel.lipschitz().value());
    }
  }
}
