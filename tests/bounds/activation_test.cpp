#include "bounds/activation.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

struct PrintedRow {
  const char *id, *at_zero, *c, *L, *beta, *beta_3;
};

/// The constants to the digits they are usually quoted with; the unit is that of the last digit.
const PrintedRow printed[] = {
    {"softplus", "0.6931471806", "1.085486502988", "1", "0.25", "0.0962250449"},
    {"tanh", "0", "2.536175433217", "1", "0.7698003589", "2"},
    {"sigmoid", "0.5", "3.408559841623", "0.25", "0.0962250449", "0.125"},
    {"erf", "0", "2.152578860608", "1.1283791671", "0.9678828981", "2.2567583342"},
    {"gelu", "0", "2.351715614073", "1.1289041452", "0.7978845608", "0.7787696350"},
    {"silu", "0", "2.810761124074", "1.0998393201", "0.5", "0.3081815158"},
    {"relu", "0", "2", "1", "nan", "nan"},
};

/// The printed value, give or take one unit of its last digit (nothing for integers).
Interval printed_value(const std::string& text) {
  const std::size_t point = text.find('.');
  const Interval value = Interval::decimal(text);
  if (point == std::string::npos) return value;
  const Interval unit = pow(Interval::integer(10), -static_cast<long long>(text.size() - point - 1));
  return hull(value - unit, value + unit);
}

double plain(std::string_view id, double z) {
  if (id == "softplus") return std::log1p(std::exp(-std::abs(z))) + std::max(z, 0.0);
  if (id == "tanh") return std::tanh(z);
  if (id == "sigmoid") return 1 / (1 + std::exp(-z));
  if (id == "erf") return std::erf(z);
  if (id == "gelu") return z * std::erfc(-z / std::sqrt(2.0)) / 2;
  if (id == "silu") return z / (1 + std::exp(-z));
  return std::max(z, 0.0);
}

bool meets(const Interval& a, const Interval& b) { return possibly_le(a, b) && possibly_le(b, a); }

Jet at(const ActivationRow& row, double z, int degree, int precision = 300) {
  return row.jet(Interval::exact(z, precision), degree);
}

}  // namespace

TEST_CASE("every activation has the constants that are printed for it, to the last digit") {
  REQUIRE(activation_table().size() == std::size(printed));
  for (const PrintedRow& expected : printed) {
    INFO(expected.id);
    const ActivationRow& row = activation_row(expected.id);
    REQUIRE(printed_value(expected.at_zero).contains(value_at_zero(row)));
    REQUIRE(printed_value(expected.c).contains(c_sigma(row)));
    REQUIRE(c_sigma(row).width() < 1e-36);
    REQUIRE(printed_value(expected.L).contains(lipschitz_constant(row)));
    REQUIRE(lipschitz_constant(row).width() < 1e-36);
    if (!row.smooth) {
      REQUIRE(second_derivative_bound(row).is_nan());
      REQUIRE(third_derivative_bound(row).is_nan());
      continue;
    }
    REQUIRE(printed_value(expected.beta).contains(second_derivative_bound(row)));
    REQUIRE(printed_value(expected.beta_3).contains(third_derivative_bound(row)));
    REQUIRE(third_derivative_bound(row).width() < 1e-35);
    REQUIRE(certainly_le(third_derivative_bound(row, 200), third_derivative_bound(row, 60).upper_point()));
  }
}

TEST_CASE(
    "the constants are the suprema of the derivatives: no cell exceeds them and one nearly attains them") {
  for (const ActivationRow& row : activation_table()) {
    if (!row.smooth) continue;
    const Interval bounds[] = {lipschitz_constant(row), second_derivative_bound(row),
                               third_derivative_bound(row)};
    double above[3] = {0, 0, 0}, attained[3] = {0, 0, 0};
    const double factorial[] = {1, 2, 6};
    for (double z = -14; z < 14; z += 1.0 / 32) {
      const Jet cell = taylor(row, Interval::between(z, z + 1.0 / 32), 3), point = at(row, z, 3, 64);
      for (int k = 0; k < 3; ++k) {
        above[k] = std::max(above[k], factorial[k] * abs(cell[k + 1]).upper());
        attained[k] = std::max(attained[k], factorial[k] * abs(point[k + 1]).lower());
      }
    }
    for (int k = 0; k < 3; ++k) {
      INFO(row.id << " derivative " << k + 1 << ": cells below " << above[k] << ", attained " << attained[k]);
      REQUIRE(attained[k] <= bounds[k].upper());
      REQUIRE(attained[k] >= 0.998 * bounds[k].lower());
      REQUIRE(above[k] <= 1.01 * bounds[k].upper());
    }
  }
}

