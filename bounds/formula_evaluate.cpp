#include "bounds/formula_evaluate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace overproof {
namespace {

constexpr long long most_terms = 100'000;

bool is_point(const Interval& x, long long value) { return x.is_integer_point() && x.to_integer() == value; }

/// A value that is not one finite number anywhere (a point at infinity, an overflow) says nothing.
Interval checked(Interval x) {
  const double infinity = std::numeric_limits<double>::infinity();
  const bool nowhere_finite = x.lower() == infinity || x.upper() == -infinity;
  return nowhere_finite ? Interval::nan(x.precision()) : x;
}

/// The value of an index or bound: an integer that fits a long.
std::optional<long> integer_of(const Interval& x) {
  if (!x.is_integer_point()) return std::nullopt;
  return static_cast<long>(x.to_integer());
}

/// Σ_{i<terms} a^i by Horner's rule.
Interval geometric(const Interval& a, const Interval& terms, int precision) {
  if (!terms.is_integer_point() || terms.to_integer() < 0 || terms.to_integer() > most_terms || a.is_nan()) {
    return Interval::nan(precision);
  }
  const Interval one = Interval::integer(1, precision);
  Interval total = Interval::integer(0, precision);
  for (long long i = 0; i < terms.to_integer(); ++i) total = one + a * total;
  return total;
}

}  // namespace

Interval strict_divide(const Interval& x, const Interval& y) {
  if (y.is_nan() || y.contains_zero()) return Interval::nan(std::max(x.precision(), y.precision()));
  return x / y;
}

Interval strict_log(const Interval& x) {
  return certainly_positive(x) ? log(x) : Interval::nan(x.precision());
}

Interval strict_power(const Interval& x, const Interval& y) {
  const Interval undefined = Interval::nan(std::max(x.precision(), y.precision()));
  if (x.is_nan() || y.is_nan()) return undefined;
  if (y.is_integer_point()) {
    const long long exponent = y.to_integer();
    constexpr long long largest = std::numeric_limits<long>::max() / 2;
    if (exponent > largest || exponent < -largest || (exponent < 0 && x.contains_zero())) return undefined;
    return pow(x, y);
  }
  // 0^y = 0 for y > 0; elsewhere the base must be positive.
  const bool defined = certainly_positive(x) || (certainly_positive(y) && certainly_le(zero(), x));
  return defined ? pow(x, y) : undefined;
}

void Evaluator::note_missing(std::string text) {
  if (missing_.empty()) missing_ = std::move(text);
}

FormulaValue Evaluator::name(const Node& node) {
  if (node.children.empty()) {
    if (node.text == "pi") return {Interval::pi(scope_.precision), ""};
    const auto named = [&](const auto& pair) { return pair.first == node.text; };
    const auto inner = std::find_if(bound_.rbegin(), bound_.rend(), named);
    if (inner != bound_.rend()) return {Interval::integer(inner->second, scope_.precision), ""};
    const auto outer = std::find_if(scope_.indices.begin(), scope_.indices.end(), named);
    if (outer != scope_.indices.end()) return {Interval::integer(outer->second, scope_.precision), ""};
  }
  Reference reference{node.text, {}};
  for (const NodePtr& child : node.children) {
    const std::optional<long> index = integer_of(interval(*child));
    if (!index) {
      note_missing(tree_text(node));
      return nothing();
    }
    reference.indices.push_back(*index);
  }
  std::optional<FormulaValue> found = scope_.lookup ? scope_.lookup(reference) : std::nullopt;
  if (!found) {
    note_missing(reference.indices.empty()
                     ? reference.name
                     : fmt::format("{}[{}]", reference.name, fmt::join(reference.indices, ",")));
    return nothing();
  }
  if (found->interval.precision() < scope_.precision) {
    found->interval = found->interval.with_precision(scope_.precision);
  }
  found->interval = checked(std::move(found->interval));
  return *found;
}

FormulaValue Evaluator::binary(const Node& node) {
  FormulaValue a = value(*node.children[0]);
  FormulaValue b = value(*node.children[1]);
  const Interval &x = a.interval, &y = b.interval;
  switch (node.kind) {
    case NodeKind::add:
      if (is_point(y, 0)) return a;
      if (is_point(x, 0)) return b;
      return {checked(x + y), ""};
    case NodeKind::subtract:
      if (is_point(y, 0)) return a;
      return {checked(x - y), ""};
    case NodeKind::multiply:
      if (is_point(y, 1)) return a;
      if (is_point(x, 1)) return b;
      return {checked(x * y), ""};
    case NodeKind::divide:
      if (is_point(y, 1)) return a;
      return {checked(strict_divide(x, y)), ""};
    default:
      if (is_point(y, 1)) return a;
      return {checked(strict_power(x, y)), ""};
  }
}

Interval Evaluator::call(const Node& node) {
  std::vector<Interval> arguments;
  for (const NodePtr& child : node.children) arguments.push_back(interval(*child));
  const bool undefined =
      std::any_of(arguments.begin(), arguments.end(), [](const Interval& x) { return x.is_nan(); });
  if (undefined) return Interval::nan(scope_.precision);
  const std::string& f = node.text;
  if (f == "log") return strict_log(arguments[0]);
  if (f == "exp") return exp(arguments[0]);
  if (f == "sqrt") return sqrt(arguments[0]);
  if (f == "abs") return abs(arguments[0]);
  if (f == "geometric") return geometric(arguments[0], arguments[1], scope_.precision);
  if (f == "max" || f == "min") {
    Interval best = arguments.front();
    for (const Interval& x : arguments) best = f == "max" ? max(best, x) : min(best, x);
    return best;
  }
  const std::optional<Interval> measured = scope_.call ? scope_.call(f, arguments) : std::nullopt;
  if (measured) return *measured;
  note_missing(tree_text(node));
  return Interval::nan(scope_.precision);
}

FormulaValue Evaluator::fold(const Node& node) {
  const std::optional<long> first = integer_of(interval(*node.children[0]));
  const std::optional<long> last = integer_of(interval(*node.children[1]));
  if (!first || !last) return nothing();
  const bool summing = node.kind == NodeKind::sum;
  if (*last < *first) return summing ? FormulaValue{Interval::integer(0, scope_.precision), ""} : nothing();
  if (*first < -most_terms || *last > most_terms * most_terms || *last - *first >= most_terms)
    return nothing();
  FormulaValue total;
  bound_.emplace_back(node.text, *first);
  for (long i = *first; i <= *last; ++i) {
    if (--terms_left_ < 0) {
      total = nothing();
      break;
    }
    bound_.back().second = i;
    const FormulaValue term = value(*node.children[2]);
    if (i == *first) {
      total = term;
    } else {
      total = {checked(summing ? total.interval + term.interval : max(total.interval, term.interval)), ""};
    }
    if (total.interval.is_nan()) break;
  }
  bound_.pop_back();
  return total;
}

FormulaValue Evaluator::value(const Node& node) {
  switch (node.kind) {
    case NodeKind::number:
      return {checked(Interval::decimal(node.text, scope_.precision)), ""};
    case NodeKind::name:
      return name(node);
    case NodeKind::negate:
      return {-interval(*node.children[0]), ""};
    case NodeKind::call:
      return {checked(call(node)), ""};
    case NodeKind::sum:
    case NodeKind::max_over:
      return fold(node);
    case NodeKind::compare:
      return nothing();
    default:
      return binary(node);
  }
}

}  // namespace overproof
