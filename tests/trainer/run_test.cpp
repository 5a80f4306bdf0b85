#include "trainer/run.h"

#include <cmath>
#include <fstream>

#include "files/file.h"
#include "files/number.h"
#include "tests/catch.h"
#include "trainer/descent.h"
#include "trainer/run_files.h"

using namespace overproof;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

Experiment experiment(
    const std::string& more_training = "", const std::string& record = "at = \"0..12..4\"",
    const std::string& network = "architecture = \"fc\", depth = 2, width = 12, activation = \"tanh\"") {
  const Json json = parse_toml(
      "name = \"demo\"\nnetwork = { " + network + " }\ndata = { kind = \"sphere\", n = 5, d = 3 }\n" +
          "training = { steps = 12" + (more_training.empty() ? ", step_fraction = 0.4" : more_training) +
          " }\nrecord = { " + record + " }",
      "suite.toml");
  Fields run(json, "suite.toml");
  return experiment_from(run);
}

const Json claims = {{"theorems", {"du2019.fc.thm5.1"}}, {"constants", {{"C_m", "1"}}}};

TrainResult train_into(const fs::path& folder, const Experiment& e, std::optional<Index> interrupt_at = {}) {
  const auto progress = [&](Index step, Index, double) {
    if (interrupt_at == step) throw std::runtime_error("interrupted");
  };
  return train(e, claims, {.data_folder = ".", .runs_folder = folder, .progress = progress});
}

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).string()] = read_file(entry.path());
  }
  return files;
}

Json read_json(const fs::path& path) { return parse_json(read_file(path), path.string()); }

}  // namespace

TEST_CASE("a trained run is loaded with everything that was written") {
  const TemporaryFolder folder;
  const Experiment e = experiment();
  const TrainResult result = train_into(folder.path(), e);
  CHECK(result.trained);
  CHECK(result.folder.filename() == "demo-" + experiment_hash(e).substr(0, 8));
  const Run run = load_run(result.folder);
  CHECK(run.name == "demo");
  REQUIRE(run.experiment);
  CHECK(run.experiment->source == e.source);
  CHECK(run.architecture == architecture_of(e, 3));
  CHECK(run.claims == claims);
  CHECK(run.complete);
  CHECK_FALSE(run.diverged_at);
  CHECK(run.heads() == std::vector<Index>{0, 4, 8, 12});
  CHECK(run.steps.size() == 8);
  CHECK(run.has_step(13));
  CHECK_FALSE(run.has_step(2));
  CHECK(run.spectral_steps == std::vector<Index>{0});
  CHECK_THROWS_WITH(run.at(2), Contains("step 2 is not stored"));
  CHECK_THROWS_AS(load_parameters(run, 2), InputError);
  const Dataset data = load_dataset(e.data, ".");
  CHECK(run.data.X == data.X);
  CHECK(run.data.y == data.y);
  CHECK(run.data.normalised);
  const Matrix X = network_inputs(run.data);
  CHECK(run.eta == 0.4 * 2 / approx_lambda_max_ntk(run.architecture, load_parameters(run, 0), X));
  CHECK(load_parameters(run, 0) == initial_parameters(run.architecture, 0));
  for (const RecordedStep& step : run.steps) {
    const Parameters W = load_parameters(run, step.step);
    CHECK(step.residual_norm ==
          Approx((forward(run.architecture, W, X).f - run.data.y).norm()).epsilon(1e-14));
    CHECK(step.loss == Approx(step.residual_norm * step.residual_norm / 2).epsilon(1e-14));
    CHECK(step.head == (step.step % 4 == 0));
    if (!step.head) continue;
    const Parameters next = load_parameters(run, step.step + 1),
                     g = gradient(run.architecture, W, forward(run.architecture, W, X), run.data.y);
    for (std::size_t w = 0; w < W.size(); ++w)
      CHECK((next[w] - W[w] + run.eta * g[w]).norm() <= 1e-14 * W[w].norm());
  }
  CHECK(run.steps.back().loss < 0.9 * run.steps.front().loss);
}

