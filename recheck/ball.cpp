#include "recheck/ball.h"

namespace overproof::recheck {

/// apply() for matrices.
template <class F, class... Arguments>
static Mat fill(slong rows, slong cols, F f, const Arguments&... arguments) {
  Mat out(rows, cols);
  f(out.get(), arguments.get()..., bits);
  return out;
}

Mat operator+(const Mat& A, const Mat& B) { return fill(A.rows(), A.cols(), arb_mat_add, A, B); }
Mat operator*(const Ball& c, const Mat& A) { return fill(A.rows(), A.cols(), arb_mat_scalar_mul_arb, A, c); }
Mat operator*(const Mat& A, const Mat& B) { return fill(A.rows(), B.cols(), arb_mat_mul, A, B); }
Mat entrywise(const Mat& A, const Mat& B) { return fill(A.rows(), A.cols(), arb_mat_mul_entrywise, A, B); }

Mat transpose(const Mat& A) {
  Mat B(A.cols(), A.rows());
  arb_mat_transpose(B.get(), A.get());
  return B;
}

bool certainly_above(const Mat& A, const Ball& t) {
  Mat S = A, factor(A.rows(), A.rows());
  for (slong i = 0; i < A.rows(); ++i) S.set(i, i, S(i, i) - t);
  return arb_mat_cho(factor.get(), S.get(), bits) != 0;
}

Ball bound_norm(const Mat& A) {
  // With P_0 = A/‖A‖_F, P_k = P_(k-1)²/f_k, f_k = ‖P_(k-1)²‖_F: ‖P_(k-1)‖₂² = f_k ‖P_k‖₂ and ‖P_k‖₂ <= 1, so
  // ‖A‖₂ <= ‖A‖_F f_1^(1/2) f_2^(1/4) ..., wherever that is cut off.
  const Ball norm = frobenius(A);
  if (!certainly_lt(0.0, norm)) return norm;
  Ball bound = norm;
  Mat P = 1.0 / norm * A;
  for (double exponent = 0.5; exponent > 0x1p-90; exponent /= 2) {
    const Mat squared = P * P;
    const Ball factor = frobenius(squared);
    if (arb_rel_accuracy_bits(factor.get()) < 60) break;  // the radii take over
    bound = bound * exp(exponent * apply(arb_log, factor));
    if (certainly_lt(1.0 - factor, 0x1p-100)) break;  // of rank 1: nothing changes any more
    P = 1.0 / factor * squared;
  }
  return bound;
}

}  // namespace overproof::recheck
