#include "verify/eigenvalues.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>

#include "tests/catch.h"
#include "tests/verify/planted.h"

using namespace overproof;

namespace {

SymmetricBall exactly(const Matrix& A) {
  Matrix symmetric = A.selfadjointView<Eigen::Upper>();
  return {symmetric, Matrix::Zero(A.rows(), A.cols())};
}

Matrix no_vectors(Index n) { return Matrix(n, 0); }

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
    ApproxEigen guess = approx_eigen(A.mid);
    for (double& value : guess.values) value += shift(random);
    if (trial % 3 == 0) guess.vectors = Matrix::Random(n, 3);
    if (trial % 3 == 1) guess.vectors += 1e-3 * Matrix::Random(n, n);
    if (trial % 3 == 2) guess.vectors.col(1) = guess.vectors.col(0);  // not independent
    Matrix workspace(n, n);
    const EndEnclosure low = enclose_end(A.mid, End::smallest, lowest_of(guess, End::smallest), workspace);
    REQUIRE(low.value.lower() <= planted.minCoeff());
    REQUIRE(low.value.upper() >= planted.minCoeff());
    const EndEnclosure high = enclose_end(A.mid, End::largest, lowest_of(guess, End::largest), workspace);
    REQUIRE(high.value.lower() <= -planted.maxCoeff());
    REQUIRE(high.value.upper() >= -planted.maxCoeff());
  }
  const SymmetricBall A = exactly(Matrix::Identity(3, 3));
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, inf, -inf, 1e200, -1e200, 0.0}) {
    Matrix workspace(3, 3);
    for (const ApproxEigen& guess : {ApproxEigen{Vector::Constant(3, bad), Matrix::Identity(3, 3)},
                                     ApproxEigen{Vector::Ones(3), Matrix::Constant(3, 2, bad)}}) {
      const Interval value = enclose_end(A.mid, End::smallest, guess, workspace).value;
      CHECK_FALSE(value.lower() > 1.0);
      CHECK_FALSE(value.upper() < 1.0);
    }
  }
}

TEST_CASE("a complement is bounded by any factor, and well by a good one") {
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
    const double below = planted.minCoeff() - 1.0, above = planted.maxCoeff() + 1.0;
    const Matrix I = Matrix::Identity(n, n), good = (A - below * I).llt().matrixU();
    const Matrix spoiled = good + small(random) * Matrix::Random(n, n);
    for (const Matrix& R : {far, nothing, good, spoiled}) {
      for (const double at : {s, below})
        REQUIRE(bound_complement_below(A, End::smallest, at, no_vectors(n), 0.0, R) <= planted.minCoeff());
      REQUIRE(bound_complement_below(A, End::largest, -s, no_vectors(n), 0.0, R) <= -planted.maxCoeff());
    }
    REQUIRE(bound_complement_below(A, End::smallest, below, no_vectors(n), 0.0, good) >= below - 1e-10);
    const Matrix top = (above * I - A).llt().matrixU();
    REQUIRE(bound_complement_below(A, End::largest, -above, no_vectors(n), 0.0, top) >= -above - 1e-10);
  }
  // A = RᵀR − diag(0, ε): the residual is all there is to see
  const Matrix R = (Matrix(2, 2) << 1.0, 1.0, 0.0, 0.0).finished();
  Matrix A = Matrix::Ones(2, 2);
  A(1, 1) -= 0x1p-40;
  CHECK(bound_complement_below(A, End::smallest, 0.0, no_vectors(2), 0.0, R) <= -0x1p-42);
  CHECK(bound_complement_below(A, End::smallest, 0.0, no_vectors(2), 0.0, R) >= -0x1p-39);
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const Matrix bad = Matrix::Constant(2, 2, nan), V = Matrix::Identity(2, 1);
  CHECK(bound_complement_below(A, End::smallest, nan, no_vectors(2), 0.0, R) == -inf);
  CHECK(bound_complement_below(A, End::smallest, 0.0, no_vectors(2), 0.0, bad) == -inf);
  CHECK(bound_complement_below(bad, End::smallest, 0.0, no_vectors(2), 0.0, R) == -inf);
  CHECK(bound_complement_below(A, End::smallest, 0.0, nan * V, 1.0, R) == -inf);
  CHECK(bound_complement_below(A, End::smallest, 0.0, V, nan, R) == -inf);
  CHECK(bound_complement_below(A, End::smallest, 0.0, V, -1.0, R) == -inf);
}

