#include "verify/layer_jacobians.h"

#include <cblas.h>

#include <cmath>
#include <limits>

#include "bounds/parallel.h"
#include "verify/spectral_norm.h"

namespace overproof {
namespace {

/// A matrix within `radius` of `mid` in the 2-norm.
struct Within {
  Matrix mid;
  Up radius;
};

/// diag(mid) + diag(e) with |e_i| <= radius.
struct Slopes {
  Vector mid;
  Up radius;
  [[nodiscard]] Up norm() const { return Up(mid.cwiseAbs().maxCoeff<Eigen::PropagateNaN>()) + radius; }
};

/// What plain sums of two products of three numbers err by, `size` >= the sum of the Frobenius norms of the
/// products.
Up rounding(Up size, const Matrix& result) {
  return gamma_factor(8.0) * size +
         8.0 * Up(smallest_double) * (sqrt(Up(static_cast<double>(result.size()))) + size);
}

Slopes slopes_of(const Kernels& kernels, const Ball& z, Index i) {
  const Ball one = Ball::exactly(Matrix::Ones(z.mid.rows(), 1));
  const auto k = static_cast<std::size_t>(i);
  const Ball at{z.mid.col(i), z.low.col(i), {z.two[k]}, {z.entry[k]}};
  const Ball slopes = kernels.sigma_prime ? multiply_derivative(*kernels.sigma_prime, 1.0, at, one)
                                          : multiply_derivative_relu(1.0, at, one);
  return {slopes.mid.col(0), slopes.entry_around_mid(0)};
}

/// One layer: Ψ̂ = kI + eŴ and what its products need.
struct Step {
  const Layer& layer;
  const Matrix& W;
  const FactorNorms& norms;

  [[nodiscard]] Up norm() const {
    return Up(std::abs(layer.skip_in)) + Up(std::abs(layer.scale_in)) * norms.spectral;
  }
  /// Ψ̂ itself.
  [[nodiscard]] Within turn() const {
    Within psi{layer.scale_in * W, {}};
    Up size = frobenius_above(psi.mid);
    if (layer.skip_in != 0.0) {
      psi.mid.diagonal().array() += layer.skip_in;
      size += Up(std::abs(layer.skip_in)) * sqrt(Up(static_cast<double>(W.rows())));
    }
    psi.radius = rounding(Up(2.0) * size, psi.mid);
    return psi;
  }
  /// Ψ̂ T for T of the ball.
  [[nodiscard]] Within turn(const Within& T) const {
    Within product{W * T.mid, {}};
    const Up size = norms.frobenius * frobenius_above(T.mid);
    const auto terms = static_cast<double>(W.cols());
    const Up error = gamma_factor(terms) * size +
                     terms * sqrt(Up(static_cast<double>(product.mid.size()))) * Up(smallest_double);
    const Up e(std::abs(layer.scale_in)), k(std::abs(layer.skip_in));
    Up sizes = e * frobenius_above(product.mid);
    product.mid *= layer.scale_in;
    if (layer.skip_in != 0.0) {
      product.mid += layer.skip_in * T.mid;
      sizes += k * frobenius_above(T.mid);
    }
    product.radius = norm() * T.radius + e * error + rounding(sizes, product.mid);
    return product;
  }
  /// P T + s D R, T the identity where it is absent.
  [[nodiscard]] Within through(const Within* T, const Slopes& D, const Within& R) const {
    const Up P(std::abs(layer.skip_out)), s(std::abs(layer.scale)), turned = frobenius_above(R.mid);
    Within next{(layer.scale * D.mid).asDiagonal() * R.mid, {}};
    Up sizes = s * D.norm() * turned, before;
    if (layer.skip_out != 0.0) {
      if (T) {
        next.mid += layer.skip_out * T->mid;
        sizes += P * frobenius_above(T->mid), before = T->radius;
      } else {
        next.mid.diagonal().array() += layer.skip_out;
        sizes += P * sqrt(Up(static_cast<double>(R.mid.rows())));
      }
    }
    next.radius =
        P * before + s * (D.norm() * R.radius + D.radius * turned) + rounding(sizes + turned, next.mid);
    return next;
  }
};

/// ‖A diag(d)‖ for A within a radius and the diagonal D.
Up norm_after(const ScaledGram& gram, const Slopes& D, Up A, Up radius) {
  return bound_norm(gram, D.mid) + A * D.radius + radius * D.norm();
}

/// One thread for BLAS while this lives, as many as before after it.
class OneThreadForBlas {
 public:
  OneThreadForBlas() { openblas_set_num_threads(1); }
  ~OneThreadForBlas() { openblas_set_num_threads(before_); }
  OneThreadForBlas(const OneThreadForBlas&) = delete;
  OneThreadForBlas& operator=(const OneThreadForBlas&) = delete;

