#pragma once

#include <string>

#include "files/fields.h"
#include "verify/outcome.h"

namespace overproof {

/// The report as data, schema "overproof.report/1" (docs/report-format.md). An enclosure is ["lo", "hi"],
/// decimals rounded outward to 17 digits; an end that is infinite is null, and so is a whole number that is
/// nan. All texts are valid UTF-8, so dump() does not throw.
[[nodiscard]] Json json(const Report& report);

/// The report that json() wrote: json(report_from(j, file)) is j, and every enclosure contains the one that
/// was written. Throws InputError naming `file` and the field for another schema, a missing field or a value
/// that is not allowed.
[[nodiscard]] Report report_from(const Json& document, const std::string& file);

}  // namespace overproof
