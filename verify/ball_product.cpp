#include <cmath>

#include "verify/ball.h"
#include "verify/columns.h"

namespace overproof {
namespace {

const Up u(unit_roundoff), eta(smallest_double);

/// The left factor A or Aᵀ of a product: exact, or a ball around `mid`.
struct Left {
  const Matrix& mid;
  const Ball* ball;
  Side side;
  const FactorNorms& norms;
  Up low_line, low_frobenius;  ///< ‖low‖ of one line, and of all
  [[nodiscard]] Up line() const { return side == Side::transposed ? norms.column : norms.row; }
  [[nodiscard]] Index rows() const { return side == Side::transposed ? mid.cols() : mid.rows(); }
};

/// The norms of one column of the right factor.
struct Right {
  Up mid, low, two;
};

struct Radii {
  Up two, entry;
};

/// What the radii of both factors come to around the product of their midpoints:
/// A x − Âx̂ = Â(x − x̂) + (A − Â)x, with columns of A − Â within ρ_j and ε_j.
Radii carried(const Left& A, const Right& x) {
  const Up spectral = A.norms.spectral + A.low_frobenius, line = A.line() + A.low_line;
  Radii radii{spectral * x.two, line * x.two};
  if (!A.ball) return radii;
  const Up size = x.mid + x.low + x.two;
  Up two, entry, largest;
  for (Index j = 0; j < A.ball->columns(); ++j) {
    two += square(A.ball->two[j]), entry += square(A.ball->entry[j]);
    largest = max(largest, A.ball->two[j]);
  }
  // |Σ_j δ_rj x_j| <= √Σε_j² ‖x‖, resp. |⟨δ_j, x⟩| <= ρ_j‖x‖; in the 2-norm both are at most √Σρ_j² ‖x‖
  const Up each = A.side == Side::transposed ? largest : sqrt(entry);
  return {radii.two + sqrt(two) * size, radii.entry + each * size};
}

/// fl(Âx̂) in one product, all low parts dropped: |error|_r <= (γ + 3u)‖A_r‖‖x̂‖ + kη, as low parts are at most
/// u of high ones. Those of x are counted with x̂ so that a NaN among them is not lost.
Radii single_error(const Left& A, const Right& x, Index k) {
  const Up gamma = block_factor(k, split_block) + Up(3.0) * u, underflow = static_cast<double>(k) * eta,
           rows = sqrt(Up(static_cast<double>(A.rows()))), size = gamma * (x.mid + x.low);
  return {A.norms.frobenius * size + rows * underflow, A.line() * size + underflow};
}

/// Âx̂ = A₁x₁ + A₁(x₂ + x̌) + (A₂ + Ǎ)x̂ + (A₂ + Ǎ)x̌, the last dropped; t = fl(x₂ + x̌) is the tail.
Radii split_error(const Left& A, const Units& units, const Right& x, Up tail, Index k) {
  const Up products = split_factor(k);
  const auto error = [&](Up size, Up rest, Up low) {
    return products * ((size + rest) * tail + (Up(1.0) + u) * (rest + low) * x.mid);
  };
  return {error(A.norms.frobenius, units.frobenius, A.low_frobenius),
          error(A.line(), units.line, A.low_line)};
}

/// Whether one product is as good as three: its error is at most 1/64 of what is carried, in every column.
bool single_suffices(const Left& A, const std::vector<Right>& x, Index k) {
  for (const Right& column : x)
    if (!(64.0 * single_error(A, column, k).two.value() <= carried(A, column).two.value())) return false;
  return true;
}

Ball ball_around(PairMatrix mid) {
  const auto n = static_cast<std::size_t>(mid.high.cols());
  return {std::move(mid.high), std::move(mid.low), std::vector<Up>(n), std::vector<Up>(n)};
}

void add_radii(Ball& y, Index i, Radii a, Radii b) { y.set_radii(i, a.two + b.two, a.entry + b.entry); }

Ball single_product(const Left& A, const Ball& x, const std::vector<Right>& norms) {
  Ball y = Ball::exactly(blocked_product(A.mid, A.side, x.mid, split_block));
  for (Index i = 0; i < y.columns(); ++i) {
    Radii error = single_error(A, norms[i], x.mid.rows());
    // an entry that overflowed is infinitely far from the truth
    const Up overflow = eta * frobenius_above(y.mid.col(i));
    error.two += overflow, error.entry += overflow;
    add_radii(y, i, error, carried(A, norms[i]));
  }
  return y;
}

Ball apply(const Left& A, const Ball& x) {
  const Index k = x.mid.rows();
  std::vector<Right> norms;
  Vector largest(x.columns());
  for (Index i = 0; i < x.columns(); ++i) {
    norms.push_back({frobenius_above(x.mid.col(i)), frobenius_above(x.low.col(i)), x.two[i]});
    largest[i] = magnitudes_of(x.mid.col(i).data(), k).largest.value();
  }
  const Units rows = units_of(A.side == Side::transposed ? A.norms.column_largest : A.norms.row_largest, k),
              columns = units_of(largest, k);
  const bool splits = rows.in_range && columns.in_range && std::isfinite(A.norms.frobenius.value());
  if (!splits || single_suffices(A, norms, k)) return single_product(A, x, norms);
  const Halves halves = split_columns(x.mid, x.low, columns.of_line);
  Ball y = ball_around(
      split_product({A.mid, A.ball ? &A.ball->low : nullptr, A.side, rows.of_line}, x.mid, halves));
  for (Index i = 0; i < y.columns(); ++i) {
    const Up tail = frobenius_above(halves.tail.col(i));
    add_radii(y, i, split_error(A, rows, norms[i], tail, k), carried(A, norms[i]));
  }
  return y;
}

Ball apply(const Ball& A, Side side, const FactorNorms& norms, const Ball& x) {
  Up line;  // by columns; of a row not more than of all
  Up squares;
  for (Index j = 0; j < A.columns(); ++j) {
    const Up column = frobenius_above(A.low.col(j));
    line = max(line, column), squares += square(column);
  }
  const Up all = sqrt(squares);
  return apply(Left{A.mid, &A, side, norms, side == Side::transposed ? line : all, all}, x);
}

}  // namespace

FactorNorms factor_norms(const Matrix& W, Up spectral) {
  FactorNorms norms{spectral, frobenius_above(W),     largest_row_norm_above(W),
                    Up(),     Vector::Zero(W.rows()), Vector(W.cols())};
  norms.spectral = min(norms.spectral, norms.frobenius);
  for (Index j = 0; j < W.cols(); ++j) {
    norms.column = max(norms.column, frobenius_above(W.col(j)));
    norms.row_largest = norms.row_largest.cwiseMax(W.col(j).cwiseAbs());
    norms.column_largest[j] = magnitudes_of(W.col(j).data(), W.rows()).largest.value();
  }
  return norms;
}

Ball multiply(const Matrix& W, const FactorNorms& norms, const Ball& x) {
  return apply(Left{W, nullptr, Side::plain, norms, {}, {}}, x);
}

Ball multiply_transposed(const Matrix& W, const FactorNorms& norms, const Ball& x) {
  return apply(Left{W, nullptr, Side::transposed, norms, {}, {}}, x);
}

Ball multiply(const Ball& W, const FactorNorms& norms, const Ball& x) {
  return apply(W, Side::plain, norms, x);
}

Ball multiply_transposed(const Ball& W, const FactorNorms& norms, const Ball& x) {
  return apply(W, Side::transposed, norms, x);
}

}  // namespace overproof
