#include "bounds/variance_classes.h"

#include <cmath>

#include "tests/catch.h"

using namespace overproof;

TEST_CASE(
    "equal variances share a factor, different ones and nan do not, and a factor is its variance's own") {
  const DualActivation dual(activation_row("softplus"));
  const Interval one = Interval::integer(1), two = Interval::integer(2), wide = Interval::between(1, 2);
  const std::vector<Interval> variances{one, two, one, Interval::nan(), wide, two, Interval::nan()};
  const VarianceClasses at(dual, Part::value, one, variances, 2);
  REQUIRE(at.classes() == 5);
  REQUIRE(&at[0] == &at[2]);
  REQUIRE(&at[1] == &at[5]);
  REQUIRE(&at[3] != &at[6]);
  for (std::size_t i = 0; i < variances.size(); ++i)
    REQUIRE((same_ends(at[i].variance(), variances[i]) || (variances[i].is_nan() && at[i].mean().is_nan())));
  REQUIRE(at[4].mean().contains(at[0].mean()));
}

TEST_CASE("factors of different variances are long enough for correlation 1") {
  const DualActivation dual(activation_row("softplus"));
  const Interval small = Interval::rational(1, 4), large = Interval::integer(3),
                 half = Interval::rational(1, 2);
  const VarianceClasses at(dual, Part::value, Interval::integer(1), {small, large}, 1);
  const Interval both = dual.product(Part::value, at[0], at[1], half * sqrt(large));
  REQUIRE(both.width() < 1e-20);
}

TEST_CASE("factors are taken over where all variances are known") {
  const DualActivation dual(activation_row("tanh"));
  const Interval one = Interval::integer(1), two = Interval::integer(2);
  VarianceClasses first(dual, Part::value, one, {one, two}, 1);
  const Interval mean_square = first[1].mean_square();
  const VarianceClasses second(dual, Part::value, one, {two, two}, 1, std::move(first));
  REQUIRE(&second[0] == &second[1]);
  REQUIRE(same_ends(second[0].mean_square(), mean_square));
  REQUIRE(same_ends(second[0].variance(), two));
}

TEST_CASE("many variances share series, and enclose what each encloses on its own at more bits") {
  const auto seed = test_seed(66);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> near(0.96, 1.04), exponent(-20, -3);
  const Interval one = Interval::integer(1), zero = Interval::integer(0);
  GaussianQuadrature quadrature(160);
  for (const char* id : {"softplus", "tanh"}) {
    const ActivationRow& row = activation_row(id);
    const DualActivation dual(row), sharp(row, 160);
    // Clusters far apart, with a zero, a nan and a negative one, numbers that stand alone, and real widths.
    std::vector<Interval> variances{zero, Interval::nan(), Interval::integer(-1), Interval::exact(0.3)};
    for (const double centre : {1e-6, 0.02, 0.25}) {
      for (int i = 0; i < 3; ++i) {
        const double low = centre * near(random);
        variances.push_back(
            Interval::between(low, i % 2 == 0 ? low : low * (1 + std::exp2(exponent(random)))));
      }
    }
    variances.push_back(Interval::between(1e-7, 0.5));
    const VarianceClasses at(dual, Part::value, one, variances, 2);
    REQUIRE(at.classes() == variances.size());
    for (const std::size_t i : {1, 2}) REQUIRE(at[i].mean().is_nan());
    for (std::size_t i = 0; i < variances.size(); ++i) {
      if (i == 1 || i == 2) continue;
      const Interval s = variances[i].lower_point();
      const MehlerFactor own = sharp.factor(Part::value, s, one, quadrature, at[i].terms());
      INFO(id << " " << variances[i].text(20));
      REQUIRE(at[i].mean().contains(own.mean()));
      REQUIRE(at[i].mean_square().contains(own.mean_square()));
      if (variances[i].is_point()) REQUIRE(at[i].mean_square().width() < 1e-18);
      // Its product with the last of the variances that are points.
      const std::size_t other = variances.size() - 2;
      REQUIRE(variances[other].is_point());
      const MehlerFactor partner = sharp.factor(Part::value, variances[other], one, quadrature, own.terms());
      for (const double rho : {-1.0, 0.4, 1.0}) {
        const Interval c = Interval::exact(rho, 160) * sqrt(s * variances[other]);
        const Interval product = dual.product(Part::value, at[i], at[other], c),
                       truth = sharp.product(Part::value, own, partner, c);
        INFO("ρ " << rho << ": " << product.text(25) << " " << truth.text(25));
        REQUIRE((possibly_le(product, truth) && possibly_le(truth, product)));
        if (variances[i].is_point() && i != other && variances[i].lower() > 0)
          REQUIRE(product.width() < 1e-17);
      }
    }
  }
}

TEST_CASE(
    "a series kept from earlier lists serves later ones of its part, and grows when they need more terms") {
  const ActivationRow& row = activation_row("tanh");
  const DualActivation dual(row), sharp(row, 160);
  GaussianQuadrature quadrature(160);
  SharedSeries shared;
  const Interval scale = Interval::rational(1, 3);
  for (const std::vector<double>& list :
       {std::vector{1.49}, {1.45}, {1.42}, {1.48, 1.41}, {1.44, 40.0}, {1.43, 0.01}}) {
    for (const Part part : {Part::value, Part::derivative}) {
      std::vector<Interval> variances;
      for (const double s : list) variances.push_back(Interval::exact(s));
      const VarianceClasses at(dual, part, scale, variances, 2, {}, &shared);
      for (std::size_t i = 0; i < list.size(); ++i) {
        const MehlerFactor own = sharp.factor(part, variances[i], scale, quadrature, at[i].terms());
        INFO(list[i] << ": " << at[i].mean_square().text(25) << " " << own.mean_square().text(25));
        REQUIRE(at[i].terms() >= at[0].terms() * 7 / 8);
        REQUIRE(at[i].mean().contains(own.mean()));
        REQUIRE(at[i].mean_square().contains(own.mean_square()));
        REQUIRE(at[i].mean_square().width() < 1e-18);
        const Interval c = variances[i] / Interval::integer(2);
        const Interval product = dual.product(part, at[i], at[i], c),
                       truth = sharp.product(part, own, own, c);
        REQUIRE((possibly_le(product, truth) && possibly_le(truth, product)));
        REQUIRE(product.width() < 1e-17);
      }
    }
  }
}

TEST_CASE("series give the same numbers for any number of threads") {
  const DualActivation dual(activation_row("softplus"));
  std::vector<Interval> variances;
  for (int i = 0; i < 30; ++i) variances.push_back(Interval::rational(60 + i % 25, 50 + 20 * (i % 3)));
  const Interval scale = Interval::rational(1, 3);
  const VarianceClasses once(dual, Part::derivative, scale, variances, 1);
  for (const int threads : {2, 8}) {
    const VarianceClasses again(dual, Part::derivative, scale, variances, threads);
    REQUIRE(again.classes() == once.classes());
    for (std::size_t i = 0; i < variances.size(); ++i) {
      REQUIRE(same_ends(once[i].mean(), again[i].mean()));
      REQUIRE(same_ends(once[i].mean_square(), again[i].mean_square()));
      REQUIRE(once[i].terms() == again[i].terms());
      const Interval c = Interval::rational(1, 3);
      REQUIRE(same_ends(dual.product(Part::derivative, once[i], once[0], c),
                        dual.product(Part::derivative, again[i], again[0], c)));
    }
  }
}
