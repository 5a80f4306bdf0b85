#include "verify/smallest_width.h"

#include <algorithm>

namespace overproof {

SmallestWidth smallest_width(const std::function<Certificate(Index width)>& certify_at, Index start,
                             Index most) {
  SmallestWidth found;
  Index refused = 0, certified = most + 1;
  const auto try_at = [&](Index width) {
    Certificate certificate = certify_at(width);
    const bool success = certificate.certified();
    (success ? certified : refused) = width;
    (success ? found.certified : found.refused) = std::move(certificate);
    return success;
  };
  Index width = std::clamp<Index>(start, 1, most);
  if (try_at(width)) {
    while (width > 1 && try_at(width / 2)) width /= 2;
  } else {
    while (width < most && !try_at(std::min(2 * width, most))) width = std::min(2 * width, most);
  }
  if (!found.certified) return found;
  while (certified - refused > std::max<Index>(1, certified / 100)) try_at((refused + certified) / 2);
  return found;
}

}  // namespace overproof
