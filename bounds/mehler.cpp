#include "bounds/mehler.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "bounds/interval_mpfr.h"
#include "files/error.h"

namespace overproof {

// Fixed-point numbers are |x| = X 2^-F with F = 64·limbs, X an integer below 2^F, and a sign apart; ε = 2^-F.
// In what follows a_k, b_k stand for the scaled 2^-exponent a_k, so that Σ|a_k| <= 1/2, and c_k for a_k² or
// a_k b_k. Let ĉ_k be their truncations, x̂ that of the midpoint x of ρ, and y = trunc(x̂²).
//
// Σ_{k<n} ĉ_k x̂^k is summed as E(y) + x̂ O(y), even and odd k apart, by Horner's rule. Each product is
// truncated by less than ε and multiplied by y <= 1 or x̂ <= 1 from then on: together less than nε, as there
// are fewer than n products. E and O are taken at y instead of x̂² > y > x̂² − ε, which costs at most
// ε Σ (k/2)|ĉ_k| <= nε/8, as Σ|ĉ_k| <= 1/4. No partial sum exceeds Σ|ĉ_k| < 1.
//
// Σ |c_k − ĉ_k| is bounded by the sum of the distances that fixed() measured for squares; for products by
// Σ|a_k||b_k − b̂_k| + |b̂_k||a_k − â_k| + ε, summed as it stands (a_k far out may be known badly and matter
// little) or, as |a_k|, |b̂_k| <= 1/2, (error_u + error_v)/2 + nε, whichever is less.
//
// |Σ ĉ_k ρ^k − Σ ĉ_k x̂^k| <= r Σ_{k<n} k |ĉ_k| X^(k−1) for |ρ − x̂| <= r and |ρ|, |x̂| <= X, which is `slope`
// for squares; for products √(slope_u slope_v) by Cauchy–Schwarz. In all less than
//   3nε + error + r·slope,  times 2^(exponent_u + exponent_v),  plus the tail.

static_assert(std::is_same_v<mp_limb_t, std::uint64_t>, "limbs are 64-bit numbers");

namespace {

using Access = Interval::Access;
using Limbs = std::vector<mp_limb_t>;

constexpr int bound_precision = 64;  // of error terms

/// An mpfr number on limbs that are somewhere else: nothing is allocated.
struct Borrowed {
  Borrowed(mp_limb_t* limbs, std::size_t L) {
    mpfr_custom_init(limbs, static_cast<mpfr_prec_t>(64 * L));
    mpfr_custom_init_set(value, MPFR_ZERO_KIND, 0, static_cast<mpfr_prec_t>(64 * L), limbs);
  }
  mpfr_t value;
};

/// An error term, of bound_precision bits.
struct Bound {
  Bound() = default;
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;

 private:
  mp_limb_t limb_ = 0;
  Borrowed number_{&limb_, 1};

