// Every term of an eigenvalue bound is needed: matrices for which the bound without it would be false.

#include "tests/catch.h"
#include "tests/verify/reference.h"
#include "verify/precise_eigenvalues.h"

using namespace overproof;

namespace {

Matrix symmetric(double a, double b, double d) { return (Matrix(2, 2) << a, b, b, d).finished(); }

double complement_below(const Matrix& A, const Matrix& R) {
  return bound_complement_below(A, End::smallest, 0.0, Matrix(A.rows(), 0), 0.0, R);
}

/// The residual is known to a ball around 0.
Subspace subspace(const Vector& v, double theta, const Vector& residual, double radius) {
  Ball ball = Ball::exactly(residual);
  ball.set_radii(0, Up(radius), Up(radius));
  return {v, Vector::Constant(1, theta), {ball}};
}

}  // namespace

TEST_CASE("a factor whose products round leaves a residual that doubles do not see") {
  // r² = 1 + 2^-29 + 2^-60 rounds to 1 + 2^-29: C = 0, and (1, −r) has the quotient −2^-60/(1 + r²)
  const double r = 1.0 + 0x1p-30;
  const Matrix R = (Matrix(2, 2) << r, 1.0, 0.0, 0.0).finished();
  const Matrix A = symmetric(1.0 + 0x1p-29, r, 1.0);
  CHECK(complement_below(A, R) <= -0x1p-62);
  CHECK(complement_below(A, R) >= -1e-12);
  // the same with 8 bits: r = 1 + 2^-5
  const double s = 1.0 + 0x1p-5;
  PreciseMatrix L(2, 2, 8);
  mpfr_set_d(L(0, 0), s, MPFR_RNDN);
  mpfr_set_d(L(1, 0), 1.0, MPFR_RNDN);
  const PreciseBall ball =
      precise_ball(exact_intervals(symmetric(1.0 + 0x1p-4, s, 1.0), 64), End::smallest, 8);
  CHECK(bound_lowest_below(ball, Interval::integer(0), L, 1).lower() <= -0x1p-12);
}

TEST_CASE("vectors whose products round leave a residual that doubles do not see") {
  // v² = 1 + 2a + 1.5625·2^-52 rounds up by 0.4375·2^-52; (1, −v) is orthogonal to (v, 1)
  const double v = 1.0 + 1.25 * 0x1p-26;
  const Matrix V = (Matrix(2, 1) << v, 1.0).finished(), none = Matrix::Zero(2, 2);
  CHECK(bound_complement_below(symmetric(-v * v, -v, -1.0), End::smallest, 0.0, V, 1.0, none) <=
        -0.2 * 0x1p-52);
  // v₁² rounds up to η, v₁v₂ and v₂² down to 0, and the weight is 2^1000
  const Matrix tiny = (Matrix(2, 1) << 0.714 * 0x1p-537, 0.686 * 0x1p-537).finished();
  CHECK(bound_complement_below(symmetric(-0x1p-74, 0.0, 0.0), End::smallest, 0.0, tiny, 0x1p1000, none) <=
        -0.4 * 0x1p-74);
}

TEST_CASE("residuals off the diagonal count twice, within a block and between blocks") {
  for (const Index n : {2, 128}) {
    Matrix A = Matrix::Zero(n, n);
    for (const Index i : {Index{0}, n - 1}) A(i, 0) = A(i, n - 1) = -1.0;  // λ_min = −2
    CHECK(complement_below(A, Matrix::Zero(n, n)) <= -2.0);
    const PreciseBall ball = precise_ball(exact_intervals(A, 64), End::smallest, 64);
    CHECK(bound_lowest_below(ball, Interval::integer(0), PreciseMatrix(n, n, 64), 1).lower() <= -2.0);
  }
}

TEST_CASE("a Cholesky factorisation that succeeds is no proof: its factor has to be multiplied out") {
  // [[I, r], [rᵀ, 1 + 6u]], r = (1, t, ..., t), t² = 0.9u: the sum 1 + t² + ... + t² stays 1 in doubles, and
  // the last pivot comes out positive; it is 6u − 14·0.9u
  const Index n = 16;
  const double t = std::sqrt(0.9 * unit_roundoff);
  Matrix A = Matrix::Identity(n, n);
  A.row(n - 1).head(n - 1).setConstant(t);
  A(n - 1, 0) = 1.0;
  A.col(n - 1) = A.row(n - 1).transpose();
  A(n - 1, n - 1) = 1.0 + 6.0 * unit_roundoff;
  Vector x = -A.col(n - 1);
  x[n - 1] = 1.0;
  reference::Column image = reference::times(A, reference::column(x, 0));
  const Interval quotient = reference::dot(reference::column(x, 0), image) /
                            reference::dot(reference::column(x, 0), reference::column(x, 0));
  REQUIRE(quotient.upper() < -unit_roundoff);
  // from a guess that is as much too high as the factorisation is tried below it
  const double high = 64.0 * unit_roundoff * (static_cast<double>(n) + 6.0 * unit_roundoff);
  for (const double guess : {high, high * (1.0 + 64.0 * unit_roundoff), 0.0}) {
    Matrix workspace(n, n);
    const ApproxEigen spoiled{Vector::Constant(1, guess), Matrix::Identity(n, 1)};
    const Interval value = enclose_end(A, End::smallest, spoiled, workspace).value;
    INFO(value.text(17) << " against " << quotient.text(17));
    CHECK(value.lower() <= quotient.upper());
    CHECK(value.lower() >= -1e-10);
  }
}

