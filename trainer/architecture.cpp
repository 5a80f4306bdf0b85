#include "trainer/architecture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "files/number.h"

namespace overproof {
namespace {

constexpr Index largest_size = 1'000'000'000;

Weight gaussian_weight(std::string name, Index rows, Index cols) {
  return {std::move(name), rows, cols, InitLaw::gaussian, 1.0, true};
}

/// W1 (m × d), W2..WH (m × m), a (1 × m), and f = a x^H; the layers are the caller's.
Architecture deep(std::string name, Index d, Index m, Index depth, Activation activation) {
  Architecture net{std::move(name), d, 1, activation, {}, {}, {}};
  for (Index h = 1; h <= depth; ++h)
    net.weights.push_back(gaussian_weight(fmt::format("W{}", h), m, h == 1 ? d : m));
  net.weights.push_back(gaussian_weight("a", 1, m));
  net.readouts = {{depth, static_cast<std::size_t>(depth), 0}};
  return net;
}

constexpr std::pair<InitLaw, const char*> laws[] = {
    {InitLaw::gaussian, "gaussian"}, {InitLaw::rademacher, "rademacher"}, {InitLaw::zero, "zero"}};

/// Collects the checks of one architecture; every failure names the file and the field.
struct Checker {
  const Architecture& net;
  const std::string& file;

  void require(bool condition, const std::string& field, const std::string& problem) const {
    if (!condition) throw InputError(fmt::format("{}: architecture.{}: {}", file, field, problem));
  }

  const Weight& weight(std::size_t index, const std::string& field) const {
    require(index < net.weights.size(), field,
            fmt::format("{}: a number from 0 to {} is expected", index, net.weights.size() - 1));
    return net.weights[index];
  }

  void weights() const {
    require(!net.weights.empty(), "weights", "there is none");
    std::set<std::string> names;
    for (std::size_t w = 0; w < net.weights.size(); ++w) {
      const Weight& weight = net.weights[w];
      const std::string field = fmt::format("weights[{}].", w);
      require(!weight.name.empty() && names.insert(weight.name).second, field + "name",
              fmt::format("\"{}\": names must be different and not empty", weight.name));
      require(
          weight.rows >= 1 && weight.rows <= largest_size && weight.cols >= 1 && weight.cols <= largest_size,
          field + "rows",
          fmt::format("{} x {}: sizes from 1 to {} are expected", weight.rows, weight.cols, largest_size));
      require(std::isfinite(weight.scale) && weight.scale >= 0, field + "scale",
              "a finite number >= 0 is expected");
    }
  }

  /// Features of x^0: the input, or as many zeros as the first layer takes when the inputs are injected.
  Index initial_features() const {
    const bool injected =
        std::ranges::any_of(net.layers, [](const Layer& layer) { return layer.injected.has_value(); });
    require(injected || net.inputs == 1, "inputs",
            fmt::format("{}: several inputs need injections", net.inputs));
    if (!injected) return net.input_dimension;
    const Layer& first = net.layers.front();
    const Patches& p = first.patches;
    const Index pixels = p.height * p.width, copies = p.patch_height * p.patch_width;
    return weight(first.weight, "layers[0].weight").cols / copies * pixels;
  }

  void patches(const Patches& p, const std::string& field) const {
    for (const Index size : {p.height, p.width, p.patch_height, p.patch_width}) {
      require(size >= 1 && size <= 10'000, field,
              fmt::format("{}: sizes from 1 to 10000 are expected", size));
    }
    require(p.patch_height % 2 == 1 && p.patch_width % 2 == 1, field, "a patch has odd height and width");
  }

  /// Features of x^h, given those of x^(h-1).
  Index layer(std::size_t index, Index below) const {
    const Layer& layer = net.layers[index];
    const std::string field = fmt::format("layers[{}].", index);
    for (const double scale : {layer.skip_in, layer.scale_in, layer.skip_out, layer.scale}) {
      require(std::isfinite(scale), field + "scale", "scales must be finite");
    }
    patches(layer.patches, field + "patches");
    const Patches& p = layer.patches;
    const Index pixels = p.height * p.width, copies = p.patch_height * p.patch_width;
    const Weight& W = weight(layer.weight, field + "weight");
    require(below % pixels == 0 && W.cols == below / pixels * copies, field + "weight",
            fmt::format("{} is {} x {}, which does not fit {} features in {} pixels with patches of {}",
                        W.name, W.rows, W.cols, below, pixels, copies));
    const Index features = W.rows * pixels;
    require(
        (layer.skip_in == 0 && layer.skip_out == 0) || features == below, field + "skip_in",
        fmt::format("a skip connection needs equal numbers of features, here {} and {}", below, features));
    if (layer.injected) {
      const Weight& A = weight(layer.injected->weight, field + "injected.weight");
      require(A.rows == features && A.cols == net.input_dimension, field + "injected.weight",
              fmt::format("{} is {} x {}, expected {} x {}", A.name, A.rows, A.cols, features,
                          net.input_dimension));
      require(layer.injected->input >= 0 && layer.injected->input < net.inputs, field + "injected.input",
              fmt::format("{}: a number from 0 to {} is expected", layer.injected->input, net.inputs - 1));
    }
    return features;
  }

