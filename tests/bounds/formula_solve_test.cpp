#include <map>
#include <random>

#include "bounds/formula.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

using Values = std::map<std::string, Interval>;

FormulaScope scope_of(Values values) {
  FormulaScope scope;
  scope.lookup = [values = std::move(values)](const Reference& reference) -> std::optional<FormulaValue> {
    const auto found = values.find(reference.name);
    if (found == values.end() || !reference.indices.empty()) return std::nullopt;
    return FormulaValue{found->second, found->first};
  };
  return scope;
}

struct Row {
  const char* formula;
  const char* name;
  const char* relation;
};

// Every formula that solve() is used for, and every operation it inverts, with the direction worked out by
// hand.
constexpr Row rows[] = {
    {"m >= C_m*2^(C_p*H)*max(n^4/lambda_0^4, n/delta)", "C_m", "<="},
    {"m >= C_m*2^(C_p*H)*max(n^4/lambda_0^4, n/delta)", "C_p", "<="},
    {"m >= C_m*2^(C_p*H)*max(n^4/lambda_0^4, n/delta)", "m", ">="},
    {"eta <= C_eta*lambda_0/(n^2*2^(C_p*H))", "eta", "<="},
    {"eta <= C_eta*lambda_0/(n^2*2^(C_p*H))", "C_eta", ">="},
    {"eta <= C_eta*lambda_0/(n^2*2^(C_p*H))", "C_p", "<="},
    {"sqrt(m) >= 3*n + 1", "m", ">="},
    {"n/sqrt(m) <= lambda_0/4", "m", ">="},
    {"lambda_0/4 >= n/sqrt(m)", "m", ">="},
    {"n - 4*sqrt(n)/m - eta*n^2/2 >= lambda_0/4", "m", ">="},
    {"n - 4*sqrt(n)/m - eta*n^2/200 >= lambda_0/4", "eta", "<="},
    {"m > delta*n^6/(lambda_0^4*x^3)", "x", ">="},
    {"-x*n < -m", "x", ">="},
    {"x^-2 >= delta", "x", "<="},
    {"(1/2)^x <= delta", "x", ">="},
    {"exp(-x) <= delta", "x", ">="},
    {"log(n*x/delta) >= 3", "x", ">="},
    {"abs(x/n) < 5", "x", "<="},
    {"-n/(2*x) >= -m", "x", ">="},
    {"m - x > 3", "x", "<="},
    {"x^(3/2) + n <= m", "x", "<="},
};

}  // namespace

TEST_CASE("a solved bound is where the verdict flips") {
  const auto seed = test_seed(42);
  INFO("seed " << seed);
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  for (const Row& row : rows) {
    const Formula formula = Formula::parse(row.formula);
    for (int round = 0; round < scaled(10); ++round) {
      Values values{{"n", Interval::exact(2 + 20 * unit(generator))},
                    {"H", Interval::integer(1 + round % 5)},
                    {"m", Interval::exact(100 + 1e6 * unit(generator))},
                    {"lambda_0", Interval::exact(0.01 + unit(generator))},
                    {"delta", Interval::exact(0.001 + 0.3 * unit(generator))},
                    {"eta", Interval::exact(1e-6 * (1 + unit(generator)))},
                    {"C_m", Interval::exact(0.1 + unit(generator))},
                    {"C_p", Interval::exact(0.1 + unit(generator))},
                    {"C_eta", Interval::exact(0.1 + unit(generator))}};
      values.erase(row.name);
      const auto solution = formula.solve(row.name, scope_of(values));
      INFO(row.formula << " for " << row.name << ", round " << round);
      REQUIRE(solution);
      CHECK(solution->relation == row.relation);
      if (!certainly_lt(Interval::integer(0), solution->bound))
        continue;  // nothing to try among positive values
      const bool below = solution->relation == "<=";
      const Interval change = Interval::decimal("1e-6");
      const Interval one = Interval::integer(1);
      values[row.name] = solution->bound * (one - change);
      CHECK(formula.judge(scope_of(values)).verdict == (below ? Verdict::holds : Verdict::fails));
      values[row.name] = solution->bound * (one + change);
      CHECK(formula.judge(scope_of(values)).verdict == (below ? Verdict::fails : Verdict::holds));
    }
  }
}

TEST_CASE("the bound of a solution with uncertain factors encloses every crossing") {
  const Formula formula = Formula::parse("m >= C*n^2/lambda_0^4");
  const Interval wide = Interval::between(0.1, 0.2);
  const auto outer = formula.solve(
      "C", scope_of({{"m", Interval::integer(100)}, {"n", Interval::integer(3)}, {"lambda_0", wide}}));
  REQUIRE(outer);
  for (const double lambda_0 : {0.1, 0.13, 0.2}) {
    const auto inner = formula.solve("C", scope_of({{"m", Interval::integer(100)},
                                                    {"n", Interval::integer(3)},
                                                    {"lambda_0", Interval::exact(lambda_0)}}));
    REQUIRE(inner);
    CHECK(outer->bound.contains(inner->bound));
  }
}

TEST_CASE("nothing is solved when an operation or a sign on the path is not certain") {
  const Values values{{"n", Interval::integer(4)},          {"sign", Interval::between(-1, 1)},
                      {"m", Interval::integer(9)},          {"zero", Interval::integer(0)},
                      {"one", Interval::between(0.9, 1.1)}, {"x_nan", Interval::nan()}};
  for (const char* text :
       {"m >= x*n + x",         "m >= n",      "m >= max(x, n)",  "m >= min(x, n)",  "m >= sign*x",
        "m >= x/sign",          "sign <= n/x", "m <= (x - n)^2",  "m >= one^x",      "m >= sum(h, 1, 3, x)",
        "m >= geometric(x, 3)", "m >= n[x]",   "m >= x*missing",  "m >= x*x_nan",    "x[1] <= m",
        "sqrt(x) <= -m",        "n/x >= -m",   "m <= log(x - n)", "m <= abs(x - n)", "m >= near_boundary(x)",
        "exp(x) >= zero",       "zero*x <= m", "m >= x^sign",     "m >= sign^x",     "m + x"}) {
    INFO(text);
    CHECK_FALSE(Formula::parse(text).solve("x", scope_of(values)));
  }
}
