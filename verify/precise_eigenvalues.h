#pragma once

#include <functional>
#include <optional>

#include "verify/eigenvalues.h"
#include "verify/precise_matrix.h"

namespace overproof {

/// λ_min(A) >= the result for every matrix A of the ball, any shift and any L: shift − ‖A − shift·I − LLᵀ‖ −
/// radius. nan when nothing comes out.
[[nodiscard]] Interval bound_lowest_below(const PreciseBall& A, const Interval& shift, const PreciseMatrix& L,
                                          int threads);

/// λ_min(sign·K) <= the result for every matrix of K: the enclosed Rayleigh quotient of x (n × 1, not zero).
[[nodiscard]] Interval bound_lowest_above(const SymmetricIntervals& K, End end, const PreciseMatrix& x);

/// Encloses the least eigenvalue of sign·K for every matrix of K with MPFR numbers of the given precision,
/// aiming at a relative width. Guess by inverse iteration with Cholesky factors, proof by the two bounds
/// above. O(n³) MPFR operations for each factorisation, about five to ten.
[[nodiscard]] EndEnclosure enclose_end_precisely(const SymmetricIntervals& K, End end, int precision,
                                                 double relative_width, int threads);

/// How far to go.
struct EigenOptions {
  double relative_width = 1e-8;
  int precision_limit = 1024;  ///< bits; 53: doubles only
  int threads = 0;             ///< of the MPFR part; 0: the default of parallel.h
};

/// An end of the spectrum, decided when its relative width is what was asked for, or it is exactly 0.
struct DecidedEnd {
  EndEnclosure enclosure;
  int precision = 53;  ///< at which it was enclosed
  int tried = 0;       ///< the largest precision so far; 53: doubles, 0: nothing yet
  bool decided = false;
};

/// λ_min (λ_max) of an exact symmetric matrix: in doubles, and where these cannot decide in MPFR numbers of
/// the precisions that next_precision() says.
[[nodiscard]] DecidedEnd enclose_end_exactly(const Matrix& A, End end, const EigenOptions& options);

/// The same for a matrix whose entries can be enclosed at any precision.
using MatrixAtPrecision = std::function<SymmetricIntervals(int precision)>;
[[nodiscard]] DecidedEnd enclose_end_of(const MatrixAtPrecision& matrix, End end,
                                        const EigenOptions& options);

/// At how many bits the matrix is wanted next, if any more: 128 at first, then within the limit twice as many
/// while 0 is not excluded, else as many as the width lacks.
[[nodiscard]] std::optional<int> next_precision(const DecidedEnd& so_far, const EigenOptions& options);
/// Takes the matrix, enclosed at that precision, into account: in doubles at first, in MPFR numbers where
/// these do not decide.
void sharpen(DecidedEnd& so_far, const SymmetricIntervals& K, int precision, End end,
             const EigenOptions& options);

/// The exact matrix as intervals.
[[nodiscard]] SymmetricIntervals exact_intervals(const Matrix& A, int precision);

}  // namespace overproof
