#include "verify/pass.h"

#include "tests/catch.h"
#include "tests/verify/reference.h"
#include "verify/eigenvalues.h"

using namespace overproof;

namespace {

struct Case {
  std::string name;
  Architecture net;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  for (const std::string& id : activation_names()) {
    const Activation activation = activation_from(id);
    list.push_back({"fc " + id, fully_connected(3, 12, 3, activation)});
    list.push_back({"resnet " + id, resnet(3, 12, 3, 0.5, activation)});
  }
  list.push_back({"two-layer", two_layer_relu(4, 30)});
  Architecture inside = resnet(5, 5, 3, 0.5, Activation::tanh);  // the skip inside σ and a scale on W
  for (Layer& layer : inside.layers) layer.skip_in = layer.skip_out = 0.75, layer.scale_in = 0.3;
  list.push_back({"skip inside", inside});
  return list;
}

WeightNorms norms_of(const Parameters& weights) {
  WeightNorms norms;
  for (const Matrix& W : weights) norms.push_back(factor_norms(W, Up(enclose_spectral_norm(W).upper())));
  return norms;
}

}  // namespace

TEST_CASE(
    "forward and backward balls contain the 256-bit values of every architecture and activation, and are "
    "sharp") {
  const auto seed = test_seed(31);
  INFO("seed " << seed);
  for (const Case& c : cases()) {
    INFO(c.name);
    const Parameters weights = initial_parameters(c.net, seed);
    const WeightNorms norms = norms_of(weights);
    Dataset data{Matrix::Random(c.net.input_dimension, 4), Vector::Zero(4), true};
    const Inputs inputs = enclose_inputs(data);
    const Kernels& kernels = kernels_of(c.net.activation);
    const ForwardBalls pass = enclose_forward(c.net, kernels, weights, norms, inputs.x);
    const std::vector<Ball> backward = enclose_backward(c.net, kernels, weights, norms, pass).delta;
    const std::vector<SymmetricBall> grams = enclose_grams(c.net, pass, backward);
    std::vector<reference::Sample> samples;
    for (Index i = 0; i < 4; ++i) {
      reference::Column x = reference::column(data.X, i);
      const Interval length = reference::norm(x);
      for (Interval& entry : x) entry /= length;
      reference::require_inside(inputs.x, i, x, 1e-30);
      samples.push_back(reference::evaluate(c.net, weights, x));
      const reference::Sample& s = samples.back();
      for (std::size_t h = 0; h < pass.z.size(); ++h) {
        reference::require_inside(pass.z[h], i, s.z[h], 1e-15);
        reference::require_inside(pass.x[h + 1], i, s.x[h + 1], 1e-15);
        reference::require_inside(backward[h], i, s.delta[h], 1e-15);
      }
      reference::require_inside(pass.f, i, {s.f}, 1e-15);
    }
    for (Index i = 0; i < 4; ++i) {
      for (Index j = 0; j < 4; ++j) {
        const reference::Sample &s = samples[static_cast<std::size_t>(i)],
                                &t = samples[static_cast<std::size_t>(j)];
        for (std::size_t h = 0; h < grams.size(); ++h) {
          Interval truth = reference::dot(s.x[h], t.x[h]);
          if (h < backward.size())
            truth *=
                reference::dot(s.delta[h], t.delta[h]) * square(reference::number(c.net.layers[h].scale_in));
          REQUIRE(entry(grams[h], i, j).contains(truth));
          REQUIRE(entry(grams[h], i, j).width() < 1e-9 * (1 + std::abs(truth.mid())));
        }
      }
    }
    // ∂L/∂W = −Σ r_i Δ_i x_iᵀ, entry by entry, in the Frobenius norm
    Vector residual(4);
    std::vector<Up> radius;
    for (Index i = 0; i < 4; ++i) residual[i] = 0.3 * static_cast<double>(i) - 0.4, radius.emplace_back(0.0);
    for (Index h = 1; h <= c.net.depth() + 1; ++h) {
      const MatrixBall gradient = enclose_gradient(c.net, pass, backward, residual, radius, h);
      Interval squared = Interval::integer(0, 256);
      for (Index r = 0; r < gradient.mid.rows(); ++r) {
        for (Index q = 0; q < gradient.mid.cols(); ++q) {
          Interval truth = Interval::integer(0, 256);
          for (std::size_t i = 0; i < 4; ++i) {
            const Interval in = samples[i].x[static_cast<std::size_t>(h - 1)][static_cast<std::size_t>(q)];
            const bool output = h == c.net.depth() + 1;
            const Interval signal =
                output ? Interval::integer(1)
                       : samples[i].delta[static_cast<std::size_t>(h - 1)][static_cast<std::size_t>(r)] *
                             reference::number(c.net.layers[static_cast<std::size_t>(h - 1)].scale_in);
            truth -= reference::number(residual[static_cast<Index>(i)]) * signal * in;
          }
          squared += square(truth - reference::number(gradient.mid(r, q)));
        }
      }
      REQUIRE(certainly_le(sqrt(squared), Interval::exact(gradient.radius.value())));
      REQUIRE(gradient.radius.value() < 1e-10);
    }
  }
}

