#include <cmath>
#include <fstream>
#include <functional>

#include "files/file.h"
#include "files/number.h"
#include "tests/catch.h"
#include "trainer/run.h"
#include "trainer/run_files.h"

using namespace overproof;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// A run as another program would write it: two stored iterates of a net with d = 2, m = 3, H = 2, n = 2.
struct Imported {
  TemporaryFolder folder;
  Architecture net = fully_connected(2, 3, 2, Activation::tanh);
  Parameters weights = initial_parameters(net, 5);
  Dataset data{(Matrix(2, 2) << 1, 0, 0, 1).finished(), (Vector(2) << 1, -1).finished(), true};
  Json run;
  std::vector<RecordedStep> steps;

  Imported() {
    run = {{"schema", "overproof.run/1"},
           {"name", "from elsewhere"},
           {"eta", 0.125},
           {"data", {{"file", "data.safetensors"}, {"sha256", ""}, {"normalised", true}}},
           {"architecture", to_json(net)}};
    for (const Index k : {Index{0}, Index{10}}) steps.push_back({k, true, 0.5, 1.0, iterate_name(k), ""});
    write();
  }

  /// Everything, with matching hashes.
  void write() {
    const std::string bytes = data_bytes(data);
    run["data"]["sha256"] = sha256(bytes);
    write_file(path("data.safetensors"), bytes);
    for (RecordedStep& step : steps) write_iterate(step, parameters_bytes(net, weights));
    write_run();
    write_steps();
  }
  void write_run() const { write_file(path("run.json"), run.dump()); }
  void write_steps() const {
    std::string lines;
    for (const RecordedStep& step : steps) lines += step_line(step);
    write_file(path("steps.jsonl"), lines);
  }
  void write_iterate(RecordedStep& step, const std::string& bytes) {
    step.sha256 = sha256(bytes);
    write_file(folder.path() / step.file, bytes);
  }
  [[nodiscard]] fs::path path(const std::string& name) const { return folder.path() / name; }

  [[nodiscard]] std::string problem(Index step = 10) const {
    try {
      (void)load_parameters(load_run(folder.path()), step);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  }
};

std::string problem_after(const std::function<void(Imported&)>& damage) {
  Imported run;
  damage(run);
  return run.problem();
}

/// The problem when the iterate of step 10 has these bytes and their own hash.
std::string problem_with_iterate(const std::function<std::string(Imported&)>& bytes) {
  return problem_after([&](Imported& r) {
    r.write_iterate(r.steps[1], bytes(r));
    r.write_steps();
  });
}

}  // namespace

TEST_CASE("a run made by another program is loaded like one of ours") {
  const Imported made;
  const Run run = load_run(made.folder.path());
  CHECK_FALSE(run.experiment);
  CHECK(run.name == "from elsewhere");
  CHECK(run.eta == 0.125);
  CHECK(run.architecture == made.net);
  CHECK(run.data.X == made.data.X);
  CHECK(run.data.y == made.data.y);
  CHECK(run.data.normalised);
  CHECK(run.claims == Json::object());
  CHECK(run.spectral_steps == std::vector<Index>{0});
  CHECK(run.heads() == std::vector<Index>{0, 10});
  CHECK(load_parameters(run, 10) == made.weights);
}

TEST_CASE("recorded losses that are not finite are kept as they are") {
  Imported made;
  made.steps[0].loss = std::nan("");
  made.steps[1].loss = INFINITY;
  made.write_steps();
  CHECK_THAT(read_file(made.path("steps.jsonl")), Contains("\"nan\"") && Contains("\"inf\""));
  const Run run = load_run(made.folder.path());
  CHECK(std::isnan(run.steps[0].loss));
  CHECK(run.steps[1].loss == INFINITY);
}

