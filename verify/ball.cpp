#include "verify/ball.h"

#include <cmath>

namespace overproof {
namespace {

/// A ball of this shape whose entries are to be filled in.
Ball blank(Index rows, Index columns) {
  const auto n = static_cast<std::size_t>(columns);
  return {Matrix(rows, columns), Matrix(rows, columns), std::vector<Up>(n), std::vector<Up>(n)};
}

void set_entry(Ball& ball, Index r, Index i, Pair value) {
  ball.mid(r, i) = value.high;
  ball.low(r, i) = value.low;
}

void set_radii(Ball& ball, Index i, Up two, Up entry) {
  ball.two[i] = two;
  ball.entry[i] = min(entry, two);
}

Up norm_of(const Matrix& A, Index i) { return frobenius_above(A.col(i)); }

/// The error of double-word arithmetic on column i of the result.
Up pair_rounding(const Ball& result, Index i) {
  return pair_product_error(norm_of(result.mid, i), static_cast<double>(result.mid.rows()));
}

/// Largest and root of the sum of squares of a column's errors, all of them >= 0; NaN is never lost.
class ErrorColumn {
 public:
  void add(double error) {
    squares_ += error * error;
    largest_ = std::isnan(error) || error > largest_ ? error : largest_;
    entries_ += 1.0;
  }
  [[nodiscard]] Up largest() const { return Up(largest_); }
  /// An error below 2^-500 may vanish in its square.
  [[nodiscard]] Up two() const { return sqrt(sum_of_squares_above(squares_, entries_ + 1.0)); }

