#include "reports/certificate.h"

#include "tests/catch.h"

using namespace overproof;

TEST_CASE("what a sharp certificate adds is written, read back and said") {
  Certificate c;
  c.run = "r";
  c.architecture = fully_connected(3, 8, 2, Activation::tanh);
  c.premises = {0.01, 0.5, 2.0, 0.25, false};
  c.spectral = {1.5, 3.0, 2.0};
  c.proof.obstacle = Obstacle::curvature, c.proof.nodes = {{0.5, 1.0}};
  c.lipschitz = {
      {LipschitzMethod::product, 3.0}, {LipschitzMethod::measured, 2.0}, {LipschitzMethod::batch, 1.5}};
  const auto again = [](const Json& j) { return json(certificate_from(Fields(j, "c.json"))); };
  CHECK(!json(c).contains("search"));
  CHECK(markdown(c).find("M is that of") == std::string::npos);
  CHECK(again(json(c)) == json(c));

  c.lipschitz.emplace_back(LipschitzMethod::jacobians, 1.0), c.searched = 0.4;
  const Json sharp = json(c);
  CHECK(sharp["lipschitz_by_method"]["jacobians"] == 1.0);
  CHECK(sharp["search"] == Json{{"lipschitz", 0.4}, {"evidence", "measured"}});
  CHECK(again(sharp) == sharp);
  CHECK(markdown(c).find("M (jacobians)") != std::string::npos);
  // 1/0.4, rounded up
  CHECK(markdown(c).find("M is that of the method jacobians. M is at most 2.5") != std::string::npos);
  c.lipschitz.back().second = 1.5, c.searched = 0.0;  // no better than batch, and nothing found
  CHECK(markdown(c).find("M is that of the method batch.\n") != std::string::npos);
  Json proved = sharp;
  proved["search"]["evidence"] = "proved";
  CHECK_THROWS_AS(again(proved), InputError);
}
