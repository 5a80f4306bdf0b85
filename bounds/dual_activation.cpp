#include "bounds/dual_activation.h"

#include <algorithm>

namespace overproof {

namespace {

Interval whole(long long value, int precision) { return Interval::integer(value, precision); }
Interval without_negative_part(const Interval& x) { return max(x, whole(0, x.precision())); }

// E erf(u) erf(v) = (2/π) asin(2c/q), E erf'(u) erf'(v) = (4/π)/√(q² − 4c²), q² = (1 + 2s1)(1 + 2s2)
// [Williams 1997].
Interval erf_product(Part part, const Interval& s1, const Interval& c, const Interval& s2) {
  const int p = c.precision();
  const Interval one = whole(1, p), two = whole(2, p), four = whole(4, p);
  const Interval q_squared = (one + two * s1) * (one + two * s2);
  if (part == Part::value) return two / Interval::pi(p) * asin(two * c / sqrt(q_squared));
  return four / Interval::pi(p) / sqrt(q_squared - four * square(c));
}

// E u₊ v₊ = √(s1 s2) (√(1−ρ²) + ρ(π − acos ρ))/(2π), increasing in ρ (its derivative is E 1{u>=0} 1{v>=0} =
// (π − acos ρ)/(2π) >= 0) [Cho, Saul 2009]. Where variances may be 0, E relu'(u) relu'(v) may be relu'(0)²
// = 1.
Interval relu_product(Part part, const Interval& s1, const Interval& rho, const Interval& s2) {
  const int p = rho.precision();
  const Interval one = whole(1, p), pi = Interval::pi(p), two_pi = whole(2, p) * pi;
  if (part == Part::derivative) {
    const Interval product = (pi - acos(rho)) / two_pi;
    return s1.contains_zero() && s2.contains_zero() ? hull(product, one) : product;
  }
  const auto at = [&](const Interval& r) {
    return sqrt(max(one - square(r), whole(0, p))) + r * (pi - acos(r));
  };
  return sqrt(s1 * s2) * hull(at(rho.lower_point()), at(rho.upper_point())) / two_pi;
}

}  // namespace

Interval correlation(const Interval& s1, const Interval& covariance, const Interval& s2) {
  const int p = std::max({s1.precision(), s2.precision(), covariance.precision()});
  const Interval all = hull(whole(-1, p), whole(1, p));
  if (s1.is_nan() || s2.is_nan() || covariance.is_nan()) return Interval::nan(p);
  const Interval product = without_negative_part(s1) * without_negative_part(s2);
  if (product.contains_zero()) return all;
  return intersect(covariance / sqrt(product), all);
}

HermiteExpansion DualActivation::expansion(Part part, const Interval& variance, std::optional<int> accuracy,
                                           GaussianQuadrature& quadrature, int least, int most) const {
  const CoefficientKey key{std::string(row_->id), part, variance, precision_, accuracy, least, most};
  std::optional<HermiteExpansion> known = cache_ ? cache_->find(key) : std::nullopt;
  if (known) return *known;
  HermiteExpansion made = accuracy ? quadrature.expand_to(*row_, part, variance, *accuracy, least, most)
                                   : quadrature.expand(*row_, part, variance, {1});
  if (cache_) cache_->store(key, made);
  return made;
}

MehlerFactor DualActivation::factor(Part part, const Interval& variance, const Interval& scale,
                                    GaussianQuadrature& quadrature, int least) const {
  const int accuracy = accuracy_of(precision_);
  return {expansion(part, variance, has_closed_form() ? std::nullopt : std::optional(accuracy), quadrature,
                    least, usual_most),
          scale, accuracy, precision_};
}

VarianceSeries DualActivation::series(Part part, const Interval& top, GaussianQuadrature& quadrature,
                                      int least) const {
  // The last eighth of the terms does not come through: for |a_k|² = e^(-c k^α), α <= 1, an eighth of the
  // bits.
  const int accuracy = accuracy_of(precision_);
  return {*row_, part,
          expansion(part, top, accuracy + accuracy / 8, quadrature, VarianceSeries::terms_at_top(least),
                    4 * usual_most),
          accuracy + 12};
}

MehlerFactor DualActivation::factor(const VarianceSeries& series, const Interval& variance,
                                    const Interval& scale) const {
  return {series.at(variance), scale, accuracy_of(precision_), precision_};
}

bool DualActivation::is_sharp(const VarianceSeries& series) const {
  return certainly_le(series.tail(), pow(Interval::rational(1, 2), accuracy_of(precision_) - 4));
}

MehlerFactor DualActivation::factor(Part part, const Interval& variance, int least) const {
  GaussianQuadrature quadrature(precision_);
  return factor(part, variance, whole(1, precision_), quadrature, least);
}

Interval DualActivation::product(Part part, const MehlerFactor& u, const MehlerFactor& v,
                                 const Interval& covariance) const {
  if (!has_closed_form()) return dual_product(u, v, covariance);
  const Interval rho = correlation(u.variance(), covariance, v.variance());
  if (rho.is_nan()) return Interval::nan(precision_);
  const Interval scale = &u == &v ? u.scale() : sqrt(u.scale() * v.scale());
  if (row_->id == "relu") return scale * relu_product(part, u.variance(), rho, v.variance());
  const Interval most = sqrt(u.variance() * v.variance());
  return scale * erf_product(part, u.variance(), intersect(covariance, hull(-most, most)), v.variance());
}

}  // namespace overproof
