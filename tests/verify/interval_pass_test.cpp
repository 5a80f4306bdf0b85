#include "verify/interval_pass.h"

#include "tests/verify/reference.h"
#include "trainer/architecture.h"

using namespace overproof;

namespace {

Interval residual_norm(const Architecture& net, const Parameters& weights, const Dataset& data) {
  reference::Column residual;
  for (Index i = 0; i < data.y.size(); ++i) {
    reference::Column x = reference::column(data.X, i);
    const Interval length = reference::norm(x);
    for (Interval& entry : x) entry = data.normalised ? entry / length : entry;
    residual.push_back(reference::number(data.y[i]) - reference::evaluate(net, weights, x).f);
  }
  return reference::norm(residual);
}

}  // namespace

TEST_CASE("interval passes agree with the reference for every architecture, and are sharp") {
  const auto seed = test_seed(91);
  INFO("seed " << seed);
  Architecture skipping = fully_connected(3, 5, 2, Activation::silu);
  skipping.layers[1].skip_in = 0.5, skipping.layers[1].scale_in = -2.0;
  for (const Architecture& net :
       {fully_connected(3, 5, 3, Activation::gelu), resnet(3, 5, 3, 0.5, Activation::softplus),
        two_layer_relu(3, 5), skipping}) {
    INFO(net.name);
    for (const bool normalised : {true, false}) {
      const Dataset data{Matrix::Random(3, 4), Vector::Random(4), normalised};
      const Parameters weights = initial_parameters(net, seed);
      const Interval found = enclose_residual_norm_slowly(net, weights, data),
                     truth = residual_norm(net, weights, data);
      CHECK_FALSE(certainly_lt(found, truth));
      CHECK_FALSE(certainly_lt(truth, found));
      CHECK(found.width() < 1e-60);
    }
  }
}

TEST_CASE("weights beyond the range of doubles are no trouble for an interval pass") {
  const Architecture net = fully_connected(3, 5, 2, Activation::softplus);
  const Dataset data{Matrix::Random(3, 4), Vector::Random(4), true};
  Parameters weights = initial_parameters(net, 7);
  weights[1](2, 3) = 1e308, weights[2](0, 2) = 1e300;
  const Interval found = enclose_residual_norm_slowly(net, weights, data);
  CHECK(certainly_lt(Interval::decimal("1e600"), found));
  CHECK(certainly_lt(found, Interval::decimal("1e610")));
}

TEST_CASE("for a large network only the first samples are taken, which bounds the norm from below") {
  const Architecture net = two_layer_relu(3, 5);
  const Parameters weights = {Matrix::Zero(5, 3), Matrix::Ones(1, 5)};
  const Dataset data{Matrix::Ones(3, 3), (Vector(3) << 3.0, 4.0, 12.0).finished(), false};
  for (const auto& [products, lower] : {std::pair(19.0, 0.0), {20.0, 3.0}, {59.0, 5.0}}) {
    const Interval found = enclose_residual_norm_slowly(net, weights, data, products);
    CHECK(found.lower() == lower);
    CHECK(found.upper() == INFINITY);
  }
  CHECK(same_ends(enclose_residual_norm_slowly(net, weights, data, 60.0), Interval::integer(13)));
}
