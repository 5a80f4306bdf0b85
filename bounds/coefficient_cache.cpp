#include "bounds/coefficient_cache.h"

#include <fmt/format.h>

#include <cstdint>
#include <sstream>
#include <string_view>
#include <vector>

#include "files/error.h"
#include "files/file.h"

namespace overproof {

namespace {

/// More than any expansion takes; a file may have become anything.
constexpr std::uintmax_t most_bytes = 1U << 28;

constexpr std::string_view seal = "sha256 ";

std::optional<Interval> usable(const std::string& line, int precision) {
  std::optional<Interval> x = Interval::from_exact_text(line);
  if (!x || !x->is_bounded() || x->precision() != precision) return {};
  return x;
}

}  // namespace

std::string CoefficientKey::text() const {
  return fmt::format(
      "overproof Hermite coefficients\nsources {}\narithmetic {}\nactivation {}\npart {}\nvariance "
      "{}\nprecision "
      "{}\naccuracy {}\nterms {} to {}\n"
      "E f² and a_k:\n",
      OVERPROOF_QUADRATURE_SOURCES, arithmetic_versions(), activation,
      part == Part::value ? "value" : "derivative", variance.exact_text(), precision,
      accuracy ? std::to_string(*accuracy) : "none", least, most);
}

std::filesystem::path CoefficientCache::path(const CoefficientKey& key) const {
  return folder_ / (sha256(key.text()) + ".txt");
}

std::optional<HermiteExpansion> CoefficientCache::find(const CoefficientKey& key) const {
  const std::filesystem::path file = path(key);
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error) || std::filesystem::file_size(file, error) > most_bytes)
    return {};
  std::string text;
  try {
    text = read_file(file);
  } catch (const InputError&) {
    return {};
  }
  const std::string head = key.text();
  const std::size_t sealed = text.rfind(seal);
  if (!text.starts_with(head) || sealed == std::string::npos || sealed < head.size()) return {};
  const std::string body = text.substr(head.size(), sealed - head.size());
  if (text.substr(sealed) != fmt::format("{}{}\n", seal, sha256(std::string_view(text).substr(0, sealed)))) {
    return {};
  }
  std::istringstream lines(body);
  std::vector<Interval> numbers;
  for (std::string line; std::getline(lines, line);) {
    std::optional<Interval> x = usable(line, key.precision);
    if (!x) return {};
    numbers.push_back(std::move(*x));
  }
  if (numbers.size() < 2) return {};
  return hermite_expansion(key.variance, numbers[0], {numbers.begin() + 1, numbers.end()});
}

void CoefficientCache::store(const CoefficientKey& key, const HermiteExpansion& expansion) const {
  std::string text = key.text();
  std::vector<Interval> numbers{expansion.mean_square};
  numbers.insert(numbers.end(), expansion.coefficients.begin(), expansion.coefficients.end());
  for (const Interval& x : numbers) {
    if (!x.is_bounded()) return;
    text += x.exact_text() + "\n";
  }
  text += fmt::format("{}{}\n", seal, sha256(text));
  try {
    write_file(path(key), text);
  } catch (const InputError&) {  // a cache that cannot be written is no cache
  }
}

}  // namespace overproof
