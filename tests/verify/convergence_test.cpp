#include "verify/convergence.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "tests/catch.h"

using namespace overproof;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN(),
             infinity = std::numeric_limits<double>::infinity();

LipschitzConstant constant(double M) {
  return [M](double) { return Up(M); };
}

/// F(w) = c + sw + Mw²/2 in one dimension: J = s + Mw, which is M-Lipschitz, and λ = J².
struct Parabola {
  double c, s, M;
  [[nodiscard]] double F(double w) const { return c + s * w + 0.5 * M * w * w; }
  [[nodiscard]] double J(double w) const { return s + M * w; }
  [[nodiscard]] Premises premises(double eta) const {
    return {std::abs(c) * (1.0 + 1e-15), s * s * (1.0 - 1e-15), s * s * (1.0 + 1e-15), eta, false};
  }
};

/// What of the theorem the numbers of a proof do not satisfy over the reals; "" if nothing.
std::string unproved(const Premises& at, const ConvergenceProof& proof) {
  const auto exact = [](double x) { return Interval::exact(x, 256); };
  const Interval zero = Interval::integer(0, 256), one = Interval::integer(1, 256), two = one + one;
  const Interval rho = exact(at.residual), eta = exact(at.eta), sigma_squared = exact(proof.sigma_squared),
                 sigma = sqrt(sigma_squared), kappa = exact(proof.kappa), alpha = exact(proof.alpha),
                 b = exact(proof.b);
  if (!(proof.sigma_squared > 0.0 && proof.sigma_squared <= at.lambda_min)) return "sigma";
  Interval growth = zero, length = zero;
  double from = 0.0, before = 0.0;
  // ∫₀^R of κσ − ∫M, which the residual is held against, and σ − ∫₀^R M
  Interval slope = kappa * sigma, plain = sigma, fallen = zero;
  for (const LipschitzNode& node : proof.nodes) {
    if (!(node.radius > from && node.lipschitz >= before)) return "nodes";
    const Interval M = exact(node.lipschitz);
    growth += M * (exact(node.radius) - exact(from));
    if (from < proof.radius) {
      length = exact(std::min(node.radius, proof.radius)) - exact(from);
      const Interval next = slope - M * length;
      fallen += (slope + next) * length / two;
      slope = next;
      plain = plain - M * length;
    }
    from = node.radius, before = node.lipschitz;
  }
  if (!certainly_le(sqrt(exact(at.lambda_max)) + growth, exact(proof.jacobian))) return "jacobian";
  if (!at.flow && !certainly_le(eta * square(exact(proof.jacobian)), b)) return "b";
  if (at.flow || proof.b <= 1.0) {
    if (proof.kappa != 1.0) return "kappa";
  } else if (proof.nodes.size() != 1 || !certainly_le(square(kappa), b * (two - b - eta * sigma_squared))) {
    return "kappa above b = 1";
  }
  if (!(proof.radius < proof.nodes.back().radius)) return "R_t";
  if (!certainly_le(rho, fallen)) return "radius";
  if (!certainly_le(zero, slope)) return "slope";
  if (!(proof.alpha > 0.0 && certainly_le(alpha, plain))) return "alpha";
  if (at.flow) return "";
  const Interval c = eta * exact(proof.nodes.back().lipschitz) * rho / two, epsilon = eta * square(alpha);
  const Interval fall = proof.b > 1.0
                            ? min(kappa * epsilon - c * epsilon, kappa * alpha * sqrt(eta * b) - c * b)
                        : certainly_le(c + c, one) ? epsilon * (one - c)
                                                   : zero;
  return proof.contraction == 1.0 || certainly_le(one - fall, exact(proof.contraction)) ? "" : "contraction";
}

}  // namespace

TEST_CASE("the numbers of a proof satisfy the theorem over the reals") {
  const auto seed = test_seed(82);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  int certified = 0, large_steps = 0, flows = 0, varying = 0;
  for (int i = 0; i < scaled(4000); ++i) {
    const double lambda = std::pow(10.0, 4.0 * uniform(random) - 2.0),
                 largest = lambda *
                           (uniform(random) < 0.2 ? 1.0 : 1.0 + std::pow(10.0, 3.0 * uniform(random) - 2.0));
    const double b = uniform(random) < 0.3 ? 0.8 + 0.2 * uniform(random) : 2.0 * uniform(random);
    const double rho = std::pow(10.0, 4.0 * uniform(random) - 3.0),
                 power = uniform(random) < 0.5 ? 0.0 : 3.0 * uniform(random);
    // for b > 1 κ² may be small: then so must be M
    const double h =
        1.3 * std::sqrt(uniform(random)) * (b > 1.0 ? std::pow(10.0, -3.0 * uniform(random)) : 1.0);
    const double M = h * lambda / (2.0 * rho), first = rho / std::sqrt(lambda);
    const Premises at{rho, lambda, largest, b / largest, uniform(random) < 0.1};
    const ConvergenceProof proof =
        prove_convergence(at, [&](double r) { return Up(M * std::pow(r / first, power)); });
    if (!proof.certified()) continue;
    ++certified, large_steps += proof.b > 1.0 ? 1 : 0, flows += at.flow ? 1 : 0;
    varying += proof.nodes.size() > 1 ? 1 : 0;
    INFO("case " << i << ": b " << proof.b << ", h " << proof.h << ", nodes " << proof.nodes.size());
    CHECK(unproved(at, proof).empty());
  }
  CHECK(certified >= scaled(800));
  CHECK(large_steps >= scaled(150));
  CHECK(flows >= scaled(50));
  CHECK(varying >= scaled(400));
}

