#pragma once

#include <cstddef>
#include <vector>

#include "bounds/activation.h"
#include "bounds/gaussian.h"
#include "bounds/interval.h"

namespace overproof {

/// The Hermite expansions of f(√s z), f = σ or σ', for all variances s in [7/8 s₀, s₀], from the one at s₀:
/// its Taylor series there with proved error terms (variance_series.cpp, docs/rigour.md). Needs no values of
/// f: a variance costs at most N²/8 products of numbers, N the terms at s₀.
class VarianceSeries {
 public:
  /// `top` is an expansion of f at one number s₀ > 0 (else nothing is covered). Terms that matter less than
  /// 2^-accuracy are left out.
  VarianceSeries(const ActivationRow& row, Part part, const HermiteExpansion& top, int accuracy);

  /// How many terms at s₀ give `terms` terms at the other variances.
  [[nodiscard]] static int terms_at_top(int terms) { return (8 * terms + 6) / 7; }
  [[nodiscard]] int terms() const { return static_cast<int>(coefficients_.size()); }
  /// Whether all of `variance` is in [7/8 s₀, s₀]; false unless s₀ is one positive number.
  [[nodiscard]] static bool covers(const Interval& top, const Interval& variance);
  /// >= Σ_{k>=terms()} a_k², and the width of E f², at all covered variances.
  [[nodiscard]] const Interval& tail() const { return tail_; }
  /// Encloses the expansion for every s in `variance`, which must be covered (InputError). Thread safe.
  [[nodiscard]] HermiteExpansion at(const Interval& variance) const;

 private:
  struct Coefficient {
    std::size_t end;  ///< a_k is a sum over m = k, k + 2, ... < end; 0: it is 0
    Interval error;   ///< [-e, e], e >= what the computed sum misses
  };
  [[nodiscard]] static Coefficient cut(std::size_t k, const HermiteExpansion& top, const Interval& tolerance);
  [[nodiscard]] Interval sum(std::size_t k, const std::vector<Interval>& steps) const;

  Interval top_;
  int precision_;
  std::vector<Interval> derivatives_;   ///< points near √m! a_m(s₀)
  std::vector<Interval> inverse_root_;  ///< 1/√k
  std::vector<Coefficient> coefficients_;
  Interval tail_;
  Interval slope_;  ///< >= |a_k'(s)| / (k + 1)
};

}  // namespace overproof
