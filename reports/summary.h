#pragma once

#include <string>

#include "verify/outcome.h"

namespace overproof {

/// The report for the terminal: outcomes, gates, overall verdict, as plain text of at most 80 columns a line.
[[nodiscard]] std::string summary_table(const Report& report);

}  // namespace overproof
