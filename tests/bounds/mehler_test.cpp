#include "bounds/mehler.h"

#include <cmath>
#include <vector>

#include "bounds/dual_activation.h"
#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

constexpr int reference_precision = 900;

Interval whole(long long value) { return Interval::integer(value, reference_precision); }

/// An expansion with these coefficients and nothing else: E f² is their sum of squares and `rest`.
HermiteExpansion made_of(const std::vector<Interval>& coefficients, const Interval& rest) {
  Interval sum = rest;
  for (const Interval& a : coefficients) sum += square(a);
  return hermite_expansion(Interval::integer(1), sum, coefficients);
}
HermiteExpansion made_of(const std::vector<Interval>& coefficients) {
  return made_of(coefficients, whole(0));
}

/// Σ a_k b_k ρ^k in interval arithmetic of high precision.
Interval summed(const std::vector<Interval>& a, const std::vector<Interval>& b, const Interval& rho) {
  Interval sum = whole(0), power = whole(1);
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
    sum += a[k] * b[k] * power;
    power *= rho;
  }
  return sum;
}

/// Random doubles of very different sizes and signs, many of them zero, as exact points.
std::vector<Interval> random_coefficients(std::mt19937_64& random, std::size_t count) {
  std::uniform_real_distribution<double> mantissa(-1, 1);
  std::uniform_int_distribution<int> exponent(-30, 3), kind(0, 3);
  std::vector<Interval> out;
  for (std::size_t k = 0; k < count; ++k) {
    const double x = std::ldexp(mantissa(random), exponent(random));
    out.push_back(Interval::exact(kind(random) == 0 ? 0.0 : x, reference_precision));
  }
  return out;
}

constexpr int all_bits = 2000;  // an accuracy that no tail reaches
const Interval one = Interval::integer(1);

}  // namespace

TEST_CASE("a sum in fixed point contains the sum, at every precision, sign and size") {
  const auto seed = test_seed(41);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> length(1, 40);
  std::uniform_int_distribution<int> bits(40, 500), small(0, 40);
  std::uniform_real_distribution<double> cosine(-1, 1);
  for (int i = 0; i < scaled(400); ++i) {
    const int p = bits(random);
    const auto a = random_coefficients(random, length(random)),
               b = random_coefficients(random, length(random));
    const MehlerFactor u(made_of(a), one, all_bits, p), v(made_of(b), one, all_bits, p);
    const double r = i % 5 == 0 ? 1.0 : i % 5 == 1 ? -1.0 : std::ldexp(cosine(random), -small(random));
    const Interval rho =
        Interval::exact(r, reference_precision) * Interval::rational(2, 3, reference_precision);
    for (const Interval& x : {rho, Interval::exact(r, reference_precision)}) {
      INFO("precision " << p << " ρ " << x.text(20));
      const Interval same = mehler_product(u, u, x), mixed = mehler_product(u, v, x);
      REQUIRE(same.contains(summed(a, a, x)));
      REQUIRE(mixed.contains(summed(a, b, x)));
      const double size = u.mean_square().upper() + v.mean_square().upper();
      REQUIRE(same.width() <= std::ldexp(size * 64 + 1e-300, -p));
      REQUIRE(mixed.width() <= std::ldexp(size * 64 + 1e-300, -p));
    }
  }
}

TEST_CASE("a small sum is not taken for more exact than its roundings") {
  // Powers of a small ρ, or terms that cancel: the result has more digits than the fixed-point numbers.
  const auto seed = test_seed(42);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> part(0.2, 0.9);
  for (int i = 0; i < scaled(200); ++i) {
    const int p = 96;  // 128 bits behind the point
    std::vector<Interval> a(12, whole(0));
    for (std::size_t k = 9; k < a.size(); ++k) a[k] = Interval::exact(part(random), reference_precision);
    const MehlerFactor u(made_of(a), one, all_bits, p), v(made_of(a), one, all_bits, p);
    const Interval rho = Interval::exact(std::ldexp(part(random), -9), reference_precision);
    REQUIRE(mehler_product(u, u, rho).contains(summed(a, a, rho)));
    REQUIRE(mehler_product(u, v, rho).contains(summed(a, a, rho)));
    REQUIRE(mehler_product(u, u, -rho).contains(summed(a, a, -rho)));

    const Interval x = Interval::exact(part(random), reference_precision);
    const std::vector<Interval> b{whole(1), whole(1)}, c{x, whole(-1)};  // x − ρ
    const MehlerFactor first(made_of(b), one, all_bits, p), second(made_of(c), one, all_bits, p);
    REQUIRE(mehler_product(first, second, x).contains_zero());
    REQUIRE(mehler_product(first, second, x).width() < 1e-35);
  }
}

