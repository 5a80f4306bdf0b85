#include "verify/outcome.h"

#include <algorithm>

namespace overproof {

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::confirmed:
      return "confirmed";
    case Outcome::vacuous:
      return "vacuous";
    case Outcome::contradicted:
      return "contradicted";
    case Outcome::violated:
      return "violated";
    case Outcome::not_applicable:
      return "not applicable";
    case Outcome::informative:
      return "informative";
    case Outcome::undecided:
      break;
  }
  return "undecided";
}

int Report::exit_code() const {
  const auto has_gate = [](Verdict verdict) {
    return [verdict](const RunReport& run) {
      return std::ranges::any_of(run.gates, [&](const GateReport& gate) { return gate.verdict == verdict; });
    };
  };
  const auto diverged = [](const RunReport& run) { return run.diverged_at.has_value(); };
  const auto unchecked = [](const RunReport& run) { return run.gates.empty(); };
  if (std::ranges::any_of(runs, has_gate(Verdict::fails)) || std::ranges::any_of(runs, diverged)) return 1;
  if (runs.empty() || std::ranges::any_of(runs, unchecked)) return 2;
  return std::ranges::any_of(runs, has_gate(Verdict::undecided)) ? 3 : 0;
}

}  // namespace overproof
