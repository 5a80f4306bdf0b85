#include "bounds/interval.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tests/catch.h"

using namespace overproof;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Neither is certainly left of the other: the common point is the truth when both enclose it.
bool meets(const Interval& a, const Interval& b) {
  return !a.is_nan() && !b.is_nan() && possibly_le(a, b) && possibly_le(b, a);
}

/// Doubles where trouble is: 0, ±1, denormals, huge, clusters, ordinary.
double awkward(std::mt19937_64& random) {
  std::uniform_real_distribution<double> ordinary(-3, 3);
  const double sign = random() % 2 ? 1 : -1;
  switch (random() % 10) {
    case 0:
      return 0;
    case 1:
      return sign;
    case 2:
      return sign * std::ldexp(1.0, -1074) * static_cast<double>(random() % 5);
    case 3:
      return sign * std::numeric_limits<double>::max();
    case 4:
      return sign * (1 + std::numeric_limits<double>::epsilon() * static_cast<double>(random() % 3));
    case 5:
      return sign * std::ldexp(1.0, static_cast<int>(random() % 2000) - 1000);
    default:
      return ordinary(random);
  }
}

struct Sample {
  Interval set;
  double point;  ///< in the set
};

Sample sample(std::mt19937_64& random, int precision) {
  double a = awkward(random), b = random() % 3 ? awkward(random) : a;
  if (a > b) std::swap(a, b);
  const double inside[] = {a, b, a / 2 + b / 2};
  const double point = std::clamp(inside[random() % 3], a, b);
  if (random() % 20 == 0) b = infinity;
  if (random() % 20 == 0) a = -infinity;
  return {Interval::between(a, b, precision), point};
}

Interval precise(double x) {
  return Interval::exact(x, 4400);
}  // sums and products of doubles are exact there

/// Two ends of a text of text(), as they are written.
std::pair<std::string, std::string> ends(const std::string& text) {
  if (text.front() != '[') return {text, text};
  const std::size_t comma = text.find(", ");
  return {text.substr(1, comma - 1), text.substr(comma + 2, text.size() - comma - 3)};
}

}  // namespace

TEST_CASE(
    "arithmetic encloses the result for every choice of points, zeros, denormals and huge numbers included") {
  const auto seed = test_seed(1);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < scaled(4000); ++i) {
    const int precision = random() % 2 ? 53 : 128;
    const Sample x = sample(random, precision), y = sample(random, precision);
    INFO("x " << x.set.text(17) << " at " << x.point << ", y " << y.set.text(17) << " at " << y.point);
    REQUIRE(x.set.contains(x.point));
    const Interval px = precise(x.point), py = precise(y.point);
    REQUIRE(meets(x.set + y.set, px + py));
    REQUIRE(meets(x.set - y.set, px - py));
    REQUIRE(meets(x.set * y.set, px * py));
    REQUIRE(meets(-x.set, -px));
    REQUIRE(meets(square(x.set), px * px));
    REQUIRE(meets(abs(x.set), x.point < 0 ? -px : px));
    REQUIRE(meets(min(x.set, y.set), x.point < y.point ? px : py));
    REQUIRE(meets(max(x.set, y.set), x.point < y.point ? py : px));
    REQUIRE(hull(x.set, y.set).contains(x.point));
    REQUIRE(hull(x.set, y.set).contains(y.set));
    REQUIRE(pow(x.set, 0).contains(1.0));
    REQUIRE(meets(pow(x.set, 3), px * px * px));
    REQUIRE(meets(pow(x.set, 4), square(square(px))));
    if (y.point != 0) {
      const Interval quotient = x.set / y.set;
      REQUIRE((quotient.is_nan() || meets(quotient * py, px) || meets(quotient, px / py)));
    }
    if (y.set.contains(x.point)) REQUIRE(intersect(x.set, y.set).contains(x.point));
  }
}

