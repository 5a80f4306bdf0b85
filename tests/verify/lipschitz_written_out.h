#pragma once

#include <utility>

#include "tests/verify/lipschitz_cases.h"

namespace overproof {

/// The recursion of docs/certificate.md once more, in floating point and by its formulas: the methods
/// measured and batch, both from layer to layer where `layered`. Layers are numbered from 1.
inline std::pair<double, double> written_out(const Setting& s, double r, bool layered = false) {
  const ActivationRow& row = activation_row(to_text(s.net.activation));
  const bool smooth = s.net.activation != Activation::relu;
  const double L = lipschitz_constant(row).mid(), beta = smooth ? second_derivative_bound(row).mid() : 0.0,
               beta_3 = smooth ? third_derivative_bound(row).mid() : 0.0;
  const Index H = s.net.depth(), n = s.data.X.cols();
  const auto layer = [&](Index h) -> const Layer& { return s.net.layers[static_cast<std::size_t>(h - 1)]; };
  const auto trained = [&](Index h) { return s.net.weights[layer(h).weight].trained; };
  const std::size_t out = s.net.readouts.front().weight;
  const bool a_trained = s.net.weights[out].trained;
  const auto norm = [](const Matrix& W) { return Eigen::JacobiSVD<Matrix>(W).singularValues()[0]; };
  const auto x_hat = [&](Index h) -> const Matrix& {
    return s.at.forward.x[static_cast<std::size_t>(h)].mid;
  };
  const auto at_layer = [](const std::vector<Ball>& balls, Index h) -> const Matrix& {
    return balls[static_cast<std::size_t>(h - 1)].mid;
  };
  Matrix batch = Matrix::Zero(H + 1, H + 1), samples = batch;
  double squares = 0.0;
  struct Bounds {
    Matrix chi, alpha;
    Vector X, A, D, C, change;
  };
  std::vector<Bounds> all;
  for (Index i = 0; i < n; ++i) {
    Bounds b{Matrix::Zero(H + 1, H + 1), Matrix::Zero(H + 1, H + 1), Vector::Zero(H + 1), Vector::Zero(H + 1),
             Vector::Zero(H + 1),        Vector::Zero(H + 1),        Vector::Zero(H + 1)};
    Vector Z = Vector::Zero(H + 1), Omega = Z;
    b.X[0] = x_hat(0).col(i).norm();
    Matrix t = Matrix::Zero(H + 1, H + 1), du = t, tau = t;  // (h, j)
    Vector delta = Vector::Zero(H + 1), psi = delta;
    const auto slopes = [&](Index h) {
      Vector slope = at_layer(s.at.forward.z, h).col(i);
      for (double& z : slope) z = smooth ? taylor(row, Interval::exact(z), 1)[1].mid() : z > 0.0 ? 1.0 : 0.0;
      return Matrix(slope.asDiagonal());
    };
    const auto turn = [&](Index h) {
      Matrix Psi = layer(h).scale_in * s.weights[layer(h).weight];
      if (layer(h).skip_in != 0.0) Psi += layer(h).skip_in * Matrix::Identity(Psi.rows(), Psi.cols());
      return Psi;
    };
    const auto T = [&](Index j, Index h) {
      Matrix product = Matrix::Identity(x_hat(j).rows(), x_hat(j).rows());
      for (Index k = j + 1; k <= h; ++k) {
        Matrix factor = layer(k).scale * slopes(k) * turn(k);
        if (layer(k).skip_out != 0.0)
          factor += layer(k).skip_out * Matrix::Identity(factor.rows(), factor.cols());
        product = factor * product;
      }
      return product;
    };
    for (Index h = 1; h <= H; ++h) {
      const double e = std::abs(layer(h).scale_in), k = std::abs(layer(h).skip_in),
                   P = std::abs(layer(h).skip_out), sc = std::abs(layer(h).scale);
      Omega[h] = k + e * (norm(s.weights[layer(h).weight]) + (trained(h) ? r : 0.0));
      for (Index j = 1; j <= h; ++j) {
        const double before = j < h ? b.alpha(h - 1, j) : 0.0;
        b.chi(h, j) = j < h ? Omega[h] * before : trained(h) ? e : 0.0;
        if (layered && j < h && trained(j)) {
          const double own = norm(turn(h) * T(j, h - 1) * slopes(j)) +
                             (trained(h) ? e * r * tau(h - 1, j) : 0.0) +
                             (k + e * norm(s.weights[layer(h).weight])) * du(h - 1, j);
          b.chi(h, j) = std::min(b.chi(h, j), std::abs(layer(j).scale * layer(j).scale_in) * own);
        }
        Z[h] += std::pow(b.chi(h, j) * b.X[j - 1], 2);
      }
      Z[h] = std::sqrt(Z[h]);
      psi[h] = k + e * norm(s.weights[layer(h).weight]);
      delta[h] = sc * ((trained(h) ? L * e * r : 0.0) + beta * Z[h] * r * psi[h]);
      for (Index j = 1; layered && j <= h; ++j) {
        const double further = P + sc * L * Omega[h], bend = beta * Z[j] * r;
        double t_moves = 0.0, u_moves = j < h ? norm(T(j, h)) * bend : bend;
        for (Index q = j + 1; q <= h; ++q) {
          const double through = norm(T(q, h)) * delta[q];
          t_moves += through * t(q - 1, j), u_moves += through * tau(q - 1, j);
        }
        t(h, j) = j == h ? 1.0 : std::min(further * t(h - 1, j), norm(T(j, h)) + t_moves);
        tau(h, j) = std::min(j == h ? L : further * tau(h - 1, j), norm(T(j, h) * slopes(j)) + u_moves);
        du(h, j) = u_moves;
      }
      for (Index j = 1; j <= h; ++j) {
        b.alpha(h, j) = P * (j < h ? b.alpha(h - 1, j) : 0.0) + sc * L * b.chi(h, j);
        if (layered && trained(j)) {
          b.alpha(h, j) = std::min(b.alpha(h, j), std::abs(layer(j).scale * layer(j).scale_in) * tau(h, j));
        }
        b.A[h] += std::pow(b.alpha(h, j) * b.X[j - 1], 2);
      }
      b.A[h] = std::sqrt(b.A[h]);
      b.X[h] = x_hat(h).col(i).norm() + b.A[h] * r;
    }
    Vector nu = Vector::Zero(H + 2);  // the last one: out
    nu[H + 1] = a_trained ? 1.0 : 0.0;
    double product = s.weights[out].norm() + (a_trained ? r : 0.0);
    for (Index h = H; h >= 1; --h) {
      const double e = std::abs(layer(h).scale_in), P = std::abs(layer(h).skip_out),
                   sc = std::abs(layer(h).scale);
      const double N = nu.norm();
      const Vector g = at_layer(s.backward.g, h).col(i), z = at_layer(s.at.forward.z, h).col(i);
      double bent = 0.0;
      for (Index q = 0; smooth && q < z.size(); ++q)
        bent =
            std::max(bent, std::abs(g[q]) * 2.0 * std::abs(taylor(row, Interval::exact(z[q]), 2)[2].mid()));
      const double Gamma = std::min(product, g.norm() + N * r),
                   I = std::min(Gamma, g.cwiseAbs().maxCoeff() + N * r);
      b.change[h] = sc * (L * N + beta * I * Z[h]) * r;
      b.D[h] = std::min(sc * L * Gamma, at_layer(s.backward.delta, h).col(i).norm() + b.change[h]);
      b.C[h] = std::min(sc * beta * I, sc * bent + sc * (beta * N + beta_3 * I * Z[h]) * r);
      const double back = P + sc * L * Omega[h];
      nu *= back;
      if (trained(h)) nu[h] += e * b.D[h];
      for (Index j = 1; j <= h; ++j) nu[j] += Omega[h] * b.C[h] * b.chi(h, j) * b.X[j - 1];
      product *= back;
      if (!layered || h == 1) continue;
      const Index l = h - 1;
      for (Index j = 1; j <= H; ++j) {
        double sum = j > l && trained(j) ? t(j - 1, l) * std::abs(layer(j).scale_in) * b.D[j] : 0.0;
        for (Index q = l + 1; q <= H; ++q)
          if (q >= j) sum += Omega[q] * t(q - 1, l) * b.C[q] * b.chi(q, j) * b.X[j - 1];
        nu[j] = std::min(nu[j], sum);
      }
      if (a_trained) nu[H + 1] = std::min(nu[H + 1], t(H, l));
    }
    Matrix B = Matrix::Zero(H + 1, H + 1);
    for (Index k = 1; k <= H; ++k) {
      for (Index j = 1; j <= k; ++j) {
        double sum = 0.0;
        for (Index h = k; h <= H; ++h) sum += b.C[h] * b.chi(h, j) * b.chi(h, k);
        B(j - 1, k - 1) = sum * b.X[j - 1] * b.X[k - 1];
        if (j < k && trained(k))
          B(j - 1, k - 1) += std::abs(layer(k).scale_in) * b.D[k] * b.alpha(k - 1, j) * b.X[j - 1];
        B(k - 1, j - 1) = B(j - 1, k - 1);
      }
      if (a_trained) B(k - 1, H) = B(H, k - 1) = b.alpha(H, k) * b.X[k - 1];
    }
    squares += std::pow(norm(B), 2);
    samples += B.cwiseAbs2();
    all.push_back(std::move(b));
  }
  /// ‖[u_i p_i ⊗ q_i]‖ and what is added on the ball.
  const auto tensor = [&](auto u, auto p, auto q, auto moves) {
    Matrix T(p(0).size() * q(0).size(), n);
    double moved = 0.0;
    for (Index i = 0; i < n; ++i) {
      T.col(i) = u(i) * Matrix(q(i) * p(i).transpose()).reshaped();
      moved += std::pow(u(i) * moves(i), 2);
    }
    return norm(T) + std::sqrt(moved);
  };
  const auto of = [&](Index i) -> const Bounds& { return all[static_cast<std::size_t>(i)]; };
  for (Index k = 1; k <= H; ++k) {
    for (Index j = 1; j <= k; ++j) {
      const auto x_j = [&](Index i) { return Vector(x_hat(j - 1).col(i)); };
      const auto x_k = [&](Index i) { return Vector(x_hat(k - 1).col(i)); };
      const auto delta = [&](Index i) { return Vector(at_layer(s.backward.delta, k).col(i)); };
      const auto u = [&](Index i) {
        double sum = 0.0;
        for (Index h = k; h <= H; ++h) sum += of(i).C[h] * of(i).chi(h, j) * of(i).chi(h, k);
        return sum;
      };
      double entry = tensor(u, x_j, x_k, [&](Index i) {
        return of(i).A[j - 1] * r * of(i).X[k - 1] + x_j(i).norm() * of(i).A[k - 1] * r;
      });
      if (j < k && trained(k)) {
        entry += tensor(
            [&](Index i) { return std::abs(layer(k).scale_in) * of(i).alpha(k - 1, j); }, delta, x_j,
            [&](Index i) { return of(i).change[k] * of(i).X[j - 1] + delta(i).norm() * of(i).A[j - 1] * r; });
      }
      batch(j - 1, k - 1) = batch(k - 1, j - 1) = std::min(entry, std::sqrt(samples(j - 1, k - 1)));
    }
    if (!a_trained) continue;
    const double entry = tensor(
        [&](Index i) { return of(i).alpha(H, k); }, [](Index) { return Vector::Ones(1); },
        [&](Index i) { return Vector(x_hat(k - 1).col(i)); }, [&](Index i) { return of(i).A[k - 1] * r; });
    batch(k - 1, H) = batch(H, k - 1) = std::min(entry, std::sqrt(samples(k - 1, H)));
  }
  return {std::sqrt(squares), norm(batch)};
}

}  // namespace overproof