  void readouts(const std::vector<Index>& features) const {
    require(!net.readouts.empty(), "readouts", "there is none");
    std::set<Index> targets;
    for (std::size_t i = 0; i < net.readouts.size(); ++i) {
      const Readout& readout = net.readouts[i];
      const std::string field = fmt::format("readouts[{}].", i);
      require(readout.after_layer >= 1 && readout.after_layer <= net.depth(), field + "after_layer",
              fmt::format("{}: a number from 1 to {} is expected", readout.after_layer, net.depth()));
      const Weight& B = weight(readout.weight, field + "weight");
      const Index expected = features[static_cast<std::size_t>(readout.after_layer) - 1];
      require(B.cols == expected, field + "weight",
              fmt::format("{} has {} columns, layer {} has {} features", B.name, B.cols, readout.after_layer,
                          expected));
      require(readout.target >= 0 && targets.insert(readout.target).second, field + "target",
              fmt::format("{}: targets must be different and not negative", readout.target));
    }
  }

  void all_weights_used() const {
    std::set<std::size_t> used;
    for (const Layer& layer : net.layers) {
      used.insert(layer.weight);
      if (layer.injected) used.insert(layer.injected->weight);
    }
    for (const Readout& readout : net.readouts) used.insert(readout.weight);
    for (std::size_t w = 0; w < net.weights.size(); ++w) {
      require(used.contains(w), fmt::format("weights[{}]", w), net.weights[w].name + " is used nowhere");
    }
  }
};

Json to_json(const Patches& p) {
  return {{"height", p.height},
          {"width", p.width},
          {"patch_height", p.patch_height},
          {"patch_width", p.patch_width}};
}

Patches patches_from(Fields fields) {
  const auto size = [&](const char* name) { return fields.integer(name, 1, largest_size, 1); };
  const Patches patches{size("height"), size("width"), size("patch_height"), size("patch_width")};
  fields.done();
  return patches;
}

std::size_t index_from(Fields& fields, const std::string& name) {
  return static_cast<std::size_t>(fields.integer(name, 0, largest_size));
}

Weight weight_from(Fields fields) {
  Weight weight{fields.text("name"), fields.integer("rows", 1, largest_size),
                fields.integer("cols", 1, largest_size)};
  const std::string law = fields.choice("law", {"gaussian", "rademacher", "zero"}, "gaussian");
  weight.law = std::ranges::find(laws, law, [](const auto& row) { return row.second; })->first;
  weight.scale = fields.exact_number("scale", 1.0);
  weight.trained = fields.boolean("trained", true);
  fields.done();
  return weight;
}

Layer layer_from(Fields fields) {
  Layer layer{index_from(fields, "weight")};
  layer.patches = patches_from(fields.table("patches"));
  layer.skip_in = fields.exact_number("skip_in", 0.0);
  layer.scale_in = fields.exact_number("scale_in", 1.0);
  if (fields.has("injected")) {
    Fields injected = fields.table("injected");
    layer.injected = Injection{index_from(injected, "weight"), injected.integer("input", 0, largest_size)};
    injected.done();
  }
  layer.skip_out = fields.exact_number("skip_out", 0.0);
  layer.scale = fields.exact_number("scale", 1.0);
  fields.done();
  return layer;
}

}  // namespace

Architecture two_layer_relu(Index d, Index m) {
  Architecture net = deep("two_layer_relu", d, m, 1, Activation::relu);
  net.layers = {{.weight = 0, .scale = 1 / std::sqrt(static_cast<double>(m))}};
  net.weights[1].law = InitLaw::rademacher;
  net.weights[1].trained = false;
  return net;
}

Architecture fully_connected(Index d, Index m, Index depth, Activation activation) {
  Architecture net = deep("fc", d, m, depth, activation);
  const double scale = std::sqrt(approx_c_sigma(activation) / static_cast<double>(m));
  for (Index h = 0; h < depth; ++h)
    net.layers.push_back({.weight = static_cast<std::size_t>(h), .scale = scale});
  return net;
}

Architecture resnet(Index d, Index m, Index depth, double c_res, Activation activation) {
  Architecture net = deep("resnet", d, m, depth, activation);
  const auto width = static_cast<double>(m), layers = static_cast<double>(depth);
  net.layers.push_back({.weight = 0, .scale = std::sqrt(approx_c_sigma(activation) / width)});
  for (Index h = 1; h < depth; ++h) {
    net.layers.push_back({.weight = static_cast<std::size_t>(h),
                          .skip_out = 1.0,
                          .scale = c_res / (layers * std::sqrt(width))});
  }
  return net;
}

void check(const Architecture& architecture, const std::string& file) {
  const Checker checker{architecture, file};
  checker.require(
      architecture.input_dimension >= 1 && architecture.input_dimension <= largest_size, "input_dimension",
      fmt::format("{}: a number from 1 to {} is expected", architecture.input_dimension, largest_size));
  checker.require(architecture.inputs >= 1 && architecture.inputs <= largest_size, "inputs",
                  fmt::format("{}: a number from 1 to {} is expected", architecture.inputs, largest_size));
  checker.weights();
  checker.require(!architecture.layers.empty(), "layers", "there is none");
  checker.patches(architecture.layers.front().patches, "layers[0].patches");
  Index below = checker.initial_features();
  std::vector<Index> features;
  for (std::size_t h = 0; h < architecture.layers.size(); ++h)
    features.push_back(below = checker.layer(h, below));
  checker.readouts(features);
  checker.all_weights_used();
}

bool is_dense(const Architecture& architecture) {
  std::set<std::size_t> used;
  for (const Layer& layer : architecture.layers) {
    if (layer.patches != Patches{} || layer.injected || !used.insert(layer.weight).second) return false;
  }
  if (architecture.readouts.size() != 1) return false;
  const Readout& readout = architecture.readouts.front();
  return readout.after_layer == architecture.depth() && used.insert(readout.weight).second &&
         architecture.weights[readout.weight].rows == 1;
}

Json to_json(const Architecture& architecture) {
  Json weights = Json::array(), layers = Json::array(), readouts = Json::array();
  for (const Weight& weight : architecture.weights) {
    weights.push_back(
        {{"name", weight.name},
         {"rows", weight.rows},
         {"cols", weight.cols},
         {"law", std::ranges::find(laws, weight.law, [](const auto& row) { return row.first; })->second},
         {"scale", hex_text(weight.scale)},
         {"trained", weight.trained}});
  }
  for (const Layer& layer : architecture.layers) {
    Json entry = {{"weight", layer.weight}};
    if (layer.patches != Patches{}) entry["patches"] = to_json(layer.patches);
    entry["skip_in"] = hex_text(layer.skip_in);
    entry["scale_in"] = hex_text(layer.scale_in);
    if (layer.injected)
      entry["injected"] = {{"weight", layer.injected->weight}, {"input", layer.injected->input}};
    entry["skip_out"] = hex_text(layer.skip_out);
    entry["scale"] = hex_text(layer.scale);
    layers.push_back(std::move(entry));
  }
  for (const Readout& readout : architecture.readouts) {
    readouts.push_back(
        {{"after_layer", readout.after_layer}, {"weight", readout.weight}, {"target", readout.target}});
  }
  return {{"name", architecture.name},      {"input_dimension", architecture.input_dimension},
          {"inputs", architecture.inputs},  {"activation", to_text(architecture.activation)},
          {"weights", std::move(weights)},  {"layers", std::move(layers)},
          {"readouts", std::move(readouts)}};
}

Architecture architecture_from(Fields fields) {
  Architecture net;
  net.name = fields.text("name");
  net.input_dimension = fields.integer("input_dimension", 1, largest_size);
  net.inputs = fields.integer("inputs", 1, largest_size, 1);
  net.activation = activation_from(fields.choice("activation", activation_names()));
  for (const Fields& weight : fields.tables("weights")) net.weights.push_back(weight_from(weight));
  for (const Fields& layer : fields.tables("layers")) net.layers.push_back(layer_from(layer));
  for (Fields& readout : std::vector(fields.tables("readouts"))) {
    net.readouts.push_back({readout.integer("after_layer", 1, largest_size), index_from(readout, "weight"),
                            readout.integer("target", 0, largest_size, 0)});
    readout.done();
  }
  fields.done();
  check(net, fields.file());
  return net;
}

}  // namespace overproof
