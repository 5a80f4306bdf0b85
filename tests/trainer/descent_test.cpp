#include "trainer/descent.h"

#include <cmath>

#include "tests/catch.h"
#include "trainer/random.h"

using namespace overproof;

namespace {

struct Setup {
  Architecture net = fully_connected(3, 20, 2, Activation::softplus);
  Matrix X;
  Vector y;
  Parameters initial = initial_parameters(net, 1);

  Setup() {
    const std::vector<double> values = gaussians({test_seed(2), 9}, 20);
    X = Eigen::Map<const Matrix>(values.data(), 3, 5);
    X.colwise().normalize();
    y = Eigen::Map<const Vector>(values.data() + 15, 5);
  }
};

}  // namespace

TEST_CASE("every iterate is the one before minus eta times the gradient") {
  const Setup s;
  std::vector<Parameters> seen;
  std::vector<Index> steps;
  const auto diverged = descend(s.net, s.X, s.y, {0.05, 0.0}, s.initial, 0, 6, [&](const DescentStep& at) {
    steps.push_back(at.step);
    seen.push_back(at.parameters);
    const Vector f = forward(s.net, at.parameters, s.X).f;
    CHECK(at.loss == Approx((f - s.y).squaredNorm() / 2));
    CHECK(at.residual_norm == Approx((f - s.y).norm()));
  });
  CHECK_FALSE(diverged);
  CHECK(steps == std::vector<Index>{0, 1, 2, 3, 4, 5, 6});
  REQUIRE(seen.size() == 7);
  CHECK(seen[0] == s.initial);
  for (std::size_t k = 0; k + 1 < seen.size(); ++k) {
    const Parameters g = gradient(s.net, seen[k], forward(s.net, seen[k], s.X), s.y);
    for (std::size_t w = 0; w < g.size(); ++w) {
      CHECK((seen[k + 1][w] - (seen[k][w] - 0.05 * g[w])).norm() <= 1e-15 * seen[k][w].norm());
      CHECK(seen[k + 1][w] != seen[k][w]);
    }
  }
}

TEST_CASE("fixed weights stay as they are") {
  const Architecture net = two_layer_relu(3, 30);
  const Setup s;
  const Parameters initial = initial_parameters(net, 3);
  (void)descend(net, s.X, s.y, {0.1, 0.0}, initial, 0, 5, [&](const DescentStep& at) {
    CHECK(at.parameters[1] == initial[1]);
    CHECK((at.step == 0) == (at.parameters[0] == initial[0]));
  });
}

TEST_CASE("a run continued in the middle gives the same bits") {
  const Setup s;
  std::vector<Parameters> whole;
  (void)descend(s.net, s.X, s.y, {0.05, 0.0}, s.initial, 0, 9,
                [&](const DescentStep& at) { whole.push_back(at.parameters); });
  std::size_t seen = 0;
  (void)descend(s.net, s.X, s.y, {0.05, 0.0}, whole[4], 4, 9, [&](const DescentStep& at) {
    CHECK(at.parameters == whole[static_cast<std::size_t>(at.step)]);
    ++seen;
  });
  CHECK(seen == 6);
}

TEST_CASE("below 2/lambda_max the loss falls geometrically, far above it the run diverges") {
  const Setup s;
  const double critical = 2 / approx_lambda_max_ntk(s.net, s.initial, s.X);
  std::vector<double> losses;
  const auto keep = [&](const DescentStep& at) { losses.push_back(at.loss); };
  CHECK_FALSE(descend(s.net, s.X, s.y, {critical / 4, 0.0}, s.initial, 0, 300, keep));
  CHECK(losses.back() < 0.5 * losses.front());
  for (std::size_t k = 1; k < losses.size(); ++k) CHECK(losses[k] <= losses[k - 1]);

  // Saturated tanh features make the output weights a linear regression, whose residual grows by a factor
  // each step.
  losses.clear();
  const Architecture net = fully_connected(3, 20, 1, Activation::tanh);
  const auto diverged =
      descend(net, s.X, s.y, {1000 * critical, 0.0}, initial_parameters(net, 1), 0, 3000, keep);
  REQUIRE(diverged);
  CHECK(*diverged == static_cast<Index>(losses.size()));
  for (const double loss : losses) CHECK(std::isfinite(loss));
}

TEST_CASE("momentum is the heavy-ball rule and is not gradient descent") {
  const Setup s;
  std::vector<Parameters> seen;
  (void)descend(s.net, s.X, s.y, {0.05, 0.5}, s.initial, 0, 3,
                [&](const DescentStep& at) { seen.push_back(at.parameters); });
  REQUIRE(seen.size() == 4);
  for (std::size_t k = 1; k + 1 < seen.size(); ++k) {
    const Parameters g = gradient(s.net, seen[k], forward(s.net, seen[k], s.X), s.y);
    for (std::size_t w = 0; w < g.size(); ++w) {
      // W(k+1) = W(k) − η g(k) + ½ (W(k) − W(k−1))
      const Matrix expected = seen[k][w] - 0.05 * g[w] + 0.5 * (seen[k][w] - seen[k - 1][w]);
      CHECK((seen[k + 1][w] - expected).norm() < 1e-13 * seen[k][w].norm());
      CHECK((seen[k + 1][w] - seen[k][w] + 0.05 * g[w]).norm() > 1e-6);
    }
  }
}

TEST_CASE("weights that are not finite end the run before they are shown") {
  Setup s;
  s.initial[1](0, 0) = std::nan("");
  int shown = 0;
  CHECK(descend(s.net, s.X, s.y, {0.1, 0.0}, s.initial, 0, 5, [&](const DescentStep&) { ++shown; }) == 0);
  CHECK(shown == 0);
  Setup labels;
  labels.y[0] = INFINITY;
  CHECK(descend(labels.net, labels.X, labels.y, {0.1, 0.0}, labels.initial, 0, 5,
                [](const DescentStep&) {}) == 0);
}
