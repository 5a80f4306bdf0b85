#include <boost/rational.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "bounds/formula.h"
#include "bounds/formula_evaluate.h"
#include "bounds/formula_tree.h"

namespace overproof {
namespace {

using Rational = boost::rational<long>;

// boost::rational 1.74 never returns from == with an integer in C++20 (the rewritten candidate calls itself).
bool is_zero(const Rational& r) { return r.numerator() == 0; }
bool is_one(const Rational& r) { return r.numerator() == r.denominator(); }

/// base^(count·symbol·x): base is known to be, or taken to be, above 1; value encloses it when it is a
/// number.
struct Exponential {
  std::string base;
  std::optional<Interval> value;
  std::string symbol;  // product of constants, "" for 1
  Rational count;
};

/// The leading behaviour of an expression as x → ∞: sign · Π exponentials · x^power · log(x)^logs.
struct Order {
  int sign = 1;  // +1, -1, 0: unknown
  std::vector<Exponential> exponentials = {};
  Rational power = 0, logs = 0;
  std::set<std::string> above_one = {};  // bases taken to be above 1

  [[nodiscard]] bool is_constant() const { return exponentials.empty() && is_zero(power) && is_zero(logs); }
};
using MaybeOrder = std::optional<Order>;

constexpr long largest_part = 1000;  // of a rational exponent: keeps the arithmetic far from overflow

std::optional<Rational> checked(Rational r) {
  if (std::abs(r.numerator()) > largest_part || r.denominator() > largest_part) return std::nullopt;
  return r;
}

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

std::string product(const std::string& a, const std::string& b) {
  return a.empty() ? b : b.empty() ? a : a + "*" + b;
}

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

  [[nodiscard]] Growth describe(const MaybeOrder& order) const;

 private:
  [[nodiscard]] bool contains(const Node& node) const {
    if (node.kind == NodeKind::name && node.text == variable_) return true;
    return std::any_of(node.children.begin(), node.children.end(),
                       [&](const NodePtr& child) { return contains(*child); });
  }

  static MaybeOrder negated(MaybeOrder a) {
    if (a) a->sign = -a->sign;
    return a;
  }

  static MaybeOrder times(const MaybeOrder& a, const MaybeOrder& b) {
    if (!a || !b) return std::nullopt;
    Order c = *a;
    c.sign *= b->sign;
    c.power += b->power;
    c.logs += b->logs;
    c.above_one.insert(b->above_one.begin(), b->above_one.end());
    for (const Exponential& factor : b->exponentials) {
      const auto same = std::find_if(
          c.exponentials.begin(), c.exponentials.end(),
          [&](const Exponential& each) { return each.base == factor.base && each.symbol == factor.symbol; });
      if (same == c.exponentials.end()) {
        c.exponentials.push_back(factor);
      } else {
        same->count += factor.count;
      }
    }
    std::erase_if(c.exponentials, [](const Exponential& each) { return is_zero(each.count); });
    const bool small = checked(c.power) && checked(c.logs) &&
                       std::all_of(c.exponentials.begin(), c.exponentials.end(),
                                   [](const Exponential& each) { return checked(each.count).has_value(); });
    return small ? MaybeOrder(c) : std::nullopt;
  }

  static MaybeOrder raised(MaybeOrder a, Rational exponent) {
    if (!a) return std::nullopt;
    const bool even = exponent.denominator() == 1 && exponent.numerator() % 2 == 0;
    if (exponent.denominator() != 1 && a->sign != 1) return std::nullopt;
    if (even && a->sign != 0) a->sign = 1;
    a->power *= exponent;
    a->logs *= exponent;
    for (Exponential& each : a->exponentials) each.count *= exponent;
    if (is_zero(exponent)) a->exponentials.clear();
    return times(a, Order{});  // refuses large exponents
  }

  /// +1: the first grows faster, -1: the second, 0: equal up to a constant, nullopt: cannot say.
  static std::optional<int> faster(const Order& a, const Order& b) {
    const MaybeOrder ratio = times(a, raised(b, -1));
    if (!ratio) return std::nullopt;
    const auto& factors = ratio->exponentials;
    if (!factors.empty()) {
      const auto grows = [](const Exponential& each) { return each.count > 0; };
      if (std::all_of(factors.begin(), factors.end(), grows)) return 1;
      if (std::none_of(factors.begin(), factors.end(), grows)) return -1;
      Interval rate = zero();  // Σ count · log base, when every base is a number
      for (const Exponential& each : factors) {
        if (!each.value || !each.symbol.empty()) return std::nullopt;
        rate += Interval::rational(each.count.numerator(), each.count.denominator()) * log(*each.value);
      }
      if (certainly_positive(rate)) return 1;
      return certainly_negative(rate) ? std::optional(-1) : std::nullopt;
    }
    if (!is_zero(ratio->power)) return ratio->power > 0 ? 1 : -1;
    if (!is_zero(ratio->logs)) return ratio->logs > 0 ? 1 : -1;
    return 0;
  }

