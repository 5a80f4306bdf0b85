#pragma once

#include <optional>
#include <vector>

#include "trainer/network.h"
#include "verify/inputs.h"
#include "verify/symmetric.h"

namespace overproof {

/// σ and σ' of an architecture as kernels; relu has none and needs none. Built at the first call (about a
/// second of interval Taylor series) and kept for the process.
struct Kernels {
  std::optional<ActivationKernel> sigma, sigma_prime;
};
[[nodiscard]] const Kernels& kernels_of(Activation activation);

/// Everything a pass needs beside the weights: one norm set per weight matrix.
using WeightNorms = std::vector<FactorNorms>;

/// Enclosures of a forward pass at exact weights: x[h] for h = 0..H, z[h-1] of layer h, and f (1 × n).
struct ForwardBalls {
  std::vector<Ball> x, z;
  Ball f;
};
[[nodiscard]] ForwardBalls enclose_forward(const Architecture& architecture, const Kernels& kernels,
                                           const Parameters& weights, const WeightNorms& norms,
                                           const Ball& inputs);

/// Δ[h-1] = ∂f/∂z^h and g[h-1] = ∂f/∂x^h for every layer h (features × n).
struct BackwardBalls {
  std::vector<Ball> delta, g;
};
[[nodiscard]] BackwardBalls enclose_backward(const Architecture& architecture, const Kernels& kernels,
                                             const Parameters& weights, const WeightNorms& norms,
                                             const ForwardBalls& pass);

/// G^(h)_ij = ⟨∂f_i/∂W^h, ∂f_j/∂W^h⟩ for h = 1..H+1 (H+1: the output weights), from
/// ⟨Δ_i, Δ_j⟩⟨x_i^(h-1), x_j^(h-1)⟩: O(n² m) a layer, the Jacobian is never formed.
[[nodiscard]] std::vector<SymmetricBall> enclose_grams(const Architecture& architecture,
                                                       const ForwardBalls& pass,
                                                       const std::vector<Ball>& backward);

/// A matrix known up to a Frobenius radius.
struct MatrixBall {
  Matrix mid;
  Up radius;
};
/// ∂L/∂W = −Σ_i r_i Δ_i x_iᵀ of layer h (1..H), resp. −Σ_i r_i x_iᵀ of the output weights (h = H+1), for
/// residuals r = y − u within `residual_radius` of `residual`.
[[nodiscard]] MatrixBall enclose_gradient(const Architecture& architecture, const ForwardBalls& pass,
                                          const std::vector<Ball>& backward, const Vector& residual,
                                          const std::vector<Up>& residual_radius, Index h);

}  // namespace overproof
