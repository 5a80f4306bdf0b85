#include "bounds/interval.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "bounds/interval_mpfr.h"

#if defined(__FAST_MATH__)
#error "overproof counts roundings: it cannot be built with -ffast-math"
#endif

namespace overproof {

static_assert(sizeof(mpfi_t) == 64 && alignof(mpfi_t) <= 8, "Interval::storage_ must hold an mpfi_t");

namespace {

mpfi_ptr raw(Interval& x) { return Interval::Access::of(x); }
mpfi_srcptr raw(const Interval& x) { return Interval::Access::of(x); }
mpfr_ptr left(Interval& x) { return Interval::Access::left(x); }
mpfr_ptr right(Interval& x) { return Interval::Access::right(x); }
mpfr_srcptr left(const Interval& x) { return Interval::Access::left(x); }
mpfr_srcptr right(const Interval& x) { return Interval::Access::right(x); }

/// nan is stored as two NaN ends, whichever operation made it.
Interval& normalise(Interval& x) {
  if (mpfr_nan_p(left(x)) || mpfr_nan_p(right(x)) || mpfr_greater_p(left(x), right(x))) {
    mpfr_set_nan(left(x));
    mpfr_set_nan(right(x));
  }
  return x;
}
Interval normalised(Interval x) { return std::move(normalise(x)); }

using Unary = int (*)(mpfi_ptr, mpfi_srcptr);

Interval apply(Unary f, const Interval& x) {
  Interval y = Interval::nan(x.precision());
  if (!x.is_nan()) f(raw(y), raw(x));
  return normalised(std::move(y));
}

/// An increasing function known to mpfr: its values at the two ends, rounded outward.
Interval apply_increasing(int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t), const Interval& x) {
  Interval y = Interval::nan(x.precision());
  f(left(y), left(x), MPFR_RNDD);
  f(right(y), right(x), MPFR_RNDU);
  return normalised(std::move(y));
}

bool is_zero(const Interval& x) { return mpfr_zero_p(left(x)) && mpfr_zero_p(right(x)); }
bool is_infinite_point(const Interval& x) { return mpfr_inf_p(left(x)) && mpfr_equal_p(left(x), right(x)); }

void widen_precision(Interval& a, int bits) {
  if (a.precision() < bits) a = a.with_precision(bits);
}

}  // namespace

Interval::Interval() : Interval(53) {}
Interval::Interval(int precision) { mpfi_init2(Access::of(*this), precision); }  // mpfr starts with NaN
Interval::Interval(const Interval& b) {
  mpfi_init2(Access::of(*this), b.precision());
  mpfr_set(left(*this), left(b), MPFR_RNDD);
  mpfr_set(right(*this), right(b), MPFR_RNDU);
}
// What was moved from has no limbs and may only be assigned to or destroyed.
Interval::Interval(Interval&& b) noexcept {
  std::memcpy(storage_, b.storage_, sizeof storage_);
  left(b)->_mpfr_d = nullptr;
}
Interval& Interval::operator=(const Interval& b) {
  if (this == &b) return *this;
  if (!left(*this)->_mpfr_d) {
    mpfi_init2(Access::of(*this), b.precision());
  } else if (precision() != b.precision()) {
    mpfi_set_prec(Access::of(*this), b.precision());
  }
  mpfr_set(left(*this), left(b), MPFR_RNDD);
  mpfr_set(right(*this), right(b), MPFR_RNDU);
  return *this;
}
Interval& Interval::operator=(Interval&& b) noexcept {
  mpfi_swap(Access::of(*this), Access::of(b));
  return *this;
}
Interval::~Interval() {
  if (left(*this)->_mpfr_d) mpfi_clear(Access::of(*this));
}

Interval Interval::exact(double x, int precision) { return between(x, x, precision); }

Interval Interval::between(double lo, double hi, int precision) {
  Interval x = nan(std::max(53, precision));
  mpfr_set_d(left(x), lo, MPFR_RNDD);
  mpfr_set_d(right(x), hi, MPFR_RNDU);
  return normalised(std::move(x));
}

