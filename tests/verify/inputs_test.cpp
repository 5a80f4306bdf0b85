#include "verify/inputs.h"

#include "tests/catch.h"
#include "tests/verify/reference.h"
#include "verify/norms.h"

using namespace overproof;

TEST_CASE("normalised inputs, inner products and separation are enclosed") {
  const auto seed = test_seed(61);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (const bool normalised : {true, false}) {
    for (int trial = 0; trial < scaled(20); ++trial) {
      Dataset data{Matrix(1 + static_cast<Index>(random() % 60), 5), Vector::Zero(5), normalised};
      for (double& entry : data.X.reshaped()) entry = normal(random) * (trial % 3 ? 1.0 : 1e-3);
      const Inputs inputs = enclose_inputs(data);
      CHECK(inputs.unit == normalised);
      std::vector<reference::Column> x;
      for (Index i = 0; i < 5; ++i) {
        x.push_back(reference::column(data.X, i));
        const Interval length = reference::norm(x.back());
        for (Interval& entry : x.back()) entry = normalised ? entry / length : entry;
        reference::require_inside(inputs.x, i, x.back(), 1e-30);
      }
      Interval separation = Interval::exact(1e9);
      for (std::size_t i = 0; i < 5; ++i) {
        for (std::size_t j = 0; j < 5; ++j) {
          const Interval truth = reference::dot(x[i], x[j]),
                         &found = inputs.inner(static_cast<long>(i), static_cast<long>(j));
          REQUIRE((found.contains(truth) || (i == j && truth.contains(found))));
          REQUIRE(found.width() < 1e-25 * (1 + std::abs(truth.mid())));
          if (i == j) continue;
          Interval squared = Interval::integer(0, 256);
          for (std::size_t r = 0; r < x[i].size(); ++r) squared += square(x[i][r] - x[j][r]);
          separation = min(separation, sqrt(squared));
        }
      }
      REQUIRE(inputs.separation.contains(separation));
      REQUIRE(inputs.separation.width() < 1e-7);
      REQUIRE(inputs.parallel_pairs == (data.X.rows() == 1 ? 10 : 0));
    }
  }
}

TEST_CASE("inner products are enclosed through cancellation, underflow and overflow") {
  std::mt19937_64 random(test_seed(64));
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < scaled(200); ++trial) {
    const double scale = std::vector<double>{1.0, 1e-160, 1e-165, 1e150}[static_cast<std::size_t>(trial % 4)];
    Dataset data{Matrix(1 + static_cast<Index>(random() % 40), 2), Vector::Zero(2), false};
    for (double& entry : data.X.reshaped()) entry = normal(random) * scale;
    const Index d = data.X.rows();
    if (d > 2) {  // the last product nearly cancels the sum of the others
      const double others = data.X.col(0).head(d - 1).dot(data.X.col(1).head(d - 1));
      data.X(d - 1, 1) = -others / data.X(d - 1, 0);
    }
    const Interval found = enclose_inputs(data).inner(0, 1);
    REQUIRE(found.contains(
        reference::dot(reference::column(data.X, 0), reference::column(data.X, 1)).with_precision(128)));
    REQUIRE(found.width() <= 1e-25 * scale * scale + 100 * smallest_double);
  }
  const Matrix large = (Matrix(2, 2) << 1e160, 1e160, 1.0, 0.0).finished();
  CHECK_FALSE(enclose_inputs({large, Vector::Zero(2), false}).inner(0, 1).is_bounded());
}

TEST_CASE("a distance that could not be computed is not left out of the separation") {
  Matrix X(2, 3);
  X << 1e160, 1.001e160, 0.0, 0.0, 0.0, 1.0;  // the first two are 1e157 apart, the least distance
  const Interval separation = enclose_inputs({X, Vector::Zero(3), false}).separation;
  CHECK_FALSE(certainly_lt(Interval::exact(1.1e157), separation));
}

