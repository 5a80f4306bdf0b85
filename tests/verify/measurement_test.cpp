#include "verify/measurement.h"

#include "tests/catch.h"

namespace overproof {

TEST_CASE("a key reads like the formula that names it") {
  CHECK(Key{"lambda_0", {}, {}}.text() == "lambda_0");
  CHECK(Key{"loss", 3, {}}.text() == "loss[3]");
  CHECK(Key{"drift_fro", 20, 1}.text() == "drift_fro[20,1]");
  CHECK(Key{"init_norm", {}, 2}.text() == "init_norm[2]");
}

TEST_CASE("a measurement is found under its own key only") {
  Measurements measurements;
  measurements.set({"loss", 3, {}}, Interval::exact(0.5), Evidence::measured);
  REQUIRE(measurements.find({"loss", 3, {}}));
  CHECK(measurements.find({"loss", 3, {}})->value.contains(0.5));
  CHECK(measurements.find({"loss", 3, {}})->evidence == Evidence::measured);
  CHECK_FALSE(measurements.find({"loss", 4, {}}));
  CHECK_FALSE(measurements.find({"loss", 3, 1}));
  CHECK_FALSE(measurements.find({"loss", {}, {}}));
  CHECK_FALSE(measurements.find({"losses", 3, {}}));
}

TEST_CASE("setting a key again replaces the value and its evidence") {
  Measurements measurements;
  measurements.set({"lambda_0", {}, {}}, Interval::exact(1.0), Evidence::measured);
  measurements.set({"lambda_0", {}, {}}, Interval::exact(2.0), Evidence::proved);
  CHECK(measurements.all().size() == 1);
  CHECK_FALSE(measurements.find({"lambda_0", {}, {}})->value.contains(1.0));
  CHECK(measurements.find({"lambda_0", {}, {}})->evidence == Evidence::proved);
}

TEST_CASE("names are listed once, sorted, whatever their indices") {
  Measurements measurements;
  for (const long k : {0L, 1L, 2L}) measurements.set({"loss", k, {}}, Interval::exact(1.0));
  measurements.set({"drift_fro", 0, 1}, Interval::exact(1.0));
  measurements.set({"lambda_0", {}, {}}, Interval::exact(1.0));
  CHECK(measurements.names() == std::vector<std::string>{"drift_fro", "lambda_0", "loss"});
  CHECK(measurements.has_name("loss"));
  CHECK(measurements.has_name("lambda_0"));
  CHECK_FALSE(measurements.has_name("los"));
  CHECK_FALSE(measurements.has_name("loss_"));
  CHECK_FALSE(measurements.has_name("zeta"));
}

TEST_CASE("a NaN is kept as a measurement that says nothing") {
  Measurements measurements;
  measurements.set({"loss", 0, {}}, Interval::exact(std::nan("")));
  REQUIRE(measurements.find({"loss", 0, {}}));
  CHECK(measurements.find({"loss", 0, {}})->value.is_nan());
}

TEST_CASE("the weaker evidence wins, from proved down to declared") {
  const std::vector<Evidence> ladder = {Evidence::proved, Evidence::enclosed, Evidence::statistical,
                                        Evidence::measured, Evidence::declared};
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    for (std::size_t j = 0; j < ladder.size(); ++j) {
      CHECK(weaker(ladder[i], ladder[j]) == ladder[std::max(i, j)]);
    }
  }
  CHECK(to_text(Evidence::proved) == "proved");
  CHECK(to_text(Evidence::enclosed) == "enclosed");
  CHECK(to_text(Evidence::statistical) == "statistical");
  CHECK(to_text(Evidence::measured) == "measured");
  CHECK(to_text(Evidence::declared) == "declared");
}

}  // namespace overproof
