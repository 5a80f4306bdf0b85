#include "verify/ball.h"

#include <cmath>

#include "verify/columns.h"

namespace overproof {
namespace {

/// A ball of this shape whose entries are to be filled in.
Ball blank(Index rows, Index columns) {
  const auto n = static_cast<std::size_t>(columns);
  return {Matrix(rows, columns), Matrix(rows, columns), std::vector<Up>(n), std::vector<Up>(n)};
}

ConstPairs column(const Ball& x, Index i) { return {x.mid.col(i).data(), x.low.col(i).data(), x.mid.rows()}; }
Pairs column(Ball& x, Index i) { return {x.mid.col(i).data(), x.low.col(i).data(), x.mid.rows()}; }

Magnitudes sizes_of(const Matrix& A, Index i) { return magnitudes_of(A.col(i).data(), A.rows()); }
Up norm_of(const Matrix& A, Index i) { return frobenius_above(A.col(i)); }

/// The error of double-word arithmetic on column i of the result.
Up pair_rounding(const Ball& result, Index i) {
  return pair_product_error(norm_of(result.mid, i), static_cast<double>(result.mid.rows()));
}

/// A column of results of a kernel: values and errors.
struct KernelColumn {
  Matrix high, low, error;
  KernelColumn(const ActivationKernel& kernel, ConstPairs z)
      : high(z.size, 1), low(z.size, 1), error(z.size, 1) {
    kernel.at_each(z, {high.data(), low.data(), z.size}, error.data());
  }
  [[nodiscard]] ConstPairs values() const { return {high.data(), low.data(), high.rows()}; }
};

}  // namespace

Ball Ball::exactly(Matrix points) {
  const auto n = static_cast<std::size_t>(points.cols());
  Matrix zero = Matrix::Zero(points.rows(), points.cols());
  return {std::move(points), std::move(zero), std::vector<Up>(n), std::vector<Up>(n)};
}

void Ball::set_radii(Index i, Up two_norm, Up each) {
  two[i] = two_norm;
  entry[i] = min(each, two_norm);
}

Up Ball::two_around_mid(Index i) const { return two[i] + frobenius_above(low.col(i)); }

Up Ball::entry_around_mid(Index i) const {
  Up largest;
  for (const double x : low.col(i)) largest = max(largest, Up(std::abs(x)));
  return entry[i] + largest;
}

Ball activate(const ActivationKernel& sigma, double scale, const Ball& z) {
  Ball y = blank(z.mid.rows(), z.columns());
  const Up size(std::abs(scale));
  for (Index i = 0; i < z.columns(); ++i) {
    const KernelColumn result(sigma, column(z, i));
    multiply_each(scale, result.values(), column(y, i));
    const Magnitudes kernel = sizes_of(result.error, 0);
    // |sσ(z) − fl(s σ~(ẑ))| <= s(L|z − ẑ| + e) + rounding
    const Up rounding = pair_rounding(y, i);
    y.set_radii(i, size * (sigma.lipschitz() * z.two[i] + kernel.two) + rounding,
                size * (sigma.lipschitz() * z.entry[i] + kernel.largest) + rounding);
  }
  return y;
}

Ball scaled(double factor, const Ball& x) {
  if (factor == 1.0) return x;
  Ball y = blank(x.mid.rows(), x.columns());
  const Up size(std::abs(factor));
  for (Index i = 0; i < x.columns(); ++i) {
    multiply_each(factor, column(x, i), column(y, i));
    const Up rounding = pair_rounding(y, i);
    y.set_radii(i, size * x.two[i] + rounding, size * x.entry[i] + rounding);
  }
  return y;
}

Ball add_scaled(double skip, const Ball& x, const Ball& y) {
  const Ball skipped = scaled(skip, x);
  Ball sum = blank(x.mid.rows(), x.columns());
  for (Index i = 0; i < x.columns(); ++i) {
    add_each(column(skipped, i), column(y, i), column(sum, i));
    // 8u²(|a| + |b|) an entry
    const Up rounding =
        Up(16 * unit_roundoff * unit_roundoff) * (norm_of(skipped.mid, i) + norm_of(y.mid, i));
    sum.set_radii(i, skipped.two[i] + y.two[i] + rounding, skipped.entry[i] + y.entry[i] + rounding);
  }
  return sum;
}

Ball multiply_derivative(const ActivationKernel& sigma_prime, double scale, const Ball& z, const Ball& g) {
  Ball y = blank(g.mid.rows(), g.columns());
  const Up size(std::abs(scale)), bend = sigma_prime.lipschitz();
  // |ĝ| = |mid + low| <= (1 + u)|mid|, and two roundings in an entry's weighted error
  const Up slightly(1.0 + 0x1p-49);
  for (Index i = 0; i < g.columns(); ++i) {
    const KernelColumn result(sigma_prime, column(z, i));
    multiply_each(scale, result.values(), column(g, i), column(y, i));
    const Magnitudes kernel = sizes_of(result.error, 0), slopes = sizes_of(result.high, 0),
                     signal = sizes_of(g.mid, i),
                     weighted = magnitudes_of(result.error.data(), g.mid.col(i).data(), g.mid.rows());
    // σ'(z)g − σ~'(ẑ)ĝ = σ'(z)(g − ĝ) + (σ'(z) − σ'(ẑ))ĝ + (σ'(ẑ) − σ~'(ẑ))ĝ, with |σ'(z)| <= |σ~'(ẑ)| + e +
    // β|z − ẑ|
    const Up top = slightly * signal.largest, norm = slightly * signal.two;
    const Up slope = slightly * slopes.largest + kernel.largest + bend * z.entry[i];
    // the product σ~'ĝ underflows by 16η before it is scaled
    const Up rounding =
        pair_rounding(y, i) + (size + Up(1.0)) * pair_product_error(Up(), static_cast<double>(g.mid.rows()));
    y.set_radii(i,
                size * (slope * g.two[i] + min(top * bend * z.two[i], bend * z.entry[i] * norm) +
                        slightly * weighted.two) +
                    rounding,
                size * (slope * g.entry[i] + top * (bend * z.entry[i] + kernel.largest)) + rounding);
  }
  return y;
}

Ball activate_relu(double scale, const Ball& z) {
  Ball y = blank(z.mid.rows(), z.columns());
  const Up size(std::abs(scale));
  for (Index i = 0; i < z.columns(); ++i) {
    multiply_each(scale, column(z, i), column(y, i));
    // |low| <= u|mid|: the sign of the pair is that of mid
    for (Index r = 0; r < z.mid.rows(); ++r)
      if (z.mid(r, i) < 0.0) y.mid(r, i) = y.low(r, i) = 0.0;
    const Up rounding = pair_rounding(y, i);
    y.set_radii(i, size * z.two[i] + rounding, size * z.entry[i] + rounding);
  }
  return y;
}

Ball multiply_derivative_relu(double scale, const Ball& z, const Ball& g) {
  Ball y = blank(g.mid.rows(), g.columns());
  const Up size(std::abs(scale)), slightly(1.0 + 0x1p-49);
  for (Index i = 0; i < g.columns(); ++i) {
    Matrix flips = Matrix::Zero(g.mid.rows(), 1);  // ĝ where relu'(z) is not certain
    multiply_each(scale, column(g, i), column(y, i));
    const double reach = z.entry_around_mid(i).value();
    const bool exact = z.entry[i].value() == 0.0;
    for (Index r = 0; r < g.mid.rows(); ++r) {
      const double point = z.mid(r, i);
      if (point < 0.0) y.mid(r, i) = y.low(r, i) = 0.0;
      if (!exact && !(std::abs(point) > reach)) flips(r, 0) = g.mid(r, i);
      if (std::isnan(point)) flips(r, 0) = point;
    }
    const Magnitudes flipped = sizes_of(flips, 0);
    const Up rounding = pair_rounding(y, i);
    y.set_radii(i, size * (g.two[i] + slightly * flipped.two) + rounding,
                size * (g.entry[i] + slightly * flipped.largest) + rounding);
  }
  return y;
}

}  // namespace overproof
