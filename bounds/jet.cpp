#include "bounds/jet.h"

#include <algorithm>

#include "files/error.h"

namespace overproof {

namespace {

Interval integer_like(const Interval& z, long long value) { return Interval::integer(value, z.precision()); }

/// One occurrence of z, every step monotone: the exact range up to rounding.
Interval logistic(const Interval& z) {
  const Interval one = integer_like(z, 1);
  return one / (one + exp(-z));
}

/// Coefficients of e^(-c z²) times `scale`, c an integer over 2: g' = -2 c z g, so (k+1) g_{k+1} = -2c (z g_k
/// + g_{k-1}).
Jet gaussian_jet(const Interval& z, int degree, int twice_c, const Interval& scale) {
  const Interval factor = integer_like(z, -twice_c);
  Jet g{scale * exp(factor * square(z) / integer_like(z, 2))};
  for (int k = 0; k < degree; ++k) {
    Interval sum = z * g[k];
    if (k > 0) sum += g[k - 1];
    g.push_back(factor * sum / integer_like(z, k + 1));
  }
  return g;
}

/// Coefficients of z F(z) from those of F.
Jet times_argument(const Interval& z, const Jet& f) {
  Jet c;
  for (std::size_t k = 0; k < f.size(); ++k) {
    Interval sum = z * f[k];
    if (k > 0) sum += f[k - 1];
    c.push_back(std::move(sum));
  }
  return c;
}

/// Coefficients of F with F(z) = value and F' = f, k = 0..degree, f the coefficients up to degree − 1.
template <class Derivative>
Jet integral(Interval value, Derivative derivative, int degree) {
  Jet c{std::move(value)};
  if (degree == 0) return c;
  const Jet f = derivative(degree - 1);
  for (int k = 1; k <= degree; ++k) c.push_back(f[k - 1] / integer_like(f[k - 1], k));
  return c;
}

/// log(1 + e^z) at a point: the exponential never overflows and small values keep their relative precision.
Interval softplus_at(const Interval& point) {
  return point.lower() > 0 ? point + log1p(exp(-point)) : log1p(exp(point));
}

}  // namespace

Jet sigmoid_jet(const Interval& z, int degree) {
  Jet s{logistic(z)};
  if (degree >= 1) s.push_back(s[0] * logistic(-z));
  // s' = s (1 − s): (k+1) s_{k+1} = (1 − 2 s_0) s_k − Σ_{0<i<k} s_i s_{k−i}, and 1 − 2s = −tanh(z/2).
  const Interval tilt = -tanh(z / integer_like(z, 2));
  for (int k = 1; k < degree; ++k) {
    Interval sum = tilt * s[k];
    for (int i = 1; 2 * i < k; ++i) sum -= integer_like(z, 2) * s[i] * s[k - i];
    if (k % 2 == 0) sum -= square(s[k / 2]);
    s.push_back(sum / integer_like(z, k + 1));
  }
  return s;
}

Jet softplus_jet(const Interval& z, int degree) {
  Interval value = hull(softplus_at(z.lower_point()), softplus_at(z.upper_point()));  // increasing
  return integral(
      std::move(value), [&](int d) { return sigmoid_jet(z, d); }, degree);
}

Jet tanh_jet(const Interval& z, int degree) {
  // tanh z = 2 s(2z) − 1
  Interval power = integer_like(z, 2);
  Jet c = sigmoid_jet(power * z, degree);
  for (Interval& coefficient : c) {
    coefficient *= power;
    power *= integer_like(z, 2);
  }
  c[0] = tanh(z);
  return c;
}

Jet erf_jet(const Interval& z, int degree) {
  const Interval scale = integer_like(z, 2) / sqrt(Interval::pi(z.precision()));
  return integral(
      erf(z), [&](int d) { return gaussian_jet(z, d, 2, scale); }, degree);
}

Jet gelu_jet(const Interval& z, int degree) {
  const Interval two = integer_like(z, 2), one = integer_like(z, 1);
  const Interval scale = one / sqrt(two * Interval::pi(z.precision()));
  const Interval distribution = (one + erf(z / sqrt(two))) / two;
  const auto density = [&](int d) { return gaussian_jet(z, d, 1, scale); };
  return times_argument(z, integral(distribution, density, degree));
}

Jet silu_jet(const Interval& z, int degree) { return times_argument(z, sigmoid_jet(z, degree)); }

Jet relu_jet(const Interval& z, int degree) {
  if (degree > 1)
    throw InputError("relu has no second derivative: degree " + std::to_string(degree) + ", allowed: 0, 1");
  const Interval zero = integer_like(z, 0), one = integer_like(z, 1);
  Jet c{max(z, zero)};
  if (degree == 0) return c;
  if (z.is_nan()) {
    c.push_back(z);
  } else if (certainly_le(zero, z)) {
    c.push_back(one);
  } else {
    c.push_back(certainly_lt(z, zero) ? zero : hull(zero, one));
  }
  return c;
}

}  // namespace overproof
