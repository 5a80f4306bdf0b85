#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "bounds/formula.h"
#include "verify/judge.h"

namespace overproof {

/// Where a formula is evaluated: k and h, as far as it has them.
struct Place {
  std::optional<long> step, layer;
  [[nodiscard]] std::string text() const;  ///< "k = 3, h = 1"; "" for no place
};

/// What an evaluation read, through definitions too.
struct Used {
  Evidence evidence = Evidence::proved;  ///< the weakest
  std::string weakest;                   ///< the number with that evidence
  std::string missing;                   ///< the first name without a value; empty if none
  std::string not_a_number;              ///< the first value that is nan; empty if none

  void add(const Used& other);
  /// False when a number of less than statistical evidence was read: then nothing is decided.
  [[nodiscard]] bool decides() const { return evidence <= Evidence::statistical; }
};

/// The formulas of one statement on one run: names are looked up among its definitions, its hidden constants
/// (at the values the claims assume), the symbols of the run, failure_probability and the measurements, in
/// this order. Definitions without k and h are evaluated once. Both arguments must outlive it; for use by one
/// thread.
class Evaluation {
 public:
  Evaluation(const JudgedRun& run, const Theorem& theorem);

  struct Value {
    FormulaValue value;
    Used used;
  };
  struct Judged {
    Judgement judgement;
    Used used;
  };
  [[nodiscard]] Value evaluate(const Formula& formula, const Place& place) const;
  [[nodiscard]] Judged judge(const Formula& comparison, const Place& place) const;
  [[nodiscard]] std::optional<Formula::Solution> solve(const Formula& comparison, const std::string& name,
                                                       const Place& place) const;
  /// The formula with the definitions that depend on `name` written out, for `solve`; nullopt when that is
  /// too large.
  [[nodiscard]] std::optional<Formula> inlined(const Formula& formula, const std::string& name) const;

  /// Names of a formula and of the definitions it uses, directly or not.
  [[nodiscard]] std::set<std::string> names(const Formula& formula) const;
  /// The hidden constants among them, with the assumed values.
  [[nodiscard]] std::map<std::string, std::string> assuming(const Formula& formula) const;
  [[nodiscard]] const JudgedRun& run() const { return *run_; }

 private:
  [[nodiscard]] Value value_of(const Reference& reference) const;
  [[nodiscard]] Value measured(const Reference& reference) const;
  [[nodiscard]] FormulaScope scope(const Place& place, Used& used) const;

  struct Definition {
    const Formula* formula;
    std::set<std::string> names;
  };
  const JudgedRun* run_;
  const Theorem* theorem_;
  std::map<std::string, Definition> definitions_;
  mutable std::map<std::string, Value> known_;
};

}  // namespace overproof
