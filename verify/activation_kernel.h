#pragma once

#include <array>
#include <vector>

#include "bounds/activation.h"
#include "verify/columns.h"

namespace overproof {

/// σ or σ' at pairs of doubles, fast and with a proven error far below one roundoff.
///
/// On |z| <= range the argument z = high + low falls into the cell of the nearest multiple c of 1/16 to its
/// high part, and t = high − c is exact. The value is c₀ + c₁t + t²q(t) + low·(c₁ + 2c₂t): the first two
/// terms in pairs, q (the rest of the Taylor polynomial of degree 11 at c) by Horner's rule in doubles, since
/// t² <= 2^-10. The cell's error covers the Lagrange remainders, the rounding of the coefficients, and every
/// rounding of the evaluation. Beyond the range σ is replaced by its asymptote, whose distance decreases
/// there. See docs/rigour.md.
class ActivationKernel {
 public:
  static constexpr int degree = 11;

  /// order 0: σ, order 1: σ'. Not for relu, which needs no approximation.
  ActivationKernel(const ActivationRow& row, int order);

  struct Result {
    Pair value;
    double error;  ///< |σ(z) − value| <= error
  };
  /// For every z with |low| <= u|high|; anything else, NaN for example, gives an infinite error.
  [[nodiscard, gnu::always_inline]] Result at(Pair z) const {
    if (!(std::abs(z.high) <= range_ && is_normalised(z))) return beyond(z);
    const double nearest = (z.high * cells_per_unit + to_integer) - to_integer;
    const Cell& cell = cell_of(nearest);
    Pair value{};
    sum_series(cell.numbers, z.high - nearest / cells_per_unit, z.low, value.high, value.low);
    return {value, cell.error()};
  }
  /// The same bit for bit at every entry of a column, several at once: y = value, errors = error; neither
  /// overlaps z.
  void at_each(ConstPairs z, Pairs y, double* errors) const;
  /// sup |σ^(order)'| over the line: the Lipschitz constant of this function.
  [[nodiscard]] Up lipschitz() const { return lipschitz_; }

 private:
  static constexpr double cells_per_unit = 16.0;
  /// The coefficients c₀ … c₁₁, the low parts of the first two, and the error.
  struct Cell {
    std::array<double, degree + 4> numbers;
    [[nodiscard]] double error() const { return numbers[degree + 3]; }
  };
  struct Asymptote {
    double slope, constant, error;
  };
  /// For |a| <= 2^51, a + 1.5·2^52 is rounded to an integer, ties to even, and subtracting it again is exact.
  static constexpr double to_integer = 0x1.8p52;
  /// c₀ + c₁t + t²q(t) + z_low(c₁ + 2c₂t) as a pair; T is double or a vector of doubles.
  template <class T>
  [[gnu::always_inline]] static void sum_series(const std::array<T, degree + 4>& c, const T& t,
                                                const T& z_low, T& high, T& low) {
    T q = c[degree];
#pragma GCC unroll 16
    for (std::size_t k = degree - 1; k >= 2; --k) q = q * t + c[k];
    const T slope = c[1] + 2.0 * (c[2] * t);
    T linear, linear_low, sum, sum_low;
    two_product(c[1], t, linear, linear_low);
    two_sum(c[0], linear, sum, sum_low);
    const T small = (t * t) * q + z_low * slope + c[degree + 2] * t + c[degree + 1] + linear_low + sum_low;
    two_sum(sum, small, high, low);
  }
  [[nodiscard, gnu::always_inline]] const Cell& cell_of(double nearest) const {
    return cells_.data()[static_cast<Index>(nearest + offset_)];
  }
  [[nodiscard]] Result beyond(Pair z) const;
  [[nodiscard]] static Cell cell_at(const ActivationRow& row, int order, double centre, Up bend);

  double range_, offset_;
  std::vector<Cell> cells_;
  Asymptote left_, right_;
  Up lipschitz_;
};

}  // namespace overproof
