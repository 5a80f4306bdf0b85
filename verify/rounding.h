#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#if defined(__FAST_MATH__)
#error "overproof counts roundings: it cannot be built with -ffast-math"
#endif

namespace overproof {

/// Unit roundoff of double, 2^-53, and the smallest positive double, 2^-1074: a product rounded to nearest is
/// ab(1 + δ) + η with |δ| <= unit_roundoff and |η| <= smallest_double / 2 [Higham 2002, section 2.2].
inline constexpr double unit_roundoff = std::numeric_limits<double>::epsilon() / 2;
inline constexpr double smallest_double = std::numeric_limits<double>::denorm_min();

/// The next double above x >= 0 (bit pattern + 1); inf and NaN stay.
[[nodiscard]] inline double next_up(double x) {
  return x < std::numeric_limits<double>::infinity()
             ? std::bit_cast<double>(std::bit_cast<std::uint64_t>(x + 0.0) + 1)
             : x;
}

/// An upper bound of a non-negative real: every operation rounds to nearest and steps up one double, so a
/// formula written with Up bounds the formula over the reals from above. NaN propagates through every
/// operation, max included.
class Up {
 public:
  constexpr Up() = default;
  /// x >= 0 exactly; a negative x gives NaN.
  constexpr explicit Up(double x) : value_(x >= 0.0 ? x : std::numeric_limits<double>::quiet_NaN()) {}
  [[nodiscard]] constexpr double value() const { return value_; }

  friend Up operator+(Up a, Up b) { return Up(next_up(a.value_ + b.value_)); }
  friend Up operator*(Up a, Up b) { return Up(next_up(a.value_ * b.value_)); }
  friend Up operator*(double a, Up b) { return Up(a) * b; }
  Up& operator+=(Up b) { return *this = *this + b; }

 private:
  double value_ = 0.0;
};

/// a / b for an upper bound a and a positive double b that is exact or a lower bound.
[[nodiscard]] inline Up divide(Up a, double b) {
  return b > 0.0 ? Up(next_up(a.value() / b)) : Up(std::numeric_limits<double>::quiet_NaN());
}
[[nodiscard]] inline Up sqrt(Up a) { return Up(next_up(std::sqrt(a.value()))); }
[[nodiscard]] inline Up square(Up a) { return a * a; }
[[nodiscard]] inline Up max(Up a, Up b) { return std::isnan(a.value()) || a.value() > b.value() ? a : b; }
/// The smaller bound; a NaN gives way to the other one.
[[nodiscard]] inline Up min(Up a, Up b) { return std::isnan(a.value()) || a.value() > b.value() ? b : a; }

/// γ_k = k u / (1 − k u), rounded up: a sum of k products in any order, with or without FMA and whatever the
/// blocking, errs by at most γ_k Σ|a_i b_i| + k η [Higham 2002, section 3.1]. inf when k u is not small.
[[nodiscard]] inline Up gamma_factor(double k) {
  const double ku = k * unit_roundoff;  // exact: a power of two
  return ku < 0.25 ? divide(Up(ku), 1.0 - next_up(ku)) : Up(std::numeric_limits<double>::infinity());
}

/// Bounds of Σ x_i² over k terms, an integer, from its floating-point value s: k roundings leave at least
/// (1 − u)^k >= 1 − ku of every term, but for kη. The divisor is at most that: it is rounded to nearest, and
/// 1 − ku is a double.
[[nodiscard]] inline Up sum_of_squares_above(double s, double k) {
  return divide(Up(s) + k * Up(smallest_double), 1.0 - next_up(gamma_factor(k).value()));
}

}  // namespace overproof
