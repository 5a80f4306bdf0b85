#include "bounds/variance_series.h"

#include <cmath>
#include <limits>
#include <vector>

#include "bounds/dual_activation.h"
#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

constexpr int sharp = 256;

Interval whole(long long value) { return Interval::integer(value, sharp); }

HermiteExpansion expansion(const ActivationRow& row, Part part, const Interval& s, int terms, int precision) {
  return GaussianQuadrature(precision).expand(row, part, s, {terms, {}, terms});
}

/// Whether `outer` contains what `inner` does: E f², the coefficients, and the tails of the last ones.
void require_contains(const HermiteExpansion& outer, const HermiteExpansion& inner) {
  REQUIRE(outer.mean_square.contains(inner.mean_square));
  REQUIRE(outer.tails.size() == outer.coefficients.size() + 1);
  Interval tail = inner.mean_square;
  for (std::size_t k = 0; k < std::min(outer.coefficients.size(), inner.coefficients.size()); ++k) {
    INFO("k " << k << ": " << outer.coefficients[k].text(25) << " " << inner.coefficients[k].text(25));
    REQUIRE(certainly_le(tail, outer.tails[k] + Interval::exact(inner.mean_square.width() * 4)));
    REQUIRE(outer.coefficients[k].contains(inner.coefficients[k]));
    tail -= square(inner.coefficients[k]);
  }
  REQUIRE(certainly_le(tail, outer.tails.back() + Interval::exact(inner.mean_square.width() * 4)));
}

/// Σ_m w_km x_m, the definition, in high precision: w_km = q^(k/2) (−τ/2)^j √(m!/k!)/j!, m = k + 2j.
Interval transformed(const std::vector<Interval>& x, std::size_t k, const Interval& q) {
  Interval sum = whole(0), weight = k == 0 ? whole(1) : pow(sqrt(q), static_cast<long long>(k));
  for (std::size_t m = k; m < x.size(); m += 2) {
    sum += weight * x[m];
    const auto next = static_cast<long long>(m), j = static_cast<long long>((m - k) / 2 + 1);
    weight *= (q - whole(1)) / whole(2 * j) * sqrt(whole((next + 1) * (next + 2)));
  }
  return sum;
}

/// A polynomial's coefficients at s₀ as a row with odd or even functions has them, and all that is known of
/// it from `known` of them.
struct Polynomial {
  std::vector<Interval> coefficients;
  [[nodiscard]] HermiteExpansion top(const Interval& s0, std::size_t known, int precision) const {
    HermiteExpansion e{s0, Interval::integer(0, precision), {}, std::vector<Interval>(known + 1)};
    Interval tail = whole(0);
    for (std::size_t m = coefficients.size(); m-- > 0;) {
      if (m < known) e.tails[m + 1] = tail.with_precision(64).upper_point();
      tail += square(coefficients[m]);
    }
    e.tails[0] = tail.with_precision(64).upper_point();
    e.mean_square = tail.with_precision(precision);
    for (std::size_t m = 0; m < known; ++m)
      e.coefficients.push_back(coefficients[m].with_precision(precision));
    return e;
  }
};

Polynomial random_polynomial(std::mt19937_64& random, std::size_t terms, std::size_t parity, double decay) {
  std::uniform_real_distribution<double> unit(-1, 1);
  Polynomial out;
  for (std::size_t m = 0; m < terms; ++m) {
    const double x = static_cast<float>(unit(random) * std::exp(-decay * static_cast<double>(m)));
    out.coefficients.push_back(Interval::exact(m % 2 == parity ? x : 0, sharp));
  }
  return out;
}

/// tanh is odd, so a series that takes a function for it knows that a_0, a_2, ... are 0; sigmoid' is even.
const ActivationRow& odd = activation_row("tanh");
const ActivationRow& even = activation_row("sigmoid");

}  // namespace

TEST_CASE("a series contains the expansions at its variances, both ends included, as computed on their own") {
  const auto seed = test_seed(61);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> part_of(7.0 / 8, 1), exponent(-6, 1);
  for (const ActivationRow& row : activation_table()) {
    for (const Part part : {Part::value, Part::derivative}) {
      for (int i = 0; i < scaled(2); ++i) {
        const double top = std::ldexp(std::round(std::ldexp(std::exp2(exponent(random)), 20)), -20);
        const Interval s0 = Interval::exact(top);
        const VarianceSeries series(row, part, expansion(row, part, s0, 48, 128), 82);
        REQUIRE(series.terms() <= 42);
        for (const double q : {7.0 / 8, 1.0, part_of(random)}) {
          const Interval s = max(Interval::exact(top * q), Interval::rational(7, 8) * s0);
          INFO(row.id << " s₀ " << top << " q " << q);
          const HermiteExpansion at = series.at(s);
          require_contains(at, expansion(row, part, s.with_precision(sharp), 42, sharp));
          REQUIRE(at.mean_square.width() <= 8 * series.tail().upper() + 1e-23);
          if (row.analytic) REQUIRE(at.coefficients[0].width() < 1e-24);
        }
      }
    }
  }
}

