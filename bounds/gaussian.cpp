#include "bounds/gaussian.h"

#include <algorithm>
#include <cmath>

#include "files/error.h"

namespace overproof {

// The trapezoidal rule. If f is analytic for |Im z| < a, tends to 0 there as |Re z| → ∞, and ∫|f(x + ib)| dx
// <= M for |b| < a, then |h Σ_{j∈Z} f(jh) − ∫f| <= 2M / (e^(2πa/h) − 1) [Trefethen, Weideman 2014, SIAM
// Review 56 (2014), Theorem 5.1].
//
// Here f(z) = F(√s z) h_k(z) φ(z), |F(w)| <= c0 + c1|w| for |Im w| <= Y (strip_bound), and a <= Y/√s. Since
// |φ(x + ib)| = e^(b²/2) φ(x), Cauchy–Schwarz in L²(φ) gives
//   ∫|f(x + ib)| dx <= e^(b²/2) √(E|F(√s(z + ib))|²) √(E|h_k(z + ib)|²).
// The first root is at most S := c0 + c1 √s √(1 + a²) (Minkowski, E|z + ib|² = 1 + b²). He_k(z + ib) =
// Σ_j C(k,j) (ib)^(k−j) He_j(z) gives E|h_k(z + ib)|² = Σ_i C(k,i) b^(2i)/i! <= Σ_i (b√k)^(2i)/(i!)² <=
// e^(2b√k). So
//   M = S e^(a²/2 + a√k);   for F² φ: M = S² e^(a²/2).
//
// The nodes beyond R = Jh. For real x Cramér's inequality |h_k(x)| e^(−x²/4) <= 1.0865 [Abramowitz and
// Stegun, 22.14.17] gives |f(x)| <= g(x) := C (c0 + c1 √s |x|) e^(−x²/4), C = 1.0865/√(2π), which decreases
// for x >= √2. Hence
//   h Σ_{|jh| > R} |f| <= 2 ∫_R^∞ g <= 4 C e^(−R²/4) (c0/R + c1 √s)   for R >= √2.
// For F² φ: (c0 + c1√s x)e^(−x²/4) <= c0 + c1√s, so C = (c0 + c1√s)/√(2π) serves.

namespace {

constexpr int bound_precision = 64;  // error terms need few bits
constexpr int first_terms = 128;
constexpr long most_kept = 1L << 19;  // polynomials × nodes, about 100 MB

/// A grid may have this many nodes, an expansion that many terms: many times what a variance of 1 takes.
long max_nodes(int bits) { return std::max(2048L, 16L * bits); }
int terms_at_one(int accuracy) { return static_cast<int>(0.06 * accuracy * accuracy); }  // at a variance of 1

Interval whole(long long value, int precision) { return Interval::integer(value, precision); }
Interval symmetric(const Interval& radius) { return hull(-radius, radius); }

/// The bounds of one integrand F(√s z), at low precision.
struct Integrand {
  Interval a;        ///< half width of the strip in z, an exact double
  Interval c0, c1s;  ///< |F(√s x)| <= c0 + c1s |x|
  Interval S;

  Integrand(const ActivationRow& row, Part part, const Interval& variance) {
    const StripBound strip = strip_bound(row, part == Part::derivative ? 1 : 0, bound_precision);
    const Interval root = sqrt(variance.with_precision(bound_precision).upper_point());
    const double widest = (strip.half_width / root).lower();
    a = Interval::exact(widest < 4 ? widest : 4, bound_precision);
    c0 = strip.c0;
    c1s = strip.c1 * root;
    S = c0 + c1s * sqrt(whole(1, bound_precision) + square(a));
  }

