#include "recheck/recheck.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "recheck/bounds.h"

namespace overproof::recheck {
namespace {

/// A certificate, its fields named by JSON pointers ("/proof/b"), and the checks that were made of it.
struct Claims {
  const Json& json;
  std::vector<Check> checks = {};
  std::set<std::string> seen = {};

  const Json& operator[](const std::string& name) {
    require(json.contains(Json::json_pointer(name)), name + ": is missing");
    seen.insert(name);
    return json[Json::json_pointer(name)];
  }
  double operator()(const std::string& name) {
    require(std::isfinite(number((*this)[name])), name + ": allowed: a finite number");
    return number((*this)[name]);
  }
  void check(const std::string& name, bool passed, const std::string& must) {
    checks.push_back({name, passed, "claimed " + (*this)[name].dump() + ", must be " + must});
  }
  void equal(const std::string& name, const Json& own) { check(name, (*this)[name] == own, own.dump()); }
  void at_least(const std::string& name, const Ball& own) {
    check(name, certainly_le(own, (*this)(name)), "at least " + Json(own.approx()).dump());
  }
  void at_most(const std::string& name, const Ball& own) {
    check(name, certainly_le((*this)(name), own), "at most " + Json(own.approx()).dump());
  }
};

/// M on the ball of each radius.
using Steps = std::vector<std::pair<double, double>>;

Steps steps_of(Claims& claims) {
  Steps steps;
  for (std::size_t j = 0; j == 0 || j < claims.json["lipschitz"].size(); ++j) {
    const std::string step = "/lipschitz/" + std::to_string(j);
    const double radius = claims(step + "/radius"), before = j > 0 ? steps.back().first : 0.0;
    claims.check(step + "/radius", radius > before, "more than the one before");
    steps.emplace_back(radius, claims(step + "/lipschitz"));
  }
  return steps;
}

/// ∫₀^u M and ∫₀^u ∫₀^S M dS for M = M_j on (u_(j-1), u_j] and u <= R_t.
std::pair<Ball, Ball> integrate(const Steps& steps, double u) {
  Ball once = 0.0, twice = 0.0;
  double before = 0.0;
  for (const auto& [radius, M] : steps) {
    const Ball length = max(Ball(std::min(u, radius)) - before, 0.0);
    twice = twice + once * length + M * square(length) / 2.0;
    once = once + M * length;
    before = radius;
  }
  return {once, twice};
}

/// Each number of /proof is on its safe side of what the theorem computes it from, all of that as claimed.
void check_theorem(Claims& claims, const Steps& steps, bool descent) {
  const auto [R_t, M] = steps.back();
  const double rho = claims("/premises/residual"), sigma_squared = claims("/proof/sigma_squared"),
               b = claims("/proof/b"), kappa = claims("/proof/kappa"), radius = claims("/proof/radius"),
               alpha = claims("/proof/alpha");
  const Ball eta = descent ? claims("/eta") : 0.0, sigma = sqrt(sigma_squared);
  for (const char* name : {"/proof/sigma_squared", "/proof/kappa", "/proof/radius", "/proof/alpha"})
    claims.check(name, claims(name) > 0, "more than 0");
  claims.at_most("/proof/sigma_squared", claims("/premises/lambda_min"));
  claims.at_least("/proof/jacobian", sqrt(claims("/premises/lambda_max")) + integrate(steps, R_t).first);
  claims.at_least("/proof/b", eta * square(claims("/proof/jacobian")));
  claims.check("/proof/b", descent || b == 0, "0 for the flow");

  const bool large = b > 1;
  claims.at_most("/proof/kappa", large ? sqrt(b * (Ball(2.0) - b - eta * sigma_squared)) : 1.0);
  if (large) claims.check("/proof/b", steps.size() == 1, "at most 1 where M varies");

  // P(S) = ρ − κσS + ∫₀^S ∫₀^T M: its root is at most the radius if P <= 0 there and P' < 0 up to there.
  const auto [slope, area] = integrate(steps, radius);
  claims.check("/proof/radius", radius < R_t, "less than the last of /lipschitz");
  claims.check("/proof/radius", certainly_lt(slope, kappa * sigma), "where P falls");
  claims.check("/proof/radius", certainly_le(rho + area, kappa * sigma * radius), "where P is at most 0");
  claims.at_most("/proof/alpha", sigma - slope);
  claims.at_least("/proof/h", 2.0 * Ball(M) * rho / (square(kappa) * sigma_squared));
  if (!descent) return;

  // ‖F_(k+1)‖ <= (1 − fall)‖F_k‖; 1 where the theorem gives no rate.
  const Ball c = eta * M * rho / 2.0, epsilon = eta * square(alpha);
  Ball fall = certainly_le(c, 0.5) ? epsilon * (1.0 - c) : 0.0;
  if (large) fall = min((kappa - c) * epsilon, Ball(kappa) * alpha * sqrt(eta * b) - c * b);
  claims.at_least("/proof/contraction", min(1.0 - fall, 1.0));
  claims.check("/proof/contraction", claims("/proof/contraction") <= 1, "at most 1");
}

/// That the certificate is whole and about this iterate, these data and this network.
void check_files(Claims& claims, const Run& run, bool descent) {
  Json rest = claims.json;
  rest.erase("sha256");
  claims.equal("/schema", "overproof.certificate/1");
  claims.equal("/certified", true);
  claims.equal("/sha256", sha256(rest.dump()));
  claims.equal("/run", run.name);
  claims.equal("/iterate_sha256", run.iterate_sha256);
  claims.equal("/data_sha256", run.data_sha256);
  claims.equal("/normalised", run.normalised);
  claims.equal("/activation/id", run.network[0].activation);
  const bool same = read_network(claims["/architecture"]) == run.network;
  claims.check("/architecture/name", same, "of an architecture equal to that of run.json");
  if (descent) claims.check("/eta", claims("/eta") == run.eta && run.eta > 0, "that of run.json, above 0");
  if (!descent) claims.equal("/method", "gradient flow");
  for (const char* for_people : {"/version", "/network", "/activation/proof"}) (void)claims[for_people];
}

/// The premises and M; L, β, β₃ and ‖W‖ enter M as they are claimed.
void check_numbers(Claims& claims, const Run& run, const Steps& steps) {
  const Suprema own = enclose_suprema(run.network[0].activation),
                claimed{claims("/activation/L"), claims("/activation/beta"), claims("/activation/beta_3")};
  claims.at_least("/activation/L", own.slope);
  claims.at_least("/activation/beta", own.bend);
  claims.at_least("/activation/beta_3", own.third);
  std::map<std::string, Ball> norms;
  for (const Layer& layer : run.network) {
    const std::string name = (Json::json_pointer("/spectral_norms") / layer.weight).to_string();
    const Mat &W = run.weights.at(layer.weight), K = layer.rows < layer.cols ? W * transpose(W) : gram(W);
    const Ball norm = norms[layer.weight] = claims(name);
    const bool proved = certainly_le(frobenius(W), norm) || certainly_below(K, square(norm));
    claims.check(name, proved && certainly_le(0.0, norm), "at least the norm");
  }
  const Center center = enclose_center(run);
  const double lambda_min = claims("/premises/lambda_min"), lambda_max = claims("/premises/lambda_max");
  claims.at_least("/premises/residual", center.residual);
  claims.check("/premises/lambda_min", certainly_above(center.G, lambda_min), "below all eigenvalues");
  claims.check("/premises/lambda_max", certainly_below(center.G, lambda_max), "above all eigenvalues");
  Lipschitz M;
  for (std::size_t j = 0; j < steps.size(); ++j) {
    M = bound_lipschitz(run.network, center, claimed, norms, steps[j].first);
    claims.at_least("/lipschitz/" + std::to_string(j) + "/lipschitz", M.batch);
  }
  claims.at_least("/lipschitz_by_method/product", M.product);
  claims.at_least("/lipschitz_by_method/measured", M.measured);
  claims.at_least("/lipschitz_by_method/batch", M.batch);
}

}  // namespace

Result recheck(const std::filesystem::path& certificate, const std::filesystem::path& folder) {
  const Json json = read_json(certificate);
  const Json step = about(certificate, [&] { return json.at("step"); });
  const Run run = read_run(folder, step);
  return about(certificate, [&] {
    Claims claims{json};
    require(!json.contains("search"), "allowed: a certificate without --sharp, whose M is not computed here");
    const bool descent = claims["/method"] == "gradient descent";
    const Steps steps = steps_of(claims);
    claims.equal("/step", step);
    check_files(claims, run, descent);
    check_theorem(claims, steps, descent);
    check_numbers(claims, run, steps);
    const Json leaves = json.flatten();
    for (const auto& [name, value] : leaves.items())
      require(claims.seen.contains(name) || name.starts_with("/architecture/"),
              name + ": is no field of this");
    return Result{std::ranges::all_of(claims.checks, &Check::passed), claims.checks};
  });
}

}  // namespace overproof::recheck
