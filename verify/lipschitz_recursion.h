#pragma once

#include <optional>

#include "verify/layer_jacobians.h"

namespace overproof {

// Bounds for one sample on a ball around w₀ [docs/certificate.md, "The recursion", "Layer to layer"].

/// The layers, h = 0..H-1 for layer h + 1, and the readout.
struct LayerNumbers {
  Up in, skip_in;      ///< e = |scale_in|, k = |skip_in|
  Up scale, skip_out;  ///< s and P
  Up spectral;         ///< ‖Ŵ‖
  bool trained;
};
struct NetNumbers {
  std::vector<LayerNumbers> layers;
  Up readout;
  bool readout_trained;
  Up L, beta, beta_3;
};

/// Of one sample at w₀, with index h as above; x[h] is ‖x̂^h‖ for h = 0..H.
struct SampleNumbers {
  std::vector<Up> x, g, g_largest, delta, bent;
  std::vector<double> clearance;  ///< relu: the least |ẑ|, from below
  std::optional<JacobianNorms> jacobians;
};

/// On the ball of radius r.
struct SampleBounds {
  Triangle alpha, chi;  ///< ‖∂x^h/∂W^j‖ <= α_hj ‖x^(j−1)‖, ‖∂z^h/∂W^j‖ <= χ_hj ‖x^(j−1)‖
  std::vector<Up> X, A;    ///< ‖x^h‖ and ‖∂x^h/∂w‖, h = 0..H
  std::vector<Up> D, C;    ///< ‖Δ^h‖ and ‖s g∘σ''‖_∞
  std::vector<Up> change;  ///< ‖Δ^h − Δ̂^h‖
  bool smooth = true;      ///< false: relu may change a sign
};

/// What is known of w₀ beside the norms of the weights: each includes those before it.
enum class Known { norms, backward, jacobians };

/// `jacobians` where at.jacobians is there. For relu it holds only on balls where the bounds by the norms are
/// smooth: the slopes σ' are taken for those at w₀. O(H³).
[[nodiscard]] SampleBounds bounds_on_ball(const NetNumbers& net, const SampleNumbers& at, Up r, Known known);

/// Σ_h C_h χ_hj χ_hk.
[[nodiscard]] Up second_order(const SampleBounds& on, std::size_t j, std::size_t k);

/// |f̈| <= vᵀBv for a unit direction with the norms v_j of its parts: B_jk of one sample for j <= k, where k =
/// H is the readout.
[[nodiscard]] Up entry_of(const NetNumbers& net, const SampleBounds& on, std::size_t j, std::size_t k);

}  // namespace overproof
