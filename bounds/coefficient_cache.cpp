#include "bounds/coefficient_cache.h"

#include <fmt/format.h>

#include <sstream>
#include <string_view>
#include <vector>

#include "files/error.h"
#include "files/file.h"

namespace overproof {

namespace {

/// To be raised with every change of gaussian.cpp or activation.cpp that changes an expansion.
constexpr int algorithm = 1;

constexpr std::string_view seal = "sha256 ";

std::optional<Interval> usable(const std::string& line, int precision) {
  std::optional<Interval> x = Interval::from_exact_text(line);
  if (!x || !x->is_bounded() || x->precision() != precision) return {};
  return x;
}

}  // namespace

std::string CoefficientKey::text() const {
  return fmt::format(
      "overproof Hermite coefficients, algorithm {}\nactivation {}\npart {}\nvariance {}\nprecision "
      "{}\naccuracy {}\nterms {} to {}\n"
      "E f² and a_k:\n",
      algorithm, activation, part == Part::value ? "value" : "derivative", variance.exact_text(), precision,
      accuracy ? std::to_string(*accuracy) : "none", least, most);
}

std::filesystem::path CoefficientCache::path(const CoefficientKey& key) const {
  return folder_ / (sha256(key.text()) + ".txt");
}

std::optional<HermiteExpansion> CoefficientCache::find(const CoefficientKey& key) const {
  std::string text;
  try {
    text = read_file(path(key));
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
