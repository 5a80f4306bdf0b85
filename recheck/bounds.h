#pragma once

#include "recheck/reader.h"

namespace overproof::recheck {

using List = std::vector<Ball>;
using Table = std::vector<List>;

/// σ(z), σ'(z), ... up to the derivative of this order, enclosed for every member of z. NaN for ReLU
/// where z may be 0.
[[nodiscard]] List enclose_derivatives(const std::string& activation, const Ball& z, int order);

/// L = sup|σ'|, β = sup|σ''|, β₃ = sup|σ'''|; of ReLU those away from 0.
struct Suprema {
  Ball slope, bend, third;
};

/// InputError for an activation that is neither one of the seven nor "identity".
[[nodiscard]] Suprema enclose_suprema(const std::string& activation);

/// What is needed of w₀, in the letters of docs/certificate.md. The readout is the last layer, with σ = id.
struct Center {
  Table x, g, delta;      ///< [h][i], layer h >= 1 (x: 0) and sample i: ‖x̂^h‖, ‖ĝ^h‖, ‖Δ̂^h‖
  Table g_largest, bent;  ///< [h][i]: ‖ĝ^h‖_∞, |s|·‖ĝ^h∘σ''(ẑ^h)‖_∞
  Table clearance;        ///< [h][i]: the least |ẑ^h| of an entry
  std::vector<Mat> x_gram, delta_gram;  ///< [h]: ⟨x̂_i^h, x̂_l^h⟩, ⟨Δ̂_i^h, Δ̂_l^h⟩
  Ball residual;                        ///< ‖F(w₀)‖
  Mat G;                                ///< the Gram matrix of the Jacobian in the trained weights
};

/// Encloses all of it for the doubles of the run. An input 0 that is to be normalised makes it NaN.
[[nodiscard]] Center enclose_center(const Run& run);

/// M on a ball: by the methods of docs/certificate.md, the best of each and those before it.
struct Lipschitz {
  Ball product, measured, batch;
};

/// Bounds the Lipschitz constant of the Jacobian on the ball of radius r >= 0 around w₀; NaN where a ReLU may
/// reach 0. `suprema` are those of the activation, `norms` bounds of ‖W‖₂ by name.
[[nodiscard]] Lipschitz bound_lipschitz(const Network& net, const Center& center, const Suprema& suprema,
                                        const std::map<std::string, Ball>& norms, const Ball& r);

}  // namespace overproof::recheck
