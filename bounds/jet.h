#pragma once

#include <vector>

#include "bounds/interval.h"

namespace overproof {

/// Taylor coefficients f^(k)(z)/k!, k = 0..degree, each enclosed for every point of z, at the precision of z.
using Jet = std::vector<Interval>;

// The functions below run the recurrence of f once over the interval: sharp for narrow z, sound for every z
// (also unbounded), but the dependency between the coefficients makes them wide for wide z; taylor() in
// activation.h repairs that. degree >= 0. nan gives nan. The coefficient of order 0 is sharp for the monotone
// functions (all but gelu, silu).

[[nodiscard]] Jet sigmoid_jet(const Interval& z, int degree);  ///< 1 / (1 + e^-z)
[[nodiscard]] Jet softplus_jet(const Interval& z,
                               int degree);  ///< log(1 + e^z), with full relative precision
[[nodiscard]] Jet tanh_jet(const Interval& z, int degree);
[[nodiscard]] Jet erf_jet(const Interval& z, int degree);
[[nodiscard]] Jet gelu_jet(const Interval& z, int degree);  ///< z (1 + erf(z/√2)) / 2
[[nodiscard]] Jet silu_jet(const Interval& z, int degree);  ///< z / (1 + e^-z)
/// max(z, 0) and its derivative, which is 1 at 0 and [0, 1] when z has points on both sides; degree <= 1.
[[nodiscard]] Jet relu_jet(const Interval& z, int degree);

}  // namespace overproof
