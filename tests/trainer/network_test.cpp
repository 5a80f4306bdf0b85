#include "trainer/network.h"

#include <cmath>
#include <limits>

#include "tests/catch.h"
#include "trainer/random.h"

using namespace overproof;

namespace {

Matrix random_matrix(Index rows, Index cols, std::uint32_t stream) {
  const std::vector<double> values =
      gaussians({test_seed(17), stream}, static_cast<std::size_t>(rows * cols));
  return Eigen::Map<const Matrix>(values.data(), rows, cols);
}

/// All networks the passes serve: every activation in fc and resnet, the shallow net, and one with skips
/// inside σ, a scale inside σ and fixed weights.
std::vector<Architecture> networks() {
  std::vector<Architecture> list;
  for (const std::string& name : activation_names()) {
    list.push_back(fully_connected(3, 5, 1, activation_from(name)));
    list.push_back(fully_connected(3, 5, 3, activation_from(name)));
    list.push_back(resnet(3, 5, 3, 0.7, activation_from(name)));
  }
  list.push_back(two_layer_relu(3, 6));
  Architecture inside = fully_connected(3, 5, 4, Activation::silu);
  for (std::size_t h = 1; h < 4; ++h)
    inside.layers[h].skip_in = 0.9, inside.layers[h].scale_in = 0.3, inside.layers[h].skip_out = 0.2;
  inside.weights[0].trained = inside.weights[2].trained = false;
  list.push_back(inside);
  return list;
}

double loss(const Architecture& net, const Parameters& parameters, const Matrix& X, const Vector& y) {
  return (forward(net, parameters, X).f - y).squaredNorm() / 2;
}

/// The layer formula written out entry by entry.
double plain_forward(const Architecture& net, const Parameters& parameters, std::vector<double> x) {
  for (const Layer& layer : net.layers) {
    const Matrix& W = parameters[layer.weight];
    std::vector<double> next;
    for (Index r = 0; r < W.rows(); ++r) {
      const auto at = static_cast<std::size_t>(r);
      double z = layer.skip_in != 0 ? layer.skip_in * x[at] : 0.0;
      for (Index c = 0; c < W.cols(); ++c) z += layer.scale_in * W(r, c) * x[static_cast<std::size_t>(c)];
      next.push_back(layer.scale * value(net.activation, z) +
                     (layer.skip_out != 0 ? layer.skip_out * x[at] : 0.0));
    }
    x = next;
  }
  double f = 0;
  for (std::size_t c = 0; c < x.size(); ++c)
    f += parameters[net.readouts[0].weight](0, static_cast<Index>(c)) * x[c];
  return f;
}

}  // namespace

TEST_CASE("the forward pass is the layer formula") {
  for (const Architecture& net : networks()) {
    const Parameters parameters = initial_parameters(net, test_seed(1));
    const Matrix X = random_matrix(3, 4, 1);
    const Forward pass = forward(net, parameters, X);
    REQUIRE(pass.x.size() == net.layers.size() + 1);
    REQUIRE(pass.z.size() == net.layers.size());
    for (Index i = 0; i < 4; ++i) {
      CHECK(pass.f[i] == Approx(plain_forward(net, parameters, {X(0, i), X(1, i), X(2, i)})).epsilon(1e-13));
    }
  }
}

TEST_CASE("a worked two-layer network gives the numbers computed by hand") {
  // m = 4, d = 1, scale ½, x = 2: f = ½ (1·2 − 1·0 + 1·6 − 1·1) = 3.5; r = f − y = 2.5;
  // ∂L/∂w_r = r·½·a_r·x·1{w_r x ≥ 0} = 2.5·a_r·1{w_r ≥ 0}.
  const Architecture net = two_layer_relu(1, 4);
  const Parameters parameters{(Matrix(4, 1) << 1, -5, 3, 0.5).finished(),
                              (Matrix(1, 4) << 1, -1, 1, -1).finished()};
  const Matrix X = Matrix::Constant(1, 1, 2.0);
  const Vector y = Vector::Constant(1, 1.0);
  const Forward pass = forward(net, parameters, X);
  CHECK(pass.f[0] == 3.5);
  const Parameters gradients = gradient(net, parameters, pass, y);
  CHECK(gradients[0] == (Matrix(4, 1) << 2.5, 0, 2.5, -2.5).finished());
  CHECK(gradients[1].size() == 0);
  // One sample: the NTK is ‖∂f/∂W‖² = 3 · (½·2)² = 3.
  CHECK(approx_lambda_max_ntk(net, parameters, X) == Approx(3.0).epsilon(1e-15));
}

TEST_CASE("a pre-activation of exactly zero counts as active") {
  const Architecture net = two_layer_relu(1, 1);
  const Parameters parameters{Matrix::Zero(1, 1), Matrix::Ones(1, 1)};
  const Matrix X = Matrix::Ones(1, 1);
  const Parameters gradients =
      gradient(net, parameters, forward(net, parameters, X), Vector::Constant(1, -1.0));
  CHECK(gradients[0](0, 0) == 1.0);
}

