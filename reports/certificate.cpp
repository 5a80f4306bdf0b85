#include "reports/certificate.h"

#include <fmt/format.h>

#include <cmath>

#include "bounds/activation.h"
#include "files/file.h"
#include "files/number.h"
#include "reports/table.h"
#include "reports/text.h"
#include "verify/structure.h"

#ifndef OVERPROOF_VERSION
#define OVERPROOF_VERSION "0.1.0"
#endif

namespace overproof {
namespace {

std::string above(double x, int digits = 4) { return Interval::exact(x).upper_text(digits); }
std::string below(double x, int digits = 4) { return Interval::exact(x).lower_text(digits); }

std::string method(const Certificate& c) { return c.premises.flow ? "gradient flow" : "gradient descent"; }

/// 1 − q from below, "" where the theorem gives no rate.
std::string fall(const Certificate& c) {
  const Interval one = Interval::integer(1), fall = one - Interval::exact(c.proof.contraction);
  return certainly_lt(Interval::integer(0), fall) ? fall.lower_text(4) : "";
}

std::string loss_now(const Certificate& c) {
  return (square(Interval::exact(c.premises.residual)) / Interval::integer(2)).upper_text(4);
}

std::string later_loss(const Certificate& c) {
  if (c.premises.flow) {
    const Interval rate = Interval::integer(2) * square(Interval::exact(c.proof.alpha));
    return fmt::format("; the loss at time t is at most {}·exp(−{} t)", loss_now(c), rate.lower_text(4));
  }
  if (fall(c).empty()) return "";
  return fmt::format("; the loss at step {} + t is at most {}·(1 − {})^(2t)", c.step, loss_now(c), fall(c));
}

std::string obstacle_text(const Certificate& c) {
  const ConvergenceProof& p = c.proof;
  switch (p.obstacle) {
    case Obstacle::singular:
      return fmt::format("the Gram matrix is not shown to be positive definite: λ_min ≥ {} only",
                         below(c.premises.lambda_min));
    case Obstacle::step_size:
      return fmt::format("the step size is {} times 2/λ_max: gradient descent need not be stable",
                         above(p.excess, 3));
    case Obstacle::curvature:
      return fmt::format(
          "the residual or the curvature is too large: 2Mρ is up to {} times κ²σ², and less than 1 is needed",
          above(p.excess, 3));
    case Obstacle::not_finite:
      return c.architecture.activation == Activation::relu
                 ? "a relu may change its sign on the ball: no Lipschitz constant of the Jacobian is known"
                 : "a number that the theorem needs is not finite";
    case Obstacle::none:
      break;
  }
  return "";
}

std::string help_text(const Certificate& c) {
  switch (c.proof.obstacle) {
    case Obstacle::singular:
      return "inputs that are not parallel, or a larger width";
    case Obstacle::step_size:
      return "a smaller step size, or --flow";
    case Obstacle::curvature: {
      const bool steep = !c.premises.flow && c.proof.b > 1.0;
      return std::string("more steps (the residual ρ falls), a larger width (M falls like its root)") +
             (steep ? ", a smaller step size (b is above 1)" : "");
    }
    case Obstacle::not_finite:
      return c.architecture.activation == Activation::relu ? "more steps, or another seed"
                                                           : "smaller weights";
    case Obstacle::none:
      break;
  }
  return "";
}

Table numbers(const Certificate& c) {
  const ConvergenceProof& p = c.proof;
  Table table{{{"number", Cut::never}, {"bound", Cut::never}, {"what it is", Cut::words}}, {}};
  const auto row = [&](const char* name, std::string value, const char* meaning) {
    table.rows.push_back({{name}, {std::move(value)}, {meaning}});
  };
  row("ρ", "≤ " + above(c.premises.residual, 6), "norm of the residuals");
  row("λ_min", "≥ " + below(c.premises.lambda_min, 6), "of the Gram matrix");
  row("λ_max", "≤ " + above(c.premises.lambda_max, 6), "of the same");
  if (!c.premises.flow) row("η", fmt::format("{}", c.premises.eta), "step size");
  if (!p.nodes.empty()) {
    row("R_t", fmt::format("{}", p.nodes.back().radius), "radius of the ball that M is for");
    for (const auto& [how, value] : c.lipschitz) {
      const char* meaning = how == LipschitzMethod::product    ? "of the Jacobian, by products of norms"
                            : how == LipschitzMethod::measured ? "the backward pass measured"
                                                               : "all samples together";
      table.rows.push_back({{fmt::format("M ({})", to_text(how))}, {"≤ " + above(value, 6)}, {meaning}});
    }
    if (!c.premises.flow) row("b", "≤ " + above(p.b, 6), "step size · ‖Jacobian‖²");
    row("h", "≤ " + above(p.h, 6), "2Mρ/(κ²σ²): certified below 1");
  }
  if (p.certified()) {
    row("κ", "≥ " + below(p.kappa, 6), "what a step size with b > 1 costs");
    row("σ²", "≤ " + above(p.sigma_squared, 6), "what is used of lambda_min");
    row("R", "≤ " + above(p.radius, 6), "no later iterate is farther away");
    row("α", "≥ " + below(p.alpha, 6), "least singular value of J from here on");
  }
  return table;
}

}  // namespace

Json json(const Certificate& c) {
  const ConvergenceProof& p = c.proof;
  Json nodes = Json::array(), spectral = Json::object(), by_method = Json::object();
  for (const LipschitzNode& node : p.nodes)
    nodes.push_back({{"radius", node.radius}, {"lipschitz", node.lipschitz}});
  for (std::size_t w = 0; w < c.spectral.size(); ++w)
    spectral[c.architecture.weights[w].name] = c.spectral[w];
  for (const auto& [how, value] : c.lipschitz) by_method[std::string(to_text(how))] = value;
  const ActivationRow& row = activation_row(to_text(c.architecture.activation));
  Json proof{{"sigma_squared", p.sigma_squared},
             {"jacobian", p.jacobian},
             {"b", p.b},
             {"kappa", p.kappa},
             {"radius", p.radius},
             {"alpha", p.alpha}};
  if (!c.premises.flow) proof["contraction"] = p.contraction;
  proof["h"] = p.h;
  Json out{{"schema", "overproof.certificate/1"},
           {"version", OVERPROOF_VERSION},
           {"run", valid_utf8(c.run)},
           {"step", c.step},
           {"network", describe(c.architecture)},
           {"iterate_sha256", c.iterate_sha256},
           {"data_sha256", c.data_sha256},
           {"architecture", to_json(c.architecture)},
           {"normalised", c.normalised},
           {"method", method(c)}};
  if (!c.premises.flow) out["eta"] = hex_text(c.premises.eta);
  out["activation"] = {
      {"id", row.id}, {"L", c.L}, {"beta", c.beta}, {"beta_3", c.beta_3}, {"proof", row.proof}};
  out["premises"] = {{"residual", c.premises.residual},
                     {"lambda_min", c.premises.lambda_min},
                     {"lambda_max", c.premises.lambda_max}};
  out["spectral_norms"] = std::move(spectral);
  out["lipschitz"] = std::move(nodes);
  out["lipschitz_by_method"] = std::move(by_method);
  out["proof"] = std::move(proof);
  out["sha256"] = sha256(nlohmann::json(out).dump());
  return out;
}

std::string summary(const Certificate& c) {
  if (!c.certified()) return fmt::format("not certified at step {}: {}", c.step, obstacle_text(c));
  return fmt::format(
      "certified from step {} on: within {} of these weights there is zero loss, and {} "
      "converges to it",
      c.step, above(c.proof.radius), method(c));
}

std::string markdown(const Certificate& c) {
  std::string text;
  if (c.certified()) {
    const std::string step = c.premises.flow ? "" : fmt::format(" with η = {}", c.premises.eta);
    text = fmt::format(
        "**Certified.** From step {} on, {}{} stays within R = {} of these weights and converges "
        "to a global minimum with zero training loss{}.\n\n",
        c.step, method(c), step, above(c.proof.radius), later_loss(c));
    text +=
        "This is proved for the exact arithmetic of the update from the stored weights "
        "(docs/certificate.md), by these numbers:\n\n";
  } else {
    text = fmt::format("**Not certified** at step {}: {}. What would help: {}.\n\n", c.step, obstacle_text(c),
                       help_text(c));
  }
  return text + markdown_table(numbers(c));
}

}  // namespace overproof
