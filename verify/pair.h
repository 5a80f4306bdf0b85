#pragma once

#include <cmath>

#include "verify/rounding.h"

namespace overproof {

/// The unevaluated sum high + low of two doubles, |low| <= u|high|: about 106 bits.
struct Pair {
  double high, low;
};

/// |low| <= u|high|, as the sums and products below give it; false for NaN.
[[nodiscard, gnu::always_inline]] inline bool is_normalised(Pair x) {
  return std::abs(x.low) <= unit_roundoff * std::abs(x.high);
}

/// a + b = sum + low exactly, barring overflow [Knuth 1998, section 4.2.2; Ogita, Rump, Oishi 2005,
/// Algorithm 3.1]. T is double or a vector of doubles; vectors go by reference, since their calling
/// convention depends on the processor.
template <class T>
[[gnu::always_inline]] inline void two_sum(const T& a, const T& b, T& sum, T& low) {
  sum = a + b;
  const T part = sum - a;
  low = (a - (sum - part)) + (b - part);
}
[[nodiscard, gnu::always_inline]] inline Pair two_sum(double a, double b) {
  Pair pair{};
  two_sum(a, b, pair.high, pair.low);
  return pair;
}

/// a b exactly, but for at most η where the low part underflows. std::fma is rounded once, in hardware or by
/// the C library; check_floating_point tries it.
template <class T>
[[gnu::always_inline]] inline void two_product(const T& a, const T& b, T& product, T& low) {
  product = a * b;
  if constexpr (std::is_same_v<T, double>) {
    low = std::fma(a, b, -product);
  } else {
    for (std::size_t l = 0; l < sizeof(T) / sizeof(double); ++l) low[l] = std::fma(a[l], b[l], -product[l]);
  }
}
[[nodiscard, gnu::always_inline]] inline Pair two_product(double a, double b) {
  Pair pair{};
  two_product(a, b, pair.high, pair.low);
  return pair;
}

/// a b to within 8u²(1 + 8u)|ab| + 4η for normalised pairs: a.low b.low <= u²|ab| is dropped, the two
/// products round by u²|ab| each, their sum by 2u²|ab|, the last one by 3u²|ab|.
[[nodiscard, gnu::always_inline]] inline Pair operator*(Pair a, Pair b) {
  const Pair leading = two_product(a.high, b.high);
  return two_sum(leading.high, leading.low + (a.high * b.low + a.low * b.high));
}
[[nodiscard, gnu::always_inline]] inline Pair operator*(double a, Pair b) { return Pair{a, 0.0} * b; }

/// a + b to within 8u²(|a| + |b|): the low part of the sum is at most u(|a| + |b|)(1 + 2u), and so are the
/// two given.
[[nodiscard, gnu::always_inline]] inline Pair operator+(Pair a, Pair b) {
  const Pair leading = two_sum(a.high, b.high);
  return two_sum(leading.high, leading.low + (a.low + b.low));
}

/// The error in the 2-norm of at most four products of pairs in a row, on a column with so many entries and
/// `size` >= ‖high part of the result‖₂.
[[nodiscard]] inline Up pair_product_error(Up size, double entries) {
  return Up(64 * unit_roundoff * unit_roundoff) * size + sqrt(Up(entries)) * Up(16 * smallest_double);
}

}  // namespace overproof
