#pragma once

// Matrices whose extreme eigenvalues are known before anything is computed, exactly or in closed form.

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/catch.h"
#include "verify/eigenvalues.h"

namespace overproof::known {

constexpr int precision = 256;

inline Interval number(double x) { return Interval::exact(x, precision); }
inline Interval integer(long x) { return Interval::integer(x, precision); }

/// An exactly symmetric matrix and intervals that hold its extreme eigenvalues.
struct Known {
  Matrix A;
  Interval smallest, largest;
  [[nodiscard]] const Interval& at(End end) const { return end == End::smallest ? smallest : largest; }
};
inline Known exactly(Matrix A, double smallest, double largest) {
  return {std::move(A), number(smallest), number(largest)};
}

/// What enclose_end is about: the least eigenvalue of sign·A.
inline Interval lowest(const Known& matrix, End end) {
  return end == End::smallest ? matrix.smallest : -matrix.largest;
}

/// Nothing that is said contradicts the truth.
inline bool agrees(const Interval& value, const Interval& truth) {
  return !value.is_nan() && possibly_le(value.lower_point(), truth) &&
         possibly_le(truth, value.upper_point());
}

/// (1/n) Q D Qᵀ with the Hadamard matrix Q of order n = 2^k: entry (i, j) is the mean of ±d, that of i xor j.
/// Sums of integers below 2^53 and a division by a power of two: exact, and checked.
inline Matrix conjugate_of(std::vector<long> d) {
  const std::size_t n = d.size();
  long total = 0;
  for (const long x : d) total += std::abs(x);
  REQUIRE(std::has_single_bit(n));
  REQUIRE(total < (1L << 53));
  for (std::size_t half = 1; half < n; half *= 2) {
    for (std::size_t i = 0; i < n; ++i) {
      if (i & half) continue;
      const long a = d[i], b = d[i + half];
      d[i] = a + b, d[i + half] = a - b;
    }
  }
  Matrix A(static_cast<Index>(n), static_cast<Index>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j)
      A(static_cast<Index>(i), static_cast<Index>(j)) =
          static_cast<double>(d[i ^ j]) / static_cast<double>(n);
  }
  return A;
}

/// P A Pᵀ for a random signed permutation: the same eigenvalues.
inline Matrix shuffled(const Matrix& A, std::mt19937_64& random) {
  const Index n = A.rows();
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::shuffle(order.begin(), order.end(), random);
  Vector signs(n);
  for (double& sign : signs) sign = random() % 2 ? 1.0 : -1.0;
  Matrix B(n, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      B(i, j) =
          signs[i] * signs[j] * A(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(j)]);
    }
  }
  return B;
}

/// The direct sum.
inline Matrix blocks(const std::vector<Matrix>& parts) {
  Index n = 0;
  for (const Matrix& part : parts) n += part.rows();
  Matrix A = Matrix::Zero(n, n);
  Index at = 0;
  for (const Matrix& part : parts) {
    A.block(at, at, part.rows(), part.rows()) = part;
    at += part.rows();
  }
  return A;
}

/// [[a, b], [b, a]]: eigenvalues a ± b.
inline Matrix pair(double a, double b) { return (Matrix(2, 2) << a, b, b, a).finished(); }

/// [[d + p, mᵀ], [m, dI]] with m = (m, ..., m): the secular equation (d + p − λ)(d − λ) = (n − 1)m² is solved
/// by d − m and d + (n − 1)m for p = (n − 2)m; the other eigenvalues are d.
inline Known arrow(Index n, long d, long m) {
  const auto count = static_cast<long>(n);
  Matrix A = static_cast<double>(d) * Matrix::Identity(n, n);
  A(0, 0) += static_cast<double>((count - 2) * m);
  A.row(0).tail(n - 1).setConstant(static_cast<double>(m));
  A.col(0).tail(n - 1).setConstant(static_cast<double>(m));
  const long low = d - m, high = d + (count - 1) * m;
  return exactly(A, static_cast<double>(std::min(low, high)), static_cast<double>(std::max(low, high)));
}

/// D − W for a graph with these edges.
inline Matrix laplacian(Index n, const std::vector<std::pair<Index, Index>>& edges) {
  Matrix L = Matrix::Zero(n, n);
  for (const auto& [i, j] : edges) {
    L(i, i) += 1, L(j, j) += 1;
    L(i, j) -= 1, L(j, i) -= 1;
  }
  return L;
}

/// cos(π m/n) for 0 <= m/n <= 1/2: the series alternates, and its terms fall from the second on.
inline Interval cos_pi(long m, long n) {
  const Interval x = Interval::pi(precision) * integer(m) / integer(n), squared = square(x);
  Interval term = integer(1), sum = integer(0);
  for (long k = 1; k < 80; ++k) {
    sum += term;
    term = -term * squared / integer(2 * k * (2 * k - 1));
  }
  return sum + hull(term, -term);
}

/// Integers in [least, least + size).
inline std::vector<long> random_integers(std::mt19937_64& random, Index n, long least, long size) {
  std::vector<long> values(static_cast<std::size_t>(n));
  for (long& value : values) value = least + static_cast<long>(random() % static_cast<std::uint64_t>(size));
  return values;
}

}  // namespace overproof::known
