#include "bounds/formula.h"

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <stdexcept>

#include "files/error.h"
#include "tests/bounds/formula_scope.h"
#include "tests/catch.h"

using namespace overproof;
using namespace overproof::formula_test;
using Catch::Matchers::Contains;

TEST_CASE("operators bind as in mathematics") {
  CHECK(is(value("1 + 2*3"), 7));
  CHECK(is(value("(1 + 2)*3"), 9));
  CHECK(is(value("2^3^2"), 512));
  CHECK(is(value("-2^2"), -4));
  CHECK(is(value("(-2)^2"), 4));
  CHECK(is(value("2^-1"), 0.5));
  CHECK(is(value("2^-1^2"), 0.5));
  CHECK(is(value("10 - 4 - 3"), 3));
  CHECK(is(value("16/4/2"), 2));
  CHECK(is(value("2*-3"), -6));
  CHECK(is(value("--3"), 3));
  CHECK(is(value("1 - -1"), 2));
  CHECK(is(value("1.5e1"), 15));
}

TEST_CASE("a decimal is the rational it writes, not a double") {
  CHECK(verdict("10*0.1 > 1 - 1e-30") == Verdict::holds);
  CHECK_FALSE(value("0.1").contains(0.1));
  CHECK(value("0.1*10").contains(1.0));
  CHECK(value("0.1").width() < 1e-35);
}

TEST_CASE("a number beyond the range of the arithmetic is enclosed from one side") {
  CHECK(verdict("1e999999999999999999999 > 5") == Verdict::holds);
  CHECK(verdict("1e999999999999999999999 > 1e999999999999999999998") == Verdict::undecided);
}

TEST_CASE("functions have their usual values") {
  CHECK(is(value("log(exp(2))"), 2));
  CHECK(is(value("sqrt(16)"), 4));
  CHECK(is(value("abs(-3)"), 3));
  CHECK(is(value("max(1, 5, 3)"), 5));
  CHECK(is(value("min(4, 2, 3)"), 2));
  CHECK(is(value("geometric(2, 5)"), 31));
  CHECK(is(value("geometric(7, 0)"), 0));
  CHECK(is(value("geometric(1, 4)"), 4));
  CHECK(is(value("sum(h, 1, 4, h^2)"), 30));
  CHECK(is(value("sum(h, 3, 2, h)"), 0));
  CHECK(is(value("max_over(h, -3, 2, h^2)"), 9));
  CHECK(is(value("sum(i, 1, 3, sum(j, 1, i, j))"), 10));
  CHECK(value("pi").contains(Interval::pi()));
  CHECK(is(value("27^(1/3)"), 3.0));
  CHECK(is(value("0^0.5"), 0));
}

TEST_CASE("parse errors name the column and what was expected there") {
  const auto fault = [](const std::string& text, const std::string& expected) {
    INFO(text);
    CHECK_THROWS_WITH(Formula::parse(text), Contains(expected));
    CHECK_THROWS_AS(Formula::parse(text), InputError);
  };
  fault("", "column 1: a number, a name, a function or '(' expected");
  fault("1 +", "column 4: a number");
  fault("1 + * 2", "column 5: a number");
  fault("(1 + 2", "column 7: ')' expected");
  fault("max(1,)", "column 7: an expression expected");
  fault("loss[k", "column 7: ']' expected");
  fault("loss[]", "column 6: an expression");
  fault("2 n", "column 3: an operator or the end expected");
  fault("2n", "column 2: an operator or the end expected");
  fault("a = b", "column 3: an operator or the end");
  fault("2^", "column 3: an exponent expected");
  fault("1 <= 2 <= 3", "column 8: only one comparison");
  fault("x < y > z", "column 7: only one comparison");
  fault("(a < b)", "column 4: ')' expected");
  fault("a <=", "column 5: an expression expected");
  fault("lgo(3)", "unknown function \"lgo\"; did you mean \"log\"");
  fault("log", "column 1: log is a function");
  fault("sqrt(1, 2)", "sqrt takes 1 argument, not 2");
  fault("geometric(2)", "geometric takes 2 arguments, not 1");
  fault("sum(1, 1, H, h)", "sum is written sum(h, first, last, expression)");
  fault("max_over(h, 1, H)", "max_over is written");
  fault("1..2", "column 2");
  fault("a ≤ b", "column 3");
  fault("pi[1]", "pi has no indices");
  fault(std::string(5000, '1'), "at most 4000");
  fault(std::string(200, '(') + "1" + std::string(200, ')'), "nested");
  fault(
      [] {
        std::string sum = "1";
        for (int i = 0; i < 1500; ++i) sum += "+1";
        return sum;
      }(),
      "1000 deep");
}