 public:
  mpfr_ptr value = number_.value;
};

/// |x| truncated to L limbs behind the binary point; 1 − ε for |x| >= 1.
void truncate(mp_limb_t* out, std::size_t L, mpfr_srcptr x) {
  std::fill_n(out, L, 0);
  if (mpfr_zero_p(x)) return;
  const mpfr_exp_t exponent = mpfr_get_exp(x);  // |x| = 0.significand × 2^exponent
  if (exponent > 0) {
    std::fill_n(out, L, ~mp_limb_t{0});
    return;
  }
  const auto* const significand = static_cast<const mp_limb_t*>(mpfr_custom_get_significand(x));
  const auto size = static_cast<std::size_t>((mpfr_get_prec(x) + 63) / 64),
             down = static_cast<std::size_t>(-exponent);
  if (down >= 64 * L) return;
  const std::size_t whole = down / 64, kept = std::min(size, L - whole);
  std::copy_n(significand + (size - kept), kept, out + (L - whole - kept));
  if (down % 64 != 0) mpn_rshift(out, out, static_cast<mp_size_t>(L), down % 64);
}

/// x ← ± limbs 2^(exponent − F), exactly if x has F bits.
void set(mpfr_ptr x, const mp_limb_t* limbs, std::size_t L, bool negative, long exponent) {
  mpz_t integer;
  mpz_roinit_n(integer, limbs, static_cast<mp_size_t>(L));
  mpfr_set_z_2exp(x, integer, exponent - static_cast<long>(64 * L), MPFR_RNDZ);
  if (negative) mpfr_neg(x, x, MPFR_RNDZ);
}

/// a ← a + b for signed a, b whose sum does not overflow.
void add(mp_limb_t* a, bool& a_negative, const mp_limb_t* b, bool b_negative, std::size_t L) {
  const auto n = static_cast<mp_size_t>(L);
  if (a_negative == b_negative) {
    mpn_add_n(a, a, b, n);
  } else if (mpn_cmp(a, b, n) >= 0) {
    mpn_sub_n(a, a, b, n);
  } else {
    mpn_sub_n(a, b, a, n);
    a_negative = b_negative;
  }
}

Interval whole(long long value) { return Interval::integer(value, bound_precision); }
Interval without_negative_part(const Interval& x) { return max(x, Interval::integer(0, x.precision())); }
bool is_zero(const Interval& x) { return x.lower() == 0 && x.upper() == 0; }  // rounded outward: exactly 0

/// The largest k < n of a parity, as k + 2 to allow for none.
std::size_t above_last(std::size_t n, std::size_t parity) { return n % 2 == parity ? n : n + 1; }

}  // namespace

MehlerFactor::MehlerFactor(const HermiteExpansion& expansion, const Interval& scale, int accuracy,
                           int precision)
    : variance_(without_negative_part(expansion.variance).with_precision(precision)),
      scale_(scale),
      mean_square_((scale * expansion.mean_square).with_precision(precision)),
      tolerance_(pow(Interval::rational(1, 2, bound_precision), accuracy)),
      precision_(precision) {
  const Interval root = sqrt(scale), one = Interval::integer(1, precision);
  if (variance_.lower() > 0) inverse_ = one / variance_, inverse_root_ = one / sqrt(variance_);
  std::vector<Interval> coefficients, squares;
  Interval sum = whole(0);
  for (std::size_t k = 0; k < expansion.coefficients.size(); ++k) {
    coefficients.push_back(root * expansion.coefficients[k]);
    // a_k(s) a_k(s') for two variances of the enclosure: one factor may serve samples that differ
    squares.push_back(scale * (expansion.coefficients[k] * expansion.coefficients[k]));
    sum += abs(coefficients.back()).with_precision(bound_precision);
    if (!is_zero(coefficients.back())) end_[k % 2] = k + 1;
  }
  mean_ = coefficients.front().with_precision(precision);
  if (!sum.is_bounded() || !mean_square_.is_bounded()) return;
  limbs_ = static_cast<std::size_t>((precision + 31) / 64 + 1);
  mpfr_exp_t exponent =
      mpfr_zero_p(Access::right(sum)) ? 0 : mpfr_get_exp(Access::right(sum));  // sum < 2^exponent
  exponent_ = exponent + 1;
  coefficients_ = fixed(coefficients, exponent_);
  squares_ = fixed(squares, 2 * exponent_);
  for (std::size_t k = 0; k < squares.size(); ++k) {
    Interval slope = whole(static_cast<long long>(k)) * squares[k].with_precision(bound_precision);
    mpfr_mul_2si(Access::right(slope), Access::right(slope), -2 * exponent_, MPFR_RNDU);
    slopes_.push_back(mpfr_get_d(Access::right(slope), MPFR_RNDU));
    Interval size = abs(coefficients[k]).with_precision(bound_precision);
    mpfr_mul_2si(Access::right(size), Access::right(size), -exponent_, MPFR_RNDU);
    sizes_.push_back(mpfr_get_d(Access::right(size), MPFR_RNDU));
  }
  for (std::size_t n = 0; n < expansion.tails.size(); ++n) {
    const Interval tail = scale.with_precision(bound_precision) * expansion.tails[n];
    Tail& stored = tails_.emplace_back();
    stored.part = mpfr_get_d_2exp(&stored.exponent, Access::right(tail), MPFR_RNDU);
    // |ρ|^n Σ_{i>=n} a_i² falls with n
    reach_.push_back(std::max(n == 0 ? -1 : reach_.back(), reach(n, tail)));
  }
}

/// An r <= 1, nearly the largest, with r^n tail <= tolerance: a guess, and its power rounded up; -1 for none.
double MehlerFactor::reach(std::size_t n, const Interval& tail) const {
  if (certainly_le(tail, tolerance_)) return 1;
  if (n == 0) return -1;
  long tail_exponent = 0, exponent = 0;
  const double part = mpfr_get_d_2exp(&tail_exponent, Access::right(tail), MPFR_RNDN),
               other = mpfr_get_d_2exp(&exponent, Access::right(tolerance_), MPFR_RNDN);
  const double log_ratio = std::log2(other / part) + static_cast<double>(exponent - tail_exponent);
  const double guess = std::exp2(log_ratio / static_cast<double>(n)) * (1 - 0x1p-40);
  const Bound power;
  mpfr_set_d(power.value, guess, MPFR_RNDU);
  mpfr_pow_ui(power.value, power.value, n, MPFR_RNDU);
  mpfr_mul(power.value, power.value, Access::right(tail), MPFR_RNDU);
  return mpfr_lessequal_p(power.value, Access::left(tolerance_)) ? guess : -1;
}

MehlerFactor::FixedPoint MehlerFactor::fixed(const std::vector<Interval>& numbers, long exponent) const {
  const int bits = static_cast<int>(64 * limbs_);
  Number middle(bits), distance(bound_precision), other(bound_precision);
  FixedPoint out{Limbs(numbers.size() * limbs_), std::vector<char>(numbers.size()),
                 std::vector<double>(numbers.size()), whole(0)};
  mpfr_ptr error = Access::right(out.error);
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    if (is_zero(numbers[k])) continue;
    mpfr_srcptr left = Access::left(numbers[k]), right = Access::right(numbers[k]);
    mp_limb_t* const limbs = out.limbs.data() + k * limbs_;
    mpfr_add(middle.value, left, right, MPFR_RNDZ);
    mpfr_mul_2si(middle.value, middle.value, -1 - exponent, MPFR_RNDZ);
    truncate(limbs, limbs_, middle.value);
    out.negative[k] = mpfr_signbit(middle.value) != 0;
    // error += 2^-exponent max(right − x̂, x̂ − left), with x̂ brought to the scale of the numbers
    set(middle.value, limbs, limbs_, out.negative[k] != 0, exponent);
    mpfr_sub(distance.value, right, middle.value, MPFR_RNDU);
    mpfr_sub(other.value, middle.value, left, MPFR_RNDU);
    mpfr_max(distance.value, distance.value, other.value, MPFR_RNDU);
    mpfr_mul_2si(distance.value, distance.value, -exponent, MPFR_RNDU);
    out.distances[k] = mpfr_get_d(distance.value, MPFR_RNDU);
    mpfr_add(error, error, distance.value, MPFR_RNDU);
  }
  return out;
}

