#include "verify/symmetric.h"

#include "tests/catch.h"
#include "tests/verify/reference.h"

using namespace overproof;

TEST_CASE(
    "a Gram ball contains the inner products of all columns inside the radii, the extreme ones included") {
  // x_i = x̂_i + ρ_i e along the same unit direction e: ⟨x_i, x_j⟩ takes all three radius terms
  const Index rows = 6;
  Ball x = Ball::exactly(Matrix::Zero(rows, 3));
  x.mid(0, 0) = 2.0, x.mid(0, 1) = 3.0, x.mid(0, 2) = -5.0;
  const double radii[] = {0.5, 0.25, 1.0};
  for (Index i = 0; i < 3; ++i) x.two[i] = x.entry[i] = Up(radii[i]);
  const SymmetricBall G = gram(x);
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 3; ++j) {
      for (const double s : {-1.0, 1.0}) {
        for (const double t : {-1.0, 1.0}) {
          const double a = x.mid(0, i) + s * radii[i], b = x.mid(0, j) + t * radii[j];
          if (i == j && s != t) continue;
          CHECK(entry(G, i, j).contains(a * b));
        }
      }
    }
  }
}

TEST_CASE("the low parts of a ball's midpoints belong to its Gram ball") {
  Ball x = Ball::exactly(Matrix::Constant(1, 2, 3.0));
  x.low(0, 0) = 3.0 * unit_roundoff, x.low(0, 1) = -3.0 * unit_roundoff;
  const SymmetricBall G = gram(x);
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 2; ++j)
      CHECK(
          entry(G, i, j).contains(reference::number(x.midpoint(0, i)) * reference::number(x.midpoint(0, j))));
  }
}

TEST_CASE("a Gram product that overflows says nothing") {
  const Matrix X = (Matrix(2, 2) << 1e155, 1e155, 1e155, -1e155).finished();
  const SymmetricBall G = gram(Ball::exactly(X));
  const Interval top = Interval::exact(std::numeric_limits<double>::max());
  CHECK_FALSE(certainly_lt(Interval::decimal("3e310"), entry(G, 0, 0)));  // it is 2e310
  CHECK_FALSE(certainly_lt(Interval::decimal("3e310"), enclose_max_entry(G)));
  CHECK_FALSE(certainly_lt(Interval::decimal("3e310"), enclose_frobenius(G)));
  CHECK_FALSE(certainly_lt(entry(G, 0, 0), top));
}

TEST_CASE("the underflow of a Gram product is covered") {
  const double x = 0.714 * 0x1p-537;  // x² rounds up to 2^-1074
  const Matrix X = Matrix::Constant(64, 1, x);
  CHECK(entry(gram(Ball::exactly(X)), 0, 0)
            .contains(reference::dot(reference::column(X, 0), reference::column(X, 0))));
}

TEST_CASE("the rounding of a Gram product is covered") {
  std::mt19937_64 random(test_seed(71));
  for (int trial = 0; trial < scaled(20); ++trial) {
    const Matrix X = Matrix::Random(50, 4);
    const SymmetricBall G = gram(Ball::exactly(X));
    for (Index i = 0; i < 4; ++i) {
      for (Index j = 0; j < 4; ++j) {
        REQUIRE(entry(G, i, j).contains(reference::dot(reference::column(X, i), reference::column(X, j))));
      }
    }
  }
}

TEST_CASE("sums, differences, entrywise products and multiples contain the extreme matrices of their balls") {
  const SymmetricBall A{Matrix::Constant(1, 1, 3.0), Matrix::Constant(1, 1, 0.5)};
  const SymmetricBall B{Matrix::Constant(1, 1, -2.0), Matrix::Constant(1, 1, 0.25)};
  for (const double a : {2.5, 3.5}) {
    for (const double b : {-2.25, -1.75}) {
      CHECK(entry(A + B, 0, 0).contains(a + b));
      CHECK(entry(A - B, 0, 0).contains(a - b));
      CHECK(entry(hadamard(A, B), 0, 0).contains(a * b));
      for (const double factor : {-0.1, 7.0})
        CHECK(entry(scaled(factor, A), 0, 0).contains(Interval::exact(factor) * Interval::exact(a)));
    }
  }
  CHECK(entry(hadamard(A, B), 0, 0).width() < 2 * (3.0 * 0.25 + 0.5 * 2.0 + 0.125) * 1.001);
}

TEST_CASE("sums, entrywise products, multiples and intervals that round contain the exact numbers") {
  const auto one = [](double x) { return SymmetricBall{Matrix::Constant(1, 1, x), Matrix::Zero(1, 1)}; };
  const auto exact = [](double x) { return Interval::exact(x); };
  for (const double a : {0.1, 3.0, 0x1.8p-600}) {
    for (const double b : {0.3, 0x1p-60, 0x1.cp-473}) {  // the last products underflow
      CHECK(entry(one(a) + one(b), 0, 0).contains(exact(a) + exact(b)));
      CHECK(entry(one(a) - one(b), 0, 0).contains(exact(a) - exact(b)));
      CHECK(entry(hadamard(one(a), one(b)), 0, 0).contains(exact(a) * exact(b)));
      CHECK(entry(scaled(a, one(b)), 0, 0).contains(exact(a) * exact(b)));
    }
  }
  SymmetricIntervals K(1);
  for (const Interval& value : {Interval::rational(1, 3), Interval::between(1.0, 2.0)}) {
    K(0, 0) = value;
    CHECK(entry(ball_around(K), 0, 0).contains(value));
  }
}
