#include "verify/product.h"

#include <bit>
#include <cmath>

namespace overproof {
namespace {

constexpr Index block = 64;

/// Extracts the leading bits with s = 1.5·2^52·q for a unit q: fl(fl(a + s) − s) is the multiple of q nearest
/// to a, and a − that is exact [Rump, Ogita, Oishi 2008, Lemma 3.2].
double shift_for(double largest, int bits, double& smallest_unit) {
  int exponent = 0;
  std::frexp(largest, &exponent);  // largest < 2^exponent
  const double unit = std::ldexp(1.0, exponent - bits);
  if (largest > 0.0) smallest_unit = std::min(smallest_unit, unit);
  return 1.5 * std::ldexp(unit, 52);
}

/// Of lines with `entries` entries each, from their sums of squares.
PartNorms norms_from(const Vector& squares, Index entries) {
  const auto k = static_cast<double>(entries);
  PartNorms norms;
  for (const double line : squares) norms.line = max(norms.line, sqrt(sum_of_squares_above(line, k)));
  norms.frobenius = sqrt(sum_of_squares_above(squares.sum(), k * static_cast<double>(squares.size())));
  return norms;
}

}  // namespace

std::vector<Up> column_norms_above(const Eigen::Ref<const Matrix>& A) {
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

Up largest_row_norm_above(const Eigen::Ref<const Matrix>& A) {
  const Vector squares = A.rowwise().squaredNorm();
  Up largest;
  for (Index r = 0; r < A.rows(); ++r) {
    const bool in_range = squares[r] < 0x1p1000;
    largest = max(largest, in_range ? sqrt(sum_of_squares_above(squares[r], static_cast<double>(A.cols())))
                                    : frobenius_above(A.row(r).transpose()));
  }
  return largest;
}

Matrix blocked_product(const Matrix& A, Side side, const Matrix& X) {
  const bool transposed = side == Side::transposed;
  const Index k = X.rows();
  Matrix product = Matrix::Zero(transposed ? A.cols() : A.rows(), X.cols()), part(product.rows(), X.cols());
  for (Index at = 0; at < k; at += block) {
    const Index size = std::min(block, k - at);
    if (transposed)
      part.noalias() = A.middleRows(at, size).transpose() * X.middleRows(at, size);
    else
      part.noalias() = A.middleCols(at, size) * X.middleRows(at, size);
    product += part;
  }
  return product;
}

Up block_factor(Index k) {
  const Index blocks = (k + block - 1) / block;
  return gamma_factor(static_cast<double>(std::min(k, block) + blocks));
}

Split split_rows(const Matrix& A, int bits) {
  Vector shift = Vector::Zero(A.rows()), leading = shift, rest = shift;
  for (Index j = 0; j < A.cols(); ++j) shift = shift.cwiseMax(A.col(j).cwiseAbs());
  Split parts{Matrix(A.rows(), A.cols()), Matrix(A.rows(), A.cols()), {}, {}};
  for (double& row : shift) row = shift_for(row, bits, parts.smallest_unit);
  for (Index j = 0; j < A.cols(); ++j) {
    parts.leading.col(j) = A.col(j) + shift;
    parts.leading.col(j) -= shift;
    parts.rest.col(j) = A.col(j) - parts.leading.col(j);
    leading += parts.leading.col(j).cwiseAbs2();
    rest += parts.rest.col(j).cwiseAbs2();
  }
  parts.leading_norms = norms_from(leading, A.cols());
  parts.rest_norms = norms_from(rest, A.cols());
  return parts;
}

Split split_columns(const Matrix& A, int bits) {
  Vector leading(A.cols()), rest(A.cols());
  Split parts{Matrix(A.rows(), A.cols()), Matrix(A.rows(), A.cols()), {}, {}};
  for (Index j = 0; j < A.cols(); ++j) {
    const double shift = shift_for(A.col(j).cwiseAbs().maxCoeff(), bits, parts.smallest_unit);
    parts.leading.col(j).array() = A.col(j).array() + shift;
    parts.leading.col(j).array() -= shift;
    parts.rest.col(j) = A.col(j) - parts.leading.col(j);
    leading[j] = parts.leading.col(j).squaredNorm();
    rest[j] = parts.rest.col(j).squaredNorm();
  }
  parts.leading_norms = norms_from(leading, A.rows());
  parts.rest_norms = norms_from(rest, A.rows());
  return parts;
}

int exact_bits(Index k) {
  const int log_k = k <= 1 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(k - 1)));
  return (53 - log_k) / 2;
}

bool product_is_exact(const Split& A, const Split& X, int bits) {
  constexpr double safe = 0x1p-400;             // products of units stay far above underflow
  const auto finite = [](const Split& parts) {  // false for NaN as well
    return std::isfinite(parts.leading_norms.frobenius.value()) &&
           std::isfinite(parts.rest_norms.frobenius.value());
  };
  return bits >= 4 && finite(A) && finite(X) && A.smallest_unit > safe && X.smallest_unit > safe;
}

}  // namespace overproof