std::size_t MehlerFactor::terms_for(double correlation) const {
  const auto found = std::lower_bound(reach_.begin(), reach_.end(), correlation);
  return std::min(static_cast<std::size_t>(found - reach_.begin()), slopes_.size());
}

double MehlerFactor::slope(std::size_t n, double correlation) const {
  // Sums and products of non-negative doubles err by at most the factor (1 − u)^-2n <= 1 + 4nu each way, and
  // by less than 1e-300 n where they underflow.
  double sum = 0;
  for (std::size_t k = n; k-- > 1;) sum = sum * correlation + slopes_[k];
  const auto steps = static_cast<double>(n);
  return sum * (1 + steps * 0x1p-49) + steps * 1e-300;
}

/// >= Σ_{k<n} |a_k||b_k − b̂_k| + |b̂_k||a_k − â_k|, rounded like the sum in slope().
double MehlerFactor::product_error(const MehlerFactor& u, const MehlerFactor& v, std::size_t n) {
  double sum = 0;
  for (std::size_t k = 0; k < n; ++k)
    sum += u.sizes_[k] * v.coefficients_.distances[k] + v.sizes_[k] * u.coefficients_.distances[k];
  const auto steps = static_cast<double>(n);
  return sum * (1 + steps * 0x1p-49) + steps * 1e-300;
}