TEST_CASE("gradients agree with central differences in every architecture and activation") {
  const Matrix X = random_matrix(3, 4, 2);
  const Vector y = random_matrix(4, 1, 3);
  for (const Architecture& net : networks()) {
    Parameters parameters = initial_parameters(net, test_seed(2));
    const Parameters gradients = gradient(net, parameters, forward(net, parameters, X), y);
    REQUIRE(gradients.size() == parameters.size());
    for (std::size_t w = 0; w < parameters.size(); ++w) {
      if (!net.weights[w].trained) {
        CHECK(gradients[w].size() == 0);
        continue;
      }
      REQUIRE(gradients[w].rows() == parameters[w].rows());
      REQUIRE(gradients[w].cols() == parameters[w].cols());
      for (Index i = 0; i < parameters[w].size(); ++i) {
        const double step = 1e-6, kept = parameters[w].data()[i];
        parameters[w].data()[i] = kept + step;
        const double above = loss(net, parameters, X, y);
        parameters[w].data()[i] = kept - step;
        const double below = loss(net, parameters, X, y);
        parameters[w].data()[i] = kept;
        INFO(net.name << " " << to_text(net.activation) << " " << net.weights[w].name << " entry " << i);
        CHECK(gradients[w].data()[i] == Approx((above - below) / (2 * step)).epsilon(1e-6).margin(1e-6));
      }
    }
  }
}

TEST_CASE("the largest eigenvalue of the tangent kernel is that of the Jacobian") {
  const Index n = 4;
  const Matrix X = random_matrix(3, n, 4);
  for (const Architecture& net : networks()) {
    const Parameters parameters = initial_parameters(net, test_seed(3));
    // Row i of J is ∇f_i: the gradient of ½(f − y)² for sample i alone with y = f − 1.
    Matrix gram(n, n);
    std::vector<Parameters> rows;
    for (Index i = 0; i < n; ++i) {
      const Forward pass = forward(net, parameters, X.col(i));
      rows.push_back(gradient(net, parameters, pass, pass.f - Vector::Ones(1)));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = 0; j < rows.size(); ++j) {
        double sum = 0;
        for (std::size_t w = 0; w < rows[i].size(); ++w) {
          if (rows[i][w].size() > 0) sum += rows[i][w].cwiseProduct(rows[j][w]).sum();
        }
        gram(static_cast<Index>(i), static_cast<Index>(j)) = sum;
      }
    }
    const double largest = approx_lambda_max_ntk(net, parameters, X);
    Vector v = Vector::Ones(n);
    for (int i = 0; i < 3000; ++i) v = (gram * v).normalized();
    INFO(net.name << " " << to_text(net.activation));
    CHECK(largest == Approx(v.dot(gram * v)).epsilon(1e-9));
  }
}

TEST_CASE("NaN in weights or inputs reaches the output, the gradient and the eigenvalue") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Architecture& net : networks()) {
    Parameters parameters = initial_parameters(net, 4);
    const Matrix X = random_matrix(3, 2, 5);
    const std::size_t trained = net.weights[0].trained ? 0 : 1;
    parameters[0](0, 0) = nan;
    const Forward pass = forward(net, parameters, X);
    CHECK(std::isnan(pass.f[0]));
    CHECK_FALSE(gradient(net, parameters, pass, Vector::Zero(2))[trained].allFinite());
    CHECK(std::isnan(approx_lambda_max_ntk(net, parameters, X)));
  }
}

TEST_CASE("initial weights follow their laws, entry by entry from the streams of the seed") {
  Architecture net = fully_connected(3, 5, 2, Activation::tanh);
  net.weights[1].scale = 0.5;
  const Parameters parameters = initial_parameters(net, 77);
  const std::vector<double> first = gaussians({77, 0}, 15), second = gaussians({77, 1}, 25);
  for (Index r = 0; r < 5; ++r) {
    for (Index c = 0; c < 3; ++c) CHECK(parameters[0](r, c) == first[static_cast<std::size_t>(3 * r + c)]);
    for (Index c = 0; c < 5; ++c)
      CHECK(parameters[1](r, c) == 0.5 * second[static_cast<std::size_t>(5 * r + c)]);
  }
  const Parameters shallow = initial_parameters(two_layer_relu(3, 1000), 5);
  CHECK(shallow[1].cwiseAbs() == Matrix::Ones(1, 1000));
  CHECK(std::abs(shallow[1].sum()) < 6 * std::sqrt(1000.0));
  net.weights[0].law = InitLaw::zero;
  CHECK(initial_parameters(net, 77)[0] == Matrix::Zero(5, 3));
  CHECK(initial_parameters(net, 77)[1] == parameters[1]);
  CHECK(initial_parameters(net, 78)[1] != parameters[1]);
}

TEST_CASE("the output of a wide network at initialisation has the variance of its population kernel") {
  // For unit inputs the diagonal of every K^(h) is 1, so f(x) ~ N(0, 1) over seeds as m grows.
  double square = 0;
  const int count = 300;
  const Architecture net = fully_connected(4, 200, 2, Activation::tanh);
  const Matrix x = Vector::Constant(4, 0.5);
  for (std::uint64_t seed = 0; seed < count; ++seed)
    square += std::pow(forward(net, initial_parameters(net, seed), x).f[0], 2);
  CHECK(std::abs(square / count - 1) <
        6 * std::sqrt(2.0 / count) + 0.02);  // finite width moves the mean by O(1/m)
}
