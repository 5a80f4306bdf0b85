#include "trainer/network.h"

#include <Eigen/Dense>
#include <limits>

#include "trainer/random.h"

namespace overproof {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Δ[h-1]_i = r_i ∂f_i/∂z^h_i, one column a sample, for h = 1..H.
std::vector<Matrix> backward(const Architecture& net, const Parameters& parameters, const Forward& pass,
                             const Vector& r) {
  std::vector<Matrix> deltas(net.layers.size());
  Matrix above = parameters[net.readouts.front().weight].transpose() * r.transpose();  // r_i ∂f_i/∂x^h_i
  for (std::size_t h = net.layers.size(); h-- > 0;) {
    const Layer& layer = net.layers[h];
    Matrix& delta = deltas[h];
    delta = layer.scale * above.array() *
            pass.z[h].unaryExpr([&net](double z) { return derivative(net.activation, z); }).array();
    if (h == 0) break;
    Matrix below(pass.x[h].rows(), pass.x[h].cols());
    below.noalias() = layer.scale_in * parameters[layer.weight].transpose() * delta;
    if (layer.skip_in != 0) below += layer.skip_in * delta;
    if (layer.skip_out != 0) below += layer.skip_out * above;
    above = std::move(below);
  }
  return deltas;
}

Matrix initial_matrix(const Weight& weight, const RandomStream& random) {
  RowMajor values = RowMajor::Zero(weight.rows, weight.cols);
  if (weight.law == InitLaw::gaussian) {
    for (Index i = 0; i < values.size(); i += 2) {
      const auto pair = gaussian_pair(random, static_cast<std::uint64_t>(i / 2));
      values.data()[i] = weight.scale * pair[0];
      if (i + 1 < values.size()) values.data()[i + 1] = weight.scale * pair[1];
    }
  } else if (weight.law == InitLaw::rademacher) {
    for (Index i = 0; i < values.size(); ++i) {
      values.data()[i] = weight.scale * random_sign(random, static_cast<std::uint64_t>(i));
    }
  }
  return values;
}

}  // namespace

Forward forward(const Architecture& net, const Parameters& parameters, const Matrix& X) {
  Forward pass;
  pass.x.reserve(net.layers.size() + 1);
  pass.z.reserve(net.layers.size());
  pass.x.push_back(X);
  for (const Layer& layer : net.layers) {
    const Matrix &W = parameters[layer.weight], &below = pass.x.back();
    Matrix z(W.rows(), X.cols());
    z.noalias() = layer.scale_in * W * below;
    if (layer.skip_in != 0) z += layer.skip_in * below;
    Matrix x = layer.scale * z.unaryExpr([&net](double t) { return value(net.activation, t); });
    if (layer.skip_out != 0) x += layer.skip_out * below;
    pass.z.push_back(std::move(z));
    pass.x.push_back(std::move(x));
  }
  pass.f = (parameters[net.readouts.front().weight] * pass.x.back()).transpose();
  return pass;
}

Parameters gradient(const Architecture& net, const Parameters& parameters, const Forward& pass,
                    const Vector& y) {
  const Vector r = pass.f - y;
  const std::vector<Matrix> deltas = backward(net, parameters, pass, r);
  Parameters result(net.weights.size());
  for (std::size_t h = 0; h < net.layers.size(); ++h) {
    const Layer& layer = net.layers[h];
    if (!net.weights[layer.weight].trained) continue;
    Matrix& dW = result[layer.weight];
    dW.resize(deltas[h].rows(), pass.x[h].rows());
    dW.noalias() = layer.scale_in * deltas[h] * pass.x[h].transpose();
  }
  const std::size_t output = net.readouts.front().weight;
  if (net.weights[output].trained) result[output] = r.transpose() * pass.x.back().transpose();
  return result;
}

double approx_lambda_max_ntk(const Architecture& net, const Parameters& parameters, const Matrix& X) {
  const Forward pass = forward(net, parameters, X);
  const std::vector<Matrix> deltas = backward(net, parameters, pass, Vector::Ones(X.cols()));
  const auto gram = [](const Matrix& columns) -> Matrix { return columns.transpose() * columns; };
  Matrix K = Matrix::Zero(X.cols(), X.cols());
  for (std::size_t h = 0; h < net.layers.size(); ++h) {
    const Layer& layer = net.layers[h];
    if (!net.weights[layer.weight].trained) continue;
    K += layer.scale_in * layer.scale_in * gram(pass.x[h]).cwiseProduct(gram(deltas[h]));
  }
  if (net.weights[net.readouts.front().weight].trained) K += gram(pass.x.back());
  if (!K.allFinite()) return std::numeric_limits<double>::quiet_NaN();
  return Eigen::SelfAdjointEigenSolver<Matrix>(K, Eigen::EigenvaluesOnly).eigenvalues().maxCoeff();
}

Parameters initial_parameters(const Architecture& architecture, std::uint64_t seed) {
  Parameters parameters;
  for (std::size_t w = 0; w < architecture.weights.size(); ++w) {
    parameters.push_back(initial_matrix(architecture.weights[w], {seed, static_cast<std::uint32_t>(w)}));
  }
  return parameters;
}

}  // namespace overproof
