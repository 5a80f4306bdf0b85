#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bounds/interval.h"
#include "bounds/verdict.h"

namespace overproof {

struct Node;  // the tree, seen by bounds/ only

/// A name in a formula after its indices are evaluated: "m", loss[3], drift_fro[20,1].
struct Reference {
  std::string name;
  std::vector<long> indices;
  auto operator<=>(const Reference&) const = default;
};

/// The value of a (sub)formula. `identity` names the one measurement it is, unchanged ("loss[0]"), so that
/// two equal enclosures of one and the same number compare as equal; empty after any operation that changes
/// it.
struct FormulaValue {
  Interval interval;
  std::string identity;
};

/// What a formula is evaluated in. `lookup` returns nullopt for a name that has no value here (then the
/// result is nan and `missing` of the judgement names it). `indices` binds k and h. `call` gives the value of
/// a measured function such as near_boundary(R) for the enclosures of its arguments, nullopt when it was not
/// measured.
struct FormulaScope {
  std::function<std::optional<FormulaValue>(const Reference&)> lookup;
  std::vector<std::pair<std::string, long>> indices;
  int precision = Interval::default_precision;
  std::function<std::optional<Interval>(const std::string& function, const std::vector<Interval>& arguments)>
      call = {};
};

/// The verdict on one comparison.
struct Judgement {
  Verdict verdict = Verdict::undecided;
  Interval left, right;
  std::string missing;  ///< the first name without a value; empty if none
};

/// Growth of an expression in one variable with everything else constant.
struct Growth {
  enum class Class { constant, logarithmic, polynomial, exponential, unknown } kind = Class::unknown;
  std::string text;  ///< "n^4: polynomial", "2^(C'*H): exponential"
};

/// A formula of a theorem or gate, parsed once. What is printed is what is evaluated.
///
/// Grammar: comparisons < <= > >= (at most one, at the top); + - * / ^ (right associative, binds tighter than
/// unary minus on its left: -x^2 = -(x^2)), parentheses; numbers (decimal texts, the exact rational they
/// write: 0.1 is 1/10); pi; functions log exp sqrt abs max(a, b, ...) min(a, b, ...) geometric(a, H) =
/// Σ_{i<H} a^i, sum(h, 1, H, e) and max_over(h, 1, H, e); names (letters, digits, _ and a trailing ' as in
/// C'); series name[k], name[k+1], name[0]; layers name[k,h], an index being any expression with an integer
/// value. Measured functions of the table in formula_tree.h (near_boundary) are called as name(args).
///
/// An operation that is undefined for some choice of points (a divisor whose enclosure contains 0, log of an
/// enclosure that touches 0, a sum with more than 100000 terms) is nan, and nothing is concluded from it. A
/// number stays the same number (keeps its identity) through parentheses, *1, /1, ^1, +0 and -0 with exact 1
/// and 0; x^0 is exactly 1.
class Formula {
 public:
  /// Throws InputError with the column and what was expected there.
  [[nodiscard]] static Formula parse(std::string_view text);

  /// The text printed from the tree, in the grammar above ("m >= C_m*2^(C_p*H)"): parsing it gives the same
  /// tree.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string markdown() const;  ///< inline code with the usual signs (≤ · √), from the tree
  [[nodiscard]] std::string latex() const;
  [[nodiscard]] bool is_comparison() const;
  /// "<", "<=", ">" or ">="; "" for an expression.
  [[nodiscard]] std::string relation() const;
  /// Names used, without functions, bound variables (sum) and k, h when they are indices. Sorted, unique.
  [[nodiscard]] std::vector<std::string> names() const;
  /// Names used with indices (series): name and how many indices.
  [[nodiscard]] std::vector<std::pair<std::string, int>> series() const;
  /// True if the free index variable (k or h) occurs, as an index or as a number.
  [[nodiscard]] bool uses_index(std::string_view variable) const;

  /// The formula with every name of `definitions` replaced by its expression. Throws InputError when an
  /// expression uses k or h where a sum or max_over binds that variable, or when the result is unreasonably
  /// large.
  [[nodiscard]] Formula substitute(const std::map<std::string, Formula>& definitions) const;

  /// The value of an expression. Throws std::logic_error for a comparison.
  [[nodiscard]] FormulaValue evaluate(const FormulaScope& scope) const;
  /// The verdict on a comparison: holds only when proved for every choice of points in the enclosures, fails
  /// likewise. Throws std::logic_error for an expression.
  [[nodiscard]] Judgement judge(const FormulaScope& scope) const;

  /// Solves a comparison for a name that occurs exactly once, by inverting the operations on its path: the
  /// value of the name at which both sides are equal, and whether the comparison holds for values <= or >=
  /// it, among positive values (constants, widths and steps are positive). nullopt when the name occurs more
  /// than once, not at all, under a function that is not monotone (or under max, min, sum), or a sign needed
  /// is not certain. Names of definitions that depend on the name must have been replaced by substitute().
  struct Solution {
    std::string relation;  ///< "<=" or ">="
    Interval bound;
  };
  [[nodiscard]] std::optional<Solution> solve(std::string_view name, const FormulaScope& scope) const;

  /// Growth of an expression (or of the right side of a comparison) in a variable, the other names being
  /// positive constants. A base that is not a number is taken to be above 1, and the text says so ("c^H:
  /// exponential for c > 1").
  [[nodiscard]] Growth growth(std::string_view variable) const;

  /// Equal trees.
  [[nodiscard]] bool operator==(const Formula& other) const;

 private:
  explicit Formula(std::shared_ptr<const Node> root);
  std::string text_;
  std::shared_ptr<const Node> root_;
};

}  // namespace overproof