TEST_CASE("the number of terms that come through is the number asked for") {
  for (int terms = 1; terms < 300; ++terms) {
    const auto at_top = static_cast<std::size_t>(VarianceSeries::terms_at_top(terms));
    REQUIRE(7 * at_top / 8 >= static_cast<std::size_t>(terms));
    REQUIRE(7 * (at_top - 1) / 8 < static_cast<std::size_t>(terms));
  }
}

TEST_CASE(
    "the coefficients of polynomials follow the multiplication theorem to the last bits of each precision") {
  const auto seed = test_seed(62);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> degree(1, 70);
  std::uniform_int_distribution<int> bits(30, 140);
  std::uniform_real_distribution<double> part_of(7.0 / 8, 1);
  const Interval s0 = Interval::integer(3);
  for (int i = 0; i < scaled(200); ++i) {
    const std::size_t parity = i % 2 == 0 ? 1 : 0, terms = degree(random) + 1;
    const int p = bits(random);
    const Polynomial f = random_polynomial(random, terms, parity, i % 3 == 0 ? 0.0 : 0.2);
    const VarianceSeries series(parity == 1 ? odd : even, parity == 1 ? Part::value : Part::derivative,
                                f.top(s0, terms, p), 1000);
    const Interval q = Interval::exact(static_cast<float>(part_of(random)), sharp), s = q * s0;
    const HermiteExpansion at = series.at(s);
    for (std::size_t k = 0; k < at.coefficients.size(); ++k) {
      INFO("precision " << p << " N " << terms << " k " << k << " q " << q.text());
      REQUIRE(at.coefficients[k].contains(transformed(f.coefficients, k, q)));
      REQUIRE(at.coefficients[k].width() <= std::ldexp(8.0 * static_cast<double>(terms + 8), -p) * 8);
    }
  }
}

TEST_CASE("terms that are not given, or left out, are covered, and are noticed if they are not") {
  const auto seed = test_seed(63);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> kept(1, 24), more(1, 60);
  std::uniform_int_distribution<int> tolerance(-2, 40);
  std::uniform_real_distribution<double> sign(-1, 1);
  const Interval s0 = Interval::integer(1);
  double most_used = 0;
  for (int i = 0; i < scaled(400); ++i) {
    const std::size_t parity = i % 2 == 0 ? 1 : 0, known = kept(random), terms = known + more(random);
    const Interval q = i % 3 == 0 ? Interval::rational(7, 8, sharp)
                                  : Interval::exact(1 - 0.125 * std::abs(sign(random)), sharp);
    // The worst function: what is missed of one a_k lies along w_km.
    Polynomial f = random_polynomial(random, terms, parity, 0.0);
    const std::size_t target = std::min(known - 1, static_cast<std::size_t>(i) % 12);
    if (target % 2 == parity && i % 4 < 3) {
      for (std::size_t m = target; m < terms; m += 2) {
        std::vector<Interval> alone(m + 1, whole(0));
        alone[m] = whole(1);
        const double w = transformed(alone, target, q).mid();
        f.coefficients[m] = m < known && i % 4 < 2 ? whole(0) : Interval::exact(w, sharp);
      }
    }
    const VarianceSeries series(parity == 1 ? odd : even, parity == 1 ? Part::value : Part::derivative,
                                f.top(s0, known, 128), i % 4 == 0 ? 1000 : tolerance(random));
    const HermiteExpansion at = series.at(q);
    Interval mean_square = whole(0), tail = whole(0);
    for (std::size_t k = terms; k-- > 0;) {
      const Interval a = transformed(f.coefficients, k, q);
      mean_square += square(a);
      if (k >= at.coefficients.size()) continue;
      INFO("k " << k << " known " << known << " of " << terms << ": " << at.coefficients[k].text(20) << " "
                << a.text(20));
      REQUIRE(at.coefficients[k].contains(a));
      REQUIRE(certainly_le(mean_square, at.tails[k] + Interval::exact(1e-60)));
      const double room = at.coefficients[k].width() / 2;
      if (room > 1e-30) most_used = std::max(most_used, std::abs(a.mid() - at.coefficients[k].mid()) / room);
    }
    REQUIRE(at.mean_square.contains(mean_square));
  }
  REQUIRE(most_used > 0.7);  // so that an error term lost, or halved, is seen
}

