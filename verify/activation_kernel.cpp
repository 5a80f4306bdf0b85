#include "verify/activation_kernel.h"

#include <algorithm>
#include <cstring>

#include "files/error.h"

namespace overproof {
namespace {

/// Where σ − asymptote is below the roundoff, and the asymptotes slope·z + constant on the right and on the
/// left. For every row the distance |σ^(order)(z) − asymptote| decreases in |z| from |z| = 4 on (softplus:
/// log(1 + e^-|z|); sigmoid, tanh, erf and their derivatives are monotone; GELU'' and SiLU'' keep their sign
/// beyond 3, so GELU' and SiLU' are monotone there, and so are zΦ(−z) and z·sigmoid(−z)), so its value at the
/// end of the range bounds it beyond.
struct Shape {
  std::string_view id;
  double range;
  double slope_right, constant_right, slope_left, constant_left;
};
constexpr Shape shapes[] = {
    {"softplus", 40, 1, 0, 0, 0}, {"tanh", 22, 0, 1, 0, -1}, {"sigmoid", 40, 0, 1, 0, 0},
    {"erf", 7, 0, 1, 0, -1},      {"gelu", 10, 1, 0, 0, 0},  {"silu", 46, 1, 0, 0, 0},
};

/// c_{order+k} · (order+k)!/(k! ) for order 0 or 1: the Taylor coefficients of σ^(order) from those of σ.
Interval coefficient(const std::vector<Interval>& series, int order, int k) {
  const Interval c = series[static_cast<std::size_t>(k + order)];
  return order == 0 ? c : Interval::integer(k + 1) * c;
}

/// The larger absolute end, rounded up.
Up magnitude(const Interval& x) { return Up(abs(x).upper()); }

}  // namespace

ActivationKernel::Cell ActivationKernel::cell_at(const ActivationRow& row, int order, double centre,
                                                 Up bend) {
  const double half_width = 0.5 / cells_per_unit;
  const auto at_centre = taylor(row, Interval::exact(centre), degree + order);
  const auto over_cell =
      taylor(row, Interval::between(centre - half_width, centre + half_width), degree + 1 + order);
  const Up tau(half_width), u(unit_roundoff), eta(smallest_double), slightly(1.0 + 0x1p-50);
  Cell cell{};
  std::array<Up, degree + 1> size, rounded;  // |ĉ_k| and |c_k − ĉ_k − low_k|
  for (int k = 0; k <= degree; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const Interval exact = coefficient(at_centre, order, k);
    cell.numbers[at] = exact.mid();
    Interval rest = exact - Interval::exact(cell.numbers[at]);
    if (at < 2) {
      const std::size_t low_at = degree + 1 + at;
      cell.numbers[low_at] = rest.mid();
      rest = rest - Interval::exact(cell.numbers[low_at]);
    }
    rounded[at] = magnitude(rest);
    size[at] = Up(std::abs(cell.numbers[at]));
  }
  const Up low_0(std::abs(cell.numbers[degree + 1])), low_1(std::abs(cell.numbers[degree + 2]));

  // Horner's rule q_k = c_k + t q_{k+1} down to q_2:  |computed q_k| <= M  and  |computed q_k − q_k| <= E.
  Up M = size[degree], E = rounded[degree];
  for (std::size_t k = degree - 1; k >= 2; --k) {
    const Up product_error = u * tau * M + eta, product = tau * M + product_error;
    E = rounded[k] + tau * E + product_error + u * (size[k] + product);
    M = slightly * (size[k] + product);
  }

  // The computed terms of `small`: t²q, low·slope, and the low parts of c₁t, c₀, the product and the sum.
  const Up low = u * (Up(std::abs(centre)) + tau);
  const Up bent = slightly * tau * tau * M + eta;
  const Up moved = slightly * low * (size[1] + Up(2.0) * tau * size[2]) + eta;
  const Up along = slightly * tau * low_1 + eta;
  const Up linear = slightly * tau * size[1] + eta;
  const Up small = bent + moved + along + low_0 + u * linear + u * slightly * (size[0] + linear);
  // At most three roundings lead to each of them, five add them up; each underflows by at most η(1 + M).
  const Up roundings = slightly * tau * tau * E + gamma_factor(4) * (bent + moved + along) +
                       gamma_factor(6) * small + Up(8.0) * eta * (Up(1.0) + M);

  // f(high + low) = f(high) + low f'(high) up to low² sup|f''|/2, and f'(high) is c₁ + 2c₂t up to τ²
  // sup|f⁽³⁾|/2.
  const Up curve = Up(3.0) * tau * tau * magnitude(coefficient(over_cell, order, 3));
  const Up displaced = low * (curve + low_1 + rounded[1] + Up(2.0) * tau * rounded[2]) + bend * low * low;
  Up remainder = magnitude(coefficient(over_cell, order, degree + 1));
  for (int k = 0; k <= degree; ++k) remainder = remainder * tau;
  cell.numbers[degree + 3] = (roundings + displaced + rounded[0] + tau * rounded[1] + remainder).value();
  return cell;
}

ActivationKernel::ActivationKernel(const ActivationRow& row, int order) {
  const auto shape = std::ranges::find(shapes, row.id, &Shape::id);
  if (shape == std::end(shapes) || order < 0 || order > 1) {
    throw InputError("no kernel for " + std::string(row.id));
  }
  range_ = shape->range;
  offset_ = range_ * cells_per_unit;
  lipschitz_ = Up((order == 0 ? lipschitz_constant(row) : second_derivative_bound(row)).upper());
  const Up bend((order == 0 ? second_derivative_bound(row) : third_derivative_bound(row)).upper());
  for (double j = -offset_; j <= offset_; ++j)
    cells_.push_back(cell_at(row, order, j / cells_per_unit, bend));
  const auto asymptote = [&](double slope, double constant, double end) {
    if (order == 1) constant = slope, slope = 0.0;
    const Interval at_end = coefficient(taylor(row, Interval::exact(end), 1), order, 0);
    return Asymptote{slope, constant,
                     magnitude(at_end - Interval::exact(slope * end) - Interval::exact(constant)).value()};
  };
  right_ = asymptote(shape->slope_right, shape->constant_right, range_);
  left_ = asymptote(shape->slope_left, shape->constant_left, -range_);
}

OVERPROOF_CLONES void ActivationKernel::at_each(ConstPairs z, Pairs y, double* errors) const {
  constexpr std::size_t lanes = 4;
  using Lanes = double __attribute__((vector_size(lanes * sizeof(double))));
  const auto one = [&](Index r) {
    const auto [value, error] = at(z[r]);
    y.high[r] = value.high, y.low[r] = value.low, errors[r] = error;
  };
  Index r = 0;
  for (; r + Index{lanes} <= z.size; r += Index{lanes}) {
    Lanes high, low, sum, rest;
    std::memcpy(&high, z.high + r, sizeof high), std::memcpy(&low, z.low + r, sizeof low);
    const Lanes size = high < 0.0 ? -high : high, low_size = low < 0.0 ? -low : low;
    const auto inside = (size <= range_) & (low_size <= unit_roundoff * size);
    bool all = true;
    for (std::size_t l = 0; l < lanes; ++l) all &= inside[l] != 0;
    if (!all) {
      for (Index l = 0; l < Index{lanes}; ++l) one(r + l);
      continue;
    }
    const Lanes nearest = (high * cells_per_unit + to_integer) - to_integer,
                t = high - nearest / cells_per_unit;
    const double* of_lane[lanes];
    for (std::size_t l = 0; l < lanes; ++l) of_lane[l] = cell_of(nearest[l]).numbers.data();
    std::array<Lanes, degree + 4> c;
#pragma GCC unroll 16
    for (std::size_t k = 0; k < c.size(); ++k)
      c[k] = Lanes{of_lane[0][k], of_lane[1][k], of_lane[2][k], of_lane[3][k]};
    sum_series(c, t, low, sum, rest);
    std::memcpy(y.high + r, &sum, sizeof sum), std::memcpy(y.low + r, &rest, sizeof rest);
    std::memcpy(errors + r, &c.back(), sizeof c.back());
  }
  for (; r < z.size; ++r) one(r);
}

ActivationKernel::Result ActivationKernel::beyond(Pair z) const {
  if (!is_normalised(z))
    return {{std::numeric_limits<double>::quiet_NaN(), 0.0}, std::numeric_limits<double>::infinity()};
  const Asymptote& side = z.high > 0 ? right_ : left_;
  if (side.slope == 0.0) return {{side.constant, 0.0}, side.error};
  return {z, side.error};  // slope 1, constant 0
}

}  // namespace overproof
