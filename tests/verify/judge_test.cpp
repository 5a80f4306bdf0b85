#include "verify/judge.h"

#include "tests/catch.h"
#include "tests/verify/example_run.h"

namespace overproof {
namespace {

using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;
using Constants = std::map<std::string, std::string>;

const std::string wide_enough = "hypotheses = [{ id = \"width\", formula = \"m >= n^2/lambda_0^2\" }]\n";
const std::string too_narrow = "hypotheses = [{ id = \"width\", formula = \"m >= n^4/lambda_0^4\" }]\n";
const std::string true_decay = "conclusions = [{ id = \"decay\", formula = \"loss[k+1] <= loss[k]\" }]\n";
const std::string false_decay = "conclusions = [{ id = \"decay\", formula = \"loss[k+1] <= loss[k]/4\" }]\n";

}  // namespace

TEST_CASE("hypotheses and conclusions that hold confirm a statement") {
  const StatementReport report = judged(head() + wide_enough + true_decay);
  CHECK(report.outcome == Outcome::confirmed);
  CHECK(report.summary == "confirmed");
  CHECK(report.assuming.empty());
  CHECK(report.id == "test.thm");
  CHECK(report.provenance == "derived");
  CHECK(report.kind == "deterministic");
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].hypothesis);
  CHECK_FALSE(report.findings[1].hypothesis);
}

TEST_CASE(
    "a hypothesis that fails makes a statement vacuous, with the gap and the conclusions all the same") {
  const StatementReport report = judged(head() + too_narrow + true_decay);
  CHECK(report.outcome == Outcome::vacuous);
  CHECK_THAT(report.summary, Contains("needs m >= 4096, has 500") && Contains("the conclusions hold"));
  CHECK(finding(report, "decay").verdict == Verdict::holds);
  const StatementReport failing = judged(head() + too_narrow + false_decay);
  CHECK(failing.outcome == Outcome::vacuous);
  CHECK_THAT(failing.summary, Contains("\"decay\" fails"));
}

TEST_CASE("a deterministic statement whose conclusion fails is contradicted") {
  const StatementReport report = judged(head() + wide_enough + false_decay);
  CHECK(report.outcome == Outcome::contradicted);
  CHECK_THAT(report.summary, Contains("\"decay\" fails at k = 0"));
}

