#pragma once

#include <cstdint>
#include <string>

#include "verify/outcome.h"

// Reports made by hand name only the members that matter.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace overproof {

/// Two runs made by hand: every outcome, every verdict, a probability statement, an erratum, a diverged run.
[[nodiscard]] Report sample_report();

/// One confirmed statement and one gate that holds.
[[nodiscard]] Report passing_report();

/// A report of random shape: texts of random bytes with the marks of Markdown, XML and UTF-8 among them,
/// intervals with nan and infinite ends, indices that point nowhere.
[[nodiscard]] Report random_report(std::uint64_t seed);
[[nodiscard]] std::string random_text(std::uint64_t seed);

/// Compares with tests/reports/approved/<file>; with OVERPROOF_APPROVE=1 in the environment writes it
/// instead.
void check_approved(const std::string& file, const std::string& text);

}  // namespace overproof
