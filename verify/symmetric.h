#pragma once

#include "bounds/population_gram.h"
#include "verify/ball.h"

namespace overproof {

/// All symmetric n × n matrices within `rad` of `mid` entry by entry. mid is exactly symmetric, rad symmetric
/// and >= 0 (NaN where nothing is known).
struct SymmetricBall {
  Matrix mid, rad;
  [[nodiscard]] Index size() const { return mid.rows(); }
};

/// ‖A − mid‖₂ over the ball, from above: the smaller of ‖rad‖_F and the largest row sum.
[[nodiscard]] Up radius_norm(const SymmetricBall& A);

/// Inner products ⟨x_i, x_j⟩ of the columns of a ball. O(n² · features).
[[nodiscard]] SymmetricBall gram(const Ball& x);
[[nodiscard]] SymmetricBall operator+(const SymmetricBall& A, const SymmetricBall& B);
[[nodiscard]] SymmetricBall operator-(const SymmetricBall& A, const SymmetricBall& B);
/// Entrywise product, and the multiple by an exact double.
[[nodiscard]] SymmetricBall hadamard(const SymmetricBall& A, const SymmetricBall& B);
[[nodiscard]] SymmetricBall scaled(double factor, const SymmetricBall& A);
[[nodiscard]] SymmetricBall zero_ball(Index n);
/// Doubles around a matrix of enclosures.
[[nodiscard]] SymmetricBall ball_around(const SymmetricIntervals& K);

/// Entry (i, j) as an interval.
[[nodiscard]] Interval entry(const SymmetricBall& A, Index i, Index j);
/// Largest |entry|, enclosed, and ‖A‖_F.
[[nodiscard]] Interval enclose_max_entry(const SymmetricBall& A);
[[nodiscard]] Interval enclose_frobenius(const SymmetricBall& A);

}  // namespace overproof
