#include "verify/precise_matrix.h"

#include <algorithm>

#include "bounds/interval_mpfr.h"
#include "bounds/parallel.h"

namespace overproof {
namespace {

constexpr int norm_precision = 64;  // norms and error terms need few bits

Interval point_of(mpfr_srcptr x, int precision) {
  Interval result = Interval::nan(precision);
  mpfi_set_fr(Interval::Access::of(result), x);
  return result;
}

/// The lower end of a point.
mpfr_srcptr number(const Interval& x) { return &Interval::Access::of(x)->left; }

/// sum −= Σ_{k<count} a_k b_k, `product` is scratch. At most count + 1 roundings reach any term.
void subtract_products(mpfr_ptr sum, mpfr_srcptr a, mpfr_srcptr b, Index count, mpfr_ptr product) {
  for (Index k = 0; k < count; ++k) {
    mpfr_mul(product, a + k, b + k, MPFR_RNDN);
    mpfr_sub(sum, sum, product, MPFR_RNDN);
  }
}

/// Σ x_ij² over the lower triangle, the entries below the diagonal `times` as heavy.
Interval lower_squares(const PreciseMatrix& A, int times) {
  const Interval weight = Interval::integer(times, norm_precision);
  Interval sum = Interval::integer(0, norm_precision);
  for (Index i = 0; i < A.rows(); ++i) {
    Interval row = Interval::integer(0, norm_precision);
    for (Index j = 0; j < i; ++j) row += square(A.point(i, j).with_precision(norm_precision));
    sum += weight * row + square(A.point(i, i).with_precision(norm_precision));
  }
  return sum;
}

}  // namespace

PreciseMatrix::PreciseMatrix(Index rows, Index columns, int precision)
    : rows_(rows), columns_(columns), precision_(precision) {
  const auto count = static_cast<std::size_t>(rows * columns);
  const std::size_t size = (mpfr_custom_get_size(precision) + sizeof(mp_limb_t) - 1) / sizeof(mp_limb_t);
  limbs_.resize(count * size);
  numbers_.resize(count);
  for (std::size_t k = 0; k < count; ++k)
    mpfr_custom_init_set(&numbers_[k], MPFR_ZERO_KIND, 0, precision, limbs_.data() + k * size);
}

PreciseMatrix::PreciseMatrix(const PreciseMatrix& other)
    : PreciseMatrix(other.rows_, other.columns_, other.precision_) {
  for (std::size_t k = 0; k < numbers_.size(); ++k) mpfr_set(&numbers_[k], &other.numbers_[k], MPFR_RNDN);
}

Interval PreciseMatrix::point(Index i, Index j) const { return point_of((*this)(i, j), precision_); }

PreciseBall precise_ball(const SymmetricIntervals& K, End end, int precision) {
  const Index n = K.size();
  PreciseBall ball{PreciseMatrix(n, n, precision), Interval::integer(0, norm_precision)};
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j <= i; ++j) {
      const Interval entry = end == End::smallest ? K(i, j) : -K(i, j);
      mpfi_mid(ball.mid(i, j), Interval::Access::of(entry));
      const Interval away = square((entry - ball.mid.point(i, j)).with_precision(norm_precision));
      ball.radius += i == j ? away : away + away;
    }
  }
  ball.radius = sqrt(ball.radius);
  return ball;
}

PreciseFactor approx_factor(const PreciseMatrix& A, const Interval& shift, int threads) {
  const Index n = A.rows(), panel = 32;
  const int precision = A.precision();
  PreciseFactor factor{PreciseMatrix(n, n, precision), false, PreciseMatrix(n, 1, precision)};
  PreciseMatrix& L = factor.L;
  const auto entry = [&](Index i, Index j, mpfr_ptr product) {  // a_ij − shift − Σ_{k<j} l_ik l_jk
    mpfr_set(L(i, j), A(i, j), MPFR_RNDN);
    if (i == j) mpfr_sub(L(i, j), L(i, j), number(shift), MPFR_RNDN);
    subtract_products(L(i, j), L(i, 0), L(j, 0), j, product);
  };
  const auto below_diagonal = [&](Index i, Index j, mpfr_ptr product) {
    entry(i, j, product);
    mpfr_div(L(i, j), L(i, j), L(j, j), MPFR_RNDN);
  };
  for (Index first = 0; first < n; first += panel) {
    const Index last = std::min(first + panel, n);
    Number scratch_number(precision);
    mpfr_ptr product = scratch_number.value;
    for (Index i = first; i < last; ++i) {
      for (Index j = first; j < i; ++j) below_diagonal(i, j, product);
      entry(i, i, product);
      if (!(mpfr_sgn(L(i, i)) > 0) || mpfr_nan_p(L(i, i))) {
        // x = (−L₁₁⁻ᵀ l_i, 1, 0)
        PreciseMatrix& x = factor.direction;
        for (Index k = i - 1; k >= 0; --k) {
          mpfr_neg(x(k, 0), L(i, k), MPFR_RNDN);
          for (Index j = k + 1; j < i; ++j) {
            mpfr_mul(product, L(j, k), x(j, 0), MPFR_RNDN);
            mpfr_sub(x(k, 0), x(k, 0), product, MPFR_RNDN);
          }
          mpfr_div(x(k, 0), x(k, 0), L(k, k), MPFR_RNDN);
        }
        mpfr_set_ui(x(i, 0), 1, MPFR_RNDN);
        return factor;
      }
      mpfr_sqrt(L(i, i), L(i, i), MPFR_RNDN);
    }
    parallel_for(n - last, threads, [&](int, long below) {
      const Index i = last + below;
      Number scratch(precision);
      for (Index j = first; j < last; ++j) below_diagonal(i, j, scratch.value);
    });
  }
  factor.complete = true;
  return factor;
}

