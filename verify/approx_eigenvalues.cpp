#include "verify/approx_eigenvalues.h"

#include <Spectra/SymEigsSolver.h>
#include <cblas.h>
#include <lapacke.h>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <cmath>
#include <random>

namespace overproof {
namespace {

// Spectra's tolerances are absolute in places, so both operators are those of A/size.

/// x ↦ size (RᵀR)⁻¹x.
class InverseOperator {
 public:
  using Scalar = double;
  InverseOperator(const Matrix& R, double size) : R_(R), size_(size) {}
  [[nodiscard]] Index rows() const { return R_.rows(); }
  [[nodiscard]] Index cols() const { return R_.cols(); }
  void perform_op(const double* x, double* y) const {
    const auto n = static_cast<int>(R_.rows());
    std::copy(x, x + n, y);
    for (const CBLAS_TRANSPOSE side : {CblasTrans, CblasNoTrans})
      cblas_dtrsv(CblasColMajor, CblasUpper, side, CblasNonUnit, n, R_.data(), n, y, 1);
    cblas_dscal(n, size_, y, 1);
  }

 private:
  const Matrix& R_;
  double size_;
};

/// x ↦ factor A x.
class ProductOperator {
 public:
  using Scalar = double;
  ProductOperator(const Matrix& A, double factor) : A_(A), factor_(factor) {}
  [[nodiscard]] Index rows() const { return A_.rows(); }
  [[nodiscard]] Index cols() const { return A_.cols(); }
  void perform_op(const double* x, double* y) const {
    const auto n = static_cast<int>(A_.rows());
    cblas_dgemv(CblasColMajor, CblasNoTrans, n, n, factor_, A_.data(), n, x, 1, 0.0, y, 1);
  }