TEST_CASE("iterates are stored row by row under the names of the weights") {
  const Architecture net = fully_connected(2, 2, 1, Activation::tanh);
  const Parameters parameters{(Matrix(2, 2) << 1, 2, 3, 4).finished(), (Matrix(1, 2) << 5, 6).finished()};
  const Tensors tensors = parse_safetensors(parameters_bytes(net, parameters), "f");
  CHECK(tensors == Tensors{{"W1", {{2, 2}, {1, 2, 3, 4}}}, {"a", {{1, 2}, {5, 6}}}});
  const Dataset data{(Matrix(2, 3) << 1, 2, 3, 4, 5, 6).finished(), (Vector(3) << 7, 8, 9).finished(), false};
  CHECK(parse_safetensors(data_bytes(data), "f") ==
        Tensors{{"X", {{3, 2}, {1, 4, 2, 5, 3, 6}}}, {"y", {{3}, {7, 8, 9}}}});
  CHECK(iterate_name(20) == "iterates/step-00000020.safetensors");
}

TEST_CASE("a finished run is not repeated, only its claims are refreshed") {
  const TemporaryFolder folder;
  const TrainResult first = train_into(folder.path(), experiment());
  const auto before = contents(first.folder);
  const TrainResult again = train(experiment(), claims, {.runs_folder = folder.path()});
  CHECK_FALSE(again.trained);
  CHECK(again.folder == first.folder);
  CHECK(contents(first.folder) == before);
  const Json other = {{"theorems", {"all"}}};
  CHECK_FALSE(
      train(experiment("", "at = \"0..12..4\", max_gib = 1"), other, {.runs_folder = folder.path()}).trained);
  CHECK(load_run(first.folder).claims == other);
  (void)train_into(folder.path(), experiment());
  CHECK(contents(first.folder) == before);
}

TEST_CASE("an interrupted run goes on and ends with the same bytes as an uninterrupted one") {
  const TemporaryFolder whole, broken;
  for (const std::string& training : {std::string(), std::string(", step = 0.1, momentum = 0.5")}) {
    const Experiment e = experiment(training);
    const auto expected = contents(train_into(whole.path(), e).folder);
    for (const Index at : {Index{0}, Index{1}, Index{3}, Index{5}, Index{13}}) {
      CHECK_THROWS_WITH(train_into(broken.path(), e, at), "interrupted");
      const fs::path folder = broken.path() / ("demo-" + experiment_hash(e).substr(0, 8));
      CHECK(read_json(folder / "run.json")["state"] == "running");
      if (at > 0) CHECK_FALSE(load_run(folder).complete);
      std::vector<Index> seen;
      const TrainResult result = train(
          e, claims,
          {.runs_folder = broken.path(), .progress = [&](Index k, Index, double) { seen.push_back(k); }});
      CHECK(result.trained);
      const Index last_stored = at == 0 ? 0 : at <= 1 ? 0 : at <= 4 ? 1 : at <= 5 ? 4 : 12;
      CHECK(seen.front() == (e.momentum != 0 ? 0 : last_stored));
      CHECK(contents(result.folder) == expected);
      fs::remove_all(result.folder);
    }
  }
}

TEST_CASE("a torn last line and a damaged last iterate are made again") {
  const TemporaryFolder whole, broken;
  const Experiment e = experiment();
  const auto expected = contents(train_into(whole.path(), e).folder);
  CHECK_THROWS(train_into(broken.path(), e, 7));
  const fs::path folder = broken.path() / ("demo-" + experiment_hash(e).substr(0, 8));
  std::ofstream(folder / "steps.jsonl", std::ios::app) << "{\"step\": 8, \"he";
  write_file(folder / iterate_name(5), "damaged");
  CHECK(train_into(broken.path(), e).trained);
  CHECK(contents(folder) == expected);
  fs::remove(folder / iterate_name(4));
  CHECK(train_into(broken.path(), e).trained);
  CHECK(contents(folder) == expected);
}

TEST_CASE("an iterate of a run that came to its end cannot be taken out, nor left out of the judgement") {
  const TemporaryFolder folder;
  for (const char* training : {"", ", step = 1e30"}) {
    const fs::path run = train_into(folder.path(), experiment(training, "at = \"0..12..2\"")).folder;
    const std::vector<RecordedStep> steps = load_run(run).steps;
    REQUIRE(steps.size() >= 3);
    const auto problem_of = [&](const std::vector<RecordedStep>& changed) -> std::string {
      std::string lines;
      for (const RecordedStep& step : changed) lines += step_line(step);
      write_file(run / "steps.jsonl", lines);
      try {
        (void)load_run(run);
      } catch (const InputError& error) {
        return error.what();
      }
      return "accepted";
    };
    for (std::size_t i = 0; i < steps.size(); ++i) {
      std::vector<RecordedStep> fewer = steps, other = steps;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      other[i].head = !other[i].head;
      const std::string name = "steps.jsonl: step " + std::to_string(steps[i].step);
      CHECK_THAT(problem_of(fewer), Contains(name + " is missing"));
      CHECK_THAT(problem_of(other), Contains(name + ": head: "));
    }
    CHECK(problem_of(steps) == "accepted");
    std::vector<RecordedStep> more = steps;
    more.push_back(steps.back());
    more.back().step += 40;
    CHECK_THAT(problem_of(more),
               Contains(": step ") && (Contains("does not store") || Contains("is stored")));
  }
}

