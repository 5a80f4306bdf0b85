#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bounds/formula_tree.h"
#include "bounds/names.h"
#include "bounds/theorem.h"
#include "files/error.h"
#include "files/fields.h"

namespace overproof {
namespace {

/// The names that the formulas of a statement may use so far.
struct Vocabulary {
  std::set<std::string> constants, defined;
  std::set<std::string> later;  ///< definitions not reached yet, for the error message

  /// What is wrong with a use of a name; empty when it is known.
  [[nodiscard]] std::string problem(const std::string& name, int indices) const {
    if (indices == 0 && (constants.contains(name) || defined.contains(name))) return "";
    if (later.contains(name)) return name + " is defined later: definitions may use only earlier ones";
    std::vector<std::string> known(constants.begin(), constants.end());
    known.insert(known.end(), defined.begin(), defined.end());
    for (const NameRow& row : name_table) {
      known.emplace_back(row.name);
      if (row.name != name) continue;
      if ((indices == 0 && row.plain) || (indices == 1 && row.series) || (indices == 2 && row.layers))
        return "";
      return fmt::format("{} is written {}{}{}", name, row.plain ? name : "", row.series ? name + "[k] " : "",
                         row.layers ? name + "[k,h]" : "");
    }
    return unknown_name("name", name, known);
  }

  [[nodiscard]] std::string problem(const Formula& formula) const {
    const auto series = formula.series();
    for (const auto& [name, indices] : series) {
      std::string wrong = problem(name, indices);
      if (!wrong.empty()) return wrong;
    }
    for (const std::string& name : formula.names()) {
      const bool indexed =
          std::any_of(series.begin(), series.end(), [&](const auto& each) { return each.first == name; });
      std::string wrong = indexed ? "" : problem(name, 0);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }
};

/// Reads one statement; every error names file, statement and field.
class Reader {
 public:
  Reader(Fields fields, const std::string& file) : fields_(std::move(fields)) {
    theorem_.file = file;
    theorem_.id = fields_.text("id");
    where_ = file + ": theorem " + theorem_.id + ": ";
  }

  Theorem read() {
    theorem_.title = fields_.text("title");
    theorem_.source = fields_.text("source");
    const std::string provenance =
        fields_.choice("provenance", {"printed", "corrected", "derived", "reconstructed"});
    for (const Provenance each :
         {Provenance::printed, Provenance::corrected, Provenance::derived, Provenance::reconstructed}) {
      if (to_text(each) == provenance) theorem_.provenance = each;
    }
    theorem_.kind = fields_.choice("kind", {"deterministic", "probability"}) == "probability"
                        ? StatementKind::probability
                        : StatementKind::deterministic;
    theorem_.setting = setting();
    theorem_.constants = texts_by_name(fields_, "constants");
    for (const auto& [name, where] : theorem_.constants) {
      check_new(name, "constants");
      vocabulary_.constants.insert(name);
    }
    definitions();
    theorem_.hypotheses = inequalities("hypotheses");
    theorem_.conclusions = inequalities("conclusions");
    if (theorem_.conclusions.empty()) throw error("conclusions", "at least one is needed");
    for (const auto& [name, where] : theorem_.constants) {
      if (!used_.contains(name)) throw error("constants", name + " is not used by any formula");
    }
    theorem_.errata = fields_.texts("errata");
    theorem_.requires_results = fields_.texts("requires");
    theorem_.per_step = fields_.boolean("per_step", false);
    if (theorem_.per_step && !theorem_.requires_results.empty())
      throw error("per_step", "cannot be combined with requires");
    for (Fields& example : fields_.tables("example")) theorem_.examples.push_back(read_example(example));
    fields_.done();
    return std::move(theorem_);
  }

 private:
  [[nodiscard]] InputError error(const std::string& field, const std::string& problem) const {
    return InputError(where_ + field + ": " + problem);
  }

  std::map<std::string, std::string> setting() {
    Fields table = fields_.table("setting");
    std::map<std::string, std::string> values;
    for (const SettingRow& row : setting_table) {
      const std::string name(row.name);
      values[name] = table.choice(name, {row.allowed.begin(), row.allowed.end()});
    }
    table.done();
    return values;
  }

