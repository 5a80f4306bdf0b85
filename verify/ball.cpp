#include "verify/ball.h"

#include <cmath>

namespace overproof {
namespace {

/// Adds an error vector bounded by two[i], entry[i] to a column's radii.
void widen(Ball& ball, Index i, Up two, Up entry) {
  ball.two[i] += two;
  ball.entry[i] = min(ball.entry[i] + entry, ball.two[i]);
}

/// Rounding errors of c = fl(a · b) entry by entry: |error| <= u|c| + η.
Up rounding_of(double norm_of_result, Index entries) {
  return Up(unit_roundoff) * Up(norm_of_result) +
         sqrt(Up(static_cast<double>(entries))) * Up(smallest_double);
}

/// A = leading + rest exactly. The leading part of row i is a multiple of a power of two q_i with |entry| <=
/// 2^bits q_i.
struct Split {
  Matrix leading, rest;
  double smallest_unit = std::numeric_limits<double>::infinity();
};

/// Extracts the leading bits of every row (rows = true) or column with s = 1.5·2^52·q: fl(fl(a + s) − s) is
/// the multiple of q nearest to a, and a − that is exact [Rump, Ogita, Oishi 2008, Lemma 3.2].
Split split(const Matrix& A, int bits, bool rows) {
  Split parts{Matrix(A.rows(), A.cols()), {}};
  const Vector largest =
      rows ? Vector(A.cwiseAbs().rowwise().maxCoeff()) : Vector(A.cwiseAbs().colwise().maxCoeff());
  Vector shift(largest.size());
  for (Index i = 0; i < largest.size(); ++i) {
    int exponent = 0;
    std::frexp(largest[i], &exponent);  // largest < 2^exponent
    const double unit = std::ldexp(1.0, exponent - bits);
    shift[i] = 1.5 * std::ldexp(unit, 52);
    if (largest[i] > 0.0) parts.smallest_unit = std::min(parts.smallest_unit, unit);
  }
  if (rows) {
    parts.leading = (A.colwise() + shift).eval().colwise() - shift;
  } else {
    parts.leading = (A.rowwise() + shift.transpose()).eval().rowwise() - shift.transpose();
  }
  parts.rest = A - parts.leading;
  return parts;
}

/// Bits β with k · 2^(2β) <= 2^53: sums of k products of β-bit multiples are exact in any order.
int exact_bits(Index k) {
  const int log_k = k <= 1 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(k - 1)));
  return (53 - log_k) / 2;
}

/// The columns of fl(A x.mid) with bounds of |A x.mid − result| in the 2-norm and entrywise.
struct Product {
  Matrix value;
  std::vector<Up> two, entry;
};

Product plain_product(const Matrix& A, bool transposed, Up frobenius, Up row, const Matrix& X,
                      const std::vector<Up>& column_norms) {
  Product product;
  if (transposed)
    product.value.noalias() = A.transpose() * X;
  else
    product.value.noalias() = A * X;
  const auto k = static_cast<double>(X.rows());
  const Up underflow = k * Up(smallest_double);
  const Up spread = sqrt(Up(static_cast<double>(product.value.rows())));
  for (const Up& norm : column_norms) {
    // |fl(Ax) − Ax|_r <= γ_k Σ|A_rj x_j| + kη <= γ_k ‖A_r‖‖x‖ + kη;  over r: γ_k ‖A‖_F ‖x‖ + √rows kη
    product.two.push_back(gamma_factor(k) * frobenius * norm + spread * underflow);
    product.entry.push_back(gamma_factor(k) * row * norm + underflow);
  }
  return product;
}

/// A = A₁ + A₂, X = X₁ + X₂:  AX = A₁X₁ (exact) + A₁X₂ + A₂X, the last two with their a-priori bounds.
Product split_product(const Matrix& A, bool transposed, Up frobenius, Up row, const Matrix& X,
                      const std::vector<Up>& column_norms) {
  const int bits = exact_bits(X.rows());
  const Split a = split(A, bits, !transposed), x = split(X, bits, false);
  constexpr double safe = 0x1p-400;  // products of units stay far above underflow
  const bool exact = bits >= 4 && A.allFinite() && X.allFinite() && a.leading.allFinite() &&
                     x.leading.allFinite() && a.smallest_unit > safe && x.smallest_unit > safe;
  if (!exact) return plain_product(A, transposed, frobenius, row, X, column_norms);
  const auto row_norm = [&](const Matrix& M) {
    Up largest;
    const std::vector<Up> norms = column_norms_above(transposed ? M : Matrix(M.transpose()));
    for (const Up& norm : norms) largest = max(largest, norm);
    return largest;
  };
  Product lead =
      plain_product(a.leading, transposed, Up(), Up(), x.leading, column_norms);  // bounds unused: exact
  const Product first = plain_product(a.leading, transposed, frobenius_above(a.leading), row_norm(a.leading),
                                      x.rest, column_norms_above(x.rest));
  const Product second =
      plain_product(a.rest, transposed, frobenius_above(a.rest), row_norm(a.rest), X, column_norms);
  const Matrix small = first.value + second.value;
  lead.value += small;
  const std::vector<Up> small_norms = column_norms_above(small), norms = column_norms_above(lead.value);
  for (std::size_t i = 0; i < norms.size(); ++i) {
    // two additions, each with relative error u of its result
    const Up additions = Up(unit_roundoff) * (small_norms[i] + norms[i]);
    lead.two[i] = first.two[i] + second.two[i] + additions;
    lead.entry[i] = min(first.entry[i] + second.entry[i] + additions, lead.two[i]);
  }
  return lead;
}

