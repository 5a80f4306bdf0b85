#include "verify/symmetric.h"

namespace overproof {
namespace {

/// Applies f(i, j) -> (value, radius) to the upper triangle and mirrors it.
template <class F>
SymmetricBall symmetric_from(Index n, const F& f) {
  SymmetricBall A{Matrix(n, n), Matrix(n, n)};
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i <= j; ++i) {
      const auto [value, radius] = f(i, j);
      A.mid(i, j) = A.mid(j, i) = value;
      A.rad(i, j) = A.rad(j, i) = radius.value();
    }
  }
  return A;
}

using Entry = std::pair<double, Up>;
Up size_of(double x) { return Up(std::abs(x)); }
const Up u(unit_roundoff), eta(smallest_double);

}  // namespace

Up radius_norm(const SymmetricBall& A) {
  // a sum of k terms >= 0 is at least 1 − ku times their sum over the reals, and `least` at most that
  // [sum_of_squares_above]
  const double least = 1.0 - next_up(gamma_factor(static_cast<double>(A.size())).value());
  Up largest;
  for (Index j = 0; j < A.size(); ++j) largest = max(largest, divide(Up(A.rad.col(j).sum()), least));
  return min(largest, frobenius_above(A.rad));
}

SymmetricBall gram(const Ball& x) {
  const Matrix products = blocked_product(x.mid, Side::transposed, x.mid);
  const Index k = x.mid.rows();
  const Up relative = block_factor(k), underflow = static_cast<double>(k) * eta;
  const std::vector<Up> norms = column_norms_above(x.mid);
  std::vector<Up> radii;
  for (Index i = 0; i < x.columns(); ++i) radii.push_back(x.two_around_mid(i));
  return symmetric_from(x.columns(), [&](Index i, Index j) {
    // ⟨x_i,x_j⟩ = ⟨x̂_i + δ_i, x̂_j + δ_j⟩; a product that overflowed is infinitely far from the truth
    const Up radius =
        radii[i] * norms[j] + norms[i] * radii[j] + radii[i] * radii[j] + relative * norms[i] * norms[j];
    return Entry(products(i, j), radius + underflow + eta * size_of(products(i, j)));
  });
}

SymmetricBall operator+(const SymmetricBall& A, const SymmetricBall& B) {
  return symmetric_from(A.size(), [&](Index i, Index j) {
    const double sum = A.mid(i, j) + B.mid(i, j);
    return Entry(sum, Up(A.rad(i, j)) + Up(B.rad(i, j)) + u * size_of(sum));
  });
}

SymmetricBall operator-(const SymmetricBall& A, const SymmetricBall& B) {
  return A + SymmetricBall{-B.mid, B.rad};
}

SymmetricBall hadamard(const SymmetricBall& A, const SymmetricBall& B) {
  return symmetric_from(A.size(), [&](Index i, Index j) {
    const double product = A.mid(i, j) * B.mid(i, j);
    const Up a(A.rad(i, j)), b(B.rad(i, j));
    return Entry(product,
                 size_of(A.mid(i, j)) * b + a * size_of(B.mid(i, j)) + a * b + u * size_of(product) + eta);
  });
}

SymmetricBall scaled(double factor, const SymmetricBall& A) {
  if (factor == 1.0) return A;
  return symmetric_from(A.size(), [&](Index i, Index j) {
    const double product = factor * A.mid(i, j);
    return Entry(product, size_of(factor) * Up(A.rad(i, j)) + u * size_of(product) + eta);
  });
}

SymmetricBall zero_ball(Index n) { return {Matrix::Zero(n, n), Matrix::Zero(n, n)}; }

SymmetricBall ball_around(const SymmetricIntervals& K) {
  return symmetric_from(K.size(), [&](Index i, Index j) {
    const Interval& value = K(i, j);
    const double mid = value.mid();
    return Entry(mid, Up(abs(value - Interval::exact(mid)).upper()));
  });
}

Interval entry(const SymmetricBall& A, Index i, Index j) {
  const double radius = A.rad(i, j);
  return Interval::exact(A.mid(i, j)) + Interval::between(-radius, radius);
}

Interval enclose_max_entry(const SymmetricBall& A) {
  Interval largest = Interval::integer(0);
  for (Index j = 0; j < A.size(); ++j) {
    for (Index i = 0; i <= j; ++i) {
      const Interval size = abs(entry(A, i, j));
      if (size.is_nan()) return size;
      largest = max(largest, size);
    }
  }
  return largest;
}

Interval enclose_frobenius(const SymmetricBall& A) {
  Interval sum = Interval::integer(0);
  for (Index j = 0; j < A.size(); ++j) {
    for (Index i = 0; i < j; ++i) sum += Interval::integer(2) * square(entry(A, i, j));
    sum += square(entry(A, j, j));
  }
  return sqrt(sum);
}

}  // namespace overproof