TEST_CASE("a statement about each step on its own is judged at the steps at which its hypotheses hold") {
  const std::string at_each = head() + "per_step = true\n";
  const auto statement = [](const std::string& hypothesis, const std::string& conclusion) {
    return "hypotheses = [{ id = \"near\", formula = \"" + hypothesis + "\" }]\nconclusions = [" +
           conclusion + "]\n";
  };
  const auto claim = [](const std::string& formula) {
    return "{ id = \"claim\", formula = \"" + formula + "\" }";
  };
  // loss 8, 4, 2, 1: the hypothesis holds at steps 2 and 3
  const StatementReport confirmed = judged(at_each + statement("loss[k] <= 3", claim("loss[k] <= 2")));
  CHECK(confirmed.outcome == Outcome::confirmed);
  CHECK(confirmed.summary == "confirmed at 2 of 4 steps; at the others a hypothesis fails");
  CHECK(finding(confirmed, "claim").verdict == Verdict::fails);  // shown at every step all the same
  const StatementReport contradicted = judged(at_each + statement("loss[k] <= 3", claim("loss[k] <= 1")));
  CHECK(contradicted.outcome == Outcome::contradicted);
  CHECK_THAT(contradicted.summary, Contains("\"claim\" fails at k = 2"));
  CHECK(judged(head() + statement("loss[k] <= 3", claim("loss[k] <= 1"))).outcome == Outcome::vacuous);
  // nowhere, or only where nothing is concluded, or a hypothesis without steps fails
  CHECK(judged(at_each + statement("loss[k] <= 0", claim("loss[k] <= 2"))).outcome == Outcome::vacuous);
  CHECK(judged(at_each +
               statement("loss[k] >= 8", "{ id = \"claim\", formula = \"loss[k] <= 2\", for = \"k >= 1\" }"))
            .outcome == Outcome::vacuous);
  CHECK(judged(at_each + statement("m <= n", claim("loss[k] <= 1"))).outcome == Outcome::vacuous);
  // undecided at one step
  ExampleRun blurred;
  blurred.set("loss", 1, 2.0, 4.0);
  const StatementReport open = judged(at_each + statement("loss[k] <= 3", claim("loss[k] <= 2")), blurred);
  CHECK(open.outcome == Outcome::undecided);
  CHECK_THAT(open.summary, Contains("confirmed at 2 of 4 steps; steps with an undecided hypothesis: 1"));
  ExampleRun unmeasured;
  unmeasured.set("grad_norm", 2, 1.0, 1.0);
  const StatementReport missing =
      judged(at_each + statement("grad_norm[k] <= 3", claim("loss[k] <= 2")), unmeasured);
  CHECK(missing.outcome == Outcome::undecided);
  CHECK(judged(at_each + statement("grad_norm[k] <= 3", claim("loss[k] <= 1")), unmeasured).outcome ==
        Outcome::contradicted);
  // a hypothesis about the output layer only, where there is nothing to measure, is not met
  const std::string of_the_output =
      "hypotheses = [{ id = \"near\", formula = \"feature_norm[k,h] <= 9\", for = \"h > H\" }]\nconclusions "
      "= [" +
      claim("loss[k] <= 1") + "]\n";
  CHECK(judged(at_each + of_the_output).outcome == Outcome::undecided);
  CHECK_THROWS_AS(judged(at_each + "requires = [\"x\"]\n" + statement("m <= n", claim("loss[k] <= 1"))),
                  InputError);
}

TEST_CASE("a conclusion that rests on steps that are not stored is violated, not contradicted") {
  ExampleRun run;
  run.facts.gradient_descent_declared = "the other iterates are gradient descent too";
  const std::string trained = head("test.thm", "deterministic", {{"training", "gradient descent"}});
  const StatementReport report = judged(trained + wide_enough + false_decay, run);
  CHECK(report.outcome == Outcome::violated);
  CHECK_THAT(report.summary, Contains("a step that is not stored") && Contains("\"decay\" fails at k = 0"));
  CHECK(report.declared == Texts{"the other iterates are gradient descent too"});
  CHECK(judged(trained + wide_enough + true_decay, run).outcome == Outcome::confirmed);
  CHECK(judged(head() + wide_enough + false_decay, run).outcome == Outcome::contradicted);
  // also when only a statement it rests on is about gradient descent
  const std::string rests = head("test.rests") + "requires = [\"test.thm\"]\n" + wide_enough + false_decay;
  CHECK(judged(rests + trained + wide_enough + true_decay, run).outcome == Outcome::violated);
}

TEST_CASE("a statement with a probability is violated on this run, not contradicted") {
  ExampleRun run;
  run.claims.failure_probability = "0.25";
  const StatementReport report = judged(head("test.thm", "probability") + wide_enough + false_decay, run);
  CHECK(report.outcome == Outcome::violated);
  CHECK_THAT(report.summary, Contains("violated on this run, allowed with probability 0.25"));
  CHECK(judged(head("test.thm", "probability") + wide_enough + true_decay, run).outcome ==
        Outcome::confirmed);
}

TEST_CASE("enclosures that overlap leave a hypothesis or a conclusion undecided") {
  ExampleRun run;
  run.set("lambda_0", 0.1, 0.5);
  const StatementReport open = judged(head() + wide_enough + true_decay, run);
  CHECK(open.outcome == Outcome::undecided);
  CHECK_THAT(open.summary, Contains("hypothesis \"width\" is undecided") && Contains("overlap"));
  ExampleRun blurred;
  blurred.set("loss", 2, 0.5, 2.0);
  const StatementReport conclusion = judged(head() + wide_enough + true_decay, blurred);
  CHECK(conclusion.outcome == Outcome::undecided);
  CHECK_THAT(conclusion.summary, Contains("conclusion \"decay\" is undecided") && Contains("k = 2"));
}

