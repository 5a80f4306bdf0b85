#include "verify/lipschitz.h"

#include <cmath>

#include "tests/catch.h"
#include "tests/verify/lipschitz_written_out.h"
#include "verify/curvature.h"

using namespace overproof;

TEST_CASE("no pair of points on the ball exceeds the Lipschitz constant, by any method") {
  const auto seed = test_seed(71);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  double sharpest = 0.0;
  for (int repeat = 0; repeat < scaled(2); ++repeat) {
    std::vector<Setting> all = settings(random);
    for (Setting& s : products(random)) all.push_back(std::move(s));
    for (const Setting& s : all) {
      const LipschitzBounds bounds(s.net, s.at, s.backward, LipschitzMethod::jacobians);
      for (const double r : {1e-4, 0.1, 0.6}) {
        const double truth = observed(s, r, random);
        INFO(s.name << ", H = " << s.net.depth() << ", m = " << s.net.width() << ", n = " << s.data.X.cols()
                    << ", r = " << r);
        double before = std::numeric_limits<double>::infinity();
        for (const LipschitzMethod method : lipschitz_methods) {
          const double claimed = bounds.at(r, method).value();
          INFO(to_text(method));
          CHECK(truth <= claimed * (1.0 + 1e-6) + 1e-8);  // the differences are in floating point
          CHECK(claimed <= before);
          before = claimed;
        }
        CHECK(std::isfinite(before));
        if (s.name == "product") CHECK(truth >= (s.net.depth() == 1 ? 0.99 : 0.5) * before);
        sharpest = std::max(sharpest, truth / before);
      }
    }
  }
  CHECK(sharpest >= 0.98);
}

TEST_CASE("with the readout fixed, two layers have the sharp constant, and a zero input adds nothing") {
  // f = s Σ a_r tanh(w_r x), n = 1: f̈ = s Σ a_r tanh''(z_r)(v_r x)², at most s|x|² max|a_r tanh''(z_r)|
  Architecture net = fully_connected(1, 3, 1, Activation::tanh);
  net.weights[1].trained = false;
  net.layers[0].scale = 0.5;
  Setting s{"",
            net,
            {(Matrix(3, 1) << 0.3, -1.0, 2.0).finished(), (Matrix(1, 3) << 1.0, -3.0, 0.5).finished()},
            {(Matrix(1, 2) << 2.0, 0.0).finished(), Vector::Zero(2)},
            {},
            {}};
  enclose(s);
  double expected = 0.0;
  for (Index r = 0; r < 3; ++r) {
    const double t = std::tanh(2.0 * s.weights[0](r, 0));
    expected = std::max(expected, 0.5 * 4.0 * std::abs(s.weights[1](0, r) * 2.0 * t * (1.0 - t * t)));
  }
  const double claimed = LipschitzBounds(s.net, s.at, s.backward).at(1e-9).value();
  CHECK(claimed >= expected * (1.0 - 1e-12));
  CHECK(claimed <= expected * 1.05);  // the table of σ''
}

TEST_CASE("relu has a Lipschitz constant just as far as no sign changes") {
  Architecture net = two_layer_relu(2, 2);
  Setting s{"",
            net,
            {(Matrix(2, 2) << 1.0, 0.0, 0.0, -0.5).finished(), Matrix::Ones(1, 2)},
            {(Matrix(2, 1) << 1.0, 1.0).finished(), Vector::Zero(1)},
            {},
            {}};
  enclose(s);
  const LipschitzBounds bounds(net, s.at, s.backward);
  const double reach = 0.5 / std::sqrt(2.0);  // |ẑ| = 1, 1/2 and ‖x‖ = √2
  CHECK(bounds.at(reach * 0.999).value() <= 1e-100);
  CHECK(std::isinf(bounds.at(reach * 1.001).value()));
}

TEST_CASE("a kink near to any layer leaves no Lipschitz constant beyond its reach") {
  // f = 100 w₂·relu-free in layer 1, whose pre-activation is 10; that of layer 2 is 0.5
  Architecture net = fully_connected(1, 1, 2, Activation::relu);
  for (Layer& layer : net.layers) layer.scale = 1.0;
  net.weights[0].trained = net.weights[2].trained = false;
  std::mt19937_64 random(64);
  Setting s = setting("kink", net, 1, random, 1.0);
  s.data.X(0, 0) = 10.0, s.weights[0](0, 0) = 1.0, s.weights[1](0, 0) = 0.05, s.weights[2](0, 0) = 1.0;
  enclose(s);
  const LipschitzBounds bounds(s.net, s.at, s.backward);  // z² = 10 w moves by 10 r
  CHECK(std::isfinite(bounds.at(0.0499).value()));
  CHECK(!std::isfinite(bounds.at(0.0501).value()));
  CHECK(!std::isfinite(bounds.at(0.0501, LipschitzMethod::product).value()));
  // what is known of z² only up to 0.01 must not be used as if it were known
  Ball& z = s.at.forward.z[1];
  z.mid(0, 0) += 0.01, z.set_radii(0, Up(0.0101), Up(0.0101));
  const LipschitzBounds known(s.net, s.at, s.backward);
  CHECK(std::isfinite(known.at(0.0495).value()));
  CHECK(!std::isfinite(known.at(0.0501).value()));
}