TEST_CASE("a quotient encloses the quotients, and says nothing when the divisor has zero inside") {
  const auto seed = test_seed(2);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < scaled(2000); ++i) {
    const Sample x = sample(random, 53), y = sample(random, 53);
    if (y.point == 0) continue;
    INFO("x " << x.set.text(17) << " at " << x.point << ", y " << y.set.text(17) << " at " << y.point);
    const Interval quotient = x.set / y.set, exact = precise(x.point) / precise(y.point);
    REQUIRE(meets(quotient, exact));
    if (y.set.lower() < 0 && y.set.upper() > 0)
      REQUIRE((quotient.lower() == -infinity && quotient.upper() == infinity));
    REQUIRE(meets(pow(y.set, -1), Interval::integer(1) / precise(y.point)));
    REQUIRE(meets(pow(y.set, -2), Interval::integer(1) / square(precise(y.point))));
  }
  REQUIRE((Interval::integer(1) / Interval::between(0, 2)).lower() == 0.5);
  REQUIRE((Interval::integer(1) / Interval::between(-0.0, 2)).lower() == 0.5);
  REQUIRE((Interval::integer(1) / Interval::integer(0)).is_nan());
  REQUIRE((Interval::integer(0) / Interval::integer(0)).is_nan());
  REQUIRE((Interval::integer(0) * Interval::exact(infinity)).is_nan());
}

TEST_CASE("functions enclose their values at points and agree with the C library") {
  const auto seed = test_seed(3);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  struct Row {
    const char* name;
    Interval (*enclosed)(const Interval&);
    double (*plain)(double);
    double least, most;
  };
  const Row rows[] = {
      {"sqrt", sqrt, std::sqrt, 0, infinity},
      {"exp", exp, std::exp, -infinity, infinity},
      {"log", log, std::log, 0, infinity},
      {"log1p", log1p, std::log1p, -1, infinity},
      {"erf", erf, std::erf, -infinity, infinity},
      {"tanh", tanh, std::tanh, -infinity, infinity},
      {"asin", asin, std::asin, -1, 1},
      {"acos", acos, std::acos, -1, 1},
  };
  for (const Row& row : rows) {
    for (int i = 0; i < scaled(400); ++i) {
      const Sample x = sample(random, random() % 2 ? 53 : 128);
      INFO(row.name << " of " << x.set.text(17) << " at " << x.point);
      const Interval y = row.enclosed(x.set);
      if (x.set.lower() < row.least || x.set.upper() > row.most) {
        REQUIRE(y.is_nan());
        continue;
      }
      const Interval at = row.enclosed(Interval::exact(x.point, 300));
      REQUIRE(meets(y, at));
      if (std::abs(x.point) < 700)
        REQUIRE(at.mid() == Approx(row.plain(x.point)).epsilon(1e-13).margin(1e-300));
      const Interval sharp = row.enclosed(Interval::exact(x.point));
      if (sharp.is_bounded()) REQUIRE(sharp.width() <= std::ldexp(std::abs(sharp.mid()), -125) + 1e-300);
    }
  }
}

TEST_CASE("real powers agree with exp of y log x, integer powers with products") {
  const auto seed = test_seed(4);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> positive(0.01, 20), exponent(-5, 5);
  for (int i = 0; i < scaled(300); ++i) {
    const double x = positive(random), y = exponent(random);
    REQUIRE(pow(Interval::exact(x), Interval::exact(y)).mid() == Approx(std::pow(x, y)).epsilon(1e-13));
    REQUIRE(pow(Interval::between(x, x + 1), Interval::between(y, y + 1))
                .contains(pow(Interval::exact(x, 300), Interval::exact(y, 300))));
  }
  REQUIRE(pow(Interval::integer(-2), Interval::integer(3)).contains(-8));
  REQUIRE(pow(Interval::between(-3, 2), 2).lower() == 0);
  REQUIRE(pow(Interval::between(-3, 2), 2).upper() == 9);
  REQUIRE(pow(Interval::integer(-2), Interval::rational(1, 2)).is_nan());
  REQUIRE(pow(Interval::integer(0), Interval::rational(1, 2)).contains(0.0));
  REQUIRE(pow(Interval::integer(0), Interval::integer(-1)).is_nan());
  REQUIRE(pow(Interval::integer(1), std::numeric_limits<long long>::min()).contains(1.0));
}

