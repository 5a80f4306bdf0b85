#include "verify/certificate.h"

#include <cmath>
#include <cstring>

#include "files/file.h"
#include "tests/catch.h"
#include "trainer/descent.h"
#include "trainer/run_files.h"
#include "verify/approx_curvature.h"
#include "verify/interval_pass.h"

using namespace overproof;

namespace {

/// A run as an import: these weights, nothing trained.
Run stored(const TemporaryFolder& folder, const Architecture& net, const Parameters& weights,
           const Dataset& data, double eta) {
  const std::string bytes = parameters_bytes(net, weights), inputs = data_bytes(data);
  write_file(folder.path() / "data.safetensors", inputs);
  RecordedStep step{0, true, 0.0, 0.0, iterate_name(0), sha256(bytes)};
  step.loss = step.residual_norm = std::nan("");
  write_file(folder.path() / step.file, bytes);
  write_file(folder.path() / "steps.jsonl", step_line(step));
  write_file(
      folder.path() / "run.json",
      Json{{"schema", run_schema},
           {"name", "r"},
           {"eta", eta},
           {"architecture", to_json(net)},
           {"data",
            {{"file", "data.safetensors"}, {"sha256", sha256(inputs)}, {"normalised", data.normalised}}}}
          .dump());
  return load_run(folder.path());
}

double distance(const Parameters& a, const Parameters& b) {
  double squares = 0.0;
  for (std::size_t w = 0; w < a.size(); ++w) squares += (a[w] - b[w]).squaredNorm();
  return std::sqrt(squares);
}

Dataset gaussian_data(Index d, Index n, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  return {Matrix::NullaryExpr(d, n, [&] { return normal(random); }),
          Vector::NullaryExpr(n, [&] { return normal(random); }), true};
}

/// Trained for some steps.
Parameters after(const Architecture& net, const Dataset& data, double eta, Parameters weights, Index steps) {
  Parameters last = weights;
  descend(net, network_inputs(data), data.y, {eta, 0.0}, std::move(weights), 0, steps,
          [&](const DescentStep& at) { last = at.parameters; });
  return last;
}

}  // namespace

TEST_CASE("certified nets converge, stay in their balls and keep their rates when they are trained on") {
  const auto seed = test_seed(91);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  int certified = 0, refused = 0;
  double farthest = 0.0;
  const int nets = scaled(40);
  for (int i = 0; i < nets; ++i) {
    const Index d = 2 + static_cast<Index>(random() % 4), n = 1 + static_cast<Index>(random() % 4),
                m = 20 + static_cast<Index>(random() % 60), depth = 1 + static_cast<Index>(random() % 3);
    const Activation activation =
        std::vector{Activation::softplus, Activation::tanh, Activation::gelu}[random() % 3];
    const int kind = static_cast<int>(random() % 5);
    const Architecture net = kind == 0                 ? two_layer_relu(d, m)
                             : kind <= 2 || depth == 1 ? fully_connected(d, m, depth, activation)
                                                       : resnet(d, m, depth, 0.5, activation);
    Dataset data = gaussian_data(d, n, random);
    if (n > 1 && random() % 8 == 0) data.X.col(1) = data.X.col(0);  // other labels: no zero loss
    Parameters weights = initial_parameters(net, random());
    const double largest = approx_lambda_max_ntk(net, weights, network_inputs(data));
    const double eta = (0.1 + 0.95 * static_cast<double>(random() % 20) / 20.0) * 2.0 / largest;
    weights = after(net, data, eta, std::move(weights), static_cast<Index>(random() % 4) * 120);
    const TemporaryFolder folder;
    const Certificate certificate = certify(stored(folder, net, weights, data, eta), 0, false);
    INFO("net " << i << ": " << net.name << ", H = " << depth << ", n = " << n << ", m = " << m
                << ", h = " << certificate.proof.h);
    if (!certificate.certified()) {
      ++refused;
      continue;
    }
    ++certified;
    CHECK(certificate.lipschitz.back().second == certificate.proof.nodes.back().lipschitz);
    CHECK(certainly_le(enclose_residual_norm_slowly(net, weights, data).lower_point(),
                       Interval::exact(certificate.premises.residual)));
    if (n > 1) CHECK(data.X.col(1) != data.X.col(0));
    double before = -1.0, last = 0.0, floor = 1e-13 * (1.0 + data.y.norm());
    descend(net, network_inputs(data), data.y, {eta, 0.0}, weights, 0, 1500, [&](const DescentStep& at) {
      const double moved = distance(at.parameters, weights);
      farthest = std::max(farthest, moved / certificate.proof.radius);
      CHECK(moved <= certificate.proof.radius * (1.0 + 1e-9) + 1e-11);
      if (before >= 0.0)
        CHECK(at.residual_norm <= certificate.proof.contraction * before * (1.0 + 1e-12) + floor);
      before = last = at.residual_norm;
    });
    const double promised = certificate.premises.residual * std::pow(certificate.proof.contraction, 1500);
    CHECK(last <= promised * (1.0 + 1e-6) + 10.0 * floor);
  }
  INFO(certified << " certified, " << refused << " refused");
  CHECK(certified >= nets / 4);
  CHECK(refused >= nets / 20);
  CHECK(farthest > 0.3);
}

