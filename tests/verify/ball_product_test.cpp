#include <cblas.h>

#include "tests/verify/ball_cases.h"

using namespace overproof;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN(),
             infinity = std::numeric_limits<double>::infinity();

void set_radius(Ball& x, double radius) {
  for (Index i = 0; i < x.columns(); ++i) x.set_radii(i, Up(radius), Up(radius));
}

/// W x, resp. Wᵀ x, of the midpoints with the low parts of W, at some rows, lies within both radii of y.
void require_rows_inside(const Ball& y, const Ball& W, const Ball& x, bool transposed, Index stride) {
  for (Index i = 0; i < x.columns(); i += stride) {
    const reference::Column at = reference::midpoint(x, i);
    reference::Column difference;
    for (Index r = 0; r < y.mid.rows(); r += stride) {
      Interval sum = Interval::integer(0, reference::precision);
      for (Index j = 0; j < x.mid.rows(); ++j)
        sum += reference::number(transposed ? W.midpoint(j, r) : W.midpoint(r, j)) *
               at[static_cast<std::size_t>(j)];
      difference.push_back(sum - reference::number(y.midpoint(r, i)));
      REQUIRE(covered(abs(difference.back()), y.entry[i]));
    }
    REQUIRE(covered(reference::norm(difference), y.two[i]));
  }
}

Ball product(const Ball& W, const Ball& x, bool transposed) {
  return transposed ? multiply_transposed(W, norms_of(W.mid), x) : multiply(W, norms_of(W.mid), x);
}
Ball product(const Matrix& W, const Ball& x, bool transposed) {
  return transposed ? multiply_transposed(W, norms_of(W), x) : multiply(W, norms_of(W), x);
}

}  // namespace

TEST_CASE("split products of sizes around the blocks and tiles are enclosed to a fraction of a roundoff") {
  const auto seed = test_seed(46);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const Index sizes[][3] = {{1, 511, 1},  {2, 512, 3}, {3, 513, 2}, {1, 1100, 1},
                            {1030, 5, 2}, {4, 6, 520}, {1, 1, 1}};
  for (const auto& [rows, k, columns] : sizes) {
    INFO(rows << " x " << k << " x " << columns);
    for (const bool transposed : {false, true}) {
      const Ball W = with_low_parts(transposed ? spread(k, rows, 0, random) : spread(rows, k, 0, random),
                                    random),
                 x = with_low_parts(spread(k, columns, 0, random), random);
      const Ball y = product(W.mid, x, transposed), z = product(W, x, transposed);
      const Index stride = rows * columns > 600 ? 73 : 1;
      require_rows_inside(y, Ball::exactly(W.mid), x, transposed, stride);
      require_rows_inside(z, W, x, transposed, stride);
      for (Index i = 0; i < columns; ++i) {
        CHECK(z.two[i].value() <= 0.1 * unit_roundoff * W.mid.norm() * x.mid.col(i).norm());
        for (Index r = 0; r < y.mid.rows(); ++r) REQUIRE(is_normalised(y.midpoint(r, i)));
      }
    }
  }
}

TEST_CASE("leading parts that fill all their bits with one sign are still multiplied exactly") {
  for (const Index k : {Index{7}, Index{512}, Index{513}, Index{1024}}) {
    const int bits = exact_bits(k);
    CHECK(std::ldexp(static_cast<double>(std::min(k, split_block)), 2 * bits) <= 0x1p53);
    const double full = 1.0 - std::ldexp(1.0, -bits);  // all bits set
    for (const double extra : {0.0, 0.49, 0.5, 0.51}) {
      const double entry = full + std::ldexp(extra, -bits - 1);
      const Matrix W = Matrix::Constant(2, k, entry);
      Ball x = Ball::exactly(Matrix::Constant(k, 1, entry));
      x.low.setConstant(-0.5 * unit_roundoff);
      INFO(k << " terms, " << extra);
      require_product_inside(multiply(W, norms_of(W), x), W, x, false);
      CHECK(multiply(W, norms_of(W), x).entry[0].value() <= 0.01 * unit_roundoff * static_cast<double>(k));
    }
  }
}