/// Σ_{k<n} ĉ_k x̂^k in fixed point: its absolute value and sign.
struct MehlerFactor::Summation {
  const MehlerFactor &u, &v;
  std::size_t L;
  mp_limb_t *product, *y, *odd;  // of 2L, L and L limbs
  mp_limb_t* value;
  bool negative = false;

  Summation(const MehlerFactor& first, const MehlerFactor& second, std::size_t n, mpfr_srcptr middle,
            mp_limb_t* x, mp_limb_t* sum, mp_limb_t* scratch)
      : u(first),
        v(second),
        L(first.limbs_),
        product(scratch),
        y(scratch + 2 * L),
        odd(scratch + 3 * L),
        value(sum) {
    truncate(x, L, middle);
    multiply(y, x, x);
    negative = horner(value, n, 0);
    bool odd_negative = horner(odd, n, 1);
    multiply(odd, odd, x);
    if (mpfr_signbit(middle)) odd_negative = !odd_negative;
    add(value, negative, odd, odd_negative, L);
  }

 private:
  /// out ← a b, truncated.
  void multiply(mp_limb_t* out, const mp_limb_t* a, const mp_limb_t* b) const {
    mpn_mul_n(product, a, b, static_cast<mp_size_t>(L));
    std::copy_n(product + L, L, out);
  }

  /// Σ ĉ_k y^⌊k/2⌋ over the k < n of one parity; its sign.
  bool horner(mp_limb_t* sum, std::size_t n, std::size_t parity) const {
    std::fill_n(sum, L, 0);
    bool sum_negative = false;
    const std::size_t end = std::min({n, u.end_[parity], v.end_[parity]}), last = above_last(end, parity);
    for (std::size_t k = last; k >= 2 + parity;) {
      if (k != last) multiply(sum, sum, y);
      k -= 2;
      if (&u == &v) {
        add(sum, sum_negative, u.squares_.limbs.data() + k * L, u.squares_.negative[k] != 0, L);
      } else {
        mpn_mul_n(product, u.coefficients_.limbs.data() + k * L, v.coefficients_.limbs.data() + k * L,
                  static_cast<mp_size_t>(L));
        add(sum, sum_negative, product + L, u.coefficients_.negative[k] != v.coefficients_.negative[k], L);
      }
    }
    return sum_negative;
  }
};

/// radius ← 2^exponent (radius·slope + 3nε + Σ|c_k − ĉ_k|) + tail, for a radius of the correlation.
void MehlerFactor::add_errors(const MehlerFactor& u, const MehlerFactor& v, std::size_t n, double correlation,
                              Interval& radius) {
  const auto bits = static_cast<mpfr_exp_t>(64 * u.limbs_);
  mpfr_ptr r = Access::right(radius);
  const Bound part;
  const bool same = &u == &v;
  const double slope =
      same ? u.slope(n, correlation)
           : std::sqrt(u.slope(n, correlation)) * std::sqrt(v.slope(n, correlation)) * (1 + 0x1p-50);
  mpfr_mul_d(r, r, slope, MPFR_RNDU);
  mpfr_set_ui_2exp(part.value, 3 * n, -bits, MPFR_RNDU);
  mpfr_add(r, r, part.value, MPFR_RNDU);
  if (same) {
    mpfr_add(r, r, Access::right(u.squares_.error), MPFR_RNDU);
  } else {
    mpfr_add(part.value, Access::right(u.coefficients_.error), Access::right(v.coefficients_.error),
             MPFR_RNDU);
    mpfr_div_2ui(part.value, part.value, 1, MPFR_RNDU);
    const Bound weighted;
    mpfr_set_d(weighted.value, product_error(u, v, n), MPFR_RNDU);
    mpfr_min(part.value, part.value, weighted.value, MPFR_RNDU);
    mpfr_add(r, r, part.value, MPFR_RNDU);
  }
  mpfr_mul_2si(r, r, u.exponent_ + v.exponent_, MPFR_RNDU);
  // |ρ|^n √(tail_u tail_v)
  if (correlation > 0 && correlation <= u.reach_[n] && correlation <= v.reach_[n]) {
    mpfr_max(part.value, Access::right(u.tolerance_), Access::right(v.tolerance_), MPFR_RNDU);
    mpfr_add(r, r, part.value, MPFR_RNDU);
    return;
  }
  const MehlerFactor::Tail &a = u.tails_[n], &b = v.tails_[n];
  mpfr_set_d(part.value, a.part, MPFR_RNDU);
  mpfr_mul_d(part.value, part.value, b.part, MPFR_RNDU);
  mpfr_mul_2si(part.value, part.value, a.exponent + b.exponent, MPFR_RNDU);
  mpfr_sqrt(part.value, part.value, MPFR_RNDU);
  const Bound power;
  mpfr_set_d(power.value, correlation, MPFR_RNDU);
  mpfr_pow_ui(power.value, power.value, n, MPFR_RNDU);
  mpfr_mul(part.value, part.value, power.value, MPFR_RNDU);
  mpfr_add(r, r, part.value, MPFR_RNDU);
}

