#pragma once

#include <string>
#include <vector>

#include "verify/judge.h"

namespace overproof {

/// A run made by hand: n = 4, m = 500, H = 2, eta = 1/8, lambda_0 = 1/2, steps 0..3 with loss 8, 4, 2, 1,
/// drifts of the layers 1, 2 and the output weights (3) equal to k·h. The setting of a fully connected net
/// with softplus.
struct ExampleRun {
  Measurements measurements;
  SettingFacts facts;
  std::map<std::string, Interval> symbols;
  Claims claims;
  std::optional<long> diverged_at, interrupted_at;
  std::function<std::optional<Interval>(const std::string&, const std::vector<Interval>&)> call;
  std::optional<Verdict> records = Verdict::holds;

  ExampleRun() {
    measurements.steps = {0, 1, 2, 3};
    measurements.depth = 2;
    for (const long k : measurements.steps) {
      measurements.set({"loss", k, {}}, Interval::exact(8.0 / static_cast<double>(1 << k)));
      for (long h = 1; h <= 3; ++h) measurements.set({"drift_fro", k, h}, Interval::integer(k * h));
      for (long h = 1; h <= 2; ++h) measurements.set({"feature_norm", k, h}, Interval::integer(h));
    }
    measurements.set({"lambda_0", {}, {}}, Interval::exact(0.5));
    facts.network = "fc";
    facts.activation = "softplus";
    facts.smooth = facts.analytic = facts.unit_inputs = true;
    facts.gradient_descent = Verdict::holds;
    facts.initialisation = "gaussian";
    facts.initialisation_text = "weights N(0,1) i.i.d. at step 0";
    symbols = {{"n", Interval::integer(4)},
               {"m", Interval::integer(500)},
               {"H", Interval::integer(2)},
               {"eta", Interval::exact(0.125)}};
  }

  void set(const std::string& name, double low, double high, Evidence evidence = Evidence::enclosed) {
    measurements.set({name, {}, {}}, Interval::between(low, high), evidence);
  }
  void set(const std::string& name, long step, double low, double high,
           Evidence evidence = Evidence::enclosed) {
    measurements.set({name, step, {}}, Interval::between(low, high), evidence);
  }
  /// Valid as long as this object lives.
  [[nodiscard]] JudgedRun judged() const {
    return {measurements, facts, symbols, claims, diverged_at, interrupted_at, call, records, "made by hand"};
  }
};

/// The fields a statement needs besides its formulas; its setting asks for nothing but what `setting` says.
inline std::string head(const std::string& id = "test.thm", const std::string& kind = "deterministic",
                        std::map<std::string, std::string> setting = {},
                        const std::string& provenance = "derived") {
  std::string text = "[[theorem]]\nid = \"" + id +
                     "\"\ntitle = \"A statement\"\nsource = \"made for a test\"\n" + "provenance = \"" +
                     provenance + "\"\nkind = \"" + kind + "\"\nsetting = { ";
  std::string comma;
  for (const char* key : {"network", "activation", "inputs", "training", "initialisation"}) {
    text += comma + key + " = \"" + (setting.contains(key) ? setting.at(key) : "any") + "\"";
    comma = ", ";
  }
  return text + " }\n";
}

inline std::vector<Theorem> statements(const std::string& toml) { return parse_theorems(toml, "test.toml"); }

/// The first statement of the text, judged.
inline StatementReport judged(const std::string& toml, const ExampleRun& run = {}) {
  const std::vector<Theorem> all = statements(toml);
  return judge(all.front(), run.judged(), all);
}

inline const Finding& finding(const StatementReport& report, const std::string& id) {
  for (const Finding& one : report.findings) {
    if (one.id == id) return one;
  }
  throw std::out_of_range("no finding " + id);
}

}  // namespace overproof
