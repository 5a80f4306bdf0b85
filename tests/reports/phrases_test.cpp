#include "reports/phrases.h"

#include <limits>

#include "tests/catch.h"
#include "tests/reports/sample.h"

using namespace overproof;

TEST_CASE("a sufficient bound is rounded to the side on which it suffices") {
  const Interval third = Interval::rational(1, 3);
  CHECK(sufficient({"m", ">=", third, ""}, 3) == "m ≥ 0.334");
  CHECK(sufficient({"C_m", "<=", third, ""}, 3) == "C_m ≤ 0.333");
  CHECK(sufficient({"m", ">=", Interval::between(10, 20), ""}, 3) == "m ≥ 20");
  CHECK(sufficient({"C_m", "<=", Interval::between(10, 20), ""}, 3) == "C_m ≤ 10");
}

TEST_CASE("a bound that is not finite or not positive promises nothing") {
  CHECK_FALSE(sufficient({"m", ">=", Interval::nan(), ""}, 3));
  CHECK_FALSE(sufficient({"m", ">=", Interval::entire(), ""}, 3));
  CHECK_FALSE(sufficient({"C_m", "<=", Interval::between(-1, 1), ""}, 3));
  const Finding fails{.verdict = Verdict::fails};
  CHECK(solved_text({"m", ">=", Interval::nan(), "5"}, fails) ==
        "no value of m is known with which it holds (in use: 5)");
}

TEST_CASE("an implied constant is worded in line with the verdict") {
  Finding finding{.verdict = Verdict::fails, .assuming = {{"C_m", "1"}}};
  CHECK(solved_text({"m", ">=", Interval::integer(90), "5"}, finding) == "needs m ≥ 90, has 5");
  CHECK(solved_text({"C_m", "<=", Interval::exact(0.5), "1"}, finding) ==
        "C_m ≤ 0.5 would make it hold (in use: 1)");
  finding.verdict = Verdict::holds;
  CHECK(solved_text({"C_m", "<=", Interval::exact(2), "1"}, finding) ==
        "holds for every C_m ≤ 2 (in use: 1)");
}

TEST_CASE("a margin is rounded down and names its unit") {
  CHECK(margin_text({2.34567}) == "+2.34 decades");
  CHECK(margin_text({-2.34567}) == "-2.35 decades");
  CHECK(margin_text({0.01019, true}) == "+0.0101 absolute");
  CHECK(margin_text({0.0, true}) == "0 absolute");
  CHECK(margin_text({std::numeric_limits<double>::quiet_NaN()}) == "unknown");
  CHECK(margin_text({std::numeric_limits<double>::infinity()}) == "+inf decades");
}

TEST_CASE("an outcome is never named without what it assumes") {
  CHECK(with_assumptions("vacuous", {}) == "vacuous");
  CHECK(with_assumptions("vacuous", {{"C_m", "1"}, {"C_eta", "1/2"}}) ==
        "vacuous, assuming C_eta = 1/2, C_m = 1");
}

TEST_CASE("the instance shown is the worst, and an index that points nowhere is no crash") {
  Finding finding;
  CHECK(shown_instance(finding) == nullptr);
  finding.instances = {{.step = 1, .verdict = Verdict::holds}, {.step = 2, .verdict = Verdict::fails}};
  CHECK(shown_instance(finding)->step == 2);
  finding.worst = 0;
  CHECK(shown_instance(finding)->step == 1);
  finding.worst = 2;
  CHECK(shown_instance(finding)->step == 2);
}

TEST_CASE("places are counted and the first that fails is named") {
  Finding finding;
  CHECK(places_text(finding) == "judged at no place");
  finding.instances = {{.verdict = Verdict::holds}};
  CHECK(places_text(finding) == "judged at 1 place: 1 holds");
  finding.instances = {{.step = 1, .verdict = Verdict::holds},
                       {.step = 2, .layer = 3, .verdict = Verdict::fails},
                       {.step = 5, .verdict = Verdict::fails},
                       {.step = 6, .verdict = Verdict::undecided, .reason = "nan"}};
  CHECK(places_text(finding) ==
        "judged at 4 places: 1 holds, 2 fail, 1 undecided; fails first at k = 2, h = 3; undecided first at k "
        "= 6 (nan)");
}

TEST_CASE("the gap of a vacuous statement is the run's own number, not a hidden constant") {
  StatementReport statement{.outcome = Outcome::vacuous};
  Finding width{.id = "width", .hypothesis = true, .verdict = Verdict::fails, .assuming = {{"C_m", "1"}}};
  width.margin = Margin{-3.5};
  statement.findings = {width};
  CHECK(gap(statement) == std::vector<std::string>{"width: -3.5 decades"});
  statement.findings[0].solved = {{"C_m", "<=", Interval::exact(0.5), "1"}};
  CHECK(gap(statement) == std::vector<std::string>{"needs C_m ≤ 0.5, has 1", "needs C_m ≤ 0.5"});
  statement.findings[0].solved.push_back({"m", ">=", Interval::integer(900), "5"});
  CHECK(gap(statement) == std::vector<std::string>{"needs m ≥ 900, has 5", "needs m ≥ 900"});
}

TEST_CASE("a printed claim known to be wrong is never the gap") {
  StatementReport statement{.outcome = Outcome::violated};
  statement.findings = {{.id = "printed", .known_false = true, .verdict = Verdict::fails},
                        {.id = "repaired", .verdict = Verdict::fails}};
  CHECK(gap(statement).front() == "repaired fails");
}

TEST_CASE("the headline says what the exit code means") {
  Report report;
  CHECK(headline_word(report) == "nothing checked");
  CHECK(headline_sentence(report) == "there was no run to judge; 0 runs, 0 gates");
  report.runs = {{.name = "a", .gates = {{.verdict = Verdict::holds}}}};
  CHECK(headline_word(report) == "passed");
  CHECK(headline_sentence(report) == "every gate holds; 1 run, 1 gate: 1 holds");
  report.runs[0].gates.push_back({.verdict = Verdict::undecided});
  CHECK(headline_word(report) == "undecided");
  report.runs[0].diverged_at = 7;
  CHECK(headline_word(report) == "failed");
  CHECK(headline_sentence(report) ==
        "a run diverged; 1 run, 2 gates: 1 holds, 1 undecided; run a diverged at step 7");
  report.runs[0].gates.push_back({.verdict = Verdict::fails});
  CHECK(headline_sentence(report).starts_with("a gate fails; 1 run, 3 gates: 1 holds, 1 fails, 1 undecided"));
}

TEST_CASE("the gap of a confirmed statement is its least margin, ratios before differences, nan before all") {
  StatementReport statement{.outcome = Outcome::confirmed};
  const auto add = [&](Margin margin) {
    statement.findings.push_back({.verdict = Verdict::holds});
    statement.findings.back().margin = margin;
    return gap(statement).back();
  };
  CHECK(add({0.001, true}) == "+0.001 absolute");
  CHECK(add({2.5}) == "+2.5 decades");
  CHECK(add({1.5}) == "+1.5 decades");
  CHECK(add({3.5}) == "+1.5 decades");
  CHECK(add({std::numeric_limits<double>::quiet_NaN()}) == "unknown");
  CHECK(add({0.5}) == "unknown");
}
