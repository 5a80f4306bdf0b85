#include "recheck/bounds.h"

namespace overproof::recheck {
namespace {

/// The largest or least |entry| of each column, or with hypot its norm.
List columns(const Mat& A, Ball (*join)(const Ball&, const Ball&)) {
  List out;
  for (slong i = 0; i < A.cols(); ++i) {
    out.push_back(abs(A(0, i)));
    for (slong r = 1; r < A.rows(); ++r) out.back() = join(out.back(), abs(A(r, i)));
  }
  return out;
}

/// One column a sample, x or x/‖x‖.
Mat inputs(const Run& run) {
  Mat x = transpose(run.data.at("X"));
  const List norms = columns(x, hypot);
  for (slong i = 0; run.normalised && i < x.cols(); ++i) {
    for (slong r = 0; r < x.rows(); ++r) x.set(r, i, x(r, i) / norms[i]);
  }
  return x;
}

/// A + c·x; where c is 0 the shapes need not fit.
Mat plus_skip(const Mat& A, double c, const Mat& x) { return c == 0 ? A : A + c * x; }

}  // namespace

Center enclose_center(const Run& run) {
  const Network& layers = run.network;
  const std::size_t depth = layers.size();
  std::vector<Mat> x{inputs(run)}, z(1), slope(1), bend(1);  // slope and bend: sσ'(z), sσ''(z)
  const slong n = x[0].cols();
  for (std::size_t h = 1; h <= depth; ++h) {
    const Layer& layer = layers[h - 1];
    const Mat product = run.weights.at(layer.weight) * x[h - 1];
    z.push_back(plus_skip(layer.scale_in * product, layer.skip_in, x[h - 1]));
    Mat sigma[3] = {z[h], z[h], z[h]};
    for (slong r = 0; r < layer.rows; ++r) {
      for (slong i = 0; i < n; ++i) {
        const List at = enclose_derivatives(layer.activation, z[h](r, i), 2);
        for (std::size_t k = 0; k < 3; ++k) sigma[k].set(r, i, at[k]);
      }
    }
    x.push_back(plus_skip(layer.scale * sigma[0], layer.skip_out, x[h - 1]));
    slope.push_back(layer.scale * sigma[1]);
    bend.push_back(layer.scale * sigma[2]);
  }

  std::vector<Mat> g(depth + 1), delta(depth + 1), bent(depth + 1);
  g[depth] = Mat(1, n);
  arb_mat_ones(g[depth].get());
  for (std::size_t h = depth; h >= 1; --h) {
    const Layer& layer = layers[h - 1];
    delta[h] = entrywise(slope[h], g[h]);
    bent[h] = entrywise(bend[h], g[h]);
    // g^(h-1) = P g + kΔ + e WᵀΔ
    const Mat product = transpose(run.weights.at(layer.weight)) * delta[h];
    g[h - 1] = plus_skip(plus_skip(layer.scale_in * product, layer.skip_in, delta[h]), layer.skip_out, g[h]);
  }

  Center center;
  center.residual = frobenius(transpose(x[depth]) + -1.0 * run.data.at("y"));
  center.G = Mat(n, n);
  for (std::size_t h = 0; h <= depth; ++h) {
    center.x_gram.push_back(gram(x[h]));
    center.delta_gram.push_back(gram(delta[h]));
    center.x.push_back(columns(x[h], hypot));
    center.g.push_back(columns(g[h], hypot));
    center.delta.push_back(columns(delta[h], hypot));
    center.g_largest.push_back(columns(g[h], max));
    center.bent.push_back(columns(bent[h], max));
    center.clearance.push_back(columns(z[h], min));
    if (h == 0 || !layers[h - 1].trained) continue;
    // ⟨∂f_i/∂W^h, ∂f_l/∂W^h⟩ = e² ⟨x_i^(h-1), x_l^(h-1)⟩ ⟨Δ_i^h, Δ_l^h⟩
    const Mat part = entrywise(center.x_gram[h - 1], center.delta_gram[h]);
    center.G = center.G + square(layers[h - 1].scale_in) * part;
  }
  return center;
}

}  // namespace overproof::recheck