TEST_CASE("stored inputs are known to have norm 1 where their squares sum to 1 exactly") {
  const auto unit = [](const Matrix& X) { return enclose_inputs({X, Vector::Zero(X.cols()), false}).unit; };
  CHECK(unit(Matrix::Identity(4, 4)));
  CHECK(unit(Matrix::Constant(4, 2, 0.5)));
  CHECK_FALSE(unit((Matrix(2, 2) << 1.0, 0.6, 0.0, 0.8).finished()));  // not the decimals 0.6 and 0.8
  CHECK_FALSE(unit((Matrix(2, 1) << 1.0, 1e-30).finished()));
  CHECK_FALSE(unit(Matrix::Constant(2, 1, std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("parallel inputs are found exactly and near-parallel ones are not") {
  Matrix X(3, 5);
  X.col(0) << 0.1, 0.2, 0.3;
  X.col(1) = -4.0 * X.col(0);  // parallel: a power of two is exact
  X.col(2) = X.col(0);
  X(2, 2) = std::nextafter(X(2, 2), 1.0);  // off by one unit in the last place
  X.col(3) << 1e-100, 2e-100, 0.0;
  X.col(4) << 0.1, 0.2, 0.3000000001;
  for (const bool normalised : {true, false}) {
    CHECK(enclose_inputs({X, Vector::Zero(5), normalised}).parallel_pairs == 1);
  }
  // 3 fl(1/3) rounds to 1, but is not 1: equal products of doubles prove nothing
  const Matrix near = (Matrix(2, 2) << 3.0, 1.0, 1.0, 1.0 / 3.0).finished();
  CHECK(enclose_inputs({near, Vector::Zero(2), true}).parallel_pairs == 0);
  X.col(4) = X.col(2);
  const Inputs inputs = enclose_inputs({X, Vector::Zero(5), true});
  CHECK(inputs.parallel_pairs == 2);
  CHECK(inputs.separation.contains(0.0));
}

TEST_CASE("norm enclosures hold the truth for balls, differences and rows") {
  std::mt19937_64 random(test_seed(62));
  for (int trial = 0; trial < scaled(200); ++trial) {
    const Index rows = 1 + static_cast<Index>(random() % 30), cols = 1 + static_cast<Index>(random() % 5);
    const double scale = trial % 5 == 0 ? 1e-170 : 1.0;
    const Matrix A = scale * Matrix::Random(rows, cols), B = scale * Matrix::Random(rows, cols);
    Interval total = Interval::integer(0, 256), row = Interval::integer(0, 256);
    for (Index r = 0; r < rows; ++r) {
      Interval sum = Interval::integer(0, 256);
      for (Index q = 0; q < cols; ++q) sum += square(reference::number(A(r, q)) - reference::number(B(r, q)));
      total += sum;
      row = max(row, sqrt(sum));
    }
    REQUIRE(enclose_distance(A, B).contains(sqrt(total)));
    REQUIRE(enclose_row_distance(A, B).contains(row));
    if (scale == 1.0) REQUIRE(enclose_distance(A, B).width() < 1e-12);
    Ball a = Ball::exactly(A), b = Ball::exactly(B);
    a.two[0] = Up(0.25);
    Interval largest = Interval::integer(0, 256);
    for (Index q = 0; q < cols; ++q) {
      Interval sum = Interval::integer(0, 256);
      for (Index r = 0; r < rows; ++r) sum += square(reference::number(A(r, q)) - reference::number(B(r, q)));
      largest = max(largest, sqrt(sum));
    }
    REQUIRE(enclose_largest_difference(a, b).contains(largest));
    REQUIRE(enclose_largest_difference(a, b).upper() >= (A.col(0) - B.col(0)).norm() + 0.2499);
    REQUIRE(enclose_largest_column(a).upper() >= A.col(0).norm() + 0.2499);
    REQUIRE(enclose_smallest_column(a).lower() <= std::max(0.0, A.col(0).norm() - 0.2499));
  }
  // The low parts of the midpoints count: x̂ = 1 and 1 ± u in the only entry.
  Ball high = Ball::exactly(Matrix::Ones(1, 1)), lower = high, upper = high;
  lower.low(0, 0) = -unit_roundoff / 2, upper.low(0, 0) = unit_roundoff;
  const Interval above = reference::number(Pair{1.0, unit_roundoff}),
                 below = reference::number(Pair{1.0, -unit_roundoff / 2});
  CHECK(enclose_largest_column(upper).contains(above));
  CHECK(enclose_smallest_column(lower).contains(below));
  CHECK(enclose_largest_difference(upper, lower).contains(above - below));
  CHECK(same_ends(enclose_distance(Matrix::Ones(2, 2), Matrix::Ones(2, 2)), Interval::integer(0)));
  const Matrix bad = Matrix::Constant(2, 2, std::numeric_limits<double>::quiet_NaN());
  CHECK(enclose_distance(bad, bad).is_nan());
  CHECK(enclose_row_distance(bad, bad).is_nan());
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK_FALSE(certainly_lt(Interval::integer(1), within(infinity, Up(1.0))));
  CHECK_FALSE(certainly_lt(within(-infinity, Up(1.0)), Interval::integer(1)));
  CHECK(enclose_largest_column(Ball::exactly(bad)).is_nan());
  CHECK(enclose_smallest_column(Ball::exactly(bad)).is_nan());
}

TEST_CASE("norm enclosures hold the truth where squares overflow or vanish") {
  std::mt19937_64 random(test_seed(63));
  for (const double scale : {1e153, 1e155, 1e200, 1e307}) {
    INFO("scale " << scale);
    Matrix A = scale * Matrix::Random(7, 3), B = scale * Matrix::Random(7, 3);
    A.row(2) *= 1e-250;
    B(static_cast<Index>(random() % 7), 1) = 1.0;
    Interval norm = Interval::integer(0, 256), total = norm, row = norm;
    for (Index r = 0; r < A.rows(); ++r) {
      Interval sum = Interval::integer(0, 256);
      for (Index q = 0; q < A.cols(); ++q) {
        norm += square(reference::number(A(r, q)));
        sum += square(reference::number(A(r, q)) - reference::number(B(r, q)));
      }
      total += sum;
      row = max(row, sqrt(sum));
    }
    const Interval found = enclose_norm(A, Up());
    CHECK(found.contains(sqrt(norm)));
    CHECK(found.width() < 1e-14 * found.upper());
    CHECK(enclose_distance(A, B).contains(sqrt(total)));
    CHECK(enclose_row_distance(A, B).contains(row));
  }
  Matrix tiny = Matrix::Zero(2, 2);
  tiny(1, 0) = smallest_double;  // not the row whose computed square is the largest
  CHECK(enclose_row_distance(tiny, Matrix::Zero(2, 2)).contains(smallest_double));
  const Matrix top = Matrix::Constant(1, 1, std::numeric_limits<double>::max());
  const Interval twice = Interval::integer(2) * Interval::exact(top(0, 0));  // the difference overflows
  CHECK(enclose_distance(top, -top).contains(twice));
  CHECK(enclose_row_distance(top, -top).contains(twice));
}
