#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bounds/formula.h"

namespace overproof {

/// Where a statement comes from. `reconstructed` statements are shown with a warning, never gated.
enum class Provenance { printed, corrected, derived, reconstructed };
enum class StatementKind { deterministic, probability };

[[nodiscard]] std::string_view to_text(Provenance provenance);
[[nodiscard]] std::string_view to_text(StatementKind kind);

/// One inequality of a statement. It is judged at every recorded step k (and layer h) that meets `condition`,
/// for those of k and h that it uses.
struct Inequality {
  std::string id;
  Formula formula;
  std::optional<Formula> condition;  ///< `for = "k >= 1"`
  std::string note;
  bool known_false =
      false;  ///< printed, and known to be wrong: shown with its verdict, never counted in an outcome
};

/// One theorem or lemma, as a file of bounds/theorems/ states it.
struct Theorem {
  std::string id;      ///< "du2019.res.thm6.1"
  std::string title;   ///< "ResNet, gradient descent reaches zero loss (Theorem 6.1)"
  std::string source;  ///< "arXiv 1811.03804v4, Theorem 6.1, p. 7"
  Provenance provenance = Provenance::printed;
  StatementKind kind = StatementKind::deterministic;
  std::string file;  ///< where it was read
  /// Setting: assumption -> required value, from a closed list that verify knows (docs/notation.md):
  /// network = "fc" | "resnet" | "two_layer_relu" | "any", activation = "smooth" | "smooth analytic" | "relu"
  /// | "any", inputs = "unit" | "any", training = "gradient descent" | "any", initialisation = "gaussian" |
  /// "rademacher output" | "any" (declared).
  std::map<std::string, std::string> setting;
  std::map<std::string, std::string> constants;  ///< hidden constant -> where it hides
  /// let, in order; each may use the earlier ones. A definition that uses k or h is a shorthand: it is
  /// substituted where it is used and not kept here, so that these have one value for a run.
  std::vector<std::pair<std::string, Formula>> definitions;
  std::vector<Inequality> hypotheses, conclusions;
  /// The statement is about each step on its own: its hypotheses at a step imply its conclusions there.
  bool per_step = false;
  std::vector<std::string> errata;
  std::vector<std::string>
      requires_results;  ///< ids of statements whose hypotheses this lemma inherits; usually empty
  struct Example {
    std::string name;
    std::map<std::string, std::string> inputs;  ///< name -> decimal text
    std::map<std::string, std::string>
        outputs;  ///< name of a definition, "ID.left", "ID.right" or "ID" (verdict) -> text
  };
  std::vector<Example> examples;
};

/// The statements of the binary (bounds/theorems/*.toml, embedded), then those of every *.toml of `extra`
/// folders. Throws InputError naming file, statement and field for: malformed TOML, an unknown field, a
/// formula that does not parse, a repeated id, a definition that uses a later one, an example whose output is
/// false.
[[nodiscard]] std::vector<Theorem> load_theorems(const std::vector<std::filesystem::path>& extra = {});

/// The statements of one TOML text (used by load_theorems and by tests).
[[nodiscard]] std::vector<Theorem> parse_theorems(std::string_view text, const std::string& file);

/// Throws InputError naming statement, example and output when an output of an example is false: its
/// enclosure must be narrower than, and meet, the quoted value ± one unit of its last digit; a verdict must
/// be the quoted one.
void check_examples(const Theorem& theorem);

/// The values of the definitions, in order.
[[nodiscard]] std::vector<std::pair<std::string, FormulaValue>> evaluate_definitions(
    const Theorem& theorem, const FormulaScope& scope);
/// The scope in which the formulas of a statement are judged: its definitions first, then the names of
/// `scope`.
[[nodiscard]] FormulaScope with_definitions(const FormulaScope& scope,
                                            std::vector<std::pair<std::string, FormulaValue>> values);

/// The formula with the definitions that depend on `variable` written out, so that solve(variable) and
/// growth(variable) see every occurrence; the other definitions stay names.
[[nodiscard]] Formula inline_definitions(const Theorem& theorem, const Formula& formula,
                                         std::string_view variable);

/// Throws InputError with the nearest id.
[[nodiscard]] const Theorem& find_theorem(const std::vector<Theorem>& theorems, std::string_view id);

}  // namespace overproof
