#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bounds/theorem.h"
#include "files/error.h"

namespace overproof {
namespace {

constexpr int precision = 256;

/// One unit of the last digit of a decimal text: 0.001 for "1.250", 1e5 for "2.3e6".
Interval last_unit(const std::string& text) {
  const std::size_t e = text.find_first_of("eE");
  const std::string mantissa = text.substr(0, e);
  const std::size_t point = mantissa.find('.');
  const long decimals = point == std::string::npos ? 0 : static_cast<long>(mantissa.size() - point - 1);
  const long exponent = e == std::string::npos ? 0 : std::stol(text.substr(e + 1));
  return Interval::decimal(fmt::format("1e{}", exponent - decimals), precision);
}

/// True if the enclosure meets value ± one unit of its last digit and is itself narrower than that.
bool meets(const Interval& enclosure, const std::string& quoted) {
  const Interval value = Interval::decimal(quoted, precision);
  if (value.is_nan() || !enclosure.is_bounded()) return false;
  const Interval unit = last_unit(quoted);
  const Interval around = hull(value - unit, value + unit);
  const bool overlap = possibly_le(enclosure, around) && possibly_le(around, enclosure);
  return overlap && certainly_le(enclosure.upper_point() - enclosure.lower_point(), unit + unit);
}

FormulaScope scope_of(const Theorem::Example& example) {
  FormulaScope scope;
  scope.precision = precision;
  for (const auto& [key, text] : example.inputs) {
    if (key == "k" || key == "h") scope.indices.emplace_back(key, Interval::decimal(text).to_integer());
  }
  scope.lookup = [&example](const Reference& reference) -> std::optional<FormulaValue> {
    const std::string key = reference.indices.empty()
                                ? reference.name
                                : fmt::format("{}[{}]", reference.name, fmt::join(reference.indices, ","));
    const auto found = example.inputs.find(key);
    if (found == example.inputs.end()) return std::nullopt;
    return FormulaValue{Interval::decimal(found->second, precision), key};
  };
  return scope;
}

/// What an output is, as text for a message, and whether it is what the file quotes.
struct Result {
  bool agrees;
  std::string text;
};

Result number(const Interval& value, const std::string& quoted) {
  return {meets(value, quoted), value.text(15)};
}

std::optional<Result> result_of(const std::vector<Inequality>& inequalities, const FormulaScope& scope,
                                const std::string& name, const std::string& quoted) {
  for (const Inequality& inequality : inequalities) {
    const bool side = name == inequality.id + ".left" || name == inequality.id + ".right";
    if (!side && name != inequality.id) continue;
    const Judgement judgement = inequality.formula.judge(scope);
    if (!side) return Result{to_text(judgement.verdict) == quoted, std::string(to_text(judgement.verdict))};
    return number(name.ends_with(".left") ? judgement.left : judgement.right, quoted);
  }
  return std::nullopt;
}

}  // namespace

void check_examples(const Theorem& theorem) {
  for (const Theorem::Example& example : theorem.examples) {
    const FormulaScope inputs = scope_of(example);
    const auto values = evaluate_definitions(theorem, inputs);
    const FormulaScope scope = with_definitions(inputs, values);
    for (const auto& [name, quoted] : example.outputs) {
      std::optional<Result> result;
      for (const auto& [defined, value] : values) {
        if (defined == name) result = number(value.interval, quoted);
      }
      if (!result) result = result_of(theorem.hypotheses, scope, name, quoted);
      if (!result) result = result_of(theorem.conclusions, scope, name, quoted);
      const std::string where =
          fmt::format("{}: theorem {}: example {}: {}", theorem.file, theorem.id, example.name, name);
      if (!result) {
        throw InputError(where + ": a definition, or an inequality's ID, ID.left or ID.right, is expected");
      }
      if (!result->agrees)
        throw InputError(fmt::format("{}: {} is quoted, {} is computed", where, quoted, result->text));
    }
  }
}

}  // namespace overproof
