#include "verify/outcome.h"

#include "tests/catch.h"

namespace overproof {
namespace {

RunReport run_with(const std::vector<Verdict>& gates) {
  RunReport run;
  for (const Verdict verdict : gates) {
    GateReport gate;
    gate.verdict = verdict;
    run.gates.push_back(gate);
  }
  return run;
}

RunReport diverged(RunReport run) {
  run.diverged_at = 7;
  return run;
}

int exit_code(std::vector<RunReport> runs) {
  Report report;
  report.runs = std::move(runs);
  return report.exit_code();
}

constexpr Verdict holds = Verdict::holds, fails = Verdict::fails, undecided = Verdict::undecided;

}  // namespace

TEST_CASE("the exit code is 0 only when every gate of every run holds") {
  CHECK(exit_code({run_with({holds})}) == 0);
  CHECK(exit_code({run_with({holds, holds}), run_with({holds})}) == 0);
  CHECK(exit_code({run_with({holds, fails})}) == 1);
  CHECK(exit_code({run_with({holds, undecided})}) == 3);
}

TEST_CASE("nothing checked is not a success") {
  CHECK(exit_code({}) == 2);
  CHECK(exit_code({run_with({})}) == 2);
  CHECK(exit_code({run_with({holds}), run_with({})}) == 2);
}

TEST_CASE("a failure outranks everything, a run without a gate outranks an undecided one") {
  CHECK(exit_code({run_with({undecided, fails})}) == 1);
  CHECK(exit_code({run_with({undecided}), run_with({fails})}) == 1);
  CHECK(exit_code({run_with({}), run_with({fails})}) == 1);
  CHECK(exit_code({run_with({}), run_with({undecided})}) == 2);
}

TEST_CASE("a run that diverged is a failure even when its gates hold or are missing") {
  CHECK(exit_code({diverged(run_with({holds}))}) == 1);
  CHECK(exit_code({diverged(run_with({}))}) == 1);
  CHECK(exit_code({run_with({holds}), diverged(run_with({undecided}))}) == 1);
}

TEST_CASE("every outcome has its own text") {
  CHECK(to_text(Outcome::confirmed) == "confirmed");
  CHECK(to_text(Outcome::vacuous) == "vacuous");
  CHECK(to_text(Outcome::contradicted) == "contradicted");
  CHECK(to_text(Outcome::violated) == "violated");
  CHECK(to_text(Outcome::undecided) == "undecided");
  CHECK(to_text(Outcome::not_applicable) == "not applicable");
  CHECK(to_text(Outcome::informative) == "informative");
}

}  // namespace overproof
