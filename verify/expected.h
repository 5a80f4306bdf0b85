#pragma once

#include "trainer/experiment.h"
#include "verify/claims.h"
#include "verify/measurement.h"

namespace overproof {

/// The measurements that `measure` will take of a finished run of this experiment, each one nan.
[[nodiscard]] Measurements expected_measurements(const Experiment& experiment);

/// Holds claims against an experiment before it is trained: the statements must exist, and every gate must be
/// about something that will be there. Throws the InputError that judging the finished run would throw.
void check_claims(const Claims& claims, const Experiment& experiment, const std::vector<Theorem>& theorems);

}  // namespace overproof
