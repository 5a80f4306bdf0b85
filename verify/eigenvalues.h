#pragma once

#include <optional>

#include "verify/symmetric.h"

namespace overproof {

/// A guess is separate from its proof: a bad guess costs sharpness, never soundness.

/// Eigenvalues (ascending) and orthonormal eigenvectors in plain floating point. No guarantee. Empty when
/// LAPACK fails.
struct ApproxEigen {
  Vector values;
  Matrix vectors;
};
[[nodiscard]] ApproxEigen approx_eigen(const Matrix& A);

/// λ_min(A) >= the result, for the exact symmetric matrix A, any number s and any square matrix R whatsoever:
/// A − sI = RᵀR + E with ‖E‖ bounded a posteriori from one product gives λ_min(A) >= s − ‖E‖, since RᵀR is
/// positive semidefinite. −inf when nothing finite comes out. O(n³). [docs/rigour.md]
[[nodiscard]] double lambda_min_above_by_factor(const Matrix& A, double s, const Matrix& R);

/// Tries to prove that λ_min(A) is about s or more: the bound above with R the floating-point Cholesky factor
/// of A − sI, about which nothing is assumed. nullopt when the factorisation breaks down or nothing finite
/// comes out. O(n³). [Rump 2006 for the idea of a floating-point Cholesky factor as proof]
[[nodiscard]] std::optional<double> prove_lambda_min_above(const Matrix& A, double s);

/// A number <= λ_min of every matrix of the ball; -inf when nothing could be proved. `guess` is any number.
[[nodiscard]] double bound_lambda_min_below(const SymmetricBall& A, double guess);

/// A number >= λ_min of every matrix of the ball, from the Rayleigh quotient of `direction` (any vector); inf
/// for a zero or non-finite one.
[[nodiscard]] double bound_lambda_min_above(const SymmetricBall& A, const Vector& direction);

/// Enclosures of λ_min and λ_max of every matrix of the ball, with guesses from approx_eigen.
struct EigenvalueRange {
  Interval smallest, largest;
};
[[nodiscard]] EigenvalueRange enclose_eigenvalues(const SymmetricBall& A);
/// max(|λ_min|, |λ_max|) = ‖A‖₂.
[[nodiscard]] Interval enclose_norm(const SymmetricBall& A);

/// ‖W‖₂ of an exact matrix, from λ_max of the smaller of WᵀW and WWᵀ. O(min(m, k)² max(m, k)).
[[nodiscard]] Interval enclose_spectral_norm(const Matrix& W);

}  // namespace overproof
