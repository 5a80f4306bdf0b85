#pragma once

#include <cstdint>
#include <vector>

#include "trainer/architecture.h"

namespace overproof {

/// One matrix per entry of Architecture::weights.
using Parameters = std::vector<Matrix>;

/// Activations of a forward pass over n samples: x[h] (features × n) for h = 0..H, z[h-1] = pre-activation of
/// layer h, f (n). Plain floating point.
struct Forward {
  std::vector<Matrix> x, z;
  Vector f;
};

/// Inputs X: d × n, one sample a column. Cost 2·n·(number of weights) flops. Needs is_dense(architecture) and
/// parameters of its shapes; NaN propagates.
[[nodiscard]] Forward forward(const Architecture& architecture, const Parameters& parameters,
                              const Matrix& X);

/// Gradient of ½ Σ (f_i − y_i)² for every trained weight (an empty matrix for a fixed one), with relu'(0)
/// = 1. Needs is_dense(architecture). Cost 4·n·(number of weights) flops.
[[nodiscard]] Parameters gradient(const Architecture& architecture, const Parameters& parameters,
                                  const Forward& pass, const Vector& y);

/// Largest eigenvalue of the empirical NTK J Jᵀ over the trained weights, whose n × n entries are
/// Σ_W ⟨in_i, in_j⟩⟨Δ_i, Δ_j⟩ with in the input and Δ = ∂f/∂(W in) at the layer of W. Plain floating point,
/// no guarantee; NaN when an entry is not finite. Needs is_dense(architecture). Cost O(n·(number of weights)
/// + n²·(features) + n³).
[[nodiscard]] double approx_lambda_max_ntk(const Architecture& architecture, const Parameters& parameters,
                                           const Matrix& X);

/// Independent draws by each weight's law; weight w uses stream w of the seed, its entry (r, c) is number
/// r·cols + c of the stream. The same bits on every machine.
[[nodiscard]] Parameters initial_parameters(const Architecture& architecture, std::uint64_t seed);

}  // namespace overproof
