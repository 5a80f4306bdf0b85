#pragma once

#include <string>

#include "verify/outcome.h"

namespace overproof {

/// The report for people, in GitHub's Markdown: the overall verdict, all outcomes and gates, then each run
/// with every hypothesis and conclusion, and what is trusted. Numbers are rounded in the safe direction;
/// tables of verdicts are at most 80 columns wide.
[[nodiscard]] std::string markdown(const Report& report);

}  // namespace overproof