  [[nodiscard]] Interval discretisation(const Interval& M, double h) const {
    const Interval two = whole(2, bound_precision), one = whole(1, bound_precision);
    return two * M / (exp(two * Interval::pi(bound_precision) * a / Interval::exact(h)) - one);
  }
  [[nodiscard]] Interval truncation(const Interval& C, const QuadratureGrid& grid) const {
    const Interval R = Interval::exact(grid.step) * whole(grid.nodes, bound_precision),
                   four = whole(4, bound_precision);
    return four * C * exp(-square(R) / four) * (c0 / R + c1s);
  }
  /// Bounds the error of the sum for a_k.
  [[nodiscard]] Interval error(int k, const QuadratureGrid& grid) const {
    const Interval M = S * exp(square(a) / whole(2, bound_precision) + a * sqrt(whole(k, bound_precision)));
    const Interval cramer = Interval::decimal("1.0865", bound_precision);
    return discretisation(M, grid.step) + truncation(cramer / root_two_pi(), grid);
  }
  /// Bounds the error of the sum for E F².
  [[nodiscard]] Interval square_error(const QuadratureGrid& grid) const {
    const Interval M = square(S) * exp(square(a) / whole(2, bound_precision));
    return discretisation(M, grid.step) + truncation((c0 + c1s) / root_two_pi(), grid);
  }
  [[nodiscard]] static Interval root_two_pi() {
    return sqrt(whole(2, bound_precision) * Interval::pi(bound_precision));
  }
};

/// A step (m·2^e with m = 4..7, so that every node is a double) and a number of nodes for which the error
/// terms come below 2^-bits; only sharpness depends on it.
QuadratureGrid choose_grid(const Integrand& f, int terms, int bits) {
  const double a = f.a.mid(), size = std::max(1.0, f.S.mid());
  const double nats = bits * std::log(2.0) + 2 * std::log(size) + 4;
  const double reach = 2 * std::sqrt(nats);
  double step = std::max(2 * M_PI * a / (nats + a * a / 2 + a * std::sqrt(terms)),
                         1.25 * reach / static_cast<double>(max_nodes(bits)));
  const int e = static_cast<int>(std::floor(std::log2(step))) - 2;
  step = std::ldexp(std::floor(std::ldexp(step, -e)), e);
  return {step, 16 * static_cast<long>(std::ceil(reach / step / 16))};  // a multiple: variances share grids
}

/// The error bound of the nodes left out needs R >= √2.
void require_usable(const QuadratureGrid& grid) {
  if (grid.step > 0 && grid.step * static_cast<double>(grid.nodes) >= 1.5) return;
  throw InputError("quadrature: " + std::to_string(grid.nodes) + " nodes at distance " +
                   std::to_string(grid.step) + ", allowed: a positive distance and a product of 1.5 or more");
}

Interval evaluate(const ActivationRow& row, Part part, const Interval& w) {
  return part == Part::value ? row.jet(w, 0)[0] : row.jet(w, 1)[1];
}

/// E f² and a_k of relu, integrating by parts; He_{j+1}(0) = −j He_{j−1}(0). Where s may be 0, relu' may be
/// the constant relu'(0) = 1.
HermiteExpansion relu_moments(Part part, const Interval& s, int terms) {
  const int p = s.precision();
  const Interval two = whole(2, p), half = whole(1, p) / two,
                 density = whole(1, p) / sqrt(two * Interval::pi(p));
  const bool may_be_constant = part == Part::derivative && s.contains_zero();
  // b_k √k! = φ(0) He_{k−1}(0) for b_k = E 1{z >= 0} h_k, k >= 1: b_{k+2} = −k b_k / √((k+1)(k+2)). a_k = √s
  // b_{k−1}/√k.
  std::vector<Interval> b{half, density};
  for (long long k = 0; k + 2 < terms; ++k)
    b.push_back(-whole(k, p) * b[k] / sqrt(whole((k + 1) * (k + 2), p)));
  HermiteExpansion e;
  e.mean_square = part == Part::value ? s / two : half;
  if (may_be_constant) e.mean_square = hull(half, whole(1, p));
  for (int k = 0; k < terms; ++k) {
    if (part == Part::derivative) {
      e.coefficients.push_back(may_be_constant ? hull(b[k], whole(k == 0 ? 1 : 0, p)) : b[k]);
    } else {
      e.coefficients.push_back(sqrt(s) * (k == 0 ? density : b[k - 1] / sqrt(whole(k, p))));
    }
  }
  return e;
}

/// E f and E f² of erf [Williams 1997, as in dual_activation.cpp]; E erf'(√s z) = (2/√π) E e^(−s z²).
struct Moments {
  Interval mean, mean_square;
};
Moments erf_moments(Part part, const Interval& s) {
  const int p = s.precision();
  const Interval one = whole(1, p), two = whole(2, p), four = whole(4, p), pi = Interval::pi(p);
  if (part == Part::value) return {whole(0, p), two / pi * asin(one - one / (one + two * s))};
  return {two / sqrt(pi * (one + two * s)), four / pi / sqrt(one + four * s)};
}

/// f(w) = constant + slope·w + q(w) with q odd or even, the parity that the first two terms do not have.
struct Split {
  Interval constant, slope;
  bool q_is_odd;
};

Split split(Symmetry symmetry, Part part, int precision) {
  const Interval zero = whole(0, precision), half = Interval::rational(1, 2, precision);
  const bool is_value = part == Part::value;
  switch (symmetry) {
    case Symmetry::odd:
      return {zero, zero, is_value};
    case Symmetry::half_plus_odd:
      return {is_value ? half : zero, zero, is_value};
    case Symmetry::half_z_plus_even:
      break;
  }
  return {is_value ? zero : half, is_value ? half : zero, !is_value};
}

/// Not below 0, and finite as a double: the grid is chosen in doubles.
bool is_usable(const Interval& variance) {
  return variance.is_bounded() && variance.upper() >= 0 && std::isfinite(variance.upper());
}
Interval without_negative_part(const Interval& x) { return max(x, whole(0, x.precision())); }

/// Appends a coefficient and what is left of E f².
void append(HermiteExpansion& e, Interval& rest, const Interval& coefficient) {
  const auto bound = [](const Interval& x) {
    return without_negative_part(x).with_precision(bound_precision).upper_point();
  };
  if (e.tails.empty()) e.tails.push_back(bound(e.mean_square));
  e.coefficients.push_back(coefficient);
  rest -= square(coefficient);
  e.tails.push_back(min(e.tails.back(), bound(rest)));
}

bool is_reached(const HermiteExpansion& e, int accuracy) {
  return certainly_le(e.tails.back(), pow(Interval::rational(1, 2, bound_precision), accuracy));
}

/// A guess at the terms for a tail of 2^-accuracy from a tail known to grow like e^(−c k^α) somewhere, α in
/// [1/2, 1].
int more_terms(const HermiteExpansion& e, int accuracy) {
  const auto bits = [&](std::size_t k) { return std::log2(e.mean_square.mid() / e.tails[k].mid()); };
  const auto terms = static_cast<double>(e.coefficients.size());
  const double now = bits(e.coefficients.size()), before = bits(e.coefficients.size() / 2);
  const double alpha = std::clamp(std::log2(now / before), 0.5, 1.0);  // NaN stays, and asks for the least
  const double guess = 1.15 * terms * std::pow(accuracy / now, 1 / alpha), least = 1.5 * terms;
  return static_cast<int>(guess > least ? std::min(guess, 64 * terms) : least);
}

}  // namespace

HermiteExpansion hermite_expansion(const Interval& variance, const Interval& mean_square,
                                   const std::vector<Interval>& coefficients) {
  HermiteExpansion e{variance, mean_square, {}, {}};
  Interval rest = mean_square;
  for (const Interval& a : coefficients) append(e, rest, a);
  return e;
}

bool parity_vanishes(const ActivationRow& row, Part part, int parity) {
  return (parity == 1) != split(row.symmetry, part, bound_precision).q_is_odd;
}

bool GaussianQuadrature::Basis::keeps_all() const { return most_terms * grid.nodes <= most_kept; }

GaussianQuadrature::Basis& GaussianQuadrature::basis(const QuadratureGrid& grid, int most_terms) {
  for (Basis& b : bases_) {
    if (b.grid.step == grid.step && b.grid.nodes == grid.nodes && b.most_terms == most_terms && b.keeps_all())
      return b;
  }
  // Widths in psi() grow at most like e^(|x|√k − x²/2) <= e^(k/2): 0.73 bits a term.
  const int work = precision_ + 48 + (3 * most_terms) / 4;
  const Interval two = whole(2, work), h = Interval::exact(grid.step, work),
                 scale = h / sqrt(two * Interval::pi(work));
  Basis made{grid, {}, most_terms, 0, {}, {}, whole(1, precision_ + 24), {}};
  for (long j = 0; j <= grid.nodes; ++j) {
    made.nodes.push_back(Interval::exact(grid.step, 53 + 64) * whole(j, 64));  // exact
    made.previous.push_back(whole(0, work));
    made.current.push_back(scale * exp(-square(made.nodes.back().with_precision(work)) / two));
  }
  if (bases_.size() >= 4) bases_.erase(bases_.begin());
  bases_.push_back(std::move(made));
  return bases_.back();
}

void GaussianQuadrature::advance(Basis& b) {
  // He_{k+1} = x He_k − k He_{k−1}
  const Interval order = whole(b.order, bound_precision);
  for (std::size_t j = 0; j < b.current.size(); ++j) {
    Interval next = b.current[j];
    next *= b.nodes[j];
    b.previous[j] *= order;
    next -= b.previous[j];
    b.previous[j] = std::move(b.current[j]);
    b.current[j] = std::move(next);
  }
  ++b.order;
  b.factorial *= whole(b.order, bound_precision);
}

const std::vector<Interval>& GaussianQuadrature::psi(Basis& b, int k) const {
  const int kept = precision_ + 24;
  const auto add_row = [&] {
    const Interval scale = whole(1, kept) / sqrt(b.factorial);
    std::vector<Interval>& row = b.psi.emplace_back();
    for (const Interval& x : b.current) row.push_back(x.with_precision(kept) * scale);
  };
  if (!b.keeps_all()) {
    while (b.order < k) advance(b);
    b.psi.clear();
    add_row();
    return b.psi.front();
  }
  while (b.psi.size() <= static_cast<std::size_t>(k)) {
    if (b.order < static_cast<long long>(b.psi.size())) advance(b);
    add_row();
  }
  return b.psi[static_cast<std::size_t>(k)];
}

HermiteExpansion GaussianQuadrature::expand(const ActivationRow& row, Part part, const Interval& variance,
                                            ExpansionEnd end, std::optional<QuadratureGrid> forced) {
  if (end.terms < 1)
    throw InputError("Hermite expansion: terms = " + std::to_string(end.terms) + ", allowed: 1 or more");
  HermiteExpansion e;
  e.variance = variance;
  e.mean_square = Interval::nan(precision_);
  Interval rest = e.mean_square;
  if (!is_usable(variance)) {
    append(e, rest, e.mean_square);
    return e;
  }
  const int work = std::max(precision_ + 24, variance.precision());
  const Interval s = without_negative_part(variance).with_precision(work);
  // All that is left may be enclosure width: then more terms cannot help.
  const auto finished = [&] {
    if (e.coefficients.size() < static_cast<std::size_t>(end.least)) return false;
    return !certainly_lt(whole(0, work), rest) || (end.accuracy && is_reached(e, *end.accuracy));
  };
  if (!row.analytic) {
    const HermiteExpansion all = relu_moments(part, s, end.terms);
    rest = e.mean_square = all.mean_square.with_precision(precision_);
    for (const Interval& a : all.coefficients) {
      append(e, rest, a.with_precision(precision_));
      if (finished()) break;
    }
    return e;
  }

  const std::optional<Moments> moments = row.id == "erf" ? std::optional(erf_moments(part, s)) : std::nullopt;
  if (moments && end.terms == 1 && !forced) {
    e.mean_square = moments->mean_square.with_precision(precision_);
    rest = e.mean_square;
    append(e, rest, moments->mean.with_precision(precision_));
    return e;
  }

  const Integrand f(row, part, s);
  const QuadratureGrid wanted = forced ? *forced : choose_grid(f, end.terms, precision_ + 8);
  require_usable(wanted);
  Basis& known = basis(wanted, end.terms);
  const QuadratureGrid grid = known.grid;
  const auto [constant, slope, q_is_odd] = split(row.symmetry, part, work);
  const Interval root = sqrt(s), two = whole(2, work), spacing = root * Interval::exact(grid.step, work);
  std::vector<Interval> q;  // 2q at the nodes x > 0, q at 0
  Interval sum = symmetric(f.square_error(grid)).with_precision(work);
  const std::vector<Interval>& weights = psi(known, 0);
  for (long j = 0; j <= grid.nodes; ++j) {
    const Interval w = spacing * whole(j, work), line = constant + slope * w, value = evaluate(row, part, w);
    const Interval rest_of_value = value - line;
    q.push_back(j == 0 ? rest_of_value : two * rest_of_value);
    // f(w)² + f(−w)² = 2 (line² + q²)
    const Interval squares = j == 0 ? square(value) : two * (square(line) + square(rest_of_value));
    sum += weights[static_cast<std::size_t>(j)] * squares;
  }
  if (moments) sum = moments->mean_square;
  rest = e.mean_square = without_negative_part(sum).with_precision(precision_);
  for (int k = 0; k < end.terms; ++k) {
    Interval a = whole(0, work);
    if ((k % 2 == 1) == q_is_odd) {
      const std::vector<Interval>& at = psi(known, k);
      a = symmetric(f.error(k, grid)).with_precision(work);
      for (std::size_t j = 0; j < q.size(); ++j) a += at[j] * q[j];
    } else if (k <= 1) {
      a = k == 0 ? constant : slope * root;
    }
    append(e, rest, a.with_precision(precision_));
    if (finished()) break;
  }
  return e;
}

HermiteExpansion GaussianQuadrature::expand_to(const ActivationRow& row, Part part, const Interval& variance,
                                               int accuracy, int least, int most) {
  most = std::max(most, terms_at_one(accuracy));
  for (int terms = std::max(first_terms, least);;) {
    HermiteExpansion e = expand(row, part, variance, {terms, accuracy, least});
    const bool all_used = e.coefficients.size() == static_cast<std::size_t>(terms);
    if (!all_used || is_reached(e, accuracy) || terms >= most) return e;
    terms = std::min(most, more_terms(e, accuracy));
  }
}

Interval gaussian_mean(const ActivationRow& row, Part part, const Interval& variance, int precision) {
  return GaussianQuadrature(precision).expand(row, part, variance, {1}).mean();
}
Interval gaussian_mean_square(const ActivationRow& row, Part part, const Interval& variance, int precision) {
  return GaussianQuadrature(precision).expand(row, part, variance, {1}).mean_square;
}

}  // namespace overproof
