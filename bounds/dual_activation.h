#pragma once

#include <optional>

#include "bounds/activation.h"
#include "bounds/coefficient_cache.h"
#include "bounds/gaussian.h"
#include "bounds/interval.h"
#include "bounds/mehler.h"
#include "bounds/variance_series.h"

namespace overproof {

/// The correlation c/√(s1 s2) ∩ [-1, 1]; all of [-1, 1] when a variance may be 0, nan when nothing is left.
[[nodiscard]] Interval correlation(const Interval& s1, const Interval& covariance, const Interval& s2);

/// The accuracy that numbers of this precision are worth in sums over many terms and layers, in bits: all but
/// 58, at least half (70 for 128).
[[nodiscard]] constexpr int accuracy_of(int precision) {
  return precision < 128 ? precision / 2 + 6 : precision - 58;
}

/// The dual activation of one σ: (s1, c, s2) ↦ scale E f(u) f(v), where (u, v) is a centred Gaussian pair
/// with variances s1, s2 and covariance c, f = σ or σ'. erf and relu by closed forms, the others by Hermite
/// expansions with as many terms as bring the tail below 2^-accuracy_of(precision). Thread safe.
class DualActivation {
 public:
  /// `cache`, if any, must outlive this object.
  explicit DualActivation(const ActivationRow& row, int precision = Interval::default_precision,
                          const CoefficientCache* cache = nullptr)
      : row_(&row), precision_(precision), cache_(cache) {}

  /// One argument of product(): √scale f at this variance. The numbers come from the cache, else from
  /// `quadrature`, which must have this precision. Factors of different variances need about as many terms
  /// (`least`) for a product of correlation near ±1: the tail of a product is √(tail_u tail_v) where the
  /// shorter one ends.
  [[nodiscard]] MehlerFactor factor(Part part, const Interval& variance, const Interval& scale,
                                    GaussianQuadrature& quadrature, int least = 1) const;
  [[nodiscard]] MehlerFactor factor(Part part, const Interval& variance, int least = 1) const;

  /// For many variances from 7/8 of `top` up to it, where no closed form serves: one expansion. `least` as
  /// above.
  [[nodiscard]] VarianceSeries series(Part part, const Interval& top, GaussianQuadrature& quadrature,
                                      int least = 1) const;
  [[nodiscard]] MehlerFactor factor(const VarianceSeries& series, const Interval& variance,
                                    const Interval& scale) const;
  /// Whether factors from the series have tails near 2^-accuracy_of(precision), like those of their own
  /// expansions.
  [[nodiscard]] bool is_sharp(const VarianceSeries& series) const;

  /// √(scale_u scale_v) E f(u) f(v) from two factors of the same part. A covariance outside ±√(s1 s2) is cut;
  /// nan if nothing is left.
  [[nodiscard]] Interval product(Part part, const MehlerFactor& u, const MehlerFactor& v,
                                 const Interval& covariance) const;

  [[nodiscard]] int precision() const { return precision_; }
  [[nodiscard]] bool has_closed_form() const { return row_->id == "erf" || row_->id == "relu"; }

 private:
  /// From the cache, else computed; without an accuracy one term.
  [[nodiscard]] HermiteExpansion expansion(Part part, const Interval& variance, std::optional<int> accuracy,
                                           GaussianQuadrature& quadrature, int least, int most) const;

  const ActivationRow* row_;
  int precision_;
  const CoefficientCache* cache_;
};

}  // namespace overproof
