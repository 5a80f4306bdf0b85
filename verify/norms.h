#pragma once

#include "bounds/interval.h"
#include "verify/ball.h"

namespace overproof {

/// [mid − radius, mid + radius]; nan when the radius is.
[[nodiscard]] Interval within(double mid, Up radius);

/// Σ x_i² and (Σ x_i²)^½ over k terms from the floating-point value s of the sum of squares.
[[nodiscard]] Interval enclose_sum_of_squares(double s, Index k);
/// ‖v‖₂ of every v within `radius` of the exact vector or matrix (Frobenius norm) `mid`; exactly 0 for a zero
/// one with radius 0.
[[nodiscard]] Interval enclose_norm(const Eigen::Ref<const Matrix>& mid, Up radius);
/// ‖A − B‖_F for exact matrices, and the largest ‖row of A − B‖₂.
[[nodiscard]] Interval enclose_distance(const Matrix& A, const Matrix& B);
[[nodiscard]] Interval enclose_row_distance(const Matrix& A, const Matrix& B);
/// max and min over the columns of ‖x_i‖₂, and max over the columns of ‖x_i − y_i‖₂.
[[nodiscard]] Interval enclose_largest_column(const Ball& x);
[[nodiscard]] Interval enclose_smallest_column(const Ball& x);
[[nodiscard]] Interval enclose_largest_difference(const Ball& x, const Ball& y);
/// (Σ v_i²)^½.
[[nodiscard]] Interval enclose_norm(const std::vector<Interval>& v);

}  // namespace overproof