PreciseMatrix approx_solution(const PreciseMatrix& L, PreciseMatrix x) {
  const Index n = L.rows();
  Number scratch(L.precision());
  mpfr_ptr product = scratch.value;
  for (Index i = 0; i < n; ++i) {
    subtract_products(x(i, 0), L(i, 0), x(0, 0), i, product);
    mpfr_div(x(i, 0), x(i, 0), L(i, i), MPFR_RNDN);
  }
  for (Index i = n - 1; i >= 0; --i) {
    mpfr_div(x(i, 0), x(i, 0), L(i, i), MPFR_RNDN);
    for (Index k = 0; k < i; ++k) {
      mpfr_mul(product, L(i, k), x(i, 0), MPFR_RNDN);
      mpfr_sub(x(k, 0), x(k, 0), product, MPFR_RNDN);
    }
  }
  return x;
}

PreciseMatrix approx_product(const PreciseMatrix& A, const PreciseMatrix& x) {
  const Index n = A.rows();
  PreciseMatrix y(n, 1, A.precision());
  Number scratch(A.precision());
  mpfr_ptr product = scratch.value;
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      mpfr_mul(product, j <= i ? A(i, j) : A(j, i), x(j, 0), MPFR_RNDN);
      mpfr_add(y(i, 0), y(i, 0), product, MPFR_RNDN);
    }
  }
  return y;
}

Interval approx_dot(const PreciseMatrix& x, const PreciseMatrix& y) {
  Number sum_number(x.precision()), product_number(x.precision());
  mpfr_ptr sum = sum_number.value, product = product_number.value;
  mpfr_set_zero(sum, 1);
  for (Index i = 0; i < x.rows(); ++i) {
    mpfr_mul(product, x(i, 0), y(i, 0), MPFR_RNDN);
    mpfr_add(sum, sum, product, MPFR_RNDN);
  }
  return point_of(sum, x.precision());
}

Interval bound_residual(const PreciseMatrix& A, const Interval& shift, const PreciseMatrix& L, int threads) {
  const Index n = A.rows();
  if (!shift.is_point()) return Interval::nan();
  PreciseMatrix C(n, n, A.precision());  // lower triangle of A − shift·I − LLᵀ
  parallel_for(n, threads, [&](int, long i) {
    Number scratch(A.precision());
    mpfr_ptr product = scratch.value;
    for (Index j = 0; j <= i; ++j) {
      mpfr_set(C(i, j), A(i, j), MPFR_RNDN);
      if (i == j) mpfr_sub(C(i, j), C(i, j), number(shift), MPFR_RNDN);
      subtract_products(C(i, j), L(i, 0), L(j, 0), j + 1, product);
    }
  });
  // |C − (A − sI − LLᵀ)| <= γ_{n+3}(|C| + |L||L|ᵀ) [Higham 2002, Lemma 8.4], and ‖|L||L|ᵀ‖₂ <= ‖L‖_F²
  const Interval ku =
      Interval::integer(n + 3, norm_precision) * pow(Interval::integer(2, norm_precision), -A.precision());
  const Interval one = Interval::integer(1, norm_precision);
  if (!certainly_lt(ku, one)) return Interval::nan();  // too few bits for so many terms
  const Interval residual = sqrt(lower_squares(C, 2));
  return residual + ku / (one - ku) * (residual + lower_squares(L, 1));
}

}  // namespace overproof
