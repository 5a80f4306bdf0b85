#include <cmath>

#include "recheck/bounds.h"

namespace overproof::recheck {
namespace {

Ball root_of_squares(const List& numbers) {
  Ball sum = 0.0;
  for (const Ball& one : numbers) sum = sum + square(one);
  return root(sum);
}

/// The nonnegative numbers of a layer on the ball; the readout is the last one, with σ = id.
struct Sizes {
  Ball e, P, s, Omega, L, beta, beta_3;
  bool trained, relu;
};

/// The bounds of the recursion for one sample.
struct OnBall {
  Table chi, alpha;  // [h][j], j = 1..h; what is not set is 0
  List X, A, D, C;   // [h]
  List moved;        // ‖Δ^h − Δ̂^h‖
  Table u, v;        // [j][k], j <= k: B_jk <= (u ‖x^(k-1)‖ + v ‖Δ^k‖) ‖x^(j-1)‖
  bool smooth;       // no ReLU may reach 0
};

/// The recursion of docs/certificate.md for sample i, by the method measured or product.
OnBall recursion(const std::vector<Sizes>& layers, const Center& at, const Ball& r, std::size_t i,
                 bool measured) {
  const List zeros(layers.size());
  const Table table(layers.size(), zeros);
  OnBall on{table, table, {at.x[0][i]}, {0.0}, zeros, zeros, zeros, table, table, true};
  List Z = zeros, nu = zeros;
  for (std::size_t h = 1; h < layers.size(); ++h) {
    const auto& [e, P, s, Omega, L, beta, beta_3, trained, relu] = layers[h];
    List z, x;
    for (std::size_t j = 1; j <= h; ++j) {
      if (!layers[j].trained) continue;
      on.chi[h][j] = j == h ? e : Omega * on.alpha[h - 1][j];
      on.alpha[h][j] = P * on.alpha[h - 1][j] + s * L * on.chi[h][j];
      z.push_back(on.chi[h][j] * on.X[j - 1]);
      x.push_back(on.alpha[h][j] * on.X[j - 1]);
    }
    Z[h] = root_of_squares(z);
    on.A.push_back(root_of_squares(x));
    on.X.push_back(at.x[h][i] + on.A[h] * r);
    if (relu && !certainly_lt(Z[h] * r, at.clearance[h][i])) on.smooth = false;
  }
  Ball Pi = 1.0;
  for (std::size_t h = layers.size() - 1; h >= 1; --h) {
    const auto& [e, P, s, Omega, L, beta, beta_3, trained, relu] = layers[h];
    const Ball N = root_of_squares(nu), through = P + s * L * Omega;
    const Ball Gamma = measured ? min(Pi, at.g[h][i] + N * r) : Pi;
    const Ball I = min(Gamma, at.g_largest[h][i] + N * r);
    on.moved[h] = s * (L * N + beta * I * Z[h]) * r;
    on.D[h] = s * L * Gamma;
    on.C[h] = s * beta * I;
    if (measured) {
      on.D[h] = min(on.D[h], at.delta[h][i] + on.moved[h]);
      on.C[h] = min(on.C[h], at.bent[h][i] + s * (beta * N + beta_3 * I * Z[h]) * r);
    }
    for (std::size_t j = 1; j < layers.size(); ++j) {
      nu[j] = through * nu[j];
      if (j == h && trained) nu[j] = nu[j] + e * on.D[h];
      if (j <= h) nu[j] = nu[j] + Omega * on.C[h] * on.chi[h][j] * on.X[j - 1];
    }
    Pi = through * Pi;
  }
  for (std::size_t k = 1; k < layers.size(); ++k) {
    for (std::size_t j = 1; j <= k; ++j) {
      for (std::size_t h = k; h < layers.size(); ++h)
        on.u[j][k] = on.u[j][k] + on.C[h] * on.chi[h][j] * on.chi[h][k];
      if (j < k && layers[k].trained) on.v[j][k] = layers[k].e * on.alpha[k - 1][j];
    }
  }
  return on;
}

/// B_jk of one sample, j <= k.
Ball single_entry(const OnBall& on, std::size_t j, std::size_t k) {
  return (on.u[j][k] * on.X[k - 1] + on.v[j][k] * on.D[k]) * on.X[j - 1];
}

/// ‖[u_i t_i]_i‖ on the ball, for tensors t_i that have the Gram matrix K at w₀ and move by `moved`.
Ball tensor_norm(const Mat& K, const List& u, const List& moved) {
  Mat D(K.rows(), K.rows());
  List lengths;
  for (std::size_t i = 0; i < u.size(); ++i) {
    D.set(static_cast<slong>(i), static_cast<slong>(i), u[i]);
    lengths.push_back(u[i] * moved[i]);
  }
  return root(bound_norm(D * K * D)) + root_of_squares(lengths);
}

/// B_jk of all samples together: by their tensors, or the root of the sum of squares.
Ball batch_entry(const std::vector<OnBall>& all, const Center& at, const Ball& r, std::size_t j,
                 std::size_t k) {
  List u, v, xx_moved, delta_x_moved, single;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const OnBall& on = all[i];
    const Ball x_moved = on.A[j - 1] * r;
    u.push_back(on.u[j][k]);
    v.push_back(on.v[j][k]);
    xx_moved.push_back(x_moved * on.X[k - 1] + at.x[j - 1][i] * (on.A[k - 1] * r));
    delta_x_moved.push_back(on.moved[k] * on.X[j - 1] + at.delta[k][i] * x_moved);
    single.push_back(single_entry(on, j, k));
  }
  const Ball together = tensor_norm(entrywise(at.x_gram[j - 1], at.x_gram[k - 1]), u, xx_moved) +
                        tensor_norm(entrywise(at.x_gram[j - 1], at.delta_gram[k]), v, delta_x_moved);
  return min(together, root_of_squares(single));
}

/// ‖B‖ of the symmetric matrix with the entries entry(j, k), 1 <= j <= k <= size.
template <class Entry>
Ball norm_of(std::size_t size, const Entry& entry) {
  Mat B(static_cast<slong>(size), static_cast<slong>(size));
  for (slong k = 0; k < B.rows(); ++k) {
    for (slong j = 0; j <= k; ++j) B.set(j, k, entry(j + 1, k + 1)), B.set(k, j, B(j, k));
  }
  return bound_norm(B);
}

}  // namespace

