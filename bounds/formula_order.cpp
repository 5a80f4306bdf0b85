#include "bounds/formula_order.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "bounds/formula_evaluate.h"

namespace overproof {

std::optional<Rational> checked(Rational r) {
  constexpr long largest_part = 1000;
  if (std::abs(r.numerator()) > largest_part || r.denominator() > largest_part) return std::nullopt;
  return r;
}

MaybeOrder negated(MaybeOrder a) {
  if (a) a->sign = -a->sign;
  return a;
}

MaybeOrder times(const MaybeOrder& a, const MaybeOrder& b) {
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

MaybeOrder raised(MaybeOrder a, Rational exponent) {
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

namespace {

/// +1: the first grows faster, -1: the second, 0: equal up to a constant, nullopt: cannot say.
std::optional<int> faster(const Order& a, const Order& b) {
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

}  // namespace

MaybeOrder chosen(const Order& a, const Order& b, int direction) {
  const std::optional<int> which = faster(a, b);
  if (!which) return std::nullopt;
  Order c = *which * direction >= 0 ? a : b;
  c.above_one.insert(a.above_one.begin(), a.above_one.end());
  c.above_one.insert(b.above_one.begin(), b.above_one.end());
  return c;
}

MaybeOrder total(const MaybeOrder& a, const MaybeOrder& b) {
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

MaybeOrder logarithm(const MaybeOrder& a) {
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
  // log log x is not one of the classes, and the log of a leading constant may vanish: log(1 + 1/x)
  return std::nullopt;
}

std::string product(const std::string& a, const std::string& b) {
  return a.empty() ? b : b.empty() ? a : a + "*" + b;
}

namespace {

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

}  // namespace

Growth describe(const MaybeOrder& order, const std::string& variable) {
  if (!order) return {Growth::Class::unknown, "unknown"};
  if (order->is_constant()) return {Growth::Class::constant, "constant"};
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

}  // namespace overproof
