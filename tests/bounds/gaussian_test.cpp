#include "bounds/gaussian.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bounds/dual_activation.h"
#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

bool meets(const Interval& a, const Interval& b) { return possibly_le(a, b) && possibly_le(b, a); }

/// Mid of σ(z) or σ'(z) from the Taylor coefficients at low precision: for sums in plain floating point.
double plain(const ActivationRow& row, Part part, double z) {
  return row.jet(Interval::exact(z, 64), 1)[part == Part::value ? 0 : 1].mid();
}

/// E f(u) f(v) by the plain trapezoidal rule in two variables with step 1/8 on [-8.5, 8.5]²: for these
/// analytic f and variances the discretisation error is below e^(-2π·0.6·8) and the tail below e^(-36), both
/// less than 1e-12; the rounding of 137² terms of a sum of size < 10 is less than 1e-12 too.
double approx_product(const ActivationRow& row, Part part, double s1, double c, double s2) {
  const double rho = c / std::sqrt(s1 * s2), across = std::sqrt(std::max(0.0, 1 - rho * rho)), h = 0.125;
  double sum = 0;
  for (int i = -68; i <= 68; ++i) {
    const double z1 = i * h, first = plain(row, part, std::sqrt(s1) * z1);
    for (int j = -68; j <= 68; ++j) {
      const double z2 = j * h, weight = std::exp(-(z1 * z1 + z2 * z2) / 2);
      if (weight > 1e-16) sum += weight * first * plain(row, part, std::sqrt(s2) * (rho * z1 + across * z2));
    }
  }
  return sum * h * h / (2 * M_PI);
}

HermiteExpansion series(const ActivationRow& row, Part part, const Interval& s, int terms,
                        int precision = 128) {
  return GaussianQuadrature(precision).expand(row, part, s, {terms});
}

/// E f(u) g(v) by Mehler's formula with as many terms as a tail of 2^-accuracy takes; everything that is
/// there by default.
Interval hermite_product(const HermiteExpansion& u, const HermiteExpansion& v, const Interval& rho,
                         int accuracy = 400) {
  const Interval one = Interval::integer(1);
  const MehlerFactor first(u, one, accuracy, 128);
  return &u == &v ? mehler_product(first, first, rho)
                  : mehler_product(first, MehlerFactor(v, one, accuracy, 128), rho);
}

}  // namespace

TEST_CASE("means and mean squares have the values that are known for them") {
  struct Row {
    const char *id, *mean, *slope_square;
  };
  const Row rows[] = {{"softplus", "0.8060591833", "0.2933790359"}, {"tanh", "0", "0.4644029024"},
                      {"sigmoid", "0.5", "0.0448362414"},           {"erf", "0", "0.5694100347"},
                      {"gelu", "0.2820947918", "0.4558508656"},     {"silu", "0.2066209641", "0.3794823516"}};
  const Interval one = Interval::integer(1), unit = Interval::decimal("1e-10");
  for (const Row& expected : rows) {
    INFO(expected.id);
    const ActivationRow& row = activation_row(expected.id);
    const Interval mean = gaussian_mean(row, Part::value, one),
                   slope = gaussian_mean_square(row, Part::derivative, one);
    REQUIRE(abs(mean - Interval::decimal(expected.mean)).upper() <= unit.upper());
    REQUIRE(abs(slope - Interval::decimal(expected.slope_square)).upper() <= unit.upper());
    REQUIRE(mean.width() < 1e-37);
    REQUIRE(slope.width() < 1e-37);
  }
  // Closed forms: E relu = 1/√(2π), E gelu = 1/(2√π), E erf² = (2/π) asin(2/3).
  const Interval pi = Interval::pi(), two = Interval::integer(2);
  REQUIRE(meets(gaussian_mean(activation_row("relu"), Part::value, one), one / sqrt(two * pi)));
  REQUIRE(meets(gaussian_mean(activation_row("gelu"), Part::value, one), one / (two * sqrt(pi))));
  REQUIRE(meets(gaussian_mean_square(activation_row("erf"), Part::value, one),
                two / pi * asin(two / Interval::integer(3))));
}

