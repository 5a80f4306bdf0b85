#pragma once

#include "tests/catch.h"
#include "tests/verify/reference.h"

namespace overproof {

/// Entries over `decades` powers of ten, some of them zero.
inline Matrix spread(Index rows, Index cols, double decades, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> exponent(-decades, decades);
  Matrix A(rows, cols);
  for (double& entry : A.reshaped())
    entry = random() % 16 == 0 ? 0.0 : normal(random) * std::pow(10.0, exponent(random));
  return A;
}

inline FactorNorms norms_of(const Matrix& W) { return factor_norms(W, frobenius_above(W)); }

/// Midpoints with a random low part, some of them as large as they may be.
inline Ball with_low_parts(const Matrix& mid, std::mt19937_64& random) {
  std::uniform_real_distribution<double> part(-1.0, 1.0);
  Ball x = Ball::exactly(mid);
  for (Index i = 0; i < mid.size(); ++i) {
    const double share = random() % 4 == 0 ? 1.0 : part(random);
    x.low.reshaped()[i] = share * unit_roundoff * mid.reshaped()[i];
  }
  return x;
}

/// A NaN radius says that nothing is known.
inline bool covered(const Interval& error, Up radius) {
  return std::isnan(radius.value()) || certainly_le(error, Interval::exact(radius.value()));
}

/// y encloses W x (or Wᵀ x) for the midpoints of x.
inline void require_product_inside(const Ball& y, const Matrix& W, const Ball& x, bool transposed) {
  for (Index i = 0; i < x.columns(); ++i) {
    const reference::Column truth = reference::times(W, reference::midpoint(x, i), transposed);
    reference::Column difference;
    for (Index r = 0; r < y.mid.rows(); ++r) {
      difference.push_back(truth[static_cast<std::size_t>(r)] - reference::number(y.midpoint(r, i)));
      REQUIRE(covered(abs(difference.back()), y.entry[i]));
    }
    REQUIRE(covered(reference::norm(difference), y.two[i]));
  }
}

}  // namespace overproof
