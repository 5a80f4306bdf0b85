#include "reports/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace overproof {
namespace {

void add_inequalities(std::string& text, const std::string& title, const std::vector<Inequality>& list) {
  if (list.empty()) return;
  text += "\n" + title + "\n";
  for (const Inequality& inequality : list) {
    const std::string condition = inequality.condition ? "   for " + inequality.condition->text() : "";
    text += fmt::format("  {}:\n    {}{}\n", inequality.id, inequality.formula.text(), condition);
    if (inequality.known_false) text += "    printed, and known to be wrong: never counted\n";
    if (!inequality.note.empty()) text += "    " + inequality.note + "\n";
  }
}

}  // namespace

std::string statement_list(const std::vector<Theorem>& theorems) {
  std::size_t width = 0;
  for (const Theorem& theorem : theorems) width = std::max(width, theorem.id.size());
  std::string text;
  for (const Theorem& theorem : theorems) {
    text +=
        fmt::format("{:<{}}  {:<13}  {}\n", theorem.id, width, to_text(theorem.provenance), theorem.title);
  }
  return text;
}

std::string statement_text(const Theorem& theorem) {
  std::string text =
      fmt::format("{}\n{}\n\nsource      {}\nprovenance  {}\nkind        {}\n", theorem.id, theorem.title,
                  theorem.source, to_text(theorem.provenance), to_text(theorem.kind));
  text += "\nsetting\n";
  for (const auto& [assumption, value] : theorem.setting)
    text += fmt::format("  {:<14} {}\n", assumption, value);
  if (!theorem.constants.empty()) text += "\nconstants\n";
  for (const auto& [name, where] : theorem.constants) text += fmt::format("  {:<14} {}\n", name, where);
  if (!theorem.definitions.empty()) text += "\ndefinitions\n";
  for (const auto& [name, formula] : theorem.definitions)
    text += fmt::format("  {} = {}\n", name, formula.text());
  add_inequalities(text, "hypotheses", theorem.hypotheses);
  add_inequalities(text, "conclusions", theorem.conclusions);
  std::string growths;
  for (const Inequality& hypothesis : theorem.hypotheses) {
    for (const char* variable : {"n", "H"}) {
      const Growth growth = inline_definitions(theorem, hypothesis.formula, variable).growth(variable);
      if (growth.kind != Growth::Class::constant)
        growths += fmt::format("  {} in {}: {}\n", hypothesis.id, variable, growth.text);
    }
  }
  if (!growths.empty())
    text +=
        "\ngrowth of the right sides of the hypotheses, lambda_0 and every other name held fixed\n" + growths;
  if (!theorem.errata.empty()) text += "\nerrata\n";
  for (const std::string& erratum : theorem.errata) text += "  - " + erratum + "\n";
  return text;
}

}  // namespace overproof