TEST_CASE("a hypothesis that fails outranks one that is undecided, and a conclusion likewise") {
  ExampleRun run;
  run.set("lambda_0", 0.1, 0.5);
  const std::string hypotheses =
      "hypotheses = [{ id = \"a\", formula = \"m >= n^2/lambda_0^2\" }, { id = \"b\", formula = \"m >= "
      "1000\" }]\n";
  CHECK(judged(head() + hypotheses + true_decay, run).outcome == Outcome::vacuous);
  run.set("loss", 1, 3.0, 10.0);
  const std::string conclusions =
      "conclusions = [{ id = \"a\", formula = \"loss[k+1] <= loss[k]\" }, "
      "{ id = \"b\", formula = \"loss[3] <= 0.5\" }]\n";
  CHECK(judged(head() + wide_enough + conclusions).outcome == Outcome::contradicted);
  ExampleRun blurred;
  blurred.set("loss", 1, 3.0, 10.0);
  CHECK(judged(head() + wide_enough + conclusions, blurred).outcome == Outcome::contradicted);
}

TEST_CASE("an equality is undecided when the numbers are only enclosed") {
  ExampleRun run;
  run.set("lambda_0", std::nextafter(0.5, 0.0), std::nextafter(0.5, 1.0));
  const std::string tie = "conclusions = [{ id = \"tie\", formula = \"lambda_0 <= 1/2\" }]\n";
  CHECK(judged(head() + tie, run).outcome == Outcome::undecided);
  CHECK(judged(head() + tie).outcome == Outcome::confirmed);  // exactly 1/2
}

TEST_CASE("a run in another setting is not applicable and named") {
  ExampleRun run;
  run.facts.gradient_descent = Verdict::fails;
  run.facts.gradient_descent_text = "descent_residual[2] is above its rounding allowance";
  const std::string trained = head("test.thm", "deterministic", {{"training", "gradient descent"}});
  const StatementReport report = judged(trained + wide_enough + false_decay, run);
  CHECK(report.outcome == Outcome::not_applicable);
  CHECK_THAT(report.summary, Contains("descent_residual[2]"));
  CHECK(report.failed_assumptions.size() == 1);
  run.facts.gradient_descent = Verdict::undecided;
  CHECK(judged(trained + wide_enough + false_decay, run).outcome == Outcome::undecided);
  CHECK(judged(trained + wide_enough + true_decay, run).outcome == Outcome::undecided);
}

TEST_CASE("nothing is judged on a network the statement is not about") {
  const StatementReport report =
      judged(head("a", "deterministic", {{"network", "resnet"}}) + wide_enough + true_decay);
  CHECK(report.outcome == Outcome::not_applicable);
  CHECK(report.failed_assumptions == Texts{"network is fc, not resnet"});
  CHECK(report.findings.empty());
}

TEST_CASE("assumptions on the run's word are listed with the statement") {
  const StatementReport report =
      judged(head("a", "deterministic", {{"initialisation", "gaussian"}}) + wide_enough + true_decay);
  CHECK(report.outcome == Outcome::confirmed);
  CHECK(report.declared == Texts{"weights N(0,1) i.i.d. at step 0"});
}

TEST_CASE("a reconstructed statement is informative whatever is found") {
  const std::string reconstructed = head("test.thm", "deterministic", {}, "reconstructed");
  CHECK(judged(reconstructed + wide_enough + true_decay).outcome == Outcome::informative);
  CHECK(judged(reconstructed + wide_enough + false_decay).outcome == Outcome::informative);
  CHECK(judged(reconstructed + too_narrow + false_decay).outcome == Outcome::informative);
}

