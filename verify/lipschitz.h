#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "verify/convergence.h"
#include "verify/iterate.h"

namespace overproof {

/// How ‖J(w) − J(w')‖ is bounded [docs/certificate.md, "The Lipschitz constant"]; each one takes the better
/// of itself and those before it.
enum class LipschitzMethod {
  product,    ///< the recursion over layers with products of norms
  measured,   ///< and the backward pass at w₀
  batch,      ///< and the samples together, by Hadamard products of Gram matrices
  jacobians,  ///< and the Jacobians from layer to layer at w₀
};
inline constexpr std::array lipschitz_methods = {LipschitzMethod::product, LipschitzMethod::measured,
                                                 LipschitzMethod::batch, LipschitzMethod::jacobians};
[[nodiscard]] std::string_view to_text(LipschitzMethod method);

/// Bounds of the Lipschitz constant of the Jacobian of all outputs on balls around one iterate. Set up in
/// O(H² n² + H n² m), for the method `jacobians` with 3nH(H − 1)/2 spectral norms of m × m matrices more; a
/// bound takes O(n H³), with the batch H² eigenvalues of n × n matrices more.
class LipschitzBounds {
 public:
  /// `at` with its backward pass; the inputs' Ball is at.forward.x[0]. The network must be dense. What the
  /// method `jacobians` needs is computed only where it is the sharpest asked for.
  LipschitzBounds(const Architecture& net, const Iterate& at, const BackwardBalls& backward,
                  LipschitzMethod sharpest = LipschitzMethod::batch);
  ~LipschitzBounds();
  LipschitzBounds(LipschitzBounds&&) noexcept;
  LipschitzBounds& operator=(LipschitzBounds&&) noexcept;

  /// M(radius) >= the Lipschitz constant on the ball of this radius; nondecreasing up to rounding. Infinite
  /// where relu may change a sign on the ball. By the sharpest method, or by another one; one that is sharper
  /// than asked for at first gives that.
  [[nodiscard]] Up at(double radius) const;
  [[nodiscard]] Up at(double radius, LipschitzMethod method) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace overproof
