#pragma once

#include "verify/approx_eigenvalues.h"
#include "verify/symmetric.h"

namespace overproof {

// The proofs. Each takes its guess as an argument and holds for any guess whatsoever. [docs/rigour.md,
// "Eigenvalues"]

/// A number ν' with xᵀ(sign·A)x >= ν'‖x‖² for every x orthogonal to the columns of V (for every x when V has
/// none), for the exact symmetric matrix A, any `shift`, `weight` >= 0, V (n × k) and R (n × n, entries below
/// its diagonal blocks of 64 are ignored): sign·A − shift·I + weight·VVᵀ = RᵀR + E with ‖E‖ bounded a
/// posteriori gives ν' = shift − ‖E‖, RᵀR being positive semidefinite. −inf when nothing finite comes out.
/// O(n³/3), as much as a Cholesky factorisation; extra memory O(n).
[[nodiscard]] double bound_complement_below(const Matrix& A, End end, double shift, const Matrix& V,
                                            double weight, const Matrix& R);

/// The same without V for a factor of its own, made block by block out of what the blocks above leave, so
/// that its residual is at hand; R (n × n) holds it afterwards, whatever it held before. Only
/// the upper triangle of A is read. −inf where the factorisation breaks down. O(n³/3) altogether.
[[nodiscard]] double factor_below(const Matrix& A, End end, double shift, Matrix& R);

/// B V and what an approximate invariant subspace leaves: residuals[j] encloses B v_j − θ_j v_j for B =
/// sign·A. The residual is known far below the rounding of A v. O(n² k).
struct Subspace {
  Matrix V;      ///< n × k, any vectors
  Vector theta;  ///< k, any numbers; approximate Rayleigh quotients
  std::vector<Ball> residuals;
  [[nodiscard]] Subspace first(Index k) const;
};
[[nodiscard]] Subspace enclose_residuals(const Matrix& A, End end, Matrix V);

/// Encloses λ_min(B) for B = sign·A when xᵀBx >= complement·‖x‖² for every x orthogonal to the columns of V:
/// from above by a Rayleigh quotient, from below by ρ − ‖R‖²/(complement − ρ), ρ the least eigenvalue of B on
/// the subspace [Temple 1928, Kato 1949, for k = 1; Lehmann 1949 in general]. Entire where V is not
/// certainly independent, unbounded from below where the complement is not above ρ.
[[nodiscard]] Interval enclose_lowest(const Subspace& subspace, double complement);

/// What decided an enclosure.
enum class EigenMethod { none, factor, deflation, null_vector, precise };

/// The least eigenvalue of sign·A: its enclosure, how it came to be, and a vector whose Rayleigh quotient is
/// near its upper end.
struct EndEnclosure {
  Interval value = Interval::entire();
  EigenMethod method = EigenMethod::none;
  Index deflated = 0;  ///< vectors taken out by the deflation
  Vector direction;
};

/// For an exact symmetric matrix and any guess, also an empty one; aims at the relative width 1e-8. Entire
/// for an empty matrix and for entries that are not finite. `workspace` has room for n × n doubles; O(n)
/// more. O(n³).
[[nodiscard]] EndEnclosure enclose_end(const Matrix& A, End end, const ApproxEigen& guess, Matrix& workspace);

/// With guesses of our own.
[[nodiscard]] EndEnclosure enclose_end(const Matrix& A, End end);

/// The width over the smaller end's absolute value, rounded up; large or not a number where 0 is near.
[[nodiscard]] double relative_width(const Interval& x);

/// Enclosures of λ_min and λ_max of every matrix of the ball.
struct EigenvalueRange {
  Interval smallest, largest;
};
[[nodiscard]] EigenvalueRange enclose_eigenvalues(const SymmetricBall& A);
[[nodiscard]] Interval enclose_largest(const SymmetricBall& A);
/// max(|λ_min|, |λ_max|) = ‖A‖₂.
[[nodiscard]] Interval enclose_norm(const SymmetricBall& A);

/// ‖W‖₂ of an exact matrix, from λ_max of the smaller of WᵀW and WWᵀ. O(min(m, k)² max(m, k)).
[[nodiscard]] Interval enclose_spectral_norm(const Matrix& W);

}  // namespace overproof
