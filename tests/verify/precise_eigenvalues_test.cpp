#include "verify/precise_eigenvalues.h"

#include "tests/catch.h"
#include "tests/verify/planted.h"

using namespace overproof;

namespace {

Vector random_integers(std::mt19937_64& random, Index n, long least, long size) {
  return Vector::NullaryExpr(n,
                             [&] { return static_cast<double>(least + static_cast<long>(random() % size)); });
}

}  // namespace

TEST_CASE("planted eigenvalues are enclosed at every precision, also when a few bits are left") {
  const auto seed = test_seed(61);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(400); ++trial) {
    const Index n = Index{1} << (random() % 4);
    const Vector planted = random_integers(random, n, -20, 121);
    const SymmetricIntervals K = exact_intervals(with_eigenvalues(planted), 64);
    const int precision = trial % 2 == 0 ? 8 + static_cast<int>(random() % 12) : 64;
    for (const End end : {End::smallest, End::largest}) {
      const double truth = end == End::smallest ? planted.minCoeff() : -planted.maxCoeff();
      const Interval value = enclose_end_precisely(K, end, precision, 1e-12, 1).value;
      INFO("n = " << n << ", " << precision << " bits: " << value.text(17) << " against " << truth);
      REQUIRE(value.lower() <= truth);
      REQUIRE(value.upper() >= truth);
      if (precision == 64) REQUIRE(value.width() <= 1e-9);
    }
  }
}

TEST_CASE("any factor at any shift bounds from below truly, however few the bits") {
  const auto seed = test_seed(62);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(3000); ++trial) {
    const Index n = Index{1} << (1 + random() % 3);
    const int precision = 4 + static_cast<int>(random() % 8);
    const Vector planted = random_integers(random, n, 1, 7);
    // exact at this precision or not: the radius of the ball takes the difference
    const PreciseBall ball =
        precise_ball(exact_intervals(with_eigenvalues(planted), 64), End::smallest, precision);
    const Interval shift = Interval::exact(planted.minCoeff() +
                                           static_cast<double>(static_cast<long>(random() % 65) - 32) / 64.0);
    PreciseMatrix L = approx_factor(ball.mid, shift, 1).L;
    if (trial % 3 == 0) mpfr_mul_d(L(n - 1, 0), L(n - 1, 0), 1.5, MPFR_RNDN);
    const Interval bound = bound_lowest_below(ball, shift, L, 1);
    REQUIRE_FALSE(bound.lower() > planted.minCoeff());
  }
}

TEST_CASE("a factor with one wrong entry shows in the residual") {
  const Matrix A = with_eigenvalues((Vector(4) << 1, 2, 3, 4).finished());
  const PreciseBall ball = precise_ball(exact_intervals(A, 128), End::smallest, 128);
  const Interval shift = Interval::exact(0.5);
  const PreciseMatrix good = approx_factor(ball.mid, shift, 2).L;
  const Interval residual = bound_residual(ball.mid, shift, good, 2);
  CHECK(residual.upper() < 1e-36);
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j <= i; ++j) {
      PreciseMatrix L = good;
      mpfr_add_d(L(i, j), L(i, j), 0x1p-30, MPFR_RNDN);
      CHECK(bound_residual(ball.mid, shift, L, 1).upper() > 1e-10);
    }
  }
  PreciseMatrix bad = good;
  mpfr_set_nan(bad(3, 1));
  CHECK_FALSE(bound_lowest_below(ball, shift, bad, 1).lower() > -1e300);
  // γ_k means nothing once k u reaches 1: nothing is proved
  const PreciseBall coarse = precise_ball(exact_intervals(Matrix::Identity(32, 32), 64), End::smallest, 5);
  CHECK(bound_residual(coarse.mid, shift, approx_factor(coarse.mid, shift, 1).L, 1).is_nan());
  // the off-diagonal residual counts twice: A − 0·I − LLᵀ = [[0, 1], [1, 0]] has norm 1, √2 in the Frobenius
  // norm
  PreciseMatrix two(2, 2, 64), none(2, 2, 64);
  mpfr_set_ui(two(1, 0), 1, MPFR_RNDN);
  CHECK(bound_residual(two, Interval::integer(0), none, 1).lower() >= 1.0);
}

