#pragma once

#include <optional>
#include <vector>

#include "bounds/verdict.h"
#include "verify/iterate.h"

namespace overproof {

/// The gradient at an iterate, and how far the next stored one is from a step of gradient descent.
struct Descent {
  std::vector<std::optional<Interval>> gradients;  ///< ‖∂L/∂W^h‖_F at h − 1, h = 1..H+1, of trained weights
  Interval gradient;                               ///< ‖∇L‖
  Interval residual;   ///< ‖θ(k+1) − θ(k) + η∇L(θ(k))‖; nan without a next iterate
  Interval allowance;  ///< what floating point explains of it [docs/rigour.md]

  [[nodiscard]] Verdict verdict() const;  ///< residual <= allowance
};

/// `next` may be null. Cost: one product a weight.
[[nodiscard]] Descent enclose_descent(const Architecture& architecture, double eta, const Iterate& now,
                                      const std::vector<Ball>& backward, const Iterate* next);

}  // namespace overproof
