#pragma once

#include <string>
#include <vector>

#include "bounds/theorem.h"

namespace overproof {

/// All statements, one line each: id, provenance, title. Plain text.
[[nodiscard]] std::string statement_list(const std::vector<Theorem>& theorems);

/// One statement: source, setting, constants, definitions, hypotheses, conclusions, growth of the definitions
/// and hypotheses in n and H, known errata. Plain text.
[[nodiscard]] std::string statement_text(const Theorem& theorem);

}  // namespace overproof