TEST_CASE("a residual that is only known to a ball is as large as the ball") {
  // B = [[0, r], [r, c]], v = e₁: all of the residual (0, r) in the radius
  const double r = 0.25, c = 1.0;
  const Vector e1 = Vector::Unit(2, 0);
  const double truth = (c - std::sqrt(c * c + 4 * r * r)) / 2;
  const Interval value = enclose_lowest(subspace(e1, 0.0, Vector::Zero(2), r), c);
  CHECK(value.lower() <= truth);
  CHECK(value.lower() >= -0.5);
  // the same with c = −0.2, not far above −r
  CHECK(enclose_lowest(subspace(e1, 0.0, Vector::Zero(2), r), -0.2).lower() <= -0.36);
  // B = diag(−r, 1000), v = l·e₁, θ = 0: the residual is along v, and so the quotient is off by it
  for (const double length : {0.25, 1.0, 4.0}) {
    const Interval along = enclose_lowest(subspace(length * e1, 0.0, Vector::Zero(2), length * r), 1000.0);
    CHECK(along.lower() <= -r);
    CHECK(along.upper() >= -r);
  }
  // ⟨v, Bv⟩ = −2a² + 2(1 + 2^-29) = −2^-59 for a = 1 + 2^-30, where doubles lose one 2^-60 or both
  const double a = 1.0 + 0x1p-30;
  const Vector v = (Vector(3) << a, 1.0, a).finished(), Bv = (Vector(3) << -a, 2.0 + 0x1p-28, -a).finished();
  CHECK(enclose_lowest(subspace(v, 0.0, Bv, 0.0), 0x1p1000).lower() <= -0.33 * 0x1p-59);
  // Bv = 0.714·2^-74 v, where every product v_i(Bv)_i rounds up to η
  const Vector small = Vector::Constant(64, 0x1p-500);
  CHECK(enclose_lowest(subspace(small, 0.0, 0.714 * 0x1p-74 * small, 0.0), 0x1p1000).lower() <=
        0.715 * 0x1p-74);
}

TEST_CASE("vectors need not be unit vectors, nor the quotients right") {
  const double r = 0.25, c = 1.0, truth = (c - std::sqrt(c * c + 4 * r * r)) / 2;
  for (const double length : {0.25, 1.0, 3.0}) {
    const Vector v = length * Vector::Unit(2, 0);
    // B = [[0, r], [r, c]], θ = 0 and θ = −1
    const Interval right = enclose_lowest(subspace(v, 0.0, Vector::Unit(2, 1) * (r * length), 0.0), c);
    CHECK(right.lower() <= truth);
    CHECK(right.upper() >= truth);
    // B = diag(0, c), θ = −1: the residual is v
    const Interval wrong = enclose_lowest(subspace(v, -1.0, v, 0.0), c);
    CHECK(wrong.lower() <= 0.0);
    CHECK(wrong.upper() >= 0.0);
    CHECK(wrong.width() <= 1.1);
  }
}

TEST_CASE("vectors that are not independent prove no lower bound, and take nothing from the factor's") {
  const Matrix A = (Vector(3) << 1.0, 2.0, 3.0).finished().asDiagonal();
  Matrix twice(3, 2), all = Matrix::Zero(3, 3);
  twice << 0, 0, 1, 1, 0, 0;  // λ = 2 only
  all.row(1).setOnes();
  for (const Matrix& V : {twice, all}) {
    for (const double complement : {-100.0, 1.0, 2.5}) {
      const Interval value = enclose_lowest(enclose_residuals(A, End::smallest, V), complement);
      INFO(value.text());
      CHECK_FALSE(value.is_nan());
      CHECK(value.lower() == -std::numeric_limits<double>::infinity());
      CHECK(value.upper() >= 1.0);
    }
    Matrix workspace(3, 3);
    const ApproxEigen guess{Vector::Constant(3, 2.0), V};
    const Interval value = enclose_end(A, End::smallest, guess, workspace).value;
    INFO(value.text());
    CHECK(value.lower() <= 1.0);
    CHECK(value.lower() > -10.0);
    CHECK(value.upper() >= 1.0);
  }
}

