#include "verify/convergence.h"

#include <cmath>
#include <optional>

namespace overproof {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double least_residual = 1e-300;  ///< a residual of 0 may be called a tiny one
constexpr int most_tries = 400;            ///< of a radius

Interval number(double x) { return Interval::exact(x); }
Interval whole(int x) { return Interval::integer(x); }
Interval positive_part(const Interval& x) { return max(x, whole(0)); }
/// By what factor the next radius to be tried is beyond the one asked for.
Interval wider() { return whole(1) + number(0x1p-10); }

/// The numbers that the theorem gives for J on a ball of some radius.
class Attempt {
 public:
  explicit Attempt(const Premises& at) : at_(at), rho_(number(std::max(at.residual, least_residual))) {}

  /// √λ_max + growth for a bound of ‖J(w) − J(w₀)‖; sets b. False where b is at least 2.
  [[nodiscard]] bool set_jacobian(ConvergenceProof& proof, const Interval& growth) const {
    proof.jacobian = (sqrt(number(at_.lambda_max)) + growth).upper();
    proof.b = at_.flow ? 0.0 : (number(at_.eta) * square(number(proof.jacobian))).upper();
    return proof.b < 2.0;
  }
  /// σ² and κ for b. False where no σ² serves.
  [[nodiscard]] bool set_kappa(ConvergenceProof& proof) const {
    proof.sigma_squared = at_.lambda_min, proof.kappa = 1.0;
    if (at_.flow || proof.b <= 1.0) return proof.sigma_squared > 0.0;
    const Interval b = number(proof.b), eta = number(at_.eta), two = whole(2);
    proof.sigma_squared = std::min(at_.lambda_min, ((two - b) / (two * eta)).lower());
    proof.kappa = sqrt(positive_part(b * (two - b - eta * number(proof.sigma_squared)))).lower();
    return proof.sigma_squared > 0.0 && proof.kappa > 0.0;
  }
  /// h = 2Mρ/(κ²σ²).
  [[nodiscard]] double h(const ConvergenceProof& proof, double lipschitz) const {
    return (whole(2) * number(lipschitz) * rho_ / (square(number(proof.kappa)) * number(proof.sigma_squared)))
        .upper();
  }
  /// 2e/(κσ + √(κ²σ² − 2Me)) from above, where 2Me < κ²σ² for certain.
  [[nodiscard]] std::optional<Interval> root(const Interval& kappa_sigma, double lipschitz,
                                             const Interval& e) const {
    const Interval rest = (square(kappa_sigma) - whole(2) * number(lipschitz) * e).lower_point();
    if (!certainly_lt(whole(0), rest)) return {};
    return (whole(2) * e / (kappa_sigma + sqrt(rest))).upper_point();
  }
  /// The factor of the residual in every step.
  void set_contraction(ConvergenceProof& proof) const {
    if (at_.flow) return;
    const Interval one = whole(1), eta = number(at_.eta), b = number(proof.b), alpha = number(proof.alpha);
    const Interval c = eta * number(proof.nodes.back().lipschitz) * rho_ / whole(2),
                   epsilon = eta * square(alpha);
    Interval fall;
    if (proof.b <= 1.0) {
      fall = certainly_le(c, number(0.5)) ? epsilon * (one - c) : whole(0);
    } else {
      const Interval kappa = number(proof.kappa);
      fall = min(kappa * epsilon - c * epsilon, kappa * alpha * sqrt(eta * b) - c * b);
    }
    const double factor = (one - fall).upper();
    if (factor < 1.0) proof.contraction = std::max(factor, 0.0);
  }

  [[nodiscard]] const Interval& rho() const { return rho_; }