TEST_CASE("quadratures of different precision enclose the same numbers") {
  for (const ActivationRow& row : activation_table()) {
    for (const Part part : {Part::value, Part::derivative}) {
      for (const Interval& s :
           {Interval::rational(1, 7, 260), Interval::integer(1, 260), Interval::rational(29, 10, 260)}) {
        const HermiteExpansion sharp = series(row, part, s, 24, 220), coarse = series(row, part, s, 24, 60);
        REQUIRE(sharp.mean_square.width() < 1e-63);
        REQUIRE(meets(coarse.mean_square, sharp.mean_square));
        for (std::size_t k = 0; k < sharp.coefficients.size() && k < coarse.coefficients.size(); ++k) {
          INFO(row.id << " k " << k);
          REQUIRE(sharp.coefficients[k].width() < 1e-63);
          REQUIRE(coarse.coefficients[k].width() < 1e-16);
          REQUIRE(meets(coarse.coefficients[k], sharp.coefficients[k]));
        }
      }
    }
  }
}

TEST_CASE(
    "a coarse or short grid costs sharpness, never soundness: the error terms cover what the sum misses") {
  const QuadratureGrid coarse[] = {{0.25, 80}, {0.5, 40}, {0.75, 30}, {1.0, 24}, {1.5, 16}, {2.5, 12}};
  const QuadratureGrid brief[] = {{0.0625, 24}, {0.0625, 32}, {0.0625, 48}, {0.0625, 100}};
  for (const ActivationRow& row : activation_table()) {
    if (!row.analytic) continue;
    for (const Part part : {Part::value, Part::derivative}) {
      const Interval s = Interval::rational(3, 2);
      const HermiteExpansion truth = GaussianQuadrature(128).expand(row, part, s, {12});
      const auto worst_miss = [&](const QuadratureGrid& grid) {
        const HermiteExpansion rough = GaussianQuadrature(128).expand(row, part, s, {12}, grid);
        INFO(row.id << " step " << grid.step << " nodes " << grid.nodes);
        REQUIRE(meets(rough.mean_square, truth.mean_square));
        double missed = std::abs(rough.mean_square.mid() - truth.mean_square.mid());
        for (std::size_t k = 0; k < rough.coefficients.size(); ++k) {
          REQUIRE(meets(rough.coefficients[k], truth.coefficients[k]));
          missed = std::max(missed, std::abs(rough.coefficients[k].mid() - truth.coefficients[k].mid()));
        }
        if (grid.step == 0.25) REQUIRE(rough.coefficients[0].width() < 1e-5);
        return missed;
      };
      // The sums alone are wrong by much more than the rounding.
      double missed_coarse = 0, missed_brief = 0;
      for (const QuadratureGrid& grid : coarse) missed_coarse = std::max(missed_coarse, worst_miss(grid));
      for (const QuadratureGrid& grid : brief) missed_brief = std::max(missed_brief, worst_miss(grid));
      REQUIRE(missed_coarse > 1e-12);
      REQUIRE(missed_brief > 1e-6);
    }
  }
  REQUIRE_THROWS_AS(GaussianQuadrature().expand(activation_row("tanh"), Part::value, Interval::integer(1),
                                                {1}, QuadratureGrid{0.5, 2}),
                    InputError);
  REQUIRE_THROWS_AS(GaussianQuadrature().expand(activation_row("tanh"), Part::value, Interval::integer(1),
                                                {1}, QuadratureGrid{0, 9}),
                    InputError);
}

TEST_CASE("an expansion of wide variance contains those of its points") {
  for (const ActivationRow& row : activation_table()) {
    const HermiteExpansion wide = series(row, Part::value, Interval::between(0.9, 1.1), 6);
    for (const double s : {0.9, 0.95, 1.0, 1.1}) {
      const HermiteExpansion point = series(row, Part::value, Interval::exact(s), 6);
      REQUIRE(meets(wide.mean_square, point.mean_square));
      for (std::size_t k = 0; k < wide.coefficients.size(); ++k)
        REQUIRE(meets(wide.coefficients[k], point.coefficients[k]));
    }
  }
}

