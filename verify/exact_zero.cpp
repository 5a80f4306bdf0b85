#include "verify/exact_zero.h"

#include <cmath>

namespace overproof {
namespace {

/// Bits between the smallest product of two doubles and the largest sum of 2^64 of them.
constexpr int exact_precision = 4400;

bool is_null_vector(const Matrix& A, const Vector& y) {
  for (Index i = 0; i < A.rows(); ++i) {
    Interval sum = Interval::integer(0, exact_precision);
    for (Index j = 0; j < A.cols(); ++j) {
      if (A(i, j) != 0.0 && y[j] != 0.0)
        sum += Interval::exact(A(i, j), exact_precision) * Interval::exact(y[j], exact_precision);
    }
    if (!sum.is_point() || !sum.contains_zero()) return false;
  }
  return true;
}

}  // namespace

std::optional<Vector> exact_null_vector(const Matrix& A, const Vector& direction) {
  if (direction.size() != A.rows() || A.rows() == 0 || !direction.allFinite() || !A.allFinite()) return {};
  Index pivot = 0;
  if (!(direction.cwiseAbs().maxCoeff(&pivot) > 0.0)) return {};
  const Vector scaled = direction / direction[pivot];
  constexpr int largest = 60;
  constexpr double tolerance = 1e-4;
  for (int q = 1; q <= largest; ++q) {
    const Vector y = (static_cast<double>(q) * scaled).array().round();
    if ((static_cast<double>(q) * scaled - y).cwiseAbs().maxCoeff() > tolerance) continue;
    if (is_null_vector(A, y)) return y;
  }
  return {};
}

EndEnclosure zero_end(Vector null_vector) {
  return {Interval::integer(0), EigenMethod::null_vector, 0, std::move(null_vector)};
}

std::optional<EndEnclosure> enclose_zero_end(const Matrix& A, End end, const Vector& direction) {
  if (A.rows() > 0 && (A.array() == 0.0).all()) return zero_end(Vector::Unit(A.rows(), 0));
  const std::optional<Vector> y = exact_null_vector(A, direction);
  if (!y) return {};
  const double size = A.diagonal().cwiseAbs().maxCoeff();
  Matrix workspace(A.rows(), A.rows());
  for (double shift = size / 16.0; shift > unit_roundoff * size; shift /= 16.0) {
    const double weight = 2.0 * size / y->squaredNorm();
    // xᵀBx = zᵀBz >= 0 for the part z of x that is orthogonal to y, as B y = 0
    if (approx_cholesky(A, end, shift, *y, weight, workspace) &&
        bound_complement_below(A, end, shift, *y, weight, workspace) >= 0.0)
      return zero_end(*y);
  }
  return {};
}

}  // namespace overproof
