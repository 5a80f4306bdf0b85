#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bounds/gaussian.h"
#include "bounds/interval.h"

namespace overproof {

/// A Hermite expansion of √scale·f(√s z) made ready for many products E f(u) g(v) = Σ_k a_k b_k ρ^k [Mehler]:
/// the numbers in fixed point, with error terms that are proved in mehler.cpp and docs/rigour.md.
class MehlerFactor {
 public:
  MehlerFactor() = default;
  /// scale >= 0. A product ends where its tail is at most 2^-accuracy, or after all terms, and has the given
  /// precision: its other errors are near 2^-precision (Σ|a_k|)². Products of an expansion that is nan are
  /// nan.
  MehlerFactor(const HermiteExpansion& expansion, const Interval& scale, int accuracy, int precision);

  [[nodiscard]] const Interval& variance() const { return variance_; }
  [[nodiscard]] int terms() const { return static_cast<int>(slopes_.size()); }
  [[nodiscard]] const Interval& scale() const { return scale_; }
  [[nodiscard]] const Interval& mean() const { return mean_; }                ///< √scale·E f
  [[nodiscard]] const Interval& mean_square() const { return mean_square_; }  ///< scale·E f²

  /// Encloses √(scale_u scale_v) E f(u) g(v) for a centred Gaussian pair of correlation in `rho` ∩ [-1, 1];
  /// nan if nothing is left. The value at a midpoint, widened by the width of `rho` times a bound of the
  /// slope there. Cost: n products of fixed-point numbers, n the terms that the tolerance needs at |ρ|; twice
  /// that when u and v are not the same object. Both factors must have one precision (InputError).
  friend Interval mehler_product(const MehlerFactor& u, const MehlerFactor& v, const Interval& rho);
  /// The same for a covariance: ρ = covariance/√(s_u s_v), any of [-1, 1] where a variance may be 0.
  friend Interval dual_product(const MehlerFactor& u, const MehlerFactor& v, const Interval& covariance);

 private:
  /// 2^-exponent times each number, truncated to 64·limbs bits behind the binary point.
  struct FixedPoint {
    std::vector<std::uint64_t> limbs;
    std::vector<char> negative;
    std::vector<double> distances;  ///< >= those to the enclosed numbers
    Interval error;                 ///< upper end: Σ of them
  };
  /// part·2^exponent, in 16 bytes and for any precision.
  struct Tail {
    double part;
    long exponent;
  };
  struct Summation;
  [[nodiscard]] FixedPoint fixed(const std::vector<Interval>& numbers, long exponent) const;
  [[nodiscard]] double reach(std::size_t n, const Interval& tail) const;
  [[nodiscard]] std::size_t terms_for(double correlation) const;
  [[nodiscard]] double slope(std::size_t n, double correlation) const;
  static double product_error(const MehlerFactor& u, const MehlerFactor& v, std::size_t n);
  static void add_errors(const MehlerFactor& u, const MehlerFactor& v, std::size_t n, double correlation,
                         Interval& radius);

  Interval variance_, scale_, mean_, mean_square_;
  Interval inverse_, inverse_root_;  ///< 1/s, 1/√s; nan when s may be 0
  Interval tolerance_;
  int precision_ = 0;
  long exponent_ = 0;                  ///< Σ|a_k| <= 2^(exponent − 1)
  std::size_t limbs_ = 0;              ///< 0: a factor that is nan
  FixedPoint coefficients_, squares_;  ///< 2^-exponent a_k, 4^-exponent a_k²
  std::size_t end_[2] = {0, 0};        ///< one past the last k of this parity with a_k ≠ 0
  std::vector<double> sizes_;          ///< >= 2^-exponent |a_k|
  std::vector<double> slopes_;         ///< >= k 4^-exponent a_k²
  std::vector<Tail> tails_;            ///< >= scale Σ_{i>=k} a_i²
  std::vector<double> reach_;  ///< 0 <= |ρ| <= reach_[n] implies |ρ|^n tails_[n] <= tolerance; increasing
};

[[nodiscard]] Interval mehler_product(const MehlerFactor& u, const MehlerFactor& v, const Interval& rho);
[[nodiscard]] Interval dual_product(const MehlerFactor& u, const MehlerFactor& v, const Interval& covariance);

}  // namespace overproof
