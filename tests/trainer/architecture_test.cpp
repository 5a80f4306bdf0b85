#include "trainer/architecture.h"

#include <cmath>

#include "files/number.h"
#include "tests/catch.h"

using namespace overproof;
using Catch::Matchers::Contains;

namespace {

/// The ResNet of 1811.03962: h_0 = σ(A x), h_l = σ(h_{l-1} + τ W_l h_{l-1}), f = B h_L; A and B fixed.
Architecture allen_zhu_resnet(Index d, Index m, Index depth, Index outputs, double tau) {
  Architecture net{"allen-zhu-resnet", d, 1, Activation::relu, {}, {}, {}};
  const double scale = std::sqrt(2.0 / static_cast<double>(m));
  net.weights.push_back({"A", m, d, InitLaw::gaussian, scale, false});
  net.layers.push_back({.weight = 0});
  for (Index l = 1; l <= depth; ++l) {
    net.weights.push_back({"W" + std::to_string(l), m, m, InitLaw::gaussian, scale, true});
    net.layers.push_back({.weight = static_cast<std::size_t>(l), .skip_in = 1.0, .scale_in = tau});
  }
  net.readouts.push_back({depth + 1, net.weights.size(), 0});
  net.weights.push_back(
      {"B", outputs, m, InitLaw::gaussian, 1 / std::sqrt(static_cast<double>(outputs)), false});
  return net;
}

/// The convolutional ResNet of 1811.03804, Section 7: x^1 = √(c_σ/m) σ(W^1 φ(x)), x^h = x^(h-1) + c/(H√m)
/// σ(W^h φ(x^(h-1))).
Architecture conv_resnet(Index channels, Patches patches, Index m, Index depth) {
  const Index pixels = patches.height * patches.width, copies = patches.patch_height * patches.patch_width;
  Architecture net{"conv-resnet", channels * pixels, 1, Activation::softplus, {}, {}, {}};
  for (Index h = 1; h <= depth; ++h) {
    net.weights.push_back({"W" + std::to_string(h), m, copies * (h == 1 ? channels : m)});
    net.layers.push_back({.weight = static_cast<std::size_t>(h - 1),
                          .patches = patches,
                          .skip_out = h == 1 ? 0.0 : 1.0,
                          .scale = 0.25});
  }
  net.weights.push_back({"a", 1, m * pixels});
  net.readouts.push_back({depth, static_cast<std::size_t>(depth), 0});
  return net;
}

/// The Elman net of 1810.12065: h_l = σ(W h_{l-1} + A x_l), h_0 = 0, y_l = B h_l for l ≥ 2; W tied, A and B
/// fixed.
Architecture elman(Index d, Index m, Index length, Index outputs) {
  Architecture net{"elman", d, length, Activation::relu, {}, {}, {}};
  const double scale = std::sqrt(2.0 / static_cast<double>(m));
  net.weights = {{"W", m, m, InitLaw::gaussian, scale, true},
                 {"A", m, d, InitLaw::gaussian, scale, false},
                 {"B", outputs, m, InitLaw::gaussian, 1 / std::sqrt(static_cast<double>(outputs)), false}};
  for (Index l = 0; l < length; ++l) net.layers.push_back({.weight = 0, .injected = Injection{1, l}});
  for (Index l = 2; l <= length; ++l) net.readouts.push_back({l, 2, l - 2});
  return net;
}

void check_round_trip(const Architecture& net) {
  const Json json = parse_json(to_json(net).dump(), "net.json");
  CHECK(architecture_from(Fields(json, "net.json", "architecture")) == net);
}

std::string problem(const Architecture& net) {
  try {
    check(net, "run.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("the networks of Du et al. are built with their shapes, laws and scales") {
  const Architecture shallow = two_layer_relu(3, 16);
  CHECK(shallow.depth() == 1);
  CHECK(shallow.width() == 16);
  CHECK(shallow.layers[0].scale == 0.25);
  CHECK(shallow.weights[0] == Weight{"W1", 16, 3, InitLaw::gaussian, 1.0, true});
  CHECK(shallow.weights[1] == Weight{"a", 1, 16, InitLaw::rademacher, 1.0, false});

  const Architecture fc = fully_connected(3, 50, 4, Activation::relu);
  CHECK(fc.depth() == 4);
  CHECK(fc.weights.size() == 5);
  CHECK(fc.weights[1] == Weight{"W2", 50, 50, InitLaw::gaussian, 1.0, true});
  for (const Layer& layer : fc.layers) CHECK(layer.scale == 0.2);  // √(2/50)

  const Architecture res = resnet(3, 25, 4, 0.5, Activation::relu);
  CHECK(res.layers[0].scale == std::sqrt(2.0 / 25));
  CHECK(res.layers[0].skip_out == 0);
  CHECK(res.layers[3].scale == 0.5 / (4 * 5));  // c_res/(H√m)
  CHECK(res.layers[3].skip_out == 1);
  CHECK(res.weights.back() == Weight{"a", 1, 25, InitLaw::gaussian, 1.0, true});
}

TEST_CASE("the built networks pass the check, are dense and survive JSON exactly") {
  for (const std::string& name : activation_names()) {
    const Activation activation = activation_from(name);
    for (const Architecture& net :
         {fully_connected(4, 7, 1, activation), fully_connected(4, 7, 3, activation),
          resnet(4, 7, 3, 0.3, activation), two_layer_relu(4, 7)}) {
      CHECK(problem(net) == "accepted");
      CHECK(is_dense(net));
      check_round_trip(net);
    }
  }
}

TEST_CASE("the Allen-Zhu ResNet is a value of the same type") {
  const Architecture net = allen_zhu_resnet(5, 8, 3, 2, 0.1);
  CHECK(problem(net) == "accepted");
  CHECK_FALSE(is_dense(net));  // several outputs
  CHECK(is_dense(allen_zhu_resnet(5, 8, 3, 1, 0.1)));
  check_round_trip(net);
}

TEST_CASE("the convolutional ResNet is a value of the same type") {
  const Architecture net = conv_resnet(3, {4, 5, 3, 3}, 6, 3);
  CHECK(problem(net) == "accepted");
  CHECK_FALSE(is_dense(net));
  check_round_trip(net);
}

TEST_CASE("the tied recurrent net with readouts from the second step on is a value of the same type") {
  const Architecture net = elman(4, 6, 5, 2);
  CHECK(net.readouts.size() == 4);
  CHECK(problem(net) == "accepted");
  CHECK_FALSE(is_dense(net));
  check_round_trip(net);
}

TEST_CASE("tied weights, readouts in the middle and injections are not dense") {
  Architecture tied = fully_connected(4, 4, 2, Activation::tanh);
  tied.layers[1].weight = 0;
  CHECK_FALSE(is_dense(tied));
  Architecture middle = fully_connected(4, 4, 2, Activation::tanh);
  middle.readouts[0].after_layer = 1;
  CHECK_FALSE(is_dense(middle));
}

TEST_CASE("what does not fit together is refused with the field") {
  const Architecture good = fully_connected(3, 5, 2, Activation::tanh);
  const auto changed = [&](auto&& change) {
    Architecture net = good;
    change(net);
    return problem(net);
  };
  CHECK(problem(good) == "accepted");
  CHECK_THAT(changed([](auto& net) { net.layers.clear(); }),
             Contains("run.json: architecture.layers: there is none"));
  CHECK_THAT(changed([](auto& net) { net.readouts.clear(); }),
             Contains("architecture.readouts: there is none"));
  CHECK_THAT(changed([](auto& net) { net.weights.clear(); }),
             Contains("architecture.weights: there is none"));
  CHECK_THAT(changed([](auto& net) { net.layers[1].weight = 9; }),
             Contains("layers[1].weight: 9: a number from 0 to 2"));
  CHECK_THAT(changed([](auto& net) { net.readouts[0].weight = 9; }), Contains("readouts[0].weight: 9"));
  CHECK_THAT(changed([](auto& net) { net.weights[1].cols = 4; }), Contains("layers[1].weight: W2 is 5 x 4"));
  CHECK_THAT(changed([](auto& net) { net.weights[0].rows = 0; }), Contains("weights[0].rows: 0 x 3"));
  CHECK_THAT(changed([](auto& net) { net.weights[1].name = "W1"; }), Contains("weights[1].name: \"W1\""));
  CHECK_THAT(changed([](auto& net) { net.weights[1].scale = -1; }), Contains("weights[1].scale"));
  CHECK_THAT(changed([](auto& net) { net.weights[1].scale = std::nan(""); }), Contains("weights[1].scale"));
  CHECK_THAT(changed([](auto& net) { net.layers[0].scale = INFINITY; }),
             Contains("layers[0].scale: scales must be finite"));
  CHECK_THAT(changed([](auto& net) { net.layers[0].skip_out = 1; }),
             Contains("skip connection needs equal numbers"));
  CHECK_THAT(changed([](auto& net) { net.readouts[0].after_layer = 3; }),
             Contains("readouts[0].after_layer: 3"));
  CHECK_THAT(changed([](auto& net) { net.readouts[0].after_layer = 0; }),
             Contains("readouts[0].after_layer: 0"));
  CHECK_THAT(changed([](auto& net) { net.weights[2].cols = 6; }),
             Contains("a has 6 columns, layer 2 has 5 features"));
  CHECK_THAT(changed([](auto& net) { net.input_dimension = 0; }), Contains("input_dimension: 0"));
  CHECK_THAT(changed([](auto& net) { net.inputs = 2; }),
             Contains("inputs: 2: several inputs need injections"));
  CHECK_THAT(changed([](auto& net) {
               net.weights.push_back({"idle", 1, 1});
             }),
             Contains("weights[3]: idle is used nowhere"));
  CHECK_THAT(changed([](auto& net) { net.layers[0].patches.patch_width = 2; }),
             Contains("odd height and width"));
  CHECK_THAT(changed([](auto& net) { net.layers[0].patches.height = 0; }), Contains("layers[0].patches: 0"));
  CHECK_THAT(changed([](auto& net) {
               net.layers[1].injected = Injection{0, 3};
             }),
             Contains("injected.input: 3"));
  CHECK_THAT(changed([](auto& net) {
               net.layers[1].injected = Injection{1, 0};
             }),
             Contains("injected.weight: W2"));
  CHECK_THAT(changed([](auto& net) { net.readouts.push_back(net.readouts[0]); }),
             Contains("readouts[1].target: 0"));
}

TEST_CASE("malformed architecture tables are refused with the field") {
  const Json good = to_json(fully_connected(3, 5, 2, Activation::tanh));
  const auto problem_of = [](const Json& json) -> std::string {
    try {
      (void)architecture_from(Fields(json, "run.json", "architecture"));
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(problem_of(good) == "accepted");
  Json json = good;
  json["layers"][0]["scale"] = 0.25;
  CHECK(problem_of(json) == "accepted");
  CHECK(architecture_from(Fields(json, "run.json")).layers[0].scale == 0.25);
  json = good, json["layers"][0]["scale"] = "wide";
  CHECK_THAT(problem_of(json), Contains("run.json: architecture.layers[0].scale: \"wide\""));
  json = good, json["weights"][1]["law"] = "gausian";
  CHECK_THAT(problem_of(json), Contains("weights[1].law: unknown law") && Contains("gaussian"));
  json = good, json["activation"] = "tahn";
  CHECK_THAT(problem_of(json), Contains("did you mean \"tanh\""));
  json = good, json["layers"][0]["skip"] = 1;
  CHECK_THAT(problem_of(json), Contains("layers[0].skip: unknown field"));
  json = good, json.erase("weights");
  CHECK_THAT(problem_of(json), Contains("architecture.weights: there is none"));
  json = good, json["weights"][0]["rows"] = 5.5;
  CHECK_THAT(problem_of(json), Contains("weights[0].rows: 5.5"));
}