 private:
  const Premises& at_;
  Interval rho_;
};

/// M of every radius on the way: ‖F‖ <= ρ − ∫₀^S σ̂ with σ̂(S) = σ − ∫₀^S M.
std::optional<ConvergenceProof> march(const Premises& at, const LipschitzConstant& lipschitz) {
  const Attempt attempt(at);
  ConvergenceProof proof;
  if (!attempt.set_jacobian(proof, whole(0)) || proof.b > 1.0 || !attempt.set_kappa(proof)) return {};
  constexpr int steps_to_first = 8, most_steps = 64;  // the root is at most twice the first, ρ/σ
  const Interval sigma = sqrt(number(proof.sigma_squared)).lower_point();
  const double step = (attempt.rho() / sigma).upper() / steps_to_first;
  Interval slope = sigma, fallen = whole(0), growth = whole(0);
  for (int j = 1; j <= most_steps; ++j) {
    const double from = proof.nodes.empty() ? 0.0 : proof.nodes.back().radius, to = from + step;
    const double M = lipschitz(to).value();
    if (!(to > from && std::isfinite(M))) return {};
    proof.nodes.push_back({to, M});
    const Interval length = number(to) - number(from);
    growth += number(M) * length;
    if (!attempt.set_jacobian(proof, growth.upper_point()) || proof.b > 1.0) return {};
    const Interval left = positive_part(attempt.rho() - fallen).upper_point();
    const std::optional<Interval> root = attempt.root(slope, M, left);
    if (root && certainly_lt(*root, length.lower_point())) {
      proof.radius = (number(from) + *root).upper();
      proof.alpha = (slope - number(M) * (number(proof.radius) - number(from))).lower();
      proof.h = attempt.h(proof, M);
      if (proof.alpha > 0.0 && proof.radius < to) {
        proof.obstacle = Obstacle::none;
        attempt.set_contraction(proof);
        return proof;
      }  // else R is rounded up onto the node: the next one will do
    }
    const Interval next = (slope - number(M) * length).lower_point();
    if (!certainly_lt(whole(0), next)) return {};
    fallen = (fallen + (slope + next) * length / whole(2)).lower_point();
    slope = next;
  }
  return {};
}

/// One M for the whole ball; where κ and M are known at r, no radius but one above Φ(r) can do.
ConvergenceProof search(const Premises& at, const LipschitzConstant& lipschitz) {
  const Attempt attempt(at);
  ConvergenceProof proof;
  double radius = (attempt.rho() / sqrt(number(at.lambda_min))).upper();
  bool first = true;
  for (int i = 0; i < most_tries && radius > 0.0 && std::isfinite(radius); ++i) {
    const double M = lipschitz(radius).value();
    const auto refuse = [&](Obstacle why, double excess) {
      proof.obstacle = why, proof.excess = excess;
      return proof;
    };
    proof.nodes = {{radius, M}};
    if (!std::isfinite(M)) {
      proof.h = infinity;
      return refuse(Obstacle::not_finite, infinity);
    }
    const bool stable =
        attempt.set_jacobian(proof, (number(M) * number(radius)).upper_point()) && attempt.set_kappa(proof);
    if (!stable) proof.sigma_squared = at.lambda_min, proof.kappa = 1.0;
    const double h = attempt.h(proof, M);
    if (first) proof.h = h;
    first = false;
    if (!stable) {
      // where b reaches 2 by the growth of J alone, a smaller h helps more than a smaller step
      const double b = at.flow ? 0.0 : (number(at.eta) * number(at.lambda_max)).upper();
      if (b < 2.0 && h >= 1.0) return refuse(Obstacle::curvature, h);
      return refuse(Obstacle::step_size, (b < 2.0 ? proof.b : b) / 2.0);
    }
    const Interval kappa_sigma = (number(proof.kappa) * sqrt(number(proof.sigma_squared))).lower_point();
    const std::optional<Interval> root = attempt.root(kappa_sigma, M, attempt.rho());
    if (!root) return refuse(Obstacle::curvature, h);
    if (root->upper() < radius) {
      proof.radius = root->upper();
      proof.alpha =
          (sqrt(number(proof.sigma_squared)).lower_point() - number(M) * number(proof.radius)).lower();
      if (!(proof.alpha > 0.0)) return refuse(Obstacle::curvature, h);
      proof.h = h;
      proof.obstacle = Obstacle::none;
      attempt.set_contraction(proof);
      return proof;
    }
    radius = (*root * wider()).upper();
  }
  proof.obstacle = Obstacle::not_finite, proof.excess = infinity;
  return proof;
}

/// Every number that the proofs divide by or take the root of.
bool usable(const Premises& at) {
  return std::isfinite(at.residual) && at.residual >= 0.0 && std::isfinite(at.lambda_max) &&
         (at.flow || (at.eta > 0.0 && std::isfinite(at.eta)));
}
bool regular(const Premises& at) { return at.lambda_min > 0.0 && std::isfinite(at.lambda_min); }

}  // namespace

ConvergenceProof prove_convergence(const Premises& at, const LipschitzConstant& lipschitz) {
  ConvergenceProof refused;
  refused.excess = infinity;
  refused.obstacle = usable(at) ? Obstacle::singular : Obstacle::not_finite;
  if (!usable(at) || !regular(at)) return refused;
  if (std::optional<ConvergenceProof> proof = march(at, lipschitz)) return *proof;
  return search(at, lipschitz);
}

OymakSoltanolkotabi try_oymak_soltanolkotabi(const Premises& at, const LipschitzConstant& lipschitz) {
  OymakSoltanolkotabi result{Verdict::fails, infinity, {}};
  if (at.flow || !usable(at) || !regular(at)) return result;
  const Interval rho = number(std::max(at.residual, least_residual)),
                 sigma = sqrt(number(at.lambda_min)).lower_point(), four = whole(4);
  double radius = (four * rho / sigma).upper();
  for (int i = 0; i < most_tries && std::isfinite(radius); ++i) {
    const double M = lipschitz(radius).value();
    if (!std::isfinite(M)) return result;
    if (i == 0) result.curvature = (whole(16) * number(M) * rho / square(sigma)).upper();
    const Interval growth = (number(M) * number(radius)).upper_point(),
                   alpha = (sigma - growth).lower_point();
    if (!certainly_lt(whole(0), alpha)) return result;
    const Interval asked = four * rho / alpha;
    if (certainly_le(asked, number(radius))) {
      const Interval beta = sqrt(number(at.lambda_max)) + growth;
      const Interval eta = min(whole(1), square(alpha) / (number(M) * rho)) / (whole(2) * square(beta));
      // M = 0 leaves the first term of the minimum alone
      result.largest_eta = (M > 0.0 ? eta : whole(1) / (whole(2) * square(beta))).lower();
      if (at.eta <= *result.largest_eta) result.verdict = Verdict::holds;
      return result;
    }
    radius = (asked * wider()).upper();
  }
  return result;
}

}  // namespace overproof
