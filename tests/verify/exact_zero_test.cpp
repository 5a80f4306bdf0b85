#include "verify/exact_zero.h"

#include <cmath>

#include "tests/catch.h"
#include "tests/verify/planted.h"
#include "verify/precise_eigenvalues.h"

using namespace overproof;

namespace {

/// D − W of a graph that joins i to i + 1, and the last to the first if it is a cycle.
Matrix laplacian(Index n, bool cycle, double weight) {
  Matrix L = Matrix::Zero(n, n);
  for (Index i = 0; i + (cycle ? 0 : 1) < n; ++i) {
    const Index j = (i + 1) % n;
    L(i, j) -= weight, L(j, i) -= weight, L(i, i) += weight, L(j, j) += weight;
  }
  return L;
}

}  // namespace

TEST_CASE("the Laplacian of a connected graph has exactly the smallest eigenvalue 0") {
  for (const Index n : {2, 3, 7, 40, 200}) {
    for (const bool cycle : {false, true}) {
      for (const double weight : {1.0, 0x1p-200, 3.0e100}) {
        const Matrix L = laplacian(n, cycle && n > 2, weight);
        INFO("n = " << n << (cycle ? ", cycle" : ", path") << ", weight " << weight);
        const DecidedEnd smallest = enclose_end_exactly(L, End::smallest, {}),
                         largest = enclose_end_exactly(-L, End::largest, {});
        for (const DecidedEnd& end : {smallest, largest}) {
          REQUIRE(end.decided);
          REQUIRE(end.precision == 53);
          REQUIRE(same_ends(end.enclosure.value, Interval::integer(0)));
        }
      }
    }
  }
}

TEST_CASE("null vectors of small integers are found, and only exact ones") {
  Matrix A(2, 2);
  A << 1.0, 2.0, 2.0, 4.0;
  const std::optional<Vector> y = exact_null_vector(A, Vector{{-2.0000001, 1.0}});
  REQUIRE(y);
  CHECK((*y)[0] == -2.0 * (*y)[1]);
  CHECK(enclose_zero_end(A, End::smallest, *y));
  CHECK(!exact_null_vector(A, Vector{{2.0, 1.0}}));
  CHECK(!exact_null_vector(A, Vector{{0.0, 0.0}}));
  CHECK(!exact_null_vector(A, Vector{{NAN, 1.0}}));
  CHECK(!exact_null_vector(A, Vector{{1.0, 1.0, 1.0}}));
  Matrix L = laplacian(9, false, 1.0);
  const Vector ones = Vector::Ones(9);
  CHECK(exact_null_vector(L, ones));
  L(4, 4) = std::nextafter(L(4, 4), 3.0);
  CHECK(!exact_null_vector(L, ones));
  L(4, 4) = 2.0, L(0, 8) = L(8, 0) = std::numeric_limits<double>::denorm_min();
  CHECK(!exact_null_vector(L, ones));
}

TEST_CASE("an eigenvalue 0 is not the smallest where another one is negative, however little") {
  for (const double below : {1.0, 1e-6, 1e-12}) {
    Matrix A = Matrix::Zero(4, 4);
    A.topLeftCorner(2, 2) << 1.0, -1.0, -1.0, 1.0;
    A(2, 2) = 1.0, A(3, 3) = -below;
    const Vector y{{1.0, 1.0, 0.0, 0.0}};
    REQUIRE(exact_null_vector(A, y));
    CHECK(!enclose_zero_end(A, End::smallest, y));
    const DecidedEnd end = enclose_end_exactly(A, End::smallest, {});
    CHECK(end.enclosure.value.contains(-below));
  }
  // 0 twice: nothing positive is left to prove on the complement of one vector
  Matrix twice = Matrix::Zero(3, 3);
  twice(2, 2) = 1.0;
  CHECK(!enclose_zero_end(twice, End::smallest, Vector{{1.0, 0.0, 0.0}}));
}

TEST_CASE("the zero matrix has the least eigenvalue 0 whatever its size") {
  for (const Index n : {1, 2, 70}) {
    const auto zero = enclose_zero_end(Matrix::Zero(n, n), End::largest, Vector());
    REQUIRE(zero);
    CHECK(same_ends(zero->value, Interval::integer(0)));
    CHECK(enclose_end_exactly(Matrix::Zero(n, n), End::smallest, {}).decided);
  }
  CHECK_FALSE(enclose_zero_end(Matrix(0, 0), End::smallest, Vector()));
}

TEST_CASE("a factorisation that rounds a negative eigenvalue away proves no eigenvalue 0") {
  // [[I, r], [rᵀ, 1 + cu]], r = (1, t, ..., t), t² = 0.9u: the Schur complement of I is (c − 12.6)u < 0,
  // which Cholesky may not see, also when a little is taken off the diagonal
  const Index n = 16;
  for (double c = 0.5; c < 12.0; c += 0.5) {
    Matrix A = Matrix::Identity(n + 2, n + 2);
    A.col(n - 1).head(n - 1).setConstant(std::sqrt(0.9 * unit_roundoff));
    A(0, n - 1) = 1.0;
    A.row(n - 1) = A.col(n - 1).transpose().eval();
    A(n - 1, n - 1) = 1.0 + c * unit_roundoff;
    A(n, n + 1) = A(n + 1, n) = -1.0;
    Vector y = Vector::Zero(n + 2);
    y.tail(2).setOnes();
    REQUIRE(exact_null_vector(A, y));
    INFO("c = " << c);
    CHECK(!enclose_zero_end(A, End::smallest, y));
    CHECK(enclose_end_exactly(A, End::smallest, {}).enclosure.value.upper() < 0.0);
  }
}
