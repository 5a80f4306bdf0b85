#pragma once

#include <vector>

#include "bounds/activation.h"
#include "verify/ball.h"

namespace overproof {

/// sup |σ''| over short intervals, from a table of suprema over cells of width 1/256 that interval Taylor
/// arithmetic encloses; beyond the table |σ''| falls. Not for relu.
class Curvature {
 public:
  explicit Curvature(const ActivationRow& row);

  /// >= |σ''| on [z − reach, z + reach]; NaN for NaN.
  [[nodiscard]] double over(double z, double reach) const;

 private:
  static constexpr double cells_per_unit = 256.0;
  double range_;
  std::vector<double> cells_;
  double most_;  ///< sup |σ''| over the line
};

/// Built at the first call and kept for the process.
[[nodiscard]] const Curvature& curvature_of(Activation activation);

/// ‖g_i ∘ σ''(z_i)‖_∞ from above for every column of two balls.
[[nodiscard]] std::vector<Up> bent_above(const Curvature& curvature, const Ball& z, const Ball& g);

}  // namespace overproof