TEST_CASE("a malformed run.json is refused with file and field") {
  const auto changed = [](const std::function<void(Json&)>& change) {
    return problem_after([&](Imported& r) {
      change(r.run);
      r.write_run();
    });
  };
  CHECK(changed([](Json&) {}) == "accepted");
  CHECK_THAT(changed([](Json& j) { j["schema"] = "overproof.run/2"; }),
             Contains("run.json: schema: \"overproof.run/2\": \"overproof.run/1\" is expected"));
  CHECK_THAT(changed([](Json& j) { j.erase("name"); }), Contains("run.json: name: is missing"));
  CHECK_THAT(changed([](Json& j) { j.erase("eta"); }), Contains("run.json: eta: is missing"));
  CHECK_THAT(changed([](Json& j) { j["eta"] = -1; }), Contains("run.json: eta: -1"));
  CHECK_THAT(changed([](Json& j) { j["eta"] = "nan"; }), Contains("run.json: eta: \"nan\""));
  CHECK_THAT(changed([](Json& j) { j.erase("architecture"); }),
             Contains("run.json: architecture.name: is missing"));
  CHECK_THAT(changed([](Json& j) { j["architecture"]["layers"][1]["weight"] = 5; }),
             Contains("architecture.layers[1].weight: 5"));
  CHECK_THAT(changed([](Json& j) { j["architecture"]["input_dimension"] = 3; }),
             Contains("run.json: architecture.layers[0].weight"));
  CHECK_THAT(changed([](Json& j) { j["data"].erase("file"); }), Contains("run.json: data.file: is missing"));
  CHECK_THAT(changed([](Json& j) { j["data"]["sha256"] = std::string(64, '0'); }),
             Contains("data.safetensors: sha256 is") && Contains("000000000000..."));
  CHECK_THAT(changed([](Json& j) { j["state"] = "done"; }),
             Contains("run.json: state: unknown state \"done\""));
  CHECK_THAT(changed([](Json& j) { j["state"] = "diverged"; }), Contains("run.json: diverged_at"));
  CHECK_THAT(changed([](Json& j) { j["diverged_at"] = 20; }), Contains("run.json: diverged_at: 20"));
  CHECK_THAT(changed([](Json& j) { j["state"] = "diverged", j["diverged_at"] = 10; }),
             Contains("step 10 is stored"));
  CHECK(changed([](Json& j) { j["state"] = "diverged", j["diverged_at"] = 11; }) == "accepted");
  CHECK_THAT(changed([](Json& j) { j["etaa"] = 1; }),
             Contains("run.json: etaa: unknown field") && Contains("did you mean \"eta\""));
  CHECK_THAT(changed([](Json& j) { j["experiment"] = Json::object(); }),
             Contains("run.json: experiment.name: is missing"));
  CHECK_THAT(problem_after([](Imported& r) { write_file(r.path("run.json"), "{\"schema\":"); }),
             Contains("run.json: not valid JSON"));
  CHECK_THAT(problem_after([](Imported& r) { fs::remove(r.path("run.json")); }),
             Contains("run.json: cannot be read"));
}

TEST_CASE("an experiment that was changed afterwards is refused") {
  const TemporaryFolder folder;
  const Json toml = parse_toml(
      "name = \"a\"\nnetwork = { architecture = \"two_layer_relu\", width = 3 }\ndata = { kind = \"sphere\", "
      "n = 2, d = 2 }\n"
      "training = { steps = 1, step = 0.1 }",
      "s");
  Fields fields(toml, "s");
  const fs::path made = train(experiment_from(fields), {}, {.runs_folder = folder.path()}).folder;
  Json run = parse_json(read_file(made / "run.json"), "run.json");
  CHECK(load_run(made).name == "a");
  run["experiment"]["training"]["step"] = 0.2;
  write_file(made / "run.json", run.dump());
  CHECK_THROWS_WITH(load_run(made), Contains("run.json: experiment_sha256") && Contains("it was changed"));
}

