#include <cmath>

#include "recheck/bounds.h"
#include "recheck/recheck.h"
#include "tests/catch.h"

namespace overproof::recheck {
namespace {

const char* const smooth[] = {"softplus", "tanh", "sigmoid", "erf", "gelu", "silu"};

TEST_CASE("each derivative of an activation is the difference quotient of the one before") {
  const std::uint64_t seed = test_seed(11);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> place(-9.0, 9.0);
  for (const char* id : smooth) {
    for (int trial = 0; trial < scaled(50); ++trial) {
      const double z = place(random), step = 0x1p-40;
      INFO(id << " at " << z);
      const List below = enclose_derivatives(id, z - step, 3), at = enclose_derivatives(id, z, 3),
                 above = enclose_derivatives(id, z + step, 3);
      for (std::size_t k = 0; k < 3; ++k) {
        const Ball quotient = (above[k] - below[k]) / (2.0 * Ball(step));
        CHECK(std::fabs(quotient.approx() - at[k + 1].approx()) < 1e-15);
      }
    }
  }
}

TEST_CASE("derivatives on a cell enclose those at its points") {
  const std::uint64_t seed = test_seed(12);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> place(-20.0, 20.0), width(0.0, 0.5);
  for (const char* id : smooth) {
    for (int trial = 0; trial < scaled(50); ++trial) {
      const double low = place(random), high = low + width(random), middle = (low + high) / 2;
      const List over = enclose_derivatives(id, hull(low, high), 3), at = enclose_derivatives(id, middle, 3);
      INFO(id << " on [" << low << ", " << high << "]");
      for (std::size_t k = 0; k <= 3; ++k) CHECK(arb_overlaps(over[k].get(), at[k].get()));
    }
  }
}

TEST_CASE("values are those of the mathematical functions") {
  const auto value = [](const char* id, double z) { return enclose_derivatives(id, z, 0)[0].approx(); };
  CHECK(value("softplus", 0.0) == Approx(std::log(2.0)));
  CHECK(value("softplus", -800.0) == Approx(std::exp(-400.0) * std::exp(-400.0)));
  CHECK(value("softplus", 800.0) == 800.0);
  CHECK(value("tanh", 0.5) == Approx(std::tanh(0.5)));
  CHECK(value("sigmoid", 1.5) == Approx(1 / (1 + std::exp(-1.5))));
  CHECK(value("erf", 0.5) == Approx(std::erf(0.5)));
  CHECK(value("gelu", 1.5) == Approx(0.75 * std::erfc(-1.5 / std::sqrt(2.0))));
  CHECK(value("silu", 1.5) == Approx(1.5 / (1 + std::exp(-1.5))));
  CHECK(value("relu", -1.5) == 0.0);
  CHECK(value("relu", 1.5) == 1.5);
  CHECK(enclose_derivatives("relu", 1.5, 2)[1].approx() == 1.0);
  CHECK_FALSE(arb_is_finite(enclose_derivatives("relu", 0.0, 1)[1].get()));
  CHECK_FALSE(arb_is_finite(enclose_derivatives("relu", hull(-1.0, 1.0), 1)[1].get()));
  CHECK(enclose_derivatives("identity", -2.0, 2)[1].approx() == 1.0);
  CHECK_THROWS_AS(enclose_suprema("swish"), InputError);
}

TEST_CASE("suprema are not exceeded, are nearly attained, and are tight") {
  for (const char* id : smooth) {
    const Suprema suprema = enclose_suprema(id);
    const Ball bounds[] = {suprema.slope, suprema.bend, suprema.third};
    double found[3] = {};
    for (int i = -24000; i <= 24000; i += 5) {
      const List at = enclose_derivatives(id, i / 1024.0, 3);
      for (std::size_t k = 0; k < 3; ++k) found[k] = std::max(found[k], std::fabs(at[k + 1].approx()));
    }
    for (std::size_t k = 0; k < 3; ++k) {
      INFO(id << ", derivative " << k + 1 << ": found " << found[k] << ", bound " << bounds[k].approx());
      CHECK(found[k] <= bounds[k].approx() * (1 + 1e-15));
      CHECK(found[k] >= (1 - 1e-4) * bounds[k].approx());
      CHECK(arb_rel_accuracy_bits(bounds[k].get()) >= 60);
    }
  }
}

}  // namespace
}  // namespace overproof::recheck
