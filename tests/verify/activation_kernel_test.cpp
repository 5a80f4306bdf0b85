#include "verify/activation_kernel.h"

#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

/// σ^(order)(z) at 200 bits.
Interval reference(const ActivationRow& row, int order, double z) {
  return taylor(row, Interval::exact(z, 200), order)[static_cast<std::size_t>(order)];
}

}  // namespace

TEST_CASE(
    "every kernel value is within its stated error, everywhere, and the error is a few units of roundoff") {
  const auto seed = test_seed(21);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (const ActivationRow& row : activation_table()) {
    if (row.id == "relu") continue;
    for (const int order : {0, 1}) {
      const ActivationKernel kernel(row, order);
      INFO(row.id << " order " << order);
      std::vector<double> points = {0.0,  -0.0,  0.0625, -0.0625, 0.1875, 1e-300, -5e-324,
                                    1e30, -1e30, 700.0,  -745.0,  10.0,   40.0};
      std::uniform_real_distribution<double> wide(-60, 60), near(-4, 4);
      for (int i = 0; i < scaled(1500); ++i) points.push_back(i % 2 ? wide(random) : near(random));
      for (int cell = -360; cell <= 360; ++cell) {  // both edges of the cells, where the remainder is largest
        points.push_back(cell / 8.0 + 0.0625), points.push_back(std::nextafter(cell / 8.0 + 0.0625, 0.0));
      }
      double tightest = 1.0;
      for (const double z : points) {
        const auto [value, error] = kernel.at(z);
        const Interval truth = reference(row, order, z), gap = abs(truth - Interval::exact(value, 200));
        INFO("z = " << z << ", value " << value << ", truth " << truth.text(20) << ", error " << error);
        REQUIRE(certainly_le(gap, Interval::exact(error, 200)));
        // softplus, GELU and SiLU grow like |z|; everything else is of order 1
        REQUIRE(error <= 2e-15 * (1.0 + std::abs(truth.mid())));
        if (error > 0 && gap.upper() > 0) tightest = std::min(tightest, error / gap.upper());
      }
      CHECK(tightest < 100.0);  // the bound is not hollow: some point comes near it
    }
  }
}

TEST_CASE("a kernel answers NaN for NaN with an infinite error") {
  const ActivationKernel kernel(activation_row("tanh"), 0);
  const auto [value, error] = kernel.at(std::numeric_limits<double>::quiet_NaN());
  CHECK(std::isnan(value));
  CHECK(std::isinf(error));
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
        largest = std::max(largest, std::abs(kernel.at(z + 0.01).value - kernel.at(z).value) / 0.01);
      CHECK(largest <= kernel.lipschitz().value() * (1 + 1e-9));
      CHECK(largest >= 0.99 * kernel.lipschitz().value());
    }
  }
}
