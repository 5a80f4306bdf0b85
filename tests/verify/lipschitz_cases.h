#pragma once

#include <Eigen/SVD>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "bounds/activation.h"
#include "verify/eigenvalues.h"
#include "verify/lipschitz.h"

// Nets with their enclosures, and what a search finds of the Lipschitz constants of their Jacobians.

namespace overproof {

struct Setting {
  std::string name;
  Architecture net;
  Parameters weights;
  Dataset data;
  Iterate at;
  BackwardBalls backward;
};

inline void enclose(Setting& s) {
  std::vector<Up> spectral;
  for (const Matrix& W : s.weights) spectral.emplace_back(enclose_spectral_norm(W).upper());
  const Kernels& kernels = kernels_of(s.net.activation);
  s.at = enclose_iterate(s.net, kernels, s.weights, spectral, enclose_inputs(s.data), s.data.y);
  s.backward = enclose_backward(s.net, kernels, s.weights, s.at.norms, s.at.forward);
}

inline Setting setting(std::string name, const Architecture& net, Index n, std::mt19937_64& random,
                       double size) {
  std::normal_distribution<double> normal;
  Setting s{std::move(name), net, {}, {}, {}, {}};
  for (const Weight& w : net.weights)
    s.weights.push_back(Matrix::NullaryExpr(w.rows, w.cols, [&] { return size * normal(random); }));
  s.data = {Matrix::NullaryExpr(net.input_dimension, n, [&] { return normal(random); }), Vector::Zero(n)};
  enclose(s);
  return s;
}

/// All architectures, activations and places of skips, with weights that are not trained among them.
inline std::vector<Setting> settings(std::mt19937_64& random) {
  std::vector<Setting> list;
  const auto any = [&](int most) { return static_cast<Index>(1 + random() % static_cast<unsigned>(most)); };
  for (const std::string& id : activation_names()) {
    if (id == "relu") continue;
    const Activation activation = activation_from(id);
    for (const Index depth : {1, 2, 3, 4}) {
      if (depth == 4 && id != "softplus" && id != "tanh") continue;
      const double size = depth == 1 ? 1.0 : 0.7;
      list.push_back(
          setting("fc " + id, fully_connected(any(3), any(4), depth, activation), any(3), random, size));
      list.push_back(setting("scalar " + id, fully_connected(1, 1, depth, activation), 1, random, 1.5));
      if (depth == 1) continue;
      list.push_back(
          setting("resnet " + id, resnet(any(3), any(4), depth, 0.5, activation), any(3), random, 1.0));
      Architecture inside = resnet(3, 3, depth, 0.5, activation);  // the skip inside σ and a scale on W
      for (Layer& layer : inside.layers)
        layer.skip_in = 0.75, layer.skip_out = -0.5, layer.scale_in = depth == 2 ? -1.25 : -0.6,
        layer.scale = 0.8;
      for (std::size_t fixed = 0; fixed <= static_cast<std::size_t>(depth); ++fixed) {
        inside.weights[fixed].trained = false;
        list.push_back(setting("inside " + id, inside, any(2), random, 1.0));
        inside.weights[fixed].trained = true;
      }
      list.push_back(setting("inside, all " + id, inside, any(2), random, 1.0));
    }
  }
  return list;
}

/// ReLU nets far from every kink: f is a product of weights, so that little is lost in a bound.
inline std::vector<Setting> products(std::mt19937_64& random) {
  std::vector<Setting> list;
  for (const int kind : {1, 2, 3, -2, -3}) {
    const Index depth = std::abs(kind);
    const bool skips = kind < 0;
    Architecture net = fully_connected(1, 1, depth, Activation::relu);
    // f = a Π (P + s(k + ew)) x, the first layer without P
    for (Layer& layer : net.layers) layer.scale = 0.9, layer.scale_in = 0.8;
    for (std::size_t h = 1; skips && h < net.layers.size(); ++h)
      net.layers[h].skip_in = 0.5, net.layers[h].skip_out = 0.25;
    list.push_back(setting("product", net, 1, random, 0.0));
    Setting& s = list.back();
    for (Matrix& W : s.weights) W.setConstant(2.0);
    s.data.X.setConstant(1.5);
    enclose(s);
  }
  return list;
}

/// The Jacobian of all samples over the trained weights, in floating point.
inline Matrix jacobian(const Setting& s, const Parameters& weights) {
  std::vector<Vector> rows;
  for (Index i = 0; i < s.data.X.cols(); ++i) {
    const Forward pass = forward(s.net, weights, s.data.X.col(i));
    const Parameters g = gradient(s.net, weights, pass, Vector(pass.f.array() - 1.0));
    std::vector<double> row;
    for (const Matrix& part : g) row.insert(row.end(), part.data(), part.data() + part.size());
    rows.emplace_back(Eigen::Map<const Vector>(row.data(), static_cast<Index>(row.size())));
  }
  Matrix J(static_cast<Index>(rows.size()), rows.front().size());
  for (std::size_t i = 0; i < rows.size(); ++i) J.row(static_cast<Index>(i)) = rows[i].transpose();
  return J;
}

/// weights + t v, v over the trained weights.
inline Parameters moved(const Setting& s, const Vector& v, double t) {
  Parameters weights = s.weights;
  Index from = 0;
  for (std::size_t w = 0; w < weights.size(); ++w) {
    if (!s.net.weights[w].trained) continue;
    weights[w].reshaped() += t * v.segment(from, weights[w].size());
    from += weights[w].size();
  }
  return weights;
}

/// ‖J(w + tv + εu) − J(w + tv − εu)‖/2ε for the worst u that alternation finds, w + tv on the ball.
inline double observed(const Setting& s, double r, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  const Index p = jacobian(s, s.weights).cols();
  Vector u = Vector::NullaryExpr(p, [&] { return normal(random); }).normalized();
  Vector at = Vector::Zero(p);
  constexpr double step = 1e-5;
  double best = 0.0;
  for (int round = 0; round < 12; ++round) {
    const double inside = std::max(0.0, r - 2.0 * step);
    const Matrix difference = (jacobian(s, moved(s, at * inside + step * u, 1.0)) -
                               jacobian(s, moved(s, at * inside - step * u, 1.0))) /
                              (2.0 * step);
    const Eigen::JacobiSVD<Matrix> svd(difference, Eigen::ComputeThinU | Eigen::ComputeThinV);
    best = std::max(best, svd.singularValues()[0]);
    if (round % 4 == 3) at = (round % 8 == 3 ? 1.0 : -1.0) * u;  // to the boundary, either way
    u = svd.matrixV().col(0);
  }
  return best;
}

}  // namespace overproof
