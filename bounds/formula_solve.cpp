#include <algorithm>
#include <optional>
#include <utility>

#include "bounds/formula.h"
#include "bounds/formula_evaluate.h"
#include "bounds/formula_tree.h"

namespace overproof {
namespace {

std::size_t occurrences(const Node& node, std::string_view name) {
  std::size_t count = node.kind == NodeKind::name && node.text == name ? 1 : 0;
  for (const NodePtr& child : node.children) count += occurrences(*child, name);
  return count;
}

/// x ≤ target or x ≥ target for the expression x that still contains the name.
struct Constraint {
  bool at_most;
  Interval target;

  [[nodiscard]] Constraint with(Interval value) const { return {at_most, std::move(value)}; }
  [[nodiscard]] Constraint flipped(Interval value) const { return {!at_most, std::move(value)}; }
};

/// Inverts the operations on the path from a side of a comparison down to the one occurrence of a name.
class Inversion {
 public:
  Inversion(std::string_view name, const FormulaScope& scope) : name_(name), evaluator_(scope) {}

  /// The constraint on the name itself, or nullopt.
  [[nodiscard]] std::optional<Constraint> solve(const Node& node, Constraint constraint) {
    const Node* at = &node;
    std::optional<Constraint> current = std::move(constraint);
    while (!(at->kind == NodeKind::name && at->text == name_ && at->children.empty())) {
      if (!current || current->target.is_nan()) return std::nullopt;
      const Node* inner = nullptr;
      current = step(*at, *current, inner);
      at = inner;
      if (at == nullptr) return std::nullopt;
    }
    return current;
  }

  [[nodiscard]] Interval value(const Node& node) { return evaluator_.interval(node); }
  [[nodiscard]] bool on_path(const Node& node) const { return occurrences(node, name_) > 0; }

 private:
  /// The constraint on the child that contains the name, which becomes `inner`.
  std::optional<Constraint> step(const Node& node, const Constraint& c, const Node*& inner) {
    switch (node.kind) {
      case NodeKind::negate:
        inner = node.children[0].get();
        return c.flipped(-c.target);
      case NodeKind::call:
        inner = node.children[0].get();
        return call(node, c);
      case NodeKind::add:
      case NodeKind::subtract:
      case NodeKind::multiply:
      case NodeKind::divide:
      case NodeKind::power:
        break;
      default:
        return std::nullopt;
    }
    const bool first = on_path(*node.children[0]);
    inner = node.children[first ? 0 : 1].get();
    const Interval other = value(*node.children[first ? 1 : 0]);
    if (other.is_nan()) return std::nullopt;
    if (node.kind == NodeKind::add) return c.with(c.target - other);
    if (node.kind == NodeKind::subtract)
      return first ? c.with(c.target + other) : c.flipped(other - c.target);
    if (node.kind == NodeKind::multiply) return scaled(c, other, strict_divide(c.target, other));
    if (node.kind == NodeKind::divide)
      return first ? scaled(c, other, c.target * other) : quotient(*inner, c, other);
    return first ? power(*inner, c, other) : exponential(c, other);
  }

  /// x·a or x/a against the target: x against `value`, turned round when a < 0.
  static std::optional<Constraint> scaled(const Constraint& c, const Interval& a, Interval value) {
    if (certainly_positive(a)) return c.with(std::move(value));
    if (certainly_negative(a)) return c.flipped(std::move(value));
    return std::nullopt;
  }

  /// a/x against t, x > 0: for a, t > 0 it falls in x and a/x ≤ t ⟺ x ≥ a/t; for a, t < 0 it rises.
  std::optional<Constraint> quotient(const Node& x, const Constraint& c, const Interval& a) {
    if (!positive(x)) return std::nullopt;
    if (certainly_positive(a) && certainly_positive(c.target)) return c.flipped(strict_divide(a, c.target));
    if (certainly_negative(a) && certainly_negative(c.target)) return c.with(strict_divide(a, c.target));
    return std::nullopt;
  }

  /// x^a against t, x > 0 and t > 0: x against t^(1/a).
  std::optional<Constraint> power(const Node& x, const Constraint& c, const Interval& a) {
    if (!positive(x) || !certainly_positive(c.target)) return std::nullopt;
    return scaled(c, a, exp(strict_divide(strict_log(c.target), a)));
  }

  /// b^x against t > 0, b > 0: x against log t / log b.
  static std::optional<Constraint> exponential(const Constraint& c, const Interval& b) {
    if (!certainly_positive(b) || !certainly_positive(c.target)) return std::nullopt;
    const Interval rate = log(b);
    return scaled(c, rate, strict_divide(strict_log(c.target), rate));
  }

  std::optional<Constraint> call(const Node& node, const Constraint& c) {
    if (node.text == "exp" && certainly_positive(c.target)) return c.with(strict_log(c.target));
    if (!positive(*node.children[0])) return std::nullopt;
    if (node.text == "sqrt" && certainly_le(zero(), c.target)) return c.with(square(c.target));
    if (node.text == "log") return c.with(exp(c.target));
    if (node.text == "abs") return c;
    return std::nullopt;
  }

  /// True if the expression (which contains the name) is proved to be > 0 for every positive value of the
  /// name.
  bool positive(const Node& node) {
    const auto child = [&](std::size_t i) {
      const Node& each = *node.children[i];
      return on_path(each) ? positive(each) : certainly_positive(value(each));
    };
    switch (node.kind) {
      case NodeKind::name:
        return node.text == name_ && node.children.empty();
      case NodeKind::add:
      case NodeKind::multiply:
      case NodeKind::divide:
        return child(0) && child(1);
      case NodeKind::power:
        return child(0);
      case NodeKind::call:
        return node.text == "exp" || ((node.text == "sqrt" || node.text == "abs") && child(0));
      default:
        return false;
    }
  }

  std::string_view name_;
  Evaluator evaluator_;
};

}  // namespace

std::optional<Formula::Solution> Formula::solve(std::string_view name, const FormulaScope& scope) const {
  if (!is_comparison() || occurrences(*root_, name) != 1) return std::nullopt;
  Inversion inversion(name, scope);
  const bool in_left = inversion.on_path(*root_->children[0]);
  const Node& side = *root_->children[in_left ? 0 : 1];
  const bool left_at_most = root_->text[0] == '<';
  const Constraint start{left_at_most == in_left, inversion.value(*root_->children[in_left ? 1 : 0])};
  const std::optional<Constraint> solved = inversion.solve(side, start);
  if (!solved || !solved->target.is_bounded()) return std::nullopt;
  return Solution{solved->at_most ? "<=" : ">=", solved->target};
}

}  // namespace overproof
