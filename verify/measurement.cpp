#include "verify/measurement.h"

#include <fmt/format.h>

namespace overproof {

std::string_view to_text(Evidence evidence) {
  switch (evidence) {
    case Evidence::proved:
      return "proved";
    case Evidence::enclosed:
      return "enclosed";
    case Evidence::statistical:
      return "statistical";
    case Evidence::measured:
      return "measured";
    case Evidence::declared:
      break;
  }
  return "declared";
}

std::string Key::text() const {
  if (step && layer) return fmt::format("{}[{},{}]", name, *step, *layer);
  if (step || layer) return fmt::format("{}[{}]", name, step ? *step : *layer);
  return name;
}

void Measurements::set(Key key, Interval value, Evidence evidence) {
  values_.insert_or_assign(std::move(key), Measured{std::move(value), evidence});
}

const Measured* Measurements::find(const Key& key) const {
  const auto at = values_.find(key);
  return at == values_.end() ? nullptr : &at->second;
}

bool Measurements::has_name(std::string_view name) const {
  // A key with neither step nor layer is the smallest of its name.
  const auto at = values_.lower_bound(Key{std::string(name), std::nullopt, std::nullopt});
  return at != values_.end() && at->first.name == name;
}

std::vector<std::string> Measurements::names() const {
  std::vector<std::string> names;
  for (const auto& [key, value] : values_) {
    if (names.empty() || names.back() != key.name) names.push_back(key.name);
  }
  return names;
}

}  // namespace overproof
