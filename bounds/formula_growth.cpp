#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "bounds/formula.h"
#include "bounds/formula_evaluate.h"
#include "bounds/formula_order.h"
#include "bounds/formula_tree.h"

namespace overproof {
namespace {

/// The rational a constant expression without names is, when it is a simple one.
std::optional<Rational> rational_of(const Node& node) {
  if (node.kind == NodeKind::number) {
    const std::size_t point = node.text.find('.');
    if (node.text.size() > 6 || node.text.find_first_of("eE") != std::string::npos) return std::nullopt;
    std::string figures = node.text;
    long scale = 1;
    if (point != std::string::npos) {
      figures.erase(point, 1);
      for (std::size_t i = point; i < figures.size(); ++i) scale *= 10;
    }
    long value = 0;
    std::from_chars(figures.data(), figures.data() + figures.size(), value);
    return checked(Rational(value, scale));
  }
  if (node.kind == NodeKind::negate) {
    const auto a = rational_of(*node.children[0]);
    return a ? std::optional(-*a) : std::nullopt;
  }
  const bool arithmetic = node.kind == NodeKind::add || node.kind == NodeKind::subtract ||
                          node.kind == NodeKind::multiply || node.kind == NodeKind::divide;
  if (!arithmetic) return std::nullopt;
  const auto a = rational_of(*node.children[0]), b = rational_of(*node.children[1]);
  if (!a || !b) return std::nullopt;
  switch (node.kind) {
    case NodeKind::add:
      return checked(*a + *b);
    case NodeKind::subtract:
      return checked(*a - *b);
    case NodeKind::multiply:
      return checked(*a * *b);
    default:
      return is_zero(*b) ? std::nullopt : checked(*a / *b);
  }
}

/// True if the expression is positive because of its form, names being positive.
bool positive(const Node& node) {
  const auto child = [&](std::size_t i) { return positive(*node.children[i]); };
  const auto all = [&] {
    return std::all_of(node.children.begin(), node.children.end(),
                       [](const NodePtr& each) { return positive(*each); });
  };
  switch (node.kind) {
    case NodeKind::number:
      return certainly_positive(Interval::decimal(node.text));
    case NodeKind::name:
      return true;
    case NodeKind::add:
    case NodeKind::multiply:
    case NodeKind::divide:
      return all();
    case NodeKind::power:
      return child(0);
    case NodeKind::call:
      if (node.text == "exp") return true;
      if (node.text == "max")
        return std::any_of(node.children.begin(), node.children.end(),
                           [](const NodePtr& each) { return positive(*each); });
      return (node.text == "min" || node.text == "sqrt" || node.text == "geometric") && all();
    default:
      return false;
  }
}

/// The coefficient of x in an expression that is linear in x up to constants: count·symbol.
struct Slope {
  Rational count;
  std::string symbol;
};

class GrowthOf {
 public:
  explicit GrowthOf(std::string_view variable) : variable_(variable) {}

  [[nodiscard]] MaybeOrder order(const Node& node) const {
    if (!contains(node)) return Order{.sign = positive(node) ? 1 : 0};
    const auto child = [&](std::size_t i) { return order(*node.children[i]); };
    switch (node.kind) {
      case NodeKind::name:
        return node.children.empty() ? MaybeOrder(Order{.power = 1}) : std::nullopt;
      case NodeKind::negate:
        return negated(child(0));
      case NodeKind::add:
        return total(child(0), child(1));
      case NodeKind::subtract:
        return total(child(0), negated(child(1)));
      case NodeKind::multiply:
        return times(child(0), child(1));
      case NodeKind::divide:
        return times(child(0), raised(child(1), -1));
      case NodeKind::power:
        return power(node);
      case NodeKind::call:
        return call(node);
      case NodeKind::sum:
        return sum(node);
      default:
        return std::nullopt;
    }
  }

 private:
  [[nodiscard]] bool contains(const Node& node) const {
    if (node.kind == NodeKind::name && node.text == variable_) return true;
    return std::any_of(node.children.begin(), node.children.end(),
                       [&](const NodePtr& child) { return contains(*child); });
  }

  [[nodiscard]] MaybeOrder power(const Node& node) const {
    const Node &base = *node.children[0], &exponent = *node.children[1];
    if (!contains(exponent)) {
      const auto constant = rational_of(exponent);
      return constant ? raised(order(base), *constant) : std::nullopt;
    }
    const std::optional<Slope> rate = slope(exponent);
    if (contains(base) || !positive(base) || !rate) return std::nullopt;
    return exponential(base, *rate);
  }

  /// base^(slope·x) for a constant positive base. A numeric base below 1 becomes its inverse with the
  /// opposite count; a product is split into its factors when every number among them is above 1.
  static MaybeOrder exponential(const Node& base, const Slope& rate) {
    if (base.kind == NodeKind::multiply) {
      const MaybeOrder left = exponential(*base.children[0], rate),
                       right = exponential(*base.children[1], rate);
      const bool up = rate.count > 0;
      const auto with = [&](const MaybeOrder& each) {
        return each && std::all_of(each->exponentials.begin(), each->exponentials.end(),
                                   [&](const Exponential& factor) { return (factor.count > 0) == up; });
      };
      if (with(left) && with(right)) return times(left, right);
    }
    const FormulaScope empty;
    const Interval value = Evaluator(empty).interval(base);
    Order result;
    const bool compound =
        base.kind != NodeKind::name && base.kind != NodeKind::number && base.kind != NodeKind::call;
    const std::string text = compound ? "(" + tree_text(base) + ")" : tree_text(base);
    if (value.is_nan()) {
      result.exponentials.push_back({text, std::nullopt, rate.symbol, rate.count});
      result.above_one.insert(tree_text(base));
      return result;
    }
    const Interval one = Interval::integer(1);
    if (value.is_integer_point() && value.to_integer() == 1) return result;
    if (certainly_lt(one, value)) {
      result.exponentials.push_back({text, value, rate.symbol, rate.count});
    } else if (certainly_lt(value, one)) {
      result.exponentials.push_back({"(1/" + text + ")", one / value, rate.symbol, -rate.count});
    } else {
      return std::nullopt;
    }
    return times(result, Order{});
  }

