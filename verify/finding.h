#pragma once

#include "verify/evaluation.h"
#include "verify/outcome.h"

namespace overproof {

/// The verdict on one inequality of a statement or gate.
///
/// A formula with a free k is judged at every recorded step, one with a free h at every layer that has its
/// layer measurements, where its condition holds. Places at which a measurement is absent are left out if
/// others remain; if none remains there are no instances, the verdict is undecided, and `reason` says what
/// was not measured. A place whose condition is undecided is undecided, and so is one decided by numbers of
/// less than statistical evidence. When the run diverged and `runs_on` is true, a formula over k fails at the
/// step of divergence (conclusions and gates do, hypotheses do not).
///
/// `solved` gives, for each hidden constant, the values for which the inequality holds at every instance; for
/// a hypothesis that does not hold also those of m and eta.
[[nodiscard]] Finding judge_inequality(const Inequality& inequality, bool hypothesis,
                                       const Evaluation& evaluation);

/// The distance between the sides, rounded toward −∞ (>= 0 when the verdict is holds). nullopt when a side is
/// not a number or the distance is infinite. `relation` is <, <=, > or >=.
[[nodiscard]] std::optional<Margin> margin_of(const Interval& left, const Interval& right,
                                              std::string_view relation, Verdict verdict);

}  // namespace overproof
