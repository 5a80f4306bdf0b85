#pragma once

#include <array>
#include <vector>

#include "bounds/activation.h"
#include "verify/rounding.h"

namespace overproof {

/// σ or σ' at doubles, fast and with a proven error.
///
/// On |z| <= range the argument falls into the cell of its nearest multiple c of 1/8 (t = z − c is exact) and
/// a Taylor polynomial of degree 12 at c is summed by Horner's rule. The cell's error covers: the Lagrange
/// remainder (the Taylor coefficient of degree 13, enclosed over the whole cell), the rounding of the
/// coefficients, and every rounding of Horner's rule. Beyond the range σ is replaced by its asymptote, whose
/// distance decreases there. See docs/rigour.md.
class ActivationKernel {
 public:
  static constexpr int degree = 12;

  /// order 0: σ, order 1: σ'. Not for relu, which needs no approximation.
  ActivationKernel(const ActivationRow& row, int order);

  struct Result {
    double value;
    double error;  ///< |σ(z) − value| <= error
  };
  /// For every double z; NaN gives NaN and an infinite error.
  [[nodiscard]] Result at(double z) const {
    if (!(std::abs(z) <= range_)) return beyond(z);
    const double nearest = std::nearbyint(z * cells_per_unit);
    const Cell& cell = cells_[static_cast<std::size_t>(nearest + offset_)];
    const double t = z - nearest / cells_per_unit;
    double p = cell.coefficients[degree];
    for (int k = degree - 1; k >= 0; --k) p = p * t + cell.coefficients[static_cast<std::size_t>(k)];
    return {p, cell.error};
  }
  /// sup |σ^(order)'| over the line: the Lipschitz constant of this function.
  [[nodiscard]] Up lipschitz() const { return lipschitz_; }

 private:
  static constexpr double cells_per_unit = 8.0;
  struct Cell {
    std::array<double, degree + 1> coefficients;
    double error;
  };
  struct Asymptote {
    double slope, constant, error;
  };
  [[nodiscard]] Result beyond(double z) const;
  [[nodiscard]] static Cell cell_at(const ActivationRow& row, int order, double centre);

  double range_, offset_;
  std::vector<Cell> cells_;
  Asymptote left_, right_;
  Up lipschitz_;
};

}  // namespace overproof
