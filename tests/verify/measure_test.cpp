#include "verify/measure.h"

#include <algorithm>

#include "files/file.h"
#include "tests/catch.h"
#include "tests/verify/reference.h"
#include "trainer/run_files.h"
#include "verify/verify_run.h"

using namespace overproof;

namespace {

Run trained(const TemporaryFolder& folder, const std::string& network, const std::string& training) {
  const std::string text = "name = \"r\"\nnetwork = { " + network +
                           " }\ndata = { kind = \"sphere\", n = 4, d = 3, seed = 2 }\ntraining = { " +
                           training + " }\nrecord = { at = \"0..6..3\", spectral = \"0,6\" }\n";
  const Json document = parse_toml(text, "s.toml");
  Fields fields(document, "s.toml");
  TrainOptions options;
  options.runs_folder = folder.path();
  return load_run(train(experiment_from(fields), Json::object(), options).folder);
}

const Interval& at(const MeasuredRun& run, const std::string& name, std::optional<long> k = {},
                   std::optional<long> h = {}) {
  const Measured* found = run.measurements.find({name, k, h});
  INFO(name);
  REQUIRE(found != nullptr);
  return found->value;
}

/// One iterate over 256-bit intervals: residuals, features, Gram matrices, gradients.
struct Exact {
  std::vector<reference::Sample> samples;
  std::vector<Interval> residual;
};

Exact evaluate(const Run& run, const Parameters& weights) {
  Exact exact;
  for (Index i = 0; i < run.data.X.cols(); ++i) {
    reference::Column x = reference::column(run.data.X, i);
    const Interval length = reference::norm(x);
    for (Interval& entry : x) entry = run.data.normalised ? entry / length : entry;
    exact.samples.push_back(reference::evaluate(run.architecture, weights, x));
    exact.residual.push_back(reference::number(run.data.y[i]) - exact.samples.back().f);
  }
  return exact;
}

/// G_ij of all trained weights.
Interval ntk_entry(const Run& run, const Exact& exact, std::size_t i, std::size_t j) {
  const auto &s = exact.samples[i], &t = exact.samples[j];
  Interval sum = Interval::integer(0, 256);
  for (std::size_t h = 0; h < s.delta.size(); ++h) {
    if (run.architecture.weights[run.architecture.layers[h].weight].trained) {
      sum += reference::dot(s.x[h], t.x[h]) * reference::dot(s.delta[h], t.delta[h]);
    }
  }
  if (run.architecture.weights[run.architecture.readouts.front().weight].trained)
    sum += reference::dot(s.x.back(), t.x.back());
  return sum;
}

Interval distance(const Matrix& A, const Matrix& B) {
  Interval sum = Interval::integer(0, 256);
  for (Index q = 0; q < A.size(); ++q)
    sum += square(reference::number(A.reshaped()[q]) - reference::number(B.reshaped()[q]));
  return sqrt(sum);
}

}  // namespace

