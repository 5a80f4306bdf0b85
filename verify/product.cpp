#include "verify/product.h"

#include <cblas.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "bounds/parallel.h"
#include "verify/columns.h"

namespace overproof {
namespace {

/// fl(fl(a + s) − s) for s = 1.5·2^52·unit is the multiple of the unit nearest to a, |a| <= 2^51 units, and a
/// − that is exact [Rump, Ogita, Oishi 2008, Lemma 3.2].
constexpr double shift = 0x1.8p52;

Index blocks_of(Index k) { return (k + split_block - 1) / split_block; }

/// f(first, last) for parts of [0, count), in as many threads as BLAS has.
template <class F>
void in_parts(Index count, const F& f) {
  const Index parts = std::clamp<Index>(openblas_get_num_threads(), 1, std::max<Index>(count / 16, 1));
  parallel_for(parts, static_cast<int>(parts),
               [&](int, long t) { f(count * t / parts, count * (t + 1) / parts); });
}

/// A part of the left factor: rows [row, row + rows) of A in a plain product, columns of it in a transposed
/// one, with the terms [at, at + size) of the sums. leading and fl(rest + low), into the top left of the
/// tile.
void split_tile(const LeftFactor& A, Index row, Index rows, Index at, Index size, Halves& tile) {
  const bool transposed = A.side == Side::transposed;
  const Index first = transposed ? at : row, second = transposed ? row : at;
  const Index height = transposed ? size : rows, width = transposed ? rows : size;
  const Vector shifts = shift * A.units.segment(row, rows);
  in_parts(width, [&](Index from, Index to) {
    for (Index j = from; j < to; ++j) {
      const ConstPairs column{&A.high(first, second + j), A.low ? &(*A.low)(first, second + j) : nullptr,
                              height};
      const Pairs halves{&tile.leading(0, j), &tile.tail(0, j), height};
      if (transposed)
        split_each(column, shifts[j], halves);
      else
        split_each(column, shifts.data(), halves);
    }
  });
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

Matrix blocked_product(const Matrix& A, Side side, const Matrix& X, Index width) {
  const bool transposed = side == Side::transposed;
  const Index k = X.rows();
  Matrix product = Matrix::Zero(transposed ? A.cols() : A.rows(), X.cols()), part(product.rows(), X.cols());
  for (Index at = 0; at < k; at += width) {
    const Index size = std::min(width, k - at);
    if (transposed)
      part.noalias() = A.middleRows(at, size).transpose() * X.middleRows(at, size);
    else
      part.noalias() = A.middleCols(at, size) * X.middleRows(at, size);
    product += part;
  }
  return product;
}

Up block_factor(Index k, Index width) {
  const Index blocks = (k + width - 1) / width;
  return gamma_factor(static_cast<double>(std::min(k, width) + blocks));
}

int exact_bits(Index k) {
  const Index terms = std::min(k, split_block);
  const int log_k = terms <= 1 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(terms - 1)));
  return (53 - log_k) / 2;
}

Units units_of(const Vector& largest, Index k) {
  constexpr double smallest_unit = 0x1p-400, largest_entry = 0x1p400;
  Units units{Vector(largest.size()), k <= most_split_terms, {}, {}};
  Up squares;
  for (Index i = 0; i < largest.size(); ++i) {
    int exponent = 0;
    std::frexp(largest[i], &exponent);  // largest < 2^exponent
    const double unit = largest[i] == 0.0 ? 0.0 : std::ldexp(1.0, exponent - exact_bits(k));
    units.of_line[i] = unit;
    units.in_range &= largest[i] == 0.0 || (unit >= smallest_unit && largest[i] <= largest_entry);
    units.line = max(units.line, Up(0.5 * unit));
    squares += square(Up(0.5 * unit));
  }
  const Up root = sqrt(Up(static_cast<double>(k)));
  units.line = root * units.line, units.frobenius = root * sqrt(squares);
  return units;
}

Halves split_columns(const Matrix& high, const Matrix& low, const Vector& units) {
  Halves halves{Matrix(high.rows(), high.cols()), Matrix(high.rows(), high.cols())};
  in_parts(high.cols(), [&](Index from, Index to) {
    for (Index i = from; i < to; ++i)
      split_each({high.col(i).data(), low.col(i).data(), high.rows()}, shift * units[i],
                 {halves.leading.col(i).data(), halves.tail.col(i).data(), high.rows()});
  });
  return halves;
}

PairMatrix split_product(const LeftFactor& A, const Matrix& X, const Halves& halves) {
  const bool transposed = A.side == Side::transposed;
  const Index rows = A.units.size(), k = X.rows();
  PairMatrix y{Matrix::Zero(rows, X.cols()), Matrix::Zero(rows, X.cols())};
  // what is added up stays in the cache
  const Index most_rows = std::min<Index>(1024, rows), most_columns = std::min<Index>(512, X.cols()),
              most_terms = std::min(split_block, k);
  const Matrix blank = transposed ? Matrix(most_terms, most_rows) : Matrix(most_rows, most_terms);
  Halves tile{blank, blank};
  Matrix exact(most_rows, most_columns), small(most_rows, most_columns);
  for (Index row = 0; row < rows; row += most_rows) {
    const Index m = std::min(most_rows, rows - row);
    for (Index column = 0; column < X.cols(); column += most_columns) {
      const Index n = std::min(most_columns, X.cols() - column);
      for (Index at = 0; at < k; at += split_block) {
        const Index size = std::min(split_block, k - at);
        split_tile(A, row, m, at, size, tile);
        const auto right = [&](const Matrix& B) { return B.block(at, column, size, n); };
        auto E = exact.topLeftCorner(m, n), S = small.topLeftCorner(m, n);
        if (transposed) {
          const auto leading = tile.leading.topLeftCorner(size, m).transpose(),
                     tail = tile.tail.topLeftCorner(size, m).transpose();
          E.noalias() = leading * right(halves.leading);
          S.noalias() = leading * right(halves.tail);
          S.noalias() += tail * right(X);
        } else {
          const auto leading = tile.leading.topLeftCorner(m, size), tail = tile.tail.topLeftCorner(m, size);
          E.noalias() = leading * right(halves.leading);
          S.noalias() = leading * right(halves.tail);
          S.noalias() += tail * right(X);
        }
        in_parts(n, [&](Index from, Index to) {
          for (Index i = from; i < to; ++i)
            accumulate_each(&exact(0, i), &small(0, i),
                            {&y.high(row, column + i), &y.low(row, column + i), m});
        });
      }
    }
  }
  for (Index i = 0; i < X.cols(); ++i) normalise_each({y.high.col(i).data(), y.low.col(i).data(), rows});
  return y;
}

// A path from a product to the result meets at most 2·size roundings in its block and two a block outside,
// and before them that of the tail. Of the other two u one is for V times the low part of x, which is
// dropped, one for two-sums and underflow. γ_j + u <= γ_(j+1).
Up split_factor(Index k) {
  return gamma_factor(static_cast<double>(2 * (std::min(k, split_block) + blocks_of(k)) + 3));
}

}  // namespace overproof
