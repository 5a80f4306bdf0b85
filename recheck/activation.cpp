#include <arb_hypgeom.h>
#include <arb_poly.h>

#include "recheck/bounds.h"

namespace overproof::recheck {
namespace {

/// σ(x), the first `length` coefficients.
void activation_series(arb_poly_t out, const std::string& activation, const arb_poly_t x, slong length) {
  if (activation == "softplus") {
    arb_poly_exp_series(out, x, length, bits);
    arb_poly_log1p_series(out, out, length, bits);
  } else if (activation == "sigmoid") {
    arb_poly_neg(out, x);
    arb_poly_exp_series(out, out, length, bits);
    arb_poly_add_si(out, out, 1, bits);
    arb_poly_inv_series(out, out, length, bits);
  } else if (activation == "silu") {
    activation_series(out, "sigmoid", x, length);
    arb_poly_mullow(out, out, x, length, bits);
  } else if (activation == "tanh") {  // 2/(1 + e^(-2x)) − 1
    arb_poly_scalar_mul_2exp_si(out, x, 1);
    activation_series(out, "sigmoid", out, length);
    arb_poly_scalar_mul_2exp_si(out, out, 1);
    arb_poly_add_si(out, out, -1, bits);
  } else if (activation == "erf") {
    arb_hypgeom_erf_series(out, x, length, bits);
  } else if (activation == "gelu") {  // x erfc(−x/√2)/2
    arb_poly_scalar_mul(out, x, (-1.0 / sqrt(2.0)).get(), bits);
    arb_hypgeom_erfc_series(out, out, length, bits);
    arb_poly_mullow(out, out, x, length, bits);
    arb_poly_scalar_mul_2exp_si(out, out, -1);
  } else {  // relu, identity: 0, x, or NaN where that is not known
    const arb_srcptr z = arb_poly_get_coeff_ptr(x, 0);
    const bool positive = activation == "identity" || arb_is_positive(z);
    const Ball zero_or_one = positive ? 1.0 : arb_is_negative(z) ? Ball(0.0) : not_a_number();
    arb_poly_scalar_mul(out, x, zero_or_one.get(), bits);
  }
}

/// sup over [0, 16] of |σ^(order)|: branch and bound with the mean value form.
Ball enclose_largest(const std::string& activation, int order) {
  const auto size = [&](const Ball& z, int k) { return abs(enclose_derivatives(activation, z, k)[k]); };
  Ball attained = 0.0;
  for (int i = 0; i <= 256; ++i) attained = max(attained, size(i / 16.0, order));
  std::vector<std::pair<double, double>> cells{{0.0, 16.0}};
  while (!cells.empty()) {
    const auto [low, high] = cells.back();
    cells.pop_back();
    const double middle = (low + high) / 2;
    const Ball at = size(middle, order), over_cell = at + (high - low) / 2 * size(hull(low, high), order + 1);
    attained = max(attained, at);
    if (certainly_le(over_cell, attained * (1.0 + Ball(0x1p-80)))) continue;
    cells.emplace_back(low, middle);
    cells.emplace_back(middle, high);
  }
  return attained * hull(1.0, 1.0 + Ball(0x1p-80));
}

}  // namespace

List enclose_derivatives(const std::string& activation, const Ball& z, int order) {
  arb_poly_t x, y;  // z + t, σ(z + t)
  arb_poly_init(x), arb_poly_init(y);
  arb_poly_set_coeff_si(x, 1, 1);
  arb_poly_set_coeff_arb(x, 0, z.get());
  activation_series(y, activation, x, order + 1);
  List derivatives(order + 1);
  double factorial = 1.0;
  for (int k = 0; k <= order; factorial *= ++k) {
    arb_poly_get_coeff_arb(derivatives[k].get(), y, k);
    derivatives[k] = factorial * derivatives[k];
  }
  arb_poly_clear(x), arb_poly_clear(y);
  return derivatives;
}

Suprema enclose_suprema(const std::string& activation) {
  const Ball sixth = 1.0 / (6.0 * sqrt(3.0));
  // softplus and sigmoid: s = 1/(1 + e^-z), s' = s(1 − s), s'' = s'(1 − 2s), largest at s = (1 ± 1/√3)/2,
  // s''' = s'(1 − 6s').
  if (activation == "softplus") return {1.0, 0.25, sixth};
  if (activation == "sigmoid") return {0.25, sixth, 0.125};
  // With u = tanh²: 1 − u, 2√u(1 − u), largest at u = 1/3, 2(1 − u)|1 − 3u|, largest at 0.
  if (activation == "tanh") return {1.0, 4.0 / (3.0 * sqrt(3.0)), 2.0};
  // σ' = 2/√π e^(−z²), 2|z|σ', largest at z² = 1/2, |4z² − 2|σ', largest at 0.
  if (activation == "erf") return {2.0 / sqrt(pi()), sqrt(8.0 / (pi() * exp(1.0))), 4.0 / sqrt(pi())};
  // GELU, SiLU: σ'(−z) = 1 − σ'(z), so z >= 0 is enough. Beyond 16 σ' <= 1 + ze^-z, |σ'''| <= (3 + z)e^-z,
  // less than is attained before. |σ''| is largest at 0: (2 − z²)φ(z) has its other extrema at ±2, where it
  // is −2φ(2); both factors of s'(2 − z tanh(z/2)) fall from 0 on while positive, and it stays above −1/e.
  if (activation == "gelu" || activation == "silu")
    return {enclose_largest(activation, 1), activation == "silu" ? Ball(0.5) : sqrt(2.0 / pi()),
            enclose_largest(activation, 3)};
  if (activation == "relu" || activation == "identity") return {1.0, 0.0, 0.0};
  throw InputError("activation: " + activation + ", allowed: one of the seven");
}

}  // namespace overproof::recheck
