#include "verify/measure.h"

#include <algorithm>
#include <cmath>

#include "files/file.h"
#include "tests/verify/trained_run.h"
#include "verify/verify_run.h"

using namespace overproof;

TEST_CASE("momentum is seen in the descent residual") {
  const TemporaryFolder folder;
  const Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                          "step_fraction = 0.1, steps = 6, seed = 3, momentum = 0.5");
  const MeasuredRun measured = measure(run);
  CHECK(measured.facts.gradient_descent == Verdict::fails);
  CHECK(measured.records == Verdict::holds);
}

TEST_CASE("steps between the stored pairs are declared to be gradient descent, and only those") {
  const TemporaryFolder folder;
  const std::string network = "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"";
  Run run = trained(folder, network, "step_fraction = 0.1, steps = 6, seed = 3");
  CHECK_THAT(measure(run).facts.gradient_descent_declared,
             Catch::Matchers::Contains("3 of 7 steps are stored"));  // 0, 3, 6 of 0..6
  std::erase_if(run.steps, [](const RecordedStep& step) { return step.step > 1; });
  CHECK(measure(run).facts.gradient_descent_declared.empty());
  // Momentum cannot be seen in the first pair.
  Run momentum = trained(folder, network, "step_fraction = 0.1, steps = 6, seed = 3, momentum = 0.5");
  std::erase_if(momentum.steps, [](const RecordedStep& step) { return step.step > 1 && step.step != 6; });
  const MeasuredRun known = measure(momentum);
  CHECK(known.facts.gradient_descent == Verdict::fails);
  CHECK(known.facts.gradient_descent_text == "the experiment has momentum 0.5");
  momentum.experiment.reset();  // nobody says so
  const MeasuredRun measured = measure(momentum);
  CHECK(measured.facts.gradient_descent == Verdict::holds);
  CHECK_THAT(measured.facts.gradient_descent_declared, Catch::Matchers::Contains("1 of 6 steps are stored"));
}

TEST_CASE("every stored step is held against gradient descent, recorded or not") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.1, steps = 6, seed = 3");
  std::erase_if(run.steps, [](const RecordedStep& step) { return step.step > 4; });
  run.steps[2].head = false;  // 0 and 1, 3 and 4
  CHECK(measure(run).facts.gradient_descent == Verdict::holds);
  Parameters next = load_parameters(run, 4);
  next[0](0, 0) += 0.01;
  store(run, 4, next);
  const SettingFacts facts = measure(run).facts;
  CHECK(facts.gradient_descent == Verdict::fails);
  CHECK_THAT(facts.gradient_descent_text, Catch::Matchers::StartsWith("descent_residual[3]"));
}

TEST_CASE("what rounding explains of a step shrinks with the step size") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step = 1e-9, steps = 6, seed = 3");
  CHECK(measure(run).facts.gradient_descent == Verdict::holds);
  Parameters next = load_parameters(run, 4);
  next[0](0, 0) += 1e-9;  // far below 1e-6 of the gradient, far above 1e-6 of the step
  store(run, 4, next);
  CHECK(measure(run).facts.gradient_descent == Verdict::fails);
}

TEST_CASE("the record of a stored iterate is held against its weights, recorded step or not") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.1, steps = 6, seed = 3");
  for (const bool alone : {false, true}) {
    if (alone) std::erase_if(run.steps, [](const RecordedStep& step) { return step.step == 4; });
    RecordedStep& third = *std::ranges::find(run.steps, Index{3}, &RecordedStep::step);
    third.head = false;
    CHECK(measure(run).records == Verdict::holds);
    third.loss *= 2.0;
    CHECK(measure(run).records == Verdict::fails);
    CHECK_THAT(measure(run).records_reason, Catch::Matchers::StartsWith("step 3: "));
    third.loss /= 2.0;
  }
}

TEST_CASE("a step size that is not the fraction the experiment asks for is found") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.1, steps = 6, seed = 3");
  CHECK(measure(run).records == Verdict::holds);
  run.eta *= 1.0001;
  CHECK(measure(run).records == Verdict::fails);
  CHECK_THAT(measure(run).records_reason, Catch::Matchers::Contains("the experiment asks for 0.1"));
  run.eta = std::numeric_limits<double>::quiet_NaN();
  CHECK(measure(run).records != Verdict::holds);
}

TEST_CASE("a recorded loss that is not that of the weights is found") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  const RecordedStep recorded = run.steps[2];
  run.steps[2].residual_norm *= 1.001;
  CHECK(measure(run).records == Verdict::fails);
  run.steps[2].residual_norm = std::numeric_limits<double>::quiet_NaN();
  CHECK(measure(run).records == Verdict::fails);
  run.steps[2] = recorded;
  for (const double loss : {1.01 * recorded.loss, -recorded.loss, std::numeric_limits<double>::quiet_NaN()}) {
    run.steps[2].loss = loss;
    CHECK(measure(run).records == Verdict::fails);
  }
  CHECK_THAT(measure(run).records_reason, Catch::Matchers::Contains("the record says the loss"));
}

TEST_CASE("labels whose squares overflow do not make every record agree") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  run.data.y[0] = 1e170;
  CHECK(measure(run).records == Verdict::fails);
}

TEST_CASE("a weight whose square overflows is no step of gradient descent") {
  const TemporaryFolder folder;
  const Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                          "step_fraction = 0.2, steps = 6, seed = 3");
  Run changed = run;
  Parameters next = load_parameters(run, 4);
  next[0](3, 2) = 1e200;
  store(changed, 4, next);
  CHECK(measure(changed).facts.gradient_descent == Verdict::fails);
}