TEST_CASE("an outcome that rests on assumed constants says so") {
  const std::string constants = "constants = { C_m = \"in the width\" }\n";
  const std::string width = "hypotheses = [{ id = \"width\", formula = \"m >= C_m*n^2/lambda_0^2\" }]\n";
  ExampleRun run;
  const StatementReport confirmed = judged(head() + constants + width + true_decay, run);
  CHECK(confirmed.outcome == Outcome::confirmed);
  CHECK(confirmed.summary == "confirmed assuming C_m = 1");
  CHECK(confirmed.assuming == Constants{{"C_m", "1"}});

  run.claims.constants["C_m"] = "10";
  const StatementReport vacuous = judged(head() + constants + width + true_decay, run);
  CHECK(vacuous.outcome == Outcome::vacuous);
  CHECK(vacuous.assuming == Constants{{"C_m", "10"}});
  CHECK_THAT(vacuous.summary, Contains("needs m >= 640, has 500 (assuming C_m = 10)"));
}

TEST_CASE("a conclusion that holds under an assumed constant is confirmed under it only") {
  const StatementReport report =
      judged(head() + "constants = { C_r = \"in the rate\" }\n" + wide_enough +
             "conclusions = [{ id = \"rate\", formula = \"loss[k] <= C_r*loss[0]\", for = \"k >= 1\" }]\n");
  CHECK(report.outcome == Outcome::confirmed);
  CHECK(report.assuming == Constants{{"C_r", "1"}});
  CHECK(report.summary == "confirmed assuming C_r = 1");
}

TEST_CASE("a conclusion that fails under an assumed constant contradicts nothing") {
  const std::string constants = "constants = { C_m = \"in the width\" }\n";
  const std::string width = "hypotheses = [{ id = \"width\", formula = \"m >= C_m*n\" }]\n";
  const StatementReport report = judged(head() + constants + width + false_decay);
  CHECK(report.outcome == Outcome::violated);
  CHECK_THAT(report.summary,
             Contains("fails assuming C_m = 1: this value of the constant is too favourable"));
  const std::string rate =
      "conclusions = [{ id = \"rate\", formula = \"loss[k] <= C_m\", for = \"k >= 1\" }]\n";
  CHECK(judged(head() + constants + wide_enough + rate).outcome == Outcome::violated);
  const std::string either =
      "conclusions = [{ id = \"rate\", formula = \"loss[k] <= C_m\" }, "
      "{ id = \"sure\", formula = \"loss[k] <= 2\" }]\n";
  const StatementReport sure = judged(head() + constants + wide_enough + either);
  CHECK(sure.outcome == Outcome::contradicted);  // one conclusion fails whatever C_m is
  CHECK(sure.assuming.empty());
}

TEST_CASE("a hypothesis that fails whatever the constants are makes the outcome free of them") {
  const std::string toml = head() + "constants = { C_m = \"in the width\" }\n" +
                           "hypotheses = [{ id = \"a\", formula = \"m >= C_m*n^9\" }, "
                           "{ id = \"b\", formula = \"m >= 1000\" }]\n" +
                           true_decay;
  const StatementReport report = judged(toml);
  CHECK(report.outcome == Outcome::vacuous);
  CHECK(report.assuming.empty());
  CHECK(finding(report, "a").assuming == Constants{{"C_m", "1"}});
}