TEST_CASE("next to no curvature is certified whatever the rounding of the radius") {
  const auto seed = test_seed(83);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  for (int i = 0; i < scaled(300); ++i) {
    const double h = i % 3 == 0 ? 0.0 : std::pow(10.0, -18.0 * uniform(random) - 4.0),
                 rho = uniform(random) + 1e-9, lambda = std::pow(10.0, 2.0 * uniform(random) - 1.0);
    const Premises at{rho, lambda, lambda, (i % 2 == 0 ? 0.9 : 1.4) / lambda, i % 5 == 0};
    const ConvergenceProof proof = prove_convergence(at, constant(h * lambda / (2.0 * rho)));
    INFO("h " << h << ", rho " << rho << ", lambda " << lambda);
    REQUIRE(proof.certified());
    CHECK(unproved(at, proof).empty());
  }
}

TEST_CASE(
    "parabolas are certified up to the sharp constant, and certified ones stay, converge and keep their "
    "rate") {
  const auto seed = test_seed(81);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  int certified = 0, large_steps = 0;
  double farthest = 0.0;
  for (int i = 0; i < scaled(400); ++i) {
    const double s = std::pow(10.0, 2.0 * uniform(random) - 1.0),
                 M = std::pow(10.0, 2.0 * uniform(random) - 1.0);
    // towards the point where J = 0: the residual falls as slowly as it may
    const Parabola f{0.5 * s * s / M * 1.2 * std::pow(uniform(random), 3.0), s,
                     -M * (uniform(random) < 0.5 ? -1.0 : 1.0)};
    const double eta = 2.0 * uniform(random) / (s * s);
    const ConvergenceProof proof = prove_convergence(f.premises(eta), constant(M));
    INFO("c " << f.c << ", s " << s << ", M " << f.M << ", eta " << eta << ", h " << proof.h);
    if (2.0 * M * f.c >= s * s) CHECK(!proof.certified());
    if (eta * s * s < 0.3 && 2.0 * M * f.c < 0.95 * s * s) CHECK(proof.certified());
    if (!proof.certified()) continue;
    ++certified, large_steps += proof.b > 1.0 ? 1 : 0;
    CHECK(proof.radius < proof.nodes.back().radius);
    CHECK(proof.alpha > 0.0);
    double w = 0.0;
    for (int k = 0; k < 3000; ++k) {
      const double before = std::abs(f.F(w));
      w -= eta * f.J(w) * f.F(w);
      REQUIRE(std::abs(w) <= proof.radius * (1.0 + 1e-12));
      REQUIRE(std::abs(f.F(w)) <= proof.contraction * before * (1.0 + 1e-12) + 1e-13 * std::abs(f.c));
      REQUIRE(std::abs(f.J(w)) >= proof.alpha * (1.0 - 1e-12));
      REQUIRE(std::abs(f.J(w)) <= proof.jacobian * (1.0 + 1e-12));
    }
    if (proof.contraction < 0.99) CHECK(std::abs(f.F(w)) <= 1e-10 * f.c + 1e-300);
    farthest = std::max(farthest, std::abs(w) / proof.radius);
  }
  CHECK(certified >= 100);
  CHECK(large_steps >= 20);
  CHECK(farthest >= 0.99);  // R is sharp
}

TEST_CASE("a constant M just above its limit is refused, just below it certified, by steps and by flow") {
  // b = 1/4: 2Mρ < σ²
  for (const bool flow : {false, true}) {
    const Premises at{1.0, 4.0, 4.0, 1e-6, flow};
    CHECK(prove_convergence(at, constant(1.999)).certified());
    const ConvergenceProof refused = prove_convergence(at, constant(2.001));
    CHECK(!refused.certified());
    CHECK(refused.obstacle == Obstacle::curvature);
    CHECK(refused.h >= 1.0005);
  }
}

