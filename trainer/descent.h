#pragma once

#include <functional>
#include <optional>

#include "trainer/network.h"

namespace overproof {

/// Full-batch gradient descent on L = ½ Σ (f_i − y_i)², the loss of 1810.02054 and 1811.03804 (no 1/n):
///     V(k+1) = momentum · V(k) + ∇L(W(k)),   W(k+1) = W(k) − eta · V(k+1),   V(0) = 0.
/// With momentum = 0 this is W(k+1) = W(k) − eta · ∇L(W(k)) for every trained weight.
struct DescentRule {
  double eta = 0.0;
  double momentum = 0.0;
};

/// What an observer sees at step k: the weights and the loss at these weights.
struct DescentStep {
  Index step = 0;
  const Parameters& parameters;
  double loss = 0.0;
  double residual_norm = 0.0;  ///< ‖y − f‖
};

/// Runs from W(first) = `parameters` to W(last) and shows every iterate first..last to `observe`. Stops at
/// the first iterate whose loss or weights are not finite and returns its number; that iterate is not shown.
/// A start at first > 0 continues a run without momentum with the same bits, given the same number of BLAS
/// threads. Needs is_dense(net).
std::optional<Index> descend(const Architecture& net, const Matrix& X, const Vector& y,
                             const DescentRule& rule, Parameters parameters, Index first, Index last,
                             const std::function<void(const DescentStep&)>& observe);

}  // namespace overproof
