#pragma once

#include <string>
#include <vector>

#include "files/fields.h"
#include "verify/methods.h"

namespace overproof {

/// The methods side by side as JSON (docs/report-format.md), and read again. Throws InputError naming the
/// field.
[[nodiscard]] Json json(const std::vector<MethodRow>& methods);
[[nodiscard]] std::vector<MethodRow> methods_from(std::vector<Fields> rows);

/// As a Markdown table with a line on how to read it.
[[nodiscard]] std::string markdown(const std::vector<MethodRow>& methods);

}  // namespace overproof
