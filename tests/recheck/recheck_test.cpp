#include "recheck/recheck.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "files/file.h"
#include "recheck/bounds.h"
#include "reports/certificate.h"
#include "tests/catch.h"
#include "trainer/experiment.h"
#include "trainer/run.h"
#include "verify/certificate.h"
#include "verify/pass.h"

using namespace overproof;

namespace {

/// A run and what of it is certified.
struct Case {
  const char *name, *network, *training;
  Index step;
  bool flow, large;  ///< large: b > 1
};

const Case cases[] = {
    {"fc", "architecture = 'fc', depth = 2, width = 60, activation = 'tanh'",
     "step_fraction = 0.2, steps = 900", 900, false, false},
    {"large", "architecture = 'fc', depth = 2, width = 60, activation = 'tanh'",
     "step_fraction = 0.8, steps = 80", 80, false, true},
    {"flow", "architecture = 'resnet', depth = 3, width = 40, activation = 'gelu', c_res = 0.5",
     "step_fraction = 0.5, steps = 300", 300, true, false},
    {"silu", "architecture = 'resnet', depth = 2, width = 40, activation = 'silu', c_res = 0.5",
     "step_fraction = 0.3, steps = 900", 900, false, false},
    {"erf", "architecture = 'fc', depth = 1, width = 60, activation = 'erf'",
     "step_fraction = 0.3, steps = 400", 400, false, false},
    {"sigmoid", "architecture = 'fc', depth = 1, width = 60, activation = 'sigmoid'",
     "step_fraction = 0.5, steps = 3000", 3000, false, false},
    {"softplus", "architecture = 'fc', depth = 3, width = 40, activation = 'softplus'",
     "step_fraction = 0.3, steps = 4000", 4000, false, false},
    {"relu", "architecture = 'two_layer_relu', width = 300", "step_fraction = 0.5, steps = 60", 60, false,
     false},
    {"signs", "architecture = 'fc', depth = 1, width = 20000, activation = 'tanh', output = 'signs'",
     "step_fraction = 0.2, steps = 1", 0, false, false}};

/// The folder of the trained run, whose certificate stands in certificate.json; and that.
struct Certified {
  TemporaryFolder folder;
  std::filesystem::path run, file;
  Json json;

  explicit Certified(const Case& row) {
    std::string text = std::string("name = 'r'\nnetwork = { ") + row.network +
                       " }\ndata = { kind = 'sphere', n = 3, d = 4, seed = 2 }\ntraining = { " +
                       row.training + " }\nrecord = { at = '0," + std::to_string(row.step) +
                       "', pairs = false }\n";
    const Json document = parse_toml(text, "s.toml");
    Fields fields(document, "s.toml");
    TrainOptions options;
    options.runs_folder = folder.path();
    run = train(experiment_from(fields), Json::object(), options).folder;
    const Certificate certificate = certify(load_run(run), row.step, row.flow);
    INFO(row.name);
    REQUIRE(certificate.certified());
    REQUIRE((certificate.proof.b > 1.0) == row.large);
    file = folder.path() / "certificate.json";
    json = overproof::json(certificate);
    write(json);
  }
  void write(const nlohmann::json& certificate) const { write_file(file, certificate.dump(2)); }
  /// Writes it with a seal of its own.
  void forge(nlohmann::json certificate) const {
    certificate.erase("sha256");
    certificate["sha256"] = sha256(certificate.dump());
    write(certificate);
  }
  [[nodiscard]] recheck::Result again() const { return recheck::recheck(file, run); }
  /// The message of the InputError.
  [[nodiscard]] std::string message() const {
    try {
      return again().accepted ? "accepted" : "rejected";
    } catch (const recheck::InputError& error) {
      return error.what();
    }
  }
};

/// " NAME NAME " of what failed.
std::string failed(const recheck::Result& result) {
  std::string names = " ";
  for (const recheck::Check& check : result.checks) {
    if (!check.passed && names.find(" " + check.name + " ") == std::string::npos) names += check.name + " ";
  }
  REQUIRE(result.accepted == (names == " "));
  return names;
}

/// Fields where more is a stronger claim, and where less is.
bool favours_more(const std::string& name) {
  return name == "/premises/lambda_min" || name == "/proof/sigma_squared" || name == "/proof/kappa" ||
         name == "/proof/alpha";
}
bool is_claim(const std::string& name) {
  for (const char* part : {"/activation/", "/premises/", "/spectral_norms/", "/lipschitz", "/proof/"}) {
    if (name.starts_with(part)) return true;
  }
  return false;
}

auto has(const std::string& text) { return Catch::Matchers::Contains(text); }

}  // namespace

