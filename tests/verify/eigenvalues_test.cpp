#include "verify/eigenvalues.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>

#include "tests/catch.h"

using namespace overproof;

namespace {

SymmetricBall exactly(const Matrix& A) {
  Matrix symmetric = A.selfadjointView<Eigen::Upper>();
  return {symmetric, Matrix::Zero(A.rows(), A.cols())};
}

/// A symmetric matrix with integer entries and the eigenvalues asked for, exactly: Q D Qᵀ with the Hadamard
/// matrix Q/√n; D integers, n a power of two, so every entry is an integer over n (a power of two) and the
/// product is exact.
Matrix with_eigenvalues(const Vector& eigenvalues) {
  const Index n = eigenvalues.size();
  Matrix Q = Matrix::Ones(1, 1);
  while (Q.rows() < n) {
    Matrix doubled(2 * Q.rows(), 2 * Q.rows());
    doubled << Q, Q, Q, -Q;
    Q = doubled;
  }
  return Q * eigenvalues.asDiagonal() * Q.transpose() / static_cast<double>(n);
}

}  // namespace

TEST_CASE("planted eigenvalues are enclosed, clusters and gaps of one part in a million included") {
  const auto seed = test_seed(51);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(120); ++trial) {
    const Index n = Index{1} << (random() % 7);
    Vector planted(n);
    const bool clustered = random() % 2 == 0;
    for (double& value : planted) {
      value = clustered ? static_cast<double>(1000000 + static_cast<long>(random() % 3))
                        : static_cast<double>(static_cast<long>(random() % 200001) - 100000);
    }
    const Matrix A = with_eigenvalues(planted);
    const EigenvalueRange range = enclose_eigenvalues(exactly(A));
    INFO("n = " << n << ": " << range.smallest.text(18) << " against " << planted.minCoeff());
    REQUIRE(range.smallest.contains(planted.minCoeff()));
    REQUIRE(range.largest.contains(planted.maxCoeff()));
    const double floor =
        static_cast<double>(n) * planted.cwiseAbs().maxCoeff() * 1e-14 * static_cast<double>(n) + 1e-300;
    REQUIRE(range.smallest.width() <= floor);
    REQUIRE(range.largest.width() <= floor);
    REQUIRE(enclose_norm(exactly(A)).contains(planted.cwiseAbs().maxCoeff()));
  }
}

TEST_CASE("a spoiled guess costs sharpness, never soundness") {
  const auto seed = test_seed(52);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> shift(-50, 50);
  for (int trial = 0; trial < scaled(200); ++trial) {
    const Index n = 16;
    Vector planted(n);
    for (double& value : planted) value = static_cast<double>(static_cast<long>(random() % 101) - 20);
    const SymmetricBall A = exactly(with_eigenvalues(planted));
    const double guess = planted.minCoeff() + shift(random);
    REQUIRE(bound_lambda_min_below(A, guess) <= planted.minCoeff());
    const auto proved = prove_lambda_min_above(A.mid, guess);
    if (proved) REQUIRE(*proved <= planted.minCoeff());
    if (guess > planted.minCoeff() + 1e-9) REQUIRE_FALSE(proved.has_value());
    const Vector direction = Vector::Random(n);
    REQUIRE(bound_lambda_min_above(A, direction) >= planted.minCoeff());
  }
  const SymmetricBall A = exactly(Matrix::Identity(3, 3));
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const double guess : {nan, inf, -inf}) CHECK(bound_lambda_min_below(A, guess) == -inf);
  CHECK(std::isinf(bound_lambda_min_above(A, Vector::Zero(3))));
  CHECK(std::isinf(bound_lambda_min_above(A, Vector::Constant(3, nan))));
  CHECK(bound_lambda_min_below(A, 1e200) <= 1.0);
  CHECK(bound_lambda_min_below(A, -1e200) <= 1.0);
}

TEST_CASE(
    "a bound from a factor is below the least eigenvalue whatever the factor, and near it for a good one") {
  const auto seed = test_seed(56);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> shift(-50, 50), small(-1e-3, 1e-3);
  for (int trial = 0; trial < scaled(200); ++trial) {
    const Index n = 8;
    Vector planted(n);
    for (double& value : planted) value = static_cast<double>(static_cast<long>(random() % 101) - 20);
    const Matrix A = with_eigenvalues(planted);
    const double s = planted.minCoeff() + shift(random);
    // the factor of a positive definite matrix far away, of one nearby, of nothing
    const Matrix far = Matrix::Random(n, n) * 10.0, nothing = Matrix::Zero(n, n);
    const double below = planted.minCoeff() - 1.0;
    const Matrix good = (A - below * Matrix::Identity(n, n)).llt().matrixU();
    const Matrix spoiled = good + small(random) * Matrix::Random(n, n);
    for (const Matrix& R : {far, nothing, good, spoiled})
      for (const double at : {s, below}) REQUIRE(lambda_min_above_by_factor(A, at, R) <= planted.minCoeff());
    REQUIRE(lambda_min_above_by_factor(A, below, good) >= below - 1e-10);
  }
  // A = RᵀR − diag(0, ε): the residual is all there is to see
  const Matrix R = (Matrix(2, 2) << 1.0, 1.0, 0.0, 0.0).finished();
  Matrix A = Matrix::Ones(2, 2);
  A(1, 1) -= 0x1p-40;
  CHECK(lambda_min_above_by_factor(A, 0.0, R) <= -0x1p-42);
  CHECK(lambda_min_above_by_factor(A, 0.0, R) >= -0x1p-39);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(lambda_min_above_by_factor(A, nan, R) == -std::numeric_limits<double>::infinity());
  CHECK(lambda_min_above_by_factor(A, 0.0, Matrix::Constant(2, 2, nan)) ==
        -std::numeric_limits<double>::infinity());
}