Interval mehler_product(const MehlerFactor& u, const MehlerFactor& v, const Interval& rho) {
  if (u.limbs_ != v.limbs_)
    throw InputError("Mehler's formula: factors of " + std::to_string(u.precision_) + " and " +
                     std::to_string(v.precision_) + " bits, allowed: one precision");
  Interval result = Interval::nan(u.precision_);
  if (u.limbs_ == 0 || rho.is_nan()) return result;
  if (mpfr_cmp_si(Access::left(rho), 1) > 0 || mpfr_cmp_si(Access::right(rho), -1) < 0) return result;
  const std::size_t L = u.limbs_;
  Limbs limbs(8 * L);
  Borrowed low(limbs.data(), L), middle(limbs.data() + L, L);
  mpfr_ptr a = low.value, x = middle.value;
  // ρ ∩ [−1, 1]; half its width + 2ε covers the roundings of the midpoint.
  mpfr_set(a, Access::left(rho), MPFR_RNDD);
  mpfr_set(x, Access::right(rho), MPFR_RNDU);
  if (mpfr_cmp_si(a, -1) < 0) mpfr_set_si(a, -1, MPFR_RNDN);
  if (mpfr_cmp_si(x, 1) > 0) mpfr_set_si(x, 1, MPFR_RNDN);
  const double most =
      std::min(1.0, std::max(std::abs(mpfr_get_d(a, MPFR_RNDD)), std::abs(mpfr_get_d(x, MPFR_RNDU))));
  Interval radius = Interval::between(0, 2, bound_precision);
  mpfr_ptr r = Access::right(radius);
  const Bound half_width;
  mpfr_sub(half_width.value, x, a, MPFR_RNDU);
  mpfr_div_2ui(half_width.value, half_width.value, 1, MPFR_RNDU);
  mpfr_mul_2si(r, r, -static_cast<long>(64 * L), MPFR_RNDU);
  mpfr_add(r, r, half_width.value, MPFR_RNDU);
  mpfr_add(x, x, a, MPFR_RNDN);
  mpfr_div_2ui(x, x, 1, MPFR_RNDN);

  const std::size_t n =
      std::min({std::max(u.terms_for(most), v.terms_for(most)), u.slopes_.size(), v.slopes_.size()});
  const MehlerFactor::Summation sum(u, v, n, x, limbs.data() + 2 * L, limbs.data() + 3 * L,
                                    limbs.data() + 4 * L);
  MehlerFactor::add_errors(u, v, n, most, radius);
  set(x, sum.value, L, sum.negative, u.exponent_ + v.exponent_);
  mpfr_sub(Access::left(result), x, Access::right(radius), MPFR_RNDD);
  mpfr_add(Access::right(result), x, Access::right(radius), MPFR_RNDU);
  return result;
}

Interval dual_product(const MehlerFactor& u, const MehlerFactor& v, const Interval& covariance) {
  const Interval& inverse = &u == &v ? u.inverse_ : u.inverse_root_;
  if (covariance.is_nan() || u.variance_.is_nan() || v.variance_.is_nan()) return Interval::nan(u.precision_);
  if (u.inverse_.is_nan() || v.inverse_.is_nan()) {
    return mehler_product(u, v, hull(Interval::integer(-1), Interval::integer(1)));
  }
  return mehler_product(u, v, &u == &v ? covariance * inverse : covariance * inverse * v.inverse_root_);
}

}  // namespace overproof
