#pragma once

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bounds/formula.h"

namespace overproof::formula_test {

using Values = std::map<std::string, Interval>;

inline std::string key_of(const Reference& reference) {
  std::string key = reference.name;
  for (std::size_t i = 0; i < reference.indices.size(); ++i) {
    key += (i == 0 ? "[" : ",") + std::to_string(reference.indices[i]);
  }
  return reference.indices.empty() ? key : key + "]";
}

inline FormulaScope scope_of(Values values, std::vector<std::pair<std::string, long>> indices = {}) {
  FormulaScope scope;
  scope.indices = std::move(indices);
  scope.lookup = [values = std::move(values)](const Reference& reference) -> std::optional<FormulaValue> {
    const auto found = values.find(key_of(reference));
    if (found == values.end()) return std::nullopt;
    return FormulaValue{found->second, found->first};
  };
  return scope;
}

inline Interval value(const std::string& text, Values values = {}) {
  return Formula::parse(text).evaluate(scope_of(std::move(values))).interval;
}

inline Verdict verdict(const std::string& text, Values values = {},
                       std::vector<std::pair<std::string, long>> indices = {}) {
  return Formula::parse(text).judge(scope_of(std::move(values), std::move(indices))).verdict;
}

inline bool is(const Interval& x, double expected) {
  return x.contains(expected) && x.width() < 1e-25 * (1 + std::abs(expected));
}

}  // namespace overproof::formula_test
