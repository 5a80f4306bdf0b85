#include "verify/expected.h"

#include <set>

#include "files/error.h"
#include "tests/catch.h"
#include "trainer/run.h"
#include "verify/measure.h"

using namespace overproof;

namespace {

Experiment experiment(const std::string& network, const std::string& record, const std::string& data = "") {
  const Json document = parse_toml(
      "name = \"r\"\nnetwork = { " + network + " }\ndata = { kind = \"sphere\", n = 3, d = 2, seed = 2" +
          data + " }\ntraining = { step = 0.01, steps = 6, seed = 3 }\nrecord = { " + record + " }\n",
      "s.toml");
  Fields fields(document, "s.toml");
  return experiment_from(fields);
}

const std::vector<std::string> networks = {
    "architecture = \"fc\", depth = 2, width = 7, activation = \"tanh\"",
    "architecture = \"resnet\", depth = 3, width = 6, activation = \"softplus\", c_res = 0.5",
    "architecture = \"two_layer_relu\", width = 9"};

std::set<Key> keys(const Measurements& measurements) {
  std::set<Key> all;
  for (const auto& [key, value] : measurements.all()) all.insert(key);
  return all;
}

/// The message of check_claims for one gate; "" when it is accepted.
std::string refusal(const Experiment& of, const std::string& gate) {
  Claims claims;
  claims.gates = {gate};
  try {
    check_claims(claims, of, load_theorems({}));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("exactly the measurements expected of an experiment are taken of its run") {
  for (const std::string& network : networks) {
    for (const std::string record :
         {"at = \"0..6..3\", spectral = \"0,6\"", "at = \"2..4\"", "at = \"0,5\", pairs = false"}) {
      for (const std::string data : {"", ", normalised = false"}) {
        INFO(network << "; " << record << data);
        const TemporaryFolder folder;
        TrainOptions options;
        options.runs_folder = folder.path();
        const Experiment of = experiment(network, record, data);
        const MeasuredRun measured = measure(load_run(train(of, Json::object(), options).folder));
        const Measurements expected = expected_measurements(of);
        CHECK(keys(expected) == keys(measured.measurements));
        CHECK(expected.steps == measured.measurements.steps);
        CHECK(expected.depth == measured.measurements.depth);
      }
    }
  }
}

TEST_CASE("a gate that could not be judged is refused before training, and one that can is not") {
  const Experiment fc = experiment(networks[0], "at = \"0..6..3\""),
                   relu = experiment(networks[2], "at = \"2..4\"");
  for (const std::string gate : {"loss[k+1] <= loss[k]", "drift_fro[k,h] <= 10", "not contradicted: du2019.*",
                                 "records agree", "grad_norm[k,3] >= 0", "lambda_0 > 0", "loss[6] <= loss[0]",
                                 "drift_fro[k,H + 1] <= sqrt(m)", "drift_fro[k,H - 1] <= m/n"}) {
    INFO(gate);
    CHECK(refusal(fc, gate).empty());
  }
  CHECK(refusal(relu, "pattern_changes[k] <= 5").empty());
  CHECK(refusal(fc, "pattern_changes[k] <= 5").find("was not measured on this run") != std::string::npos);
  CHECK(refusal(relu, "lambda_min_gram_lst[k] >= 0").find("did you mean \"lambda_min_gram_last\"") !=
        std::string::npos);
  CHECK(refusal(fc, "not contradicted: du2018.relu2.thm41").find("judged statement") != std::string::npos);
  for (const std::string gate :
       {"loss[5] <= loss[0]", "drift_fro[k,4] <= 1", "drift_fro[k] <= 1", "loss[k,1] <= 1", "loss <= 1",
        "loss[k", "loss[k]", "C_m >= 1", "lambda_0[0] > 0"}) {
    INFO(gate);
    CHECK_FALSE(refusal(fc, gate).empty());
  }
}

TEST_CASE("claims that name no statement or no constant are refused before training") {
  const Experiment fc = experiment(networks[0], "at = \"0..6..3\"");
  Claims claims;
  claims.theorems = {"du2091.*"};
  CHECK_THROWS_AS(check_claims(claims, fc, load_theorems({})), InputError);
  claims = {};
  claims.constants = {{"C_mm", "1"}};
  CHECK_THROWS_AS(check_claims(claims, fc, load_theorems({})), InputError);
}