TEST_CASE("a high exponent bit of any weight is found in the record") {
  const TemporaryFolder folder;
  for (const char* activation : {"tanh", "softplus", "gelu"}) {
    INFO(activation);
    const Run run = trained(
        folder,
        std::string("architecture = \"fc\", depth = 2, width = 9, activation = \"") + activation + "\"",
        "step_fraction = 0.2, steps = 6, seed = 3");
    const Parameters weights = load_parameters(run, 3);
    for (std::size_t w = 0; w < weights.size(); ++w) {
      for (const double factor : {0x1p512, 0x1p1023}) {
        Run changed = run;
        Parameters flipped = weights;
        double& weight = flipped[w](0, 1);
        weight *= std::abs(weight) < 1.0 ? factor : 1.0 / factor;
        store(changed, 3, flipped);
        const MeasuredRun measured = measure(changed);
        CHECK(measured.records == Verdict::fails);
        CHECK_THAT(measured.records_reason, Catch::Matchers::Contains("step 3: the record says"));
        store(changed, 3, weights);
      }
    }
  }
}

TEST_CASE("a record is held against intervals where doubles overflow, and true ones agree") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"two_layer_relu\", width = 9",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  run.experiment.reset();
  run.data.X = run.data.X.cwiseAbs();
  Parameters dead = load_parameters(run, 3);
  for (RecordedStep& step : run.steps) {  // every unit is off at every step: u = 0
    dead[0].setConstant(-1.0);
    store(run, step.step, dead);
    step.residual_norm = run.data.y.norm();
    step.loss = step.residual_norm * step.residual_norm / 2;
  }
  CHECK(measure(run).records == Verdict::holds);
  dead[0].setConstant(-1e308);  // the sums overflow
  store(run, 3, dead);
  CHECK(measure(run).records == Verdict::holds);
  dead[0](0, 0) = 1e308;
  store(run, 3, dead);
  CHECK(measure(run).records == Verdict::fails);
  run.steps.front().loss = INFINITY;
  CHECK(measure(run).records == Verdict::fails);
}

TEST_CASE("a unit whose sum overflows on the way changes its pattern or not") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"two_layer_relu\", width = 9",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  run.data.normalised = false;
  run.data.X.setConstant(1e8);
  for (const RecordedStep& step : std::vector<RecordedStep>(run.steps)) {
    Parameters weights = load_parameters(run, step.step);
    weights[0].setConstant(-1.0);
    if (step.step == 3) weights[0].row(2) << 1.2e300, 1.2e300, -3e300;  // -6e307, by way of 2.4e308
    store(run, step.step, weights);
  }
  const MeasuredRun measured = measure(run);
  CHECK(at(measured, "pattern_changes", 3).contains(0.0));
  CHECK_FALSE(certainly_lt(Interval::integer(0), at(measured, "lambda_min_gram_last", 3)));
  CHECK_FALSE(certainly_lt(Interval::integer(0), at(measured, "gram_change", 3)));
}

TEST_CASE("a run whose output weights leave the signs between recorded steps is not of that setting") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"two_layer_relu\", width = 9",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  CHECK(measure(run).facts.rademacher_output == Verdict::holds);
  Parameters next = load_parameters(run, 4);
  next[1](0, 2) *= 2.0;
  store(run, 4, next);
  CHECK(measure(run).facts.rademacher_output == Verdict::fails);
  CHECK(measure(run).facts.gradient_descent == Verdict::fails);  // a fixed weight moved
}

TEST_CASE("an imported run may leave its losses out") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  const std::vector<RecordedStep> recorded = run.steps;
  run.experiment.reset();
  for (RecordedStep& step : run.steps) step.loss = step.residual_norm = std::nan("");
  CHECK_FALSE(measure(run).records.has_value());
  run.steps[2].loss = recorded[2].loss;
  CHECK(measure(run).records == Verdict::holds);
  run.steps[2].loss *= 1.01;
  CHECK(measure(run).records == Verdict::fails);
}

TEST_CASE("a run outside every setting is measured and named other") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  run.architecture.layers[1].scale *= 1.0001;
  CHECK(measure(run).facts.network == "other");
  CHECK(measure(run).measurements.find({"lambda_0", {}, {}}) == nullptr);
}

TEST_CASE("a report says when training was interrupted, and a run without any iterate is refused") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  const auto recorded = [&] {
    for (const auto& [name, value] : verify_run(run, {}, {}).facts) {
      if (name == "recorded steps") return value;
    }
    return std::string();
  };
  CHECK(recorded() == "3 of 0..6");
  run.complete = false;
  CHECK(recorded() == "3 of 0..6, training was interrupted");
  run.steps.clear();
  CHECK_THROWS_AS(measure(run), InputError);
}

TEST_CASE("a run without recorded steps, or that diverged at once, has a report") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  for (RecordedStep& step : run.steps) step.head = false;
  Claims claims;
  claims.gates = {"parallel_pairs <= 0", "loss[0] >= 0", "records agree"};
  RunReport report = verify_run(run, claims, {});
  CHECK(report.facts.at(4) == std::pair<std::string, std::string>("recorded steps", "none"));
  CHECK(report.gates.at(1).verdict == Verdict::holds);
  run.steps.clear();
  run.diverged_at = 0;
  claims.gates.push_back("lambda_0 > 0");
  report = verify_run(run, claims, {});
  CHECK(report.diverged_at == 0);
  CHECK(report.gates.at(0).verdict == Verdict::holds);
  for (const std::size_t i : {std::size_t{1}, std::size_t{3}})
    CHECK(report.gates.at(i).verdict == Verdict::fails);
  CHECK(Report{"", "", {report}}.exit_code() == 1);
}