TEST_CASE("Taylor coefficients at a point are those of the plain function and of its differences") {
  const auto seed = test_seed(11);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> anywhere(-7, 7);
  const double h = std::ldexp(1.0, -60);
  for (const ActivationRow& row : activation_table()) {
    for (int i = 0; i < scaled(20); ++i) {
      const double z = i == 0 ? 0.0 : anywhere(random);
      INFO(row.id << " at " << z);
      const int degree = row.analytic ? 16 : 1;
      const Jet c = at(row, z, degree);
      REQUIRE(c.size() == static_cast<std::size_t>(degree + 1));
      REQUIRE(c[0].mid() == Approx(plain(row.id, z)).epsilon(1e-13).margin(1e-15));
      if (z == 0 && !row.analytic) continue;
      const auto shifted = [&](double by) {
        return row.jet(Interval::exact(z, 400) + Interval::exact(by, 400), degree);
      };
      const Jet right = shifted(h), left = shifted(-h);
      for (int k = 0; k < degree; ++k) {
        // (c_k(z+h) − c_k(z−h))/(2h) = (k+1) c_{k+1}(z) + O(h²)
        const Interval slope = (right[k] - left[k]) / Interval::exact(2 * h);
        const Interval gap = slope - Interval::integer(k + 1) * c[k + 1];
        REQUIRE(abs(gap).upper() < 1e-30);
      }
    }
  }
}

TEST_CASE("softplus keeps its relative precision far to the left and does not overflow far to the right") {
  const ActivationRow& row = activation_row("softplus");
  const Interval left = taylor(row, Interval::integer(-1000), 1)[0];
  REQUIRE(meets(left / exp(Interval::integer(-1000)), Interval::integer(1)));
  REQUIRE((left / exp(Interval::integer(-1000))).width() < 1e-36);
  REQUIRE(taylor(row, Interval::exact(1e300), 2)[0].contains(1e300));
  REQUIRE(taylor(row, Interval::exact(1e300), 2)[1].contains(1.0));
}

TEST_CASE("Taylor coefficients over a wide interval contain those of its points, and are not much wider") {
  const auto seed = test_seed(12);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> anywhere(-8, 8), unit(0, 1);
  for (const ActivationRow& row : activation_table()) {
    const int degree = row.analytic ? 12 : 1;
    for (int i = 0; i < scaled(60); ++i) {
      const double width = i % 3 == 0 ? 0.125 : std::exp(anywhere(random) - 3), lo = anywhere(random);
      const Interval z = Interval::between(lo, lo + width);
      const Jet c = taylor(row, z, degree);
      std::vector<double> size(static_cast<std::size_t>(degree + 1), 0.0);
      for (int sample = 0; sample < 12; ++sample) {
        const double x = sample < 2 ? (sample == 0 ? z.lower() : z.upper())
                                    : std::min(lo + unit(random) * width, z.upper());
        if (x == 0 && !row.analytic) continue;
        const Jet point = at(row, x, degree);
        for (int k = 0; k <= degree; ++k) {
          INFO(row.id << " coefficient " << k << " on " << z.text(17) << " at " << x << ": "
                      << c[k].text(17));
          REQUIRE(meets(c[k], point[k]));
          size[k] = std::max(size[k], abs(point[k]).upper());
        }
      }
      for (int k = 0; k <= degree; ++k) {
        INFO(row.id << " coefficient " << k << " on " << z.text(17) << ": " << c[k].text(17));
        if (row.analytic && width <= 0.125)
          REQUIRE(abs(c[k]).upper() <= 1.5 * size[k] + 0.3 * std::pow(1.25, -k));
      }
    }
  }
}

