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
/// the error is at most block_factor(k) |A||X| + kη, in any order within a block. γ_(width + k/width) instead
/// of γ_k.
[[nodiscard]] Matrix blocked_product(const Matrix& A, Side side, const Matrix& X, Index width = 64);
[[nodiscard]] Up block_factor(Index k, Index width = 64);

/// Terms in one block of a split product: wide enough for BLAS to run at full speed, and β = 22 bits.
inline constexpr Index split_block = 512;
inline constexpr Index most_split_terms = split_block * 8192;

/// Bits β with k 2^(2β) <= 2^53 for k terms, of one block at most: sums of k products of β-bit multiples are
/// exact in any order.
[[nodiscard]] int exact_bits(Index k);

/// A = leading + rest exactly, leading a multiple of a power of two (the unit) with at most β bits in every
/// line: |leading| <= 2^β unit and |rest| <= unit / 2. A line is a row, or a column where columns are summed
/// over.
struct Units {
  Vector of_line;      ///< 0 for a line of zeros
  bool in_range;       ///< whether products of leading parts are exact: no unit far from 1, k no larger than
                       ///< most_split_terms
  Up line, frobenius;  ///< ‖rest‖ of one line with k entries, and of all
};
/// From the largest absolute value in every line, which is exact; NaN is out of range.
[[nodiscard]] Units units_of(const Vector& largest, Index k);

/// Columns split by their units, with low parts: leading + fl(rest + low) for high + low.
struct Halves {
  Matrix leading, tail;
};
[[nodiscard]] Halves split_columns(const Matrix& high, const Matrix& low, const Vector& units);

/// A matrix of pairs, high + low.
struct PairMatrix {
  Matrix high, low;
};
/// A left factor: high, or high + low where low is given; units of the rows (Side::transposed: columns) of
/// high.
struct LeftFactor {
  const Matrix& high;
  const Matrix* low;
  Side side;
  const Vector& units;
};
/// With A = A₁ + A₂, x = x₁ + x₂ and tails t = fl(x₂ + low of x), V = fl(A₂ + low of A):
/// A₁x₁ + A₁(x₂ + low of x) + (A₂ + low of A)x. Block by block of split_block terms the first is exact and
/// added up by two-sums; the others, smaller by about 2^-22, are added up in doubles. With units in range the
/// error is at most split_factor(k)(‖A₁‖‖t‖ + max(‖V‖, ‖rest of A‖)‖x‖), in an entry with norms of the row,
/// in a column with Frobenius norms [docs/rigour.md, "Products"]. Three BLAS products.
[[nodiscard]] PairMatrix split_product(const LeftFactor& A, const Matrix& X, const Halves& halves);
[[nodiscard]] Up split_factor(Index k);

}  // namespace overproof
