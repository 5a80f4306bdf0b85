#include "verify/layer_jacobians.h"

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <cmath>

#include "tests/catch.h"
#include "verify/eigenvalues.h"
#include "verify/spectral_norm.h"

using namespace overproof;

namespace {

Up bound_of(const Matrix& A) { return bound_norm(scaled_gram(A)); }

double norm(const Matrix& A) { return Eigen::BDCSVD<Matrix>(A).singularValues()[0]; }

Matrix gaussian(Index rows, Index cols, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(rows, cols, [&] { return normal(random); });
}

Iterate iterate(const Architecture& net, const Parameters& weights, const Matrix& X) {
  std::vector<Up> spectral;
  for (const Matrix& W : weights) spectral.emplace_back(enclose_spectral_norm(W).upper());
  return enclose_iterate(net, kernels_of(net.activation), weights, spectral,
                         enclose_inputs({X, Vector::Zero(X.cols())}), Vector::Zero(X.cols()));
}

/// σ' by differences, good to 1e-9.
double slope(Activation activation, double z) {
  if (activation == Activation::relu) return z > 0.0 ? 1.0 : 0.0;
  return taylor(activation_row(to_text(activation)), Interval::exact(z), 1)[1].mid();
}

/// ∂x^h/∂x^j at the midpoints for h >= j, layers numbered from 0, column i.
struct Truth {
  const Architecture& net;
  const Iterate& at;
  Index i;
  [[nodiscard]] Matrix D(std::size_t h) const {
    Vector d = at.forward.z[h].mid.col(i);
    for (double& z : d) z = slope(net.activation, z);
    return d.asDiagonal();
  }
  [[nodiscard]] Matrix Psi(std::size_t h) const {
    const Layer& layer = net.layers[h];
    Matrix psi = layer.scale_in * at.weights[layer.weight];
    if (layer.skip_in != 0.0) psi += layer.skip_in * Matrix::Identity(psi.rows(), psi.cols());
    return psi;
  }
  [[nodiscard]] Matrix T(std::size_t j, std::size_t h) const {
    Matrix product = Matrix::Identity(at.forward.z[j].mid.rows(), at.forward.z[j].mid.rows());
    for (std::size_t k = j + 1; k <= h; ++k) {
      const Matrix turned = Psi(k) * product;
      Matrix next = net.layers[k].scale * D(k) * turned;
      if (net.layers[k].skip_out != 0.0) next += net.layers[k].skip_out * product;
      product = next;
    }
    return product;
  }
};

std::vector<Architecture> architectures(std::mt19937_64& random) {
  std::vector<Architecture> list;
  for (const Activation activation : {Activation::softplus, Activation::tanh, Activation::relu}) {
    for (const Index depth : {1, 2, 3, 4}) {
      const auto m = static_cast<Index>(1 + random() % 9);
      list.push_back(fully_connected(3, m, depth, activation));
      list.push_back(resnet(3, m, depth, 0.5, activation));
      Architecture inside = resnet(3, m, depth, 0.5, activation);
      for (Layer& layer : inside.layers)
        layer.skip_in = &layer == inside.layers.data() ? 0.0 : -0.75, layer.skip_out = 0.0,
        layer.scale_in = -0.6, layer.scale = 0.8;
      for (std::size_t h = 1; h < inside.layers.size(); ++h) inside.layers[h].skip_out = -0.5;
      inside.weights[random() % inside.weights.size()].trained = false;
      list.push_back(inside);
    }
  }
  Architecture uneven = fully_connected(3, 4, 3, Activation::tanh);
  uneven.weights[1].rows = 7, uneven.weights[2].cols = 7, uneven.weights[2].rows = 2;
  uneven.weights[3].cols = 2;
  list.push_back(uneven);
  return list;
}

}  // namespace