TEST_CASE("a constant M that grows is certified by its growth, not by its last value alone") {
  // σ = 2, ρ = 1: σ̂(S) = 2 − ∫M; with M(u) = 6u: S − ... = 2S − S³ = 1 at S = 1 − ..., where 2 − 3S² > 0
  const Premises at{1.0, 4.0, 4.0, 1e-6, false};
  const LipschitzConstant growing = [](double r) { return Up(3.0 * r); };
  const ConvergenceProof proof = prove_convergence(at, growing);
  REQUIRE(proof.certified());
  // 2S − S³/2 = 1 has the root 0.5374
  CHECK(proof.radius >= 0.5374);
  CHECK(proof.radius <= 0.60);
  CHECK(!prove_convergence(at, [](double r) { return Up(r <= 0.2 ? 0.0 : 1e9); }).certified());
}

TEST_CASE("steps at the edge of stability and beyond it are refused") {
  CHECK(prove_convergence({0.01, 1.0, 1.0, 1.9, false}, constant(0.01)).certified());
  const ConvergenceProof beyond = prove_convergence({0.01, 1.0, 1.0, 2.0, false}, constant(0.01));
  CHECK(!beyond.certified());
  CHECK(beyond.obstacle == Obstacle::step_size);
  CHECK(beyond.excess >= 1.0);
  CHECK(prove_convergence({0.01, 1.0, 1.0, 2.0, true}, constant(0.01)).certified());
}

TEST_CASE("NaN, infinity, signs and zeros in the premises certify nothing") {
  const Premises good{0.01, 1.0, 2.0, 0.1, false};
  REQUIRE(prove_convergence(good, constant(1.0)).certified());
  for (const double bad : {not_a_number, infinity, -1.0}) {
    Premises at = good;
    at.residual = bad;
    CHECK(!prove_convergence(at, constant(1.0)).certified());
    at = good, at.lambda_min = bad;
    CHECK(!prove_convergence(at, constant(1.0)).certified());
    at = good, at.lambda_max = bad;
    CHECK(!prove_convergence(at, constant(1.0)).certified());
    at = good, at.eta = bad;
    CHECK(!prove_convergence(at, constant(1.0)).certified());
    if (bad != -1.0) CHECK(!prove_convergence(good, constant(bad)).certified());
  }
  Premises at = good;
  at.lambda_min = 0.0;
  CHECK(prove_convergence(at, constant(1.0)).obstacle == Obstacle::singular);
  at = good, at.eta = 0.0;
  CHECK(!prove_convergence(at, constant(1.0)).certified());
  at = good, at.residual = 0.0;
  CHECK(prove_convergence(at, constant(1.0)).certified());
  CHECK(prove_convergence(good, constant(0.0)).certified());
}

TEST_CASE("the rate is that of the theorem") {
  const double M = 0.5, rho = 0.05;
  for (const double eta : {0.02, 0.2, 0.28}) {  // b = 0.08, 0.8 and above 1
    const ConvergenceProof proof = prove_convergence({rho, 3.9, 4.0, eta, false}, constant(M));
    REQUIRE(proof.certified());
    const double alpha = proof.alpha, c = 0.5 * eta * M * rho, kappa = proof.kappa;
    const double fall = proof.b <= 1.0 ? eta * alpha * alpha * (1.0 - c)
                                       : std::min((kappa - c) * eta * alpha * alpha,
                                                  kappa * alpha * std::sqrt(eta * proof.b) - c * proof.b);
    CHECK(1.0 - proof.contraction <= fall * (1.0 + 1e-12));
    CHECK(1.0 - proof.contraction >= fall * (1.0 - 1e-12));
    CHECK((proof.b > 1.0) == (eta > 0.25));
  }
}

TEST_CASE("a refusal names what is too large, and by how much") {
  // b = 1 at w₀, and 2Mρ = 8σ²
  const ConvergenceProof curved = prove_convergence({4.0, 1.0, 1.0, 1.0, false}, constant(1.0));
  CHECK(curved.obstacle == Obstacle::curvature);
  CHECK(curved.excess >= 8.0);
  CHECK(curved.excess <= 8.0 * (1.0 + 1e-12));
  // h = 0.8, but b = 1.8(1 + 0.4)² on the ball of the first radius
  const ConvergenceProof grown = prove_convergence({0.4, 1.0, 1.0, 1.8, false}, constant(1.0));
  CHECK(grown.obstacle == Obstacle::step_size);
  CHECK(grown.excess >= 1.8 * 1.96 / 2.0 * (1.0 - 1e-12));
  CHECK(grown.h < 1.0);
}

TEST_CASE("alpha bounds the slope at the radius as it is rounded") {
  const double M = 0.7;
  const ConvergenceProof proof = prove_convergence({0.3, 1.0, 1.0, 0.1, true}, constant(M));
  REQUIRE(proof.certified());
  const Interval slope = Interval::integer(1) - Interval::exact(M) * Interval::exact(proof.radius);
  CHECK(Interval::exact(proof.alpha).upper() <= slope.upper());
}
