#include "bounds/activation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "bounds/gaussian.h"
#include "files/error.h"

namespace overproof {

namespace {

Interval whole(long long value, int precision) { return Interval::integer(value, precision); }
Interval ratio(long long a, long long b, int precision) { return Interval::rational(a, b, precision); }
/// 1/(6√3) = sup |s''| of the sigmoid s.
Interval sigmoid_beta(int p) { return whole(1, p) / (whole(6, p) * sqrt(whole(3, p))); }

// With s = 1/(1 + e^-z): s' = s(1−s) ∈ (0, 1/4], s'' = s'(1−2s), s''' = s'(1−6s'). On x = s' the last is
// x(1−6x), between −1/8 (x = 1/4) and 1/24 (x = 1/12); |s''|² = x²(1−4x) is largest at x = 1/6, where |s''| =
// 1/(6√3).
ActivationConstants sigmoid_constants(int p) { return {ratio(1, 4, p), sigmoid_beta(p), ratio(1, 8, p)}; }
ActivationConstants softplus_constants(int p) {
  return {whole(1, p), ratio(1, 4, p), sigmoid_beta(p)};
}  // σ' = s

// T = tanh: T' = 1 − T², T'' = −2T(1−T²) is extreme at T² = 1/3, T''' = (1−T²)(6T²−2) has extremes −2 and
// 2/3.
ActivationConstants tanh_constants(int p) {
  return {whole(1, p), whole(4, p) / (whole(3, p) * sqrt(whole(3, p))), whole(2, p)};
}

// erf' = (2/√π) e^(−z²); |erf''| = (4/√π)|z| e^(−z²) is largest at z² = 1/2; erf''' = (4/√π)(2z²−1) e^(−z²)
// has its extremes at z = 0 (−4/√π) and z² = 3/2 (8/√π · e^(−3/2) < 2/√π).
ActivationConstants erf_constants(int p) {
  const Interval pi = Interval::pi(p);
  return {whole(2, p) / sqrt(pi), sqrt(whole(8, p) / (pi * exp(whole(1, p)))), whole(4, p) / sqrt(pi)};
}

// σ' = Φ + zφ, σ'' = (2−z²)φ, σ''' = (z³−4z)φ, σ'''' = −(z⁴−7z²+4)φ. σ' has its extremes at z = ±√2, and
// σ'(−z) = 1 − σ'(z), so sup|σ'| = Φ(√2) + √2 φ(√2) = (1 + erf 1)/2 + e^(−1)/√π. σ'' has its extremes at 0
// (2φ(0)) and ±2 (−2φ(2), smaller). |σ'''| has its extremes at z² = (7 ± √33)/2.
ActivationConstants gelu_constants(int p) {
  const Interval one = whole(1, p), two = whole(2, p), pi = Interval::pi(p);
  const auto third = [&](const Interval& z_squared) {
    return sqrt(z_squared) * abs(z_squared - whole(4, p)) * exp(-z_squared / two) / sqrt(two * pi);
  };
  const Interval root = sqrt(whole(33, p));
  return {(one + erf(one)) / two + exp(-one) / sqrt(pi), sqrt(two / pi),
          max(third((whole(7, p) - root) / two), third((whole(7, p) + root) / two))};
}

/// Encloses the zero of f in [lo, hi], where f(lo) and f(hi) have different signs, by bisection.
template <class Function>
Interval enclose_zero(Function f, Interval lo, Interval hi) {
  const int p = lo.precision();
  const Interval zero = whole(0, p);
  const bool increasing = certainly_lt(f(lo), zero);
  for (int step = 0; step < p; ++step) {
    const Interval middle = ((lo + hi) / whole(2, p)).lower_point(), value = f(middle);
    if (!certainly_lt(value, zero) && !certainly_lt(zero, value)) break;
    (certainly_lt(value, zero) == increasing ? lo : hi) = middle;
  }
  return hull(lo, hi);
}

// σ = z s(z). With t = z/2, T = tanh t, u = T²: σ' = s(1 + z(1−s)), σ'' = (1 − tT)/(2 cosh² t), σ''' =
// −g(t)/4 with g = (1−u)(3T + t(1−3u)), an odd function with g' = 4(1−u) q, q = 1 − 3u − tT(2−3u). L: σ''
// vanishes at tT = 1 only (t > 0); there s = (1 + 1/t)/2, so σ' = (1 + t)/2; and σ'(−z) = 1 − σ'(z). β: 1 −
// tT <= 1 <= cosh² t and tT − 1 <= t² − 1 <= sinh² t, so |σ''| <= 1/2, attained at 0. β₃: q = 0 means t =
// (1/T)(1−3u)/(2−3u). For t > 0 the right side is negative for u in (1/3, 2/3) and decreases on both sides of
// it, while t increases with u: one zero with u < 1/3 (t < 2/3), one with u > 2/3 (t > 1); q(0) = 1, q(1) < 0
// and q(4) > 0. g vanishes at 0 and ∞, so |g| is largest at one of the two.
ActivationConstants silu_constants(int p) {
  const Interval one = whole(1, p), two = whole(2, p), three = whole(3, p), four = whole(4, p);
  const Interval fixed = enclose_zero([&](const Interval& t) { return t * tanh(t) - one; }, one, two);
  const auto q = [&](const Interval& t) {
    const Interval T = tanh(t), u = square(T);
    return one - three * u - t * T * (two - three * u);
  };
  const auto third = [&](const Interval& t) {
    const Interval T = tanh(t), u = square(T);
    return abs((one - u) * (three * T + t * (one - three * u))) / four;
  };
  return {(one + fixed) / two, one / two,
          max(third(enclose_zero(q, whole(0, p), one)), third(enclose_zero(q, one, four)))};
}

ActivationConstants relu_constants(int p) { return {whole(1, p), Interval::nan(p), Interval::nan(p)}; }

// Strips |y| <= Y, w = x + iy. With q = e^(−w): |1 + q|² = 1 + 2|q| cos y + |q|² >= sin² y for every |q|, and
// dividing by |q|, |1 + 1/q|² >= sin² y: so |s(w)| = 1/|1+q| and |s(−w)| = |q|/|1+q| are at most 1/|sin y|
// for π/2 <= |y| < π, and at most 1 for |y| <= π/2. At Y = 5π/6: |s| <= 2, |s'| = |s(w) s(−w)| <= 4. The
// strip is convex and contains 0, so |softplus(w)| <= log 2 + 2|w|. silu: |w s| <= 2|w|, |s + w s'| <= 2 +
// 4|w|.
Interval five_sixths_pi(int p) { return whole(5, p) * Interval::pi(p) / whole(6, p); }

StripBound sigmoid_strip(int order, int p) {
  return {five_sixths_pi(p), whole(order == 0 ? 2 : 4, p), whole(0, p)};
}
StripBound softplus_strip(int order, int p) {
  if (order == 0) return {five_sixths_pi(p), log(whole(2, p)), whole(2, p)};
  return sigmoid_strip(0, p);
}
StripBound silu_strip(int order, int p) {
  return {five_sixths_pi(p), whole(order == 0 ? 0 : 2, p), whole(order == 0 ? 2 : 4, p)};
}
// |tanh w|² = (sinh² x + sin² y)/(sinh² x + cos² y) <= max(1, tan² y), |tanh' w| = 1/(sinh² x + cos² y) <=
// 1/cos² y. At Y = 5π/12: tan Y = 2 + √3 < 4, 1/cos² Y = 4(2 + √3) < 15.
StripBound tanh_strip(int order, int p) {
  return {five_sixths_pi(p) / whole(2, p), whole(order == 0 ? 4 : 15, p), whole(0, p)};
}
/// 1 + (2/√π) Y e^(Y²) >= |erf(x + iy)| for |y| <= Y: erf(x + iy) = erf x + (2/√π) ∫_0^y e^(−(x+it)²) i dt,
/// |.| <= e^(t²).
Interval erf_strip_sup(const Interval& Y) {
  const Interval two = whole(2, Y.precision());
  return whole(1, Y.precision()) + two / sqrt(Interval::pi(Y.precision())) * Y * exp(square(Y));
}
// Y = 2 (any would do: entire). |erf'(w)| <= (2/√π) e^(Y²).
StripBound erf_strip(int order, int p) {
  const Interval Y = whole(2, p), slope = whole(2, p) / sqrt(Interval::pi(p)) * exp(square(Y));
  return {Y, order == 0 ? erf_strip_sup(Y) : slope, whole(0, p)};
}
// |Φ(w)| <= (1 + |erf(w/√2)|)/2 =: E, |GELU| <= E|w|, |GELU'| = |Φ + wφ| <= E + |w| e^(Y²/2)/√(2π).
StripBound gelu_strip(int order, int p) {
  const Interval Y = whole(2, p), two = whole(2, p);
  const Interval E = (whole(1, p) + erf_strip_sup(Y / sqrt(two))) / two;
  if (order == 0) return {Y, whole(0, p), E};
  return {Y, E, exp(square(Y) / two) / sqrt(two * Interval::pi(p))};
}
StripBound relu_strip(int, int p) { return {Interval::nan(p), Interval::nan(p), Interval::nan(p)}; }

constexpr std::array table{
    ActivationRow{"softplus", true, true, Symmetry::half_z_plus_even,
                  "σ' = s, the sigmoid: L = 1, β = sup s' = 1/4, β₃ = sup|s''| = 1/(6√3)", softplus_jet,
                  softplus_constants, softplus_strip},
    ActivationRow{"tanh", true, true, Symmetry::odd,
                  "polynomials in T = tanh: L = 1, β = 4/(3√3) at T² = 1/3, β₃ = 2 at T = 0", tanh_jet,
                  tanh_constants, tanh_strip},
    ActivationRow{"sigmoid", true, true, Symmetry::half_plus_odd,
                  "polynomials in x = s' ∈ (0, 1/4]: L = 1/4, β = 1/(6√3) at x = 1/6, β₃ = 1/8", sigmoid_jet,
                  sigmoid_constants, sigmoid_strip},
    ActivationRow{"erf", true, true, Symmetry::odd,
                  "L = 2/√π at 0, β = √(8/(πe)) at z² = 1/2, β₃ = 4/√π at 0", erf_jet, erf_constants,
                  erf_strip},
    ActivationRow{"gelu", true, true, Symmetry::half_z_plus_even,
                  "L = (1 + erf 1)/2 + 1/(e√π) at √2, β = √(2/π) at 0, β₃ at z² = (7 − √33)/2", gelu_jet,
                  gelu_constants, gelu_strip},
    ActivationRow{"silu", true, true, Symmetry::half_z_plus_even,
                  "L = (1 + t)/2 with t tanh t = 1, β = 1/2 at 0, β₃ where σ⁗ = 0, by bisection", silu_jet,
                  silu_constants, silu_strip},
    ActivationRow{"relu", false, false, Symmetry::half_z_plus_even, "L = 1; not differentiable at 0",
                  relu_jet, relu_constants, relu_strip},
};

/// |σ^(k)(z)/k!| <= r^(1−k)/k · sup |σ'| on the circle of radius r around z (Cauchy), r the half width of the
/// strip.
Interval cauchy_bound(const StripBound& strip, const Interval& z, int k) {
  const Interval bound = strip.c0 + strip.c1 * (abs(z) + strip.half_width);
  return bound / (whole(k, z.precision()) * pow(strip.half_width, k - 1));
}

bool is_narrow(const Interval& z) { return !(z.width() > std::ldexp(1.0, -z.precision() / 2)); }

}  // namespace

std::span<const ActivationRow> activation_table() { return table; }

const ActivationRow& activation_row(std::string_view id) {
  const auto* const found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.id == id; });
  if (found != table.end()) return *found;
  std::vector<std::string> names;
  for (const ActivationRow& row : table) names.emplace_back(row.id);
  throw InputError(unknown_name("activation", id, names));
}