TEST_CASE("certificates of every kind are accepted") {
  for (const Case& row : cases) {
    const Certified it(row);
    const recheck::Result result = it.again();
    for (const recheck::Check& check : result.checks) {
      if (!check.passed) UNSCOPED_INFO(check.name << ": " << check.detail);
    }
    INFO(row.name);
    CHECK(result.accepted);
  }
}

TEST_CASE("M is that of the program on balls of all sizes, but for its suprema over cells") {
  for (const Case& row : {cases[0], cases[2], cases[4], cases[6]}) {
    const Certified it(row);
    const Run run = load_run(it.run);
    const Architecture& net = run.architecture;
    Parameters weights = load_parameters(run, row.step);
    std::vector<Up> spectral;
    std::map<std::string, recheck::Ball> norms;
    for (std::size_t w = 0; w < weights.size(); ++w) {
      spectral.emplace_back(it.json["spectral_norms"][net.weights[w].name].get<double>());
      norms[net.weights[w].name] = spectral.back().value();
    }
    const Kernels& kernels = kernels_of(net.activation);
    const Iterate at =
        enclose_iterate(net, kernels, std::move(weights), spectral, enclose_inputs(run.data), run.data.y);
    const LipschitzBounds theirs(net, at, enclose_backward(net, kernels, at.weights, at.norms, at.forward));
    const recheck::Run again = recheck::read_run(it.run, row.step);
    const recheck::Center center = recheck::enclose_center(again);
    const recheck::Suprema suprema = recheck::enclose_suprema(again.network[0].activation);
    for (const double r : {0.0, 1e-3, 0.1, 1.0, 10.0}) {
      const recheck::Lipschitz ours = recheck::bound_lipschitz(again.network, center, suprema, norms, r);
      const double product = theirs.at(r, LipschitzMethod::product).value(),
                   measured = theirs.at(r, LipschitzMethod::measured).value(),
                   batch = theirs.at(r, LipschitzMethod::batch).value();
      INFO(row.name << ", r = " << r << ": " << product << " " << measured << " " << batch << ", ours "
                    << ours.product.approx() << " " << ours.measured.approx() << " " << ours.batch.approx());
      CHECK(ours.product.approx() == Approx(product).epsilon(1e-9));
      CHECK(ours.measured.approx() <= measured);
      CHECK(ours.measured.approx() >= 0.99 * measured);
      CHECK(ours.batch.approx() <= batch);
      CHECK(ours.batch.approx() >= 0.99 * batch);
    }
  }
}

TEST_CASE("each number changed in its favour is rejected by its name, sealed anew or not") {
  for (const Case& row : {cases[0], cases[1], cases[2], cases[7]}) {
    const Certified it(row);
    const nlohmann::json leaves = nlohmann::json(it.json).flatten();
    int changed = 0;
    for (const auto& [name, value] : leaves.items()) {
      // The radii of M are no claims: more asks for another M, less is refused where the proof needs more.
      if (!value.is_number() || !is_claim(name) || value == 0.0 || name.ends_with("0/radius")) continue;
      if (name.starts_with("/lipschitz/") && name.ends_with("/radius")) continue;
      // The program's M takes suprema of σ'' over cells, ours does not, and its ρ has the errors of doubles,
      // of which little is left when training is late: a little less is still true.
      const double least = name.starts_with("/lipschitz") ? 0.1 : name == "/premises/residual" ? 0.5 : 1e-8;
      const bool is_zero = value < 1e-100;  // M of ReLU nets is 0, rounded up
      const double sense = favours_more(name) ? 1.0 : -1.0;
      for (const double size : {is_zero ? 2.0 : least, is_zero ? 1e9 : 0.9}) {
        INFO(row.name << " " << name << " by " << sense * size);
        nlohmann::json bad = it.json;
        bad[nlohmann::json::json_pointer(name)] = value.get<double>() * (1 + sense * size);
        it.forge(bad);
        CHECK_THAT(failed(it.again()), has(" " + name + " ") && !has(" /sha256 "));
        ++changed;
        if (size < 0.5 || row.name != cases[7].name) continue;
        it.write(bad);
        CHECK_THAT(failed(it.again()), has(" " + name + " ") && has(" /sha256 "));
      }
    }
    CHECK(changed > 30);
  }
  const Certified start(cases[8]);  // before training ρ is large and tight
  nlohmann::json bad = start.json;
  bad["premises"]["residual"] = bad["premises"]["residual"].get<double>() * (1 - 1e-8);
  start.forge(bad);
  CHECK(failed(start.again()) == " /premises/residual ");
}

