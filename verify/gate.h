#pragma once

#include <vector>

#include "verify/judge.h"
#include "verify/outcome.h"

namespace overproof {

/// The gates of a run's claims, judged. A gate is one of
///   - a comparison over measurements, n, d, m, H, eta and the constants of the activation, at every recorded
///   k (and h);
///   - `not contradicted: ID` or `not contradicted: PREFIX*`: holds unless such a statement is contradicted;
///   - `records agree`: the recorded losses are those of the stored weights. In force whether listed or not
///   wherever a loss is recorded.
///   - `certified`: a certificate was found; undecided while none was.
/// Claims without gates have `not contradicted: *`. Throws InputError that names the gate, with the nearest
/// name, for a text that is none of these, for a name or step that matches nothing, and for a hidden
/// constant.
[[nodiscard]] std::vector<GateReport> judge_gates(const JudgedRun& run,
                                                  const std::vector<StatementReport>& statements);

}  // namespace overproof