TEST_CASE("a bound of a spectral norm is above it and near") {
  const auto seed = test_seed(101);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  std::vector<Matrix> all;
  for (const Index n : {1, 2, 5, 40, 100, 150, 300}) {
    for (const Index k : {n, n / 2 + 1, n + 7}) {
      all.push_back(gaussian(n, k, random));
      all.push_back(gaussian(n, 1, random) * gaussian(1, k, random));  // rank 1
      all.push_back(gaussian(n, k, random).cwiseProduct(gaussian(n, k, random).array().exp().matrix()));
      all.push_back(gaussian(n, k, random) + Matrix::Constant(n, k, 3.0));
    }
    all.push_back(Matrix::Identity(n, n));
    all.push_back(Vector::LinSpaced(n, 0.0, 1.0).asDiagonal());
  }
  for (const Matrix& A : all) {
    const double truth = norm(A);
    INFO(A.rows() << " x " << A.cols() << ", " << truth);
    for (const double size : {1.0, 0x1p-1000, 0x1p990, 0x1p-300}) {
      const double bound = bound_of(size * A).value();
      CHECK(bound >= size * truth * (1.0 - 1e-13));
      CHECK(bound <= size * truth * 1.01);
    }
    const Vector d = Vector::NullaryExpr(A.cols(), [&] { return 3.0 * uniform(random); });
    const double scaled = norm(A * d.asDiagonal()), bound = bound_norm(scaled_gram(A), d).value();
    CHECK(bound >= scaled * (1.0 - 1e-13));
    CHECK(bound <= scaled * 1.01);
  }
  CHECK(bound_of(Matrix::Zero(5, 3)).value() <= 1e-150);
  CHECK(bound_of(Matrix::Constant(2, 2, 5e-324)).value() >= 1e-323);
  CHECK(bound_of(Matrix::Constant(2, 2, 5e-324)).value() <= 1e-322);
  CHECK(!std::isfinite(bound_of(Matrix::Constant(2, 2, 1.7e308)).value()));
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Matrix A = gaussian(150, 150, random);
    Vector d = Vector::Ones(150);
    A(149, 3) = bad;
    CHECK(!std::isfinite(bound_of(A).value()));
    CHECK(!std::isfinite(bound_norm(scaled_gram(A), d).value()));
    d[7] = bad;
    CHECK(!std::isfinite(bound_norm(scaled_gram(gaussian(150, 150, random)), d).value()));
  }
}

TEST_CASE("a factor of its own is never above the least eigenvalue") {
  const auto seed = test_seed(102);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (const Index n : {1, 3, 63, 64, 65, 200, 400}) {
    const Matrix B = gaussian(n, n, random), A = B + B.transpose();
    const double least = Eigen::SelfAdjointEigenSolver<Matrix>(A).eigenvalues()[0], size = norm(A);
    Matrix R(n, n), upper = A.triangularView<Eigen::Upper>();
    R.setConstant(std::nan(""));
    for (const double below : {1e-10, 1e-3, 1.0}) {
      const double bound = factor_below(upper, End::smallest, least - below * size, R);
      CHECK(bound <= least - 0.999 * below * size);
      CHECK(bound >= least - (1.001 * below + 1e-9) * size);
    }
    CHECK(std::isinf(factor_below(upper, End::smallest, least + 1e-9 * size, R)));
    CHECK(std::isinf(factor_below(upper, End::largest, 2.0 * size, R)));
    // the largest: −A
    const double largest = Eigen::SelfAdjointEigenSolver<Matrix>(A).eigenvalues()[n - 1];
    CHECK(factor_below(upper, End::largest, -largest - 0.1 * size, R) <= -largest);
    upper(0, n - 1) = std::nan("");
    CHECK(!std::isfinite(factor_below(upper, End::smallest, -100.0 * size, R)));
  }
}

