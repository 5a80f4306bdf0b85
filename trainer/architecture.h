#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "files/fields.h"
#include "trainer/activation.h"

namespace overproof {

using Eigen::Index;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

enum class InitLaw { gaussian, rademacher, zero };

/// A matrix of parameters, rows × cols. Initial entries are `scale` times the law (independent).
struct Weight {
  std::string name;
  Index rows = 0, cols = 0;
  InitLaw law = InitLaw::gaussian;
  double scale = 1.0;
  bool trained = true;
  bool operator==(const Weight&) const = default;
};

/// The patch operator φ of a convolution: pixels height × width, zero padding, stride 1, patch_height ×
/// patch_width shifted copies stacked. All ones is the identity (a dense layer).
struct Patches {
  Index height = 1, width = 1, patch_height = 1, patch_width = 1;
  bool operator==(const Patches&) const = default;
};

/// z gains W[weight] · x_input, where x_input is the input of that number (time step of a recurrent net).
struct Injection {
  std::size_t weight = 0;
  Index input = 0;
  bool operator==(const Injection&) const = default;
};

/// One layer h:
///     z   = skip_in · x^(h-1) + scale_in · W[weight] φ(x^(h-1)) + W[injected.weight] x_(injected.input)
///     x^h = skip_out · x^(h-1) + scale · σ(z)
/// Scales are the exact doubles of the run. Tied weights are layers with the same weight index.
struct Layer {
  std::size_t weight = 0;
  Patches patches = {};
  double skip_in = 0.0, scale_in = 1.0;
  std::optional<Injection> injected = std::nullopt;
  double skip_out = 0.0, scale = 1.0;
  bool operator==(const Layer&) const = default;
};

/// f_target = W[weight] x^(after_layer), weight of shape (outputs, features).
struct Readout {
  Index after_layer = 0;  ///< 1..H
  std::size_t weight = 0;
  Index target = 0;
  bool operator==(const Readout&) const = default;
};

/// An architecture is data: weights, a list of layers, and readouts. x^(0) is the input (zero for a recurrent
/// net, whose inputs are injected).
struct Architecture {
  std::string name;           ///< "fc", "resnet", "two_layer_relu", or anything for an imported run
  Index input_dimension = 0;  ///< d, the length of one input
  Index inputs = 1;           ///< inputs per sample (time steps)
  Activation activation = Activation::relu;
  std::vector<Weight> weights;
  std::vector<Layer> layers;
  std::vector<Readout> readouts;

  [[nodiscard]] Index depth() const { return static_cast<Index>(layers.size()); }
  [[nodiscard]] Index width() const { return weights[layers.front().weight].rows; }
  bool operator==(const Architecture&) const = default;
};

/// Du et al. 1810.02054: f = (1/√m) Σ a_r relu(w_r·x); entries of W N(0,1), a_r = ±1 fixed, only W trained. H
/// = 1.
[[nodiscard]] Architecture two_layer_relu(Index d, Index m);
/// Du et al. 1811.03804, Section 5: x^h = √(c_σ/m) σ(W^h x^(h-1)), f = a·x^H, all layers trained, entries
/// N(0,1).
[[nodiscard]] Architecture fully_connected(Index d, Index m, Index depth, Activation activation);
/// Du et al. 1811.03804, Section 6: x^1 = √(c_σ/m) σ(W^1 x), x^h = x^(h-1) + c_res/(H√m) σ(W^h x^(h-1)), f =
/// a·x^H.
[[nodiscard]] Architecture resnet(Index d, Index m, Index depth, double c_res, Activation activation);

/// Throws InputError naming `file` and the field when shapes do not fit together, an index is out of range,
/// or there is no layer or readout.
void check(const Architecture& architecture, const std::string& file);

/// True if the passes of this version serve it: dense layers, no injection, one readout after the last layer
/// with one output, no tied weights.
[[nodiscard]] bool is_dense(const Architecture& architecture);

/// Doubles are written in hexadecimal ("0x1.8p-4"), so they survive exactly.
[[nodiscard]] Json to_json(const Architecture& architecture);
[[nodiscard]] Architecture architecture_from(Fields fields);

}  // namespace overproof
