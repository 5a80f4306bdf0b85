#include "bounds/population_gram.h"

#include <cmath>

#include "bounds/dual_activation.h"
#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

bool meets(const Interval& a, const Interval& b) { return possibly_le(a, b) && possibly_le(b, a); }

SymmetricIntervals pair_with(const Interval& s1, const Interval& c, const Interval& s2) {
  SymmetricIntervals inner(2);
  inner(0, 0) = s1, inner(0, 1) = c, inner(1, 1) = s2;
  return inner;
}
SymmetricIntervals unit_pair(const Interval& c) {
  return pair_with(Interval::integer(1), c, Interval::integer(1));
}

/// (1,0,0), (.6,.8,0), (0,.6,-.8)
SymmetricIntervals three_inputs() {
  SymmetricIntervals inner(3);
  for (long i = 0; i < 3; ++i) inner(i, i) = Interval::integer(1);
  inner(0, 1) = Interval::decimal("0.6"), inner(0, 2) = Interval::integer(0),
           inner(1, 2) = Interval::decimal("0.48");
  return inner;
}

/// Whether the enclosure is narrow and within `error` of the quoted decimal.
bool agrees(const Interval& x, const char* quoted, const char* error) {
  return x.width() < 1e-10 && certainly_le(abs(x - Interval::decimal(quoted)),
                                           Interval::decimal(error) + Interval::exact(x.width()));
}

/// det(K − λI) of a 3 × 3 matrix.
Interval shifted_determinant(const SymmetricIntervals& K, const Interval& lambda) {
  const Interval a = K(0, 0) - lambda, b = K(1, 1) - lambda, c = K(2, 2) - lambda;
  return a * (b * c - square(K(1, 2))) - K(0, 1) * (K(0, 1) * c - K(1, 2) * K(0, 2)) +
         K(0, 2) * (K(0, 1) * K(1, 2) - b * K(0, 2));
}

/// Whether the smallest eigenvalue is within `error` of `quoted`: the determinant changes sign from + to −
/// there.
bool smallest_eigenvalue_agrees(const SymmetricIntervals& K, const char* quoted, const char* error) {
  const Interval lambda = Interval::decimal(quoted), e = Interval::decimal(error),
                 zero = Interval::integer(0);
  return certainly_lt(zero, shifted_determinant(K, lambda - e)) &&
         certainly_lt(shifted_determinant(K, lambda + e), zero);
}

}  // namespace

TEST_CASE("fully connected nets have the population Gram matrices of the reference table") {
  struct Row {
    const char* id;
    int depth;
    const char *diagonal, *off, *lambda, *error;
  };
  const Row rows[] = {
      {"softplus", 1, "0.318458983684", "0.147315892001", "0.171143091683", "1e-10"},
      {"softplus", 2, "0.318458983684", "0.263392225732", "0.055066757952", "1e-10"},
      {"softplus", 3, "0.318458983684", "0.300870883894", "0.017588099790", "1e-10"},
      {"tanh", 1, "1.177807232304", "0.487892980768", "0.689914251536", "1e-12"},
      {"tanh", 2, "1.177807232304", "0.458655455149", "0.719151777155", "1e-12"},
      {"tanh", 3, "1.177807232304", "0.430637643315", "0.747169588989", "1e-12"},
      {"erf", 2, "1.225700003786", "0.447576654509", "0.778123349277", "1e-12"},
      {"gelu", 2, "1.072031598436", "0.438827097092", "0.633204501344", "1e-12"},
  };
  for (const Row& row : rows) {
    INFO(row.id << " H " << row.depth);
    const SymmetricIntervals K =
        population_gram_fc(unit_pair(Interval::rational(1, 2)), row.depth, activation_row(row.id));
    REQUIRE(agrees(K(0, 0), row.diagonal, row.error));
    REQUIRE(agrees(K(1, 1), row.diagonal, row.error));
    REQUIRE(agrees(K(0, 1), row.off, row.error));
    REQUIRE(agrees(K(0, 0) - K(0, 1), row.lambda, row.error));
    REQUIRE(K(0, 1).width() < 1e-18);
  }
}

