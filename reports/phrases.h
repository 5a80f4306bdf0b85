#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verify/outcome.h"

namespace overproof {

/// The wording that all reports share. Texts of the report (names, reasons) come through raw: whoever writes
/// the file escapes them.

/// The exit code in words: "passed", "failed", "nothing checked", "undecided".
[[nodiscard]] std::string headline_word(const Report& report);
/// "every gate holds; 1 run, 6 gates: 6 hold; 15 statements: 6 confirmed, 9 vacuous" and, if so, "run a
/// diverged at step 7".
[[nodiscard]] std::string headline_sentence(const Report& report);

/// "C_m = 1, C_eta = 1/2"; "" when nothing is assumed.
[[nodiscard]] std::string assumption_list(const std::map<std::string, std::string>& assuming);
/// "vacuous" or "vacuous, assuming C_m = 1": an outcome or verdict is never named without what it assumes.
[[nodiscard]] std::string with_assumptions(std::string_view word,
                                           const std::map<std::string, std::string>& assuming);

/// "k = 20, h = 1", or "" for a formula without places.
[[nodiscard]] std::string place(const Instance& instance);

/// "+2.34 decades", "-0.0101 absolute": rounded down, so that no slack is claimed that is not there.
[[nodiscard]] std::string margin_text(const Margin& margin);

/// A bound of an implied constant in the direction in which it suffices: "m ≥ 1.9e18" rounded up, "C_m
/// ≤ 3.1e-16" rounded down. nullopt when the bound is not finite, or when only values <= 0 would do.
[[nodiscard]] std::optional<std::string> sufficient(const Solved& solved, int digits);

/// One sentence on an implied constant, in line with the verdict: "needs m ≥ 1.9e18, has 500", "C_m ≤ 3.1e-16
/// would make it hold (in use: 1)", "holds for every C_m ≥ 0.02 (in use: 1)".
[[nodiscard]] std::string solved_text(const Solved& solved, const Finding& finding);

/// The instance to show: the worst, else the first that does not hold, else the first; nullptr without
/// instances.
[[nodiscard]] const Instance* shown_instance(const Finding& finding);

/// "judged at 21 places: 20 hold, 1 fails; fails first at k = 3".
[[nodiscard]] std::string places_text(const Finding& finding);

/// What stands between a statement and "confirmed", in a few words; several ways to say it, the longest
/// first.
[[nodiscard]] std::vector<std::string> gap(const StatementReport& statement);
/// The same for a gate: its reason, or the margin at its worst place.
[[nodiscard]] std::vector<std::string> gap(const GateReport& gate);

}  // namespace overproof