  /// A table of texts (integers are taken as their text).
  std::map<std::string, std::string> texts_by_name(Fields& fields, const std::string& name) {
    std::map<std::string, std::string> texts;
    const Json* table = fields.raw(name);
    if (table == nullptr) return texts;
    if (!table->is_object()) throw error(name, "a table of texts is expected");
    for (const auto& [key, value] : table->items()) {
      if (!value.is_string() && !value.is_number_integer()) {
        throw error(name + "." + key, value.dump() + ": a text is expected (numbers in quotes: \"0.1\")");
      }
      texts[key] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return texts;
  }

  /// The formula, with the shorthands written out and every name known.
  Formula formula(const std::string& text, const std::string& field) {
    try {
      Formula parsed = Formula::parse(text);
      const std::string problem = vocabulary_.problem(parsed);
      if (!problem.empty()) throw InputError("formula \"" + text + "\": " + problem);
      for (const std::string& name : parsed.names()) used_.insert(name);
      return parsed.substitute(shorthands_);
    } catch (const InputError& fault) {
      throw error(field, fault.what());
    }
  }

  /// A name that a statement introduces must not mean something else already.
  void check_new(const std::string& name, const std::string& field) const {
    const bool run_name = std::any_of(std::begin(name_table), std::end(name_table),
                                      [&](const NameRow& row) { return row.name == name; });
    const bool reserved = run_name || name == "k" || name == "h" || name == "pi" ||
                          vocabulary_.constants.contains(name) || vocabulary_.defined.contains(name);
    if (reserved) throw error(field, "the name " + name + " has a meaning already");
    const bool plain = [&] {
      try {
        const Formula parsed = Formula::parse(name);
        return parsed.text() == name && parsed.names() == std::vector{name} && parsed.series().empty();
      } catch (const InputError&) {
        return false;
      }
    }();
    if (!plain) throw error(field, "\"" + name + "\" is not a name (letters, digits, _)");
  }

  void definitions() {
    const Json* list = fields_.raw("let");
    if (list == nullptr) return;
    const auto pair = [](const Json& each) {
      return each.is_array() && each.size() == 2 && each[0].is_string() && each[1].is_string();
    };
    if (!list->is_array() || !std::all_of(list->begin(), list->end(), pair)) {
      throw error("let", "a list of pairs [\"name\", \"formula\"] is expected");
    }
    for (const Json& each : *list) vocabulary_.later.insert(each[0].get<std::string>());
    for (const Json& each : *list) {
      const auto name = each[0].get<std::string>();
      check_new(name, "let");
      const Formula value = formula(each[1].get<std::string>(), "let " + name);
      if (value.is_comparison()) throw error("let " + name, "an expression is expected, not a comparison");
      vocabulary_.defined.insert(name);
      vocabulary_.later.erase(name);
      if (value.uses_index("k") || value.uses_index("h")) {
        shorthands_.emplace(name, value);
      } else {
        theorem_.definitions.emplace_back(name, value);
      }
    }
  }

  std::vector<Inequality> inequalities(const std::string& field) {
    std::vector<Inequality> result;
    for (Fields& fields : fields_.tables(field)) {
      const std::string id = fields.text("id");
      const std::string place = field + "." + id;
      if (!ids_.insert(id).second) throw error(place, "the id is used twice");
      Inequality inequality{id, formula(fields.text("formula"), place), std::nullopt, "", false};
      if (!inequality.formula.is_comparison()) throw error(place, "a comparison is expected");
      if (fields.has("for")) inequality.condition = formula(fields.text("for"), place + ".for");
      if (inequality.condition && !inequality.condition->is_comparison()) {
        throw error(place + ".for", "a comparison such as k >= 1 is expected");
      }
      inequality.note = fields.text("note", "");
      inequality.known_false = fields.boolean("known_false", false);
      fields.done();
      result.push_back(std::move(inequality));
    }
    return result;
  }

  Theorem::Example read_example(Fields& fields) {
    Theorem::Example example{fields.text("name"), {}, texts_by_name(fields, "outputs")};
    for (auto& [key, value] : texts_by_name(fields, "inputs")) {
      const std::string place = "example " + example.name + ": " + key;
      if (Interval::decimal(value).is_nan()) throw error(place, "\"" + value + "\" is not a decimal number");
      if (key == "k" || key == "h") {
        example.inputs[key] = value;
      } else {
        example.inputs[formula(key, place).text()] = value;
      }
    }
    if (example.outputs.empty()) throw error("example " + example.name, "at least one output is needed");
    fields.done();
    return example;
  }

  Fields fields_;
  Theorem theorem_;
  std::string where_;
  Vocabulary vocabulary_;
  std::map<std::string, Formula> shorthands_;  // definitions that use k or h
  std::set<std::string> used_, ids_;
};

}  // namespace

std::vector<Theorem> parse_theorems(std::string_view text, const std::string& file) {
  const Json json = parse_toml(text, file);
  Fields root(json, file);
  std::vector<Theorem> theorems;
  for (Fields& fields : root.tables("theorem")) {
    theorems.push_back(Reader(std::move(fields), file).read());
    const std::string& id = theorems.back().id;
    const auto same =
        std::count_if(theorems.begin(), theorems.end(), [&](const Theorem& each) { return each.id == id; });
    if (same > 1) throw InputError(file + ": theorem " + id + ": the id is used twice");
  }
  root.done();
  if (theorems.empty()) throw InputError(file + ": at least one [[theorem]] is expected");
  return theorems;
}

}  // namespace overproof
