#include "trainer/activation.h"

#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

TEST_CASE("activation names are read back, and a wrong one gets a suggestion") {
  CHECK(activation_names().size() == 7);
  for (const std::string& name : activation_names()) CHECK(to_text(activation_from(name)) == name);
  CHECK_THROWS_AS(activation_from("ReLu6x"), InputError);
  CHECK_THROWS_WITH(activation_from("softpls"), Catch::Matchers::Contains("did you mean \"softplus\"?"));
}

TEST_CASE("activations take their known values") {
  CHECK(value(Activation::softplus, 0) == Approx(std::numbers::ln2));
  CHECK(value(Activation::tanh, 1) == Approx(0.761594155955765));
  CHECK(value(Activation::sigmoid, 1) == Approx(0.731058578630005));
  CHECK(value(Activation::erf, 0.5) == Approx(0.520499877813047));
  CHECK(value(Activation::gelu, 1) == Approx(0.841344746068543));
  CHECK(value(Activation::silu, 2) == Approx(2 * 0.880797077977882));
  CHECK(value(Activation::relu, -3) == 0);
  CHECK(value(Activation::relu, 3) == 3);
  CHECK(value(Activation::softplus, 1000) == 1000);
  CHECK(value(Activation::softplus, -1000) == 0);
  CHECK(value(Activation::silu, -1000) == 0);
  CHECK(value(Activation::gelu, -1000) == 0);
}

TEST_CASE("derivatives agree with central differences") {
  std::mt19937_64 random(test_seed(5));
  std::uniform_real_distribution<double> points(-6, 6);
  for (const std::string& name : activation_names()) {
    const Activation activation = activation_from(name);
    for (int i = 0; i < scaled(200); ++i) {
      const double z = points(random), step = 1e-5;
      if (activation == Activation::relu && std::abs(z) < 1e-3) continue;
      const double difference = (value(activation, z + step) - value(activation, z - step)) / (2 * step);
      INFO(name << " at " << z);
      // truncation step²·sup|σ'''|/6 < 4e-11, rounding 2^-53·7/step < 1e-10
      CHECK(std::abs(derivative(activation, z) - difference) < 5e-10);
    }
  }
}

TEST_CASE("the derivative of relu at zero is one") {
  CHECK(derivative(Activation::relu, 0.0) == 1);
  CHECK(derivative(Activation::relu, -0.0) == 1);
  CHECK(derivative(Activation::relu, -1e-300) == 0);
}

TEST_CASE("NaN goes through every activation and its derivative") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::string& name : activation_names()) {
    INFO(name);
    CHECK(std::isnan(value(activation_from(name), nan)));
    CHECK(std::isnan(derivative(activation_from(name), nan)));
  }
}

TEST_CASE("c_sigma has its known values") {
  // Twelve digits from quadrature at high precision; erf in closed form: E erf(z)² = (2/π) arcsin(2/3).
  const std::map<Activation, double> known{{Activation::softplus, 1.085486502988},
                                           {Activation::tanh, 2.536175433217},
                                           {Activation::sigmoid, 3.408559841623},
                                           {Activation::erf, std::numbers::pi / 2 / std::asin(2.0 / 3)},
                                           {Activation::gelu, 2.351715614073},
                                           {Activation::silu, 2.810761124074},
                                           {Activation::relu, 2.0}};
  REQUIRE(known.size() == activation_names().size());
  for (const auto& [activation, c] : known) {
    INFO(to_text(activation));
    CHECK(std::abs(approx_c_sigma(activation) - c) < 1e-12);
  }
  CHECK(approx_c_sigma(Activation::relu) == 2.0);
  CHECK(approx_c_sigma(Activation::erf) == Approx(known.at(Activation::erf)).epsilon(3e-16));
}