TEST_CASE("the coefficients of the derivative are those of the function, by parts") {
  for (const ActivationRow& row : activation_table()) {
    const Interval s = Interval::rational(5, 4);
    const HermiteExpansion value = series(row, Part::value, s, 20),
                           slope = series(row, Part::derivative, s, 19);
    for (std::size_t k = 0; k < 19; ++k) {
      INFO(row.id << " k " << k);
      const Interval by_parts =
          value.coefficients[k + 1] * sqrt(Interval::integer(static_cast<long long>(k) + 1) / s);
      REQUIRE(meets(slope.coefficients[k], by_parts));
      REQUIRE(by_parts.width() < 1e-36);
    }
  }
}

TEST_CASE("with few terms the tail covers the rest, at every correlation") {
  for (const ActivationRow& row : activation_table()) {
    if (!row.analytic) continue;
    const Interval s1 = Interval::integer(1), s2 = Interval::rational(3, 2);
    for (const Part part : {Part::value, Part::derivative}) {
      const HermiteExpansion full1 = series(row, part, s1, 150), full2 = series(row, part, s2, 150);
      for (const int terms : {1, 2, 3, 5, 9}) {
        const HermiteExpansion few1 = series(row, part, s1, terms), few2 = series(row, part, s2, terms);
        for (const double rho : {-1.0, -0.8, 0.0, 0.3, 0.95, 1.0}) {
          INFO(row.id << " terms " << terms << " rho " << rho);
          const Interval r = Interval::exact(rho), rough = hermite_product(few1, few2, r);
          REQUIRE(meets(rough, hermite_product(full1, full2, r)));
          REQUIRE(meets(hermite_product(few1, few1, r), hermite_product(full1, full1, r)));
        }
        // ρ = 1, equal variances: the tail is attained, the upper end is E f².
        const Interval one = hermite_product(few1, few1, Interval::integer(1));
        REQUIRE(one.upper() == Approx(full1.mean_square.upper()).epsilon(1e-12));
        REQUIRE(one.upper() >= full1.mean_square.lower());
      }
      // Cut early by a tolerance, the tail is still there.
      const Interval half = Interval::rational(1, 2), early = hermite_product(full1, full2, half, 13);
      REQUIRE(early.contains(hermite_product(full1, full2, half, 83)));
      REQUIRE(early.width() < 3e-4);
    }
  }
}

TEST_CASE("the closed form of erf and its Hermite series agree") {
  const auto seed = test_seed(21);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> variance(0.2, 2), cosine(-1, 1);
  const ActivationRow& row = activation_row("erf");
  DualActivation dual(row);
  for (int i = 0; i < scaled(6); ++i) {
    const Interval s1 = Interval::exact(variance(random)), s2 = Interval::exact(variance(random));
    const Interval rho = i == 0   ? Interval::integer(1)
                         : i == 1 ? Interval::integer(-1)
                                  : Interval::exact(cosine(random));
    for (const Part part : {Part::value, Part::derivative}) {
      const Interval closed =
          dual.product(part, dual.factor(part, s1), dual.factor(part, s2), rho * sqrt(s1 * s2));
      const Interval summed =
          hermite_product(series(row, part, s1, 220), series(row, part, s2, 220), rho, 73);
      INFO("ρ " << rho.text() << ": " << closed.text(25) << " and " << summed.text(25));
      REQUIRE(meets(closed, summed));
      REQUIRE(closed.width() < 1e-36);
      REQUIRE(summed.width() < 1e-15);
    }
  }
}

