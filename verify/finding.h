#pragma once

#include "verify/evaluation.h"
#include "verify/outcome.h"

namespace overproof {

/// What an inequality is to the statement or the gate that it belongs to.
enum class Role { hypothesis, conclusion, gate };

/// The verdict on one inequality of a statement or gate.
///
/// A formula with a free k is judged at every recorded step, one with a free h at every layer that has its
/// layer measurements, where its condition holds. Places at which a measurement is absent are left out if
/// others remain; if none remains there are no instances, the verdict is undecided, and `reason` says what
/// was not measured. A hypothesis is undecided at such a place unless it fails elsewhere: a conclusion may
/// rest on it there. A place whose condition is undecided is undecided, and so is one decided by numbers of
/// less than statistical evidence.
///
/// When the run diverged, a gate over k fails at the step of divergence: what it asks for was not reached. A
/// conclusion is undecided there, because floating point overflowed, about which the statement says nothing.
/// When training was interrupted, a gate over k is undecided after the last stored step.
///
/// `solved` gives, for each hidden constant, the values for which the inequality holds at every instance; for
/// a hypothesis that does not hold also those of m and eta.
[[nodiscard]] Finding judge_inequality(const Inequality& inequality, Role role, const Evaluation& evaluation);

/// The same at these steps only, of those recorded.
[[nodiscard]] Finding judge_at_steps(const Inequality& inequality, Role role, const Evaluation& evaluation,
                                     const std::vector<long>& steps);

/// The verdict on a hypothesis at one step; nullopt where no place of that step meets its condition.
[[nodiscard]] std::optional<Verdict> judge_step(const Inequality& hypothesis, const Evaluation& evaluation,
                                                long step);

/// The distance between the sides, rounded toward −∞ (>= 0 when the verdict is holds). nullopt when a side is
/// not a number or the distance is infinite. `relation` is <, <=, > or >=.
[[nodiscard]] std::optional<Margin> margin_of(const Interval& left, const Interval& right,
                                              std::string_view relation, Verdict verdict);

}  // namespace overproof