Ball apply(const Matrix& A, bool transposed, const FactorNorms& norms, const Ball& x) {
  const Up row = transposed ? norms.column : norms.row;
  Product product = split_product(A, transposed, norms.frobenius, row, x.mid, column_norms_above(x.mid));
  Ball y{std::move(product.value), std::move(product.two), std::move(product.entry)};
  for (Index i = 0; i < y.columns(); ++i) widen(y, i, norms.spectral * x.two[i], row * x.two[i]);
  return y;
}

}  // namespace

Ball Ball::exactly(Matrix points) {
  const auto n = static_cast<std::size_t>(points.cols());
  return {std::move(points), std::vector<Up>(n), std::vector<Up>(n)};
}

std::vector<Up> column_norms_above(const Matrix& A) {
  std::vector<Up> norms;
  norms.reserve(static_cast<std::size_t>(A.cols()));
  for (Index i = 0; i < A.cols(); ++i) norms.push_back(frobenius_above(A.col(i)));
  return norms;
}

Up frobenius_above(const Eigen::Ref<const Matrix>& A) {
  const auto entries = static_cast<double>(A.size());
  const double squares = A.squaredNorm();
  if (squares < 0x1p1000) return sqrt(sum_of_squares_above(squares, entries));
  // The squares overflow, or NaN is among the entries: scaled by 2^-600 the large entries are exact, the
  // small ones err by the underflow term.
  constexpr double factor = 0x1p-600;
  const Up scaled = sqrt(sum_of_squares_above((factor * A).squaredNorm(), entries)) +
                    sqrt(Up(entries)) * Up(smallest_double);
  return scaled * Up(1.0 / factor);
}

FactorNorms factor_norms(const Matrix& W, Up spectral) {
  FactorNorms norms{spectral, frobenius_above(W), Up(), Up()};
  norms.spectral = min(norms.spectral, norms.frobenius);
  const Matrix transposed = W.transpose();
  for (const Up& norm : column_norms_above(transposed)) norms.row = max(norms.row, norm);
  for (const Up& norm : column_norms_above(W)) norms.column = max(norms.column, norm);
  return norms;
}

Ball multiply(const Matrix& W, const FactorNorms& norms, const Ball& x) { return apply(W, false, norms, x); }

Ball multiply_transposed(const Matrix& W, const FactorNorms& norms, const Ball& x) {
  return apply(W, true, norms, x);
}

Ball activate(const ActivationKernel& sigma, double scale, const Ball& z) {
  Ball y{Matrix(z.mid.rows(), z.mid.cols()), {}, {}};
  const Up size(std::abs(scale));
  for (Index i = 0; i < z.columns(); ++i) {
    double errors = 0.0, largest = 0.0;  // Σ e², max e of the kernel
    for (Index r = 0; r < z.mid.rows(); ++r) {
      const auto [value, error] = sigma.at(z.mid(r, i));
      y.mid(r, i) = scale * value;
      errors += error * error;
      largest = std::isnan(error) || error > largest ? error : largest;
    }
    const Up kernel = sqrt(sum_of_squares_above(errors, static_cast<double>(z.mid.rows())));
    // |sσ(z) − fl(s σ~(ẑ))| <= s(L|z − ẑ| + e) + rounding
    const Up rounding = rounding_of(column_norms_above(y.mid.col(i)).front().value(), z.mid.rows());
    y.two.push_back(size * (sigma.lipschitz() * z.two[i] + kernel) + rounding);
    y.entry.push_back(min(size * (sigma.lipschitz() * z.entry[i] + Up(largest)) + rounding, y.two.back()));
  }
  return y;
}

Ball add_scaled(double skip, const Ball& x, const Ball& y) {
  Ball sum{skip * x.mid + y.mid, {}, {}};
  const Up size(std::abs(skip));
  const std::vector<Up> norms = column_norms_above(sum.mid), scaled = column_norms_above(x.mid);
  for (Index i = 0; i < x.columns(); ++i) {
    const Up product = skip == 1.0 ? Up() : rounding_of((size * scaled[i]).value(), x.mid.rows());
    const Up rounding = product + Up(unit_roundoff) * norms[i];
    sum.two.push_back(size * x.two[i] + y.two[i] + rounding);
    sum.entry.push_back(min(size * x.entry[i] + y.entry[i] + rounding, sum.two.back()));
  }
  return sum;
}

