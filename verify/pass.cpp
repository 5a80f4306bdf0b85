#include "verify/pass.h"

#include <map>
#include <mutex>

#include "files/error.h"

namespace overproof {
namespace {

Ball activated(const Kernels& kernels, double scale, const Ball& z) {
  return kernels.sigma ? activate(*kernels.sigma, scale, z) : activate_relu(scale, z);
}

Ball differentiated(const Kernels& kernels, double scale, const Ball& z, const Ball& g) {
  return kernels.sigma_prime ? multiply_derivative(*kernels.sigma_prime, scale, z, g)
                             : multiply_derivative_relu(scale, z, g);
}

}  // namespace

const Kernels& kernels_of(Activation activation) {
  static std::map<Activation, Kernels> built;
  static std::mutex access;
  const std::scoped_lock lock(access);
  const auto [at, fresh] = built.try_emplace(activation);
  if (fresh && activation != Activation::relu) {
    const ActivationRow& row = activation_row(to_text(activation));
    at->second = {ActivationKernel(row, 0), ActivationKernel(row, 1)};
  }
  return at->second;
}

ForwardBalls enclose_forward(const Architecture& architecture, const Kernels& kernels,
                             const Parameters& weights, const WeightNorms& norms, const Ball& inputs) {
  if (!is_dense(architecture))
    throw InputError(architecture.name + ": only dense layers are enclosed by this version");
  ForwardBalls pass;
  pass.x.push_back(inputs);
  for (const Layer& layer : architecture.layers) {
    const Ball& x = pass.x.back();
    Ball z = scaled(layer.scale_in, multiply(weights[layer.weight], norms[layer.weight], x));
    if (layer.skip_in != 0.0) z = add_scaled(layer.skip_in, x, z);
    Ball y = activated(kernels, layer.scale, z);
    if (layer.skip_out != 0.0) y = add_scaled(layer.skip_out, x, y);
    pass.z.push_back(std::move(z));
    pass.x.push_back(std::move(y));
  }
  const std::size_t readout = architecture.readouts.front().weight;
  pass.f = multiply(weights[readout], norms[readout], pass.x.back());
  return pass;
}

BackwardBalls enclose_backward(const Architecture& architecture, const Kernels& kernels,
                               const Parameters& weights, const WeightNorms& norms,
                               const ForwardBalls& pass) {
  const std::size_t depth = architecture.layers.size();
  BackwardBalls backward{std::vector<Ball>(depth), std::vector<Ball>(depth)};
  // g = ∂f/∂x^h, one column a sample; at the top it is the output weights for every sample, exactly.
  const Matrix& a = weights[architecture.readouts.front().weight];
  Ball g = Ball::exactly(a.transpose().replicate(1, pass.f.columns()));
  for (std::size_t h = depth; h-- > 0;) {
    const Layer& layer = architecture.layers[h];
    const Ball& delta = backward.delta[h] = differentiated(kernels, layer.scale, pass.z[h], g);
    backward.g[h] = std::move(g);
    if (h == 0) break;
    g = scaled(layer.scale_in, multiply_transposed(weights[layer.weight], norms[layer.weight], delta));
    if (layer.skip_in != 0.0) g = add_scaled(layer.skip_in, delta, g);
    if (layer.skip_out != 0.0) g = add_scaled(layer.skip_out, backward.g[h], g);
  }
  return backward;
}

std::vector<SymmetricBall> enclose_grams(const Architecture& architecture, const ForwardBalls& pass,
                                         const std::vector<Ball>& backward) {
  std::vector<SymmetricBall> grams;
  for (std::size_t h = 0; h < backward.size(); ++h) {
    const double scale_in = architecture.layers[h].scale_in;
    grams.push_back(scaled(scale_in, scaled(scale_in, hadamard(gram(pass.x[h]), gram(backward[h])))));
  }
  grams.push_back(gram(pass.x.back()));
  return grams;
}

MatrixBall enclose_gradient(const Architecture& architecture, const ForwardBalls& pass,
                            const std::vector<Ball>& backward, const Vector& residual,
                            const std::vector<Up>& residual_radius, Index h) {
  const Index n = pass.f.columns();
  const bool output = h == architecture.depth() + 1;
  const Ball& in = pass.x[static_cast<std::size_t>(h - 1)];
  const Ball ones = Ball::exactly(Matrix::Ones(1, n));
  const Ball& delta = output ? ones : backward[static_cast<std::size_t>(h - 1)];
  const double scale_in = output ? 1.0 : architecture.layers[static_cast<std::size_t>(h - 1)].scale_in;

  const Matrix weighted = delta.mid * residual.asDiagonal();  // one rounding an entry
  MatrixBall gradient{Matrix(delta.mid.rows(), in.mid.rows()), Up()};
  gradient.mid.noalias() = weighted * in.mid.transpose();
  gradient.mid *= -scale_in;

  const std::vector<Up> p = column_norms_above(delta.mid), q = column_norms_above(in.mid);
  Up terms, enclosure;  // Σ_i |r_i|‖Δ̂_i‖‖x̂_i‖ and the distance of the rank-one terms from their midpoints
  for (Index i = 0; i < n; ++i) {
    const Up r(std::abs(residual[i])), dr = residual_radius[static_cast<std::size_t>(i)];
    terms += r * p[i] * q[i];
    const Up signal = delta.two_around_mid(i), input = in.two_around_mid(i);
    enclosure += dr * (p[i] + signal) * (q[i] + input) + r * (signal * (q[i] + input) + p[i] * input);
  }
  // The sum of n rank-one terms: γ_{n+1} Σ|r_i|‖Δ_i‖‖x_i‖, the weighting and the factor −s included by two
  // more roundings.
  const auto k = static_cast<double>(n + 3);
  const Up entries = sqrt(Up(static_cast<double>(gradient.mid.size())));
  Up underflow = entries * Up(k) * Up(smallest_double);
  for (Index i = 0; i < n; ++i)
    underflow += sqrt(Up(static_cast<double>(delta.mid.rows()))) * Up(smallest_double) * q[i];
  gradient.radius = Up(std::abs(scale_in)) * (enclosure + gamma_factor(k) * terms + underflow) +
                    entries * Up(smallest_double);
  return gradient;
}

}  // namespace overproof