TEST_CASE("every matrix of a ball is covered") {
  const auto seed = test_seed(53);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(100); ++trial) {
    const Index n = 8;
    Vector planted(n);
    for (double& value : planted) value = static_cast<double>(static_cast<long>(random() % 65) - 32);
    const Matrix inside = with_eigenvalues(planted);
    // the midpoint is moved by exactly the radius in a random sign pattern, the worst that is allowed
    const double radius = std::ldexp(1.0, -static_cast<int>(random() % 8));
    SymmetricBall ball{inside, Matrix::Constant(n, n, radius)};
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i <= j; ++i)
        ball.mid(i, j) = ball.mid(j, i) = inside(i, j) + (random() % 2 ? radius : -radius);
    }
    if (trial % 4 == 0)
      ball.mid = inside + Matrix::Constant(n, n, radius);  // rank one: moves an eigenvalue by n·radius
    const EigenvalueRange range = enclose_eigenvalues(ball);
    REQUIRE(range.smallest.contains(planted.minCoeff()));
    REQUIRE(range.largest.contains(planted.maxCoeff()));
    REQUIRE(range.smallest.width() <= 2.1 * n * radius + 1e-9);
  }
}

TEST_CASE("a semidefinite matrix never gets a positive lower bound above its eigenvalue") {
  const auto seed = test_seed(54);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(60); ++trial) {
    Vector planted = Vector::Zero(32);  // singular with a kernel of random dimension
    for (Index i = 0; i < static_cast<Index>(1 + random() % 31); ++i)
      planted[i] = static_cast<double>(1 + random() % 1000);
    const SymmetricBall A = exactly(with_eigenvalues(planted));
    REQUIRE(bound_lambda_min_below(A, 0.0) <= 0.0);
    REQUIRE(bound_lambda_min_below(A, 1e-13) <= 0.0);
    REQUIRE(enclose_eigenvalues(A).smallest.contains(0.0));
  }
}

TEST_CASE("NaN, infinite and empty matrices prove nothing") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, inf, 1e308}) {
    for (const Index at : {Index{0}, Index{2}}) {
      SymmetricBall A = exactly(Matrix::Identity(3, 3));
      A.mid(at, 2) = A.mid(2, at) = bad;
      CHECK_FALSE(enclose_eigenvalues(A).smallest.lower() > 1.0);
      SymmetricBall B = exactly(Matrix::Identity(3, 3));
      B.rad(at, 2) = B.rad(2, at) = bad;
      CHECK_FALSE(enclose_eigenvalues(B).smallest.lower() > 0.0);
    }
  }
  CHECK_FALSE(prove_lambda_min_above(Matrix(0, 0), 0.0).has_value());
  const SymmetricBall negative = exactly(-1e290 * Matrix::Identity(2, 2));  // the Rayleigh quotient overflows
  CHECK(bound_lambda_min_above(negative, Vector::Constant(2, 1e80)) >= -1e290);
}

TEST_CASE("the spectral norm of a matrix with planted singular values is enclosed, tall, wide and square") {
  const auto seed = test_seed(55);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (const auto& [rows, cols] :
       std::vector<std::pair<Index, Index>>{{40, 3}, {3, 40}, {30, 30}, {200, 120}, {1, 5}, {5, 1}, {1, 1}}) {
    Matrix W = Matrix::Random(rows, cols);
    const Interval norm = enclose_spectral_norm(W);
    // from below by any vector, from above by ‖W‖_F
    const Vector v = Vector::Random(cols);
    CHECK(norm.upper() >= (W * v).norm() / v.norm() * (1 - 1e-12));
    CHECK(norm.lower() <= W.norm() * (1 + 1e-12));
    CHECK(norm.width() < 1e-7 * norm.upper());
    // a dominating rank-one part: 1000 on a coordinate
    W.setZero();
    W(rows / 2, cols / 2) = 1000.0;
    CHECK(enclose_spectral_norm(W).contains(1000.0));
  }
}
