#include "verify/norms.h"

#include <cmath>
#include <limits>

namespace overproof {
namespace {

/// ‖v‖₂ of the real difference whose rounded value is `difference`: one relative rounding an entry, no
/// underflow.
Interval norm_of_rounded(const Eigen::Ref<const Matrix>& difference) {
  const Interval norm = enclose_norm(difference, Up());
  const double u = 2 * unit_roundoff;  // 1/(1 ± u) lies within 1 ± 2u
  return norm * Interval::between(1.0 - u, 1.0 + u);
}

}  // namespace

Interval within(double mid, Up radius) {
  if (std::isinf(mid)) return Interval::entire();  // it overflowed
  return Interval::exact(mid) + Interval::between(-radius.value(), radius.value());
}

Interval enclose_sum_of_squares(double s, Index k) {
  // s = (1 + θ) Σ x² + kη, |θ| <= γ_k; where it overflowed, nothing but >= 0 is left
  const Up relative = gamma_factor(static_cast<double>(k)),
           underflow = static_cast<double>(k) * Up(smallest_double);
  const Interval sum = within(s, underflow) / within(1.0, relative);
  return max(sum, Interval::integer(0));
}

Interval enclose_norm(const Eigen::Ref<const Matrix>& mid, Up radius) {
  if (radius.value() == 0.0 && (mid.array() == 0.0).all()) return Interval::integer(0);
  const double squares = mid.squaredNorm();
  Interval norm = sqrt(enclose_sum_of_squares(squares, mid.size()));
  if (!(squares < 0x1p1000)) {
    // Scaled by 2^-600 the large entries are exact and their squares in range, the small ones err by
    // underflow.
    constexpr double factor = 0x1p-600;
    const Up underflow = sqrt(Up(static_cast<double>(mid.size()))) * Up(smallest_double);
    const Interval scaled = sqrt(enclose_sum_of_squares((factor * mid).squaredNorm(), mid.size()));
    norm = (scaled + within(0.0, underflow)) / Interval::exact(factor);
  }
  return max(norm + within(0.0, radius), Interval::integer(0));
}

Interval enclose_distance(const Matrix& A, const Matrix& B) { return norm_of_rounded(A - B); }

Interval enclose_row_distance(const Matrix& A, const Matrix& B) {
  const Matrix difference = A - B;
  const Vector squares = difference.rowwise().squaredNorm();
  if (squares.hasNaN()) return Interval::nan();
  Index row = 0;
  squares.maxCoeff(&row);
  // The row with the largest computed norm bounds the maximum from below; all rows share the relative error.
  if (squares[row] == 0.0 && A == B) return Interval::integer(0);
  if (squares[row] < std::numeric_limits<double>::infinity()) {
    const double u = 2 * unit_roundoff;
    return sqrt(enclose_sum_of_squares(squares[row], A.cols())) * Interval::between(1.0 - u, 1.0 + u);
  }
  Interval largest = Interval::integer(0);  // the squares of several rows may have overflowed
  for (row = 0; row < A.rows(); ++row) largest = max(largest, norm_of_rounded(difference.row(row)));
  return largest;
}

Interval enclose_largest_column(const Ball& x) {
  Interval largest = Interval::integer(0);
  for (Index i = 0; i < x.columns(); ++i) {
    const Interval norm = enclose_norm(x.mid.col(i), x.two_around_mid(i));
    if (norm.is_nan()) return norm;
    largest = max(largest, norm);
  }
  return largest;
}

Interval enclose_smallest_column(const Ball& x) {
  Interval smallest =
      Interval::between(std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity());
  for (Index i = 0; i < x.columns(); ++i) {
    const Interval norm = enclose_norm(x.mid.col(i), x.two_around_mid(i));
    if (norm.is_nan()) return norm;
    smallest = min(smallest, norm);
  }
  return smallest;
}

Interval enclose_largest_difference(const Ball& x, const Ball& y) {
  Interval largest = Interval::integer(0);
  for (Index i = 0; i < x.columns(); ++i) {
    const Vector difference = x.mid.col(i) - y.mid.col(i);
    const Up radius = x.two_around_mid(i) + y.two_around_mid(i);
    const Interval norm = max(norm_of_rounded(difference) + within(0.0, radius), Interval::integer(0));
    if (norm.is_nan()) return norm;
    largest = max(largest, norm);
  }
  return largest;
}

Interval enclose_norm(const std::vector<Interval>& v) {
  Interval sum = Interval::integer(0);
  for (const Interval& x : v) sum += square(x);
  return sqrt(sum);
}

}  // namespace overproof