Ball multiply_derivative(const ActivationKernel& sigma_prime, double scale, const Ball& z, const Ball& g) {
  Ball y{Matrix(g.mid.rows(), g.mid.cols()), {}, {}};
  const Up size(std::abs(scale)), bend = sigma_prime.lipschitz();
  for (Index i = 0; i < g.columns(); ++i) {
    double errors = 0.0, largest_error = 0.0, largest_slope = 0.0, largest_g = 0.0;
    for (Index r = 0; r < g.mid.rows(); ++r) {
      const auto [slope, error] = sigma_prime.at(z.mid(r, i));
      y.mid(r, i) = (scale * slope) * g.mid(r, i);
      const double weighted = error * g.mid(r, i);
      errors += weighted * weighted;
      largest_error = error > largest_error || std::isnan(error) ? error : largest_error;
      largest_slope = std::max(largest_slope, std::abs(slope));
      largest_g = std::max(largest_g, std::abs(g.mid(r, i)));
    }
    const double norm = column_norms_above(y.mid.col(i)).front().value();
    // σ'(z)g − σ~'(ẑ)ĝ = σ'(z)(g − ĝ) + (σ'(z) − σ'(ẑ))ĝ + (σ'(ẑ) − σ~'(ẑ))ĝ, with |σ'(z)| <= |σ~'(ẑ)| + e +
    // β|z − ẑ|
    const Up top(largest_g), slope = Up(largest_slope) + Up(largest_error) + bend * z.entry[i];
    // Two roundings an entry (weighted² rounds too; its underflow is in the η term of the sum).
    const Up kernel =
        Up(1.0 + 0x1p-50) * sqrt(sum_of_squares_above(errors, static_cast<double>(g.mid.rows()))) +
        sqrt(Up(static_cast<double>(g.mid.rows()))) * Up(smallest_double);
    const Up rounding = 2.0 * rounding_of(norm, g.mid.rows()) * Up(1.0 + 0x1p-50) +
                        sqrt(Up(static_cast<double>(g.mid.rows()))) * Up(smallest_double) * top;
    y.two.push_back(
        size * (slope * g.two[i] +
                min(top * bend * z.two[i], bend * z.entry[i] * column_norms_above(g.mid.col(i)).front()) +
                kernel) +
        rounding);
    y.entry.push_back(
        min(size * (slope * g.entry[i] + top * (bend * z.entry[i] + Up(largest_error))) + rounding,
            y.two.back()));
  }
  return y;
}

Ball activate_relu(double scale, const Ball& z) {
  Ball y{scale * z.mid.cwiseMax(0.0), {}, {}};
  const Up size(std::abs(scale));
  const std::vector<Up> norms = column_norms_above(y.mid);
  for (Index i = 0; i < z.columns(); ++i) {
    const bool lost = z.mid.col(i).hasNaN();  // cwiseMax may drop a NaN
    const Up rounding = lost ? Up(-1.0) : rounding_of(norms[i].value(), z.mid.rows());
    y.two.push_back(size * z.two[i] + rounding);
    y.entry.push_back(min(size * z.entry[i] + rounding, y.two.back()));
  }
  return y;
}

Ball multiply_derivative_relu(double scale, const Ball& z, const Ball& g) {
  Ball y{Matrix(g.mid.rows(), g.mid.cols()), {}, {}};
  const Up size(std::abs(scale));
  for (Index i = 0; i < g.columns(); ++i) {
    double unsure = 0.0, largest = 0.0, entries = 0.0;  // Σ and max of ĝ² where relu'(z) is not certain
    bool lost = false;
    for (Index r = 0; r < g.mid.rows(); ++r) {
      const double point = z.mid(r, i), at = g.mid(r, i);
      y.mid(r, i) = point >= 0.0 ? scale * at : 0.0;
      lost = lost || std::isnan(point);
      const bool exact = z.entry[i].value() == 0.0;
      if (!exact && !(std::abs(point) > z.entry[i].value())) {
        unsure += at * at;
        largest = std::max(largest, std::abs(at));
        entries += 1.0;
      }
    }
    const double norm = column_norms_above(y.mid.col(i)).front().value();
    const Up rounding = lost ? Up(-1.0) : rounding_of(norm, g.mid.rows());
    const Up flips = entries > 0.0 ? sqrt(sum_of_squares_above(unsure, entries)) : Up();
    y.two.push_back(size * (g.two[i] + flips) + rounding);
    y.entry.push_back(min(size * (g.entry[i] + Up(largest)) + rounding, y.two.back()));
  }
  return y;
}

}  // namespace overproof
