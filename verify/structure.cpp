#include "verify/structure.h"

#include <fmt/format.h>

#include <algorithm>

#include "bounds/activation.h"

namespace overproof {
namespace {

/// |scale² / square − 1| <= 2^-47.
bool rounds_root_of(double scale, const Interval& square_of) {
  const Interval ratio = square(Interval::exact(scale)) / square_of;
  return scale > 0.0 && certainly_le(abs(ratio - Interval::integer(1)), Interval::exact(0x1p-47));
}

bool gaussian_and_trained(const Weight& weight) {
  return weight.law == InitLaw::gaussian && weight.scale == 1.0 && weight.trained;
}

bool plain(const Layer& layer) { return layer.skip_in == 0.0 && layer.scale_in == 1.0; }

}  // namespace

Structure recognise(const Architecture& architecture) {
  if (!is_dense(architecture) || !std::ranges::all_of(architecture.layers, plain)) return {};
  const Interval m = Interval::integer(architecture.width());
  const Weight& output = architecture.weights[architecture.readouts.front().weight];
  const Layer& first = architecture.layers.front();
  const bool two_layer = architecture.depth() == 1 && architecture.activation == Activation::relu &&
                         first.skip_out == 0.0 && !output.trained &&
                         gaussian_and_trained(architecture.weights[first.weight]);
  if (two_layer && output.law == InitLaw::rademacher && output.scale == 1.0 &&
      rounds_root_of(first.scale, Interval::integer(1) / m)) {
    return {"two_layer_relu", Interval::nan()};
  }

  const bool square_and_trained = std::ranges::all_of(architecture.weights, gaussian_and_trained) &&
                                  std::ranges::all_of(architecture.layers, [&](const Layer& layer) {
                                    return architecture.weights[layer.weight].rows == architecture.width();
                                  });
  const Interval c = c_sigma(activation_row(to_text(architecture.activation)));
  if (!square_and_trained || first.skip_out != 0.0 || !rounds_root_of(first.scale, c / m)) return {};
  const bool no_skips = std::ranges::all_of(architecture.layers, [&](const Layer& layer) {
    return layer.skip_out == 0.0 && layer.scale == first.scale;
  });
  if (no_skips) return {"fc", Interval::nan()};
  const double scale = architecture.layers[1].scale;
  const bool skips =
      std::all_of(architecture.layers.begin() + 1, architecture.layers.end(),
                  [&](const Layer& layer) { return layer.skip_out == 1.0 && layer.scale == scale; });
  if (!skips || !(scale > 0.0)) return {};
  return {"resnet", Interval::integer(architecture.depth()) * sqrt(m) * Interval::exact(scale)};
}

std::string describe(const Architecture& architecture) {
  return fmt::format("{}, H = {}, m = {}, d = {}, {}", architecture.name, architecture.depth(),
                     architecture.width(), architecture.input_dimension, to_text(architecture.activation));
}

}  // namespace overproof