Interval Interval::integer(long long value, int precision) {
  Interval x = nan(std::max(64, precision));
  mpfr_set_sj(left(x), value, MPFR_RNDD);
  mpfr_set_sj(right(x), value, MPFR_RNDU);
  return x;
}

Interval Interval::rational(long long numerator, long long denominator, int precision) {
  return integer(numerator, precision) / integer(denominator, precision);
}

Interval Interval::decimal(std::string_view text, int precision) {
  const std::string copy(text);
  const bool plausible = !copy.empty() && copy.find_first_not_of("0123456789+-.eE") == std::string::npos;
  Interval x = nan(precision);
  if (!plausible) return x;
  char* end = nullptr;
  mpfr_strtofr(left(x), copy.c_str(), &end, 10, MPFR_RNDD);
  const bool whole = *end == '\0';
  mpfr_strtofr(right(x), copy.c_str(), &end, 10, MPFR_RNDU);
  return whole && *end == '\0' ? normalised(std::move(x)) : nan(precision);
}

Interval Interval::pi(int precision) {
  Interval x = nan(precision);
  mpfi_const_pi(raw(x));
  return x;
}

Interval Interval::nan(int precision) { return Interval(precision); }

Interval Interval::entire(int precision) {
  return between(-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(),
                 precision);
}

int Interval::precision() const { return static_cast<int>(mpfr_get_prec(left(*this))); }

Interval Interval::with_precision(int bits) const {
  Interval x = nan(bits);
  mpfr_set(left(x), left(*this), MPFR_RNDD);
  mpfr_set(right(x), right(*this), MPFR_RNDU);
  return x;
}

bool Interval::is_nan() const { return mpfr_nan_p(left(*this)) || mpfr_nan_p(right(*this)); }
bool Interval::is_bounded() const { return mpfr_number_p(left(*this)) && mpfr_number_p(right(*this)); }
bool Interval::is_point() const { return is_bounded() && mpfr_equal_p(left(*this), right(*this)); }
bool Interval::is_integer_point() const {
  return is_point() && mpfr_integer_p(left(*this)) && mpfr_fits_slong_p(left(*this), MPFR_RNDN);
}
long long Interval::to_integer() const { return mpfr_get_si(left(*this), MPFR_RNDN); }
bool Interval::contains(double x) const { return contains(exact(x)); }
bool Interval::contains(const Interval& inner) const {
  return mpfr_lessequal_p(left(*this), left(inner)) && mpfr_lessequal_p(right(inner), right(*this));
}
bool Interval::contains_zero() const { return contains(0.0); }

double Interval::lower() const { return mpfr_get_d(left(*this), MPFR_RNDD); }
double Interval::upper() const { return mpfr_get_d(right(*this), MPFR_RNDU); }
double Interval::mid() const {
  Number middle(precision() + 1);
  mpfr_add(middle.value, left(*this), right(*this), MPFR_RNDN);
  mpfr_div_2ui(middle.value, middle.value, 1, MPFR_RNDN);
  return mpfr_get_d(middle.value, MPFR_RNDN);
}
double Interval::width() const {
  Number difference(53);
  mpfr_sub(difference.value, right(*this), left(*this), MPFR_RNDU);
  return mpfr_get_d(difference.value, MPFR_RNDU);
}
Interval Interval::lower_point() const {
  Interval x = nan(precision());
  mpfr_set(left(x), left(*this), MPFR_RNDD);
  mpfr_set(right(x), left(*this), MPFR_RNDU);
  return x;
}
Interval Interval::upper_point() const {
  Interval x = nan(precision());
  mpfr_set(left(x), right(*this), MPFR_RNDD);
  mpfr_set(right(x), right(*this), MPFR_RNDU);
  return x;
}