 private:
  const Matrix& A_;
  double factor_;
};

/// What Lanczos is asked for: eigenpairs, dimension of the Krylov space, restarts, relative residual.
struct LanczosAim {
  Index pairs, dimension, restarts;
  double tolerance;
};

/// The algebraically largest eigenpairs of an operator, descending; empty unless all of them converged.
template <class Operator>
ApproxEigen approx_largest(Operator op, const LanczosAim& aim) {
  try {
    Spectra::SymEigsSolver<Operator> solver(op, aim.pairs, std::min(aim.dimension, op.rows()));
    solver.init();
    if (solver.compute(Spectra::SortRule::LargestAlge, aim.restarts, aim.tolerance) == aim.pairs)
      return {solver.eigenvalues(), solver.eigenvectors()};
  } catch (const std::exception&) {  // Lanczos broke down
  }
  return {};
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

ApproxEigen lowest_of(const ApproxEigen& all, End end) {
  constexpr Index most_vectors = 16;
  const Index count = std::min(most_vectors, all.vectors.cols());
  if (end == End::smallest) return {all.values, all.vectors.leftCols(count)};
  return {-all.values.reverse(), all.vectors.rightCols(count).rowwise().reverse()};
}

Index approx_deflation(const Vector& values, const Vector& residuals, double target, double least_gap) {
  double squares = 0;
  for (Index k = 1; k < values.size() && k <= residuals.size(); ++k) {
    squares += residuals[k - 1] * residuals[k - 1];
    const double gap = (values[k] - values[0]) / 2;
    if (gap >= least_gap && squares <= target * gap) return k;
  }
  return 0;
}

bool approx_cholesky(const Matrix& A, End end, double shift, const Matrix& V, double weight, Matrix& R) {
  const auto n = static_cast<lapack_int>(A.rows());
  const double sign = sign_of(end);
  for (Index j = 0; j < n; ++j) {
    R.col(j).head(j + 1) = sign * A.col(j).head(j + 1);
    R.col(j).tail(n - j - 1).setZero();
    R(j, j) -= shift;
  }
  if (V.cols() > 0) {
    cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, n, static_cast<int>(V.cols()), weight, V.data(), n,
                1.0, R.data(), n);
  }
  return LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', n, R.data(), n) == 0;
}

ApproxEigen approx_lowest(const Matrix& A, End end, Effort effort, Matrix& workspace) {
  const Index n = A.rows(), pairs = effort == Effort::usual ? 2 : 8, dimension = 32 + 4 * pairs;
  if (n <= dense_size) return lowest_of(approx_eigen(A), end);
  if (!A.allFinite()) return {};
  const double size = A.cwiseAbs().maxCoeff();
  if (!std::isfinite(1.0 / size)) return lowest_of(approx_eigen(A), end);
  const auto factor = [&](double shift) {
    return approx_cholesky(A, end, shift, Matrix(n, 0), 0.0, workspace);
  };
  double shift = 0.0;
  bool factored = end == End::smallest && A.diagonal().minCoeff() > 0.0 && factor(shift);
  if (!factored) {
    // good enough by itself, or a place for the shift
    const ProductOperator minus(A, -sign_of(end) / size);
    const ApproxEigen outer = approx_largest(minus, {pairs, dimension, 4, 1e-9});
    if (outer.values.size() > 0) return {-size * outer.values, outer.vectors};
    constexpr double rough = 1e-3;
    const ApproxEigen near = approx_largest(minus, {1, 40, 50, rough});
    if (near.values.size() == 0) return lowest_of(approx_eigen(A), end);
    const double lowest = -size * near.values[0];
    double distance = 2 * rough * std::abs(lowest);
    for (int attempt = 0; attempt < 12 && !factored; ++attempt, distance *= 4)
      factored = factor(shift = lowest - distance);
    if (!factored) return {-size * near.values, near.vectors};
  }
  const ApproxEigen inverse = approx_largest(InverseOperator(workspace, size), {pairs, dimension, 20, 1e-5});
  if (inverse.values.size() == 0) return lowest_of(approx_eigen(A), end);
  // λ = shift + 1/μ. One more solution takes away what A would magnify, then orthonormal columns again.
  Matrix vectors = inverse.vectors;
  LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'U', static_cast<lapack_int>(n), static_cast<lapack_int>(pairs),
                      workspace.data(), static_cast<lapack_int>(n), vectors.data(),
                      static_cast<lapack_int>(n));
  return {size * inverse.values.cwiseInverse().array() + shift,
          Eigen::HouseholderQR<Matrix>(vectors).householderQ() * Matrix::Identity(n, pairs)};
}

double approx_largest_eigenvalue(const Matrix& A) {
  constexpr Index steps = 24;
  const Index n = A.rows();
  if (n == 0 || !A.allFinite()) return std::numeric_limits<double>::quiet_NaN();
  if (n <= dense_size) {
    const Vector values = approx_eigen(A).values;
    return values.size() > 0 ? values[n - 1] : std::numeric_limits<double>::quiet_NaN();
  }
  std::minstd_rand random(1);
  Vector q = Vector::NullaryExpr(n, [&] { return static_cast<double>(random()) - 0x1p30; }).normalized();
  Vector before = Vector::Zero(n), image(n);
  Vector alpha(steps), beta(steps);
  Index done = 0;
  for (double next = 0.0; done < steps; ++done) {
    cblas_dsymv(CblasColMajor, CblasUpper, static_cast<int>(n), 1.0, A.data(), static_cast<int>(n), q.data(),
                1, 0.0, image.data(), 1);
    image -= next * before;
    alpha[done] = q.dot(image);
    image -= alpha[done] * q;
    next = beta[done] = image.norm();
    if (!(next > 1e-14 * std::abs(alpha[0]))) {
      ++done;
      break;
    }
    before = q, q = image / next;
  }
  Eigen::SelfAdjointEigenSolver<Matrix> ritz;
  ritz.computeFromTridiagonal(alpha.head(done), beta.head(done - 1), Eigen::EigenvaluesOnly);
  return ritz.eigenvalues().maxCoeff();
}

}  // namespace overproof