TEST_CASE("every measurement of a run contains its 256-bit value") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"", "fc"},
      {"architecture = \"resnet\", depth = 3, width = 8, activation = \"softplus\", c_res = 0.5", "resnet"},
      {"architecture = \"two_layer_relu\", width = 25", "two_layer_relu"}};
  for (const auto& [network, name] : cases) {
    INFO(network);
    const TemporaryFolder folder;
    const Run run = trained(folder, network, "step_fraction = 0.2, steps = 6, seed = 3");
    const MeasuredRun measured = measure(run);
    CHECK(measured.facts.network == name);
    CHECK(measured.facts.gradient_descent == Verdict::holds);
    CHECK(measured.records == Verdict::holds);
    const Parameters first = load_parameters(run, 0);
    for (const Index k : {Index{0}, Index{3}, Index{6}}) {
      INFO("k = " << k);
      const Parameters now = load_parameters(run, k), next = load_parameters(run, k + 1);
      const Exact exact = evaluate(run, now), after = evaluate(run, next);
      const Interval squared = reference::dot(exact.residual, exact.residual);
      CHECK(at(measured, "loss", k).contains(squared / Interval::integer(2)));
      CHECK(at(measured, "residual_norm", k).contains(sqrt(squared)));
      CHECK(at(measured, "loss", k).width() < 1e-10);
      reference::Column change, second, gradient;
      for (std::size_t i = 0; i < exact.residual.size(); ++i) {
        change.push_back(exact.residual[i] - after.residual[i]);
        Interval sum = Interval::integer(0, 256);
        for (std::size_t j = 0; j < exact.residual.size(); ++j)
          sum += ntk_entry(run, exact, i, j) * exact.residual[j];
        gradient.push_back(sum);
        second.push_back(change.back() - reference::number(run.eta) * sum);
      }
      CHECK(at(measured, "prediction_change", k).contains(reference::norm(change)));
      CHECK(at(measured, "second_order_term", k).contains(reference::norm(second)));
      CHECK(at(measured, "grad_norm", k).contains(sqrt(reference::dot(gradient, exact.residual))));
      CHECK(at(measured, "grad_norm", k).width() < 1e-9);
      CHECK(at(measured, "descent_residual", k).upper() < 1e-13);
      // Rayleigh quotients of the coordinate directions lie between the extreme eigenvalues
      for (std::size_t i = 0; i < exact.residual.size(); ++i) {
        CHECK(certainly_le(Interval::exact(at(measured, "lambda_min_ntk", k).lower()),
                           ntk_entry(run, exact, i, i)));
        CHECK(certainly_le(ntk_entry(run, exact, i, i),
                           Interval::exact(at(measured, "lambda_max_ntk", k).upper())));
      }
      for (Index h = 1; h <= run.architecture.depth() + 1; ++h) {
        const std::size_t w = h > run.architecture.depth()
                                  ? run.architecture.readouts.front().weight
                                  : run.architecture.layers[static_cast<std::size_t>(h - 1)].weight;
        CHECK(at(measured, "drift_fro", k, h).contains(distance(now[w], first[w])));
        CHECK(at(measured, "step_fro", k, h).contains(distance(next[w], now[w])));
      }
      for (Index h = 1; h <= run.architecture.depth(); ++h) {
        const auto layer = static_cast<std::size_t>(h);
        Interval largest = Interval::integer(0), drift = Interval::integer(0),
                 smallest = Interval::integer(1000);
        const Exact start = evaluate(run, first);
        for (std::size_t i = 0; i < exact.samples.size(); ++i) {
          const Interval norm = reference::norm(exact.samples[i].x[layer]);
          largest = max(largest, norm), smallest = min(smallest, norm);
          reference::Column moved;
          for (std::size_t r = 0; r < exact.samples[i].x[layer].size(); ++r) {
            moved.push_back(exact.samples[i].x[layer][r] - start.samples[i].x[layer][r]);
          }
          drift = max(drift, reference::norm(moved));
        }
        CHECK(at(measured, "feature_norm", k, h).contains(largest));
        CHECK(at(measured, "feature_norm_min", k, h).contains(smallest));
        const Interval& found = at(measured, "feature_drift", k, h);
        CHECK((k == 0 ? same_ends(found, Interval::integer(0)) : found.contains(drift)));
      }
    }
    CHECK(certainly_lt(Interval::integer(0), at(measured, "lambda_0")));
    CHECK(at(measured, "drift_spec", 6, 1).upper() <= at(measured, "drift_fro", 6, 1).upper() * 1.000001);
    CHECK(certainly_lt(Interval::integer(0), at(measured, "drift_spec", 6, 1)));
  }
}

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
  const MeasuredRun measured = measure(momentum);
  CHECK(measured.facts.gradient_descent == Verdict::holds);
  CHECK_THAT(measured.facts.gradient_descent_declared, Catch::Matchers::Contains("1 of 6 steps are stored"));
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
  const std::string bytes = parameters_bytes(run.architecture, next);
  RecordedStep& step = *std::ranges::find(changed.steps, Index{4}, &RecordedStep::step);
  step.sha256 = sha256(bytes);
  write_file(run.folder / step.file, bytes);
  CHECK(measure(changed).facts.gradient_descent == Verdict::fails);
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
  run.steps.clear();  // it diverged at once
  CHECK_THROWS_AS(measure(run), InputError);
}
