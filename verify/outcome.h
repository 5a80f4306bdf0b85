#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bounds/verdict.h"
#include "verify/certificate.h"
#include "verify/measurement.h"
#include "verify/methods.h"

namespace overproof {

/// One side against the other at one place: k (and h) where the formula was evaluated.
struct Instance {
  std::optional<long> step, layer;
  Verdict verdict = Verdict::undecided;
  Interval left, right;
  std::string reason;  ///< why undecided; empty otherwise
};

/// The distance between the two sides, positive = slack. log10 of the ratio when both sides are certainly
/// positive, else the plain difference (absolute = true).
struct Margin {
  double value = 0.0;  ///< rounded toward -inf
  bool absolute = false;
};

/// A hidden constant or the width, solved from the inequality with everything else as it is:
/// "needs m >= 1.9e18, has 500", "holds for every C_m <= 3e-16".
struct Solved {
  std::string name;      ///< "C_m", "m", "eta"
  std::string relation;  ///< "<=" or ">="
  Interval bound;        ///< the value at which both sides are equal
  std::string current;   ///< the value in use, as text ("500")
};

/// What is found about one inequality of a theorem or lemma.
struct Finding {
  std::string id;  ///< "width", "contraction": unique within its statement
  bool hypothesis = false;
  bool known_false = false;  ///< a printed claim known to be wrong: shown, never held against the statement
  std::string formula;       ///< as printed and as evaluated
  std::string condition;     ///< "k >= 1" or ""
  Verdict verdict = Verdict::undecided;
  Evidence evidence = Evidence::proved;         ///< weakest of the numbers used
  std::map<std::string, std::string> assuming;  ///< hidden constants used, with the suite's values
  std::vector<Instance> instances;              ///< one, or one per place of a series
  std::optional<std::size_t> worst;             ///< index of the instance with the smallest margin
  std::optional<Margin> margin;                 ///< of the worst instance
  std::vector<Solved> solved;                   ///< implied constants; for a failed hypothesis also m or eta
  std::string reason;                           ///< why undecided
  std::string note;                             ///< the statement's own remark
};

enum class Outcome { confirmed, vacuous, contradicted, violated, undecided, not_applicable, informative };

[[nodiscard]] std::string_view to_text(Outcome outcome);

/// One theorem or lemma on one run.
struct StatementReport {
  std::string id, title, source, provenance, kind;  ///< kind: "deterministic" or "probability"
  Outcome outcome = Outcome::undecided;
  std::map<std::string, std::string> assuming;  ///< union over the findings the outcome rests on
  std::string summary;                          ///< one line: "needs m >= 1.9e18, has 500 (assuming C_m = 1)"
  std::vector<std::string> failed_assumptions;  ///< setting that differs, for not_applicable
  std::vector<std::string> declared;  ///< assumptions taken on the run's word (initial law, independence)
  std::map<std::string, std::string> constants;               ///< hidden constant -> where it hides
  std::map<std::string, std::string> growth;                  ///< "m in n" -> "n^4: polynomial"
  std::vector<std::pair<std::string, Interval>> definitions;  ///< the let values, in order
  std::vector<std::pair<std::string, std::string>> definition_formulas;
  std::vector<std::string> errata;
  std::vector<Finding> findings;  ///< hypotheses first
};

/// One gate of a suite.
struct GateReport {
  std::string text;
  Verdict verdict = Verdict::undecided;
  std::optional<Finding> finding;  ///< for a formula
  std::string
      reason;  ///< "theorem du2019.fc.thm5.1 is vacuous: not contradicted", "loss[3] was not measured"
};

/// Everything said about one run.
struct RunReport {
  std::string name, folder;
  std::vector<std::pair<std::string, std::string>>
      facts;  ///< "network" -> "fc, H = 2, m = 500, softplus", in order
  std::optional<long> diverged_at;
  Measurements measurements;
  std::vector<StatementReport> statements;
  std::vector<GateReport> gates;
  std::optional<Certificate> certificate;      ///< tried, certified or refused
  std::vector<MethodRow> methods;              ///< beside the certificate
  std::vector<std::string> trusted, declared;  ///< footer lines
};

/// The whole report; what reports/ renders and what decides the exit code.
struct Report {
  std::string title, version;
  std::vector<RunReport> runs;

  /// 0 every gate holds · 1 a gate fails or a run diverged · 2 nothing was checked · 3 something is
  /// undecided.
  [[nodiscard]] int exit_code() const;
};

}  // namespace overproof
