#include "reports/certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "bounds/activation.h"
#include "files/file.h"
#include "files/number.h"
#include "reports/table.h"
#include "reports/text.h"
#include "verify/structure.h"

namespace overproof {
namespace {

const std::string schema = "overproof.certificate/1";
constexpr std::array<const char*, 5> obstacles = {"none", "not finite", "singular", "step size", "curvature"};

/// A double; one that is not finite as text.
Json number(double x) { return std::isfinite(x) ? Json(x) : Json(fmt::format("{}", x)); }
double number(Fields& fields, const std::string& name) {
  const Json* value = fields.raw(name);
  if (value && *value == "inf") return std::numeric_limits<double>::infinity();
  if (value && *value == "-inf") return -std::numeric_limits<double>::infinity();
  if (value && value->is_string()) return std::numeric_limits<double>::quiet_NaN();
  return fields.number(name);
}

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

/// Whether nothing else can have made the Lipschitz constant infinite.
bool may_change_sign(const Certificate& c) {
  return c.architecture.activation == Activation::relu && std::isfinite(c.premises.residual) &&
         std::isfinite(c.premises.lambda_max);
}

std::string obstacle_text(const Certificate& c) {
  const ConvergenceProof& p = c.proof;
  switch (p.obstacle) {
    case Obstacle::singular:
      return fmt::format("the Gram matrix is not shown to be positive definite: λ_min ≥ {} only",
                         below(c.premises.lambda_min));
    case Obstacle::step_size:
      return fmt::format("the step size is up to {} times 2/‖J‖²: gradient descent need not be stable",
                         above(p.excess, 3));
    case Obstacle::curvature:
      return fmt::format(
          "the residual or the curvature is too large: 2Mρ is up to {} times κ²σ², and less than 1 is needed",
          above(p.excess, 3));
    case Obstacle::not_finite:
      return may_change_sign(c)
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
      return std::ranges::any_of(c.architecture.weights, &Weight::trained)
                 ? "inputs that are not parallel, or a larger width"
                 : "a weight that is trained";
    case Obstacle::step_size:
      return "a smaller step size, or --flow";
    case Obstacle::curvature: {
      const bool steep = !c.premises.flow && c.proof.b > 1.0;
      return std::string("more steps (the residual ρ falls), a larger width (M falls like its root)") +
             (steep ? ", a smaller step size (b is above 1)" : "");
    }
    case Obstacle::not_finite:
      return may_change_sign(c) ? "more steps, or another seed" : "smaller weights";
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
                            : how == LipschitzMethod::batch    ? "all samples together"
                                                               : "and Jacobians from layer to layer";
      table.rows.push_back({{fmt::format("M ({})", to_text(how))}, {"≤ " + above(value, 6)}, {meaning}});
    }
    if (!c.premises.flow) row("b", "≤ " + above(p.b, 6), "step size · ‖Jacobian‖²");
    row("h", "≤ " + above(p.h, 6), "2Mρ/(κ²σ²): below 1 suffices");
  }
  if (p.certified()) {
    row("κ", "≥ " + below(p.kappa, 6), "what b above 1 costs");
    row("σ²", below(p.sigma_squared, 6), "what is used of λ_min");
    row("R", "≤ " + above(p.radius, 6), "no later iterate is farther away");
    row("α", "≥ " + below(p.alpha, 6), "of J from here on: least singular value");
  }
  return table;
}

/// Which method gave M, and how far it is from what a search finds; "" without a search.
std::string sharpness(const Certificate& c) {
  const std::optional<LipschitzMethod> binding = c.binding();
  if (!c.searched || !binding) return "";
  std::string text = fmt::format("\nM is that of the method {}.", to_text(*binding));
  const Interval ratio = Interval::exact(c.lipschitz.back().second) / Interval::exact(*c.searched);
  if (*c.searched > 0.0 && std::isfinite(ratio.upper())) {
    text += fmt::format(" M is at most {} times what a search found at these weights (measured, not proved).",
                        ratio.upper_text(3));
  }
  return text + "\n";
}

}  // namespace

