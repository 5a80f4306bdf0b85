#include "verify/eigenvalues.h"

#include <Spectra/SymEigsSolver.h>
#include <lapacke.h>

#include <cmath>

namespace overproof {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Next double below any finite x.
double next_down(double x) { return std::nextafter(x, -infinity); }

/// Unit eigenvector of the largest eigenvalue, by Lanczos where the matrix is large enough. No guarantee.
Vector approx_top_eigenvector(const Matrix& A) {
  constexpr Index lanczos_vectors = 40;
  if (A.rows() > 2 * lanczos_vectors && A.allFinite()) {
    Spectra::DenseSymMatProd<double> product(A);
    Spectra::SymEigsSolver<Spectra::DenseSymMatProd<double>> solver(product, 1, lanczos_vectors);
    try {
      solver.init();
      if (solver.compute(Spectra::SortRule::LargestAlge, 300, 1e-9) == 1) return solver.eigenvectors().col(0);
    } catch (const std::exception&) {
      // Lanczos broke down (an invariant subspace): the dense solver gives the guess.
    }
  }
  const ApproxEigen eigen = approx_eigen(A);
  return eigen.values.size() == 0 ? Vector(Vector::Ones(A.rows())) : Vector(eigen.vectors.col(A.rows() - 1));
}

}  // namespace

ApproxEigen approx_eigen(const Matrix& A) {
  ApproxEigen eigen{Vector(A.rows()), A};
  const auto n = static_cast<lapack_int>(A.rows());
  if (n == 0 || !A.allFinite() ||
      LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', n, eigen.vectors.data(), n, eigen.values.data()) != 0) {
    return {};
  }
  return eigen;
}

double lambda_min_above_by_factor(const Matrix& A, double s, const Matrix& R) {
  const Index n = A.rows();
  Matrix B = A;
  Up shift_error;  // |fl(a_ii − s) − (a_ii − s)| <= u|fl(a_ii − s)|
  for (Index i = 0; i < n; ++i) {
    B(i, i) = A(i, i) - s;
    shift_error = max(shift_error, Up(unit_roundoff) * Up(std::abs(B(i, i))));
  }
  // E = B − RᵀR:  B − fl(RᵀR) computed with error u|·|, fl(RᵀR) with error γ_n ‖R_i‖‖R_j‖ + nη at (i, j).
  Matrix residual = B;
  residual.noalias() -= R.transpose() * R;
  const auto k = static_cast<double>(n + 1);  // the subtraction is one more term of the sum
  Up diagonal;  // Σ_i ‖R_i‖² + |b_ii| bounds the Frobenius norm of the rank-one error terms
  for (const Up& column : column_norms_above(R)) diagonal += square(column);
  const Up product_error = gamma_factor(k) * (diagonal + frobenius_above(B)) + k * k * Up(smallest_double);
  const Up error = frobenius_above(residual) + product_error + shift_error;
  return std::isfinite(error.value()) && std::isfinite(s) ? next_down(s - error.value()) : -infinity;
}

std::optional<double> prove_lambda_min_above(const Matrix& A, double s) {
  if (A.rows() == 0 || !std::isfinite(s)) return std::nullopt;
  Matrix R = A;
  R.diagonal().array() -= s;
  const auto order = static_cast<lapack_int>(A.rows());
  if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', order, R.data(), order) != 0) return std::nullopt;
  R.triangularView<Eigen::StrictlyLower>().setZero();
  const double bound = lambda_min_above_by_factor(A, s, R);
  return std::isfinite(bound) ? std::optional(bound) : std::nullopt;
}

double bound_lambda_min_below(const SymmetricBall& A, double guess) {
  const Up radius = radius_norm(A);
  if (!std::isfinite(radius.value()) || !std::isfinite(guess)) return -infinity;
  // The factorisation succeeds once the shift is a rounding error below λ_min; a worse guess takes a few
  // doublings.
  const double size = A.mid.diagonal().cwiseAbs().sum() + std::abs(guess);
  double step = 4.0 * static_cast<double>(A.size()) * unit_roundoff * size + smallest_double;
  for (int attempt = 0; attempt < 60; ++attempt, step *= 4.0) {
    if (const auto proved = prove_lambda_min_above(A.mid, guess - step))
      return next_down(*proved - radius.value());
  }
  return -infinity;
}

double bound_lambda_min_above(const SymmetricBall& A, const Vector& direction) {
  const Index n = A.size();
  const double squared = direction.squaredNorm();
  if (direction.size() != n || !direction.allFinite() || !(squared > 0x1p-500) || !(squared < 0x1p500))
    return infinity;
  const double quotient = direction.dot(A.mid * direction);
  if (!std::isfinite(quotient)) return infinity;  // it overflowed
  // |fl(vᵀ(Av)) − vᵀAv| <= γ_{2n+1} |v|ᵀ|A||v| + underflow <= γ ‖A‖_F ‖v‖² + ...
  const auto k = static_cast<double>(2 * n + 1);
  const Up norm2 = sum_of_squares_above(squared, static_cast<double>(n));
  const Up error = gamma_factor(k) * frobenius_above(A.mid) * norm2 +
                   k * k * Up(smallest_double) * (sqrt(norm2) + Up(1.0)) + radius_norm(A) * norm2;
  const Interval numerator = Interval::exact(quotient) + Interval::between(-error.value(), error.value());
  // ‖v‖² >= fl(‖v‖²) − γ_n‖v‖²; γ_{2n+1} covers the rounding of this line as well
  const Interval denominator = Interval::between(squared - (gamma_factor(k) * norm2).value(), norm2.value());
  const double bound = (numerator / denominator).upper();
  return std::isnan(bound) ? infinity : bound;
}

EigenvalueRange enclose_eigenvalues(const SymmetricBall& A) {
  const ApproxEigen guess = approx_eigen(A.mid);
  if (guess.values.size() == 0) return {Interval::entire(), Interval::entire()};
  const Index last = A.size() - 1;
  const SymmetricBall minus{-A.mid, A.rad};
  return {Interval::between(bound_lambda_min_below(A, guess.values[0]),
                            bound_lambda_min_above(A, guess.vectors.col(0))),
          -Interval::between(bound_lambda_min_below(minus, -guess.values[last]),
                             bound_lambda_min_above(minus, guess.vectors.col(last)))};
}

Interval enclose_norm(const SymmetricBall& A) {
  const EigenvalueRange range = enclose_eigenvalues(A);
  return max(abs(range.smallest), abs(range.largest));
}

Interval enclose_spectral_norm(const Matrix& W) {
  if ((W.array() == 0.0).all()) return Interval::integer(0);
  const bool tall = W.rows() >= W.cols();
  const Matrix columns = tall ? W : Matrix(W.transpose());
  const SymmetricBall S = gram(Ball::exactly(columns));
  const Vector v = approx_top_eigenvector(S.mid);
  const SymmetricBall minus{-S.mid, S.rad};
  const Interval largest =
      -Interval::between(bound_lambda_min_below(minus, -v.dot(S.mid * v)), bound_lambda_min_above(minus, v));
  return sqrt(max(largest, Interval::integer(0)));
}

}  // namespace overproof