TEST_CASE("residuals of vectors are enclosed, over more rows and columns than go at a time") {
  std::mt19937_64 random(test_seed(64));
  const Index n = 520;
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  const Matrix half = Matrix::NullaryExpr(n, n, [&] { return uniform(random); });
  const Matrix A = half + half.transpose();
  for (const End end : {End::smallest, End::largest}) {
    const Subspace two =
        enclose_residuals(A, end, Matrix::NullaryExpr(n, 2, [&] { return uniform(random); }));
    for (Index j = 0; j < 2; ++j) {
      const reference::Column v = reference::column(two.V, j);
      reference::Column r = reference::times(A, v);
      for (std::size_t i = 0; i < r.size(); ++i)
        r[i] = Interval::exact(sign_of(end)) * r[i] - Interval::exact(two.theta[j]) * v[i];
      reference::require_inside(two.residuals[static_cast<std::size_t>(j)], 0, r, 1e-17);
    }
  }
}

TEST_CASE("an image that cancels is known to the square of the roundoff, not exactly") {
  // A = [[B, −B], [−B, B]] times (y, y) is 0: what is computed is the rounding of low parts
  const auto seed = test_seed(61);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  const Index n = 40;
  Matrix B = Matrix::NullaryExpr(n, n, [&] { return normal(random); });
  B = (B + B.transpose()).eval();
  const Matrix A = (Matrix(2 * n, 2 * n) << B, -B, -B, B).finished();
  const Vector y = Vector::NullaryExpr(n, [&] { return normal(random); });
  const Subspace space = enclose_residuals(A, End::smallest, (Vector(2 * n) << y, y).finished());
  const Ball& residual = space.residuals.front();
  Interval squares = Interval::integer(0, reference::precision);
  for (Index i = 0; i < 2 * n; ++i) {
    const Interval off = reference::number(residual.midpoint(i, 0)) +
                         reference::number(space.theta[0]) * reference::number(space.V(i, 0));
    REQUIRE(certainly_le(abs(off), Interval::exact(residual.entry[0].value())));
    squares += square(off);
  }
  CHECK(certainly_le(sqrt(squares), Interval::exact(residual.two[0].value())));
  CHECK(squares.lower() > 0.0);
}

TEST_CASE("low parts that round away stay within the radius of a residual") {
  // 2^-60 + 2^-120 is left of the first row, and doubles add its low parts up to 2^-60
  const double r = 1.0 + 0x1p-30, s = 0x1p-30;
  Matrix A = Matrix::Zero(4, 4);
  A.row(0) << r, s * r, -(1.0 + 0x1p-29), -0x1p-60 * (1.0 + 0x1p-29);
  A.col(0) = A.row(0).transpose();
  const Vector v = (Vector(4) << r, s * r, 1.0, 1.0).finished();
  const Subspace one = enclose_residuals(A, End::smallest, v);
  reference::Column residual = reference::times(A, reference::column(v, 0));
  for (std::size_t i = 0; i < residual.size(); ++i)
    residual[i] = residual[i] - Interval::exact(one.theta[0]) * reference::column(v, 0)[i];
  reference::require_inside(one.residuals[0], 0, residual, 1e-28);
}

TEST_CASE("the radius of a matrix ball is the norm of all its entries") {
  // I ± ρ in every entry: λ_min goes from 1 − nρ to 1 + ρ over the ball, λ_max from 1 − ρ to 1 + nρ
  const double radius = 0x1p-4;
  for (const Index n : {1, 2, 5}) {
    SymmetricIntervals K(n);
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i <= j; ++i) K(i, j) = Interval::between((i == j) - radius, (i == j) + radius, 64);
    }
    const double least = 1.0 - static_cast<double>(n) * radius;
    const Interval precise = enclose_end_precisely(K, End::smallest, 64, 1e-14, 1).value;
    CHECK(precise.lower() <= least);
    CHECK(precise.lower() >= least - 1e-12);
    CHECK(precise.upper() >= 1.0 + radius);
    const Interval in_doubles =
        enclose_end_of([&](int) { return K; }, End::smallest, {1e-8, 53, 1}).enclosure.value;
    CHECK(in_doubles.lower() <= least);
    CHECK(in_doubles.upper() >= 1.0 + radius);
    const Interval largest =
        -enclose_end_of([&](int) { return K; }, End::largest, {1e-8, 53, 1}).enclosure.value;
    CHECK(largest.upper() >= 2.0 - least);
    CHECK(largest.upper() <= 2.0 - least + 1e-12);
    CHECK(largest.lower() <= 1.0 - radius);
  }
}

TEST_CASE("the rounding of WᵀW belongs to the spectral norm") {
  const double w = 1.0 + 0x1p-30;  // w² rounds
  const Interval norm = enclose_spectral_norm(Matrix::Constant(1, 1, w));
  CHECK(norm.contains(w));
  CHECK(norm.width() < 1e-12);
}