TEST_CASE("a sum over wide coefficients or correlations contains those of their points") {
  const auto seed = test_seed(43);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (int i = 0; i < scaled(200); ++i) {
    const double radius = std::ldexp(1.0, -4 - i % 40), centre = unit(random);
    std::vector<Interval> wide, low, high;
    for (int k = 0; k < 6; ++k) {
      const double x = unit(random) / 3;
      wide.push_back(Interval::between(x - radius, x + radius, reference_precision));
      low.push_back(wide.back().lower_point());
      high.push_back(wide.back().upper_point());
    }
    const Interval rho = Interval::between(centre - radius, centre + radius, reference_precision);
    const MehlerFactor u(made_of(wide), one, all_bits, 128), v(made_of(wide), one, all_bits, 128),
        point(made_of(low), one, all_bits, 128), other(made_of(high), one, all_bits, 128);
    for (const Interval& end : {rho.lower_point(), rho.upper_point()}) {
      if (std::abs(end.mid()) > 1) continue;
      REQUIRE(mehler_product(point, point, rho).contains(summed(low, low, end)));
      REQUIRE(mehler_product(point, other, rho).contains(summed(low, high, end)));
      REQUIRE(mehler_product(u, u, end).contains(summed(low, low, end)));
      REQUIRE(mehler_product(u, u, end).contains(summed(high, high, end)));
      REQUIRE(mehler_product(u, v, end).contains(summed(low, high, end)));
      // One of the two known badly, whichever comes first.
      REQUIRE(mehler_product(u, other, end).contains(summed(low, high, end)));
      REQUIRE(mehler_product(other, u, end).contains(summed(low, high, end)));
    }
    const Interval all = Interval::integer(1);
    for (const std::vector<Interval>& ends : {low, high}) {
      REQUIRE(mehler_product(u, point, all).contains(summed(ends, low, whole(1))));
      REQUIRE(mehler_product(point, u, all).contains(summed(ends, low, whole(1))));
    }
    REQUIRE(mehler_product(point, other, rho).width() < 16 * radius + 1e-36);
  }
}

TEST_CASE("the slope of a wide correlation is taken where it is largest") {
  // a_k² ρ^k with one high power: the end at 1 is steep, the middle flat.
  for (const std::size_t k : {2, 5, 20}) {
    std::vector<Interval> a(k + 1, whole(0));
    a[k] = whole(1);
    const MehlerFactor u(made_of(a), one, all_bits, 128), v(made_of(a), one, all_bits, 128);
    for (const double low : {-1.0, -0.5, 0.0, 0.8}) {
      const Interval rho = Interval::between(low, 1);
      for (const Interval& product : {mehler_product(u, u, rho), mehler_product(u, v, rho)}) {
        REQUIRE(product.contains(1.0));
        REQUIRE(product.contains(std::pow(low, static_cast<double>(k))));
      }
    }
  }
}

TEST_CASE("the tail is covered at the term where the tolerance ends the sum, and where nothing reaches it") {
  // a_k² = 4^-k, k < 30, and a rest of 4^-30/3 · 4 as the geometric series has it: Σ 4^-k ρ^k = 1/(1 − ρ/4).
  std::vector<Interval> a;
  for (int k = 0; k < 30; ++k) a.push_back(pow(Interval::rational(1, 2, reference_precision), k));
  const Interval rest = pow(Interval::rational(1, 4, reference_precision), 29) / whole(3);
  for (const int accuracy : {3, 10, 20, 40, 58, 90}) {
    const MehlerFactor u(made_of(a, rest), one, accuracy, 200), v(made_of(a, rest), one, accuracy, 200);
    for (int i = -100; i <= 100; ++i) {
      const Interval rho = Interval::rational(i, 100, reference_precision);
      const Interval limit = whole(1) / (whole(1) - rho / whole(4));
      INFO("accuracy " << accuracy << " ρ " << rho.text());
      const Interval same = mehler_product(u, u, rho), mixed = mehler_product(u, v, rho);
      REQUIRE(same.contains(limit));
      REQUIRE(mixed.contains(limit));
      if (accuracy < 58) REQUIRE(same.width() <= std::ldexp(2.0001, -accuracy));
      REQUIRE(same.width() <= std::max(std::ldexp(2.0001, -accuracy), 2.0001 * rest.upper()));
    }
    // The end of the tail is attained at ρ = 1.
    REQUIRE(mehler_product(u, u, Interval::integer(1)).upper() >= 4.0 / 3);
  }
}

TEST_CASE("a scale multiplies the product, the mean square and, by its root, the mean") {
  const std::vector<Interval> a{whole(2), whole(-1), whole(3)};
  const MehlerFactor plain(made_of(a), one, all_bits, 128),
      nine(made_of(a), Interval::integer(9), all_bits, 128);
  const Interval half = Interval::rational(1, 2);
  REQUIRE((Interval::integer(9) * mehler_product(plain, plain, half))
              .contains(mehler_product(nine, nine, half).mid()));
  REQUIRE(nine.mean().contains(6.0));
  REQUIRE(nine.mean_square().contains(9.0 * 14));
  REQUIRE(mehler_product(plain, nine, half).contains(3 * (4 + 0.5 + 2.25)));
  // So it does a tail: E f² = 14 + 2 at ρ = 1.
  const MehlerFactor cut(made_of(a, whole(2)), Interval::integer(9), all_bits, 128);
  REQUIRE(mehler_product(cut, cut, Interval::integer(1)).contains(9.0 * 16));
}

