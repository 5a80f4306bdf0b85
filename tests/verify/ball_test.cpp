#include "verify/ball.h"

#include "tests/catch.h"
#include "tests/verify/reference.h"

using namespace overproof;

namespace {

/// Entries over `decades` powers of ten, some of them zero.
Matrix spread(Index rows, Index cols, double decades, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> exponent(-decades, decades);
  Matrix A(rows, cols);
  for (double& entry : A.reshaped())
    entry = random() % 16 == 0 ? 0.0 : normal(random) * std::pow(10.0, exponent(random));
  return A;
}

FactorNorms norms_of(const Matrix& W) { return factor_norms(W, frobenius_above(W)); }

/// A NaN radius says that nothing is known.
bool covered(const Interval& error, Up radius) {
  return std::isnan(radius.value()) || certainly_le(error, Interval::exact(radius.value()));
}

void require_product_inside(const Ball& y, const Matrix& W, const Matrix& X, bool transposed) {
  for (Index i = 0; i < X.cols(); ++i) {
    const reference::Column truth = reference::times(W, reference::column(X, i), transposed);
    reference::Column difference;
    for (Index r = 0; r < y.mid.rows(); ++r) {
      difference.push_back(truth[static_cast<std::size_t>(r)] - reference::number(y.mid(r, i)));
      REQUIRE(covered(abs(difference.back()), y.entry[i]));
    }
    REQUIRE(covered(reference::norm(difference), y.two[i]));
  }
}

}  // namespace

TEST_CASE("a product with an exact matrix is enclosed whatever the sizes and the scaling of its entries") {
  const auto seed = test_seed(41);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(40); ++trial) {
    const Index rows = 1 + static_cast<Index>(random() % 40), k = 1 + static_cast<Index>(random() % 70);
    const double decades = std::vector<double>{0, 0, 3, 30, 140}[random() % 5];
    const Matrix W = spread(rows, k, decades, random);
    const Matrix X = spread(k, 3, decades, random), Y = spread(rows, 2, decades, random);
    INFO(rows << " x " << k << ", decades " << decades);
    require_product_inside(multiply(W, norms_of(W), Ball::exactly(X)), W, X, false);
    require_product_inside(multiply_transposed(W, norms_of(W), Ball::exactly(Y)), W, Y, true);
  }
}

TEST_CASE("a long product is good to a few units of roundoff, far below its a-priori bound") {
  const auto seed = test_seed(42);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const Matrix W = spread(300, 400, 0, random), X = spread(400, 2, 0, random);
  const Ball y = multiply(W, norms_of(W), Ball::exactly(X));
  require_product_inside(y, W, X, false);
  for (Index i = 0; i < 2; ++i) CHECK(y.two[i].value() < 4 * unit_roundoff * y.mid.col(i).norm());
}

TEST_CASE("extreme entries fall back to the a-priori bound and stay enclosed") {
  std::mt19937_64 random(test_seed(43));
  for (const double size : {1e300, 1e-300, 5e-324}) {
    const Matrix W = size * spread(7, 9, 0, random), X = spread(9, 2, 0, random);
    const Ball y = multiply(W, norms_of(W), Ball::exactly(X));
    require_product_inside(y, W, X, false);
    const Matrix tiny = 1e-200 * X;
    require_product_inside(multiply(W, norms_of(W), Ball::exactly(tiny)), W, tiny, false);
  }
}

TEST_CASE("column and Frobenius norms are above the truth and within a few units of it") {
  std::mt19937_64 random(test_seed(44));
  for (int trial = 0; trial < scaled(200); ++trial) {
    const Matrix A = spread(1 + static_cast<Index>(random() % 50), 3, trial % 3 == 0 ? 100 : 1, random);
    const std::vector<Up> norms = column_norms_above(A);
    Interval sum = Interval::integer(0, 256);
    for (Index i = 0; i < 3; ++i) {
      const Interval truth = reference::norm(reference::column(A, i));
      sum += square(truth);
      REQUIRE(certainly_le(truth, Interval::exact(norms[i].value())));
      REQUIRE(norms[i].value() <= truth.upper() * (1 + 1e-13) + 1e-150);
    }
    REQUIRE(certainly_le(sqrt(sum), Interval::exact(frobenius_above(A).value())));
    const FactorNorms f = norms_of(A);
    for (Index r = 0; r < A.rows(); ++r) {
      REQUIRE(
          certainly_le(reference::norm(reference::column(A.transpose(), r)), Interval::exact(f.row.value())));
    }
  }
}

TEST_CASE("relu balls cover both sides where a sign is not certain, and keep certain signs") {
  Ball z = Ball::exactly((Matrix(4, 1) << 1.0, -1.0, 0.05, -0.05).finished());
  z.two[0] = z.entry[0] = Up(0.1);
  const Ball g = Ball::exactly((Matrix(4, 1) << 2.0, 3.0, 4.0, 5.0).finished());
  const Ball d = multiply_derivative_relu(0.5, z, g);
  CHECK(d.mid(0, 0) == 1.0);
  CHECK(d.mid(1, 0) == 0.0);
  // entries 3 and 4 may each be 0 or half of g
  CHECK(d.entry[0].value() >= 2.5);
  CHECK(d.two[0].value() >= 0.5 * std::sqrt(41.0));
  CHECK(d.two[0].value() <= 0.5 * std::sqrt(41.0) * (1 + 1e-9));
  const Ball exact = multiply_derivative_relu(0.5, Ball::exactly((Matrix(2, 1) << 0.0, -1e-300).finished()),
                                              Ball::exactly((Matrix(2, 1) << 2.0, 2.0).finished()));
  CHECK(exact.mid(0, 0) == 1.0);  // relu'(0) = 1
  CHECK(exact.mid(1, 0) == 0.0);
  CHECK(exact.two[0].value() < 1e-15);
  Ball nan = z;
  nan.mid(0, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(activate_relu(1.0, nan).two[0].value()));
  CHECK(std::isnan(multiply_derivative_relu(1.0, nan, g).two[0].value()));
}