TEST_CASE("what cannot converge is never certified") {
  std::mt19937_64 random(92);
  const Architecture net = fully_connected(3, 60, 2, Activation::softplus);
  const Parameters start = initial_parameters(net, 5);
  Dataset data = gaussian_data(3, 3, random);
  const double largest = approx_lambda_max_ntk(net, start, network_inputs(data)), eta = 1.0 / largest;
  const auto at = [&](const Dataset& on, double step, const Parameters& weights, bool flow) {
    const TemporaryFolder folder;
    return certify(stored(folder, net, weights, on, step), 0, flow);
  };
  const Parameters late = after(net, data, eta, start, 3000);
  REQUIRE(at(data, eta, late, false).certified());
  REQUIRE(at(data, eta, late, true).certified());
  // above the edge of stability, not for the flow
  const Certificate unstable = at(data, 2.3 / largest, late, false);
  CHECK(unstable.proof.obstacle == Obstacle::step_size);
  CHECK(at(data, 2.3 / largest, late, true).certified());
  // equal inputs with other labels, and opposite ones of an odd net
  Dataset equal = data;
  equal.X.col(2) = 2.0 * equal.X.col(0);
  const Parameters stuck = after(net, equal, eta, start, 3000);
  for (const bool flow : {false, true}) {
    const Certificate refused = at(equal, eta, stuck, flow);
    CHECK(!refused.certified());
    CHECK(refused.proof.obstacle == Obstacle::singular);
  }
  // a saddle: all weights 0
  Parameters zero = start;
  for (Matrix& W : zero) W.setZero();
  CHECK(!at(data, eta, zero, true).certified());
  // NaN does not come through the door
  Parameters spoiled = late;
  spoiled[1](0, 0) = std::nan("");
  CHECK_THROWS_AS(at(data, eta, spoiled, false), InputError);
}

TEST_CASE("the earliest certified step is one whose predecessor is refused") {
  const TemporaryFolder folder;
  const std::string text =
      "name = \"r\"\nnetwork = { architecture = \"fc\", depth = 1, width = 60, activation = \"tanh\" }\n"
      "data = { kind = \"sphere\", n = 4, d = 4, seed = 2 }\ntraining = { step_fraction = 0.5, steps = 400 "
      "}\n"
      "record = { at = \"0..400..20\", pairs = false }\n";
  const Json document = parse_toml(text, "s.toml");
  Fields fields(document, "s.toml");
  TrainOptions options;
  options.runs_folder = folder.path();
  const Run run = load_run(train(experiment_from(fields), Json::object(), options).folder);
  const Certificate earliest = certify_earliest(run, false);
  REQUIRE(earliest.certified());
  REQUIRE(earliest.step > 0);
  CHECK(!certify(run, earliest.step - 20, false).certified());
  CHECK(certify(run, earliest.step, false).proof.nodes == earliest.proof.nodes);
  CHECK_THROWS_AS(certify(run, 7, false), InputError);
  const Certificate sharp = certify_earliest(run, false, {}, LipschitzMethod::jacobians);
  CHECK(sharp.certified());
  CHECK(sharp.step <= earliest.step);
  CHECK(sharp.lipschitz.size() == lipschitz_methods.size());
}

TEST_CASE("a sharper certificate has a smaller Lipschitz constant, above what a search finds") {
  std::mt19937_64 random(96);
  const Dataset data = gaussian_data(3, 3, random);
  for (const Architecture& net :
       {fully_connected(3, 30, 3, Activation::softplus), resnet(3, 30, 3, 0.5, Activation::tanh),
        fully_connected(3, 30, 1, Activation::gelu)}) {
    const Parameters weights = initial_parameters(net, 5);
    const Certificate usual = certify(net, weights, data, 0.01, false),
                      sharp = certify(net, weights, data, 0.01, false, LipschitzMethod::jacobians);
    CHECK(usual.lipschitz.size() == 3);
    CHECK(!usual.searched);
    REQUIRE(sharp.lipschitz.size() == lipschitz_methods.size());
    REQUIRE(sharp.searched);
    INFO(net.name << ", H = " << net.depth() << ", " << *sharp.searched);
    CHECK(*sharp.searched > 0.0);
    CHECK(*sharp.searched <= sharp.lipschitz.back().second);
    CHECK(*sharp.searched == approx_curvature(net, weights, network_inputs(data)));
    CHECK(sharp.binding() == (net.depth() > 1 ? LipschitzMethod::jacobians : LipschitzMethod::batch));
    CHECK(sharp.proof.h <= usual.proof.h);
  }
}

