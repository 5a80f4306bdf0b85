#include "verify/ball.h"

#include "tests/verify/ball_cases.h"

using namespace overproof;

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
    for (const bool low : {false, true}) {
      const Ball x = low ? with_low_parts(X, random) : Ball::exactly(X),
                 y = low ? with_low_parts(Y, random) : Ball::exactly(Y);
      require_product_inside(multiply(W, norms_of(W), x), W, x, false);
      require_product_inside(multiply_transposed(W, norms_of(W), y), W, y, true);
    }
  }
}

TEST_CASE("a long product is good to a twentieth of a roundoff, far below its a-priori bound") {
  const auto seed = test_seed(42);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const Matrix W = spread(300, 400, 0, random), X = spread(400, 2, 0, random);
  const Ball x = with_low_parts(X, random), y = multiply(W, norms_of(W), x);
  require_product_inside(y, W, x, false);
  for (Index i = 0; i < 2; ++i) CHECK(y.two[i].value() < 0.05 * unit_roundoff * y.mid.col(i).norm());
}

TEST_CASE("extreme entries fall back to the a-priori bound and stay enclosed") {
  std::mt19937_64 random(test_seed(43));
  for (const double size : {1e300, 1e-300, 5e-324}) {
    const Matrix W = size * spread(7, 9, 0, random), X = spread(9, 2, 0, random);
    const Ball x = with_low_parts(X, random), tiny = Ball::exactly(1e-200 * X);
    require_product_inside(multiply(W, norms_of(W), x), W, x, false);
    require_product_inside(multiply(W, norms_of(W), tiny), W, tiny, false);
  }
}

TEST_CASE("an entry whose sum overflows on the way is infinitely far from its midpoint") {
  // The sum is -5e306, or 5e306, but the first four terms overflow.
  Matrix W(2, 8);
  W.row(0) << 1, 1, 1, 1, -1, -1, -1, -1.05;
  W.row(0) *= 1e300;
  W.row(1) = -W.row(0);
  const Ball x = Ball::exactly(Matrix::Constant(8, 1, 1e8)), g = Ball::exactly(Matrix::Ones(2, 1));
  const Ball z = multiply(W, norms_of(W), x);
  require_product_inside(z, W, x, false);
  const ActivationKernel softplus(activation_row("softplus"), 0), step(activation_row("softplus"), 1);
  const Ball relu = activate_relu(1.0, z), relu_step = multiply_derivative_relu(1.0, z, g),
             smooth = activate(softplus, 1.0, z), smooth_step = multiply_derivative(step, 1.0, z, g);
  const double values[] = {0.0, 5e306}, slopes[] = {0.0, 1.0};
  for (Index r = 0; r < 2; ++r) {
    for (const Ball* y : {&relu, &smooth}) {
      const Interval error = reference::number(values[r]) - reference::number(y->midpoint(r, 0));
      CHECK(!(y->entry[0].value() < abs(error).lower()));
    }
    for (const Ball* y : {&relu_step, &smooth_step}) {
      const Interval error = reference::number(slopes[r]) - reference::number(y->midpoint(r, 0));
      CHECK(!(y->entry[0].value() < abs(error).lower()));
    }
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

TEST_CASE("every operation on balls encloses the pairs of its midpoints to well below a roundoff") {
  const auto seed = test_seed(45);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> factor(-2.0, 2.0);
  const Architecture net = fully_connected(3, 9, 1, Activation::gelu);
  const ActivationKernel sigma(activation_row("gelu"), 0), slope(activation_row("gelu"), 1);
  for (int trial = 0; trial < scaled(60); ++trial) {
    const double decades = trial % 3 == 0 ? 8.0 : 0.5, s = trial % 5 == 0 ? 1.0 : factor(random);
    const Ball z = with_low_parts(spread(9, 2, decades, random), random),
               g = with_low_parts(spread(9, 2, decades, random), random);
    INFO("factor " << s);
    for (Index i = 0; i < 2; ++i) {
      const reference::Column at = reference::midpoint(z, i), signal = reference::midpoint(g, i);
      const Interval by = reference::number(s);
      reference::Column multiple, sum, value, derivative, ramp, step;
      for (std::size_t r = 0; r < at.size(); ++r) {
        multiple.push_back(by * at[r]);
        sum.push_back(by * at[r] + signal[r]);
        value.push_back(by * reference::sigma(net, at[r], 0));
        derivative.push_back(by * reference::sigma(net, at[r], 1) * signal[r]);
        const bool on = at[r].lower() >= 0.0;
        ramp.push_back(on ? by * at[r] : reference::number(0.0));
        step.push_back(on ? by * signal[r] : reference::number(0.0));
      }
      reference::require_inside(scaled(s, z), i, multiple, 0x1p-90);
      reference::require_inside(add_scaled(s, z, g), i, sum,
                                0x1p-90 * (z.mid.col(i).norm() + g.mid.col(i).norm()));
      reference::require_inside(activate(sigma, s, z), i, value, 0x1p-57);
      reference::require_inside(multiply_derivative(slope, s, z, g), i, derivative,
                                0x1p-57 * (1 + g.mid.col(i).norm()));
      reference::require_inside(activate_relu(s, z), i, ramp, 0x1p-90);
      reference::require_inside(multiply_derivative_relu(s, z, g), i, step, 0x1p-90);
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

TEST_CASE("radii of balls add up, and those around the nearest doubles hold the low parts") {
  Ball x = Ball::exactly(Matrix::Constant(2, 1, 1.0));
  x.low.setConstant(0.5 * unit_roundoff);
  CHECK(x.two_around_mid(0).value() >= std::sqrt(0.5) * unit_roundoff);
  CHECK(x.entry_around_mid(0).value() >= 0.5 * unit_roundoff);
  x.set_radii(0, Up(1.0), Up(1.0));
  const Ball y = Ball::exactly(Matrix::Constant(2, 1, 3.0));
  for (const Ball& sum : {add_scaled(0.5, x, y), add_scaled(1.0, y, scaled(0.5, x))}) {
    CHECK(sum.two[0].value() >= 0.5);
    CHECK(sum.entry[0].value() >= 0.5);
  }
}
