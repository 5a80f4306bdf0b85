#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace overproof {

/// A finite double in hexadecimal ("0x1.8p-4"), exactly.
[[nodiscard]] std::string hex_text(double value);

/// The double nearest to a decimal text ("-0.25", "1e-3") or the exact one of a hexadecimal text
/// ("0x1.8p-4"); nullopt unless the whole text is one finite number inside the range of doubles. Independent
/// of the locale.
[[nodiscard]] std::optional<double> parse_double(std::string_view text);

}  // namespace overproof
