#include "bounds/theorem.h"

#include <algorithm>
#include <set>

#include "embedded_theorems.h"
#include "files/error.h"
#include "files/file.h"

namespace overproof {

std::string_view to_text(Provenance provenance) {
  switch (provenance) {
    case Provenance::printed:
      return "printed";
    case Provenance::corrected:
      return "corrected";
    case Provenance::derived:
      return "derived";
    case Provenance::reconstructed:
      break;
  }
  return "reconstructed";
}

std::string_view to_text(StatementKind kind) {
  return kind == StatementKind::deterministic ? "deterministic" : "probability";
}

std::vector<std::pair<std::string, FormulaValue>> evaluate_definitions(const Theorem& theorem,
                                                                       const FormulaScope& scope) {
  std::vector<std::pair<std::string, FormulaValue>> values;
  FormulaScope growing = scope;
  growing.lookup = [&](const Reference& reference) -> std::optional<FormulaValue> {
    for (const auto& [name, value] : values) {
      if (reference.indices.empty() && reference.name == name) return value;
    }
    return scope.lookup ? scope.lookup(reference) : std::nullopt;
  };
  for (const auto& [name, formula] : theorem.definitions) {
    FormulaValue value = formula.evaluate(growing);
    values.emplace_back(name, std::move(value));
  }
  return values;
}

FormulaScope with_definitions(const FormulaScope& scope,
                              std::vector<std::pair<std::string, FormulaValue>> values) {
  FormulaScope wider = scope;
  wider.lookup = [inner = scope.lookup,
                  known = std::move(values)](const Reference& reference) -> std::optional<FormulaValue> {
    for (const auto& [name, value] : known) {
      // A definition without a value counts as missing, so that the verdict names it.
      if (reference.indices.empty() && reference.name == name) {
        return value.interval.is_nan() ? std::nullopt : std::optional(value);
      }
    }
    return inner ? inner(reference) : std::nullopt;
  };
  return wider;
}

Formula inline_definitions(const Theorem& theorem, const Formula& formula, std::string_view variable) {
  std::map<std::string, Formula> dependent;
  for (const auto& [name, definition] : theorem.definitions) {
    const Formula whole = definition.substitute(dependent);
    const std::vector<std::string> names = whole.names();
    if (std::find(names.begin(), names.end(), variable) != names.end()) dependent.emplace(name, whole);
  }
  return formula.substitute(dependent);
}

namespace {

/// Adds the statements of one file after checking their examples; refuses an id that is there already.
void add_file(std::vector<Theorem>& all, std::string_view text, const std::string& file) {
  for (Theorem& theorem : parse_theorems(text, file)) {
    check_examples(theorem);
    for (const Theorem& other : all) {
      if (other.id == theorem.id) {
        throw InputError(file + ": theorem " + theorem.id + ": the id is taken by a statement of " +
                         other.file);
      }
    }
    all.push_back(std::move(theorem));
  }
}

}  // namespace

std::vector<Theorem> load_theorems(const std::vector<std::filesystem::path>& extra) {
  std::vector<Theorem> all;
  for (const auto& embedded : embedded_theorems()) add_file(all, embedded.text, std::string(embedded.name));
  for (const std::filesystem::path& folder : extra) {
    std::error_code fault;
    std::set<std::filesystem::path> files;
    for (std::filesystem::directory_iterator it(folder, fault), end; !fault && it != end;
         it.increment(fault)) {
      if (it->path().extension() == ".toml") files.insert(it->path());
    }
    if (fault)
      throw InputError(folder.string() +
                       ": a folder of theorem files (*.toml) is expected: " + fault.message());
    for (const std::filesystem::path& path : files) add_file(all, read_file(path), path.string());
  }
  return all;
}

const Theorem& find_theorem(const std::vector<Theorem>& theorems, std::string_view id) {
  std::vector<std::string> ids;
  for (const Theorem& theorem : theorems) {
    if (theorem.id == id) return theorem;
    ids.push_back(theorem.id);
  }
  throw InputError(unknown_name("theorem", id, ids));
}

}  // namespace overproof
