#pragma once

#include <mpfr.h>

#include <vector>

#include "bounds/population_gram.h"
#include "verify/approx_eigenvalues.h"

namespace overproof {

/// rows × columns numbers of MPFR at one precision, row by row in one piece of memory; zero at first. Every
/// operation on them here rounds to nearest. The exponent range of MPFR is so wide that nothing underflows.
class PreciseMatrix {
 public:
  PreciseMatrix(Index rows, Index columns, int precision);
  PreciseMatrix(const PreciseMatrix& other);
  PreciseMatrix(PreciseMatrix&&) noexcept = default;
  PreciseMatrix& operator=(const PreciseMatrix& other) { return *this = PreciseMatrix(other); }
  PreciseMatrix& operator=(PreciseMatrix&&) noexcept = default;
  ~PreciseMatrix() = default;

  [[nodiscard]] Index rows() const { return rows_; }
  [[nodiscard]] Index columns() const { return columns_; }
  [[nodiscard]] int precision() const { return precision_; }
  [[nodiscard]] mpfr_ptr operator()(Index i, Index j) { return &numbers_[index(i, j)]; }
  [[nodiscard]] mpfr_srcptr operator()(Index i, Index j) const { return &numbers_[index(i, j)]; }
  /// Entry (i, j) as a point.
  [[nodiscard]] Interval point(Index i, Index j) const;

 private:
  [[nodiscard]] std::size_t index(Index i, Index j) const {
    return static_cast<std::size_t>(i * columns_ + j);
  }
  Index rows_, columns_;
  int precision_;
  std::vector<mp_limb_t> limbs_;
  std::vector<__mpfr_struct> numbers_;
};

/// A symmetric matrix (lower triangle) and how far, in the Frobenius norm, it is from all of K.
struct PreciseBall {
  PreciseMatrix mid;
  Interval radius;
};
/// sign·K as a ball at the precision given.
[[nodiscard]] PreciseBall precise_ball(const SymmetricIntervals& K, End end, int precision);

/// A lower triangular L with A − shift·I ≈ LLᵀ, without guarantee, at the precision of A; or, when a pivot is
/// not positive, a direction x (n × 1) with xᵀ(A − shift·I)x about <= 0. O(n³/3), by `threads`.
struct PreciseFactor {
  PreciseMatrix L;
  bool complete;
  PreciseMatrix direction;
};
[[nodiscard]] PreciseFactor approx_factor(const PreciseMatrix& A, const Interval& shift, int threads);

/// (LLᵀ)⁻¹x and A x in floating point, without guarantee.
[[nodiscard]] PreciseMatrix approx_solution(const PreciseMatrix& L, PreciseMatrix x);
[[nodiscard]] PreciseMatrix approx_product(const PreciseMatrix& A, const PreciseMatrix& x);
/// xᵀy at the precision of x, without guarantee.
[[nodiscard]] Interval approx_dot(const PreciseMatrix& x, const PreciseMatrix& y);

/// ‖A − shift·I − LLᵀ‖₂ from above for the exact numbers in A (symmetric, its lower triangle), L (its lower
/// triangle) and any shift: the residual in floating point plus its rounding. nan for numbers that are not
/// finite, and for n + 3 >= 2^precision. O(n³/3), by `threads`.
[[nodiscard]] Interval bound_residual(const PreciseMatrix& A, const Interval& shift, const PreciseMatrix& L,
                                      int threads);

}  // namespace overproof
