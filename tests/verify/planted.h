#pragma once

#include "bounds/population_gram.h"
#include "trainer/architecture.h"

namespace overproof {

/// The Hadamard matrix of order n, a power of two: entries ±1, QQᵀ = nI.
inline Matrix hadamard(Index n) {
  Matrix Q = Matrix::Ones(1, 1);
  while (Q.rows() < n) {
    Matrix doubled(2 * Q.rows(), 2 * Q.rows());
    doubled << Q, Q, Q, -Q;
    Q = doubled;
  }
  return Q;
}

/// A symmetric matrix with the eigenvalues asked for, exactly: Q D Qᵀ/n for integers that are not too large,
/// n a power of two, since every entry is an integer over n.
inline Matrix with_eigenvalues(const Vector& eigenvalues) {
  const Matrix Q = hadamard(eigenvalues.size());
  return Q * eigenvalues.asDiagonal() * Q.transpose() / static_cast<double>(eigenvalues.size());
}

/// The Hilbert matrix 1/(i + j + 1), i and j from 0.
inline SymmetricIntervals hilbert(Index n, int precision) {
  SymmetricIntervals K(n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i <= j; ++i) K(i, j) = Interval::rational(1, i + j + 1, precision);
  }
  return K;
}

}  // namespace overproof