TEST_CASE("what is missing, superfluous or no number is refused, in one line that names it") {
  const Certified it(cases[7]);
  const nlohmann::json leaves = nlohmann::json(it.json).flatten();
  for (const auto& [name, value] : leaves.items()) {
    const nlohmann::json::json_pointer at(name);
    INFO(name);
    nlohmann::json bad = it.json;
    if (bad.at(at.parent_pointer()).is_object()) {
      bad[at.parent_pointer()].erase(at.back());
      it.forge(bad);
      if (name != "/sha256" && !name.starts_with("/architecture/"))
        CHECK_THAT(it.message(), has("missing") || has("not found"));
      // what has a default may be left out there, as in run.json
    }
    if (!value.is_number()) continue;
    bad = it.json;
    bad[at] = std::nan("");  // null in JSON
    it.forge(bad);
    CHECK(it.message() != "accepted");
    CHECK(it.message() != "rejected");
    CHECK(it.message().find('\n') == std::string::npos);
  }
  for (const char* place : {"", "/premises", "/proof", "/activation", "/spectral_norms", "/lipschitz/0",
                            "/architecture", "/architecture/layers/0", "/lipschitz_by_method"}) {
    nlohmann::json bad = it.json;
    bad[nlohmann::json::json_pointer(place)]["more"] = 1.0;
    it.forge(bad);
    INFO(place);
    CHECK_THAT(it.message(), has("more: is no field"));
  }
}

TEST_CASE(
    "a radius of M that the proof cannot use, steps of M with b > 1, and a flow with a b are rejected") {
  const Certified fc(cases[0]), large(cases[1]), flow(cases[2]);
  nlohmann::json bad = fc.json;
  const std::string last = "/lipschitz/" + std::to_string(bad["lipschitz"].size() - 1);
  bad["lipschitz"].back()["radius"] = bad["proof"]["radius"];
  fc.forge(bad);
  CHECK_THAT(failed(fc.again()), has(" /proof/radius "));
  bad = fc.json;
  bad["lipschitz"].back()["radius"] = 100.0;
  fc.forge(bad);
  CHECK_THAT(failed(fc.again()), has(" " + last + "/lipschitz "));
  bad = fc.json;
  bad["lipschitz"][1]["radius"] = bad["lipschitz"][0]["radius"];
  fc.forge(bad);
  CHECK_THAT(failed(fc.again()), has(" /lipschitz/1/radius "));
  bad = large.json;
  nlohmann::json step = bad["lipschitz"][0];
  step["radius"] = step["radius"].get<double>() / 2;
  bad["lipschitz"].insert(bad["lipschitz"].begin(), step);
  large.forge(bad);
  CHECK(failed(large.again()) == " /proof/b ");
  bad = flow.json;
  bad["proof"]["b"] = 1e-3;
  flow.forge(bad);
  CHECK(failed(flow.again()) == " /proof/b ");
  bad["method"] = "gradient descent";
  flow.forge(bad);
  CHECK_THAT(flow.message(), has("/eta: is missing"));
}