TEST_CASE("the bound on a complement is below every Rayleigh quotient orthogonal to the vectors") {
  const auto seed = test_seed(57);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(100); ++trial) {
    // sizes on both sides of a block of rows
    const Index n = trial % 10 == 0 ? 256 : Index{1} << (1 + random() % 6);
    Vector planted(n);
    for (double& value : planted) value = static_cast<double>(100 + static_cast<long>(random() % 100));
    planted[0] = -37.0;
    const Matrix A = with_eigenvalues(planted);
    // The first column of the Hadamard matrix is the eigenvector of planted[0]: exactly deflated by weight.
    const Matrix V = Matrix::Ones(n, 1);
    const double shift = 90.0, weight = 200.0 / static_cast<double>(n);
    const Matrix R = (A - shift * Matrix::Identity(n, n) + weight * V * V.transpose()).llt().matrixU();
    const double least = planted.tail(n - 1).minCoeff();
    const double bound = bound_complement_below(A, End::smallest, shift, V, weight, R);
    REQUIRE(bound <= least);
    REQUIRE(bound >= shift - 1e-8);
    // without the vectors the same factor proves nothing of the kind
    REQUIRE(bound_complement_below(A, End::smallest, shift, no_vectors(n), 0.0, R) <= planted[0]);
    // a factor for a shift that is too high shows in the residual
    const double high = least + 5.0;
    REQUIRE(bound_complement_below(A, End::smallest, high, V, weight, R) <= least);
  }
}

TEST_CASE("the least eigenvalue is enclosed on any subspace whose complement is bounded truly") {
  const auto seed = test_seed(58);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> gaussian;
  for (int trial = 0; trial < scaled(300); ++trial) {
    const Index n = 16, k = 1 + static_cast<Index>(random() % 3);
    Vector planted(n);
    for (double& value : planted) value = static_cast<double>(50 + static_cast<long>(random() % 100));
    for (Index i = 0; i < k; ++i) planted[i] = static_cast<double>(static_cast<long>(random() % 21) - 10);
    const Matrix A = with_eigenvalues(planted);
    const Matrix exact = hadamard(n).leftCols(k) / 4.0;
    const double noise = std::ldexp(1.0, -static_cast<int>(random() % 40));
    const Matrix V = exact + noise * Matrix::NullaryExpr(n, k, [&] { return gaussian(random) / 8; });
    // x ⟂ V: xᵀAx >= the second Courant–Fischer value over k-codimensional spaces is at most λ_{k+1}; a true
    // bound for this V comes from the complement itself
    const Matrix basis = Eigen::HouseholderQR<Matrix>(V).householderQ();
    const Matrix complement = basis.rightCols(n - k);
    const double least = approx_eigen(complement.transpose() * A * complement).values[0] - 1e-9;
    const Interval value = enclose_lowest(enclose_residuals(A, End::smallest, V), least);
    INFO("noise " << noise << ", " << value.text(17) << " against " << planted.minCoeff());
    REQUIRE_FALSE(value.lower() > planted.minCoeff());
    REQUIRE_FALSE(value.upper() < planted.minCoeff());
    if (noise < 1e-7) REQUIRE(value.width() < 1e-11);
    // nothing is known of the complement: no lower bound
    REQUIRE(enclose_lowest(enclose_residuals(A, End::smallest, V), -100.0).lower() ==
            -std::numeric_limits<double>::infinity());
  }
}

