#pragma once

#include "trainer/network.h"

namespace overproof {

/// How fast the Jacobian of all outputs turns at these weights, by a search for a direction: the largest
/// ‖Σ_i y_i D²f_i v‖ met with unit vectors y and v, by power iteration on central differences of gradients.
/// Plain floating point, no guarantee; but for rounding and the differences a lower bound of every Lipschitz
/// constant of the Jacobian on balls around them. 0 where nothing was found. Inputs X: d × n. 48 gradients.
[[nodiscard]] double approx_curvature(const Architecture& net, const Parameters& weights, const Matrix& X);

}  // namespace overproof
