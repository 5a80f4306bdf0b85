#include "verify/finding.h"

#include <cmath>

#include "tests/catch.h"
#include "tests/verify/example_run.h"

namespace overproof {
namespace {

using Catch::Matchers::Contains;

/// A statement with hidden constants C_m and C_r and the given definitions.
Theorem surroundings(const std::vector<std::pair<std::string, std::string>>& definitions = {}) {
  Theorem theorem;
  theorem.constants = {{"C_m", "in the width"}, {"C_r", "in the rate"}};
  for (const auto& [name, text] : definitions) theorem.definitions.emplace_back(name, Formula::parse(text));
  return theorem;
}

Inequality inequality(const std::string& formula, const std::string& condition = "") {
  Inequality one{"it", Formula::parse(formula), std::nullopt, "", false};
  if (!condition.empty()) one.condition = Formula::parse(condition);
  return one;
}

Finding found(const std::string& formula, const ExampleRun& run = {}, const std::string& condition = "",
              Role role = Role::conclusion, const Theorem& theorem = surroundings()) {
  const JudgedRun judged = run.judged();
  return judge_inequality(inequality(formula, condition), role, Evaluation(judged, theorem));
}

Interval ball(double low, double high) { return Interval::between(low, high); }

}  // namespace

TEST_CASE(
    "an inequality without k is judged once, one with k at every recorded step, one with h at every layer") {
  CHECK(found("loss[3] <= loss[0]").instances.size() == 1);
  CHECK_FALSE(found("loss[3] <= loss[0]").instances[0].step);
  CHECK(found("loss[k] <= loss[0]").instances.size() == 4);
  CHECK(found("drift_fro[3,h] <= 9").instances.size() == 3);     // the output weights have a drift
  CHECK(found("feature_norm[0,h] <= 9").instances.size() == 2);  // but no features
  CHECK(found("drift_fro[k,h] <= 9").instances.size() == 12);
  CHECK(found("loss[0] >= h").instances.size() == 3);
  // A place is left out for want of a measurement only, not because other layers are looked at there.
  CHECK(found("drift_fro[3,H + 2 - h] >= 4").instances.size() == 3);
  CHECK(found("drift_fro[3,H + 2 - h] >= 4").verdict == Verdict::fails);
  CHECK(found("drift_fro[3,H + 2 - h] >= 4", {}, "", Role::hypothesis).verdict == Verdict::fails);
  CHECK(found("drift_fro[3,max(h - 1, 1)] <= 5").verdict == Verdict::fails);
  const Finding pairs = found("drift_fro[k,h] <= 9");
  CHECK(pairs.instances.front().step == 0);
  CHECK(pairs.instances.front().layer == 1);
  CHECK(pairs.instances.back().step == 3);
  CHECK(pairs.instances.back().layer == 3);
}

TEST_CASE("a condition restricts the places, and one that nothing meets leaves the verdict undecided") {
  CHECK(found("loss[k] <= 4").verdict == Verdict::fails);
  CHECK(found("loss[k] <= 4", {}, "k >= 1").verdict == Verdict::holds);
  CHECK(found("loss[k] <= 4", {}, "k >= 1").instances.size() == 3);
  CHECK(found("drift_fro[k,h] <= 6", {}, "h <= 2").instances.size() == 8);
  const Finding none = found("loss[k] <= 4", {}, "k >= 100");
  CHECK(none.verdict == Verdict::undecided);
  CHECK(none.instances.empty());
  CHECK_THAT(none.reason, Contains("no recorded place meets k >= 100"));
}

TEST_CASE("a place whose condition is undecided is undecided") {
  ExampleRun run;
  run.set("threshold", 3.0, 5.0);
  const Finding finding = found("loss[k] <= 4", run, "loss[k] <= threshold");
  CHECK(finding.verdict == Verdict::undecided);  // loss[1] = 4 may lie in the domain, loss[0] = 8 does not
  CHECK(finding.instances.size() == 3);
  CHECK_THAT(finding.reason, Contains("k = 1") && Contains("whether loss[k] <= threshold is undecided"));
  run.set("threshold", 4.5, 4.5, Evidence::measured);
  CHECK(found("loss[k] <= 4", run, "loss[k] <= threshold").verdict == Verdict::undecided);
  const Finding without = found("loss[k] <= 4", run, "loss[k] <= unheard_of");
  CHECK(without.verdict == Verdict::undecided);
  CHECK(without.instances.size() == 4);
  CHECK_THAT(without.reason, Contains("whether loss[k] <= unheard_of is undecided"));
}

TEST_CASE("a weak number cannot take a place out of the domain") {
  ExampleRun run;
  for (const long k : run.measurements.steps) run.set("limit", k, 5.0, 5.0);
  CHECK(found("loss[k] <= 4", run, "loss[k] <= limit[k]").verdict == Verdict::holds);  // k = 0 is outside
  run.set("limit", 0, 5.0, 5.0, Evidence::measured);
  CHECK(found("loss[k] <= 4", run, "loss[k] <= limit[k]").verdict == Verdict::undecided);
}

TEST_CASE("places without a measurement are left out, and without any the reason says what is missing") {
  const Finding steps = found("loss[k+1] <= loss[k]");  // loss[4] was not recorded
  CHECK(steps.verdict == Verdict::holds);
  CHECK(steps.instances.size() == 3);
  CHECK(found("loss[k/2] <= 8").instances.size() == 2);  // at k = 1 and 3 there is no such step
  const Finding nothing = found("grad_norm[k] <= 1");
  CHECK(nothing.verdict == Verdict::undecided);
  CHECK(nothing.instances.empty());
  CHECK(nothing.reason == "grad_norm[0] was not measured");
  CHECK(found("gram_to_population <= 1").reason == "gram_to_population was not measured");
  CHECK(found("near_boundary(1) <= 1").reason == "near_boundary was not measured");
  CHECK(found("loss[k] <= 100*loss[17]").reason == "loss[17] was not measured");
}

TEST_CASE("a NaN is never below or above anything") {
  ExampleRun run;
  run.set("loss", 2, std::nan(""), std::nan(""));
  for (const char* formula :
       {"loss[k] <= 100", "loss[k] >= 0", "loss[k] < 0", "0*loss[k] <= 1", "max(loss[k], 1) > 0"}) {
    INFO(formula);
    const Finding finding = found(formula, run);
    CHECK(finding.verdict != Verdict::holds);
    CHECK(finding.instances[2].verdict == Verdict::undecided);
    CHECK(finding.instances[2].reason == "loss[2] is not a number");
  }
  CHECK(found("loss[k] <= 100", run).worst == 2);
  CHECK_FALSE(found("loss[k] <= 100", run).margin);
  CHECK(found("log(loss[0] - 9) <= 1").reason == "a side is not a number");
  run.symbols["beta"] = Interval::nan();
  CHECK(found("beta <= 1", run).reason == "beta is not a number");
}

TEST_CASE("a number of less than statistical evidence decides nothing") {
  for (const Evidence weak : {Evidence::measured, Evidence::declared}) {
    ExampleRun run;
    run.set("loss", 2, 2.0, 2.0, weak);
    const Finding finding = found("loss[k] <= 100", run);
    CHECK(finding.verdict == Verdict::undecided);
    CHECK(finding.evidence == weak);
    CHECK(finding.instances[1].verdict == Verdict::holds);
    CHECK_THAT(finding.reason, Contains("k = 2: loss[2] is only " + std::string(to_text(weak))));
    CHECK(found("loss[k] <= 1", run).verdict == Verdict::fails);  // other steps fail by enclosures
    CHECK(found("loss[2] <= 1", run).verdict == Verdict::undecided);
  }
  for (const Evidence strong : {Evidence::proved, Evidence::enclosed, Evidence::statistical}) {
    ExampleRun run;
    run.set("loss", 2, 2.0, 2.0, strong);
    CHECK(found("loss[2] <= 100", run).verdict == Verdict::holds);
    CHECK(found("loss[2] <= 100", run).evidence == strong);
    CHECK(found("loss[2] <= 1", run).verdict == Verdict::fails);
  }
  CHECK(found("n <= m").evidence == Evidence::proved);
}

TEST_CASE("a measured function is enclosed and gets its argument") {
  ExampleRun run;
  run.call = [](const std::string& name, const std::vector<Interval>& arguments) -> std::optional<Interval> {
    if (name != "near_boundary") return std::nullopt;
    return arguments.at(0) * Interval::integer(10);
  };
  const Finding finding = found("near_boundary(lambda_0) <= 5", run);
  CHECK(finding.verdict == Verdict::holds);
  CHECK(finding.evidence == Evidence::enclosed);
  CHECK(found("near_boundary(lambda_0) < 5", run).verdict == Verdict::fails);
  CHECK(found("near_boundary(1/2) <= 5", run).evidence == Evidence::enclosed);
}

TEST_CASE("the margin is the logarithm of the ratio between positive sides, else the difference") {
  const auto margin = [](const Interval& left, const Interval& right, std::string_view relation) {
    const auto found = margin_of(left, right, relation, Verdict::undecided);
    REQUIRE(found);
    return *found;
  };
  const Interval one = Interval::integer(1), thousand = Interval::integer(1000), zero = Interval::integer(0);
  CHECK(margin(one, thousand, "<=").value == Approx(3.0));
  CHECK_FALSE(margin(one, thousand, "<=").absolute);
  CHECK(margin(thousand, one, "<").value == Approx(-3.0));
  CHECK(margin(one, thousand, ">=").value == Approx(-3.0));
  CHECK(margin(thousand, one, ">").value == Approx(3.0));
  CHECK(margin(zero, thousand, "<=").value == 1000.0);
  CHECK(margin(zero, thousand, "<=").absolute);
  CHECK(margin(ball(-1, 1), thousand, "<=").value == 999.0);
  CHECK(margin(one, one, "<=").value == 0.0);
}

TEST_CASE("the margin is taken from the worse ends and rounded down") {
  const auto blurred = margin_of(ball(1, 10), ball(100, 1000), "<=", Verdict::holds);
  REQUIRE(blurred);
  CHECK(blurred->value <= 1.0);
  CHECK(blurred->value > 1.0 - 1e-12);
  std::mt19937_64 random(test_seed(21));
  std::uniform_real_distribution<double> exponent(-200.0, 200.0);
  for (int i = scaled(300); i > 0; --i) {
    const double a = std::pow(10.0, exponent(random)), b = std::pow(10.0, exponent(random));
    const auto found = margin_of(Interval::exact(a), Interval::exact(b), "<=", Verdict::undecided);
    REQUIRE(found);
    // 10^margin · a <= b, checked at four times the precision.
    const Interval power = exp(Interval::exact(found->value, 512) * log(Interval::integer(10, 512)));
    CHECK_FALSE(certainly_lt(Interval::exact(b, 512), power * Interval::exact(a, 512)));
    CHECK(found->value == Approx(std::log10(b) - std::log10(a)).margin(1e-9));
  }
}

TEST_CASE("an inequality that holds has no negative margin, and one without finite sides has none") {
  const auto same =
      margin_of(ball(1, 2), ball(1, 2), "<=", Verdict::holds);  // equal enclosures of one number
  REQUIRE(same);
  CHECK(same->value == 0.0);
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_FALSE(margin_of(Interval::nan(), ball(1, 2), "<=", Verdict::undecided));
  CHECK_FALSE(margin_of(ball(1, 2), Interval::nan(), ">=", Verdict::undecided));
  CHECK_FALSE(margin_of(ball(1, infinity), ball(1, 2), "<=", Verdict::undecided));
  CHECK_FALSE(margin_of(Interval::entire(), Interval::entire(), "<=", Verdict::undecided));
}

TEST_CASE("the worst instance is the one with the smallest margin among those that decide") {
  const Finding holds = found("loss[k] <= 16/(k+1)");  // 16, 8, 16/3, 4 against 8, 4, 2, 1
  CHECK(holds.verdict == Verdict::holds);
  CHECK(holds.worst == 0);
  CHECK(holds.margin->value == Approx(std::log10(2.0)));
  const Finding fails = found("loss[k] >= 4");
  CHECK(fails.verdict == Verdict::fails);
  CHECK(fails.worst == 3);
  CHECK(fails.margin->value == Approx(-std::log10(4.0)));
  ExampleRun run;
  run.set("loss", 1, std::nan(""), std::nan(""));
  CHECK(found("loss[k] >= 4", run).worst == 3);  // the NaN is undecided, the verdict rests on the failures
}

TEST_CASE("a run that diverged fails what a gate claims of every step, when that step is certainly meant") {
  ExampleRun run;
  run.diverged_at = 9;
  CHECK(found("loss[k] <= 100", run, "", Role::gate).verdict == Verdict::fails);
  CHECK(found("loss[k] <= 100", run, "", Role::gate).solved.empty());
  CHECK(found("loss[k] <= 100", run, "k <= 8", Role::gate).verdict == Verdict::holds);
  run.set("threshold", 3.0, 20.0);
  CHECK(found("loss[k] <= 100", run, "k <= threshold", Role::gate).verdict == Verdict::undecided);
}

TEST_CASE("a conclusion is undecided where floating point overflowed, a hypothesis ends before") {
  ExampleRun run;
  run.diverged_at = 9;
  const Finding conclusion = found("loss[k] <= 100", run);
  CHECK(conclusion.verdict == Verdict::undecided);
  CHECK(conclusion.reason == "k = 9: the run diverged at step 9");
  CHECK(conclusion.solved.empty());
  CHECK(found("loss[k] <= 7", run).verdict == Verdict::fails);  // at step 0 already
  CHECK(found("loss[k] <= 100", run, "k <= 8").verdict == Verdict::holds);
  CHECK(found("loss[k] <= 100", run, "", Role::hypothesis).verdict == Verdict::holds);
}

TEST_CASE("a hypothesis is undecided where a number is missing, unless it fails elsewhere") {
  const std::string earlier = "max_over(j, 0, k + 1, loss[j]) <= ";  // loss[4] is missing at k = 3
  const Finding hypothesis = found(earlier + "8*C_r", {}, "", Role::hypothesis);
  CHECK(hypothesis.verdict == Verdict::undecided);
  CHECK(hypothesis.reason == "k = 3: loss[4] was not measured");
  CHECK(hypothesis.solved.empty());
  CHECK(found(earlier + "7", {}, "", Role::hypothesis).verdict == Verdict::fails);
  CHECK(found(earlier + "8", {}, "k <= 2", Role::hypothesis).verdict == Verdict::holds);
  CHECK(found(earlier + "8").verdict == Verdict::holds);  // a conclusion: wherever it can be judged
}

TEST_CASE("implied constants are the values for which every instance holds") {
  const Finding rate = found("loss[k] <= C_r*16/(k+1)");  // needs C_r >= 1/2, 1/2, 3/8, 1/4
  REQUIRE(rate.solved.size() == 1);
  CHECK(rate.solved[0].name == "C_r");
  CHECK(rate.solved[0].relation == ">=");
  CHECK(rate.solved[0].bound.contains(0.5));
  CHECK(rate.solved[0].bound.width() < 1e-30);
  CHECK(rate.solved[0].current == "1");
  const Finding width = found("m >= C_m*n^4/lambda_0^4", {}, "", Role::hypothesis);  // 500 against 4096 C_m
  CHECK(width.verdict == Verdict::fails);
  REQUIRE(width.solved.size() == 2);
  CHECK(width.solved[0].name == "C_m");
  CHECK(width.solved[0].relation == "<=");
  CHECK(width.solved[0].bound.contains(Interval::rational(500, 4096)));
  CHECK(width.solved[1].name == "m");
  CHECK(width.solved[1].relation == ">=");
  CHECK(width.solved[1].bound.contains(4096.0));
  CHECK(width.solved[1].current == "500");
  const Finding step = found("eta <= lambda_0/n^2", {}, "", Role::hypothesis);
  REQUIRE(step.solved.size() == 1);
  CHECK(step.solved[0].name == "eta");
  CHECK(step.solved[0].relation == "<=");
  CHECK(step.solved[0].bound.contains(0.03125));
  CHECK(step.solved[0].current == "0.125");
}

TEST_CASE("width and step are solved only for hypotheses that do not hold") {
  CHECK(found("m >= n", {}, "", Role::hypothesis).solved.empty());
  CHECK(found("m >= n^9", {}, "", Role::conclusion).solved.empty());
  CHECK(found("m >= n^9", {}, "", Role::hypothesis).solved.size() == 1);
}

TEST_CASE("a constant hidden in a definition is found through it") {
  const Theorem theorem = surroundings({{"radius", "C_r*n"}, {"twice", "2*radius"}});
  const Finding finding = found("drift_fro[3,1] <= twice", {}, "", Role::conclusion, theorem);
  CHECK(finding.assuming == std::map<std::string, std::string>{{"C_r", "1"}});
  REQUIRE(finding.solved.size() == 1);
  CHECK(finding.solved[0].relation == ">=");
  CHECK(finding.solved[0].bound.contains(0.375));  // 3 <= 8 C_r
}

TEST_CASE("a width that a definition depends on is solved with the definition written out") {
  const Theorem theorem = surroundings({{"scale", "1/sqrt(m)"}});
  const Finding alone = found("scale <= 1/100", {}, "", Role::hypothesis, theorem);
  CHECK(alone.verdict == Verdict::fails);
  REQUIRE(alone.solved.size() == 1);
  CHECK(alone.solved[0].relation == ">=");
  CHECK(alone.solved[0].bound.contains(10000.0));
  CHECK(found("m*scale >= 100", {}, "", Role::hypothesis, theorem)
            .solved.empty());  // m occurs twice: no closed form is claimed
}

TEST_CASE("weak evidence gives no implied constant") {
  ExampleRun run;
  run.set("guess", 4.0, 4.0, Evidence::measured);
  CHECK(found("guess <= C_r*16", run).solved.empty());
}

TEST_CASE("holds and fails are true for every choice of points in the enclosures") {
  std::mt19937_64 random(test_seed(31));
  std::uniform_real_distribution<double> uniform(-2.0, 2.0), unit(0.0, 1.0);
  const std::vector<std::string> formulas = {"a[k]*b <= b + c", "a[k] - b < c*c", "a[k]^2 >= b*c",
                                             "max(a[k], b) > c"};
  int decided = 0;
  for (int i = scaled(400); i > 0; --i) {
    ExampleRun run;
    std::map<std::string, std::pair<double, double>> box;
    for (const char* name : {"b", "c"}) {
      const double x = uniform(random), y = x + 0.3 * unit(random) * unit(random);
      box[name] = {x, y};
      run.set(name, x, y);
    }
    std::vector<std::pair<double, double>> a;
    for (const long k : run.measurements.steps) {
      const double x = uniform(random), y = x + 0.3 * unit(random) * unit(random);
      a.emplace_back(x, y);
      run.set("a", k, x, y);
    }
    const std::string& text = formulas[static_cast<std::size_t>(i) % formulas.size()];
    const Finding finding = found(text, run);
    for (const Instance& instance : finding.instances) {
      if (instance.verdict == Verdict::undecided) continue;
      ++decided;
      ExampleRun point;
      const auto pick = [&](std::pair<double, double> ends) {
        const double t = unit(random);
        const double x = t < 0.2 ? ends.first : t > 0.8 ? ends.second : std::lerp(ends.first, ends.second, t);
        return std::clamp(x, ends.first, ends.second);
      };
      for (const auto& [name, ends] : box) {
        const double x = pick(ends);
        point.set(name, x, x);
      }
      const double x = pick(a[static_cast<std::size_t>(*instance.step)]);
      point.set("a", *instance.step, x, x);
      point.measurements.steps = {*instance.step};
      INFO(text << " at k = " << *instance.step);
      CHECK(found(text, point).verdict == instance.verdict);
    }
  }
  CHECK(decided > 100);
}

}  // namespace overproof