TEST_CASE("ResNets have the population Gram matrices of the reference table") {
  struct Row {
    const char* id;
    int depth;
    const char *diagonal, *off, *lambda, *lambda_error;
  };
  const Row rows[] = {
      {"softplus", 2, "0.018336189741", "0.015165563149", "3.170626592e-03", "1e-12"},
      {"softplus", 3, "0.010452895359", "0.008964566956", "1.488328403e-03", "1e-12"},
      {"softplus", 4, "0.006629765269", "0.005771702749", "8.580625195e-04", "1e-12"},
      {"tanh", 3, "0.012986878010", "0.005043702029", "7.943175981e-03", "1e-12"},
  };
  for (const Row& row : rows) {
    INFO(row.id << " H " << row.depth);
    const Interval half = Interval::rational(1, 2);
    const SymmetricIntervals K =
        population_gram_resnet(unit_pair(half), row.depth, half, activation_row(row.id));
    REQUIRE(agrees(K(0, 0), row.diagonal, "1e-12"));
    REQUIRE(agrees(K(1, 1), row.diagonal, "1e-12"));
    REQUIRE(agrees(K(0, 1), row.off, "1e-12"));
    REQUIRE(agrees(K(0, 0) - K(0, 1), row.lambda, row.lambda_error));
  }
}

TEST_CASE("three inputs have the reference matrices and smallest eigenvalues") {
  const SymmetricIntervals inner = three_inputs();
  const SymmetricIntervals relu = population_gram_two_layer_relu(inner);
  REQUIRE(agrees(relu(0, 1), "0.21144982941", "1e-11"));
  REQUIRE(relu(0, 2).contains_zero());
  REQUIRE(relu(0, 2).width() < 1e-36);
  REQUIRE(agrees(relu(1, 2), "0.158247202685", "1e-12"));
  REQUIRE(agrees(relu(1, 1), "0.5", "0"));
  REQUIRE(smallest_eigenvalue_agrees(relu, "0.235891674658", "1e-12"));
  REQUIRE(meets(population_gram_two_layer_relu(unit_pair(Interval::rational(1, 2)))(0, 1),
                Interval::rational(1, 6)));

  const ActivationRow& softplus = activation_row("softplus");
  const SymmetricIntervals fc = population_gram_fc(inner, 2, softplus);
  REQUIRE(agrees(fc(0, 1), "0.27388003682", "1e-10"));
  REQUIRE(agrees(fc(0, 2), "0.214621630811", "1e-10"));
  REQUIRE(agrees(fc(1, 2), "0.261324976318", "1e-10"));
  REQUIRE(smallest_eigenvalue_agrees(fc, "0.031706797240", "1e-10"));

  const SymmetricIntervals res = population_gram_resnet(inner, 3, Interval::rational(1, 2), softplus);
  REQUIRE(agrees(res(0, 1), "0.009248382232", "1e-12"));
  REQUIRE(agrees(res(0, 2), "0.007642338285", "1e-12"));
  REQUIRE(agrees(res(1, 2), "0.008908603446", "1e-12"));
  REQUIRE(smallest_eigenvalue_agrees(res, "8.595443033e-4", "1e-12"));
}

TEST_CASE("a reference that is off by a little is noticed") {
  const SymmetricIntervals K =
      population_gram_fc(unit_pair(Interval::rational(1, 2)), 2, activation_row("softplus"));
  REQUIRE_FALSE(agrees(K(0, 1), "0.263392226", "1e-10"));
  REQUIRE_FALSE(
      smallest_eigenvalue_agrees(population_gram_two_layer_relu(three_inputs()), "0.235891675", "1e-12"));
}

TEST_CASE("unit squared norms that are only enclosed give enclosures of the same matrices") {
  const Interval nearly = Interval::between(1 - 1e-13, 1 + 1e-13), half = Interval::rational(1, 2);
  for (const ActivationRow& row : activation_table()) {
    INFO(row.id);
    const SymmetricIntervals exact = population_gram_fc(unit_pair(half), 3, row);
    const SymmetricIntervals wide = population_gram_fc(pair_with(nearly, half, nearly), 3, row);
    const SymmetricIntervals exact_res = population_gram_resnet(unit_pair(half), 3, half, row);
    const SymmetricIntervals wide_res = population_gram_resnet(pair_with(nearly, half, nearly), 3, half, row);
    for (long i = 0; i < 2; ++i) {
      REQUIRE(wide(0, i).contains(exact(0, i)));
      REQUIRE(wide(0, i).width() < 1e-10);
      REQUIRE(wide_res(0, i).contains(exact_res(0, i)));
      REQUIRE(wide_res(0, i).width() < 1e-10);
    }
  }
}

