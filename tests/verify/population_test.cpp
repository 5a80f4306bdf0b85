#include "verify/population.h"

#include <limits>

#include "files/error.h"
#include "tests/catch.h"
#include "verify/inputs.h"

using namespace overproof;

namespace {

Dataset sphere(Index n, Index d) {
  const Json fields{{"kind", "sphere"}, {"n", n}, {"d", d}, {"seed", 3}};
  return load_dataset(data_spec(Fields(fields, "test")), ".");
}

PopulationNet fc(const char* activation) { return {"fc", &activation_row(activation), {}}; }
PopulationNet resnet(const char* activation) {
  return {"resnet", &activation_row(activation), Interval::rational(1, 2)};
}

/// (log a − log b)/layers.
Interval rate(const DecidedEnd& a, const DecidedEnd& b, int layers) {
  return (log(a.enclosure.value) - log(b.enclosure.value)) / Interval::integer(layers);
}

bool within(const Interval& x, const Interval& y, const char* distance) {
  return certainly_le(abs(x - y), Interval::decimal(distance));
}

}  // namespace

TEST_CASE("lambda_min of the fully connected net falls by the factor K_ii every layer") {
  // 1 − ρ is multiplied by c_σ E σ'(z)² = K_ii(1) in every layer when ρ is near 1 [1811.03804,
  // Definition 5.1]
  const Dataset data = sphere(8, 5);
  for (const char* id : {"softplus", "sigmoid"}) {  // with K_ii(1) < 1
    const PopulationNet net = fc(id);
    const Interval factor = population_gram_fc(enclose_inner(data, 128), 1, *net.activation)(0, 0);
    const std::vector<int> depths{10, 20, 30, 40};
    const auto ends = enclose_population_ends(net, data, depths, {.relative_width = 1e-10});
    INFO(id << ": " << ends.back().enclosure.value.text(12) << ", factor " << factor.text(10));
    for (std::size_t i = 0; i < depths.size(); ++i) {
      REQUIRE(ends[i].decided);
      REQUIRE(relative_width(ends[i].enclosure.value) <= 1e-10);
      REQUIRE(certainly_lt(Interval::integer(0), ends[i].enclosure.value));
    }
    const Interval early = rate(ends[0], ends[1], 10), late = rate(ends[2], ends[3], 10);
    CHECK(within(late, -log(factor), "1e-6"));
    CHECK(within(early, late, "0.05"));
  }
}

TEST_CASE("lambda_min H^2 of the ResNet converges") {
  const Dataset data = sphere(8, 5);
  for (const char* id : {"softplus", "erf"}) {
    const std::vector<int> depths{10, 20, 40, 80};
    const auto ends = enclose_population_ends(resnet(id), data, depths, {.relative_width = 1e-10});
    std::vector<Interval> scaled;
    for (std::size_t i = 0; i < depths.size(); ++i) {
      REQUIRE(ends[i].decided);
      scaled.push_back(square(Interval::integer(depths[i])) * ends[i].enclosure.value);
    }
    INFO(id << ": " << scaled[0].text(8) << " " << scaled[1].text(8) << " " << scaled[2].text(8) << " "
            << scaled[3].text(8));
    // the differences about halve with the depth, as those of a sequence limit + constant/H do
    for (std::size_t i = 0; i + 2 < depths.size(); ++i) {
      const Interval ratio = abs(scaled[i + 2] - scaled[i + 1]) / abs(scaled[i + 1] - scaled[i]);
      CHECK(certainly_lt(ratio, Interval::rational(13, 20)));
      CHECK(certainly_lt(Interval::rational(2, 5), ratio));
    }
  }
}

TEST_CASE("more bits sharpen an enclosure and never contradict it, whatever the threads") {
  const Dataset data = sphere(12, 4);
  const PopulationNet net = fc("softplus");
  const std::vector<int> depths{9, 3, 17};
  const EigenOptions to{.relative_width = 1e-12, .threads = 1};
  const auto sharp = enclose_population_ends(net, data, depths, to);
  for (std::size_t i = 0; i < depths.size(); ++i) {
    for (const int limit : {53, 128, 192}) {
      const DecidedEnd coarse = enclose_end_of(
          [&](int precision) {
            return population_gram_fc(enclose_inner(data, precision), depths[i], *net.activation,
                                      {.precision = precision});
          },
          End::smallest, {.relative_width = 1e-12, .precision_limit = limit});
      INFO("H = " << depths[i] << ", limit " << limit << ": " << coarse.enclosure.value.text(20)
                  << " against " << sharp[i].enclosure.value.text(20));
      REQUIRE(coarse.tried <= limit);
      REQUIRE(!intersect(coarse.enclosure.value, sharp[i].enclosure.value).is_nan());
    }
  }
  for (const int threads : {2, 8}) {
    EigenOptions again = to;
    again.threads = threads;
    const auto ends = enclose_population_ends(net, data, depths, again);
    for (std::size_t i = 0; i < depths.size(); ++i) {
      REQUIRE(same_ends(ends[i].enclosure.value, sharp[i].enclosure.value));
      REQUIRE(ends[i].precision == sharp[i].precision);
    }
  }
}