TEST_CASE("every matrix of the intervals is covered") {
  const auto seed = test_seed(63);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(100); ++trial) {
    const Index n = 8;
    const Vector planted = random_integers(random, n, -10, 40);
    const Matrix A = with_eigenvalues(planted);
    const double radius = std::ldexp(1.0, -static_cast<int>(random() % 20));
    SymmetricIntervals K(n);
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i <= j; ++i) {
        const double lower = random() % 2 ? A(i, j) : A(i, j) - radius;  // A is at an end of every interval
        K(i, j) = Interval::between(lower, lower + radius, 128);
      }
    }
    for (const End end : {End::smallest, End::largest}) {
      const double truth = end == End::smallest ? planted.minCoeff() : -planted.maxCoeff();
      const Interval value = enclose_end_precisely(K, end, 128, 1e-12, 1).value;
      REQUIRE(value.lower() <= truth);
      REQUIRE(value.upper() >= truth);
      REQUIRE(value.width() <= 2.0 * n * radius);
    }
  }
}

TEST_CASE("indefinite, singular, graded, tiny and empty matrices") {
  const auto smallest = [](const Matrix& A, int limit) {
    return enclose_end_exactly(A, End::smallest, {1e-8, limit, 1});
  };
  // indefinite by one part in 2^60 of its size, in a direction that doubles cannot see
  Matrix A = Matrix::Ones(2, 2);
  A(1, 1) = 1.0 - 0x1p-53;
  const DecidedEnd indefinite = smallest(A, 512);
  CHECK(indefinite.decided);
  CHECK(indefinite.enclosure.value.upper() < 0.0);
  CHECK(indefinite.enclosure.value.lower() > -0x1p-53);
  // singular twice: the Laplacian of two paths
  Matrix L = Matrix::Zero(9, 9);
  for (const Index i : {0, 1, 2, 4, 5, 6, 7}) {
    L(i, i) += 1, L(i + 1, i + 1) += 1;
    L(i, i + 1) = L(i + 1, i) = -1;
  }
  const DecidedEnd singular = smallest(L, 256);
  CHECK_FALSE(singular.decided);
  CHECK(singular.enclosure.value.contains(0.0));
  CHECK(singular.enclosure.value.width() < 1e-70);
  // graded over 300 orders of magnitude, and denormals
  const Matrix B = with_eigenvalues((Vector(2) << 3, 5).finished());
  Matrix G = Matrix::Zero(6, 6);
  G.block(0, 0, 2, 2) = B, G.block(2, 2, 2, 2) = 0x1p-500 * B, G.block(4, 4, 2, 2) = 0x1p-1000 * B;
  CHECK_FALSE(smallest(G, 512).decided);
  CHECK(smallest(G, 512).enclosure.value.contains(3 * 0x1p-1000));
  CHECK(smallest(G, 2048).decided);
  CHECK(smallest(G, 2048).enclosure.value.contains(3 * 0x1p-1000));
  const DecidedEnd tiny = smallest(0x1p-1070 * B, 512);
  CHECK(tiny.decided);
  CHECK(tiny.enclosure.value.contains(3 * 0x1p-1070));
  CHECK_FALSE(smallest(Matrix(0, 0), 128).decided);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(smallest(Matrix::Constant(2, 2, nan), 128).decided);
  CHECK_FALSE(smallest(Matrix::Constant(2, 2, std::numeric_limits<double>::infinity()), 128).decided);
  CHECK(smallest(Matrix::Zero(3, 3), 128).enclosure.value.contains(0.0));
}
