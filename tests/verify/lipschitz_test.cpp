#include "verify/lipschitz.h"

#include <Eigen/SVD>
#include <cmath>

#include "tests/catch.h"
#include "verify/curvature.h"
#include "verify/eigenvalues.h"

using namespace overproof;

namespace {

struct Setting {
  std::string name;
  Architecture net;
  Parameters weights;
  Dataset data;
  Iterate at;
  BackwardBalls backward;
};

void enclose(Setting& s) {
  std::vector<Up> spectral;
  for (const Matrix& W : s.weights) spectral.emplace_back(enclose_spectral_norm(W).upper());
  const Kernels& kernels = kernels_of(s.net.activation);
  s.at = enclose_iterate(s.net, kernels, s.weights, spectral, enclose_inputs(s.data), s.data.y);
  s.backward = enclose_backward(s.net, kernels, s.weights, s.at.norms, s.at.forward);
}

Setting setting(std::string name, const Architecture& net, Index n, std::mt19937_64& random, double size) {
  std::normal_distribution<double> normal;
  Setting s{std::move(name), net, {}, {}, {}, {}};
  for (const Weight& w : net.weights)
    s.weights.push_back(Matrix::NullaryExpr(w.rows, w.cols, [&] { return size * normal(random); }));
  s.data = {Matrix::NullaryExpr(net.input_dimension, n, [&] { return normal(random); }), Vector::Zero(n)};
  enclose(s);
  return s;
}

/// All architectures, activations and places of skips, with weights that are not trained among them.
std::vector<Setting> settings(std::mt19937_64& random) {
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
std::vector<Setting> products(std::mt19937_64& random) {
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
Matrix jacobian(const Setting& s, const Parameters& weights) {
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
Parameters moved(const Setting& s, const Vector& v, double t) {
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
double observed(const Setting& s, double r, std::mt19937_64& random) {
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

/// The recursion of docs/certificate.md once more, in floating point and by its formulas: the methods
/// measured and batch, both from layer to layer where `layered`. Layers are numbered from 1.
std::pair<double, double> written_out(const Setting& s, double r, bool layered = false) {
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

}  // namespace

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