Lipschitz bound_lipschitz(const Network& net, const Center& center, const Suprema& suprema,
                          const std::map<std::string, Ball>& norms, const Ball& r) {
  std::vector<Sizes> layers(1);
  for (const Layer& layer : net) {
    const auto& [L, beta, beta_3] = layer.activation == "identity" ? Suprema{1.0, 0.0, 0.0} : suprema;
    const Ball k = std::fabs(layer.skip_in), e = std::fabs(layer.scale_in), P = std::fabs(layer.skip_out),
               s = std::fabs(layer.scale), omega = norms.at(layer.weight) + (layer.trained ? r : 0.0);
    layers.push_back({e, P, s, k + e * omega, L, beta, beta_3, layer.trained, layer.activation == "relu"});
  }
  std::vector<OnBall> all;
  List product, measured;
  for (std::size_t i = 0; i < center.x[0].size(); ++i) {
    const auto norm = [&](const OnBall& on) {
      return norm_of(net.size(), [&](auto j, auto k) { return single_entry(on, j, k); });
    };
    product.push_back(norm(recursion(layers, center, r, i, false)));
    all.push_back(recursion(layers, center, r, i, true));
    measured.push_back(norm(all[i]));
    if (!all[i].smooth) return {not_a_number(), not_a_number(), not_a_number()};
  }
  const Ball batch = norm_of(net.size(), [&](auto j, auto k) { return batch_entry(all, center, r, j, k); }),
             first = root_of_squares(product), second = min(first, root_of_squares(measured));
  return {first, second, min(second, batch)};
}

}  // namespace overproof::recheck