TEST_CASE("a product of two balls covers the worst points of both") {
  const auto seed = test_seed(47);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(60); ++trial) {
    const Index rows = 1 + static_cast<Index>(random() % 6), k = 1 + static_cast<Index>(random() % 6);
    const bool transposed = trial % 2 == 1;
    Ball W = with_low_parts(transposed ? spread(k, rows, 0, random) : spread(rows, k, 0, random), random);
    Ball x = with_low_parts(spread(k, 1, 0, random), random);
    const double radius = std::pow(10.0, -static_cast<double>(random() % 8)), of_x = trial % 3 ? radius : 0.0;
    set_radius(W, trial % 5 ? radius : 0.0), set_radius(x, of_x);
    const Ball y = product(W, x, transposed);
    require_rows_inside(y, W, x, transposed, 1);
    // x + δ with δ along a row (column) of W; then every column of W moves as far as it may: along x in a
    // transposed product, along one unit vector with the sign of x_j in a plain one
    constexpr double inward = 1.0 - 0x1p-45;
    for (Index r = 0; r < rows; ++r) {
      Ball at = x, moved = W;
      const Vector line = transposed ? Vector(W.mid.col(r)) : Vector(W.mid.row(r));
      if (line.norm() > 0) at.mid += inward * of_x / line.norm() * line;
      at.low.setZero(), moved.low.setZero();
      for (Index j = 0; j < W.columns(); ++j) {
        const double reach = inward * W.two[j].value();
        if (!transposed)
          moved.mid(r, j) += std::copysign(reach, at.mid(j, 0));
        else if (at.mid.norm() > 0)
          moved.mid.col(j) += reach / at.mid.norm() * at.mid.col(0);
      }
      // what rounding does to the moved points is far below 1e-14 of them, and the radii are far above
      Ball wider = y;
      const Up slack(1e-14 * (1 + W.mid.norm()) * (1 + x.mid.norm()));
      wider.set_radii(0, y.two[0] + slack, y.entry[0] + slack);
      require_rows_inside(wider, moved, at, transposed, 1);
    }
  }
}

TEST_CASE("where radii dominate one product replaces three, at most a thirty-second wider") {
  const auto seed = test_seed(48);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const Matrix W = spread(50, 600, 0, random);
  Ball x = with_low_parts(spread(600, 3, 0, random), random);
  set_radius(x, 1e-6);
  const FactorNorms norms = norms_of(W);
  const Ball y = multiply(W, norms, x);
  CHECK(y.low.cwiseAbs().maxCoeff() == 0.0);
  require_product_inside(y, W, x, false);
  for (Index i = 0; i < 3; ++i) CHECK(y.two[i].value() <= norms.spectral.value() * 1e-6 * (1.0 + 1.0 / 32));
  x.set_radii(1, Up(), Up());  // one exact column is reason enough for three
  const Ball z = multiply(W, norms, x);
  CHECK(z.low.cwiseAbs().maxCoeff() > 0.0);
  CHECK(z.two[1].value() < 0.1 * unit_roundoff * norms.frobenius.value() * x.mid.col(1).norm());
}

TEST_CASE("NaN and overflow anywhere in a product leave no finite radius in their columns") {
  std::mt19937_64 random(test_seed(49));
  const Matrix W = spread(5, 6, 0, random), X = spread(6, 2, 0, random);
  const auto useless = [](Up radius) { return !(radius.value() < infinity); };
  for (const double bad : {not_a_number, infinity, -infinity}) {
    for (const bool wide : {false, true}) {
      Ball x = with_low_parts(X, random);
      if (wide) set_radius(x, 1e-3);
      Matrix V = W;
      V(3, 4) = bad;
      const Ball y = multiply(V, norms_of(V), x), z = multiply(Ball::exactly(V), norms_of(V), x);
      for (Index i = 0; i < 2; ++i) CHECK((useless(y.two[i]) && useless(z.two[i])));
      Ball in_mid = x, in_low = x, in_radius = x;
      in_mid.mid(2, 1) = bad, in_low.low(2, 1) = bad;
      in_radius.set_radii(1, Up(std::abs(bad)), Up(std::abs(bad)));
      for (const Ball& at : {in_mid, in_low, in_radius}) CHECK(useless(multiply(W, norms_of(W), at).two[1]));
      Ball low = Ball::exactly(W), radius = low;
      low.low(3, 4) = bad;
      radius.set_radii(4, Up(std::abs(bad)), Up(std::abs(bad)));
      for (const Ball& A : {low, radius}) {
        for (Index i = 0; i < 2; ++i) CHECK(useless(multiply(A, norms_of(A.mid), x).two[i]));
        const Ball g = Ball::exactly(spread(5, 1, 0, random));
        CHECK(useless(multiply_transposed(A, norms_of(A.mid), g).two[0]));
      }
    }
  }
}