TEST_CASE("a run of other data or with a malformed file is trained again") {
  const TemporaryFolder folder, data;
  write_file(data.path() / "a.csv", "1,0,1\n0,1,-1\n");
  const Json json = parse_toml(
      "name = \"csv\"\nnetwork = { architecture = \"two_layer_relu\", width = 6 }\n"
      "data = { kind = \"csv\", file = \"a.csv\" }\ntraining = { steps = 3, step = 0.1 }",
      "s.toml");
  Fields fields(json, "s.toml");
  const Experiment e = experiment_from(fields);
  const TrainOptions options{.data_folder = data.path(), .runs_folder = folder.path()};
  const TrainResult first = train(e, claims, options);
  CHECK(first.trained);
  CHECK_FALSE(train(e, claims, options).trained);
  write_file(data.path() / "a.csv", "1,0,1\n0,1,-0.5\n");
  CHECK(train(e, claims, options).trained);
  CHECK(load_run(first.folder).data.y[1] == -0.5);
  const auto good = contents(first.folder);
  write_file(first.folder / "run.json", "{");
  CHECK(train(e, claims, options).trained);
  CHECK(contents(first.folder) == good);
}

TEST_CASE("a run that diverges keeps its finite iterates and says where it ended") {
  const TemporaryFolder folder;
  // Saturated tanh features make the output weights a linear regression, whose residual grows by about η·c_σ
  // a step.
  const Experiment e = experiment(", step = 1e30", "at = \"0..12\"");
  const TrainResult result = train_into(folder.path(), e);
  const Run run = load_run(result.folder);
  REQUIRE(run.diverged_at);
  CHECK(*run.diverged_at > 0);
  CHECK(run.complete);
  CHECK(static_cast<Index>(run.steps.size()) == *run.diverged_at);
  for (const RecordedStep& step : run.steps) {
    CHECK(std::isfinite(step.loss));
    CHECK(load_parameters(run, step.step).size() == 3);
  }
  CHECK_FALSE(fs::exists(result.folder / iterate_name(*run.diverged_at)));
  CHECK_FALSE(train_into(folder.path(), e).trained);
}

TEST_CASE("a run that would be too large is refused before anything is written") {
  const TemporaryFolder folder;
  const Experiment e = experiment("", "at = \"0..12\", max_gib = 1e-6");
  CHECK_THROWS_WITH(train_into(folder.path(), e), Contains("run \"demo\"") && Contains("record.max_gib"));
  CHECK(fs::is_empty(folder.path()));
  const Experiment fits = experiment("", "at = \"0..12\"");
  const double estimate = estimated_bytes(fits, 3);
  const TrainResult result = train_into(folder.path(), fits);
  double actual = 0;
  for (const auto& entry : fs::directory_iterator(result.folder / "iterates"))
    actual += static_cast<double>(entry.file_size());
  CHECK(actual <= estimate);
  CHECK(actual >= 0.7 * estimate);
}

TEST_CASE("a step fraction needs a tangent kernel that is not zero") {
  const TemporaryFolder folder;
  // With m = n = d = 1 the kernel is 0 or 1, as the one neuron is dead or alive.
  int refused = 0, trained = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const Json run = parse_toml(
        "name = \"dead\"\nnetwork = { architecture = \"two_layer_relu\", width = 1 }\ndata = { kind = "
        "\"sphere\", n = 1, d = 1 }\n"
        "training = { steps = 1, step_fraction = 1, seed = " +
            std::to_string(seed) + " }",
        "s.toml");
    Fields fields(run, "s.toml");
    try {
      const TrainResult result = train(experiment_from(fields), claims, {.runs_folder = folder.path()});
      CHECK(load_run(result.folder).eta == 2.0);
      ++trained;
    } catch (const InputError& error) {
      CHECK_THAT(error.what(), Contains("training.step_fraction") && Contains("lambda_max = 0"));
      ++refused;
    }
  }
  CHECK(refused > 0);
  CHECK(trained > 0);
}