TEST_CASE("definitions are evaluated in order, at every k if they use it, and carry their constants along") {
  const std::string toml = head() + R"toml(constants = { C_r = "in the radius" }
let = [["radius", "C_r*sqrt(n)"], ["twice", "2*radius"], ["bound", "twice*k + 1"]]
conclusions = [{ id = "drift", formula = "drift_fro[k,h] <= bound" }]
)toml";
  const StatementReport report = judged(toml);
  const Finding& drift = finding(report, "drift");
  CHECK(drift.assuming == Constants{{"C_r", "1"}});
  CHECK(drift.verdict == Verdict::holds);  // k·h <= 4k + 1
  REQUIRE(drift.instances.size() == 12);
  CHECK(drift.instances.back().right.contains(13.0));
  REQUIRE(report.definitions.size() == 2);
  CHECK(report.definitions[1].first == "twice");
  CHECK(report.definitions[1].second.contains(4.0));
  REQUIRE(report.definition_formulas.size() == 2);
  CHECK(report.definition_formulas[1] == std::pair<std::string, std::string>{"twice", "2*radius"});
}

TEST_CASE("weak numbers reach a verdict through definitions too, and then decide nothing") {
  ExampleRun run;
  run.set("gram_to_population", 1.0, 1.0, Evidence::measured);
  const std::string toml = head() +
                           "let = [[\"twice\", \"2*gram_to_population\"]]\nconclusions = [{ id = \"c\", "
                           "formula = \"twice <= 100\" }]\n";
  const StatementReport report = judged(toml, run);
  CHECK(report.outcome == Outcome::undecided);
  CHECK(finding(report, "c").evidence == Evidence::measured);
  CHECK_THAT(finding(report, "c").reason, Contains("gram_to_population is only measured"));
  run.set("gram_to_population", 1.0, 1.0, Evidence::statistical);
  CHECK(judged(toml, run).outcome == Outcome::confirmed);
}

TEST_CASE("divergence, an overflow of floating point, contradicts no statement") {
  ExampleRun run;
  run.diverged_at = 9;
  const StatementReport report = judged(head() + wide_enough + true_decay, run);
  CHECK(report.outcome == Outcome::undecided);
  const Finding& decay = finding(report, "decay");
  CHECK(decay.verdict == Verdict::undecided);
  CHECK(decay.instances.back().step == 9);
  CHECK_THAT(decay.reason, Contains("the run diverged at step 9"));
  CHECK(finding(report, "width").verdict == Verdict::holds);
  const std::string scalar = "conclusions = [{ id = \"c\", formula = \"loss[1] <= loss[0]\" }]\n";
  CHECK(judged(head() + scalar, run).outcome == Outcome::confirmed);
  const std::string early =
      "conclusions = [{ id = \"c\", formula = \"loss[k] <= 100\", for = \"k <= 3\" }]\n";
  CHECK(judged(head() + early, run).outcome == Outcome::confirmed);
  const std::string layers =
      "conclusions = [{ id = \"c\", formula = \"drift_fro[k,h] <= 100\", for = \"h >= 2\" }]\n";
  CHECK(judged(head() + layers, run).outcome == Outcome::undecided);
  CHECK(judged(head() + wide_enough + false_decay, run).outcome == Outcome::contradicted);  // at k = 0
}

TEST_CASE("a lemma inherits the hypotheses and the setting of the statements it requires") {
  const std::string lemma = head("lemma") + "requires = [\"base\"]\n" + true_decay;
  const StatementReport vacuous = judged(lemma + head("base") + too_narrow + true_decay);
  CHECK(vacuous.outcome == Outcome::vacuous);
  CHECK(finding(vacuous, "base: width").verdict == Verdict::fails);
  CHECK(judged(lemma + head("base") + wide_enough + false_decay).outcome == Outcome::confirmed);
  const StatementReport other =
      judged(lemma + head("base", "deterministic", {{"activation", "relu"}}) + wide_enough + true_decay);
  CHECK(other.outcome == Outcome::not_applicable);
  CHECK_THROWS_AS(judged(lemma), InputError);
}

