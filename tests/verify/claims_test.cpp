#include "verify/claims.h"

#include <cfloat>

#include "tests/catch.h"

namespace overproof {
namespace {

using Catch::Matchers::Contains;

Claims claims_of(const std::string& toml) {
  const Json table = parse_toml(toml, "suite.toml");
  return claims_from(Fields(table, "suite.toml", "run[0].judge"));
}

Theorem statement(const std::string& id, const std::string& network) {
  Theorem theorem;
  theorem.id = id;
  if (!network.empty()) theorem.setting["network"] = network;
  theorem.constants["C_m"] = "in the width";
  return theorem;
}

std::vector<std::string> chosen_ids(const std::vector<std::string>& patterns, const std::string& network) {
  const std::vector<Theorem> theorems = {statement("du2019.fc.thm5.1", "fc"),
                                         statement("du2019.res.thm6.1", "resnet"),
                                         statement("oymak2018.thm2.1", "any"), statement("free.lemma", "")};
  Claims claims;
  claims.theorems = patterns;
  std::vector<std::string> ids;
  for (const Theorem* theorem : chosen_theorems(claims, theorems, network)) ids.push_back(theorem->id);
  return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("an empty judge table has the documented defaults") {
  const Claims claims = claims_of("");
  CHECK(claims == Claims{});
  CHECK(claims.failure_probability == "0.1");
  CHECK(claims.theorems == Ids{"all"});
  CHECK(claims.gates.empty());
  CHECK(claims.constant("C_m") == "1");
}

TEST_CASE("a quoted number is the decimal, an unquoted one its exact double") {
  const Claims claims =
      claims_of("failure_probability = 0.1\nconstants = { a = \"0.1\", b = 0.1, c = 3, d = 0.5 }");
  const Interval tenth = Interval::rational(1, 10);
  CHECK(Interval::decimal(claims.constant("a")).contains(tenth.lower_point()));
  CHECK_FALSE(Interval::decimal(claims.constant("a")).contains(0.1));
  CHECK(Interval::decimal(claims.constant("b")).is_point());
  CHECK(Interval::decimal(claims.constant("b")).contains(0.1));
  CHECK(Interval::decimal(claims.failure_probability).contains(0.1));
  CHECK(claims.constant("c") == "3");
  CHECK(claims.constant("d") == "0.5");
}

TEST_CASE("exact_decimal loses no bit of a double") {
  CHECK(exact_decimal(0.1) == "0.1000000000000000055511151231257827021181583404541015625");
  std::mt19937_64 random(test_seed(11));
  std::vector<double> samples = {0.0,      1.0,    -2.5,        DBL_MIN,          DBL_MAX,
                                 -DBL_MAX, 5e-324, DBL_EPSILON, 1.0 + DBL_EPSILON};
  for (int i = scaled(500); i > 0; --i) {
    const int exponent = std::uniform_int_distribution(-1074, 1000)(random);
    samples.push_back(std::ldexp(std::uniform_real_distribution(-1.0, 1.0)(random), exponent));
  }
  for (const double x : samples) {
    const Interval read = Interval::decimal(exact_decimal(x));
    CHECK((read.is_point() && read.lower() == x && read.upper() == x));
  }
}

TEST_CASE("claims survive the way through JSON") {
  const Claims claims = claims_of(R"(
failure_probability = "0.05"
constants = { C_m = 0.3, "C'" = "1e-12" }
theorems = ["du2019.*", "free.lemma"]
gates = ["loss[k+1] <= loss[k]", "records agree"])");
  const Json json = parse_json(to_json(claims).dump(), "run.json");
  CHECK(claims_from(Fields(json, "run.json", "judge")) == claims);
  const Json plain = to_json(Claims{});
  CHECK(claims_from(Fields(plain, "run.json", "judge")) == Claims{});
}

TEST_CASE("one text instead of a list of theorems is a list of one") {
  CHECK(claims_of("theorems = \"all\"").theorems == Ids{"all"});
  CHECK(claims_of("theorems = \"du2019.*\"").theorems == Ids{"du2019.*"});
  CHECK(claims_of("theorems = []").theorems.empty());
}

TEST_CASE("claims that cannot be meant are refused with their field") {
  const auto refused = [](const std::string& toml, const std::string& part) {
    INFO(toml);
    CHECK_THROWS_WITH(claims_of(toml), Contains("suite.toml: run[0].judge." + part));
  };
  for (const char* value :
       {"0", "1", "1.5", "-0.1", "\"0\"", "\"1\"", "\"ten\"", "\"nan\"", "true", "[0.1]", "\"inf\""}) {
    refused(std::string("failure_probability = ") + value, "failure_probability");
  }
  for (const char* value : {"0", "-1", "\"-0.5\"", "\"\"", "\"nan\"", "false", "{ x = 1 }"}) {
    refused(std::string("constants = { C_m = ") + value + " }", "constants.C_m");
  }
  refused("constants = [1]", "constants");
  refused("gates = [1]", "gates");
  refused("gate = []", "gate");
  CHECK_THROWS_WITH(claims_of("gate = []"), Contains("did you mean \"gates\""));
}

TEST_CASE("all means the statements about this kind of network") {
  CHECK(chosen_ids({"all"}, "fc") == Ids{"du2019.fc.thm5.1", "oymak2018.thm2.1", "free.lemma"});
  CHECK(chosen_ids({"all"}, "other") == Ids{"oymak2018.thm2.1", "free.lemma"});
  CHECK(chosen_ids({}, "fc").empty());
}

TEST_CASE("a named statement is chosen whatever its network, and only once") {
  CHECK(chosen_ids({"du2019.res.thm6.1"}, "fc") == Ids{"du2019.res.thm6.1"});
  CHECK(chosen_ids({"du2019.*"}, "fc") == Ids{"du2019.fc.thm5.1", "du2019.res.thm6.1"});
  CHECK(chosen_ids({"du2019.*", "du2019.fc.thm5.1", "all"}, "fc").size() == 4);
  CHECK(chosen_ids({"*"}, "fc").size() == 4);
}

TEST_CASE("a name that matches nothing is refused with the nearest one") {
  CHECK_THROWS_WITH(chosen_ids({"du2019.fc.thm51"}, "fc"), Contains("did you mean \"du2019.fc.thm5.1\""));
  CHECK_THROWS_WITH(chosen_ids({"du2091.*"}, "fc"), Contains("did you mean \"du2019.*\""));
  CHECK_THROWS_AS(chosen_ids({"du2019.fc"}, "fc"), InputError);
  CHECK_THROWS_AS(chosen_ids({""}, "fc"), InputError);
  Claims claims;
  claims.constants["C_n"] = "1";
  CHECK_THROWS_WITH(chosen_theorems(claims, {statement("a", "fc")}, "fc"), Contains("did you mean \"C_m\""));
}

TEST_CASE("a certificate is asked for at a step, at the earliest, or by its gate") {
  const auto at = [](const Json& judge) { return claims_from(Fields(judge, "s.toml")); };
  CHECK(at(Json::object()).certified_at().empty());
  CHECK(at({{"certify", "earliest"}}).certified_at() == "earliest");
  CHECK(at({{"certify", 40}}).certified_at() == "40");
  CHECK(at({{"gates", {"certified"}}}).certified_at() == "earliest");
  CHECK(at({{"certify", 0}, {"gates", {"certified"}}}).certified_at() == "0");
  for (const Json& judge : {Json{{"certify", "first"}}, Json{{"certify", -1}}, Json{{"certify", 1.5}}})
    CHECK_THROWS_AS(at(judge), InputError);
  const Json json = to_json(at({{"certify", 40}}));
  CHECK(claims_from(Fields(json, "run.json")).certify == "40");
  CHECK(!claims_from(Fields(json, "run.json")).sharp);
  for (const Json& judge :
       {Json{{"sharp", true}, {"certify", 40}}, Json{{"sharp", true}, {"gates", {"certified"}}}}) {
    const Json sharp = to_json(at(judge));
    CHECK(claims_from(Fields(sharp, "run.json")).sharp);
  }
  CHECK_THROWS_WITH(at({{"sharp", true}}), Contains("sharp: true: a certificate is expected"));
  CHECK_THROWS_AS(at({{"sharp", true}, {"gates", {"records agree"}}}), InputError);
  CHECK_THROWS_AS(at({{"sharp", "yes"}, {"certify", 40}}), InputError);
  CHECK(!at({{"sharp", false}}).sharp);
}

}  // namespace overproof
