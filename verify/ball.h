#pragma once

#include "trainer/architecture.h"
#include "verify/activation_kernel.h"
#include "verify/pair.h"
#include "verify/product.h"

namespace overproof {

/// n columns of which only the neighbourhood is known: the true column i is within `two[i]` of mid.col(i) +
/// low.col(i) in the 2-norm and, at the same time, within `entry[i]` in every entry. Radii per column,
/// because a 2-norm radius is carried through a layer by ‖W‖₂, where entrywise radii alone would grow by √m.
/// Midpoints are pairs of doubles, since depth magnifies every rounding like a radius.
struct Ball {
  Matrix mid;             ///< features × n, the double nearest to the midpoint
  Matrix low;             ///< the rest of the midpoint, |low| <= u|mid| entry by entry: the bounds rest on it
  std::vector<Up> two;    ///< n
  std::vector<Up> entry;  ///< n; never larger than needed: entry[i] <= two[i]

  [[nodiscard]] static Ball exactly(Matrix points);
  [[nodiscard]] Index columns() const { return mid.cols(); }
  [[nodiscard]] Pair midpoint(Index r, Index i) const { return {mid(r, i), low(r, i)}; }
  /// Column i is within these; `entry` no larger than `two`.
  void set_radii(Index i, Up two, Up entry);
  /// Radii around mid.col(i) alone.
  [[nodiscard]] Up two_around_mid(Index i) const;
  [[nodiscard]] Up entry_around_mid(Index i) const;
};

/// What a product needs to know of an exact matrix W.
struct FactorNorms {
  Up spectral;                         ///< ‖W‖₂ <= spectral
  Up frobenius;                        ///< ‖W‖_F <= frobenius
  Up row, column;                      ///< largest row norm, largest column norm
  Vector row_largest, column_largest;  ///< largest |entry| of every row and of every column
};
/// Norms with ‖W‖₂ bounded by `spectral` (for example ‖W(0)‖₂ + ‖W − W(0)‖_F), or by ‖W‖_F if that is
/// smaller.
[[nodiscard]] FactorNorms factor_norms(const Matrix& W, Up spectral);

/// Encloses W x (or Wᵀ x) for every column x of the ball; W exact. Error-free splitting: three BLAS products,
/// the leading one exact, the others about 2^-22 of it, so that the error is a part of a unit of the result.
/// One product with its a-priori bound where that is no more than 1/64 of what the radius of x comes to
/// anyway, and for entries too large or too small for the splitting. 6 rows k n operations, resp. 2 rows k n,
/// and O(rows k + rows n).
[[nodiscard]] Ball multiply(const Matrix& W, const FactorNorms& norms, const Ball& x);
[[nodiscard]] Ball multiply_transposed(const Matrix& W, const FactorNorms& norms, const Ball& x);

/// The same for every matrix W whose columns are in a ball; norms are those of W.mid. O(rows k) more.
[[nodiscard]] Ball multiply(const Ball& W, const FactorNorms& norms, const Ball& x);
[[nodiscard]] Ball multiply_transposed(const Ball& W, const FactorNorms& norms, const Ball& x);

/// scale · σ(z); factor · x; skip · x + y.
[[nodiscard]] Ball activate(const ActivationKernel& sigma, double scale, const Ball& z);
[[nodiscard]] Ball scaled(double factor, const Ball& x);
[[nodiscard]] Ball add_scaled(double skip, const Ball& x, const Ball& y);

/// scale · σ'(z) ∘ g, for z and g known to balls.
[[nodiscard]] Ball multiply_derivative(const ActivationKernel& sigma_prime, double scale, const Ball& z,
                                       const Ball& g);

/// The same for relu with relu'(0) = 1. Where the sign of an entry of z is not certain, both values are
/// covered.
[[nodiscard]] Ball activate_relu(double scale, const Ball& z);
[[nodiscard]] Ball multiply_derivative_relu(double scale, const Ball& z, const Ball& g);

}  // namespace overproof