TEST_CASE("unbounded arguments give bounds, nan gives nan") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const ActivationRow& row : activation_table()) {
    INFO(row.id);
    const int degree = row.analytic ? 3 : 1;
    const Jet line = taylor(row, Interval::entire(), degree),
              right = taylor(row, Interval::between(0, infinity), degree);
    for (const double z : {-30.0, -1.0, 0.5, 40.0}) {
      for (int k = 0; k <= degree; ++k) {
        REQUIRE(meets(line[k], at(row, z, degree)[k]));
        if (z > 0) REQUIRE(meets(right[k], at(row, z, degree)[k]));
      }
    }
    for (const Interval& c : taylor(row, Interval::nan(), degree)) REQUIRE(c.is_nan());
  }
  const Jet slope = taylor(activation_row("tanh"), Interval::entire(), 1);
  REQUIRE(slope[0].upper() == 1);
  REQUIRE(slope[1].is_bounded());
}

TEST_CASE("relu has derivative 1 at 0 and no second derivative") {
  const ActivationRow& relu = activation_row("relu");
  const auto derivative = [&](double lo, double hi) { return taylor(relu, Interval::between(lo, hi), 1)[1]; };
  REQUIRE(same_ends(derivative(0, 0), Interval::integer(1)));
  REQUIRE(same_ends(derivative(0, 2), Interval::integer(1)));
  REQUIRE(same_ends(derivative(-2, -1), Interval::integer(0)));
  REQUIRE(same_ends(derivative(-2, 0), Interval::between(0, 1)));
  REQUIRE(same_ends(derivative(-1, 1), Interval::between(0, 1)));
  REQUIRE(same_ends(taylor(relu, Interval::between(-1, 3), 0)[0], Interval::between(0, 3)));
  REQUIRE_THROWS_AS(taylor(relu, Interval::integer(1), 2), InputError);
  REQUIRE_THROWS_AS(taylor(activation_row("tanh"), Interval::integer(1), -1), InputError);
}

TEST_CASE("an unknown activation is refused with the nearest name") {
  REQUIRE_THROWS_WITH(activation_row("softpls"), Catch::Contains("softplus"));
  REQUIRE_THROWS_AS(activation_row(""), InputError);
}

TEST_CASE("every row has the symmetry it claims") {
  const auto seed = test_seed(13);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> positive(0, 9);
  for (const ActivationRow& row : activation_table()) {
    for (int i = 0; i < scaled(30); ++i) {
      const double z = positive(random);
      const Interval right = at(row, z, 0)[0], left = at(row, -z, 0)[0], point = Interval::exact(z);
      Interval claim;
      switch (row.symmetry) {
        case Symmetry::odd:
          claim = right + left;
          break;
        case Symmetry::half_plus_odd:
          claim = right + left - Interval::integer(1);
          break;
        case Symmetry::half_z_plus_even:
          claim = right - left - point;
          break;
      }
      INFO(row.id << " at " << z);
      REQUIRE(claim.contains_zero());
      REQUIRE(claim.width() < 1e-60);
    }
  }
}

TEST_CASE("the strip bounds hold at complex points") {
  const auto seed = test_seed(14);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> real(-6, 6), part(-1, 1);
  for (const ActivationRow& row : activation_table()) {
    if (!row.analytic) {
      REQUIRE(strip_bound(row, 0).half_width.is_nan());
      continue;
    }
    const double Y = strip_bound(row, 0).half_width.lower();
    for (int i = 0; i < scaled(40); ++i) {
      const double x = i % 4 == 0 ? 0.0 : real(random), y = i % 2 == 0 ? Y : Y * part(random);
      // σ(x + iy) = Σ c_k (iy)^k inside the disc of convergence, whose radius is at least 6/5 Y.
      const Jet c = row.jet(Interval::exact(x, 200), 160);
      std::complex<double> value = 0, slope = 0;
      for (int k = 160; k >= 1; --k) {
        slope = slope * std::complex<double>(0, y) + k * c[k].mid();
        value = value * std::complex<double>(0, y) + c[k].mid();
      }
      value = value * std::complex<double>(0, y) + c[0].mid();
      const double size = std::hypot(x, y);
      const StripBound zeroth = strip_bound(row, 0), first = strip_bound(row, 1);
      INFO(row.id << " at " << x << " + " << y << "i: " << std::abs(value) << ", " << std::abs(slope));
      REQUIRE(std::abs(value) <= (zeroth.c0.upper() + zeroth.c1.upper() * size) * (1 + 1e-6));
      REQUIRE(std::abs(slope) <= (first.c0.upper() + first.c1.upper() * size) * (1 + 1e-6));
    }
  }
}