TEST_CASE("a nan stays a nan and proves nothing") {
  const Interval x = Interval::exact(not_a_number), one = Interval::integer(1);
  REQUIRE(x.is_nan());
  REQUIRE(Interval().is_nan());
  REQUIRE(Interval::between(1, not_a_number).is_nan());
  REQUIRE(Interval::between(not_a_number, 1).is_nan());
  REQUIRE(Interval::between(2, 1).is_nan());
  for (const Interval& y : {x + one,
                            one - x,
                            x * one,
                            x * Interval::integer(0),
                            one / x,
                            -x,
                            square(x),
                            sqrt(x),
                            exp(x),
                            log(x),
                            log1p(x),
                            abs(x),
                            min(x, one),
                            min(one, x),
                            max(x, one),
                            max(one, x),
                            pow(x, 0),
                            pow(x, one),
                            pow(one, x),
                            erf(x),
                            tanh(x),
                            asin(x),
                            acos(x),
                            hull(x, one),
                            intersect(one, x),
                            x.with_precision(300),
                            x.lower_point(),
                            x.upper_point()}) {
    REQUIRE(y.is_nan());
    REQUIRE(y.text() == "nan");
    REQUIRE(std::isnan(y.lower()));
    REQUIRE(std::isnan(y.upper()));
    REQUIRE(std::isnan(y.width()));
    REQUIRE_FALSE(
        (y.is_point() || y.is_bounded() || y.is_integer_point() || y.contains(1.0) || y.contains_zero()));
    for (const Interval& z : {one, y, Interval::entire()}) {
      REQUIRE_FALSE((certainly_lt(y, z) || certainly_lt(z, y) || certainly_le(y, z) || certainly_le(z, y)));
      REQUIRE_FALSE((possibly_lt(y, z) || possibly_lt(z, y) || possibly_le(y, z) || possibly_le(z, y)));
      REQUIRE_FALSE((same_ends(y, z) || y.contains(z) || z.contains(y)));
    }
  }
  REQUIRE(intersect(Interval::between(0, 1), Interval::between(2, 3)).is_nan());
}

TEST_CASE("comparisons are certain only when every choice of points agrees") {
  const Interval a = Interval::between(1, 2), b = Interval::between(2, 3), c = Interval::between(1.5, 4);
  REQUIRE(certainly_le(a, b));
  REQUIRE_FALSE(certainly_lt(a, b));
  REQUIRE_FALSE(certainly_le(a, c));
  REQUIRE(possibly_lt(a, c));
  REQUIRE(possibly_lt(c, a));
  REQUIRE_FALSE(possibly_lt(b, a));
  REQUIRE(possibly_le(b, a));
  REQUIRE_FALSE(certainly_le(c, a));
}

TEST_CASE("a decimal encloses the number it writes, not the nearest double") {
  const Interval tenth = Interval::decimal("0.1");
  REQUIRE_FALSE(tenth.is_point());
  REQUIRE((tenth * Interval::integer(10)).contains(1.0));
  REQUIRE(meets(tenth, Interval::rational(1, 10, 400)));
  REQUIRE_FALSE(tenth.contains(0.1));
  REQUIRE(tenth.width() < 1e-38);
  REQUIRE(Interval::decimal("-2.5e-1").is_point());
  REQUIRE(Interval::decimal("-2.5e-1").contains(-0.25));
  REQUIRE(Interval::decimal("1e400").lower() == std::numeric_limits<double>::max());
  REQUIRE(Interval::decimal("1e400").upper() == infinity);
  for (const char* text :
       {"", "e", "1e", "--1", "1-2", "nan", "inf", "0x10", " 1", "1 ", "1,5", ".", "+", "1e5.5"}) {
    INFO(text);
    REQUIRE(Interval::decimal(text).is_nan());
  }
}

TEST_CASE("text is rounded outward: read back it contains the interval") {
  const auto seed = test_seed(5);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < scaled(1500); ++i) {
    const Interval x = sample(random, 53).set;
    const int digits = 2 + static_cast<int>(random() % 18);
    const std::string text = x.text(digits);
    INFO(text << " for " << x.text(40));
    const auto [lo, hi] = ends(text);
    if (lo != "-inf") REQUIRE(certainly_le(Interval::decimal(lo, 3000), x.lower_point()));
    if (hi != "inf") REQUIRE(certainly_le(x.upper_point(), Interval::decimal(hi, 3000)));
    if (lo != "-inf" && x.lower() > 1e-300)
      REQUIRE(Interval::decimal(lo).mid() >= x.lower() * (1 - 10 * std::pow(10, -digits)));
  }
  REQUIRE(Interval::rational(1, 3).text(3) == "[0.333, 0.334]");
  REQUIRE(Interval::rational(-1, 3).text(3) == "[-0.334, -0.333]");
  REQUIRE(Interval::integer(250000).text(4) == "250000");
  REQUIRE(Interval::exact(0.5).text() == "0.5");
  REQUIRE(Interval::integer(0).text() == "0");
  REQUIRE(Interval::entire().text() == "[-inf, inf]");
}