  /// The larger (or, for direction -1, the smaller) of two orders with the assumptions of both.
  static MaybeOrder chosen(const Order& a, const Order& b, int direction) {
    const std::optional<int> which = faster(a, b);
    if (!which) return std::nullopt;
    Order c = *which * direction >= 0 ? a : b;
    c.above_one.insert(a.above_one.begin(), a.above_one.end());
    c.above_one.insert(b.above_one.begin(), b.above_one.end());
    return c;
  }

  static MaybeOrder total(const MaybeOrder& a, const MaybeOrder& b) {
    if (!a || !b) return std::nullopt;
    const std::optional<int> which = faster(*a, *b);
    if (!which) return std::nullopt;
    MaybeOrder c = chosen(*a, *b, 1);
    if (*which != 0 || a->sign == b->sign) {
      if (*which == 0 && a->sign == 0) return c && c->is_constant() ? c : std::nullopt;
      return c;
    }
    if (!c || !c->is_constant()) return std::nullopt;  // leading terms may cancel
    c->sign = 0;
    return c;
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

  static MaybeOrder logarithm(const MaybeOrder& a) {
    if (!a || a->sign != 1) return std::nullopt;
    const auto& factors = a->exponentials;
    Order result{.above_one = a->above_one};
    if (!factors.empty()) {
      const auto grows = [](const Exponential& each) { return each.count > 0; };
      const bool up = std::all_of(factors.begin(), factors.end(), grows);
      if (!up && !std::none_of(factors.begin(), factors.end(), grows)) return std::nullopt;
      result.power = 1;
      result.sign = up ? 1 : -1;
      return result;
    }
    if (!is_zero(a->power)) {
      result.logs = 1;
      result.sign = a->power > 0 ? 1 : -1;
      return result;
    }
    if (!is_zero(a->logs)) return std::nullopt;  // log log x is not one of the classes
    result.sign = 0;
    return result;
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

std::string to_text(const Rational& r) {
  if (r.denominator() == 1) return std::to_string(r.numerator());
  return "(" + std::to_string(r.numerator()) + "/" + std::to_string(r.denominator()) + ")";
}

std::string power_text(const std::string& base, const Rational& exponent) {
  return is_one(exponent) ? base : base + "^" + to_text(exponent);
}

std::string exponential_text(const Exponential& each, const std::string& variable) {
  const std::string variables = product(each.symbol, variable);
  if (is_one(each.count) && each.symbol.empty()) return each.base + "^" + variable;
  const std::string sign = each.count < 0 ? "-" : "";
  const Rational size = boost::abs(each.count);
  return each.base + "^(" + sign + (is_one(size) ? "" : to_text(size) + "*") + variables + ")";
}

Growth GrowthOf::describe(const MaybeOrder& order) const {
  if (!order) return {Growth::Class::unknown, "unknown"};
  if (order->is_constant()) return {Growth::Class::constant, "constant"};
  const std::string variable(variable_);
  std::string text;
  const auto add = [&](const std::string& factor) { text += text.empty() ? factor : "·" + factor; };
  for (const Exponential& each : order->exponentials) add(exponential_text(each, variable));
  if (!is_zero(order->power)) add(power_text(variable, order->power));
  if (!is_zero(order->logs)) add(power_text("log(" + variable + ")", order->logs));
  Growth growth{Growth::Class::logarithmic, text + ": logarithmic"};
  if (!is_zero(order->power)) growth = {Growth::Class::polynomial, text + ": polynomial"};
  if (!order->exponentials.empty()) {
    const bool up = order->exponentials.front().count > 0;
    for (const Exponential& each : order->exponentials) {
      if ((each.count > 0) != up) return {Growth::Class::unknown, "unknown"};
    }
    growth = {Growth::Class::exponential, text + ": exponential"};
  }
  std::string assumed;
  for (const std::string& base : order->above_one)
    assumed += (assumed.empty() ? " for " : ", ") + base + " > 1";
  growth.text += assumed;
  return growth;
}

}  // namespace

Growth Formula::growth(std::string_view variable) const {
  const Node& node = is_comparison() ? *root_->children[1] : *root_;
  const GrowthOf growth(variable);
  return growth.describe(growth.order(node));
}

}  // namespace overproof
