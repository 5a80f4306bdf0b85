#pragma once

#include <array>
#include <vector>

#include "bounds/activation.h"
#include "verify/pair.h"

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
  [[nodiscard]] Result at(Pair z) const {
    if (!(std::abs(z.high) <= range_ && is_normalised(z))) return beyond(z);
    const double nearest = std::nearbyint(z.high * cells_per_unit);
    const Cell& cell = cells_[static_cast<std::size_t>(nearest + offset_)];
    const auto& c = cell.coefficients;
    const double t = z.high - nearest / cells_per_unit;
    double q = c[degree];
    for (std::size_t k = degree - 1; k >= 2; --k) q = q * t + c[k];
    const double slope = c[1] + 2.0 * (c[2] * t);
    const Pair linear = two_product(c[1], t), sum = two_sum(c[0], linear.high);
    const double small = (t * t) * q + z.low * slope + cell.low[1] * t + cell.low[0] + linear.low + sum.low;
    return {two_sum(sum.high, small), cell.error};
  }
  /// sup |σ^(order)'| over the line: the Lipschitz constant of this function.
  [[nodiscard]] Up lipschitz() const { return lipschitz_; }

 private:
  static constexpr double cells_per_unit = 16.0;
  struct Cell {
    std::array<double, degree + 1> coefficients;
    std::array<double, 2> low;  ///< of the first two coefficients
    double error;
  };
  struct Asymptote {
    double slope, constant, error;
  };
  [[nodiscard]] Result beyond(Pair z) const;
  [[nodiscard]] static Cell cell_at(const ActivationRow& row, int order, double centre, Up bend);

  double range_, offset_;
  std::vector<Cell> cells_;
  Asymptote left_, right_;
  Up lipschitz_;
};

}  // namespace overproof