TEST_CASE("lower and upper are doubles outside the interval, at every precision") {
  const Interval third = Interval::rational(1, 3, 400);
  REQUIRE(certainly_lt(Interval::exact(third.lower()), third));
  REQUIRE(certainly_lt(third, Interval::exact(third.upper())));
  REQUIRE(third.upper() == std::nextafter(third.lower(), 1));
  const Interval tiny = pow(Interval::exact(0.5), 2000);
  REQUIRE(tiny.lower() == 0);
  REQUIRE(tiny.upper() == std::ldexp(1.0, -1074));
  REQUIRE(third.with_precision(53).contains(third));
  REQUIRE(third.with_precision(53).precision() == 53);
  REQUIRE((third + Interval::exact(1, 53)).precision() == 400);
}

TEST_CASE("integers are exact") {
  const long long big = std::numeric_limits<long long>::max();
  const Interval x = Interval::integer(big, 2);
  REQUIRE(x.is_integer_point());
  REQUIRE(x.to_integer() == big);
  REQUIRE((x + Interval::integer(-big)).contains(0.0));
  REQUIRE_FALSE(Interval::rational(1, 2).is_integer_point());
  REQUIRE_FALSE(Interval::between(1, 2).is_integer_point());
}

TEST_CASE("aliased operands are operands like others") {
  Interval x = Interval::between(1, 2), y = x;
  x *= x;
  REQUIRE(same_ends(x, Interval::between(1, 4)));
  y -= y;
  REQUIRE(same_ends(y, Interval::between(-1, 1)));
  const Interval& same = x;
  x = same;
  REQUIRE(same_ends(x, Interval::between(1, 4)));
  Interval moved = std::move(x);
  x = Interval::integer(7);
  REQUIRE(x.contains(7));
  REQUIRE(same_ends(moved, Interval::between(1, 4)));
}

TEST_CASE("the exact text of an interval is that interval again, and no other text is accepted") {
  const auto seed = test_seed(17);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> mantissa(-1, 1);
  std::uniform_int_distribution<int> exponent(-1000, 1000), bits(2, 700);
  const auto comes_back = [](const Interval& x) {
    const auto read = Interval::from_exact_text(x.exact_text());
    return read && read->precision() == x.precision() &&
           ((x.is_nan() && read->is_nan()) || same_ends(*read, x));
  };
  for (int i = 0; i < scaled(300); ++i) {
    const Interval x =
        Interval::exact(std::ldexp(mantissa(random), exponent(random)), 700) / Interval::integer(3);
    REQUIRE(comes_back(x.with_precision(bits(random))));
    REQUIRE(comes_back(pow(x, 40).with_precision(bits(random))));  // outside the range of doubles
  }
  for (const Interval& x :
       {Interval::nan(), Interval::nan(7), Interval::entire(), Interval::integer(0), -Interval::integer(0),
        Interval::between(1, INFINITY), Interval::integer(-1, 1000)})
    REQUIRE(comes_back(x));
  REQUIRE(Interval::between(0.5, 1.5, 64).exact_text() == "64 0x8p-4 0x1.8p+0");
  for (const char* text : {"",
                           "64",
                           "64 0x1p-1",
                           "64 0x1p-1 ",
                           " 64 0x1p-1 0x1.8p+0",
                           "64  0x1p-1 0x1.8p+0",
                           "64 0x1p-1 0x1.8p+0 ",
                           "64 0x1p-1 0x1.8p+0 1",
                           "64 0x1p-1 0x1.8p",
                           "64 0.5 1.5",
                           "64 0x1.8p+0 0x1p-1",
                           "64 0x1p-1 nan",
                           "1 0x1p-1 0x1p-1",
                           "-64 0x1p-1 0x1p-1",
                           "2 0x1.23p-1 0x1.23p-1",
                           "64 1 2",
                           "x 0x1p-1 0x1p-1",
                           "99999999999 0x1p-1 0x1p-1",
                           "064 0x1p-1 0x1.8p+0",
                           "64 0X1P-1 0x1.8p+0"}) {
    INFO(text);
    REQUIRE_FALSE(Interval::from_exact_text(text));
  }
}

TEST_CASE("an interval that was moved from can be assigned to") {
  Interval a = Interval::rational(1, 3), b = std::move(a);
  a = b;
  REQUIRE(same_ends(a, b));
  Interval c = std::move(a);
  a = Interval::integer(2);
  REQUIRE(a.contains(2.0));
  a = std::move(c);
  REQUIRE(same_ends(a, b));
}