namespace {

/// Decimal text of one end. mpfr rounds correctly in the direction asked. Plain notation for moderate
/// exponents, the zeros at the end dropped.
std::string end_text(mpfr_srcptr x, int digits, mpfr_rnd_t rounding) {
  if (mpfr_nan_p(x)) return "nan";
  if (mpfr_inf_p(x)) return mpfr_sgn(x) > 0 ? "inf" : "-inf";
  if (mpfr_zero_p(x)) return "0";
  mpfr_exp_t exponent = 0;
  char* buffer =
      mpfr_get_str(nullptr, &exponent, 10, static_cast<std::size_t>(std::max(2, digits)), x, rounding);
  std::string all(buffer);
  mpfr_free_str(buffer);
  const std::string sign = all[0] == '-' ? "-" : "";
  std::string figures = all.substr(sign.size());
  while (figures.size() > 1 && figures.back() == '0') figures.pop_back();
  const long point = static_cast<long>(exponent);  // 0.figures × 10^point
  const long length = static_cast<long>(figures.size());
  if (point > 0 && point <= std::max(7, digits)) {
    if (length <= point) return sign + figures + std::string(static_cast<std::size_t>(point - length), '0');
    return sign + figures.substr(0, static_cast<std::size_t>(point)) + "." +
           figures.substr(static_cast<std::size_t>(point));
  }
  if (point <= 0 && point > -4)
    return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + figures;
  const std::string mantissa = length == 1 ? figures : figures.substr(0, 1) + "." + figures.substr(1);
  return sign + mantissa + "e" + std::to_string(point - 1);
}

}  // namespace

std::string Interval::lower_text(int digits) const { return end_text(left(*this), digits, MPFR_RNDD); }
std::string Interval::upper_text(int digits) const { return end_text(right(*this), digits, MPFR_RNDU); }

std::string Interval::text(int digits) const {
  if (is_nan()) return "nan";
  const std::string lo = lower_text(digits), hi = upper_text(digits);
  return lo == hi ? lo : "[" + lo + ", " + hi + "]";
}

namespace {

std::string exact_end_text(mpfr_srcptr x) {
  char* buffer = nullptr;
  if (mpfr_asprintf(&buffer, "%Ra", x) < 0) throw std::bad_alloc();
  std::string text(buffer);
  mpfr_free_str(buffer);
  return text;
}

}  // namespace

std::string Interval::exact_text() const {
  return std::to_string(precision()) + " " + exact_end_text(left(*this)) + " " + exact_end_text(right(*this));
}

std::optional<Interval> Interval::from_exact_text(const std::string& text) {
  int bits = 0, length = 0;
  if (std::sscanf(text.c_str(), "%9d %n", &bits, &length) != 1 || bits < 2 || bits > 1 << 24) return {};
  Interval x = nan(bits);
  char* end = nullptr;
  mpfr_strtofr(left(x), text.c_str() + length, &end, 16, MPFR_RNDN);
  mpfr_strtofr(right(x), end, &end, 16, MPFR_RNDN);
  normalise(x);
  // What exact_text() did not write is refused: a rounded, abbreviated or swapped number is printed
  // otherwise.
  if (x.exact_text() != text) return {};
  return x;
}

void Interval::free_thread_caches() { mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE); }

Interval& Interval::operator+=(const Interval& b) {
  widen_precision(*this, b.precision());
  mpfi_add(raw(*this), raw(*this), raw(b));
  return normalise(*this);
}
Interval& Interval::operator-=(const Interval& b) {
  widen_precision(*this, b.precision());
  mpfi_sub(raw(*this), raw(*this), raw(b));
  return normalise(*this);
}
Interval& Interval::operator*=(const Interval& b) {
  widen_precision(*this, b.precision());
  if ((is_zero(*this) && is_infinite_point(b)) || (is_infinite_point(*this) && is_zero(b))) {
    return *this = nan(precision());  // mpfi says 0 · ∞ = 0
  }
  mpfi_mul(raw(*this), raw(*this), raw(b));
  return normalise(*this);
}
Interval& Interval::operator/=(const Interval& b) {
  widen_precision(*this, b.precision());
  if (is_nan() || b.is_nan() || is_zero(b)) return *this = nan(precision());
  mpfi_div(raw(*this), raw(*this), raw(b));
  return normalise(*this);
}

Interval operator+(Interval a, const Interval& b) {
  a += b;
  return a;
}
Interval operator-(Interval a, const Interval& b) {
  a -= b;
  return a;
}
Interval operator*(Interval a, const Interval& b) {
  a *= b;
  return a;
}
Interval operator/(Interval a, const Interval& b) {
  a /= b;
  return a;
}
Interval operator-(const Interval& a) { return apply(mpfi_neg, a); }