TEST_CASE("names, series and indices are reported") {
  const Formula formula =
      Formula::parse("max_over(j, 1, H + 1, drift_fro[k,j])/sqrt(m) + C'*loss[k+1] <= R*2^(C_p*h)");
  CHECK(formula.names() == std::vector<std::string>{"C'", "C_p", "H", "R", "drift_fro", "loss", "m"});
  CHECK(formula.series() == std::vector<std::pair<std::string, int>>{{"drift_fro", 2}, {"loss", 1}});
  CHECK(formula.uses_index("k"));
  CHECK(formula.uses_index("h"));
  CHECK_FALSE(formula.uses_index("j"));
  CHECK_FALSE(Formula::parse("sum(h, 1, H, c^h)").uses_index("h"));
  CHECK(Formula::parse("sum(h, 1, h, c^h)").uses_index("h"));
  CHECK(formula.is_comparison());
  CHECK(formula.relation() == "<=");
  CHECK(Formula::parse("1 + 1").relation().empty());
}

TEST_CASE("the printed text parses to the same tree") {
  for (const char* text :
       {"m >= C_m*2^(C_p*H)*max(n^4/lambda_0^4, n/failure_probability)", "a - (b - c)", "a - b - c",
        "a/(b*c)", "(a/b)*c", "-(a + b)^2", "(-a)^2", "a^-b^c", "(a^b)^c", "-a*b", "-(a*b)", "a^(-(b*c))",
        "a - -b", "2^(x/y)", "loss[k] <= (1 - eta*lambda_0/2)^k*loss[0]",
        "sum(h, 1, H + 1, drift_fro[k,h]^2) < near_boundary(R)", "max_over(h, 1, H, x[h])",
        "1.50e-3 > .5e0 "}) {
    INFO(text);
    if (std::string(text).find(" .5") != std::string::npos) {
      CHECK_THROWS_AS(Formula::parse(text), InputError);
      continue;
    }
    const Formula formula = Formula::parse(text);
    CHECK(Formula::parse(formula.text()) == formula);
    CHECK(formula.text().find("( ") == std::string::npos);
  }
  CHECK(Formula::parse("m>=((C_m))*(n^4)").text() == "m >= C_m*n^4");
  CHECK_FALSE(Formula::parse("a - (b - c)") == Formula::parse("a - b - c"));
  CHECK_FALSE(Formula::parse("(-a)^2") == Formula::parse("-a^2"));
}

namespace {

/// A random expression and its value in double arithmetic.
struct Random {
  std::mt19937_64 generator;
  std::map<std::string, double> values;