TEST_CASE("coefficients that are only enclosed carry their radii along") {
  const auto seed = test_seed(64);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> part_of(7.0 / 8, 1), radius(-40, -4);
  const Interval s0 = Interval::rational(1, 4);
  for (int i = 0; i < scaled(100); ++i) {
    const std::size_t parity = i % 2 == 0 ? 1 : 0;
    const Polynomial f = random_polynomial(random, 40, parity, 0.1);
    HermiteExpansion top = f.top(s0, 40, 128);
    const double r = std::exp2(radius(random));
    // The truth is an end of each: above for a_k, below for the next.
    for (std::size_t m = 0; m < 40; ++m) {
      if (m % 2 != parity) continue;
      const bool above = m / 2 % 2 == 0;
      top.coefficients[m] += Interval::between(above ? -r : 0, above ? 0 : r);
    }
    const VarianceSeries series(parity == 1 ? odd : even, parity == 1 ? Part::value : Part::derivative, top,
                                1000);
    const Interval q = Interval::exact(static_cast<float>(part_of(random)), sharp);
    const HermiteExpansion at = series.at(q * s0);
    for (std::size_t k = parity; k < at.coefficients.size(); k += 2) {
      REQUIRE(at.coefficients[k].contains(transformed(f.coefficients, k, q)));
      REQUIRE(at.coefficients[k].width() <= 24 * r);
    }
  }
}

TEST_CASE("a variance with width gives what its numbers give, and no more than the slope widens it") {
  const auto seed = test_seed(65);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> part_of(0.88, 0.99), width(-60, -5);
  for (const char* id : {"softplus", "tanh", "silu"}) {
    const ActivationRow& row = activation_row(id);
    const double top = 0.75;
    const VarianceSeries series(row, Part::value, expansion(row, Part::value, Interval::exact(top), 60, 128),
                                82);
    for (int i = 0; i < scaled(10); ++i) {
      const double low = top * part_of(random), high = std::min(top, low + std::exp2(width(random))),
                   r = high - low;
      const HermiteExpansion wide = series.at(Interval::between(low, high));
      for (const double s : {low, high, low + r / 2}) {
        const HermiteExpansion at = expansion(row, Part::value, Interval::exact(s, sharp), 52, sharp);
        require_contains(wide, at);
      }
      // |a_0'| = |a_2|/(√2 s)
      const double slope = std::abs(wide.coefficients[2].mid()) / (std::sqrt(2) * low);
      REQUIRE(wide.coefficients[0].width() <= 1.2 * r * slope + 40 * r * r + 1e-23);
    }
  }
}

TEST_CASE("what is outside a piece is not covered, and nothing is around a nan, a negative or a wide s₀") {
  const Interval one = Interval::integer(1), nan = Interval::nan();
  const double infinity = std::numeric_limits<double>::infinity();
  REQUIRE(VarianceSeries::covers(one, one));
  REQUIRE(VarianceSeries::covers(one, Interval::between(0.875, 1)));
  for (const Interval& s :
       {Interval::between(0.874, 0.9), Interval::between(0.9, 1.0001), Interval::integer(0),
        Interval::integer(-1), nan, Interval::between(0.9, infinity), Interval::entire()})
    REQUIRE_FALSE(VarianceSeries::covers(one, s));
  for (const Interval& top : {nan, Interval::integer(0), -one, Interval::between(0.9, 1), Interval::entire()})
    REQUIRE_FALSE(VarianceSeries::covers(top, one));
  REQUIRE_FALSE(VarianceSeries::covers(Interval::integer(0), Interval::integer(0)));

  const ActivationRow& row = activation_row("softplus");
  const VarianceSeries series(row, Part::value, expansion(row, Part::value, one, 16, 128), 82);
  REQUIRE_THROWS_AS(series.at(Interval::between(0.8, 0.9)), InputError);
  REQUIRE_THROWS_AS(series.at(nan), InputError);
  HermiteExpansion spoiled = expansion(row, Part::value, one, 16, 128);
  spoiled.coefficients[12] = nan;
  const HermiteExpansion at = VarianceSeries(row, Part::value, spoiled, 82).at(one);
  REQUIRE((at.coefficients[0].is_nan() && at.mean_square.is_nan()));
}