TEST_CASE("the search finds the sharp constant of a product of two numbers") {
  // f = a w x with relu far from its kink: D²f is [[0, x], [x, 0]]
  Architecture net = fully_connected(1, 1, 1, Activation::relu);
  net.layers[0].scale = 1.0;
  const Parameters weights = {Matrix::Constant(1, 1, 2.0), Matrix::Constant(1, 1, 3.0)};
  const double found = approx_curvature(net, weights, Matrix::Constant(1, 1, 1.5));
  CHECK(found == Approx(1.5).epsilon(1e-6));
  Architecture fixed = net;
  for (Weight& w : fixed.weights) w.trained = false;
  CHECK(approx_curvature(fixed, weights, Matrix::Constant(1, 1, 1.5)) == 0.0);
  CHECK(approx_curvature(net, {Matrix::Constant(1, 1, std::nan("")), weights[1]}, Matrix::Ones(1, 1)) == 0.0);
}

TEST_CASE("the method before the last smaller Lipschitz constant is not the binding one") {
  Certificate c;
  CHECK(!c.binding());
  c.lipschitz = {{LipschitzMethod::product, 3.0}, {LipschitzMethod::measured, 3.0}};
  CHECK(c.binding() == LipschitzMethod::product);
  c.lipschitz.emplace_back(LipschitzMethod::batch, 2.0),
      c.lipschitz.emplace_back(LipschitzMethod::jacobians, 2.0);
  CHECK(c.binding() == LipschitzMethod::batch);
  c.lipschitz.back().second = 1.0;
  CHECK(c.binding() == LipschitzMethod::jacobians);
}

TEST_CASE("the premises are about the trained weights alone") {
  std::mt19937_64 random(94);
  for (std::size_t fixed = 0; fixed < 4; ++fixed) {
    Architecture net = resnet(4, 30, 3, 0.5, Activation::tanh);
    net.weights[fixed].trained = false;
    const Parameters weights = initial_parameters(net, 3);
    const Dataset data = gaussian_data(4, 3, random);
    const TemporaryFolder folder;
    const Premises premises = certify(stored(folder, net, weights, data, 0.01), 0, false).premises;
    const double largest = approx_lambda_max_ntk(net, weights, network_inputs(data));
    CHECK(premises.lambda_max >= largest * (1.0 - 1e-10));
    CHECK(premises.lambda_max <= largest * (1.0 + 1e-10));
    CHECK(premises.lambda_min <= largest);
  }
}

TEST_CASE("weights and labels far from 1 end in a refusal, and tiny ones in no exception") {
  std::mt19937_64 random(95);
  const Architecture net = fully_connected(3, 12, 2, Activation::softplus);
  const Dataset data = gaussian_data(3, 2, random);
  for (const double size : {1e300, 1e155, 1e-160, 5e-324}) {
    Parameters weights = initial_parameters(net, 1);
    for (Matrix& W : weights) W *= size;
    const TemporaryFolder folder;
    INFO(size);
    CHECK(!certify(stored(folder, net, weights, data, 0.01), 0, false).certified());
  }
  Dataset far = data;
  far.y.setConstant(1e300);
  const TemporaryFolder folder;
  CHECK(!certify(stored(folder, net, initial_parameters(net, 1), far, 0.01), 0, false).certified());
}

TEST_CASE("the hash of the data is that of the file, whoever wrote it") {
  std::mt19937_64 random(96);
  const Architecture net = fully_connected(3, 8, 1, Activation::tanh);
  const Dataset data = gaussian_data(3, 2, random);
  const TemporaryFolder folder;
  (void)stored(folder, net, initial_parameters(net, 1), data, 0.01);
  // the same tensors with a longer header, as other libraries align it
  std::string bytes = read_file(folder.path() / "data.safetensors");
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  bytes.insert(sizeof header + header, 8, ' ');
  header += 8;
  std::memcpy(bytes.data(), &header, sizeof header);
  write_file(folder.path() / "data.safetensors", bytes);
  Json run = parse_json(read_file(folder.path() / "run.json"), "run.json");
  run["data"]["sha256"] = sha256(bytes);
  write_file(folder.path() / "run.json", run.dump());
  CHECK(certify(load_run(folder.path()), 0, false).data_sha256 == sha256(bytes));
}