  int below(int n) { return static_cast<int>(generator() % static_cast<std::uint64_t>(n)); }
  std::string name() {
    const std::string names[] = {"a", "b", "c"};
    return names[below(3)];
  }
  std::pair<std::string, double> expression(int depth) {
    if (depth == 0) {
      if (below(2) == 0) {
        const int number = below(9);
        return {std::to_string(number), number};
      }
      const std::string chosen = name();
      return {chosen, values[chosen]};
    }
    const auto [left, x] = expression(depth - 1);
    const auto [right, y] = expression(depth - 1);
    switch (below(9)) {
      case 0:
        return {"(" + left + " + " + right + ")", x + y};
      case 1:
        return {"(" + left + " - " + right + ")", x - y};
      case 2:
        return {left + "*(" + right + ")", x * y};
      case 3:
        return {"(" + left + ")/(" + right + ")", x / y};
      case 4:
        return {"max(" + left + ", " + right + ")", std::max(x, y)};
      case 5:
        return {"-(" + left + ")", -x};
      case 6:
        return {"(" + left + ")^2", x * x};
      case 7:
        return {"exp(min(" + left + ", 3))", std::exp(std::min(x, 3.0))};
      default:
        return {"sqrt(abs(" + left + "))", std::sqrt(std::abs(x))};
    }
  }
};

}  // namespace

TEST_CASE("the enclosure of a random expression contains its value, and printing keeps the tree") {
  const auto seed = test_seed(20181004);
  INFO("seed " << seed);
  Random random{std::mt19937_64(seed), {}};
  int informative = 0;
  for (int round = 0; round < scaled(2000); ++round) {
    Values enclosures;
    for (const char* name : {"a", "b", "c"}) {
      const double x = std::ldexp(static_cast<double>(random.below(2000) - 1000), random.below(8) - 8);
      const double radius = random.below(3) == 0 ? 0.0 : std::abs(x) * 1e-9;
      random.values[name] = x;
      enclosures[name] = Interval::between(x - radius, x + radius);
    }
    const auto [text, x] = random.expression(3);
    const Formula formula = Formula::parse(text);
    const Interval enclosure = formula.evaluate(scope_of(enclosures)).interval;
    INFO(text << " = " << x << ", " << enclosure.text(17));
    CHECK(Formula::parse(formula.text()) == formula);
    if (enclosure.is_nan() || !std::isfinite(x)) continue;
    const double slack = 1e-9 * (1 + std::abs(x)) + 1e-6 * enclosure.width();
    CHECK(enclosure.lower() <= x + slack);
    CHECK(enclosure.upper() >= x - slack);
    informative += enclosure.width() < 1e-3 * (1 + std::abs(x)) ? 1 : 0;
  }
  CHECK(informative > scaled(2000) / 2);
}

TEST_CASE("points inside the operands give values inside the enclosure") {
  const auto seed = test_seed(7);
  INFO("seed " << seed);
  Random random{std::mt19937_64(seed), {}};
  std::uniform_real_distribution<double> unit(0, 1);
  for (int round = 0; round < scaled(300); ++round) {
    const auto [text, unused] = random.expression(3);
    const Formula formula = Formula::parse(text);
    Values wide, points;
    for (const char* name : {"a", "b", "c"}) {
      const double lo = 4 * unit(random.generator) - 2, hi = lo + unit(random.generator);
      wide[name] = Interval::between(lo, hi);
      points[name] = Interval::exact(std::min(hi, lo + (hi - lo) * unit(random.generator)));
    }
    const Interval outer = formula.evaluate(scope_of(wide)).interval;
    const Interval inner = formula.evaluate(scope_of(points)).interval;
    INFO(text);
    if (!outer.is_nan() && !inner.is_nan()) CHECK((possibly_le(outer, inner) && possibly_le(inner, outer)));
    if (!outer.is_nan()) CHECK_FALSE(inner.is_nan());
  }
}

TEST_CASE("k and h are numbers and indices") {
  const Values values{{"drift[20,1]", Interval::integer(5)},
                      {"drift[20,2]", Interval::integer(7)},
                      {"H", Interval::integer(1)}};
  const FormulaScope scope = scope_of(values, {{"k", 20}, {"h", 1}});
  CHECK(is(Formula::parse("drift[k,h]").evaluate(scope).interval, 5));
  CHECK(is(Formula::parse("drift[k,H + 1]*k + h").evaluate(scope).interval, 141));
  CHECK(is(Formula::parse("max_over(h, 1, H + 1, drift[k,h])").evaluate(scope).interval, 7));
  CHECK(Formula::parse("drift[k,h]").evaluate(scope).identity == "drift[20,1]");
}