TEST_CASE("inputs of other norms follow the definitions, evaluated step by step with the dual activation") {
  const Interval s1 = Interval::rational(1, 2), s2 = Interval::integer(2), c = Interval::rational(3, 5);
  const Interval ratio = Interval::rational(1, 6), quarter = square(ratio);  // c_res/H = (1/2)/3
  for (const char* id : {"softplus", "relu", "erf"}) {
    INFO(id);
    const ActivationRow& row = activation_row(id);
    const Interval scale = c_sigma(row);
    DualActivation dual(row);
    const auto value = [&](const SymmetricIntervals& K, long i, long j) {
      return dual.product(Part::value, dual.factor(Part::value, K(i, i)), dual.factor(Part::value, K(j, j)),
                          K(i, j));
    };
    const auto slope = [&](const SymmetricIntervals& K, long i, long j) {
      return dual.product(Part::derivative, dual.factor(Part::derivative, K(i, i)),
                          dual.factor(Part::derivative, K(j, j)), K(i, j));
    };
    const SymmetricIntervals K0 = pair_with(s1, c, s2);
    SymmetricIntervals K1(2), K2(2);
    const Interval b[] = {sqrt(scale) * gaussian_mean(row, Part::value, s1),
                          sqrt(scale) * gaussian_mean(row, Part::value, s2)};
    for (long i = 0; i < 2; ++i) {
      for (long j = i; j < 2; ++j) K1(i, j) = scale * value(K0, i, j);
    }
    for (long i = 0; i < 2; ++i) {
      for (long j = i; j < 2; ++j) {
        const Interval mean_i = gaussian_mean(row, Part::value, K1(i, i)),
                       mean_j = gaussian_mean(row, Part::value, K1(j, j));
        K2(i, j) = K1(i, j) + ratio * (b[i] * mean_j + b[j] * mean_i) + quarter * value(K1, i, j);
      }
    }
    const SymmetricIntervals fc = population_gram_fc(K0, 2, row);
    const SymmetricIntervals res = population_gram_resnet(K0, 3, Interval::rational(1, 2), row);
    for (long i = 0; i < 2; ++i) {
      for (long j = i; j < 2; ++j) {
        REQUIRE(meets(fc(i, j), scale * K1(i, j) * slope(K1, i, j)));
        REQUIRE(meets(res(i, j), quarter * K2(i, j) * slope(K2, i, j)));
        REQUIRE(fc(i, j).width() < 1e-17);
        REQUIRE(res(i, j).width() < 1e-17);
      }
    }
  }
}

TEST_CASE("scaling the inputs scales the matrix of a relu net") {
  const Interval c = Interval::rational(1, 3), factor = Interval::integer(9);
  const SymmetricIntervals unit = unit_pair(c), scaled_up = pair_with(factor, factor * c, factor);
  const ActivationRow& relu = activation_row("relu");
  REQUIRE(
      meets(population_gram_fc(scaled_up, 3, relu)(0, 1), factor * population_gram_fc(unit, 3, relu)(0, 1)));
  REQUIRE(meets(population_gram_two_layer_relu(scaled_up)(0, 1),
                factor * population_gram_two_layer_relu(unit)(0, 1)));
  REQUIRE(meets(population_gram_two_layer_relu(scaled_up)(1, 1), factor / Interval::integer(2)));
}

TEST_CASE("equal inputs give equal entries and opposite inputs the mirrored ones") {
  for (const ActivationRow& row : activation_table()) {
    INFO(row.id);
    const SymmetricIntervals same = population_gram_fc(unit_pair(Interval::integer(1)), 2, row);
    REQUIRE(meets(same(0, 1), same(0, 0)));
    const SymmetricIntervals opposite = population_gram_fc(unit_pair(Interval::integer(-1)), 2, row);
    if (row.symmetry == Symmetry::odd) REQUIRE(meets(opposite(0, 1), -same(0, 0)));
  }
}

TEST_CASE("a higher precision gives a narrower enclosure of the same matrix") {
  const SymmetricIntervals inner = unit_pair(Interval::rational(1, 2, 300));
  for (const char* id : {"softplus", "gelu"}) {
    const Interval rough = population_gram_fc(inner, 2, activation_row(id), {80})(0, 1);
    const Interval sharp = population_gram_fc(inner, 2, activation_row(id), {200})(0, 1);
    REQUIRE(meets(rough, sharp));
    REQUIRE(rough.width() < 1e-12);
    REQUIRE(sharp.width() < 1e-29);
  }
}

