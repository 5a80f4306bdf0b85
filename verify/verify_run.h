#pragma once

#include <functional>
#include <vector>

#include "trainer/run.h"
#include "verify/claims.h"
#include "verify/outcome.h"

namespace overproof {

/// Measures a run and judges it: the statements that `claims` choose among `theorems`, and the gates. Throws
/// InputError for claims that match nothing and for damaged iterates.
[[nodiscard]] RunReport verify_run(const Run& run, const Claims& claims, const std::vector<Theorem>& theorems,
                                   const std::function<void(Index done, Index of)>& progress = {});

}  // namespace overproof
