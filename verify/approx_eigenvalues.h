#pragma once

#include "trainer/architecture.h"

namespace overproof {

// Guesses in plain floating point, without any guarantee. What is proved with them is in eigenvalues.h: a bad
// guess costs sharpness, never soundness.

/// Approximate eigenpairs, ascending; the vectors are orthonormal up to rounding. There may be more values
/// than vectors: the next ones, without their vectors.
struct ApproxEigen {
  Vector values;
  Matrix vectors;
};

/// All eigenpairs of the symmetric matrix A. Empty when LAPACK fails. O(n³), about 30 times a Cholesky
/// factorisation.
[[nodiscard]] ApproxEigen approx_eigen(const Matrix& A);

/// Which end of the spectrum is meant. The largest eigenvalue is the smallest of −A, so every routine below
/// speaks of the least eigenvalue of sign·A.
enum class End { smallest, largest };
[[nodiscard]] constexpr double sign_of(End end) { return end == End::smallest ? 1.0 : -1.0; }

/// How many eigenpairs are looked for: two, or eight where eigenvalues are multiple or crowded.
enum class Effort { usual, crowded };

/// Up to this n the dense decomposition gives the guesses.
inline constexpr Index dense_size = 128;

/// A few of the least eigenpairs of sign·A: those among all of them, or for large n by Lanczos, with the
/// inverse by a Cholesky factor where it does not converge without. Empty when nothing came out. O(n³/3)
/// flops for each factorisation, usually one; the dense decomposition where all else fails. `workspace` has
/// room for n × n doubles.
[[nodiscard]] ApproxEigen approx_lowest(const Matrix& A, End end, Effort effort, Matrix& workspace);
[[nodiscard]] ApproxEigen lowest_of(const ApproxEigen& all, End end);

/// The largest eigenvalue of a symmetric matrix, of which the upper triangle is read and the rest finite:
/// among all of them, or for large n by 24 steps of Lanczos, which come near from below. NaN for entries that
/// are not finite. O(n²) for large n.
[[nodiscard]] double approx_largest_eigenvalue(const Matrix& A);

/// The factor of a deflation (see eigenvalues.cpp): how many of the lowest vectors to take so that the
/// residuals, squared and divided by the distance to the next eigenvalue, come below `target`, where that
/// distance must be at least `least_gap`; 0 if no number does.
[[nodiscard]] Index approx_deflation(const Vector& values, const Vector& residuals, double target,
                                     double least_gap);

/// The floating-point Cholesky factor R, upper triangular with zeros below, of sign·A − shift·I +
/// weight·VVᵀ in `R`. False when the factorisation breaks down.
[[nodiscard]] bool approx_cholesky(const Matrix& A, End end, double shift, const Matrix& V, double weight,
                                   Matrix& R);

}  // namespace overproof
