#include "trainer/descent.h"

#include <algorithm>
#include <cmath>

namespace overproof {

std::optional<Index> descend(const Architecture& net, const Matrix& X, const Vector& y,
                             const DescentRule& rule, Parameters parameters, Index first, Index last,
                             const std::function<void(const DescentStep&)>& observe) {
  Parameters velocity;
  for (Index k = first;; ++k) {
    const Forward pass = forward(net, parameters, X);
    const double square = (pass.f - y).squaredNorm();
    const bool finite = std::isfinite(square) &&
                        std::ranges::all_of(parameters, [](const Matrix& W) { return W.allFinite(); });
    if (!finite) return k;
    observe({k, parameters, square / 2, std::sqrt(square)});
    if (k == last) return std::nullopt;
    Parameters change = gradient(net, parameters, pass, y);
    if (rule.momentum != 0) {
      for (std::size_t w = 0; w < velocity.size(); ++w) change[w] += rule.momentum * velocity[w];
      velocity = change;
    }
    for (std::size_t w = 0; w < change.size(); ++w) {
      if (net.weights[w].trained) parameters[w] -= rule.eta * change[w];
    }
  }
}

}  // namespace overproof