TEST_CASE("the closed form of relu agrees with its Hermite series and with an integral over the angle") {
  const ActivationRow& row = activation_row("relu");
  DualActivation dual(row);
  const Interval s1 = Interval::rational(3, 4), s2 = Interval::integer(2);
  for (const double rho : {-0.6, -0.25, 0.0, 0.5, 0.7}) {
    const Interval covariance = Interval::exact(rho) * sqrt(s1 * s2);
    for (const Part part : {Part::value, Part::derivative}) {
      const Interval closed = dual.product(part, dual.factor(part, s1), dual.factor(part, s2), covariance);
      const Interval summed =
          hermite_product(series(row, part, s1, 150), series(row, part, s2, 150), Interval::exact(rho), 66);
      REQUIRE(meets(closed, summed));
      REQUIRE(closed.width() < 1e-36);
      REQUIRE(summed.width() < 1e-19);
    }
    // In polar coordinates E u₊v₊ = √(s1 s2)/π ∫ cos₊θ cos₊(θ − α) dθ, cos α = ρ. The integrand is
    // 1-Lipschitz, so the midpoint rule with M points errs by at most 2π·(2π/M)/4.
    const int M = 20000;
    double integral = 0;
    for (int i = 0; i < M; ++i) {
      const double theta = (i + 0.5) * 2 * M_PI / M;
      integral +=
          std::max(0.0, std::cos(theta)) * std::max(0.0, std::cos(theta - std::acos(rho))) * 2 * M_PI / M;
    }
    const Interval closed =
        dual.product(Part::value, dual.factor(Part::value, s1), dual.factor(Part::value, s2), covariance);
    REQUIRE(std::abs(closed.mid() - std::sqrt(1.5) / M_PI * integral) <= std::sqrt(1.5) * M_PI / M + 1e-12);
  }
}

TEST_CASE("a closed form has the geometric mean of two scales") {
  GaussianQuadrature quadrature;
  const Interval one = Interval::integer(1), half = Interval::rational(1, 2);
  for (const char* id : {"erf", "relu"}) {
    const DualActivation dual(activation_row(id));
    const auto factor = [&](long long scale) {
      return dual.factor(Part::value, one, Interval::integer(scale), quadrature);
    };
    const MehlerFactor plain = factor(1), four = factor(4), nine = factor(9);
    REQUIRE(meets(dual.product(Part::value, four, nine, half),
                  Interval::integer(6) * dual.product(Part::value, plain, plain, half)));
  }
}

TEST_CASE("dual activations agree with the plain trapezoidal rule in two variables") {
  for (const ActivationRow& row : activation_table()) {
    if (!row.analytic) continue;
    DualActivation dual(row);
    for (const Part part : {Part::value, Part::derivative}) {
      const double s1 = 1.0, s2 = 1.5, c = -0.75;
      const Interval product = dual.product(part, dual.factor(part, Interval::exact(s1)),
                                            dual.factor(part, Interval::exact(s2)), Interval::exact(c));
      INFO(row.id);
      REQUIRE(std::abs(product.mid() - approx_product(row, part, s1, c, s2)) < 1e-11);
      REQUIRE(product.width() < 1e-19);
    }
  }
}

TEST_CASE("correlation 1 gives the mean square, correlation 0 the product of the means") {
  for (const ActivationRow& row : activation_table()) {
    INFO(row.id);
    DualActivation dual(row);
    const Interval s = Interval::rational(6, 5), zero = Interval::integer(0);
    const MehlerFactor u = dual.factor(Part::value, s), v = dual.factor(Part::value, Interval::integer(1));
    REQUIRE(meets(dual.product(Part::value, u, u, s), u.mean_square()));
    const Interval independent = dual.product(Part::value, u, v, zero);
    REQUIRE(meets(independent, u.mean() * v.mean()));
    REQUIRE(independent.width() < 1e-36);
  }
}

TEST_CASE("a covariance is cut to what the variances allow") {
  for (const char* id : {"softplus", "erf", "relu"}) {
    DualActivation dual(activation_row(id));
    const MehlerFactor u = dual.factor(Part::value, Interval::integer(1));
    REQUIRE(dual.product(Part::value, u, u, Interval::integer(2)).is_nan());
    const Interval cut = dual.product(Part::value, u, u, Interval::between(0.75, 5));
    const Interval kept = dual.product(Part::value, u, u, Interval::between(0.75, 1));
    REQUIRE(meets(cut, u.mean_square()));
    REQUIRE(kept.contains(cut));
    REQUIRE(dual.product(Part::value, u, u, Interval::nan()).is_nan());
  }
  REQUIRE(correlation(Interval::between(-1, 1), Interval::integer(0), Interval::integer(1))
              .contains(Interval::between(-1, 1)));
  REQUIRE(correlation(Interval::nan(), Interval::integer(0), Interval::integer(1)).is_nan());
}