std::vector<Interval> taylor(const ActivationRow& row, const Interval& z, int degree) {
  if (degree < 0) throw InputError("taylor: degree " + std::to_string(degree) + " is negative");
  if (!row.analytic || z.is_nan() || is_narrow(z)) return row.jet(z, degree);
  const int p = z.precision();
  Jet c = row.jet(z, degree + 1);
  const StripBound strip = row.strip(1, p);
  for (int k = 1; k <= degree + 1; ++k) {
    const Interval bound = cauchy_bound(strip, z, k);
    c[k] = intersect(c[k].is_nan() ? Interval::entire(p) : c[k], hull(-bound, bound));
  }
  if (z.is_bounded()) {
    const Interval middle = (z.lower_point() + z.upper_point()) / whole(2, p);
    const Jet left = row.jet(z.lower_point(), degree), right = row.jet(z.upper_point(), degree),
              at = row.jet(middle, degree);
    for (int k = degree; k >= 0; --k) {
      const Interval slope = whole(k + 1, p) * c[k + 1];  // d/dz σ^(k)(z)/k! = (k+1) σ^(k+1)(z)/(k+1)!
      const bool monotone = slope.lower() >= 0 || slope.upper() <= 0;
      c[k] = intersect(c[k], monotone ? hull(left[k], right[k]) : at[k] + slope * (z - middle));
    }
  }
  c.pop_back();
  return c;
}

Interval lipschitz_constant(const ActivationRow& row, int precision) { return row.constants(precision).L; }
Interval second_derivative_bound(const ActivationRow& row, int precision) {
  return row.constants(precision).beta;
}
Interval third_derivative_bound(const ActivationRow& row, int precision) {
  return row.constants(precision).beta_3;
}
Interval value_at_zero(const ActivationRow& row, int precision) { return row.jet(whole(0, precision), 0)[0]; }
Interval c_sigma(const ActivationRow& row, int precision) {
  return whole(1, precision) / gaussian_mean_square(row, Part::value, whole(1, precision), precision);
}
StripBound strip_bound(const ActivationRow& row, int order, int precision) {
  return row.strip(order, precision);
}

}  // namespace overproof