TEST_CASE("norms of Jacobians between layers are above those of the matrices and near") {
  const auto seed = test_seed(103);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int repeat = 0; repeat < scaled(3); ++repeat) {
    for (const Architecture& net : architectures(random)) {
      Parameters weights;
      for (const Weight& w : net.weights) weights.push_back(gaussian(w.rows, w.cols, random));
      const Iterate at = iterate(net, weights, gaussian(3, 2, random));
      Iterate known = at;  // z only to a ball, around another point

      for (Ball& z : known.forward.z) {
        for (Index i = 0; i < z.columns(); ++i) {
          const double size =
              0.3 * z.mid.col(i).cwiseAbs().minCoeff() * std::pow(0.1, static_cast<double>(random() % 4));
          const Vector moves =
              size * Vector::NullaryExpr(z.mid.rows(), [&] { return random() % 2 ? 1.0 : -1.0; });
          z.mid.col(i) += moves, z.low.col(i).setZero();
          z.set_radii(i, Up(moves.norm() * (1.0 + 1e-9) + 1e-13), Up(size * (1.0 + 1e-9) + 1e-13));
        }
      }
      const std::vector<JacobianNorms> sharp = bound_layer_jacobians(net, at),
                                       rough = bound_layer_jacobians(net, known);
      for (Index i = 0; i < 2; ++i) {
        const Truth truth{net, at, i};
        const JacobianNorms &near = sharp[static_cast<std::size_t>(i)],
                            &far = rough[static_cast<std::size_t>(i)];
        INFO(net.name << ", H = " << net.depth() << ", m = " << net.width() << ", "
                      << to_text(net.activation));
        bool certain = true;  // a relu at 0 has either slope
        for (const Ball& z : at.forward.z) certain &= z.mid.col(i).cwiseAbs().minCoeff() > 1e-9;
        const auto is = [&](Up bound, Up spoiled, double value) {
          CHECK(bound.value() >= value * (1.0 - 1e-10) - 1e-14);
          if (certain) CHECK(bound.value() <= value * 1.01 + 1e-12);
          CHECK(spoiled.value() >= value * (1.0 - 1e-10) - 1e-14);
        };
        for (std::size_t h = 0; h < net.layers.size(); ++h) {
          is(near.slope[h], far.slope[h], norm(truth.D(h)));
          CHECK(near.through(h, h).value() == 1.0);
          for (std::size_t j = 0; j < h; ++j) {
            is(near.through(h, j), far.through(h, j), norm(truth.T(j, h)));
            if (!net.weights[net.layers[j].weight].trained) continue;
            is(near.from_z(h, j), far.from_z(h, j), norm(truth.T(j, h) * truth.D(j)));
            is(near.z_to_z(h, j), far.z_to_z(h, j), norm(truth.Psi(h) * truth.T(j, h - 1) * truth.D(j)));
          }
        }
      }
    }
  }
}

TEST_CASE("a Jacobian between layers is known no better than what it is made of") {
  std::mt19937_64 random(104);
  const Architecture net = fully_connected(3, 5, 3, Activation::softplus);
  Parameters weights;
  for (const Weight& w : net.weights) weights.push_back(gaussian(w.rows, w.cols, random));
  for (std::size_t spoiled = 0; spoiled < 3; ++spoiled) {
    Iterate at = iterate(net, weights, gaussian(3, 1, random));
    at.forward.z[spoiled].mid(2, 0) = std::nan("");
    const JacobianNorms norms = bound_layer_jacobians(net, at).front();
    for (std::size_t h = 1; h < 3; ++h) {
      for (std::size_t j = 0; j < h; ++j) {
        INFO(spoiled << ": " << j << " to " << h);
        CHECK(std::isfinite(norms.through(h, j).value()) == (spoiled <= j || spoiled > h));
        CHECK(std::isfinite(norms.from_z(h, j).value()) == (spoiled < j || spoiled > h));
        CHECK(std::isfinite(norms.z_to_z(h, j).value()) == (spoiled < j || spoiled >= h));
      }
    }
  }
}
