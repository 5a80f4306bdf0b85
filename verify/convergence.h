#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "bounds/interval.h"
#include "bounds/verdict.h"
#include "verify/rounding.h"

namespace overproof {

/// What the convergence theorem needs to know at the iterate w₀ [docs/certificate.md, "Theorem"], each number
/// on its safe side. F is the vector of residuals, G its Gram matrix over the trained weights.
struct Premises {
  double residual = 0.0;    ///< >= ‖F(w₀)‖
  double lambda_min = 0.0;  ///< <= λ_min(G(w₀))
  double lambda_max = 0.0;  ///< >= λ_max(G(w₀))
  double eta = 0.0;         ///< the step size, exactly
  bool flow = false;        ///< gradient flow: no step size
};

/// M(r): a Lipschitz constant of the Jacobian on the ball of radius r around w₀, nondecreasing in r; infinite
/// or NaN where there is none.
using LipschitzConstant = std::function<Up(double radius)>;

/// Why nothing was proved.
enum class Obstacle { none, not_finite, singular, step_size, curvature };

/// The Jacobian is `lipschitz`-Lipschitz on the ball of this radius.
struct LipschitzNode {
  double radius = 0.0, lipschitz = 0.0;
  bool operator==(const LipschitzNode&) const = default;
};

/// All that the proof consists of; doubles, rounded to the safe side.
struct ConvergenceProof {
  Obstacle obstacle = Obstacle::curvature;
  double excess = 0.0;               ///< the factor by which the obstacle is too large
  double sigma_squared = 0.0;        ///< σ² <= λ_min
  std::vector<LipschitzNode> nodes;  ///< increasing radii; the last is R_t
  double jacobian = 0.0;             ///< >= ‖J‖ on the ball of R_t
  double b = 0.0;                    ///< >= η‖J‖²; 0 for the flow
  double kappa = 0.0;                ///< <= κ
  double radius = 0.0;               ///< R: all iterates stay this near to w₀
  double alpha = 0.0;                ///< <= the least singular value of J on the ball of R
  double contraction = 1.0;  ///< ‖F(k+1)‖ <= this·‖F(k)‖; flow: ‖F(t)‖ <= e^(−α²t)‖F(0)‖ instead
  double h = 0.0;            ///< >= 2Mρ/(κ²σ²), M that of R_t or, refused, of the first radius tried

  [[nodiscard]] bool certified() const { return obstacle == Obstacle::none; }
};

/// Tries to prove that gradient descent from w₀ stays near and converges to a zero of F. With M = M(r)
/// varying where b <= 1 and for the flow, by the radius search with constant M otherwise. About 30 values of
/// M.
[[nodiscard]] ConvergenceProof prove_convergence(const Premises& at, const LipschitzConstant& lipschitz);

/// Theorem 2.1 of Oymak and Soltanolkotabi [1812.10004], Assumption 2(b), with the constants that M(r) gives
/// on its ball of radius 4ρ/α.
struct OymakSoltanolkotabi {
  Verdict verdict = Verdict::undecided;  ///< holds: proved; fails: not with these bounds
  double curvature = 0.0;  ///< >= 16Mρ/σ² on the ball of radius 4ρ/σ: where it is above 1 there is no α
  std::optional<double> largest_eta;  ///< <= (1/(2β²)) min(1, α²/(Mρ)), where there is an α
};

/// Tries its hypotheses at w₀; `at` is not of the flow, of which the theorem does not speak.
[[nodiscard]] OymakSoltanolkotabi try_oymak_soltanolkotabi(const Premises& at,
                                                           const LipschitzConstant& lipschitz);

}  // namespace overproof
