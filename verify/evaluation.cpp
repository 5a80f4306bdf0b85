#include "verify/evaluation.h"

#include <fmt/format.h>

#include "files/error.h"

namespace overproof {

std::string Place::text() const {
  if (step && layer) return fmt::format("k = {}, h = {}", *step, *layer);
  if (step) return fmt::format("k = {}", *step);
  return layer ? fmt::format("h = {}", *layer) : "";
}

void Used::add(const Used& other) {
  if (evidence < other.evidence) {
    evidence = other.evidence;
    weakest = other.weakest;
  }
  if (missing.empty()) missing = other.missing;
  if (not_a_number.empty()) not_a_number = other.not_a_number;
}

Evaluation::Evaluation(const JudgedRun& run, const Theorem& theorem) : run_(&run), theorem_(&theorem) {
  for (const auto& [name, formula] : theorem.definitions) {
    // A definition uses earlier ones only, so their names are complete here.
    definitions_.insert_or_assign(name, Definition{&formula, names(formula)});
  }
}

std::set<std::string> Evaluation::names(const Formula& formula) const {
  std::set<std::string> all;
  for (const std::string& name : formula.names()) {
    all.insert(name);
    const auto at = definitions_.find(name);
    if (at != definitions_.end()) all.insert(at->second.names.begin(), at->second.names.end());
  }
  return all;
}

std::map<std::string, std::string> Evaluation::assuming(const Formula& formula) const {
  std::map<std::string, std::string> constants;
  for (const std::string& name : names(formula)) {
    if (theorem_->constants.contains(name)) constants[name] = run_->claims.constant(name);
  }
  return constants;
}

Evaluation::Value Evaluation::measured(const Reference& reference) const {
  const std::vector<long>& at = reference.indices;
  std::vector<Key> keys;  // one index is a step, or the layer of a measurement without steps
  if (at.empty()) keys = {{reference.name, std::nullopt, std::nullopt}};
  if (at.size() == 1) keys = {{reference.name, at[0], std::nullopt}, {reference.name, std::nullopt, at[0]}};
  if (at.size() == 2) keys = {{reference.name, at[0], at[1]}};
  for (const Key& key : keys) {
    const Measured* found = run_->measurements.find(key);
    if (!found) continue;
    Value result{{found->value, key.text()}, {}};
    result.used.evidence = found->evidence;
    result.used.weakest = key.text();
    if (found->value.is_nan()) result.used.not_a_number = key.text();
    return result;
  }
  Value absent;
  absent.used.missing = keys.empty() ? reference.name : keys.front().text();
  return absent;
}

Evaluation::Value Evaluation::value_of(const Reference& reference) const {
  const std::string& name = reference.name;
  if (!reference.indices.empty()) return measured(reference);
  if (const auto at = definitions_.find(name); at != definitions_.end()) {
    auto known = known_.find(name);
    if (known == known_.end()) known = known_.emplace(name, evaluate(*at->second.formula, {})).first;
    return known->second;
  }
  std::optional<Interval> value;
  if (theorem_->constants.contains(name)) {
    value = Interval::decimal(run_->claims.constant(name), run_->precision);
  } else if (const auto at = run_->symbols.find(name); at != run_->symbols.end()) {
    value = at->second;
  } else if (name == "failure_probability") {
    value = Interval::decimal(run_->claims.failure_probability, run_->precision);
  }
  if (!value) return measured(reference);
  Value result{{*value, name}, {}};
  if (value->is_nan()) result.used.not_a_number = name;
  return result;
}

FormulaScope Evaluation::scope(const Place& place, Used& used) const {
  FormulaScope scope;
  scope.precision = run_->precision;
  if (place.step) scope.indices.emplace_back("k", *place.step);
  if (place.layer) scope.indices.emplace_back("h", *place.layer);
  scope.lookup = [this, &used](const Reference& reference) -> std::optional<FormulaValue> {
    Value found = value_of(reference);
    used.add(found.used);
    if (!found.used.missing.empty()) return std::nullopt;
    return found.value;
  };
  scope.call = [this, &used](const std::string& function, const std::vector<Interval>& arguments) {
    std::optional<Interval> value = run_->call ? run_->call(function, arguments) : std::nullopt;
    Used called;
    called.evidence = Evidence::enclosed;
    called.weakest = function;
    if (!value) called.missing = function;
    if (value && value->is_nan()) called.not_a_number = function;
    used.add(called);
    return value;
  };
  return scope;
}

Evaluation::Value Evaluation::evaluate(const Formula& formula, const Place& place) const {
  Value result;
  result.value = formula.evaluate(scope(place, result.used));
  return result;
}

Evaluation::Judged Evaluation::judge(const Formula& comparison, const Place& place) const {
  Judged result;
  result.judgement = comparison.judge(scope(place, result.used));
  if (result.used.missing.empty()) result.used.missing = result.judgement.missing;
  return result;
}

std::optional<Formula::Solution> Evaluation::solve(const Formula& comparison, const std::string& name,
                                                   const Place& place) const {
  Used used;
  return comparison.solve(name, scope(place, used));
}

std::optional<Formula> Evaluation::inlined(const Formula& formula, const std::string& name) const {
  try {
    return inline_definitions(*theorem_, formula, name);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

}  // namespace overproof
