#pragma once

#include <boost/rational.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bounds/formula.h"

namespace overproof {

using Rational = boost::rational<long>;

// boost::rational 1.74 never returns from == with an integer in C++20 (the rewritten candidate calls itself).
[[nodiscard]] inline bool is_zero(const Rational& r) { return r.numerator() == 0; }
[[nodiscard]] inline bool is_one(const Rational& r) { return r.numerator() == r.denominator(); }

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

/// The rational if its parts are at most 1000, so that arithmetic with it stays far from overflow.
[[nodiscard]] std::optional<Rational> checked(Rational r);

/// -a, a·b, a^exponent, a + b (nullopt where leading terms may cancel), log a; nullopt where the order cannot
/// be told.
[[nodiscard]] MaybeOrder negated(MaybeOrder a);
[[nodiscard]] MaybeOrder times(const MaybeOrder& a, const MaybeOrder& b);
[[nodiscard]] MaybeOrder raised(MaybeOrder a, Rational exponent);
[[nodiscard]] MaybeOrder total(const MaybeOrder& a, const MaybeOrder& b);
[[nodiscard]] MaybeOrder logarithm(const MaybeOrder& a);
/// The larger (direction 1) or the smaller (-1) of two orders of positive expressions, with the assumptions
/// of both.
[[nodiscard]] MaybeOrder chosen(const Order& a, const Order& b, int direction);

/// "a*b", where either may be empty.
[[nodiscard]] std::string product(const std::string& a, const std::string& b);
/// The class and the text of an order in a variable.
[[nodiscard]] Growth describe(const MaybeOrder& order, const std::string& variable);

}  // namespace overproof
