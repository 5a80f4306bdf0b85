#pragma once

#include <string>

#include "verify/outcome.h"

namespace overproof {

/// The report as JUnit XML for a build server: one suite a run, one case a gate and a statement
/// (docs/report-format.md says which outcome is what). Well-formed whatever the texts contain. A report in
/// which nothing was checked has an error.
[[nodiscard]] std::string junit(const Report& report);

}  // namespace overproof