TEST_CASE("nothing is proved from numbers that are missing, and a correlation is cut to [-1, 1]") {
  const std::vector<Interval> a{whole(1), whole(1)};
  const MehlerFactor good(made_of(a), one, 60, 128), bad(made_of({whole(1), Interval::nan()}), one, 60, 128),
      unbounded(made_of({Interval::entire()}), one, 60, 128),
      empty_scale(made_of(a), Interval::nan(), 60, 128);
  for (const MehlerFactor* spoiled : {&bad, &unbounded, &empty_scale})
    REQUIRE(mehler_product(*spoiled, *spoiled, Interval::integer(0)).is_nan());
  REQUIRE(mehler_product(good, good, Interval::nan()).is_nan());
  REQUIRE(mehler_product(good, good, Interval::between(1.5, 2)).is_nan());
  REQUIRE(mehler_product(good, good, Interval::between(-2, -1.5)).is_nan());
  const Interval cut = mehler_product(good, good, Interval::between(0.5, 7));  // 1 + ρ
  REQUIRE((cut.contains(1.5) && cut.contains(2.0)));
  REQUIRE(cut.width() < 0.51);
  const Interval entire = mehler_product(good, good, Interval::entire());
  REQUIRE((entire.contains(0.0) && entire.contains(2.0)));
  REQUIRE(entire.upper() < 2.01);
  const MehlerFactor fine(made_of(a), one, 60, 300);
  REQUIRE_THROWS_AS(mehler_product(good, fine, Interval::integer(0)), InputError);
}

TEST_CASE("the closed form of erf and its Hermite series agree at 300 bits") {
  const int p = 300, accuracy = accuracy_of(p);
  const ActivationRow& row = activation_row("erf");
  const DualActivation dual(row, p);
  GaussianQuadrature quadrature(p);
  const Interval s1 = Interval::rational(1, 3, p), s2 = Interval::integer(1, p),
                 scale = Interval::integer(1, p);
  for (const Part part : {Part::value, Part::derivative}) {
    const MehlerFactor v(quadrature.expand_to(row, part, s2, accuracy), scale, accuracy, p),
        u(quadrature.expand_to(row, part, s1, accuracy, v.terms()), scale, accuracy, p);
    for (const long long i : {-10, -3, 0, 7, 9, 10}) {
      const Interval rho = Interval::rational(i, 10, p);
      const Interval closed =
          dual.product(part, dual.factor(part, s1), dual.factor(part, s2), rho * sqrt(s1 * s2));
      const Interval series = mehler_product(u, v, rho);
      REQUIRE((possibly_le(closed, series) && possibly_le(series, closed)));
      REQUIRE(series.width() < 1e-72);
      REQUIRE(closed.width() < 1e-86);
    }
  }
}

TEST_CASE("expansions of 128 and of 256 bits enclose the same products") {
  for (const char* id : {"softplus", "gelu"}) {
    const ActivationRow& row = activation_row(id);
    const DualActivation coarse(row, 128), sharp(row, 256);
    for (const Part part : {Part::value, Part::derivative}) {
      const Interval s = Interval::rational(5, 4, 256), t = Interval::integer(1, 256);
      const MehlerFactor u = coarse.factor(part, s), v = coarse.factor(part, t, u.terms()),
                         x = sharp.factor(part, s), y = sharp.factor(part, t, x.terms());
      for (const double r : {-1.0, -0.4, 0.0, 0.7, 1.0}) {
        const Interval c = Interval::exact(r, 256);
        const Interval rough = coarse.product(part, u, v, c), fine = sharp.product(part, x, y, c);
        INFO(id << " ρ " << r << ": " << rough.text(25) << " " << fine.text(65));
        REQUIRE(rough.contains(fine));
        REQUIRE(rough.width() < 1e-20);
        REQUIRE(fine.width() < 1e-58);
        REQUIRE(coarse.product(part, u, u, c).contains(sharp.product(part, x, x, c)));
      }
    }
  }
}

TEST_CASE("one factor serves two functions of the enclosure, whose coefficients may differ in sign") {
  std::vector<Interval> coefficients(40, whole(0));  // so that the tail at ρ = 1/2 is small
  coefficients[1] = hull(whole(-1), whole(1));
  const MehlerFactor factor(made_of(coefficients), one, 70, 128);
  const Interval product = mehler_product(factor, factor, Interval::rational(1, 2));
  CHECK(product.lower() <= -0.5);
  CHECK(product.upper() >= 0.5);
  CHECK(product.width() < 2.5);
}