TEST_CASE("Temple's bound needs the whole residual and the whole gap") {
  // B = [[0, r], [r, c]], v = e₁: λ_min = (c − √(c² + 4r²))/2, θ = 0, ‖R‖ = r, complement c
  for (const double r : {0.5, 0x1p-10, 0x1p-20, 0x1p-26}) {
    for (const double c : {1.0, 3.0, 0.25}) {
      const Matrix A = (Matrix(2, 2) << 0.0, r, r, c).finished();
      const Interval four = Interval::integer(4),
                     truth = (Interval::exact(c) -
                              sqrt(square(Interval::exact(c)) + four * square(Interval::exact(r)))) /
                             Interval::integer(2);
      const Interval value = enclose_lowest(enclose_residuals(A, End::smallest, Matrix::Identity(2, 1)), c);
      INFO(value.text(17) << " against " << truth.text(17));
      CHECK(certainly_le(value.lower_point(), truth));
      CHECK(certainly_le(truth, value.upper_point()));
      const double temple = r * r / c;
      CHECK(value.lower() >= -temple * (1 + 1e-9) - 1e-22);
      CHECK(value.lower() <= -temple * (1 - 1e-12) * (1 - r * r / (c * c)));
    }
  }
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
    REQUIRE(enclose_eigenvalues(A).smallest.contains(0.0));
    REQUIRE(std::abs(enclose_eigenvalues(A).smallest.lower()) < 1e-9);
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
  CHECK_FALSE(enclose_end(Matrix(0, 0), End::smallest).value.is_bounded());
  for (const double size : {1e290, 1e-290, 0x1p-1070}) {  // squares overflow and underflow
    const Interval value = enclose_eigenvalues(exactly(-size * Matrix::Identity(3, 3))).smallest;
    CHECK_FALSE(value.lower() > -size);
    CHECK_FALSE(value.upper() < -size);
  }
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

TEST_CASE("denormal matrices: what underflows is counted") {
  const auto seed = test_seed(59);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(400); ++trial) {
    const Index n = Index{1} << (1 + random() % 5);
    const double unit = std::ldexp(1.0, -1074 + static_cast<int>(random() % 8));
    Vector planted(n);  // multiples of n: the entries are multiples of the unit
    for (double& value : planted) value = static_cast<double>(n) * static_cast<double>(1 + random() % 9);
    const Matrix A = unit * with_eigenvalues(planted);
    const double least = unit * planted.minCoeff();
    const double shift = least + unit * static_cast<double>(static_cast<long>(random() % 9) - 4);
    Matrix R(n, n);
    (void)approx_cholesky(A, End::smallest, shift, no_vectors(n), 0.0, R);
    REQUIRE(bound_complement_below(A, End::smallest, shift, no_vectors(n), 0.0, R) <= least);
    REQUIRE(enclose_eigenvalues(exactly(A)).smallest.lower() <= least);
    REQUIRE(enclose_eigenvalues(exactly(A)).smallest.upper() >= least);
  }
}

TEST_CASE("multiple and crowded eigenvalues of large matrices are enclosed sharply") {
  const auto seed = test_seed(60);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (const Index copies : {1, 2, 5, 100}) {
    const Index n = 256;
    Vector planted(n);
    for (double& value : planted) value = static_cast<double>(1000 + static_cast<long>(random() % 1000));
    planted.head(copies).setConstant(3.0);
    planted.tail(2).setConstant(70000.0);
    const EigenvalueRange range = enclose_eigenvalues(exactly(with_eigenvalues(planted)));
    INFO(copies << " copies: " << range.smallest.text(17) << ", " << range.largest.text(17));
    CHECK(range.smallest.contains(3.0));
    CHECK(range.largest.contains(70000.0));
    CHECK(range.smallest.width() <= 3e-7);
    CHECK(range.largest.width() <= 7e-4);
  }
}
