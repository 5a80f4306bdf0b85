#pragma once

#include "verify/iterate.h"

namespace overproof {

/// A lower triangle of numbers (h, j), j <= h; 0 above it.
class Triangle {
 public:
  explicit Triangle(std::size_t n) : n_(n), numbers_(n * n) {}
  Up& operator()(std::size_t h, std::size_t j) { return numbers_[h * n_ + j]; }
  const Up& operator()(std::size_t h, std::size_t j) const { return numbers_[h * n_ + j]; }

 private:
  std::size_t n_;
  std::vector<Up> numbers_;
};

/// The Jacobians T̂^(j→h) = ∂x^h/∂x^j of one sample at w₀, from above; D̂_j = diag σ'(ẑ^j), Ψ̂^h = k_h I +
/// e_h Ŵ^h [docs/certificate.md, "Layer to layer"]. Number h stands for layer h + 1.
struct JacobianNorms {
  Triangle through;       ///< ‖T̂^(j→h)‖, 1 for j = h
  Triangle from_z;        ///< ‖T̂^(j→h) D̂_j‖, j < h
  Triangle z_to_z;        ///< ‖Ψ̂^h T̂^(j→h−1) D̂_j‖, j < h
  std::vector<Up> slope;  ///< ‖D̂_j‖
};

/// Of every sample; the network must be dense, with layers of any widths. Infinite or NaN where nothing is
/// known: from_z and z_to_z of a layer j that is not trained, and numbers that are not finite. Products of
/// matrices in plain floating point with a priori bounds of their errors, then for each j < h and sample
/// three Cholesky factorisations and one dsyrk, two and one dgemm where j < h − 1: 2 m³ or 5 m³ flops.
/// Samples over as many threads as BLAS has, O(H m²) of memory each.
[[nodiscard]] std::vector<JacobianNorms> bound_layer_jacobians(const Architecture& net, const Iterate& at);

}  // namespace overproof
