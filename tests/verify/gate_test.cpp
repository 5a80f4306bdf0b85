#include "verify/gate.h"

#include "tests/catch.h"
#include "tests/verify/example_run.h"

namespace overproof {
namespace {

using Catch::Matchers::Contains;

StatementReport statement(const std::string& id, Outcome outcome) {
  StatementReport report;
  report.id = id;
  report.outcome = outcome;
  report.summary = "found by hand";
  report.constants["C_m"] = "in the width";
  return report;
}

const std::vector<StatementReport>& two_statements() {
  static const std::vector<StatementReport> all = {statement("du2019.fc.thm5.1", Outcome::vacuous),
                                                   statement("du2019.fc.lemB.2", Outcome::confirmed)};
  return all;
}

GateReport gate(const std::string& text, ExampleRun run = {},
                const std::vector<StatementReport>& statements = two_statements()) {
  run.claims.gates = {text};
  const auto gates = judge_gates(run.judged(), statements);
  REQUIRE(gates.size() == (text == "records agree" ? 1 : 2));
  return gates.front();
}

}  // namespace

TEST_CASE("a gate over measurements holds, fails or is undecided like its formula") {
  const GateReport holds = gate("loss[k+1] <= loss[k]");
  CHECK(holds.verdict == Verdict::holds);
  CHECK(holds.text == "loss[k+1] <= loss[k]");
  REQUIRE(holds.finding);
  CHECK(holds.finding->instances.size() == 3);
  CHECK(gate("loss[3] < loss[0]*(1 - eta*lambda_0)^3").verdict == Verdict::holds);
  CHECK(gate("loss[k+1] <= loss[k]/4").verdict == Verdict::fails);
  CHECK(gate("drift_fro[k,h] <= k*h").verdict == Verdict::holds);
  CHECK(gate("m >= n").verdict == Verdict::holds);
  CHECK(gate("failure_probability < 1/5").verdict == Verdict::holds);
}

TEST_CASE("one planted violation turns a gate red, one blurred number leaves it undecided") {
  ExampleRun planted;
  planted.set("loss", 2, 4.0000001, 4.0000001);
  CHECK(gate("loss[k+1] <= loss[k]", planted).verdict == Verdict::fails);
  CHECK(gate("loss[k+1] <= loss[k]", planted).finding->instances.at(1).verdict == Verdict::fails);
  CHECK(gate("loss[k+1] <= loss[k]", planted).finding->instances.at(0).verdict == Verdict::holds);
  ExampleRun blurred;
  blurred.set("loss", 2, 1.5, 4.5);
  CHECK(gate("loss[k+1] <= loss[k]", blurred).verdict == Verdict::undecided);
  CHECK_FALSE(gate("loss[k+1] <= loss[k]", blurred).reason.empty());
  ExampleRun guessed;
  guessed.set("loss", 2, 2.0, 2.0, Evidence::measured);
  CHECK(gate("loss[k+1] <= loss[k]", guessed).verdict == Verdict::undecided);
}

TEST_CASE("not contradicted holds for every outcome but contradicted") {
  for (const Outcome outcome : {Outcome::confirmed, Outcome::vacuous, Outcome::violated, Outcome::undecided,
                                Outcome::not_applicable, Outcome::informative}) {
    const GateReport report = gate("not contradicted: a.b", {}, {statement("a.b", outcome)});
    CHECK(report.verdict == Verdict::holds);
    CHECK_THAT(report.reason, Contains("a.b is " + std::string(to_text(outcome))));
  }
  const GateReport red = gate("not contradicted: a.b", {}, {statement("a.b", Outcome::contradicted)});
  CHECK(red.verdict == Verdict::fails);
  CHECK_THAT(red.reason, Contains("a.b is contradicted") && Contains("found by hand"));
}

TEST_CASE("a prefix with a star covers all its statements and no others") {
  const std::vector<StatementReport> all = {statement("du2019.fc.thm5.1", Outcome::vacuous),
                                            statement("du2019.res.thm6.1", Outcome::contradicted),
                                            statement("oymak.thm2.1", Outcome::confirmed)};
  CHECK(gate("not contradicted: du2019.fc.*", {}, all).verdict == Verdict::holds);
  CHECK(gate("not contradicted: du2019.*", {}, all).verdict == Verdict::fails);
  CHECK(gate("not contradicted:*", {}, all).verdict == Verdict::fails);
  CHECK(gate("  not contradicted :  oymak*  ", {}, all).verdict == Verdict::holds);
  CHECK_THAT(gate("not contradicted: *", {}, two_statements()).reason,
             Contains("2 statements: 1 confirmed, 1 vacuous"));
}

TEST_CASE("records agree is the verdict of the measuring") {
  for (const Verdict verdict : {Verdict::holds, Verdict::fails, Verdict::undecided}) {
    ExampleRun run;
    run.records = verdict;
    CHECK(gate("records agree", run).verdict == verdict);
    CHECK(gate("records agree", run).reason == "made by hand");
  }
}

TEST_CASE("records agree is in force whether listed or not, where anything is recorded") {
  ExampleRun run;
  run.records = Verdict::fails;
  run.claims.gates = {"loss[k+1] <= loss[k]"};
  const auto gates = judge_gates(run.judged(), two_statements());
  REQUIRE(gates.size() == 2);
  CHECK(gates[1].text == "records agree");
  CHECK(gates[1].verdict == Verdict::fails);
  run.records = std::nullopt;
  CHECK(judge_gates(run.judged(), two_statements()).size() == 1);
  CHECK(gate("records agree", run).verdict == Verdict::undecided);
  CHECK(gate("records agree", run).reason == "no loss is recorded");
}

TEST_CASE("a gate over k is undecided for a run whose training was interrupted, unless it fails") {
  ExampleRun run;
  run.interrupted_at = 3;
  CHECK(gate("records agree", run).verdict == Verdict::undecided);
  CHECK(gate("not contradicted: *", run).verdict == Verdict::undecided);
  CHECK(gate("not contradicted: *", run).reason == "training was interrupted after step 3");
  const GateReport open = gate("loss[k+1] <= loss[k]", run);
  CHECK(open.verdict == Verdict::undecided);
  CHECK_THAT(open.reason, Contains("k = 3: training was interrupted there"));
  CHECK(gate("loss[k+1] <= loss[k]/4", run).verdict == Verdict::fails);
  CHECK(gate("loss[3] < loss[0]", run).verdict == Verdict::holds);
  CHECK(gate("m >= n", run).verdict == Verdict::holds);
  CHECK(gate("loss[7] < loss[0]", run).verdict == Verdict::undecided);
  CHECK_THAT(gate("loss[7] < loss[0]", run).reason, Contains("training was interrupted after step 3"));
}

TEST_CASE("claims without gates have two") {
  const ExampleRun run;
  const auto gates = judge_gates(run.judged(), two_statements());
  REQUIRE(gates.size() == 2);
  CHECK(gates[0].text == "not contradicted: *");
  CHECK(gates[0].verdict == Verdict::holds);
  CHECK(gates[1].text == "records agree");
  CHECK(gates[1].verdict == Verdict::holds);
  const auto red = judge_gates(run.judged(), {statement("a", Outcome::contradicted)});
  CHECK(red[0].verdict == Verdict::fails);
  const auto nothing = judge_gates(run.judged(), {});
  REQUIRE(nothing.size() == 2);
  CHECK(nothing[0].verdict == Verdict::undecided);  // no statement is no success
}

TEST_CASE("a gate that matches nothing is bad input, with the nearest name") {
  const auto refused = [](const std::string& text, const std::string& part) {
    INFO(text);
    CHECK_THROWS_AS(gate(text), InputError);
    CHECK_THROWS_WITH(gate(text), Contains("gate \"" + text + "\": ") && Contains(part));
  };
  refused("losss[k] <= 1", "did you mean \"loss\"");
  refused("drift_frob[k,h] <= 1", "did you mean \"drift_fro\"");
  refused("loss[17] <= 1", "loss[17] was not measured; 4 steps were recorded, 0 to 3");
  refused("loss[k+10] <= 1", "was not measured");
  refused("drift_fro[0,7] <= 1", "drift_fro[0,7] was not measured");
  refused("drift_fro[k] <= 1", "was not measured");
  refused("m >= C_m*n", "C_m is a hidden constant");
  refused("not contradicted: du2019.fc.thm5", "did you mean \"du2019.fc.thm5.1\"");
  refused("not contradicted: du2018.*", "did you mean \"du2019.*\"");
  refused("not contradicted", "not contradicted: ID");
  refused("not contradicted:", "not contradicted: ID");
  refused("certifid", "a comparison");
  refused("loss[k]", "a comparison");
  refused("loss[k] <=", "column");
  refused("", "");
}

TEST_CASE("a run that diverged fails its gates over the steps, and those it never reached") {
  ExampleRun run;
  run.diverged_at = 5;
  const GateReport series = gate("loss[k] <= 100", run);
  CHECK(series.verdict == Verdict::fails);
  CHECK(series.finding->instances.back().step == 5);
  CHECK_THAT(series.reason, Contains("the run diverged at step 5"));
  const GateReport late = gate("loss[100] <= 1", run);
  CHECK(late.verdict == Verdict::fails);
  CHECK_THAT(late.reason, Contains("loss[100] was not measured: the run diverged at step 5"));
  CHECK(gate("loss[1] <= loss[0]", run).verdict == Verdict::holds);
  CHECK(gate("m >= n", run).verdict == Verdict::holds);
  CHECK_THROWS_AS(gate("lambda_00 <= 1", run), InputError);  // no divergence explains this
}

TEST_CASE("a red gate makes the exit code 1, an undecided one 3") {
  const auto exit_code = [](const std::string& text) {
    Report report;
    report.runs.resize(1);
    report.runs[0].gates = {gate(text)};
    return report.exit_code();
  };
  CHECK(exit_code("loss[k+1] <= loss[k]") == 0);
  CHECK(exit_code("loss[k+1] <= loss[k]/4") == 1);
  ExampleRun run;
  run.records = Verdict::undecided;
  Report report;
  report.runs.resize(1);
  report.runs[0].gates = {gate("records agree", run)};
  CHECK(report.exit_code() == 3);
}

TEST_CASE("certified holds with a certificate and is undecided without, interrupted training or not") {
  ExampleRun run;
  JudgedRun judged = run.judged();
  judged.claims.gates = {"certified", "records agree"};
  judged.interrupted_at = 3;
  CHECK(judge_gates(judged, {}).front().verdict == Verdict::undecided);
  judged.certificate = Certificate{};
  CHECK(judge_gates(judged, {}).front().verdict == Verdict::undecided);
  judged.certificate->proof.obstacle = Obstacle::none;
  CHECK(judge_gates(judged, {}).front().verdict == Verdict::holds);
}

}  // namespace overproof
