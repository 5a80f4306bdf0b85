#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bounds/formula.h"
#include "bounds/formula_tree.h"

namespace overproof {

/// Evaluates trees in one scope; remembers the first name without a value, and how many terms sums may still
/// take.
class Evaluator {
 public:
  explicit Evaluator(const FormulaScope& scope) : scope_(scope) {}

  /// Encloses the value of an expression; nan where some choice of points is outside a function's domain.
  [[nodiscard]] FormulaValue value(const Node& node);
  [[nodiscard]] Interval interval(const Node& node) { return value(node).interval; }
  [[nodiscard]] const std::string& missing() const { return missing_; }

 private:
  [[nodiscard]] FormulaValue name(const Node& node);
  [[nodiscard]] FormulaValue binary(const Node& node);
  [[nodiscard]] Interval call(const Node& node);
  [[nodiscard]] FormulaValue fold(const Node& node);
  [[nodiscard]] FormulaValue nothing() const { return {Interval::nan(scope_.precision), ""}; }
  void note_missing(std::string text);

  const FormulaScope& scope_;
  std::vector<std::pair<std::string, long>> bound_;  // variables of sum and max_over, innermost last
  std::string missing_;
  long terms_left_ = 1'000'000;  // over all sums of one evaluation
};

/// x/y, log x and x^y that are nan as soon as one choice of points is outside the domain.
[[nodiscard]] Interval strict_divide(const Interval& x, const Interval& y);
[[nodiscard]] Interval strict_log(const Interval& x);
[[nodiscard]] Interval strict_power(const Interval& x, const Interval& y);

/// The point 0; certainly_lt(zero(), x) is "x > 0 is proved".
[[nodiscard]] inline Interval zero() { return Interval::integer(0); }
[[nodiscard]] inline bool certainly_positive(const Interval& x) { return certainly_lt(zero(), x); }
[[nodiscard]] inline bool certainly_negative(const Interval& x) { return certainly_lt(x, zero()); }

}  // namespace overproof
