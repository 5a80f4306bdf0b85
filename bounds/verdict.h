#pragma once

#include <string_view>

namespace overproof {

/// What is proved about one inequality. `undecided` is not an opinion: the enclosures overlap, or a number is
/// missing.
enum class Verdict { holds, fails, undecided };

[[nodiscard]] constexpr std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::fails:
      return "fails";
    case Verdict::undecided:
      break;
  }
  return "undecided";
}

/// All hold: holds. Any fails: fails. Else undecided.
[[nodiscard]] constexpr Verdict both(Verdict a, Verdict b) {
  if (a == Verdict::fails || b == Verdict::fails) return Verdict::fails;
  if (a == Verdict::holds && b == Verdict::holds) return Verdict::holds;
  return Verdict::undecided;
}

}  // namespace overproof