 private:
  double squares_ = 0.0, largest_ = 0.0, entries_ = 0.0;
};

/// A x with its a-priori bound, the low part of x dropped.
Ball plain_product(const Matrix& A, Side side, Up frobenius, Up row, const Ball& x) {
  Matrix product = blocked_product(A, side, x.mid);
  Ball y = Ball::exactly(std::move(product));
  const Index k = x.mid.rows();
  const Up underflow = static_cast<double>(k) * Up(smallest_double);
  const Up spread = sqrt(Up(static_cast<double>(y.mid.rows())));
  for (Index i = 0; i < y.columns(); ++i) {
    // |fl(Ax) − Ax|_r <= γ Σ|A_rj x_j| + kη <= γ‖A_r‖‖x‖ + kη;  over r: γ‖A‖_F‖x‖ + √rows kη
    // an entry that overflowed is infinitely far from the truth
    const Up size = block_factor(k) * norm_of(x.mid, i) + norm_of(x.low, i);
    const Up rest = underflow + Up(smallest_double) * norm_of(y.mid, i);
    set_radii(y, i, frobenius * size + spread * rest, row * size + rest);
  }
  return y;
}

/// A = A₁ + A₂, x = x₁ + x₂ + low:  A x = A₁x₁ (exact) + A₁(x₂ + low) + A₂(x₁ + x₂) + A₂low. The last is
/// dropped, the two before it have their a-priori bounds.
Ball split_product(const Matrix& A, Side side, Up frobenius, Up row, const Ball& x) {
  const bool transposed = side == Side::transposed;
  const Index k = x.mid.rows();
  const int bits = exact_bits(k);
  const Split a = transposed ? split_columns(A, bits) : split_rows(A, bits);
  const Split b = split_columns(x.mid, bits);
  if (!product_is_exact(a, b, bits)) return plain_product(A, side, frobenius, row, x);
  Matrix exact(transposed ? A.cols() : A.rows(), x.columns());
  if (transposed)
    exact.noalias() = a.leading.transpose() * b.leading;
  else
    exact.noalias() = a.leading * b.leading;
  const Matrix tail = b.rest + x.low;
  const Matrix first = blocked_product(a.leading, side, tail), second = blocked_product(a.rest, side, x.mid);

  Ball y = blank(exact.rows(), x.columns());
  const Up u(unit_roundoff), gamma = block_factor(k),
                             underflow = static_cast<double>(2 * k) * Up(smallest_double);
  const Up spread = sqrt(Up(static_cast<double>(exact.rows())));
  for (Index i = 0; i < x.columns(); ++i) {
    for (Index r = 0; r < exact.rows(); ++r) {
      const Pair small = two_sum(first(r, i), second(r, i)), sum = two_sum(exact(r, i), small.high);
      set_entry(y, r, i, two_sum(sum.high, sum.low + small.low));
    }
    const Up size = norm_of(y.mid, i), whole = norm_of(x.mid, i), end = norm_of(tail, i),
             low = norm_of(x.low, i);
    const auto error = [&](Up PartNorms::*norm, Up roots) {
      const Up products = a.leading_norms.*norm * end + a.rest_norms.*norm * whole;
      return gamma * products                     // both blocked products
             + u * (a.leading_norms.*norm * end)  // the rounding of x₂ + low
             + a.rest_norms.*norm * low           // A₂ low
             + roots * underflow +
             // sum.low + small.low: u(|sum.low| + |small.low|) <= u²(|sum| + |small|), both at most |y| +
             // 2|small|
             Up(8 * unit_roundoff * unit_roundoff) * (size + Up(2.0) * products);
    };
    set_radii(y, i, error(&PartNorms::frobenius, spread), error(&PartNorms::line, Up(1.0)));
  }
  return y;
}

Ball apply(const Matrix& A, Side side, const FactorNorms& norms, const Ball& x) {
  const Up row = side == Side::transposed ? norms.column : norms.row;
  Ball y = split_product(A, side, norms.frobenius, row, x);
  for (Index i = 0; i < y.columns(); ++i)
    set_radii(y, i, y.two[i] + norms.spectral * x.two[i], y.entry[i] + row * x.two[i]);
  return y;
}

}  // namespace

Ball Ball::exactly(Matrix points) {
  const auto n = static_cast<std::size_t>(points.cols());
  Matrix zero = Matrix::Zero(points.rows(), points.cols());
  return {std::move(points), std::move(zero), std::vector<Up>(n), std::vector<Up>(n)};
}

Up Ball::two_around_mid(Index i) const { return two[i] + frobenius_above(low.col(i)); }

Up Ball::entry_around_mid(Index i) const {
  Up largest;
  for (const double x : low.col(i)) largest = max(largest, Up(std::abs(x)));
  return entry[i] + largest;
}

FactorNorms factor_norms(const Matrix& W, Up spectral) {
  FactorNorms norms{spectral, frobenius_above(W), largest_row_norm_above(W), Up()};
  norms.spectral = min(norms.spectral, norms.frobenius);
  for (const Up& norm : column_norms_above(W)) norms.column = max(norms.column, norm);
  return norms;
}

Ball multiply(const Matrix& W, const FactorNorms& norms, const Ball& x) {
  return apply(W, Side::plain, norms, x);
}

Ball multiply_transposed(const Matrix& W, const FactorNorms& norms, const Ball& x) {
  return apply(W, Side::transposed, norms, x);
}

Ball activate(const ActivationKernel& sigma, double scale, const Ball& z) {
  Ball y = blank(z.mid.rows(), z.columns());
  const Up size(std::abs(scale));
  for (Index i = 0; i < z.columns(); ++i) {
    ErrorColumn kernel;
    for (Index r = 0; r < z.mid.rows(); ++r) {
      const auto [value, error] = sigma.at(z.midpoint(r, i));
      set_entry(y, r, i, scale * value);
      kernel.add(error);
    }
    // |sσ(z) − fl(s σ~(ẑ))| <= s(L|z − ẑ| + e) + rounding
    const Up rounding = pair_rounding(y, i);
    set_radii(y, i, size * (sigma.lipschitz() * z.two[i] + kernel.two()) + rounding,
              size * (sigma.lipschitz() * z.entry[i] + kernel.largest()) + rounding);
  }
  return y;
}

Ball scaled(double factor, const Ball& x) {
  if (factor == 1.0) return x;
  Ball y = blank(x.mid.rows(), x.columns());
  const Up size(std::abs(factor));
  for (Index i = 0; i < x.columns(); ++i) {
    for (Index r = 0; r < x.mid.rows(); ++r) set_entry(y, r, i, factor * x.midpoint(r, i));
    const Up rounding = pair_rounding(y, i);
    set_radii(y, i, size * x.two[i] + rounding, size * x.entry[i] + rounding);
  }
  return y;
}

Ball add_scaled(double skip, const Ball& x, const Ball& y) {
  const Ball skipped = scaled(skip, x);
  Ball sum = blank(x.mid.rows(), x.columns());
  for (Index i = 0; i < x.columns(); ++i) {
    for (Index r = 0; r < x.mid.rows(); ++r) set_entry(sum, r, i, skipped.midpoint(r, i) + y.midpoint(r, i));
    // 8u²(|a| + |b|) an entry
    const Up rounding =
        Up(16 * unit_roundoff * unit_roundoff) * (norm_of(skipped.mid, i) + norm_of(y.mid, i));
    set_radii(sum, i, skipped.two[i] + y.two[i] + rounding, skipped.entry[i] + y.entry[i] + rounding);
  }
  return sum;
}

Ball multiply_derivative(const ActivationKernel& sigma_prime, double scale, const Ball& z, const Ball& g) {
  Ball y = blank(g.mid.rows(), g.columns());
  const Up size(std::abs(scale)), bend = sigma_prime.lipschitz();
  // |ĝ| = |mid + low| <= (1 + u)|mid|, and two roundings in an entry's weighted error
  const Up slightly(1.0 + 0x1p-49);
  for (Index i = 0; i < g.columns(); ++i) {
    ErrorColumn kernel, weighted, slopes, signal;
    for (Index r = 0; r < g.mid.rows(); ++r) {
      const auto [slope, error] = sigma_prime.at(z.midpoint(r, i));
      set_entry(y, r, i, scale * (slope * g.midpoint(r, i)));
      const double at = std::abs(g.mid(r, i));
      kernel.add(error), weighted.add(error * at), slopes.add(std::abs(slope.high)), signal.add(at);
    }
    // σ'(z)g − σ~'(ẑ)ĝ = σ'(z)(g − ĝ) + (σ'(z) − σ'(ẑ))ĝ + (σ'(ẑ) − σ~'(ẑ))ĝ, with |σ'(z)| <= |σ~'(ẑ)| + e +
    // β|z − ẑ|
    const Up top = slightly * signal.largest(), norm = slightly * signal.two();
    const Up slope = slightly * slopes.largest() + kernel.largest() + bend * z.entry[i];
    // the product σ~'ĝ underflows by 16η before it is scaled
    const Up rounding =
        pair_rounding(y, i) + (size + Up(1.0)) * pair_product_error(Up(), static_cast<double>(g.mid.rows()));
    set_radii(y, i,
              size * (slope * g.two[i] + min(top * bend * z.two[i], bend * z.entry[i] * norm) +
                      slightly * weighted.two()) +
                  rounding,
              size * (slope * g.entry[i] + top * (bend * z.entry[i] + kernel.largest())) + rounding);
  }
  return y;
}

Ball activate_relu(double scale, const Ball& z) {
  Ball y = blank(z.mid.rows(), z.columns());
  const Up size(std::abs(scale));
  for (Index i = 0; i < z.columns(); ++i) {
    // |low| <= u|mid|: the sign of the pair is that of mid
    for (Index r = 0; r < z.mid.rows(); ++r)
      set_entry(y, r, i, z.mid(r, i) < 0.0 ? Pair{0.0, 0.0} : scale * z.midpoint(r, i));
    const Up rounding = pair_rounding(y, i);
    set_radii(y, i, size * z.two[i] + rounding, size * z.entry[i] + rounding);
  }
  return y;
}

Ball multiply_derivative_relu(double scale, const Ball& z, const Ball& g) {
  Ball y = blank(g.mid.rows(), g.columns());
  const Up size(std::abs(scale)), slightly(1.0 + 0x1p-49);
  for (Index i = 0; i < g.columns(); ++i) {
    ErrorColumn flips;  // |ĝ| where relu'(z) is not certain
    const double reach = z.entry_around_mid(i).value();
    const bool exact = z.entry[i].value() == 0.0;
    for (Index r = 0; r < g.mid.rows(); ++r) {
      const double point = z.mid(r, i);
      set_entry(y, r, i, point < 0.0 ? Pair{0.0, 0.0} : scale * g.midpoint(r, i));
      if (!exact && !(std::abs(point) > reach)) flips.add(std::abs(g.mid(r, i)));
      if (std::isnan(point)) flips.add(point);
    }
    const Up rounding = pair_rounding(y, i);
    set_radii(y, i, size * (g.two[i] + slightly * flips.two()) + rounding,
              size * (g.entry[i] + slightly * flips.largest()) + rounding);
  }
  return y;
}

}  // namespace overproof
