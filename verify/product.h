#pragma once

#include "trainer/architecture.h"
#include "verify/rounding.h"

namespace overproof {

/// ‖A.col(i)‖₂ from above, for every column, and of any matrix the Frobenius norm and the largest row norm.
[[nodiscard]] std::vector<Up> column_norms_above(const Eigen::Ref<const Matrix>& A);
[[nodiscard]] Up frobenius_above(const Eigen::Ref<const Matrix>& A);
[[nodiscard]] Up largest_row_norm_above(const Eigen::Ref<const Matrix>& A);

/// A or Aᵀ in a product.
enum class Side { plain, transposed };

/// fl(A X), resp. fl(Aᵀ X), by BLAS over blocks of the inner dimension k that are added up: entry by entry
/// the error is at most block_factor(k) |A||X| + kη, in any order within a block. γ_(64 + k/64) instead of
/// γ_k.
[[nodiscard]] Matrix blocked_product(const Matrix& A, Side side, const Matrix& X);
[[nodiscard]] Up block_factor(Index k);

/// Norms of a factor's part from above: Frobenius, and the largest of a row (columns, where columns were
/// split).
struct PartNorms {
  Up frobenius, line;
};

/// A = leading + rest exactly. The leading part of a row (resp. column) is a multiple of a power of two with
/// at most the given number of bits, so that products of leading parts are exact.
struct Split {
  Matrix leading, rest;
  PartNorms leading_norms, rest_norms;
  double smallest_unit = std::numeric_limits<double>::infinity();
};
[[nodiscard]] Split split_rows(const Matrix& A, int bits);
[[nodiscard]] Split split_columns(const Matrix& A, int bits);

/// Bits β with k 2^(2β) <= 2^53: sums of k products of β-bit multiples are exact in any order.
[[nodiscard]] int exact_bits(Index k);
/// Whether the product of the leading parts is exact: enough bits, squares finite, and units far above
/// underflow.
[[nodiscard]] bool product_is_exact(const Split& A, const Split& X, int bits);

}  // namespace overproof
