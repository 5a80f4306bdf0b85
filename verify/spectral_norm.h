#pragma once

#include "verify/product.h"

namespace overproof {

/// AᵀA of an exact matrix divided by a power of two that brings its entries near 1, so that nothing overflows
/// and next to nothing underflows.
struct ScaledGram {
  Matrix upper;  ///< the upper triangle, in plain floating point
  Up error;      ///< of it as a symmetric matrix, in the 2-norm
  Up frobenius;  ///< ‖A/unit‖_F
  Up lost;       ///< what the division loses of A/unit in the 2-norm
  double unit = 1.0;
  bool finite = true;
};
/// One dsyrk, O(rows columns²).
[[nodiscard]] ScaledGram scaled_gram(const Matrix& A);

/// ‖A diag(d)‖₂ for any d, resp. ‖A‖₂, from above and at most 0.5% too large where the guess, the end of
/// Lanczos, is good; at most ‖A‖_F max|d| in any case. NaN for entries that are not finite. One Cholesky
/// factorisation, O(columns³/3): t²I − AᵀA is shown to be positive semidefinite [docs/rigour.md, "Spectral
/// norms"].
[[nodiscard]] Up bound_norm(const ScaledGram& gram, const Vector& d);
[[nodiscard]] Up bound_norm(const ScaledGram& gram);

}  // namespace overproof
