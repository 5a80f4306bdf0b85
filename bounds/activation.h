#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bounds/interval.h"
#include "bounds/jet.h"

namespace overproof {

/// |f(w)| <= c0 + c1 |w| for every complex w with |Im w| <= half_width, where f (σ or σ') is analytic.
struct StripBound {
  Interval half_width, c0, c1;
};

/// Suprema over the real line: L = sup|σ'|, β = sup|σ''|, β₃ = sup|σ'''|.
struct ActivationConstants {
  Interval L, beta, beta_3;
};

/// Every row is a line or a constant plus an odd or even function: σ = odd (tanh, erf), 1/2 + odd (sigmoid),
/// z/2 + even (softplus, gelu, silu, relu). So half of the Hermite coefficients are known.
enum class Symmetry { odd, half_plus_odd, half_z_plus_even };

/// One row of the table of activations: what the theorems need to know of σ. The functions at the end are the
/// row's own part in the functions below.
struct ActivationRow {
  std::string_view id;  ///< "softplus", "tanh", "sigmoid", "erf", "gelu", "silu", "relu"
  bool smooth;          ///< Condition 3.1 of 1811.03804: σ and σ' Lipschitz
  bool analytic;        ///< Condition 3.2: analytic and not a polynomial
  Symmetry symmetry;
  std::string_view proof;  ///< where the constants L, β, β₃ come from, one line
  Jet (*jet)(const Interval& z, int degree);
  ActivationConstants (*constants)(int precision);
  StripBound (*strip)(int order, int precision);
};

[[nodiscard]] std::span<const ActivationRow> activation_table();
/// Throws InputError with the nearest name.
[[nodiscard]] const ActivationRow& activation_row(std::string_view id);

/// Taylor coefficients σ^(k)(z)/k!, k = 0..degree, each enclosed for every point of z. Wide z is welcome:
/// each coefficient is cut down by its values at the ends where it is monotone, by the mean value form, and
/// by Cauchy's bound. For relu (not differentiable at 0) degree is at most 1 (InputError above) and the
/// derivative at 0 is 1 (the convention of Du et al.); an interval with points on both sides of 0 gives [0,
/// 1].
[[nodiscard]] std::vector<Interval> taylor(const ActivationRow& row, const Interval& z, int degree);

/// Enclosures of L = sup|σ'|, β = sup|σ''|, β₃ = sup|σ'''| over the real line, and of σ(0). β and β₃ of relu
/// are nan.
[[nodiscard]] Interval lipschitz_constant(const ActivationRow& row,
                                          int precision = Interval::default_precision);
[[nodiscard]] Interval second_derivative_bound(const ActivationRow& row,
                                               int precision = Interval::default_precision);
[[nodiscard]] Interval third_derivative_bound(const ActivationRow& row,
                                              int precision = Interval::default_precision);
[[nodiscard]] Interval value_at_zero(const ActivationRow& row, int precision = Interval::default_precision);

/// c_σ = 1 / E σ(z)², z ~ N(0,1) [1811.03804, Section 5].
[[nodiscard]] Interval c_sigma(const ActivationRow& row, int precision = Interval::default_precision);

/// A bound of σ (order 0) or σ' (order 1) on a complex strip around the real line; nan for relu.
[[nodiscard]] StripBound strip_bound(const ActivationRow& row, int order,
                                     int precision = Interval::default_precision);

}  // namespace overproof