  /// The slope of an expression that is linear in x; nullopt for anything else or a coefficient of unknown
  /// sign.
  [[nodiscard]] std::optional<Slope> slope(const Node& node) const {
    switch (node.kind) {
      case NodeKind::name:
        return node.children.empty() && node.text == variable_ ? std::optional(Slope{1, ""}) : std::nullopt;
      case NodeKind::negate: {
        auto inner = slope(*node.children[0]);
        if (inner) inner->count = -inner->count;
        return inner;
      }
      case NodeKind::add:
      case NodeKind::subtract: {
        const bool first = contains(*node.children[0]), second = contains(*node.children[1]);
        if (first && second) return std::nullopt;
        auto inner = slope(*node.children[first ? 0 : 1]);
        if (inner && second && node.kind == NodeKind::subtract) inner->count = -inner->count;
        return inner;
      }
      case NodeKind::multiply:
      case NodeKind::divide: {
        const bool first = contains(*node.children[0]);
        const bool divided = node.kind == NodeKind::divide;
        if (first == contains(*node.children[1]) || (divided && !first)) return std::nullopt;
        const Node& other = *node.children[first ? 1 : 0];
        auto inner = slope(*node.children[first ? 0 : 1]);
        if (!inner) return std::nullopt;
        if (const auto number = rational_of(other)) {
          if (is_zero(*number)) return std::nullopt;
          const auto count = checked(divided ? inner->count / *number : inner->count * *number);
          return count ? std::optional(Slope{*count, inner->symbol}) : std::nullopt;
        }
        if (!positive(other) || (divided && inner->symbol.empty())) return std::nullopt;
        const bool simple = other.kind != NodeKind::add && other.kind != NodeKind::divide;
        const std::string text = simple ? tree_text(other) : "(" + tree_text(other) + ")";
        inner->symbol = divided ? inner->symbol + "/" + text : product(inner->symbol, text);
        return inner;
      }
      default:
        return std::nullopt;
    }
  }

  [[nodiscard]] MaybeOrder call(const Node& node) const {
    const Node& first = *node.children[0];
    if (node.text == "max" || node.text == "min") return extreme(node);
    if (node.text == "sqrt") return raised(order(first), Rational(1, 2));
    if (node.text == "log") return logarithm(order(first));
    if (node.text == "exp") {
      const std::optional<Slope> rate = slope(first);
      if (!rate) return std::nullopt;
      return Order{.exponentials = {{"e", exp(Interval::integer(1)), rate->symbol, rate->count}}};
    }
    if (node.text == "abs") {
      MaybeOrder inner = order(first);
      if (inner && inner->sign != 0) inner->sign = 1;
      return inner;
    }
    if (node.text == "geometric") return geometric(node);
    return std::nullopt;
  }

  [[nodiscard]] MaybeOrder extreme(const Node& node) const {
    MaybeOrder best = order(*node.children[0]);
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const MaybeOrder each = order(*node.children[i]);
      if (!best || !each || best->sign != 1 || each->sign != 1) return std::nullopt;
      best = chosen(*best, *each, node.text == "max" ? 1 : -1);
    }
    return best;
  }

  /// Σ_{i<N} a^i: a^N for a > 1, N for a = 1, a constant for 0 < a < 1.
  [[nodiscard]] MaybeOrder geometric(const Node& node) const {
    const Node &ratio = *node.children[0], &terms = *node.children[1];
    if (!contains(terms)) {  // a polynomial of degree terms - 1 in a
      const auto count = rational_of(terms);
      const MaybeOrder base = order(ratio);
      if (!count || count->denominator() != 1 || *count < 1 || !base || base->sign != 1) return std::nullopt;
      const MaybeOrder top = raised(base, *count - 1);
      return top ? chosen(Order{}, *top, 1) : std::nullopt;
    }
    const std::optional<Slope> rate = slope(terms);
    if (contains(ratio) || !positive(ratio) || !rate || rate->count < 0) return std::nullopt;
    const MaybeOrder top = exponential(ratio, *rate);
    if (!top) return std::nullopt;
    if (top->exponentials.empty()) return Order{.power = 1};
    return top->exponentials.front().count > 0 ? top : MaybeOrder(Order{});
  }

  /// Σ of a constant over first..last with last growing linearly.
  [[nodiscard]] MaybeOrder sum(const Node& node) const {
    const Node &first = *node.children[0], &last = *node.children[1], &body = *node.children[2];
    const bool simple =
        !contains(first) && !contains(body) && !occurs_free(body, node.text) && positive(body);
    const std::optional<Slope> rate = slope(last);
    return simple && rate && rate->count > 0 ? MaybeOrder(Order{.power = 1}) : std::nullopt;
  }

  std::string_view variable_;
};

}  // namespace

Growth Formula::growth(std::string_view variable) const {
  const Node& node = is_comparison() ? *root_->children[1] : *root_;
  return describe(GrowthOf(variable).order(node), std::string(variable));
}

}  // namespace overproof