TEST_CASE("products overlap whatever the number of threads of BLAS") {
  std::mt19937_64 random(test_seed(50));
  const Matrix W = spread(300, 700, 0, random);
  const Ball x = with_low_parts(spread(700, 40, 0, random), random);
  const FactorNorms norms = norms_of(W);
  const int before = openblas_get_num_threads();
  const Ball y = multiply(W, norms, x);
  for (const int threads : {1, 2, 8}) {
    openblas_set_num_threads(threads);
    const Ball z = multiply(W, norms, x);
    for (Index i = 0; i < 40; ++i) {
      reference::Column difference;
      for (Index r = 0; r < 300; ++r)
        difference.push_back(reference::number(y.midpoint(r, i)) - reference::number(z.midpoint(r, i)));
      REQUIRE(certainly_le(reference::norm(difference), reference::number((y.two[i] + z.two[i]).value())));
    }
  }
  openblas_set_num_threads(before);
}

TEST_CASE("the widest column of a left factor counts, wherever it is") {
  const Vector x = (Vector(2) << 3.0, 4.0).finished();
  for (const Index wide : {0, 1}) {
    Ball A = Ball::exactly(Matrix::Identity(2, 2));
    A.set_radii(wide, Up(1.0), Up(1.0));
    // A column that moves by x/5 moves its inner product with x by 5.
    CHECK(product(A, Ball::exactly(x), true).entry[0].value() >= 5.0);
    CHECK(product(A, Ball::exactly(x), true).two[0].value() >= 5.0);
  }
}

TEST_CASE("products that underflow add up to more than the smallest double") {
  const Index k = 1000;
  const double tiny = 0.69 * 0x1p-537;  // tiny² = 0.476 η rounds to 0, and a thousand of them are 476 η
  for (const bool transposed : {false, true}) {
    const Matrix W = Matrix::Constant(transposed ? k : 1, transposed ? 1 : k, tiny);
    const Ball y = product(W, Ball::exactly(Matrix::Constant(k, 1, tiny)), transposed);
    REQUIRE(y.mid(0, 0) == 0.0);
    CHECK(y.entry[0].value() >= 476 * smallest_double);
    CHECK(y.two[0].value() >= 476 * smallest_double);
  }
}

TEST_CASE("one product in place of three is known but for its rounding and both low parts") {
  // (1 + 2^-26)(1 + 2^-27) = 1 + 2^-26 + 2^-27 + u rounds down to even, and the low parts add 2u
  const double scale = 0x1p-390;  // out of range for split products
  Ball W = Ball::exactly(Matrix::Constant(1, 1, scale * (1.0 + 0x1p-26))),
       x = Ball::exactly(Matrix::Constant(1, 1, scale * (1.0 + 0x1p-27)));
  W.low(0, 0) = unit_roundoff * W.mid(0, 0), x.low(0, 0) = unit_roundoff * x.mid(0, 0);
  const double product_in_units = 0x1p-780 * unit_roundoff;
  for (const bool transposed : {false, true}) {
    const Ball y = product(W, x, transposed);
    require_rows_inside(y, W, x, transposed, 1);
    CHECK(y.entry[0].value() >= 2.9 * product_in_units);
    CHECK(y.two[0].value() <= 8.0 * product_in_units);
  }
}

TEST_CASE("many equal terms, whose roundings all go one way, are enclosed in one product and in three") {
  const auto seed = test_seed(47);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0.5, 1.0);
  const auto error = [](const Ball& y, const Interval& truth) {
    return abs(truth - reference::number(y.midpoint(0, 0)));
  };
  for (int i = 0; i < 20; ++i) {
    const Index k = 4096;
    const double c = uniform(random), scale = 0x1p-390;  // out of range for split products
    const Ball y =
        product(Matrix::Constant(1, k, scale * c), Ball::exactly(Matrix::Constant(k, 1, scale)), false);
    const Interval one = error(y, reference::number(c * 0x1p-780) * Interval::integer(k));
    REQUIRE(covered(one, y.entry[0]));
  }
  for (int i = 0; i < 6; ++i) {
    const Index k = 131072;
    const double tau = uniform(random) * 0x1p-22;  // all of it in the tail of (1, τ, ..., τ)
    Matrix x = Matrix::Constant(k, 1, tau);
    x(0, 0) = 1.0;
    const Ball y = product(Matrix::Ones(1, k), Ball::exactly(x), false);
    const Interval three = error(y, Interval::integer(1) + reference::number(tau) * Interval::integer(k - 1));
    REQUIRE(covered(three, y.entry[0]));
  }
}
