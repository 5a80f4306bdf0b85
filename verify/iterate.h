#pragma once

#include <vector>

#include "bounds/interval.h"
#include "verify/pass.h"

namespace overproof {

/// What is known of the network at one stored iterate.
struct Iterate {
  Parameters weights;
  WeightNorms norms;
  ForwardBalls forward;
  std::vector<Interval> residual;  ///< r_i = y_i − u_i
};

/// `spectral` has bounds of ‖W‖₂ from above, one a weight.
[[nodiscard]] Iterate enclose_iterate(const Architecture& architecture, const Kernels& kernels,
                                      Parameters weights, const std::vector<Up>& spectral,
                                      const Inputs& inputs, const Vector& labels);

/// The Gram matrix of all trained weights (the empirical NTK): the sum of their G^(h), h = 1..H+1, as
/// enclose_grams gives them.
[[nodiscard]] SymmetricBall enclose_ntk(const Architecture& architecture,
                                        const std::vector<SymmetricBall>& grams);

/// The weight of layer h = 1..H, or of the output, h = H+1.
[[nodiscard]] std::size_t weight_of(const Architecture& architecture, Index h);

}  // namespace overproof
