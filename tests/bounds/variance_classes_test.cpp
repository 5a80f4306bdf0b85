#include "bounds/variance_classes.h"

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
