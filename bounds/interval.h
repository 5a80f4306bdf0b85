#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace overproof {

/// A closed interval of reals with outward rounding, the only number type of bounds/.
///
/// Precision (in bits) belongs to each value; the result of an operation has the largest precision of its
/// operands and encloses the exact result for every choice of points in the operands. There is no conversion
/// from a floating literal (0.1 is not 1/10), no < and no ==: comparisons say what they prove. A value that
/// is not a number (0/0, log of a negative interval) is `nan`; every comparison with it is false, so nothing
/// is ever proved from it. A default-constructed interval is nan. Thread safe: no global precision, no
/// rounding mode.
class Interval {
 public:
  static constexpr int default_precision = 128;

  Interval();
  Interval(const Interval&);
  Interval(Interval&&) noexcept;
  Interval& operator=(const Interval&);
  Interval& operator=(Interval&&) noexcept;
  ~Interval();

  /// The single point x, exactly (precision 53 or `precision`, whichever is larger). NaN gives nan.
  [[nodiscard]] static Interval exact(double x, int precision = default_precision);
  /// [lo, hi] exactly; infinite end points are allowed; nan if either is NaN or lo > hi.
  [[nodiscard]] static Interval between(double lo, double hi, int precision = default_precision);
  /// The integer (exact if it fits the precision; 64 bits always do).
  [[nodiscard]] static Interval integer(long long value, int precision = default_precision);
  /// Encloses numerator / denominator.
  [[nodiscard]] static Interval rational(long long numerator, long long denominator,
                                         int precision = default_precision);
  /// Encloses the real number a decimal text stands for ("0.1", "-2.5e-3"); nan if it is not a number.
  [[nodiscard]] static Interval decimal(std::string_view text, int precision = default_precision);
  [[nodiscard]] static Interval pi(int precision = default_precision);
  [[nodiscard]] static Interval nan(int precision = default_precision);
  /// (-inf, inf): says nothing.
  [[nodiscard]] static Interval entire(int precision = default_precision);

  [[nodiscard]] int precision() const;
  /// The same set (or a superset, when bits < precision()) at another precision.
  [[nodiscard]] Interval with_precision(int bits) const;

  [[nodiscard]] bool is_nan() const;
  [[nodiscard]] bool is_point() const;    ///< one finite number
  [[nodiscard]] bool is_bounded() const;  ///< not nan, both ends finite
  [[nodiscard]] bool is_integer_point() const;
  /// The value of an integer point that fits a long; only after is_integer_point().
  [[nodiscard]] long long to_integer() const;
  [[nodiscard]] bool contains(double x) const;
  [[nodiscard]] bool contains(const Interval& inner) const;
  [[nodiscard]] bool contains_zero() const;

  [[nodiscard]] double lower() const;          ///< largest double <= left end; NaN for nan
  [[nodiscard]] double upper() const;          ///< smallest double >= right end; NaN for nan
  [[nodiscard]] double mid() const;            ///< a double near the middle, no guarantee
  [[nodiscard]] double width() const;          ///< upper bound of right - left
  [[nodiscard]] Interval lower_point() const;  ///< the left end as a point, at this precision
  [[nodiscard]] Interval upper_point() const;

  /// Decimals rounded outward: "[0.3184589836, 0.3184589838]"; a point that prints exactly prints alone.
  [[nodiscard]] std::string text(int digits = 6) const;
  [[nodiscard]] std::string lower_text(int digits = 17) const;  ///< rounded down
  [[nodiscard]] std::string upper_text(int digits = 17) const;  ///< rounded up

  /// "128 0x1.8p+1 0x1.9p+1": the precision and both ends, exactly.
  [[nodiscard]] std::string exact_text() const;
  /// The interval with this exact_text(); nullopt for any text that exact_text() does not write.
  [[nodiscard]] static std::optional<Interval> from_exact_text(const std::string& text);

  /// Gives back what this thread keeps for later operations (digits of π); for the end of a worker thread.
  static void free_thread_caches();

  Interval& operator+=(const Interval& b);
  Interval& operator-=(const Interval& b);
  Interval& operator*=(const Interval& b);
  Interval& operator/=(const Interval& b);  ///< nan for x/0, entire line when b contains zero inside

  // The implementation, in interval_mpfr.h.
  struct Access;

 private:
  explicit Interval(int precision);  ///< nan
  friend struct Access;
  alignas(8) std::byte storage_[64];
};

[[nodiscard]] Interval operator+(Interval a, const Interval& b);
[[nodiscard]] Interval operator-(Interval a, const Interval& b);
[[nodiscard]] Interval operator*(Interval a, const Interval& b);
[[nodiscard]] Interval operator/(Interval a, const Interval& b);
[[nodiscard]] Interval operator-(const Interval& a);

[[nodiscard]] Interval square(const Interval& x);
[[nodiscard]] Interval sqrt(const Interval& x);  ///< nan if x has a negative part
[[nodiscard]] Interval exp(const Interval& x);
[[nodiscard]] Interval log(const Interval& x);  ///< nan if x < 0 in part; [-inf, .] at zero
[[nodiscard]] Interval log1p(
    const Interval& x);  ///< log(1 + x) with full relative precision near 0; nan if x < -1 in part
[[nodiscard]] Interval abs(const Interval& x);
[[nodiscard]] Interval min(const Interval& a, const Interval& b);
[[nodiscard]] Interval max(const Interval& a, const Interval& b);
[[nodiscard]] Interval pow(const Interval& x, long long exponent);
/// x^y = exp(y log x) for x > 0; an integer point y is an integer power for every x.
[[nodiscard]] Interval pow(const Interval& x, const Interval& y);
[[nodiscard]] Interval erf(const Interval& x);
[[nodiscard]] Interval tanh(const Interval& x);
[[nodiscard]] Interval asin(const Interval& x);  ///< nan outside [-1, 1]
[[nodiscard]] Interval acos(const Interval& x);
[[nodiscard]] Interval hull(const Interval& a, const Interval& b);
/// The common part; nan when there is none.
[[nodiscard]] Interval intersect(const Interval& a, const Interval& b);

/// True means proved, for every choice of points. False for nan.
[[nodiscard]] bool certainly_lt(const Interval& a, const Interval& b);
[[nodiscard]] bool certainly_le(const Interval& a, const Interval& b);
/// Not certainly the opposite: some choice of points satisfies it. False for nan.
[[nodiscard]] bool possibly_lt(const Interval& a, const Interval& b);
[[nodiscard]] bool possibly_le(const Interval& a, const Interval& b);
/// Equal end points (says nothing about the numbers enclosed); for caches.
[[nodiscard]] bool same_ends(const Interval& a, const Interval& b);

/// The libraries below, with their versions.
[[nodiscard]] std::string arithmetic_versions();

}  // namespace overproof