 private:
  int before_ = openblas_get_num_threads();
};

/// What all samples share: Ψ̂^h for h >= 1 and its Gram matrix.
struct Turns {
  std::vector<Step> steps;
  std::vector<Within> psi;
  std::vector<ScaledGram> gram;
};

JacobianNorms norms_of_sample(const Architecture& net, const Iterate& at, const Turns& turns, Index i) {
  const std::size_t depth = net.layers.size();
  const Kernels& kernels = kernels_of(net.activation);
  const Up unknown(std::numeric_limits<double>::infinity());
  JacobianNorms norms{Triangle(depth), Triangle(depth), Triangle(depth), {}};
  std::vector<Slopes> D;
  std::vector<Within> T(depth);
  for (std::size_t h = 0; h < depth; ++h) {
    D.push_back(slopes_of(kernels, at.forward.z[h], i));
    norms.slope.push_back(D[h].norm());
    norms.through(h, h) = Up(1.0);
    for (std::size_t j = 0; j < h; ++j) {
      const bool next = j + 1 == h, needed = net.weights[net.layers[j].weight].trained;
      const Within turned = next ? Within() : turns.steps[h].turn(T[j]);
      const Within& R = next ? turns.psi[h] : turned;
      norms.from_z(h, j) = norms.z_to_z(h, j) = unknown;
      if (needed) {
        const Up size = frobenius_above(R.mid);
        norms.z_to_z(h, j) = next ? norm_after(turns.gram[h], D[j], size, R.radius)
                                  : norm_after(scaled_gram(R.mid), D[j], size, R.radius);
      }
      T[j] = turns.steps[h].through(next ? nullptr : &T[j], D[h], R);
      const ScaledGram gram = scaled_gram(T[j].mid);
      norms.through(h, j) = bound_norm(gram) + T[j].radius;
      if (needed) norms.from_z(h, j) = norm_after(gram, D[j], norms.through(h, j), T[j].radius);
    }
  }
  return norms;
}

}  // namespace

std::vector<JacobianNorms> bound_layer_jacobians(const Architecture& net, const Iterate& at) {
  const std::size_t depth = net.layers.size();
  Turns turns{{}, std::vector<Within>(depth), std::vector<ScaledGram>(depth)};
  for (const Layer& layer : net.layers)
    turns.steps.push_back({layer, at.weights[layer.weight], at.norms[layer.weight]});
  for (std::size_t h = 1; h < depth; ++h)
    turns.psi[h] = turns.steps[h].turn(), turns.gram[h] = scaled_gram(turns.psi[h].mid);

  const Index n = at.forward.f.columns();
  const JacobianNorms blank{Triangle(0), Triangle(0), Triangle(0), {}};
  std::vector<JacobianNorms> all(static_cast<std::size_t>(n), blank);
  (void)kernels_of(net.activation);  // built by this thread
  const int threads = openblas_get_num_threads();
  const auto sample = [&](int, long i) {
    all[static_cast<std::size_t>(i)] = norms_of_sample(net, at, turns, i);
  };
  if (n < threads) {
    parallel_for(n, 1, sample);
  } else {
    const OneThreadForBlas one;
    parallel_for(n, threads, sample);
  }
  return all;
}

}  // namespace overproof