TEST_CASE("one bit of a weight or of the data, another step size and another run are seen") {
  const Certified it(cases[0]);
  const auto flip = [&](const std::filesystem::path& path, std::size_t from_end) {
    std::string bytes = read_file(path);
    bytes[bytes.size() - from_end] = static_cast<char>(bytes[bytes.size() - from_end] ^ 1);
    write_file(path, bytes);
    return sha256(bytes);
  };
  const std::filesystem::path iterate = it.run / load_run(it.run).at(900).file,
                              data = it.run / "data.safetensors";
  flip(iterate, 8);
  CHECK(failed(it.again()) == " /iterate_sha256 ");
  flip(iterate, 8);
  CHECK(failed(it.again()) == " ");
  flip(data, 8);
  CHECK_THAT(failed(it.again()), has(" /data_sha256 "));
  flip(data, 8);
  // A weight that counts, 2^-8 of it, and every hash made anew.
  nlohmann::json bad = it.json;
  bad["iterate_sha256"] = flip(iterate, 2);
  it.forge(bad);
  CHECK_THAT(failed(it.again()), has(" /premises/residual ") && !has("sha256"));
  flip(iterate, 2);
  bad = it.json;
  bad["eta"] = "0x1p-6";
  it.forge(bad);
  CHECK_THAT(failed(it.again()), has(" /eta "));
  for (const auto& [field, value] : {std::pair<const char*, nlohmann::json>{"run", "other"},
                                     {"normalised", false},
                                     {"certified", false},
                                     {"schema", "overproof.certificate/2"}}) {
    bad = it.json;
    bad[field] = value;
    it.forge(bad);
    CHECK(failed(it.again()) == " /" + std::string(field) + " ");
  }
  bad = it.json;
  bad["architecture"]["layers"][1]["scale"] = "0x1p-3";
  it.forge(bad);
  CHECK(failed(it.again()) == " /architecture/name ");
  bad = it.json;
  bad["step"] = 0;
  it.forge(bad);
  CHECK_THAT(failed(it.again()), has(" /iterate_sha256 "));
  bad["step"] = 7;
  it.forge(bad);
  CHECK_THAT(it.message(), has("step 7 is not stored"));
  const Certified other(cases[1]);
  bad = it.json;
  bad["step"] = 80;
  it.forge(bad);
  CHECK_FALSE(recheck::recheck(it.file, other.run).accepted);
}

TEST_CASE("files that are cut, malformed or say something twice are refused with their names") {
  const Certified it(cases[7]);
  const std::string text = read_file(it.file), iterate = (it.run / load_run(it.run).at(60).file).string();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 2}) {
    write_file(it.file, text.substr(0, size));
    CHECK_THAT(it.message(), has("certificate.json: "));
  }
  write_file(it.file, R"({"step": 200, "step": 200})");
  CHECK_THAT(it.message(), has("\"step\" is given twice"));
  write_file(it.file, "[1]");
  CHECK_THAT(it.message(), has("certificate.json: "));
  std::string wild = text;
  wild.replace(wild.find("\"residual\":") + 11, 1, " 1e999, \"x\": ");
  write_file(it.file, wild);
  CHECK_THAT(it.message(), has("certificate.json: "));
  write_file(it.file, text);
  REQUIRE(it.message() == "accepted");
  for (const std::string& path :
       {iterate, (it.run / "data.safetensors").string(), (it.run / "run.json").string()}) {
    const std::string bytes = read_file(path);
    INFO(path);
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, bytes.size() / 2, bytes.size() - 8}) {
      write_file(path, bytes.substr(0, size));
      CHECK_THAT(it.message(), has(std::filesystem::path(path).filename().string()));
    }
    write_file(path, bytes);
  }
  std::string bytes = read_file(iterate);
  const double none = std::nan("");
  std::memcpy(bytes.data() + bytes.size() - 8, &none, 8);
  write_file(iterate, bytes);
  CHECK_THAT(it.message(), has("holds an entry that is not finite"));
  std::filesystem::remove(it.run / "steps.jsonl");
  CHECK_THAT(it.message(), has("steps.jsonl: cannot be read"));
}
