#pragma once

#include <arb.h>
#include <arb_mat.h>

namespace overproof::recheck {

/// Bits of all arithmetic.
inline constexpr slong bits = 256;

/// A real number enclosed by a ball of Arb: an operation encloses every result for members of its operands.
/// Outside the domain of a function (√ of what may be negative, division by what may be 0) it is NaN, about
/// which no comparison is true. A double is meant exactly.
class Ball {
 public:
  Ball() { arb_init(value_); }
  Ball(double exact) : Ball() { arb_set_d(value_, exact); }
  Ball(const Ball& other) : Ball() { arb_set(value_, other.value_); }
  Ball& operator=(Ball other) noexcept {
    arb_swap(value_, other.value_);
    return *this;
  }
  ~Ball() { arb_clear(value_); }

  [[nodiscard]] arb_ptr get() { return value_; }
  [[nodiscard]] arb_srcptr get() const { return value_; }
  /// A double near the middle, for messages.
  [[nodiscard]] double approx() const { return arf_get_d(arb_midref(value_), ARF_RND_NEAR); }

 private:
  arb_t value_;
};

/// A function of Arb's, f(out, arguments..., bits), as a value.
template <class F, class... Balls>
Ball apply(F f, const Balls&... arguments) {
  Ball out;
  f(out.get(), arguments.get()..., bits);
  return out;
}

inline Ball operator+(const Ball& a, const Ball& b) { return apply(arb_add, a, b); }
inline Ball operator-(const Ball& a, const Ball& b) { return apply(arb_sub, a, b); }
inline Ball operator*(const Ball& a, const Ball& b) { return apply(arb_mul, a, b); }
inline Ball operator/(const Ball& a, const Ball& b) { return apply(arb_div, a, b); }
inline Ball square(const Ball& a) { return apply(arb_sqr, a); }
inline Ball sqrt(const Ball& a) { return apply(arb_sqrt, a); }
/// √max(a, 0), for what is nonnegative by its nature (a sum of squares) though its ball may reach below 0.
inline Ball root(const Ball& a) { return apply(arb_sqrtpos, a); }
inline Ball hypot(const Ball& a, const Ball& b) { return apply(arb_hypot, a, b); }
inline Ball exp(const Ball& a) { return apply(arb_exp, a); }
inline Ball min(const Ball& a, const Ball& b) { return apply(arb_min, a, b); }
inline Ball max(const Ball& a, const Ball& b) { return apply(arb_max, a, b); }
inline Ball abs(const Ball& a) { return max(a, -1.0 * a); }
/// The ball around both.
inline Ball hull(const Ball& a, const Ball& b) { return apply(arb_union, a, b); }
inline Ball pi() { return apply(arb_const_pi); }
inline Ball not_a_number() { return Ball(1.0) / 0.0; }
/// True means proved; NaN is never below anything.
[[nodiscard]] inline bool certainly_le(const Ball& a, const Ball& b) { return arb_le(a.get(), b.get()) != 0; }
[[nodiscard]] inline bool certainly_lt(const Ball& a, const Ball& b) { return arb_lt(a.get(), b.get()) != 0; }

/// A matrix of balls.
class Mat {
 public:
  explicit Mat(slong rows = 0, slong cols = 0) { arb_mat_init(value_, rows, cols); }
  Mat(const Mat& other) : Mat(other.rows(), other.cols()) { arb_mat_set(value_, other.value_); }
  Mat& operator=(Mat other) noexcept {
    arb_mat_swap(value_, other.value_);
    return *this;
  }
  ~Mat() { arb_mat_clear(value_); }

  [[nodiscard]] slong rows() const { return arb_mat_nrows(value_); }
  [[nodiscard]] slong cols() const { return arb_mat_ncols(value_); }
  [[nodiscard]] arb_mat_struct* get() { return value_; }
  [[nodiscard]] const arb_mat_struct* get() const { return value_; }
  [[nodiscard]] Ball operator()(slong i, slong j) const {
    Ball entry;
    arb_set(entry.get(), arb_mat_entry(value_, i, j));
    return entry;
  }
  void set(slong i, slong j, const Ball& entry) { arb_set(arb_mat_entry(value_, i, j), entry.get()); }

 private:
  arb_mat_t value_;
};

[[nodiscard]] Mat operator+(const Mat& A, const Mat& B);
[[nodiscard]] Mat operator*(const Ball& c, const Mat& A);
[[nodiscard]] Mat operator*(const Mat& A, const Mat& B);
[[nodiscard]] Mat entrywise(const Mat& A, const Mat& B);
[[nodiscard]] Mat transpose(const Mat& A);
/// AᵀA.
[[nodiscard]] inline Mat gram(const Mat& A) { return transpose(A) * A; }
[[nodiscard]] inline Ball frobenius(const Mat& A) { return apply(arb_mat_frobenius_norm, A); }

/// A − t·I, or t·I − A, is positive definite for every symmetric member of A: interval Cholesky.
[[nodiscard]] bool certainly_above(const Mat& A, const Ball& t);
[[nodiscard]] inline bool certainly_below(const Mat& A, const Ball& t) {
  return certainly_above(-1.0 * A, -1.0 * t);
}

/// >= ‖A‖₂ of every symmetric member of A, and hardly more.
[[nodiscard]] Ball bound_norm(const Mat& A);

}  // namespace overproof::recheck