TEST_CASE("a ball with radius covers every input inside it") {
  const auto seed = test_seed(32);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (const Case& c : cases()) {
    INFO(c.name);
    const Parameters weights = initial_parameters(c.net, seed);
    const WeightNorms norms = norms_of(weights);
    const Kernels& kernels = kernels_of(c.net.activation);
    for (const double radius : {1e-6, 1e-2, 0.5}) {
      Ball inputs = Ball::exactly(Matrix::Random(c.net.input_dimension, 3));
      for (Index i = 0; i < 3; ++i) inputs.two[i] = inputs.entry[i] = Up(radius);
      const ForwardBalls pass = enclose_forward(c.net, kernels, weights, norms, inputs);
      const std::vector<Ball> backward = enclose_backward(c.net, kernels, weights, norms, pass).delta;
      for (int trial = 0; trial < scaled(6); ++trial) {
        for (Index i = 0; i < 3; ++i) {
          Vector direction(c.net.input_dimension);
          for (double& v : direction) v = normal(random);
          const Matrix x = inputs.mid.col(i) + 0.999 * radius * direction.normalized();
          const reference::Sample s = reference::evaluate(c.net, weights, reference::column(x, 0));
          for (std::size_t h = 0; h < pass.z.size(); ++h) {
            reference::require_inside(pass.z[h], i, s.z[h], 1e9);
            reference::require_inside(pass.x[h + 1], i, s.x[h + 1], 1e9);
            reference::require_inside(backward[h], i, s.delta[h], 1e9);
          }
          reference::require_inside(pass.f, i, {s.f}, 1e9);
        }
      }
    }
  }
}

TEST_CASE("twelve layers leave the least eigenvalue of the Gram matrix sharp") {
  struct Size {
    Activation activation;
    Index m, n;
  };
  for (const auto& [activation, m, n] :
       {Size{Activation::tanh, 256, 20}, {Activation::softplus, 1000, 50}, {Activation::gelu, 256, 20}}) {
    INFO(to_text(activation));
    const Architecture net = fully_connected(20, m, 12, activation);
    const Parameters weights = initial_parameters(net, 3);
    const WeightNorms norms = norms_of(weights);
    std::mt19937_64 random(test_seed(33));
    std::normal_distribution<double> normal;
    Dataset data{Matrix(20, n), Vector::Zero(n), true};
    for (double& entry : data.X.reshaped()) entry = normal(random);
    const Kernels& kernels = kernels_of(activation);
    const ForwardBalls pass = enclose_forward(net, kernels, weights, norms, enclose_inputs(data).x);
    SymmetricBall ntk = zero_ball(n);
    for (const SymmetricBall& G :
         enclose_grams(net, pass, enclose_backward(net, kernels, weights, norms, pass).delta))
      ntk = ntk + G;
    const Interval smallest = enclose_eigenvalues(ntk).smallest;
    CHECK(smallest.lower() > 0.0);
    CHECK(smallest.width() < 1e-3 * smallest.lower());
  }
}

TEST_CASE("NaN and infinite weights leave nothing certain") {
  const Architecture net = fully_connected(3, 10, 2, Activation::tanh);
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e308}) {
    for (const std::size_t w : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
      Parameters weights = initial_parameters(net, 5);
      weights[w](0, 3 % weights[w].cols()) = bad;
      WeightNorms norms;
      for (const Matrix& W : weights) norms.push_back(factor_norms(W, frobenius_above(W)));
      const Kernels& kernels = kernels_of(net.activation);
      const ForwardBalls pass =
          enclose_forward(net, kernels, weights, norms, Ball::exactly(Matrix::Identity(3, 3)));
      const auto grams = enclose_grams(net, pass, enclose_backward(net, kernels, weights, norms, pass).delta);
      const Interval smallest = enclose_eigenvalues(grams[1] + grams[0] + grams[2]).smallest;
      CHECK_FALSE(certainly_lt(Interval::exact(1e-6), smallest));
    }
  }
}
