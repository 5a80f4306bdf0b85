#include "files/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace overproof {
namespace {

/// Levenshtein distance, O(|a|·|b|).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, substituted}));
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  const auto distance = [&](const std::string& candidate) { return edit_distance(name, candidate); };
  const auto best = std::ranges::min_element(candidates, {}, distance);
  if (best == candidates.end()) return "";
  return distance(*best) <= std::max<std::size_t>(2, name.size() / 3) ? *best : "";
}

std::string unknown_name(std::string_view what, std::string_view name,
                         const std::vector<std::string>& allowed) {
  const std::string near = nearest_name(name, allowed);
  return fmt::format("unknown {} \"{}\";{} allowed: {}", what, name,
                     near.empty() ? "" : fmt::format(" did you mean \"{}\"?", near),
                     fmt::join(allowed, ", "));
}

}  // namespace overproof