TEST_CASE(
    "inner products at more bits lie within those at fewer, and unit inputs are exact on the diagonal") {
  Dataset data = sphere(7, 9);
  data.X *= 3.0;
  for (const bool normalised : {false, true}) {
    data.normalised = normalised;
    const SymmetricIntervals coarse = enclose_inner(data, 128), fine = enclose_inner(data, 320);
    for (long j = 0; j < 7; ++j) {
      for (long i = 0; i <= j; ++i) {
        INFO(i << ", " << j << ": " << coarse(i, j).text(40) << " against " << fine(i, j).text(40));
        REQUIRE(!intersect(coarse(i, j), fine(i, j)).is_nan());
        REQUIRE(coarse(i, j).width() < 1e-28);
        REQUIRE(fine(i, j).width() < 1e-90);
        if (normalised && i == j) REQUIRE(same_ends(fine(i, j), Interval::integer(1, 320)));
      }
    }
  }
}

TEST_CASE("the bits asked for next double until 0 is excluded, then follow the width") {
  EigenOptions to{.relative_width = 1e-10, .precision_limit = 700};
  DecidedEnd end;
  CHECK(next_precision(end, to) == 128);
  end.tried = 53;
  CHECK(next_precision(end, to) == 128);
  end.tried = 128;
  end.enclosure.value = Interval::between(-1, 1);
  CHECK(next_precision(end, to) == 256);
  end.tried = 512;
  CHECK(next_precision(end, to) == 700);
  end.tried = 700;
  CHECK(!next_precision(end, to));
  end.tried = 256;
  end.enclosure.value = Interval::between(1.0, 1.0 + 1e-9);  // 4 bits short
  CHECK(next_precision(end, to) == 320);
  end.enclosure.value = Interval::between(1.0, std::numeric_limits<double>::max());
  CHECK(next_precision(end, to) == 512);
  end.decided = true;
  CHECK(!next_precision(end, to));
}

TEST_CASE("opposite inputs of an odd activation leave lambda_min undecided, and a nan stays one") {
  Dataset data = sphere(5, 4);
  data.X.col(3) = -data.X.col(1);
  const EigenOptions to{.precision_limit = 192};
  const DecidedEnd singular = enclose_population_ends(fc("tanh"), data, {2}, to).front();
  CHECK(!singular.decided);
  CHECK(singular.enclosure.value.contains_zero());
  const DecidedEnd nothing = enclose_end_of(
      [](int precision) {
        SymmetricIntervals K(2);
        K(0, 0) = K(1, 1) = Interval::integer(1, precision);
        return K;
      },
      End::smallest, to);
  CHECK(!nothing.decided);
  CHECK(!nothing.enclosure.value.is_bounded());
}

TEST_CASE("an end of a wide matrix holds those of all its members, in doubles and in MPFR numbers") {
  SymmetricIntervals K(2);
  K(0, 0) = Interval::between(1.75, 2.25), K(1, 1) = Interval::integer(3);
  K(0, 1) = Interval::between(-0.125, 0.125);
  for (const int limit : {53, 128}) {
    DecidedEnd smallest, largest;
    sharpen(smallest, K, 128, End::smallest, {.precision_limit = limit});
    sharpen(largest, K, 128, End::largest, {.precision_limit = limit});
    CHECK(!smallest.decided);
    for (const double member : {1.75, 2.0, 2.25}) CHECK(smallest.enclosure.value.contains(member));
    // of [[7/4, 1/8], [1/8, 3]] and [[9/4, 1/8], [1/8, 3]]
    const Interval least = Interval::rational(19, 8) - sqrt(Interval::rational(26, 64)),
                   most = Interval::rational(21, 8) + sqrt(Interval::rational(10, 64));
    CHECK(certainly_le(smallest.enclosure.value.lower_point(), least));
    CHECK(certainly_le(most, -largest.enclosure.value.lower_point()));
  }
}

TEST_CASE("depths that a net has not are refused") {
  const Dataset data = sphere(3, 4);
  CHECK_THROWS_AS(enclose_population_ends(fc("tanh"), data, {2, 0}, {}), InputError);
  CHECK_THROWS_AS(enclose_population_ends(resnet("tanh"), data, {1}, {}), InputError);
  const PopulationNet two_layers{"two_layer_relu", &activation_row("relu"), {}};
  CHECK_THROWS_AS(enclose_population_ends(two_layers, data, {2}, {}), InputError);
  CHECK(enclose_population_ends(two_layers, data, {1}, {}).front().decided);
}

TEST_CASE("equal inputs make every population Gram matrix singular, opposite ones not") {
  Dataset data = sphere(4, 3);
  CHECK_FALSE(find_equal_inputs(data));
  data.X.col(3) = -4.0 * data.X.col(1);
  CHECK_FALSE(find_equal_inputs(data));
  data.X.col(3) = 4.0 * data.X.col(1);
  data.normalised = false;
  CHECK_FALSE(find_equal_inputs(data));
  data.normalised = true;
  REQUIRE(find_equal_inputs(data) == std::pair<Index, Index>{1, 3});
  for (const DecidedEnd& end : enclose_population_ends(fc("softplus"), data, {1, 5}, {})) {
    CHECK(end.decided);
    CHECK(same_ends(end.enclosure.value, Interval::integer(0)));
    CHECK(end.enclosure.method == EigenMethod::null_vector);
  }
}
