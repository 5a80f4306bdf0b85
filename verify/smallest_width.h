#pragma once

#include <functional>
#include <optional>

#include "verify/certificate.h"

namespace overproof {

/// Where bisection over the width ended.
struct SmallestWidth {
  std::optional<Certificate> certified;  ///< at the smallest width that was certified
  std::optional<Certificate> refused;    ///< at the largest width below it, or the largest tried
};

/// Doubles or halves the width from `start` until one is certified and half of it is refused, then bisects to
/// 1%. Widths from 1 to `most`. Every width has its own random weights, so that a smaller width may be
/// certified by luck. About 7 + |log₂(found/start)| certificates.
[[nodiscard]] SmallestWidth smallest_width(const std::function<Certificate(Index width)>& certify_at,
                                           Index start, Index most);

}  // namespace overproof