Interval square(const Interval& x) { return apply(mpfi_sqr, x); }
Interval sqrt(const Interval& x) { return apply_increasing(mpfr_sqrt, x); }
Interval exp(const Interval& x) { return apply_increasing(mpfr_exp, x); }
Interval log(const Interval& x) { return apply_increasing(mpfr_log, x); }
Interval log1p(const Interval& x) { return apply_increasing(mpfr_log1p, x); }
Interval erf(const Interval& x) { return apply_increasing(mpfr_erf, x); }
Interval tanh(const Interval& x) { return apply_increasing(mpfr_tanh, x); }
Interval asin(const Interval& x) { return apply_increasing(mpfr_asin, x); }
Interval acos(const Interval& x) {  // decreasing
  Interval y = Interval::nan(x.precision());
  mpfr_acos(left(y), right(x), MPFR_RNDD);
  mpfr_acos(right(y), left(x), MPFR_RNDU);
  return normalised(std::move(y));
}

Interval abs(const Interval& x) { return apply(mpfi_abs, x); }

Interval min(const Interval& a, const Interval& b) {
  Interval x = Interval::nan(std::max(a.precision(), b.precision()));
  if (a.is_nan() || b.is_nan()) return x;
  mpfr_min(left(x), left(a), left(b), MPFR_RNDD);
  mpfr_min(right(x), right(a), right(b), MPFR_RNDU);
  return x;
}

Interval max(const Interval& a, const Interval& b) { return -min(-a, -b); }

Interval pow(const Interval& x, long long exponent) {
  if (x.is_nan()) return x;
  if (exponent == std::numeric_limits<long long>::min()) return square(pow(x, exponent / 2));
  if (exponent < 0) return Interval::integer(1, x.precision()) / pow(x, -exponent);
  if (exponent == 0) return Interval::integer(1, x.precision());
  const auto n = static_cast<unsigned long>(exponent);
  Interval y = Interval::nan(x.precision());
  const bool even = n % 2 == 0;
  if (!even || mpfr_sgn(left(x)) >= 0) {  // increasing on x
    mpfr_pow_ui(left(y), left(x), n, MPFR_RNDD);
    mpfr_pow_ui(right(y), right(x), n, MPFR_RNDU);
    return normalised(std::move(y));
  }
  return pow(abs(x), exponent);
}

Interval pow(const Interval& x, const Interval& y) {
  if (y.is_integer_point()) {
    return pow(x.precision() < y.precision() ? x.with_precision(y.precision()) : x, y.to_integer());
  }
  return exp(y * log(x));
}

Interval hull(const Interval& a, const Interval& b) {
  Interval x = Interval::nan(std::max(a.precision(), b.precision()));
  if (a.is_nan() || b.is_nan()) return x;
  mpfr_min(left(x), left(a), left(b), MPFR_RNDD);
  mpfr_max(right(x), right(a), right(b), MPFR_RNDU);
  return x;
}

Interval intersect(const Interval& a, const Interval& b) {
  Interval x = Interval::nan(std::max(a.precision(), b.precision()));
  if (a.is_nan() || b.is_nan()) return x;
  mpfr_max(left(x), left(a), left(b), MPFR_RNDD);
  mpfr_min(right(x), right(a), right(b), MPFR_RNDU);
  return normalised(std::move(x));
}

bool certainly_lt(const Interval& a, const Interval& b) { return mpfr_less_p(right(a), left(b)); }
bool certainly_le(const Interval& a, const Interval& b) { return mpfr_lessequal_p(right(a), left(b)); }
bool possibly_lt(const Interval& a, const Interval& b) { return mpfr_less_p(left(a), right(b)); }
bool possibly_le(const Interval& a, const Interval& b) { return mpfr_lessequal_p(left(a), right(b)); }
bool same_ends(const Interval& a, const Interval& b) {
  return mpfr_equal_p(left(a), left(b)) && mpfr_equal_p(right(a), right(b));
}

std::string arithmetic_versions() {
  return std::string("mpfr ") + mpfr_get_version() + ", mpfi " + mpfi_get_version();
}

}  // namespace overproof