TEST_CASE("a run.json that says something else than its experiment is refused") {
  const TemporaryFolder folder;
  const Json toml = parse_toml(
      "name = \"a\"\nnetwork = { architecture = \"fc\", depth = 2, width = 3, activation = \"tanh\" }\n"
      "data = { kind = \"sphere\", n = 2, d = 2 }\ntraining = { steps = 1, step = 0.1, seed = 4 }",
      "s");
  Fields fields(toml, "s");
  const fs::path made = train(experiment_from(fields), {}, {.runs_folder = folder.path()}).folder;
  const Json run = parse_json(read_file(made / "run.json"), "run.json");
  const auto problem = [&](const std::function<void(Json&)>& change) -> std::string {
    Json changed = run;
    change(changed);
    write_file(made / "run.json", changed.dump());
    try {
      (void)load_run(made);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(problem([](Json&) {}) == "accepted");
  CHECK_THAT(problem([](Json& j) { j["eta"] = 0.2; }), Contains("eta: 0.2: the experiment has step = 0.1"));
  CHECK_THAT(problem([](Json& j) { j["seed"] = 5; }), Contains("seed: 5: the experiment has seed = 4"));
  CHECK_THAT(problem([](Json& j) { j["data"]["normalised"] = false; }), Contains("data.normalised"));
  CHECK_THAT(problem([](Json& j) { j["architecture"]["weights"][2]["trained"] = false; }),
             Contains("architecture: is not that of the experiment"));
  const auto scaled_by = [&](double factor) {
    return problem([&](Json& j) {
      for (Json& layer : j["architecture"]["layers"]) {
        Fields of(layer, "run.json");
        layer["scale"] = of.exact_number("scale") * factor;
      }
    });
  };
  CHECK(scaled_by(1 + 4e-16) == "accepted");  // as another libm may round it
  CHECK_THAT(scaled_by(1 + 1e-14), Contains("architecture"));
}

TEST_CASE("a malformed steps.jsonl is refused with its line") {
  const auto with = [](const std::string& text) {
    return problem_after([&](Imported& r) { write_file(r.path("steps.jsonl"), text); });
  };
  const Imported made;
  const std::string good = read_file(made.path("steps.jsonl"));
  CHECK(with(good) == "accepted");
  CHECK_THAT(with(""), Contains("steps.jsonl: has no stored iterate"));
  CHECK_THAT(with(good.substr(0, good.size() - 1)), Contains("steps.jsonl:2: is truncated"));
  CHECK_THAT(with(good + "{}\n"), Contains("steps.jsonl:3: step: is missing"));
  CHECK_THAT(with(good + good), Contains("steps.jsonl:3: step: 0: steps must increase"));
  CHECK_THAT(with("nonsense\n" + good), Contains("steps.jsonl:1: not valid JSON"));
  CHECK_THAT(with("[]\n"), Contains("steps.jsonl:1: top level: []: expected a table"));
  for (const std::string path : {"../iterates/a", "/etc/hostname", ""}) {
    CHECK_THAT(with(R"({"step":0,"loss":1,"residual_norm":1,"sha256":"","file":")" + path + "\"}\n"),
               Contains("a path inside the run's folder"));
  }
  CHECK_THAT(with(R"({"step":0,"loss":"big","residual_norm":1,"sha256":"","file":"a"})"
                  "\n"),
             Contains("loss: unknown loss \"big\""));
  CHECK_THAT(problem_after([](Imported& r) { fs::remove(r.path("steps.jsonl")); }),
             Contains("steps.jsonl: cannot be read"));
}

TEST_CASE("data that are damaged, not finite or of the wrong shape are refused") {
  const auto with = [](const std::function<void(Dataset&)>& change) {
    return problem_after([&](Imported& r) {
      change(r.data);
      r.write();
    });
  };
  CHECK(with([](Dataset&) {}) == "accepted");
  CHECK_THAT(with([](Dataset& d) { d.X(0, 1) = NAN; }),
             Contains("data.safetensors: input 1 has an entry that is not finite"));
  CHECK_THAT(with([](Dataset& d) { d.X(0, 1) = INFINITY; }), Contains("not finite"));
  CHECK_THAT(with([](Dataset& d) { d.y[1] = NAN; }), Contains("data.safetensors: label 1 is not finite"));
  CHECK_THAT(with([](Dataset& d) { d.X.col(0).setZero(); }), Contains("input 0 has norm 0"));
  CHECK_THAT(with([](Dataset& d) { d.X.resize(3, 2), d.X.setOnes(); }),
             Contains("X: has shape [2,3], [2,2] is expected"));
  CHECK_THAT(with([](Dataset& d) { d.y = Vector::Ones(3); }),
             Contains("X: has shape [2,2], [3,2] is expected"));
  CHECK_THAT(with([](Dataset& d) { d.X.resize(2, 0), d.y.resize(0); }), Contains("has no samples"));
  CHECK_THAT(problem_after([](Imported& r) { write_file(r.path("data.safetensors"), "short"); }),
             Contains("data.safetensors: sha256 is"));
  CHECK_THAT(problem_after([](Imported& r) {
               r.run["data"]["sha256"] = sha256("short");
               write_file(r.path("data.safetensors"), "short");
               r.write_run();
             }),
             Contains("data.safetensors: is truncated"));
}

TEST_CASE("weights that are damaged, not finite or of the wrong shape are refused") {
  CHECK_THAT(problem_after([](Imported& r) {
               std::string bytes = read_file(r.path(iterate_name(10)));
               bytes[bytes.size() - 3] ^= 1;
               write_file(r.path(iterate_name(10)), bytes);
             }),
             Contains("step-00000010.safetensors: sha256 is") && Contains("the run records") &&
                 Contains("changed or damaged"));
  CHECK_THAT(problem_after([](Imported& r) { fs::remove(r.path(iterate_name(10))); }),
             Contains("step-00000010.safetensors: cannot be read"));
  const auto with_weights = [](const std::function<void(Parameters&)>& change) {
    return problem_with_iterate([&](Imported& r) {
      Parameters weights = r.weights;
      change(weights);
      return parameters_bytes(r.net, weights);
    });
  };
  CHECK(with_weights([](Parameters&) {}) == "accepted");
  CHECK_THAT(with_weights([](Parameters& w) { w[1](2, 0) = NAN; }),
             Contains("step-00000010.safetensors: W2: has an entry that is not finite"));
  CHECK_THAT(with_weights([](Parameters& w) { w[2](0, 0) = -INFINITY; }),
             Contains("a: has an entry that is not finite"));
  CHECK_THAT(with_weights([](Parameters& w) { w[0].transposeInPlace(); }),
             Contains("W1: has shape [2,3], [3,2] is expected"));
  CHECK_THAT(with_weights([](Parameters& w) { w.pop_back(); }), Contains("has no tensor \"a\""));
  CHECK_THAT(problem_with_iterate([](Imported& r) {
               Tensors tensors = parse_safetensors(parameters_bytes(r.net, r.weights), "f");
               tensors["velocity"] = {{1}, {0.0}};
               return safetensors(tensors);
             }),
             Contains("has a tensor \"velocity\" that belongs to nothing"));
  CHECK_THAT(problem_with_iterate([](Imported& r) {
               std::string bytes = parameters_bytes(r.net, r.weights);
               bytes.replace(bytes.find("F64"), 3, "F32");
               return bytes;
             }),
             Contains("W1.dtype: \"F32\": only F64"));
}

TEST_CASE("no truncation or flip of any file of a run makes loading crash") {
  const Imported made;
  std::mt19937_64 random(test_seed(31));
  for (const std::string name :
       {"run.json", "steps.jsonl", "data.safetensors", "iterates/step-00000010.safetensors"}) {
    const std::string good = read_file(made.path(name));
    int refused = 0;
    for (int i = 0; i < scaled(150); ++i) {
      std::string bytes = good;
      if (i % 2 == 0)
        bytes.resize(random() % bytes.size());
      else
        bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
      std::ofstream(made.path(name), std::ios::binary) << bytes;
      refused += made.problem() != "accepted" ? 1 : 0;
    }
    write_file(made.path(name), good);
    CHECK(2 * refused >= scaled(150));  // every truncation, and more
  }
  CHECK(made.problem() == "accepted");
}
