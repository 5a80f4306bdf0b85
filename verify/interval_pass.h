#pragma once

#include "bounds/interval.h"
#include "trainer/dataset.h"
#include "trainer/network.h"

namespace overproof {

/// Encloses ‖y − u‖ by MPFR intervals of 256 bits instead of balls of doubles: for weights so large that
/// doubles overflow or radii outgrow what they surround. At most `most_products` products (5e7 take some ten
/// seconds) are spent, one sample after the other; the norm over the samples reached is a lower bound, and
/// the upper end is infinite when some were not. Dense layers only, as in enclose_forward.
[[nodiscard]] Interval enclose_residual_norm_slowly(const Architecture& architecture,
                                                    const Parameters& weights, const Dataset& data,
                                                    double most_products = 5e7);

}  // namespace overproof
