#include "verify/setting.h"

#include "files/error.h"
#include "tests/catch.h"

namespace overproof {
namespace {

using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

SettingFacts softplus_fc() {
  SettingFacts facts;
  facts.network = "fc";
  facts.activation = "softplus";
  facts.smooth = facts.analytic = true;
  facts.unit_inputs = true;
  facts.gradient_descent = Verdict::holds;
  facts.initialisation = "gaussian";
  facts.initialisation_text = "weights N(0,1) i.i.d. at step 0";
  return facts;
}

SettingReport check(const std::map<std::string, std::string>& setting, const SettingFacts& facts) {
  Theorem theorem;
  theorem.id = "a.theorem";
  theorem.file = "mine.toml";
  theorem.setting = setting;
  return check_setting(theorem, facts);
}

}  // namespace

TEST_CASE("a run in the setting of the theorem fails nothing and declares its law") {
  const SettingReport report = check({{"network", "fc"},
                                      {"activation", "smooth analytic"},
                                      {"inputs", "unit"},
                                      {"training", "gradient descent"},
                                      {"initialisation", "gaussian"}},
                                     softplus_fc());
  CHECK(report.failed.empty());
  CHECK(report.undecided.empty());
  CHECK(report.declared == Texts{"weights N(0,1) i.i.d. at step 0"});
}

TEST_CASE("steps that are not stored as pairs are gradient descent by the run's word") {
  SettingFacts facts = softplus_fc();
  facts.gradient_descent_declared = "the iterates between the stored pairs are gradient descent too";
  const SettingReport report = check({{"training", "gradient descent"}}, facts);
  CHECK(report.failed.empty());
  CHECK(report.declared == Texts{facts.gradient_descent_declared});
  CHECK(check({{"training", "any"}}, facts).declared.empty());
  facts.gradient_descent = Verdict::fails;
  CHECK(check({{"training", "gradient descent"}}, facts).declared.empty());
}

TEST_CASE("an assumption that is any or absent asks for nothing") {
  const SettingFacts nothing_known;
  for (const SettingReport& report : {check({}, nothing_known), check({{"network", "any"},
                                                                       {"activation", "any"},
                                                                       {"inputs", "any"},
                                                                       {"training", "any"},
                                                                       {"initialisation", "any"}},
                                                                      nothing_known)}) {
    CHECK(report.failed.empty());
    CHECK(report.undecided.empty());
    CHECK(report.declared.empty());
  }
}

TEST_CASE("every assumption that differs is named") {
  SettingFacts facts = softplus_fc();
  CHECK(check({{"network", "resnet"}}, facts).failed == Texts{"network is fc, not resnet"});
  CHECK(check({{"network", "resnet"}}, facts).other_network);
  CHECK(check({{"activation", "relu"}}, facts).failed == Texts{"activation is softplus, not relu"});
  facts.activation = "relu";
  facts.smooth = facts.analytic = facts.unit_inputs = false;
  CHECK(check({{"activation", "relu"}}, facts).failed.empty());
  CHECK(check({{"activation", "smooth"}}, facts).failed ==
        Texts{"activation relu is not smooth (Condition 3.1)"});
  CHECK(check({{"activation", "smooth analytic"}}, facts).failed.size() == 2);
  CHECK(check({{"inputs", "unit"}}, facts).failed ==
        Texts{"inputs are not known to have norm 1 (data.normalised = true divides by the norm)"});
  CHECK_FALSE(check({{"inputs", "unit"}}, facts).other_network);
}

TEST_CASE("iterates that are not gradient descent say why") {
  SettingFacts facts = softplus_fc();
  facts.gradient_descent_text = "descent_residual[40] = [0.1, 0.2] is above its rounding allowance 1e-12";
  facts.gradient_descent = Verdict::fails;
  const SettingReport failed = check({{"training", "gradient descent"}}, facts);
  REQUIRE(failed.failed.size() == 1);
  CHECK_THAT(failed.failed[0], Contains("not gradient descent: descent_residual[40] = [0.1, 0.2]"));
  CHECK(failed.undecided.empty());
  facts.gradient_descent = Verdict::undecided;
  const SettingReport undecided = check({{"training", "gradient descent"}}, facts);
  CHECK(undecided.failed.empty());
  CHECK(undecided.undecided.size() == 1);
}

TEST_CASE("signs of the output weights are decided, the law is taken on the run's word") {
  SettingFacts facts = softplus_fc();
  facts.initialisation = "rademacher output";
  facts.initialisation_text = "";
  const auto report = [&](Verdict signs) {
    facts.rademacher_output = signs;
    return check({{"initialisation", "rademacher output"}}, facts);
  };
  CHECK(report(Verdict::holds).declared == Texts{"initialisation: rademacher output"});
  CHECK(report(Verdict::holds).failed.empty());
  CHECK(report(Verdict::fails).failed == Texts{"an output weight is not +1 or -1"});
  CHECK(report(Verdict::undecided).failed.empty());
  CHECK(report(Verdict::undecided).undecided.size() == 1);
}

TEST_CASE("a run that declares another law or none is not taken for the required one") {
  SettingFacts facts = softplus_fc();
  facts.initialisation = "other";
  CHECK(check({{"initialisation", "gaussian"}}, facts).failed ==
        Texts{"initialisation is other, not gaussian"});
  facts.initialisation = "";
  CHECK(check({{"initialisation", "gaussian"}}, facts).failed.empty());
  CHECK(check({{"initialisation", "gaussian"}}, facts).undecided.size() == 1);
  CHECK(check({{"initialisation", "gaussian"}}, facts).declared.empty());
}

TEST_CASE("a key or value outside the closed list is refused with file, statement and key") {
  CHECK_THROWS_WITH(check({{"netwrok", "fc"}}, softplus_fc()),
                    Contains("mine.toml: a.theorem") && Contains("did you mean \"network\""));
  CHECK_THROWS_WITH(check({{"network", "conv"}}, softplus_fc()),
                    Contains("setting.network") && Contains("\"conv\""));
  CHECK_THROWS_AS(check({{"training", ""}}, softplus_fc()), InputError);
}

}  // namespace overproof
