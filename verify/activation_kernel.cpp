#include "verify/activation_kernel.h"

#include <algorithm>

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

ActivationKernel::Cell ActivationKernel::cell_at(const ActivationRow& row, int order, double centre) {
  const double half_width = 0.5 / cells_per_unit;
  const auto at_centre = taylor(row, Interval::exact(centre), degree + order);
  const auto over_cell =
      taylor(row, Interval::between(centre - half_width, centre + half_width), degree + 1 + order);
  Cell cell{};
  // p_k = c_k + t p_{k+1}:  |p_k| <= M_k  and  |computed p_k − p_k| <= E_k.
  Up M, E;
  const Up tau(half_width), u(unit_roundoff), eta(smallest_double);
  for (int k = degree; k >= 0; --k) {
    const Interval exact = coefficient(at_centre, order, k);
    const double c = exact.mid();
    cell.coefficients[static_cast<std::size_t>(k)] = c;
    const Up rounded = magnitude(exact - Interval::exact(c));
    if (k == degree) {
      M = Up(std::abs(c)) + rounded;
      E = rounded;
      continue;
    }
    const Up computed = M + E;                          // |computed p_{k+1}|
    const Up product_error = u * tau * computed + eta;  // of t · p_{k+1}
    const Up product = tau * computed + product_error;
    E = rounded + tau * E + product_error + u * (Up(std::abs(c)) + product);
    M = Up(std::abs(c)) + rounded + tau * M;
  }
  Up power(1.0);
  for (int k = 0; k <= degree; ++k) power = power * tau;
  cell.error = (E + magnitude(coefficient(over_cell, order, degree + 1)) * power).value();
  return cell;
}

ActivationKernel::ActivationKernel(const ActivationRow& row, int order) {
  const auto shape = std::ranges::find(shapes, row.id, &Shape::id);
  if (shape == std::end(shapes) || order < 0 || order > 1) {
    throw InputError("no kernel for " + std::string(row.id));
  }
  range_ = shape->range;
  offset_ = range_ * cells_per_unit;
  for (double j = -offset_; j <= offset_; ++j) cells_.push_back(cell_at(row, order, j / cells_per_unit));
  const auto asymptote = [&](double slope, double constant, double end) {
    if (order == 1) constant = slope, slope = 0.0;
    const Interval at_end = coefficient(taylor(row, Interval::exact(end), 1), order, 0);
    return Asymptote{slope, constant,
                     magnitude(at_end - Interval::exact(slope * end) - Interval::exact(constant)).value()};
  };
  right_ = asymptote(shape->slope_right, shape->constant_right, range_);
  left_ = asymptote(shape->slope_left, shape->constant_left, -range_);
  lipschitz_ = Up((order == 0 ? lipschitz_constant(row) : second_derivative_bound(row)).upper());
}

ActivationKernel::Result ActivationKernel::beyond(double z) const {
  if (std::isnan(z)) return {z, std::numeric_limits<double>::infinity()};
  const Asymptote& side = z > 0 ? right_ : left_;
  if (side.slope == 0.0) return {side.constant, side.error};
  return {side.slope * z + side.constant, side.error};  // slope 1, constant 0: exact
}

}  // namespace overproof