TEST_CASE("a printed claim known to be false is shown and never held against the statement") {
  const auto with = [](const std::string& claim) {
    return judged(head() + wide_enough +
                  "conclusions = [{ id = \"decay\", formula = \"loss[k+1] <= loss[k]\" }, " +
                  "{ id = \"printed\", formula = \"" + claim + "\", known_false = true }]\n");
  };
  const StatementReport fails = with("loss[k] <= 1");
  CHECK(fails.outcome == Outcome::undecided);
  CHECK_THAT(fails.summary, Contains("\"printed\", known to be wrong as printed, fails at k = 0"));
  CHECK(finding(fails, "printed").verdict == Verdict::fails);
  CHECK(finding(fails, "printed").known_false);
  CHECK(with("drift_fro[7,1] <= 1").outcome == Outcome::undecided);  // not measured
  CHECK(with("loss[k] <= 100").outcome == Outcome::confirmed);
  const std::string both_fail =
      "conclusions = [{ id = \"decay\", formula = \"loss[k] <= 1\" }, "
      "{ id = \"printed\", formula = \"loss[k] <= 1\", known_false = true }]\n";
  CHECK(judged(head() + wide_enough + both_fail).outcome == Outcome::contradicted);
}

TEST_CASE("growth of the width is read off the hypotheses") {
  const StatementReport report = judged(head() + too_narrow + true_decay);
  REQUIRE(report.growth.contains("m in n"));
  CHECK_THAT(report.growth.at("m in n"), Contains("n^4") && Contains("polynomial"));
  CHECK_FALSE(report.growth.contains("m in H"));
}

TEST_CASE("a statement without a conclusion confirms nothing") {
  std::vector<Theorem> all = statements(head() + wide_enough + true_decay);
  all.front().conclusions.clear();
  const ExampleRun run;
  CHECK(judge(all.front(), run.judged(), all).outcome == Outcome::undecided);
}

TEST_CASE("every statement of the library is judged on every kind of network, with a reason") {
  const std::vector<Theorem> all = load_theorems();
  REQUIRE_FALSE(all.empty());
  for (const char* network : {"fc", "resnet", "two_layer_relu", "other"}) {
    ExampleRun run;
    run.facts.network = network;
    run.facts.activation = std::string(network) == "two_layer_relu" ? "relu" : "softplus";
    run.facts.smooth = run.facts.analytic = run.facts.activation != "relu";
    for (const Theorem& theorem : all) {
      INFO(theorem.id << " on " << network);
      const StatementReport report = judge(theorem, run.judged(), all);
      CHECK_FALSE(report.summary.empty());
      // The numbers of this run are made up: nothing is confirmed without assuming a constant.
      CHECK((report.outcome != Outcome::confirmed || !report.assuming.empty()));
      CHECK(report.outcome != Outcome::contradicted);
      const std::string required = theorem.setting.at("network");
      const bool applies = required == "any" || required == network;
      CHECK(report.findings.empty() != applies);
      if (!applies && theorem.provenance != Provenance::reconstructed) {
        CHECK(report.outcome == Outcome::not_applicable);
      }
    }
  }
}

TEST_CASE("a judged run has its statements, gates and declarations") {
  ExampleRun run;
  run.diverged_at = 9;
  const std::map<std::string, std::string> gaussian = {{"initialisation", "gaussian"}};
  const auto all = statements(head("a", "deterministic", gaussian) + wide_enough + true_decay +
                              head("b", "deterministic", gaussian) + too_narrow + true_decay +
                              head("c", "deterministic", {{"network", "resnet"}}) + true_decay);
  const RunReport report = judge_run(run.judged(), all);
  REQUIRE(report.statements.size() == 2);
  CHECK(report.statements[0].outcome == Outcome::undecided);
  CHECK(report.statements[1].outcome == Outcome::vacuous);
  CHECK(report.gates.size() == 2);
  CHECK(report.declared == Texts{"weights N(0,1) i.i.d. at step 0"});
  CHECK(report.diverged_at == 9);
  CHECK(report.measurements.has_name("loss"));
}

}  // namespace overproof