TEST_CASE("evaluating a comparison or judging an expression is a mistake of the caller") {
  CHECK_THROWS_AS((void)Formula::parse("1 < 2").evaluate(FormulaScope{}), std::logic_error);
  CHECK_THROWS_AS((void)Formula::parse("1 + 2").judge(FormulaScope{}), std::logic_error);
}

TEST_CASE("precision is that of the scope") {
  FormulaScope scope = scope_of({{"x", Interval::exact(3, 53)}});
  scope.precision = 400;
  CHECK(Formula::parse("x/7 + 1/7").evaluate(scope).interval.precision() == 400);
  CHECK(Formula::parse("1/3").evaluate(scope).interval.width() < 1e-100);
}

TEST_CASE("Markdown and LaTeX are written from the tree") {
  const Formula formula = Formula::parse("m >= C_m*2^(C_p*H)*n^4/lambda_0^4");
  CHECK(formula.markdown() == "`m ≥ C_m·2^(C_p·H)·n^4/lambda_0^4`");
  CHECK(formula.latex() == "m \\ge \\frac{C_{m} \\cdot 2^{C_{p} \\cdot H} \\cdot n^{4}}{\\lambda_{0}^{4}}");
  CHECK(Formula::parse("sqrt(2*pi)").markdown() == "`√(2·π)`");
  CHECK(Formula::parse("gram_change[k] < 1e-3").latex() ==
        "\\mathrm{gram\\_change}\\left[k\\right] < 1\\cdot 10^{-3}");
}

TEST_CASE("substitution respects bound variables") {
  const std::map<std::string, Formula> definitions{
      {"a", Formula::parse("b + 1")}, {"j", Formula::parse("99")}, {"d", Formula::parse("drift[k,h]")}};
  CHECK(Formula::parse("a^2*j").substitute(definitions).text() == "(b + 1)^2*99");
  CHECK(Formula::parse("sum(j, 1, 3, j*a)").substitute(definitions).text() == "sum(j, 1, 3, j*(b + 1))");
  CHECK(Formula::parse("max_over(i, 1, 3, d)").substitute(definitions).text() ==
        "max_over(i, 1, 3, drift[k,h])");
  CHECK_THROWS_WITH(Formula::parse("max_over(h, 1, 3, d)").substitute(definitions), Contains("rename"));
}

TEST_CASE("a chain of doubling definitions is refused instead of filling the memory") {
  std::map<std::string, Formula> all;
  const auto grow = [&] {
    Formula formula = Formula::parse("x + x");
    for (int i = 0; i < 40; ++i) formula = Formula::parse("y*y").substitute({{"y", formula}});
  };
  CHECK_THROWS_AS(grow(), InputError);
}

TEST_CASE("any text is a formula that prints itself, or an input error") {
  const auto seed = test_seed(99);
  INFO("seed " << seed);
  std::mt19937_64 generator(seed);
  const std::vector<std::string> pieces = {
      "1", "2.5", "n", "loss[k]", "max(", "log(", "sum(h, 1, ", "(", ")",  "[", "]",    ",", "+",
      "-", "*",   "/", "^",       "<=",   ">",    " ",          "h", "e3", ".", "\xc3", "_"};
  int parsed = 0;
  for (int round = 0; round < scaled(20000); ++round) {
    std::string text;
    for (auto length = 1 + generator() % 8; length > 0; --length) text += pieces[generator() % pieces.size()];
    try {
      const Formula formula = Formula::parse(text);
      INFO(text << " -> " << formula.text());
      CHECK(Formula::parse(formula.text()) == formula);
      ++parsed;
    } catch (const InputError&) {
    }
  }
  CHECK(parsed > 100);
}