Json json(const Certificate& c) {
  const ConvergenceProof& p = c.proof;
  Json nodes = Json::array(), spectral = Json::object(), by_method = Json::object();
  for (const LipschitzNode& node : p.nodes)
    nodes.push_back({{"radius", number(node.radius)}, {"lipschitz", number(node.lipschitz)}});
  for (std::size_t w = 0; w < c.spectral.size(); ++w)
    spectral[c.architecture.weights[w].name] = number(c.spectral[w]);
  for (const auto& [how, value] : c.lipschitz) by_method[std::string(to_text(how))] = number(value);
  const ActivationRow& row = activation_row(to_text(c.architecture.activation));
  Json out{{"schema", schema},
           {"version", OVERPROOF_VERSION},
           {"certified", c.certified()},
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
  out["premises"] = {{"residual", number(c.premises.residual)},
                     {"lambda_min", number(c.premises.lambda_min)},
                     {"lambda_max", number(c.premises.lambda_max)}};
  out["spectral_norms"] = std::move(spectral);
  out["lipschitz"] = std::move(nodes);
  out["lipschitz_by_method"] = std::move(by_method);
  if (c.searched) out["search"] = {{"lipschitz", number(*c.searched)}, {"evidence", "measured"}};
  if (c.certified()) {
    out["proof"] = {{"sigma_squared", p.sigma_squared},
                    {"jacobian", p.jacobian},
                    {"b", p.b},
                    {"kappa", p.kappa},
                    {"radius", p.radius},
                    {"alpha", p.alpha}};
    if (!c.premises.flow) out["proof"]["contraction"] = p.contraction;
    out["proof"]["h"] = p.h;
  } else {
    out["refused"] = {{"obstacle", obstacles.at(static_cast<std::size_t>(p.obstacle))},
                      {"excess", number(p.excess)},
                      {"b", number(p.b)},
                      {"h", number(p.h)}};
  }
  out["sha256"] = sha256(nlohmann::json(out).dump());
  return out;
}

Certificate certificate_from(Fields fields) {
  Certificate c;
  (void)fields.choice("schema", {schema});
  c.run = fields.text("run");
  c.step = static_cast<Index>(fields.integer("step", 0, INT64_MAX));
  c.iterate_sha256 = fields.text("iterate_sha256"), c.data_sha256 = fields.text("data_sha256");
  c.architecture = architecture_from(fields.table("architecture"));
  c.normalised = fields.boolean("normalised", false);
  c.premises.flow = fields.choice("method", {"gradient descent", "gradient flow"}) == "gradient flow";
  c.premises.eta = fields.exact_number("eta", 0.0);
  Fields activation = fields.table("activation"), premises = fields.table("premises"),
         spectral = fields.table("spectral_norms"), by_method = fields.table("lipschitz_by_method");
  c.L = activation.number("L"), c.beta = activation.number("beta"), c.beta_3 = activation.number("beta_3");
  c.premises.residual = number(premises, "residual");
  c.premises.lambda_min = number(premises, "lambda_min");
  c.premises.lambda_max = number(premises, "lambda_max");
  for (const Weight& weight : c.architecture.weights) c.spectral.push_back(number(spectral, weight.name));
  for (Fields& node : fields.tables("lipschitz"))
    c.proof.nodes.push_back({number(node, "radius"), number(node, "lipschitz")});
  for (const LipschitzMethod how : lipschitz_methods) {
    const std::string name(to_text(how));
    if (by_method.has(name)) c.lipschitz.emplace_back(how, number(by_method, name));
  }
  if (fields.has("search")) {
    Fields search = fields.table("search");
    (void)search.choice("evidence", {"measured"});
    c.searched = number(search, "lipschitz");
  }
  ConvergenceProof& p = c.proof;
  if (fields.boolean("certified", false)) {
    Fields proof = fields.table("proof");
    p.obstacle = Obstacle::none;
    p.sigma_squared = proof.number("sigma_squared"), p.jacobian = proof.number("jacobian");
    p.b = proof.number("b"), p.kappa = proof.number("kappa"), p.radius = proof.number("radius");
    p.alpha = proof.number("alpha"), p.contraction = proof.number("contraction", 1.0);
    p.h = proof.number("h");
  } else {
    Fields refused = fields.table("refused");
    const std::string obstacle =
        refused.choice("obstacle", std::vector<std::string>(obstacles.begin() + 1, obstacles.end()));
    p.obstacle = static_cast<Obstacle>(std::ranges::find(obstacles, obstacle) - obstacles.begin());
    p.excess = number(refused, "excess"), p.b = number(refused, "b"), p.h = number(refused, "h");
  }
  return c;
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
  return text + markdown_table(numbers(c)) + sharpness(c);
}

}  // namespace overproof
