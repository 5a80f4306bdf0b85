#pragma once

#include <string>

#include "files/fields.h"
#include "verify/certificate.h"

namespace overproof {

/// The certificate as a file, schema "overproof.certificate/1" (docs/certificate.md), sealed by its sha256;
/// or the refusal.
[[nodiscard]] Json json(const Certificate& certificate);
/// What json() wrote: json(certificate_from(j)) is j. The seal is not checked. Throws InputError naming the
/// field.
[[nodiscard]] Certificate certificate_from(Fields fields);

/// What it says, in Markdown without a heading: the statement and its numbers, or why nothing is certified
/// and what would help. Numbers are rounded to their safe side.
[[nodiscard]] std::string markdown(const Certificate& certificate);

}  // namespace overproof
