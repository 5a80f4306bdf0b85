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
  Up largest;
  for (const Up& norm : column_norms_above(A.transpose())) largest = max(largest, norm);
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
  Split parts;
  Vector shift = A.cwiseAbs().rowwise().maxCoeff();
  for (double& row : shift) row = shift_for(row, bits, parts.smallest_unit);
  parts.leading = (A.colwise() + shift).eval().colwise() - shift;
  parts.rest = A - parts.leading;
  return parts;
}

Split split_columns(const Matrix& A, int bits) {
  Split parts{Matrix(A.rows(), A.cols()), {}};
  for (Index j = 0; j < A.cols(); ++j) {
    const double shift = shift_for(A.col(j).cwiseAbs().maxCoeff(), bits, parts.smallest_unit);
    parts.leading.col(j) = ((A.col(j).array() + shift).eval() - shift).matrix();
  }
  parts.rest = A - parts.leading;
  return parts;
}

int exact_bits(Index k) {
  const int log_k = k <= 1 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(k - 1)));
  return (53 - log_k) / 2;
}

bool product_is_exact(const Split& A, const Split& X, int bits) {
  constexpr double safe = 0x1p-400;  // products of units stay far above underflow
  return bits >= 4 && A.leading.allFinite() && A.rest.allFinite() && X.leading.allFinite() &&
         X.rest.allFinite() && A.smallest_unit > safe && X.smallest_unit > safe;
}

}  // namespace overproof