TEST_CASE("variances that are nan, unbounded or negative give nan; zero gives σ(0)") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const ActivationRow& row : activation_table()) {
    for (const Interval& s : {Interval::nan(), Interval::between(1, infinity), Interval::integer(-1)}) {
      const HermiteExpansion e = series(row, Part::value, s, 5);
      REQUIRE(e.mean().is_nan());
      REQUIRE(e.mean_square.is_nan());
      REQUIRE(hermite_product(e, e, Interval::integer(0), 10).is_nan());
    }
    DualActivation dual(row);
    const MehlerFactor e = dual.factor(Part::value, Interval::integer(0));
    const Interval at_zero = value_at_zero(row);
    REQUIRE(meets(e.mean(), at_zero));
    REQUIRE(meets(dual.product(Part::value, e, e, Interval::integer(0)), square(at_zero)));
    REQUIRE(e.mean_square().width() < 1e-36);
    REQUIRE_THROWS_AS(series(row, Part::value, Interval::integer(1), 0), InputError);
  }
}

TEST_CASE("a large variance is enclosed, if not sharply") {
  // E tanh(√s z)² = 1 − E cosh^−2(√s z), and ∫cosh^−2 = 2: within (0, 2/√(2πs)) of 1.
  for (const int s : {40, 1000, 1000000}) {
    const Interval square =
        gaussian_mean_square(activation_row("tanh"), Part::value, Interval::integer(s), 64);
    REQUIRE(square.lower() <= 1);
    REQUIRE(square.upper() >= 1 - 2 / std::sqrt(2 * M_PI * s));
  }
  REQUIRE(gaussian_mean_square(activation_row("tanh"), Part::value, Interval::integer(40)).width() < 1e-30);
}

TEST_CASE("relu' is the constant relu'(0) = 1 where the variance is 0") {
  const ActivationRow& row = activation_row("relu");
  const Interval zero = Interval::integer(0), one = Interval::integer(1);
  for (const Interval& s : {zero, hull(zero, one)}) {
    CHECK(gaussian_mean(row, Part::derivative, s, 128).contains(one));
    CHECK(gaussian_mean_square(row, Part::derivative, s, 128).contains(one));
    CHECK(gaussian_mean_square(row, Part::derivative, s, 128).contains(Interval::rational(1, 2)));
    const DualActivation dual(row);
    const MehlerFactor factor = dual.factor(Part::derivative, s);
    CHECK(dual.product(Part::derivative, factor, factor, zero).contains(one));
  }
}

TEST_CASE("moments of erf are sharp at every variance") {
  const ActivationRow& row = activation_row("erf");
  for (const char* variance : {"0", "1e-30", "1e4", "1e6", "1e40"}) {
    const Interval s = Interval::decimal(variance), one = Interval::integer(1), two = Interval::integer(2);
    INFO(variance);
    const Interval square = gaussian_mean_square(row, Part::value, s, 128),
                   slope = gaussian_mean_square(row, Part::derivative, s, 128),
                   mean = gaussian_mean(row, Part::derivative, s, 128);
    CHECK(square.width() < 1e-15);
    CHECK(meets(square, two / Interval::pi() * asin(two * s / (one + two * s))));
    CHECK(meets(slope, two * two / Interval::pi() / sqrt(one + two * two * s)));
    CHECK(meets(mean, two / sqrt(Interval::pi() * (one + two * s))));
    CHECK(slope.width() < 1e-30);
  }
}

TEST_CASE("a variance beyond all doubles has no finite moments, and no exception either") {
  const Interval huge = Interval::decimal("1e700");
  for (const ActivationRow& row : activation_table()) {
    const Interval square = gaussian_mean_square(row, Part::value, huge, 128);
    INFO(row.id << " " << square.text());
    CHECK((square.is_nan() || square.upper() >= 1.0));
  }
}
