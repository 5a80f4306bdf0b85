#include "verify/iterate.h"

#include "verify/norms.h"

namespace overproof {

Iterate enclose_iterate(const Architecture& architecture, const Kernels& kernels, Parameters weights,
                        const std::vector<Up>& spectral, const Inputs& inputs, const Vector& labels) {
  Iterate now{std::move(weights), {}, {}, {}};
  for (std::size_t w = 0; w < now.weights.size(); ++w)
    now.norms.push_back(factor_norms(now.weights[w], spectral[w]));
  now.forward = enclose_forward(architecture, kernels, now.weights, now.norms, inputs.x);
  const Ball& f = now.forward.f;
  for (Index i = 0; i < labels.size(); ++i) {
    now.residual.push_back(Interval::exact(labels[i]) - Interval::exact(f.low(0, i)) -
                           within(f.mid(0, i), f.two[i]));
  }
  return now;
}

SymmetricBall enclose_ntk(const Architecture& architecture, const std::vector<SymmetricBall>& grams) {
  SymmetricBall ntk = zero_ball(grams.front().size());
  for (Index h = 1; h <= architecture.depth() + 1; ++h) {
    const bool trained = architecture.weights[weight_of(architecture, h)].trained;
    if (trained) ntk = ntk + grams[static_cast<std::size_t>(h - 1)];
  }
  return ntk;
}

std::size_t weight_of(const Architecture& architecture, Index h) {
  return h == architecture.depth() + 1 ? architecture.readouts.front().weight
                                       : architecture.layers[static_cast<std::size_t>(h - 1)].weight;
}

}  // namespace overproof
