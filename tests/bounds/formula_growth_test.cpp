#include "bounds/formula.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

struct Row {
  const char* formula;
  const char* variable;
  const char* text;
};

constexpr Row rows[] = {
    {"m >= C_m*n^6/(lambda_0^4*delta^3)", "n", "n^6: polynomial"},
    {"m >= C_m*n^6/(lambda_0^4*delta^3)", "lambda_0", "lambda_0^-4: polynomial"},
    {"m >= C_m*n^6/(lambda_0^4*delta^3)", "H", "constant"},
    {"m >= C_m*2^(C'*H)*max(n^4/lambda_0^4, n/delta)", "H", "2^(C'*H): exponential"},
    {"m >= C_m*2^(C'*H)*max(n^4/lambda_0^4, n/delta, n^2*log(H*n/delta)/lambda_0^2)", "n", "n^4: polynomial"},
    {"m >= C_m*2^(C'*H)*max(n^4, n^2*log(H*n/delta))", "H", "2^(C'*H)·log(H): exponential"},
    {"eta <= C_eta*lambda_0/(n^2*2^(C'*H))", "H", "2^(-C'*H): exponential"},
    {"eta <= C_eta*lambda_0/(n^2*2^(C'*H))", "n", "n^-2: polynomial"},
    {"eta <= C_eta*lambda_0*H^2/n^2", "H", "H^2: polynomial"},
    {"n^4*log(n)", "n", "n^4·log(n): polynomial"},
    {"n^2/lambda_0^2*log(2*n^2/delta)", "n", "n^2·log(n): polynomial"},
    {"log(n/delta)", "n", "log(n): logarithmic"},
    {"log(n)^2*3", "n", "log(n)^2: logarithmic"},
    {"sqrt(n)*n^(3/2)", "n", "n^2: polynomial"},
    {"sqrt(n)", "n", "n^(1/2): polynomial"},
    {"n^0.5 + log(n)", "n", "n^(1/2): polynomial"},
    {"n^2 + n^3 + 7", "n", "n^3: polynomial"},
    {"n^2 - n", "n", "n^2: polynomial"},
    {"n^2 - n^2", "n", "unknown"},
    {"(n^2 - n^2 - 1)*2", "n", "unknown"},
    {"1/(1 + 1/n)", "n", "constant"},
    {"log(1 + 1/n)", "n", "unknown"},
    {"log(2 + 1/m)*n", "n", "n: polynomial"},
    {"min(n, n^2, n^3)", "n", "n: polynomial"},
    {"max(n, -n)", "n", "unknown"},
    {"2^H + 3^H", "H", "3^H: exponential"},
    {"2^H + H^100", "H", "2^H: exponential"},
    {"4^H/2^H", "H", "unknown"},
    {"2^(3*H)/2^H", "H", "2^(2*H): exponential"},
    {"2^(H - 1)", "H", "2^H: exponential"},
    {"(1/2)^H", "H", "(1/(1/2))^(-H): exponential"},
    {"1^H", "H", "constant"},
    {"exp(H)", "H", "e^H: exponential"},
    {"exp(2*c*H)", "H", "e^(2*c*H): exponential"},
    {"exp(-H) + H", "H", "H: polynomial"},
    {"exp(c/H)", "H", "unknown"},
    {"log(2^(C'*H)*n)", "H", "H: polynomial"},
    {"geometric(a, H)", "H", "a^H: exponential for a > 1"},
    {"geometric(2, H)*H", "H", "2^H·H: exponential"},
    {"geometric(1, H)", "H", "H: polynomial"},
    {"geometric(0.5, H)", "H", "constant"},
    {"geometric(a, H)", "n", "constant"},
    {"geometric(n, 4)", "n", "n^3: polynomial"},
    {"geometric(max(c_x, 1), H)^2/c_x", "H", "max(c_x, 1)^(2*H): exponential for max(c_x, 1) > 1"},
    {"geometric(2*c, H)/c^H", "H", "2^H: exponential for c > 1"},
    {"(0.5*c)^H", "H", "(0.5*c)^H: exponential for 0.5*c > 1"},
    {"min(1/geometric(2*c, H), c^(-3*H))", "H", "unknown"},
    {"min(1/geometric(2*c, H), (2*c)^(-3*H))", "H", "2^(-3*H)·c^(-3*H): exponential for c > 1"},
    {"sum(h, 1, H, c)", "H", "H: polynomial"},
    {"sum(h, 1, H, h)", "H", "unknown"},
    {"loss[k]*n", "n", "n: polynomial"},
    {"loss[n]", "n", "unknown"},
    {"near_boundary(n)", "n", "unknown"},
    {"near_boundary(R)*n", "n", "n: polynomial"},
    {"(1 + c/H)^H", "H", "unknown"},
    {"H^H", "H", "unknown"},
    {"2^(H^2)", "H", "unknown"},
    {"2^sqrt(H)", "H", "unknown"},
    {"log(log(n))", "n", "unknown"},
    {"n^c", "n", "unknown"},
    {"(n - m)^c", "n", "unknown"},
    {"(1 - eta)^k", "k", "unknown"},
    {"-n^2", "n", "n^2: polynomial"},
    {"n^2000", "n", "unknown"},
};

}  // namespace

TEST_CASE("growth classes of a table of expressions") {
  for (const Row& row : rows) {
    INFO(row.formula << " in " << row.variable);
    CHECK(Formula::parse(row.formula).growth(row.variable).text == row.text);
  }
}

TEST_CASE("the kind of growth is that of its text") {
  CHECK(Formula::parse("3").growth("n").kind == Growth::Class::constant);
  CHECK(Formula::parse("log(n)").growth("n").kind == Growth::Class::logarithmic);
  CHECK(Formula::parse("n").growth("n").kind == Growth::Class::polynomial);
  CHECK(Formula::parse("2^n").growth("n").kind == Growth::Class::exponential);
  CHECK(Formula::parse("n^n").growth("n").kind == Growth::Class::unknown);
}
