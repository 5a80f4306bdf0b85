#include "bounds/variance_series.h"

#include <algorithm>

#include "bounds/interval_mpfr.h"
#include "files/error.h"

namespace overproof {

// Let q = s/s₀, τ = 1 − q. As φ_s <= q^(-1/2) φ_s₀ for q <= 1, the map T: f(√s₀ ·) ↦ f(√s ·) of L²(φ) has
// ‖T‖² <= q^(-1/2), and so
//   a_k(s) = Σ_m w_km a_m(s₀),  w_km = E h_k(z) h_m(√q z) = q^(k/2) (−τ/2)^j √(m!/k!) / j!  for m = k + 2j,
// and 0 otherwise [DLMF, 18.18.13]. For all q in [Q, 1], Q = 7/8:
//  1. Σ_m w_km² <= q^(-1/2), the norm of T*h_k. So Σ_m |w_km x_m| <= Q^(-1/4) √Σ x_m², over the m of one
//  parity: the
//     roundings, and the radii of the a_m(s₀).
//  2. |Σ_{m>=M} w_km a_m(s₀)| <= √(Σ_{m>=M} w_km²) √(Σ_{m>=M} a_m(s₀)²). Let k <= QM. Then each w_km², m >=
//  M, increases
//     with τ, up to τ = (m − k)/m >= 1 − Q, and may be taken at Q. There w_km² grows from m to m + 2 by the
//     factor τ²(m+1)(m+2)/(2j+2)² <= (τ(m+2)/(2j+2))², which falls with j: a geometric series.
//  3. As w_km = 0 for m < k, Σ_{k>=n} a_k(s)² <= ‖T Σ_{m>=n} a_m(s₀) h_m‖² <= q^(-1/2) Σ_{m>=n} a_m(s₀)².
//  4. a_k'(s) = (k a_k + √((k+1)(k+2)) a_{k+2}) / (2s), from s₀ w_km' = (k w_km + √((k+1)(k+2)) w_{k+2,m}) /
//  (2q). So
//     |a_k'(s)| <= (k+1) Q^(-1/4) √(E f(√s₀ z)²) / s.

namespace {

using Access = Interval::Access;

constexpr int bound_precision = 64;  // of error terms

Interval whole(long long value, int precision = bound_precision) {
  return Interval::integer(value, precision);
}
Interval bound(const Interval& x) { return x.with_precision(bound_precision).upper_point(); }
Interval symmetric(const Interval& radius) { return hull(-radius, radius); }
bool is_zero(const Interval& x) { return x.lower() == 0 && x.upper() == 0; }  // rounded outward: exactly 0

/// Q and 1 − Q, the depth of a series.
Interval ratio() { return Interval::rational(7, 8, bound_precision); }
Interval depth() { return Interval::rational(1, 8, bound_precision); }
/// Q^(-1/4)
Interval stretch() { return bound(whole(1) / sqrt(sqrt(ratio()))); }

/// The point nearest to the middle, in these bits.
Interval middle(const Interval& x, int precision) {
  Interval out = Interval::integer(0, precision);
  mpfi_mid(Access::left(out), Access::of(x));
  mpfr_set(Access::right(out), Access::left(out), MPFR_RNDN);
  return out;
}

}  // namespace

VarianceSeries::VarianceSeries(const ActivationRow& row, Part part, const HermiteExpansion& top, int accuracy)
    : top_(top.variance), precision_(top.mean_square.precision()) {
  const std::size_t N = top.coefficients.size(), terms = std::max<std::size_t>(1, 7 * N / 8);
  const Interval half = Interval::rational(1, 2, bound_precision), tolerance = pow(half, accuracy);
  // Of the m >= k of one parity: √Σ x_m² for the numbers x_m that are summed, and for the radii around them.
  std::vector<Interval> norm, radius;
  Interval factorial = whole(1, precision_ + 64);
  for (std::size_t m = 0; m < N; ++m) {
    const Interval number = whole(static_cast<long long>(m), precision_);
    if (m > 0) factorial *= number;
    const Interval x = middle(top.coefficients[m], precision_);
    norm.push_back(bound(abs(x)));
    radius.push_back(bound(abs(top.coefficients[m] - x)));
    derivatives_.push_back(middle(x * sqrt(factorial), precision_));
    inverse_root_.push_back(m == 0 ? number : whole(1, precision_) / sqrt(number));
  }
  for (std::size_t k = N; k-- > 0;) {
    if (k + 2 >= N) continue;
    norm[k] = bound(sqrt(square(norm[k]) + square(norm[k + 2])));
    radius[k] = bound(sqrt(square(radius[k]) + square(radius[k + 2])));
  }
  for (std::size_t k = 0; k < terms; ++k) {
    const bool vanishes = parity_vanishes(row, part, static_cast<int>(k % 2));
    if (vanishes && is_zero(top.coefficients[k])) {
      coefficients_.push_back({0, whole(0)});
      continue;
    }
    Coefficient c = vanishes ? Coefficient{k + 2, whole(0)} : cut(k, top, tolerance);
    // Factors 1 + 2^-p: √m! a_m has 2, each of up to J steps 2 and its product 1, each of J sums 1.
    // (1 + 2^-p)^(4J + 3) − 1 <= (6J + 8) 2^-p.
    const Interval roundings = whole(static_cast<long long>(3 * (c.end - k) + 8)) * pow(half, precision_);
    c.error = symmetric(bound(c.error + stretch() * (roundings * norm[k] + radius[k])));
    coefficients_.push_back(c);
  }
  tail_ = bound(square(stretch()) * top.tails[terms]);
  slope_ = bound(stretch() * sqrt(bound(top.mean_square)) / (ratio() * top_));
}

/// Where the sum for a_k may end, and the upper end of what it misses there.
VarianceSeries::Coefficient VarianceSeries::cut(std::size_t k, const HermiteExpansion& top,
                                                const Interval& tolerance) {
  const std::size_t N = top.coefficients.size();
  const Interval all = square(stretch());                     // >= Σ_m w_km²
  Interval weight = pow(ratio(), static_cast<long long>(k));  // w_km² at q = Q
  for (std::size_t m = k;; m += 2) {
    const Interval twice = whole(static_cast<long long>(m - k + 2));  // 2j + 2
    const Interval growth = square(depth() * whole(static_cast<long long>(m + 2)) / twice);
    const Interval weights = certainly_lt(growth, whole(1)) ? min(all, weight / (whole(1) - growth)) : all;
    const Interval missed = bound(sqrt(weights * top.tails[std::min(m, N)]));
    if (m >= N || (m > k && 8 * (m - k) >= m && certainly_le(missed, tolerance))) return {m, missed};
    weight *= square(depth() / twice) * whole(static_cast<long long>((m + 1) * (m + 2)));
  }
}

bool VarianceSeries::covers(const Interval& top, const Interval& variance) {
  return top.is_point() && top.lower() > 0 && certainly_le(ratio() * top, variance) &&
         certainly_le(variance, top);
}

/// √k! q^(-k/2) a_k = Σ_j Π_{i<=j} (−τ/2)/i · √m! a_m(s₀), m = k + 2j, by Horner's rule, rounded to nearest.
Interval VarianceSeries::sum(std::size_t k, const std::vector<Interval>& steps) const {
  const std::size_t J = (coefficients_[k].end - k) / 2;
  Interval out = Interval::integer(0, precision_);
  mpfr_ptr x = Access::left(out);
  for (std::size_t j = J; j-- > 0;) {
    if (j + 1 < J) mpfr_mul(x, x, Access::left(steps[j]), MPFR_RNDN);
    mpfr_add(x, x, Access::left(derivatives_[k + 2 * j]), MPFR_RNDN);
  }
  mpfr_set(Access::right(out), x, MPFR_RNDN);
  return out;
}

HermiteExpansion VarianceSeries::at(const Interval& variance) const {
  if (!covers(top_, variance))
    throw InputError("variance series: " + variance.text() + ", allowed: from 7/8 of " + top_.text() +
                     " up to it");
  // The series is evaluated at ŝ = s₀(1 − τ), near the middle of the variance and in [7/8 s₀, s₀].
  const Interval one = whole(1, precision_),
                 tau = min(max(middle(one - middle(variance, precision_) / top_, precision_), whole(0)),
                           depth()),
                 q = one - tau, s = top_ * q, root = sqrt(q);
  std::vector<Interval> steps;
  for (std::size_t j = 0; 2 * j < derivatives_.size(); ++j)
    steps.push_back(middle(-tau / whole(static_cast<long long>(2 * j + 2)), precision_));
  HermiteExpansion e{variance, whole(0, precision_), {}, {}};
  Interval power = one;  // √(q^k/k!)
  for (std::size_t k = 0; k < coefficients_.size(); ++k) {
    if (k > 0) power *= root * inverse_root_[k];
    const Coefficient& c = coefficients_[k];
    e.coefficients.push_back(c.end == 0 ? whole(0, precision_) : power * sum(k, steps) + c.error);
  }
  // |a_k(s') − a_k(ŝ)| <= r sup|a_k'|, and sup|a_k| <= |a_k(ŝ)| + r (k+1) slope there
  const Interval r = bound(abs(variance - s)),
                 twice_s = whole(2) * min(variance, s).lower_point().with_precision(bound_precision),
                 beyond = sqrt(tail_);
  std::vector<Interval> sizes;
  for (std::size_t k = 0; k < coefficients_.size() + 2; ++k) {
    if (k >= coefficients_.size()) {
      sizes.push_back(beyond);
    } else if (coefficients_[k].end == 0) {
      sizes.push_back(whole(0));
    } else {
      sizes.push_back(bound(abs(e.coefficients[k])) + r * whole(static_cast<long long>(k + 1)) * slope_);
    }
  }
  for (std::size_t k = 0; k < coefficients_.size(); ++k) {
    if (coefficients_[k].end == 0) continue;
    const auto n = static_cast<long long>(k);
    const Interval slope = whole(n) * sizes[k] + sqrt(whole((n + 1) * (n + 2))) * sizes[k + 2];
    e.coefficients[k] += symmetric(bound(r * slope / twice_s));
  }
  e.tails.assign(coefficients_.size() + 1, tail_);
  for (std::size_t k = coefficients_.size(); k-- > 0;) {
    const Interval a_squared = square(e.coefficients[k]);
    e.mean_square += a_squared;
    e.tails[k] = bound(e.tails[k + 1] + a_squared);
  }
  e.mean_square += hull(whole(0), tail_);
  return e;
}

}  // namespace overproof