TEST_CASE("what is known only to a ball counts with its radius") {
  const auto seed = test_seed(65);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (const Setting& truth : settings(random)) {
    Setting known = truth;
    const double size = std::pow(10.0, -2.0 * std::abs(normal(random)) - 0.5);
    const auto spoil = [&](Ball& x) {
      for (Index i = 0; i < x.columns(); ++i) {
        const Vector to =
            x.mid.col(i) + Vector(Vector::NullaryExpr(x.mid.rows(), [&] { return size * normal(random); }));
        const Vector by = to - x.mid.col(i);
        x.mid.col(i) = to, x.low.col(i).setZero();
        x.set_radii(
            i, x.two[static_cast<std::size_t>(i)] + Up(by.norm() * (1.0 + 1e-9) + 1e-14),
            x.entry[static_cast<std::size_t>(i)] + Up(by.cwiseAbs().maxCoeff() * (1.0 + 1e-9) + 1e-14));
      }
    };
    for (std::size_t h = 0; h < truth.net.layers.size(); ++h) {
      for (Ball* x : {&known.at.forward.x[h + 1], &known.at.forward.z[h], &known.backward.g[h],
                      &known.backward.delta[h]})
        spoil(*x);
    }
    const LipschitzBounds bounds(known.net, known.at, known.backward, LipschitzMethod::jacobians);
    for (const double r : {0.0, 0.1, 0.7}) {
      INFO(truth.name << ", radius " << r << ", spoiled by " << size);
      const auto [measured, batch] = written_out(truth, r);
      CHECK(bounds.at(r, LipschitzMethod::measured).value() >= measured * (1.0 - 1e-9));
      CHECK(bounds.at(r, LipschitzMethod::batch).value() >= std::min(measured, batch) * (1.0 - 1e-9));
      const auto [layered, sharp] = written_out(truth, r, true);
      CHECK(bounds.at(r).value() >= std::min(layered, sharp) * (1.0 - 1e-9));
    }
  }
}

TEST_CASE("the table of second derivatives covers every point near") {
  const auto seed = test_seed(72);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  for (const ActivationRow& row : activation_table()) {
    if (row.id == "relu") continue;
    const Curvature& curvature = curvature_of(activation_from(std::string(row.id)));
    INFO(row.id);
    for (int i = 0; i < scaled(300); ++i) {
      const double z = std::pow(10.0, 2.0 * uniform(random)) * uniform(random),
                   reach = std::pow(10.0, -3.0 + 3.0 * uniform(random));
      const double at = z + 0.999 * reach * uniform(random);
      const Interval truth = Interval::integer(2) * abs(taylor(row, Interval::exact(at), 2)[2]);
      REQUIRE(certainly_le(truth.lower_point(), Interval::exact(curvature.over(z, reach))));
    }
    CHECK(curvature.over(0.3, 0.0) <=
          1.3 * (Interval::integer(2) * abs(taylor(row, Interval::exact(0.3), 2)[2])).upper() + 0.05);
    CHECK(std::isnan(curvature.over(std::nan(""), 0.0)));
    CHECK(std::isnan(curvature.over(0.0, std::nan(""))));
    CHECK(curvature.over(1e300, 0.0) >= 0.0);
    CHECK(curvature.over(0.0, 1e300) >= second_derivative_bound(row).lower());
  }
}

TEST_CASE("NaN and infinity in what is known give no finite constant") {
  std::mt19937_64 random(test_seed(73));
  Setting s = setting("", fully_connected(2, 3, 2, Activation::softplus), 2, random, 1.0);
  CHECK(!std::isfinite(LipschitzBounds(s.net, s.at, s.backward).at(std::nan("")).value()));
  CHECK(!std::isfinite(
      LipschitzBounds(s.net, s.at, s.backward).at(std::numeric_limits<double>::infinity()).value()));
  const double known = LipschitzBounds(s.net, s.at, s.backward, LipschitzMethod::jacobians).at(0.1).value();
  for (const Index h : {0, 1}) {
    Setting unknown = s;
    unknown.at.forward.z[static_cast<std::size_t>(h)].mid(1, 0) = std::nan("");
    const double claimed =
        LipschitzBounds(unknown.net, unknown.at, unknown.backward, LipschitzMethod::jacobians)
            .at(0.1)
            .value();
    CHECK(!(claimed < known * (1.0 - 1e-12)));
  }
  s.at.norms[1].spectral = Up(std::nan(""));
  CHECK(!std::isfinite(LipschitzBounds(s.net, s.at, s.backward, LipschitzMethod::jacobians).at(0.1).value()));
  CHECK(!std::isfinite(LipschitzBounds(s.net, s.at, s.backward).at(0.1).value()));
}

TEST_CASE("the recursion is the one that is written and proved") {
  const auto seed = test_seed(74);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::vector<Setting> all = settings(random);
  for (Setting& s : products(random)) all.push_back(std::move(s));
  for (const Setting& s : all) {
    const LipschitzBounds bounds(s.net, s.at, s.backward, LipschitzMethod::jacobians);
    for (const double r : {1e-3, 0.03, 0.3}) {
      INFO(s.name << ", H = " << s.net.depth() << ", m = " << s.net.width() << ", n = " << s.data.X.cols()
                  << ", r = " << r);
      const auto [measured, batch] = written_out(s, r);
      const double ours = bounds.at(r, LipschitzMethod::measured).value(),
                   together = bounds.at(r, LipschitzMethod::batch).value(), sharp = bounds.at(r).value();
      CHECK(ours >= measured * (1.0 - 1e-9));
      CHECK(ours <= measured * 1.1);  // |σ''| over cells
      CHECK(together >= std::min(measured, batch) * (1.0 - 1e-9));
      CHECK(together <= batch * 1.1);
      const auto [by_itself, layered] = written_out(s, r, true);
      CHECK(sharp >= std::min(by_itself, layered) * (1.0 - 1e-9));
      CHECK(sharp <= std::min(layered, by_itself) * 1.1);
      CHECK(layered <= batch * (1.0 + 1e-9));
    }
  }
}