TEST_CASE("a nan inner product spoils its own entries only, an impossible one gives nan") {
  SymmetricIntervals inner = three_inputs();
  inner(0, 1) = Interval::nan();
  const ActivationRow& row = activation_row("softplus");
  for (const SymmetricIntervals& K :
       {population_gram_fc(inner, 2, row), population_gram_resnet(inner, 2, Interval::integer(1), row),
        population_gram_two_layer_relu(inner)}) {
    REQUIRE(K(0, 1).is_nan());
    REQUIRE(K(0, 2).is_bounded());
    REQUIRE(K(1, 1).is_bounded());
  }
  inner = three_inputs();
  inner(0, 0) = Interval::nan();
  const SymmetricIntervals K = population_gram_fc(inner, 2, row);
  REQUIRE((K(0, 0).is_nan() && K(0, 1).is_nan() && K(0, 2).is_nan()));
  REQUIRE(K(1, 2).is_bounded());
  REQUIRE(population_gram_fc(unit_pair(Interval::integer(2)), 2, row)(0, 1).is_nan());
}

TEST_CASE("depths and factors outside the definitions are refused") {
  const SymmetricIntervals inner = unit_pair(Interval::integer(0));
  const ActivationRow& row = activation_row("tanh");
  REQUIRE_THROWS_AS(population_gram_fc(inner, 0, row), InputError);
  REQUIRE_THROWS_AS(population_gram_resnet(inner, 1, Interval::integer(1), row), InputError);
  REQUIRE_THROWS_AS(population_gram_resnet(inner, 2, Interval::integer(0), row), InputError);
  REQUIRE_THROWS_AS(population_gram_resnet(inner, 2, Interval::nan(), row), InputError);
}

TEST_CASE("every number is the same for any number of threads") {
  SymmetricIntervals inner(7);
  for (long j = 0; j < 7; ++j) {
    for (long i = 0; i < j; ++i) inner(i, j) = Interval::rational(i - j, 9 + i);
    inner(j, j) = j < 5 ? Interval::integer(1) : Interval::rational(8 + j, 9);
  }
  for (const char* id : {"softplus", "erf"}) {
    const ActivationRow& row = activation_row(id);
    const SymmetricIntervals fc = population_gram_fc(inner, 3, row, {.threads = 1}),
                             res =
                                 population_gram_resnet(inner, 3, Interval::integer(1), row, {.threads = 1});
    const SymmetricIntervals relu = population_gram_two_layer_relu(inner, 1);
    for (const int threads : {2, 8}) {
      const SymmetricIntervals relu_again = population_gram_two_layer_relu(inner, threads);
      const SymmetricIntervals fc_again = population_gram_fc(inner, 3, row, {.threads = threads}),
                               res_again = population_gram_resnet(inner, 3, Interval::integer(1), row,
                                                                  {.threads = threads});
      for (long j = 0; j < 7; ++j) {
        for (long i = 0; i <= j; ++i) {
          REQUIRE(same_ends(fc(i, j), fc_again(i, j)));
          REQUIRE(same_ends(res(i, j), res_again(i, j)));
          REQUIRE(same_ends(relu(i, j), relu_again(i, j)));
        }
      }
    }
  }
}

TEST_CASE("at 300 bits a deep net has entries to 70 digits, inside those of 128 bits") {
  SymmetricIntervals inner = three_inputs();
  inner(0, 1) = Interval::decimal("0.6", 300), inner(1, 2) = Interval::decimal("0.48", 300);
  for (const char* id : {"softplus", "gelu"}) {
    const ActivationRow& row = activation_row(id);
    const SymmetricIntervals coarse = population_gram_fc(inner, 12, row),
                             fine = population_gram_fc(inner, 12, row, {300});
    for (long j = 0; j < 3; ++j) {
      for (long i = 0; i <= j; ++i) {
        INFO(id << " " << coarse(i, j).text(25) << " " << fine(i, j).text(75));
        REQUIRE(coarse(i, j).contains(fine(i, j)));
        REQUIRE(fine(i, j).width() < 1e-71);
      }
    }
    // The off-diagonal entries tell the inputs apart although they differ by no more than κ'(1)^11.
    REQUIRE(certainly_lt(fine(0, 1), fine(0, 0)));
    REQUIRE(certainly_lt(fine(0, 2), fine(1, 2)));
  }
}

TEST_CASE("depth costs no more width than the slope of the dual activation") {
  // tanh: ρ → c a_1² ρ < ρ at small ρ although κ'(1) > 1.
  const SymmetricIntervals K =
      population_gram_fc(unit_pair(Interval::rational(1, 2)), 60, activation_row("tanh"));
  REQUIRE(K(0, 1).width() < 1e-19);
  const SymmetricIntervals res = population_gram_resnet(unit_pair(Interval::rational(1, 2)), 60,
                                                        Interval::rational(1, 2), activation_row("softplus"));
  REQUIRE(res(0, 1).width() < 1e-16 * res(0, 0).lower());
}
